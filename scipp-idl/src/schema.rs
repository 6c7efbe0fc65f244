//! The checked model of a set of packages: plain data that generators read.
//!
//! Everything here is resolved and checked: every [`ItemName`] names an item of the same [`Schema`],
//! every default fits its type, every union can be decoded. It holds no syntax, so it could cross a
//! process boundary; the only link back to the text is a [`Span`], which serialization leaves out. It is
//! one file because it reads as one definition.

use crate::limits::TYPE_PARTS_MAX;
use crate::source::Span;
use serde::Serialize;
use std::collections::BTreeMap;

/// All packages that a run read, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Schema {
    /// Packages by their dotted name, in the order of the names.
    pub packages: BTreeMap<String, Package>,
}

/// One `.scipp` file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Package {
    /// Dotted name, such as `market.feed`.
    pub name: String,
    /// The text of the `//!` comments.
    pub doc: Doc,
    /// Packages that this one names in a `use`, in the order of the names, without repeats.
    pub imports: Vec<String>,
    /// Options that stand before `package`.
    pub options: Options,
    /// `@x.name(...)` options that stand before `package`.
    pub extensions: Vec<Extension>,
    /// Items in the order of the file.
    pub items: Vec<Item>,
    /// Where the `package` declaration stands.
    #[serde(skip)]
    pub span: Span,
}

/// The text of doc comments: lines joined by `\n`, one leading blank removed. Empty where there is none.
pub type Doc = String;

/// Qualified name of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ItemName {
    /// Dotted package name.
    pub package: String,
    /// Name within the package.
    pub name: String,
}

/// A named declaration.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Name within its package.
    pub name: String,
    /// The text of its `///` comments.
    pub doc: Doc,
    /// Type parameters; empty unless it is generic.
    pub params: Vec<String>,
    /// What it declares.
    pub kind: ItemKind,
    /// Since which version of the package it exists: `@since`.
    pub since: Option<u32>,
    /// Why not to use it: `@deprecated`.
    pub deprecated: Option<String>,
    /// `@x.name(...)` options, kept for other people's generators.
    pub extensions: Vec<Extension>,
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
}

/// What an [`Item`] declares.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// `struct`: a map without a tag.
    Struct(Record),
    /// `message`: a map that carries its tag; [`Record::tag`] is there.
    Message(Record),
    /// `error`: a struct that may stand after `raises`.
    Error(ErrorRecord),
    /// `enum` and `open enum`.
    Enum(Enum),
    /// `union` and `open union`.
    Union(Union),
    /// `alias X = T;`
    Alias(Type),
    /// `newtype X = T;`
    Newtype(Newtype),
    /// `const X: T = v;`
    Const(Const),
    /// `ext X(code)`.
    Ext(Ext),
    /// `interface`.
    Interface(Interface),
}

/// The fields of a struct, a message or an error, or the arguments of an endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Record {
    /// Fields in declaration order, which is the order on the wire.
    pub fields: Vec<Field>,
    /// `@array`: written as an array in field order.
    pub array: bool,
    /// The tag entry, for messages.
    pub tag: Option<Tag>,
    /// Names that must not come back: `reserved a, b;`.
    pub reserved: Vec<String>,
}

/// An `error`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ErrorRecord {
    /// Its fields.
    pub record: Record,
    /// `@text("no such symbol: {symbol}")`, parsed; `None` where the name must do.
    pub text: Option<Vec<TextPart>>,
}

/// A piece of the text of an error.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TextPart {
    /// As it stands.
    Literal(String),
    /// The value of the field of that name.
    Field(String),
}

/// The entry that names a message on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// Map key: `type` unless `@tag` says otherwise.
    pub key: String,
    /// Value: the name of the message unless `@tag` says otherwise.
    pub value: String,
}

/// A field or an argument.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Name in the source.
    pub name: String,
    /// Key on the wire: the name unless `@wire` says otherwise.
    pub wire: String,
    /// The text of its `///` comments.
    pub doc: Doc,
    /// Type, without what [`Presence`] says.
    pub ty: Type,
    /// Whether and how it may be absent.
    pub presence: Presence,
    /// What is checked when it is read.
    pub constraints: Constraints,
    /// `@since`.
    pub since: Option<u32>,
    /// `@deprecated`.
    pub deprecated: Option<String>,
    /// `@x.name(...)` options.
    pub extensions: Vec<Extension>,
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
}

