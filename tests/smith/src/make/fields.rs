//! Fields and parameters: presence, constraints and keys that fit.

use super::Maker;
use crate::tree::*;

impl Maker<'_, '_, '_> {
    /// Adds fields whose names and keys are not taken.
    pub(super) fn fields(
        &mut self,
        fields: &mut Vec<Field>,
        taken: &mut Vec<String>,
        array: bool,
        params: &[String],
    ) {
        for _ in 0..self.choices.between(0, self.size.fields) {
            let names: Vec<&str> = taken.iter().map(String::as_str).collect();
            let name = self.local(&names);
            taken.push(name.clone());
            if let Some(param) = params.first()
                && self.choices.one_in(3)
            {
                fields.push(self.param_field(name, param));
                continue;
            }
            fields.push(self.field(name, array));
        }
    }

    fn field(&mut self, name: String, array: bool) -> Field {
        let ty = self.ty(self.size.depth);
        let mut options = self.constraints(&ty);
        let presence = match self.choices.below(4) {
            0 if !array => Presence::Omittable,
            1 | 2 if !self.may_be_nil(&ty) => {
                match self.constrained_value(&ty, &options, self.size.depth) {
                    Some(value) => Presence::Default(value),
                    None => Presence::Required,
                }
            }
            _ => Presence::Required,
        };
        if self.choices.one_in(8) {
            self.count += 1;
            options.push(Opt::Wire(format!("key-{} \"\u{e9}", self.count)));
        }
        options.extend(self.common());
        Field {
            docs: self.docs(),
            options,
            name,
            ty,
            presence,
        }
    }

    /// A field of a generic type that uses its parameter.
    pub(super) fn param_field(&mut self, name: String, param: &str) -> Field {
        let it = Box::new(Type::Param(param.to_owned()));
        let ty = match self.choices.below(5) {
            0 => Type::List(it),
            1 => Type::Optional(it),
            2 => Type::Map(Box::new(Type::Scalar(Scalar::U16)), it),
            3 => Type::Tuple(vec![*it, Type::Scalar(Scalar::Bool)]),
            _ => *it,
        };
        Field {
            docs: self.docs(),
            options: self.common(),
            name,
            ty,
            presence: Presence::Required,
        }
    }
}
