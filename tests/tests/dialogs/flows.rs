//! Items that flow as the schema says, and calls that may be repeated.

use scipp_runtime::{
    ContextError, Endpoint, EndpointInfo, InterfaceInfo, Overrun, connect, with_session,
};

use crate::{
    Failed,
    calculator::Overflow,
    lab::{Lab, Log, WorkArgs, serves},
    site::{Line, Site, config, over_each_transport},
};

macro_rules! endpoint {
    ($marker:ident, $info:expr) => {
        #[derive(Debug)]
        struct $marker;

        impl Endpoint for $marker {
            const INFO: &'static EndpointInfo = &$info;
            type Args = WorkArgs;
            type Started = ();
            type Accepts = i64;
            type Yields = i64;
            type Returns = i64;
            type Error = Overflow;
        }

        impl Lab for $marker {
            const INTERFACE: &'static InterfaceInfo = &InterfaceInfo {
                namespace: Self::INFO.namespace,
                name: stringify!($marker),
                endpoints: &[Self::INFO],
            };
            fn marker() -> Self {
                Self
            }
        }
    };
}

const FLOWING: EndpointInfo = EndpointInfo::context("example.flow", "flow", "00000000000000aa")
    .accepting()
    .yielding()
    .window(4);

endpoint!(Latest, FLOWING.overrun(Overrun::DropOldest));
endpoint!(Strict, FLOWING.overrun(Overrun::Error));
endpoint!(
    Lookup,
    EndpointInfo::func("example.flow", "lookup", "00000000000000bb").idempotent()
);

over_each_transport! {
    async fn a_slow_reader_gets_the_newest_items(over) {
        let log = Log::new();
        let says = log.clone();
        let handler = serves(Latest, move |ctx, n| {
            let log = says.clone();
            Box::pin(async move {
                for item in 1..=n {
                    ctx.send(item).await?;
                }
                log.say("all sent");
                while ctx.recv().await?.is_some() {}
                Ok(n)
            })
        });
        let site = Site::open(over, handler).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (mut ctx, ()) = portal.open_context(Latest, scope, WorkArgs { n: 500 }).open().await?;
            // Nothing is taken meanwhile, and the sender does not wait for that.
            log.until("all sent").await;
            ctx.stop().await?;
            let mut came = Vec::new();
            while let Some(item) = ctx.recv().await? {
                came.push(item);
            }
            // Those on the way when the first was taken come as well; the last one is always there.
            assert_eq!(came.last(), Some(&500));
            assert!(came.is_sorted());
            assert_eq!(came.len() as u64 + ctx.dropped(), 500);
            assert!(ctx.dropped() > 0);
            assert_eq!(ctx.join().await?, 500);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_reader_that_must_keep_up_and_does_not_is_told(over) {
        let handler = serves(Strict, |ctx, n| {
            Box::pin(async move {
                for item in 1..=n {
                    ctx.send(item).await?;
                }
                Err(ctx.run(std::future::pending::<()>()).await.unwrap_err().into())
            })
        });
        let site = Site::open(over, handler).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (mut ctx, ()) = portal.open_context(Strict, scope, WorkArgs { n: 4 }).open().await?;
            for item in 1..=4 {
                assert_eq!(ctx.recv().await?, Some(item));
            }
            assert_eq!(ctx.cancel().await?, None);
            let (mut ctx, ()) = portal.open_context(Strict, scope, WorkArgs { n: 5 }).open().await?;
            // Somebody else's dialog on the same session shows that all five have come.
            let other = portal.open_context(Strict, scope, WorkArgs { n: 0 }).open().await?;
            drop(other);
            let mut came = 0;
            let failed = loop {
                match ctx.recv().await {
                    Ok(Some(_)) => came += 1,
                    Ok(None) => panic!("it has not ended well"),
                    Err(failed) => break failed,
                }
            };
            assert_eq!((came, failed), (4, ContextError::Overrun));
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_call_may_be_repeated_where_the_schema_says_so() {
    let log = Log::new();
    let says = log.clone();
    let handler = serves(Lookup, move |_, _| {
        says.say("runs");
        Box::pin(std::future::pending())
    });
    let (near, far, line) = Line::new();
    let shutdown = scipp_runtime::Scope::root();
    let served = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { scipp_runtime::serve_session(far, config("server"), handler, &shutdown).await }
    });
    let failed = with_session(near, config("caller"), async |portal, scope| {
        let call = portal.open_context(Lookup, scope, WorkArgs { n: 1 });
        let (failed, ()) = tokio::join!(call.call(), async {
            log.until("runs").await;
            line.cut().await;
        });
        Ok::<_, Failed>(failed.unwrap_err())
    })
    .await
    .unwrap();
    let ContextError::InDoubt(lost) = &failed else {
        panic!("{failed}");
    };
    assert!(lost.may_repeat && failed.is_retryable());
    served.await.unwrap();
}
