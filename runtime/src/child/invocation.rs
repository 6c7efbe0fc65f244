//! The command line of a child.

use std::ffi::OsString;

use scipp_protocol::{Address, registry::WireAddress, wire::shuttle::messages::Port};

use crate::{
    identity::ActorId,
    nursery::{Literal, pair},
};

/// Who this process is, and where its parent waits: what a parent says on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The name and the uuid that the parent has chosen.
    pub uid: ActorId,
    /// Where the parent listens.
    pub parent: Address,
    /// What the parent would have a child log: a name of Python's `logging`, or one of tractor's.
    pub loglevel: Option<String>,
    /// Whether the parent expects an `asyncio` loop. A program in Rust has none, and nobody misses it.
    pub asyncio: bool,
}

impl Invocation {
    /// From the arguments of this process.
    ///
    /// # Errors
    /// They are not those of a child.
    pub fn from_env() -> Result<Self, BadInvocation> {
        Self::read(std::env::args_os().skip(1))
    }

    /// From these arguments. `-m tractor._child` before them, as a parent in Python writes them for an interpreter, is passed over.
    ///
    /// # Errors
    /// They are not those of a child.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, BadInvocation> {
        let bad = BadInvocation;
        let (mut uid, mut parent, mut loglevel, mut asyncio) = (None, None, None, false);
        let mut arguments = arguments.into_iter();
        while let Some(flag) = arguments.next() {
            let Some(flag) = flag.to_str() else {
                return Err(bad(format!("{flag:?} is no text")));
            };
            let (flag, inline) = match flag.split_once('=') {
                Some((flag, value)) => (flag, Some(value.to_owned())),
                None => (flag, None),
            };
            let mut value = || {
                let value = inline
                    .clone()
                    .or_else(|| arguments.next()?.into_string().ok());
                value.ok_or_else(|| bad(format!("expected a value after {flag}, came nothing")))
            };
            match flag {
                "-m" if uid.is_none() => {
                    value()?;
                }
                "--uid" => uid = Some(read_uid(&value()?)?),
                "--parent_addr" => parent = Some(read_address(&value()?)?),
                "--loglevel" => loglevel = Some(value()?),
                "--asyncio" => asyncio = true,
                other => return Err(bad(format!("no child of an actor takes {other:?}"))),
            }
        }
        Ok(Self {
            uid: uid.ok_or_else(|| bad("--uid is missing".to_owned()))?,
            parent: parent.ok_or_else(|| bad("--parent_addr is missing".to_owned()))?,
            loglevel,
            asyncio,
        })
    }
}

/// Arguments that are not those of a child.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}. This program is started by an actor, as `PROGRAM --uid \"('name', 'uuid')\" --parent_addr \"('folder', 'file')\"`, or with \
     `\"('127.0.0.1', PORT)\"`"
)]
pub struct BadInvocation(String);

fn read_uid(text: &str) -> Result<ActorId, BadInvocation> {
    match pair(text) {
        Some((Literal::Text(name), Literal::Text(uuid))) => Ok(ActorId::new(name, uuid)),
        _ => Err(BadInvocation(format!(
            "--uid: expected a name and a uuid as ('name', 'uuid'), came {text:?}"
        ))),
    }
}

fn read_address(text: &str) -> Result<Address, BadInvocation> {
    let fail = || {
        BadInvocation(format!(
            "--parent_addr: expected ('127.0.0.1', 1616) or ('folder', 'file'), came {text:?}"
        ))
    };
    let wire: WireAddress = match pair(text).ok_or_else(fail)? {
        (Literal::Text(host), Literal::Number(port)) => {
            (host, Port::U16(u16::try_from(port).map_err(|_| fail())?))
        }
        (Literal::Text(folder), Literal::Text(file)) => (folder, Port::Str(file)),
        _ => return Err(fail()),
    };
    Address::from_wire(&wire).map_err(|wrong| BadInvocation(format!("--parent_addr: {wrong}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Invocation, String> {
        Invocation::read(arguments.iter().map(OsString::from)).map_err(|bad| bad.to_string())
    }

    #[test]
    fn parents_write_it_in_two_ways() {
        let uid = ActorId::new("kid", "u-1");
        let bare = [
            "--uid",
            "('kid', 'u-1')",
            "--parent_addr",
            "('127.0.0.1', 43111)",
        ];
        let read_bare = read(&bare).unwrap();
        assert_eq!(read_bare.uid, uid);
        assert_eq!(read_bare.parent.to_string(), "tcp://127.0.0.1:43111");
        assert_eq!((read_bare.loglevel, read_bare.asyncio), (None, false));

        let python = [
            "-m",
            "tractor._child",
            "--uid=('kid', 'u-1')",
            "--parent_addr",
            "('/run/t', 'root@1.sock')",
            "--loglevel",
            "ERROR",
            "--asyncio",
        ];
        let python = read(&python).unwrap();
        assert_eq!(python.parent.to_string(), "unix:/run/t/root@1.sock");
        assert_eq!(
            (python.loglevel.as_deref(), python.asyncio),
            (Some("ERROR"), true)
        );
    }

    #[test]
    fn what_no_parent_writes_is_explained() {
        for (arguments, why) in [
            (&[][..], "--uid is missing"),
            (&["--uid", "('a', 'b')"], "--parent_addr is missing"),
            (&["--uid"], "expected a value after --uid"),
            (&["--uid", "kid"], "expected a name and a uuid"),
            (&["--uid", "('a', 7)"], "expected a name and a uuid"),
            (&["--parent_addr", "('localhost', 1)"], "a literal address"),
            (
                &["--parent_addr", "('127.0.0.1', 70000)"],
                "expected ('127.0.0.1', 1616)",
            ),
            (
                &["--parent_addr", "127.0.0.1:1"],
                "expected ('127.0.0.1', 1616)",
            ),
            (&["--help"], "no child of an actor takes"),
            (&["serve"], "no child of an actor takes"),
        ] {
            let error = read(arguments).unwrap_err();
            assert!(
                error.contains(why) && error.contains("started by an actor"),
                "{error}"
            );
        }
    }
}
