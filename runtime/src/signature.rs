//! What an endpoint looks like in words, and how that differs between two versions of a schema.

use std::collections::BTreeSet;
use std::fmt;

use scipp_codec::{Any, to_bytes};

use crate::limits::{SIGNATURE_LINE_BYTES_MAX, SIGNATURE_LINES_MAX};

/// Types by name, each with its lines: a field, a member or a tag in each.
pub type TypeLines = &'static [(&'static str, &'static [&'static str])];

/// An endpoint in lines, as generated code says it. For people; what must be exact is in the fingerprint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// A parameter, a phase or an error in each.
    pub lines: &'static [&'static str],
    /// The types that its interface leads to.
    pub types: TypeLines,
}

impl Signature {
    /// Of an endpoint that was not generated.
    pub const UNKNOWN: Self = Self {
        lines: &[],
        types: &[],
    };

    /// Its own lines and those of every type that they name, `Quote.bid: f64`; at most 256.
    pub(crate) fn told(&self) -> Vec<String> {
        let mut told: Vec<String> = self.lines.iter().map(ToString::to_string).collect();
        let mut seen = BTreeSet::new();
        let mut next: Vec<&str> = self.lines.to_vec();
        while let Some(line) = next.pop() {
            let words = line.split(|it: char| !it.is_alphanumeric() && it != '_');
            for word in words {
                let types = self.types.iter().filter(|(name, _)| *name == word);
                if !seen.insert(word) {
                    continue;
                }
                for (name, lines) in types {
                    next.extend(lines.iter());
                    told.extend(lines.iter().map(|line| format!("{name}.{line}")));
                }
            }
        }
        told.truncate(SIGNATURE_LINES_MAX);
        told
    }

    /// The same, to be sent.
    pub(crate) fn encoded(&self) -> Option<bytes::Bytes> {
        (!self.lines.is_empty()).then(|| to_bytes(&self.told()))
    }

    /// How it differs from what a peer says of its own; `None` if the peer says nothing that can be read.
    pub(crate) fn difference(&self, there: &Any) -> Option<Difference> {
        let there: Vec<String> = there.decode().ok()?;
        let here = self.told();
        let without = |of: &[String], others: &[String]| {
            let only = of.iter().filter(|line| !others.contains(line));
            only.map(|line| shown(line)).collect()
        };
        let there = there.get(..SIGNATURE_LINES_MAX).unwrap_or(&there);
        Some(Difference {
            here: without(&here, there),
            there: without(there, &here),
        })
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.lines).finish()
    }
}

/// What differs between two versions of an endpoint, a line for each parameter, phase, error, field or member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// What only this actor's schema has.
    pub here: Vec<String>,
    /// What only the peer's has.
    pub there: Vec<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (where_, lines) in [("here", &self.here), ("there", &self.there)] {
            if !lines.is_empty() {
                write!(out, "{between}only {where_}: {}", lines.join("; "))?;
                between = ". ";
            }
        }
        if between.is_empty() {
            out.write_str("no line of it differs")?;
        }
        Ok(())
    }
}

/// A line of a peer: cut, and with nothing in it that moves a cursor.
fn shown(line: &str) -> String {
    let end = line.floor_char_boundary(SIGNATURE_LINE_BYTES_MAX);
    let cut = line.get(..end).unwrap_or(line);
    cut.chars()
        .flat_map(|it| {
            let hidden = it.is_control();
            let escaped = hidden.then(|| it.escape_default()).into_iter().flatten();
            escaped.chain((!hidden).then_some(it))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: TypeLines = &[
        ("Level", &["px: decimal", "qty: f64"]),
        (
            "Quote",
            &["tag type = \"Quote\"", "bid: Level", "ask?: Level"],
        ),
        ("Tree", &["below: list<Tree>"]),
    ];

    fn signature(lines: &'static [&'static str]) -> Signature {
        Signature {
            lines,
            types: TYPES,
        }
    }

    #[test]
    fn the_types_that_it_leads_to_are_told_once() {
        assert_eq!(
            signature(&["symbol: str", "returns list<Quote>"]).told(),
            [
                "symbol: str",
                "returns list<Quote>",
                "Quote.tag type = \"Quote\"",
                "Quote.bid: Level",
                "Quote.ask?: Level",
                "Level.px: decimal",
                "Level.qty: f64"
            ]
        );
        assert_eq!(signature(&["returns Tree"]).told().len(), 2);
    }

    #[test]
    fn the_difference_names_what_only_one_has() {
        let ours = signature(&["symbol: str", "returns Level"]);
        let there = Any::encode(&vec![
            "symbol: str".to_owned(),
            "returns Level".to_owned(),
            "Level.px: f64".to_owned(),
            "Level.qty: f64\u{1b}[2J".to_owned(),
        ]);
        let difference = ours.difference(&there).map(|it| it.to_string());
        assert_eq!(
            difference.as_deref(),
            Some(
                "only here: Level.px: decimal; Level.qty: f64. only there: Level.px: f64; Level.qty: f64\\u{1b}[2J"
            )
        );
        assert_eq!(ours.difference(&Any::encode(&7_u8)), None);
    }
}
