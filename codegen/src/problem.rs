//! What a schema asks for that cannot be generated: the codes E08.. and their words.

use scipp_idl::code::Code;
use scipp_idl::diagnostic::{Diagnostic, Diagnostics};
use scipp_idl::source::Span;

/// Two names of a schema become one in a target language.
pub const NAME_COLLISION: Code = Code {
    id: "E0801",
    title: "two names become one in a target language",
};

/// The generator, or what its code runs on, cannot do this yet.
pub const NOT_SUPPORTED: Code = Code {
    id: "E0802",
    title: "cannot be generated yet",
};

/// A package was said to be in another crate, and no schema uses it.
pub const UNUSED_EXTERNAL: Code = Code {
    id: "E0803",
    title: "an external package that no schema uses",
};

/// Several packages in the layout for one.
pub const SEVERAL_PACKAGES: Code = Code {
    id: "E0804",
    title: "several packages in a layout for one",
};

/// A folder of templates that cannot be used.
pub const BAD_TEMPLATES: Code = Code {
    id: "E0805",
    title: "templates that cannot be used",
};

/// A template that cannot be rendered.
pub const TEMPLATE_FAILED: Code = Code {
    id: "E0806",
    title: "a template that fails",
};

/// A type that Python cannot hold with msgspec, or an endpoint that tractor cannot call.
pub const NOT_IN_PYTHON: Code = Code {
    id: "E0807",
    title: "cannot be said in Python",
};

/// The generator wrote something that is no Rust.
pub const GENERATOR_BUG: Code = Code {
    id: "E0899",
    title: "a mistake of the generator",
};

/// Every code of the generators.
pub const ALL: &[Code] = &[
    NAME_COLLISION,
    NOT_SUPPORTED,
    UNUSED_EXTERNAL,
    SEVERAL_PACKAGES,
    BAD_TEMPLATES,
    TEMPLATE_FAILED,
    NOT_IN_PYTHON,
    GENERATOR_BUG,
];

/// The page of a code of the generators; see [`scipp_idl::code::page`].
pub fn page(id: &str) -> Option<&'static str> {
    match id {
        "E0801" => Some(include_str!("explain/E0801.md")),
        "E0802" => Some(include_str!("explain/E0802.md")),
        "E0803" => Some(include_str!("explain/E0803.md")),
        "E0804" => Some(include_str!("explain/E0804.md")),
        "E0805" => Some(include_str!("explain/E0805.md")),
        "E0806" => Some(include_str!("explain/E0806.md")),
        "E0807" => Some(include_str!("explain/E0807.md")),
        "E0899" => Some(include_str!("explain/E0899.md")),
        _ => None,
    }
}

/// Problems in the order in which they were found.
pub(crate) type Problems = Diagnostics;

/// Two things that are both called `name` in Rust. `what` and `first` say what they are: "the field `a`".
pub(crate) fn collision(
    name: &str,
    what: &str,
    span: Span,
    first: &str,
    first_span: Span,
) -> Diagnostic {
    collision_in("Rust", name, what, span, first, first_span)
}

/// The same in any target.
pub(crate) fn collision_in(
    target: &str,
    name: &str,
    what: &str,
    span: Span,
    first: &str,
    first_span: Span,
) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        NAME_COLLISION,
        format!("{what} and {first} are both called `{name}` in {target}"),
    )
    .at(span, format!("becomes `{name}` in {target}"));
    let diagnostic = if first_span == span {
        diagnostic
    } else {
        diagnostic.with(first_span, format!("becomes `{name}`, too"))
    };
    diagnostic
        .help("rename one of them; its name on the wire can stay: `@wire`, `@tag`, `@name`, `@ns`")
}

/// Something that is a part of the language and cannot be generated yet. `what` is the subject of the
/// message with its verb: "generic types are".
pub(crate) fn unsupported(what: &str, span: Span, help: &str) -> Diagnostic {
    Diagnostic::new(NOT_SUPPORTED, format!("{what} not supported yet"))
        .at(span, "the Rust generator cannot honour this")
        .help(help)
}
