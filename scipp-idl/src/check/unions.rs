//! Unions: flattened, and their members told apart by what is on the wire.
//!
//! A reader looks at the first byte of a value and, for a map, at its tag. So the members of a union may be any
//! messages with one tag key and different tags, and at most one of each other shape.

use super::Checker;
use super::shapes::{Shape, has_wire_key};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::schema::Scalar;
use crate::source::Span;
use crate::syntax::{Item, ItemKind};
use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

/// What came out of flattening.
#[derive(Debug, Default)]
pub(super) struct Flat {
    pub(super) members: Vec<Ty>,
    /// A member was optional.
    pub(super) optional: bool,
    /// What went in was reported already.
    pub(super) reported: bool,
}

impl<'s> Checker<'_, 's> {
    /// Works out all aliases, unions and newtypes, each after those it is made of.
    pub(super) fn flatten_unions(&mut self) {
        for id in std::mem::take(&mut self.order) {
            let Some(item) = self.syntax(id) else {
                continue;
            };
            let types = self.types.get(id).cloned();
            let Some(super::ItemTypes::One(ty)) = types.as_deref() else {
                continue;
            };
            let circular = self.facts.get(id).is_none_or(|facts| facts.circular);
            if circular {
                continue;
            }
            self.find_ends(id, ty, &item.kind);
            match item.kind {
                ItemKind::Union { open, .. } => {
                    let mut flat = self.flatten(ty, open);
                    if flat.optional {
                        // The name stands for nil as well.
                        flat.members.push(Ty {
                            kind: TyKind::Scalar(Scalar::Nil),
                            span: ty.span,
                        });
                    }
                    let distinct = flat.reported || self.tell_apart(&flat.members, ty.span);
                    if open && distinct {
                        self.require_message(&flat.members, item);
                    }
                    let nullable = flat.members.iter().any(|member| self.nullable(member));
                    self.know(id, nullable, Some(flat.members), !distinct || flat.reported);
                }
                ItemKind::Alias(_) => {
                    let is_union = match &self.unaliased(ty).kind {
                        TyKind::Union(_) => true,
                        TyKind::Optional(inner) => {
                            matches!(self.unaliased(inner).kind, TyKind::Union(_))
                        }
                        _ => false,
                    };
                    if is_union {
                        let flat = self.flatten(ty, false);
                        if self.is_for_raises(id, &flat, ty.span) {
                            continue;
                        }
                        let written_here = !matches!(ty.kind, TyKind::Item(..));
                        let distinct = flat.reported
                            || !written_here
                            || self.tell_apart(&flat.members, ty.span);
                        let nullable = flat.optional
                            || flat.members.iter().any(|member| self.nullable(member));
                        self.know(id, nullable, Some(flat.members), !distinct || flat.reported);
                    } else {
                        let nullable = self.nullable(ty);
                        self.know(id, nullable, None, false);
                    }
                }
                ItemKind::Newtype(_) => {
                    let nullable = self.nullable(ty);
                    self.know(id, nullable, None, false);
                }
                _ => continue,
            }
            // Found once here, so that no chain of names is walked again.
            let mut shapes = self.item_shapes(id);
            if !self.expand(shapes.len() / 4, ty.span) {
                shapes.clear();
            }
            if let Some(facts) = self.facts.get_mut(id) {
                facts.shapes = Some(Rc::from(shapes));
            }
        }
    }

    fn find_ends(&mut self, id: ItemId, ty: &Ty, kind: &ItemKind<'_>) {
        let next = match &ty.kind {
            TyKind::Item(next, _) => self.facts.get(*next),
            _ => None,
        };
        let alias_end = next.and_then(|next| next.alias_end).unwrap_or(id);
        let bare_end = next.and_then(|next| next.bare_end).unwrap_or(id);
        let Some(facts) = self.facts.get_mut(id) else {
            return;
        };
        match kind {
            ItemKind::Alias(_) => {
                facts.alias_end = Some(alias_end);
                facts.bare_end = Some(bare_end);
            }
            ItemKind::Newtype(_) => facts.bare_end = Some(bare_end),
            _ => {}
        }
    }

    fn know(&mut self, id: ItemId, nullable: bool, members: Option<Vec<Ty>>, indistinct: bool) {
        if let Some(facts) = self.facts.get_mut(id) {
            facts.nullable = nullable;
            facts.members = members.map(Rc::from);
            facts.indistinct = indistinct;
        }
    }

    /// Whether nil is a value of the type.
    pub(super) fn nullable(&self, ty: &Ty) -> bool {
        match &ty.kind {
            TyKind::Optional(_) | TyKind::Scalar(Scalar::Nil) => true,
            TyKind::Union(members) => members.iter().any(|member| self.nullable(member)),
            TyKind::Item(id, _) => self.facts.get(*id).is_some_and(|facts| facts.nullable),
            _ => false,
        }
    }

    /// The members of a union, with those of the unions in it in their place.
    pub(super) fn flatten(&mut self, ty: &Ty, open: bool) -> Flat {
        let mut flat = Flat::default();
        self.flatten_into(ty, ty.span, open, &mut flat);
        if flat.reported {
            self.indistinct.insert(ty.span);
        }
        flat
    }

    fn flatten_into(&mut self, ty: &Ty, span: Span, open: bool, flat: &mut Flat) {
        match &ty.kind {
            TyKind::Union(members) => {
                for member in members {
                    self.flatten_into(member, member.span, open, flat);
                }
            }
            TyKind::Optional(inner) => {
                flat.optional = true;
                self.flatten_into(inner, span, open, flat);
            }
            TyKind::Broken => flat.reported = true,
            TyKind::Param(_) => {
                let help = "make the union a parameter";
                self.bad_member("a type parameter", span, help, flat);
            }
            // By another name, too.
            _ if matches!(self.bare(ty).kind, TyKind::Scalar(Scalar::Any)) => {
                let spelled = format!("`{}`", self.spell(ty));
                self.bad_member(&spelled, span, "`any` alone holds every value", flat);
            }
            TyKind::Item(id, _) => self.flatten_item(*id, ty, span, open, flat),
            _ => flat.members.push(Ty {
                kind: ty.kind.clone(),
                span,
            }),
        }
    }

    fn bad_member(&mut self, what: &str, span: Span, help: &str, flat: &mut Flat) {
        flat.reported = true;
        self.diagnostics.push(
            Diagnostic::new(
                code::BAD_UNION_MEMBER,
                format!("{what} cannot be a member of a union"),
            )
            .at(span, "it cannot be told apart from the other members")
            .help(help),
        );
    }

    fn flatten_item(&mut self, id: ItemId, ty: &Ty, span: Span, open: bool, flat: &mut Flat) {
        let facts = self.facts.get(id).cloned().unwrap_or_default();
        if facts.circular {
            flat.reported = true;
            return;
        }
        let kind = self.syntax(id).map(|item| &item.kind);
        match kind {
            Some(ItemKind::Union { open: true, .. }) if !open => {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::OPEN_IN_CLOSED,
                        format!(
                            "the open union `{}` is a member of a closed one",
                            self.name(id)
                        ),
                    )
                    .at(span, "its unknown members have no place here")
                    .help("use it alone, or make the outer one an `open union` with a name"),
                );
                flat.reported = true;
            }
            Some(ItemKind::Union { .. } | ItemKind::Alias(_)) if facts.members.is_some() => {
                let members = facts.members.unwrap_or_default();
                flat.reported |= facts.indistinct;
                // An alias of `(A | B)?` has no member for its nil; one of `A | nil` has.
                let has_nil = members.iter().any(|member| self.nullable(member));
                flat.optional |=
                    facts.nullable && !has_nil && matches!(kind, Some(ItemKind::Alias(_)));
                if self.expand(members.len(), span) {
                    let copies = members.iter().map(|it| Ty {
                        kind: it.kind.clone(),
                        span,
                    });
                    flat.members.extend(copies);
                } else {
                    flat.reported = true;
                }
            }
            Some(ItemKind::Alias(_)) => {
                let target = self.unaliased(ty).clone();
                match &target.kind {
                    TyKind::Optional(inner) => {
                        flat.optional = true;
                        self.flatten_into(inner, span, open, flat);
                    }
                    TyKind::Union(_) | TyKind::Broken => flat.reported = true,
                    TyKind::Item(other, _)
                        if self
                            .facts
                            .get(*other)
                            .is_some_and(|it| it.members.is_some()) =>
                    {
                        self.flatten_item(*other, &target, span, open, flat);
                    }
                    _ => flat.members.push(Ty {
                        kind: ty.kind.clone(),
                        span,
                    }),
                }
            }
            _ => flat.members.push(Ty {
                kind: ty.kind.clone(),
                span,
            }),
        }
    }

    /// Counts what unions and interfaces repeat; `false` with a diagnostic beyond the limit.
    pub(super) fn expand(&mut self, count: usize, span: Span) -> bool {
        let before = self.expanded;
        self.expanded = before.saturating_add(count);
        if self.expanded <= limits::EXPANSION_MAX {
            return true;
        }
        if before <= limits::EXPANSION_MAX {
            let message = format!(
                "unions in unions, interfaces in interfaces and newtypes of newtypes come to more than {} members",
                limits::EXPANSION_MAX
            );
            self.diagnostics.push(
                Diagnostic::new(code::TOO_MANY_DEFINITIONS, message)
                    .at(span, "this one and those after it are not checked")
                    .help("check the schema in parts"),
            );
        }
        false
    }

    /// Reports the first two members that a reader could not tell apart; `true` if there are none.
    pub(super) fn tell_apart(&mut self, members: &[Ty], whole: Span) -> bool {
        let distinct = self.are_distinct(members, whole);
        if !distinct {
            self.indistinct.insert(whole);
        }
        distinct
    }

    fn are_distinct(&mut self, members: &[Ty], whole: Span) -> bool {
        let mut seen: HashMap<Shape<'s>, usize> = HashMap::with_capacity(members.len());
        let mut tag_key: Option<(Cow<'s, str>, usize)> = None;
        for (at, member) in members.iter().enumerate() {
            for (shape, key) in self.shapes(member) {
                if let Some(other) = seen.get(&shape).copied() {
                    if other != at {
                        self.clash(members, other, at, &shape, whole);
                        return false;
                    }
                    continue;
                }
                if let Some(key) = key {
                    match &tag_key {
                        Some((first, other)) if *first != key => {
                            self.tag_keys_differ(members, *other, at, (first, &key), whole);
                            return false;
                        }
                        Some(_) => {}
                        None => tag_key = Some((key, at)),
                    }
                }
                seen.insert(shape, at);
            }
        }
        self.tags_in_untagged(members, tag_key, &seen, whole)
    }

    /// An untagged map beside messages must not look like one of them; an untagged array likewise.
    fn tags_in_untagged(
        &mut self,
        members: &[Ty],
        tag_key: Option<(Cow<'s, str>, usize)>,
        seen: &HashMap<Shape<'s>, usize>,
        whole: Span,
    ) -> bool {
        let tagged_array = seen
            .iter()
            .filter(|(shape, _)| matches!(shape, Shape::TaggedArray(_)));
        let tagged_array = tagged_array.map(|(_, at)| *at).min();
        if let (Some(first), Some(second)) = (tagged_array, seen.get(&Shape::Array)) {
            self.clash(
                members,
                first.min(*second),
                first.max(*second),
                &Shape::Array,
                whole,
            );
            return false;
        }
        let (Some((key, first)), Some(second)) = (tag_key, seen.get(&Shape::Map)) else {
            return true;
        };
        let Some(member) = members.get(*second) else {
            return true;
        };
        let may_have_key = match &self.bare(member).kind {
            TyKind::Map(map_key, _) => self
                .shapes(map_key)
                .iter()
                .any(|(shape, _)| *shape == Shape::Str),
            TyKind::Item(id, _) => self
                .syntax(*id)
                .is_some_and(|item| has_wire_key(item, &key)),
            _ => false,
        };
        if may_have_key && let Some(message) = members.get(first) {
            let (untagged, tagged) = (self.spell(member), self.spell(message));
            let message = message.span;
            self.diagnostics.push(
                Diagnostic::new(
                    code::INDISTINCT_MEMBERS,
                    format!("`{tagged}` and `{untagged}` cannot be told apart in a union"),
                )
                .at(
                    member.span,
                    format!("`{untagged}` may have the key \"{key}\" as well"),
                )
                .with(
                    message,
                    format!("`{tagged}` has its tag at the key \"{key}\""),
                )
                .help("put the map into a `message`"),
            );
        }
        !may_have_key
    }

    fn clash(
        &mut self,
        members: &[Ty],
        first: usize,
        second: usize,
        shape: &Shape<'_>,
        whole: Span,
    ) {
        let (Some(a), Some(b)) = (members.get(first), members.get(second)) else {
            return;
        };
        let (first, second) = (self.spell(a), self.spell(b));
        let same = first == second;
        let (code, message) = if same {
            (
                code::REPEATED_UNION_MEMBER,
                format!("`{first}` is a member of this union twice"),
            )
        } else {
            let message = format!("`{first}` and `{second}` cannot be told apart in a union");
            (code::INDISTINCT_MEMBERS, message)
        };
        let mut diagnostic = Diagnostic::new(code, message);
        diagnostic = if a.span == b.span {
            diagnostic.at(a.span, format!("both come from here: {}", shape.words()))
        } else {
            let words = shape.words();
            let text = if same {
                "the second time".into()
            } else {
                format!("`{second}` is {words}")
            };
            let other = if same {
                "the first time".into()
            } else {
                format!("`{first}` is {words}")
            };
            diagnostic.at(b.span, text).with(a.span, other)
        };
        if a.span != whole && b.span != whole && !same {
            diagnostic = diagnostic
                .note("a reader sees only the kind of the value, and for a message its tag");
        }
        let read_as = |ty: &Ty| match (&self.bare(ty).kind, shape) {
            (TyKind::Scalar(Scalar::Timestamp), Shape::Str) => {
                Some("a `timestamp` is read from text, too")
            }
            (TyKind::Scalar(Scalar::Uuid), Shape::Bin) => {
                Some("a `uuid` is read from 16 bytes, too")
            }
            _ => None,
        };
        if let Some(note) = read_as(a).or(read_as(b)) {
            diagnostic = diagnostic.note(note);
        }
        if !same {
            diagnostic = diagnostic.help(match shape {
                Shape::Tagged(_) | Shape::TaggedArray(_) => {
                    "give one of them another tag: `@tag(\"type\", \"other\")`"
                }
                _ => "make each of them a `message`, or put one into a `message`",
            });
            if self.are_errors(members) {
                diagnostic = diagnostic.help(
                    "for use after `raises`, several errors are an alias: `alias Failures = A | B;`",
                );
            }
        }
        self.diagnostics.push(diagnostic);
    }

    fn tag_keys_differ(
        &mut self,
        members: &[Ty],
        first: usize,
        second: usize,
        keys: (&str, &str),
        _whole: Span,
    ) {
        let (Some(a), Some(b)) = (members.get(first), members.get(second)) else {
            return;
        };
        let (first, second) = (self.spell(a), self.spell(b));
        let message = format!("`{first}` and `{second}` cannot be told apart in a union");
        let diagnostic = Diagnostic::new(code::INDISTINCT_MEMBERS, message).at(
            b.span,
            format!("`{second}` has its tag at the key \"{}\"", keys.1),
        );
        let diagnostic = if a.span == b.span {
            diagnostic
        } else {
            diagnostic.with(a.span, format!("`{first}` at the key \"{}\"", keys.0))
        };
        self.diagnostics.push(
            diagnostic
                .note("a reader looks for the tag at one key")
                .help("give the messages of a union the same tag key with `@tag`"),
        );
    }

    fn require_message(&mut self, members: &[Ty], item: &Item<'_>) {
        let has_message = members.iter().any(|member| {
            self.shapes(member)
                .iter()
                .any(|(shape, _)| matches!(shape, Shape::Tagged(_)))
        });
        if !has_message {
            self.diagnostics.push(
                Diagnostic::new(
                    code::OPEN_WITHOUT_MESSAGE,
                    format!("the open union `{}` has no message", item.name.text),
                )
                .at(
                    item.name.span,
                    "what it keeps of an unknown value is a message",
                )
                .help("leave `open` out, or make its members messages"),
            );
        }
    }
}
