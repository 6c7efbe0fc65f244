//! What was played, and how it went.
#![allow(clippy::print_stdout, reason = "a table is printed")]

use std::time::Duration;

/// A line of the table.
struct Row {
    case: String,
    roles: &'static str,
    transport: &'static str,
    wrong: Option<String>,
    took: Duration,
}

/// All that was played.
#[derive(Default)]
pub struct Table(Vec<Row>);

impl Table {
    /// Adds a line, and prints it.
    pub fn add(
        &mut self,
        case: impl Into<String>,
        roles: &'static str,
        transport: &'static str,
        done: Result<(), String>,
        took: Duration,
    ) {
        let row = Row {
            case: case.into(),
            roles,
            transport,
            wrong: done.err(),
            took,
        };
        let verdict = if row.wrong.is_some() { "WRONG" } else { "ok" };
        println!(
            "| {:<58} | {:<16} | {:<4} | {verdict:<5} | {:>5} ms |",
            row.case,
            row.roles,
            row.transport,
            row.took.as_millis()
        );
        self.0.push(row);
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Says what went wrong, and how much did.
    pub fn wrong(&self) -> usize {
        let wrong = self
            .0
            .iter()
            .filter_map(|row| Some((row, row.wrong.as_ref()?)));
        for (row, why) in wrong.clone() {
            println!("\n== {}, {}, {}\n{why}", row.case, row.roles, row.transport);
        }
        wrong.count()
    }
}
