//! Text of doc comments as docstrings, from which it cannot break out.
//!
//! Backslashes and quotes are escaped, and so are control characters, and those that change the direction of text. Long lines of
//! prose are broken; those of code blocks and tables stay.

use super::code::{WIDTH, blanks, width};

/// A docstring `depth` levels deep, with the line's end. Nothing for an empty text.
pub(crate) fn docstring(text: &str, depth: usize) -> String {
    let indent = blanks(depth * 4);
    let most = WIDTH - indent.len();
    let mut lines = self::lines(text, most);
    // A single line has quotes on both sides.
    if let [one] = lines.as_slice()
        && width(one) + 6 > most
    {
        lines = self::lines(text, most - 4);
    }
    let Some((first, rest)) = lines.split_first() else {
        return String::new();
    };
    // Three quotes end it, whatever stands before them.
    let open = if first.starts_with('"') { " " } else { "" };
    if rest.is_empty() {
        let close = if first.ends_with('"') { " " } else { "" };
        return format!("{indent}\"\"\"{open}{first}{close}\"\"\"\n");
    }
    let mut out = format!("{indent}\"\"\"{open}{first}\n");
    for line in rest {
        if line.is_empty() {
            out.push('\n');
        } else {
            out.push_str(&format!("{indent}{line}\n"));
        }
    }
    out.push_str(&format!("{indent}\"\"\"\n"));
    out
}

/// A doc text with what options say about what it documents.
pub(crate) fn whole(text: &str, since: Option<u32>, deprecated: Option<&str>) -> String {
    let mut parts = vec![text.to_owned()];
    parts.extend(since.map(|version| format!("Since version {version}.")));
    parts.extend(deprecated.map(|why| match why {
        "" => "Deprecated.".to_owned(),
        why => format!("Deprecated: {why}"),
    }));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// Escaped lines of at most `most` characters, if they can be broken; without empty ones around.
fn lines(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut fenced = false;
    for line in text
        .replace("\r\n", "\n")
        .split(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}'])
    {
        let line = escaped(line.trim_end());
        fenced ^= line.trim_start().starts_with("```");
        let most = if lines.is_empty() { most - 3 } else { most };
        if fenced || line.trim_start().starts_with('|') {
            lines.push(line);
        } else {
            wrap(&line, most, &mut lines);
        }
    }
    let first = lines.iter().position(|line| !line.trim().is_empty());
    let last = lines.iter().rposition(|line| !line.trim().is_empty());
    match (first, last) {
        (Some(first), Some(last)) => {
            let mut lines: Vec<String> = lines.drain(first..=last).collect();
            if let Some(first) = lines.first_mut() {
                *first = first.trim_start().to_owned();
            }
            lines
        }
        _ => Vec::new(),
    }
}

/// Breaks a line of prose at blanks; what follows has its indentation.
fn wrap(line: &str, most: usize, into: &mut Vec<String>) {
    let rest = line.trim_start();
    let mut indent = line.len() - rest.len();
    let mut current = String::new();
    for word in rest.split(' ') {
        if !current.is_empty() && indent + width(&current) + 1 + width(word) > most {
            into.push(format!("{}{current}", blanks(indent)));
            current.clear();
            if rest.starts_with("* ") || rest.starts_with("- ") {
                indent = line.len() - rest.len() + 2;
            }
        } else if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    into.push(
        format!("{}{}", blanks(indent), current.trim_end())
            .trim_end()
            .to_owned(),
    );
}

fn escaped(line: &str) -> String {
    let mut out = String::new();
    for character in line.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("    "),
            it if it.is_control() || is_invisible(it) => {
                out.push_str(&format!("\\u{:04x}", u32::from(it)));
            }
            other => out.push(other),
        }
    }
    out.replace("\"\"\"", "\\\"\\\"\\\"")
}

/// Characters that are not seen, and change what is.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_a_docstring() {
        let cases = [
            ("plain", "\"\"\"plain\"\"\"\n"),
            ("ends in \"quotes\"", "\"\"\"ends in \"quotes\" \"\"\"\n"),
            ("\"quoted\" first", "\"\"\" \"quoted\" first\"\"\"\n"),
            ("a \"\"\" b", "\"\"\"a \\\"\\\"\\\" b\"\"\"\n"),
            ("c:\\n", "\"\"\"c:\\\\n\"\"\"\n"),
            ("\u{202e}x", "\"\"\"\\u202ex\"\"\"\n"),
            ("\n  \n", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(docstring(text, 0), expected, "{text:?}");
        }
    }

    #[test]
    fn prose_is_broken_and_code_is_not() {
        let long = "word ".repeat(30);
        let text = format!("{long}\n```\n{long}\n```");
        let shown = docstring(&text, 1);
        let longest = |line: &&str| line.len() > WIDTH;
        let lines: Vec<&str> = shown.lines().filter(longest).collect();
        assert_eq!(lines, [format!("    {}", long.trim_end())]);
    }
}
