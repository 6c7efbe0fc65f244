//! Whether a stock Python peer can hold a dialog: the compiler says what msgspec says.
//!
//! A large family of interfaces is made from the kinds of types in `conformance/msgspec/stock.scipp`: all pairs of members in
//! changing phases, many of three and four, unions in all kinds of places, and each payload alone. `stock.verdicts`
//! beside it has what msgspec said to each, and its version. The cases are made anew by each run, and must be exactly
//! those of the file.
//!
//! - `SCIPP_MSGSPEC_PYTHON=python3 cargo test -p scipp-tests --test stock` asks the msgspec of that interpreter as well;
//! - with `SCIPP_BLESS=1`, what it says is written to the file.

use scipp_idl::{Checked, Input, Options, Severity, check, code};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

const DECLARATIONS: &str = include_str!("../conformance/msgspec/stock.scipp");
const VERDICTS: &str = "conformance/msgspec/stock.verdicts";

/// Fewer would not be the family that this is meant to be.
const CASES_MIN: usize = 2_000;

/// Types that are members of unions, and payloads.
const MEMBERS: &[&str] = &[
    "nil",
    "bool",
    "i8",
    "i64",
    "u8",
    "u64",
    "f32",
    "f64",
    "str",
    "bytes",
    "timestamp",
    "date",
    "time",
    "duration",
    "uuid",
    "decimal",
    "ref",
    "any",
    "Side",
    "Color",
    "Mood",
    "Level",
    "Grade",
    "Phase",
    "Symbol",
    "Ticker",
    "Same",
    "Code",
    "Upper",
    "Flags",
    "Chart",
    "Longer",
    "Tag",
    "Free",
    "Byte",
    "Small",
    "Whole",
    "Smaller",
    "Most",
    "Beyond",
    "Ratio",
    "Share",
    "Open",
    "Real",
    "Fee",
    "Day",
    "Moment",
    "Key",
    "Blob",
    "Short",
    "Kind",
    "Rank",
    "Pair",
    "Row",
    "Few",
    "Table",
    "Boxed",
    "Wrapped",
    "Packed",
    "Either",
    "Messages",
    "Maybe",
    "Anything",
    "Cash",
    "Nothing",
    "Text",
    "Numbers",
    "Events",
    "Perhaps",
    "Whatever",
    "Plain",
    "Other",
    "Empty",
    "Page<u8>",
    "Page<Byte>",
    "Page<str>",
    "Line",
    "Point",
    "Failed",
    "Fallen",
    "Quote",
    "Halt",
    "Batch<u8>",
    "Batch<str>",
    "Batch<Text>",
    "Bare",
    "Double",
    "Kinded",
    "KindQuote",
    "Quoted",
    "Tick",
    "Tock",
    "ArrayQuote",
    "ArrayKinded",
    "Bars<u8>",
    "Bars<str>",
    "Money",
    "Raw",
    "Event",
    "Loose",
    "Growing",
    "Forest",
    "Twins",
    "Node",
    "Chain<str>",
    "Grove",
    "Patch",
    "list<u8>",
    "list<str>",
    "list<Text>",
    "list<Symbol>",
    "list<u8 | str>",
    "list<str | u8>",
    "list<Loose>",
    "(u8, str)",
    "(u8,)",
    "map<str, u8>",
    "map<u32, str>",
    "u8?",
    "Quote?",
];

/// What a stock peer refuses wherever it is, and what it does not.
const ALONE: &[&str] = &[
    "Huge",
    "Path",
    "Pages",
    "Json",
    "Mixed",
    "Words",
    "Narrow",
    "Deep",
    "Kept",
    "HasMixed",
    "HasInline",
    "HasKey",
    "HasSlash",
    "HasKeyInArray",
    "HasTwoPatterns",
    "HasHuge",
    "HasJson",
    "HasPath",
    "HasLoose",
    "HasBinOrText",
    "HasArgument",
    "HasBadArgument",
    "Bad",
];

/// Places for a type.
const PLACES: &[&str] = &[
    "list<{}>",
    "list<list<{}>>",
    "map<str, {}>",
    "map<Level, ({})?>",
    "(u8, {})",
    "Page<{}>",
    "Batch<map<u8, {}>>",
    "(bool, Page<list<{}>>)",
];

