//! `range = "0.0..=1.0"` and `len = "1..=500"`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, LitStr, Result};

/// Least and most of a value or of its length.
pub(crate) struct Restriction {
    pub(crate) span: Span,
    /// For errors.
    text: String,
    least: Bound,
    most: Bound,
    inclusive: bool,
}

enum Bound {
    Open,
    Int(i128),
    Float(f64),
}

impl Restriction {
    pub(crate) fn range(text: &LitStr) -> Result<Self> {
        let restriction = Self::parse(text)?;
        Ok(Self {
            text: format!("a value in {}", text.value()),
            ..restriction
        })
    }

    pub(crate) fn len(text: &LitStr) -> Result<Self> {
        let restriction = Self::parse(text)?;
        if matches!(
            (&restriction.least, &restriction.most),
            (Bound::Float(_), _) | (_, Bound::Float(_))
        ) {
            return Err(Error::new(text.span(), "a length is a whole number"));
        }
        if matches!(restriction.least, Bound::Int(..0))
            || matches!(restriction.most, Bound::Int(..0))
        {
            return Err(Error::new(text.span(), "a length is never negative"));
        }
        Ok(Self {
            text: format!("a length in {}", text.value()),
            ..restriction
        })
    }

    fn parse(literal: &LitStr) -> Result<Self> {
        let text = literal.value();
        let wrong = || {
            Error::new(
                literal.span(),
                "a range is expected: `1..=500`, `0.0..`, `..10`",
            )
        };
        let (least, most) = text.split_once("..").ok_or_else(wrong)?;
        let (inclusive, most) = match most.strip_prefix('=') {
            Some("") => return Err(wrong()),
            Some(most) => (true, most),
            None => (false, most),
        };
        let bound = |text: &str| match text.trim() {
            "" => Some(Bound::Open),
            text => match text.replace('_', "").parse::<i128>() {
                Ok(value) => Some(Bound::Int(value)),
                Err(_) => text
                    .parse::<f64>()
                    .ok()
                    .filter(|value| value.is_finite())
                    .map(Bound::Float),
            },
        };
        let (least, most) = bound(least).zip(bound(most)).ok_or_else(wrong)?;
        if least
            .value()
            .zip(most.value())
            .is_some_and(|(least, most)| least > most || least == most && !inclusive)
        {
            return Err(Error::new(literal.span(), "nothing lies in this range"));
        }
        Ok(Self {
            span: literal.span(),
            text: String::new(),
            least,
            most,
            inclusive,
        })
    }

    /// A `Check`.
    pub(crate) fn expand(&self, krate: &TokenStream) -> TokenStream {
        let Self {
            text, inclusive, ..
        } = self;
        let (least, most) = (self.least.expand(krate), self.most.expand(krate));
        quote!(#krate::Check { text: #text, least: #least, most: #most, inclusive: #inclusive })
    }
}

impl Bound {
    /// Near enough to compare the two ends of a range.
    fn value(&self) -> Option<f64> {
        match self {
            Self::Open => None,
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
        }
    }

    fn expand(&self, krate: &TokenStream) -> TokenStream {
        match self {
            Self::Open => quote!(#krate::Bound::Open),
            Self::Int(value) => quote!(#krate::Bound::Int(#value)),
            Self::Float(value) => quote!(#krate::Bound::Float(#value)),
        }
    }
}
