//! What tractor cannot call, and what msgspec takes at no place.

use super::plan::Plan;
use crate::problem::{NOT_IN_PYTHON, Problems};
use scipp_idl::diagnostic::Diagnostic;
use scipp_idl::schema::{Endpoint, EndpointKind, Enum, ExtBody, Field, ItemKind, Record, Value};

/// Parameters of the functions by which tractor opens dialogs: they cannot be arguments of an endpoint as well.
const OF_GEN: &[&str] = &["self", "async_gen_func"];
const OF_CONTEXT: &[&str] = &["portal", "func", "allow_overruns", "hide_tb", "_scipp_ctx"];

/// Errors that mean something to tractor itself.
const OF_TRACTOR: &[&str] = &[
    "ContextCancelled",
    "MsgTypeError",
    "RemoteActorError",
    "StreamOverrun",
];

/// Refuses endpoints that a plain peer cannot call, and errors that it would take for its own.
pub(crate) fn check(plan: &Plan<'_>, problems: &mut Problems) {
    let items = plan.modules.values().flat_map(|it| &it.package.items);
    for item in items {
        match &item.kind {
            ItemKind::Interface(interface) => {
                let held = |it: &&Endpoint| !it.options.peers_scipp_only;
                for endpoint in interface.endpoints.iter().filter(held) {
                    check_parameters(endpoint, problems);
                    check_keys(&endpoint.args.fields, problems);
                }
            }
            ItemKind::Struct(it) | ItemKind::Message(it) => check_record(it, problems),
            ItemKind::Ext(it) => {
                if let ExtBody::Record(it) = &it.body {
                    check_record(it, problems);
                }
            }
            ItemKind::Enum(it) => check_members(it, problems),
            ItemKind::Error(_) if OF_TRACTOR.contains(&item.name.as_str()) => {
                let message = format!("`{}` is an error of tractor itself", item.name);
                problems.push(
                    Diagnostic::new(NOT_IN_PYTHON, message)
                        .at(item.span, "a plain peer takes it for its own")
                        .help("give it another name"),
                );
            }
            ItemKind::Error(it) => check_record(&it.record, problems),
            _ => {}
        }
    }
}

fn check_record(record: &Record, problems: &mut Problems) {
    // Keys of an array are not written.
    if !record.array {
        check_keys(&record.fields, problems);
    }
}

fn check_keys(fields: &[Field], problems: &mut Problems) {
    let bad = |it: char| matches!(it, '"' | '\\' | '\0'..='\x1f');
    for field in fields.iter().filter(|it| it.wire.contains(bad)) {
        let message = format!("msgspec takes no key like {:?}", field.wire);
        problems.push(
            Diagnostic::new(NOT_IN_PYTHON, message)
                .at(
                    field.span,
                    "has a quote, a backslash or a control character in its key",
                )
                .help("choose another key"),
        );
    }
}

fn check_members(it: &Enum, problems: &mut Problems) {
    for member in &it.members {
        if matches!(member.wire, Value::Int(value) if i64::try_from(value).is_err()) {
            let message = format!("msgspec cannot read the value of `{}`", member.name);
            problems.push(
                Diagnostic::new(NOT_IN_PYTHON, message)
                    .at(member.span, "is above 2^63-1")
                    .help("choose a smaller value"),
            );
        }
    }
}

fn check_parameters(endpoint: &Endpoint, problems: &mut Problems) {
    let taken = match endpoint.kind {
        EndpointKind::Fn => return,
        EndpointKind::Gen => OF_GEN,
        EndpointKind::Context => OF_CONTEXT,
    };
    for field in &endpoint.args.fields {
        if taken.contains(&field.wire.as_str()) {
            let message = format!("tractor cannot pass an argument `{}`", field.wire);
            problems.push(
                Diagnostic::new(NOT_IN_PYTHON, message)
                    .at(field.span, "tractor has a parameter of that name")
                    .help("give it another name on the wire by `@wire`, or keep plain peers out by `@peers(scipp)`"),
            );
        }
    }
}