/// Members of the unions in those places.
const INNER: &[&str] = &[
    "nil",
    "bool",
    "u8",
    "f64",
    "str",
    "bytes",
    "timestamp",
    "uuid",
    "Side",
    "Level",
    "Ticker",
    "Ratio",
    "Row",
    "Boxed",
    "Wrapped",
    "Messages",
    "Cash",
    "Plain",
    "Line",
    "Quote",
    "Kinded",
    "Tick",
    "Tock",
    "Batch<u8>",
    "Money",
    "Raw",
    "list<u8>",
    "(u8, str)",
    "map<u32, str>",
];

const PHASES: [&str; 4] = ["started", "accepts", "yields", "returns"];

#[test]
fn the_compiler_says_what_msgspec_says() {
    let recorded = fs::read_to_string(VERDICTS).unwrap_or_default();
    let cases = cases();
    assert!(cases.len() >= CASES_MIN, "{} cases", cases.len());
    let live = env::var_os("SCIPP_MSGSPEC_PYTHON").map(|python| {
        let python = python.to_string_lossy().into_owned();
        ask(&python, cases)
    });
    if env::var_os("SCIPP_BLESS").is_some_and(|it| it == "1")
        && let Some((version, verdicts)) = &live
    {
        let mut text = format!("msgspec {version}\n");
        for (case, verdict) in cases.iter().zip(verdicts) {
            let _ = writeln!(text, "{verdict}\t{case}");
        }
        fs::write(VERDICTS, text).expect("the file of verdicts can be written");
        return;
    }

    // What is recorded is what this test makes, case by case.
    let mut lines = recorded.lines();
    let version = lines.next().unwrap_or_default();
    assert!(version.starts_with("msgspec "), "{VERDICTS}: no version");
    let lines: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once('\t')).collect();
    let same = lines
        .iter()
        .map(|(_, case)| *case)
        .eq(cases.iter().map(String::as_str));
    assert!(
        same,
        "{VERDICTS} has other cases: run with SCIPP_MSGSPEC_PYTHON and SCIPP_BLESS=1"
    );

    if let Some((came, verdicts)) = live {
        let differ: Vec<String> = lines
            .iter()
            .zip(&verdicts)
            .filter(|((recorded, _), came)| recorded != came)
            .map(|((recorded, case), came)| format!("{case}: recorded {recorded}, came {came}"))
            .collect();
        assert!(
            differ.is_empty(),
            "msgspec {came} differs from {version}:\n{}",
            differ.join("\n")
        );
        println!("asked msgspec {came}: {} cases", verdicts.len());
    }

    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (verdict, _) in &lines {
        *counts.entry(verdict).or_default() += 1;
    }
    let wrong: Vec<String> = in_parallel(&lines, |(verdict, case)| {
        let checked = compile(case, "");
        let ours = ours(&checked);
        let agree = match *verdict {
            "holds" => ours == "holds",
            "refused" | "mixed" => ours == "refused",
            "untyped" => ours == "untyped",
            _ => false,
        };
        let text = || checked.diagnostics.render(&checked.sources, false);
        (!agree).then(|| format!("{case}: msgspec says {verdict}, we say {ours}\n{}", text()))
    })
    .into_iter()
    .flatten()
    .collect();
    println!("{version}, {} cases: {counts:?}", lines.len());
    let shown = wrong
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        wrong.is_empty(),
        "{} of {} cases differ:\n{shown}",
        wrong.len(),
        lines.len()
    );
    for verdict in ["holds", "refused", "mixed", "untyped"] {
        assert!(
            counts.get(verdict).is_some_and(|count| *count >= 50),
            "few cases are {verdict}: {counts:?}"
        );
    }
}

/// The two members that a message names clash on their own as well.
#[test]
fn the_members_that_are_named_clash_alone() {
    let several: Vec<&String> = cases()
        .iter()
        .filter(|case| case.matches(';').count() >= 2)
        .collect();
    let named: usize = in_parallel(&several, |case| {
        let checked = compile(case, "");
        let clashes = checked
            .diagnostics
            .iter()
            .filter(|it| it.code == code::STOCK_UNION);
        let mut named = 0;
        for diagnostic in clashes {
            let spans = diagnostic
                .primary
                .iter()
                .chain(&diagnostic.secondary)
                .take(2);
            let texts: Vec<&str> = spans
                .map(|label| {
                    let (start, end) = (label.span.start as usize, label.span.end as usize);
                    let (_, source) = checked.sources.iter().next().expect("a source");
                    &source.text()[start..end]
                })
                .collect();
            let pair = compile(&format!("started {}; returns {}", texts[1], texts[0]), "");
            assert_eq!(ours(&pair), "refused", "{case}: {texts:?}");
            named += 1;
        }
        named
    })
    .into_iter()
    .sum();
    assert!(named > 200, "{named} messages");
}

