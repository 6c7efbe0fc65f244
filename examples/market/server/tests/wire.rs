//! What the market says on the wire: whoever changes a schema sees in the difference what changes for peers.

use market_server::market::common::Symbol;
use market_server::market::feed::{Follow, Throttled};
use scipp_testing::assert_wire;
use std::time::Duration;

#[test]
fn follow() {
    assert_wire!(Follow {
        symbols: vec![Symbol("ACME".to_owned()), Symbol("SCI".to_owned())],
    });
}

#[test]
fn throttled() {
    assert_wire!(Throttled {
        retry_in: Duration::from_millis(1_500).try_into().unwrap(),
    });
}
