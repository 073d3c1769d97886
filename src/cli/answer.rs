//! What commands share that answer with tables and a list: the arguments, and how the answer is printed.

use clap::Args;
use serde::Serialize;

use super::{AnswerFormat, Exit, Failure, Terminal, script_errors};
use crate::data::RunCounts;
use crate::script::Limits;

/// Lines of the list that are shown if nothing is said.
const TOP: usize = 10;

/// How an answer is printed.
#[derive(Debug, Args)]
pub struct Answer {
    /// What to print.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Table)]
    pub format: AnswerFormat,
    /// How many lines of the list to show. Default: 10 in tables, all of them in JSON.
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
}

impl Answer {
    /// How many lines of the list are shown.
    pub(super) fn most(&self) -> usize {
        self.top.unwrap_or(if self.format == AnswerFormat::Json { usize::MAX } else { TOP })
    }

    /// Prints what was found: drawn by `table` for a width and with or without colour, or as JSON.
    pub(super) fn print<T: Serialize>(
        &self,
        found: &T,
        table: impl FnOnce(&T, usize, bool) -> String,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        match self.format {
            AnswerFormat::Table => terminal.print(&table(found, terminal.width(), terminal.color())),
            AnswerFormat::Json => {
                let text = serde_json::to_string_pretty(found).map_err(|e| Failure::new(e.to_string()))?;
                terminal.print(&format!("{text}\n"))
            }
        }
    }
}

/// How a command ends that has shown everything: who looks at nothing but the exit code learns of script errors, too.
pub(super) fn end(counts: &RunCounts, limits: &Limits, terminal: &Terminal) -> Exit {
    match script_errors::too_many(counts, limits) {
        Some(failure) => {
            terminal.error(&failure);
            Exit::Findings
        }
        None => Exit::Fine,
    }
}
