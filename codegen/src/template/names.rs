//! The names of outputs: paths with placeholders.

use crate::names::snake;
use std::path::PathBuf;

/// What may stand in braces in the path of a template.
pub(super) const PLACEHOLDERS: &[&str] = &[
    "{package}",
    "{package_path}",
    "{interface}",
    "{interface_snake}",
    "{item}",
    "{item_snake}",
];

/// How often a template is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Each {
    Once,
    Package,
    Interface,
    Item,
}

/// The path of an output before its placeholders are filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutputName {
    pieces: Vec<Piece>,
    pub(super) each: Each,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Package,
    PackagePath,
    Item { snake: bool },
}

impl OutputName {
    /// From the path of a template in its folder, such as `{package_path}.md.j2`.
    pub(super) fn parse(template: &str) -> Result<Self, String> {
        let mut rest = template.strip_suffix(".j2").unwrap_or(template);
        if rest.is_empty() || rest.ends_with('/') {
            return Err("says nothing but `.j2`".to_owned());
        }
        let mut name = Self {
            pieces: Vec::new(),
            each: Each::Once,
        };
        let mut interface_or_item = None;
        while let Some(open) = rest.find('{') {
            let (text, tail) = rest.split_at(open);
            let Some(close) = tail.find('}') else {
                return Err("has a `{` without `}`".to_owned());
            };
            let (placeholder, tail) = tail.split_at(close + 1);
            let (piece, each) = match placeholder {
                "{package}" => (Piece::Package, Each::Package),
                "{package_path}" => (Piece::PackagePath, Each::Package),
                "{interface}" => (Piece::Item { snake: false }, Each::Interface),
                "{interface_snake}" => (Piece::Item { snake: true }, Each::Interface),
                "{item}" => (Piece::Item { snake: false }, Each::Item),
                "{item_snake}" => (Piece::Item { snake: true }, Each::Item),
                _ => return Err(format!("has the unknown placeholder `{placeholder}`")),
            };
            if each > Each::Package {
                if interface_or_item.is_some_and(|other| other != each) {
                    return Err("has both an interface and an item".to_owned());
                }
                interface_or_item = Some(each);
            }
            name.each = name.each.max(each);
            name.pieces.push(Piece::Text(text.to_owned()));
            name.pieces.push(piece);
            rest = tail;
        }
        if rest.contains('}') {
            return Err("has a `}` without `{`".to_owned());
        }
        name.pieces.push(Piece::Text(rest.to_owned()));
        Ok(name)
    }

    /// The path for a package and an interface or item of it. Names are those of the language, so it has no `..`.
    pub(super) fn path(&self, package: &str, item: &str) -> PathBuf {
        let text: String = self
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Package => package.to_owned(),
                Piece::PackagePath => package.replace('.', "/"),
                Piece::Item { snake: false } => item.to_owned(),
                Piece::Item { snake: true } => snake(item),
            })
            .collect();
        text.split('/').collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn placeholders_are_filled_in_and_say_how_often() {
        let cases = [
            ("index.md.j2", Each::Once, "index.md"),
            ("{package}.md.j2", Each::Package, "market.feed.md"),
            (
                "api/{package_path}.md.j2",
                Each::Package,
                "api/market/feed.md",
            ),
            (
                "{interface_snake}_client.py.j2",
                Each::Interface,
                "order_book_client.py",
            ),
            (
                "{package_path}/{item}.txt.j2",
                Each::Item,
                "market/feed/OrderBook.txt",
            ),
        ];
        for (template, each, path) in cases {
            let name = OutputName::parse(template).unwrap();
            assert_eq!(name.each, each, "{template}");
            assert_eq!(
                name.path("market.feed", "OrderBook"),
                Path::new(path),
                "{template}"
            );
        }
    }

    #[test]
    fn other_braces_are_refused() {
        for (template, why) in [
            ("{pakage}.md.j2", "unknown placeholder `{pakage}`"),
            ("{package.md.j2", "`{` without `}`"),
            ("package}.md.j2", "`}` without `{`"),
            ("{item}{interface}.md.j2", "both an interface and an item"),
            (".j2", "nothing but"),
        ] {
            let error = OutputName::parse(template).unwrap_err();
            assert!(error.contains(why), "{template}: {error}");
        }
    }
}
