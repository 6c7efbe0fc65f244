//! The halves of a context cannot outlive it.

#[path = "../tests/dialogs/calculator.rs"]
mod api;

use api::{CalculatorClient, calculator};
use scipp_runtime::{ContextError, Scope};

async fn outlives(
    calculator: CalculatorClient,
    scope: Scope,
) -> Result<(), ContextError<calculator::AccumulateError>> {
    let (mut ctx, _sum) = calculator.accumulate(&scope, 1).open().await?;
    let (mut sender, _receiver) = ctx.split();
    ctx.join().await?;
    sender.send(2).await
}

fn main() {}
