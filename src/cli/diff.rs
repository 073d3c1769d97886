//! `regain diff`.

use clap::Args;

use super::{Exit, Failure, Input, Terminal};

/// Arguments of `regain diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
}

/// Runs the command.
///
/// # Errors
/// Not there yet.
pub fn diff(_: &DiffArgs, _: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::new("`regain diff` is not there yet"))
}
