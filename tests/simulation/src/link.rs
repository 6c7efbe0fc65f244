//! A link that does to bytes what networks do: pieces, delays, ends, silence, changed bits.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{
        AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf,
        ReadHalf, WriteHalf,
    },
    task::JoinHandle,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{
    census::Count,
    dice::Dice,
    forms::Forms,
    plan::{Fault, LanePlan, SMALL_BYTES},
    world::World,
};

/// Bytes that are moved at once at most.
const PIECE_BYTES_MAX: usize = 4_096;

/// What has become of a link.
#[derive(Debug, Default)]
pub struct Line {
    state: Mutex<State>,
    cut: CancellationToken,
    reset: AtomicBool,
    silent: AtomicBool,
}

/// See [`Line`].
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// When it could not be relied on any more, and why.
    pub lost: Option<(Instant, Loss)>,
    /// A byte was changed: nothing that came over it means anything.
    pub corrupt: bool,
    /// How long bytes were held back, in sum.
    pub late: Duration,
}

/// Why a link cannot be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It ended, and both ends see that.
    Ended,
    /// It is silent.
    Silent,
    /// Its bytes were changed.
    Corrupt,
}

impl Line {
    /// What has become of it.
    pub fn state(&self) -> State {
        *self.state.lock().unwrap()
    }

    /// Ends it, both directions at once; what is on the way is lost.
    pub fn cut(&self) {
        self.lose(Loss::Ended);
        self.cut.cancel();
    }

    /// Another loss makes an earlier one worse, or nothing.
    fn lose(&self, why: Loss) {
        let mut state = self.state.lock().unwrap();
        state.corrupt |= why == Loss::Corrupt;
        if !matches!(state.lost, Some((_, Loss::Ended))) {
            state.lost = Some((Instant::now(), why));
        }
    }

    fn late(&self, long: Duration) {
        self.state.lock().unwrap().late += long;
    }
}

/// The client's end.
#[derive(Debug)]
pub struct Near {
    inner: DuplexStream,
    line: Arc<Line>,
}

/// What moves the bytes; both are over when both ends are gone.
pub type Pumps = [JoinHandle<()>; 2];

/// Lays a link to `far`; `plain` if one of the ends speaks as a tractor peer.
pub fn lay(
    world: &Arc<World>,
    number: usize,
    plain: bool,
    lanes: [LanePlan; 2],
    buffer: usize,
    far: impl AsyncRead + AsyncWrite + Send + 'static,
) -> (Near, Pumps) {
    let line = Arc::clone(&world.lines[number]);
    let (near, middle) = tokio::io::duplex(buffer);
    let (from_near, to_near) = tokio::io::split(middle);
    let (from_far, to_far) = tokio::io::split(far);
    let mut dice = Dice::new(world.plan.seed ^ (number as u64 + 1) << 32);
    let [up, down] = lanes;
    let mut pump = |name, plan| Pump {
        world: Arc::clone(world),
        line: Arc::clone(&line),
        name: format!("link {number} {name}"),
        plan,
        plain,
        forms: Forms::default(),
        dice: Dice::new(dice.roll()),
    };
    let (up, down) = (pump("up", up), pump("down", down));
    let pumps = [
        tokio::spawn(up.run(from_near, to_far)),
        tokio::spawn(down.run(from_far, to_near)),
    ];
    (Near { inner: near, line }, pumps)
}

struct Pump {
    world: Arc<World>,
    line: Arc<Line>,
    name: String,
    plan: LanePlan,
    plain: bool,
    forms: Forms,
    dice: Dice,
}

impl Pump {
    async fn run<R, W>(mut self, from: ReadHalf<R>, to: WriteHalf<W>)
    where
        R: AsyncRead,
        W: AsyncWrite,
    {
        let cut = self.line.cut.clone();
        tokio::select! {
            biased;
            () = cut.cancelled() => {}
            () = self.pump(from, to) => {}
        }
    }

    async fn pump<R, W>(&mut self, mut from: ReadHalf<R>, mut to: WriteHalf<W>)
    where
        R: AsyncRead,
        W: AsyncWrite,
    {
        let mut buffer = [0; PIECE_BYTES_MAX];
        let mut at = 0_u64;
        let mut split = false;
        let mut faults = std::mem::take(&mut self.plan.faults).into_iter().peekable();
        loop {
            let mut flips = 0;
            while let Some((_, fault)) = faults.next_if(|(before, _)| *before <= at) {
                self.world
                    .say(|| format!("{}: {fault:?} before byte {at}", self.name));
                match fault {
                    Fault::Delay(long) | Fault::Stall(long) => {
                        let is_stall = matches!(fault, Fault::Stall(_));
                        self.count(if is_stall { Count::Stall } else { Count::Delay });
                        self.line.late(long);
                        sleep(long).await;
                    }
                    Fault::Cut => {
                        self.count(Count::Cut);
                        return self.line.cut();
                    }
                    Fault::Reset => {
                        self.count(Count::Reset);
                        self.line.reset.store(true, Ordering::Relaxed);
                        return self.line.cut();
                    }
                    Fault::HalfClose => {
                        self.count(Count::HalfClose);
                        self.line.lose(Loss::Ended);
                        let _ = to.shutdown().await;
                        while from.read(&mut buffer).await.is_ok_and(|bytes| bytes > 0) {}
                        return;
                    }
                    Fault::Corrupt(bits) => flips = bits,
                    Fault::Silence => {
                        self.count(Count::Silence);
                        self.line.lose(Loss::Silent);
                        self.line.silent.store(true, Ordering::Relaxed);
                    }
                }
            }
            let until = faults.peek().map_or(u64::MAX, |(before, _)| before - at);
            let small = at < SMALL_BYTES && self.plan.piece_max < PIECE_BYTES_MAX as u64;
            let piece = if small {
                self.dice.between(1, self.plan.piece_max).min(until)
            } else {
                until
            };
            let piece = usize::try_from(piece)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            let bytes = match from.read(&mut buffer[..piece]).await {
                Ok(0) | Err(_) => break,
                Ok(bytes) => bytes,
            };
            at += bytes as u64;
            self.look_at_forms(&buffer[..bytes]);
            if self.line.silent.load(Ordering::Relaxed) {
                continue;
            }
            if flips != 0 {
                self.count(Count::Corrupt);
                self.line.lose(Loss::Corrupt);
                buffer[0] ^= flips;
            }
            if small && bytes == piece && !split {
                split = true;
                self.count(Count::Split);
            }
            if to.write_all(&buffer[..bytes]).await.is_err() {
                break;
            }
        }
        if !self.line.silent.load(Ordering::Relaxed) {
            let _ = to.shutdown().await;
        }
    }

    /// Lists are for those who have agreed on them.
    fn look_at_forms(&mut self, bytes: &[u8]) {
        let [maps, lists] = self.forms.see(bytes);
        self.world.add(Count::Maps, maps);
        self.world.add(Count::Lists, lists);
        if self.plain && lists > 0 {
            let name = &self.name;
            self.world
                .wrong(format!("agreement: {name}: a list, and one end is plain"));
        }
    }

    fn count(&self, what: Count) {
        self.world.count(what);
    }
}

impl AsyncRead for Near {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.line.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.inner).poll_read(task, buffer)
    }
}

impl AsyncWrite for Near {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(task)
    }
}
