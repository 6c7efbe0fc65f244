//! The names of the types of the language, and what other languages call them.

use crate::schema::Scalar;

pub(crate) const SCALARS: &[(&str, Scalar)] = &[
    ("bool", Scalar::Bool),
    ("i8", Scalar::I8),
    ("i16", Scalar::I16),
    ("i32", Scalar::I32),
    ("i64", Scalar::I64),
    ("u8", Scalar::U8),
    ("u16", Scalar::U16),
    ("u32", Scalar::U32),
    ("u64", Scalar::U64),
    ("f32", Scalar::F32),
    ("f64", Scalar::F64),
    ("str", Scalar::Str),
    ("bytes", Scalar::Bytes),
    ("nil", Scalar::Nil),
    ("any", Scalar::Any),
    ("timestamp", Scalar::Timestamp),
    ("date", Scalar::Date),
    ("time", Scalar::Time),
    ("duration", Scalar::Duration),
    ("uuid", Scalar::Uuid),
    ("decimal", Scalar::Decimal),
    ("ref", Scalar::Ref),
];

/// The name of a scalar in the language.
pub(crate) fn scalar_name(scalar: Scalar) -> &'static str {
    SCALARS
        .iter()
        .find(|(_, it)| *it == scalar)
        .map_or("", |(name, _)| name)
}

pub(crate) fn scalar(name: &str) -> Option<Scalar> {
    SCALARS
        .iter()
        .find(|(it, _)| *it == name)
        .map(|(_, scalar)| *scalar)
}

/// What other languages call our types.
pub(crate) fn usual_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "string" | "String" | "text" | "Text" | "varchar" => "str",
        "int" | "int32" | "Int" | "integer" => "i32",
        "int64" | "long" => "i64",
        "uint32" | "uint" => "u32",
        "uint64" | "usize" | "fixed64" => "u64",
        "isize" | "sint64" | "sfixed64" | "i128" => "i64",
        "sint32" | "sfixed32" => "i32",
        "uint8" | "char" => "u8",
        "int8" => "i8",
        "int16" | "short" => "i16",
        "uint16" => "u16",
        "float" | "Float" | "Double" | "Float64" | "double" | "float64" | "number" => "f64",
        "float32" | "Float32" => "f32",
        "boolean" | "Bool" => "bool",
        "datetime" | "Timestamp" | "DateTime" => "timestamp",
        "timedelta" => "duration",
        "none" | "None" | "null" | "void" | "unit" | "undefined" | "Void" | "Null" => "nil",
        "Vec" | "set" | "Set" | "array" | "List" | "Array" | "sequence" => "list",
        "dict" | "Dict" | "Map" | "HashMap" | "BTreeMap" | "Record" | "record" | "Mapping" => "map",
        "binary" | "blob" | "Data" | "bytearray" | "Bytes" => "bytes",
        "byte" => "u8",
        "Any" | "object" | "value" | "unknown" | "Object" | "Value" | "JSON" | "json" => "any",
        _ => return None,
    })
}

/// What other languages call our values.
pub(crate) fn usual_value(name: &str) -> Option<&'static str> {
    Some(match name {
        "True" | "TRUE" | "yes" | "on" => "true",
        "False" | "FALSE" | "no" | "off" => "false",
        "None" | "null" | "NULL" | "none" | "undefined" | "Nil" => "nil",
        _ => return None,
    })
}
