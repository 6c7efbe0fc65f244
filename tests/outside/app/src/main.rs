//! An actor of its own schema, with types of another crate's, and a dialog with it.

mod schema {
    scipp_runtime::include_schemas!();
}

use outside_types::outside::names::{Name, Unknown};
use schema::outside::greet::greeter::{Greet, GreetArgs, GreetError};
use schema::outside::greet::{Greeter, GreeterClient, GreeterServer, Greeting};
use scipp_runtime::{Config, EndpointError, Listener, Scope, ServerContext, connect, serve};

/// Two calls within one process; a test must not wait for ever.
const LONG_ENOUGH: std::time::Duration = std::time::Duration::from_secs(20);

struct Host;

impl Greeter for Host {
    async fn greet(
        &self,
        _: &mut ServerContext<Greet>,
        args: GreetArgs,
    ) -> Result<Greeting, EndpointError<GreetError>> {
        match args.name.given.as_str() {
            "Nemo" => Err(GreetError::from(Unknown {
                name: args.name.given,
            }))?,
            _ => Ok(Greeting::new(args.name)),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let (listener, dialer) = Listener::memory();
    let shutdown = Scope::root();
    let server = serve(
        listener,
        Config::new("host"),
        GreeterServer::new(Host),
        &shutdown,
    );
    let client = async {
        let talked = connect(dialer, Config::new("guest"), async |portal, scope| {
            let greeter = GreeterClient::new(portal);
            for given in ["Ada", "Nemo"] {
                let name = Name::new(given.to_owned());
                match greeter.greet(scope, name).call().await {
                    Ok(greeting) => println!("{}, {}!", greeting.words, greeting.to.given),
                    Err(error) => println!("{error}"),
                }
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        })
        .await;
        shutdown.cancel();
        talked
    };
    let both = async { tokio::join!(server, client) };
    let (served, talked) = tokio::time::timeout(LONG_ENOUGH, both).await?;
    served?;
    talked
}
