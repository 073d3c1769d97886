//! `regain suggest`

use clap::Args;

use super::{Exit, Failure, Input, Terminal};

/// Arguments of `regain suggest`.
#[derive(Debug, Args)]
pub struct SuggestArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
}

/// Runs the command.
///
/// # Errors
/// If the pack has errors or the data cannot be read.
pub fn suggest(_args: &SuggestArgs, _terminal: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::new("`regain suggest` is not there yet"))
}
