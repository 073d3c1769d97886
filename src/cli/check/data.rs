//! `regain check --data`: the rules held against real customers.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;

use super::super::input::{Prepared, report};
use super::super::{CheckArgs, Failure, Input, Terminal};
use crate::check;
use crate::check::logic::{self, Region};
use crate::check::places::{entry, quoted_list, read_events, read_names, span_of};
use crate::data::{Apply, DataError, Sink, TableCounts};
use crate::diag::{Diagnostic, Span, code, nearest};
use crate::draw;
use crate::engine::ScriptErrors;
use crate::expr::{Row as _, Value, evaluate};
use crate::pack::{Column, Pack};
use crate::stage::{self, Context, Program, RowValues};

/// What was counted over all customers.
#[derive(Debug, Clone, Default)]
struct Seen {
    customers: u64,
    /// By column of the record: for how many it is there.
    there: Vec<u64>,
    suppressed: Vec<u64>,
    /// By rule: for how many it decides.
    states: Vec<u64>,
    /// By rule: for how many its `when` is true.
    state_conditions: Vec<u64>,
    analysed: u64,
    causes: Vec<u64>,
    grades: Vec<u64>,
    /// Customers who were not suppressed.
    judged: u64,
    candidates: Vec<u64>,
    followups: Vec<u64>,
    regions: Vec<u64>,
}

impl Seen {
    fn new(pack: &Pack, regions: usize) -> Self {
        Seen {
            there: vec![0; pack.record.columns.len()],
            suppressed: vec![0; pack.suppress.len()],
            states: vec![0; pack.states.len()],
            state_conditions: vec![0; pack.states.len()],
            causes: vec![0; pack.causes.list.len()],
            grades: vec![0; pack.grades.len()],
            candidates: vec![0; pack.campaigns.len()],
            followups: vec![0; pack.followups.len()],
            regions: vec![0; regions],
            ..Seen::default()
        }
    }

    /// Decides one customer and counts what became of her.
    fn add(&mut self, pack: &Pack, context: &Context, regions: &[Region], record: RowValues) {
        self.customers += 1;
        for (count, column) in self.there.iter_mut().zip(&pack.record.columns) {
            *count += u64::from(!record.get(column.slot).is_missing());
        }
        let decision = stage::decide(pack, context, record);
        let holds = |expr| evaluate(expr, &decision.values, &pack.scripts) == Value::Bool(true);
        for (count, region) in self.regions.iter_mut().zip(regions) {
            *count += u64::from(region.all_of.iter().all(holds) && !region.none_of.iter().any(holds));
        }
        if let Some(rule) = decision.suppressed {
            one(&mut self.suppressed, rule);
            return;
        }
        self.judged += 1;
        for (count, state) in self.state_conditions.iter_mut().zip(&pack.states) {
            *count += u64::from(state.when.as_ref().is_none_or(|when| holds(&when.expr)));
        }
        decision.state.into_iter().for_each(|rule| one(&mut self.states, rule));
        self.analysed += u64::from(decision.cause.analysed);
        decision.cause.winner.into_iter().for_each(|cause| one(&mut self.causes, cause));
        decision.grade.into_iter().for_each(|grade| one(&mut self.grades, grade));
        for (count, campaign) in self.candidates.iter_mut().zip(&decision.campaigns) {
            *count += u64::from(campaign.obstacles.is_empty());
        }
        decision.followups.iter().for_each(|step| one(&mut self.followups, *step));
    }

