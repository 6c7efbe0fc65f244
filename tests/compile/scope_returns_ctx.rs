//! The context of a scope cannot be what the scope returns.

#[path = "../tests/dialogs/calculator.rs"]
mod api;

use api::{CalculatorClient, calculator};
use scipp_runtime::{ContextError, Scope};

async fn returns(
    calculator: CalculatorClient,
    scope: Scope,
) -> Result<(), ContextError<calculator::AccumulateError>> {
    let _ctx = calculator
        .accumulate(&scope, 1)
        .scope(async |ctx, _sum| Ok::<_, ContextError<_>>(ctx))
        .await?;
    Ok(())
}

fn main() {}
