//! What a user of the compiler sees: each case in `tests/ui/` beside the exact text of its diagnostics.
//!
//! - `ui/NAME.scipp` is a case of one file, with `ui/NAME.stderr` beside it.
//! - `ui/NAME/` is a case of several: all `.scipp` files in it are checked, or, if it has a folder `input`, those in
//!   there, with each folder in `roots` as a source root. Its text is `ui/NAME/stderr`.
//! - `ui/ok/*.scipp` are good files: not even a warning.
//! - `ui/generated/NAME.stderr` is the text for a case that [`generated`] makes up: one too large to be a file here, or
//!   one that git would not keep as it is.
//!
//! `SCIPP_BLESS=1 cargo test -p scipp-tests --test ui` writes the texts anew. Read the difference before it is kept.

use scipp_idl::{Checked, Input, Options, check, code, diagnostic};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

type Failures = Vec<String>;

#[test]
fn diagnostics_read_as_expected() -> Result<(), Box<dyn std::error::Error>> {
    let mut failures = Failures::new();
    let mut seen = BTreeSet::new();
    for path in sorted(Path::new("ui"))? {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && name != "ok" && name != "generated" {
            let checked = check_folder(&path)?;
            compare(
                &checked,
                &path.join("stderr"),
                ".",
                &mut seen,
                &mut failures,
            )?;
        } else if path.extension().is_some_and(|it| it == "scipp") {
            let checked = check(&[Input::File(path.clone())], &Options::default());
            compare(
                &checked,
                &path.with_extension("stderr"),
                ".",
                &mut seen,
                &mut failures,
            )?;
        }
    }
    for (name, files) in generated() {
        let folder = tempfile::tempdir()?;
        for (path, text) in &files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            fs::write(path, text)?;
        }
        let checked = check(
            &[Input::File(folder.path().join("main.scipp"))],
            &Options::default(),
        );
        let expected = PathBuf::from(format!("ui/generated/{name}.stderr"));
        let folder = folder.path().display().to_string();
        compare(&checked, &expected, &folder, &mut seen, &mut failures)?;
    }
    link_out_of_root(&mut seen, &mut failures)?;
    // No source is known that shows a defect of the formatter.
    seen.insert(code::FORMAT_DEFECT.id);
    let unseen = code::ALL.iter().filter(|code| !seen.contains(code.id));
    failures.extend(unseen.map(|code| format!("no case shows {}: {}", code.id, code.title)));
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
    Ok(())
}

