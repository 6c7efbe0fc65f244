//! The pages of `scipp explain` are right: each wrong example gives its code, each right one nothing at all.
//!
//! A page is `scipp-idl/src/explain/E0123.md`, or lies in `codegen/src/explain`. Each block of scipp in its sections "Wrong"
//! and "Right" is a file, at the path in the comment of its first line. A block of sh in the same section is the command
//! that shows it; without one, all of the files are checked. What is too large or too odd to be shown is described in a
//! block of text instead; `tests/tests/ui.rs` and the tests of the generator make it up.

use scipp_codegen::{problem, rust};
use scipp_idl::{Code, Input, Options, check, code};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Codes whose wrong example is described and not shown.
const DESCRIBED: [&str; 16] = [
    "E0002", "E0003", "E0004", "E0005", "E0006", "E0007", "E0008", "E0009", "E0099", "W0005",
    "E0802", "E0803", "E0804", "E0805", "E0806", "E0899",
];

#[test]
fn each_example_of_each_page_does_what_the_page_says() {
    let mut failures = Vec::new();
    for code in code::ALL.iter().chain(problem::ALL) {
        let Some(page) = code::page(code.id).or_else(|| problem::page(code.id)) else {
            failures.push(format!("{code} has no page"));
            continue;
        };
        if !page.starts_with(&format!("# {code}: {}\n", code.title)) {
            failures.push(format!("the page of {code} begins with another title"));
        }
        let wrong = section(page, "Wrong");
        if !blocks(wrong, "scipp").is_empty() {
            let mut came = run(wrong, code);
            // A declaration that is called `list` has a bad style as well.
            came.codes
                .retain(|id| !code.is_error() || id.starts_with('E'));
            let only = BTreeSet::from([code.id]);
            if came.codes != only {
                failures.push(format!("the wrong one of {code} gives\n{}", came.text));
            }
        } else if !is_described(code) || blocks(wrong, "text").is_empty() {
            failures.push(format!("the page of {code} has no wrong example"));
        }
        let right = section(page, "Right");
        let came = run(right, code);
        if blocks(right, "scipp").is_empty() || !came.codes.is_empty() {
            failures.push(format!("the right one of {code} gives\n{}", came.text));
        }
        if section(page, "What to do").trim().is_empty() {
            failures.push(format!("the page of {code} does not say what to do"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn no_page_is_left_over() {
    for folder in ["../scipp-idl/src/explain", "../codegen/src/explain"] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let id = path.file_stem().unwrap().to_str().unwrap();
            let mut codes = code::ALL.iter().chain(problem::ALL);
            assert!(codes.any(|code| code.id == id), "{}", path.display());
        }
    }
}

/// Whoever reads `E0123` in a message or on a page can ask what it means.
#[test]
fn each_code_that_is_named_anywhere_has_a_page() {
    let mut failures = Vec::new();
    let mut named = BTreeSet::new();
    let mut folders = [
        "../scipp-idl/src",
        "../codegen/src",
        "../cli/src",
        "../docs",
    ]
    .map(std::path::PathBuf::from)
    .to_vec();
    let mut files = vec!["../README.md".into(), "../ARCHITECTURE.md".into()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs" || it == "md") {
                files.push(path);
            }
        }
    }
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        // Tests name codes that there are not.
        let text = text.split("#[cfg(test)]").next().unwrap();
        for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
            let Some(digits) = word.strip_prefix(['E', 'W']) else {
                continue;
            };
            if digits.len() == 4 && digits.bytes().all(|it| it.is_ascii_digit()) {
                named.insert(word.to_owned());
                if code::page(word).is_none() && problem::page(word).is_none() {
                    failures.push(format!("{}: `{word}` has no page", path.display()));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(named.len() > 100, "{named:?}");
}

fn is_described(code: &Code) -> bool {
    DESCRIBED.contains(&code.id)
}

struct Came {
    codes: BTreeSet<&'static str>,
    text: String,
}

/// Writes the files of a section and checks them; for a code of the generators, generates as well.
fn run(section: &str, code: &Code) -> Came {
    let folder = tempfile::tempdir().unwrap();
    for text in blocks(section, "scipp") {
        let place = text.lines().next().and_then(|it| it.strip_prefix("// "));
        let place = place.filter(|it| it.ends_with(".scipp"));
        let package = text.lines().find_map(|it| it.strip_prefix("package "));
        let from_package =
            |it: &str| format!("{}.scipp", it.trim_end_matches(';').replace('.', "/"));
        let path = match (place, package) {
            (Some(place), _) => place.to_owned(),
            (None, Some(package)) => from_package(package),
            (None, None) => "example.scipp".to_owned(),
        };
        let head = if place.is_none() && package.is_none() {
            "package example;\n"
        } else {
            ""
        };
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{head}{text}")).unwrap();
    }
    let mut inputs = Vec::new();
    let mut options = Options::default();
    for command in blocks(section, "sh") {
        let mut words = command.split_whitespace().skip(2);
        while let Some(word) = words.next() {
            match word {
                "-I" => options
                    .roots
                    .extend(words.next().map(|it| folder.path().join(it))),
                path => inputs.push(Input::File(folder.path().join(path))),
            }
        }
    }
    if inputs.is_empty() {
        inputs.push(Input::Folder(folder.path().to_path_buf()));
    }
    let checked = check(&inputs, &options);
    let mut problems = checked.diagnostics;
    if *code == problem::NOT_IN_PYTHON {
        let options = scipp_codegen::python::Options::default();
        if let Err(more) = scipp_codegen::python::generate(&checked.schema, &options) {
            problems = more;
        }
    } else if problem::ALL.contains(code)
        && !problems.has_errors()
        && let Err(more) = rust::generate(&checked.schema, &rust::Options::default())
    {
        problems = more;
    }
    Came {
        codes: problems.iter().map(|it| it.code.id).collect(),
        text: problems.render(&checked.sources, false),
    }
}

/// What stands below a heading.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let start = format!("\n## {heading}\n");
    let (_, rest) = page.split_once(&start).unwrap_or_default();
    rest.split("\n## ").next().unwrap_or_default()
}

fn blocks<'p>(section: &'p str, language: &str) -> Vec<&'p str> {
    let start = format!("```{language}\n");
    let mut found = Vec::new();
    for part in section.split(&start).skip(1) {
        found.extend(part.split("```").next());
    }
    found
}

/// Paths of the pages are relative to the package.
#[test]
fn the_tests_run_where_the_pages_are() {
    assert!(Path::new("../scipp-idl/src/explain").is_dir());
}
