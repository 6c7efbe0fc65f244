//! The codes of diagnostics: one table.
//!
//! E00.. files and text, E01.. syntax, E02.. names and packages, E03.. types and declarations, E04.. unions,
//! E05.. values, E06.. options, E07.. interfaces, E09.. not supported yet; W.. warnings. E08.. belong to the
//! generators, which declare theirs beside their checks. A code keeps its meaning for ever; numbers are not reused.
//! Each has a page in `explain/`, which `scipp explain` shows and `tests/tests/explain.rs` tries.

use std::fmt;

/// What kind of mistake a diagnostic is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// `E` or `W` and four digits.
    pub id: &'static str,
    /// One line, without a full stop.
    pub title: &'static str,
}

impl Code {
    /// Whether diagnostics of this code make a run fail.
    pub fn is_error(self) -> bool {
        self.id.starts_with('E')
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

macro_rules! codes {
    ($($name:ident $id:literal $title:literal)*) => {
        $(#[doc = $title] pub const $name: Code = Code { id: $id, title: $title };)*
        /// Every code of the compiler, in the order of the table.
        pub const ALL: &[Code] = &[$($name),*];

        /// The page of a code of the compiler, in Markdown: what it means, a wrong and a right example, what to do.
        pub fn page(id: &str) -> Option<&'static str> {
            match id {
                $($id => Some(include_str!(concat!("explain/", $id, ".md"))),)*
                _ => None,
            }
        }
    };
}

/// The code of a warning by its id.
pub fn warning(id: &str) -> Option<Code> {
    ALL.iter()
        .copied()
        .find(|code| !code.is_error() && code.id == id)
}

codes! {
    UNREADABLE_FILE         "E0001" "a file cannot be read"
    SOURCE_TOO_LARGE        "E0002" "a source is larger than the limit"
    NOT_UTF8                "E0003" "a source is not UTF-8"
    FORBIDDEN_CHARACTER     "E0004" "a character that may not stand in a source"
    NESTED_TOO_DEEPLY       "E0005" "brackets or comments are nested too deeply"
    TOO_MANY_FILES          "E0006" "more files than the limit"
    TOO_MANY_DEFINITIONS    "E0007" "more definitions than the limit"
    LINK_OUT_OF_ROOT        "E0008" "an import is a link that leads out of its source root"
    TOO_MANY_DIAGNOSTICS    "E0009" "more mistakes than are shown"
    FORMAT_DEFECT           "E0099" "the formatter would have changed more than the looks of a source"

    UNBALANCED_BRACKET      "E0101" "a bracket without its partner"
    UNFINISHED_TEXT         "E0102" "a string or a comment without its end"
    UNEXPECTED              "E0103" "something else was expected here"
    MISSING_COLON           "E0104" "no colon between a name and its type"
    MISSING_COMMA           "E0105" "no comma between two entries"
    MISSING_SEMICOLON       "E0106" "no semicolon at the end"
    STRAY_SEMICOLON         "E0107" "a semicolon that ends nothing"
    UNKNOWN_KEYWORD         "E0108" "no such kind of item, endpoint or clause"
    MISSING_NAME            "E0109" "a declaration without its name"
    MISSING_TYPE            "E0110" "a type is missing"
    MISSING_PARAMETERS      "E0111" "an endpoint without its parameter list"
    MISSING_YIELDS          "E0112" "a `gen` that does not say what it yields"
    MISPLACED_OPTION        "E0113" "an option at the wrong place"
    MISPLACED_DOC           "E0114" "a doc comment that documents nothing"
    RESERVED_WORD           "E0115" "a reserved word as a name"
    BAD_NUMBER              "E0116" "not a number or duration"
    BAD_ESCAPE              "E0117" "no such escape in a string"
    MISPLACED_PACKAGE       "E0118" "the package declaration is missing, repeated or too late"
    EMPTY_TUPLE             "E0119" "a tuple without members"
    MISSING_VALUE           "E0120" "a value is missing"
    FOREIGN                 "E0121" "it is written as in another language"

    WRONG_PLACE             "E0201" "a file is outside of its package's place"
    DUPLICATE_PACKAGE       "E0202" "two files declare the same package"
    UNKNOWN_PACKAGE         "E0203" "no such package"
    IMPORT_CIRCLE           "E0204" "packages import each other in a circle"
    AMBIGUOUS_PACKAGE       "E0205" "a package is found below more than one source root"
    UNKNOWN_NAME            "E0206" "no such name"
    DUPLICATE_NAME          "E0207" "a name is declared twice"
    NOT_A_TYPE              "E0208" "an item that cannot be used as a type"
    BUILT_IN_NAME           "E0209" "a declaration is called like a type of the language"

    GENERIC_ARITY           "E0301" "wrong number of type arguments"
    CANNOT_BE_GENERIC       "E0302" "only structs and messages can have type parameters"
    MAP_KEY                 "E0303" "a type that cannot be the key of a map"
    OPTIONAL_OF_OPTIONAL    "E0304" "an optional of what is optional already"
    TYPE_WITHOUT_END        "E0305" "a type that contains itself without end"
    ALIAS_CIRCLE            "E0306" "aliases, unions or newtypes that stand for each other"
    DUPLICATE_FIELD         "E0307" "two fields with one name"
    DUPLICATE_WIRE_KEY      "E0308" "two fields with one key on the wire"
    TAG_COLLISION           "E0309" "a field has the key of its message's tag"
    RESERVED_NAME           "E0310" "a name that the declaration reserves"
    EMPTY_ENUM              "E0311" "an enum without members"
    DUPLICATE_MEMBER        "E0312" "two members of an enum with one name"
    DUPLICATE_MEMBER_VALUE  "E0313" "two members of an enum with one value"
    MEMBER_VALUE            "E0314" "the value of a member does not fit its enum"
    ENUM_REPRESENTATION     "E0315" "an enum is represented by text or an integer type"
    EXT_CODE                "E0316" "a bad extension code"
    UNENDING_GENERIC        "E0317" "a generic type that grows with each use of itself"
    PRESENCE                "E0318" "forms of presence that exclude each other"
    UNUSED_PARAMETER        "E0319" "a type parameter that is not used"

    INDISTINCT_MEMBERS      "E0401" "members of a union that cannot be told apart"
    BAD_UNION_MEMBER        "E0402" "a type that cannot be a member of a union"
    REPEATED_UNION_MEMBER   "E0403" "a member of a union is there twice"
    OPEN_IN_CLOSED          "E0404" "an open union inside a closed one"
    OPEN_WITHOUT_MESSAGE    "E0405" "an open union without a message"

    VALUE_MISMATCH          "E0501" "a value of another type"
    VALUE_OUT_OF_RANGE      "E0502" "a value outside of the range of its type"
    BAD_TEXT_VALUE          "E0503" "a text that is no value of its type"
    UNKNOWN_MEMBER          "E0504" "no such member of an enum"
    UNKNOWN_FIELD           "E0505" "no such field in a record"
    MISSING_FIELD           "E0506" "a record literal lacks a field"
    NO_LITERAL              "E0507" "a type whose values cannot be written"
    CONST_CIRCLE            "E0508" "constants that are defined by each other"
    VALUE_CONSTRAINT        "E0509" "a value that its own constraints refuse"
    DUPLICATE_ENTRY         "E0510" "a key or an element is there twice"
    DEFAULT_CIRCLE          "E0511" "a default that contains itself"

    UNKNOWN_OPTION          "E0601" "no such option"
    OPTION_TARGET           "E0602" "an option on something that does not have it"
    OPTION_ARGUMENT         "E0603" "a wrong argument of an option"
    DUPLICATE_OPTION        "E0604" "an option is there twice"
    CONSTRAINT_TYPE         "E0605" "a constraint that does not suit the type"
    ERROR_TEXT              "E0606" "a bad text of an error"
    BAD_PATTERN             "E0607" "a pattern that is no regular expression"

    RAISES_NO_ERROR         "E0701" "`raises` something that is not an error"
    DUPLICATE_CLAUSE        "E0702" "a clause is there twice"
    DUPLICATE_ENDPOINT      "E0703" "two endpoints with one name"
    EXTENDS_NO_INTERFACE    "E0704" "`extends` something that is not an interface"
    EXTENDS_CIRCLE          "E0705" "interfaces that extend each other"
    DUPLICATE_ADDRESS       "E0706" "two endpoints with one address on the wire"
    CLAUSE_OF_CONTEXT       "E0707" "a clause that this kind of endpoint does not have"

    STOCK_UNION             "E0711" "types that a stock peer cannot tell apart"
    STOCK_RECURSION         "E0712" "a recursive type that a stock peer cannot define"
    STOCK_KEY               "E0713" "a key that a stock peer cannot have"
    STOCK_MEMBER            "E0714" "a member of an enum that a stock peer cannot have"
    STOCK_PATTERNS          "E0715" "two patterns on one text, which a stock peer cannot check"

    DUPLICATE_EXAMPLE       "E0721" "two examples with one title"
    EXAMPLE_STEP            "E0722" "a step that the dialog of an example cannot have"
    EXAMPLE_INCOMPLETE      "E0723" "an example that lacks a step"
    EXAMPLE_TOO_LARGE       "E0724" "a value of an example is larger than the limit"

    UNUSED_IMPORT           "W0001" "an import that nothing uses"
    TYPE_NAME_STYLE         "W0002" "the name of a type is not in `UpperCamelCase`"
    SNAKE_NAME_STYLE        "W0003" "a name is not in `snake_case`"
    CONST_NAME_STYLE        "W0004" "the name of a constant is not in `UPPER_SNAKE_CASE`"
    TEXT_DIRECTION          "W0005" "an invisible character that changes the direction of text"
    UNBOUNDED_CONTEXT       "W0006" "a context that streams without a deadline"
    DEPRECATED_USE          "W0007" "a use of something deprecated"
    UNUSED_ALLOW            "W0008" "an `@allow` that allows nothing"
    REDUNDANT               "W0010" "it says what holds anyway"
    CONFUSABLE_NAMES        "W0011" "two names that differ only in their style"
    SINCE_ORDER             "W0012" "a part that is older than the whole"
    STOCK_ANY               "W0013" "`any` hides the types of a dialog from a stock peer"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_well_formed_sorted_and_unique() {
        for code in ALL {
            let digits = code.id.strip_prefix(['E', 'W']).unwrap_or_default();
            assert!(
                digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()),
                "{code}"
            );
        }
        assert!(ALL.is_sorted_by(|a, b| a.id < b.id));
    }
}
