//! The checked model as documents for other programs: plain data with names of its own.
//!
//! `scipp model` prints a [`Model`] as JSON, and users' templates read one. [`JSON_SCHEMA`] describes it; it is made of the
//! types and comments here, and a test compares them. The types of [`schema`](crate::schema) may change with the
//! compiler; a key here changes its meaning or goes away only together with [`FORMAT`]. New keys may come without.
//!
//! Whatever has alternatives has a `kind` that says which; what is not there is `null`, or an empty list or text. Everything
//! is resolved: names are those of items in the same document, options of endpoints have those of their interface and
//! package filled in, and unions are flat. It is one file because it reads as one definition.

mod build;

#[cfg(feature = "json-schema")]
use schemars::JsonSchema;
use serde::Serialize;

/// Version of the shape of the document.
pub const FORMAT: u32 = 1;

/// The JSON Schema of the document (draft 2020-12).
pub const JSON_SCHEMA: &str = include_str!("../../model.schema.json");

/// A set of checked packages.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Model {
    /// Version of the shape of this document: 1.
    pub format: u32,
    /// What wrote the document: `scipp` and its version.
    pub generator: String,
    /// The packages that were given and those that they import, sorted by name.
    pub packages: Vec<Package>,
}

/// One package, which is one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Package {
    /// Dotted name, such as `market.feed`.
    pub name: String,
    /// The text of the `//!` comments; lines end with `\n`, without one at the end.
    pub doc: String,
    /// Whether it was asked for; otherwise it is here because another package imports it.
    pub given: bool,
    /// Packages that this one imports, sorted.
    pub imports: Vec<String>,
    /// Options of endpoints that stand before `package`.
    pub options: Options,
    /// `@x.name(...)` options that stand before `package`.
    pub extensions: Vec<Extension>,
    /// Its declarations, in the order of the file.
    pub items: Vec<Item>,
    /// Where it is declared.
    pub position: Position,
}

/// A place in a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Position {
    /// The file as it was given or found, or `<stdin>`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
}

/// The name of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Name {
    /// The package that declares it.
    pub package: String,
    /// Its name there.
    pub name: String,
}

/// A declaration. What it declares stands beside `kind`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Item {
    /// Name within its package.
    pub name: String,
    /// The text of its `///` comments.
    pub doc: String,
    /// Names of its type parameters.
    pub params: Vec<String>,
    /// Since which version of the package it exists: `@since`.
    pub since: Option<u32>,
    /// Why not to use it: `@deprecated`; an empty text where no reason is given, `null` where it is not deprecated.
    pub deprecated: Option<String>,
    /// `@x.name(...)` options.
    pub extensions: Vec<Extension>,
    /// Where its name stands.
    pub position: Position,
    /// What it declares.
    #[serde(flatten)]
    pub kind: ItemKind,
}

