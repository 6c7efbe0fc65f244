//! The context of a scope cannot be kept: after the scope the dialog is over.

#[path = "../tests/dialogs/calculator.rs"]
mod api;

use api::{CalculatorClient, calculator};
use scipp_runtime::{ContextError, Scope};

async fn keeps(
    calculator: CalculatorClient,
    scope: Scope,
) -> Result<(), ContextError<calculator::AccumulateError>> {
    let mut kept = None;
    calculator
        .accumulate(&scope, 1)
        .scope(async |ctx, _sum| {
            kept = Some(ctx);
            Ok::<_, ContextError<_>>(())
        })
        .await?;
    drop(kept);
    Ok(())
}

fn main() {}
