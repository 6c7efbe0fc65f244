//! Two ends whose schemas have other versions of an endpoint.

use scipp_runtime::{
    ContextError, Endpoint, EndpointInfo, Refusal, RefusedBecause, connect, generated as scipp,
};

use crate::{
    Failed,
    calculator::Overflow,
    lab::{Call, WorkArgs, serves},
    site::{Site, config, over_each_transport},
};

/// [`Call`] in an older schema.
macro_rules! older {
    ($marker:ident, $args:ty, $lines:expr) => {
        #[derive(Debug)]
        struct $marker;

        impl Endpoint for $marker {
            const INFO: &'static EndpointInfo =
                &EndpointInfo::func("example.lab.call", "call", "00000000000000ee")
                    .signature($lines, &[]);
            type Args = $args;
            type Started = ();
            type Accepts = scipp::Never;
            type Yields = scipp::Never;
            type Returns = i64;
            type Error = Overflow;
        }
    };
}

older!(Alike, WorkArgs, &["n: i64", "returns i64"]);
older!(Unlike, TextArgs, &["n: str", "returns i64"]);

#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
struct TextArgs {
    n: String,
}

const DIFFERENCE: &str = "the caller's schema has another version of example.lab.call.call, with the fingerprint \
    00000000000000ee; the one here is 00000000000000ff. `scipp breaking` tells what has changed between two schemas";

fn refusal<T: std::fmt::Debug>(failed: Result<T, ContextError<Overflow>>) -> Refusal {
    match failed {
        Err(ContextError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, came {other:?}"),
    }
}

over_each_transport! {
    async fn another_version_is_served_as_far_as_it_can_be_read(over) {
        let site = Site::open(over, serves(Call, |_, n| Box::pin(async move { Ok(n) }))).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            assert_eq!(portal.open_context(Alike, scope, WorkArgs { n: 7 }).call().await?, 7);
            let args = TextArgs { n: "seven".to_owned() };
            let refusal = refusal(portal.open_context(Unlike, scope, args).call().await);
            assert_eq!(refusal.why, RefusedBecause::BadArguments);
            assert!(refusal.message.contains("expected i64 (an int below 2^63), came str"), "{}", refusal.message);
            assert!(refusal.message.ends_with(DIFFERENCE), "{}", refusal.message);
            assert!(refusal.to_string().ends_with(". The schemas differ: only here: n: str. only there: n: i64; raises Overflow"), "{refusal}");
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn an_actor_may_serve_its_own_version_only(over) {
        let handler = serves(Call, |_, n| Box::pin(async move { Ok(n) }));
        let site = Site::open_with(over, config("server").same_schema(), handler).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            assert_eq!(portal.open_context(Call, scope, WorkArgs { n: 7 }).call().await?, 7);
            let refusal = refusal(portal.open_context(Alike, scope, WorkArgs { n: 7 }).call().await);
            assert_eq!((refusal.why, refusal.message.as_str()), (RefusedBecause::OtherSchema, DIFFERENCE));
            let only = |lines: &[&str]| lines.iter().map(ToString::to_string).collect::<Vec<_>>();
            let difference = refusal.difference.expect("both say what they have");
            assert_eq!((difference.here, difference.there), (Vec::new(), only(&["raises Overflow"])));
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }
}
