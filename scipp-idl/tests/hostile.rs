//! Sources made to hurt: whatever a file holds, the compiler answers in under a second, on the stack of a worker
//! thread, in a debug build, and says where the mistake is.

#![allow(clippy::expect_used, reason = "a test states what it expects")]

use scipp_idl::{Checked, Input, Options, check, code, limits};
use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// The stack of tokio's workers, on which a build tool may run us.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// How long an answer may take, rendering included: a second; without optimisation three.
const ANSWER_MAX: Duration = Duration::from_secs(if cfg!(debug_assertions) { 3 } else { 1 });

fn run(text: String) -> Checked {
    run_all(vec![Input::Text {
        name: "hostile".into(),
        text,
    }])
}

fn run_all(inputs: Vec<Input>) -> Checked {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let work = move || {
        let start = clock();
        let checked = check(&inputs, &Options::default());
        let shown = checked.diagnostics.render(&checked.sources, false);
        let took = clock() - start;
        assert!(took < ANSWER_MAX, "took {took:?}");
        assert!(
            shown.len() < 8 * 1024 * 1024,
            "{} bytes of diagnostics",
            shown.len()
        );
        checked
    };
    thread
        .spawn(work)
        .expect("a thread")
        .join()
        .expect("no panic")
}

/// The processor time of this thread where the system tells it, so that other work on the machine does not count.
fn clock() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let wall = START.elapsed();
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = spent.and_then(|it| it.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or(wall, Duration::from_nanos)
}

fn package(body: &str) -> String {
    format!("package hostile;\n{body}")
}

/// Repeats with a number, up to the largest source.
fn fill(line: impl Fn(usize) -> String) -> String {
    let mut text = package("");
    for at in 0.. {
        let line = line(at);
        if text.len() + line.len() > limits::SOURCE_BYTES_MAX {
            break;
        }
        text.push_str(&line);
    }
    text
}

fn assert_code(checked: &Checked, code: scipp_idl::Code) {
    assert!(
        checked.diagnostics.iter().any(|it| it.code == code),
        "{}",
        checked.diagnostics.render(&checked.sources, false)
    );
}

#[test]
fn one_byte_too_many() {
    let full = package(&format!("//{}", " ".repeat(limits::SOURCE_BYTES_MAX - 19)));
    assert_eq!(full.len(), limits::SOURCE_BYTES_MAX);
    assert!(!run(full.clone()).diagnostics.has_errors());
    assert_code(&run(full + " "), code::SOURCE_TOO_LARGE);
}

#[test]
fn nested_brackets() {
    let nested = |open: &str, close: &str, count: usize| {
        package(&format!(
            "alias A = {}u8{};\n",
            open.repeat(count),
            close.repeat(count)
        ))
    };
    for (open, close) in [("list<", ">"), ("(", ",)"), ("map<u8, ", ">")] {
        assert!(
            !run(nested(open, close, 64)).diagnostics.has_errors(),
            "{open}"
        );
        assert_code(&run(nested(open, close, 65)), code::NESTED_TOO_DEEPLY);
        assert_code(&run(nested(open, "", 100_000)), code::NESTED_TOO_DEEPLY);
    }
    assert_code(&run(nested("list<", ">", 170_000)), code::NESTED_TOO_DEEPLY);
    let value = |count: usize| {
        package(&format!(
            "@x.a({}1{}) alias A = u8;\n",
            "[".repeat(count),
            "]".repeat(count)
        ))
    };
    assert!(!run(value(63)).diagnostics.has_errors());
    assert_code(&run(value(500_000)), code::NESTED_TOO_DEEPLY);
    for junk in ["(", "{", "[", "<", "{(["] {
        assert!(run(package(&junk.repeat(300_000))).diagnostics.has_errors());
        assert!(
            run(package(&format!("message A {{ {}", junk.repeat(300_000))))
                .diagnostics
                .has_errors()
        );
    }
}

#[test]
fn nested_comments() {
    let nested = |count: usize| package(&format!("{}{}\n", "/*".repeat(count), "*/".repeat(count)));
    assert!(!run(nested(64)).diagnostics.has_errors());
    assert_code(&run(nested(65)), code::NESTED_TOO_DEEPLY);
    assert_code(&run(nested(250_000)), code::NESTED_TOO_DEEPLY);
    assert_code(&run(package(&"/*".repeat(500_000))), code::UNFINISHED_TEXT);
}

