//! The hostile list of the compiler: schemas made to hurt it, or whatever reads what it writes.
//!
//! Each entry goes through check, format and, where it is valid, the Rust generator: on the stack of a worker thread, in a
//! second, within a bound of memory, without a panic; and what is wrong has a diagnostic with a place.
//! `scipp-idl/tests/hostile.rs` has more of the same kinds for the checker alone.

use scipp_codegen::rust::{Options as RustOptions, generate};
use scipp_idl::format::{Formatted, format};
use scipp_idl::{Checked, Code, Input, Options, check, code, limits};
use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

/// The stack of tokio's workers, on which a build tool may run us.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Processor time of all phases together: a second; without optimisation five.
const ANSWER_MAX: Duration = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 1 });

/// What check and format may take at once; the generator works on a thread of its own. A source of 1 MiB that is all tokens needs the most of it.
const MEMORY_BYTES_MAX: u64 = 512 * 1024 * 1024;

struct Outcome {
    checked: Checked,
    formatted: Formatted,
    rust: Option<Vec<String>>,
}

impl Outcome {
    fn has(&self, code: Code) -> bool {
        self.checked.diagnostics.iter().any(|it| it.code == code)
    }

    /// Refused for this reason, at a place, and left alone or formatted.
    #[track_caller]
    fn refused(&self, code: Code) {
        let rendered = self
            .checked
            .diagnostics
            .render(&self.checked.sources, false);
        assert!(self.has(code), "expected {}:\n{rendered}", code.id);
        assert!(self.rust.is_none());
    }

    #[track_caller]
    fn accepted(&self) -> String {
        let rendered = self
            .checked
            .diagnostics
            .render(&self.checked.sources, false);
        assert!(!self.checked.diagnostics.has_errors(), "{rendered}");
        assert_eq!(self.formatted.diagnostics.errors(), 0);
        let files = self.rust.as_deref().expect("generated");
        syntax(files);
        files.concat()
    }
}

fn run(text: impl Into<String>) -> Outcome {
    let name = "hostile".to_owned();
    let text = text.into();
    run_all(vec![Input::Text { name, text }])
}

fn run_all(inputs: Vec<Input>) -> Outcome {
    let work = move || {
        let start = clock();
        let mut outcome = None;
        let used = allocation_counter::measure(|| outcome = Some(all_phases(&inputs)));
        let took = clock().saturating_sub(start);
        assert!(took < ANSWER_MAX, "took {took:?}");
        assert!(
            used.bytes_max < MEMORY_BYTES_MAX,
            "{} bytes",
            used.bytes_max
        );
        outcome.expect("measured")
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    thread.spawn(work).unwrap().join().expect("no panic")
}

fn all_phases(inputs: &[Input]) -> Outcome {
    let checked = check(inputs, &Options::default());
    let rendered = checked.diagnostics.render(&checked.sources, false);
    assert!(rendered.len() < 8 * 1024 * 1024, "{} bytes", rendered.len());
    let formatted = format(inputs);
    let rust = if checked.diagnostics.has_errors() {
        None
    } else {
        let files = generate(&checked.schema, &RustOptions::default());
        let texts =
            |files: scipp_codegen::Files| files.iter().map(|(_, text)| text.to_owned()).collect();
        files.ok().map(texts)
    };
    Outcome {
        checked,
        formatted,
        rust,
    }
}

/// The processor time of this thread, so that other work on the machine does not count; nothing where it is not told.
fn clock() -> Duration {
    let spent = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = spent.and_then(|it| it.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or(Duration::ZERO, Duration::from_nanos)
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    let lines: Vec<String> = (0..count).map(line).collect();
    format!("package hostile;\n{}", lines.concat())
}

#[test]
fn entry_64_a_source_of_a_mebibyte_and_one_byte() {
    let full = format!(
        "package hostile;\n//{}\n",
        "x".repeat(limits::SOURCE_BYTES_MAX - 20)
    );
    run(full.clone()).accepted();
    run(full + "x").refused(code::SOURCE_TOO_LARGE);
    let dense = "@".repeat(limits::SOURCE_BYTES_MAX - 17);
    assert!(
        run(format!("package hostile;\n{dense}"))
            .checked
            .diagnostics
            .has_errors()
    );
}

#[test]
fn entry_65_nesting_of_types_and_comments() {
    let types = |count: usize| {
        let (open, close) = ("list<".repeat(count), ">".repeat(count));
        format!("package hostile;\nalias A = {open}u8{close};\n")
    };
    run(types(64)).accepted();
    run(types(65)).refused(code::NESTED_TOO_DEEPLY);
    // A million of them are more than a source may have.
    run(types(1_000_000)).refused(code::SOURCE_TOO_LARGE);
    run(types(170_000)).refused(code::NESTED_TOO_DEEPLY);
    let comments = |count: usize| {
        format!(
            "package hostile;\n{}{}\n",
            "/*".repeat(count),
            "*/".repeat(count)
        )
    };
    run(comments(64)).accepted();
    run(comments(65)).refused(code::NESTED_TOO_DEEPLY);
    run(comments(250_000)).refused(code::NESTED_TOO_DEEPLY);
}

#[test]
fn entry_66_imports_in_a_circle_and_out_of_the_root() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("a.scipp", "package a;\nuse b;\nstruct A { b: b.B }\n");
    write("b.scipp", "package b;\nuse a;\nstruct B { a: a.A? }\n");
    let file = |name: &str| run_all(vec![Input::File(folder.path().join(name))]);
    file("a.scipp").refused(code::IMPORT_CIRCLE);
    // There is no way to write a path: dots and slashes are no names.
    write(
        "c.scipp",
        "package c;\nuse ../../etc/passwd;\nuse \"../../etc/passwd\";\n",
    );
    file("c.scipp").refused(code::UNEXPECTED);
}

#[cfg(unix)]
#[test]
fn entry_66_links_that_lead_out_or_nowhere() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    symlink("/etc/passwd", root.join("passwd.scipp")).unwrap();
    symlink(root.join("two.scipp"), root.join("one.scipp")).unwrap();
    symlink(root.join("one.scipp"), root.join("two.scipp")).unwrap();
    symlink(root, root.join("deeper")).unwrap();
    fs::write(root.join("d.scipp"), "package d;\nuse passwd;\nuse one;\n").unwrap();
    let outcome = run_all(vec![Input::File(root.join("d.scipp"))]);
    outcome.refused(code::LINK_OUT_OF_ROOT);
    outcome.refused(code::UNREADABLE_FILE);
    run_all(vec![Input::Folder(root.to_path_buf())]).refused(code::UNREADABLE_FILE);
}

