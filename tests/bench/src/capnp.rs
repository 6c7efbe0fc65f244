//! The large schema in Cap'n Proto's language. It has neither maps nor streams: a list of pairs and an ordinary method
//! stand for them.

use crate::shape::{Kind, Shape};
use std::fmt::Write;

/// The text of `large.capnp`.
pub(crate) fn text(shape: &Shape) -> String {
    let mut out = String::from(
        "# A large schema, for measuring.\n@0xbd1f89fa17369103;\n\nstruct Total {\n  key @0 :Text;\n  value @1 :Int64;\n}\n",
    );
    for message in 0..shape.messages {
        let _ = write!(
            out,
            "\n# The record number {message}.\nstruct Record{message} {{\n"
        );
        for (number, (name, kind)) in shape.fields(message).into_iter().enumerate() {
            let _ = writeln!(out, "  {name} @{number} :{};", spelled(kind));
        }
        out.push_str("}\n");
    }
    for interface in 0..shape.interfaces {
        let _ = write!(
            out,
            "\n# The interface number {interface}.\ninterface Service{interface} {{\n"
        );
        for (index, endpoint) in shape.endpoints(interface).iter().enumerate() {
            let (takes, gives) = (endpoint.takes, endpoint.gives);
            let _ = writeln!(
                out,
                "  call{index} @{index} (input :Record{takes}) -> (output :Record{gives});"
            );
        }
        out.push_str("}\n");
    }
    out
}

fn spelled(kind: Kind) -> String {
    match kind {
        Kind::Bool => "Bool".into(),
        Kind::U32 => "UInt32".into(),
        Kind::I64 => "Int64".into(),
        Kind::F64 => "Float64".into(),
        Kind::Text | Kind::OptionalText => "Text".into(),
        Kind::Bytes => "Data".into(),
        Kind::ListOfU32 => "List(UInt32)".into(),
        Kind::Map => "List(Total)".into(),
        Kind::Messages(message) => format!("List(Record{message})"),
    }
}
