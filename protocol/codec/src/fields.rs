//! How derived structs are read: fields are predicted in the order of the declaration, one comparison of encoded
//! bytes each; only a peer that writes another order pays for a search.
//!
//! An expansion is a single call with all its fields as one tuple. The work per field is here, because the compiler
//! checks it here once, and in a thousand expansions a thousand times.

use std::borrow::Cow;

use crate::decoder::str_body;
use crate::show::{Brief, Quoted};
use crate::{DecodeError, Decoder, Payload};

/// A struct as its reader sees it. All keys are encoded strs.
#[derive(Debug)]
pub struct Shape {
    /// Name of the type, for errors.
    pub name: &'static str,
    /// Key and value of the tag of a message.
    pub tag: Option<(&'static [u8], &'static [u8])>,
    /// Keys of the fields, in the order of the declaration.
    pub keys: &'static [&'static [u8]],
}

impl Shape {
    /// Reads a map into the fields of a struct: a tuple, or [`More`] of them.
    ///
    /// The tag may stand anywhere, or be missing where nothing else can be meant. Unknown keys are passed over.
    ///
    /// # Errors
    /// If the next value isn't a map, a key isn't a str or stands twice, a field is missing that must be there, or a
    /// value doesn't fit.
    #[inline(always)]
    pub fn read<S: Slots>(&'static self, input: &mut Decoder<'_>) -> Result<S, DecodeError> {
        let mut entries = Entries::open(input, self)?;
        let mut found = S::predict(&mut entries, input, 0)?;
        if entries.left > 0 {
            entries.search::<S>(input, &mut found)?;
        }
        S::finish(found, self, 0)
    }

    /// Reads an array into the fields of a struct. The tag, if there is one, has to be the first element. Elements
    /// after the last field, which a newer schema may have added, are passed over.
    ///
    /// # Errors
    /// If the next value isn't an array, its tag isn't the right one, an element is missing that must be there, or one
    /// doesn't fit.
    pub fn read_array<S: Slots>(&'static self, input: &mut Decoder<'_>) -> Result<S, DecodeError> {
        let mut left = self.open_array(input)?;
        let mut found = S::nothing();
        let mut index = 0;
        while left > 0 {
            if !S::place(&mut found, self, input, 0, index)? {
                input.skip()?;
            }
            (index, left) = (index + 1, left - 1);
        }
        S::finish(found, self, 0)
    }

    fn open_array(&self, input: &mut Decoder<'_>) -> Result<usize, DecodeError> {
        let left = input.array().map_err(|error| error.of_type(self.name))?;
        let Some((_, value)) = self.tag else {
            return Ok(left);
        };
        let at = input.clone();
        let came = match (left.checked_sub(1), input.str()) {
            (Some(others), Ok(found)) if found.as_bytes() == body(value) => return Ok(others),
            (Some(_), _) => Brief(at.rest).to_string(),
            (None, _) => "nothing".to_owned(),
        };
        let expected = format!("the tag {} as first element", Quoted(&text(value)));
        Err(DecodeError::new(expected, came).of_type(self.name))
    }

    /// The error happened in the field at `index`.
    #[cold]
    fn locate(&self, error: DecodeError, index: usize) -> DecodeError {
        let key = self
            .keys
            .get(index)
            .map_or(Cow::Borrowed(""), |key| text(key));
        error.in_field(self.name, key)
    }
}

/// The fields of a struct while it is read: a tuple of up to sixteen, or [`More`].
pub trait Slots: Sized {
    /// What has been found so far.
    type Found;

    /// Nothing yet.
    fn nothing() -> Self::Found;

    /// Takes the entries as far as they come in the order of the declaration. The first field has the index `first`.
    ///
    /// # Errors
    /// If a value doesn't fit.
    fn predict(
        entries: &mut Entries,
        input: &mut Decoder<'_>,
        first: usize,
    ) -> Result<Self::Found, DecodeError>;

    /// Reads the field at `index`; `false` if there is no such field.
    ///
    /// # Errors
    /// If the value doesn't fit, or the field has been read already.
    fn place(
        found: &mut Self::Found,
        shape: &Shape,
        input: &mut Decoder<'_>,
        first: usize,
        index: usize,
    ) -> Result<bool, DecodeError>;

    /// The values, now that all entries are read.
    ///
    /// # Errors
    /// If one isn't there and its type has no value for that.
    fn finish(found: Self::Found, shape: &Shape, first: usize) -> Result<Self, DecodeError>;
}

/// Sixteen fields and more after them.
#[derive(Debug)]
pub struct More<A, B>(pub A, pub B);

/// The entries of a map that haven't been read yet.
#[derive(Debug)]
pub struct Entries {
    shape: &'static Shape,
    left: usize,
    tagged: bool,
}

impl Entries {
    /// Reads the header of the map, and the tag if it stands first.
    #[inline(always)]
    fn open(input: &mut Decoder<'_>, shape: &'static Shape) -> Result<Self, DecodeError> {
        let mut left = input.map().map_err(|error| error.of_type(shape.name))?;
        let mut tagged = false;
        if let Some((key, value)) = shape.tag
            && let Some(rest) = input.rest.strip_prefix(key)
            && let Some(rest) = rest.strip_prefix(value)
            && left > 0
        {
            (input.rest, left, tagged) = (rest, left - 1, true);
        }
        Ok(Self {
            shape,
            left,
            tagged,
        })
    }

