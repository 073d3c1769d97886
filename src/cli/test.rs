//! `regain test`

use clap::Args;

use super::{Exit, Failure, Terminal};

/// Arguments of `regain test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// A pack: a folder, or the name of a shipped one (base, retail, telecom, b2b).
    pub pack: String,
}

/// Runs the command.
///
/// # Errors
/// If it could not run.
pub fn test(_args: &TestArgs, _terminal: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::new("not there yet"))
}
