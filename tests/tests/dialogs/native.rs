//! What two scipp actors agree on, seen by a peer that reads their first frame by hand.

use scipp_runtime::transport::Stream;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    lab::{Work, serves},
    site::{Over, Site, speak_plainly},
};

async fn aid(stream: &mut Stream) -> Value {
    let length = stream.read_u32_le().await.unwrap();
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload).await.unwrap();
    rmp_serde::from_slice(&payload).unwrap()
}

async fn offered() -> Value {
    let site = Site::open(Over::Memory, serves(Work, |_, _| Box::pin(async { Ok(0) }))).await;
    let mut stream = site.dial().await;
    let offered = aid(&mut stream).await["scipp"].take();
    drop(stream);
    site.close().await;
    offered
}

#[tokio::test(start_paused = true)]
async fn an_actor_offers_what_it_knows() {
    let features = [
        "cancel", "credit", "deadline", "goodbye", "ping", "errors", "trace", "compact",
    ];
    assert_eq!(offered().await, json!({"v": 1, "features": features}));
}

/// With a peer by hand that offers nothing else: each message is a list, and the dialog has the number that the peer gave it.
#[tokio::test(start_paused = true)]
async fn an_actor_speaks_in_lists_to_a_peer_that_does() {
    let site = Site::open(
        Over::Memory,
        serves(Work, |_, n| Box::pin(async move { Ok(n + 1) })),
    )
    .await;
    let mut stream = site.dial().await;
    let offer = json!({"v": 1, "features": ["compact"]});
    let said = [
        json!({"msg_type": "Aid", "name": "hand", "uuid": "u", "scipp": offer}),
        json!([5, 0, "example.lab.work", "work", {"n": 1}]),
    ];
    for message in said {
        let payload = rmp_serde::to_vec_named(&message).unwrap();
        stream.write_u32_le(payload.len() as u32).await.unwrap();
        stream.write_all(&payload).await.unwrap();
    }
    assert_eq!(aid(&mut stream).await["msg_type"], "Aid");
    let mut heard = Vec::new();
    while heard.len() < 4 {
        heard.push(aid(&mut stream).await);
    }
    // StartAck of a context, Started, Stop, Return.
    assert_eq!(
        heard,
        [
            json!([3, 0, 2]),
            json!([2, 0, null]),
            json!([4, 0]),
            json!([1, 0, 2])
        ]
    );
    drop(stream);
    site.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_plain_actor_offers_nothing() {
    speak_plainly();
    assert_eq!(offered().await, Value::Null);
}
