//! What users are told about types that a stock peer cannot hold.

use super::super::Checker;
use super::slots::{Clash, Held};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::stock::Why;
use crate::syntax::{ClauseKind, Item, ItemKind, Name};

/// The way out for those who have no stock peers.
const PEERS: &str = "where no stock peer takes part, write `@peers(scipp)` before the interface";

/// Why a dialog has one type.
const ONE_TYPE: &str = "a stock peer reads what `started`, `accepts`, `yields` and `returns` carry \
                        with one type of msgspec, the union of all four";

impl<'s> Checker<'_, 's> {
    /// Two phases of a context.
    pub(super) fn report_dialog(
        &mut self,
        endpoint: Name<'s>,
        clauses: &[ClauseKind],
        clash: &Clash<'s>,
    ) {
        let (first, second) = (self.spell(&clash.first.ty), self.spell(&clash.second.ty));
        let message = format!(
            "a stock peer cannot tell `{first}` and `{second}` apart in the dialog `{}`",
            endpoint.text
        );
        let phase = |held: &Held| clauses.get(held.part).map_or("", |kind| word(*kind));
        let (what_first, what_second) = labels(clash);
        let diagnostic = Diagnostic::new(code::STOCK_UNION, message)
            .at(
                clash.second.span,
                format!("{}: `{second}` {what_second}", phase(&clash.second)),
            )
            .with(
                clash.first.span,
                format!("{}: `{first}` {what_first}", phase(&clash.first)),
            )
            .note(ONE_TYPE);
        self.push_clash(diagnostic, clash);
    }

    /// A union inside of a payload.
    pub(super) fn report_union(&mut self, endpoint: Name<'s>, clash: &Clash<'s>) {
        let (first, second) = (self.spell(&clash.first.ty), self.spell(&clash.second.ty));
        let message = format!("a stock peer cannot tell `{first}` and `{second}` apart in a union");
        let (what_first, what_second) = labels(clash);
        let diagnostic = Diagnostic::new(code::STOCK_UNION, message)
            .at(clash.second.span, format!("`{second}` {what_second}"))
            .with(clash.first.span, format!("`{first}` {what_first}"))
            .with(endpoint.span, "carried by this endpoint");
        self.push_clash(diagnostic, clash);
    }

    fn push_clash(&mut self, diagnostic: Diagnostic, clash: &Clash<'s>) {
        let (why, mend) = reasons(&clash.why);
        self.diagnostics
            .push(diagnostic.note(why).help(mend).help(PEERS));
    }

    /// `any` beside something else.
    pub(super) fn swallowed(
        &self,
        endpoint: Name<'s>,
        clauses: &[ClauseKind],
        any: &Held,
        other: &Held,
    ) -> Diagnostic {
        let phase = |held: &Held| clauses.get(held.part).map_or("", |kind| word(*kind));
        let (any_spelled, spelled) = (self.spell(&any.ty), self.spell(&other.ty));
        let message = format!(
            "a stock peer does not check what the dialog `{}` carries",
            endpoint.text
        );
        Diagnostic::new(code::STOCK_ANY, message)
            .at(
                any.span,
                format!("{}: `{any_spelled}` takes every value", phase(any)),
            )
            .with(
                other.span,
                format!(
                    "{}: `{spelled}` comes as plain maps, lists and scalars",
                    phase(other)
                ),
            )
            .note(ONE_TYPE)
            .help("put the value into a message: `message Box { value: any }`")
            .help(PEERS)
    }

    /// A type that is made of itself without a record.
    pub(super) fn report_recursion(&mut self, endpoint: Name<'s>, item: &Item<'s>) {
        let name = item.name.text;
        let what = match item.kind {
            ItemKind::Newtype(_) => "newtype",
            _ => "union",
        };
        let message = format!("a stock peer cannot define the recursive {what} `{name}`");
        self.diagnostics.push(
            Diagnostic::new(code::STOCK_RECURSION, message)
                .at(
                    item.name.span,
                    "comes back to itself without a record between",
                )
                .with(endpoint.span, "carried by this endpoint")
                .note("for msgspec only records may contain themselves, by way of their fields")
                .help("put a struct or message on the way: `message Branch { items: list<...> }`")
                .help(PEERS),
        );
    }

    /// A key that msgspec does not allow.
    pub(super) fn report_key(&mut self, endpoint: Name<'s>, key: &str, span: Span) {
        let message = format!("a stock peer cannot have the key {key:?}");
        self.diagnostics.push(
            Diagnostic::new(code::STOCK_KEY, message)
                .at(span, "a quote, a backslash or a control character is in it")
                .with(endpoint.span, "carried by this endpoint")
                .note("msgspec refuses keys that JSON would have to escape")
                .help("choose another key, or make the record an `@array`")
                .help(PEERS),
        );
    }

    /// A value of an integer enum that is too large.
    pub(super) fn report_member(&mut self, endpoint: Name<'s>, name: Name<'s>, span: Span) {
        let message = format!("a stock peer cannot have this member of `{}`", name.text);
        self.diagnostics.push(
            Diagnostic::new(code::STOCK_MEMBER, message)
                .at(span, "greater than 9223372036854775807")
                .with(endpoint.span, "carried by this endpoint")
                .note("the enums of msgspec hold the values of `i64`")
                .help("give the member a smaller value, or use `u64` and constants")
                .help(PEERS),
        );
    }

    /// A pattern on top of another.
    pub(super) fn report_patterns(&mut self, endpoint: Name<'s>, span: Span, other: Span) {
        self.diagnostics.push(
            Diagnostic::new(
                code::STOCK_PATTERNS,
                "a stock peer cannot check two patterns on one text",
            )
            .at(span, "the second pattern")
            .with(other, "the first one")
            .with(endpoint.span, "carried by this endpoint")
            .note("msgspec has one pattern for a text; bounds and lengths are narrowed, patterns cannot be")
            .help("write one pattern that says both, on a newtype of `str`")
            .help(PEERS),
        );
    }
}