/// What an item declares.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "json-schema", derive(JsonSchema))]
pub enum ItemKind {
    /// A map without a tag.
    Struct {
        /// Fields in the order of the wire.
        fields: Vec<Field>,
        /// Whether it is written as an array in field order.
        array: bool,
        /// Names that must not come back.
        reserved: Vec<String>,
    },
    /// A map, or an array, that begins with its tag.
    Message {
        /// Fields in the order of the wire, without the tag.
        fields: Vec<Field>,
        /// Whether it is written as an array: the value of the tag, then the fields.
        array: bool,
        /// Names that must not come back.
        reserved: Vec<String>,
        /// The entry that names it.
        tag: Tag,
    },
    /// A struct that may stand after `raises`.
    Error {
        /// Fields in the order of the wire.
        fields: Vec<Field>,
        /// Whether it is written as an array in field order.
        array: bool,
        /// Names that must not come back.
        reserved: Vec<String>,
        /// `@text`, in pieces; `null` where the name must do.
        text: Option<Vec<TextPart>>,
    },
    /// An enumeration.
    Enum {
        /// The integer type of its values; `null` for text.
        int: Option<ScalarName>,
        /// Whether values that are not known are kept.
        open: bool,
        /// Members in the order of the file.
        members: Vec<Member>,
        /// Names that must not come back.
        reserved: Vec<String>,
    },
    /// A named union.
    Union {
        /// Its members, flat.
        members: Vec<Type>,
        /// Whether messages that are not known are kept.
        open: bool,
    },
    /// Another name for a type.
    Alias {
        /// The type.
        target: Type,
    },
    /// A type of its own with the bytes of another.
    Newtype {
        /// The type that it wraps.
        target: Type,
        /// What is checked about its values.
        constraints: Constraints,
    },
    /// A constant.
    Const {
        /// Its type.
        #[serde(rename = "type")]
        ty: Type,
        /// Its value.
        value: Value,
    },
    /// An extension type of MessagePack.
    Ext {
        /// Its code, 0 to 127.
        code: u8,
        /// What is inside, where that is a record; otherwise `null`.
        fields: Option<Vec<Field>>,
        /// What is inside, where that is no record; otherwise `null`. `bytes` are the bytes themselves.
        target: Option<Type>,
    },
    /// An interface.
    Interface {
        /// Its namespace on the wire.
        namespace: String,
        /// Interfaces whose endpoints it has, too.
        extends: Vec<Name>,
        /// All its endpoints: its own in the order of the file, then those of the interfaces that it extends.
        endpoints: Vec<Endpoint>,
        /// Options that are the default for its endpoints.
        options: Options,
        /// Hash of what it is on the wire: 16 hexadecimal digits.
        fingerprint: String,
    },
}

/// The entry that names a message on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A piece of the text of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub enum TextPart {
    /// Text as it stands.
    Literal {
        /// The text.
        text: String,
    },
    /// The value of a field.
    Field {
        /// The name of the field.
        name: String,
    },
}

/// A field of a record, or a parameter of an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Field {
    /// Name in the schema.
    pub name: String,
    /// Key on the wire.
    pub wire: String,
    /// The text of its `///` comments.
    pub doc: String,
    /// Its type. `a: T?` has an optional type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Whether it may be absent.
    pub presence: Presence,
    /// Its value where it is absent, for `presence` `default`; otherwise `null`.
    pub default: Option<Value>,
    /// What is checked about its values.
    pub constraints: Constraints,
    /// Since which version of the package it exists.
    pub since: Option<u32>,
    /// Why not to use it; `null` where it is not deprecated.
    pub deprecated: Option<String>,
    /// `@x.name(...)` options.
    pub extensions: Vec<Extension>,
    /// Where its name stands.
    pub position: Position,
}

/// Whether a field may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "json-schema", derive(JsonSchema))]
pub enum Presence {
    /// `a: T`, and `a: T?`: always written. With an optional type, absent is read as nil.
    Required,
    /// `a: T = v`: always written, absent is read as the default.
    Default,
    /// `a?: T`: absent is a state of its own.
    Omittable,
}

/// What is checked about a value beyond its type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Constraints {
    /// `@range`, for numbers.
    pub range: Option<Range>,
    /// `@len`: characters, bytes, or entries.
    pub len: Option<Range>,
    /// `@pattern`, for text.
    pub pattern: Option<String>,
    /// `@unique`, for lists.
    pub unique: bool,
}

/// Bounds; `null` is without bound.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Range {
    /// Smallest value.
    pub min: Option<Number>,
    /// Largest value.
    pub max: Option<Number>,
    /// Whether `max` itself is allowed.
    pub max_included: bool,
}

/// A number. Integers may have more than 53 bits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "json-schema", derive(JsonSchema))]
pub enum Number {
    /// Without a fraction.
    Int(i128),
    /// With one.
    Float(f64),
}