/// What the compiler makes of a case.
fn ours(checked: &Checked) -> &'static str {
    let stock = [
        code::STOCK_UNION,
        code::STOCK_RECURSION,
        code::STOCK_KEY,
        code::STOCK_MEMBER,
        code::STOCK_PATTERNS,
    ];
    let errors: BTreeSet<_> = checked
        .diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Error)
        .map(|it| it.code)
        .collect();
    if errors.is_empty() {
        let any = checked
            .diagnostics
            .iter()
            .any(|it| it.code == code::STOCK_ANY);
        return if any { "untyped" } else { "holds" };
    }
    if errors.iter().all(|code| stock.contains(code)) {
        "refused"
    } else {
        "other errors"
    }
}

/// All cases: the clauses of a context, or a whole `fn` or `gen`.
fn cases() -> &'static [String] {
    static CASES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let mut seen = BTreeSet::new();
        let mut cases = candidates();
        cases.retain(|case| seen.insert(case.clone()));
        // What the language refuses by itself is not a question to msgspec.
        let valid = in_parallel(&cases, |case| {
            !compile(case, "@peers(scipp)").diagnostics.has_errors()
        });
        let mut valid = valid.into_iter();
        cases.retain(|_| valid.next().unwrap_or_default());
        cases
    });
    &CASES
}

/// The answers to all of a list, in its order.
fn in_parallel<T: Sync, A: Send>(list: &[T], ask: impl Fn(&T) -> A + Sync) -> Vec<A> {
    let threads = std::thread::available_parallelism().map_or(1, |it| it.get());
    let size = list.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let parts = list.chunks(size);
        let asked: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().map(&ask).collect::<Vec<A>>()))
            .collect();
        asked
            .into_iter()
            .flat_map(|it| it.join().expect("no panic"))
            .collect()
    })
}

fn candidates() -> Vec<String> {
    let mut cases = Vec::new();
    let mut turn = 0_usize;
    // Each kind alone, in every phase, as an argument, an answer, an item.
    for member in MEMBERS.iter().chain(ALONE) {
        for phase in PHASES {
            cases.push(format!("{phase} {member}"));
        }
        cases.push(format!("fn f(a: {member})"));
        cases.push(format!("fn f(a?: {member})"));
        cases.push(format!("fn f() -> {member}"));
        cases.push(format!("gen f() yields {member}"));
    }
    cases.extend(
        [
            "fn f() raises Failed | Fallen",
            "fn f(a: u8 @wire(\"a\\\"b\"))",
            "fn f(a: Code @pattern(\"A\"))",
        ]
        .map(String::from),
    );
    // Each pair, in two phases; each pair of phases comes to each kind.
    for (at, first) in MEMBERS.iter().enumerate() {
        for second in &MEMBERS[at..] {
            let (a, b) = PAIRS[turn % PAIRS.len()];
            cases.push(format!("{} {first}; {} {second}", PHASES[a], PHASES[b]));
            turn += 1;
        }
    }
    // Both in one phase, where the language allows it.
    for (at, first) in MEMBERS.iter().enumerate() {
        for second in MEMBERS[at..].iter().skip(at % 5).step_by(5) {
            cases.push(format!("{} {first} | {second}", PHASES[turn % 4]));
            turn += 1;
        }
    }
    // Three and four of them.
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut pick = |list: &[&'static str]| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        list[(random % list.len() as u64) as usize]
    };
    // Those that seldom clash, so that there are cases of several which hold.
    const QUIET: &[&str] = &[
        "nil",
        "bool",
        "Money",
        "Quote",
        "Halt",
        "Bare",
        "Batch<u8>",
        "Messages",
        "Event",
        "f64",
        "Real",
        "str",
        "Symbol",
        "u8",
        "Byte",
        "Whole",
        "Tick",
        "Tock",
        "list<u8>",
        "Growing",
        "Raw",
        "Level",
        "Side",
        "Wrapped",
        "Patch",
    ];
    for round in 0..1_200 {
        let list = if round % 3 == 0 { MEMBERS } else { QUIET };
        let (skip, a, b, c) = (round % 4, pick(list), pick(list), pick(list));
        let members = [a, b, c];
        let phases = PHASES.iter().enumerate().filter(|(at, _)| *at != skip);
        let clauses: Vec<String> = phases
            .zip(members)
            .map(|((_, phase), member)| format!("{phase} {member}"))
            .collect();
        cases.push(clauses.join("; "));
    }
    for round in 0..600 {
        let list = if round % 4 == 0 { MEMBERS } else { QUIET };
        let clauses: Vec<String> = PHASES
            .iter()
            .map(|phase| format!("{phase} {}", pick(list)))
            .collect();
        cases.push(clauses.join("; "));
    }
    for _ in 0..600 {
        let (a, b, c) = (pick(QUIET), pick(QUIET), pick(QUIET));
        cases.push(format!("accepts {a} | {b}; yields {c} | {a}"));
    }
    // Unions inside of other types.
    for (at, first) in INNER.iter().enumerate() {
        for second in &INNER[at + 1..] {
            let place = PLACES[turn % PLACES.len()];
            let inside = place.replace("{}", &format!("{first} | {second}"));
            cases.push(format!("{} {inside}", PHASES[turn % 4]));
            turn += 1;
        }
        for place in PLACES {
            cases.push(format!(
                "started {}; yields {}",
                place.replace("{}", first),
                place.replace("{}", "str")
            ));
            turn += 1;
        }
    }
    for round in 0..400 {
        let inside = PLACES[round % PLACES.len()].replace(
            "{}",
            &format!("{} | {} | {}", pick(INNER), pick(INNER), pick(INNER)),
        );
        cases.push(format!("yields {inside}; returns {}", pick(QUIET)));
    }
    cases
}

