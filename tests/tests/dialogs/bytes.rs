//! A peer by hand: what counts is what is on the wire.

use std::time::Duration;

use scipp_runtime::{ServerError, transport::Stream};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    lab::{Log, Work, serves},
    site::{Site, over_each_transport},
};

/// A frame: a length of four bytes, little endian, and a map.
fn frame(message: &Value) -> Vec<u8> {
    let payload = rmp_serde::to_vec_named(message).unwrap();
    let mut frame = u32::try_from(payload.len()).unwrap().to_le_bytes().to_vec();
    frame.extend(payload);
    frame
}

async fn read(stream: &mut Stream) -> Value {
    let length = stream.read_u32_le().await.unwrap();
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload).await.unwrap();
    rmp_serde::from_slice(&payload).unwrap()
}

fn aid() -> Value {
    json!({"msg_type": "Aid", "name": "hand", "uuid": "u", "pid": null, "is_registrar": false, "is_probe": false})
}

fn start(cid: &str, ns: &str, func: &str, kwargs: &Value) -> Value {
    json!({"msg_type": "Start", "cid": cid, "ns": ns, "func": func, "kwargs": kwargs, "uid": ["hand", "u"], "pld_spec": "typing.Any"})
}

over_each_transport! {
    async fn a_cancel_that_comes_with_its_start_is_heard(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Work, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                let heard = ctx.recv().await.unwrap_err();
                let ServerError::Cancelled(why) = &heard else { panic!("cancelled, not {heard}") };
                log.say(&why.canceller.as_ref().unwrap().name);
                Err(heard.into())
            })
        }))
        .await;
        let mut peer = site.dial().await;
        let together = [
            aid(),
            start("c", "example.lab.work", "work", &json!({"n": 1})),
            start("k", "self", "_cancel_task", &json!({"cid": "c"})),
        ];
        peer.write_all(&together.iter().flat_map(frame).collect::<Vec<u8>>()).await.unwrap();
        let said = async {
            let mut said = Vec::new();
            while said.len() < 7 {
                let message = read(&mut peer).await;
                said.push(format!("{} {}", message["msg_type"].as_str().unwrap(), message["cid"].as_str().unwrap_or("")));
                if message["msg_type"] == "Error" {
                    assert_eq!(message["boxed_type_str"], "ContextCancelled");
                    assert_eq!(message["canceller"], json!(["hand", "u"]));
                    assert_eq!(message["src_uid"][0], "server");
                }
            }
            said.sort();
            said
        };
        // Well below the grace: it was heard, not dropped.
        let said = tokio::time::timeout(Duration::from_millis(400), said).await.unwrap();
        assert_eq!(said, ["Aid ", "CancelAck k", "Error c", "StartAck c", "StartAck k", "Started c", "Stop c"]);
        assert_eq!(log.lines(), ["hand"]);
        drop(peer);
        site.close().await;
    }

    async fn a_probe_is_answered_and_closed(over) {
        let site = Site::open(over, serves(Work, |_, n| Box::pin(async move { Ok(n) }))).await;
        let mut aid = aid();
        aid["is_probe"] = json!(true);
        let answer = site.shout(&frame(&aid)).await;
        let answer: Value = rmp_serde::from_slice(&answer[4..]).unwrap();
        assert_eq!((&answer["msg_type"], &answer["is_registrar"]), (&json!("Aid"), &json!(false)));
        site.close().await;
    }

    async fn a_wrong_item_gets_the_answer_that_tractor_expects(over) {
        let site = Site::open(over, serves(Work, |ctx, _| Box::pin(async move { Ok(ctx.recv().await?.unwrap_or(0)) }))).await;
        let mut peer = site.dial().await;
        let says = [
            aid(),
            start("c", "example.lab.work", "work", &json!({"n": 1})),
            json!({"msg_type": "Yield", "cid": "c", "pld": "seven"}),
        ];
        peer.write_all(&says.iter().flat_map(frame).collect::<Vec<u8>>()).await.unwrap();
        let mut said = Vec::new();
        loop {
            let message = read(&mut peer).await;
            said.push(message["msg_type"].as_str().unwrap().to_owned());
            if message["msg_type"] == "Error" {
                assert_eq!(message["boxed_type_str"], "MsgTypeError");
                assert_eq!(message["_bad_msg"]["pld"], "seven");
                break;
            }
        }
        assert_eq!(said, ["Aid", "StartAck", "Started", "Stop", "Error"]);
        drop(peer);
        site.close().await;
    }
}
