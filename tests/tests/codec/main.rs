//! The payload codec held against others: rmp-serde and rmpv on the same values and on garbage, msgspec by the bytes that
//! it wrote (`tests/conformance/msgspec`), and the texts of its errors (`tests/conformance/payloads`).

mod garbage;
mod hex;
mod msgspec;
mod serde;
mod table;
mod types;
