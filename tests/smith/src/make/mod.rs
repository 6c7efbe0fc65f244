//! Making: packages in order, and in each one item after the other, made of those before it.
//!
//! What is valid is decided here, apart from the compiler's own code: two descriptions of one language, which the tests
//! hold against each other.

mod endpoints;
mod fields;
mod items;
mod shapes;
mod types;
mod values;

use crate::Size;
use crate::choices::Choices;
use crate::tree::*;

/// A valid schema.
pub fn schema(choices: &mut Choices<'_>, size: &Size) -> Schema {
    let stock = choices.one_in(2);
    let mut maker = Maker {
        choices,
        size,
        stock,
        schema: Schema {
            packages: Vec::new(),
        },
        count: 0,
        promised: None,
    };
    let packages = maker.choices.between(1, size.packages.max(1));
    for _ in 0..packages {
        maker.package();
    }
    let mut schema = maker.schema;
    for package in &mut schema.packages {
        choices.shuffle(&mut package.items);
    }
    schema
}

struct Maker<'c, 'b, 's> {
    choices: &'c mut Choices<'b>,
    size: &'s Size,
    /// The members of unions and the phases of dialogs are such that msgspec tells them apart.
    stock: bool,
    /// What is made so far; the last package is the current one.
    schema: Schema,
    /// How many names there are.
    count: usize,
    /// A message that is used but not made yet.
    promised: Option<Name>,
}

/// First words of names. Many are keywords somewhere, and may be names all the same.
const WORDS: &[&str] = &[
    "price", "size", "note", "message", "fn", "match", "self", "class", "error", "open", "union",
    "example", "started", "raises", "reserved", "struct", "None", "async", "list", "_private",
    "of2Words", "x_1", "as", "package", "use", "extends", "context", "gen", "yields", "returns",
    "accepts", "call", "lambda",
];

impl Maker<'_, '_, '_> {
    fn package(&mut self) {
        let number = self.schema.packages.len();
        let folder = self
            .choices
            .of(&["", "a.", "a.b2.", "_c."])
            .copied()
            .unwrap_or("");
        let name = format!("{folder}p{number}");
        let others: Vec<String> = self
            .schema
            .packages
            .iter()
            .map(|it| it.name.clone())
            .collect();
        let imports = others.into_iter().map(|package| Import {
            form: match self.choices.below(4) {
                0 => ImportForm::Whole,
                1 => ImportForm::As(format!("m{}", package.len() + number)),
                2 => ImportForm::Names,
                _ => ImportForm::Renamed,
            },
            package,
        });
        let mut imports: Vec<Import> = imports.collect();
        for (at, import) in imports.iter_mut().enumerate() {
            if let ImportForm::As(name) = &mut import.form {
                *name = format!("m{at}");
            }
        }
        self.schema.packages.push(Package {
            name,
            docs: Vec::new(),
            options: Vec::new(),
            imports,
            items: Vec::new(),
        });
        let docs = self.docs();
        let mut options = self.endpoint_options(true);
        // Keys, enums and recursive types are made without asking whether msgspec has them.
        options.push(Opt::Peers);
        options.extend(self.others());
        let items = self.choices.between(0, self.size.items);
        for _ in 0..items {
            self.item();
        }
        if let Some(name) = self.promised.take() {
            self.promised_message(name);
        }
        if let Some(package) = self.schema.packages.last_mut() {
            package.docs = docs;
            package.options = options;
        }
    }

    fn current(&self) -> &str {
        self.schema
            .packages
            .last()
            .map_or("", |it| it.name.as_str())
    }

    fn push(&mut self, item: Item) {
        if let Some(package) = self.schema.packages.last_mut() {
            package.items.push(item);
        }
    }

    // -- names, docs and options that many things have

    /// A name that nothing else has.
    fn word(&mut self) -> String {
        self.count += 1;
        let word = self.choices.of(WORDS).copied().unwrap_or("a");
        format!("{word}{}", self.count)
    }

    /// A name that nothing else in the same body has, and maybe a keyword.
    fn local(&mut self, taken: &[&str]) -> String {
        let word = self.choices.of(WORDS).copied().unwrap_or("a");
        if taken.contains(&word) || self.choices.one_in(2) {
            return self.word();
        }
        word.to_owned()
    }

    fn upper(&mut self) -> String {
        self.count += 1;
        let word = self.choices.of(&[
            "Quote",
            "Level",
            "T",
            "lower",
            "_Hidden",
            "HTTPServer",
            "Self",
        ]);
        format!("{}{}", word.copied().unwrap_or("A"), self.count)
    }

    fn name_here(&self, item: &str) -> Name {
        Name {
            package: self.current().to_owned(),
            item: item.to_owned(),
        }
    }

    fn docs(&mut self) -> Vec<String> {
        const LINES: &[&str] = &[
            " What it is.",
            "",
            "without a blank",
            " */ \"\"\" `` ${x} {{ y }} #{z} \\",
            " caf\u{e9} \u{2603}",
            "! bang",
            " ",
        ];
        let mut docs = Vec::new();
        while docs.len() < 3 && self.choices.one_in(4) {
            docs.extend(self.choices.of(LINES).map(|it| (*it).to_owned()));
        }
        docs
    }

    /// Options that everything may have but packages.
    fn common(&mut self) -> Vec<Opt> {
        let mut options = Vec::new();
        if self.choices.one_in(10) {
            let bound = self.bound_const(0).filter(|_| self.choices.one_in(2));
            let number = self.choices.below(9);
            options.push(Opt::Since(bound.unwrap_or(Bound::Int(number as i128))));
        }
        if self.choices.one_in(10) {
            let why = self.choices.one_in(2).then(|| "use \"x\"".to_owned());
            options.push(Opt::Deprecated(why));
        }
        options.extend(self.others());
        options
    }

    fn others(&mut self) -> Vec<Opt> {
        const ARGUMENTS: &[&str] = &[
            "1",
            "\"text\", deep = [1, 2.5, true]",
            "a = 1, b = \"2\",",
            "x.y, ..5, 1..=2, a..",
            "{ a: 1, \"b\": [] }",
            "P { x: -1 }, 2s, b\"\\x00\"",
            "-0x1f, 1e-3",
        ];
        let mut options = Vec::new();
        while options.len() < 2 && self.choices.one_in(12) {
            let name = self.choices.of(&["note", "sql.table", "a.b.c"]).copied();
            let args = self.choices.of(ARGUMENTS).map(|it| (*it).to_owned());
            let args = args.filter(|_| !self.choices.one_in(3));
            options.push(Opt::Other(name.unwrap_or("x").to_owned(), args));
        }
        options
    }
}
