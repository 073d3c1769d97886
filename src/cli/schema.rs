//! `regain schema`

use clap::Args;

use super::{Exit, Failure, Terminal};

/// Arguments of `regain schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// A pack: a folder, or the name of a shipped one (base, retail, telecom, b2b).
    pub pack: String,
}

/// Runs the command.
///
/// # Errors
/// If it could not run.
pub fn schema(_args: &SchemaArgs, _terminal: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::new("not there yet"))
}
