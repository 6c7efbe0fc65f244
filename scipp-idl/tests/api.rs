//! The API as a tool uses it: where texts come from, what is read, what comes back.

use scipp_idl::schema::{ItemKind, ItemName, Presence, Scalar, Type, Value};
use scipp_idl::{Checked, Input, Options, check, code, diagnostic};
use std::fs;
use std::path::{Path, PathBuf};

fn text(text: &str) -> Checked {
    check(
        &[Input::Text {
            name: "<stdin>".into(),
            text: text.into(),
        }],
        &Options::default(),
    )
}

fn shown(checked: &Checked) -> String {
    checked.diagnostics.render(&checked.sources, false)
}

#[test]
fn a_root_is_found_from_the_package_of_an_input() -> std::io::Result<()> {
    let folder = tempfile::tempdir()?;
    let market = folder.path().join("market");
    fs::create_dir(&market)?;
    fs::write(
        market.join("common.scipp"),
        "package market.common;\nnewtype Symbol = str;\n",
    )?;
    fs::write(
        market.join("feed.scipp"),
        "package market.feed;\nuse market.common.{Symbol};\nmessage Quote { symbol: Symbol }\n",
    )?;
    let checked = check(
        &[Input::File(market.join("feed.scipp"))],
        &Options::default(),
    );
    assert_eq!(shown(&checked), "");
    assert_eq!(
        checked.files,
        [market.join("feed.scipp"), market.join("common.scipp")]
    );
    let names: Vec<_> = checked.schema.packages.keys().collect();
    assert_eq!(names, ["market.common", "market.feed"]);

    // The same file twice, and once by a detour, is one file.
    let detour = market.join("../market/./feed.scipp");
    let inputs = [
        Input::File(market.join("feed.scipp")),
        Input::File(detour),
        Input::Folder(market),
    ];
    let checked = check(&inputs, &Options::default());
    assert_eq!((shown(&checked), checked.files.len()), (String::new(), 2));
    Ok(())
}

#[test]
fn a_text_imports_from_the_given_roots() -> std::io::Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("common.scipp"),
        "package common;\nnewtype Symbol = str;\n",
    )?;
    let input = Input::Text {
        name: "<stdin>".into(),
        text: "package any.name;\nuse common.{Symbol};\nmessage M { s: Symbol }\n".into(),
    };
    let options = Options {
        roots: vec![folder.path().to_path_buf()],
        ..Options::default()
    };
    assert_eq!(shown(&check(std::slice::from_ref(&input), &options)), "");
    let checked = check(&[input], &Options::default());
    assert!(
        checked
            .diagnostics
            .iter()
            .any(|it| it.code == code::UNKNOWN_PACKAGE),
        "{}",
        shown(&checked)
    );
    Ok(())
}

#[test]
fn texts_take_the_place_of_files() {
    let mut options = Options {
        roots: vec!["virtual".into()],
        ..Options::default()
    };
    options.overlay.insert(
        "virtual/common.scipp".into(),
        "package common;\nnewtype Symbol = str;\n".into(),
    );
    options.overlay.insert(
        "virtual/main.scipp".into(),
        "package main;\nuse common.{Symbol};\nmessage M { s: Symbol }\n".into(),
    );
    let checked = check(&[Input::File("virtual/main.scipp".into())], &options);
    assert_eq!(shown(&checked), "");
    assert_eq!(checked.files, [] as [PathBuf; 0]);
}

