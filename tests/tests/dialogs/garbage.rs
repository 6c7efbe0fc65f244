//! Peers that speak something else. They lose their session; a second session goes on undisturbed.

use scipp_runtime::{Cause, Listener, Scope, ServeError, connect, serve};
use tokio::io::AsyncReadExt as _;

use crate::{
    Failed,
    calc::Calc,
    calculator::{CalculatorClient, CalculatorServer},
    site::{Site, config, over_each_transport},
};

over_each_transport! {
    async fn garbage_disturbs_nobody(over) {
        let site = Site::open(over, CalculatorServer::new(Calc)).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let calculator = CalculatorClient::new(portal);
            let (mut ctx, _) = calculator.accumulate(scope, 0).open().await?;
            let mut sum = 0;
            let garbage: [&[u8]; 8] = [
                // A frame of 4 GiB, and one a byte longer than allowed.
                &[0xff, 0xff, 0xff, 0xff],
                &[0x01, 0x00, 0x10, 0x00],
                // A frame of no bytes.
                &[0, 0, 0, 0],
                // No message pack, no map, an array of four billion.
                &[1, 0, 0, 0, 0xc1],
                &[1, 0, 0, 0, 0x07],
                &[5, 0, 0, 0, 0xdd, 0xff, 0xff, 0xff, 0xff],
                // Other protocols.
                b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
                &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03],
            ];
            for (n, bytes) in (1..).zip(garbage) {
                // The actor closes both halves: what is read ends.
                site.shout(bytes).await;
                ctx.send(n).await?;
                sum += n;
                assert_eq!(ctx.recv().await?, Some(sum), "after {bytes:?}");
            }
            ctx.stop().await?;
            assert_eq!(ctx.join().await?, sum);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_silent_peer_is_closed_after_the_handshake_time(over) {
        let brief = config("server").protocol_limits(|limits| limits.handshake_max = std::time::Duration::from_millis(200));
        let site = Site::open_with(over, brief, CalculatorServer::new(Calc)).await;
        let mut silent = site.dial().await;
        let mut answer = Vec::new();
        silent.read_to_end(&mut answer).await.unwrap();
        assert!(!answer.is_empty(), "the actor says who it is at once");
        site.close().await;
    }

    async fn sessions_are_bounded(over) {
        let small = config("server").limits(|limits| limits.sessions_max = 1);
        let site = Site::open_with(over, small, CalculatorServer::new(Calc)).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let calculator = CalculatorClient::new(portal);
            assert_eq!(calculator.add(scope, 1, 1).call().await?, 2);
            // One too many is closed before a word.
            assert!(site.shout(&[]).await.is_empty());
            assert_eq!(calculator.add(scope, 2, 2).call().await?, 4);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }
}

#[tokio::test]
async fn a_listener_must_be_acceptable() {
    let (listener, _dialer) = Listener::memory();
    let twice = scipp_runtime::Router::new()
        .with(CalculatorServer::new(Calc))
        .with(CalculatorServer::new(Calc));
    let refused = serve(listener, config("server"), twice, &Scope::root()).await;
    assert!(
        matches!(
            refused,
            Err(ServeError::Repeated {
                namespace: "example.calculator"
            })
        ),
        "{refused:?}"
    );

    let listener = Listener::bind("tcp://127.0.0.1:0").await.unwrap();
    let refused = serve(
        listener,
        scipp_runtime::Config::new("server"),
        CalculatorServer::new(Calc),
        &Scope::root(),
    )
    .await;
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("Config::insecure_loopback()")
    );
    assert_eq!(
        Scope::root()
            .child(Some(std::time::Duration::ZERO))
            .cancelled()
            .await
            .cause,
        Cause::Deadline
    );
}