fn word(kind: ClauseKind) -> &'static str {
    match kind {
        ClauseKind::Started => "started",
        ClauseKind::Accepts => "accepts",
        ClauseKind::Yields => "yields",
        ClauseKind::Returns => "returns",
        ClauseKind::Raises => "raises",
    }
}

/// What the first and the second member are.
fn labels(clash: &Clash<'_>) -> (String, String) {
    let both = |text: &str| (text.to_owned(), text.to_owned());
    let turned = |in_order: bool, first: &str, second: &str| {
        let (first, second) = if in_order {
            (first, second)
        } else {
            (second, first)
        };
        (first.to_owned(), second.to_owned())
    };
    match &clash.why {
        Why::Integers => ("is an integer".into(), "is one with other bounds".into()),
        Why::IntegerEnum => both("goes as an integer"),
        Why::Floats => ("is a float".into(), "is one with other bounds".into()),
        Why::Texts => both("goes as text or bytes"),
        Why::Arrays => both("is an array"),
        Why::Tuple(tuple_first) => turned(*tuple_first, "is a tuple", "has bounds"),
        Why::Pattern(text_first) => turned(*text_first, "has a pattern", "is a list or a map"),
        Why::Maps => both("is a map"),
        Why::Untagged(first, second) => {
            let what = |tagged| {
                if tagged {
                    "is a message"
                } else {
                    "is a record without a tag"
                }
            };
            (what(*first).into(), what(*second).into())
        }
        Why::ArrayAndMap => ("is a record".into(), "is one of the other form".into()),
        Why::TagKeys(first, second) => (
            format!("has its tag at the key \"{first}\""),
            format!("has it at the key \"{second}\""),
        ),
        Why::SameTag(tag) => both(&format!("has the tag \"{}\"", tag.value)),
    }
}

/// Why msgspec refuses them, and what to do.
fn reasons(why: &Why<'_>) -> (&'static str, &'static str) {
    match why {
        Why::Integers => (
            "msgspec has one place for integers, with one pair of bounds",
            "use one integer type for both, or put one of them into a `message`",
        ),
        Why::IntegerEnum => (
            "msgspec has one place for integers: for `int` or for one enum",
            "use one type for both, or put one of them into a `message`",
        ),
        Why::Floats => (
            "msgspec has one place for floats, with one pair of bounds",
            "use one float type for both, or put one of them into a `message`",
        ),
        Why::Texts => (
            "msgspec has one place for what goes as text or bytes: str, bytes, timestamp, date, time, duration, uuid, \
             decimal, ref and text enums",
            "put one of them into a `message`",
        ),
        Why::Arrays => (
            "msgspec has one place for arrays: a list, a tuple, or records with `@array`",
            "put one of them into a `message`, or leave `@array` out",
        ),
        Why::Tuple(_) => (
            "msgspec loses the length of a tuple that stands beside a type with bounds, and all integers have bounds",
            "declare an `@array struct` in place of the tuple",
        ),
        Why::Pattern(_) => (
            "msgspec fails on a text with a pattern that stands beside a list or a map",
            "put one of them into a `message`",
        ),
        Why::Maps => (
            "msgspec has one place for maps: a `map`, or records",
            "put the map into a `message`",
        ),
        Why::Untagged(first, second) => (
            "msgspec tells records apart by their tags, so each of several must have one",
            if *first || *second {
                "declare the one without a tag as a `message`"
            } else {
                "declare both as `message`"
            },
        ),
        Why::ArrayAndMap => (
            "records side by side are either all maps or all arrays",
            "give both of them `@array`, or none",
        ),
        Why::TagKeys(..) => (
            "msgspec looks for the tag at one key",
            "give both the same tag key with `@tag`",
        ),
        Why::SameTag(_) => (
            "a tag stands for one record; type arguments are not part of it",
            "give one of them another tag: `@tag(\"type\", \"other\")`",
        ),
    }
}
