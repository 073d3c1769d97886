//! `regain test --coverage`: what of the pack its cases reached, or the customers of real data.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use clap::Args;

use super::{TestArgs, TestFormat};
use crate::cases::coverage::{self, Coverage, Shown};
use crate::cli::args::{Discreet, parse_date};
use crate::cli::input::{Prepared, report};
use crate::cli::{Exit, Failure, Input, Terminal};
use crate::data::{Apply, DataError, Sink, Source};
use crate::diag::{Diagnostic, Sources, render_github, render_short};
use crate::draw::Paint;
use crate::expr::Date;
use crate::stage::{RowValues, decide};

/// The options of coverage.
#[derive(Debug, Args)]
pub struct CoverArgs {
    /// Show what of the pack the cases reached: rules, bands, causes, campaigns, branches of expressions, lines of scripts.
    #[arg(long)]
    pub coverage: bool,
    /// End with exit code 1 if less than so many per cent of everything shown is covered. Implies --coverage.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub min_coverage: Option<f64>,
    /// With --coverage and --mutate: also what the pack extends, not only its own files.
    #[arg(long)]
    pub all: bool,
    /// With --coverage: count what these customers reach instead of the cases, which are not run. As in `regain run`.
    #[arg(long = "data", value_name = "NAME=PATH", value_parser = Discreet(Source::parse))]
    pub data: Vec<Source>,
    /// With --data: the day to decide for (2026-06-30). Default: the day this command is run.
    #[arg(long, value_name = "DATE", value_parser = parse_date, requires = "data")]
    pub as_of: Option<Date>,
    /// With --data: the fitted tables of `rank` criteria, from `regain fit`.
    #[arg(long, value_name = "FILE", requires = "data")]
    pub reference: Option<PathBuf>,
}

impl CoverArgs {
    /// Whether coverage is asked for.
    pub(super) fn wanted(&self) -> bool {
        self.coverage || self.min_coverage.is_some() || !self.data.is_empty()
    }

    /// What is shown.
    pub(super) fn shown(&self) -> Shown {
        if self.all { Shown::All } else { Shown::Own }
    }

    /// Exit code 1 if too little is covered.
    pub(super) fn exit(&self, coverage: &Coverage, terminal: &Terminal) -> Exit {
        let everything = coverage.totals(self.shown()).everything;
        match self.min_coverage {
            Some(least) if !everything.reaches(least) => {
                terminal.note(&format!("{everything} of everything is covered, less than the {least} % asked for"));
                Exit::Findings
            }
            _ => Exit::Fine,
        }
    }
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim().parse::<f64>().ok().filter(|x| (0.0..=100.0).contains(x));
    number.ok_or_else(|| "write per cent as a number from 0 to 100, for example 90".to_owned())
}

/// Tables and lists, for people.
pub(super) fn for_people(args: &CoverArgs, coverage: &Coverage, sources: &Sources, terminal: &Terminal) -> String {
    coverage::render(coverage, sources, args.shown(), terminal.width(), Paint::new(terminal.color()))
}

/// Coverage by the customers of real data. Cases are not run.
pub(super) fn of_data(args: &TestArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let input = Input {
        pack: args.pack.clone(),
        data: args.cover.data.clone(),
        as_of: args.cover.as_of,
        reference: args.cover.reference.clone(),
        strict: false,
        max_rejects: None,
        threads: None,
    };
    let prepared = Prepared::new(&input, None, terminal)?;
    let run = prepared.open()?;
    let context = prepared.context(&input, terminal)?;
    let (observed, seen) = coverage::observed(&prepared.pack);
    let empty = Coverage::new(&observed);
    let total = Arc::new(Mutex::new(empty.clone()));
    let apply: Apply = {
        let (total, empty) = (Arc::clone(&total), empty.clone());
        Arc::new(move |batch| {
            let mut part = empty.clone();
            for row in 0..batch.num_rows() {
                let record = RowValues::from_batch(&observed, batch, row);
                part.add(&observed, &decide(&observed, &context, record));
            }
            total.lock().unwrap_or_else(PoisonError::into_inner).merge(&part);
            Ok(batch.clone())
        })
    };
    let mut sink = Counting { total: Arc::clone(&total), empty };
    let counts = run.execute(&apply, &mut sink)?;
    report(&counts, None, terminal);
    let mut coverage = total.lock().unwrap_or_else(PoisonError::into_inner).clone();
    coverage.lines(&seen);
    let (sources, shown) = (&prepared.pack.sources, args.cover.shown());
    let open = || -> Vec<Diagnostic> { coverage::diagnostics(&coverage, shown) };
    terminal.print(&match args.format {
        TestFormat::Human | TestFormat::Junit => for_people(&args.cover, &coverage, sources, terminal),
        TestFormat::Short => render_short(&open(), sources),
        TestFormat::Github => render_github(&open(), sources),
        TestFormat::Json => {
            format!("{:#}\n", serde_json::json!({ "coverage": coverage::to_json(&coverage, sources, shown) }))
        }
    })?;
    Ok(args.cover.exit(&coverage, terminal))
}

/// Keeps nothing; begins to count anew where the data are read anew.
struct Counting {
    total: Arc<Mutex<Coverage>>,
    empty: Coverage,
}

impl Sink for Counting {
    fn write(&mut self, _batch: &RecordBatch) -> Result<(), DataError> {
        Ok(())
    }

    fn restart(&mut self) -> Result<(), DataError> {
        *self.total.lock().unwrap_or_else(PoisonError::into_inner) = self.empty.clone();
        Ok(())
    }
}
