//! An interface: the class that a handler fills in, the client, and what describes each endpoint to both.

use super::code::{Code, call, keyword, subscript};
use super::docs::{docstring, whole};
use super::items::{Block, def, join};
use super::module::Module;
use super::names;
use super::plan::{arguments, client, expose, table};
use super::values::text;
use crate::spelled;
use scipp_idl::schema::{Endpoint, EndpointKind, Interface, Item, Type};

/// An interface while it is written.
#[derive(Debug)]
pub(crate) struct InterfaceItem<'s> {
    pub(crate) item: &'s Item,
    pub(crate) interface: &'s Interface,
    pub(crate) endpoints: Vec<&'s Endpoint>,
}

impl InterfaceItem<'_> {
    pub(crate) fn blocks(&self, module: &Module<'_>) -> Vec<Block> {
        let mut blocks = Vec::new();
        for endpoint in &self.endpoints {
            let doc = format!("Arguments of `{}.{}`.", self.item.name, endpoint.name);
            let class = arguments(self.item, endpoint);
            blocks.push(module.record(&class, &[], &endpoint.args, &doc));
        }
        blocks.push(Block::large(self.handler(module)));
        blocks.push(Block::large(self.client(module)));
        for endpoint in &self.endpoints {
            blocks.push(Block::small(self.table(module, endpoint)));
        }
        blocks.push(Block::large(self.expose(module)));
        blocks
    }

    /// The class that a handler derives from.
    fn handler(&self, module: &Module<'_>) -> String {
        let class = names::class(&self.item.name);
        let doc = whole(
            &self.item.doc,
            self.item.since,
            self.item.deprecated.as_deref(),
        );
        let own = self.interface.endpoints.iter();
        let left_out = own.filter(|it| it.options.peers_scipp_only);
        let left_out: Vec<String> = left_out.map(|it| format!("`{}`", it.name)).collect();
        let doc = match left_out.as_slice() {
            [] => doc,
            names => join(
                &doc,
                &format!(
                    "Left out, since it is not for plain peers: {}.",
                    names.join(", ")
                ),
            ),
        };
        let how = format!(
            "Derive from this class, and let `{}` serve what you made.",
            expose(&self.item.name)
        );
        // An abstract class has something abstract.
        let base = match self.endpoints.as_slice() {
            [] => String::new(),
            _ => format!("({})", module.of("abc", "ABC")),
        };
        let mut out = format!("class {class}{base}:\n{}", docstring(&join(&doc, &how), 1));
        for endpoint in &self.endpoints {
            let mut params: Vec<Code> = vec!["self".into()];
            if endpoint.kind == EndpointKind::Context {
                let dialog = subscript(&module.support("Dialog"), dialog_types(module, endpoint));
                params.extend([Code::Row(vec!["dialog: ".into(), dialog]), "/".into()]);
            }
            let (named, _) = module.parameters(&endpoint.args.fields, false);
            if !named.is_empty() {
                params.push("*".into());
                params.extend(named);
            }
            let (keyword, returns) = match endpoint.kind {
                EndpointKind::Gen => {
                    let items = vec![yields(module, endpoint)];
                    let generator = module.name_of("collections.abc", "AsyncGenerator");
                    ("def", subscript(&generator, items))
                }
                _ => ("async def", module.ty(&endpoint.returns)),
            };
            let name = format!("{keyword} {}", module.member(&endpoint.name));
            let marker = module.of("abc", "abstractmethod");
            out.push_str(&format!(
                "\n    @{marker}\n{}\n",
                def(&name, params, returns).statement(1)
            ));
            out.push_str(&docstring(&self.doc(module, endpoint), 2));
        }
        out
    }

    /// What an endpoint is for, and what it raises.
    fn doc(&self, module: &Module<'_>, endpoint: &Endpoint) -> String {
        let doc = whole(
            &endpoint.doc,
            endpoint.since,
            endpoint.deprecated.as_deref(),
        );
        let doc = if doc.is_empty() {
            format!("The endpoint `{}`.", endpoint.wire)
        } else {
            doc
        };
        let errors: Vec<String> = endpoint
            .raises
            .iter()
            .map(|it| format!("`{}`", module.item(it, &names::class(&it.name))))
            .collect();
        let raises = match errors.as_slice() {
            [] => String::new(),
            errors => format!("Raises {}.", errors.join(", ")),
        };
        let about: Vec<String> = endpoint
            .args
            .fields
            .iter()
            .filter(|field| !field.doc.is_empty() || field.deprecated.is_some())
            .map(|field| {
                let doc = whole(&field.doc, None, field.deprecated.as_deref());
                format!(
                    "* `{}`: {}",
                    module.member(&field.name),
                    doc.replace('\n', " ")
                )
            })
            .collect();
        let deadline = match endpoint.options.deadline_ms {
            Some(it) => format!(
                "The caller cancels after {}.",
                spelled::duration(i128::from(it) * 1_000_000)
            ),
            None => String::new(),
        };
        let doc = join(&join(&doc, &about.join("\n")), &deadline);
        join(&doc, &raises)
    }

    fn client(&self, module: &Module<'_>) -> String {
        let class = names::class(&self.item.name);
        let mut out = format!(
            "class {}:\n    \"\"\"Calls `{class}` at another actor.\"\"\"\n\n    def __init__(self, portal: {}) -> None:\n        self._portal = portal\n",
            client(&class),
            module.support("Portal"),
        );
        for endpoint in &self.endpoints {
            let (named, given) = module.parameters(&endpoint.args.fields, true);
            let mut params: Vec<Code> = vec!["self".into()];
            if !named.is_empty() {
                params.push("*".into());
                params.extend(named);
            }
            let (keyword, returns) = match endpoint.kind {
                EndpointKind::Fn => ("async def", module.ty(&endpoint.returns)),
                EndpointKind::Gen => {
                    let items = module.name_of("collections.abc", "AsyncIterator");
                    (
                        "def",
                        manager(module, subscript(&items, vec![yields(module, endpoint)])),
                    )
                }
                EndpointKind::Context => {
                    let mut types = dialog_types(module, endpoint);
                    types.push(module.ty(&endpoint.returns));
                    (
                        "def",
                        manager(module, subscript(&module.support("Call"), types)),
                    )
                }
            };
            out.push('\n');
            if let Some(why) = &endpoint.deprecated {
                let marker = module.of("warnings", "deprecated");
                let why = if why.is_empty() {
                    "deprecated by its schema"
                } else {
                    why
                };
                let code = Code::Row(vec!["@".into(), call(&marker, vec![text(why).into()])]);
                out.push_str(&format!("{}\n", code.statement(1)));
            }
            let name = format!("{keyword} {}", module.member(&endpoint.name));
            out.push_str(&format!("{}\n", def(&name, params, returns).statement(1)));
            out.push_str(&docstring(&self.doc(module, endpoint), 2));
            let (wait, how) = match endpoint.kind {
                EndpointKind::Fn => ("await ", "call"),
                _ => ("", "open"),
            };
            let arguments = call(&arguments(self.item, endpoint), given);
            let action = format!("return {wait}{}.{how}", table(self.item, endpoint));
            let code = call(&action, vec!["self._portal".into(), arguments]);
            out.push_str(&format!("{}\n", code.statement(2)));
        }
        out
    }

    /// What both ends know of an endpoint.
    fn table(&self, module: &Module<'_>, endpoint: &Endpoint) -> String {
        let args = arguments(self.item, endpoint);
        let mut types: Vec<Code> = vec![args.as_str().into()];
        let mut options: Vec<Code> = vec![
            text(&self.interface.namespace).into(),
            text(&endpoint.wire).into(),
            keyword("arguments", args.as_str()),
        ];
        let is_nil = |ty: &Type| matches!(ty, Type::Scalar(scipp_idl::schema::Scalar::Nil));
        let kind = match endpoint.kind {
            EndpointKind::Fn => {
                types.push(module.ty(&endpoint.returns));
                "Fn"
            }
            EndpointKind::Gen => {
                types.push(yields(module, endpoint));
                "Gen"
            }
            EndpointKind::Context => {
                types.extend(dialog_types(module, endpoint));
                types.push(module.ty(&endpoint.returns));
                "Context"
            }
        };
        let phases = [
            ("started", Some(&endpoint.started)),
            ("accepts", endpoint.accepts.as_ref()),
            ("yields", endpoint.yields.as_ref()),
            ("returns", Some(&endpoint.returns)),
        ];
        for (name, ty) in phases {
            let silent = matches!(name, "started" | "returns");
            if let Some(ty) = ty.filter(|ty| !(silent && is_nil(ty))) {
                options.push(keyword(name, module.ty(ty)));
            }
        }
        if !endpoint.raises.is_empty() {
            let raises = endpoint.raises.iter();
            let raises = raises.map(|it| Code::Text(module.item(it, &names::class(&it.name))));
            let raises = Code::Bracket {
                open: "[".to_owned(),
                items: raises.collect(),
                close: "]",
                comma: true,
            };
            options.push(keyword("raises", raises));
        }
        if let Some(milliseconds) = endpoint.options.deadline_ms {
            let (seconds, rest) = (milliseconds / 1_000, milliseconds % 1_000);
            let text = match rest {
                0 => seconds.to_string(),
                _ => format!("{seconds}.{rest:03}")
                    .trim_end_matches('0')
                    .to_owned(),
            };
            options.push(keyword("deadline", text));
        }
        let make = subscript(&module.support(kind), types);
        let name = format!("{} = ", table(self.item, endpoint));
        let code = Code::Row(vec![name.into(), make, call("", options)]);
        format!("{}\n", code.statement(0))
    }

    fn expose(&self, module: &Module<'_>) -> String {
        let namespace = &self.interface.namespace;
        let class = names::class(&self.item.name);
        let params = vec![format!("handler: {class}").into()];
        let head = def(
            &format!("def {}", expose(&self.item.name)),
            params,
            module.builtin("str").into(),
        );
        let doc = format!(
            "Lets the handler answer calls of `{namespace}` in this process.\n\nReturns that name, for `enable_modules` of tractor."
        );
        let pairs = self.endpoints.iter().map(|endpoint| {
            let method = format!("handler.{}", module.member(&endpoint.name));
            call("", vec![table(self.item, endpoint).into(), method.into()])
        });
        let pairs = Code::Bracket {
            open: "[".to_owned(),
            items: pairs.collect(),
            close: "]",
            comma: true,
        };
        let body = call(
            &format!("return {}", module.support("expose")),
            vec![text(namespace).into(), pairs],
        );
        format!(
            "{}\n{}{}\n",
            head.statement(0),
            docstring(&doc, 1),
            body.statement(1)
        )
    }
}

fn manager(module: &Module<'_>, of: Code) -> Code {
    subscript(
        &module.name_of("contextlib", "AbstractAsyncContextManager"),
        vec![of],
    )
}

fn yields(module: &Module<'_>, endpoint: &Endpoint) -> Code {
    stream(module, endpoint.yields.as_ref())
}

/// First value, caller to callee, callee to caller.
fn dialog_types(module: &Module<'_>, endpoint: &Endpoint) -> Vec<Code> {
    vec![
        module.ty(&endpoint.started),
        stream(module, endpoint.accepts.as_ref()),
        stream(module, endpoint.yields.as_ref()),
    ]
}

fn stream(module: &Module<'_>, ty: Option<&Type>) -> Code {
    match ty {
        Some(ty) => module.ty(ty),
        None => module.name_of("typing", "Never").into(),
    }
}
