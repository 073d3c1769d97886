//! `regain watch`.

use clap::Args;

use super::{Exit, Failure, Input, Terminal};

/// Arguments of `regain watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
}

/// Runs the command.
///
/// # Errors
/// Not there yet.
pub fn watch(_: &WatchArgs, _: &Terminal) -> Result<Exit, Failure> {
    Err(Failure::new("`regain watch` is not there yet"))
}
