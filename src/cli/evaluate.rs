//! `regain evaluate`

use clap::Args;

use super::{Exit, Failure, Input, Terminal};

/// Arguments of `regain evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
}

/// Runs the command.
///
/// # Errors
/// If the pack has errors or the data cannot be read.
pub fn evaluate(_args: &EvaluateArgs, _terminal: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::new("`regain evaluate` is not there yet"))
}
