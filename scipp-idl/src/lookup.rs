//! Where an imported package lies: below which of the source roots.

use crate::code;
use crate::diagnostic::Diagnostic;
use crate::disk::{absolute, package_path, same_file};
use crate::load::Loader;
use crate::source::Span;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

impl Loader<'_> {
    pub(crate) fn find(
        &mut self,
        package: &str,
        span: Span,
        own_root: Option<&Path>,
        missing: &mut HashSet<String>,
    ) -> Option<(PathBuf, PathBuf)> {
        let relative = package_path(package);
        let mut roots: Vec<PathBuf> = Vec::new();
        for root in self
            .given
            .iter()
            .map(PathBuf::as_path)
            .chain(own_root)
            .chain(self.derived.iter().map(PathBuf::as_path))
        {
            if !roots.iter().any(|known| absolute(known) == absolute(root)) {
                roots.push(root.to_path_buf());
            }
        }
        let exists = |path: &Path| {
            self.overlay.contains_key(&absolute(path)) || path.symlink_metadata().is_ok()
        };
        let mut found: Vec<(PathBuf, PathBuf)> = Vec::new();
        for root in &roots {
            let path = root.join(&relative);
            if !exists(&path) {
                self.loaded.absent.push(path);
            } else if !found.iter().any(|(other, _)| same_file(other, &path)) {
                found.push((path, root.clone()));
            }
        }
        let mut found = found.into_iter();
        let first = found.next();
        let second = found.next();
        match (first, second) {
            (None, _) => {
                missing.insert(package.to_owned());
                self.not_found(package, span, &roots);
                None
            }
            (Some(first), None) => Some(first),
            (Some(first), Some(second)) => {
                let diagnostic = Diagnostic::new(
                    code::AMBIGUOUS_PACKAGE,
                    format!("package `{package}` is found below two source roots"),
                )
                .at(span, "imported here")
                .note(format!("found {}", first.0.display()))
                .note(format!("and {}", second.0.display()))
                .help("keep one of them");
                self.diagnostics.push(diagnostic);
                Some(first)
            }
        }
    }

    fn not_found(&mut self, package: &str, span: Span, roots: &[PathBuf]) {
        let relative = package_path(package);
        let mut diagnostic =
            Diagnostic::new(code::UNKNOWN_PACKAGE, format!("no package `{package}`")).at(
                span,
                format!("there is no {} below a source root", relative.display()),
            );
        for root in roots.iter().take(8) {
            diagnostic = diagnostic.note(format!("looked for {}", root.join(&relative).display()));
        }
        let (front, last) = package.rsplit_once('.').unwrap_or(("", package));
        diagnostic = if last.starts_with(|c: char| c.is_ascii_uppercase()) && !front.is_empty() {
            diagnostic.help(format!(
                "to import one name, write `use {front}.{{{last}}};`"
            ))
        } else if let Some(near) = self.near_package(package, roots) {
            diagnostic.help(crate::suggest::did_you_mean(&near))
        } else {
            diagnostic.help("give the folder that holds it with `-I`")
        };
        self.diagnostics.push(diagnostic);
    }

    /// A package of a similar name, among those that were read and the neighbours of where it should be.
    fn near_package(&self, package: &str, roots: &[PathBuf]) -> Option<String> {
        let (front, _) = package.rsplit_once('.').unwrap_or(("", package));
        let mut names: Vec<String> = self.loaded.packages.keys().cloned().collect();
        for root in roots {
            let folder = if front.is_empty() {
                root.clone()
            } else {
                root.join(front.replace('.', "/"))
            };
            for entry in std::fs::read_dir(folder)
                .into_iter()
                .flatten()
                .flatten()
                .take(1_000)
            {
                let path = entry.path();
                if path
                    .extension()
                    .is_some_and(|extension| extension == "scipp")
                    && let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
                {
                    names.push(if front.is_empty() {
                        stem.to_owned()
                    } else {
                        format!("{front}.{stem}")
                    });
                }
            }
        }
        names.sort_unstable();
        crate::suggest::nearest(package, names.iter().map(String::as_str)).map(str::to_owned)
    }
}
