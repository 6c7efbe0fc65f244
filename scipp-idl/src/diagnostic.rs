//! What a user is told: a code, a message, places in the text, and what to do.
//!
//! The words are ordered alike everywhere: the message says what is wrong, the label at the underlined text what
//! came, notes what was expected and why, help what to do.

use crate::allow::Allows;
use crate::code::{self, Code};
use crate::level::{Levels, Taken};
use crate::limits;
use crate::source::{SourceId, Sources, Span};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::BTreeMap;
use std::ops::Range;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The schema cannot be used.
    Error,
    /// It can.
    Warning,
}

/// A place and what there is to say about it. The text may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What stands there.
    pub text: String,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind of mistake.
    pub code: Code,
    /// How bad it is; follows from the code.
    pub severity: Severity,
    /// One sentence without a full stop.
    pub message: String,
    /// Where; `None` for what is in no text, such as an input file that does not exist.
    pub primary: Option<Label>,
    /// Other places that belong to it.
    pub secondary: Vec<Label>,
    /// What to do, each a sentence.
    pub help: Vec<String>,
    /// Why, each a sentence.
    pub notes: Vec<String>,
    /// What to change where there is exactly one right answer; all of it or nothing.
    pub fix: Vec<Edit>,
}

/// A change of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

impl Diagnostic {
    /// A mistake at no place.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: if code.is_error() {
                Severity::Error
            } else {
                Severity::Warning
            },
            message: message.into(),
            primary: None,
            secondary: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
            fix: Vec::new(),
        }
    }

    /// Says where it is and what stands there.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn with(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds why.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds a change that mends it.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix.push(Edit {
            span,
            text: text.into(),
        });
        self
    }
}

/// The diagnostics of a run: at most [`limits::DIAGNOSTICS_MAX`], sorted by source and position.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    errors: usize,
    /// How many of the list are warnings.
    warnings: usize,
    left_out: usize,
    /// How many of the errors are warnings that the run denies.
    denied: usize,
    levels: Box<Levels>,
    allows: Box<Allows>,
}

impl Diagnostics {
    /// None yet, for a run that takes warnings so.
    pub fn with_levels(levels: Levels) -> Self {
        Self {
            levels: Box::new(levels),
            ..Self::default()
        }
    }

