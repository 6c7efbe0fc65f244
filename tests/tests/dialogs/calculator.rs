//! A small interface, as generated code has it.

use ::scipp_runtime::generated as scipp;

const _: () = scipp::generated_version(1);

/// A sum that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload, scipp::DeclaredError)]
#[error(name = "Overflow", text = "the sum does not fit behind {at}")]
pub struct Overflow {
    pub at: i64,
}

/// More numbers than are added up in one dialog.
#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload, scipp::DeclaredError)]
#[error(name = "TooMany", text = "more than {most} numbers")]
pub struct TooMany {
    pub most: u32,
}

/// Adds.
pub trait Calculator: Send + Sync + 'static {
    /// The sum of two numbers.
    fn add(
        &self,
        ctx: &mut scipp::ServerContext<calculator::Add>,
        args: calculator::AddArgs,
    ) -> impl Future<Output = Result<i64, scipp::EndpointError<Overflow>>> + Send;

    /// The numbers up to a number.
    fn count(
        &self,
        ctx: &mut scipp::ServerContext<calculator::Count>,
        args: calculator::CountArgs,
    ) -> impl Future<Output = Result<(), scipp::EndpointError<scipp::Never>>> + Send;

    /// Adds up what comes, and says each sum.
    fn accumulate(
        &self,
        ctx: &mut scipp::ServerContext<calculator::Accumulate>,
        args: calculator::AccumulateArgs,
    ) -> impl Future<Output = Result<i64, scipp::EndpointError<calculator::AccumulateError>>> + Send;
}

/// Serves a [`Calculator`] to peers.
#[derive(Debug)]
pub struct CalculatorServer<T>(scipp::Arc<T>);

impl<T: Calculator> CalculatorServer<T> {
    /// Serves `service`.
    pub fn new(service: T) -> Self {
        Self(scipp::Arc::new(service))
    }
}

impl<T: Calculator> scipp::Service for CalculatorServer<T> {
    fn interface(&self) -> &'static scipp::InterfaceInfo {
        &calculator::INFO
    }

    fn dispatch(&self, incoming: scipp::Incoming) -> Result<(), scipp::Incoming> {
        let service = scipp::Arc::clone(&self.0);
        match incoming.func() {
            "add" => incoming.run(calculator::Add, async move |ctx, args| {
                service.add(ctx, args).await
            }),
            "count" => incoming.run(calculator::Count, async move |ctx, args| {
                service.count(ctx, args).await
            }),
            "accumulate" => {
                incoming.run(calculator::Accumulate, async move |ctx, args| {
                    service.accumulate(ctx, args).await
                });
            }
            _ => return Err(incoming),
        }
        Ok(())
    }
}

/// Calls a peer's [`Calculator`].
#[derive(Debug, Clone)]
pub struct CalculatorClient {
    portal: scipp::Portal,
}

impl scipp::Client for CalculatorClient {
    fn of(portal: &scipp::Portal) -> Self {
        Self::new(portal)
    }
}

impl CalculatorClient {
    /// A client of the calculator behind `portal`.
    pub fn new(portal: &scipp::Portal) -> Self {
        Self {
            portal: portal.clone(),
        }
    }

    /// The sum of two numbers.
    pub fn add(
        &self,
        parent: &impl scipp::InScope,
        a: i64,
        b: i64,
    ) -> scipp::OpenContext<calculator::Add> {
        self.portal
            .open_context(calculator::Add, parent, calculator::AddArgs { a, b })
    }

    /// The numbers up to a number.
    pub fn count(
        &self,
        parent: &impl scipp::InScope,
        to: u32,
    ) -> scipp::OpenContext<calculator::Count> {
        self.portal.open_context(
            calculator::Count,
            parent,
            calculator::CountArgs { to, step: 1 },
        )
    }

    /// Adds up what comes, and says each sum.
    pub fn accumulate(
        &self,
        parent: &impl scipp::InScope,
        from: i64,
    ) -> scipp::OpenContext<calculator::Accumulate> {
        self.portal.open_context(
            calculator::Accumulate,
            parent,
            calculator::AccumulateArgs { from },
        )
    }
}

/// The endpoints of [`Calculator`].
#[allow(
    clippy::module_inception,
    reason = "the interface is named like its package"
)]
pub mod calculator {
    use super::scipp;

    /// [`Calculator`](super::Calculator) and its endpoints.
    pub static INFO: scipp::InterfaceInfo = scipp::InterfaceInfo {
        namespace: "example.calculator",
        name: "Calculator",
        endpoints: &[
            <Add as scipp::Endpoint>::INFO,
            <Count as scipp::Endpoint>::INFO,
            <Accumulate as scipp::Endpoint>::INFO,
        ],
    };

    /// The sum of two numbers.
    #[derive(Debug, Clone, Copy)]
    pub struct Add;

    impl scipp::Endpoint for Add {
        const INFO: &'static scipp::EndpointInfo =
            &scipp::EndpointInfo::func("example.calculator", "add", "0000000000000001");
        type Args = AddArgs;
        type Started = ();
        type Accepts = scipp::Never;
        type Yields = scipp::Never;
        type Returns = i64;
        type Error = super::Overflow;
    }

    /// Arguments of [`Add`].
    #[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
    pub struct AddArgs {
        pub a: i64,
        pub b: i64,
    }

    /// The numbers up to a number.
    #[derive(Debug, Clone, Copy)]
    pub struct Count;

    impl scipp::Endpoint for Count {
        const INFO: &'static scipp::EndpointInfo =
            &scipp::EndpointInfo::generator("example.calculator", "count", "0000000000000002");
        type Args = CountArgs;
        type Started = ();
        type Accepts = scipp::Never;
        type Yields = u32;
        type Returns = ();
        type Error = scipp::Never;
    }

    /// Arguments of [`Count`].
    #[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
    pub struct CountArgs {
        pub to: u32,
        #[payload(default = 1)]
        pub step: u32,
    }

    /// Adds up what comes, and says each sum.
    #[derive(Debug, Clone, Copy)]
    pub struct Accumulate;

    impl scipp::Endpoint for Accumulate {
        const INFO: &'static scipp::EndpointInfo =
            &scipp::EndpointInfo::context("example.calculator", "accumulate", "0000000000000003")
                .accepting()
                .yielding();
        type Args = AccumulateArgs;
        type Started = i64;
        type Accepts = i64;
        type Yields = i64;
        type Returns = i64;
        type Error = AccumulateError;
    }

    /// Arguments of [`Accumulate`].
    #[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
    pub struct AccumulateArgs {
        pub from: i64,
    }

    /// How [`Accumulate`] can fail.
    #[derive(Debug, Clone, PartialEq, Eq, scipp::Raises)]
    pub enum AccumulateError {
        Overflow(super::Overflow),
        TooMany(super::TooMany),
    }
}
