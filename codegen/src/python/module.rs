//! One module while it is written: what things are called where they stand, and so what has to be imported.
//!
//! A member of a class hides what has its name: `list: list[int]` is no type for a checker. So a module never uses a bare name
//! that a member of it has: builtins and imports get a prefix or another name then.

use super::code::{Code, call};
use super::names;
use super::plan::{ModulePlan, Plan};
use super::{SUPPORT, SUPPORT_ALIAS};
use scipp_idl::schema::ItemName;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Where a module is written.
#[derive(Debug)]
pub(crate) struct Module<'p> {
    pub(crate) plan: &'p Plan<'p>,
    pub(crate) planned: &'p ModulePlan<'p>,
    imports: RefCell<Imports>,
}

#[derive(Debug, Default)]
struct Imports {
    /// `import x`, and what it is called here.
    modules: BTreeMap<String, String>,
    /// `from x import y`.
    names: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// Modules of other packages, by what they are called here.
    packages: BTreeMap<String, String>,
    support: bool,
}

impl<'p> Module<'p> {
    pub(crate) fn new(plan: &'p Plan<'p>, planned: &'p ModulePlan<'p>) -> Self {
        Self {
            plan,
            planned,
            imports: RefCell::default(),
        }
    }

    fn is_taken(&self, name: &str) -> bool {
        self.planned.top.contains(name) || self.planned.members.contains(name)
    }

    /// The name, or one like it that is free.
    fn free(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.is_taken(&name) {
            name.push('_');
        }
        name
    }

    /// A builtin such as `list`.
    pub(crate) fn builtin(&self, name: &str) -> String {
        if self.is_taken(name) {
            self.of("builtins", name)
        } else {
            name.to_owned()
        }
    }

    /// A name of a module that is imported whole: `datetime.date`.
    pub(crate) fn of(&self, module: &str, name: &str) -> String {
        let alias = self.free(module);
        let text = format!("{alias}.{name}");
        self.imports
            .borrow_mut()
            .modules
            .insert(module.to_owned(), alias);
        text
    }

    /// A name that is imported alone: `Annotated`.
    pub(crate) fn name_of(&self, module: &'static str, name: &'static str) -> String {
        if self.is_taken(name) {
            return self.of(module, name);
        }
        self.imports
            .borrow_mut()
            .names
            .entry(module)
            .or_default()
            .insert(name);
        name.to_owned()
    }

    /// A name of the module that all share.
    pub(crate) fn support(&self, name: &str) -> String {
        self.imports.borrow_mut().support = true;
        format!("{}.{name}", self.free(SUPPORT_ALIAS))
    }

    /// A name of the module of an item, as it is called here.
    pub(crate) fn item(&self, item: &ItemName, name: &str) -> String {
        if item.package == self.planned.package.name {
            return name.to_owned();
        }
        format!("{}.{name}", self.package(&item.package))
    }

    /// What the module of another package is called here: its last segment, or its whole path.
    fn package(&self, package: &str) -> String {
        if let Some(alias) = self.imports.borrow().packages.get(package) {
            return alias.clone();
        }
        let Some(other) = self.plan.modules.get(package) else {
            return package.to_owned();
        };
        let last = other.path.last().map(String::as_str).unwrap_or_default();
        let imported = &self.planned.package.imports;
        let others = imported.iter().filter(|it| *it != package);
        let shared = others
            .filter_map(|it| self.plan.modules.get(it.as_str()))
            .any(|it| it.path.last().map(String::as_str) == Some(last));
        let known = [
            "builtins",
            "datetime",
            "decimal",
            "enum",
            "msgspec",
            "uuid",
            "warnings",
            "abc",
            SUPPORT_ALIAS,
        ];
        let alias = if shared || known.contains(&last) {
            self.free(&other.path.join("_"))
        } else {
            self.free(last)
        };
        let mut imports = self.imports.borrow_mut();
        imports.packages.insert(package.to_owned(), alias.clone());
        alias
    }

    /// A field, a parameter or a method.
    pub(crate) fn member(&self, name: &str) -> String {
        let name = names::member(name);
        if self.planned.top.contains(&name) {
            format!("{name}_")
        } else {
            name
        }
    }

