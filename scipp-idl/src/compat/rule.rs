//! The rules: every kind of change that a comparison knows. It is one file because it is one table, which
//! `docs/breaking.md` repeats and a test compares.
//!
//! A rule says what a change means for sources; what it does to bytes depends on the direction in which they travel, and
//! is judged where the change is found. An id keeps its meaning for ever.

use super::change::Verdict::{self, Breaking, Caution, Compatible};
use std::fmt;

/// A kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// Words with dashes, such as `field-removed`.
    pub id: &'static str,
    /// What has happened: one line without a full stop.
    pub title: &'static str,
    /// What code that uses the generated Rust notices.
    pub rust: Verdict,
    /// The same for Python.
    pub python: Verdict,
    /// The same for TypeScript.
    pub typescript: Verdict,
    /// Why it is judged so: one or more sentences.
    pub why: &'static str,
    /// How to get there compatibly: one or more sentences.
    pub mend: &'static str,
}

impl Rule {
    /// The rule of that id.
    pub fn find(id: &str) -> Option<&'static Rule> {
        ALL.iter().find(|rule| rule.id == id)
    }

    /// What it means, as a section of Markdown.
    pub fn page(&self) -> String {
        let names = |verdict: Verdict| {
            let all = [
                ("Rust", self.rust),
                ("Python", self.python),
                ("TypeScript", self.typescript),
            ];
            let named: Vec<&str> = all
                .iter()
                .filter(|(_, it)| *it == verdict)
                .map(|(name, _)| *name)
                .collect();
            named.join(", ")
        };
        let sources = match (names(Breaking), names(Caution)) {
            (breaking, caution) if breaking.is_empty() && caution.is_empty() => {
                "no change".to_owned()
            }
            (breaking, caution) if caution.is_empty() => format!("breaks {breaking}"),
            (breaking, caution) if breaking.is_empty() => format!("caution for {caution}"),
            (breaking, caution) => format!("breaks {breaking}; caution for {caution}"),
        };
        format!(
            "### {}\n\n{}. {}\n\n*Instead:* {}\n\n*Sources:* {sources}.\n",
            self.id,
            capital(self.title),
            self.why,
            self.mend
        )
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

const O: Verdict = Compatible;
const C: Verdict = Caution;
const B: Verdict = Breaking;

macro_rules! rules {
    ($($name:ident $id:literal [$rust:ident $python:ident $typescript:ident] $title:literal $why:literal $mend:literal)*) => {
        $(#[doc = $title] pub const $name: Rule = Rule {
            id: $id, title: $title, rust: $rust, python: $python, typescript: $typescript, why: $why, mend: $mend,
        };)*
        /// Every rule, in the order of the table.
        pub const ALL: &[Rule] = &[$($name),*];
    };
}

