//! What a file of the list says.
//!
//! ```text
//! # What it is about.
//! aid                      our name, as a plain peer; `aid native` as a scipp peer
//! say {"msg_type": ...}    one message; keys keep their order, and may come twice
//! start CID work 0         opens a dialog; `call` is another endpoint, anything else is none
//! cancel CID REQUEST       asks for its end, as plain peers do
//! frame c1                 a frame of these bytes; `91*10000` repeats
//! hex ffffffff             these bytes
//! text GET / HTTP/1.1      this text and a line's end
//! sized 1048576            a message of so many bytes
//! 1000 x start C{i} ...    so often, in one go, `{i}` counts
//! drip 1s                  from here on a byte at a time, with this pause
//! deaf                     reads nothing any more
//! wait 5s
//! shut                     closes the sending half
//! leave                    closes the connection
//! session 2                goes on with another connection
//! crowd 64                 so many connections that say nothing
//! expect closed            the actor closes, within a second; `within 6s`
//! expect open              a call on this session is answered
//! expect blocked           what was said last was not all read
//! expect says Error:TooManyDialogs >= 3     and `=`; counted since the connection began
//! proof FILE TEST          a test of programs
//! ```

use std::{path::Path, time::Duration};

/// One file.
#[derive(Debug)]
pub struct Entry {
    /// Its number in the list.
    pub number: usize,
    /// Its file.
    pub name: String,
    /// Tests elsewhere, by file.
    pub proofs: Vec<(String, String)>,
    /// What is played here.
    pub steps: Vec<(String, Step)>,
}

/// One line.
#[derive(Debug, Clone)]
pub enum Step {
    Say { times: u32, what: String },
    Drip(Duration),
    Deaf,
    Wait(Duration),
    Shut,
    Leave,
    Session(u32),
    Crowd(u32),
    Closed(Duration),
    Open,
    Blocked,
    Says(String, Count),
}

/// How often.
#[derive(Debug, Clone, Copy)]
pub enum Count {
    AtLeast(usize),
    Exactly(usize),
}

impl Count {
    pub fn holds(self, came: usize) -> bool {
        match self {
            Self::AtLeast(least) => came >= least,
            Self::Exactly(expected) => came == expected,
        }
    }
}

impl Entry {
    pub fn parse(path: &Path, text: &str) -> Self {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (number, _) = name.split_once('-').expect("NN-name.txt");
        assert!(
            text.starts_with("# "),
            "{name}: it begins with what it is about"
        );
        let mut entry = Self {
            number: number.parse().expect("NN-name.txt"),
            name,
            proofs: Vec::new(),
            steps: Vec::new(),
        };
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(proof) = line.strip_prefix("proof ") {
                let (file, test) = proof.split_once(' ').expect("proof FILE TEST");
                entry.proofs.push((file.to_owned(), test.to_owned()));
            } else {
                let step =
                    step(line).unwrap_or_else(|| panic!("{}: what is `{line}`?", entry.name));
                entry.steps.push((line.to_owned(), step));
            }
        }
        entry
    }
}

fn step(line: &str) -> Option<Step> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let say = |times, what: &str| Step::Say {
        times,
        what: what.to_owned(),
    };
    Some(match word {
        "aid" | "say" | "start" | "cancel" | "frame" | "hex" | "text" | "sized" => say(1, line),
        "drip" => Step::Drip(duration(rest)?),
        "deaf" => Step::Deaf,
        "wait" => Step::Wait(duration(rest)?),
        "shut" => Step::Shut,
        "leave" => Step::Leave,
        "session" => Step::Session(rest.parse().ok()?),
        "crowd" => Step::Crowd(rest.parse().ok()?),
        "expect" => expect(rest)?,
        times => say(times.parse().ok()?, rest.strip_prefix("x ")?),
    })
}

fn expect(text: &str) -> Option<Step> {
    let words: Vec<&str> = text.split(' ').collect();
    Some(match words.as_slice() {
        ["closed"] => Step::Closed(Duration::from_secs(1)),
        ["closed", "within", time] => Step::Closed(duration(time)?),
        ["open"] => Step::Open,
        ["blocked"] => Step::Blocked,
        ["says", what, ">=", count] => {
            Step::Says((*what).to_owned(), Count::AtLeast(count.parse().ok()?))
        }
        ["says", what, "=", count] => {
            Step::Says((*what).to_owned(), Count::Exactly(count.parse().ok()?))
        }
        _ => return None,
    })
}

fn duration(text: &str) -> Option<Duration> {
    if let Some(ms) = text.strip_suffix("ms") {
        return ms.parse().ok().map(Duration::from_millis);
    }
    text.strip_suffix('s')?
        .parse()
        .ok()
        .map(Duration::from_secs)
}
