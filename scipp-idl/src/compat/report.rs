//! Changes as text in rustc's look, with the places in both versions, and as JSON.

use super::change::{Breaks, Change, Target, Verdict};
use crate::diagnostic::visible;
use crate::limits;
use crate::source::{Sources, Span};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

/// The texts of the two versions, for rendering.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'a> {
    /// Those of the old version.
    pub old: &'a Sources,
    /// Those of the new version.
    pub new: &'a Sources,
}

/// A change as text, without a line end; with colours as ANSI escapes. It is an error if it breaks one of the targets
/// `failing`, a warning if it is not compatible with one of `targets`, otherwise a note.
pub fn render(
    change: &Change,
    versions: Versions<'_>,
    targets: &[Target],
    failing: &[Target],
    color: bool,
) -> String {
    let level = match (change.worst(failing), change.worst(targets)) {
        (Verdict::Breaking, _) => Level::ERROR,
        (_, Verdict::Compatible) => Level::NOTE,
        _ => Level::WARNING,
    };
    let title = level
        .primary_title(visible(&change.message))
        .id(change.rule.id);
    let mut group = Group::with_title(title);
    if let Some((span, text)) = &change.old {
        group = group.elements(snippet(versions.old, *span, text, "old"));
    }
    if let Some((span, text)) = &change.new {
        group = group.elements(snippet(versions.new, *span, text, "new"));
    }
    for line in verdicts(change, targets) {
        group = group.element(Level::NOTE.message(line));
    }
    if !change.uses.is_empty() && change.touches_bytes {
        group = group.element(Level::NOTE.message(visible(&uses(change))));
    }
    if change.worst(targets) != Verdict::Compatible {
        group = group.element(Level::NOTE.message(change.rule.why));
        group = group.element(Level::HELP.message(change.rule.mend));
    }
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.render(&[group])
}

/// A change as JSON: `rule`, `item`, `message`, `verdicts` by target, `breaks` for `wire` and `stock`, `uses`, `old` and
/// `new` with file, bytes, lines and columns from 1, `why`, `help`.
pub fn to_json(change: &Change, versions: Versions<'_>, targets: &[Target]) -> Value {
    let verdicts: serde_json::Map<String, Value> = targets
        .iter()
        .map(|target| {
            (
                target.name().to_owned(),
                json!(change.verdict(*target).name()),
            )
        })
        .collect();
    let breaks = |it: Breaks| {
        json!({
            "old_callers": it.old_callers,
            "new_callers": it.new_callers,
            "new_callers_that_use_it": it.new_callers_that_use_it,
            "stored_values": it.stored,
            "old_readers": it.old_readers,
        })
    };
    let place = |sources: &Sources, place: &Option<(Span, String)>| {
        let (span, text) = place.as_ref()?;
        let source = sources.get(span.source)?;
        let ((line, column), (end_line, end_column)) =
            (source.position(span.start), source.position(span.end));
        Some(json!({
            "file": source.name(),
            "start": span.start,
            "end": span.end,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "text": text,
        }))
    };
    json!({
        "rule": change.rule.id,
        "item": change.item,
        "message": change.message,
        "verdicts": verdicts,
        "breaks": { "wire": breaks(change.wire), "stock": breaks(change.stock) },
        "uses": change.uses.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "uses_total": change.uses_total,
        "old": place(versions.old, &change.old),
        "new": place(versions.new, &change.new),
        "why": change.rule.why,
        "help": change.rule.mend,
    })
}

/// One line for each verdict that is not `compatible`, targets of one kind together.
fn verdicts(change: &Change, targets: &[Target]) -> Vec<String> {
    let mut lines = Vec::new();
    let bytes = |target: Target, breaks: Breaks| {
        let mut line = format!("{target}: {}", change.verdict(target).name());
        if breaks.any() {
            line.push_str(&format!(": breaks {}", breaks.who().join(", ")));
        }
        if breaks.new_callers_that_use_it {
            line.push_str("; new callers that use it need a new callee");
        }
        line
    };
    let has = |target: Target| targets.contains(&target);
    let same = change.wire == change.stock;
    if has(Target::Wire) && has(Target::Stock) && same {
        let line = bytes(Target::Wire, change.wire);
        lines.push(line.replacen("wire", "wire and stock", 1));
    } else {
        if has(Target::Wire) {
            lines.push(bytes(Target::Wire, change.wire));
        }
        if has(Target::Stock) {
            lines.push(bytes(Target::Stock, change.stock));
        }
    }
    if !change.touches_bytes {
        lines.clear();
    }
    for verdict in [Verdict::Breaking, Verdict::Caution] {
        let names: Vec<&str> = targets
            .iter()
            .filter(|target| !matches!(target, Target::Wire | Target::Stock))
            .filter(|target| change.verdict(**target) == verdict)
            .map(|target| target.name())
            .collect();
        if !names.is_empty() {
            lines.push(format!(
                "sources: {} for {}",
                verdict.name(),
                names.join(", ")
            ));
        }
    }
    lines
}

fn uses(change: &Change) -> String {
    let direction = match (change.to_callee, change.to_caller) {
        (true, true) => "both ways",
        (true, false) => "from callers to callees",
        _ => "from callees to callers",
    };
    let list: Vec<String> = change.uses.iter().map(ToString::to_string).collect();
    let more = change.uses_total.saturating_sub(list.len());
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    format!("travels {direction}: {}{more}", list.join(", "))
}

fn snippet<'a>(
    sources: &'a Sources,
    span: Span,
    text: &str,
    version: &str,
) -> Option<Snippet<'a, Annotation<'a>>> {
    let source = sources.get(span.source)?;
    let first = source.line_range(source.line_of(span.start));
    // A name stands on one line; of absurdly long ones only the beginning is shown.
    let end = source
        .text()
        .floor_char_boundary((first.start + limits::EXCERPT_BYTES_MAX).min(first.end));
    let excerpt = source.text().get(first.start..end)?.replace('\r', " ");
    let start = (span.start as usize).clamp(first.start, end) - first.start;
    let stop = (span.end as usize).clamp(first.start, end) - first.start;
    let kind = if version == "new" {
        AnnotationKind::Primary
    } else {
        AnnotationKind::Context
    };
    let label = if text.is_empty() {
        version.to_owned()
    } else {
        format!("{version}: {text}")
    };
    Some(
        Snippet::source(excerpt)
            .path(visible(source.name()))
            .line_start(source.line_of(span.start) + 1)
            .annotation(kind.span(start..stop.max(start)).label(visible(&label))),
    )
}
