//! The cases: declarations, and the dialogs that are made of them.

use crate::in_parallel;
use scipp_idl::{Checked, Input, Options, check};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

const DECLARATIONS: &str = include_str!("../../conformance/msgspec/stock.scipp");
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

/// The clauses of a context that carry payloads.
const PHASES: [&str; 4] = ["started", "accepts", "yields", "returns"];

/// All cases: the clauses of a context, or a whole `fn` or `gen`.
pub fn cases() -> &'static [String] {
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

/// What the compiler says to a case.
pub fn compile(case: &str, options: &str) -> Checked {
    let input = Input::Text {
        name: "stock.scipp".into(),
        text: package(case, options),
    };
    check(&[input], &Options::default())
}
