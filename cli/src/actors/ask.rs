//! One call over a blocking socket: the protocol core does the rest.

use bytes::{Bytes, BytesMut};
use scipp_codec::{Any, DecodeError};
use scipp_protocol::{
    Address, Aid, Asked, Config, DialogId, End, Event, Kind, Loss, Open, OpenError, RemoteError,
    Session, Side, Streams, Uid, registry,
};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// Longest time to connect, and for the socket to take what is written: 5 s. A machine that answers at all answers sooner.
const SOCKET_MAX: Duration = Duration::from_secs(5);

/// Bytes that are read at once: 16 KiB, most listings whole.
const READ_BYTES: usize = 16 * 1024;

/// The shortest wait that a socket takes: 1 ms.
const WAIT_MIN: Duration = Duration::from_millis(1);

/// What a registrar says.
pub(super) enum Answer {
    Value(Any),
    /// The time was over; it was told that nobody waits any more.
    NotInTime,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Fault {
    Connect(io::Error),
    Socket(io::Error),
    Lost(Loss),
    NotRegistrar(Uid),
    Open(OpenError),
    Failed(Box<RemoteError>),
    Mute(Duration),
    Answer(DecodeError),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connect(error) => write!(
                out,
                "cannot connect: {error}. Does a registrar listen there?"
            ),
            Self::Socket(error) => write!(out, "the connection failed: {error}"),
            Self::Lost(loss) => write!(out, "no answer: {loss}. Is it an actor?"),
            Self::NotRegistrar(peer) => write!(out, "{peer} is no registrar: it says so itself"),
            Self::Open(error) => error.fmt(out),
            Self::Failed(error) => write!(
                out,
                "the registrar failed: {}: {}",
                error.source_type.escape_debug(),
                error.text().escape_debug()
            ),
            Self::Mute(max) => write!(out, "no answer within {} s", max.as_secs()),
            Self::Answer(error) => write!(out, "the registrar's answer: {error}"),
        }
    }
}

enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Socket {
    fn connect(address: &Address) -> io::Result<Self> {
        Ok(match address {
            Address::Tcp(socket) => {
                let stream = TcpStream::connect_timeout(socket, SOCKET_MAX)?;
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(SOCKET_MAX))?;
                Self::Tcp(stream)
            }
            Address::Unix(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_write_timeout(Some(SOCKET_MAX))?;
                Self::Unix(stream)
            }
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.write_all(bytes),
            Self::Unix(stream) => stream.write_all(bytes),
        }
    }

    /// What comes within `max`; nothing if nothing comes.
    fn read(&mut self, buffer: &mut [u8], max: Duration) -> io::Result<Option<usize>> {
        let max = Some(max.max(WAIT_MIN));
        let read = match self {
            Self::Tcp(stream) => stream
                .set_read_timeout(max)
                .and_then(|()| stream.read(buffer)),
            Self::Unix(stream) => stream
                .set_read_timeout(max)
                .and_then(|()| stream.read(buffer)),
        };
        match read {
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                Ok(None)
            }
            read => read.map(Some),
        }
    }
}

/// Asks the registrar at `address`, and waits at most `max` for its answer.
pub(super) fn ask(
    address: &Address,
    func: &str,
    args: Bytes,
    max: Duration,
) -> Result<Answer, Fault> {
    let mut socket = Socket::connect(address).map_err(Fault::Connect)?;
    let uid = Uid::new("scipp-actors", uuid::Uuid::new_v4().to_string());
    let aid = Aid::new(uid, Some(std::process::id()));
    let now = Instant::now();
    let config = Config::new(aid, uuid::Uuid::new_v4().as_u128());
    let mut session = Session::new(Side::Connector, config, now);
    let mut call = Some(Open {
        namespace: registry::NAMESPACE.to_owned(),
        func: func.to_owned(),
        args,
        kind: Kind::Asyncfunc,
        streams: Streams::NONE,
        // The core asks for the end then, so that nobody works for us any more.
        deadline: now.checked_add(max),
        fingerprint: None,
        trace: None,
    });
    let mut asked: Option<DialogId> = None;
    let (mut came, mut out) = (BytesMut::new(), BytesMut::new());
    let mut buffer = vec![0; READ_BYTES];
    let mut answer = None;
    loop {
        let now = Instant::now();
        let turn = session
            .receive(now, &mut came)
            .and_then(|()| session.tick(now));
        turn.map_err(|fault| Fault::Lost(Loss::Fault(fault.into())))?;
        while let Some(event) = session.poll_event() {
            match event {
                Event::Opened { peer } if peer.is_registrar != Some(true) => {
                    return Err(Fault::NotRegistrar(peer.uid));
                }
                Event::Opened { .. } => {
                    if let Some(call) = call.take() {
                        asked = Some(session.open(now, call).map_err(Fault::Open)?);
                    }
                }
                Event::Ended(id) if asked == Some(id) => {
                    answer = session.take_end(id);
                    session.forget(now, id);
                    // The last acknowledgement is waited for: a connection is not closed over a request.
                    session.drain();
                }
                Event::Drained => return answer.map_or(Err(Fault::Lost(Loss::Closed)), outcome),
                _ => {}
            }
        }
        while session.wants_transmit() {
            session.transmit(&mut out, READ_BYTES);
        }
        if !out.is_empty() {
            socket.write(&out).map_err(Fault::Socket)?;
            out.clear();
            continue;
        }
        let wait = session.deadline().map_or(SOCKET_MAX, |at| {
            at.saturating_duration_since(Instant::now())
        });
        match socket.read(&mut buffer, wait).map_err(Fault::Socket)? {
            Some(0) => {
                let loss = Loss::Transport("it closed the connection".into());
                return answer.map_or(Err(Fault::Lost(loss)), outcome);
            }
            Some(bytes) => came.extend_from_slice(buffer.get(..bytes).unwrap_or_default()),
            None => {}
        }
    }
}

fn outcome(end: End) -> Result<Answer, Fault> {
    match end {
        End::Returned(value) => Ok(Answer::Value(value)),
        End::Cancelled(cancelled) if cancelled.asked == Some(Asked::Deadline) => {
            Ok(Answer::NotInTime)
        }
        End::NotSent(None) => Ok(Answer::NotInTime),
        End::Failed(error) | End::Refused(error) => Err(Fault::Failed(error)),
        End::NotSent(Some(loss)) | End::InDoubt(Some(loss)) => Err(Fault::Lost(loss)),
        _ => Err(Fault::Lost(Loss::Closed)),
    }
}
