//! All dialogs of a session, ours and the peer's, found by slot or by the id on the wire.

use std::collections::BTreeMap;
use std::hash::Hasher;

use crate::cid::Cid;
use crate::dialog::Dialog;
use crate::dialog::callee::Callee;
use crate::dialog::caller::Caller;
use crate::digest::Digest;
use crate::session::numbers::Numbers;
use crate::session::{DialogId, Side};

/// Slots of dialogs. An ordered map finds the peer's ids where they are no numbers: no hash that a peer could aim at, no
/// randomness needed.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
    peers: BTreeMap<Cid, DialogId>,
    ids: Ids,
    side: Side,
    /// Dialogs with numbers: those that the connector opened, and the acceptor.
    even: Numbers,
    odd: Numbers,
    callers: usize,
    callees: usize,
}

#[derive(Debug, Clone)]
struct Slot {
    generation: u32,
    dialog: Option<Dialog>,
}

impl Table {
    pub(crate) fn new(side: Side, seed: u128) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            peers: BTreeMap::new(),
            ids: Ids::new(seed),
            side,
            even: Numbers::new(Side::Connector),
            odd: Numbers::new(Side::Acceptor),
            callers: 0,
            callees: 0,
        }
    }

    pub(crate) fn callers(&self) -> usize {
        self.callers
    }

    pub(crate) fn callees(&self) -> usize {
        self.callees
    }

    /// Makes an id for a request of ours, which is found as request `index`.
    pub(crate) fn request_cid(&mut self, index: u32) -> Cid {
        self.ids.make(Class::Request, index)
    }

    /// Places a dialog of ours; `make` gets its new id for the wire, a number if `compact`.
    pub(crate) fn insert_caller(
        &mut self,
        compact: bool,
        make: impl FnOnce(Cid) -> Caller,
    ) -> DialogId {
        let id = self.vacant();
        let cid = if compact {
            let ours = self.numbers(self.side);
            let number = ours.give();
            ours.insert(number, id);
            Cid::Number(number)
        } else {
            self.ids.make(Class::Dialog, id.slot)
        };
        self.fill(id, Dialog::Caller(Box::new(make(cid))));
        self.callers += 1;
        id
    }

    /// Places a dialog of the peer.
    pub(crate) fn insert_callee(&mut self, callee: Callee) -> DialogId {
        let id = self.vacant();
        match &callee.cid {
            Cid::Number(number) => self.numbers(Side::of(*number)).insert(*number, id),
            cid => {
                self.peers.insert(cid.clone(), id);
            }
        }
        self.fill(id, Dialog::Callee(Box::new(callee)));
        self.callees += 1;
        id
    }

    /// Forgets a dialog. Its id is never valid again.
    pub(crate) fn remove(&mut self, id: DialogId) -> Option<Dialog> {
        let slot = self
            .slots
            .get_mut(id.slot as usize)
            .filter(|slot| slot.generation == id.generation)?;
        let dialog = slot.dialog.take()?;
        // A slot whose generations are used up rests for ever rather than name two dialogs alike.
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            self.free.push(id.slot);
        }
        match &dialog {
            Dialog::Caller(_) => self.callers -= 1,
            Dialog::Callee(_) => self.callees -= 1,
        }
        match (&dialog, dialog.cid()) {
            (_, Cid::Number(number)) => self.numbers(Side::of(*number)).remove(*number),
            (Dialog::Callee(_), cid) => {
                self.peers.remove(cid);
            }
            (Dialog::Caller(_), _) => {}
        }
        Some(dialog)
    }

    pub(crate) fn get(&self, id: DialogId) -> Option<&Dialog> {
        let slot = self.slots.get(id.slot as usize)?;
        if slot.generation == id.generation {
            slot.dialog.as_ref()
        } else {
            None
        }
    }

    pub(crate) fn get_mut(&mut self, id: DialogId) -> Option<&mut Dialog> {
        let slot = self.slots.get_mut(id.slot as usize)?;
        if slot.generation == id.generation {
            slot.dialog.as_mut()
        } else {
            None
        }
    }

    pub(crate) fn caller(&mut self, id: DialogId) -> Option<&mut Caller> {
        match self.get_mut(id)? {
            Dialog::Caller(caller) => Some(caller),
            Dialog::Callee(_) => None,
        }
    }

    pub(crate) fn callee(&mut self, id: DialogId) -> Option<&mut Callee> {
        match self.get_mut(id)? {
            Dialog::Callee(callee) => Some(callee),
            Dialog::Caller(_) => None,
        }
    }

    /// Whose id that is.
    #[inline]
    pub(crate) fn find(&self, cid: &Cid) -> Found {
        if let Cid::Number(number) = *cid {
            let numbers = match Side::of(number) {
                Side::Connector => &self.even,
                Side::Acceptor => &self.odd,
            };
            return numbers.find(number).map_or(Found::Nobody, Found::Dialog);
        }
        match self.ids.read(cid) {
            Some((Class::Dialog, slot)) => {
                let found = self.slots.get(slot as usize).and_then(|entry| {
                    let dialog = entry.dialog.as_ref()?;
                    (dialog.cid() == cid).then_some(DialogId {
                        slot,
                        generation: entry.generation,
                    })
                });
                found.map_or(Found::Nobody, Found::Dialog)
            }
            Some((Class::Request, index)) => Found::Request(index),
            None => self
                .peers
                .get(cid)
                .map_or(Found::Nobody, |id| Found::Dialog(*id)),
        }
    }

    /// Whether a peer may not use the id for a dialog of its own: it is running, or it is one that only we give.
    pub(crate) fn is_taken(&self, cid: &Cid) -> bool {
        self.ids.read(cid).is_some() || self.peers.contains_key(cid)
    }

    /// Takes the number that the peer gives to a new dialog or request.
    ///
    /// # Errors
    /// It cannot be one; the least that could have come.
    pub(crate) fn admit(&mut self, number: u64) -> Result<(), u64> {
        self.numbers(self.side.other()).admit(number)
    }

    /// Every dialog, in the order of the slots.
    pub(crate) fn ids(&self) -> Vec<DialogId> {
        let used = self
            .slots
            .iter()
            .zip(0_u32..)
            .filter(|(slot, _)| slot.dialog.is_some());
        used.map(|(entry, slot)| DialogId {
            slot,
            generation: entry.generation,
        })
        .collect()
    }

    fn numbers(&mut self, opener: Side) -> &mut Numbers {
        match opener {
            Side::Connector => &mut self.even,
            Side::Acceptor => &mut self.odd,
        }
    }

    fn vacant(&mut self) -> DialogId {
        if let Some(slot) = self.free.pop() {
            let generation = self
                .slots
                .get(slot as usize)
                .map_or(0, |entry| entry.generation);
            return DialogId { slot, generation };
        }
        // Bounded by the dialogs that may be open: a few thousand.
        let slot = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        self.slots.push(Slot {
            generation: 0,
            dialog: None,
        });
        DialogId {
            slot,
            generation: 0,
        }
    }

    fn fill(&mut self, id: DialogId, dialog: Dialog) {
        if let Some(slot) = self.slots.get_mut(id.slot as usize) {
            slot.dialog = Some(dialog);
        }
    }
}

