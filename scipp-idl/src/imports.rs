//! Imports: what they bring into a file, and packages that import each other.

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::resolve::{FileId, ItemId, Names, twice};
use crate::source::Span;
use crate::syntax::{File, ImportKind, ItemKind, Name};
use crate::unknown::hint;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

#[derive(Default)]
pub(crate) struct Scope<'s> {
    pub(crate) packages: HashMap<&'s str, Imported>,
    pub(crate) items: HashMap<&'s str, Imported>,
    pub(crate) imports: Vec<ImportUse<'s>>,
}

/// What an import brought, and the index of its use.
#[derive(Clone, Copy)]
pub(crate) struct Imported {
    /// A file or an item; `None` if it is not there, which has been reported.
    pub(crate) target: Option<usize>,
    pub(crate) import: usize,
}

pub(crate) struct ImportUse<'s> {
    pub(crate) name: &'s str,
    pub(crate) span: Span,
    /// What goes with it: the name and a comma, or all of the import.
    removal: Span,
    pub(crate) used: bool,
}

impl<'a, 's> Names<'a, 's> {
    pub(crate) fn scope(
        &self,
        file: &'a File<'s>,
        by_package: &HashMap<&str, Option<FileId>>,
        diagnostics: &mut Diagnostics,
    ) -> Scope<'s> {
        let mut scope = Scope::default();
        let own = self.own.get(self.scopes.len());
        for import in &file.imports {
            let target = by_package.get(import.package.text).copied().flatten();
            match &import.kind {
                ImportKind::Package(alias) => {
                    let last = import.package.segments().last();
                    let Some(name) = alias.or(last) else { continue };
                    let removal = import.span;
                    let import = scope.imports.len();
                    scope.imports.push(ImportUse {
                        name: name.text,
                        span: name.span,
                        removal,
                        used: false,
                    });
                    let span = |other: &Imported| scope.imports.get(other.import).map(|it| it.span);
                    match scope.packages.entry(name.text) {
                        Entry::Vacant(place) => {
                            place.insert(Imported { target, import });
                        }
                        Entry::Occupied(first) => diagnostics.push(twice(name, span(first.get()))),
                    }
                }
                ImportKind::Items(items) => {
                    for (at, (name, alias)) in items.iter().enumerate() {
                        let removal = removal(import.span, items, at);
                        let here = alias.unwrap_or(*name);
                        let item = target.and_then(|file| self.imported(file, *name, diagnostics));
                        let import = scope.imports.len();
                        let used = item.is_none();
                        scope.imports.push(ImportUse {
                            name: here.text,
                            span: here.span,
                            removal,
                            used,
                        });
                        let first = scope
                            .items
                            .get(here.text)
                            .and_then(|other| scope.imports.get(other.import))
                            .map(|other| other.span);
                        let declared = own
                            .and_then(|own| own.get(here.text))
                            .and_then(|id| self.items.get(*id))
                            .map(|it| it.syntax.name.span);
                        if let Some(first) = first.or(declared) {
                            if let Some(import) = scope.imports.last_mut() {
                                import.used = true;
                            }
                            let diagnostic = twice(here, Some(first));
                            diagnostics.push(diagnostic.help("give it another name: `X as Y`"));
                            continue;
                        }
                        scope.items.insert(
                            here.text,
                            Imported {
                                target: item,
                                import,
                            },
                        );
                    }
                }
            }
        }
        scope
    }

    fn imported(
        &self,
        file: FileId,
        name: Name<'s>,
        diagnostics: &mut Diagnostics,
    ) -> Option<ItemId> {
        let table = self.own.get(file)?;
        let found = table.get(name.text).copied();
        if found.is_none() {
            let package = self.packages.get(file).copied().unwrap_or_default();
            let diagnostic = Diagnostic::new(
                code::UNKNOWN_NAME,
                format!("package `{package}` has no `{}`", name.text),
            )
            .at(name.span, "no such item");
            let diagnostic = hint(
                diagnostic,
                name.text,
                table.keys().copied().collect(),
                diagnostics,
            );
            diagnostics.push(diagnostic);
        }
        found
    }

    /// Packages must not import each other in a circle. Depth first, without recursion.
    pub(crate) fn import_circles(
        &self,
        by_package: &HashMap<&str, Option<FileId>>,
        diagnostics: &mut Diagnostics,
    ) {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            New,
            Open,
            Done,
        }
        let mut states = vec![State::New; self.files.len()];
        for start in 0..self.files.len() {
            if states.get(start) != Some(&State::New) {
                continue;
            }
            // The path from `start`: a file and the index of its next import.
            let mut path: Vec<(FileId, usize)> = vec![(start, 0)];
            if let Some(state) = states.get_mut(start) {
                *state = State::Open;
            }
            while let Some((file, next)) = path.last_mut() {
                let file = *file;
                let import = self.files.get(file).and_then(|it| it.imports.get(*next));
                *next += 1;
                let Some(import) = import else {
                    path.pop();
                    if let Some(state) = states.get_mut(file) {
                        *state = State::Done;
                    }
                    continue;
                };
                let Some(target) = by_package.get(import.package.text).copied().flatten() else {
                    continue;
                };
                match states.get(target).copied() {
                    Some(State::New) => {
                        if let Some(state) = states.get_mut(target) {
                            *state = State::Open;
                        }
                        path.push((target, 0));
                    }
                    Some(State::Open) => {
                        let from = path.iter().position(|(it, _)| *it == target).unwrap_or(0);
                        let circle = path.get(from..).unwrap_or_default();
                        diagnostics.push(self.circle(circle, import.package.span));
                    }
                    _ => {}
                }
            }
        }
    }

    fn circle(&self, path: &[(FileId, usize)], closing: Span) -> Diagnostic {
        let name = |file: FileId| self.packages.get(file).copied().unwrap_or_default();
        let first = path.first().map_or("", |(file, _)| name(*file));
        let mut names: Vec<&str> = path.iter().map(|(file, _)| name(*file)).collect();
        names.push(first);
        let mut diagnostic = Diagnostic::new(
            code::IMPORT_CIRCLE,
            format!(
                "packages import each other in a circle: {}",
                names.join(" -> ")
            ),
        )
        .at(closing, "this import closes the circle");
        let (_, others) = path.split_last().unwrap_or((&(0, 0), &[]));
        for (file, next) in others {
            let imports = self.files.get(*file).map(|file| &file.imports);
            if let Some(import) = imports.and_then(|imports| imports.get(next.wrapping_sub(1))) {
                diagnostic = diagnostic.with(
                    import.package.span,
                    format!("`{}` imports it here", name(*file)),
                );
            }
        }
        diagnostic.help("move what both need into a package of its own")
    }

    /// Imports that nothing used, in the order of files and text.
    pub(crate) fn unused_imports(&self, diagnostics: &mut Diagnostics) {
        for (file, scope) in self.files.iter().zip(&self.scopes) {
            // What is left of a broken item may have used any of them.
            if file
                .items
                .iter()
                .any(|item| matches!(item.kind, ItemKind::Broken))
            {
                continue;
            }
            for import in scope.imports.iter().filter(|import| !import.used) {
                diagnostics.push(
                    Diagnostic::new(
                        code::UNUSED_IMPORT,
                        format!("`{}` is imported but not used", import.name),
                    )
                    .at(import.span, "nothing in this file uses it")
                    .help("remove it")
                    .fix(import.removal, ""),
                );
            }
        }
    }
}

/// What to take out of the list of an import to be rid of one name.
fn removal(import: Span, items: &[(Name<'_>, Option<Name<'_>>)], at: usize) -> Span {
    let start = |at: usize| items.get(at).map(|(name, _)| name.span);
    let end = |at: usize| {
        items
            .get(at)
            .map(|(name, alias)| alias.unwrap_or(*name).span)
    };
    let before = at.checked_sub(1).and_then(end);
    match (start(at), end(at), start(at + 1), before) {
        (Some(own), _, Some(next), _) => own.before().to(next.before()),
        (_, Some(own), None, Some(before)) => before.after().to(own),
        _ => import,
    }
}