#[test]
fn good_files_have_no_diagnostics() -> Result<(), Box<dyn std::error::Error>> {
    let mut failures = Failures::new();
    for path in sorted(Path::new("ui/ok"))? {
        let input = if path.is_dir() {
            Input::Folder(path.clone())
        } else {
            Input::File(path.clone())
        };
        let checked = check(&[input], &Options::default());
        let text = checked.diagnostics.render(&checked.sources, false);
        if !text.is_empty() || checked.schema.packages.is_empty() {
            failures.push(format!("{}:\n{text}", path.display()));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
    Ok(())
}

/// How many cases there are, so that none is lost unseen.
#[test]
fn there_are_many_cases() -> Result<(), Box<dyn std::error::Error>> {
    let bad = sorted(Path::new("ui"))?;
    let is_case = |path: &&PathBuf| {
        let is_file = path.extension().is_some_and(|it| it == "scipp");
        is_file || (path.is_dir() && !path.ends_with("ok") && !path.ends_with("generated"))
    };
    let bad = bad.iter().filter(is_case).count() + generated().len();
    let good = sorted(Path::new("ui/ok"))?.len();
    assert!(bad >= 250 && good >= 120, "{bad} bad, {good} good");
    Ok(())
}

#[test]
fn five_mistakes_are_five_errors_with_places() {
    let checked = check(
        &[Input::File("ui/five_mistakes.scipp".into())],
        &Options::default(),
    );
    assert_eq!(checked.diagnostics.errors(), 5);
    let lines: BTreeSet<_> = checked
        .diagnostics
        .iter()
        .filter_map(|it| it.primary.as_ref())
        .map(|it| it.span)
        .collect();
    assert_eq!(lines.len(), 5);
    let codes: BTreeSet<_> = checked.diagnostics.iter().map(|it| it.code).collect();
    assert_eq!(codes.len(), 5);
}

#[test]
fn a_diagnostic_is_json_with_lines_and_columns() {
    let text = "package p;\n\nmessage M { a: strr }\n";
    let input = Input::Text {
        name: "p".into(),
        text: text.into(),
    };
    let checked = check(&[input], &Options::default());
    let json: Vec<_> = checked
        .diagnostics
        .iter()
        .map(|it| diagnostic::to_json(it, &checked.sources))
        .collect();
    let label = json!({
        "primary": true, "file": "p", "start": 27, "end": 31, "text": "neither declared nor imported here",
        "line": 3, "column": 16, "end_line": 3, "end_column": 20,
    });
    let expected = json!({
        "code": "E0206", "severity": "error", "message": "no type or item `strr`",
        "labels": [label], "help": ["did you mean `str`?"], "notes": [], "fix": [],
    });
    assert_eq!(json, [expected]);
}

fn check_folder(path: &Path) -> std::io::Result<Checked> {
    let inputs = path.join("input");
    if !inputs.is_dir() {
        return Ok(check(
            &[Input::Folder(path.to_path_buf())],
            &Options::default(),
        ));
    }
    let roots = path.join("roots");
    let roots = if roots.is_dir() {
        sorted(&roots)?
    } else {
        Vec::new()
    };
    Ok(check(
        &[Input::Folder(inputs)],
        &Options {
            roots,
            ..Options::default()
        },
    ))
}

/// Compares what is shown with what is expected, or writes it.
fn compare(
    checked: &Checked,
    expected: &Path,
    folder: &str,
    seen: &mut BTreeSet<&'static str>,
    failures: &mut Failures,
) -> std::io::Result<()> {
    seen.extend(checked.diagnostics.iter().map(|it| it.code.id));
    let here = std::env::current_dir()?.display().to_string();
    let mut shown = checked.diagnostics.render(&checked.sources, false);
    shown = shown.replace(&here, "$HERE");
    if folder != "." {
        shown = shown.replace(folder, "$DIR");
    }
    let name = expected.display();
    if shown.is_empty() {
        failures.push(format!(
            "{name}: a case without a diagnostic belongs in ui/ok"
        ));
    }
    if std::env::var_os("SCIPP_BLESS").is_some_and(|it| it == "1") {
        return fs::write(expected, shown);
    }
    let text = fs::read_to_string(expected).unwrap_or_default();
    if text != shown {
        failures.push(format!("{name}: expected\n{text}\ncame\n{shown}"));
    }
    Ok(())
}

type Files = Vec<(String, Vec<u8>)>;

/// Cases that are made up here, each the file `main.scipp` and what it imports.
fn generated() -> Vec<(&'static str, Files)> {
    let one = |text: String| vec![("main.scipp".to_owned(), text.into_bytes())];
    let lines =
        |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let mut too_many_files = one(format!(
        "package main;\n{}",
        lines(257, &|at| format!("use p{at};\nalias A{at} = p{at}.T;\n"))
    ));
    too_many_files.extend((0..257).map(|at| {
        (
            format!("p{at}.scipp"),
            format!("package p{at};\nalias T = str;\n").into_bytes(),
        )
    }));
    vec![
        (
            "too_large",
            one(format!("package main;\n// {}", "x".repeat(1024 * 1024))),
        ),
        (
            "too_many_definitions",
            one(format!(
                "package main;\n{}",
                lines(10_001, &|at| format!("alias A{at} = str;\n"))
            )),
        ),
        (
            "too_many_diagnostics",
            one(format!(
                "package main;\n{}",
                lines(501, &|at| format!("alias A{at} = strr;\n"))
            )),
        ),
        ("too_many_files", too_many_files),
        (
            "not_utf8",
            vec![(
                "main.scipp".to_owned(),
                b"package main;\n// caf\xe9\n".to_vec(),
            )],
        ),
        ("nul", one("package main;\n\0\nalias A = str;\n".to_owned())),
        (
            "carriage_return_and_bom",
            one("\u{feff}package main;\r\nalias a = str;\r\n".to_owned()),
        ),
    ]
}

/// An import by a link that leads out of the source root.
#[cfg(unix)]
fn link_out_of_root(
    seen: &mut BTreeSet<&'static str>,
    failures: &mut Failures,
) -> std::io::Result<()> {
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("root");
    fs::create_dir(&root)?;
    fs::write(folder.path().join("secret"), "hunter2")?;
    fs::write(
        root.join("main.scipp"),
        "package main;\nuse other.{X};\nalias Y = X;\n",
    )?;
    std::os::unix::fs::symlink(folder.path().join("secret"), root.join("other.scipp"))?;
    let checked = check(&[Input::File(root.join("main.scipp"))], &Options::default());
    let folder = folder.path().display().to_string();
    compare(
        &checked,
        Path::new("ui/generated/link_out_of_root.stderr"),
        &folder,
        seen,
        failures,
    )
}

#[cfg(not(unix))]
fn link_out_of_root(seen: &mut BTreeSet<&'static str>, _: &mut Failures) -> std::io::Result<()> {
    seen.insert(code::LINK_OUT_OF_ROOT.id);
    Ok(())
}

fn sorted(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}
