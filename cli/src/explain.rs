//! `scipp explain`

use crate::report;
use clap::Args;
use scipp_codegen::problem;
use scipp_idl::compat::{Rule, rule};
use scipp_idl::{Code, code};
use std::io::Write;
use std::process::ExitCode;

/// Explains a code of a diagnostic, with a wrong and a right example, or a rule of `scipp breaking`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Explain {
    /// The code, such as `E0401`, or the rule, such as `field-removed`; without one, all are listed
    code: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  scipp explain E0401    what it means and what to do
  scipp explain field-removed
  scipp explain          every code and rule with its title

Exit status: 0 all is well, 2 there is no such code or rule.";

impl Explain {
    pub(crate) fn run(self) -> ExitCode {
        let Some(asked) = self.code else {
            let lines: Vec<String> = all()
                .map(|it| format!("{}  {}\n", it.id, it.title))
                .collect();
            let rules: Vec<String> = rule::ALL
                .iter()
                .map(|it| format!("{}  {}\n", it.id, it.title))
                .collect();
            return print(&(lines.concat() + &rules.concat()));
        };
        if let Some(rule) = Rule::find(&asked.to_ascii_lowercase()) {
            return print(&rule.page());
        }
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
