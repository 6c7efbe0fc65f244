//! Source files and places in them.

use std::path::{Path, PathBuf};

/// Index of a source in the set that a run read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A range of bytes of one source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Which source.
    pub source: SourceId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `source` from `start` to `end`, in bytes.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            source,
            start: clamp(start),
            end: clamp(end),
        }
    }

    /// From the start of this span to the end of `other`, which is of the same source.
    pub fn to(self, other: Span) -> Self {
        Self {
            source: self.source,
            start: self.start,
            end: other.end.max(self.start),
        }
    }

    /// The empty span at the start of this one.
    pub fn before(self) -> Self {
        Self {
            end: self.start,
            ..self
        }
    }

    /// The empty span behind this one.
    pub fn after(self) -> Self {
        Self {
            start: self.end,
            ..self
        }
    }
}

/// One text that a run read.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    path: Option<PathBuf>,
    text: String,
    line_starts: Vec<u32>,
}

impl Source {
    /// A text with the name that diagnostics show and, if it is a file, its path.
    pub fn new(name: String, path: Option<PathBuf>, text: String) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = breaks.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX));
        let line_starts = std::iter::once(0).chain(starts).collect();
        Self {
            name,
            path,
            text,
            line_starts,
        }
    }

    /// What diagnostics call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file it is, unless it was given as text.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The text, whole.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub fn position(&self, offset: u32) -> (usize, usize) {
        let line = self.line_of(offset);
        let start = self.line_range(line).start;
        let before = self.text.get(start..offset as usize).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }

    /// Index from 0 of the line that holds a byte.
    pub(crate) fn line_of(&self, offset: u32) -> usize {
        self.line_starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// The bytes of a line, by its index from 0, without its end.
    pub(crate) fn line_range(&self, line: usize) -> std::ops::Range<usize> {
        let start = self
            .line_starts
            .get(line)
            .map_or(self.text.len(), |start| *start as usize);
        let end = match self.line_starts.get(line + 1) {
            Some(next) => (*next as usize).saturating_sub(1),
            None => self.text.len(),
        };
        start..end
    }
}

/// All texts that a run read, in the order in which it read them.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    list: Vec<Source>,
}

impl Sources {
    /// Adds a text.
    pub fn add(&mut self, source: Source) -> SourceId {
        let id = SourceId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(source);
        id
    }

    /// The text of that index.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.list.get(id.0 as usize)
    }

    /// The characters of a span; empty for a span that is not of these sources.
    pub fn text(&self, span: Span) -> &str {
        let range = span.start as usize..span.end as usize;
        self.get(span.source)
            .and_then(|source| source.text.get(range))
            .unwrap_or_default()
    }

    /// All texts with their index.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.list
            .iter()
            .enumerate()
            .map(|(at, source)| (SourceId(u32::try_from(at).unwrap_or(u32::MAX)), source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let source = Source::new("x".into(), None, "aé\nb\n".into());
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(3), (1, 3));
        assert_eq!(source.position(4), (2, 1));
        assert_eq!(source.position(6), (3, 1));
        assert_eq!(source.line_range(1), 4..5);
    }
}
