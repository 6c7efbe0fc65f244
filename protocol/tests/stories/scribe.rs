//! Writes messages down as one line each, ids as letters in order of appearance.

use bytes::Bytes;
use scipp_codec::Map;
use scipp_protocol::wire::shuttle::messages::{BadMessage, Message};

use crate::form;

/// Knows the ids that have been seen.
#[derive(Default)]
pub struct Scribe {
    names: Vec<String>,
}

impl Scribe {
    /// Frames, whole ones, as lines.
    pub fn lines(&mut self, bytes: &[u8]) -> Vec<String> {
        frames(bytes)
            .map(|frame| self.describe(form::read(&frame)))
            .collect()
    }

    /// The id behind a letter; any other text is itself.
    pub fn id(&self, name: &str) -> String {
        let letter = match name.as_bytes() {
            [letter @ b'A'..=b'Z'] => usize::from(letter - b'A'),
            _ => return name.to_owned(),
        };
        self.names.get(letter).expect("a known id").clone()
    }

    pub fn describe(&mut self, message: Message) -> String {
        match message {
            Message::Aid(aid) => format!("Aid {}", aid.name),
            Message::Cancel(cancel) => format!("Cancel {}", self.name(&cancel.cid)),
            Message::Credit(credit) => format!("Credit {} {}", self.name(&credit.cid), credit.n),
            Message::Goodbye(_) => "Goodbye".to_owned(),
            Message::Ping(_) => "Ping".to_owned(),
            Message::Pong(_) => "Pong".to_owned(),
            Message::SpawnSpec(_) => "SpawnSpec".to_owned(),
            Message::Start(start) => {
                let cid = self.name(&start.cid);
                let mut kwargs = start.kwargs.to_string();
                if let Ok(mut named) = start.kwargs.decode::<Map<String, String>>() {
                    for cid in named.values_mut() {
                        let text = cid.trim_end_matches("#read").to_owned();
                        if self.names.contains(&text) {
                            *cid = cid.replace(&text, &self.name(&text));
                        }
                    }
                    kwargs = scipp_codec::Any::encode(&named).to_string();
                }
                format!("Start {cid} {}.{} {kwargs}", start.ns, start.func)
            }
            Message::StartAck(ack) => {
                format!("StartAck {} {:?}", self.name(&ack.cid), ack.functype)
            }
            Message::Started(first) => format!("Started {} {}", self.name(&first.cid), first.pld),
            Message::Yield(item) => format!("Yield {} {}", self.name(&item.cid), item.pld),
            Message::Stop(stop) => format!("Stop {}", self.name(&stop.cid)),
            Message::Return(last) => format!("Return {} {}", self.name(&last.cid), last.pld),
            Message::CancelAck(ack) => format!("CancelAck {} {}", self.name(&ack.cid), ack.pld),
            Message::Error(error) => {
                let cid = error.cid.map(|cid| self.name(&cid)).unwrap_or_default();
                let path: Vec<&str> = error
                    .relay_path
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .collect();
                let mut line = format!(
                    "Error {cid} {} from {}",
                    error.boxed_type_str,
                    path.join("/")
                );
                if let Some((name, _)) = error.canceller {
                    line += &format!(" canceller {name}");
                }
                if let Some((name, _)) = error.sender {
                    line += &format!(" sender {name}");
                }
                if let Some(bad) = error._bad_msg {
                    let (kind, pld) = match &bad {
                        BadMessage::Started(bad) => ("Started", &bad.pld),
                        BadMessage::Yield(bad) => ("Yield", &bad.pld),
                        BadMessage::Return(bad) => ("Return", &bad.pld),
                    };
                    line += &format!(" bad {kind} {pld}");
                }
                if let scipp_codec::Presence::Present(pld) = error.pld {
                    line += &format!(" pld {pld}");
                }
                line
            }
        }
    }

    fn name(&mut self, cid: &str) -> String {
        // A name that a story gave.
        if cid.len() < 8 {
            return cid.to_owned();
        }
        let at = self
            .names
            .iter()
            .position(|known| known == cid)
            .unwrap_or_else(|| {
                self.names.push(cid.to_owned());
                self.names.len() - 1
            });
        let letter = char::from(b'A' + u8::try_from(at % 26).unwrap());
        if at < 26 {
            letter.to_string()
        } else {
            format!("{letter}{}", at / 26)
        }
    }
}

/// The payloads of whole frames.
pub fn frames(bytes: &[u8]) -> impl Iterator<Item = Bytes> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (prefix, tail) = rest.split_first_chunk()?;
        let (frame, tail) = tail.split_at(u32::from_le_bytes(*prefix) as usize);
        rest = tail;
        Some(Bytes::copy_from_slice(frame))
    })
}
