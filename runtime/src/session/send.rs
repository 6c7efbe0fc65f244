//! Items on their way into the core, from either side of a dialog.

use std::task::{Context as TaskContext, Poll};

use bytes::Bytes;
use scipp_codec::{Payload, with_bytes};
use scipp_protocol::{DialogId, SendError, Session};

use super::{core::Wants, link::Link};
use crate::error::Cancelled;

impl Link {
    /// Sends an item if there is room for it, and gives it back encoded if there is not. `refused` as for
    /// [`poll_send`](Self::poll_send).
    pub(crate) fn send_now<T: Payload, E: From<Cancelled>>(
        &self,
        id: DialogId,
        item: &T,
        refused: impl FnOnce(&mut Session, SendError) -> E,
    ) -> Result<Option<Bytes>, E> {
        // Encoded before the lock is taken: it is foreign code that does it.
        with_bytes(item, |bytes| {
            self.attempt(id, |core, asked| match asked {
                Some(why) => Err(why.clone().into()),
                None => match core.send_from(id, bytes) {
                    Ok(true) => Ok(None),
                    Ok(false) => Ok(Some(Bytes::copy_from_slice(bytes))),
                    Err(error) => Err(refused(core, error)),
                },
            })
        })
    }

    /// Sends the encoded item, and takes it out when that is done; nothing to do if there is none. `refused` says what it means
    /// that the core does not take it.
    pub(crate) fn poll_send<E: From<Cancelled>>(
        &self,
        task: &mut TaskContext<'_>,
        id: DialogId,
        item: &mut Option<Bytes>,
        refused: impl FnOnce(&mut Session, SendError) -> E,
    ) -> Poll<Result<(), E>> {
        self.poll(task, id, Wants::Room, |core, asked| {
            if let Some(why) = asked {
                return Poll::Ready(Err(why.clone().into()));
            }
            let Some(bytes) = item.take() else {
                return Poll::Ready(Ok(()));
            };
            match core.send(id, bytes) {
                Ok(()) => Poll::Ready(Ok(())),
                Err(SendError::Full(bytes)) => {
                    *item = Some(bytes);
                    Poll::Pending
                }
                Err(error) => Poll::Ready(Err(refused(core, error))),
            }
        })
    }
}