impl Table {
    pub(crate) fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        let Self {
            slots,
            free,
            peers,
            // Serial numbers tell ids apart and nothing else, and so do numbers of dialogs: those of a correct peer are new.
            ids: _,
            side: _,
            even,
            odd,
            callers,
            callees,
        } = self;
        into.add((slots.len(), free, peers.len(), callers, callees));
        into.add((even.len(), odd.len()));
        for Slot {
            // No two states tell each other apart by it: see `digest_id`.
            generation: _,
            dialog,
        } in slots
        {
            into.add(dialog.is_some());
            if let Some(dialog) = dialog {
                dialog.digest(into);
            }
        }
    }

    /// An id of ours: where it is, and whether it names what is there.
    pub(crate) fn digest_id<H: Hasher>(&self, id: DialogId, into: &mut Digest<'_, H>) {
        let DialogId {
            slot,
            generation: _,
        } = id;
        into.add((slot, self.get(id).is_some()));
    }

    /// Whether there is neither a dialog nor the id of one.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.iter().all(|slot| slot.dialog.is_none())
            && (self.callers, self.callees, self.peers.len()) == (0, 0, 0)
            && (self.even.len(), self.odd.len()) == (0, 0)
            && self.free.len() == self.slots.len()
    }
}

/// What an id on the wire names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Dialog(DialogId),
    /// A request of ours, by its index; whether it is that one its own id tells.
    Request(u32),
    /// Something over and forgotten, or never heard of.
    Nobody,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Dialog,
    Request,
}

/// Makes and reads the ids that we give: uuids (version 4) in form, whose high half is the session's and whose low half
/// holds where the dialog is, so that answers are found without a search. A serial number makes each one new.
#[derive(Debug, Clone)]
struct Ids {
    prefix: u64,
    serial: u64,
}

const SLOT_BITS: u32 = 24;
const SERIAL_BITS: u32 = 37;

impl Ids {
    fn new(seed: u128) -> Self {
        let prefix = ((seed >> 64) as u64 ^ (seed as u64).rotate_left(17)) & !0xf000 | 0x4000;
        Self { prefix, serial: 0 }
    }

    fn make(&mut self, class: Class, slot: u32) -> Cid {
        let serial = self.serial & ((1 << SERIAL_BITS) - 1);
        self.serial += 1;
        let class = u64::from(class == Class::Request) << (SERIAL_BITS + SLOT_BITS);
        let low = 1 << 63 | class | u64::from(slot) << SERIAL_BITS | serial;
        Cid::Uuid(u128::from(self.prefix) << 64 | u128::from(low))
    }

    fn read(&self, cid: &Cid) -> Option<(Class, u32)> {
        let Cid::Uuid(id) = cid else { return None };
        if (id >> 64) as u64 != self.prefix {
            return None;
        }
        let class = if id >> (SERIAL_BITS + SLOT_BITS) & 1 == 1 {
            Class::Request
        } else {
            Class::Dialog
        };
        Some((class, (id >> SERIAL_BITS) as u32 & ((1 << SLOT_BITS) - 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_that_say_where_the_dialog_is() {
        let mut ids = Ids::new(0x1234_5678_9abc_def0_0fed_cba9_8765_4321);
        for (class, slot) in [
            (Class::Dialog, 0),
            (Class::Request, 77),
            (Class::Dialog, (1 << SLOT_BITS) - 1),
        ] {
            let cid = ids.make(class, slot);
            let text = cid.to_string();
            assert_eq!(ids.read(&Cid::parse(&text)), Some((class, slot)));
            let uuid = uuid::Uuid::parse_str(&text).unwrap();
            assert_eq!(uuid.get_version_num(), 4);
            assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
        }
        assert_ne!(ids.make(Class::Dialog, 1), ids.make(Class::Dialog, 1));
        assert_eq!(
            ids.read(&Cid::parse("40a161fe-34fd-4a48-8485-c49420197015")),
            None
        );
    }
}
