//! The context of a scope cannot move into a task: the task could outlive the dialog.

#[path = "../tests/dialogs/calculator.rs"]
mod api;

use api::{CalculatorClient, calculator};
use scipp_runtime::{ContextError, Scope};

async fn spawns(
    calculator: CalculatorClient,
    scope: Scope,
) -> Result<(), ContextError<calculator::AccumulateError>> {
    calculator
        .accumulate(&scope, 1)
        .scope(async |ctx, _sum| {
            tokio::spawn(async move {
                let _ = ctx.send(2).await;
            });
            Ok::<_, ContextError<_>>(())
        })
        .await
}

fn main() {}
