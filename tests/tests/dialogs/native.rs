//! What two scipp actors agree on, seen by a peer that reads their first frame by hand.

use scipp_runtime::transport::Stream;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

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

#[tokio::test(start_paused = true)]
async fn a_plain_actor_offers_nothing() {
    speak_plainly();
    assert_eq!(offered().await, Value::Null);
}
