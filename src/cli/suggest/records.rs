//! The customers of whom something is known, out of the data.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Prepared, SuggestArgs};
use crate::cli::input::report;
use crate::cli::{Failure, Terminal};
use crate::data::Held;
use crate::evaluate::{OutcomeRows, join};
use crate::expr::{Date, Type};
use crate::pack::Outcomes;
use crate::plan::read::PlanFile;
use crate::stage::{Context, RowValues, cell, decide};
use crate::suggest::{Gathered, Known, as_if_planned, from_records};

/// Customers' columns and rollups by key.
type Records = Vec<(Arc<str>, RowValues)>;

/// Records by key, as far as they are wanted.
pub(super) fn records(
    args: &SuggestArgs,
    prepared: &Prepared,
    wanted: impl Fn(&str) -> bool,
    terminal: &Terminal,
) -> Result<(Context, Records), Failure> {
    let held = Held::read(&prepared.open()?)?;
    let context = prepared.context_of(&held, &args.input, terminal)?;
    report(held.counts(), None, terminal);
    let mut found = Vec::new();
    for batch in held.batches() {
        let Some(keys) = batch.columns().first() else { continue };
        for row in 0..batch.num_rows() {
            let key = cell(keys, row, Type::Text);
            if let Some(key) = key.as_text().filter(|key| wanted(key)) {
                found.push((Arc::from(key), RowValues::from_batch(&prepared.pack, batch, row)));
            }
        }
    }
    Ok((context, found))
}

/// Customers of whom only data and outcomes are there. Where every outcome is a return, customers without one did not return;
/// elsewhere nothing is known of them.
pub(super) fn history(
    args: &SuggestArgs,
    prepared: &Prepared,
    outcomes: &Outcomes,
    rows: &OutcomeRows,
    terminal: &Terminal,
) -> Result<Gathered, Failure> {
    let listed: HashMap<&str, usize> = rows.customers().collect();
    let (context, records) = records(args, prepared, |_| true, terminal)?;
    let everybody = records.len();
    let pack = &prepared.pack;
    // Outcomes come after the day that is decided for, within the pack's window.
    let days = i64::from(prepared.as_of.days()) + outcomes.within.clamp(0.0, 36_600.0) as i64;
    let seen_on = Date::from_days(days).unwrap_or(Date::MAX);
    let judged = |records: &[&(Arc<str>, RowValues)]| -> HashMap<Arc<str>, Known> {
        let decided = records.iter().map(|(key, record)| (key, decide(pack, &context, record.clone())));
        let kept = decided.filter(|(_, decision)| decision.suppressed.is_none());
        let plan_rows = kept.map(|(key, decision)| as_if_planned(pack, &context, key, &decision)).collect();
        let plan = PlanFile { rows: plan_rows, key: pack.record.key.clone(), ..PlanFile::default() };
        let observed = join(plan, rows, pack, seen_on).observed;
        let known = observed.into_iter().map(|one| {
            let cost = Some(one.cost).filter(|cost| *cost > 0.0);
            let known = Known { row: None, returned: one.won_back, contacted: true, margin: one.margin, cost };
            (one.row.key, known)
        });
        known.collect()
    };
    let there: Vec<&(Arc<str>, RowValues)> =
        records.iter().filter(|(key, _)| listed.contains_key(key.as_ref())).collect();
    let mut known = judged(&there);
    let returns_only = !known.is_empty() && known.values().all(|k| k.returned);
    if returns_only {
        let rest: Vec<&(Arc<str>, RowValues)> =
            records.iter().filter(|(key, _)| !listed.contains_key(key.as_ref())).collect();
        known.extend(judged(&rest));
        if !rest.is_empty() {
            terminal.note(&format!(
                "every outcome is a return, so the {} customers without one count as not returned",
                rest.len()
            ));
        }
    } else if everybody > there.len() {
        terminal.note(&format!("{} customers have no outcome and are left out", everybody - there.len()));
    }
    let strangers = listed.len().saturating_sub(there.len());
    if strangers > 0 {
        terminal.note(&format!("outcomes of {strangers} customers who are not in the data are left out"));
    }
    let mut gathered = from_records(pack, &context, records, &[], &known);
    gathered.notices.push(
        "without a plan nobody is known to have been held out: returns are counted, not what contacts brought about"
            .to_owned(),
    );
    Ok(gathered)
}