/// The forms of presence of a field (`docs/idl.md`). They never mix.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// `a: T`: always there. `a: T?` is this too, with an [optional type](Type::Optional): written as nil, may be
    /// absent when read.
    Required,
    /// `a: T = v`: may be absent when read, always written.
    Default(Value),
    /// `a?: T` and `a?: T?`: absent is a state of its own, and is not written.
    Omittable,
}

/// What is checked about a value beyond its type.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Constraints {
    /// `@range(a..=b)`, for numbers.
    pub range: Option<Range>,
    /// `@len(a..=b)`: characters of a str, bytes of bytes, elements of a list or a map. Never negative.
    pub len: Option<Range>,
    /// `@pattern("...")`, for str.
    pub pattern: Option<String>,
    /// `@unique`, for lists.
    pub unique: bool,
}

/// Bounds of a number. `None` is without bound.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Range {
    /// Smallest value, itself included.
    pub min: Option<Number>,
    /// Largest value.
    pub max: Option<Number>,
    /// Whether `max` itself is included: `..=`.
    pub max_included: bool,
}

/// A number as written.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Number {
    /// Without fraction or exponent.
    Int(i128),
    /// Otherwise.
    Float(f64),
}

/// A type as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// A type of the language.
    Scalar(Scalar),
    /// `list<T>`.
    List(Box<Type>),
    /// `map<K, V>`.
    Map(Box<Type>, Box<Type>),
    /// `(T, U)`, at least one member.
    Tuple(Vec<Type>),
    /// `T?`. Never directly inside another.
    Optional(Box<Type>),
    /// `A | B`, flattened, at least two members, in order.
    Union(Vec<Type>),
    /// A declared type; arguments where it is generic.
    Named {
        /// Which.
        name: ItemName,
        /// Type arguments.
        args: Vec<Type>,
    },
    /// A type parameter of the item that it stands in.
    Param(String),
}

/// The types of the language (`docs/idl.md`, types).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are those of the language")]
pub enum Scalar {
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

impl Scalar {
    /// As the language writes it: `u8`, `timestamp`.
    pub fn name(self) -> &'static str {
        crate::scalars::scalar_name(self)
    }
}

/// A literal, checked against the type of the place where it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// `nil`.
    Nil,
    /// `true`, `false`.
    Bool(bool),
    /// For int types, and for floats written without a fraction. Where `any` is expected: an integer.
    Int(i128),
    /// For float types.
    Float(f64),
    /// For `str` and the types that are written as text (`timestamp date time uuid decimal ref`).
    Str(String),
    /// `b"..."`, for `bytes`.
    Bytes(Vec<u8>),
    /// `2s`, `1h30m`: nanoseconds, for `duration`.
    Duration(i128),
    /// A member of an enum, by its name in the source.
    Member {
        /// The enum.
        of: ItemName,
        /// The member.
        member: String,
    },
    /// A constant, by name; its value fits. The value of a constant may be another constant.
    Const(ItemName),
    /// `[a, b]`, for lists and tuples.
    List(Vec<Value>),
    /// `{ "k": v }`, for maps.
    Map(Vec<(Value, Value)>),
    /// `{ field: v }` for structs, messages and errors: by field name, in declaration order. Fields that may be absent
    /// may be left out: they have their default, or nil, or are absent.
    Record(Vec<(String, Value)>),
    /// A value of a union; where an error is raised, of one of the errors.
    Variant {
        /// The place of its member in the union, from 0.
        member: usize,
        /// A value of that member.
        value: Box<Value>,
    },
    /// A value with a type of its own where `any` is expected.
    Typed {
        /// Its type.
        ty: Type,
        /// A value of that type.
        value: Box<Value>,
    },
}

/// An enum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Enum {
    /// How members are written.
    pub repr: EnumRepr,
    /// Keeps values that it does not know.
    pub open: bool,
    /// Members in declaration order, at least one.
    pub members: Vec<Member>,
    /// Names that must not come back: `reserved a, b;`.
    pub reserved: Vec<String>,
}

/// How the members of an enum are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EnumRepr {
    /// As text.
    Text,
    /// As an integer of that scalar type.
    Int(Scalar),
}

