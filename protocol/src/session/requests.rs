//! Our requests to the peer that have ids of their own: cancels and checkpoints.

use std::hash::Hasher;

use crate::cid::Cid;
use crate::digest::Digest;
use crate::session::DialogId;
use crate::session::table::Table;

/// A request of ours that is not answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RequestId(u32);

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// It cancels the dialog.
    Cancel(DialogId),
    /// It asks whether so many items of the dialog have been taken.
    Checkpoint(DialogId, u64),
}

/// Requests that are not answered yet: for each dialog a cancel, and a few checkpoints.
#[derive(Debug, Clone, Default)]
pub(crate) struct Requests {
    slots: Vec<Option<(Cid, About)>>,
    free: Vec<u32>,
}

impl Requests {
    /// Places a request; `make` gets its index and gives its id.
    pub(crate) fn insert(
        &mut self,
        about: About,
        make: impl FnOnce(u32) -> Cid,
    ) -> (RequestId, Cid) {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            // Bounded by the open dialogs, a few for each.
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let cid = make(index);
        if let Some(slot) = self.slots.get_mut(index as usize) {
            *slot = Some((cid.clone(), about));
        }
        (RequestId(index), cid)
    }

    /// The request at `index`, if it has this id: it is answered, and forgotten.
    pub(crate) fn answer(&mut self, index: u32, cid: &Cid) -> Option<(RequestId, About)> {
        let slot = self.slots.get_mut(index as usize)?;
        if slot.as_ref().is_none_or(|(own, _)| own != cid) {
            return None;
        }
        let (_, about) = slot.take()?;
        self.free.push(index);
        Some((RequestId(index), about))
    }

    /// Gives a request up: an answer that comes later is for nobody.
    pub(crate) fn remove(&mut self, id: RequestId) {
        if let Some(slot) = self.slots.get_mut(id.0 as usize)
            && slot.take().is_some()
        {
            self.free.push(id.0);
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Requests {
    pub(crate) fn digest<H: Hasher>(&self, table: &Table, into: &mut Digest<'_, H>) {
        let Self { slots, free } = self;
        into.add((slots.len(), free));
        for slot in slots {
            match slot {
                None => into.add(0_u8),
                Some((cid, About::Cancel(id))) => {
                    into.add(1_u8);
                    into.cid(cid);
                    table.digest_id(*id, into);
                }
                Some((cid, About::Checkpoint(id, items))) => {
                    into.add((2_u8, items));
                    into.cid(cid);
                    table.digest_id(*id, into);
                }
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.slots.iter().all(Option::is_none)
    }
}
