//! A handler runs on any thread: what it keeps across an await has to be `Send`.

#[path = "../tests/dialogs/calculator.rs"]
mod api;

use std::rc::Rc;

use api::{Calculator, Overflow, calculator};
use scipp_codec::Never;
use scipp_runtime::{EndpointError, ServerContext};

struct Calc;

impl Calculator for Calc {
    async fn add(
        &self,
        _: &mut ServerContext<calculator::Add>,
        args: calculator::AddArgs,
    ) -> Result<i64, EndpointError<Overflow>> {
        Ok(args.a)
    }

    async fn count(
        &self,
        ctx: &mut ServerContext<calculator::Count>,
        args: calculator::CountArgs,
    ) -> Result<(), EndpointError<Never>> {
        let counted = Rc::new(args.to);
        ctx.send(*counted).await?;
        Ok(())
    }

    async fn accumulate(
        &self,
        _: &mut ServerContext<calculator::Accumulate>,
        args: calculator::AccumulateArgs,
    ) -> Result<i64, EndpointError<calculator::AccumulateError>> {
        Ok(args.from)
    }
}

fn main() {}
