//! Reads `#[payload(...)]` and `#[error(...)]`.

use std::fmt;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, Ident, LitInt, LitStr, Path, Result, Token, Type};

use crate::bounds::Restriction;

/// What is said about a type.
#[derive(Default)]
pub(crate) struct Container {
    pub(crate) krate: Option<Path>,
    pub(crate) tag: Option<LitStr>,
    pub(crate) name: Option<LitStr>,
    pub(crate) ext: Option<i8>,
    /// What it holds is restricted.
    pub(crate) restricted: Option<Span>,
    pub(crate) restrictions: Restrictions,
    forms: Vec<(Form, Span)>,
}

/// How a type travels.
#[derive(Clone)]
pub(crate) enum Form {
    Map,
    Array,
    Transparent,
    /// The content of an extension value, as it is.
    Bytes,
    Text,
    Int(Ident),
    Union,
}

/// What is said about a field.
#[derive(Default)]
pub(crate) struct Field {
    pub(crate) key: Option<LitStr>,
    pub(crate) default: Option<TokenStream>,
    pub(crate) omittable: Option<Span>,
    pub(crate) restrictions: Restrictions,
}

/// What is said about a variant.
#[derive(Default)]
pub(crate) struct Variant {
    pub(crate) text: Option<LitStr>,
    pub(crate) int: Option<LitInt>,
    pub(crate) negative: bool,
    pub(crate) unknown: Option<Span>,
}

/// What is said about an error, or about a variant of an enum of errors.
#[derive(Default)]
pub(crate) struct ErrorOptions {
    pub(crate) name: Option<LitStr>,
    pub(crate) text: Option<LitStr>,
    pub(crate) foreign: bool,
}

/// `range`, `len`, `pattern` and `unique`.
#[derive(Default)]
pub(crate) struct Restrictions {
    pub(crate) bounds: Vec<Restriction>,
    pub(crate) patterns: Vec<LitStr>,
    pub(crate) unique: Option<Span>,
}

impl Container {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut container = Self::default();
        each(attributes, "payload", |meta| {
            let form = match word(&meta).as_str() {
                "crate" => return once(&mut container.krate, &meta, meta.value()?.parse()?),
                "tag" => return once(&mut container.tag, &meta, meta.value()?.parse()?),
                "name" => return once(&mut container.name, &meta, meta.value()?.parse()?),
                "ext" => {
                    let code: LitInt = meta.value()?.parse()?;
                    let wrong = |_| Error::new(code.span(), "an extension code is 0 to 127");
                    let number = code.base10_parse::<u8>().and_then(|code| {
                        i8::try_from(code).map_err(|error| Error::new(Span::call_site(), error))
                    });
                    return once(&mut container.ext, &meta, number.map_err(wrong)?);
                }
                "restricted" => {
                    return once(&mut container.restricted, &meta, meta.path.span());
                }
                "bytes" => Form::Bytes,
                "array" => Form::Array,
                "transparent" => Form::Transparent,
                "text" => Form::Text,
                "int" => {
                    let repr: LitStr = meta.value()?.parse()?;
                    if !["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"]
                        .contains(&repr.value().as_str())
                    {
                        return Err(Error::new(
                            repr.span(),
                            "an integer type is expected: u8 to u64, i8 to i64",
                        ));
                    }
                    Form::Int(repr.parse()?)
                }
                "union" => Form::Union,
                _ if container.restrictions.read(&meta)? => return Ok(()),
                _ => {
                    return unknown(
                        &meta,
                        "crate, tag, name, array, transparent, ext, bytes, text, int, union, restricted, range, len, pattern, unique",
                    );
                }
            };
            container.forms.push((form, meta.path.span()));
            Ok(())
        })?;
        Ok(container)
    }

    /// The one form that was asked for, with what else was asked for held against it.
    pub(crate) fn form(&self) -> Result<Form> {
        let form = match self.forms.as_slice() {
            [] => Form::Map,
            [(form, _)] => form.clone(),
            [(first, _), (second, span), ..] => {
                return Err(Error::new(
                    *span,
                    format!("a type travels in one form: `{first}` or `{second}`"),
                ));
            }
        };
        match (&self.tag, &self.name, &form) {
            (Some(tag), _, Form::Map | Form::Array) if self.ext.is_some() => {
                let text = "an extension value is known by its code; it has no place for a tag";
                return Err(Error::new(tag.span(), text));
            }
            (Some(tag), _, form) if !matches!(form, Form::Map | Form::Array) => {
                let text = format!("`{form}` has no place for a tag");
                return Err(Error::new(tag.span(), text));
            }
            (None, Some(name), _) => {
                let text =
                    "a name is the value of a tag, and there is none; say `tag = \"type\"` too";
                return Err(Error::new(name.span(), text));
            }
            (_, _, Form::Text | Form::Int(_) | Form::Union) if self.ext.is_some() => {
                let text = format!("`ext` is for structs, not for `{form}`");
                return Err(Error::new(Span::call_site(), text));
            }
            (_, _, Form::Bytes) if self.ext.is_none() => {
                let text = "`bytes` is what an `ext` holds: say `ext = 21, bytes`";
                return Err(Error::new(Span::call_site(), text));
            }
            _ => {}
        }
        if let (Some(span), Form::Text | Form::Int(_) | Form::Bytes) = (self.restricted, &form) {
            let text = format!("`{form}` holds nothing that could be restricted");
            return Err(Error::new(span, text));
        }
        match self.restrictions.first() {
            Some(span) if !matches!(form, Form::Transparent) => Err(Error::new(
                span,
                "restrict the fields; only a transparent struct has a measure",
            )),
            _ => Ok(form),
        }
    }

    /// The module that the expansion's names are in.
    pub(crate) fn krate(&self) -> TokenStream {
        self.krate
            .as_ref()
            .map_or_else(|| quote!(::scipp_runtime::generated), |path| quote!(#path))
    }

    /// Whether that module has `EndpointError`: the runtime's has, the codec's alone has not.
    pub(crate) fn has_endpoints(&self) -> bool {
        self.krate.is_none()
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Map => "map",
            Self::Array => "array",
            Self::Transparent => "transparent",
            Self::Bytes => "bytes",
            Self::Text => "text",
            Self::Int(_) => "int",
            Self::Union => "union",
        })
    }
}

