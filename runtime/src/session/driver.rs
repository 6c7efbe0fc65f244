//! The only loop: moves bytes between a transport and the core.
//!
//! One task owns both halves of the transport. Reading never waits for writing: two peers that both write until somebody reads
//! would wait for ever. What waits to be written is coalesced, so that one system call carries many frames.

use std::{
    future::{pending, poll_fn},
    io,
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context as TaskContext, Poll, Waker},
};

use bytes::{Buf as _, BytesMut};
use scipp_protocol::Loss;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::{Instant, Sleep, sleep_until, timeout},
};

use super::link::Link;
use crate::{limits, server::Incoming, transport::Transport};

/// Moves bytes until the session is over, and tells the core so. The transport is closed, both halves, when this returns.
pub(super) async fn drive<T: Transport>(link: &Arc<Link>, transport: T) -> Loss {
    let why = exchange(link, transport).await;
    link.lost(why.clone());
    why
}

async fn exchange<T: Transport>(link: &Arc<Link>, transport: T) -> Loss {
    let (mut read, write) = tokio::io::split(transport);
    let mut came = BytesMut::new();
    let mut writer = Writer {
        link,
        write,
        out: BytesMut::new(),
        half: WriteHalf::Clean,
    };
    let mut chunk = limits::READ_BYTES_MIN;
    let mut alarm = Alarm::default();
    let mut inline = Inline::default();
    loop {
        let turn = match link.turn(&mut came, &mut writer.out) {
            Ok(turn) => turn,
            Err(fault) => {
                tracing::warn!(%fault, "a session is closed");
                let why = Loss::Fault(Arc::new(fault));
                writer.part(&mut read, why.clone()).await;
                return why;
            }
        };
        if turn.arrived {
            let all = dispatch(link, &mut inline);
            if link.take_launched() || !all {
                // What the handlers say soon leaves with their acknowledgements: one write, and one wake-up at the other end.
                behind_others().await;
            }
            continue;
        }
        if turn.again {
            continue;
        }
        match &writer.half {
            WriteHalf::Broken(..) => writer.out.clear(),
            _ if !writer.out.is_empty() => writer.half = WriteHalf::Dirty,
            _ => {}
        }
        if turn.close && matches!(writer.half, WriteHalf::Clean) {
            writer.part(&mut read, Loss::Closed).await;
            return Loss::Closed;
        }
        if turn.read && came.capacity() - came.len() < chunk {
            came.reserve(chunk);
        }
        let reading = async {
            if turn.read {
                read.read_buf(&mut came).await
            } else {
                pending().await
            }
        };
        let writing = async {
            if matches!(writer.half, WriteHalf::Dirty) {
                push(&mut writer.write, &mut writer.out).await
            } else {
                pending().await
            }
        };
        let due = async {
            tokio::select! {
                biased;
                loss = writer.half.gone() => Some(loss),
                () = alarm.at(turn.deadline) => None,
                () = link.woken() => None,
            }
        };
        let (read, written, due) = all_ready(reading, writing, due).await;
        match read {
            Some(Ok(0)) => {
                return writer.broken(Loss::Transport("the peer closed the connection".into()));
            }
            Some(Ok(bytes)) => chunk = next_chunk(chunk, bytes),
            Some(Err(error)) => return writer.broken(Loss::Transport(error.to_string().into())),
            None => {}
        }
        match written {
            Some(Ok(true)) => writer.half = WriteHalf::Clean,
            // The peer may have said its last words before it closed: they are read before the session is given up.
            Some(Err(error)) => writer.half = WriteHalf::broken(link, &error),
            Some(Ok(false)) | None => {}
        }
        if let Some(Some(loss)) = due {
            return writer.broken(loss);
        }
    }
}

/// The writing half of a transport, and what it has to take. It says the [last words](scipp_protocol::Session::take_last_words)
/// of the session, also when the driver is dropped: a program may end its runtime with sessions open.
struct Writer<'a, T: Transport> {
    link: &'a Link,
    write: tokio::io::WriteHalf<T>,
    out: BytesMut,
    half: WriteHalf,
}

impl<T: Transport> Writer<'_, T> {
    /// Ends the session and closes the transport in order, bounded.
    async fn part(&mut self, read: &mut (impl AsyncRead + Unpin), why: Loss) {
        let words = self.link.part(why);
        let has_words = !words.is_empty();
        self.out.unsplit(words);
        let closing = async {
            if !matches!(self.half, WriteHalf::Broken(..)) && has_words {
                self.write.write_all_buf(&mut self.out).await?;
            }
            self.write.shutdown().await?;
            if has_words {
                let mut rest = read.take(limits::LEFT_BYTES_MAX);
                tokio::io::copy(&mut rest, &mut tokio::io::sink()).await?;
            }
            io::Result::Ok(())
        };
        // Whether the peer has heard it or not: there is nothing more to say.
        let _ = timeout(self.link.limits().close_max, closing).await;
        self.half = WriteHalf::Gone;
    }

    /// The transport carries nothing any more.
    fn broken(&mut self, why: Loss) -> Loss {
        self.half = WriteHalf::Gone;
        why
    }
}

