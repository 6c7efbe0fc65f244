use std::error::Error;

use scipp_runtime::{Config, connect};

use crate::depot::DepotClient;

type AnyError = Box<dyn Error + Send + Sync>;

pub async fn talk(address: &str) -> Result<(), AnyError> {
    let shop = Config::new("shop").insecure_loopback();
    connect(address, shop, async |portal, scope| {
        let depot = DepotClient::new(portal);
        let there = depot.stock(scope, "apple".into()).call().await?;
        assert_eq!(there.pieces, 12);

        let (mut follow, started) = depot.follow(scope, "pear".into()).open().await?;
        assert_eq!(started.pieces, 3);
        follow.send(4).await?;
        assert_eq!(follow.recv().await?.map(|there| there.pieces), Some(7));
        follow.stop().await?;
        assert_eq!(follow.join().await?, 7);
        Ok(())
    })
    .await
}
