//! Modules as files: a tree, one file to include, or one package alone.

use super::{Layout, Module, Options};
use crate::files::Files;
use crate::rust::print::indent;
use std::collections::BTreeMap;
use std::path::Path;

/// The file of [`Layout::Single`].
pub(crate) const SINGLE: &str = "scipp.rs";

/// The modules in the layout that is asked for.
pub(crate) fn files(modules: &[Module], options: &Options) -> Files {
    let mut root = Node::default();
    for module in modules {
        root.at(&module.path).module = Some(module);
    }
    let mut files = Files::default();
    match options.layout {
        Layout::Tree => root.tree(Path::new(""), "", options, &mut files),
        Layout::Single => {
            let text = format!("{}\n{}", header(options), root.inline(""));
            files.insert(SINGLE, text);
        }
        Layout::Bare => {
            for module in modules {
                let name = module.path.last().map(file_name).unwrap_or_default();
                files.insert(format!("{name}.rs"), file(module, options, true));
            }
        }
    }
    files
}

/// A module of the tree of packages; without a package where it only holds others.
#[derive(Debug, Default)]
struct Node<'m> {
    module: Option<&'m Module>,
    children: BTreeMap<proc_macro2::Ident, Node<'m>>,
}

impl<'m> Node<'m> {
    fn at(&mut self, path: &[proc_macro2::Ident]) -> &mut Node<'m> {
        path.iter().fold(self, |node, segment| {
            node.children.entry(segment.clone()).or_default()
        })
    }

    /// A file for each module: `name.rs` for leaves, `name/mod.rs` for those that hold others.
    fn tree(&self, folder: &Path, path: &str, options: &Options, files: &mut Files) {
        let mut text = match self.module {
            Some(module) => file(module, options, path.is_empty()),
            None => {
                let mut text = header(options);
                text.push('\n');
                match path {
                    "" => text.push_str(&format!("#![{ALLOW}]\n\n")),
                    _ => text.push_str(&format!("//! {}\n\n", folder_doc(path))),
                }
                text
            }
        };
        if self.module.is_some() {
            text.push('\n');
        }
        self.children
            .keys()
            .for_each(|name| text.push_str(&format!("pub mod {name};\n")));
        files.insert(folder.join("mod.rs"), text);
        for (name, child) in &self.children {
            let path = below(path, name);
            let name = file_name(name);
            match child.module {
                Some(module) if child.children.is_empty() => {
                    files.insert(
                        folder.join(format!("{name}.rs")),
                        file(module, options, false),
                    );
                }
                _ => child.tree(&folder.join(name), &path, options, files),
            }
        }
    }

    /// Everything in one text, as nested modules.
    fn inline(&self, path: &str) -> String {
        let mut parts: Vec<String> = self
            .module
            .iter()
            .map(|module| module.text.clone())
            .collect();
        for (name, child) in &self.children {
            let below = below(path, name);
            let mut head = String::new();
            match child.module {
                Some(module) => module
                    .docs
                    .iter()
                    .for_each(|line| push_line(&mut head, "///", line)),
                None => push_line(&mut head, "///", &folder_doc(&below)),
            }
            if path.is_empty() {
                head.push_str(&format!("#[{ALLOW}]\n"));
            }
            for allow in child.module.into_iter().flat_map(|module| &module.allow) {
                head.push_str(&format!("#[{allow}]\n"));
            }
            parts.push(format!(
                "{head}pub mod {name} {{\n{}}}\n",
                indent(&child.inline(&below))
            ));
        }
        parts.join("\n")
    }
}

fn below(path: &str, name: &proc_macro2::Ident) -> String {
    let name = file_name(name);
    if path.is_empty() {
        name
    } else {
        format!("{path}.{name}")
    }
}

fn folder_doc(path: &str) -> String {
    format!("The packages below `{path}`.")
}

/// What does not depend on the schema: said once, around everything. What clippy says by default is heeded, one item at
/// a time; its pedantic lints are a matter of taste, and of what schemas say.
const ALLOW: &str = "allow(\n    missing_docs,\n    dead_code,\n    unreachable_pub,\n    clippy::pedantic,\n    \
    reason = \"documented as far as the schema is, used as far as the program needs it\"\n)";

/// A file with the items of one package. `outermost`: nothing of ours is around it.
fn file(module: &Module, options: &Options, outermost: bool) -> String {
    let mut text = header(options);
    text.push('\n');
    module
        .docs
        .iter()
        .for_each(|line| push_line(&mut text, "//!", line));
    text.push('\n');
    if outermost {
        text.push_str(&format!("#![{ALLOW}]\n"));
    }
    for allow in &module.allow {
        text.push_str(&format!("#![{allow}]\n"));
    }
    if outermost || !module.allow.is_empty() {
        text.push('\n');
    }
    text.push_str(&module.text);
    text
}

fn header(options: &Options) -> String {
    format!(
        "// Generated by `{}`: change the schema, not this file.\n",
        options.command
    )
}

fn push_line(text: &mut String, mark: &str, line: &str) {
    text.push_str(mark);
    if !line.is_empty() {
        text.push(' ');
        text.push_str(line);
    }
    text.push('\n');
}

/// A raw identifier is the name of its file without the mark.
fn file_name(ident: &proc_macro2::Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}
