//! Generates the modules `lab` and `depot` from the schemas.

fn main() {
    scipp_codegen::build_script()
        .schema("lab.scipp")
        .schema("guide/depot.scipp")
        .run();
}
