//! Expressions and where their lines break: as `ruff format` leaves them.
//!
//! What fits stays in one line. What does not is broken at its last bracket, one element a line and each with its comma, which
//! the formatter takes as a wish and keeps.

/// The longest line, in characters: the formatter's default.
pub(crate) const WIDTH: usize = 88;

/// How much deeper a block is.
pub(crate) const INDENT: usize = 4;

/// A piece of Python.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Code {
    /// As it stands.
    Text(String),
    /// One behind the other; the last one breaks first.
    Row(Vec<Code>),
    /// The head of a function: its parameters break first.
    Head(Vec<Code>),
    /// Elements with commas in brackets.
    Bracket {
        /// What stands before them: `f(`.
        open: String,
        /// The elements.
        items: Vec<Code>,
        /// What stands behind them.
        close: &'static str,
        /// Whether a comma may stand behind a single element.
        comma: bool,
    },
    /// Members with `|` between them.
    Or(Vec<Code>),
    /// Parts of an expression, each of which may have a line of its own: `a if b else c`.
    Choice(Vec<Code>),
}

impl From<&str> for Code {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Code {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// `name(items)`.
pub(crate) fn call(name: &str, items: Vec<Code>) -> Code {
    Code::Bracket {
        open: format!("{name}("),
        items,
        close: ")",
        comma: true,
    }
}

/// `name[items]`.
pub(crate) fn subscript(name: &str, items: Vec<Code>) -> Code {
    Code::Bracket {
        open: format!("{name}["),
        items,
        close: "]",
        comma: false,
    }
}

/// `name=value`.
pub(crate) fn keyword(name: &str, value: impl Into<Code>) -> Code {
    Code::Row(vec![format!("{name}=").into(), value.into()])
}

/// `a | b`; members that are unions themselves become members of this one, each once, and `None` the last.
pub(crate) fn or(members: Vec<Code>) -> Code {
    let mut flat: Vec<Code> = Vec::new();
    for member in members {
        let members = match member {
            Code::Or(inner) => inner,
            other => vec![other],
        };
        for member in members {
            if !flat.contains(&member) {
                flat.push(member);
            }
        }
    }
    flat.sort_by_key(|it| it.flat() == "None");
    match flat.len() {
        1 => flat.remove(0),
        _ => Code::Or(flat),
    }
}

/// `target = value` as a statement, `depth` levels deep, without the line's end.
pub(crate) fn assignment(target: Code, value: Code, depth: usize) -> String {
    let indent = depth * INDENT;
    let head = target.flat();
    let column = indent + width(&head) + " = ".len();
    let laid = value.laid(indent, column, 0, false);
    let first = laid.split('\n').next().unwrap_or_default();
    // A value that doesn't even begin behind a target that fits is put in brackets.
    if column < WIDTH && column + width(first) > WIDTH {
        let deeper = indent + INDENT;
        let value = value.laid(deeper, deeper, 0, true);
        let (outer, inner) = (blanks(indent), blanks(deeper));
        return format!("{outer}{head} = (\n{inner}{value}\n{outer})");
    }
    Code::Row(vec![target, " = ".into(), value]).statement(depth)
}

impl Code {
    /// In one line.
    pub(crate) fn flat(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Row(parts) | Self::Head(parts) => parts.iter().map(Self::flat).collect(),
            Self::Bracket {
                open, items, close, ..
            } => format!("{open}{}{close}", joined(items, ", ")),
            Self::Or(members) => joined(members, " | "),
            Self::Choice(parts) => joined(parts, " "),
        }
    }

    /// As a statement of its own, `depth` levels deep, without the line's end.
    pub(crate) fn statement(&self, depth: usize) -> String {
        let indent = depth * INDENT;
        format!("{}{}", blanks(indent), self.laid(indent, indent, 0, false))
    }

    fn breaks(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::Row(parts) | Self::Head(parts) => parts.iter().any(Self::breaks),
            Self::Bracket { items, .. } => !items.is_empty(),
            Self::Or(_) | Self::Choice(_) => true,
        }
    }

