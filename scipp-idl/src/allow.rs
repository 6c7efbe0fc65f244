//! `@allow(W0003, "reason")`: which warnings a source allows, and where.
//!
//! An allowance holds for the thing that it stands on and everything inside: a parameter, an endpoint, an item, a
//! package. So allowances of one depth never overlap, and one is found by the place of a warning without looking at
//! the others. What is marked `@deprecated` may use what is deprecated.

use crate::code;
use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span};
use crate::syntax::{ArgumentKind, Body, ExtBody, File, Item, ItemKind, Opt, Value, ValueKind};
use std::collections::HashMap;

/// What the sources of a run allow.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allows {
    /// By code and source: for each depth, in the order of the text.
    by_code: HashMap<(&'static str, SourceId), [Vec<Allow>; DEPTHS]>,
}

/// Package, item, part of an item, parameter or example of an endpoint.
const DEPTHS: usize = 4;

#[derive(Debug, Clone)]
struct Allow {
    covers: Span,
    /// The code in the option, for one that allows nothing; `None` if nobody asks whether it was needed.
    named: Option<Span>,
    used: bool,
}

impl Allows {
    /// Collects them. What is wrong with an option is reported where options are checked.
    pub(crate) fn of(files: &[File<'_>]) -> Self {
        let mut allows = Self::default();
        for file in files {
            let everything = Span {
                source: file.source,
                start: 0,
                end: u32::MAX,
            };
            if let Some(package) = &file.package {
                allows.add(0, &package.options, everything);
            }
            for import in &file.imports {
                allows.add(1, &import.options, import.span);
            }
            for item in &file.items {
                allows.add(1, &item.options, item.span);
                allows.parts(item);
            }
        }
        // An import may stand behind an item.
        for list in allows.by_code.values_mut().flatten() {
            list.sort_by_key(|allow| allow.covers.start);
        }
        allows
    }

    fn parts(&mut self, item: &Item<'_>) {
        match &item.kind {
            ItemKind::Struct(body)
            | ItemKind::Message(body)
            | ItemKind::Error(body)
            | ItemKind::Ext(_, ExtBody::Record(body)) => self.fields(2, body),
            ItemKind::Enum(it) => {
                for member in &it.members {
                    self.add(2, &member.options, member.span);
                }
            }
            ItemKind::Interface(interface) => {
                for endpoint in &interface.endpoints {
                    self.add(2, &endpoint.options, endpoint.span);
                    self.fields(3, &endpoint.params);
                    for example in &endpoint.examples {
                        self.add(3, &example.options, example.span);
                    }
                }
            }
            _ => {}
        }
    }

    fn fields(&mut self, depth: usize, body: &Body<'_>) {
        for field in &body.fields {
            self.add(depth, &field.options, field.span);
        }
    }

    fn add(&mut self, depth: usize, options: &[Opt<'_>], covers: Span) {
        for option in options {
            match option.name.text {
                "deprecated" => self.insert(depth, code::DEPRECATED_USE.id, covers, None),
                "allow" if reason(option).is_some() => {
                    for (id, span) in codes(option) {
                        self.insert(depth, id, covers, Some(span));
                    }
                }
                _ => {}
            }
        }
    }

    fn insert(&mut self, depth: usize, id: &'static str, covers: Span, named: Option<Span>) {
        let depths = self.by_code.entry((id, covers.source)).or_default();
        if let Some(list) = depths.get_mut(depth) {
            let used = named.is_none();
            list.push(Allow {
                covers,
                named,
                used,
            });
        }
    }

    /// Whether a warning is allowed where it is. The innermost allowance is the one that was needed.
    pub(crate) fn cover(&mut self, diagnostic: &Diagnostic) -> bool {
        let Some(place) = diagnostic.primary.as_ref().map(|label| label.span) else {
            return false;
        };
        let Some(depths) = self.by_code.get_mut(&(diagnostic.code.id, place.source)) else {
            return false;
        };
        for list in depths.iter_mut().rev() {
            let behind = list.partition_point(|allow| allow.covers.start <= place.start);
            let found = behind.checked_sub(1).and_then(|at| list.get_mut(at));
            if let Some(allow) = found
                && place.start < allow.covers.end
            {
                allow.used = true;
                return true;
            }
        }
        false
    }

    /// Those that allowed nothing.
    pub(crate) fn unused(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for ((id, _), depths) in &self.by_code {
            for allow in depths.iter().flatten().filter(|allow| !allow.used) {
                let Some(span) = allow.named else { continue };
                found.push((
                    span,
                    Diagnostic::new(code::UNUSED_ALLOW, format!("`{id}` is allowed for nothing"))
                        .at(span, "no such warning would be given here")
                        .help("remove it"),
                ));
            }
        }
        found.sort_by_key(|(span, _)| *span);
        found
            .into_iter()
            .map(|(_, diagnostic)| diagnostic)
            .collect()
    }
}

/// The warnings that a well-formed `@allow` names.
fn codes<'o>(option: &'o Opt<'_>) -> impl Iterator<Item = (&'static str, Span)> + 'o {
    option.arguments.iter().filter_map(|argument| {
        let ArgumentKind::Value(Value {
            kind: ValueKind::Path(path),
            ..
        }) = &argument.kind
        else {
            return None;
        };
        let code = code::warning(path.text)?;
        Some((code.id, argument.span))
    })
}

/// Why: the last argument of an `@allow`, if it says anything.
pub(crate) fn reason<'o>(option: &'o Opt<'_>) -> Option<&'o str> {
    match &option.arguments.last()?.kind {
        ArgumentKind::Value(Value {
            kind: ValueKind::Str(text),
            ..
        }) => Some(text.trim()).filter(|text| !text.is_empty()),
        _ => None,
    }
}
