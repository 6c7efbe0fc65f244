fn main() {
    scipp_codegen::build_script()
        .schema("schemas/outside/names.scipp").run();
}