    /// From `column` on, in a block that is `indent` blanks deep, with `after` characters behind it. `inside` of brackets a line may
    /// end anywhere.
    fn laid(&self, indent: usize, column: usize, after: usize, inside: bool) -> String {
        let flat = self.flat();
        if !self.breaks() || column + width(&flat) + after <= WIDTH {
            return flat;
        }
        match self {
            Self::Text(_) => flat,
            Self::Bracket {
                open,
                items,
                close,
                comma,
            } => {
                let deeper = indent + INDENT;
                let comma = if *comma || items.len() > 1 { "," } else { "" };
                let lines: String = items
                    .iter()
                    .map(|item| {
                        let text = item.laid(deeper, deeper, comma.len(), true);
                        format!("{}{text}{comma}\n", blanks(deeper))
                    })
                    .collect();
                format!("{open}\n{lines}{}{close}", blanks(indent))
            }
            Self::Or(members) | Self::Choice(members) if inside => members
                .iter()
                .enumerate()
                .map(|(at, member)| {
                    let start = if at == 0 { column } else { indent + 2 };
                    let after = if at + 1 == members.len() { after } else { 0 };
                    let text = member.laid(indent, start, after, true);
                    if at == 0 {
                        text
                    } else {
                        let mark = if matches!(self, Self::Or(_)) {
                            "| "
                        } else {
                            ""
                        };
                        format!("\n{}{mark}{text}", blanks(indent))
                    }
                })
                .collect(),
            Self::Or(_) | Self::Choice(_) => {
                let deeper = indent + INDENT;
                let text = self.laid(deeper, deeper, 0, true);
                format!("(\n{}{text}\n{})", blanks(deeper), blanks(indent))
            }
            Self::Row(parts) => {
                let order: Vec<usize> = (0..parts.len()).rev().collect();
                row(parts, &order, indent, column, after, inside)
            }
            Self::Head(parts) => row(parts, &[0], indent, column, after, inside),
        }
    }
}

/// Breaks the first part of `order` that suffices, or all.
fn row(
    parts: &[Code],
    order: &[usize],
    indent: usize,
    column: usize,
    after: usize,
    inside: bool,
) -> String {
    for at in order.iter().copied() {
        let Some(part) = parts.get(at).filter(|it| it.breaks()) else {
            continue;
        };
        let flat = |parts: Option<&[Code]>| joined(parts.unwrap_or_default(), "");
        let (before, behind) = (flat(parts.get(..at)), flat(parts.get(at + 1..)));
        let start = column + width(&before);
        let text = part.laid(indent, start, after + width(&behind), inside);
        let text = format!("{before}{text}{behind}");
        let first = text.split('\n').next().unwrap_or_default();
        let last = text.rsplit('\n').next().unwrap_or_default();
        if column + width(first) <= WIDTH && width(last) + after <= WIDTH {
            return text;
        }
    }
    let mut text = String::new();
    let mut column = column;
    for (at, part) in parts.iter().enumerate() {
        // Whatever follows, this one is broken; but what has come behind the first break may fit.
        let rest = joined(parts.get(at + 1..).unwrap_or_default(), "");
        let after = if text.contains('\n') {
            after + width(&rest)
        } else {
            WIDTH
        };
        let part = part.laid(
            indent,
            column,
            if part.breaks() { after } else { 0 },
            inside,
        );
        column = match part.rsplit_once('\n') {
            Some((_, last)) => width(last),
            None => column + width(&part),
        };
        text.push_str(&part);
    }
    text
}

fn joined(items: &[Code], between: &str) -> String {
    let flat: Vec<String> = items.iter().map(Code::flat).collect();
    flat.join(between)
}

pub(crate) fn width(text: &str) -> usize {
    text.chars().count()
}

pub(crate) fn blanks(count: usize) -> String {
    " ".repeat(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_in_one_line() {
        let code = call("f", vec!["a".into(), keyword("b", "1")]);
        assert_eq!(code.statement(1), "    f(a, b=1)");
    }

    #[test]
    fn the_last_bracket_is_broken_first() {
        let long = "x".repeat(65);
        let code = Code::Row(vec![
            "y: ".into(),
            subscript("list", vec!["int".into()]),
            " = ".into(),
            call("f", vec![long.as_str().into(), "12345678".into()]),
        ]);
        let expected = format!("y: list[int] = f(\n    {long},\n    12345678,\n)");
        assert_eq!(code.statement(0), expected);
    }

    #[test]
    fn unions_break_before_each_bar() {
        let (a, b) = ("a".repeat(50), "b".repeat(50));
        let union = or(vec![
            a.as_str().into(),
            or(vec![b.as_str().into(), "None".into()]),
        ]);
        let alias = Code::Row(vec!["type X = ".into(), union.clone()]);
        let lines = format!("    {a}\n    | {b}\n    | None\n");
        assert_eq!(alias.statement(0), format!("type X = (\n{lines})"));
        let lines = lines.replace("None\n", "None,\n");
        assert_eq!(call("f", vec![union]).statement(0), format!("f(\n{lines})"));
    }
}
