//! The examples in `docs/runtime.md` are those that `tests/dialogs/guide.rs` runs.

use std::path::Path;

#[test]
fn each_example_is_one_that_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let guide = read("tests/tests/dialogs/guide.rs");
    let document = read("docs/runtime.md");
    let mut shown = Vec::new();
    for block in document.split("```rust,").skip(1) {
        let (name, rest) = block.split_once('\n').unwrap();
        let (code, _) = rest.split_once("```").unwrap();
        let (_, part) = guide
            .split_once(&format!("// guide: {name}\n"))
            .unwrap_or_else(|| panic!("docs/runtime.md: no part of the guide is called `{name}`"));
        let (part, _) = part.split_once("// end\n").unwrap();
        assert_eq!(
            code, part,
            "docs/runtime.md: `{name}` differs from tests/tests/dialogs/guide.rs"
        );
        shown.push(name);
    }
    assert_eq!(
        shown.len(),
        guide.matches("// guide: ").count(),
        "{shown:?}"
    );
}
