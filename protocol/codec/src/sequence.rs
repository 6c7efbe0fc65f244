//! Values made of others: options, boxes, lists, maps, tuples.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;

use bytes::BytesMut;

use crate::check::{Measure, checked};
use crate::head::Kind;
use crate::show::Brief;
use crate::{DecodeError, Decoder, Encoder, Head, Map, Payload, Tag, limits};

/// Nil or a value. As a field it may be absent, which is the same as nil.
impl<T: Payload> Payload for Option<T> {
    const RESTRICTED: bool = T::RESTRICTED;

    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            None => out.nil(),
            Some(value) => value.encode(out),
        }
    }

    #[inline]
    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if input.take_nil() {
            Ok(None)
        } else {
            T::decode(input).map(Some)
        }
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Nil) || T::accepts(head)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn check(&self) -> Result<(), DecodeError> {
        self.as_ref().map_or(Ok(()), checked)
    }

    fn measure(&self) -> Measure {
        self.as_ref().map_or(Measure::Nothing, T::measure)
    }

    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(T::text)
    }

    fn repeated(&self) -> Option<usize> {
        self.as_ref().and_then(T::repeated)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            None => f.write_str("nil"),
            Some(value) => value.show(f),
        }
    }
}

/// The same bytes as the value inside. Types that contain themselves need it.
impl<T: Payload> Payload for Box<T> {
    const TAG: Option<Tag> = T::TAG;
    const RESTRICTED: bool = T::RESTRICTED;

    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        (**self).encode(out);
    }

    #[inline]
    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        T::decode(input).map(Self::new)
    }

    fn accepts(head: &Head<'_>) -> bool {
        T::accepts(head)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Self::new)
    }

    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }

    fn check(&self) -> Result<(), DecodeError> {
        (**self).check()
    }

    fn measure(&self) -> Measure {
        (**self).measure()
    }

    fn text(&self) -> Option<&str> {
        (**self).text()
    }

    fn repeated(&self) -> Option<usize> {
        (**self).repeated()
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).show(f)
    }
}

impl<T: Payload> Payload for Vec<T> {
    const RESTRICTED: bool = T::RESTRICTED;

    fn encode(&self, out: &mut Encoder<'_>) {
        out.array(self.len());
        // One byte is the least an element takes: a long list grows the buffer a few times at most.
        out.reserve(self.len());
        for value in self {
            value.encode(out);
        }
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let n = input.array()?;
        let mut list = Self::with_capacity(reserve::<T>(n, input));
        for index in 0..n {
            list.push(T::decode(input).map_err(|error| error.at_index(index))?);
        }
        Ok(list)
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Array)
    }

    fn check(&self) -> Result<(), DecodeError> {
        if !T::RESTRICTED {
            return Ok(());
        }
        self.iter()
            .enumerate()
            .try_for_each(|(index, value)| value.check().map_err(|error| error.at_index(index)))
    }

    fn measure(&self) -> Measure {
        Measure::Len(self.len())
    }

    fn repeated(&self) -> Option<usize> {
        let mut bytes = BytesMut::new();
        let encoded = self.iter().map(|value| {
            value.encode(&mut Encoder::new(&mut bytes));
            bytes.split().freeze()
        });
        let mut seen = HashSet::with_capacity(self.len());
        encoded
            .enumerate()
            .find_map(|(index, value)| (!seen.insert(value)).then_some(index))
    }
}

/// Entries keep the order of the wire. A key that stands twice is refused: which of the two counts would be a guess.
impl<K: Payload + Eq + Hash, V: Payload> Payload for Map<K, V> {
    const RESTRICTED: bool = K::RESTRICTED || V::RESTRICTED;

    fn encode(&self, out: &mut Encoder<'_>) {
        out.map(self.len());
        for (key, value) in self {
            key.encode(out);
            value.encode(out);
        }
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let n = input.map()?;
        // An entry is kept with its hash and up to two places in the index.
        let mut map = Self::with_capacity(reserve::<(K, V, [usize; 3])>(n, input));
        for _ in 0..n {
            let at = input.clone();
            let key = K::decode(input).map_err(|error| error.at_key("key".to_owned()))?;
            let value = V::decode(input).map_err(|error| error.at_key(shown(at.rest)))?;
            if map.insert(key, value).is_some() {
                return Err(DecodeError::new(
                    "each key once",
                    Brief(at.rest).to_string() + " again",
                ));
            }
        }
        Ok(map)
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Map)
    }

    fn check(&self) -> Result<(), DecodeError> {
        if !Self::RESTRICTED {
            return Ok(());
        }
        self.iter().try_for_each(|(key, value)| {
            checked(key).map_err(|error| error.at_key("key".to_owned()))?;
            checked(value).map_err(|error| error.at_key(shown(&crate::to_bytes(key))))
        })
    }

    fn measure(&self) -> Measure {
        Measure::Len(self.len())
    }
}

macro_rules! tuples {
    ($($n:literal: $($T:ident $i:tt),+;)+) => {$(
        /// An array of exactly that length.
        #[diagnostic::do_not_recommend]
        impl<$($T: Payload),+> Payload for ($($T,)+) {
            const RESTRICTED: bool = $($T::RESTRICTED)||+;

            fn encode(&self, out: &mut Encoder<'_>) {
                out.array($n);
                $(self.$i.encode(out);)+
            }

            fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                let at = input.clone();
                match input.array() {
                    Ok($n) => Ok(($($T::decode(input).map_err(|error| error.at_index($i))?,)+)),
                    _ => Err(at.mismatch(concat!("array of ", stringify!($n)))),
                }
            }

            fn accepts(head: &Head<'_>) -> bool {
                head.is(Kind::Array)
            }

            fn check(&self) -> Result<(), DecodeError> {
                $(checked(&self.$i).map_err(|error| error.at_index($i))?;)+
                Ok(())
            }
        }
    )+};
}

tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
    11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10;
    12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11;
}

/// How many elements to reserve room for: what is declared, but never more memory than the bytes that are left
/// justify. The rest grows as it comes.
fn reserve<T>(declared: usize, input: &Decoder<'_>) -> usize {
    let memory = input.rest().len().saturating_mul(limits::RESERVE_FACTOR);
    declared.min(memory / size_of::<T>().max(1))
}

#[cold]
fn shown(bytes: &[u8]) -> String {
    crate::show::Shown(bytes).to_string()
}
