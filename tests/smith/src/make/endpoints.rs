//! Interfaces and their endpoints.

use super::Maker;
use super::shapes::Shape;
use crate::tree::*;

impl Maker<'_, '_, '_> {
    pub(super) fn interface(&mut self, options: &mut Vec<Opt>) -> Interface {
        options.extend(self.endpoint_options(true));
        if self.choices.one_in(6) {
            self.count += 1;
            options.push(Opt::Ns(format!("outside.n{}", self.count)));
        }
        if !self.stock && self.choices.one_in(2) {
            options.push(Opt::Peers);
        }
        let mut extends = Vec::new();
        while extends.len() < 2 && self.choices.one_in(4) {
            let names = self.named(|kind| matches!(kind, Kind::Interface(_)));
            let name = self.choices.of(&names).cloned();
            extends.extend(name.filter(|it| !extends.contains(it)));
            if names.is_empty() {
                break;
            }
        }
        let count = self.choices.between(0, self.size.endpoints);
        let endpoints = (0..count).map(|_| self.endpoint()).collect();
        Interface { extends, endpoints }
    }

    fn endpoint(&mut self) -> Endpoint {
        let kind = match self.choices.below(4) {
            0 => {
                let returns = (!self.choices.one_in(4)).then(|| self.ty(self.size.depth));
                EndpointKind::Fn { returns }
            }
            1 => EndpointKind::Gen {
                yields: self.ty(self.size.depth),
            },
            _ => self.context(),
        };
        let streams = !matches!(kind, EndpointKind::Fn { .. });
        let mut options = self.endpoint_options(streams);
        let name = self.word();
        if self.choices.one_in(8) {
            self.count += 1;
            options.push(Opt::Name(format!("old_{}", self.count)));
        }
        options.extend(self.common());
        let mut params = Vec::new();
        if !self.choices.one_in(3) {
            self.fields(&mut params, &mut Vec::new(), false, &[]);
        }
        Endpoint {
            docs: self.docs(),
            options,
            name,
            params,
            kind,
            raises: self.raises(),
        }
    }

    fn context(&mut self) -> EndpointKind {
        let mut clauses = if self.stock {
            self.stock_clauses()
        } else {
            self.free_clauses()
        }
        .into_iter();
        let mut next = || clauses.next().flatten();
        EndpointKind::Context {
            started: next(),
            accepts: next(),
            yields: next(),
            returns: next(),
        }
    }

    fn free_clauses(&mut self) -> Vec<Option<Type>> {
        let mut clause = || (!self.choices.one_in(3)).then(|| self.ty(self.size.depth));
        (0..4).map(|_| clause()).collect()
    }

    /// Messages only, of one tag key and each at one place: their union can be told apart by msgspec.
    fn stock_clauses(&mut self) -> Vec<Option<Type>> {
        let names =
            self.named(|kind| matches!(kind, Kind::Message(record) if record.params.is_empty()));
        let mut messages: Vec<Type> = names
            .into_iter()
            .map(|it| Type::Named(it, Vec::new()))
            .filter(|it| {
                let shapes = self.shapes(it);
                matches!(shapes.as_slice(), [Shape::Tagged(key, _)] if key == "type")
            })
            .collect();
        self.choices.shuffle(&mut messages);
        let mut clause = || {
            let count = self.choices.below(3);
            let mut members: Vec<Type> = Vec::new();
            members.extend((0..count).filter_map(|_| messages.pop()));
            match members.len() {
                0 => None,
                1 => members.pop(),
                _ => Some(Type::Union(members)),
            }
        };
        (0..4).map(|_| clause()).collect()
    }

    /// Errors, each once; one alias at most, since it may stand for several.
    fn raises(&mut self) -> Vec<Name> {
        let mut errors = self.named(|kind| matches!(kind, Kind::Error(_)));
        self.choices.shuffle(&mut errors);
        errors.truncate(self.choices.below(4));
        let aliases = self.named(|kind| matches!(kind, Kind::Alias(Type::Union(_))));
        let fit = |alias: &Name| {
            match self.kind(alias) {
            Some(Kind::Alias(Type::Union(members))) => members.iter().all(
                |it| matches!(it, Type::Named(name, _) if self.is_plain_record(name) && !errors.contains(name)),
            ),
            _ => false,
        }
        };
        let aliases: Vec<Name> = aliases.into_iter().filter(fit).collect();
        if self.choices.one_in(2) {
            errors.extend(self.choices.of(&aliases).cloned());
        }
        errors
    }

    pub(super) fn endpoint_options(&mut self, streams: bool) -> Vec<Opt> {
        let mut options = Vec::new();
        if self.choices.one_in(6) {
            let time = self.choices.of(&["30s", "1ms", "365d", "1h30m"]).copied();
            options.push(Opt::Deadline(time.unwrap_or("1s").to_owned()));
        }
        if self.choices.one_in(6) {
            options.push(Opt::Cancel(match self.choices.below(3) {
                0 => Cancel::Now,
                1 => Cancel::Grace("2s".to_owned()),
                _ => Cancel::Never("1m".to_owned()),
            }));
        }
        if self.choices.one_in(8) {
            options.push(Opt::Idempotent);
        }
        if streams && self.choices.one_in(8) {
            let bound = self.bound_const(1).filter(|_| self.choices.one_in(2));
            options.push(Opt::Window(bound.unwrap_or(Bound::Int(64))));
        }
        if streams && self.choices.one_in(8) {
            let way = self.choices.of(&["wait", "error", "drop_oldest"]).copied();
            options.push(Opt::Overrun(way.unwrap_or("wait")));
        }
        options
    }
}
