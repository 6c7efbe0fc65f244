//! Dialogs by their numbers, with the feature `compact`.

use std::collections::BTreeMap;

use crate::session::{DialogId, Side};

/// The dialogs that one end opened, by their numbers: an array of the newest, and an ordered map of those that newer ones have
/// pushed out of it. So a dialog is found by an index and one comparison, an old one by a search that no peer can make long.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    /// The smallest that may come next; what is below was given, or never will be.
    next: u64,
    /// As many places as there are dialogs, or more: a power of two.
    newest: Vec<Entry>,
    older: BTreeMap<u64, DialogId>,
    len: usize,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    number: u64,
    id: DialogId,
}

/// A place without a dialog. No dialog has this number: there is none that could follow it.
const VACANT: Entry = Entry {
    number: u64::MAX,
    id: DialogId {
        slot: u32::MAX,
        generation: 0,
    },
};

/// Places at first. Most sessions have a few dialogs at a time.
const PLACES_AT_FIRST: usize = 8;

impl Numbers {
    pub(crate) const fn new(side: Side) -> Self {
        Self {
            next: side.first_number(),
            newest: Vec::new(),
            older: BTreeMap::new(),
            len: 0,
        }
    }

    /// A new number of ours. They are not used up: a million in each second would last for a quarter of a million years.
    pub(crate) const fn give(&mut self) -> u64 {
        let number = self.next;
        self.next = self.next.saturating_add(2);
        number
    }

    /// Takes a number that the peer gives: one of its own, above all before.
    ///
    /// # Errors
    /// It is not; the least that could have come.
    pub(crate) fn admit(&mut self, number: u64) -> Result<(), u64> {
        let next = number
            .checked_add(2)
            .filter(|_| number >= self.next && Side::of(number) == Side::of(self.next));
        self.next = next.ok_or(self.next)?;
        Ok(())
    }

    /// Places a dialog under its new number.
    pub(crate) fn insert(&mut self, number: u64, id: DialogId) {
        if self.len == self.newest.len() {
            self.grow();
        }
        self.len += 1;
        self.put(Entry { number, id });
    }

    /// Whose number that is.
    #[inline]
    pub(crate) fn find(&self, number: u64) -> Option<DialogId> {
        match self.newest.get(self.place(number)) {
            Some(entry) if entry.number == number && number != VACANT.number => Some(entry.id),
            _ if self.older.is_empty() => None,
            _ => self.older.get(&number).copied(),
        }
    }

    /// Forgets a dialog; its number is not given again.
    pub(crate) fn remove(&mut self, number: u64) {
        let place = self.place(number);
        match self.newest.get_mut(place) {
            Some(entry) if entry.number == number => {
                *entry = VACANT;
                self.len -= 1;
            }
            _ => self.len -= usize::from(self.older.remove(&number).is_some()),
        }
    }

    /// How many dialogs there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// All numbers of one end are alike in their lowest bit.
    #[inline]
    fn place(&self, number: u64) -> usize {
        (number >> 1) as usize & self.newest.len().wrapping_sub(1)
    }

    /// The newer one gets the place.
    fn put(&mut self, entry: Entry) {
        let place = self.place(entry.number);
        let Some(there) = self.newest.get_mut(place) else {
            return;
        };
        let gone = std::mem::replace(there, entry);
        if gone.number != VACANT.number {
            self.older.insert(gone.number, gone.id);
        }
    }

    fn grow(&mut self) {
        let places = (self.newest.len() * 2).max(PLACES_AT_FIRST);
        let newest = std::mem::replace(&mut self.newest, vec![VACANT; places]);
        let mut all = std::mem::take(&mut self.older);
        let taken = newest.iter().filter(|it| it.number != VACANT.number);
        all.extend(taken.map(|entry| (entry.number, entry.id)));
        for (number, id) in all {
            self.put(Entry { number, id });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u64) -> DialogId {
        DialogId {
            slot: u32::try_from(n).unwrap(),
            generation: 7,
        }
    }

    /// One that lives for ever beside many that come and go, in no order.
    #[test]
    fn every_dialog_is_found_as_long_as_it_lives() {
        for side in [Side::Connector, Side::Acceptor] {
            let mut numbers = Numbers::new(side);
            let mut live: Vec<u64> = Vec::new();
            let mut turn = 1_u64;
            for round in 0..5_000 {
                let number = numbers.give();
                assert_eq!(Side::of(number), side);
                numbers.insert(number, id(number));
                live.push(number);
                turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let most = if round < 2_500 { 40 } else { 3 };
                while live.len() > most {
                    let at = 1 + (turn >> 33) as usize % (live.len() - 1);
                    let gone = live.swap_remove(at);
                    numbers.remove(gone);
                    assert_eq!(numbers.find(gone), None);
                }
                for number in &live {
                    assert_eq!(numbers.find(*number), Some(id(*number)));
                }
                assert_eq!(numbers.len(), live.len());
                assert!(numbers.newest.len() <= 64);
            }
            for number in live {
                numbers.remove(number);
            }
            assert_eq!((numbers.len(), numbers.older.len()), (0, 0));
        }
    }

    #[test]
    fn a_peer_gives_numbers_of_its_own_each_above_the_last() {
        let mut numbers = Numbers::new(Side::Acceptor);
        assert_eq!(numbers.find(1), None);
        for wrong in [0, 2, u64::MAX] {
            assert_eq!(numbers.admit(wrong), Err(1));
        }
        for number in [1, 3, 9] {
            assert_eq!(numbers.admit(number), Ok(()));
        }
        for wrong in [1, 5, 9, 10, 12, u64::MAX - 1] {
            assert_eq!(numbers.admit(wrong), Err(11));
        }
        assert_eq!(numbers.admit(u64::MAX - 2), Ok(()));
        assert_eq!(numbers.admit(u64::MAX), Err(u64::MAX));
        assert_eq!(numbers.find(u64::MAX), None);
        numbers.remove(u64::MAX);
        assert_eq!(numbers.len(), 0);
    }
}
