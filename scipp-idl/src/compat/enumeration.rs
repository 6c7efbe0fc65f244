//! Enums, compared by the values of their members.

use super::about::About;
use super::change::Harm::{Breaks, New, None as Fine};
use super::constraint::Bounds;
use super::record::{newly_reserved, reused, unreserved};
use super::rule;
use super::scalar::whole_range;
use super::walk::{Found, OwnerAt, Walk};
use crate::schema::{Enum, EnumRepr, Member, Number, Value};
use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// Two versions of an enum and where they stand.
pub(super) struct Enums<'s> {
    pub(super) owner: OwnerAt,
    pub(super) item: String,
    pub(super) old: &'s Enum,
    pub(super) new: &'s Enum,
    pub(super) old_span: Span,
    pub(super) new_span: Span,
}

/// A value on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Wire<'s> {
    Text(&'s str),
    Int(i128),
}

fn wire(member: &Member) -> Wire<'_> {
    match &member.wire {
        Value::Str(text) => Wire::Text(text),
        Value::Int(value) => Wire::Int(*value),
        _ => Wire::Text(&member.name),
    }
}

impl<'s> Walk<'s> {
    pub(super) fn enums(&mut self, it: &Enums<'s>) {
        self.members_reserved(it);
        if !self.representation(it) {
            return;
        }
        self.enum_openness(it);
        let old = Index::new(it.old);
        let new = Index::new(it.new);
        let mut order = Vec::new();
        for from in &it.old.members {
            match new
                .by_wire
                .get(&wire(from))
                .and_then(|at| Some((*at, it.new.members.get(*at)?)))
            {
                Some((at, to)) => {
                    order.push(at);
                    self.member(it, from, to, &old, &new);
                }
                None => match new
                    .by_name
                    .get(from.name.as_str())
                    .and_then(|at| it.new.members.get(*at))
                {
                    Some(to) => self.value_changed(it, from, to),
                    None => self.removed_member(it, from),
                },
            }
        }
        for to in &it.new.members {
            if !old.by_wire.contains_key(&wire(to)) && !old.by_name.contains_key(to.name.as_str()) {
                self.added_member(it, to);
            }
        }
        if !order.is_sorted() {
            self.emit(
                Found::new(
                    &rule::ENUM_MEMBERS_REORDERED,
                    it.item.as_str(),
                    format!("the members of `{}` stand in another order", it.item),
                )
                .quiet(it.owner)
                .old(it.old_span, "")
                .new_place(it.new_span, ""),
            );
        }
    }

    /// Whether members can be compared.
    fn representation(&mut self, it: &Enums<'s>) -> bool {
        let name = |repr| match repr {
            EnumRepr::Text => "str",
            EnumRepr::Int(scalar) => crate::scalars::scalar_name(scalar),
        };
        let (from, to) = (it.old.repr, it.new.repr);
        if from == to {
            return true;
        }
        let whole = |repr| match repr {
            EnumRepr::Int(scalar) => {
                whole_range(scalar).map(|(least, most)| Bounds::whole(least, most))
            }
            EnumRepr::Text => None,
        };
        let (forward, backward) = match (whole(from), whole(to)) {
            (Some(from), Some(to)) => (
                if it.old.open && !to.contains(&from) {
                    Breaks
                } else {
                    Fine
                },
                if it.new.open && !from.contains(&to) {
                    New
                } else {
                    Fine
                },
            ),
            _ => (Breaks, Breaks),
        };
        self.emit(
            Found::new(
                &rule::ENUM_REPRESENTATION_CHANGED,
                it.item.as_str(),
                format!(
                    "the members of `{}` are written as {} and were as {}",
                    it.item,
                    name(to),
                    name(from)
                ),
            )
            .wire(it.owner, forward, backward)
            .old(it.old_span, name(from))
            .new_place(it.new_span, name(to)),
        );
        whole(from).is_some() && whole(to).is_some()
    }

    fn enum_openness(&mut self, it: &Enums<'s>) {
        let (rule, forward, backward, what) = match (it.old.open, it.new.open) {
            (false, true) => (&rule::ENUM_OPENED, Fine, New, "is an open enum now"),
            (true, false) => (&rule::ENUM_CLOSED, Breaks, Fine, "is no open enum any more"),
            _ => return,
        };
        self.emit(
            Found::new(rule, it.item.as_str(), format!("`{}` {what}", it.item))
                .wire(it.owner, forward, backward)
                .old(it.old_span, "")
                .new_place(it.new_span, ""),
        );
    }

    fn member(
        &mut self,
        it: &Enums<'s>,
        from: &'s Member,
        to: &'s Member,
        old: &Index<'s>,
        new: &Index<'s>,
    ) {
        let name = format!("{}.{}", it.item, from.name);
        if from.name != to.name {
            if let Some(now) = new
                .by_name
                .get(from.name.as_str())
                .and_then(|at| it.new.members.get(*at))
            {
                return self.value_changed(it, from, now);
            }
            if let Some(was) = old
                .by_name
                .get(to.name.as_str())
                .and_then(|at| it.old.members.get(*at))
            {
                return self.value_changed(it, was, to);
            }
            self.emit(
                Found::new(
                    &rule::ENUM_MEMBER_RENAMED,
                    name.as_str(),
                    format!(
                        "the member `{}` of `{}` is called `{}` now",
                        from.name, it.item, to.name
                    ),
                )
                .quiet(it.owner)
                .old(from.span, "")
                .new_place(to.span, "the same on the wire"),
            );
        }
        self.about(
            &name,
            Some(it.owner),
            &About::of_member(from),
            &About::of_member(to),
        );
    }

