//! The records in memory and what the rules in force decide about them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cli::input::{Prepared, report};
use crate::cli::{Failure, Input, Terminal};
use crate::compare::{self, Comparison, Head, Heads, Side};
use crate::data::{Held, RunCounts, TableCounts, read_anew};
use crate::pack::Pack;
use crate::report::{Layout, Portfolio, Summary};
use crate::stage::{Context, Program, Receipt};
use crate::watch::{Rules, Standing};

use super::called;

/// Rules in force, with records if there are any.
pub(super) struct Live {
    input: Input,
    rules: Arc<Rules>,
    data: Option<Data>,
}

/// Records, decided.
struct Data {
    standing: Standing,
    /// How long reading took.
    took: Duration,
    /// What the population was fitted for; `None` if it was not fitted here.
    fitted: Option<Program>,
}

/// What other rules did.
pub(super) struct Outcome {
    pub(super) comparison: Comparison,
    pub(super) heads: Heads,
    /// The columns computed again, and how many there are.
    pub(super) again: Option<(Vec<String>, usize)>,
    /// Why the records were read again; empty if they were not.
    pub(super) read_again: Vec<String>,
    /// Whether other script calls fail than before.
    pub(super) other_errors: bool,
}

impl Live {
    /// Reads the records, if any are given or lie beside the pack, and decides them.
    pub(super) fn open(input: Input, rules: &Arc<Rules>, terminal: &Terminal) -> Result<Live, Failure> {
        let data = Data::read(&input, rules, terminal)?;
        Ok(Live { input, rules: Arc::clone(rules), data })
    }

    /// The rules the decisions shown are by.
    pub(super) fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// The tables held: name and counts. `None` without data.
    pub(super) fn tables(&self) -> Option<&[TableCounts]> {
        self.data.as_ref().map(|data| data.standing.held().counts().tables.as_slice())
    }

    /// How many customers, and how long reading them took.
    pub(super) fn customers(&self) -> Option<(usize, Duration)> {
        self.data.as_ref().map(|data| (data.standing.held().rows(), data.took))
    }

    /// Where everybody is.
    pub(super) fn portfolio(&self) -> Result<Option<Summary>, Failure> {
        let Some(data) = &self.data else { return Ok(None) };
        let (pack, context) = (data.standing.pack(), data.standing.context());
        let mut portfolio = Portfolio::new(Layout::of(pack, context.as_of), 0);
        for batch in &data.standing.decided().batches {
            portfolio.add(batch).map_err(|error| Failure::new(error.to_string()))?;
        }
        if let Some(table) = self.tables().and_then(|tables| tables.iter().find(|t| t.table == pack.record.table)) {
            portfolio.set_rejected(table.rejected);
            portfolio.set_input(table.rows);
        }
        Ok(Some(portfolio.summary()))
    }

    /// The script errors of the decisions, in the form of a run's.
    pub(super) fn script_errors(&self) -> RunCounts {
        let script_errors = self.data.as_ref().map(|data| data.standing.decided().failures.clone()).unwrap_or_default();
        RunCounts { script_errors, ..RunCounts::default() }
    }

    /// Decides by other rules, and compares. If that fails, the earlier rules and what they decided stay.
    pub(super) fn follow(&mut self, rules: &Arc<Rules>, top: usize, terminal: &Terminal) -> Result<Outcome, Failure> {
        let earlier = Arc::clone(&self.rules);
        let errors = self.script_errors();
        let mut outcome = match &mut self.data {
            None => {
                let heads = Heads { old: head(&earlier), new: head(rules) };
                let comparison =
                    Comparison { rules: compare::rules(&earlier.pack, &rules.pack), ..Comparison::default() };
                Outcome { comparison, heads, again: None, read_again: Vec::new(), other_errors: false }
            }
            Some(data) => {
                let read_again = why_read(&data.standing, rules);
                if read_again.is_empty() {
                    data.decide_again(&earlier, rules, top)?
                } else {
                    let Some(new) = Data::read(&self.input, rules, terminal)? else {
                        return Err(Failure::new("the data are gone"));
                    };
                    let old = std::mem::replace(data, new);
                    let (comparison, heads) =
                        side_by_side(&old.standing.side(), &data.standing.side(), &earlier, rules, top);
                    Outcome { comparison, heads, again: None, read_again, other_errors: false }
                }
            }
        };
        self.rules = Arc::clone(rules);
        // On how many customers scripts were called may be different, and nothing went wrong.
        outcome.other_errors = errors.script_errors.list() != self.script_errors().script_errors.list();
        Ok(outcome)
    }
}

