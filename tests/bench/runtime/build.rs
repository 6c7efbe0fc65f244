//! Generates the module `bench` from the schema, and tonic's client and server from a description: no `protoc` is needed.

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    scipp_codegen::build_script().schema("bench.scipp").run();

    let method = |name: &str, route: &str, input: &str, output: &str| {
        Method::builder()
            .name(name)
            .route_name(route)
            .input_type(input)
            .output_type(output)
            .codec_path("tonic_prost::ProstCodec")
    };
    let (quote, count, block) = (
        "crate::peer::tonic::Quote",
        "crate::peer::tonic::Count",
        "crate::peer::tonic::Block",
    );
    let service = Service::builder()
        .name("Bench")
        .package("bench")
        .method(method("echo", "Echo", quote, quote).build())
        .method(method("hold", "Hold", count, count).build())
        .method(
            method("quotes", "Quotes", count, quote)
                .server_streaming()
                .build(),
        )
        .method(
            method("blocks", "Blocks", count, block)
                .server_streaming()
                .build(),
        )
        .method(
            method("idle", "Idle", count, quote)
                .server_streaming()
                .build(),
        )
        .build();
    Builder::new().compile(&[service]);
}
