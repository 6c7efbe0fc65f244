//! A handler fails with an error that its endpoint declares.

#[path = "../tests/dialogs/calculator.rs"]
mod api;

use api::{Calculator, Overflow, TooMany, calculator};
use scipp_codec::Never;
use scipp_runtime::{EndpointError, ServerContext};

struct Calc;

impl Calculator for Calc {
    async fn add(
        &self,
        _: &mut ServerContext<calculator::Add>,
        args: calculator::AddArgs,
    ) -> Result<i64, EndpointError<Overflow>> {
        // `TooMany` is declared by another endpoint.
        Err(TooMany { most: 1 })?;
        Ok(args.a)
    }

    async fn count(
        &self,
        ctx: &mut ServerContext<calculator::Count>,
        args: calculator::CountArgs,
    ) -> Result<(), EndpointError<Never>> {
        ctx.send(args).await?;
        Ok(())
    }

    async fn accumulate(
        &self,
        ctx: &mut ServerContext<calculator::Accumulate>,
        _: calculator::AccumulateArgs,
    ) -> Result<i64, EndpointError<calculator::AccumulateError>> {
        ctx.started("1").await?;
        Ok("1")
    }
}

fn main() {}
