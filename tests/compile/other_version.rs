//! Code that another version generated says so, once.


const _: () = scipp_runtime::generated::generated_version(0);

fn main() {}
