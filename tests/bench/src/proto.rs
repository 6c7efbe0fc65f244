//! The large schema in protobuf's language.

use crate::shape::{Call, Kind, Shape};
use std::fmt::Write;

/// The text of `large.proto`.
pub(crate) fn text(shape: &Shape) -> String {
    let mut out = String::from(
        "// A large schema, for measuring.\nsyntax = \"proto3\";\npackage bench.large;\n",
    );
    for message in 0..shape.messages {
        let _ = write!(
            out,
            "\n// The record number {message}.\nmessage Record{message} {{\n"
        );
        for (number, (name, kind)) in shape.fields(message).into_iter().enumerate() {
            let _ = writeln!(out, "  {} {name} = {};", spelled(kind), number + 1);
        }
        out.push_str("}\n");
    }
    for interface in 0..shape.interfaces {
        let _ = write!(
            out,
            "\n// The interface number {interface}.\nservice Service{interface} {{\n"
        );
        for (index, endpoint) in shape.endpoints(interface).iter().enumerate() {
            let (takes, gives) = (endpoint.takes, endpoint.gives);
            let (before, after) = match endpoint.call {
                Call::Unary => ("", ""),
                Call::Stream => ("", "stream "),
                Call::Both => ("stream ", "stream "),
            };
            let _ = writeln!(
                out,
                "  rpc Call{index}({before}Record{takes}) returns ({after}Record{gives});"
            );
        }
        out.push_str("}\n");
    }
    out
}

fn spelled(kind: Kind) -> String {
    match kind {
        Kind::Bool => "bool".into(),
        Kind::U32 => "uint32".into(),
        Kind::I64 => "int64".into(),
        Kind::F64 => "double".into(),
        Kind::Text => "string".into(),
        Kind::Bytes => "bytes".into(),
        Kind::OptionalText => "optional string".into(),
        Kind::ListOfU32 => "repeated uint32".into(),
        Kind::Map => "map<string, int64>".into(),
        Kind::Messages(message) => format!("repeated Record{message}"),
    }
}
