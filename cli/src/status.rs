//! The exit status, alike for every subcommand.

use scipp_codegen::problem::BAD_TEMPLATES;
use scipp_idl::code::UNREADABLE_FILE;
use scipp_idl::diagnostic::Diagnostics;
use std::process::ExitCode;

/// How a run went; the later counts more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// All is well: 0.
    Well,
    /// Something was found, and said: 1.
    Found,
    /// It could not be done: 2. Wrong use, a file that cannot be read or written.
    Undone,
}

impl Status {
    /// [`Found`](Self::Found) if there is anything.
    pub(crate) fn found(anything: bool) -> Self {
        if anything { Self::Found } else { Self::Well }
    }

    /// What diagnostics come to. What could not be read was not checked, so nobody knows what would have been found.
    pub(crate) fn of(diagnostics: &Diagnostics) -> Self {
        let unread = |id: &str| id == UNREADABLE_FILE.id || id == BAD_TEMPLATES.id;
        if diagnostics.iter().any(|it| unread(it.code.id)) {
            Self::Undone
        } else {
            Self::found(diagnostics.has_errors())
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Well => 0,
            Status::Found => 1,
            Status::Undone => 2,
        })
    }
}
