//! The values of examples that stand at no type of their own: arguments, and errors.

use super::record_values::Blank;
use super::values::describe;
use super::{Checker, EndpointTypes};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{FileId, ItemId, Ty, TyKind};
use crate::schema::Value;
use crate::syntax::{self, Endpoint, ValueKind};

impl<'s> Checker<'_, 's> {
    /// The arguments of a call, by name, of an endpoint of the interface `id`.
    pub(super) fn call_value(
        &mut self,
        id: ItemId,
        endpoint: &Endpoint<'s>,
        types: &EndpointTypes,
        value: &syntax::Value<'s>,
    ) -> Option<Value> {
        let name = endpoint.name;
        let entries = match &value.kind {
            ValueKind::Braces(None, entries) => entries,
            ValueKind::Broken => return None,
            kind => {
                let came = match kind {
                    ValueKind::Braces(..) => "a record with a name",
                    kind => describe(kind),
                };
                self.report(
                    Diagnostic::new(
                        code::VALUE_MISMATCH,
                        format!("expected the arguments of `{}`, found {came}", name.text),
                    )
                    .at(value.span, format!("this is {came}"))
                    .with(name.span, "this endpoint")
                    .help("write `call { name: value }`"),
                );
                return None;
            }
        };
        let fields = endpoint.params.fields.iter().enumerate();
        let places = fields.map(|(at, field)| (field.name.text, at)).collect();
        let required = self.needed(&endpoint.params.fields, &types.params);
        let blank = Blank {
            id,
            part: "argument",
            of: name.text,
            declared: name.span,
            fields: &endpoint.params.fields,
            types: &types.params,
            places: &places,
            required: &required,
        };
        self.filled(self.file(id), &blank, entries, value.span)
    }

    /// A declared error: with its name, unless there is only one.
    pub(super) fn raised_value(
        &mut self,
        file: FileId,
        value: &syntax::Value<'s>,
        ty: &Ty,
    ) -> Option<Value> {
        let ty = self.bare(ty).clone();
        match &ty.kind {
            TyKind::Union(_) => self.union_value(file, value, &ty),
            _ => {
                let value = Box::new(self.value(file, value, &ty)?);
                Some(Value::Variant { member: 0, value })
            }
        }
    }
}
