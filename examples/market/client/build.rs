//! Generates the module `market` from the schemas.

fn main() {
    scipp_codegen::build_script()
        .schema("../../../schemas/market/feed.scipp")
        .run();
}