    /// Adds one, unless it is a warning that is allowed. Beyond the limit it is only counted, and errors take the place
    /// of warnings.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        if diagnostic.severity == Severity::Warning {
            if self.allows.cover(&diagnostic) {
                return;
            }
            match self.levels.of(diagnostic.code) {
                Taken::Allow => return,
                Taken::Deny(by) => {
                    diagnostic.severity = Severity::Error;
                    let note = format!("a warning that is an error by `--deny {by}`");
                    diagnostic.notes.push(note);
                    self.denied += 1;
                }
                Taken::Warn => {}
            }
        }
        let is_error = diagnostic.severity == Severity::Error;
        self.errors += usize::from(is_error);
        if self.list.len() < limits::DIAGNOSTICS_MAX {
            self.list.push(diagnostic);
            self.warnings += usize::from(!is_error);
            return;
        }
        self.left_out += 1;
        if !is_error || self.warnings == 0 {
            return;
        }
        let warning = self
            .list
            .iter_mut()
            .rev()
            .find(|kept| kept.severity == Severity::Warning);
        if let Some(place) = warning {
            *place = diagnostic;
            self.warnings -= 1;
        }
    }

    /// Whether the schema is broken: it has errors that are not only denied warnings.
    pub(crate) fn is_broken(&self) -> bool {
        self.errors > self.denied
    }

    /// Takes over what the sources allow, also for what was said before.
    pub(crate) fn allow(&mut self, allows: Allows) {
        *self.allows = allows;
        self.warnings = 0;
        for diagnostic in std::mem::take(&mut self.list) {
            let is_error = diagnostic.severity == Severity::Error;
            let is_denied = is_error && !diagnostic.code.is_error();
            let is_allowed = !diagnostic.code.is_error() && self.allows.cover(&diagnostic);
            self.errors -= usize::from(is_error && is_allowed);
            self.denied -= usize::from(is_denied && is_allowed);
            if !is_allowed {
                self.warnings += usize::from(!is_error);
                self.list.push(diagnostic);
            }
        }
    }

    /// Reports what is allowed for nothing.
    pub(crate) fn unused_allows(&mut self) {
        for unused in self.allows.unused() {
            self.push(unused);
        }
    }

    /// Whether another error would only be counted, so that there is no need to word it.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= limits::DIAGNOSTICS_MAX && self.warnings == 0
    }

    /// Counts an error that is not worded.
    pub(crate) fn count_error(&mut self) {
        self.errors += 1;
        self.left_out += 1;
    }

    /// Whether the run failed.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many errors there were, those that were not kept included.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// How many diagnostics were not kept.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are to show.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Those that were kept; in order after [`sort`](Self::sort).
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Says how many were not kept, if any, and sorts.
    pub(crate) fn finish(&mut self) {
        self.sort();
        if self.left_out > 0 {
            let message = format!("{} more mistakes are not shown", self.left_out);
            self.list
                .push(Diagnostic::new(code::TOO_MANY_DIAGNOSTICS, message));
        }
    }

    /// Takes over those of another run or phase.
    pub fn append(&mut self, other: Diagnostics) {
        let unseen_errors = other.errors
            - other
                .iter()
                .filter(|d| d.severity == Severity::Error)
                .count();
        self.left_out += other.left_out;
        self.errors += unseen_errors;
        other
            .list
            .into_iter()
            .for_each(|diagnostic| self.push(diagnostic));
    }

    /// Sorts by source and position; what has no place comes first. Keeps the order of equals.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|diagnostic| {
            diagnostic
                .primary
                .as_ref()
                .map(|label| (label.span.source, label.span.start))
        });
    }

    /// All of them as text, with a blank line between, in rustc's look.
    pub fn render(&self, sources: &Sources, color: bool) -> String {
        let parts: Vec<String> = self.iter().map(|it| render(it, sources, color)).collect();
        let mut text = parts.join("\n\n");
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A diagnostic as text in rustc's look, without a line end; with colours as ANSI escapes.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(visible(&diagnostic.message))
        .id(diagnostic.code.id);
    let mut group = Group::with_title(title).elements(snippets(diagnostic, sources));
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(visible(note)));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.render(&[group])
}

/// A diagnostic as JSON: `code`, `severity`, `message`, `labels` (the first is the primary one, if
/// `primary` says so) with file, bytes, lines and columns from 1, `help`, `notes`, and `fix`: the changes that mend it,
/// each with its place and the text that comes there.
pub fn to_json(diagnostic: &Diagnostic, sources: &Sources) -> serde_json::Value {
    let label = |primary: bool, label: &Label| {
        let source = sources.get(label.span.source);
        let position = |offset| source.map_or((0, 0), |source| source.position(offset));
        let (line, column) = position(label.span.start);
        let (end_line, end_column) = position(label.span.end);
        serde_json::json!({
            "primary": primary,
            "file": source.map(|source| source.name()),
            "start": label.span.start,
            "end": label.span.end,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "text": label.text,
        })
    };
    let edit = |edit: &Edit| {
        let source = sources.get(edit.span.source);
        let position = |offset| source.map_or((0, 0), |source| source.position(offset));
        let (line, column) = position(edit.span.start);
        let (end_line, end_column) = position(edit.span.end);
        serde_json::json!({
            "file": source.map(|source| source.name()),
            "start": edit.span.start,
            "end": edit.span.end,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "text": edit.text,
        })
    };
    let primary = diagnostic.primary.iter().map(|it| label(true, it));
    let labels: Vec<_> = primary
        .chain(diagnostic.secondary.iter().map(|it| label(false, it)))
        .collect();
    serde_json::json!({
        "code": diagnostic.code.id,
        "severity": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": diagnostic.message,
        "labels": labels,
        "help": diagnostic.help,
        "notes": diagnostic.notes,
        "fix": diagnostic.fix.iter().map(edit).collect::<Vec<_>>(),
    })
}