impl Data {
    fn read(input: &Input, rules: &Rules, terminal: &Terminal) -> Result<Option<Data>, Failure> {
        let start = Instant::now();
        let prepared = Prepared::of(Arc::clone(&rules.pack), input, None, terminal)?;
        if !prepared.has_data() {
            return Ok(None);
        }
        let held = Arc::new(Held::read(&prepared.open()?)?);
        report(held.counts(), None, terminal);
        let took = start.elapsed();
        let threads = threads(input);
        let (context, fitted) = match ranks_to_fit(rules) {
            None => (rules.context.clone(), None),
            Some(ranks) => (fit(&held, rules, threads)?, Some(ranks)),
        };
        let standing = Standing::open(Arc::clone(&rules.pack), context, held, threads)?;
        Ok(Some(Data { standing, took, fitted }))
    }

    /// The records as they are, by other rules.
    fn decide_again(&mut self, earlier: &Arc<Rules>, rules: &Arc<Rules>, top: usize) -> Result<Outcome, Failure> {
        let ranks = ranks_to_fit(rules);
        let context = match (&ranks, &self.fitted) {
            (None, _) => rules.context.clone(),
            (Some(now), Some(before)) if alike(before, now) => self.standing.context().clone(),
            (Some(_), _) => {
                let reference = self.standing.fit(&rules.pack, rules.context.as_of)?;
                Context { as_of: rules.context.as_of, reference: Arc::new(reference) }
            }
        };
        let followed = self.standing.follow(Arc::clone(&rules.pack), context)?;
        self.fitted = ranks;
        let now = self.standing.side();
        let (comparison, heads) = side_by_side(&followed.side(self.standing.held()), &now, earlier, rules, top);
        let columns = now.decided.batches.first().map_or(0, |batch| batch.num_columns());
        Ok(Outcome {
            comparison,
            heads,
            again: Some((followed.again, columns)),
            read_again: Vec::new(),
            other_errors: false,
        })
    }
}

/// The program that gives what is ranked, if the population must be fitted from the records in memory: no file was given for it.
fn ranks_to_fit(rules: &Rules) -> Option<Program> {
    if rules.reference.is_some() { None } else { Program::ranks(&rules.pack, rules.context.as_of) }
}

/// Whether two populations are fitted from the same values.
fn alike(before: &Program, now: &Program) -> bool {
    before.output_schema() == now.output_schema() && now.changed(before).is_empty()
}

fn fit(held: &Held, rules: &Rules, threads: usize) -> Result<Context, Failure> {
    let reference = held.fit(&rules.pack, rules.context.as_of, threads)?;
    Ok(Context { as_of: rules.context.as_of, reference: Arc::new(reference) })
}

fn threads(input: &Input) -> usize {
    let all = || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    input.threads.map_or_else(all, std::num::NonZeroUsize::get)
}

/// What other rules read the records for anew, in words; empty if those in memory do.
fn why_read(standing: &Standing, rules: &Rules) -> Vec<String> {
    let (before, now): (&Pack, &Pack) = (standing.pack(), &rules.pack);
    if standing.context().as_of != rules.context.as_of {
        return vec![format!("the as-of date is {}", rules.context.as_of)];
    }
    read_anew(before, now)
}

fn side_by_side(
    old: &Side<'_>,
    new: &Side<'_>,
    earlier: &Arc<Rules>,
    rules: &Arc<Rules>,
    top: usize,
) -> (Comparison, Heads) {
    let heads = Heads { old: Head::of(old, called(earlier)), new: Head::of(new, called(rules)) };
    (compare::compare(old, new, top), heads)
}

/// The head of rules that decided nothing.
fn head(rules: &Arc<Rules>) -> Head {
    let receipt: &Receipt = rules.program.receipt();
    Head { title: called(rules), receipt: receipt.clone() }
}
