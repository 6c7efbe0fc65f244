//! What a file consists of at its top level, with the imports of each group sorted.
//!
//! A group of imports ends at an empty line. Comments move with the import that they stand at; those that an empty line
//! parts from it stay where they are.

use super::layout::Unit;
use super::print::Gap;
use super::tokens::Token;
use crate::scan::Chunk;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Package,
    Import,
    Item,
}

/// The units of a file in the order in which they are printed.
pub(super) fn units(tokens: &[Token<'_>], chunks: &[Chunk], text: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    // Where the group of imports began that the last unit belongs to.
    let mut group: Option<usize> = None;
    let mut last: Option<Sort> = None;
    let mut start = 0;
    for (at, chunk) in chunks.iter().enumerate() {
        let next = chunks.get(at + 1).map(|it| it.span.start as usize);
        let end = match next {
            Some(next) => start + behind(tokens, start, next),
            // Without the last, which is empty.
            None => tokens.len().saturating_sub(1),
        };
        let keyword = chunk
            .keyword
            .and_then(|span| text.get(span.start as usize..span.end as usize));
        let sort = match keyword {
            Some("package") => Sort::Package,
            Some("use") => Sort::Import,
            _ => Sort::Item,
        };
        let alike = last.is_none_or(|last| last == sort && sort != Sort::Package);
        let (detached, unit) = unit(tokens, start..end, units.is_empty(), alike);
        if sort != Sort::Import
            || detached.is_some()
            || unit.gap == Gap::Empty
            || last != Some(sort)
        {
            sort_group(&mut units, group, tokens);
            group = None;
        }
        units.extend(detached);
        if sort == Sort::Import && group.is_none() {
            group = Some(units.len());
        }
        units.push(unit);
        last = Some(sort);
        start = end;
    }
    sort_group(&mut units, group, tokens);
    let at_end = tokens.last().map_or(0, |it| it.leading.len());
    if at_end > 0 {
        let (detached, unit) = unit(tokens, start..start, units.is_empty(), true);
        units.extend(detached);
        units.push(unit);
    }
    units
}

/// How many tokens from `start` on begin before a byte.
fn behind(tokens: &[Token<'_>], start: usize, byte: usize) -> usize {
    let rest = tokens.get(start..).unwrap_or_default();
    rest.partition_point(|token| token.start < byte)
}

/// The comments that stand alone before some tokens, and the tokens with the rest of their comments.
fn unit(
    tokens: &[Token<'_>],
    range: Range<usize>,
    first: bool,
    alike: bool,
) -> (Option<Unit>, Unit) {
    let Some(token) = tokens.get(range.start) else {
        let comments = 0..0;
        let gap = Gap::None;
        return (
            None,
            Unit {
                tokens: range,
                comments,
                gap,
            },
        );
    };
    let comments = &token.leading;
    let blank_first = comments
        .first()
        .map_or(token.after_blank, |it| it.after_blank);
    // An empty line belongs before what follows it, and the last one decides.
    let alone = if range.is_empty() {
        0
    } else if token.after_blank {
        comments.len()
    } else {
        comments.iter().rposition(|it| it.after_blank).unwrap_or(0)
    };
    let is_inside = alone > 0;
    let gap = match (first, blank_first || (!alike && !is_inside)) {
        (true, _) => Gap::None,
        (_, true) => Gap::Empty,
        _ if is_inside => Gap::Inside,
        _ => Gap::ByHeight,
    };
    if !is_inside {
        let comments = 0..comments.len();
        return (
            None,
            Unit {
                tokens: range,
                comments,
                gap,
            },
        );
    }
    let detached = Unit {
        tokens: range.start..range.start,
        comments: 0..alone,
        gap,
    };
    let unit = Unit {
        tokens: range,
        comments: alone..comments.len(),
        gap: Gap::Empty,
    };
    (Some(detached), unit)
}

/// Sorts the imports from `group` to the end. What stands before the first stays there.
fn sort_group(units: &mut [Unit], group: Option<usize>, tokens: &[Token<'_>]) {
    let Some(imports) = group.and_then(|start| units.get_mut(start..)) else {
        return;
    };
    let key = |unit: &Unit| -> Vec<&str> {
        let tokens = tokens.get(unit.tokens.clone()).unwrap_or_default();
        tokens.iter().map(|token| token.text).collect()
    };
    let gaps: Vec<Gap> = imports.iter().map(|it| it.gap).collect();
    imports.sort_by_cached_key(key);
    for (import, gap) in imports.iter_mut().zip(gaps) {
        import.gap = gap;
    }
}
