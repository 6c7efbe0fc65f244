//! Options: which there are, where each may stand, and what it says.

use super::Checker;
use super::arguments::{
    NAME_BYTES_MAX, Wrong, allow, cancel, is_word, none, one, one_text, text_of, value_of,
    wire_name, word_of,
};
use super::constraints::compare;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::FileId;
use crate::schema::{Constraints, Extension, Number, Options, Overrun, Range};
use crate::source::Span;
use crate::suggest;
use crate::syntax::{self, Argument, ArgumentKind, Opt, ValueKind};
use std::collections::HashMap;

/// What an option stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Package,
    Import,
    Struct,
    Message,
    Error,
    Enum,
    Union,
    Alias,
    Newtype,
    Const,
    Ext,
    Interface,
    Fn,
    Gen,
    Context,
    Field,
    Parameter,
    Member,
    Example,
}

impl Target {
    fn words(self) -> &'static str {
        match self {
            Target::Package => "a package",
            Target::Import => "an import",
            Target::Struct => "a struct",
            Target::Message => "a message",
            Target::Error => "an error",
            Target::Enum => "an enum",
            Target::Union => "a union",
            Target::Alias => "an alias",
            Target::Newtype => "a newtype",
            Target::Const => "a constant",
            Target::Ext => "an extension type",
            Target::Interface => "an interface",
            Target::Fn => "a fn",
            Target::Gen => "a gen",
            Target::Context => "a context",
            Target::Field => "a field",
            Target::Parameter => "a parameter",
            Target::Member => "a member of an enum",
            Target::Example => "an example",
        }
    }
}

use Target as T;

const ENDPOINTS: &[Target] = &[T::Package, T::Interface, T::Fn, T::Gen, T::Context];
const STREAMS: &[Target] = &[T::Package, T::Interface, T::Gen, T::Context];
const VALUES: &[Target] = &[T::Field, T::Parameter, T::Newtype];
const EVERYTHING: &[Target] = &[
    T::Struct,
    T::Message,
    T::Error,
    T::Enum,
    T::Union,
    T::Alias,
    T::Newtype,
    T::Const,
    T::Ext,
    T::Interface,
    T::Fn,
    T::Gen,
    T::Context,
    T::Field,
    T::Parameter,
    T::Member,
];

const EVERYWHERE: &[Target] = &[
    T::Package,
    T::Import,
    T::Struct,
    T::Message,
    T::Error,
    T::Enum,
    T::Union,
    T::Alias,
    T::Newtype,
    T::Const,
    T::Ext,
    T::Interface,
    T::Fn,
    T::Gen,
    T::Context,
    T::Field,
    T::Parameter,
    T::Member,
    T::Example,
];

/// Every option: where it may stand, and how it is written.
const OPTIONS: &[(&str, &[Target], &str)] = &[
    (
        "allow",
        EVERYWHERE,
        "@allow(W0003, \"the broker calls it so\")",
    ),
    ("array", &[T::Struct, T::Message, T::Error], "@array"),
    (
        "cancel",
        ENDPOINTS,
        "@cancel(grace = 2s), @cancel(now) or @cancel(never, max = 30s)",
    ),
    ("deadline", ENDPOINTS, "@deadline(30s)"),
    (
        "deprecated",
        EVERYTHING,
        "@deprecated or @deprecated(\"use x\")",
    ),
    ("idempotent", ENDPOINTS, "@idempotent"),
    ("len", VALUES, "@len(1..=500)"),
    ("name", &[T::Fn, T::Gen, T::Context], "@name(\"open_feed\")"),
    ("ns", &[T::Interface], "@ns(\"market.data\")"),
    (
        "overrun",
        STREAMS,
        "@overrun(wait), @overrun(error) or @overrun(drop_oldest)",
    ),
    ("pattern", VALUES, "@pattern(\"[A-Z]+\")"),
    ("peers", &[T::Package, T::Interface], "@peers(scipp)"),
    ("range", VALUES, "@range(0..=9)"),
    ("since", EVERYTHING, "@since(3)"),
    ("tag", &[T::Message], "@tag(\"kind\", \"quote\")"),
    ("text", &[T::Error], "@text(\"no such symbol: {symbol}\")"),
    ("unique", VALUES, "@unique"),
    ("window", STREAMS, "@window(64)"),
    ("wire", &[T::Field, T::Parameter], "@wire(\"old_name\")"),
];

/// What the options of one thing say.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) since: Option<u32>,
    pub(super) deprecated: Option<String>,
    pub(super) extensions: Vec<Extension>,
    pub(super) array: bool,
    pub(super) wire: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    pub(super) text: Option<(String, Span)>,
    pub(super) constraints: Constraints,
    pub(super) range_span: Option<Span>,
    pub(super) len_span: Option<Span>,
    pub(super) pattern_span: Option<Span>,
    pub(super) unique_span: Option<Span>,
    pub(super) endpoint: Options,
}

