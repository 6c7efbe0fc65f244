//! Interfaces: endpoints, their clauses, and what is taken over by `extends`.

use super::options::{Given, Target};
use super::{Checker, EndpointTypes};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::graph;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::schema::{self, EndpointKind, ItemName, Options, Record, Scalar, Type};
use crate::source::Span;
use crate::syntax::{self, ClauseKind, Endpoint, Item, ItemKind};
use std::collections::{BTreeMap, HashMap};

/// What is known about all interfaces before each is lowered.
#[derive(Debug, Default)]
pub(super) struct Inherited {
    /// By interface: what it extends.
    extends: HashMap<ItemId, Vec<ItemId>>,
}

/// Where an endpoint is declared: interface and place in it.
type Origin = (ItemId, usize);

impl<'s> Checker<'_, 's> {
    /// Resolves `extends`, and checks that no interface has two endpoints of one name, those taken over included.
    pub(super) fn inherit(&mut self) -> Inherited {
        let count = self.names.items.len();
        let mut extends: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
        let mut edges = vec![Vec::new(); count];
        for id in 0..count {
            let Some(ItemKind::Interface(interface)) = self.syntax(id).map(|item| &item.kind)
            else {
                continue;
            };
            let mut targets = Vec::new();
            for path in &interface.extends {
                if let Some(target) = self.extended(id, *path) {
                    targets.push(target);
                }
            }
            if let Some(list) = edges.get_mut(id) {
                list.clone_from(&targets);
            }
            extends.insert(id, targets);
        }
        let component = graph::components(&edges);
        self.report_extends_circles(&edges, &component);
        // Components are numbered from the bottom: what an interface extends comes before it.
        let mut order: Vec<ItemId> = extends.keys().copied().collect();
        order.sort_unstable_by_key(|id| (component.get(*id).copied(), *id));
        let mut endpoints: HashMap<ItemId, BTreeMap<&'s str, Origin>> = HashMap::new();
        let mut addresses: HashMap<(String, String), Origin> = HashMap::new();
        for id in order {
            let all = self.collect(id, &extends, &endpoints);
            self.check_addresses(id, &all, &mut addresses);
            endpoints.insert(id, all);
        }
        Inherited { extends }
    }

    fn extended(&mut self, id: ItemId, path: syntax::Path<'s>) -> Option<ItemId> {
        let target = match self.names.item(self.file(id), path) {
            Ok(target) => target?,
            Err(unknown) => {
                let diagnostic = self.names.explain(&unknown, self.diagnostics);
                self.diagnostics.push(diagnostic);
                return None;
            }
        };
        let item = self.syntax(target)?;
        match item.kind {
            ItemKind::Interface(_) => Some(target),
            ItemKind::Broken => None,
            _ => {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::EXTENDS_NO_INTERFACE,
                        format!("`{}` is not an interface", path.text),
                    )
                    .at(path.span, "an interface was expected here")
                    .with(item.name.span, "declared here"),
                );
                None
            }
        }
    }

    fn report_extends_circles(&mut self, edges: &[Vec<usize>], component: &[usize]) {
        let mut reported = Vec::new();
        for (id, targets) in edges.iter().enumerate() {
            let of = component.get(id);
            let closes = targets.iter().any(|target| component.get(*target) == of);
            if !closes || reported.contains(&of) {
                continue;
            }
            reported.push(of);
            // Walk inside of the component until an interface comes again.
            let mut path = vec![id];
            let mut names = vec![self.name(id)];
            let mut at = id;
            for _ in 0..edges.len() {
                let next = edges
                    .get(at)
                    .into_iter()
                    .flatten()
                    .find(|it| component.get(**it) == of);
                let Some(next) = next.copied() else { break };
                names.push(self.name(next));
                if path.contains(&next) {
                    break;
                }
                path.push(next);
                at = next;
            }
            let Some(item) = self.syntax(id) else {
                continue;
            };
            let shown = super::aliases::shorten(&names);
            self.diagnostics.push(
                Diagnostic::new(
                    code::EXTENDS_CIRCLE,
                    format!("interfaces extend each other in a circle: {shown}"),
                )
                .at(item.name.span, "extends itself"),
            );
        }
    }

    /// The endpoints of an interface by their names, those taken over first.
    fn collect(
        &mut self,
        id: ItemId,
        extends: &HashMap<ItemId, Vec<ItemId>>,
        known: &HashMap<ItemId, BTreeMap<&'s str, Origin>>,
    ) -> BTreeMap<&'s str, Origin> {
        let mut all: BTreeMap<&'s str, Origin> = BTreeMap::new();
        let Some(item) = self.syntax(id) else {
            return all;
        };
        let ItemKind::Interface(interface) = &item.kind else {
            return all;
        };
        for (at, base) in extends.get(&id).into_iter().flatten().enumerate() {
            let Some(inherited) = known.get(base) else {
                continue;
            };
            if !self.expand(inherited.len(), item.name.span) {
                break;
            }
            for (name, origin) in inherited {
                let other = *all.entry(name).or_insert(*origin);
                if other != *origin {
                    let span = interface
                        .extends
                        .get(at)
                        .map_or(item.name.span, |path| path.span);
                    let (a, b) = (self.name(other.0), self.name(origin.0));
                    self.diagnostics.push(
                        Diagnostic::new(
                            code::DUPLICATE_ENDPOINT,
                            format!(
                                "`{}` has two endpoints `{name}`, from `{a}` and from `{b}`",
                                item.name.text
                            ),
                        )
                        .at(span, format!("brings `{name}` again"))
                        .with(self.endpoint_span(other), "one of them")
                        .with(self.endpoint_span(*origin), "the other"),
                    );
                }
            }
        }
        for (at, endpoint) in interface.endpoints.iter().enumerate() {
            let name = endpoint.name;
            if let Some(first) = all.insert(name.text, (id, at)) {
                let inherited = first.0 != id;
                let origin = self.name(first.0);
                self.diagnostics.push(
                    Diagnostic::new(
                        code::DUPLICATE_ENDPOINT,
                        format!("`{}` has two endpoints `{}`", item.name.text, name.text),
                    )
                    .at(name.span, "the second one")
                    .with(
                        self.endpoint_span(first),
                        if inherited {
                            format!("taken over from `{origin}`")
                        } else {
                            "the first one".into()
                        },
                    ),
                );
            }
        }
        all
    }

    fn endpoint_span(&self, (id, at): Origin) -> Span {
        let Some(item) = self.syntax(id) else {
            return Span::default();
        };
        match &item.kind {
            ItemKind::Interface(interface) => interface
                .endpoints
                .get(at)
                .map_or(item.name.span, |endpoint| endpoint.name.span),
            _ => item.name.span,
        }
    }

    /// No two endpoints of a run may have one namespace and name on the wire.
    fn check_addresses(
        &mut self,
        id: ItemId,
        endpoints: &BTreeMap<&'s str, Origin>,
        addresses: &mut HashMap<(String, String), Origin>,
    ) {
        let namespace = self.namespace(id, None);
        for origin in endpoints.values() {
            let Some(ItemKind::Interface(interface)) = self.syntax(origin.0).map(|item| &item.kind)
            else {
                continue;
            };
            let Some(endpoint) = interface.endpoints.get(origin.1) else {
                continue;
            };
            let wire = text_option(&endpoint.options, "name").unwrap_or(endpoint.name.text);
            let address = (namespace.clone(), wire.to_owned());
            if let Some(other) = addresses.insert(address, *origin)
                && other != *origin
            {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::DUPLICATE_ADDRESS,
                        format!("two endpoints have the address `{namespace}:{wire}` on the wire"),
                    )
                    .at(endpoint.name.span, "the second one")
                    .with(self.endpoint_span(other), "the first one")
                    .help("give one of them another with `@name`, or its interface with `@ns`"),
                );
            }
        }
    }

    /// The namespace on the wire.
    fn namespace(&self, id: ItemId, given: Option<&str>) -> String {
        let from_option = || {
            let item = self.syntax(id)?;
            text_option(&item.options, "ns")
        };
        match given.or_else(from_option) {
            Some(namespace) => namespace.to_owned(),
            None => format!(
                "{}.{}",
                self.package(id),
                super::names::snake(self.name(id))
            ),
        }
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "what an interface has, each of another kind"
    )]
    pub(super) fn interface(
        &mut self,
        id: ItemId,
        item: &Item<'s>,
        interface: &syntax::Interface<'s>,
        types: &[EndpointTypes],
        given: &Given,
        package: &Options,
        inherited: &Inherited,
    ) -> schema::Interface {
        let defaults = inherit_options(&given.endpoint, package);
        let mut endpoints = Vec::with_capacity(interface.endpoints.len());
        for (at, (endpoint, types)) in interface.endpoints.iter().zip(types).enumerate() {
            let endpoint = self.endpoint(id, endpoint, types, &defaults);
            if !endpoint.options.peers_scipp_only {
                self.stock_endpoints.push((id, at));
            }
            endpoints.push(endpoint);
        }
        let mut extends: Vec<ItemName> = Vec::new();
        for base in inherited.extends.get(&id).into_iter().flatten() {
            let name = self.item_name(*base);
            if extends.contains(&name) {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::DUPLICATE_ENTRY,
                        format!("`{}` is extended twice", name.name),
                    )
                    .at(item.name.span, "in this interface"),
                );
                continue;
            }
            extends.push(name);
        }
        schema::Interface {
            namespace: self.namespace(id, given.namespace.as_deref()),
            extends,
            endpoints,
            options: given.endpoint.clone(),
            fingerprint: String::new(),
        }
    }

    fn endpoint(
        &mut self,
        id: ItemId,
        endpoint: &Endpoint<'s>,
        types: &EndpointTypes,
        defaults: &Options,
    ) -> schema::Endpoint {
        let file = self.file(id);
        let target = match endpoint.kind {
            EndpointKind::Fn => Target::Fn,
            EndpointKind::Gen => Target::Gen,
            EndpointKind::Context => Target::Context,
        };
        let given = self.options(file, &endpoint.options, target);
        let fields = self.fields(
            file,
            &endpoint.params,
            &types.params,
            &[],
            Target::Parameter,
            false,
        );
        let nil = || Type::Scalar(Scalar::Nil);
        let mut lowered = schema::Endpoint {
            name: endpoint.name.text.to_owned(),
            wire: given.name.unwrap_or_else(|| endpoint.name.text.to_owned()),
            doc: endpoint.doc.clone(),
            kind: endpoint.kind,
            args: Record {
                fields,
                ..Record::default()
            },
            started: nil(),
            accepts: None,
            yields: None,
            returns: nil(),
            raises: Vec::new(),
            examples: Vec::new(),
            options: inherit_options(&given.endpoint, defaults),
            since: given.since,
            deprecated: given.deprecated,
            extensions: given.extensions,
            fingerprint: String::new(),
            span: endpoint.name.span,
        };
        let mut seen: Vec<(ClauseKind, Span)> = Vec::new();
        for (clause, ty) in endpoint.clauses.iter().zip(&types.clauses) {
            if let Some((_, first)) = seen.iter().find(|(kind, _)| *kind == clause.kind) {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::DUPLICATE_CLAUSE,
                        format!("endpoint `{}` has a clause twice", endpoint.name.text),
                    )
                    .at(clause.word, "the second time")
                    .with(*first, "the first time")
                    .help("write `A | B` for one of several types"),
                );
                continue;
            }
            seen.push((clause.kind, clause.word));
            match clause.kind {
                ClauseKind::Started => lowered.started = self.lower(ty, &[]),
                ClauseKind::Accepts => lowered.accepts = Some(self.lower(ty, &[])),
                ClauseKind::Yields => lowered.yields = Some(self.lower(ty, &[])),
                ClauseKind::Returns => lowered.returns = self.lower(ty, &[]),
                ClauseKind::Raises => lowered.raises = self.raises(ty),
            }
        }
        lowered.examples = self.examples(id, endpoint, types);
        lowered
    }

    /// The declared errors of `A | B`, aliases followed.
    fn raises(&mut self, ty: &Ty) -> Vec<ItemName> {
        let mut errors: Vec<(ItemId, Span)> = Vec::new();
        let mut work = vec![(ty.clone(), ty.span)];
        while let Some((ty, span)) = work.pop() {
            match &ty.kind {
                TyKind::Union(members) => {
                    let inline = span == ty.span;
                    let nested = |it: &Ty| (it.clone(), if inline { it.span } else { span });
                    work.extend(members.iter().rev().map(nested));
                }
                TyKind::Broken => {}
                TyKind::Item(id, _) => match self.syntax(*id).map(|item| &item.kind) {
                    Some(ItemKind::Error(_)) => self.add_error(*id, span, &mut errors),
                    Some(ItemKind::Alias(_)) => {
                        let target = self.unaliased(&ty).clone();
                        let circular =
                            matches!(target.kind, TyKind::Item(other, _) if other == *id);
                        if !circular {
                            work.push((target, span));
                        }
                    }
                    _ => self.no_error(&ty, span),
                },
                _ => self.no_error(&ty, span),
            }
        }
        errors
            .into_iter()
            .map(|(id, _)| self.item_name(id))
            .collect()
    }

    fn add_error(&mut self, id: ItemId, span: Span, errors: &mut Vec<(ItemId, Span)>) {
        let name = self.name(id);
        let same = errors
            .iter()
            .find(|(other, _)| *other == id || self.name(*other) == name);
        match same {
            Some((other, first)) if *other == id => self.diagnostics.push(
                Diagnostic::new(
                    code::REPEATED_UNION_MEMBER,
                    format!("the error `{name}` is raised twice"),
                )
                .at(span, "the second time")
                .with(*first, "the first time"),
            ),
            Some((_, first)) => self.diagnostics.push(
                Diagnostic::new(
                    code::INDISTINCT_MEMBERS,
                    format!("two errors are called `{name}`"),
                )
                .at(span, "the second one")
                .with(*first, "the first one")
                .note("an error goes by its name on the wire, without its package"),
            ),
            None => errors.push((id, span)),
        }
    }

    fn no_error(&mut self, ty: &Ty, span: Span) {
        let spelled = self.spell(ty);
        let mut diagnostic = Diagnostic::new(
            code::RAISES_NO_ERROR,
            format!("`{spelled}` is not an error"),
        )
        .at(span, "only an `error` can be raised");
        if let TyKind::Item(id, _) = ty.kind
            && let Some(item) = self.syntax(id)
        {
            diagnostic = diagnostic.with(item.name.span, "declared here");
            if matches!(item.kind, ItemKind::Struct(_) | ItemKind::Message(_)) {
                diagnostic = diagnostic.help(format!(
                    "declare it as `error {} {{ ... }}`",
                    item.name.text
                ));
            }
        }
        self.diagnostics.push(diagnostic);
    }
}

/// The options of the inner one, with those of the outer one where it says nothing.
fn inherit_options(inner: &Options, outer: &Options) -> Options {
    Options {
        deadline_ms: inner.deadline_ms.or(outer.deadline_ms),
        cancel: inner.cancel.or(outer.cancel),
        window: inner.window.or(outer.window),
        overrun: inner.overrun.or(outer.overrun),
        idempotent: inner.idempotent || outer.idempotent,
        peers_scipp_only: inner.peers_scipp_only || outer.peers_scipp_only,
    }
}

/// The string that an option has; what is wrong with it is reported where it is read.
fn text_option<'o>(options: &'o [syntax::Opt<'_>], name: &str) -> Option<&'o str> {
    let option = options.iter().find(|option| option.name.text == name)?;
    match &option.arguments.first()?.kind {
        syntax::ArgumentKind::Value(syntax::Value {
            kind: syntax::ValueKind::Str(text),
            ..
        }) => Some(text),
        _ => None,
    }
}
