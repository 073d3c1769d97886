//! `regain second-life`: what is due for customers who came back, and how their second life compares.

use std::path::PathBuf;

use clap::Args;

use super::input::{Prepared, report};
use super::{AnswerFormat, Exit, Failure, Input, Terminal, script_errors};
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
    /// What to print.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Table)]
    pub format: AnswerFormat,
    /// How many follow-ups to show. Default: 10 in tables, all of them in JSON.
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Write all follow-ups that are due today, are still due, or will be within a week to this file: .csv, .jsonl or .parquet.
    #[arg(long, value_name = "FILE")]
    pub due_out: Option<PathBuf>,
}

/// Follow-ups that are shown if nothing is said.
const TOP: usize = 10;

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
    let most = args.top.unwrap_or(if args.format == AnswerFormat::Json { usize::MAX } else { TOP });
    found.followups = found.followups.top(most);
    match args.format {
        AnswerFormat::Table => terminal.print(&render(&found, terminal.width(), terminal.color()))?,
        AnswerFormat::Json => {
            let text = serde_json::to_string_pretty(&found).map_err(|e| Failure::new(e.to_string()))?;
            terminal.print(&format!("{text}\n"))?;
        }
    }
    match script_errors::too_many(&counts, pack.scripts.limits()) {
        Some(failure) => {
            terminal.error(&failure);
            Ok(Exit::Findings)
        }
        None => Ok(Exit::Fine),
    }
}
