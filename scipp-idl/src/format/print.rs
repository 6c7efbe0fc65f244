//! From instructions to text: decides which groups fit on a line. One pass, no looking back.
//!
//! A comment that ends its line is never followed by anything on that line: whatever comes next, except a comma or a
//! semicolon, goes to a new line, however unusual the place. So no comment can swallow a token.

use super::style::{COLUMNS_MAX, INDENT};

/// What to print.
#[derive(Debug, Clone, Copy)]
pub(super) enum Op<'s> {
    /// A token.
    Text(&'s str),
    /// A doc comment, alone on its line.
    Doc(&'s str),
    Comment {
        text: &'s str,
        /// On a line of its own, wherever it stands.
        starts_line: bool,
        ends_line: bool,
    },
    Blank,
    /// A line end where its group is broken, else a blank.
    Line,
    /// A line end where its group is broken, else nothing.
    SoftLine,
    /// A line end where its group is broken and what follows would not fit, else a blank.
    Fill,
    LineEnd,
    /// A line end and an empty line.
    EmptyLine,
    /// A comma where its group is broken.
    TrailingComma,
    Indent,
    Dedent,
    Open(Group),
    Close,
    /// An item or endpoint begins.
    Unit(Gap),
    UnitEnd,
}

/// What is on one line or broken at all of its `Line`s.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Group {
    /// Broken though it may fit.
    pub(super) broken: bool,
    /// Breaks before the groups to its left do.
    pub(super) early: bool,
    /// The body of a declaration.
    pub(super) body: bool,
}

/// What stands before an item or endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing: it is the first.
    None,
    /// An empty line.
    Empty,
    /// None, or one because an item with a body of several lines stands on one side.
    ByHeight,
    /// None: there is an empty line among its comments.
    Inside,
}

/// Prints. The text ends with a line end.
pub(super) fn print(mut ops: Vec<Op<'_>>, capacity: usize) -> String {
    spread_breaks(&mut ops);
    let measure = Measure::of(&ops);
    let mut printer = Printer {
        out: String::with_capacity(capacity),
        column: 0,
        at_line_start: true,
        must_break: false,
        pending_blank: false,
        indent: 0,
        extra: 0,
        token_end: 0,
        broken: vec![true],
        units: vec![Units::default()],
        gaps: Vec::new(),
    };
    for (at, op) in ops.iter().enumerate() {
        printer.op(*op, at, &measure);
    }
    printer.line_end();
    printer.finish()
}

