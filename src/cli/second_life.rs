//! `regain second-life`

use clap::Args;

use super::{Exit, Failure, Input, Terminal};

/// Arguments of `regain second-life`.
#[derive(Debug, Args)]
pub struct SecondLifeArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
}

/// Runs the command.
///
/// # Errors
/// If the pack has errors or the data cannot be read.
pub fn second_life(_args: &SecondLifeArgs, _terminal: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::new("`regain second-life` is not there yet"))
}
