//! All that generated code may name. Not for other code: it may change with the generator.

pub use scipp_codec::generated::*;
pub use scipp_codec::{DeclaredError, Payload, Raises};
pub use std::sync::Arc;

pub use crate::{
    client::Client,
    context::Context,
    endpoint::{CancelPolicy, Endpoint, EndpointInfo, EndpointKind, InterfaceInfo},
    error::{ContextError, EndpointError},
    example::{Example, ExampleError, Examples, Played, Step, play},
    portal::{OpenContext, Portal},
    scope::{InScope, Scope},
    server::{Incoming, Service},
    server_context::ServerContext,
    signature::TypeLines,
};
pub use scipp_protocol::Overrun;
