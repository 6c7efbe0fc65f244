//! Generates the module `lab` from the schema.

fn main() {
    scipp_codegen::build_script().schema("lab.scipp").run();
}
