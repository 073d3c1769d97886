//! `regain plan`

use clap::Args;

use super::{Exit, Failure, Input, Terminal};

/// Arguments of `regain plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
}

/// Runs the command.
///
/// # Errors
/// If the pack has errors or the data cannot be read.
pub fn plan(_args: &PlanArgs, _terminal: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::new("`regain plan` is not there yet"))
}
