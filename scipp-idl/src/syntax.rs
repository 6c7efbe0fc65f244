//! The syntax tree: what a source says, before names mean anything.
//!
//! Texts are borrowed from the source. Every node has the span that a diagnostic underlines. Plain comments stand
//! beside the tree in [`File::comments`], in the order of the text, so that a formatter can put them back.

use crate::source::{SourceId, Span};

/// A source.
#[derive(Debug)]
pub struct File<'s> {
    /// Which source.
    pub source: SourceId,
    /// The package declaration, if it is there.
    pub package: Option<Package<'s>>,
    /// Imports in the order of the text.
    pub imports: Vec<Import<'s>>,
    /// Items in the order of the text.
    pub items: Vec<Item<'s>>,
    /// Comments that are not doc comments.
    pub comments: Vec<Span>,
}

/// `package a.b;`
#[derive(Debug)]
pub struct Package<'s> {
    /// Text of the `//!` comments.
    pub doc: String,
    /// Options before the keyword.
    pub options: Vec<Opt<'s>>,
    /// Dotted name.
    pub name: Path<'s>,
    /// All of it.
    pub span: Span,
}

/// `use a.b;`, `use a.b as c;`, `use a.b.{X, Y as Z};`
#[derive(Debug)]
pub struct Import<'s> {
    /// The package.
    pub package: Path<'s>,
    /// What it brings.
    pub kind: ImportKind<'s>,
    /// Options before the keyword.
    pub options: Vec<Opt<'s>>,
    /// All of it.
    pub span: Span,
}

/// What an import brings.
#[derive(Debug)]
pub enum ImportKind<'s> {
    /// The package, by its last name or another.
    Package(Option<Name<'s>>),
    /// Items, each by its name or another.
    Items(Vec<(Name<'s>, Option<Name<'s>>)>),
}

/// A single name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'s> {
    /// As written.
    pub text: &'s str,
    /// Where.
    pub span: Span,
}

/// Names with dots between, without blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path<'s> {
    /// As written.
    pub text: &'s str,
    /// Where.
    pub span: Span,
}

impl<'s> Path<'s> {
    /// The names in order, each with its own span.
    pub fn segments(self) -> impl Iterator<Item = Name<'s>> {
        let mut start = self.span.start;
        self.text.split('.').map(move |text| {
            let end = start + u32::try_from(text.len()).unwrap_or(0);
            let span = Span {
                source: self.span.source,
                start,
                end,
            };
            start = end + 1;
            Name { text, span }
        })
    }

    /// The only name, if there is one alone.
    pub fn single(self) -> Option<Name<'s>> {
        (!self.text.contains('.')).then_some(Name {
            text: self.text,
            span: self.span,
        })
    }
}

/// An item.
#[derive(Debug)]
pub struct Item<'s> {
    /// Text of the `///` comments.
    pub doc: String,
    /// Options before the keyword; of a newtype, those behind its type as well.
    pub options: Vec<Opt<'s>>,
    /// Its name.
    pub name: Name<'s>,
    /// Type parameters.
    pub params: Vec<Name<'s>>,
    /// What it is.
    pub kind: ItemKind<'s>,
    /// All of it.
    pub span: Span,
}

/// What an item is.
#[derive(Debug)]
pub enum ItemKind<'s> {
    /// `struct`
    Struct(Body<'s>),
    /// `message`
    Message(Body<'s>),
    /// `error`
    Error(Body<'s>),
    /// `enum`, `open enum`
    Enum(Enum<'s>),
    /// `union`, `open union`
    Union {
        /// Whether `open` stands before it.
        open: bool,
        /// Behind the `=`.
        ty: Type<'s>,
    },
    /// `alias`
    Alias(Type<'s>),
    /// `newtype`
    Newtype(Type<'s>),
    /// `const`
    Const(Type<'s>, Option<Value<'s>>),
    /// `ext`
    Ext(Value<'s>, ExtBody<'s>),
    /// `interface`
    Interface(Interface<'s>),
    /// Its syntax is wrong, which has been reported; its name is known, so that its uses are not reported too.
    Broken,
}

/// The fields of a record, or parameters.
#[derive(Debug, Default)]
pub struct Body<'s> {
    /// Fields in order.
    pub fields: Vec<Field<'s>>,
    /// Names of `reserved`.
    pub reserved: Vec<Name<'s>>,
}

/// A field or parameter.
#[derive(Debug)]
pub struct Field<'s> {
    /// Text of the `///` comments.
    pub doc: String,
    /// Its name.
    pub name: Name<'s>,
    /// The `?` behind the name.
    pub omittable: Option<Span>,
    /// Its type.
    pub ty: Type<'s>,
    /// Its default.
    pub default: Option<Value<'s>>,
    /// Its options.
    pub options: Vec<Opt<'s>>,
    /// All of it.
    pub span: Span,
}

/// An enum.
#[derive(Debug)]
pub struct Enum<'s> {
    /// Whether `open` stands before it.
    pub open: bool,
    /// Behind the colon.
    pub repr: Option<Type<'s>>,
    /// Members in order.
    pub members: Vec<Member<'s>>,
    /// Names of `reserved`.
    pub reserved: Vec<Name<'s>>,
}

/// A member of an enum.
#[derive(Debug)]
pub struct Member<'s> {
    /// Text of the `///` comments.
    pub doc: String,
    /// Its name.
    pub name: Name<'s>,
    /// Its value.
    pub value: Option<Value<'s>>,
    /// Its options.
    pub options: Vec<Opt<'s>>,
    /// All of it.
    pub span: Span,
}

/// What an `ext` holds.
#[derive(Debug)]
pub enum ExtBody<'s> {
    /// Fields.
    Record(Body<'s>),
    /// A type.
    Type(Type<'s>),
}

/// An interface.
#[derive(Debug)]
pub struct Interface<'s> {
    /// Behind `extends`.
    pub extends: Vec<Path<'s>>,
    /// Endpoints in order.
    pub endpoints: Vec<Endpoint<'s>>,
}

/// An endpoint.
#[derive(Debug)]
pub struct Endpoint<'s> {
    /// Text of the `///` comments.
    pub doc: String,
    /// Options before the keyword.
    pub options: Vec<Opt<'s>>,
    /// `fn`, `gen` or `context`.
    pub kind: crate::schema::EndpointKind,
    /// Its name.
    pub name: Name<'s>,
    /// Parameters.
    pub params: Body<'s>,
    /// Clauses in the order of the text. `-> T` is [`ClauseKind::Returns`].
    pub clauses: Vec<Clause<'s>>,
    /// Examples in order.
    pub examples: Vec<Example<'s>>,
    /// All of it.
    pub span: Span,
}

/// A clause of an endpoint.
#[derive(Debug)]
pub struct Clause<'s> {
    /// Which.
    pub kind: ClauseKind,
    /// The word.
    pub word: Span,
    /// What follows.
    pub ty: Type<'s>,
}

