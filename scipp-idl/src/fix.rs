//! Mends what has exactly one right answer: applies the changes that diagnostics carry, and checks again, until nothing
//! is left to mend.
//!
//! Only inputs are changed, never what they import. What comes out never has more errors than what went in: a change
//! may show mistakes that were hidden behind another, and then the best of the rounds is taken.

use crate::diagnostic::{Diagnostic, Edit};
use crate::limits;
use crate::load::{Input, Options};
use crate::source::{Source, SourceId, Sources};
use crate::{Checked, check};
use std::collections::BTreeMap;
use std::path::Path;

/// What fixing came to.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The run over the texts as they are now.
    pub checked: Checked,
    /// The texts of inputs that have changed, by their ids in [`before`](Self::before).
    pub texts: Vec<(SourceId, String)>,
    /// The sources as they were.
    pub before: Sources,
    /// How many diagnostics were mended.
    pub mended: usize,
}

/// Checks the inputs and mends them in memory. Writes nothing.
pub fn fix(inputs: &[Input], options: &Options) -> Fixed {
    let first = check(inputs, options);
    let before = first.sources.clone();
    let errors = first.diagnostics.errors();
    let mut best = Round {
        checked: first,
        texts: BTreeMap::new(),
        mended: 0,
    };
    let mut last = None;
    for _ in 0..limits::FIX_ROUNDS_MAX {
        let Some(next) = last.as_ref().unwrap_or(&best).next(inputs, options) else {
            break;
        };
        let is_better = next.checked.diagnostics.errors() <= best.checked.diagnostics.errors();
        if is_better && next.checked.diagnostics.errors() <= errors {
            best = next;
            last = None;
        } else {
            last = Some(next);
        }
    }
    let changed = |(id, source): (SourceId, &Source)| {
        let text = best.texts.get(source.name())?;
        (text != source.text()).then(|| (id, text.clone()))
    };
    let texts: Vec<_> = before.iter().filter_map(changed).collect();
    Fixed {
        checked: best.checked,
        texts,
        before,
        mended: best.mended,
    }
}

struct Round {
    checked: Checked,
    /// By the name of a source.
    texts: BTreeMap<String, String>,
    mended: usize,
}

impl Round {
    /// Mends what can be mended at once, and checks again; `None` if there is nothing.
    fn next(&self, inputs: &[Input], options: &Options) -> Option<Self> {
        let sources = &self.checked.sources;
        let (edits, mended) = chosen(&self.checked, inputs);
        if edits.is_empty() {
            return None;
        }
        let mut texts = self.texts.clone();
        for (id, edits) in edits {
            let source = sources.get(id)?;
            texts.insert(source.name().to_owned(), apply(source.text(), &edits));
        }
        let mut options = options.clone();
        let mut inputs = inputs.to_vec();
        for (_, source) in sources.iter() {
            if let (Some(path), Some(text)) = (source.path(), texts.get(source.name())) {
                options.overlay.insert(path.to_path_buf(), text.clone());
            }
        }
        for input in &mut inputs {
            if let Input::Text { name, text } = input
                && let Some(new) = texts.get(name)
            {
                text.clone_from(new);
            }
        }
        Some(Self {
            checked: check(&inputs, &options),
            texts,
            mended: self.mended + mended,
        })
    }
}

/// The edits of the first diagnostics that do not touch each other, by source and in order, and of how many.
fn chosen(checked: &Checked, inputs: &[Input]) -> (BTreeMap<SourceId, Vec<Edit>>, usize) {
    let mut chosen: BTreeMap<SourceId, Vec<Edit>> = BTreeMap::new();
    let mut places: BTreeMap<SourceId, BTreeMap<u32, u32>> = BTreeMap::new();
    let mut mended = 0;
    let fixes = checked.diagnostics.iter().filter(|it| !it.fix.is_empty());
    for diagnostic in fixes {
        let Some(id) = only_source(diagnostic) else {
            continue;
        };
        let is_ours = checked
            .sources
            .get(id)
            .is_some_and(|source| is_input(source, inputs));
        let taken = places.entry(id).or_default();
        // Those that are taken do not overlap, so that only the neighbours of an edit can touch it.
        let touches = |edit: &Edit| {
            let (start, end) = (edit.span.start, edit.span.end);
            let before = taken.range(..=start).next_back();
            let behind = taken.range(start.saturating_add(1)..).next();
            before.is_some_and(|(from, to)| *from == start || *to > start)
                || behind.is_some_and(|(from, _)| *from < end)
        };
        if is_ours && !diagnostic.fix.iter().any(touches) {
            taken.extend(
                diagnostic
                    .fix
                    .iter()
                    .map(|edit| (edit.span.start, edit.span.end)),
            );
            let edits = chosen.entry(id).or_default();
            edits.extend(diagnostic.fix.iter().cloned());
            mended += 1;
        }
    }
    for edits in chosen.values_mut() {
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    }
    (chosen, mended)
}

fn only_source(diagnostic: &Diagnostic) -> Option<SourceId> {
    let id = diagnostic.fix.first()?.span.source;
    let alike = diagnostic.fix.iter().all(|edit| edit.span.source == id);
    alike.then_some(id)
}

/// Whether a source was given, not imported.
fn is_input(source: &Source, inputs: &[Input]) -> bool {
    let is = |path: &Path, input: &Input| match input {
        Input::File(given) => path == given,
        Input::Folder(given) => path.starts_with(given),
        Input::Text { .. } => false,
    };
    inputs.iter().any(|input| match (source.path(), input) {
        (Some(path), input) => is(path, input),
        (None, Input::Text { name, .. }) => name == source.name(),
        (None, _) => false,
    })
}

/// The text with all edits made. They are in order and do not overlap.
fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in edits {
        let (mut start, mut end) = (edit.span.start as usize, edit.span.end as usize);
        if edit.text.is_empty() {
            (start, end) = widened(text, start, end);
        }
        let start = start.max(at);
        out.push_str(text.get(at..start).unwrap_or_default());
        out.push_str(&edit.text);
        at = end.max(start);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// What else goes with something that is taken out: its whole line if nothing else is on it, else the blanks on one side.
fn widened(text: &str, start: usize, end: usize) -> (usize, usize) {
    let before = text.get(..start).unwrap_or_default();
    let behind = text.get(end..).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let lead = before.trim_end_matches([' ', '\t']).len();
    let rest = behind.trim_start_matches([' ', '\t']);
    let blanks = behind.len() - rest.len();
    let ends_line = rest.is_empty() || rest.starts_with(['\n', '\r']);
    if lead <= line && ends_line {
        let line_end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        return (line, end + blanks + line_end);
    }
    if lead > line
        && (ends_line || rest.starts_with([',', ';', ')', '>', '}']))
        && !rest.starts_with('}')
    {
        return (lead, end);
    }
    (start, end + blanks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn removed(text: &str, what: &str) -> String {
        let start = text.find(what).unwrap();
        let span = Span::new(SourceId(0), start, start + what.len());
        let text_of = String::new();
        apply(
            text,
            &[Edit {
                span,
                text: text_of,
            }],
        )
    }

    #[test]
    fn what_is_taken_out_leaves_no_hole() {
        assert_eq!(removed("a\n  x\nb\n", "x"), "a\nb\n");
        assert_eq!(removed("a x, b", "x"), "a, b");
        assert_eq!(removed("x a", "x"), "a");
        assert_eq!(removed("a x b", "x"), "a b");
        assert_eq!(removed("a x\nb", "x"), "a\nb");
        assert_eq!(removed("{ x }", "x"), "{ }");
        assert_eq!(removed("x", "x"), "");
    }
}
