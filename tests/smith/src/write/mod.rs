//! From the tree to text: how each construct is spelled.

mod values;

use crate::choices::Choices;
use crate::tokens::{Token, neat, untidy};
use crate::tree::*;
use std::collections::{BTreeMap, BTreeSet};

impl Schema {
    /// The files, as path below a source root and text.
    pub fn files(&self) -> Vec<(String, String)> {
        let write = |package: &Package| (path(package), package.to_text());
        self.packages.iter().map(write).collect()
    }

    /// The files with blanks, lines, comments, and optional commas wherever the grammar has them.
    pub fn untidy_files(&self, choices: &mut Choices<'_>) -> Vec<(String, String)> {
        let mut write = |package: &Package| (path(package), untidy(&tokens(package), choices));
        self.packages.iter().map(&mut write).collect()
    }

    /// All files after each other, each behind a line with its path: to be read by people.
    pub fn to_text(&self) -> String {
        let files = self.files().into_iter();
        let texts: Vec<String> = files
            .map(|(path, text)| format!("// {path}\n{text}\n"))
            .collect();
        texts.concat()
    }
}

impl Package {
    /// The text of its file.
    pub fn to_text(&self) -> String {
        neat(&tokens(self))
    }
}

/// `a/b.scipp`
fn path(package: &Package) -> String {
    format!("{}.scipp", package.name.replace('.', "/"))
}

fn tokens(package: &Package) -> Vec<Token> {
    let mut items = Writer::of(package);
    for item in &package.items {
        items.tokens.push(Token::ItemEnd);
        items.item(item);
    }
    let mut header = Writer::of(package);
    header.options(&package.options, true);
    let docs = package.docs.iter();
    let mut tokens: Vec<Token> = docs.map(|it| Token::Doc(format!("//!{it}"))).collect();
    tokens.append(&mut header.tokens);
    tokens.extend(["package", &package.name, ";"].map(text));
    let mut used = items.used;
    for (package, names) in header.used {
        used.entry(package).or_default().extend(names);
    }
    for (other, names) in used {
        tokens.push(Token::ItemEnd);
        let form = package
            .imports
            .iter()
            .find(|it| it.package == other)
            .map(|it| &it.form);
        tokens.extend(["use", &other].map(text));
        match form {
            None | Some(ImportForm::Whole) => {}
            Some(ImportForm::As(name)) => tokens.extend(["as", name].map(text)),
            Some(form) => {
                tokens.extend([".", "{"].map(text));
                for (at, name) in names.iter().enumerate() {
                    tokens.extend((at > 0).then(|| text(",")));
                    tokens.push(text(name));
                    if *form == ImportForm::Renamed {
                        tokens.extend(["as", &renamed(name)].map(text));
                    }
                }
                tokens.extend([Token::Comma, text("}")]);
            }
        }
        tokens.push(text(";"));
    }
    tokens.append(&mut items.tokens);
    tokens.extend([Token::LineEnd]);
    tokens
}

fn text(text: impl Into<String>) -> Token {
    Token::Text(text.into())
}

fn renamed(name: &str) -> String {
    format!("Other{name}")
}

struct Writer<'p> {
    package: &'p Package,
    tokens: Vec<Token>,
    /// What the file has of other packages.
    used: BTreeMap<String, BTreeSet<String>>,
}

impl<'p> Writer<'p> {
    fn of(package: &'p Package) -> Self {
        Self {
            package,
            tokens: Vec::new(),
            used: BTreeMap::new(),
        }
    }

    fn put(&mut self, token: impl Into<String>) {
        self.tokens.push(text(token));
    }

    fn put_all<const N: usize>(&mut self, tokens: [&str; N]) {
        self.tokens.extend(tokens.map(text));
    }

    fn docs(&mut self, docs: &[String]) {
        let docs = docs.iter().map(|it| Token::Doc(format!("///{it}")));
        self.tokens.extend(docs);
    }

