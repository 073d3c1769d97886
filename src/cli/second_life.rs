//! `regain second-life`: what is due for customers who came back, and how their second life compares.

use std::path::PathBuf;

use clap::Args;

use super::answer::{Answer, end};
use super::input::{Prepared, report};
use super::{Exit, Failure, Input, Terminal};
use crate::draw::count;
use crate::report::second_life::render;
use crate::second_life::{Cohort, write_due};
use crate::stage::Program;

/// Arguments of `regain second-life`.
#[derive(Debug, Args)]
pub struct SecondLifeArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
    /// Format, and how much of the list.
    #[command(flatten)]
    pub answer: Answer,
    /// Write all follow-ups that are due today, are still due, or will be within a week to this file: .csv, .jsonl or .parquet.
    #[arg(long, value_name = "FILE")]
    pub due_out: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// If the pack has errors or says nothing about second lives, the data cannot be read, or the list cannot be written.
pub fn second_life(args: &SecondLifeArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let prepared = Prepared::new(&args.input, None, terminal)?;
    let pack = &prepared.pack;
    let run = prepared.open()?;
    let context = prepared.context(&args.input, terminal)?;
    let (Some(rules), Some(program)) = (&pack.second_life, Program::second_life(pack, &context)) else {
        let name = &pack.identity.name;
        return Err(Failure::new(format!("the pack `{name}` does not say when a second life begins"))
            .help("write `[second_life]` with `since` and `ended`, or extend `base`"));
    };
    let mut cohort = Cohort::new(pack, prepared.as_of);
    let counts = run.decide(&program, &mut cohort)?;
    report(&counts, None, terminal);
    let mut found = cohort.report(pack, rules);
    if let Some(path) = &args.due_out {
        let rows = write_due(pack, &found.followups.list, path)?;
        terminal.note(&format!("{} follow-ups written to {}", count(rows), path.display()));
    }
    found.followups = found.followups.top(args.answer.most());
    args.answer.print(&found, render, terminal)?;
    Ok(end(&counts, pack.scripts.limits(), terminal))
}