impl<'s> Checker<'_, 's> {
    /// Reads the options of one thing. Names in their arguments are those of `file`.
    pub(super) fn options(&mut self, file: FileId, options: &[Opt<'s>], target: Target) -> Given {
        let mut given = Given::default();
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for option in options {
            let name = option.name.text;
            if let Some(name) = name.strip_prefix("x.") {
                let args = option.text.unwrap_or_default().to_owned();
                given.extensions.push(Extension {
                    name: name.to_owned(),
                    args,
                });
                continue;
            }
            let Some((_, targets, form)) = OPTIONS.iter().find(|(it, ..)| *it == name) else {
                self.unknown_option(option);
                continue;
            };
            if !targets.contains(&target) {
                self.wrong_target(option, targets, target);
                continue;
            }
            // Each `@allow` has a reason of its own.
            if name != "allow"
                && let Some(first) = seen.insert(name, option.span)
            {
                self.diagnostics.push(
                    Diagnostic::new(code::DUPLICATE_OPTION, format!("`@{name}` is there twice"))
                        .at(option.span, "the second time")
                        .with(first, "the first time"),
                );
                continue;
            }
            // What could not be read has been reported.
            let is_broken = |it: &Argument<'_>| matches!(&it.kind, ArgumentKind::Value(value) if matches!(value.kind, ValueKind::Broken));
            if option.arguments.iter().any(is_broken) {
                continue;
            }
            if let Err(wrong) = self.read(file, option, &mut given) {
                let message = format!("a wrong argument of `@{name}`");
                let mut diagnostic =
                    Diagnostic::new(code::OPTION_ARGUMENT, message).at(wrong.span, wrong.why);
                if let Some(near) = &wrong.near {
                    diagnostic = diagnostic
                        .help(suggest::did_you_mean(near))
                        .fix(wrong.span, near);
                }
                self.diagnostics
                    .push(diagnostic.help(format!("write {form}")));
            }
        }
        given
    }

    fn unknown_option(&mut self, option: &Opt<'s>) {
        let name = option.name.text;
        let diagnostic = Diagnostic::new(
            code::UNKNOWN_OPTION,
            format!("no option is called `@{name}`"),
        )
        .at(option.name.span, "no such option");
        let known = OPTIONS.iter().map(|(name, ..)| *name);
        let usual = usual_option(name);
        let near = usual.or_else(|| suggest::nearest(name, known));
        self.diagnostics.push(match near {
            // Its argument is written in another way.
            Some(near @ ("range" | "len")) if usual.is_some() => {
                diagnostic.help(format!("did you mean `@{near}(1..=9)`?"))
            }
            Some(near) => diagnostic
                .help(suggest::did_you_mean(near))
                .fix(option.name.span, near),
            None => diagnostic.help(format!(
                "options for other people's generators begin with `@x.`: `@x.{name}(...)`"
            )),
        });
    }

    fn wrong_target(&mut self, option: &Opt<'s>, targets: &[Target], target: Target) {
        let name = option.name.text;
        let mut words: Vec<&str> = targets.iter().map(|target| target.words()).collect();
        let last = words.pop().unwrap_or_default();
        let list = if words.is_empty() {
            last.to_owned()
        } else {
            format!("{} or {last}", words.join(", "))
        };
        self.diagnostics.push(
            Diagnostic::new(
                code::OPTION_TARGET,
                format!("{} has no `@{name}`", target.words()),
            )
            .at(option.span, "it has no meaning here")
            .note(format!("`@{name}` may stand on {list}")),
        );
    }

    /// Reads one option; what is wrong comes back with its place.
    fn read(&mut self, file: FileId, option: &Opt<'s>, given: &mut Given) -> Result<(), Wrong> {
        let arguments = option.arguments.as_slice();
        match option.name.text {
            "array" => {
                none(option)?;
                given.array = true;
            }
            "unique" => {
                none(option)?;
                given.constraints.unique = true;
                given.unique_span = Some(option.span);
            }
            "idempotent" => {
                none(option)?;
                given.endpoint.idempotent = true;
            }
            "deprecated" => {
                let why = if option.text.is_none() {
                    String::new()
                } else {
                    one_text(option)?
                };
                given.deprecated = Some(why);
            }
            "since" => given.since = Some(self.count(file, option, 0)?),
            "wire" => given.wire = Some(wire_name(option)?),
            "ns" => {
                let name = wire_name(option)?;
                if name.split('.').any(|part| !is_word(part)) {
                    return Err(Wrong::at(
                        option.span,
                        "a namespace is names with dots between",
                    ));
                }
                given.namespace = Some(name);
            }
            "name" => {
                let name = wire_name(option)?;
                if !is_word(&name) {
                    return Err(Wrong::at(
                        option.span,
                        "the name of an endpoint is one word",
                    ));
                }
                given.name = Some(name);
            }
            "pattern" => {
                let pattern = one_text(option)?;
                given.pattern_span = Some(option.span);
                given.constraints.pattern = self.valid_pattern(option.span, pattern);
            }
            "text" => given.text = Some((one_text(option)?, option.span)),
            "tag" => {
                if arguments.is_empty() || arguments.len() > 2 {
                    return Err(Wrong::at(option.span, "it takes a key, and maybe a value"));
                }
                for argument in arguments {
                    let text = text_of(argument)?;
                    if text.is_empty() || text.len() > NAME_BYTES_MAX {
                        return Err(Wrong::at(
                            argument.span,
                            format!("it takes 1 to {NAME_BYTES_MAX} bytes"),
                        ));
                    }
                }
            }
            "range" => {
                given.constraints.range = Some(self.range(file, option)?);
                given.range_span = Some(option.span);
            }
            "len" => {
                let range = self.range(file, option)?;
                for bound in [range.min, range.max].into_iter().flatten() {
                    if !matches!(bound, Number::Int(0..)) {
                        return Err(Wrong::at(option.span, "a length is a whole number from 0"));
                    }
                }
                given.constraints.len = Some(range);
                given.len_span = Some(option.span);
            }
            "deadline" => given.endpoint.deadline_ms = Some(self.time(file, one(option)?)?),
            "window" => {
                given.endpoint.window = Some(self.count(file, option, 1)?);
            }
            "allow" => allow(option)?,
            "cancel" => {
                let time = |argument: &Argument<'s>| self.time(file, argument);
                given.endpoint.cancel = Some(cancel(option, time)?);
            }
            "overrun" => {
                let argument = one(option)?;
                given.endpoint.overrun = Some(match word_of(argument)? {
                    "wait" => Overrun::Wait,
                    "error" => Overrun::Error,
                    "drop_oldest" => Overrun::DropOldest,
                    word => {
                        let known = &["wait", "error", "drop_oldest"];
                        return Err(Wrong::word(argument.span, word, known));
                    }
                });
            }
            "peers" => {
                let argument = one(option)?;
                match word_of(argument)? {
                    "scipp" => given.endpoint.peers_scipp_only = true,
                    word => return Err(Wrong::word(argument.span, word, &["scipp"])),
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, file: FileId, option: &Opt<'s>, min: u32) -> Result<u32, Wrong> {
        let value = value_of(one(option)?)?;
        match self.number(file, value)? {
            Number::Int(it) => {
                let count = u32::try_from(it).ok().filter(|count| *count >= min);
                count.ok_or_else(|| {
                    Wrong::at(
                        value.span,
                        format!("it takes a whole number from {min} to {}", u32::MAX),
                    )
                })
            }
            Number::Float(_) => Err(Wrong::at(value.span, "it takes a whole number")),
        }
    }

    fn range(&mut self, file: FileId, option: &Opt<'s>) -> Result<Range, Wrong> {
        let argument = one(option)?;
        let ArgumentKind::Range {
            min,
            max,
            max_included,
        } = &argument.kind
        else {
            return Err(Wrong::at(
                argument.span,
                "it takes a range: `a..=b`, `a..b`, `a..` or `..=b`",
            ));
        };
        let min = min
            .as_ref()
            .map(|value| self.number(file, value))
            .transpose()?;
        let max_number = max
            .as_ref()
            .map(|value| self.number(file, value))
            .transpose()?;
        if let (Some(min), Some(max)) = (min, max_number) {
            let order = compare(min, max);
            let empty = order.is_none_or(|it| {
                if *max_included {
                    it.is_gt()
                } else {
                    it.is_ge()
                }
            });
            if empty {
                return Err(Wrong::at(argument.span, "no value is in this range"));
            }
        }
        if *max_included && max.is_none() {
            return Err(Wrong::at(argument.span, "`..=` needs a number behind it"));
        }
        Ok(Range {
            min,
            max: max_number,
            max_included: *max_included,
        })
    }
}

/// The text of an argument that is a string.
pub(super) fn unquoted<'o>(argument: &'o syntax::Argument<'_>) -> Option<&'o str> {
    super::arguments::text_of(argument).ok()
}

/// What other languages call our options.
fn usual_option(name: &str) -> Option<&'static str> {
    Some(match name {
        "timeout" | "Timeout" | "ttl" => "deadline",
        "min" | "max" | "minimum" | "maximum" | "ge" | "le" | "gt" | "lt" => "range",
        "regex" | "regexp" | "match" | "matches" => "pattern",
        "length" | "size" | "min_length" | "max_length" => "len",
        "rename" | "key" | "json" | "json_name" | "serde" => "wire",
        "obsolete" | "Deprecated" => "deprecated",
        "namespace" | "path" => "ns",
        "retry" | "retryable" => "idempotent",
        _ => return None,
    })
}
