//! Generates what the snapshots show, from the same schemas, so that it is known to compile.

fn main() {
    scipp_codegen::build_script()
        .schema("../../schemas/corpus")
        .schema("../../schemas/market")
        .examples()
        .run();
}
