//! Examples of endpoints: each is one whole dialog, step by step, from the call to its end.

use super::options::Target;
use super::{Checker, EndpointTypes};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::schema::{self, EndpointKind, Phase, Scalar, Step, Value};
use crate::source::Span;
use crate::syntax::{ClauseKind, Endpoint, Example, Name, ValueKind};
use std::collections::HashMap;

/// Where in a dialog a step stands: later ones cannot come before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Call,
    Started,
    Items,
    End,
}

impl<'s> Checker<'_, 's> {
    /// Checks and lowers the examples of an endpoint of the interface `id`.
    pub(super) fn examples(
        &mut self,
        id: ItemId,
        endpoint: &Endpoint<'s>,
        types: &EndpointTypes,
    ) -> Vec<schema::Example> {
        let mut titles: HashMap<&str, Span> = HashMap::new();
        let mut examples = Vec::with_capacity(endpoint.examples.len());
        for example in &endpoint.examples {
            let given = self.options(self.file(id), &example.options, Target::Example);
            let ValueKind::Str(title) = &example.title.kind else {
                continue;
            };
            if let Some(first) = titles.insert(title, example.title.span) {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::DUPLICATE_EXAMPLE,
                        format!("`{}` has two examples \"{title}\"", endpoint.name.text),
                    )
                    .at(example.title.span, "the second one")
                    .with(first, "the first one")
                    .help("say what is different in this one"),
                );
            }
            if let Some(steps) = self.steps(id, endpoint, types, example) {
                examples.push(schema::Example {
                    title: title.clone(),
                    doc: example.doc.clone(),
                    steps,
                    extensions: given.extensions,
                    span: example.title.span,
                });
            }
        }
        examples
    }

    fn steps(
        &mut self,
        id: ItemId,
        endpoint: &Endpoint<'s>,
        types: &EndpointTypes,
        example: &Example<'s>,
    ) -> Option<Vec<Step>> {
        let mut steps: Vec<Step> = Vec::new();
        let mut last: Option<(Place, Name<'s>)> = None;
        let mut complete = true;
        for (word, value) in &example.steps {
            let phase = phase_of(word.text)?;
            let belongs = self.step_belongs(endpoint, *word, phase);
            let in_order = belongs && self.step_in_order(*word, phase, last);
            last = Some((place(phase), *word));
            complete &= belongs && in_order;
            let value = match (phase, clause_type(endpoint, types, phase)) {
                (Phase::Call, _) => self.call_value(id, endpoint, types, value),
                (Phase::Raises, Some(ty)) => self.raised_value(self.file(id), value, ty),
                (_, Some(ty)) => self.value(self.file(id), value, ty),
                // A phase that the endpoint says nothing about carries nil.
                (_, None) if belongs => {
                    let nil = Ty {
                        kind: TyKind::Scalar(Scalar::Nil),
                        span: value.span.before(),
                    };
                    self.value(self.file(id), value, &nil)
                }
                _ => None,
            };
            match value {
                Some(value) => steps.push(step(phase, value)),
                None => complete = false,
            }
        }
        if complete {
            self.completed(endpoint, types, example, steps)
        } else {
            None
        }
    }

    /// Whether the endpoint has such a step.
    fn step_belongs(&mut self, endpoint: &Endpoint<'s>, word: Name<'s>, phase: Phase) -> bool {
        let own = phases(endpoint);
        if own.contains(&phase) {
            return true;
        }
        let own: Vec<&str> = own.into_iter().map(word_of).collect();
        let name = endpoint.name.text;
        self.diagnostics.push(
            Diagnostic::new(
                code::EXAMPLE_STEP,
                format!("`{name}` has no `{}`", word.text),
            )
            .at(word.span, "its dialogs have no such step")
            .with(endpoint.name.span, "this endpoint")
            .note(format!("the steps of `{name}` are {}", own.join(", "))),
        );
        false
    }

    /// A dialog goes: call, started, items either way, and one end.
    fn step_in_order(
        &mut self,
        word: Name<'s>,
        phase: Phase,
        last: Option<(Place, Name<'s>)>,
    ) -> bool {
        let Some((before, other)) = last else {
            return true;
        };
        let now = place(phase);
        if now > before || (now == Place::Items && before == Place::Items) {
            return true;
        }
        let message = if word.text == other.text {
            format!("`{}` comes once in a dialog", word.text)
        } else {
            format!("`{}` cannot come after `{}`", word.text, other.text)
        };
        self.diagnostics.push(
            Diagnostic::new(code::EXAMPLE_STEP, message)
                .at(word.span, "too late")
                .with(other.span, "after this step")
                .note("a dialog goes: `call`, `started`, any number of `accepts` and `yields`, then `returns` or `raises`"),
        );
        false
    }

    /// All steps of the dialog: those that carry nil, or no arguments, may be left out.
    fn completed(
        &mut self,
        endpoint: &Endpoint<'s>,
        types: &EndpointTypes,
        example: &Example<'s>,
        mut steps: Vec<Step>,
    ) -> Option<Vec<Step>> {
        let has = |steps: &[Step], phase| steps.iter().any(|step| step.phase == phase);
        let raises = has(&steps, Phase::Raises);
        let streams = has(&steps, Phase::Accepts) || has(&steps, Phase::Yields);
        let in_context = endpoint.kind == EndpointKind::Context;
        let is_nil = |phase| {
            clause_type(endpoint, types, phase)
                .is_none_or(|ty| matches!(self.bare(ty).kind, TyKind::Scalar(Scalar::Nil)))
        };
        let (nil_started, nil_returned) = (is_nil(Phase::Started), is_nil(Phase::Returns));
        let no_arguments = self
            .needed(&endpoint.params.fields, &types.params)
            .is_empty();
        if !has(&steps, Phase::Call) {
            if !no_arguments {
                return self.lacks(endpoint, example, "call { ... }");
            }
            steps.insert(0, step(Phase::Call, Value::Record(Vec::new())));
        }
        // What is refused at once has not started; where there is nothing to wait for, it has.
        if in_context && !has(&steps, Phase::Started) && (nil_started || streams || !raises) {
            if !nil_started {
                return self.lacks(endpoint, example, "started ...");
            }
            steps.insert(1, step(Phase::Started, Value::Nil));
        }
        if endpoint.kind != EndpointKind::Gen && !raises && !has(&steps, Phase::Returns) {
            if !nil_returned {
                return self.lacks(endpoint, example, "returns ...");
            }
            steps.push(step(Phase::Returns, Value::Nil));
        }
        Some(steps)
    }

    fn lacks(
        &mut self,
        endpoint: &Endpoint<'s>,
        example: &Example<'s>,
        form: &str,
    ) -> Option<Vec<Step>> {
        self.diagnostics.push(
            Diagnostic::new(
                code::EXAMPLE_INCOMPLETE,
                format!("this example of `{}` lacks a step", endpoint.name.text),
            )
            .at(example.title.span, format!("`{form}` is missing"))
            .with(endpoint.name.span, "this endpoint")
            .note("an example is a whole dialog, from the call to its end; only steps that carry nil, or no arguments, may be left out"),
        );
        None
    }
}

fn step(phase: Phase, value: Value) -> Step {
    Step {
        phase,
        value,
        bytes: Vec::new(),
    }
}

/// The steps that dialogs of an endpoint can have.
fn phases(endpoint: &Endpoint<'_>) -> Vec<Phase> {
    let in_context = endpoint.kind == EndpointKind::Context;
    let says = |kind| endpoint.clauses.iter().any(|clause| clause.kind == kind);
    let all = [
        (Phase::Call, true),
        (Phase::Started, in_context),
        (Phase::Accepts, says(ClauseKind::Accepts)),
        (Phase::Yields, says(ClauseKind::Yields)),
        (Phase::Returns, endpoint.kind != EndpointKind::Gen),
        (Phase::Raises, says(ClauseKind::Raises)),
    ];
    let own = all.into_iter().filter(|(_, is_there)| *is_there);
    own.map(|(phase, _)| phase).collect()
}

/// The type of the clause that a step is of.
fn clause_type<'t>(
    endpoint: &Endpoint<'_>,
    types: &'t EndpointTypes,
    phase: Phase,
) -> Option<&'t Ty> {
    let wanted = match phase {
        Phase::Call => return None,
        Phase::Started => ClauseKind::Started,
        Phase::Accepts => ClauseKind::Accepts,
        Phase::Yields => ClauseKind::Yields,
        Phase::Returns => ClauseKind::Returns,
        Phase::Raises => ClauseKind::Raises,
    };
    let mut clauses = endpoint.clauses.iter().zip(&types.clauses);
    let found = clauses.find(|(clause, _)| clause.kind == wanted);
    found.map(|(_, ty)| ty)
}

fn phase_of(word: &str) -> Option<Phase> {
    let all = [
        Phase::Call,
        Phase::Started,
        Phase::Accepts,
        Phase::Yields,
        Phase::Returns,
        Phase::Raises,
    ];
    all.into_iter().find(|phase| word_of(*phase) == word)
}

fn word_of(phase: Phase) -> &'static str {
    match phase {
        Phase::Call => "call",
        Phase::Started => "started",
        Phase::Accepts => "accepts",
        Phase::Yields => "yields",
        Phase::Returns => "returns",
        Phase::Raises => "raises",
    }
}

fn place(phase: Phase) -> Place {
    match phase {
        Phase::Call => Place::Call,
        Phase::Started => Place::Started,
        Phase::Accepts | Phase::Yields => Place::Items,
        Phase::Returns | Phase::Raises => Place::End,
    }
}
