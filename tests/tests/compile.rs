//! Misuse that the compiler has to refuse, and how it says so: `tests/compile/*.rs` with the errors beside each in
//! `.stderr`.
//!
//! The texts are those of one release of the compiler; with another the test says so and does nothing. After a wanted
//! change: `TRYBUILD=overwrite cargo test -p scipp-tests --test compile`, and a look at the difference.

use std::process::Command;

/// Whose error texts are beside the files.
const RELEASE: &str = "1.95";

#[test]
fn misuse_is_refused() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("the compiler runs");
    let version = String::from_utf8(version.stdout).expect("UTF-8");
    if !version.starts_with(&format!("rustc {RELEASE}.")) {
        println!("not run: the texts are those of rustc {RELEASE}, this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("compile/*.rs");
}
