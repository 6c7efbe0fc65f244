//! Paths of modules, as users give them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// The path of a module that generated code names: `::market_types::market::common`, `crate::types`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustPath(String);

/// A text that is no path of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError(String);

impl RustPath {
    /// What generated code runs on unless it is told otherwise.
    pub(crate) fn runtime() -> Self {
        Self("::scipp_runtime::generated".to_owned())
    }
}

impl FromStr for RustPath {
    type Err = PathError;

    /// Starts with `::` or `crate`, so that it means the same in every module; no generic arguments.
    fn from_str(text: &str) -> Result<Self, PathError> {
        let absolute = text.starts_with("::") || text == "crate" || text.starts_with("crate::");
        match syn::parse_str::<syn::Path>(text) {
            Ok(path)
                if absolute
                    && path
                        .segments
                        .iter()
                        .all(|segment| segment.arguments.is_none()) =>
            {
                Ok(Self(path.to_token_stream().to_string().replace(' ', "")))
            }
            _ => Err(PathError(text.to_owned())),
        }
    }
}

impl ToTokens for RustPath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        // It was parsed when it was made.
        if let Ok(path) = syn::parse_str::<syn::Path>(&self.0) {
            tokens.extend(quote!(#path));
        }
    }
}

impl fmt::Display for RustPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no path of a module: one reads `::some_crate::some::module` or `crate::some::module`",
            self.0
        )
    }
}

impl Error for PathError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_absolute_and_plain() {
        for good in ["::a::b", "crate", "crate::x::y", "::market_types::r#type"] {
            assert_eq!(good.parse::<RustPath>().unwrap().to_string(), good);
        }
        for bad in ["", "a::b", "::a<b>", "::a;drop", "super::a", "a b", "::a::"] {
            assert!(bad.parse::<RustPath>().is_err(), "{bad}");
        }
    }
}
