//! What is generated for Python.
//!
//! Snapshots show it for a few schemas; all of the corpus is generated. Whether formatter, linter, type checkers, Python and
//! msgspec agree is asked where there is a Python that has them:
//!
//! ```text
//! python3.13 -m venv tools && tools/bin/pip install ruff mypy pyright msgspec
//! SCIPP_PYTHON_TOOLS=tools/bin/python cargo test -p scipp-tests --test python -- --nocapture
//! ```

use scipp_codegen::Files;
use scipp_codegen::python::{Options, generate};
use scipp_codegen::rust::packages_of;
use scipp_idl::model::Model;
use scipp_idl::{Checked, Input};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

/// The schemas whose Python is shown; the rest would be the same again.
const SHOWN: [&str; 16] = [
    "corpus/constants.scipp",
    "corpus/constraints.scipp",
    "corpus/deprecated.scipp",
    "corpus/enums.scipp",
    "corpus/error_texts.scipp",
    "corpus/extends.scipp",
    "corpus/exts.scipp",
    "corpus/generics.scipp",
    "corpus/keywords.scipp",
    "corpus/newtypes.scipp",
    "corpus/parameters.scipp",
    "corpus/patches.scipp",
    "corpus/stock.scipp",
    "corpus/unions.scipp",
    "corpus/wire_names.scipp",
    "market/feed.scipp",
];

/// Schemas that cannot be said in Python, and where.
const REFUSED: [(&str, &str); 2] = [
    ("corpus/enum_values.scipp", "is above 2^63-1"),
    ("corpus/extremes.scipp", "has a quote, a backslash"),
];

const TOOLS: &str = "SCIPP_PYTHON_TOOLS";

/// Random schemas that are generated, and how many of them the tools are asked about.
const SEEDS: u64 = 150;
const SEEDS_ASKED: u64 = 8;

/// Rules beyond the formatter's.
const RULES: &str = "E,F,I,UP,B,RUF";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas")
}

fn checked(schemas: &[PathBuf]) -> (Checked, BTreeSet<String>) {
    let inputs: Vec<Input> = schemas.iter().cloned().map(Input::File).collect();
    let checked = scipp_idl::check(&inputs, &scipp_idl::Options::default());
    let shown = checked.diagnostics.render(&checked.sources, false);
    assert!(!checked.diagnostics.has_errors(), "{shown}");
    let packages = packages_of(&checked, &inputs);
    (checked, packages)
}

fn generated(schemas: &[PathBuf]) -> Result<Files, String> {
    let (checked, packages) = checked(schemas);
    generate(&checked.schema, &Options { packages })
        .map_err(|problems| problems.render(&checked.sources, false))
}

/// All schemas but those that are refused.
fn sayable() -> Vec<PathBuf> {
    let refused = REFUSED.map(|(path, _)| root().join(path));
    let mut found = schemas_below(&root());
    found.retain(|path| !refused.contains(path));
    found
}

