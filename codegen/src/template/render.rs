//! Templates and a model to files.

use super::filters;
use super::names::Each;
use super::{Templates, limits};
use crate::files::Files;
use crate::problem::{BAD_TEMPLATES, TEMPLATE_FAILED};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use scipp_idl::diagnostic::{Diagnostic, Diagnostics};
use scipp_idl::model::{Item, ItemKind, Model, Package};
use scipp_idl::source::{SourceId, Span};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// All outputs, or everything that is wrong with them.
pub(super) fn files(templates: &Templates, model: &Model) -> Result<Files, Diagnostics> {
    let mut problems = templates.diagnostics.clone();
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(limits::TEMPLATE_STEPS_MAX));
    environment.set_debug(true);
    let mut syntax = SyntaxConfig::builder();
    syntax
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .lstrip_blocks(true);
    match syntax.build() {
        Ok(syntax) => environment.set_syntax(syntax),
        Err(error) => problems.push(templates.failed(&error)),
    }
    filters::add(&mut environment, model);
    for (name, id) in &templates.texts {
        let text = templates
            .sources
            .get(*id)
            .map(|it| it.text().to_owned())
            .unwrap_or_default();
        if let Err(error) = environment.add_template_owned(name.clone(), text) {
            problems.push(templates.failed(&error));
        }
    }
    if problems.has_errors() {
        return Err(problems);
    }
    let mut run = Run {
        templates,
        environment,
        files: Files::marked(templates.mark()),
        made_by: BTreeMap::new(),
        bytes_left: limits::TEMPLATE_OUTPUT_BYTES_MAX,
        problems,
    };
    let whole = Value::from(Serde(model));
    let packages: Vec<(&Package, Value)> = model
        .packages
        .iter()
        .filter(|package| package.given)
        .map(|package| (package, Value::from(Serde(package))))
        .collect();
    let given: Value = packages.iter().map(|(_, value)| value.clone()).collect();
    let generated = Value::from(format!(
        "{}: change the schema, not this file.",
        templates.mark()
    ));
    let always = |more: &[(&str, &Value)]| -> Value {
        let common = [
            ("model", &whole),
            ("packages", &given),
            ("generated", &generated),
        ];
        let all = common.into_iter().chain(more.iter().copied());
        all.map(|(name, value)| (name.to_owned(), value.clone()))
            .collect::<BTreeMap<_, _>>()
            .into()
    };
    for (template, name) in &templates.outputs {
        if name.each == Each::Once {
            run.render(template, name.path("", ""), always(&[]), "");
            continue;
        }
        for (package, value) in &packages {
            if name.each == Each::Package {
                let context = always(&[("package", value)]);
                run.render(
                    template,
                    name.path(&package.name, ""),
                    context,
                    &package.name,
                );
                continue;
            }
            let (key, wanted): (&str, fn(&Item) -> bool) = match name.each {
                Each::Interface => ("interface", |item| {
                    matches!(item.kind, ItemKind::Interface { .. })
                }),
                _ => ("item", |_| true),
            };
            for item in package.items.iter().filter(|item| wanted(item)) {
                let context = always(&[("package", value), (key, &Value::from(Serde(item)))]);
                let path = name.path(&package.name, &item.name);
                let of = format!("{}.{}", package.name, item.name);
                run.render(template, path, context, &of);
            }
        }
    }
    if run.problems.has_errors() {
        Err(run.problems)
    } else {
        Ok(run.files)
    }
}

struct Run<'a> {
    templates: &'a Templates,
    environment: Environment<'static>,
    files: Files,
    /// Which template an output came from, and what for; in lower case, since some disks do not tell cases apart.
    made_by: BTreeMap<String, (String, String)>,
    bytes_left: usize,
    problems: Diagnostics,
}

impl Run<'_> {
    fn render(&mut self, template: &str, path: PathBuf, context: Value, of: &str) {
        // Its errors come again for each package; a few are enough.
        if self.problems.errors() >= limits::TEMPLATE_ERRORS_MAX {
            return;
        }
        let shown = path.display().to_string();
        let note = |diagnostic: Diagnostic| match of {
            "" => diagnostic.note(format!("for the output {shown}")),
            of => diagnostic.note(format!("for the output {shown}, of `{of}`")),
        };
        if let Some((other, what)) = self.made_by.get(&shown.to_lowercase()) {
            let message = format!("two outputs have the name {shown}");
            let first = match what.as_str() {
                "" => format!("the other is of the template {other}"),
                what => format!("the other is of the template {other}, of `{what}`"),
            };
            let diagnostic = Diagnostic::new(BAD_TEMPLATES, message).at(
                self.start(template),
                "this template would overwrite the other",
            );
            let help = "name the package and the item in the name of the template";
            self.problems.push(note(diagnostic.help(help).note(first)));
            return;
        }
        self.made_by
            .insert(shown.to_lowercase(), (template.to_owned(), of.to_owned()));
        let mut output = Bounded {
            bytes: Vec::new(),
            left: self.bytes_left,
        };
        let result = self
            .environment
            .get_template(template)
            .and_then(|template| template.render_captured_to(context, &mut output).map(drop));
        if let Err(error) = result {
            let diagnostic = if output.left == 0 {
                let most = limits::TEMPLATE_OUTPUT_BYTES_MAX;
                let message = format!("the templates write more than {most} bytes");
                Diagnostic::new(TEMPLATE_FAILED, message).at(self.start(template), "in this one")
            } else {
                self.templates.failed(&error)
            };
            self.problems.push(note(diagnostic));
            return;
        }
        self.bytes_left = output.left;
        if !self.files.ours().has(&output.bytes) {
            let message = format!("the output {shown} does not say that it is generated");
            self.problems.push(
                Diagnostic::new(TEMPLATE_FAILED, message)
                    .at(self.start(template), "the beginning of this template")
                    .help("write `{{ generated }}` into its first lines, as a comment")
                    .note(
                        "without it, a later run could not tell whether it may overwrite the file",
                    ),
            );
            return;
        }
        // A template writes text; what it was given is text.
        let text = String::from_utf8_lossy(&output.bytes).into_owned();
        self.files.insert(path, text);
    }

    fn start(&self, template: &str) -> Span {
        let id = self
            .templates
            .texts
            .get(template)
            .copied()
            .unwrap_or(SourceId(u32::MAX));
        let line = self
            .templates
            .sources
            .get(id)
            .and_then(|it| it.text().lines().next());
        Span::new(id, 0, line.map_or(0, str::len))
    }
}

/// Takes bytes up to a limit.
struct Bounded {
    bytes: Vec<u8>,
    left: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.left.checked_sub(bytes.len()) {
            Some(left) => {
                self.left = left;
                self.bytes.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            None => {
                self.left = 0;
                Err(io::Error::other("too much output"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