    /// The import statements, sorted as `ruff` sorts them.
    pub(crate) fn imports(&self) -> String {
        let imports = self.imports.borrow();
        let import = |module: &String, alias: &String| {
            if module == alias {
                format!("import {module}\n")
            } else {
                format!("import {module} as {alias}\n")
            }
        };
        let standard = |it: &&String| *it != "msgspec";
        let mut text = String::from("from __future__ import annotations\n");
        let mut block = String::new();
        for (module, alias) in imports.modules.iter().filter(|(it, _)| standard(it)) {
            block.push_str(&import(module, alias));
        }
        for (module, names) in &imports.names {
            let mut names: Vec<&str> = names.iter().copied().collect();
            names.sort_by_key(|name| sort_key(name));
            let items = names.iter().map(|name| Code::from(*name)).collect();
            let flat = format!("from {module} import {}", names.join(", "));
            if flat.len() <= super::code::WIDTH {
                block.push_str(&format!("{flat}\n"));
            } else {
                let code = call(&format!("from {module} import "), items);
                block.push_str(&format!("{}\n", code.statement(0)));
            }
        }
        let mut third = String::new();
        if let Some(alias) = imports.modules.get("msgspec") {
            third = import(&"msgspec".to_owned(), alias);
        }
        let mut ours: Vec<(usize, String, String)> = imports
            .packages
            .iter()
            .filter_map(|(package, alias)| {
                let path = &self.plan.modules.get(package.as_str())?.path;
                Some(self.relative(path, alias))
            })
            .collect();
        if imports.support {
            ours.push(self.relative(&[SUPPORT.to_owned()], &self.free(SUPPORT_ALIAS)));
        }
        // The furthest come first.
        ours.sort_by(|a, b| (usize::MAX - a.0, &a.1, &a.2).cmp(&(usize::MAX - b.0, &b.1, &b.2)));
        let ours: String = merged(&ours);
        for block in [block, third, ours] {
            if !block.is_empty() {
                text.push_str(&format!("\n{block}"));
            }
        }
        text
    }

    /// `from ..a import b as c`: how many dots, what stands behind them, what is imported.
    fn relative(&self, path: &[String], alias: &str) -> (usize, String, String) {
        let here = &self.planned.path;
        let above = if self.planned.folder {
            here.len()
        } else {
            here.len().saturating_sub(1)
        };
        let here = here.get(..above).unwrap_or_default();
        let (last, parents) = match path.split_last() {
            Some((last, parents)) => (last.as_str(), parents),
            None => ("", path),
        };
        let common = here.iter().zip(parents).take_while(|(a, b)| a == b).count();
        let dots = here.len() - common + 1;
        let below = parents.get(common..).unwrap_or_default().join(".");
        let name = if last == alias {
            last.to_owned()
        } else {
            format!("{last} as {alias}")
        };
        (dots, below, name)
    }
}

/// Names from one module in one line; those with another name here alone.
fn merged(imports: &[(usize, String, String)]) -> String {
    let mut text = String::new();
    let mut done: Vec<(usize, &str)> = Vec::new();
    for (dots, below, _) in imports {
        if done.contains(&(*dots, below)) {
            continue;
        }
        done.push((*dots, below));
        let same = || imports.iter().filter(|it| it.0 == *dots && it.1 == *below);
        let from = format!("from {}{below} import", ".".repeat(*dots));
        let plain: Vec<&str> = same()
            .map(|it| it.2.as_str())
            .filter(|name| !name.contains(' '))
            .collect();
        if !plain.is_empty() {
            text.push_str(&format!("{from} {}\n", plain.join(", ")));
        }
        for (_, _, name) in same().filter(|it| it.2.contains(' ')) {
            text.push_str(&format!("{from} {name}\n"));
        }
    }
    text
}

/// Constants, then classes, then the rest, each by their letters: how `ruff` sorts names.
pub(crate) fn sort_key(name: &str) -> (u8, Vec<(u64, String)>) {
    let has_lower = name.chars().any(|it| it.is_ascii_lowercase());
    let has_upper = name.chars().any(|it| it.is_ascii_uppercase());
    let kind = if has_upper && !has_lower && name.len() > 1 {
        0
    } else if name.starts_with(|it: char| it.is_ascii_uppercase()) {
        1
    } else {
        2
    };
    (kind, natural(name))
}

/// With numbers compared as numbers.
fn natural(name: &str) -> Vec<(u64, String)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest
            .find(|it: char| it.is_ascii_digit())
            .unwrap_or(rest.len());
        let (word, behind) = rest.split_at(text);
        let digits = behind
            .find(|it: char| !it.is_ascii_digit())
            .unwrap_or(behind.len());
        let (number, behind) = behind.split_at(digits);
        parts.push((0, word.to_owned()));
        if !number.is_empty() {
            parts.push((number.parse().unwrap_or(u64::MAX), String::new()));
        }
        rest = behind;
    }
    parts
}
