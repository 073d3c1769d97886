//! `regain suggest`: better rules from what came of contacts, as an overlay to read; or what another pack would have brought.

mod against;
mod records;
mod write;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::args::Discreet;
use super::evaluate::{said_of_strangers, said_of_twice};
use super::input::{Prepared, load, sources};
use super::{AnswerFormat, Exit, Failure, Input, Terminal};
use crate::data::{Options as ReadOptions, Place};
use crate::draw::count;
use crate::evaluate::{Joined, OutcomeRows, Settings, customers as every_customer, evaluate, join, once};
use crate::expr::Date;
use crate::pack::{Outcomes, Pack};
use crate::plan::read::{PlanFile, read};
use crate::report::evaluate::mismatches;
use crate::report::suggest::{Head, render, to_json};
use crate::stage::Receipt;
use crate::suggest::words::customers;
use crate::suggest::{By, Gathered, Known, Options, from_plan, from_records, overlay, suggest as look};

/// Arguments of `regain suggest`.
#[derive(Debug, Args)]
pub struct SuggestArgs {
    /// Pack, data, date.
    #[command(flatten)]
    pub input: Input,
    /// What came of it: a table as the pack's `[outcomes]` describes it.
    #[arg(long, value_name = "FILE", value_parser = Discreet(Place::parse))]
    pub outcomes: Place,
    /// The plan that was carried out, as `regain plan` wrote it: .csv, .parquet or .jsonl. Data are then decided as of the day the plan
    /// was made for, and `--as-of` is the day up to which outcomes are seen. Without a plan, everybody in the data with
    /// an outcome counts as contacted on `--as-of`.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Write the suggestions as a pack over PACK: a folder, or a TOML file in a folder of its own. Only if better rules are found. A
    /// file that is there is not written over without --force.
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    pub out: Option<PathBuf>,
    /// Write over the file of --out.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// What decides whether rules are better: incremental profit against those held out, or returns. Default: profit if the plan
    /// held somebody out, else returns.
    #[arg(long, value_enum, conflicts_with = "against")]
    pub by: Option<Measure>,
    /// The share of customers that both the present and the new rules may choose when they are compared.
    #[arg(long, value_name = "0..1", default_value_t = 0.5, value_parser = parse_share)]
    pub share: f64,
    /// Judge the rules of another pack instead: what they would have brought, from what came of the plan that was carried out. They
    /// contact as many customers as the plan, those with the highest expected gain. Rules alone are judged: budgets, capacities,
    /// permissions and days of that pack are not kept, so even the rules of the plan itself choose others than the plan.
    #[arg(long, value_name = "PACK", requires = "plan")]
    pub against: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Table)]
    pub format: AnswerFormat,
}

/// What decides whether rules are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Incremental profit, against those who were held out.
    Profit,
    /// How well those who returned are told from the others.
    Returns,
}

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse::<f64>().ok().filter(|x| *x > 0.0 && *x < 1.0);
    share.ok_or_else(|| "write a share between 0 and 1, for example 0.3".to_owned())
}