    fn spelled(&mut self, name: &Name) -> String {
        if name.package == self.package.name {
            return name.item.clone();
        }
        let names = self.used.entry(name.package.clone()).or_default();
        names.insert(name.item.clone());
        let mut imports = self.package.imports.iter();
        let import = imports.find(|it| it.package == name.package);
        let last = name.package.rsplit('.').next().unwrap_or_default();
        match import.map(|it| &it.form) {
            None | Some(ImportForm::Whole) => format!("{last}.{}", name.item),
            Some(ImportForm::As(other)) => format!("{other}.{}", name.item),
            Some(ImportForm::Names) => name.item.clone(),
            Some(ImportForm::Renamed) => renamed(&name.item),
        }
    }

    fn name(&mut self, name: &Name) {
        let spelled = self.spelled(name);
        self.put(spelled);
    }

    // -- items

    fn item(&mut self, item: &Item) {
        let is_newtype = matches!(item.kind, Kind::Newtype(_));
        let (late, early): (Vec<_>, Vec<_>) = item
            .options
            .iter()
            .cloned()
            .partition(|it| is_newtype && is_constraint(it));
        self.docs(&item.docs);
        self.options(&early, true);
        let keyword = match &item.kind {
            Kind::Struct(_) => "struct",
            Kind::Message(_) => "message",
            Kind::Error(_) => "error",
            Kind::Enum(_) => "enum",
            Kind::Union { .. } => "union",
            Kind::Alias(_) => "alias",
            Kind::Newtype(_) => "newtype",
            Kind::Const { .. } => "const",
            Kind::Ext { .. } => "ext",
            Kind::Interface(_) => "interface",
        };
        if matches!(
            &item.kind,
            Kind::Enum(Enum { open: true, .. }) | Kind::Union { open: true, .. }
        ) {
            self.put("open");
        }
        self.put_all([keyword, &item.name]);
        match &item.kind {
            Kind::Struct(record) | Kind::Message(record) | Kind::Error(record) => {
                self.type_params(&record.params);
                self.record(record);
            }
            Kind::Enum(it) => self.enumeration(it),
            Kind::Union { members, .. } => {
                self.put("=");
                self.members(members);
                self.put(";");
            }
            Kind::Alias(ty) | Kind::Newtype(ty) => {
                self.put("=");
                self.ty(ty);
                self.options(&late, false);
                self.put(";");
            }
            Kind::Const { ty, value } => {
                self.put(":");
                self.ty(ty);
                self.put("=");
                self.value(value);
                self.put(";");
            }
            Kind::Ext { code, body } => {
                self.put_all(["(", &code.to_string(), ")"]);
                match body {
                    ExtBody::Record(record) => self.record(record),
                    ExtBody::Type(ty) => {
                        self.put("=");
                        self.ty(ty);
                        self.put(";");
                    }
                }
            }
            Kind::Interface(interface) => self.interface(interface),
        }
    }

    fn type_params(&mut self, params: &[String]) {
        if params.is_empty() {
            return;
        }
        self.put("<");
        self.separated(params, |it, param| it.put(param.clone()));
        self.put(">");
    }

    /// Entries with commas between them, and maybe one behind the last.
    fn separated<T>(&mut self, entries: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (at, entry) in entries.iter().enumerate() {
            if at > 0 {
                self.put(",");
            }
            write(self, entry);
        }
        if !entries.is_empty() {
            self.tokens.push(Token::Comma);
        }
    }

    /// A body in braces, an entry per line.
    fn body<T>(
        &mut self,
        reserved: &[Vec<String>],
        entries: &[T],
        mut write: impl FnMut(&mut Self, &T),
    ) {
        self.put("{");
        self.tokens.extend([Token::Indent, Token::LineEnd]);
        for names in reserved {
            self.put("reserved");
            for (at, name) in names.iter().enumerate() {
                if at > 0 {
                    self.put(",");
                }
                self.put(name.clone());
            }
            self.put(";");
            self.tokens.push(Token::LineEnd);
        }
        for (at, entry) in entries.iter().enumerate() {
            write(self, entry);
            if at + 1 < entries.len() {
                self.put(",");
            } else {
                self.tokens.push(Token::Comma);
            }
            self.tokens.push(Token::LineEnd);
        }
        self.tokens.push(Token::Dedent);
        self.put("}");
    }

    fn record(&mut self, record: &Record) {
        self.body(&record.reserved, &record.fields, |it, field| {
            it.field(field)
        });
    }

