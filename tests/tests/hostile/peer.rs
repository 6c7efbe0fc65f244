//! One connection of a hostile peer: what it says, byte by byte, and what it is told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use rmpv::Value;
use scipp_runtime::transport::{MemoryDialer, Stream};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf},
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

/// What a peer that is not read waits before it goes on.
const PATIENCE: Duration = Duration::from_secs(1);

/// Bytes that are said at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// An actor that is well answers sooner, in simulated time.
const ANSWERED: Duration = Duration::from_millis(100);

/// Different messages that are counted.
const COUNTS_MAX: usize = 64;

/// The id of the calls that ask whether a session is open.
const IS_IT_OPEN: &str = "is-it-open";

pub struct Peer {
    write: Option<WriteHalf<Stream>>,
    heard: Arc<Mutex<Heard>>,
    closed: watch::Receiver<bool>,
    reader: JoinHandle<()>,
    deaf: bool,
    pub drip: Duration,
    /// Not all of what was said was taken.
    pub blocked: bool,
}

#[derive(Default)]
struct Heard {
    counts: BTreeMap<String, usize>,
}

impl Peer {
    pub async fn dial(dialer: &MemoryDialer) -> Self {
        let (read, write) = tokio::io::split(dialer.dial().await.unwrap());
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (tell, closed) = watch::channel(false);
        let hears = Arc::clone(&heard);
        let reader = tokio::spawn(async move {
            let _ = hear(read, &hears).await;
            tell.send_replace(true);
            // Both halves belong to it: it stays half open until it leaves.
            std::future::pending::<()>().await;
        });
        Self {
            write: Some(write),
            heard,
            closed,
            reader,
            deaf: false,
            drip: Duration::ZERO,
            blocked: false,
        }
    }

    pub async fn say(&mut self, times: u32, what: &str) {
        let mut bytes = Vec::new();
        for i in 0..times {
            bytes.extend(encode(&what.replace("{i}", &i.to_string())));
            if bytes.len() >= CHUNK_BYTES || i + 1 == times {
                if !self.send(&bytes).await {
                    return;
                }
                bytes.clear();
            }
        }
    }

    /// False if it was not taken.
    async fn send(&mut self, bytes: &[u8]) -> bool {
        let Some(write) = &mut self.write else {
            panic!("it has left");
        };
        let pieces: Vec<&[u8]> = if self.drip.is_zero() {
            vec![bytes]
        } else {
            bytes.chunks(1).collect()
        };
        for piece in pieces {
            match timeout(PATIENCE, write.write_all(piece)).await {
                Err(_) => {
                    self.blocked = true;
                    return false;
                }
                // It was closed; that is expected, or found out later.
                Ok(Err(_)) => return false,
                Ok(Ok(())) => {}
            }
            if !self.drip.is_zero() {
                sleep(self.drip).await;
            }
        }
        true
    }

    pub async fn shut(&mut self) {
        if let Some(write) = &mut self.write {
            let _ = write.shutdown().await;
        }
    }

    /// Whether a call on this session is answered.
    pub async fn is_open(&mut self) -> bool {
        let answers = format!("Return:{IS_IT_OPEN}");
        let before = self.heard(&answers);
        self.say(1, &format!("start {IS_IT_OPEN} call 5")).await;
        sleep(ANSWERED).await;
        self.heard(&answers) == before + 1
    }

    /// Reads nothing any more.
    pub fn deafen(&mut self) {
        self.deaf = true;
        // The half goes on existing in the aborted task until it is joined, so nothing is closed.
        self.reader.abort();
    }

    pub async fn leave(self) {
        self.reader.abort();
        let _ = self.reader.await;
        drop(self.write);
    }

    /// Whether the actor has closed, within `max`.
    pub async fn is_closed(&mut self, max: Duration) -> bool {
        if !self.deaf {
            let closed = self.closed.wait_for(|closed| *closed);
            return timeout(max, closed)
                .await
                .is_ok_and(|closed| closed.is_ok());
        }
        // A peer that does not read finds out by writing.
        let Some(write) = &mut self.write else {
            return true;
        };
        let fails = async { while write.write_all(&[0]).await.is_ok() {} };
        timeout(max, fails).await.is_ok()
    }