#[test]
fn long_repetitions_without_nesting() {
    for (front, unit, back) in [
        ("alias A = u8", "?", ";"),
        ("alias A = A", "|A", ";"),
        ("alias A = ", "|", "u8;"),
        ("message M { a: u8 ", "@unique ", "}"),
        ("message M { ", "a: u8,", "}"),
        ("message M { ", "a ", "}"),
        ("message M { ", "a: ", "}"),
        ("message M { ", ",", "}"),
        ("message M { ", "!, ", "}"),
        ("interface I { ", "fn f();", "}"),
        ("interface I { ", "f;", "}"),
        ("interface I { ", ";", "}"),
        ("interface I { context c() { ", "x,", "} }"),
        ("enum E { ", "a,", "}"),
        ("enum E { ", "a = \"", "}"),
        ("const A: str = \"", "\\q", "\";"),
        ("const A: u8 = ", "9", ";"),
        ("const A: duration = ", "1s", ";"),
        ("", "}", ""),
        ("", ";", ""),
        ("", "\0", ""),
        ("", "\u{202e}", ""),
        ("", "\"", ""),
        ("", "é", ""),
        ("", "/// x\n", ""),
        ("", "//! x\n", ""),
        ("", "@a\n", ""),
        ("", "message\n", ""),
        ("", "message M {\n", ""),
        ("", "use a;\n", ""),
        ("use a.{", "A,", "};"),
        ("message M { a: u8 = ", "-", "}"),
        ("message M { a: list<u8> = [", "300,", "]}"),
        ("message M { a: map<u8, u8> = {", "1: 1,", "}}"),
        ("message M { a: M = {", "a: 1,", "}}"),
        ("@text(\"", "{x}", "\") error E {}"),
    ] {
        // Parsing goes with the length; without optimisation a quarter of it must do.
        let bytes = (limits::SOURCE_BYTES_MAX - 100) / if cfg!(debug_assertions) { 4 } else { 1 };
        let count = bytes / unit.len();
        let text = package(&format!("{front}{}{back}\n", unit.repeat(count)));
        let checked = run(text);
        assert!(!checked.diagnostics.is_empty(), "{front}{unit}...{back}");
    }
}

#[test]
fn long_chains_of_definitions() {
    let chain = |kind: &str, tail: &str| {
        let mut text = package("");
        for at in 0..9_000 {
            let _ = writeln!(text, "{kind} A{at} = A{}{tail};", at + 1);
        }
        text + "newtype A9000 = str;\nmessage M { m: A0 }\nmessage N { n: A0 }\n"
    };
    assert!(!run(chain("alias", "")).diagnostics.has_errors());
    assert!(!run(chain("newtype", "")).diagnostics.has_errors());
    run(chain("union", " | N"));
    run(chain("newtype", " | N"));
    let circle = |kind: &str, tail: &str| {
        chain(kind, tail).replace("newtype A9000 = str", &format!("{kind} A9000 = A0{tail}"))
    };
    assert_code(&run(circle("alias", "")), code::ALIAS_CIRCLE);
    assert_code(&run(circle("union", " | N")), code::ALIAS_CIRCLE);
    assert_code(&run(circle("newtype", "")), code::ALIAS_CIRCLE);

    let records = |last: &str| {
        let mut text = package("");
        for at in 0..9_000 {
            let _ = writeln!(text, "struct A{at} {{ a: A{} }}", at + 1);
        }
        format!("{text}struct A9000 {{ {last} }}\n")
    };
    assert!(!run(records("a: A0?")).diagnostics.has_errors());
    assert_code(&run(records("a: A0")), code::TYPE_WITHOUT_END);

    let mut constants = package("");
    for at in 0..9_000 {
        let _ = writeln!(constants, "const A{at}: u8 = A{};", at + 1);
    }
    assert!(
        !run(format!("{constants}const A9000: u8 = 1;\n"))
            .diagnostics
            .has_errors()
    );
    assert_code(
        &run(format!("{constants}const A9000: u8 = A0;\n")),
        code::CONST_CIRCLE,
    );

    let mut interfaces = package("interface A0 { fn f0(); }\n");
    for at in 1..4_500 {
        let _ = writeln!(
            interfaces,
            "interface A{at} extends A{} {{ fn f{at}(); }}",
            at - 1
        );
    }
    assert_code(&run(interfaces), code::TOO_MANY_DEFINITIONS);

    let mut generics = package("struct A0<T> { a: T? }\n");
    for at in 1..9_000 {
        let _ = writeln!(generics, "struct A{at}<T> {{ a: A{}<T> }}", at - 1);
    }
    assert_code(
        &run(format!("{generics}struct B {{ b: A8999<str?> }}\n")),
        code::OPTIONAL_OF_OPTIONAL,
    );
}

#[test]
fn types_that_double() {
    let mut text = package("alias A0 = str;\n");
    for at in 1..2_000 {
        let _ = writeln!(text, "alias A{at} = (A{0}, A{0});", at - 1);
    }
    assert!(
        !run(text + "interface I { fn f() -> A1999; }\n")
            .diagnostics
            .has_errors()
    );
    let mut text = package("message M {}\nmessage N {}\nunion A0 = M | N;\n");
    for at in 1..2_000 {
        let _ = writeln!(text, "union A{at} = A{0} | A{0};", at - 1);
    }
    assert!(run(text).diagnostics.has_errors());
}

