//! `regain evaluate`: what came of a plan, against its holdout.

use std::path::PathBuf;

use clap::Args;

use super::args::{Discreet, parse_date};
use super::input::{load, today};
use super::{AnswerFormat, Exit, Failure, Terminal};
use crate::data::{MaxRejects, Options, Place};
use crate::draw::count;
use crate::evaluate::{JoinCounts, OutcomeRows, Settings, evaluate as judge, join, once};
use crate::expr::Date;
use crate::plan;
use crate::report::evaluate::{render, to_json};

/// How to read the curves, below the arguments.
const CURVES: &str = "Qini curves: customers in falling order of a score; among the first of them, returns of those contacted less returns of \
those held out, these scaled up to as many customers (a customer held out counts with the odds of a contact at her probability, as they \
are in the plan). At 100 % these are the returns that contacts brought. The coefficient is the area between the curve and the straight \
line to its end, in returns and divided by nothing; that of a score that sorts at random is 0.";

/// Arguments of `regain evaluate`.
#[derive(Debug, Args)]
#[command(after_long_help = CURVES)]
pub struct EvaluateArgs {
    /// A pack: a folder, or the name of a shipped one (base, retail, telecom, b2b). Its `[outcomes]` says what counts as won back.
    pub pack: String,
    /// The plan, as `regain plan --out` wrote it: .csv, .jsonl or .parquet.
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    /// What came of it: a file, a folder of files or a table of a database, as any table of `regain run`. One row per customer,
    /// or one per order; who has no row did not return.
    #[arg(long, value_name = "FILE", value_parser = Discreet(Place::parse))]
    pub outcomes: Place,
    /// The day up to which outcomes are seen (2026-06-30). Default: the day this command is run.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub as_of: Option<Date>,
    /// Also look by this column of the plan: a score, a carried column, any other. Numbers are cut at their quartiles. May be
    /// repeated.
    #[arg(long, value_name = "COLUMN")]
    pub by: Vec<String>,
    /// Always-valid intervals of what contacts changed: for those who look again before everything has come in. They are wider, and hold
    /// at every look. Those of the regain rate and of Qini coefficients stay as they are.
    #[arg(long)]
    pub sequential: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Table)]
    pub format: AnswerFormat,
    /// Stop with an error as soon as more outcome rows than this cannot be used: a number or a share (0.5%).
    #[arg(long, value_name = "N|N%")]
    pub max_rejects: Option<MaxRejects>,
}

/// Says that contacts stand in a plan twice.
pub(super) fn said_of_twice(twice: u64, terminal: &Terminal) {
    if twice > 0 {
        let (rows, are) = if twice == 1 { ("row", "is") } else { ("rows", "are") };
        terminal.warning(&format!(
            "{} {rows} of the plan {are} there again with the same customer, campaign and day; each contact counts once",
            count(twice)
        ));
    }
}

/// Says that no outcome belongs to a plan.
pub(super) fn said_of_strangers(counts: &JoinCounts, terminal: &Terminal) {
    if counts.outcomes == 0 {
        terminal.warning("the outcomes hold no row that can be used: nobody has returned yet, or this is not the file that was meant");
    } else if !counts.any_planned() {
        terminal.warning("no outcome is of a planned customer; are the keys written in the same way?");
    }
}

/// Runs the command. Arms that are not of the size they should be are a finding.
///
/// # Errors
/// If the pack has errors or says nothing about outcomes, or if plan or outcomes cannot be read.
pub fn evaluate(args: &EvaluateArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let pack = load(&args.pack, terminal)?;
    let Some(rules) = &pack.outcomes else {
        return Err(Failure::new(format!("the pack `{}` does not say what counts as won back", pack.identity.name))
            .help("write `[outcomes]` with its columns and `won_back`, or extend `base`, which has it"));
    };
    let as_of = match args.as_of {
        Some(day) => day,
        None => {
            let today = today()?;
            terminal.note(&format!(
                "seeing outcomes up to {today}, the day of this run; say `--as-of {today}` to repeat it"
            ));
            today
        }
    };
    let mut plan = plan::read::read(&args.plan, Some(&pack))?;
    for notice in std::mem::take(&mut plan.notices) {
        terminal.note(&notice);
    }
    if plan.rows.is_empty() {
        return Err(Failure::new(format!("the plan `{}` holds nobody", args.plan.display())));
    }
    said_of_twice(once(&mut plan)?, terminal);
    let options = Options { max_rejects: args.max_rejects, ..Options::default() };
    let outcomes = OutcomeRows::read(&pack, rules, args.outcomes.clone(), as_of, options)?;
    for notice in &outcomes.notices {
        terminal.note(notice);
    }
    if outcomes.rejected > 0 {
        let first = outcomes.reject.as_ref().map_or_else(String::new, |reject| {
            format!("; the first: {}, `{}` is `{}`: {}", reject.place(), reject.column, reject.value, reject.reason)
        });
        terminal.warning(&format!("{} rows of outcomes cannot be used{first}", count(outcomes.rejected)));
    }
    let receipt = plan.receipt.clone();
    let joined = join(plan, &outcomes, &pack, as_of);
    if joined.observed.is_empty() {
        return Err(Failure::new(format!(
            "no contact of the plan lies before {as_of}: nothing can have come of it yet"
        ))
        .help("give the day up to which outcomes are seen with `--as-of`"));
    }
    said_of_strangers(&joined.counts, terminal);
    let settings = Settings { sequential: args.sequential, by: args.by.clone(), ..Settings::of(&pack) };
    let found = judge(&joined, &pack, as_of, settings)?;
    match args.format {
        AnswerFormat::Table => terminal.print(&render(&found, &receipt, &pack, terminal.width(), terminal.color()))?,
        AnswerFormat::Json => terminal.print(&format!("{:#}\n", to_json(&found, &receipt, &pack)))?,
    }
    Ok(if found.mismatches().next().is_some() { Exit::Findings } else { Exit::Fine })
}