    pub fn heard(&self, what: &str) -> usize {
        self.heard
            .lock()
            .unwrap()
            .counts
            .get(what)
            .copied()
            .unwrap_or(0)
    }
}

async fn hear(mut read: ReadHalf<Stream>, heard: &Mutex<Heard>) -> std::io::Result<()> {
    let mut payload = Vec::new();
    loop {
        let length = read.read_u32_le().await?;
        payload.resize(length as usize, 0);
        read.read_exact(&mut payload).await?;
        let message = rmpv::decode::read_value(&mut payload.as_slice()).expect("a message");
        let field = |name: &str| {
            let fields = message.as_map().expect("a map");
            let found = fields.iter().find(|(key, _)| key.as_str() == Some(name));
            found
                .and_then(|(_, value)| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let kind = field("msg_type");
        let mut heard = heard.lock().unwrap();
        if kind == "Error" {
            let of = format!("Error:{}", field("src_type_str"));
            *heard.counts.entry(of).or_default() += 1;
        }
        let named = format!("{kind}:{}", field("cid"));
        *heard.counts.entry(kind).or_default() += 1;
        // Ids of a flood are not kept.
        if heard.counts.len() < COUNTS_MAX || named.ends_with(IS_IT_OPEN) {
            *heard.counts.entry(named).or_default() += 1;
        }
    }
}

/// The bytes of a line.
pub fn encode(what: &str) -> Vec<u8> {
    let (word, rest) = what.split_once(' ').unwrap_or((what, ""));
    let words: Vec<&str> = rest.split(' ').collect();
    let start = |cid: &str, ns: &str, func: &str, kwargs: &str| {
        json(&format!(
            r#"{{"msg_type":"Start","cid":"{cid}","ns":"{ns}","func":"{func}","kwargs":{kwargs},"uid":["evil","e"],"pld_spec":"typing.Any"}}"#
        ))
    };
    match word {
        "aid" if rest == "native" => json(
            r#"{"msg_type":"Aid","name":"evil","uuid":"e","pid":7,"scipp":{"v":1,"features":["cancel","credit","deadline","goodbye","ping"]}}"#,
        ),
        "aid" => json(r#"{"msg_type":"Aid","name":"evil","uuid":"e","pid":7}"#),
        "say" => json(rest),
        "start" => start(
            words[0],
            &format!("example.lab.{}", words[1]),
            words[1],
            &format!(r#"{{"n":{}}}"#, words[2]),
        ),
        "cancel" => start(
            words[1],
            "self",
            "_cancel_task",
            &format!(r#"{{"cid":"{}"}}"#, words[0]),
        ),
        "frame" => framed(&hex(rest)),
        "hex" => hex(rest),
        "text" => format!("{rest}\r\n").into_bytes(),
        "sized" => {
            let message = |fill: usize| {
                let fill = "x".repeat(fill);
                json(&format!(
                    r#"{{"msg_type":"Yield","cid":"nobody","pld":"{fill}"}}"#
                ))
            };
            let bytes: usize = rest.parse().expect("a size");
            let around = message(70_000).len() - 70_000 - 4;
            message(bytes - around)
        }
        _ => panic!("what is `{what}`?"),
    }
}

fn json(text: &str) -> Vec<u8> {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &value).unwrap();
    framed(&bytes)
}

fn framed(payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len()).unwrap().to_le_bytes().to_vec();
    frame.extend_from_slice(payload);
    frame
}

/// `c1 91*10000 c0`.
fn hex(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in text.split(' ') {
        let (digits, times) = part.split_once('*').unwrap_or((part, "1"));
        let pairs = digits.as_bytes().chunks(2);
        let once: Vec<u8> = pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).expect("hex"))
            .collect();
        bytes.extend(once.repeat(times.parse().expect("a number")));
    }
    bytes
}