rules! {
// Fields of structs, messages and errors.
FIELD_ADDED "field-added" [C O C] "a field is added that may be absent"
    "Readers of the old version pass over a key that they do not know; readers of the new one fill it in."
    "Nothing is needed. Rust code that spells out all fields of a value has to name the new one; the constructor `new` does not change."
FIELD_ADDED_REQUIRED "field-added-required" [B B B] "a field is added that must be there"
    "Values of the old version do not have it, and readers of the new version refuse them."
    "Give it a default, or make it optional with `?`."
FIELD_REMOVED "field-removed" [B B B] "a field is removed"
    "Readers of the new version pass over it, and lose it. Readers of the old version that need it refuse values without it."
    "Keep the field and mark it `@deprecated`. If it may be absent in the old version, remove it once nobody reads it, and add `reserved` with its name."
FIELD_RENAMED "field-renamed" [B B B] "a field has another name and the same key"
    "The bytes are the same; code that uses the field is not."
    "Nothing is needed on the wire. Keep the old name where sources must not change."
FIELD_KEY_CHANGED "field-key-changed" [O O O] "a field has another key on the wire"
    "For a reader the old key is gone and another one has come: the value does not arrive."
    "Keep the key: `@wire(\"old_key\")`. Or add a second field, and write both until nobody reads the first."
FIELDS_REORDERED "fields-reordered" [C C O] "fields of a map stand in another order"
    "Maps are read by key, in any order. Only the canonical bytes and the fingerprints change, and arguments by position in sources."
    "Nothing is needed. Add new fields at the end."
ARRAY_ORDER_CHANGED "array-order-changed" [O C O] "elements of an `@array` have moved"
    "Elements of an array are known by their place: readers of the other version take one field for another."
    "Keep the order for ever, and add fields at the end only."
ARRAY_FORM_CHANGED "array-form-changed" [O O O] "a record has become an array, or a map"
    "No reader takes one for the other."
    "Declare a second type with the other form, and move to it field by field."
DEFAULT_ADDED "default-added" [C O C] "a required field has a default now"
    "It is still written always. Readers of the new version fill it in where it is absent."
    "Nothing is needed."
DEFAULT_REMOVED "default-removed" [B B B] "a field has no default any more, and must be there"
    "A value may lack it under the old schema: one from before the field, or from a stock Python peer, which leaves defaults out. Readers of the new version refuse it."
    "Keep the default."
DEFAULT_CHANGED "default-changed" [C C C] "a field has another default"
    "Where the field is absent, the two versions read different values. Our peers write defaults out; stock Python peers may not."
    "Keep the default, or add a field with another name."
NIL_ALLOWED "nil-allowed" [B C C] "a value may be nil now"
    "Readers of the old version refuse nil."
    "Where readers may be old, keep the field as it is and add another that is optional."
NIL_REFUSED "nil-refused" [B C C] "a value may not be nil any more"
    "Readers of the new version refuse nil, which the old version writes."
    "Keep the `?`, and refuse nil in code."
ABSENCE_REFUSED "absence-refused" [C C C] "a field may not be absent any more"
    "Readers of the new version refuse values without it, which the old one allows."
    "Keep the form of presence, or give the field a default."
OMISSION_ALLOWED "omission-allowed" [B B B] "a field may be left out now"
    "Writers of the new version leave it out, and readers of the old one miss it or take it for nil or the default."
    "Keep the field as it is, and add one of the form `a?: T` beside it."
OMISSION_MERGED "omission-merged" [B B B] "a field that was left out is read as a value now"
    "What was left out on purpose arrives as nil or as the default: a third state has become one of the other two."
    "Keep the form `a?: T`."
RESERVED_REUSED "reserved-reused" [O O O] "a name that was reserved has come back"
    "It was reserved since it once meant something else: values and peers of that time are read wrongly."
    "Choose another name."
RESERVED_REMOVED "reserved-removed" [O O O] "a name is not reserved any more"
    "Nothing keeps it from coming back with another meaning."
    "Keep names reserved for as long as values of that time exist."
RESERVED_ADDED "reserved-added" [O O O] "a name is reserved"
    "It changes no bytes."
    "Nothing is needed."

// Tags.
TAG_ADDED "tag-added" [C C C] "a record carries a tag now"
    "Alone, a record is read with or without its tag. In a union readers look for the tag."
    "Declare a `message` beside the struct where a union needs one."
TAG_REMOVED "tag-removed" [C C C] "a record carries no tag any more"
    "Alone, a record is read with or without its tag. In a union readers look for the tag."
    "Keep the `message`, which can stand wherever a struct can."
TAG_VALUE_CHANGED "tag-value-changed" [O O O] "a message goes by another name on the wire"
    "Readers refuse a tag that is not theirs."
    "Keep the value with `@tag(\"type\", \"OldName\")`."
TAG_KEY_CHANGED "tag-key-changed" [O O O] "the tag of a message stands under another key"
    "Readers look for the tag in another place."
    "Keep the key with `@tag(\"old_key\")`."

// Types of values.
TYPE_WIDENED "type-widened" [B C C] "a type holds more than before"
    "All old values are values of the new type, in the same bytes or in bytes that it reads. Readers of the old version refuse new values that are beyond their type."
    "Safe where only the callee reads. Elsewhere add a second field of the wider type."
TYPE_NARROWED "type-narrowed" [B C C] "a type holds less than before"
    "Readers of the new version refuse old values that are beyond their type. All new values are values of the old type."
    "Safe where only the callee writes. Elsewhere keep the type, and restrict values in code."
TYPE_CHANGED "type-changed" [B B B] "a type is another one"
    "The two versions do not read each other's values, or read them as something else."
    "Add a second field with the new type, and deprecate the first."
TYPE_EQUIVALENT "type-equivalent" [B C C] "another type with the same bytes"
    "Values are written and read alike; code has to convert."
    "Nothing is needed on the wire."
INT_TO_FLOAT "int-to-float" [B C B] "an integer has become a float"
    "An int is read as a float, but a float never as an int; and beyond 53 bits (24 for `f32`) an int is rounded."
    "Add a second field for the float."
FLOAT_TO_INT "float-to-int" [B B B] "a float has become an integer"
    "A float is never read as an int, also when it is whole."
    "Add a second field for the integer."
TUPLE_LENGTH_CHANGED "tuple-length-changed" [B B B] "a tuple has another length"
    "A tuple is an array of exactly its length."
    "Use an `@array struct`, which may grow at its end."

// Constraints.
RANGE_WIDENED "range-widened" [O O O] "a range allows more"
    "Readers of the old version refuse what lies outside of their range."
    "Safe where only the callee reads. Elsewhere let all readers know the wider range first."
RANGE_NARROWED "range-narrowed" [O O O] "a range allows less"
    "Readers of the new version refuse old values outside of the new range."
    "Safe where only the callee writes. Elsewhere check the narrower range in code, and answer with a declared error."
LENGTH_WIDENED "length-widened" [O O O] "a length may vary more"
    "Readers of the old version refuse lengths outside of their bounds."
    "Safe where only the callee reads. Elsewhere let all readers know the wider bounds first."
LENGTH_NARROWED "length-narrowed" [O O O] "a length may vary less"
    "Readers of the new version refuse old values of other lengths."
    "Safe where only the callee writes. Elsewhere check the length in code, and answer with a declared error."
PATTERN_ADDED "pattern-added" [O O O] "text has to match a pattern now"
    "Readers of the new version refuse old text that does not match."
    "Safe where only the callee writes. Elsewhere check it in code."
PATTERN_REMOVED "pattern-removed" [O O O] "text need not match a pattern any more"
    "Readers of the old version refuse text that does not match theirs."
    "Safe where only the callee reads."
PATTERN_CHANGED "pattern-changed" [O O O] "text has to match another pattern"
    "Whether one pattern matches all that the other does is not known, so each version may refuse the other's text."
    "Keep the pattern, or remove it where only the callee reads."
UNIQUE_ADDED "unique-added" [O O O] "a list may not hold a value twice any more"
    "Readers of the new version refuse old lists with repeats."
    "Safe where only the callee writes. Elsewhere remove repeats in code."
UNIQUE_REMOVED "unique-removed" [O O O] "a list may hold a value twice now"
    "Readers of the old version refuse lists with repeats."
    "Safe where only the callee reads."
UNIQUE_MAY_REPEAT "unique-may-repeat" [O O O] "elements of a `@unique` list have changed"
    "Elements that differ in one version may be equal in the other, which drops a part of them, and then refuses the list."
    "Remove `@unique` first, or keep the elements as they are."

// Enums.
ENUM_MEMBER_ADDED "enum-member-added" [C C C] "an enum has a new member"
    "Readers of a closed enum refuse a member that they do not know; an open enum keeps it. Code that matches all members has to know the new one."
    "Declare enums that may grow as `open enum` from the start. Safe for a closed enum where only the callee reads."
ENUM_MEMBER_REMOVED "enum-member-removed" [B B B] "a member of an enum is removed"
    "Readers of a closed enum refuse it; an open enum keeps it as unknown."
    "Keep the member and mark it `@deprecated`. If nobody writes it any more, remove it and add `reserved` with its name."
ENUM_MEMBER_RENAMED "enum-member-renamed" [B B B] "a member of an enum has another name and the same value"
    "The bytes are the same; code that uses the member is not."
    "Nothing is needed on the wire."
ENUM_MEMBER_VALUE_CHANGED "enum-member-value-changed" [O O O] "a member of an enum has another value on the wire"
    "Readers take the new value for another member, or for none."
    "Keep the value; add a member for the new one."
ENUM_MEMBERS_REORDERED "enum-members-reordered" [C O O] "members of an enum stand in another order"
    "Members are known by their value. Only the order in which generated Rust compares them changes."
    "Nothing is needed. Add members at the end."
ENUM_OPENED "enum-opened" [B C C] "an enum is open now"
    "Readers of the old version refuse what the new one keeps without knowing it."
    "Safe where only the callee reads."
ENUM_CLOSED "enum-closed" [B C C] "an enum is not open any more"
    "Readers of the new version refuse values that they do not know, which the old version kept and wrote back."
    "Keep it open."
ENUM_REPRESENTATION_CHANGED "enum-representation-changed" [C C C] "members of an enum are written as another type"
    "Text is never read as an integer, nor an integer as text."
    "Declare a second enum."

// Unions.
UNION_MEMBER_ADDED "union-member-added" [B C C] "a union has a new member"
    "Readers of a closed union refuse what they do not know. An open union keeps an unknown message whole, but `msgspec` does not."
    "Safe where only the callee reads. Declare unions that may grow as `open union` from the start."
UNION_MEMBER_REMOVED "union-member-removed" [B B B] "a member of a union is removed"
    "Readers of the new version refuse it, or keep it as unknown where the union is open."
    "Keep the member and mark its message `@deprecated`."
UNION_MEMBERS_REORDERED "union-members-reordered" [O C O] "members of a union stand in another order"
    "Members are told apart by looking at the value, not by their order."
    "Nothing is needed."
UNION_OPENED "union-opened" [B C C] "a union is open now"
    "Readers of the old version refuse messages that the new one keeps without knowing them."
    "Safe where only the callee reads."
UNION_CLOSED "union-closed" [B C C] "a union is not open any more"
    "Readers of the new version refuse messages that they do not know, which the old version kept and wrote back."
    "Keep it open."
STOCK_UNION_CLASH "stock-union-clash" [O B O] "a stock Python peer cannot decode a union any more"
    "`msgspec` allows one str-like member in a union (text, bytes, dates, durations, uuids, decimals and text enums are all the same to it), one int-like, one array-like and one untagged map."
    "Wrap the members that clash in messages."

// Extension types.
EXT_CODE_CHANGED "ext-code-changed" [O O O] "an extension type has another code"
    "Readers know the type by its code."
    "Keep the code."
EXT_BODY_CHANGED "ext-body-changed" [B B B] "an extension type holds something else"
    "What is inside is read by the type that the reader has."
    "Declare a second extension type with a code of its own."

// Declarations.
PACKAGE_ADDED "package-added" [O O O] "a package is added"
    "Nobody uses it yet."
    "Nothing is needed."
PACKAGE_REMOVED "package-removed" [B B B] "a package is removed"
    "Code that uses it cannot. What that means for bytes is said where its types stood."
    "Keep it and deprecate what is in it."
ITEM_ADDED "item-added" [O O O] "a declaration is added"
    "Nobody uses it yet."
    "Nothing is needed."
ITEM_REMOVED "item-removed" [B B B] "a declaration is removed"
    "Code that uses it cannot. What that means for bytes is said where it stood."
    "Mark it `@deprecated` first."
ITEM_MOVED "item-moved" [B B B] "a declaration is in another package"
    "Packages of types are not on the wire. Code has to import from the new place."
    "Leave an alias behind: `alias X = other.X;`."
ITEM_RENAMED "item-renamed" [B B B] "a declaration has another name"
    "Names of types are not on the wire, but for tags and errors, which are judged on their own."
    "Leave an alias behind: `alias Old = New;`."
ITEM_KIND_CHANGED "item-kind-changed" [B B B] "a declaration is of another kind"
    "What that means for bytes is said on its own."
    "Declare a second one with another name."
TYPE_PARAMETERS_CHANGED "type-parameters-changed" [B B B] "a generic type has other parameters"
    "Type parameters are not on the wire. Code that names the type with its arguments has to change."
    "Declare a second type with another name."
TYPE_REPLACED "type-replaced" [B B B] "another declared type stands in a place"
    "Names of types are not on the wire; how the two differ is judged field by field."
    "Nothing is needed where no difference is reported."
CONST_TYPE_CHANGED "const-type-changed" [B C C] "a constant has another type"
    "Constants are not on the wire. Code that uses it may have to convert."
    "Declare a second constant."
CONST_VALUE_CHANGED "const-value-changed" [C C C] "a constant has another value"
    "Constants are not on the wire. The two versions of the code count on different values."
    "Nothing is needed where nobody depends on the value."
ERROR_TEXT_CHANGED "error-text-changed" [O O O] "an error reads differently"
    "The text is for people. Nothing decides by it."
    "Nothing is needed."
DEPRECATED "deprecated" [C O C] "something is deprecated now"
    "It changes no bytes; compilers warn where it is used."
    "Nothing is needed."
DEPRECATION_CHANGED "deprecation-changed" [O O O] "a deprecation is withdrawn or reads differently"
    "It changes no bytes."
    "Nothing is needed."
SINCE_CHANGED "since-changed" [O O O] "`@since` says another version"
    "It changes no bytes."
    "Nothing is needed."
FOREIGN_OPTION_CHANGED "foreign-option-changed" [C C C] "an option for other generators has changed"
    "What `@x` options mean is not known here."
    "Ask those who read the option."
DOCS_CHANGED "docs-changed" [O O O] "a documentation comment has changed"
    "It changes no bytes and no code."
    "Nothing is needed."

// Interfaces and endpoints.
INTERFACE_ADDED "interface-added" [O O O] "an interface is added"
    "Nobody calls it yet. New callers need a callee that serves it."
    "Nothing is needed."
INTERFACE_REMOVED "interface-removed" [B B B] "an interface is removed"
    "Old callers are refused: no such endpoint."
    "Mark it `@deprecated`, and serve it until nobody calls it."
INTERFACE_RENAMED "interface-renamed" [B B B] "an interface has another name and the same namespace"
    "The bytes are the same; the generated traits and clients have other names."
    "Nothing is needed on the wire."
NAMESPACE_CHANGED "namespace-changed" [O O O] "an interface has another namespace on the wire"
    "Endpoints are known by namespace and name: callers of the other version find none of them."
    "Keep the namespace with `@ns(\"old.namespace\")`, or serve the old interface beside the new one."
EXTENDS_CHANGED "extends-changed" [C C C] "an interface extends others than before"
    "Which endpoints it has is judged on its own. Code that counts on the base interface has to change."
    "Nothing is needed where no endpoint is lost."
ENDPOINT_ADDED "endpoint-added" [B C O] "an endpoint is added"
    "Nobody calls it yet. New callers need a callee that serves it, and implementors of the generated trait have to."
    "Nothing is needed on the wire."
ENDPOINT_REMOVED "endpoint-removed" [B B B] "an endpoint is removed"
    "Old callers are refused: no such endpoint."
    "Mark it `@deprecated`, and serve it until nobody calls it."
ENDPOINT_RENAMED "endpoint-renamed" [B B B] "an endpoint has another name and the same one on the wire"
    "The bytes are the same; the generated methods have other names."
    "Nothing is needed on the wire."
ENDPOINT_NAME_CHANGED "endpoint-name-changed" [O O O] "an endpoint has another name on the wire"
    "Callers of the other version do not find it."
    "Keep the name with `@name(\"old_name\")`."
ENDPOINT_KIND_CHANGED "endpoint-kind-changed" [B B B] "an endpoint is of another kind"
    "`fn`, `gen` and `context` are different dialogs: neither side understands the other's messages."
    "Add an endpoint with another name, and deprecate this one."
ARGUMENT_ADDED "argument-added" [O C O] "an argument is added that may be absent"
    "Callees of the old version pass over it; those of the new one fill it in. A stock Python callee is called with it as a keyword, and refuses one that its function does not have."
    "Where callees are stock Python actors, let them take the argument first."
ARGUMENT_ADDED_REQUIRED "argument-added-required" [B B B] "an argument is added that must be there"
    "Old callers do not send it, and new callees refuse the call."
    "Give it a default, or make it optional with `?`."
ARGUMENT_REMOVED "argument-removed" [B B B] "an argument is removed"
    "New callees pass over it, old callees that need it refuse calls without it. A stock Python callee refuses a keyword that its function does not have."
    "Keep it and mark it `@deprecated`."
ARGUMENT_RENAMED "argument-renamed" [B B B] "an argument has another name and the same key"
    "The bytes are the same; code that uses the argument is not."
    "Nothing is needed on the wire."
ARGUMENT_KEY_CHANGED "argument-key-changed" [O O O] "an argument has another key on the wire"
    "Callees of the other version do not find it."
    "Keep the key: `@wire(\"old_key\")`."
ARGUMENTS_REORDERED "arguments-reordered" [B B B] "arguments stand in another order"
    "Arguments travel by name. Generated clients take the required ones by position: equal types are swapped in silence."
    "Add arguments at the end."
STARTED_ADDED "started-added" [B B B] "a context begins with a value now"
    "Where there was none, nil is sent: neither version reads the other's first value."
    "Declare the first value as optional, `started T?`, in a new endpoint; or yield it."
STARTED_REMOVED "started-removed" [B B B] "a context begins with a value no more"
    "Where there is none, nil is sent: neither version reads the other's first value."
    "Keep the clause."
ACCEPTS_ADDED "accepts-added" [B C C] "a context takes items from its caller now"
    "Old callers send none. New callers need a callee that takes them."
    "Safe if the callee does not wait for items."
ACCEPTS_REMOVED "accepts-removed" [B B B] "a context takes no items from its caller any more"
    "Old callers send items that the new callee does not expect."
    "Keep the clause, and pass over what comes."
YIELDS_ADDED "yields-added" [B B B] "a context sends items to its caller now"
    "Old callers do not expect any."
    "Add an endpoint with another name."
YIELDS_REMOVED "yields-removed" [B B B] "a context sends no items to its caller any more"
    "Old callees send items that new callers do not expect."
    "Keep the clause, and yield nothing."
RETURNS_ADDED "returns-added" [B B C] "an endpoint returns a value now"
    "Where there is no result, nil is sent: neither version reads the other's result."
    "Add an endpoint with another name."
RETURNS_REMOVED "returns-removed" [B B B] "an endpoint returns no value any more"
    "Where there is no result, nil is sent: neither version reads the other's result."
    "Keep the result."
RAISES_ADDED "raises-added" [B C C] "an endpoint may fail with another error"
    "Old callers do not know the error: it reaches them as a failure without a type."
    "Use an error that is declared already, or add an endpoint."
RAISES_REMOVED "raises-removed" [B C C] "an error is not declared any more"
    "To new callers of an old callee it is a failure without a type."
    "Keep it declared until no old callee is left."

// Options of endpoints.
DEADLINE_SHORTENED "deadline-shortened" [O O O] "an endpoint has less time"
    "Dialogs that were in time are cancelled now."
    "Measure how long the dialogs take."
DEADLINE_LENGTHENED "deadline-lengthened" [O O O] "an endpoint has more time"
    "The shorter of the two deadlines counts while one side is old."
    "Nothing is needed."
CANCEL_CHANGED "cancel-changed" [O O O] "a handler is stopped in another way"
    "How long a cancelled dialog takes to end, and what its handler can still do, is different."
    "Look at what handlers do after they are asked to stop."
WINDOW_CHANGED "window-changed" [O O O] "another number of items may be in flight"
    "The smaller window counts while one side is old; throughput may change."
    "Nothing is needed."
OVERRUN_CHANGED "overrun-changed" [O O O] "items for which there is no room meet another end"
    "Items may be lost, or dialogs ended, that were not before."
    "Look at what readers do when they fall behind."
IDEMPOTENT_ADDED "idempotent-added" [O O O] "an endpoint may be called again when it is in doubt"
    "New callers may repeat a call that an old callee does not take twice."
    "Let callees be able to first."
IDEMPOTENT_REMOVED "idempotent-removed" [O O O] "an endpoint may not be called again any more when it is in doubt"
    "Old callers still repeat calls that the new callee does not take twice."
    "Keep it idempotent, or add an endpoint with another name."
STOCK_PEERS_DROPPED "stock-peers-dropped" [O O O] "`@peers(scipp)` is added"
    "Nothing proves any more that a stock Python peer can hold these dialogs."
    "Leave it out while there are such peers."
STOCK_PEERS_ADMITTED "stock-peers-admitted" [O O O] "`@peers(scipp)` is removed"
    "Stock Python peers can hold these dialogs."
    "Nothing is needed."
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_rule_has_an_id_of_its_own_and_says_something() {
        let ids: BTreeSet<&str> = ALL.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for rule in ALL {
            let plain = rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            assert!(plain, "{rule}");
            assert!(
                rule.why.ends_with('.') && rule.mend.ends_with('.'),
                "{rule}"
            );
            assert!(!rule.title.ends_with('.'), "{rule}");
        }
        assert_eq!(Rule::find("field-removed"), Some(&FIELD_REMOVED));
        assert_eq!(Rule::find("field-gone"), None);
    }
}