/// Runs the command. Arms that are not of the size they should be are a finding.
///
/// # Errors
/// If the pack has errors or says nothing about outcomes, if a file cannot be read, or the overlay cannot be written.
pub fn suggest(args: &SuggestArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let target = args.out.as_deref().map(write::Target::new);
    if let Some(target) = target.as_ref().filter(|t| t.file.exists() && !args.force) {
        return Err(Failure::new(format!("`{}` is there already", target.file.display()))
            .help("say `--force` to write over it, or another name"));
    }
    let pack = load(&args.input.pack, terminal)?;
    let Some(outcomes) = pack.outcomes.clone() else {
        return Err(Failure::new(format!("the pack `{}` does not say what counts as won back", pack.identity.name))
            .help("give it a section `[outcomes]` with columns and `won_back = '…'`, or extend a shipped pack, which has one"));
    };
    let mut plan = match &args.plan {
        Some(path) => Some(read(path, Some(&pack))?),
        None => None,
    };
    if let Some(plan) = &mut plan {
        plan.notices.iter().for_each(|notice| terminal.note(notice));
        said_of_twice(once(plan)?, terminal);
    }
    let prepared = Prepared::of(Arc::clone(&pack), &args.input, None, terminal)?;
    let seen_on = prepared.as_of;
    let decided_on = plan.as_ref().and_then(|p| p.receipt.as_of).unwrap_or(seen_on);
    let prepared = as_of(&pack, prepared, decided_on, args, terminal)?;
    if plan.is_none() && !prepared.has_data() {
        return Err(Failure::new("there is nobody to learn from")
            .help("give the plan with `--plan FILE`, or the customers with `--data NAME=PATH`"));
    }
    let rows = read_outcomes(&pack, &outcomes, args, seen_on, terminal)?;
    if let Some(challenger) = &args.against {
        let plan =
            plan.ok_or_else(|| Failure::new("`--against` needs the plan that was carried out: `--plan FILE`"))?;
        return against::against(args, &pack, plan, &rows, (seen_on, decided_on), challenger, terminal);
    }
    let receipt = receipt(&pack, decided_on);
    let (gathered, mismatches) = match plan {
        Some(plan) => with_plan(args, &prepared, plan, &rows, seen_on, terminal)?,
        None => (records::history(args, &prepared, &outcomes, &rows, terminal)?, Vec::new()),
    };
    gathered.notices.iter().for_each(|notice| terminal.note(notice));
    if gathered.sheet.cases.is_empty() {
        return Err(Failure::new("nothing is known of anybody: no customer has an outcome")
            .help("are the keys written alike in data, plan and outcomes? `regain profile` looks at them"));
    }
    let by = args.by.map(|by| match by {
        Measure::Profit => By::Profit,
        Measure::Returns => By::Returns,
    });
    let sheet = gathered.sheet;
    if by == Some(By::Profit) && sheet.untrusted {
        return Err(Failure::new(format!("there is no incremental profit to judge by: {}", mismatches.join(" ")))
            .help("`regain evaluate` shows where; `--by returns` judges without the arms"));
    }
    if by == Some(By::Profit) && !sheet.has_holdout() {
        return Err(Failure::new("there is no incremental profit without customers who were held out")
            .help("judge by returns (`--by returns`), and hold some out in the next plan (`[plan] holdout = 0.1`)"));
    }
    let found = look(&sheet, Options { by, share: args.share });
    let heading = write::heading(&args.input.pack, &pack, target.as_ref(), decided_on);
    let text = overlay::overlay(&sheet, &found, &heading);
    let mut next = Vec::new();
    if let Some(text) = &text {
        match &target {
            Some(target) => next = write::write(target, text, &args.input.pack, terminal)?,
            None => next.push(format!("add `--out {}` to write the overlay", write::example(&pack))),
        }
    } else if target.is_some() {
        terminal.note("nothing is suggested, so nothing is written");
    }
    let fine = mismatches.is_empty();
    let head = Head { receipt, plan: args.plan.as_ref().map(|p| p.display().to_string()), mismatches, next };
    match args.format {
        AnswerFormat::Table => terminal.print(&render(&sheet, &found, &head, terminal.width(), terminal.color()))?,
        AnswerFormat::Json => terminal.print(&format!("{:#}\n", to_json(&sheet, &found, &head, text.as_deref())))?,
    }
    Ok(if fine { Exit::Fine } else { Exit::Findings })
}

/// The same data, as of another day.
fn as_of(
    pack: &Arc<Pack>,
    prepared: Prepared,
    day: Date,
    args: &SuggestArgs,
    terminal: &Terminal,
) -> Result<Prepared, Failure> {
    if prepared.as_of == day {
        return Ok(prepared);
    }
    let input = Input { as_of: Some(day), ..args.input.clone() };
    Prepared::with(Arc::clone(pack), sources(pack, &args.input.pack, &args.input.data), &input, None, terminal)
}

