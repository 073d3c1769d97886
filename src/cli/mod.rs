//! The command line: arguments in, tables and files out. One file per command; results go to stdout, everything else to stderr.

mod answer;
mod args;
mod aside;
pub mod causes;
pub mod check;
pub mod diff;
pub mod docs;
pub mod eval;
pub mod evaluate;
pub mod explain;
pub mod fit;
pub mod init;
mod input;
pub mod plan;
mod prints;
pub mod profile;
pub mod run;
pub mod schema;
mod script_errors;
pub mod second_life;
pub mod show;
pub mod suggest;
mod terminal;
pub mod test;
pub mod watch;

pub use args::{
    AnswerFormat, Arguments, CheckArgs, CheckFormat, ColorChoice, Command, ExplainArgs, ExplainFormat, FitArgs, Input,
    ProfileArgs, ProfileFormat, RunArgs, RunFormat,
};
pub use terminal::{Failure, Terminal};

use std::process::ExitCode;

/// What a command ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, nothing to complain about.
    Fine,
    /// 1: done, with findings.
    Findings,
    /// 2: could not run.
    CouldNotRun,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::CouldNotRun => 2,
        })
    }
}