impl Field {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut field = Self::default();
        each(attributes, "payload", |meta| match word(&meta).as_str() {
            "key" => once(&mut field.key, &meta, meta.value()?.parse()?),
            "default" if meta.input.peek(Token![=]) => {
                let value: Expr = meta.value()?.parse()?;
                once(&mut field.default, &meta, quote!(#value))
            }
            "default" => once(
                &mut field.default,
                &meta,
                quote!(::core::default::Default::default()),
            ),
            "omittable" => once(&mut field.omittable, &meta, meta.path.span()),
            _ if field.restrictions.read(&meta)? => Ok(()),
            _ => unknown(
                &meta,
                "key, default, omittable, range, len, pattern, unique",
            ),
        })?;
        match field.omittable {
            Some(span) if field.default.is_some() => Err(Error::new(
                span,
                "a field is omittable or has a default, not both: what would an absent one mean?",
            )),
            _ => Ok(field),
        }
    }
}

impl Variant {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut variant = Self::default();
        each(attributes, "payload", |meta| match word(&meta).as_str() {
            "text" => once(&mut variant.text, &meta, meta.value()?.parse()?),
            "int" => {
                let value = meta.value()?;
                variant.negative = value.parse::<Option<Token![-]>>()?.is_some();
                once(&mut variant.int, &meta, value.parse()?)
            }
            "unknown" => once(&mut variant.unknown, &meta, meta.path.span()),
            _ => unknown(&meta, "text, int, unknown"),
        })?;
        match variant.span() {
            Some(span) if variant.unknown.is_some() => Err(Error::new(
                span,
                "the `unknown` variant stands for any value, not for this one",
            )),
            _ => Ok(variant),
        }
    }

    /// Where its value is said.
    pub(crate) fn span(&self) -> Option<Span> {
        let text = self.text.as_ref().map(LitStr::span);
        text.or(self.int.as_ref().map(LitInt::span))
    }
}

impl ErrorOptions {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut options = Self::default();
        each(attributes, "error", |meta| match word(&meta).as_str() {
            "name" => once(&mut options.name, &meta, meta.value()?.parse()?),
            "text" => once(&mut options.text, &meta, meta.value()?.parse()?),
            "foreign" => {
                options.foreign = true;
                Ok(())
            }
            _ => unknown(&meta, "name, text, foreign"),
        })?;
        Ok(options)
    }
}

impl Restrictions {
    /// Where the first of them is said.
    fn first(&self) -> Option<Span> {
        let bound = self.bounds.first().map(|bound| bound.span);
        bound
            .or(self.patterns.first().map(LitStr::span))
            .or(self.unique)
    }

    /// Takes a restriction; `false` if it is something else.
    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<bool> {
        match word(meta).as_str() {
            "range" => self
                .bounds
                .push(Restriction::range(&meta.value()?.parse()?)?),
            "len" => self.bounds.push(Restriction::len(&meta.value()?.parse()?)?),
            "unique" => return once(&mut self.unique, meta, meta.path.span()).map(|()| true),
            "pattern" => {
                let text: LitStr = meta.value()?.parse()?;
                if let Err(error) = regex_lite::Regex::new(&text.value()) {
                    return Err(Error::new(text.span(), format!("not a pattern: {error}")));
                }
                self.patterns.push(text);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// The first `#[payload(...)]`, where there should be none.
pub(crate) fn first(attributes: &[Attribute]) -> Option<Span> {
    let mut ours = attributes.iter().filter(|a| a.path().is_ident("payload"));
    ours.next().map(|attribute| attribute.path().span())
}

/// Whether a type is called so, by whatever path.
pub(crate) fn named(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == name),
        Type::Group(group) => named(&group.elem, name),
        _ => false,
    }
}

/// The name that a field or variant has on the wire when nothing else is said.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

fn each(
    attributes: &[Attribute],
    name: &str,
    mut read: impl FnMut(ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident(name))
    {
        attribute.parse_nested_meta(&mut read)?;
    }
    Ok(())
}

fn word(meta: &ParseNestedMeta<'_>) -> String {
    meta.path
        .get_ident()
        .map(Ident::to_string)
        .unwrap_or_default()
}

fn once<T>(slot: &mut Option<T>, meta: &ParseNestedMeta<'_>, value: T) -> Result<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(meta.error("said twice")),
    }
}

fn unknown(meta: &ParseNestedMeta<'_>, known: &str) -> Result<()> {
    Err(meta.error(format!("unknown option; here are known: {known}")))
}