#[test]
fn entry_67_types_without_end() {
    run("package hostile;\nstruct A { b: B }\nstruct B { a: (u8, A) }\n")
        .refused(code::TYPE_WITHOUT_END);
    run("package hostile;\nalias A = B;\nalias B = A;\n").refused(code::ALIAS_CIRCLE);
    run("package hostile;\nstruct G<T> { g: G<list<T>>?, t: T }\n").refused(code::UNENDING_GENERIC);
    let chain = lines(5_000, |at| {
        format!("struct S{at} {{ s: S{} }}\n", (at + 1) % 5_000)
    });
    run(chain).refused(code::TYPE_WITHOUT_END);
}

#[test]
fn entry_68_many_definitions_and_many_fields() {
    run(lines(10_001, |at| format!("alias A{at} = str;\n"))).refused(code::TOO_MANY_DEFINITIONS);
    let params: Vec<String> = (0..1_000).map(|at| format!("p{at}: u8")).collect();
    let wide = format!(
        "package hostile;\ninterface I {{ fn f({}); }}\n",
        params.join(", ")
    );
    assert!(run(wide).accepted().contains("p999"));
}

/// Words that are keywords in Rust, Python or TypeScript, or names that generated code needs itself.
const WORDS: &str = "abstract and any as assert async await become boolean box break case catch class const continue crate debugger \
    declare def default del delete do dyn elif else enum except export extends extern final finally fn for from function gen \
    get global if impl implements import in instanceof interface is lambda let loop macro match mod module move mut namespace \
    never new nonlocal not null number object of or override package pass priv private protected pub public raise readonly ref \
    require return returns self set static str string struct super switch symbol this throw trait try type typeof undefined \
    union unknown unsafe unsized use var virtual void while with yield yields None Self True False Option Result Vec String Box \
    Some Ok Err __init__ constructor prototype __proto__ arguments ctx args parent portal scipp new with call open scope";

#[test]
fn entry_69_keywords_of_every_target_as_every_kind_of_name() {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut text = String::from("package hostile;\n");
    let mut seen = std::collections::BTreeSet::new();
    let words: Vec<&str> = words
        .into_iter()
        .filter(|it| seen.insert(it.to_ascii_lowercase()))
        .collect();
    for (at, word) in words.iter().enumerate() {
        writeln!(
            text,
            "struct S{at} {{ {word}: u8 }}\nenum E{at} {{ {word} }}"
        )
        .unwrap();
        writeln!(text, "interface I{at} {{ fn {word}({word}: u8); }}").unwrap();
    }
    let outcome = run(text);
    let rendered = outcome
        .checked
        .diagnostics
        .render(&outcome.checked.sources, false);
    assert!(!outcome.checked.diagnostics.has_errors(), "{rendered}");
    // What a target cannot take under any spelling is refused by its generator; everything else is generated.
    if let Some(rust) = &outcome.rust {
        for raw in ["r#match", "r#type", "r#async"] {
            assert!(rust.iter().any(|it| it.contains(raw)), "{raw}");
        }
        syntax(rust);
    } else {
        let problems =
            generate(&outcome.checked.schema, &RustOptions::default()).expect_err("refused");
        assert!(
            problems.iter().all(|it| it.primary.is_some()),
            "every refusal has a place"
        );
    }
}

