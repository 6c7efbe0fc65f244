//! The two directions of a [`ServerContext`](crate::ServerContext): a sink of what the callee sends, a stream of what the caller does.

use std::{
    marker::PhantomData,
    pin::Pin,
    task::{Context as TaskContext, Poll, ready},
};

use bytes::Bytes;
use futures::{Sink, Stream, stream::FusedStream};

use crate::{endpoint::Endpoint, error::ServerError, server_context::Half};

/// The sending direction of a [`ServerContext`](crate::ServerContext), which is a [`Sink`] as well.
///
/// The sink holds one item at most that the caller has not granted yet. It goes with the next item, by a flush, or at the close;
/// dropping the sender before drops it. [`send`](Self::send) leaves nothing behind.
#[derive(Debug)]
pub struct ServerSender<'a, E: Endpoint> {
    half: &'a Half,
    /// The sink's item that found no room.
    unsent: Option<Bytes>,
    endpoint: PhantomData<fn() -> E>,
}

impl<'a, E: Endpoint> ServerSender<'a, E> {
    pub(crate) fn new(half: &'a Half) -> Self {
        Self {
            half,
            unsent: None,
            endpoint: PhantomData,
        }
    }

    /// As [`ServerContext::send`](crate::ServerContext::send).
    ///
    /// # Errors
    /// The same.
    pub async fn send(&mut self, item: E::Yields) -> Result<(), ServerError> {
        self.flush().await?;
        self.half.send(&item).await
    }

    /// As [`ServerContext::stop`](crate::ServerContext::stop), after what the sink holds.
    ///
    /// # Errors
    /// The sink held an item, and it could not be sent.
    pub async fn stop(&mut self) -> Result<(), ServerError> {
        self.flush().await?;
        self.half.stop();
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), ServerError> {
        if self.unsent.is_none() {
            return Ok(());
        }
        std::future::poll_fn(|task| self.half.poll_send(task, &mut self.unsent)).await
    }
}

impl<E: Endpoint> Sink<E::Yields> for ServerSender<'_, E> {
    type Error = ServerError;

    fn poll_ready(
        self: Pin<&mut Self>,
        task: &mut TaskContext<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        self.poll_flush(task)
    }

    fn start_send(mut self: Pin<&mut Self>, item: E::Yields) -> Result<(), Self::Error> {
        // What is wrong shows at the flush, as it does for an item that waits.
        let sent = self.half.send_now(&item);
        self.unsent = sent.unwrap_or_else(|_| Some(scipp_codec::to_bytes(&item)));
        Ok(())
    }

    fn poll_flush(
        self: Pin<&mut Self>,
        task: &mut TaskContext<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        let Self { half, unsent, .. } = self.get_mut();
        if unsent.is_none() {
            return Poll::Ready(Ok(()));
        }
        half.poll_send(task, unsent)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        task: &mut TaskContext<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        ready!(self.as_mut().poll_flush(task))?;
        self.half.stop();
        Poll::Ready(Ok(()))
    }
}

/// The receiving direction of a [`ServerContext`](crate::ServerContext), which is a [`Stream`] as well.
///
/// The stream ends after the last item, or after one error.
#[derive(Debug)]
pub struct ServerReceiver<'a, E: Endpoint> {
    half: &'a Half,
    /// The stream has ended.
    over: bool,
    endpoint: PhantomData<fn() -> E>,
}

impl<'a, E: Endpoint> ServerReceiver<'a, E> {
    pub(crate) fn new(half: &'a Half) -> Self {
        Self {
            half,
            over: false,
            endpoint: PhantomData,
        }
    }

    /// As [`ServerContext::recv`](crate::ServerContext::recv).
    ///
    /// # Errors
    /// The same.
    pub async fn recv(&mut self) -> Result<Option<E::Accepts>, ServerError> {
        self.half.recv::<E>().await
    }

    /// As [`ServerContext::dropped`](crate::ServerContext::dropped).
    pub fn dropped(&self) -> u64 {
        self.half.dropped()
    }
}

impl<E: Endpoint> Stream for ServerReceiver<'_, E> {
    type Item = Result<E::Accepts, ServerError>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        let came = ready!(self.half.poll_recv::<E>(task)).transpose();
        self.over = !matches!(came, Some(Ok(_)));
        Poll::Ready(came)
    }
}

impl<E: Endpoint> FusedStream for ServerReceiver<'_, E> {
    fn is_terminated(&self) -> bool {
        self.over
    }
}