fn receipt(pack: &Pack, as_of: Date) -> Receipt {
    let identity = &pack.identity;
    Receipt {
        pack: identity.name.clone(),
        version: identity.version.clone(),
        hash: identity.hash.clone(),
        as_of: as_of.to_string(),
    }
}

fn read_outcomes(
    pack: &Pack,
    outcomes: &Outcomes,
    args: &SuggestArgs,
    as_of: Date,
    terminal: &Terminal,
) -> Result<OutcomeRows, Failure> {
    let mut options = ReadOptions::default();
    if let Some(threads) = args.input.threads {
        options.threads = threads.get();
    }
    let rows = OutcomeRows::read(pack, outcomes, args.outcomes.clone(), as_of, options)?;
    rows.notices.iter().for_each(|notice| terminal.note(notice));
    if rows.rejected > 0 {
        terminal.warning(&format!("{} rows of outcomes could not be used and are left out", rows.rejected));
    }
    Ok(rows)
}

/// What came of the plan's customers, by key: each once, with all her contacts.
fn known(joined: &Joined, pack: &Pack, seen_on: Date, terminal: &Terminal) -> HashMap<Arc<str>, Known> {
    let found: HashMap<Arc<str>, Known> = every_customer(joined, pack, seen_on)
        .into_iter()
        .map(|one| {
            let key = Arc::clone(&one.row.key);
            let known = Known {
                returned: one.won_back,
                contacted: one.row.arm == crate::plan::Arm::Contact,
                margin: one.margin,
                cost: Some(one.cost),
                row: Some(one.row),
            };
            (key, known)
        })
        .collect();
    let again = joined.observed.len() - found.len();
    if again > 0 {
        terminal.note(&format!(
            "{} further contacts of customers who have another: each customer counts once, with the campaign of the first",
            count(again as u64)
        ));
    }
    found
}

/// What came of a plan, joined, with a word on what is not there yet.
fn joined(plan: PlanFile, rows: &OutcomeRows, pack: &Pack, seen_on: Date, terminal: &Terminal) -> Joined {
    let joined = join(plan, rows, pack, seen_on);
    let counts = &joined.counts;
    said_of_strangers(counts, terminal);
    if counts.unplanned > 0 && counts.any_planned() {
        terminal.note(&format!("outcomes of {} are left out: not in the plan", customers(counts.unplanned as usize)));
    }
    if counts.not_yet > 0 {
        terminal.note(&format!("{} contacts of the plan are not due by {seen_on} and are left out", counts.not_yet));
    }
    if counts.open > 0 {
        terminal.warning(&format!(
            "the window of {} contacts is still open on {seen_on}: some of them may return yet",
            counts.open
        ));
    }
    joined
}

/// Why the arms of a plan cannot be compared, by the check of `regain evaluate`; nothing if they can.
fn arms(joined: &Joined, pack: &Pack, seen_on: Date) -> Result<Vec<String>, Failure> {
    if joined.observed.is_empty() {
        return Ok(Vec::new());
    }
    Ok(mismatches(&evaluate(joined, pack, seen_on, Settings::of(pack))?, pack))
}

fn with_plan(
    args: &SuggestArgs,
    prepared: &Prepared,
    plan: PlanFile,
    rows: &OutcomeRows,
    seen_on: Date,
    terminal: &Terminal,
) -> Result<(Gathered, Vec<String>), Failure> {
    let joined = joined(plan, rows, &prepared.pack, seen_on, terminal);
    let mismatches = arms(&joined, &prepared.pack, seen_on)?;
    let known = known(&joined, &prepared.pack, seen_on, terminal);
    let mut gathered = if prepared.has_data() {
        let (context, records) = records::records(args, prepared, |key| known.contains_key(key), terminal)?;
        from_records(&prepared.pack, &context, records, &joined.score_names, &known)
    } else {
        from_plan(&prepared.pack, &joined.score_names, &known)
    };
    gathered.sheet.untrusted = !mismatches.is_empty();
    Ok((gathered, mismatches))
}
