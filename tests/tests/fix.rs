//! What `scipp check --fix` mends: each `fix/NAME.scipp` becomes `fix/NAME.fixed`, byte for byte.
//!
//! `SCIPP_BLESS=1 cargo test -p scipp-tests --test fix` writes the results anew. Read the difference before it is kept.
#![allow(
    clippy::unwrap_used,
    reason = "a failed expectation is how a test speaks"
)]

use scipp_idl::fix::{Fixed, fix};
use scipp_idl::{Input, Options, check};
use std::fs;
use std::path::{Path, PathBuf};

fn schemas(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "scipp"));
    paths.sort();
    paths
}

fn mended(path: &Path) -> (Fixed, String) {
    let fixed = fix(&[Input::File(path.to_path_buf())], &Options::default());
    let text = match fixed.texts.as_slice() {
        [] => fs::read_to_string(path).unwrap(),
        [(_, text)] => text.clone(),
        more => panic!("{} changed {} files", path.display(), more.len()),
    };
    (fixed, text)
}

#[test]
fn files_are_mended_as_expected() {
    let mut failures = Vec::new();
    for path in schemas("fix") {
        let (_, text) = mended(&path);
        let expected = path.with_extension("fixed");
        if std::env::var_os("SCIPP_BLESS").is_some_and(|it| it == "1") {
            fs::write(&expected, &text).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != text {
            failures.push(format!("{}: came\n{text}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Every file of `ui` as well: whatever is wrong in it, mending makes nothing worse, and comes to an end.
#[test]
fn no_file_gets_worse_and_what_is_mended_stays() {
    let mut changed = 0;
    for path in schemas("fix").into_iter().chain(schemas("ui")) {
        let before = check(&[Input::File(path.clone())], &Options::default());
        let (fixed, text) = mended(&path);
        let errors = fixed.checked.diagnostics.errors();
        assert!(errors <= before.diagnostics.errors(), "{}", path.display());
        if fixed.texts.is_empty() {
            continue;
        }
        changed += 1;
        let overlay = [(path.clone(), text.clone())].into_iter().collect();
        let options = Options {
            overlay,
            ..Options::default()
        };
        let again = check(&[Input::File(path.clone())], &options);
        assert_eq!(again.diagnostics.errors(), errors, "{}", path.display());
    }
    assert!(changed > 40, "{changed}");
}

#[test]
fn imports_are_never_changed() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::write(
        place("app.scipp"),
        "package app;\nuse base.{Old};\nstruct A { a: Old b: u8 }\n",
    )
    .unwrap();
    fs::write(
        place("base.scipp"),
        "package base;\nstruct Old { a: u8 b: u8 }\n",
    )
    .unwrap();
    let app = [Input::File(place("app.scipp"))];
    let fixed = fix(&app, &Options::default());
    let names: Vec<_> = fixed
        .texts
        .iter()
        .map(|(id, _)| fixed.before.get(*id).unwrap().name())
        .collect();
    assert_eq!(names, [place("app.scipp").display().to_string()]);
    assert_eq!(fixed.checked.diagnostics.errors(), 1);
    let both = [Input::Folder(folder.path().to_path_buf())];
    let fixed = fix(&both, &Options::default());
    assert_eq!(
        (fixed.texts.len(), fixed.checked.diagnostics.errors()),
        (2, 0)
    );
}