impl<T: Transport> Drop for Writer<'_, T> {
    fn drop(&mut self) {
        if matches!(self.half, WriteHalf::Gone | WriteHalf::Broken(..)) {
            return;
        }
        let words = self.link.part(Loss::Closed);
        if words.is_empty() {
            return;
        }
        self.out.unsplit(words);
        // What the transport takes at once: nobody waits for more here.
        let mut task = TaskContext::from_waker(Waker::noop());
        while self.out.has_remaining()
            && let Poll::Ready(Ok(written @ 1..)) =
                Pin::new(&mut self.write).poll_write(&mut task, &self.out)
        {
            self.out.advance(written);
        }
        let _ = Pin::new(&mut self.write).poll_flush(&mut task);
    }
}

/// Waits until one of the three can go on, and lets each go on that can, in this order.
///
/// Never by chance: neither half of the transport can starve the other, and what has happened once happens again.
async fn all_ready<R, W, D>(
    read: impl Future<Output = R>,
    written: impl Future<Output = W>,
    due: impl Future<Output = D>,
) -> (Option<R>, Option<W>, Option<D>) {
    let (mut read, mut written, mut due) = (pin!(read), pin!(written), pin!(due));
    poll_fn(|task| {
        let ready = (
            ready(read.as_mut().poll(task)),
            ready(written.as_mut().poll(task)),
            ready(due.as_mut().poll(task)),
        );
        if let (None, None, None) = ready {
            Poll::Pending
        } else {
            Poll::Ready(ready)
        }
    })
    .await
}

fn ready<T>(polled: Poll<T>) -> Option<T> {
    match polled {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// What is known about the writing half.
enum WriteHalf {
    /// Everything is with the transport.
    Clean,
    /// Bytes wait.
    Dirty,
    /// It takes no more bytes; what the peer has said is still read, until then.
    Broken(Instant, Loss),
    /// The session has parted from it.
    Gone,
}

impl WriteHalf {
    fn broken(link: &Link, error: &io::Error) -> Self {
        let until = Instant::now() + link.limits().close_max;
        Self::Broken(until, Loss::Transport(error.to_string().into()))
    }

    /// Resolves when nothing more is expected of a transport that takes no bytes.
    async fn gone(&self) -> Loss {
        match self {
            Self::Broken(at, loss) => {
                sleep_until(*at).await;
                loss.clone()
            }
            _ => pending().await,
        }
    }
}

/// Writes what it can. True when everything is with the transport.
async fn push(write: &mut (impl AsyncWrite + Unpin), out: &mut BytesMut) -> io::Result<bool> {
    while out.has_remaining() {
        if write.write_buf(out).await? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        // The core may have more for the same call.
        if out.has_remaining() {
            return Ok(false);
        }
    }
    write.flush().await?;
    Ok(true)
}

/// Hands arrived calls to their services, so many at a time; false if more may be there. A service that panics has refused its call.
fn dispatch(link: &Arc<Link>, inline: &mut Inline) -> bool {
    inline.begin();
    for _ in 0..limits::DISPATCH_MAX {
        let Some((id, call)) = link.next_incoming() else {
            return true;
        };
        let incoming = Incoming::new(link, id, call, inline.may_run());
        let dispatched = std::panic::catch_unwind(AssertUnwindSafe(|| {
            link.settings().router.dispatch(incoming)
        }));
        if dispatched.is_err() {
            tracing::error!("a service panicked in its dispatch; the call was refused");
        }
    }
    false
}

/// Which handlers have their first step here, and a task only if that is not all. The session waits meanwhile, so those that
/// compute are found out by the clock, and those after them have tasks from the start.
#[derive(Default)]
struct Inline {
    began: Option<Instant>,
    /// First steps since then.
    steps: u32,
    /// Calls that get a task unseen.
    tasks: u32,
}

impl Inline {
    fn begin(&mut self) {
        (self.began, self.steps) = (None, 0);
    }

    fn may_run(&mut self) -> bool {
        if let Some(less) = self.tasks.checked_sub(1) {
            self.tasks = less;
            return false;
        }
        let now = Instant::now();
        let took = now - *self.began.get_or_insert(now);
        self.steps += 1;
        if took > limits::INLINE_MAX * self.steps {
            self.tasks = limits::INLINE_PAUSE;
        }
        self.tasks == 0
    }
}

/// Reads more at once from a peer that sends much, and gives the memory back when it does not.
fn next_chunk(chunk: usize, came: usize) -> usize {
    if came >= chunk {
        (chunk * 2).min(limits::READ_BYTES_MAX)
    } else if came < chunk / 4 {
        (chunk / 2).max(limits::READ_BYTES_MIN)
    } else {
        chunk
    }
}

/// Lets the tasks run that are ready now.
async fn behind_others() {
    let mut waited = false;
    poll_fn(|task| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        task.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Wakes the loop when something is due. A timer that rings too early is left as it is: deadlines move away with almost
/// everything that comes, and to look once in vain is cheaper than to set it each time.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Resolves at `deadline` or before.
    async fn at(&mut self, deadline: Option<Instant>) {
        let Some(deadline) = deadline else {
            return pending().await;
        };
        let sleep = self
            .0
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() > deadline || sleep.is_elapsed() {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().await;
    }
}
