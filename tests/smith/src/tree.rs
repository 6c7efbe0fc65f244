//! A schema as plain data, to be made, changed and written.
//!
//! Names are full, so that a change need not know what a file imports; spelling them is the writer's part (`write.rs`).
//! It is valid as [`schema`](crate::schema) makes it, and may be anything after a change.

/// Packages, each of which imports only those before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// In an order in which they can import each other.
    pub packages: Vec<Package>,
}

/// One file.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// With dots.
    pub name: String,
    /// Lines of `//!`.
    pub docs: Vec<String>,
    /// Options of the package: defaults for its endpoints.
    pub options: Vec<Opt>,
    /// How to import what is used. A used package that is not here is imported whole; one that is not used is left out.
    pub imports: Vec<Import>,
    /// In the order of the file.
    pub items: Vec<Item>,
}

/// How names of another package are spelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The other package.
    pub package: String,
    /// How.
    pub form: ImportForm,
}

/// The forms of `use`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportForm {
    /// `use a.b;`
    Whole,
    /// `use a.b as c;`
    As(String),
    /// `use a.b.{X};`
    Names,
    /// `use a.b.{X as OtherX};`
    Renamed,
}

/// The full name of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// With dots.
    pub package: String,
    /// One word.
    pub item: String,
}

/// A declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Lines of `///`.
    pub docs: Vec<String>,
    /// Before the keyword.
    pub options: Vec<Opt>,
    /// One word.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of items.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names are the keywords of the language")]
pub enum Kind {
    Struct(Record),
    Message(Record),
    Error(Record),
    Enum(Enum),
    Union {
        open: bool,
        members: Vec<Type>,
    },
    Alias(Type),
    /// Its constraints are among the options of the item.
    Newtype(Type),
    Const {
        ty: Type,
        value: Value,
    },
    Ext {
        code: u8,
        body: ExtBody,
    },
    Interface(Interface),
}

/// The body of a struct, message or error.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// Type parameters.
    pub params: Vec<String>,
    /// One list for each `reserved`.
    pub reserved: Vec<Vec<String>>,
    /// Fields in order.
    pub fields: Vec<Field>,
}

/// A field, or a parameter of an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Lines of `///`.
    pub docs: Vec<String>,
    /// Constraints and others.
    pub options: Vec<Opt>,
    /// One word.
    pub name: String,
    /// Its type; the presence `T?` is part of it.
    pub ty: Type,
    /// What absence means.
    pub presence: Presence,
}

/// What the absence of a field means.
#[derive(Debug, Clone, PartialEq)]
pub enum Presence {
    /// An error, or nil for `T?`.
    Required,
    /// This value.
    Default(Value),
    /// A state of its own: `a?: T`.
    Omittable,
}

/// An enum.
#[derive(Debug, Clone, PartialEq)]
pub struct Enum {
    /// Keeps unknown values.
    pub open: bool,
    /// The integer type, `None` for text.
    pub repr: Option<Scalar>,
    /// One list for each `reserved`.
    pub reserved: Vec<Vec<String>>,
    /// Members in order.
    pub members: Vec<Member>,
}

/// A member of an enum.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Lines of `///`.
    pub docs: Vec<String>,
    /// Options.
    pub options: Vec<Opt>,
    /// One word.
    pub name: String,
    /// A text or an integer; the name if `None`.
    pub value: Option<Value>,
}

/// What an extension type holds.
#[derive(Debug, Clone, PartialEq)]
pub enum ExtBody {
    /// Fields.
    Record(Record),
    /// Another type.
    Type(Type),
}

/// An interface.
#[derive(Debug, Clone, PartialEq)]
pub struct Interface {
    /// Those whose endpoints it has too.
    pub extends: Vec<Name>,
    /// Its own, in order.
    pub endpoints: Vec<Endpoint>,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Lines of `///`.
    pub docs: Vec<String>,
    /// Options.
    pub options: Vec<Opt>,
    /// One word.
    pub name: String,
    /// Parameters.
    pub params: Vec<Field>,
    /// What happens.
    pub kind: EndpointKind,
    /// Errors: named, or aliases of several.
    pub raises: Vec<Name>,
}

/// The kinds of endpoints, with what they carry.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names are the keywords of the language")]
#[allow(
    clippy::large_enum_variant,
    reason = "there are few, and plain fields are easier to change"
)]
pub enum EndpointKind {
    Fn {
        returns: Option<Type>,
    },
    Gen {
        yields: Type,
    },
    Context {
        started: Option<Type>,
        accepts: Option<Type>,
        yields: Option<Type>,
        returns: Option<Type>,
    },
}

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// A word of the language.
    Scalar(Scalar),
    /// `list<T>`
    List(Box<Type>),
    /// `map<K, V>`
    Map(Box<Type>, Box<Type>),
    /// `(A, B)`, with at least one member.
    Tuple(Vec<Type>),
    /// `T?`
    Optional(Box<Type>),
    /// `A | B`
    Union(Vec<Type>),
    /// An item with the arguments of its parameters.
    Named(Name, Vec<Type>),
    /// A type parameter.
    Param(String),
}

