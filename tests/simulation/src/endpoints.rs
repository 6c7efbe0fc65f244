//! The endpoints of the simulation: one of each kind and cancel policy, as generated code would have them.

use scipp_runtime::{
    CancelPolicy, Endpoint, EndpointInfo, EndpointKind, InterfaceInfo, generated as scipp,
};

/// Arguments: which job of the plan it is.
#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
pub struct JobArgs {
    /// Its number.
    pub job: u32,
    /// Follows from the number, so that a changed byte is found.
    pub seal: u32,
}

/// What streams carry.
#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
pub struct Item {
    /// Which one, from 0.
    pub n: u32,
    /// Bytes that make it large.
    pub fill: String,
}

/// The declared error.
#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload, scipp::DeclaredError)]
#[error(name = "Trouble", text = "trouble with {job}")]
pub struct Trouble {
    /// Whose.
    pub job: u32,
}

/// An endpoint of this file.
pub trait Sim: Endpoint<Args = JobArgs, Accepts = Item, Yields = Item, Error = Trouble> {
    /// Its interface: it alone.
    const INTERFACE: &'static InterfaceInfo;
    /// The marker.
    fn marker() -> Self;
    /// The start value.
    fn first() -> Self::Started;
    /// The result of a job.
    fn result(job: u32) -> Self::Returns;
    /// Which job has this result; `None` if the kind has no results that tell.
    fn whose(result: &Self::Returns) -> Option<u32>;
}

/// Which endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the markers below say it")]
pub enum Which {
    Ask,
    Quick,
    Feed,
    Talk,
    Chat,
    Now,
    Patient,
    Commit,
    Absent,
}

macro_rules! endpoints {
    ($($(#[$doc:meta])* $marker:ident = $name:literal, $kind:ident, $deadline:expr, $cancel:expr,
        $started:ty = $first:expr, $returns:ty, $result:expr, $whose:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $marker;

            impl Endpoint for $marker {
                const INFO: &'static EndpointInfo = &EndpointInfo {
                    kind: EndpointKind::$kind,
                    accepts: matches!(EndpointKind::$kind, EndpointKind::Context),
                    yields: !matches!(EndpointKind::$kind, EndpointKind::Func),
                    deadline_ms: $deadline,
                    cancel: $cancel,
                    ..EndpointInfo::func(concat!("simulation.", $name), $name, "00000000000000ff")
                };
                type Args = JobArgs;
                type Started = $started;
                type Accepts = Item;
                type Yields = Item;
                type Returns = $returns;
                type Error = Trouble;
            }

            impl Sim for $marker {
                const INTERFACE: &'static InterfaceInfo = &InterfaceInfo {
                    namespace: concat!("simulation.", $name),
                    name: stringify!($marker),
                    endpoints: &[<$marker as Endpoint>::INFO],
                };
                fn marker() -> Self { $marker }
                fn first() -> $started { $first }
                fn result(job: u32) -> $returns { ($result)(job) }
                fn whose(result: &$returns) -> Option<u32> { ($whose)(result) }
            }
        )*

        impl Which {
            /// Names and options.
            pub fn info(self) -> &'static EndpointInfo {
                match self { $(Self::$marker => <$marker as Endpoint>::INFO,)* }
            }
        }
    };
}

endpoints! {
    /// A call.
    Ask = "ask", Func, None, CancelPolicy::Default, () = (), u32, |job| job, |job: &u32| Some(*job);
    /// A call with a deadline in its schema.
    Quick = "quick", Func, Some(250), CancelPolicy::Default, () = (), u32, |job| job, |job: &u32| Some(*job);
    /// A stream from the callee.
    Feed = "feed", Gen, None, CancelPolicy::Default, () = (), (), |_| (), |(): &()| None;
    /// Both streams, after a start value.
    Talk = "talk", Context, None, CancelPolicy::Default, u32 = 7, u32, |job| job, |job: &u32| Some(*job);
    /// Both streams, without a start value.
    Chat = "chat", Context, None, CancelPolicy::Default, () = (), u32, |job| job, |job: &u32| Some(*job);
    /// Dropped as soon as it is asked to stop.
    Now = "now", Context, None, CancelPolicy::Now, () = (), u32, |job| job, |job: &u32| Some(*job);
    /// Given two seconds to stop.
    Patient = "patient", Context, None, CancelPolicy::Grace { ms: 2_000 }, () = (), u32, |job| job, |job: &u32| Some(*job);
    /// Never asked to stop; dropped after one and a half seconds.
    Commit = "commit", Context, None, CancelPolicy::Never { max_ms: 1_500 }, () = (), u32, |job| job, |job: &u32| Some(*job);
    /// Nobody serves it.
    Absent = "absent", Func, None, CancelPolicy::Default, () = (), u32, |job| job, |job: &u32| Some(*job);
}

/// The seal of a job's number.
pub fn seal(job: u32) -> u32 {
    job.wrapping_mul(0x9e37_79b1) ^ 0x5eed_5eed
}
