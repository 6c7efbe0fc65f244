//! Every planted bug can still be planted.

use scipp_mutants::{Mutant, PatchError, all, root};

#[test]
fn every_patch_applies_to_the_sources_as_they_are() {
    let root = root();
    let mutants = all(&root).unwrap_or_else(|error| panic!("{error}"));
    assert!(mutants.len() >= 2, "the patches are not found");
    let mut wrong = String::new();
    for mutant in mutants {
        match mutant.apply(&root) {
            Ok(changed) => {
                for (file, text) in changed {
                    let now = std::fs::read_to_string(root.join(&file)).unwrap();
                    assert_ne!(text, now, "{}: {file} stays as it is", mutant.name);
                }
            }
            Err(error) => wrong += &format!("{error}\n"),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

const GOOD: &str = "\
breaks: The manifest names nobody.
proof: cargo test -p scipp-mutants --test patches
--- a/tests/mutants/Cargo.toml
+++ b/tests/mutants/Cargo.toml
@@ -1,2 +1,2 @@
 [package]
-name = \"scipp-mutants\"
+name = \"nobody\"
";

#[test]
fn a_patch_changes_what_it_says_wherever_that_is() {
    let mutant = Mutant::parse("good", GOOD).unwrap();
    assert_eq!(
        mutant.command(),
        "cargo test -p scipp-mutants --test patches"
    );
    let changed = mutant.apply(&root()).unwrap();
    assert!(matches!(changed.as_slice(), [(file, text)]
        if file == "tests/mutants/Cargo.toml" && text.starts_with("[package]\nname = \"nobody\"\ndesc")));
}

#[test]
fn a_patch_that_is_out_of_date_says_so() {
    let old = GOOD.replace("[package]", "[bundle]");
    let error = Mutant::parse("old", &old)
        .unwrap()
        .apply(&root())
        .unwrap_err();
    assert!(
        matches!(error, PatchError::Applies { times: 0, .. }),
        "{error}"
    );
    let vague = GOOD.replace(
        " [package]\n-name = \"scipp-mutants\"",
        "-[lints]\n-workspace = true\n\n-[dependencies]\n-clap.workspace = true",
    );
    assert!(
        Mutant::parse("vague", &vague)
            .unwrap()
            .apply(&root())
            .is_ok()
    );
    let twice = GOOD.replace(" [package]\n-name = \"scipp-mutants\"", "-");
    let error = Mutant::parse("twice", &twice)
        .unwrap()
        .apply(&root())
        .unwrap_err();
    assert!(
        matches!(error, PatchError::Applies { times: 2.., .. }),
        "{error}"
    );
}

#[test]
fn what_is_no_patch_is_refused() {
    for (from, to) in [
        ("breaks: The manifest names nobody.\n", ""),
        ("proof: cargo test -p scipp-mutants --test patches\n", ""),
        ("cargo test", "cargo publish"),
        ("proof", "prove"),
        ("b/tests/mutants", "b/../mutants"),
        ("@@ -1,2 +1,2 @@\n", ""),
        ("nobody\"\n", "nobody\"\nmore\n"),
        ("+name = \"nobody\"", "+name = \"scipp-mutants\""),
    ] {
        let text = GOOD.replace(from, to);
        assert!(Mutant::parse("bad", &text).is_err(), "{text}");
    }
}
