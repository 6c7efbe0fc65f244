//! The large schema in scipp.

use crate::shape::{Call, Kind, Shape};
use std::fmt::Write;

/// The text of `bench/large.scipp`.
pub(crate) fn text(shape: &Shape) -> String {
    changed(shape, false)
}

/// The same, one version later: each tenth message has one field more, and each tenth interface one endpoint more, all
/// of them compatible.
pub(crate) fn changed(shape: &Shape, later: bool) -> String {
    let mut out = String::from("//! A large schema, for measuring.\npackage bench.large;\n");
    for message in 0..shape.messages {
        let _ = write!(
            out,
            "\n/// The record number {message}.\nmessage Record{message} {{\n"
        );
        for (name, kind) in shape.fields(message) {
            let _ = writeln!(out, "    {name}: {},", spelled(kind));
        }
        if later && message % 10 == 0 {
            out.push_str("    comment: str?,\n");
        }
        out.push_str("}\n");
    }
    for interface in 0..shape.interfaces {
        let _ = write!(
            out,
            "\n/// The interface number {interface}.\ninterface Service{interface} {{\n"
        );
        for (index, endpoint) in shape.endpoints(interface).iter().enumerate() {
            let (takes, gives) = (endpoint.takes, endpoint.gives);
            let _ = match endpoint.call {
                Call::Unary => writeln!(
                    out,
                    "    fn call_{index}(input: Record{takes}) -> Record{gives};"
                ),
                Call::Stream => writeln!(
                    out,
                    "    gen call_{index}(input: Record{takes}) yields Record{gives};"
                ),
                Call::Both => writeln!(
                    out,
                    "    @deadline(1h)\n    context call_{index}() {{\n        accepts Record{takes},\n        \
                     yields Record{gives},\n    }}"
                ),
            };
        }
        if later && interface % 10 == 0 {
            out.push_str("    fn added() -> u32;\n");
        }
        out.push_str("}\n");
    }
    out
}

fn spelled(kind: Kind) -> String {
    match kind {
        Kind::Bool => "bool".into(),
        Kind::U32 => "u32".into(),
        Kind::I64 => "i64".into(),
        Kind::F64 => "f64".into(),
        Kind::Text => "str".into(),
        Kind::Bytes => "bytes".into(),
        Kind::OptionalText => "str?".into(),
        Kind::ListOfU32 => "list<u32>".into(),
        Kind::Map => "map<str, i64>".into(),
        Kind::Messages(message) => format!("list<Record{message}>"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scipp_idl::{Input, Options, check};

    #[test]
    fn both_versions_are_valid() {
        let shape = Shape {
            messages: 30,
            interfaces: 12,
        };
        for later in [false, true] {
            let input = Input::Text {
                name: "large.scipp".into(),
                text: changed(&shape, later),
            };
            let checked = check(&[input], &Options::default());
            let texts: Vec<&str> = checked
                .diagnostics
                .iter()
                .map(|diagnostic| diagnostic.message.as_str())
                .collect();
            assert!(texts.is_empty(), "{texts:#?}");
        }
    }
}
