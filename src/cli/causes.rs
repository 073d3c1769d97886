//! `regain causes`: what losses cost by cause, and who of those still here may be next.

use std::path::PathBuf;

use clap::Args;

use super::answer::{Answer, end};
use super::input::{Prepared, report};
use super::{Exit, Failure, Input, Terminal};
use crate::draw::count;
use crate::prevent::{Losses, write_warnings};
use crate::report::causes::render;
use crate::stage::Program;

/// Arguments of `regain causes`.
#[derive(Debug, Args)]
pub struct CausesArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
    /// Days whose losses are compared with those of as many days before. Default: `period` of `[prevention]`.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub period: Option<u32>,
    /// Format, and how much of the list.
    #[command(flatten)]
    pub answer: Answer,
    /// Write everybody with an early warning to this file: .csv, .jsonl or .parquet, the most urgent first.
    #[arg(long, value_name = "FILE")]
    pub warnings_out: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// If the pack has errors or says nothing about losses, the data cannot be read, or the list cannot be written.
pub fn causes(args: &CausesArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let prepared = Prepared::new(&args.input, None, terminal)?;
    let pack = &prepared.pack;
    let run = prepared.open()?;
    let context = prepared.context(&args.input, terminal)?;
    let (Some(prevention), Some(program)) = (&pack.prevention, Program::prevention(pack, &context)) else {
        let name = &pack.identity.name;
        return Err(Failure::new(format!("the pack `{name}` does not say how losses are counted"))
            .help("write `[prevention]` with `lost_on`, `revenue` and `margin`, or extend `base`"));
    };
    let mut losses = Losses::new(pack, prevention, prepared.as_of, args.period);
    let counts = run.decide(&program, &mut losses)?;
    report(&counts, None, terminal);
    let mut found = losses.report(pack, prevention);
    if let Some(path) = &args.warnings_out {
        let rows = write_warnings(pack, &found.warnings.list, path)?;
        terminal.note(&format!("{} customers with warnings written to {}", count(rows), path.display()));
    }
    found.warnings = found.warnings.top(args.answer.most());
    args.answer.print(&found, render, terminal)?;
    Ok(end(&counts, pack.scripts.limits(), terminal))
}