    /// Reads the field at `index` if that is the next entry.
    #[inline(always)]
    fn next<T: Payload>(
        &mut self,
        input: &mut Decoder<'_>,
        index: usize,
    ) -> Result<Option<T>, DecodeError> {
        match self
            .shape
            .keys
            .get(index)
            .and_then(|key| input.rest.strip_prefix(*key))
        {
            Some(rest) if self.left > 0 => {
                (input.rest, self.left) = (rest, self.left - 1);
                match T::decode(input) {
                    Ok(value) => Ok(Some(value)),
                    Err(error) => Err(self.shape.locate(error, index)),
                }
            }
            _ => Ok(None),
        }
    }

    /// Reads the entries that didn't come in order.
    #[cold]
    fn search<S: Slots>(
        &mut self,
        input: &mut Decoder<'_>,
        found: &mut S::Found,
    ) -> Result<(), DecodeError> {
        let shape = self.shape;
        while self.left > 0 {
            self.left -= 1;
            let key = input.str().map_err(|_| {
                input
                    .mismatch("str as the key of a field")
                    .of_type(shape.name)
            })?;
            if let Some((tag, value)) = shape.tag
                && body(tag) == key.as_bytes()
            {
                self.tag(input, tag, value)?;
                continue;
            }
            match shape
                .keys
                .iter()
                .position(|known| body(known) == key.as_bytes())
            {
                Some(index) => drop(S::place(found, shape, input, 0, index)?),
                None => input.skip()?,
            }
        }
        Ok(())
    }

    fn tag(
        &mut self,
        input: &mut Decoder<'_>,
        key: &'static [u8],
        value: &'static [u8],
    ) -> Result<(), DecodeError> {
        let at = input.clone();
        let error = match input.str() {
            _ if self.tagged => DecodeError::new("the key once", "it again"),
            Ok(found) if found.as_bytes() == body(value) => {
                self.tagged = true;
                return Ok(());
            }
            _ => {
                let expected = format!("the tag {}", Quoted(&text(value)));
                DecodeError::new(expected, Brief(at.rest).to_string())
            }
        };
        Err(error.in_field(self.shape.name, text(key)))
    }
}

#[cold]
fn fill<T: Payload>(
    slot: &mut Option<T>,
    shape: &Shape,
    input: &mut Decoder<'_>,
    index: usize,
) -> Result<bool, DecodeError> {
    let value = if slot.is_some() {
        Err(DecodeError::new("the key once", "it again"))
    } else {
        T::decode(input)
    };
    *slot = Some(value.map_err(|error| shape.locate(error, index))?);
    Ok(true)
}

#[inline(always)]
fn take<T: Payload>(slot: Option<T>, shape: &Shape, index: usize) -> Result<T, DecodeError> {
    match slot.or_else(T::absent) {
        Some(value) => Ok(value),
        None => Err(shape.locate(DecodeError::new("a value", "nothing"), index)),
    }
}

impl<A: Slots, B: Slots> Slots for More<A, B> {
    type Found = (A::Found, B::Found);

    fn nothing() -> Self::Found {
        (A::nothing(), B::nothing())
    }

    fn predict(
        entries: &mut Entries,
        input: &mut Decoder<'_>,
        first: usize,
    ) -> Result<Self::Found, DecodeError> {
        Ok((
            A::predict(entries, input, first)?,
            B::predict(entries, input, first + TUPLE_MAX)?,
        ))
    }

    fn place(
        found: &mut Self::Found,
        shape: &Shape,
        input: &mut Decoder<'_>,
        first: usize,
        index: usize,
    ) -> Result<bool, DecodeError> {
        if index < first + TUPLE_MAX {
            A::place(&mut found.0, shape, input, first, index)
        } else {
            B::place(&mut found.1, shape, input, first + TUPLE_MAX, index)
        }
    }

    fn finish(found: Self::Found, shape: &Shape, first: usize) -> Result<Self, DecodeError> {
        Ok(Self(
            A::finish(found.0, shape, first)?,
            B::finish(found.1, shape, first + TUPLE_MAX)?,
        ))
    }
}

/// Fields of the longest tuple; the derive macro makes groups of this size.
const TUPLE_MAX: usize = 16;

macro_rules! slots {
    ($($($T:ident $i:tt),*;)+) => {$(
        impl<$($T: Payload),*> Slots for ($($T,)*) {
            type Found = ($(Option<$T>,)*);

            #[allow(clippy::unused_unit, reason = "by the empty tuple")]
            fn nothing() -> Self::Found {
                ($(None::<$T>,)*)
            }

            #[inline(always)]
            #[allow(unused_variables, reason = "by the empty tuple")]
            fn predict(
                entries: &mut Entries,
                input: &mut Decoder<'_>,
                first: usize,
            ) -> Result<Self::Found, DecodeError> {
                Ok(($(entries.next::<$T>(input, first + $i)?,)*))
            }

            #[allow(unused_variables, reason = "by the empty tuple")]
            fn place(
                found: &mut Self::Found,
                shape: &Shape,
                input: &mut Decoder<'_>,
                first: usize,
                index: usize,
            ) -> Result<bool, DecodeError> {
                match index - first {
                    $($i => fill(&mut found.$i, shape, input, index),)*
                    _ => Ok(false),
                }
            }

            #[inline(always)]
            #[allow(unused_variables, reason = "by the empty tuple")]
            fn finish(found: Self::Found, shape: &Shape, first: usize) -> Result<Self, DecodeError> {
                Ok(($(take(found.$i, shape, first + $i)?,)*))
            }
        }
    )+};
}

slots! {
    ;
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15;
}

/// Content of an encoded str.
fn body(encoded: &[u8]) -> &[u8] {
    str_body(encoded).map_or(encoded, |(body, _)| body)
}

fn text(encoded: &'static [u8]) -> Cow<'static, str> {
    String::from_utf8_lossy(body(encoded))
}
