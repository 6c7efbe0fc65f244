//! The messages of the shuttle wire: what tractor actors say to each other, in MessagePack, one map to a frame.
//!
//! These are the types that `schemas/scipp/shuttle.scipp` declares. Every message carries its name under `msg_type`; no
//! default is ever left out; unknown keys are skipped.

use ::scipp_codec::generated as scipp;

/// Name and uuid: who an actor is.
pub type Uid = (String, String);

/// Where an actor listens: a host and a port, or a folder and the name of a socket in it.
pub type Address = (String, Port);

/// What tells the two forms of an address apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, union)]
pub enum Port {
    U16(u16),
    Str(String),
}

/// What kind of dialog an endpoint holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, text)]
pub enum FuncType {
    #[payload(text = "asyncfunc")]
    Asyncfunc,
    #[payload(text = "asyncgen")]
    Asyncgen,
    #[payload(text = "context")]
    Context,
}

/// The first frame of both ends of a connection: who I am.
#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "msg_type", name = "Aid")]
pub struct Aid {
    /// Service name; not unique.
    pub name: String,
    /// Unique; a UUID as text among Python actors.
    pub uuid: String,
    pub pid: Option<i64>,
    /// A peer that looks for a registrar takes nil for a yes.
    pub is_registrar: Option<bool>,
    /// Hangs up after the exchange.
    #[payload(default = false)]
    pub is_probe: bool,
    /// What only scipp peers say to each other; a tractor peer skips it.
    #[payload(omittable)]
    pub scipp: scipp::Presence<scipp::Any>,
}

/// What a process needs to know from the parent that started it.
#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "msg_type", name = "SpawnSpec")]
pub struct SpawnSpec {
    pub _parent_main_data: scipp::Map<String, scipp::Any>,
    pub _runtime_vars: scipp::Map<String, scipp::Any>,
    /// Module path to file.
    pub enable_modules: scipp::Map<String, String>,
    pub reg_addrs: Vec<Address>,
    /// Nil: the child picks.
    pub bind_addrs: Option<Vec<Address>>,
}

/// Opens a dialog.
#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "msg_type", name = "Start")]
pub struct Start {
    /// Names the dialog from here on.
    pub cid: String,
    /// Namespace of the interface.
    pub ns: String,
    /// Name of the endpoint.
    pub func: String,
    /// A map of the arguments by name, kept whole: its type is the endpoint's.
    pub kwargs: scipp::Any,
    /// The caller, as in its `Aid`.
    pub uid: Uid,
    #[payload(default = String::from("typing.Any"))]
    pub pld_spec: String,
}

/// The endpoint is there and its task runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "msg_type", name = "StartAck")]
pub struct StartAck {
    pub cid: String,
    pub functype: FuncType,
}

/// The first value of a context.
#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "msg_type", name = "Started")]
pub struct Started {
    pub cid: String,
    pub pld: scipp::Any,
}

/// An item of a stream, either way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "msg_type", name = "Yield")]
pub struct Yield {
    pub cid: String,
    pub pld: scipp::Any,
}

/// The sender has left its stream.
#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "msg_type", name = "Stop")]
pub struct Stop {
    pub cid: String,
}

/// The result: the last message of a dialog.
#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "msg_type", name = "Return")]
pub struct Return {
    pub cid: String,
    pub pld: scipp::Any,
}

/// The answer to a cancel request, on the request's own `cid`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "msg_type", name = "CancelAck")]
pub struct CancelAck {
    pub cid: String,
    pub pld: bool,
}

/// A failure: the last message of a dialog, or of a connection where `cid` is nil.
#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "msg_type", name = "Error")]
pub struct Error {
    /// Where it was raised first.
    pub src_uid: Uid,
    /// What was raised first.
    pub src_type_str: String,
    /// What the sender raised.
    pub boxed_type_str: String,
    /// Every actor that it passed, the raiser first.
    pub relay_path: Vec<Uid>,
    pub message: Option<String>,
    /// What Python users see.
    #[payload(default = String::new())]
    pub tb_str: String,
    /// Who asked for the end, where the type is `ContextCancelled`.
    pub canceller: Option<Uid>,
    /// Who sent too much, where the type is `StreamOverrun`.
    pub sender: Option<Uid>,
    pub cid: Option<String>,
    /// The message whose payload had the wrong type.
    pub _bad_msg: Option<BadMessage>,
    pub _bad_msg_as_dict: Option<scipp::Map<String, scipp::Any>>,
    /// The value of a declared error; a tractor peer skips it.
    #[payload(omittable)]
    pub pld: scipp::Presence<scipp::Any>,
}

/// A message with a payload that can have the wrong type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, union)]
pub enum BadMessage {
    Started(Started),
    Yield(Yield),
    Return(Return),
}

impl From<Started> for BadMessage {
    fn from(value: Started) -> Self {
        Self::Started(value)
    }
}

impl From<Yield> for BadMessage {
    fn from(value: Yield) -> Self {
        Self::Yield(value)
    }
}

impl From<Return> for BadMessage {
    fn from(value: Return) -> Self {
        Self::Return(value)
    }
}

/// Whatever a frame holds.
#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, union)]
pub enum Message {
    Aid(Aid),
    SpawnSpec(SpawnSpec),
    Start(Start),
    StartAck(StartAck),
    Started(Started),
    Yield(Yield),
    Stop(Stop),
    Return(Return),
    CancelAck(CancelAck),
    Error(Error),
}

impl From<Aid> for Message {
    fn from(value: Aid) -> Self {
        Self::Aid(value)
    }
}

impl From<SpawnSpec> for Message {
    fn from(value: SpawnSpec) -> Self {
        Self::SpawnSpec(value)
    }
}

impl From<Start> for Message {
    fn from(value: Start) -> Self {
        Self::Start(value)
    }
}

impl From<StartAck> for Message {
    fn from(value: StartAck) -> Self {
        Self::StartAck(value)
    }
}

impl From<Started> for Message {
    fn from(value: Started) -> Self {
        Self::Started(value)
    }
}

impl From<Yield> for Message {
    fn from(value: Yield) -> Self {
        Self::Yield(value)
    }
}

impl From<Stop> for Message {
    fn from(value: Stop) -> Self {
        Self::Stop(value)
    }
}

impl From<Return> for Message {
    fn from(value: Return) -> Self {
        Self::Return(value)
    }
}

impl From<CancelAck> for Message {
    fn from(value: CancelAck) -> Self {
        Self::CancelAck(value)
    }
}

impl From<Error> for Message {
    fn from(value: Error) -> Self {
        Self::Error(value)
    }
}