#[test]
fn inputs_and_roots_that_are_not_there() {
    let missing = Path::new("no/such/file.scipp");
    let roots = vec![PathBuf::from("no/such/root")];
    let inputs = [
        Input::File(missing.into()),
        Input::Folder("no/such/folder".into()),
    ];
    let checked = check(
        &inputs,
        &Options {
            roots,
            ..Options::default()
        },
    );
    let text = shown(&checked);
    assert!(
        checked
            .diagnostics
            .iter()
            .all(|it| it.code == code::UNREADABLE_FILE),
        "{text}"
    );
    for name in ["no/such/file.scipp", "no/such/root", "no/such/folder"] {
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn warnings_do_not_fail_and_colors_are_a_choice() {
    let checked = text("package p;\nmessage quote { a: str }\n");
    assert!(!checked.diagnostics.has_errors() && checked.diagnostics.len() == 1);
    assert!(!shown(&checked).contains('\u{1b}'));
    assert!(
        checked
            .diagnostics
            .render(&checked.sources, true)
            .contains('\u{1b}')
    );
    let first = checked
        .diagnostics
        .iter()
        .next()
        .map(|it| diagnostic::to_json(it, &checked.sources));
    assert_eq!(first.unwrap_or_default()["severity"], "warning");
}

#[test]
fn names_from_files_cannot_steer_a_terminal() {
    let input = Input::Text {
        name: "a\u{1b}[31mb".into(),
        text: "package p;\nalias A = \u{1b}[0m;\n".into(),
    };
    let checked = check(&[input], &Options::default());
    assert!(checked.diagnostics.has_errors());
    assert!(!shown(&checked).contains('\u{1b}'), "{}", shown(&checked));
}

#[test]
fn the_model_says_what_the_text_says() {
    let checked = text(
        "package p;\n\
         message M { a: u8 = MAX, b: (A | B)?, c?: str?, d: E = two @wire(\"dd\") }\n\
         message A {}\n@tag(\"type\", \"bee\") message B {}\n\
         union U = A | (B | nil);\n\
         enum E: u8 { one = 1, two = 2 }\n\
         const MAX: u8 = 200;\n",
    );
    assert_eq!(shown(&checked), "");
    let name = |name: &str| ItemName {
        package: "p".into(),
        name: name.into(),
    };
    let named = |it: &str| Type::Named {
        name: name(it),
        args: Vec::new(),
    };
    let item = |it: &str| checked.schema.item(&name(it)).map(|item| item.kind.clone());
    let Some(ItemKind::Message(m)) = item("M") else {
        panic!("no message M")
    };
    let shape: Vec<_> = m
        .fields
        .iter()
        .map(|it| (it.wire.as_str(), it.ty.clone(), it.presence.clone()))
        .collect();
    let string = Type::Scalar(Scalar::Str);
    let expected = [
        (
            "a",
            Type::Scalar(Scalar::U8),
            Presence::Default(Value::Const(name("MAX"))),
        ),
        (
            "b",
            Type::Optional(Box::new(Type::Union(vec![named("A"), named("B")]))),
            Presence::Required,
        ),
        ("c", Type::Optional(Box::new(string)), Presence::Omittable),
        (
            "dd",
            named("E"),
            Presence::Default(Value::Member {
                of: name("E"),
                member: "two".into(),
            }),
        ),
    ];
    assert_eq!(shape, expected);
    assert_eq!(
        m.tag.map(|tag| (tag.key, tag.value)),
        Some(("type".into(), "M".into()))
    );
    let Some(ItemKind::Union(u)) = item("U") else {
        panic!("no union U")
    };
    assert_eq!(
        u.members,
        [named("A"), named("B"), Type::Scalar(Scalar::Nil)]
    );
}

/// The fingerprint of the one endpoint of the one interface.
fn fingerprint(body: &str) -> String {
    let checked = text(&format!("package p;\n{body}"));
    assert_eq!(checked.diagnostics.errors(), 0, "{}", shown(&checked));
    let items = checked
        .schema
        .packages
        .values()
        .flat_map(|package| &package.items);
    let mut endpoints = items.filter_map(|item| match &item.kind {
        ItemKind::Interface(it) => it.endpoints.first().map(|it| it.fingerprint.clone()),
        _ => None,
    });
    endpoints.next().unwrap_or_default()
}

#[test]
fn a_fingerprint_is_what_is_on_the_wire() {
    let base = fingerprint(
        "interface I { fn f(a: u8) -> M; }\nmessage M { x: str, y: E }\nenum E { a, b }\n",
    );
    assert!(
        base.len() == 16 && base.bytes().all(|it| it.is_ascii_hexdigit()),
        "{base}"
    );
    let same = [
        "/// Docs.\nenum E { b, a }\n// Comment.\nmessage M {\n    x: str,\n    y: E,\n}\ninterface I { fn f(a: u8) -> M; }\n",
        "interface I { @deadline(5s) fn f(a: A) -> M; }\nalias A = u8;\nmessage M { x: N, y: E }\nnewtype N = str;\nenum E { a, b }\n",
        "interface I { fn f(a: u8) -> M; }\nmessage M { x: str, y: Other }\nenum Other { a, b }\n",
        "interface Other { @name(\"f\") fn g(a: u8) -> M; }\nmessage M { renamed: str @wire(\"x\"), y: E }\nenum E { first = \"a\", b }\n",
    ];
    for body in same {
        assert_eq!(fingerprint(body), base, "{body}");
    }
    let other = [
        "interface I { fn f(a: u16) -> M; }\nmessage M { x: str, y: E }\nenum E { a, b }\n",
        "interface I { fn f(b: u8) -> M; }\nmessage M { x: str, y: E }\nenum E { a, b }\n",
        "interface I { fn g(a: u8) -> M; }\nmessage M { x: str, y: E }\nenum E { a, b }\n",
        "interface I { fn f(a: u8 = 1) -> M; }\nmessage M { x: str, y: E }\nenum E { a, b }\n",
        "interface I { fn f(a: u8) -> M; }\nmessage M { x: str?, y: E }\nenum E { a, b }\n",
        "interface I { fn f(a: u8) -> M; }\nmessage M { y: E, x: str }\nenum E { a, b }\n",
        "interface I { fn f(a: u8) -> M; }\nmessage M { x: str, y: E }\nenum E { a, b, c }\n",
        "interface I { fn f(a: u8) -> M; }\nmessage M { x: str, y: E }\nopen enum E { a, b }\n",
        "interface I { fn f(a: u8) -> M; }\n@array message M { x: str, y: E }\nenum E { a, b }\n",
        "interface I { fn f(a: u8) -> M; }\n@tag(\"t\") message M { x: str, y: E }\nenum E { a, b }\n",
        "interface I { fn f(a: u8) -> N; }\nmessage N { x: str, y: E }\nenum E { a, b }\n",
        "interface I { gen f(a: u8) yields M; }\nmessage M { x: str, y: E }\nenum E { a, b }\n",
        "interface I { fn f(a: u8) -> M raises X; }\nerror X {}\nmessage M { x: str, y: E }\nenum E { a, b }\n",
    ];
    let mut seen = std::collections::BTreeSet::from([base]);
    for body in other {
        assert!(seen.insert(fingerprint(body)), "{body}");
    }
}

#[test]
fn fingerprints_of_types_in_a_circle() {
    let of = |body: &str| fingerprint(&format!("interface I {{ fn f() -> T; }}\n{body}"));
    let base = of("struct T { a: L, b: list<T> }\nstruct L { t: T?, v: u8 }\n");
    assert_eq!(
        of("struct L { t: T?, v: u8 }\nstruct T { a: L, b: list<T> }\n"),
        base
    );
    assert_ne!(
        of("struct T { a: L, b: list<T> }\nstruct L { t: T?, v: u16 }\n"),
        base
    );
    assert_ne!(
        of("struct T { a: L, b: list<L> }\nstruct L { t: T?, v: u8 }\n"),
        base
    );
}

#[test]
fn fingerprints_do_not_know_orders_that_bytes_do_not_have() {
    let of = |union: &str, raises: &str, default: &str| {
        fingerprint(&format!(
            "interface I {{ gen f(m: map<str, u8> = {default}) yields {union} raises {raises}; }}\n\
             message A {{}}\nmessage B {{}}\nerror X {{}}\nerror Y {{}}\n"
        ))
    };
    let base = of("A | B | nil", "X | Y", "{ \"a\": 1, \"b\": 2 }");
    assert_eq!(of("nil | B | A", "Y | X", "{ \"b\": 2, \"a\": 1 }"), base);
    assert_ne!(of("A | B", "X | Y", "{ \"a\": 1, \"b\": 2 }"), base);
}