/// A member of an enum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Member {
    /// Name in the source.
    pub name: String,
    /// What is on the wire: [`Value::Str`] or [`Value::Int`].
    pub wire: Value,
    /// The text of its `///` comments.
    pub doc: Doc,
    /// `@since`.
    pub since: Option<u32>,
    /// `@deprecated`.
    pub deprecated: Option<String>,
    /// `@x.name(...)` options.
    pub extensions: Vec<Extension>,
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
}

/// A union.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Union {
    /// Members, flattened: no member is itself a union or an optional.
    pub members: Vec<Type>,
    /// Keeps a message that it does not know.
    pub open: bool,
}

/// A newtype.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Newtype {
    /// What it wraps.
    pub ty: Type,
    /// What is checked when it is read.
    pub constraints: Constraints,
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Const {
    /// Its type.
    pub ty: Type,
    /// Its value.
    pub value: Value,
}

/// A MessagePack extension type.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ext {
    /// Extension code, 0 to 127.
    pub code: u8,
    /// What is inside.
    pub body: ExtBody,
}

/// What an extension value holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtBody {
    /// The MessagePack of a record.
    Record(Record),
    /// The MessagePack of a value, or the bytes themselves for `bytes`.
    Type(Type),
}

/// An interface.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Interface {
    /// Namespace on the wire (`Start.ns`).
    pub namespace: String,
    /// Interfaces whose endpoints it has too, in order.
    pub extends: Vec<ItemName>,
    /// Its own endpoints, in order; those of [`extends`](Self::extends) are not repeated here.
    pub endpoints: Vec<Endpoint>,
    /// Its own options.
    pub options: Options,
    /// Hash of its namespace and of all its endpoints: 16 hexadecimal digits.
    pub fingerprint: String,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Endpoint {
    /// Name in the source.
    pub name: String,
    /// Name on the wire (`Start.func`).
    pub wire: String,
    /// The text of its `///` comments.
    pub doc: Doc,
    /// `fn`, `gen` or `context`.
    pub kind: EndpointKind,
    /// Arguments, as the fields of a record without a tag.
    pub args: Record,
    /// First value of a context; nil where there is none.
    pub started: Type,
    /// Caller to callee; `None`: no stream in that direction.
    pub accepts: Option<Type>,
    /// Callee to caller; `None`: no stream in that direction.
    pub yields: Option<Type>,
    /// Result; nil where there is none. Always nil for a `gen`.
    pub returns: Type,
    /// Declared errors, flattened, in order.
    pub raises: Vec<ItemName>,
    /// Its examples, in order.
    pub examples: Vec<Example>,
    /// Options, those of the interface and of the package filled in.
    pub options: Options,
    /// `@since`.
    pub since: Option<u32>,
    /// `@deprecated`.
    pub deprecated: Option<String>,
    /// `@x.name(...)` options.
    pub extensions: Vec<Extension>,
    /// Hash of its canonical form: 16 hexadecimal digits.
    pub fingerprint: String,
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
}

/// `example "title" { ... }`: one whole dialog of an endpoint, from the call to its end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// Its title; no other example of the endpoint has it.
    pub title: String,
    /// The text of its `///` comments.
    pub doc: Doc,
    /// What happens, in order. Steps that carry nil, or no arguments, are here even where the source leaves them out.
    pub steps: Vec<Step>,
    /// `@x.name(...)` options.
    pub extensions: Vec<Extension>,
    /// Where its title stands.
    #[serde(skip)]
    pub span: Span,
}

/// One payload of an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What it is.
    pub phase: Phase,
    /// Its value, which fits the type of the phase: the arguments as a [`Value::Record`], an error as a
    /// [`Value::Variant`].
    pub value: Value,
    /// The bytes that every language writes for it.
    pub bytes: Vec<u8>,
}

/// The phases of a dialog, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// `call`: the arguments.
    Call,
    /// `started`: the first value of a context.
    Started,
    /// `accepts`: an item, caller to callee.
    Accepts,
    /// `yields`: an item, callee to caller.
    Yields,
    /// `returns`: the result.
    Returns,
    /// `raises`: a declared error.
    Raises,
}

/// The kinds of endpoint; on the wire `asyncfunc`, `asyncgen`, `context`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointKind {
    /// `fn`: one answer.
    Fn,
    /// `gen`: a stream to the caller.
    Gen,
    /// `context`: a first value, streams both ways, a result.
    Context,
}