/// One snippet per source, that of the primary label first.
fn snippets<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a Sources,
) -> Vec<Snippet<'a, Annotation<'a>>> {
    let mut by_source: BTreeMap<SourceId, Vec<(AnnotationKind, &Label)>> = BTreeMap::new();
    let primary = diagnostic
        .primary
        .iter()
        .map(|label| (AnnotationKind::Primary, label));
    let secondary = diagnostic
        .secondary
        .iter()
        .map(|label| (AnnotationKind::Context, label));
    for (kind, label) in primary.chain(secondary) {
        by_source
            .entry(label.span.source)
            .or_default()
            .push((kind, label));
    }
    let first = diagnostic.primary.as_ref().map(|label| label.span.source);
    let mut groups: Vec<_> = by_source.into_iter().collect();
    groups.sort_by_key(|(id, _)| Some(*id) != first);
    groups
        .into_iter()
        .filter_map(|(id, labels)| snippet(sources, id, &labels))
        .collect()
}

/// The lines around the labels, cut where they are absurdly long: rendering takes time for each byte of the text
/// that it is given.
fn snippet<'a>(
    sources: &'a Sources,
    id: SourceId,
    labels: &[(AnnotationKind, &'a Label)],
) -> Option<Snippet<'a, Annotation<'a>>> {
    let source = sources.get(id)?;
    let first = labels.iter().map(|(_, label)| label.span.start).min()?;
    let last = labels
        .iter()
        .map(|(_, label)| label.span.end.max(label.span.start))
        .max()?;
    let first_line = source.line_of(first);
    let whole = source.line_range(first_line).start..source.line_range(source.line_of(last)).end;
    let text = source.text();
    let window = if whole.len() <= limits::EXCERPT_BYTES_MAX * 16 {
        whole
    } else {
        let primary = labels
            .iter()
            .find(|(kind, _)| *kind == AnnotationKind::Primary);
        let center = primary.map_or(first, |(_, label)| label.span.start) as usize;
        excerpt(text, center, &whole)
    };
    let line_start = source.line_of(u32::try_from(window.start).unwrap_or(u32::MAX)) + 1;
    // As long as they were, so that the places stay right.
    let excerpt = text.get(window.clone())?.replace('\r', " ");
    let annotations = labels.iter().filter_map(|(kind, label)| {
        let start = (label.span.start as usize).max(window.start);
        let end = (label.span.end as usize).min(window.end).max(start);
        (start <= window.end).then(|| {
            let annotation = kind.span(start - window.start..end - window.start);
            if label.text.is_empty() {
                annotation
            } else {
                annotation.label(visible(&label.text))
            }
        })
    });
    Some(
        Snippet::source(excerpt)
            .path(visible(source.name()))
            .line_start(line_start)
            .annotations(annotations),
    )
}

/// [`limits::EXCERPT_BYTES_MAX`] bytes around a place, on character boundaries.
fn excerpt(text: &str, center: usize, whole: &Range<usize>) -> Range<usize> {
    let half = limits::EXCERPT_BYTES_MAX / 2;
    let start = text.floor_char_boundary(center.saturating_sub(half).max(whole.start));
    let end = text.ceil_char_boundary((center + half).min(whole.end));
    start..end
}

/// Text from a file or the disk, with control characters made visible, so that it cannot steer a terminal.
pub(crate) fn visible(text: &str) -> String {
    let hidden = |c: char| c.is_control() || crate::scan::is_text_direction(c);
    if !text.contains(hidden) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hidden(c) {
            out.extend(c.escape_unicode())
        } else {
            out.push(c)
        }
    }
    out
}
