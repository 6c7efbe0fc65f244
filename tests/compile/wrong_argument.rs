//! Arguments, items and results have the types of the schema.

#[path = "../tests/dialogs/calculator.rs"]
mod api;

use api::{CalculatorClient, calculator};
use scipp_runtime::{Context, Scope};

async fn argument(calculator: CalculatorClient, scope: Scope) {
    let _ = calculator.add(&scope, "1", 2).call().await;
}

async fn missing(calculator: CalculatorClient, scope: Scope) {
    let _ = calculator.add(&scope, 1).call().await;
}

async fn no_parent(calculator: CalculatorClient) {
    let _ = calculator.add(&(), 1, 2).call().await;
}

async fn item(mut ctx: Context<calculator::Accumulate>) {
    let _ = ctx.send("1").await;
}

async fn no_stream(mut ctx: Context<calculator::Count>) {
    let _ = ctx.send(1).await;
}

async fn result(calculator: CalculatorClient, scope: Scope) {
    let _: Result<String, _> = calculator.add(&scope, 1, 2).call().await;
}

fn main() {}
