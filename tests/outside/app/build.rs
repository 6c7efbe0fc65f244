fn main() {
    scipp_codegen::build_script().schema("schemas").root("../types/schemas")
        .extern_package("outside.names", "::outside_types::outside::names").run();
}
