//! The calculator behind the calculator.

use scipp_runtime::{EndpointError, ServerContext};

use crate::calculator::{Calculator, Overflow, TooMany, calculator};

pub struct Calc;

impl Calculator for Calc {
    async fn add(
        &self,
        _: &mut ServerContext<calculator::Add>,
        args: calculator::AddArgs,
    ) -> Result<i64, EndpointError<Overflow>> {
        Ok(args.a.checked_add(args.b).ok_or(Overflow { at: args.a })?)
    }

    async fn count(
        &self,
        ctx: &mut ServerContext<calculator::Count>,
        args: calculator::CountArgs,
    ) -> Result<(), EndpointError<scipp_codec::Never>> {
        for n in (1..=args.to).step_by(args.step as usize) {
            ctx.send(n).await?;
        }
        Ok(())
    }

    async fn accumulate(
        &self,
        ctx: &mut ServerContext<calculator::Accumulate>,
        args: calculator::AccumulateArgs,
    ) -> Result<i64, EndpointError<calculator::AccumulateError>> {
        let mut sum = args.from;
        ctx.started(sum).await?;
        let mut numbers = 0;
        while let Some(x) = ctx.recv().await? {
            numbers += 1;
            if numbers > 1_000 {
                return Err(EndpointError::Endpoint(
                    calculator::AccumulateError::TooMany(TooMany { most: 1_000 }),
                ));
            }
            let overflow = calculator::AccumulateError::Overflow(Overflow { at: sum });
            sum = sum
                .checked_add(x)
                .ok_or(EndpointError::Endpoint(overflow))?;
            ctx.send(sum).await?;
        }
        Ok(sum)
    }
}
