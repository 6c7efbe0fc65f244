//! How derived structs are read: fields are predicted in the order of the declaration, one comparison of encoded
//! bytes each; only a peer that writes another order pays for a search.

use std::borrow::Cow;

use crate::check::{Check, unique};
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
    /// The error happened in the field with this index.
    #[cold]
    fn locate(&self, error: DecodeError, index: usize) -> DecodeError {
        error.in_field(
            self.name,
            self.keys
                .get(index)
                .map_or(Cow::Borrowed(""), |key| text(key)),
        )
    }

    #[cold]
    fn missing(&self, index: usize) -> DecodeError {
        self.locate(DecodeError::new("a value", "nothing"), index)
    }
}

/// The entries of a map that is read into a struct.
#[derive(Debug)]
pub struct Fields {
    shape: &'static Shape,
    /// Entries not read yet.
    left: usize,
    tagged: bool,
}

impl Fields {
    /// Reads the header of the map, and the tag if it stands first.
    ///
    /// # Errors
    /// If the next value isn't a map.
    #[inline]
    pub fn open(input: &mut Decoder<'_>, shape: &'static Shape) -> Result<Self, DecodeError> {
        let mut fields = Self {
            shape,
            left: input.map().map_err(|error| error.of_type(shape.name))?,
            tagged: false,
        };
        if let Some((key, value)) = shape.tag
            && let Some(rest) = input.rest.strip_prefix(key)
            && let Some(rest) = rest.strip_prefix(value)
            && fields.left > 0
        {
            input.rest = rest;
            fields.left -= 1;
            fields.tagged = true;
        }
        Ok(fields)
    }

    /// Reads the field `key` if that is the next entry.
    ///
    /// # Errors
    /// If its value isn't a `T`.
    #[inline]
    pub fn next<T: Payload>(
        &mut self,
        input: &mut Decoder<'_>,
        key: &'static [u8],
    ) -> Result<Option<T>, DecodeError> {
        match input.rest.strip_prefix(key) {
            Some(rest) if self.left > 0 => {
                input.rest = rest;
                self.left -= 1;
                match T::decode(input) {
                    Ok(value) => Ok(Some(value)),
                    Err(error) => Err(error.in_field(self.shape.name, text(key))),
                }
            }
            _ => Ok(None),
        }
    }

    /// Finds the next entry that is a field, passing over unknown ones: the field's index. `None` at the end.
    ///
    /// # Errors
    /// If a key isn't a str, or the tag isn't the right one or stands twice.
    #[inline]
    pub fn search(&mut self, input: &mut Decoder<'_>) -> Result<Option<usize>, DecodeError> {
        if self.left == 0 {
            Ok(None)
        } else {
            self.find(input)
        }
    }

    #[cold]
    fn find(&mut self, input: &mut Decoder<'_>) -> Result<Option<usize>, DecodeError> {
        while self.left > 0 {
            self.left -= 1;
            let key = input.str().map_err(|_| {
                input
                    .mismatch("str as the key of a field")
                    .of_type(self.shape.name)
            })?;
            if let Some((tag, value)) = self.shape.tag
                && body(tag) == key.as_bytes()
            {
                self.tag(input, tag, value)?;
                continue;
            }
            match self
                .shape
                .keys
                .iter()
                .position(|known| body(known) == key.as_bytes())
            {
                Some(index) => return Ok(Some(index)),
                None => input.skip()?,
            }
        }
        Ok(None)
    }

    /// Reads the field that [`search`](Self::search) found at `index`.
    ///
    /// # Errors
    /// If its value isn't a `T`, or it has been read already.
    #[cold]
    pub fn set<T: Payload>(
        &mut self,
        input: &mut Decoder<'_>,
        slot: &mut Option<T>,
        index: usize,
    ) -> Result<(), DecodeError> {
        let value = if slot.is_some() {
            Err(DecodeError::new("the key once", "it again"))
        } else {
            T::decode(input)
        };
        *slot = Some(value.map_err(|error| self.shape.locate(error, index))?);
        Ok(())
    }

    /// The value of the field at `index`, now that all entries are read.
    ///
    /// # Errors
    /// If it wasn't there and its type has no value for that.
    #[inline]
    pub fn take<T: Payload>(&self, slot: Option<T>, index: usize) -> Result<T, DecodeError> {
        match slot.or_else(T::absent) {
            Some(value) => Ok(value),
            None => Err(self.shape.missing(index)),
        }
    }

    /// Holds the value of the field at `index` against a restriction.
    ///
    /// # Errors
    /// If it doesn't fit.
    pub fn check<T: Payload>(
        &self,
        value: T,
        index: usize,
        check: &Check,
    ) -> Result<T, DecodeError> {
        match check.hold(&value) {
            Ok(()) => Ok(value),
            Err(error) => Err(self.shape.locate(error, index)),
        }
    }

    /// Refuses a list in the field at `index` that holds a value twice.
    ///
    /// # Errors
    /// If it does.
    pub fn unique<T: Payload>(&self, value: T, index: usize) -> Result<T, DecodeError> {
        match unique(&value) {
            Ok(()) => Ok(value),
            Err(error) => Err(self.shape.locate(error, index)),
        }
    }

    #[cold]
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

/// The elements of an array that is read into a struct.
#[derive(Debug)]
pub struct Items {
    shape: &'static Shape,
    left: usize,
}

impl Items {
    /// Reads the header of the array, and the tag, which has to be the first element.
    ///
    /// # Errors
    /// If the next value isn't an array, or its tag is missing or another one.
    pub fn open(input: &mut Decoder<'_>, shape: &'static Shape) -> Result<Self, DecodeError> {
        let mut left = input.array().map_err(|error| error.of_type(shape.name))?;
        if let Some((_, value)) = shape.tag {
            let at = input.clone();
            match (left.checked_sub(1), input.str()) {
                (Some(others), Ok(found)) if found.as_bytes() == body(value) => left = others,
                (others, _) => {
                    let came =
                        others.map_or_else(|| "nothing".to_owned(), |_| Brief(at.rest).to_string());
                    let expected = format!("the tag {} as first element", Quoted(&text(value)));
                    return Err(DecodeError::new(expected, came).of_type(shape.name));
                }
            }
        }
        Ok(Self { shape, left })
    }

    /// Reads the next element, the field at `index`; `None` after the last one.
    ///
    /// # Errors
    /// If it isn't a `T`.
    pub fn next<T: Payload>(
        &mut self,
        input: &mut Decoder<'_>,
        index: usize,
    ) -> Result<Option<T>, DecodeError> {
        match self.left.checked_sub(1) {
            None => Ok(None),
            Some(left) => {
                self.left = left;
                T::decode(input)
                    .map(Some)
                    .map_err(|error| self.shape.locate(error, index))
            }
        }
    }

    /// Passes over the elements that a newer schema has added, and gives the rest of the reading its shape.
    ///
    /// # Errors
    /// None on bytes that passed the walk.
    pub fn close(mut self, input: &mut Decoder<'_>) -> Result<Fields, DecodeError> {
        while let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            input.skip()?;
        }
        Ok(Fields {
            shape: self.shape,
            left: 0,
            tagged: true,
        })
    }
}

/// Content of an encoded str.
fn body(encoded: &[u8]) -> &[u8] {
    str_body(encoded).map_or(encoded, |(body, _)| body)
}

fn text(encoded: &'static [u8]) -> Cow<'static, str> {
    String::from_utf8_lossy(body(encoded))
}