/// A group that holds something that cannot stand on one line is broken, and so are those around it.
fn spread_breaks(ops: &mut [Op<'_>]) {
    let mut open: Vec<(usize, bool)> = Vec::new();
    for at in 0..ops.len() {
        let breaks = match ops.get(at) {
            Some(Op::Open(group)) => {
                open.push((at, group.broken));
                continue;
            }
            Some(Op::Close) => {
                let Some((start, broken)) = open.pop() else {
                    continue;
                };
                if let Some(Op::Open(group)) = ops.get_mut(start) {
                    group.broken = broken;
                }
                broken
            }
            Some(Op::Doc(_) | Op::LineEnd | Op::EmptyLine | Op::Unit(_)) => true,
            Some(Op::Comment {
                text, ends_line, ..
            }) => *ends_line || text.contains('\n'),
            _ => false,
        };
        if breaks && let Some((_, broken)) = open.last_mut() {
            *broken = true;
        }
    }
}

/// Widths in columns, so that whether a group fits is one comparison.
struct Measure {
    /// Of everything before an instruction, on one line.
    before: Vec<usize>,
    /// From an instruction to the next place where the line may end.
    tail: Vec<usize>,
    /// For the start of a group, behind its end.
    behind: Vec<usize>,
}

impl Measure {
    fn of(ops: &[Op<'_>]) -> Self {
        let mut before = Vec::with_capacity(ops.len() + 1);
        let mut behind = vec![0; ops.len()];
        let mut open = Vec::new();
        let mut sum = 0;
        for (at, op) in ops.iter().enumerate() {
            before.push(sum);
            sum += width(*op);
            match op {
                Op::Open(_) => open.push(at),
                Op::Close => {
                    if let Some(place) = open.pop().and_then(|start| behind.get_mut(start)) {
                        *place = at + 1;
                    }
                }
                _ => {}
            }
        }
        before.push(sum);
        let mut tail = vec![0; ops.len() + 1];
        for (at, op) in ops.iter().enumerate().rev() {
            let next = |place: usize| tail.get(place).copied().unwrap_or(0);
            let length = match op {
                Op::Line
                | Op::SoftLine
                | Op::Fill
                | Op::LineEnd
                | Op::EmptyLine
                | Op::Doc(_)
                | Op::Unit(_)
                | Op::UnitEnd => 0,
                Op::Comment { ends_line, .. } if *ends_line => 0,
                Op::Open(group) if !group.broken && !group.early => {
                    let end = behind.get(at).copied().unwrap_or(0);
                    let start = before.get(at).copied().unwrap_or(0);
                    before.get(end).copied().unwrap_or(start) - start + next(end)
                }
                other => width(*other) + next(at + 1),
            };
            if let Some(place) = tail.get_mut(at) {
                *place = length;
            }
        }
        Self {
            before,
            tail,
            behind,
        }
    }

    /// Columns that a group and what follows it need on one line.
    fn group(&self, at: usize) -> usize {
        let end = self.behind.get(at).copied().unwrap_or(0);
        let of = |place: usize| self.before.get(place).copied().unwrap_or(0);
        of(end).saturating_sub(of(at)) + self.tail.get(end).copied().unwrap_or(0)
    }
}

fn width(op: Op<'_>) -> usize {
    match op {
        Op::Text(text) => columns(text),
        Op::Comment {
            text,
            ends_line: false,
            ..
        } => columns(text),
        Op::Blank | Op::Line | Op::Fill => 1,
        _ => 0,
    }
}

fn columns(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    }
}

/// The items of a file, or the endpoints of an interface, so far.
#[derive(Debug, Default)]
struct Units {
    /// Whether the last one has a body of several lines.
    last_is_tall: bool,
    this_is_tall: bool,
    /// Groups that are open around the current one.
    depth: usize,
    /// Index of the gap before the current one that its height decides on.
    gap: Option<usize>,
}

struct Printer {
    out: String,
    column: usize,
    at_line_start: bool,
    /// A comment has ended the line.
    must_break: bool,
    pending_blank: bool,
    /// In levels.
    indent: usize,
    /// One level more, for what goes on behind a comment.
    extra: usize,
    /// Where the last token ends.
    token_end: usize,
    /// Of each open group.
    broken: Vec<bool>,
    units: Vec<Units>,
    /// Places where an empty line may be wanted.
    gaps: Vec<(usize, bool)>,
}

impl Printer {
    fn op(&mut self, op: Op<'_>, at: usize, measure: &Measure) {
        let is_broken = self.broken.last().copied().unwrap_or(true);
        match op {
            Op::Text(text) => self.text(text),
            Op::Doc(text) => {
                self.line_end();
                self.write(text);
                self.must_break = true;
            }
            Op::Comment {
                text,
                starts_line,
                ends_line,
            } => self.comment(text, starts_line && ends_line, ends_line),
            Op::Blank => self.pending_blank = true,
            Op::Line if !is_broken => self.pending_blank = true,
            Op::SoftLine if !is_broken => {}
            Op::Line | Op::SoftLine | Op::LineEnd => self.line_end(),
            Op::Fill => {
                let tail = measure.tail.get(at + 1).copied().unwrap_or(0);
                if self.must_break || (is_broken && self.column + 1 + tail > COLUMNS_MAX) {
                    self.line_end();
                } else {
                    self.pending_blank = true;
                }
            }
            Op::EmptyLine => {
                self.line_end();
                if !self.out.is_empty() && !self.out.ends_with("\n\n") {
                    self.out.push('\n');
                }
            }
            Op::TrailingComma if is_broken => self.text(","),
            Op::TrailingComma => {}
            Op::Indent => self.indent += 1,
            Op::Dedent => self.indent = self.indent.saturating_sub(1),
            Op::Open(group) => {
                let start = if self.at_line_start {
                    self.indent * INDENT
                } else {
                    self.column + usize::from(self.pending_blank)
                };
                let fits = start + measure.group(at) <= COLUMNS_MAX;
                let broken = is_broken && (group.broken || !fits);
                self.broken.push(broken);
                let depth = self.broken.len();
                // The last of the list waits for what is inside of the current one.
                let current = self.units.len().checked_sub(2);
                if broken
                    && group.body
                    && let Some(units) = current.and_then(|at| self.units.get_mut(at))
                    && depth == units.depth + 1
                {
                    units.this_is_tall = true;
                }
            }
            Op::Close => {
                self.broken.pop();
            }
            Op::Unit(gap) => self.unit(gap),
            Op::UnitEnd => self.unit_end(),
        }
    }

    fn text(&mut self, text: &str) {
        if self.must_break {
            if matches!(text, "," | ";") {
                self.out.insert_str(self.token_end, text);
                self.token_end += text.len();
                return;
            }
            self.line_end();
            self.extra = 1;
        }
        self.write(text);
        self.token_end = self.out.len();
    }

    fn comment(&mut self, text: &str, own_line: bool, ends_line: bool) {
        if self.must_break || (own_line && !self.at_line_start) {
            self.line_end();
            self.extra = 1;
        }
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.out.push('\n');
                self.column = 0;
                self.out.push_str(line.trim_end());
                self.column = columns(line.trim_end());
            } else {
                self.write(line.trim_end());
            }
        }
        self.must_break = ends_line;
    }

    fn write(&mut self, text: &str) {
        if self.at_line_start {
            let blanks = (self.indent + self.extra) * INDENT;
            self.out.extend(std::iter::repeat_n(' ', blanks));
            self.column = blanks;
            self.at_line_start = false;
        } else if self.pending_blank {
            self.out.push(' ');
            self.column += 1;
        }
        self.pending_blank = false;
        self.out.push_str(text);
        self.column += columns(text);
    }

    fn line_end(&mut self) {
        self.pending_blank = false;
        self.must_break = false;
        if !self.at_line_start {
            self.out.push('\n');
            self.at_line_start = true;
            self.extra = 0;
            self.column = 0;
        }
    }

    fn unit(&mut self, gap: Gap) {
        if gap != Gap::None {
            self.line_end();
        }
        let index = match gap {
            Gap::None | Gap::Inside => None,
            Gap::Empty | Gap::ByHeight => {
                self.gaps.push((self.out.len(), gap == Gap::Empty));
                Some(self.gaps.len() - 1)
            }
        };
        if let Some(units) = self.units.last_mut() {
            units.gap = index;
            units.this_is_tall = false;
            units.depth = self.broken.len();
        }
        self.units.push(Units::default());
    }

    fn unit_end(&mut self) {
        self.units.pop();
        let Some(units) = self.units.last_mut() else {
            return;
        };
        let tall = units.this_is_tall || units.last_is_tall;
        units.last_is_tall = units.this_is_tall;
        if let Some((_, wanted)) = units.gap.and_then(|index| self.gaps.get_mut(index)) {
            *wanted |= tall;
        }
    }

    /// The text with the empty lines that are wanted.
    fn finish(self) -> String {
        let mut text = String::with_capacity(self.out.len() + self.gaps.len());
        let mut from = 0;
        for (place, wanted) in self.gaps {
            if wanted {
                text.push_str(self.out.get(from..place).unwrap_or_default());
                text.push('\n');
                from = place;
            }
        }
        text.push_str(self.out.get(from..).unwrap_or_default());
        text
    }
}
