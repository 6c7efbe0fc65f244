//! `docs/tractor.md` names tests: they are there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// Everything below a folder that ends so.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
}

/// Names of tests: functions of Rust below the folders of tests, and cases of Python as `module.name`.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut sources = Vec::new();
    for folder in ["tests", "protocol/tests", "runtime/src"] {
        files(&root().join(folder), "rs", &mut sources);
    }
    for path in sources {
        let text = fs::read_to_string(&path).expect("readable");
        names.extend(text.split("fn ").skip(1).filter_map(|rest| {
            let name = rest.split(['(', '<']).next()?;
            Some(name.to_owned())
        }));
    }
    let cases = root().join("tests/interop/tractor/plain/cases");
    let mut sources = Vec::new();
    files(&cases, "py", &mut sources);
    for path in sources {
        let module = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&path).expect("readable");
        for rest in text.split("\nasync def ").skip(1) {
            let name = rest.split('(').next().expect("a name");
            names.insert(format!("{module}.{name}"));
        }
    }
    names
}

/// Each block of the guide that names a file is that file, and each file is in the guide.
#[test]
fn the_files_of_the_guide_are_those_in_it() {
    let folder = root().join("tests/interop/tractor/guide");
    let guide = fs::read_to_string(root().join("docs/tractor-guide.md")).expect("the guide");
    let mut shown = BTreeSet::new();
    let mut rest = guide.as_str();
    while let Some((_, block)) = rest.split_once("\n```") {
        let (head, block) = block.split_once('\n').expect("a block has lines");
        let (body, after) = block.split_once("\n```").expect("a block ends");
        rest = after;
        if let Some((_, name)) = head.split_once(',') {
            let file = fs::read_to_string(folder.join(name)).unwrap_or_default();
            assert_eq!(
                body.trim_end(),
                file.trim_end(),
                "docs/tractor-guide.md: {name}"
            );
            shown.insert(name.to_owned());
        }
    }
    let mut all = Vec::new();
    for extension in ["py", "rs", "scipp"] {
        files(&folder, extension, &mut all);
    }
    for path in all {
        let name = path
            .strip_prefix(&folder)
            .expect("below it")
            .display()
            .to_string();
        assert!(
            name.ends_with("modules.py") || shown.contains(&name),
            "{name} is not in the guide"
        );
    }
}

#[test]
fn the_tests_that_the_document_names_are_there() {
    let document = fs::read_to_string(root().join("docs/tractor.md")).expect("the document");
    let known = tests();
    let mut rows = 0;
    let mut missing = Vec::new();
    for row in document.lines().filter_map(|line| line.strip_prefix("| ")) {
        let cells: Vec<&str> = row.split(" | ").collect();
        if cells[0].parse::<usize>() != Ok(rows + 1) {
            continue;
        }
        rows += 1;
        let named: Vec<&str> = cells[2].split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "row {rows} names no test");
        missing.extend(
            named
                .into_iter()
                .filter(|name| !known.contains(*name))
                .map(str::to_owned),
        );
    }
    assert!(rows >= 14, "the checklist has {rows} rows");
    // Facts are shown by cases too.
    for name in document.split('`').skip(1).step_by(2) {
        let is_case = name.starts_with("facts.") || name.starts_with("func.");
        if is_case && !known.contains(name) {
            missing.push(name.to_owned());
        }
    }
    assert!(
        missing.is_empty(),
        "docs/tractor.md names tests that are not there: {missing:?}"
    );
}
