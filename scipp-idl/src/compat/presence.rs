//! How a field may be absent, compared.

use super::change::Harm::{Breaks, New, None as Fine};
use super::constraint::{Bounds, Checks};
use super::record::Records;
use super::rule::{self, Rule};
use super::side::{Head, Side, TypeAt};
use super::walk::{Found, Walk};
use crate::schema::{Field, Number, Presence, Value};

/// How a field may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Required,
    Optional,
    Default,
    Omittable,
}

impl<'s> Walk<'s> {
    pub(super) fn form(&mut self, is_old: bool, field: &Field, ty: TypeAt) -> Form {
        match &field.presence {
            Presence::Omittable => Form::Omittable,
            Presence::Default(_) => Form::Default,
            Presence::Required => {
                let side = if is_old { &mut self.old } else { &mut self.new };
                if side.peel(ty).absent {
                    Form::Optional
                } else {
                    Form::Required
                }
            }
        }
    }

    /// Whether a default satisfies what is checked. A decimal against a range is the one thing that
    /// the compiler does not look at; readers do.
    pub(super) fn default_holds(&mut self, is_old: bool, field: &Field, ty: TypeAt) -> bool {
        let Presence::Default(value) = &field.presence else {
            return true;
        };
        let side = if is_old { &mut self.old } else { &mut self.new };
        let peeled = side.peel(ty);
        let own = [&field.constraints];
        let checks = Checks::of(peeled.constraints.iter().copied().chain(own), None);
        let (Some(range), Value::Str(text)) = (checks.range, side.value(value)) else {
            return true;
        };
        text.parse().is_ok_and(|value| {
            let one = Some(Number::Float(value));
            range.contains(&Bounds {
                min: one,
                max: one,
                max_included: true,
            })
        })
    }

    /// Whether a type of the new version has nil among its values.
    fn takes_nil(&mut self, ty: TypeAt) -> bool {
        has_nil(&mut self.new, ty)
    }

    /// Whether one of the old version had.
    fn took_nil(&mut self, ty: TypeAt) -> bool {
        has_nil(&mut self.old, ty)
    }

    pub(super) fn presence(
        &mut self,
        it: &Records<'s, '_>,
        from: &'s Field,
        to: &'s Field,
        name: &str,
        (old, new): (TypeAt, TypeAt),
    ) {
        let forms = (self.form(true, from, old), self.form(false, to, new));
        let found = |rule: &'static Rule, what: &str, forward, backward| {
            Found::new(rule, name, format!("`{name}` {what}"))
                .wire(it.owner, forward, backward)
                .old(from.span, words(forms.0))
                .new_place(to.span, words(forms.1))
        };
        let found = match forms {
            (Form::Default, Form::Default) => {
                let (Presence::Default(was), Presence::Default(is)) =
                    (&from.presence, &to.presence)
                else {
                    return;
                };
                if self.same_default((was, &from.ty), (is, &to.ty)) {
                    return;
                }
                found(&rule::DEFAULT_CHANGED, "has another default", Fine, Fine).caution()
            }
            (Form::Default, Form::Optional) => found(
                &rule::DEFAULT_CHANGED,
                "is nil where it is absent now, instead of its default",
                Fine,
                Fine,
            )
            .caution(),
            (Form::Optional, Form::Default) => found(
                &rule::DEFAULT_CHANGED,
                "has a default where it is absent now, instead of nil",
                Fine,
                Fine,
            )
            .caution(),
            (Form::Required, Form::Default) => {
                let found = found(&rule::DEFAULT_ADDED, "has a default now", Fine, Fine);
                // Stock callers leave it out then.
                if it.is_args {
                    found.stock(Fine, New)
                } else {
                    found
                }
            }
            // Where nil was refused, that says it.
            (Form::Required, Form::Optional) if !self.took_nil(old) => return,
            (Form::Required, Form::Optional) => {
                let found = found(
                    &rule::DEFAULT_ADDED,
                    "may be absent now, which is nil",
                    Fine,
                    Fine,
                );
                if it.is_args {
                    found.stock(Fine, New)
                } else {
                    found
                }
            }
            (Form::Default, Form::Required) => found(
                &rule::DEFAULT_REMOVED,
                "has no default any more",
                Breaks,
                Fine,
            ),
            // Where nil is refused as well, that says it.
            (Form::Optional, Form::Required) if !self.takes_nil(new) => return,
            (Form::Optional, Form::Required) => found(
                &rule::ABSENCE_REFUSED,
                "may not be absent any more",
                Breaks,
                Fine,
            ),
            (Form::Omittable, Form::Required) => found(
                &rule::ABSENCE_REFUSED,
                "may not be absent any more",
                Breaks,
                Fine,
            ),
            (Form::Omittable, Form::Optional | Form::Default) => found(
                &rule::OMISSION_MERGED,
                "is read as nil or as its default now where it was left out",
                Breaks,
                Breaks,
            ),
            (_, Form::Omittable) if forms.0 != Form::Omittable => {
                found(&rule::OMISSION_ALLOWED, "may be left out now", Fine, New)
            }
            _ => return,
        };
        self.emit(found);
    }
}

fn has_nil(side: &mut Side<'_>, ty: TypeAt) -> bool {
    let peeled = side.peel(ty);
    let base = [peeled.base];
    let members = side.members(peeled.base).map(|(members, _)| members);
    let mut heads = members
        .as_deref()
        .unwrap_or(&base)
        .iter()
        .map(|ty| side.head(*ty));
    peeled.nil || heads.any(|head| matches!(head, Head::Nil | Head::Any))
}

fn words(form: Form) -> &'static str {
    match form {
        Form::Required => "must be there",
        Form::Optional => "may be absent, which is nil",
        Form::Default => "may be absent, which is its default",
        Form::Omittable => "may be left out, which is a state of its own",
    }
}