    fn merge(&mut self, other: &Seen) {
        self.customers += other.customers;
        self.analysed += other.analysed;
        self.judged += other.judged;
        for (mine, theirs) in [
            (&mut self.there, &other.there),
            (&mut self.suppressed, &other.suppressed),
            (&mut self.states, &other.states),
            (&mut self.state_conditions, &other.state_conditions),
            (&mut self.causes, &other.causes),
            (&mut self.grades, &other.grades),
            (&mut self.candidates, &other.candidates),
            (&mut self.followups, &other.followups),
            (&mut self.regions, &other.regions),
        ] {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
    }
}

fn one(counts: &mut [u64], index: usize) {
    if let Some(count) = counts.get_mut(index) {
        *count += 1;
    }
}

/// Where the threads of a run count. A run that starts again counts anew.
struct Counting {
    pack: Arc<Pack>,
    seen: Arc<Mutex<Seen>>,
    regions: usize,
    /// Decides as a run does, to see which scripts fail; batches come in their order here.
    program: Program,
    errors: ScriptErrors,
}

impl Sink for Counting {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        if !self.pack.scripts.signatures().is_empty() {
            let applied = self.program.apply(batch).map_err(|e| DataError::input(e.to_string()))?;
            self.errors.extend(applied.failures);
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<(), DataError> {
        self.errors = ScriptErrors::default();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen::new(&self.pack, self.regions);
        Ok(())
    }
}

/// Adds to the findings what only data can tell. Returns what is said below them, for people.
pub(super) fn look(
    args: &CheckArgs,
    pack: &Arc<Pack>,
    found: &mut Vec<Diagnostic>,
    terminal: &Terminal,
) -> Result<String, Failure> {
    let input = Input {
        pack: args.pack.clone().unwrap_or_default(),
        data: args.data.clone(),
        as_of: args.as_of,
        reference: None,
        strict: false,
        max_rejects: None,
        threads: None,
    };
    let prepared = Prepared::of(Arc::clone(pack), &input, None, terminal)?;
    let run = prepared.open()?;
    let context = prepared.context(&input, terminal)?;
    let (findings, regions): (Vec<Diagnostic>, Vec<Region>) = logic::regions(pack).into_iter().unzip();
    let seen = Arc::new(Mutex::new(Seen::new(pack, regions.len())));
    let mut counting = Counting {
        pack: Arc::clone(pack),
        seen: Arc::clone(&seen),
        regions: regions.len(),
        program: Program::compile(pack, &context),
        errors: ScriptErrors::default(),
    };
    let apply: Apply = {
        let (pack, context, regions, all) = (Arc::clone(pack), context, Arc::new(regions), Arc::clone(&seen));
        Arc::new(move |batch| {
            let mut some = Seen::new(&pack, regions.len());
            for row in 0..batch.num_rows() {
                some.add(&pack, &context, &regions, RowValues::from_batch(&pack, batch, row));
            }
            all.lock().unwrap_or_else(PoisonError::into_inner).merge(&some);
            Ok(batch.clone())
        })
    };
    let absent = run.absent();
    let mut counts = run.execute(&apply, &mut counting)?;
    // How files were read, a run says; here it is about the rules.
    counts.notices.clear();
    counts.script_errors = counting.errors;
    report(&counts, None, terminal);
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();

    for (finding, customers) in findings.iter().zip(&seen.regions) {
        let same = |other: &&mut Diagnostic| {
            other.code == finding.code
                && other.primary.as_ref().map(|l| l.span) == finding.primary.as_ref().map(|l| l.span)
                && other.message == finding.message
        };
        if let Some(diagnostic) = found.iter_mut().find(same) {
            diagnostic.help.push(format!("in the data: {}", part(*customers, seen.customers, "customers")));
        }
    }
    let mut more = Vec::new();
    let elsewhere = not_there(pack, &seen, &absent, &mut more);
    counts.tables.iter().for_each(|table| not_listed(pack, table, &mut more));
    let idle = idle(pack, &seen, &mut more);
    found.extend(check::levels::apply_to_more(pack, more));
    found.sort_by_key(|diagnostic| diagnostic.primary.as_ref().map(|label| label.span));

    let mut text = format!("held against {} customers as of {}\n", draw::count(seen.customers), prepared.as_of);
    for (head, body) in [
        ("never there, of the optional columns of what the pack extends:", elsewhere),
        ("for nobody, of the rules of what the pack extends:", idle),
    ] {
        if !body.is_empty() {
            text.push_str(&format!("  {head}\n"));
            for line in draw::wrap(&body, terminal.width().saturating_sub(4)) {
                text.push_str(&format!("    {line}\n"));
            }
        }
    }
    text.push('\n');
    Ok(text)
}

/// `12 of 7,043 customers (0.2 %)`
fn part(count: u64, all: u64, what: &str) -> String {
    let share = draw::share(count as f64, all as f64);
    format!("{} of {} {what} ({share})", draw::count(count), draw::count(all))
}

/// Columns that are read and never there. Returns those that another pack declares and that may be left out.
fn not_there(pack: &Pack, seen: &Seen, absent: &[(String, String)], more: &mut Vec<Diagnostic>) -> String {
    let read = read_names(pack);
    let mut elsewhere = Vec::new();
    for (column, there) in pack.record.columns.iter().zip(&seen.there) {
        if *there > 0 || seen.customers == 0 || !read.contains(&column.slot) {
            continue;
        }
        let from = entry(&pack.tree, &["record", "columns", &column.name, "from"]).map(|entry| entry.key);
        let own = pack.is_own(column.span) || from.is_some_and(|at| pack.is_own(at));
        if !own && column.optional {
            elsewhere.push(column.name.as_str());
            continue;
        }
        let at = from.filter(|at| pack.is_own(*at)).unwrap_or(column.span);
        let message =
            format!("`{}` is missing for every one of {} customers", column.name, draw::count(seen.customers));
        more.push(never_there(message, at, column));
    }
    let events = read_events(pack);
    for (table, name) in absent {
        let column = pack.tables.get(table).and_then(|table| table.columns.iter().find(|column| column.name == *name));
        let Some(column) = column.filter(|_| events.contains(&(table.clone(), name.clone()))) else { continue };
        if !pack.is_own(column.span) && column.optional {
            elsewhere.push(column.name.as_str());
            continue;
        }
        more.push(never_there(format!("no file of `{table}` has the column `{name}`"), column.span, column));
    }
    elsewhere.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn never_there(message: String, at: Span, column: &Column) -> Diagnostic {
    let accepted = quoted_list(std::iter::once(column.name.as_str()).chain(column.from.iter().map(String::as_str)));
    Diagnostic::warning(code::NOT_IN_DATA, at, message)
        .help(format!("headers it is found by: {accepted}; `regain profile PACK --data …` shows what the files have"))
}

/// Values beside the list of a column.
fn not_listed(pack: &Pack, table: &TableCounts, more: &mut Vec<Diagnostic>) {
    const SHOWN: usize = 6;
    let columns: HashSet<&str> = table.unlisted.iter().map(|(column, ..)| column.as_str()).collect();
    let mut columns: Vec<&str> = columns.into_iter().collect();
    columns.sort_unstable();
    for name in columns {
        let events = pack.tables.get(&table.table).map(|events| &events.columns);
        let column = events.unwrap_or(&pack.record.columns).iter().find(|column| column.name == name);
        let Some(column) = column else { continue };
        let path: Vec<&str> = match events {
            Some(_) => vec!["tables", &table.table, "columns", name, "values"],
            None => vec!["record", "columns", name, "values"],
        };
        let at = entry(&pack.tree, &path).map_or(column.span, span_of);
        let values: Vec<(&str, u64)> = table
            .unlisted
            .iter()
            .filter(|(other, ..)| other == name)
            .map(|(_, value, rows)| (value.as_str(), *rows))
            .collect();
        let rows: u64 = values.iter().map(|(_, rows)| rows).sum();
        let mut shown: Vec<String> = values
            .iter()
            .take(SHOWN)
            .map(|(value, rows)| {
                format!("`{value}` ({}, {})", draw::count(*rows), draw::share(*rows as f64, table.rows as f64))
            })
            .collect();
        if values.len() > SHOWN {
            shown.push(format!("and {} more", values.len() - SHOWN));
        }
        let message = format!(
            "{} of `{}` have a `{name}` that is not listed: {}",
            part(rows, table.rows, "rows"),
            table.table,
            shown.join(", ")
        );
        let mut diagnostic = Diagnostic::warning(code::VALUE_NOT_LISTED, at, message);
        let alike = values.iter().find_map(|(value, _)| {
            let listed = column.values.iter().map(String::as_str);
            let same = listed.clone().find(|known| known.to_lowercase() == value.trim().to_lowercase());
            Some((*value, same.or_else(|| nearest(value, listed))?))
        });
        if let Some((value, known)) = alike {
            diagnostic = diagnostic.help(format!(
                "`{value}` may be `{known}` written in another way: `lower(trim({name}))` makes such texts alike in a rule"
            ));
        }
        more.push(
            diagnostic.help("rules, maps and cases go by the list: add what belongs there, or have the data corrected"),
        );
    }
}

/// A rule with how many it decides for, of how many it could.
struct Tally<'a> {
    noun: &'static str,
    name: &'a str,
    at: Span,
    count: u64,
    of: u64,
    /// How many fulfil its condition, where others come first.
    true_for: Option<u64>,
}

/// Notes on rules that decide for nobody or for all. Returns those of the packs below that decide for nobody.
fn idle(pack: &Pack, seen: &Seen, more: &mut Vec<Diagnostic>) -> String {
    let mut all: Vec<Tally<'_>> = Vec::new();
    let mut add = |noun, name, at, count: Option<&u64>, of, true_for| {
        let count = count.copied().unwrap_or_default();
        all.push(Tally { noun, name, at, count, of, true_for });
    };
    for (i, rule) in pack.suppress.iter().enumerate() {
        add("suppression", rule.name.as_str(), rule.span, seen.suppressed.get(i), seen.customers, None);
    }
    for (i, rule) in pack.states.iter().enumerate() {
        let true_for = seen.state_conditions.get(i).copied();
        add("state", &rule.name, rule.span, seen.states.get(i), seen.judged, true_for);
    }
    for (i, cause) in pack.causes.list.iter().enumerate() {
        add("cause", &cause.name, cause.span, seen.causes.get(i), seen.analysed, None);
    }
    for (i, grade) in pack.grades.iter().enumerate() {
        add("grade", &grade.name, grade.span, seen.grades.get(i), seen.judged, None);
    }
    for (i, campaign) in pack.campaigns.iter().enumerate() {
        add("campaign", &campaign.name, campaign.span, seen.candidates.get(i), seen.judged, None);
    }
    for (i, step) in pack.followups.iter().enumerate() {
        add("follow-up", &step.name, step.span, seen.followups.get(i), seen.judged, None);
    }
    let mut below: Vec<(&str, Vec<String>)> = Vec::new();
    for tally in all.iter().filter(|tally| tally.of > 0) {
        let (noun, name) = (tally.noun, tally.name);
        let what = if noun == "cause" { "customers analysed" } else { "customers" };
        if tally.count == 0 && !pack.is_own(tally.at) {
            match below.iter_mut().find(|(other, _)| *other == noun) {
                Some((_, names)) => names.push(format!("`{name}`")),
                None => below.push((noun, vec![format!("`{name}`")])),
            }
        } else if tally.count == 0 {
            let message = format!("{noun} `{name}` is for none of {} {what}", draw::count(tally.of));
            let mut note = Diagnostic::note(code::IDLE_ON_DATA, tally.at, message);
            if let Some(others) = tally.true_for.filter(|n| *n > 0) {
                let held = part(others, tally.of, "customers");
                note = note.help(format!("its `when` is true for {held}, and earlier rules take all of them"));
            }
            more.push(note);
        } else if tally.count == tally.of && pack.is_own(tally.at) {
            let message = format!("{noun} `{name}` is for all of {} {what} (100 %)", draw::count(tally.of));
            more.push(Diagnostic::note(code::IDLE_ON_DATA, tally.at, message));
        }
    }
    let plural = |noun: &str| match noun {
        "follow-up" => "follow-ups".to_owned(),
        noun => format!("{noun}s"),
    };
    let parts: Vec<String> =
        below.into_iter().map(|(noun, names)| format!("{} {}", plural(noun), names.join(", "))).collect();
    parts.join("; ")
}
