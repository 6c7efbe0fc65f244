//! Items as text. The printer puts no blank lines between items, so each is printed alone and they are joined here.

use super::plain;
use proc_macro2::TokenStream;

/// Items of one module, printed.
#[derive(Debug, Default)]
pub(crate) struct Printed {
    text: String,
    /// What went wrong; a bug of the generator, never of a schema.
    pub(crate) bugs: Vec<String>,
}

impl Printed {
    /// Adds items. They are separated by blank lines, but for `use` and `mod` declarations.
    pub(crate) fn items(&mut self, tokens: TokenStream) {
        for tokens in plain::items(tokens) {
            if let Some(text) = plain::item(&tokens) {
                #[cfg(test)]
                tests::assert_same(&tokens, &text);
                self.separate(false);
                self.text.push_str(&text);
                continue;
            }
            match syn::parse2::<syn::Item>(tokens.into_iter().collect()) {
                Ok(item) => self.item(item),
                Err(error) => self.bugs.push(error.to_string()),
            }
        }
    }

    fn item(&mut self, item: syn::Item) {
        let tight = matches!(&item, syn::Item::Use(_))
            || matches!(&item, syn::Item::Mod(module) if module.content.is_none());
        self.separate(tight);
        self.text.push_str(&spaced(item));
    }

    /// Adds a module with the items of `inner`; `attributes` and `head` (`pub mod x`) stand before its brace.
    pub(crate) fn module(
        &mut self,
        attributes: TokenStream,
        name: &proc_macro2::Ident,
        inner: Printed,
    ) {
        self.bugs.extend(inner.bugs);
        let item: syn::Item = syn::parse_quote!(#attributes pub mod #name {});
        let shell = unparse(item);
        let head = shell.trim_end().trim_end_matches('}').trim_end();
        self.separate(false);
        self.text.push_str(head);
        self.text.push('\n');
        self.text.push_str(&indent(&inner.text));
        self.text.push_str("}\n");
    }

    fn separate(&mut self, tight: bool) {
        let after_tight = self.text.lines().last().is_some_and(|line| {
            line.starts_with("use ")
                || line.starts_with("pub use ")
                || (line.starts_with("pub mod ") && line.ends_with(';'))
        });
        let joined = tight && after_tight;
        if !self.text.is_empty() && !joined {
            self.text.push('\n');
        }
    }

    /// The text, with one line end at its end.
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// An item by the printer, with the blanks and blank lines that it leaves out.
fn spaced(item: syn::Item) -> String {
    let functions = matches!(
        &item,
        syn::Item::Impl(_) | syn::Item::Trait(_) | syn::Item::Mod(_)
    );
    let text = space_attributes(&unparse(item));
    if functions {
        space_functions(&text)
    } else {
        text
    }
}

fn unparse(item: syn::Item) -> String {
    let mut file: syn::File = syn::parse_quote!();
    file.items.push(item);
    prettyplease::unparse(&file)
}

/// Four blanks before every line that is not empty. Generated text has no literal that spans lines.
pub(crate) fn indent(text: &str) -> String {
    text.lines().fold(
        String::with_capacity(text.len() + text.len() / 8),
        |mut out, line| {
            if !line.is_empty() {
                out.push_str("    ");
                out.push_str(line);
            }
            out.push('\n');
            out
        },
    )
}

/// Records in the attributes of fields, spaced as everywhere else: the printer leaves out what the tokens do not need.
fn space_attributes(text: &str) -> String {
    let mut inside = false;
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.lines() {
        let code = line.trim_start();
        inside |= code.starts_with("#[payload(");
        if inside {
            out.push_str(&space_records(line));
        } else {
            out.push_str(line);
        }
        inside &= !code.ends_with(")]");
        out.push('\n');
    }
    out
}

/// `Point{x:1}` as `Point { x: 1 }`; strings stay as they are.
fn space_records(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 16);
    let mut rest = line.chars().peekable();
    let mut quoted = false;
    while let Some(it) = rest.next() {
        let next = rest.peek().copied();
        match it {
            '\\' if quoted => {
                out.push(it);
                out.extend(rest.next());
                continue;
            }
            '"' => quoted = !quoted,
            '{' if !quoted && !out.ends_with(' ') => out.push(' '),
            '}' if !quoted && !out.ends_with([' ', '{']) => out.push(' '),
            _ => {}
        }
        out.push(it);
        let separates = match it {
            '{' => next != Some('}'),
            ':' => next != Some(':') && !out.ends_with("::"),
            _ => false,
        };
        if separates && !quoted && next != Some(' ') {
            out.push(' ');
        }
    }
    out
}

/// A blank line before each function of a trait, an `impl` or a module of functions but the first.
fn space_functions(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::with_capacity(text.len() + 16);
    let mut previous = "";
    for (at, line) in lines.iter().enumerate() {
        let inside = previous
            .strip_prefix("    ")
            .is_some_and(|code| !code.starts_with([' ', '/']));
        let ended = inside && previous.ends_with(['}', ';']);
        if ended && starts_function(lines.get(at..).unwrap_or_default()) {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
        previous = line;
    }
    out
}

/// Whether an attribute, a doc comment or the signature of a function of the block starts with the first of `lines`.
fn starts_function(lines: &[&str]) -> bool {
    let mut attribute = false;
    for line in lines {
        let Some(code) = line.strip_prefix("    ") else {
            return false;
        };
        if attribute {
            attribute = code != ")]";
        } else if code.starts_with("#[") {
            attribute = !code.ends_with(']');
        } else if !code.starts_with("///") {
            let starts = ["fn ", "pub fn ", "async fn "];
            return starts.iter().any(|start| code.starts_with(start));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::TokenTree;
    use quote::quote;

    /// Every item that a unit test generates goes this way.
    pub(super) fn assert_same(tokens: &[TokenTree], text: &str) {
        // Where something is refused, a piece is missing, and nobody sees the rest.
        if let Ok(item) = syn::parse2::<syn::Item>(tokens.iter().cloned().collect()) {
            assert_eq!(text, spaced(item), "by the printer");
        }
    }

    #[test]
    fn records_in_attributes_are_spaced() {
        let line = r#"    #[payload(default = a::B{x:1, y:C{}, z:vec![D{t:String::from("{:\"}")}]}, key = "k:{")]"#;
        let spaced = r#"    #[payload(default = a::B { x: 1, y: C {}, z: vec![D { t: String::from("{:\"}") }] }, key = "k:{")]"#;
        assert_eq!(space_records(line), spaced);
        assert_eq!(space_records(spaced), spaced);
    }

    #[test]
    fn people_put_blank_lines_here() {
        let mut inner = Printed::default();
        inner.items(quote!(pub struct A; impl A { #[doc = " One."] pub fn one() {} #[doc = " Two: `{}`;"] #[doc = " and }"] pub fn two() {} }));
        let mut printed = Printed::default();
        printed.items(quote!(
            use a::b;
            use c::d;
            pub struct X {
                pub a: u8,
                pub b: u8,
            }
        ));
        printed.module(
            quote!(#[doc = " Inner."]),
            &quote::format_ident!("inner"),
            inner,
        );
        let expected = "use a::b;\nuse c::d;\n\npub struct X {\n    pub a: u8,\n    pub b: u8,\n}\n\n/// Inner.\npub mod inner {\n    \
            pub struct A;\n\n    impl A {\n        /// One.\n        pub fn one() {}\n\n        /// Two: `{}`;\n        /// and }\n        pub fn two() {}\n    }\n}\n";
        assert_eq!(printed.bugs, Vec::<String>::new());
        assert_eq!(printed.into_text(), expected);
    }
}
