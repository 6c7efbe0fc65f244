use scipp_runtime::{EndpointError, ServerContext};

use crate::depot::{
    Depot, NoSuchFruit, Stock,
    depot::{Follow, FollowArgs, Stock as GetStock, StockArgs},
};

pub struct Fruit;

impl Depot for Fruit {
    async fn stock(
        &self,
        _: &mut ServerContext<GetStock>,
        StockArgs { fruit }: StockArgs,
    ) -> Result<Stock, EndpointError<NoSuchFruit>> {
        Ok(there(fruit)?)
    }

    async fn follow(
        &self,
        ctx: &mut ServerContext<Follow>,
        FollowArgs { fruit }: FollowArgs,
    ) -> Result<u32, EndpointError<NoSuchFruit>> {
        let mut there = there(fruit)?;
        ctx.started(there.clone()).await?;
        while let Some(delivery) = ctx.recv().await? {
            there.pieces += delivery;
            ctx.send(there.clone()).await?;
        }
        Ok(there.pieces)
    }
}

fn there(fruit: String) -> Result<Stock, NoSuchFruit> {
    match fruit.as_str() {
        "apple" => Ok(Stock { fruit, pieces: 12 }),
        "pear" => Ok(Stock { fruit, pieces: 3 }),
        _ => Err(NoSuchFruit { fruit }),
    }
}
