//! Transcripts as they were recorded.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use scipp_codec::from_bytes;
use scipp_protocol::wire::shuttle::messages::Message;

/// One recorded frame.
pub(crate) struct Line {
    pub(crate) from: String,
    pub(crate) message: Message,
}

impl Line {
    /// Those of each connection.
    pub(crate) fn read(path: &Path) -> BTreeMap<u64, Vec<Self>> {
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text.lines().skip(1).map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let hex = line["hex"].as_str().unwrap();
            let bytes: Vec<u8> = (0..hex.len() / 2)
                .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
                .collect();
            let conn = line["conn"].as_u64().unwrap();
            (conn, line["dir"].as_str().unwrap().to_owned(), bytes)
        });
        let mut connections: BTreeMap<u64, Vec<Self>> = BTreeMap::new();
        for (conn, from, bytes) in lines.filter(|(_, _, bytes)| !bytes.is_empty()) {
            connections.entry(conn).or_default().push(Self {
                from,
                message: from_bytes(&Bytes::from(bytes[4..].to_vec())).expect("a recorded frame"),
            });
        }
        connections
    }
}