    fn field(&mut self, field: &Field) {
        self.docs(&field.docs);
        // Options stand at three places in turn.
        let at = |place: usize| {
            let options = field.options.iter().enumerate();
            let here = options.filter(move |(at, _)| at % 3 == place);
            here.map(|(_, it)| it.clone()).collect::<Vec<_>>()
        };
        self.options(&at(1), false);
        self.put(field.name.clone());
        if field.presence == Presence::Omittable {
            self.put("?");
        }
        self.put(":");
        self.ty(&field.ty);
        self.options(&at(0), false);
        if let Presence::Default(value) = &field.presence {
            self.put("=");
            self.value(value);
        }
        self.options(&at(2), false);
    }

    fn enumeration(&mut self, it: &Enum) {
        if let Some(repr) = it.repr {
            self.put_all([":", repr.word()]);
        }
        self.body(&it.reserved, &it.members, |writer, member| {
            writer.docs(&member.docs);
            let (before, behind) = member.options.split_at(member.options.len() / 2);
            writer.options(before, false);
            writer.put(member.name.clone());
            if let Some(value) = &member.value {
                writer.put("=");
                writer.value(value);
            }
            writer.options(behind, false);
        });
    }

    fn interface(&mut self, interface: &Interface) {
        for (at, name) in interface.extends.iter().enumerate() {
            self.put(if at == 0 { "extends" } else { "," });
            self.name(name);
        }
        self.put("{");
        self.tokens.extend([Token::Indent, Token::LineEnd]);
        for endpoint in &interface.endpoints {
            self.endpoint(endpoint);
            self.tokens.push(Token::LineEnd);
        }
        self.tokens.push(Token::Dedent);
        self.put("}");
    }

    fn endpoint(&mut self, endpoint: &Endpoint) {
        self.docs(&endpoint.docs);
        self.options(&endpoint.options, true);
        let keyword = match endpoint.kind {
            EndpointKind::Fn { .. } => "fn",
            EndpointKind::Gen { .. } => "gen",
            EndpointKind::Context { .. } => "context",
        };
        self.put_all([keyword, &endpoint.name, "("]);
        self.separated(&endpoint.params, |it, param| it.field(param));
        self.put(")");
        match &endpoint.kind {
            EndpointKind::Fn { returns } => {
                if let Some(ty) = returns {
                    self.put("->");
                    self.ty(ty);
                }
                self.raises(&endpoint.raises);
                self.put(";");
            }
            EndpointKind::Gen { yields } => {
                self.put("yields");
                self.ty(yields);
                self.raises(&endpoint.raises);
                self.put(";");
            }
            EndpointKind::Context {
                started,
                accepts,
                yields,
                returns,
            } => {
                let clauses = [
                    ("started", started),
                    ("accepts", accepts),
                    ("yields", yields),
                    ("returns", returns),
                ];
                let clauses: Vec<_> = clauses
                    .into_iter()
                    .filter_map(|(word, ty)| Some((word, ty.as_ref()?)))
                    .collect();
                if clauses.is_empty() && endpoint.raises.is_empty() {
                    return self.put(";");
                }
                self.put("{");
                self.tokens.extend([Token::Indent, Token::LineEnd]);
                for (at, (word, ty)) in clauses.iter().enumerate() {
                    self.put(*word);
                    self.ty(ty);
                    let is_last = at + 1 == clauses.len() && endpoint.raises.is_empty();
                    self.tokens
                        .push(if is_last { Token::Comma } else { text(",") });
                    self.tokens.push(Token::LineEnd);
                }
                if !endpoint.raises.is_empty() {
                    self.raises(&endpoint.raises);
                    self.tokens.extend([Token::Comma, Token::LineEnd]);
                }
                self.tokens.push(Token::Dedent);
                self.put("}");
            }
        }
    }

    fn raises(&mut self, raises: &[Name]) {
        for (at, name) in raises.iter().enumerate() {
            self.put(if at == 0 { "raises" } else { "|" });
            if at == 0 {
                self.tokens.push(Token::Bar);
            }
            self.name(name);
        }
    }
}

/// Whether an option of a newtype may stand behind its type.
fn is_constraint(option: &Opt) -> bool {
    matches!(
        option,
        Opt::Range(_) | Opt::Len(_) | Opt::Pattern(_) | Opt::Unique
    )
}