fn schemas_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(schemas_below(&path));
        } else if path.extension().is_some_and(|it| it == "scipp") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn a_few_schemas_have_a_snapshot() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("../tests/golden/python"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for schema in SHOWN {
        let files = generated(&[root().join(schema)]).unwrap();
        let package = schema.trim_start_matches("corpus/");
        let text = files.get(package.replace(".scipp", ".py")).unwrap();
        let name = package.trim_end_matches(".scipp").replace('/', "__");
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}

#[test]
fn the_same_schemas_give_the_same_bytes() {
    let schemas = sayable();
    assert!(schemas.len() >= 60, "only {} schemas", schemas.len());
    let files = generated(&schemas).unwrap();
    let mut backwards = schemas;
    backwards.reverse();
    assert_eq!(generated(&backwards).unwrap(), files);
}

#[test]
fn what_python_cannot_say_is_refused_where_it_stands() {
    for (schema, why) in REFUSED {
        let shown = generated(&[root().join(schema)]).unwrap_err();
        assert!(
            shown.contains("error[E0807]") && shown.contains(why),
            "{shown}"
        );
    }
    let cases = [
        ("error ContextCancelled {}\n", "takes it for its own"),
        (
            "@deadline(1s) interface I { context c(func: str); }",
            "`func`",
        ),
        ("interface I { gen g(self: str) yields str; }", "`self`"),
        ("struct S { a: u8, b: u8 @wire(\"\\\"\") }", "no key like"),
        (
            "struct Ab {}\nerror A {}\nstruct AValue {}",
            "both called `AValue` in Python",
        ),
        ("struct a_b {}\nstruct AB {}", "both called `AB` in Python"),
        (
            "interface I { fn f(); }\nstruct IFArgs {}",
            "both called `IFArgs` in Python",
        ),
        ("struct S { __a: u8, _a: u8 }", "both called `_a` in Python"),
    ];
    for (items, expected) in cases {
        let text = format!("package p;\n{items}\n");
        let input = Input::Text {
            name: "p.scipp".to_owned(),
            text,
        };
        let checked = scipp_idl::check(&[input], &scipp_idl::Options::default());
        let found = checked.diagnostics.render(&checked.sources, false);
        assert!(!checked.diagnostics.has_errors(), "{items}\n{found}");
        let problems = generate(&checked.schema, &Options::default()).expect_err(items);
        let shown = problems.render(&checked.sources, false);
        assert!(shown.contains(expected), "{items}:\n{shown}");
    }
}

/// The Python of a random schema, if it can be said.
fn random(seed: u64) -> Option<Files> {
    let size = scipp_smith::Size::default();
    let made = scipp_smith::schema(&mut scipp_smith::Choices::seed(seed), &size);
    let inputs: Vec<Input> = made
        .files()
        .into_iter()
        // Keys with quotes cannot be said, and would leave few schemas.
        .map(|(name, text)| Input::Text {
            name,
            text: text.replace(" \\\"é", " é"),
        })
        .collect();
    let checked = scipp_idl::check(&inputs, &scipp_idl::Options::default());
    let shown = checked.diagnostics.render(&checked.sources, false);
    assert!(!checked.diagnostics.has_errors(), "seed {seed}:\n{shown}");
    generate(&checked.schema, &Options::default()).ok()
}

#[test]
fn random_schemas_are_generated() {
    let good = (0..SEEDS).filter_map(random).count();
    println!("{good} of {SEEDS} random schemas are generated");
    assert!(good > 140, "{good}");
}

/// `@peers(scipp)` keeps endpoints out, and they are named.
#[test]
fn what_is_not_for_plain_peers_is_left_out() {
    let text = "package p;\n@peers(scipp) interface Fast { fn f(func: str); }\ninterface Slow { fn g(); }\n";
    let input = Input::Text {
        name: "p.scipp".to_owned(),
        text: text.to_owned(),
    };
    let checked = scipp_idl::check(&[input], &scipp_idl::Options::default());
    let files = generate(&checked.schema, &Options::default()).unwrap();
    let python = files.get("p.py").unwrap();
    assert!(
        python.contains("Left out, since it is not for plain peers: `Fast`."),
        "{python}"
    );
    assert!(
        !python.contains("class Fast") && python.contains("class SlowClient"),
        "{python}"
    );
}

#[test]
fn tools_agree() {
    let Some(python) = env::var_os(TOOLS) else {
        println!("not run: {TOOLS} names no Python with ruff, mypy and msgspec");
        return;
    };
    let python = PathBuf::from(python);
    let python = python.canonicalize().map_or(python.clone(), |_| python);
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let corpus = sayable();
    generated(&corpus)
        .unwrap()
        .write(&at.join("corpus_api"))
        .unwrap();
    let market = [root().join("market/feed.scipp")];
    generated(&market)
        .unwrap()
        .write(&at.join("market_api"))
        .unwrap();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let user = fs::read_to_string(ours.join("user.py")).unwrap();
    fs::write(at.join("user.py"), &user).unwrap();
    let wrong: Vec<usize> = user
        .lines()
        .zip(1..)
        .filter(|(line, _)| line.ends_with("# wrong"))
        .map(|(_, number)| number)
        .collect();
    assert_eq!(wrong.len(), 2);
    fs::write(
        at.join("pyrightconfig.json"),
        r#"{ "typeCheckingMode": "strict", "pythonVersion": "3.13" }"#,
    )
    .unwrap();
    let mut packages = vec!["corpus_api".to_owned(), "market_api".to_owned()];
    for seed in 0..SEEDS_ASKED {
        if let Some(files) = random(seed) {
            let package = format!("random{seed}_api");
            files.write(&at.join(&package)).unwrap();
            packages.push(package);
        }
    }
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    let run = |arguments: &[&str], input: &[u8]| run(&python, at, arguments, input);
    let passes = |arguments: &[&str]| {
        let out = run(&[arguments, &packages].concat(), b"");
        assert!(out.status.success(), "{arguments:?}:\n{}", said(&out));
    };
    passes(&[
        "-m",
        "ruff",
        "format",
        "--isolated",
        "--target-version",
        "py313",
        "--check",
    ]);
    passes(&[
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--target-version",
        "py313",
        "--select",
        RULES,
    ]);
    let mut asked = vec!["ruff"];

    // Both checkers find the mistakes of the user and nothing else.
    let finds = |arguments: &[&str], marks: &str| {
        let out = run(&[arguments, &packages, &["user.py"]].concat(), b"");
        let text = said(&out);
        let found: BTreeSet<usize> = text
            .lines()
            .filter(|line| line.contains(marks))
            .map(|line| {
                let place = line.split("user.py:").nth(1);
                let number = place.and_then(|it| it.split(':').next());
                number
                    .and_then(|it| it.parse().ok())
                    .unwrap_or_else(|| panic!("{text}"))
            })
            .collect();
        assert!(found.iter().eq(&wrong), "expected lines {wrong:?}:\n{text}");
    };
    finds(
        &[
            "-m",
            "mypy",
            "--strict",
            "--python-version",
            "3.13",
            "--cache-dir",
            ".cache",
        ],
        ": error:",
    );
    asked.push("mypy");
    if run(&["-c", "import pyright"], b"").status.success() {
        finds(&["-m", "pyright"], " - error:");
        asked.push("pyright");
    }

    if run(
        &["-c", "import sys; sys.exit(sys.version_info < (3, 13))"],
        b"",
    )
    .status
    .success()
    {
        let (checked, given) = checked(&corpus);
        let model = Model::of(&checked.schema, &checked.sources, &given);
        let model = serde_json::to_vec(&model).unwrap();
        let script = ours.join("check.py").canonicalize().unwrap();
        let out = run(&[script.to_str().unwrap(), "corpus_api"], &model);
        assert!(out.status.success(), "{}", said(&out));
        println!("imported: {}", said(&out).trim());
        let random: Vec<_> = packages
            .iter()
            .filter(|it| it.starts_with("random"))
            .collect();
        println!("and {} random packages", random.len());
        for package in random {
            let out = run(&[script.to_str().unwrap(), package], br#"{"packages": []}"#);
            assert!(out.status.success(), "{package}: {}", said(&out));
        }
        asked.push("Python and msgspec");
    } else {
        println!("not imported: this Python is older than 3.13");
    }
    println!("asked: {}", asked.join(", "));
}

/// Runs Python in a folder with a text as its input.
fn run(python: &Path, folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(python)
        .args(arguments)
        .current_dir(folder)
        .env_remove("PYTHONPATH")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{TOOLS}={}: {error}", python.display()));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Who does not read it has said why by its end.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap();
    out
}

fn said(out: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&out.stdout), text(&out.stderr))
}
