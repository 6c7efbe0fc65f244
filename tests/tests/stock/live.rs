//! Asking a live msgspec.

use crate::cases::compile;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the msgspec of an interpreter says, and its version.
pub fn ask(python: &str, cases: &[String]) -> (String, Vec<String>) {
    let script = Path::new("conformance/msgspec/stock.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("SCIPP_MSGSPEC_PYTHON={python}: {error}"));
    let mut input = child.stdin.take().expect("a pipe");
    let models: Vec<String> = cases
        .iter()
        .map(|case| {
            serde_json::to_string(&compile(case, "@peers(scipp)").schema).expect("a model is JSON")
        })
        .collect();
    let writer = std::thread::spawn(move || {
        for model in models {
            // The script has said why if it has ended.
            if writeln!(input, "{model}").is_err() {
                return;
            }
        }
    });
    let output = child.wait_with_output().expect("the script ends");
    writer.join().expect("the writer ends");
    assert!(
        output.status.success(),
        "{}: {}",
        script.display(),
        output.status
    );
    let text = String::from_utf8(output.stdout).expect("text");
    let mut lines = text.lines().map(str::to_owned);
    let version = lines.next().unwrap_or_default();
    let verdicts: Vec<String> = lines.collect();
    assert_eq!(verdicts.len(), cases.len(), "a verdict for each case");
    (version, verdicts)
}