#[test]
fn many_definitions() {
    let lines = |count: usize| {
        (0..count)
            .map(|at| format!("alias A{at} = str;\n"))
            .collect::<String>()
    };
    assert!(!run(package(&lines(10_000))).diagnostics.has_errors());
    assert_code(&run(package(&lines(10_001))), code::TOO_MANY_DEFINITIONS);
    let fields: String = (0..1_000).map(|at| format!("a{at}: str,")).collect();
    assert!(
        !run(package(&format!("interface I {{ fn f({fields}); }}")))
            .diagnostics
            .has_errors()
    );
}

#[test]
fn many_misspelled_names() {
    let text = fill(|at| format!("message Message{at} {{ a: Mesage{at}, b: Mesage{at} }}\n"));
    assert!(run(text).diagnostics.has_errors());
    assert!(
        run(fill(|at| format!("mesage Message{at} {{}}\n")))
            .diagnostics
            .has_errors()
    );
    assert!(
        run(fill(|at| format!(
            "alias A{at} = B{at};\nalias B{at} = A{at};\n"
        )))
        .diagnostics
        .has_errors()
    );
}

#[test]
fn large_enums_unions_and_literals() {
    let members = |count: usize| (0..count).map(|at| format!("m{at}, ")).collect::<String>();
    let fields: String = (0..20_000)
        .map(|at| format!("f{at}: E = m49999,"))
        .collect();
    let text = package(&format!(
        "enum E {{ {} }}\nmessage M {{ {fields} }}\n",
        members(50_000)
    ));
    assert!(!run(text).diagnostics.has_errors());

    let optional: String = (0..20_000).map(|at| format!("f{at}: u8?,")).collect();
    let literals: String = (0..20_000).map(|at| format!("f{at}: P = {{}},")).collect();
    let text = package(&format!(
        "struct P {{ {optional} }}\nmessage M {{ {literals} }}\n"
    ));
    assert!(!run(text).diagnostics.has_errors());

    let messages: String = (0..8_000)
        .map(|at| format!("message M{at} {{}}\n"))
        .collect();
    let all: Vec<String> = (0..8_000).map(|at| format!("M{at}")).collect();
    let all = all.join(" | ");
    let uses: String = (0..8)
        .map(|at| format!("fn f{at}(a: {all}) -> {all};"))
        .collect();
    run(package(&format!("{messages}interface I {{ {uses} }}\n")));
}

#[test]
fn lines_that_are_a_whole_source() {
    let text = package(&format!(
        "message M {{ a: strr, {} b: strr }}",
        "c: u8, ".repeat(140_000)
    ));
    assert!(run(text).diagnostics.has_errors());
    let text = package(&format!("alias {} = strr;", "A".repeat(1_000_000)));
    assert!(run(text).diagnostics.has_errors());
    let text = package(&format!("alias A = {};", "A".repeat(1_000_000)));
    assert!(run(text).diagnostics.has_errors());
    let text = format!("package {};", "a.".repeat(500_000) + "a");
    run(text);
}

#[test]
fn files_that_define_one_package() {
    let text = |name: &str| Input::Text {
        name: name.into(),
        text: package("alias A = str;\n"),
    };
    assert_code(
        &run_all(vec![text("one"), text("two")]),
        code::DUPLICATE_PACKAGE,
    );
}

#[test]
fn every_prefix_and_every_byte_left_out() {
    let text = include_str!("../../tests/ui/ok/everything.scipp");
    let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    for at in boundaries.iter().copied().step_by(37) {
        let (front, back) = text.split_at(at);
        let _ = run_quick(front.to_owned());
        let rest = back
            .char_indices()
            .nth(1)
            .map_or("", |(next, _)| &back[next..]);
        let _ = run_quick(format!("{front}{rest}"));
    }
}

/// Without a thread of its own.
fn run_quick(text: String) -> Checked {
    check(
        &[Input::Text {
            name: "part".into(),
            text,
        }],
        &Options::default(),
    )
}

#[cfg(unix)]
#[test]
fn files_that_are_no_files() -> std::io::Result<()> {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir()?;
    let root = folder.path();
    symlink(root.join("b.scipp"), root.join("a.scipp"))?;
    symlink(root.join("a.scipp"), root.join("b.scipp"))?;
    symlink("/dev/zero", root.join("zero.scipp"))?;
    std::fs::create_dir(root.join("folder"))?;
    symlink(root, root.join("folder/up"))?;
    std::fs::write(
        root.join("main.scipp"),
        "package main;\nuse a;\nuse zero;\nuse folder;\n",
    )?;
    let checked = run_all(vec![Input::File(root.join("main.scipp"))]);
    assert_code(&checked, code::UNREADABLE_FILE);
    assert_code(&checked, code::LINK_OUT_OF_ROOT);
    for name in ["a.scipp", "zero.scipp", "folder", "missing.scipp"] {
        assert_code(
            &run_all(vec![Input::File(root.join(name))]),
            code::UNREADABLE_FILE,
        );
    }
    assert!(
        run_all(vec![Input::Folder(root.to_path_buf())])
            .diagnostics
            .has_errors()
    );
    Ok(())
}