    fn value_changed(&mut self, it: &Enums<'s>, from: &'s Member, to: &'s Member) {
        let shown = |member| match wire(member) {
            Wire::Text(text) => format!("\"{text}\""),
            Wire::Int(value) => value.to_string(),
        };
        let (was, is) = (shown(from), shown(to));
        self.emit(
            Found::new(
                &rule::ENUM_MEMBER_VALUE_CHANGED,
                format!("{}.{}", it.item, from.name),
                format!(
                    "the member `{}` of `{}` is written as {is} and was as {was}",
                    from.name, it.item
                ),
            )
            .wire(it.owner, Breaks, Breaks)
            .old(from.span, was)
            .new_place(to.span, is),
        );
    }

    fn removed_member(&mut self, it: &Enums<'s>, member: &'s Member) {
        let forward = if keeps(it.new, member) { Fine } else { Breaks };
        self.emit(
            Found::new(
                &rule::ENUM_MEMBER_REMOVED,
                format!("{}.{}", it.item, member.name),
                format!("the member `{}` of `{}` is removed", member.name, it.item),
            )
            .wire(it.owner, forward, Fine)
            .caution()
            .old(member.span, "")
            .new_place(
                it.new_span,
                if it.new.open {
                    "open, so it is kept as unknown"
                } else {
                    "refuses it"
                },
            ),
        );
    }

    fn added_member(&mut self, it: &Enums<'s>, member: &'s Member) {
        let backward = if keeps(it.old, member) { Fine } else { New };
        self.emit(
            Found::new(
                &rule::ENUM_MEMBER_ADDED,
                format!("{}.{}", it.item, member.name),
                format!("the member `{}` is added to `{}`", member.name, it.item),
            )
            .wire(it.owner, Fine, backward)
            .old(
                it.old_span,
                if it.old.open {
                    "open, so it is kept as unknown"
                } else {
                    "refuses it"
                },
            )
            .new_place(member.span, ""),
        );
    }

    fn members_reserved(&mut self, it: &Enums<'s>) {
        if it.old.reserved.is_empty() && it.new.reserved.is_empty() {
            return;
        }
        let names = |it: &'s Enum| -> HashSet<&'s str> {
            it.members
                .iter()
                .map(|member| member.name.as_str())
                .collect()
        };
        let (before, after) = (names(it.old), names(it.new));
        let mut back = HashSet::new();
        for member in it
            .new
            .members
            .iter()
            .filter(|member| !before.contains(member.name.as_str()))
        {
            if it.old.reserved.contains(&member.name) {
                back.insert(member.name.as_str());
                self.emit(reused(
                    it.owner,
                    format!("{}.{}", it.item, member.name),
                    it.old_span,
                    member.span,
                ));
            }
        }
        for word in it
            .old
            .reserved
            .iter()
            .filter(|word| !it.new.reserved.contains(word))
        {
            if !back.contains(word.as_str()) && !after.contains(word.as_str()) {
                self.emit(unreserved(
                    it.owner,
                    format!("{}.{word}", it.item),
                    it.old_span,
                    it.new_span,
                ));
            }
        }
        for word in it
            .new
            .reserved
            .iter()
            .filter(|word| !it.old.reserved.contains(word))
        {
            self.emit(newly_reserved(
                it.owner,
                format!("{}.{word}", it.item),
                it.old_span,
                it.new_span,
            ));
        }
    }
}

/// Whether readers of an enum keep a member that they do not know.
fn keeps(readers: &Enum, member: &Member) -> bool {
    readers.open
        && match (readers.repr, wire(member)) {
            (EnumRepr::Text, Wire::Text(_)) => true,
            (EnumRepr::Int(scalar), Wire::Int(value)) => {
                let one = Bounds {
                    min: Some(Number::Int(value)),
                    max: Some(Number::Int(value)),
                    max_included: true,
                };
                whole_range(scalar)
                    .is_some_and(|(least, most)| Bounds::whole(least, most).contains(&one))
            }
            _ => false,
        }
}

/// The members of an enum by what they are called.
struct Index<'s> {
    by_wire: HashMap<Wire<'s>, usize>,
    by_name: HashMap<&'s str, usize>,
}

impl<'s> Index<'s> {
    fn new(it: &'s Enum) -> Self {
        let members = || it.members.iter().enumerate();
        Self {
            by_wire: members().map(|(at, member)| (wire(member), at)).collect(),
            by_name: members()
                .map(|(at, member)| (member.name.as_str(), at))
                .collect(),
        }
    }
}
