//! Names that are not there: what to tell, and what may have been meant.

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits;
use crate::resolve::{FileId, Names};
use crate::scalars::{SCALARS, usual_type};
use crate::suggest;
use crate::syntax::Name;

/// A name that is not there.
pub(crate) struct Unknown<'s> {
    pub(crate) file: FileId,
    pub(crate) name: Name<'s>,
    pub(crate) kind: UnknownKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnknownKind {
    Item,
    Package,
    In(FileId),
    LongPath,
}

impl<'s> Names<'_, 's> {
    /// What to tell about a name that is not there.
    pub(crate) fn explain(&self, unknown: &Unknown<'s>, diagnostics: &Diagnostics) -> Diagnostic {
        let name = unknown.name;
        let text = name.text;
        let new = |message: String| Diagnostic::new(code::UNKNOWN_NAME, message);
        let hint =
            |diagnostic, candidates: Vec<&str>| hint(diagnostic, text, candidates, diagnostics);
        let keys = |file: FileId| {
            self.own
                .get(file)
                .into_iter()
                .flat_map(|own| own.keys().copied())
        };
        match unknown.kind {
            UnknownKind::Item => {
                let diagnostic = new(format!("no type or item `{text}`"))
                    .at(name.span, "neither declared nor imported here");
                if let Some(other) = usual_type(text) {
                    let diagnostic = diagnostic.help(suggest::did_you_mean(other));
                    // An `int` may be an i32 or an i64, a `float` an f32: that is not for us to say.
                    return if matches!(other, "str" | "bool" | "nil" | "list" | "map" | "bytes") {
                        diagnostic.fix(name.span, other)
                    } else {
                        diagnostic
                    };
                }
                if matches!(
                    text,
                    "Option" | "Optional" | "Maybe" | "optional" | "Nullable"
                ) {
                    return diagnostic.help("what may be nil is written `T?`");
                }
                if matches!(
                    text,
                    "stream" | "Stream" | "AsyncIterator" | "Iterator" | "Observable"
                ) {
                    return diagnostic
                        .help("an endpoint says that it streams: `gen all() yields T;`");
                }
                if matches!(text, "Result" | "Promise" | "Future" | "Either") {
                    return diagnostic.help(
                        "an endpoint says its result and its errors: `-> Quote raises Unknown`",
                    );
                }
                let scalars = SCALARS.iter().map(|(name, _)| *name).chain(["list", "map"]);
                let imported = self
                    .scopes
                    .get(unknown.file)
                    .into_iter()
                    .flat_map(|it| it.items.keys().copied());
                let own: Vec<&str> = keys(unknown.file).chain(imported).chain(scalars).collect();
                match self.elsewhere(text) {
                    Some(package) => {
                        diagnostic.help(format!("import it: `use {package}.{{{text}}};`"))
                    }
                    None => hint(diagnostic, own),
                }
            }
            UnknownKind::Package => {
                let diagnostic = new(format!("no package `{text}` is imported"))
                    .at(name.span, "no `use` brings it");
                let scope = self.scopes.get(unknown.file);
                let packages = scope.into_iter().flat_map(|it| it.packages.keys().copied());
                hint(diagnostic, packages.collect())
            }
            UnknownKind::In(file) => {
                let package = self.packages.get(file).copied().unwrap_or_default();
                let diagnostic = new(format!("package `{package}` has no `{text}`"))
                    .at(name.span, "no such item");
                hint(diagnostic, keys(file).collect())
            }
            UnknownKind::LongPath => {
                let (package, item) = text.rsplit_once('.').unwrap_or(("", text));
                let last = package.rsplit('.').next().unwrap_or(package);
                new(format!("`{text}` is too long a path"))
                    .at(name.span, "at most one package and one name")
                    .help(format!("write `use {package};` and then `{last}.{item}`"))
            }
        }
    }

    fn elsewhere(&self, text: &str) -> Option<&'s str> {
        let mut found: Vec<&str> = (0..self.files.len())
            .filter(|file| {
                self.own
                    .get(*file)
                    .is_some_and(|own| own.contains_key(text))
            })
            .filter_map(|file| self.packages.get(file).copied())
            .collect();
        found.sort_unstable();
        found.first().copied()
    }
}

/// Adds "did you mean", unless so much is wrong already that comparing names would take too long.
pub(crate) fn hint(
    diagnostic: Diagnostic,
    name: &str,
    mut candidates: Vec<&str>,
    diagnostics: &Diagnostics,
) -> Diagnostic {
    if diagnostics.len() >= limits::SUGGESTIONS_MAX {
        return diagnostic;
    }
    candidates.sort_unstable();
    match suggest::nearest(name, candidates) {
        Some(near) => diagnostic.help(suggest::did_you_mean(near)),
        None => diagnostic,
    }
}