/// A type where it is used.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub enum Type {
    /// A type of the language.
    Scalar {
        /// Which.
        name: ScalarName,
    },
    /// `list<T>`.
    List {
        /// The type of its elements.
        item: Box<Type>,
    },
    /// `map<K, V>`.
    Map {
        /// The type of its keys.
        key: Box<Type>,
        /// The type of its values.
        value: Box<Type>,
    },
    /// `(A, B)`.
    Tuple {
        /// The types of its elements, at least one.
        items: Vec<Type>,
    },
    /// `T?`.
    Optional {
        /// The type without the `?`.
        item: Box<Type>,
    },
    /// `A | B`, without a name.
    Union {
        /// Its members, flat.
        members: Vec<Type>,
    },
    /// A declared type.
    Named {
        /// The package that declares it.
        package: String,
        /// Its name there.
        name: String,
        /// Type arguments, where it is generic.
        args: Vec<Type>,
    },
    /// A type parameter of the item around it.
    Param {
        /// Its name.
        name: String,
    },
}

/// The name of a type of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "json-schema", derive(JsonSchema))]
#[allow(missing_docs, reason = "the names are those of the language")]
pub enum ScalarName {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    Str,
    Bytes,
    Nil,
    Any,
    Timestamp,
    Date,
    Time,
    Duration,
    Uuid,
    Decimal,
    Ref,
}

/// A value: a default, or that of a constant.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub enum Value {
    /// `nil`.
    Nil,
    /// `true` or `false`.
    Bool {
        /// Which.
        value: bool,
    },
    /// An integer. It may have more than 53 bits, and may stand for a float.
    Int {
        /// The number.
        value: i128,
    },
    /// A float.
    Float {
        /// The number.
        value: f64,
    },
    /// Text; also of a `timestamp`, `date`, `time`, `uuid`, `decimal` or `ref`, as it is written in the schema.
    Str {
        /// The text.
        value: String,
    },
    /// Bytes.
    Bytes {
        /// Each as a number.
        value: Vec<u8>,
    },
    /// A duration.
    Duration {
        /// Its length.
        nanoseconds: i128,
    },
    /// A member of an enum.
    Member {
        /// The enum.
        of: Name,
        /// The name of the member in the schema.
        member: String,
    },
    /// A constant.
    Const {
        /// The package that declares it.
        package: String,
        /// Its name there.
        name: String,
    },
    /// A list or a tuple.
    List {
        /// Its elements.
        items: Vec<Value>,
    },
    /// A map.
    Map {
        /// Its entries in the order of the schema.
        entries: Vec<MapEntry>,
    },
    /// A struct, a message or an error.
    Record {
        /// The fields that the schema writes, in the order of the wire; others are absent.
        fields: Vec<FieldValue>,
    },
    /// A value of a union; where an error is raised, of one of the errors.
    Variant {
        /// The place of its member in the union, or of the error among those that are declared, from 0.
        member: usize,
        /// Its value.
        value: Box<Value>,
    },
    /// A value with a type of its own where `any` is expected.
    Typed {
        /// Its type.
        #[serde(rename = "type")]
        ty: Type,
        /// A value of that type.
        value: Box<Value>,
    },
}

