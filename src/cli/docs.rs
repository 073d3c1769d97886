//! `regain docs`

use clap::Args;

use super::{Exit, Failure, Terminal};

/// Arguments of `regain docs`.
#[derive(Debug, Args)]
pub struct DocsArgs {
    /// A pack: a folder, or the name of a shipped one (base, retail, telecom, b2b).
    pub pack: String,
}

/// Runs the command.
///
/// # Errors
/// If it could not run.
pub fn docs(_args: &DocsArgs, _terminal: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::new("not there yet"))
}