/// Options of endpoints, also as defaults on interfaces and packages. `None`: not said.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Options {
    /// `@deadline(30s)`, in milliseconds.
    pub deadline_ms: Option<u64>,
    /// `@cancel(...)`.
    pub cancel: Option<CancelPolicy>,
    /// `@window(64)`: items in flight per direction.
    pub window: Option<u32>,
    /// `@overrun(...)`.
    pub overrun: Option<Overrun>,
    /// `@idempotent`.
    pub idempotent: bool,
    /// `@peers(scipp)`: no stock peer has to hold the dialog.
    pub peers_scipp_only: bool,
}

/// What happens to a handler that was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelPolicy {
    /// `@cancel(grace = 2s)`: asked, then dropped after that many milliseconds.
    Grace(u64),
    /// `@cancel(now)`: dropped at once.
    Now,
    /// `@cancel(never, max = 30s)`: neither asked nor dropped before that many milliseconds.
    Never(u64),
}

/// What happens to an item for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Overrun {
    /// The sender waits.
    Wait,
    /// The dialog ends with an error.
    Error,
    /// The oldest unread item makes room.
    DropOldest,
}

/// An `@x.name(...)` option: kept as written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Extension {
    /// Dotted name without the leading `x.`.
    pub name: String,
    /// What stands between the parentheses, as written; empty without any.
    pub args: String,
}

impl Type {
    /// The type with arguments in the place of its parameters; `None` if that has more than
    /// [`TYPE_PARTS_MAX`] parts.
    pub fn filled(&self, params: &[String], args: &[Type]) -> Option<Type> {
        let sizes: Vec<usize> = args.iter().map(Type::parts).collect();
        self.filled_with(params, args, &sizes, &mut { TYPE_PARTS_MAX })
    }

    fn filled_with(
        &self,
        params: &[String],
        args: &[Type],
        sizes: &[usize],
        left: &mut usize,
    ) -> Option<Type> {
        *left = left.checked_sub(1)?;
        let mut fill = |ty: &Type| ty.filled_with(params, args, sizes, left);
        Some(match self {
            Type::Scalar(_) => self.clone(),
            Type::List(item) => Type::List(Box::new(fill(item)?)),
            Type::Map(key, value) => Type::Map(Box::new(fill(key)?), Box::new(fill(value)?)),
            Type::Tuple(types) => Type::Tuple(types.iter().map(fill).collect::<Option<_>>()?),
            Type::Optional(inner) => Type::Optional(Box::new(fill(inner)?)),
            Type::Union(types) => Type::Union(types.iter().map(fill).collect::<Option<_>>()?),
            Type::Named { name, args } => Type::Named {
                name: name.clone(),
                args: args.iter().map(fill).collect::<Option<_>>()?,
            },
            Type::Param(name) => match params.iter().position(|param| param == name) {
                Some(at) => {
                    *left = left.checked_sub(*sizes.get(at)?)?;
                    args.get(at)?.clone()
                }
                None => self.clone(),
            },
        })
    }

    /// How many types it is made of, itself included.
    fn parts(&self) -> usize {
        let all = |types: &[Type]| types.iter().map(Type::parts).sum::<usize>();
        1 + match self {
            Type::Scalar(_) | Type::Param(_) => 0,
            Type::List(inner) | Type::Optional(inner) => inner.parts(),
            Type::Map(key, value) => key.parts() + value.parts(),
            Type::Tuple(types) | Type::Union(types) | Type::Named { args: types, .. } => all(types),
        }
    }
}

impl Schema {
    /// The item of that name.
    pub fn item(&self, name: &ItemName) -> Option<&Item> {
        let package = self.packages.get(&name.package)?;
        package.items.iter().find(|item| item.name == name.name)
    }

    /// The type that `ty` is another name for: aliases followed to the end. Looks through the items of a package
    /// for each alias; a generator that asks often builds an index.
    pub fn unaliased<'t>(&'t self, ty: &'t Type) -> &'t Type {
        let mut ty = ty;
        while let Type::Named { name, .. } = ty {
            match self.item(name).map(|item| &item.kind) {
                Some(ItemKind::Alias(target)) => ty = target,
                _ => break,
            }
        }
        ty
    }
}
