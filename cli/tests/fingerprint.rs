//! `scipp fingerprint` as users see it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed expectation is how a test speaks"
)]

use serde_json::Value;
use std::io::Write;
use std::process::{Command, Output, Stdio};

const SHOP: &str = "\
package shop.cart;
/// A line of a cart.
message Line { article: str, count: u32 = 1, price: decimal, note: str? }
interface Cart {
    fn add(line: Line);
    @name(\"all\") gen lines() yields Line;
}
interface Audit extends Cart { fn seal(); }
";

#[test]
fn a_line_for_each_interface_and_endpoint() {
    let out = scipp(&["-"], SHOP);
    assert_eq!(out.status.code(), Some(0));
    let lines: Vec<Vec<&str>> = text(&out.stdout)
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let names: Vec<&str> = lines.iter().map(|line| line[1]).collect();
    assert_eq!(
        names,
        [
            "shop.cart.Cart",
            "shop.cart.Cart.add",
            "shop.cart.Cart.lines",
            "shop.cart.Audit",
            "shop.cart.Audit.seal"
        ]
    );
    assert_eq!(lines[2][2..], ["shop.cart.cart", "all"]);
    assert!(lines.iter().all(|line| line[0].len() == 16));
}

#[test]
fn one_endpoint_and_its_form() {
    let out = scipp(&["--only", "Cart.add", "--canonical", "-"], SHOP);
    assert_eq!(out.status.code(), Some(0));
    let shown = text(&out.stdout);
    assert!(shown.starts_with("shop.cart.Cart.add "), "{shown}");
    assert!(
        shown.contains("\nfn;\"add\";record(map;;\"line\":#"),
        "{shown}"
    );
    assert!(
        shown.contains("\nrecord(map;\"type\"=\"Line\";\"article\":str:required"),
        "{shown}"
    );

    let out = scipp(&["--only", "Cart.ad", "-"], SHOP);
    assert_eq!((out.status.code(), text(&out.stdout)), (Some(2), ""));
    assert!(text(&out.stderr).contains("is called `Cart.ad`; there is shop.cart.Cart,"));
}

#[test]
fn an_interface_is_itself_and_its_endpoints() {
    let out = scipp(
        &[
            "--only",
            "shop.cart.Audit",
            "--format",
            "json",
            "--canonical",
            "-",
        ],
        SHOP,
    );
    let document: Value = serde_json::from_slice(&out.stdout).unwrap();
    let list = document["fingerprints"].as_array().unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(list[0]["endpoint"], Value::Null);
    assert_eq!(list[1]["name"], "seal");
    let form = list[0]["form"].as_str().unwrap();
    assert!(
        form.starts_with("interface;\"shop.cart.audit\";add="),
        "{form}"
    );
    assert!(document["hashed"].as_object().unwrap().is_empty());
}

#[test]
fn a_broken_schema_has_none() {
    let out = scipp(&["-"], "package p;\ninterface I { fn f(a: Nope); }\n");
    assert_eq!((out.status.code(), text(&out.stdout)), (Some(1), ""));
    assert!(text(&out.stderr).contains("E0206"));
}

fn scipp(arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_scipp"))
        .arg("fingerprint")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(stdin.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
