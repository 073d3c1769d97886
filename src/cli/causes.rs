//! `regain causes`

use clap::Args;

use super::{Exit, Failure, Input, Terminal};

/// Arguments of `regain causes`.
#[derive(Debug, Args)]
pub struct CausesArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
}

/// Runs the command.
///
/// # Errors
/// If the pack has errors or the data cannot be read.
pub fn causes(_args: &CausesArgs, _terminal: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::new("`regain causes` is not there yet"))
}
