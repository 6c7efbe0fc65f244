//! The two directions of a [`Context`](crate::Context): a sink of what the caller sends, a stream of what the callee does.

use std::{
    marker::PhantomData,
    pin::Pin,
    task::{Context as TaskContext, Poll, ready},
};

use bytes::Bytes;
use futures::{Sink, Stream, stream::FusedStream};

use crate::{dialog::Dialog, endpoint::Endpoint, error::ContextError};

/// The sending direction of a [`Context`](crate::Context), which is a [`Sink`] as well.
///
/// The sink holds one item at most that the peer has not granted yet. It goes with the next item, by a flush, or at the close;
/// dropping the sender before drops it. [`send`](Self::send) leaves nothing behind.
#[derive(Debug)]
pub struct Sender<'a, E: Endpoint> {
    dialog: &'a Dialog,
    /// The sink's item that found no room.
    unsent: Option<Bytes>,
    endpoint: PhantomData<fn() -> E>,
}

impl<'a, E: Endpoint> Sender<'a, E> {
    pub(crate) fn new(dialog: &'a Dialog) -> Self {
        Self {
            dialog,
            unsent: None,
            endpoint: PhantomData,
        }
    }

    /// As [`Context::send`](crate::Context::send).
    ///
    /// # Errors
    /// The same.
    pub async fn send(&mut self, item: E::Accepts) -> Result<(), ContextError<E::Error>> {
        self.flush().await?;
        self.dialog.send(&item).await
    }

    /// As [`Context::stop`](crate::Context::stop), after what the sink holds.
    ///
    /// # Errors
    /// The sink held an item, and the dialog has ended.
    pub async fn stop(&mut self) -> Result<(), ContextError<E::Error>> {
        self.flush().await?;
        self.dialog.stop();
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), ContextError<E::Error>> {
        if self.unsent.is_none() {
            return Ok(());
        }
        std::future::poll_fn(|task| self.dialog.poll_send(task, &mut self.unsent)).await
    }
}

impl<E: Endpoint> Sink<E::Accepts> for Sender<'_, E> {
    type Error = ContextError<E::Error>;

    fn poll_ready(
        self: Pin<&mut Self>,
        task: &mut TaskContext<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        self.poll_flush(task)
    }

    fn start_send(mut self: Pin<&mut Self>, item: E::Accepts) -> Result<(), Self::Error> {
        // What is wrong shows at the flush, as it does for an item that waits.
        let sent = self.dialog.send_now::<_, E::Error>(&item);
        self.unsent = sent.unwrap_or_else(|_| Some(scipp_codec::to_bytes(&item)));
        Ok(())
    }

    fn poll_flush(
        self: Pin<&mut Self>,
        task: &mut TaskContext<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        let Self { dialog, unsent, .. } = self.get_mut();
        if unsent.is_none() {
            return Poll::Ready(Ok(()));
        }
        dialog.poll_send(task, unsent)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        task: &mut TaskContext<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        ready!(self.as_mut().poll_flush(task))?;
        self.dialog.stop();
        Poll::Ready(Ok(()))
    }
}

/// The receiving direction of a [`Context`](crate::Context), which is a [`Stream`] as well.
///
/// The stream ends after the last item, or after one error.
#[derive(Debug)]
pub struct Receiver<'a, E: Endpoint> {
    dialog: &'a Dialog,
    /// The stream has ended.
    over: bool,
    endpoint: PhantomData<fn() -> E>,
}

impl<'a, E: Endpoint> Receiver<'a, E> {
    pub(crate) fn new(dialog: &'a Dialog) -> Self {
        Self {
            dialog,
            over: false,
            endpoint: PhantomData,
        }
    }

    /// As [`Context::recv`](crate::Context::recv).
    ///
    /// # Errors
    /// The same.
    pub async fn recv(&mut self) -> Result<Option<E::Yields>, ContextError<E::Error>> {
        self.dialog.recv().await
    }

    /// As [`Context::dropped`](crate::Context::dropped).
    pub fn dropped(&self) -> u64 {
        self.dialog.dropped()
    }
}

impl<E: Endpoint> Stream for Receiver<'_, E> {
    type Item = Result<E::Yields, ContextError<E::Error>>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        let came = ready!(self.dialog.poll_recv(task)).transpose();
        self.over = !matches!(came, Some(Ok(_)));
        Poll::Ready(came)
    }
}

impl<E: Endpoint> FusedStream for Receiver<'_, E> {
    fn is_terminated(&self) -> bool {
        self.over
    }
}