/// The types that are words of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// All of them.
    pub const ALL: [Scalar; 22] = {
        use Scalar::*;
        [
            Bool, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64, Str, Bytes, Nil, Any, Timestamp,
            Date, Time, Duration, Uuid, Decimal, Ref,
        ]
    };

    /// The integers.
    pub const INTEGERS: [Scalar; 8] = {
        use Scalar::*;
        [I8, I16, I32, I64, U8, U16, U32, U64]
    };

    /// The word.
    pub fn word(self) -> &'static str {
        use Scalar::*;
        match self {
            Bool => "bool",
            I8 => "i8",
            I16 => "i16",
            I32 => "i32",
            I64 => "i64",
            U8 => "u8",
            U16 => "u16",
            U32 => "u32",
            U64 => "u64",
            F32 => "f32",
            F64 => "f64",
            Str => "str",
            Bytes => "bytes",
            Nil => "nil",
            Any => "any",
            Timestamp => "timestamp",
            Date => "date",
            Time => "time",
            Duration => "duration",
            Uuid => "uuid",
            Decimal => "decimal",
            Ref => "ref",
        }
    }

    /// Its least and greatest value, if it is an integer.
    pub fn integers(self) -> Option<(i128, i128)> {
        use Scalar::*;
        Some(match self {
            I8 => (i8::MIN.into(), i8::MAX.into()),
            I16 => (i16::MIN.into(), i16::MAX.into()),
            I32 => (i32::MIN.into(), i32::MAX.into()),
            I64 => (i64::MIN.into(), i64::MAX.into()),
            U8 => (0, u8::MAX.into()),
            U16 => (0, u16::MAX.into()),
            U32 => (0, u32::MAX.into()),
            U64 => (0, u64::MAX.into()),
            _ => return None,
        })
    }
}

/// A value, as a default, a constant or an argument.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `nil`
    Nil,
    /// `true`, `false`
    Bool(bool),
    /// An integer.
    Int(i128),
    /// An integer that is not negative, in one of the forms of [`Radix`].
    Written(u64, Radix),
    /// A float, as it is written.
    Float(String),
    /// A duration, as it is written.
    Duration(String),
    /// A text, also of `timestamp` and so on.
    Text(String),
    /// `b"..."`
    Bytes(Vec<u8>),
    /// A member of an enum, maybe with the name of the enum.
    Member {
        /// The enum.
        of: Name,
        /// The member.
        member: String,
        /// As `Enum.member`.
        qualified: bool,
    },
    /// A constant.
    Const(Name),
    /// Of a list or tuple.
    List(Vec<Value>),
    /// Of a map.
    Map(Vec<(Value, Value)>),
    /// Of a struct, message or error, maybe with its name.
    Record(Option<Name>, Vec<(String, Value)>),
}

/// The forms of an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are named by how they look")]
pub enum Radix {
    /// `1_000`
    Grouped,
    /// `0xff`
    Hexadecimal,
    /// `0o17`
    Octal,
    /// `0b101`
    Binary,
}

/// An option.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names are those of the language")]
pub enum Opt {
    Array,
    Tag(String, Option<String>),
    Text(String),
    Wire(String),
    Range(Bounds),
    Len(Bounds),
    Pattern(String),
    Unique,
    Ns(String),
    Name(String),
    /// As it is written.
    Deadline(String),
    Cancel(Cancel),
    Window(Bound),
    Overrun(&'static str),
    Idempotent,
    /// `@peers(scipp)`
    Peers,
    Since(Bound),
    Deprecated(Option<String>),
    /// `@x.name`, and `(arguments)`, as they are written.
    Other(String, Option<String>),
}

/// The forms of `@cancel`. Durations as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the language")]
pub enum Cancel {
    Now,
    Grace(String),
    Never(String),
}

/// `a..b`
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds {
    /// The least.
    pub from: Option<Bound>,
    /// The greatest.
    pub to: Option<Bound>,
    /// `..=`
    pub included: bool,
}

/// A number in an option.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// An integer.
    Int(i128),
    /// A float, as it is written.
    Float(String),
    /// A constant.
    Const(Name),
}

impl Schema {
    /// The item of a name.
    pub fn find(&self, name: &Name) -> Option<&Item> {
        let package = self.packages.iter().find(|it| it.name == name.package)?;
        package.items.iter().find(|it| it.name == name.item)
    }
}