/// An entry of a map.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct MapEntry {
    /// Its key.
    pub key: Value,
    /// Its value.
    pub value: Value,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct FieldValue {
    /// The name of the field in the schema.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// A member of an enum.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Member {
    /// Name in the schema.
    pub name: String,
    /// What is on the wire: a text or an integer.
    pub wire: Value,
    /// The text of its `///` comments.
    pub doc: String,
    /// Since which version of the package it exists.
    pub since: Option<u32>,
    /// Why not to use it; `null` where it is not deprecated.
    pub deprecated: Option<String>,
    /// `@x.name(...)` options.
    pub extensions: Vec<Extension>,
    /// Where its name stands.
    pub position: Position,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Endpoint {
    /// Name in the schema.
    pub name: String,
    /// Name on the wire.
    pub wire: String,
    /// The text of its `///` comments.
    pub doc: String,
    /// What a call of it is.
    pub kind: EndpointKind,
    /// The interface that declares it: the one that it stands in, or one that this extends.
    pub declared_in: Name,
    /// Its parameters; they go as a map without a tag.
    pub args: Vec<Field>,
    /// The first value of a context; nil where nothing is said.
    pub started: Type,
    /// Items from caller to callee; `null` where there is no such stream.
    pub accepts: Option<Type>,
    /// Items from callee to caller; `null` where there is no such stream.
    pub yields: Option<Type>,
    /// The result; nil where nothing is said.
    pub returns: Type,
    /// The errors that it declares.
    pub raises: Vec<Name>,
    /// Its examples: whole dialogs, for documentation and tests.
    pub examples: Vec<Example>,
    /// Its options, those of its interface and package filled in.
    pub options: Options,
    /// Since which version of the package it exists.
    pub since: Option<u32>,
    /// Why not to use it; `null` where it is not deprecated.
    pub deprecated: Option<String>,
    /// `@x.name(...)` options.
    pub extensions: Vec<Extension>,
    /// Hash of what it is on the wire: 16 hexadecimal digits.
    pub fingerprint: String,
    /// Where its name stands.
    pub position: Position,
}

/// One whole dialog of an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Example {
    /// Its title.
    pub title: String,
    /// The text of its `///` comments.
    pub doc: String,
    /// What happens, from the call to the end.
    pub steps: Vec<Step>,
    /// `@x.name(...)` options.
    pub extensions: Vec<Extension>,
    /// Where its title stands.
    pub position: Position,
}

/// One payload of an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Step {
    /// What it is.
    pub phase: Phase,
    /// Its value: a record for the arguments, a variant for an error.
    pub value: Value,
    /// The MessagePack that every language writes for it, in hexadecimal digits.
    pub bytes: String,
}

/// The phases of a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "json-schema", derive(JsonSchema))]
pub enum Phase {
    /// The arguments.
    Call,
    /// The first value of a context.
    Started,
    /// An item from caller to callee.
    Accepts,
    /// An item from callee to caller.
    Yields,
    /// The result.
    Returns,
    /// A declared error.
    Raises,
}

/// The kinds of endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "json-schema", derive(JsonSchema))]
pub enum EndpointKind {
    /// One answer.
    Fn,
    /// A stream to the caller.
    Gen,
    /// A first value, streams both ways, a result.
    Context,
}

/// Options of endpoints; `null` where nothing is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Options {
    /// `@deadline`, in milliseconds.
    pub deadline_ms: Option<u64>,
    /// `@cancel`.
    pub cancel: Option<Cancel>,
    /// `@window`: items in flight per direction.
    pub window: Option<u32>,
    /// `@overrun`.
    pub overrun: Option<Overrun>,
    /// `@idempotent`.
    pub idempotent: bool,
    /// `@peers(scipp)`: no stock Python peer has to hold the dialog.
    pub peers_scipp_only: bool,
}

/// What happens to a handler that is asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub enum Cancel {
    /// It is dropped after a time.
    Grace {
        /// The time, in milliseconds.
        grace_ms: u64,
    },
    /// It is dropped at once.
    Now,
    /// It is neither asked nor dropped before a time.
    Never {
        /// The time, in milliseconds.
        max_ms: u64,
    },
}

/// What happens to an item for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "json-schema", derive(JsonSchema))]
pub enum Overrun {
    /// The sender waits.
    Wait,
    /// The dialog ends with an error.
    Error,
    /// The oldest item that is not read makes room.
    DropOldest,
}

/// An `@x.name(...)` option: kept as written, for other people's generators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(
    feature = "json-schema",
    derive(JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Extension {
    /// Dotted name without the `x.` in front.
    pub name: String,
    /// What stands between the parentheses, as written; empty without any.
    pub args: String,
}

/// The JSON Schema as it follows from the types; [`JSON_SCHEMA`] is its text.
#[cfg(feature = "json-schema")]
pub fn json_schema() -> serde_json::Value {
    // As it is written: whatever is not there is `null`, and its key is there all the same.
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings
        .into_generator()
        .into_root_schema_for::<Model>()
        .to_value()
}