/// Pairs of phases, both ways round.
const PAIRS: [(usize, usize); 12] = [
    (0, 1),
    (2, 3),
    (1, 2),
    (3, 0),
    (0, 2),
    (1, 3),
    (1, 0),
    (3, 2),
    (2, 1),
    (0, 3),
    (2, 0),
    (3, 1),
];

/// The declarations by their names.
static DECLARED: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let keywords = [
        "struct", "message", "error", "enum", "union", "alias", "newtype", "ext",
    ];
    DECLARATIONS
        .lines()
        .filter(|line| !line.starts_with("//"))
        .filter_map(|line| {
            let words = words(line).into_iter();
            let name = words.skip_while(|word| !keywords.contains(word)).nth(1)?;
            Some((name, line))
        })
        .collect()
});

/// A case as a package: its interface, and the declarations that it needs.
fn package(case: &str, options: &str) -> String {
    let endpoint = if case.starts_with("fn ") || case.starts_with("gen ") {
        format!("{case};")
    } else {
        format!("context c() {{ {} }}", case.replace("; ", ", "))
    };
    let mut text = format!("package stock;\n{options}\ninterface Asked {{ {endpoint} }}\n");
    let mut needed = BTreeSet::new();
    let mut work: Vec<&str> = words(case);
    while let Some(word) = work.pop() {
        if let Some(line) = DECLARED.get(word)
            && needed.insert(word)
        {
            work.extend(words(line));
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

fn words(text: &str) -> Vec<&str> {
    text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_')
        .filter(|it| !it.is_empty())
        .collect()
}

fn compile(case: &str, options: &str) -> Checked {
    let input = Input::Text {
        name: "stock.scipp".into(),
        text: package(case, options),
    };
    check(&[input], &Options::default())
}

/// What the msgspec of an interpreter says, and its version.
fn ask(python: &str, cases: &[String]) -> (String, Vec<String>) {
    let script = Path::new("conformance/msgspec/stock.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("SCIPP_MSGSPEC_PYTHON={python}: {error}"));
    let mut input = child.stdin.take().expect("a pipe");
    let models: Vec<String> = cases
        .iter()
        .map(|case| {
            serde_json::to_string(&compile(case, "@peers(scipp)").schema).expect("a model is JSON")
        })
        .collect();
    let writer = std::thread::spawn(move || {
        for model in models {
            // The script has said why if it has ended.
            if writeln!(input, "{model}").is_err() {
                return;
            }
        }
    });
    let output = child.wait_with_output().expect("the script ends");
    writer.join().expect("the writer ends");
    assert!(
        output.status.success(),
        "{}: {}",
        script.display(),
        output.status
    );
    let text = String::from_utf8(output.stdout).expect("text");
    let mut lines = text.lines().map(str::to_owned);
    let version = lines.next().unwrap_or_default();
    let verdicts: Vec<String> = lines.collect();
    assert_eq!(verdicts.len(), cases.len(), "a verdict for each case");
    (version, verdicts)
}