/// The phases of a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClauseKind {
    /// `started`
    Started,
    /// `accepts`
    Accepts,
    /// `yields`
    Yields,
    /// `returns`, `->`
    Returns,
    /// `raises`
    Raises,
}

/// `example "title" { ... }`
#[derive(Debug)]
pub struct Example<'s> {
    /// Text of the `///` comments.
    pub doc: String,
    /// Options before the keyword.
    pub options: Vec<Opt<'s>>,
    /// Its title.
    pub title: Value<'s>,
    /// Its steps: the word and the value.
    pub steps: Vec<(Name<'s>, Value<'s>)>,
    /// All of it.
    pub span: Span,
}

/// A type as written.
#[derive(Debug, Clone)]
pub struct Type<'s> {
    /// What it is.
    pub kind: TypeKind<'s>,
    /// All of it.
    pub span: Span,
}

/// What a type is.
#[derive(Debug, Clone)]
pub enum TypeKind<'s> {
    /// A name with its arguments.
    Named(Path<'s>, Vec<Type<'s>>),
    /// `(T, U)`
    Tuple(Vec<Type<'s>>),
    /// `T?`
    Optional(Box<Type<'s>>),
    /// `A | B`
    Union(Vec<Type<'s>>),
    /// Its syntax is wrong, which has been reported.
    Broken,
}

/// A value as written.
#[derive(Debug, Clone)]
pub struct Value<'s> {
    /// What it is.
    pub kind: ValueKind<'s>,
    /// All of it.
    pub span: Span,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum ValueKind<'s> {
    /// `nil`
    Nil,
    /// `true`, `false`
    Bool(bool),
    /// `-1`, `0xff`
    Int(i128),
    /// `1.5`
    Float(f64),
    /// `1h30m`, in nanoseconds
    Duration(i128),
    /// `"text"`
    Str(String),
    /// `b"text"`
    Bytes(Vec<u8>),
    /// A member, a constant or a field
    Path(Path<'s>),
    /// `[a, b]`
    List(Vec<Value<'s>>),
    /// `{ k: v }`, `Name { k: v }`
    Braces(Option<Path<'s>>, Vec<(Value<'s>, Value<'s>)>),
    /// Its syntax is wrong, which has been reported.
    Broken,
}

/// `@name(arguments)`
#[derive(Debug)]
pub struct Opt<'s> {
    /// Its name.
    pub name: Path<'s>,
    /// Its arguments.
    pub arguments: Vec<Argument<'s>>,
    /// What stands between the parentheses, as written; `None` without parentheses.
    pub text: Option<&'s str>,
    /// All of it.
    pub span: Span,
}

/// An argument of an option.
#[derive(Debug)]
pub struct Argument<'s> {
    /// `name =`
    pub name: Option<Name<'s>>,
    /// What it is.
    pub kind: ArgumentKind<'s>,
    /// All of it.
    pub span: Span,
}

/// What an argument is.
#[derive(Debug)]
pub enum ArgumentKind<'s> {
    /// A value.
    Value(Value<'s>),
    /// `a..b`, `a..=b`, `a..`, `..b`, `..`
    Range {
        /// Before the dots.
        min: Option<Value<'s>>,
        /// Behind the dots.
        max: Option<Value<'s>>,
        /// `..=`
        max_included: bool,
    },
}
