//! The formatter: one style, no options, nothing lost.
//!
//! [`format()`] parses a source only to see whether it is one. It then works on its tokens (`tokens.rs`), so that whatever
//! stands in the text has a place in the result: imports are sorted (`units.rs`), each token gets its place
//! (`layout.rs`), groups that don't fit on a line are broken (`print.rs`). A source with comments is done again until nothing
//! changes. At last both texts are read anew and compared (`same.rs`); a text that would have lost or changed anything is
//! not given out.

mod layout;
mod print;
mod same;
mod style;
mod tokens;
mod units;

#[cfg(test)]
mod tests;

use crate::code::FORMAT_DEFECT;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits;
use crate::load::{self, Input};
use crate::scan::Chunk;
use crate::source::{Source, SourceId, Sources};
use crate::{parse, scan};

/// What formatting came to.
#[derive(Debug, Default)]
pub struct Formatted {
    /// The formatted text of each source without errors, in the order of the inputs.
    pub texts: Vec<(SourceId, String)>,
    /// Why the others have none.
    pub diagnostics: Diagnostics,
    /// What was read.
    pub sources: Sources,
}

/// Formats the inputs, not what they import. A source with a syntax error has no formatted text; the others do.
///
/// A source need not make sense beyond its syntax: names may be unknown, and its package may be at another place.
///
/// ```
/// use scipp_idl::{Input, format::format};
///
/// let text = "package p;\nstruct   S{a:i32 ,// one\nb:str}".to_owned();
/// let formatted = format(&[Input::Text { name: "p".into(), text }]);
/// let (_, text) = formatted.texts.first().expect("no syntax errors");
/// assert_eq!(text, "package p;\n\nstruct S {\n    a: i32, // one\n    b: str,\n}\n");
/// ```
pub fn format(inputs: &[Input]) -> Formatted {
    let mut diagnostics = Diagnostics::default();
    let sources = load::texts(inputs, &mut diagnostics);
    let unreadable: Vec<SourceId> = diagnostics
        .iter()
        .filter_map(|it| Some(it.primary.as_ref()?.span.source))
        .collect();
    let mut texts = Vec::new();
    for (id, source) in sources.iter().filter(|(id, _)| !unreadable.contains(id)) {
        match format_source(id, source) {
            Ok(text) => texts.push((id, text)),
            Err(mistakes) => diagnostics.append(mistakes),
        }
    }
    diagnostics.finish();
    Formatted {
        texts,
        diagnostics,
        sources,
    }
}

fn format_source(id: SourceId, source: &Source) -> Result<String, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let text = source.text();
    let scan = scan::scan(id, text, &mut diagnostics);
    let chunks = scan.chunks.clone();
    let has_comments = !scan.comments.is_empty();
    parse::parse(id, text, scan, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let mut formatted = arrange(text, &chunks);
    // A comment at an unusual place may stand elsewhere then, and what is around it with it.
    let rounds = if has_comments {
        limits::FORMAT_ROUNDS_MAX
    } else {
        0
    };
    for _ in 0..rounds {
        let chunks = scan::scan(id, &formatted, &mut Diagnostics::default()).chunks;
        let again = arrange(&formatted, &chunks);
        if again == formatted {
            break;
        }
        formatted = again;
    }
    if !same::same(text, &formatted) {
        return Err(defect(source));
    }
    if formatted.len() > limits::SOURCE_BYTES_MAX {
        let message = format!(
            "{} would be larger than {} bytes once formatted",
            source.name(),
            limits::SOURCE_BYTES_MAX
        );
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(
            Diagnostic::new(crate::code::SOURCE_TOO_LARGE, message)
                .help("divide it into several packages"),
        );
        return Err(diagnostics);
    }
    Ok(formatted)
}

/// One round of formatting.
fn arrange(text: &str, chunks: &[Chunk]) -> String {
    let mut tokens = tokens::tokens(text);
    tokens::settle(&mut tokens);
    let units = units::units(&tokens, chunks, text);
    let ops = layout::layout(&tokens, &units);
    print::print(ops, text.len() + text.len() / 8)
}

fn defect(source: &Source) -> Diagnostics {
    let message = format!("formatting {} would change what it says", source.name());
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(
        Diagnostic::new(FORMAT_DEFECT, message)
            .note("this is a defect of the formatter; the source is left as it is")
            .help("please report it, with the source"),
    );
    diagnostics
}