#[test]
fn entry_69_names_that_collide_after_conversion() {
    for body in [
        "struct S { a_b: u8, aB: u8 }",
        "struct HTTPServer { a: u8 }\nstruct HttpServer { a: u8 }",
        "enum E { a_b, AB }",
        "interface I { fn a_b(); fn aB(); }",
        "interface Feed { fn f(); }\nstruct FeedClient { a: u8 }",
    ] {
        let outcome = run(format!("package hostile;\n{body}\n"));
        let refused = outcome.checked.diagnostics.has_errors();
        match &outcome.rust {
            Some(rust) => syntax(rust),
            None if refused => {}
            None => {
                let problems =
                    generate(&outcome.checked.schema, &RustOptions::default()).expect_err(body);
                assert!(problems.iter().all(|it| it.primary.is_some()), "{body}");
            }
        }
    }
}

#[test]
fn entry_70_doc_text_that_ends_comments_and_strings() {
    let lines = [
        "*/ fn broken() {} /*",
        "\"\"\" and ''' and ` and ${x} and {{ y }} and {% z %} and #{w}",
        "back\\slash \\n \\u{202e} \\",
        "line\u{2028}separator\u{2029}paragraph",
        "</script> <!-- --> ]]>",
        "[link](javascript:alert(1)) [`Broken]",
    ];
    let docs: String = lines.iter().map(|it| format!("/// {it}\n")).collect();
    let package = docs.replace("///", "//!");
    let text = format!(
        "{package}package hostile;\n{docs}@deprecated(\"*/ \\\"\\\"\\\" ${{x}}\")\nmessage M {{\n{docs}a: str = \"*/ ` ${{x}} {{{{\"\n}}\n\
         {docs}enum E {{\n{docs}a = \"*/\"\n}}\n{docs}interface I {{\n{docs}fn f();\n}}\n"
    );
    let outcome = run(text.clone());
    outcome.accepted();
    let (_, once) = outcome.formatted.texts.first().expect("formatted");
    for line in lines {
        assert_eq!(
            once.matches(line.trim_end()).count(),
            text.matches(line.trim_end()).count(),
            "{line}"
        );
    }
    // Characters that change the direction of what is around them are pointed at.
    let bidi = run("package hostile;\n/// a \u{202e} b\nstruct S { a: u8 }\n");
    assert!(bidi.has(code::TEXT_DIRECTION));
    if let Some(rust) = &bidi.rust {
        assert!(
            rust.iter().all(|it| !it.contains('\u{202e}')),
            "it would reach the generated code"
        );
        syntax(rust);
    }
}

/// That generated Rust can be parsed, which without optimisation takes more stack than a test has.
#[track_caller]
fn syntax(files: &[String]) {
    let stack = 8 * STACK_BYTES;
    for file in files {
        let text = file.clone();
        let parse = move || {
            syn::parse_file(&text)
                .map(drop)
                .map_err(|it| it.to_string())
        };
        let thread = std::thread::Builder::new().stack_size(stack);
        let parsed = thread.spawn(parse).unwrap().join().expect("no panic");
        assert_eq!(parsed, Ok(()), "{file}");
    }
}

#[test]
fn entry_71_bytes_that_editors_leave_behind() {
    run("\u{feff}package hostile;\r\n\tstruct S {\r\n\t\ta: u8,\r\n\t}\r\n").accepted();
    run("package hostile;\0\nstruct S { a: u8 }\n").refused(code::FORBIDDEN_CHARACTER);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.scipp");
    fs::write(&path, b"package hostile;\n// caf\xe9 \xff\xfe\n").unwrap();
    let outcome = run_all(vec![Input::File(path)]);
    outcome.refused(code::NOT_UTF8);
    assert!(outcome.formatted.texts.is_empty());
}

#[test]
fn entry_72_one_name_in_two_files() {
    let one = |name: &str| Input::Text {
        name: name.to_owned(),
        text: "package hostile;\nstruct S { a: u8 }\n".to_owned(),
    };
    run_all(vec![one("first"), one("second")]).refused(code::DUPLICATE_PACKAGE);
    run("package hostile;\nstruct S { a: u8 }\nmessage S { a: u8 }\n")
        .refused(code::DUPLICATE_NAME);
}
