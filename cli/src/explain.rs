//! `scipp explain`

use crate::report;
use clap::Args;
use scipp_codegen::problem;
use scipp_idl::{Code, code};
use std::io::Write;
use std::process::ExitCode;

/// Explains a code of a diagnostic, with a wrong and a right example
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Explain {
    /// The code, such as `E0401`; without one, all codes are listed
    code: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  scipp explain E0401    what it means and what to do
  scipp explain          every code with its title

Exit status: 0 all is well, 2 there is no such code.";

impl Explain {
    pub(crate) fn run(self) -> ExitCode {
        let Some(asked) = self.code else {
            let lines: Vec<String> = all()
                .map(|it| format!("{}  {}\n", it.id, it.title))
                .collect();
            return print(&lines.concat());
        };
        let id = asked.to_ascii_uppercase();
        match code::page(&id).or_else(|| problem::page(&id)) {
            Some(page) => print(page),
            None => {
                report::line(&format!("error: no code `{asked}`"));
                report::line(&match near(&id) {
                    Some(near) => format!("help: did you mean `{near}`?"),
                    None => "help: `scipp explain` lists the codes".to_owned(),
                });
                ExitCode::from(2)
            }
        }
    }
}

fn all() -> impl Iterator<Item = &'static Code> {
    code::ALL.iter().chain(problem::ALL)
}

/// The first code that begins like it, by at least the letter and two digits.
fn near(id: &str) -> Option<&'static Code> {
    let ends = (3..id.len()).rev();
    let mut fronts = ends.filter_map(|end| id.get(..end));
    fronts.find_map(|front| all().find(|it| it.id.starts_with(front)))
}

/// If nobody reads standard output any more, as behind `| head`, there is nothing left to do.
fn print(text: &str) -> ExitCode {
    drop(std::io::stdout().lock().write_all(text.as_bytes()));
    ExitCode::SUCCESS
}
