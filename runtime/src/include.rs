//! The macro by which a crate takes in what its build script generated.

/// Includes what [`scipp_codegen::build_script`](https://docs.rs/scipp-codegen) generated for this crate: a module for
/// each package of its schemas, such as `market::feed`.
///
/// ```text
/// mod schema {
///     scipp_runtime::include_schemas!();
/// }
/// use schema::market::feed::{Feed, FeedServer};
/// ```
#[macro_export]
macro_rules! include_schemas {
    () => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/scipp.rs"));
    };
}
