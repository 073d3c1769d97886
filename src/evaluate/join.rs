//! Plan and outcomes by customer: which rows count, what several of them are together, and what the pack makes of it.

use std::collections::{HashMap, HashSet};

use super::once::{self, as_one};
use super::{Observed, OutcomeRows};
use crate::expr::{Date, Expr, Row, Slot, Type, Value, evaluate};
use crate::pack::{MergeBy, Outcomes, Pack};
use crate::plan::read::plain;
use crate::plan::{Arm, PlanFile, PlanRow};
use crate::script::Scripts;

/// What became of plan and outcomes when they met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JoinCounts {
    /// Rows of the plan.
    pub planned: u64,
    /// How many customers these are.
    pub customers: u64,
    /// Of the rows, those whose day has not come by the as-of date: they are left out.
    pub not_yet: u64,
    /// Of those that are looked at, customers without an outcome that counts: they did not return.
    pub without: u64,
    /// Of those that are looked at, customers who can still return within the time that counts.
    pub open: u64,
    /// Further contacts of customers who are in the plan more than once: each customer counts once all the same.
    pub again: u64,
    /// Rows of outcomes.
    pub outcomes: u64,
    /// Of them, those of customers who are not in the plan.
    pub unplanned_rows: u64,
    /// How many customers these are.
    pub unplanned: u64,
    /// Rows of planned customers that are earlier than the contact.
    pub before: u64,
    /// Rows of planned customers after the time that counts.
    pub after: u64,
    /// Rows of planned customers later than the as-of date: they are not seen.
    pub unseen: u64,
}

impl JoinCounts {
    /// Whether any row of outcomes is of a planned customer.
    #[must_use]
    pub fn any_planned(&self) -> bool {
        self.outcomes > self.unplanned_rows
    }
}

/// Plan and outcomes, row by row of the plan.
#[derive(Debug, Clone, Default)]
pub struct Joined {
    /// By customer, day and campaign.
    pub observed: Vec<Observed>,
    /// Those whose day has not come: nothing has come of them yet.
    pub waiting: Vec<Observed>,
    /// What became of the rows.
    pub counts: JoinCounts,
    /// The names of [`PlanRow::scores`].
    pub score_names: Vec<String>,
    /// The names of [`PlanRow::carried`].
    pub carried_names: Vec<String>,
    /// The outcomes of customers with several contacts: where these are looked at together, so is what came of them.
    pub several: OutcomeRows,
}

impl Joined {
    /// Whether nothing depends on the order in which the rows are given.
    pub(super) fn is_in_order(&self) -> bool {
        let sorted = |list: &[Observed]| list.is_sorted_by(|a, b| once::order(&a.row, &b.row).is_le());
        sorted(&self.observed) && sorted(&self.waiting)
    }

    /// Its rows in order.
    pub(super) fn in_order(&self) -> Joined {
        let mut sorted = self.clone();
        for list in [&mut sorted.observed, &mut sorted.waiting] {
            list.sort_by(|a, b| once::order(&a.row, &b.row));
        }
        sorted
    }
}

/// Puts a plan together with what came of it.
///
/// An outcome counts if it is not before `send_on`, not later than `within` days after it, and not later than the as-of date; one
/// without a day counts. Rows of one customer become one, column by column as the pack says. A planned customer without an
/// outcome did not return. Both arms are treated alike: `send_on` of a customer who is held out is the day she would have been contacted.
///
/// A pack without `[outcomes]` says nothing about anybody.
#[must_use]
pub fn join(plan: PlanFile, outcomes: &OutcomeRows, pack: &Pack, as_of: Date) -> Joined {
    let PlanFile { mut rows, score_names, carried_names, .. } = plan;
    let mut counts =
        JoinCounts { planned: rows.len() as u64, outcomes: outcomes.rows() as u64, ..JoinCounts::default() };
    let Some(rules) = &pack.outcomes else {
        return Joined { counts, score_names, carried_names, ..Joined::default() };
    };
    rows.sort_by(once::order);
    let keys: HashSet<&str> = rows.iter().map(|row| &*row.key).collect();
    counts.customers = keys.len() as u64;
    counts.again = (rows.len() - keys.len()) as u64;
    for (_, rows) in outcomes.customers().filter(|(key, _)| !keys.contains(key)) {
        counts.unplanned += 1;
        counts.unplanned_rows += rows as u64;
    }
    drop(keys);
    let twice = rows.iter().zip(rows.iter().skip(1)).filter(|(a, b)| a.key == b.key).map(|(a, _)| &*a.key);
    let several = if counts.again > 0 { outcomes.only(twice) } else { OutcomeRows::default() };
    let judge = Judge::new(pack, rules, outcomes, as_of, &score_names);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let size = rows.len().div_ceil(threads).max(4096);
    let mut parts: Vec<Vec<PlanRow>> = Vec::new();
    let mut rest = rows.into_iter().peekable();
    while rest.peek().is_some() {
        let mut part: Vec<PlanRow> = rest.by_ref().take(size).collect();
        // The rows of a customer stay together.
        while let Some(row) = rest.next_if(|row| part.last().is_some_and(|last| last.key == row.key)) {
            part.push(row);
        }
        parts.push(part);
    }
    let work = |part: Vec<PlanRow>| {
        let mut counts = JoinCounts::default();
        for rows in part.chunk_by(|a, b| a.key == b.key) {
            judge.count(rows, &mut counts);
        }
        let mut values = judge.fixed.clone();
        let (seen, waiting): (Vec<Observed>, Vec<Observed>) = part
            .into_iter()
            .map(|row| if row.send_on > as_of { waiting(row) } else { judge.one(row, &mut values) })
            .partition(|seen| seen.row.send_on <= as_of);
        (seen, waiting, counts)
    };
    let done: Vec<(Vec<Observed>, Vec<Observed>, JoinCounts)> = std::thread::scope(|scope| {
        let handles: Vec<_> = parts.into_iter().map(|part| scope.spawn(|| work(part))).collect();
        // A thread ends in a panic only by a fault of ours, which then goes on here.
        handles.into_iter().map(|h| h.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).collect()
    });
    let (mut observed, mut waiting) = (Vec::new(), Vec::new());
    for (part, later, more) in done {
        observed.extend(part);
        waiting.extend(later);
        counts.not_yet += more.not_yet;
        counts.without += more.without;
        counts.open += more.open;
        counts.before += more.before;
        counts.after += more.after;
        counts.unseen += more.unseen;
    }
    Joined { observed, waiting, counts, score_names, carried_names, several }
}

/// A contact whose day has not come.
fn waiting(row: PlanRow) -> Observed {
    let (returned_on, revenue, margin, covariate) = (None, None, None, None);
    Observed { row, won_back: false, returned_on, revenue, margin, cost: 0.0, covariate }
}

/// The values of an expression over outcomes, by slot.
#[derive(Debug, Clone, Default)]
pub(super) struct Values(Vec<Value>);

impl Values {
    fn set(&mut self, slot: Slot, value: Value) {
        if let Some(place) = self.0.get_mut(slot.0 as usize) {
            *place = value;
        }
    }
}

impl Row for Values {
    fn get(&self, slot: Slot) -> Value {
        self.0.get(slot.0 as usize).cloned().unwrap_or(Value::Missing)
    }
}

/// What a plan's column is to an expression.
enum Read {
    Plain(&'static str),
    Score(usize),
    Priority,
}

/// The outcomes of a customer that count for some of her contacts.
#[derive(Default)]
struct Kept<'a> {
    rows: Vec<&'a [Value]>,
    /// The first of their days.
    first: Option<Date>,
    /// How many are too early, too late, and not seen.
    before: u64,
    after: u64,
    unseen: u64,
}

/// Everything that is the same for every row.
pub(super) struct Judge<'a> {
    rules: &'a Outcomes,
    outcomes: &'a OutcomeRows,
    scripts: &'a Scripts,
    as_of: Date,
    /// Where the time stands among the columns.
    time: Option<usize>,
    /// Columns of the plan that some expression reads.
    reads: Vec<(Slot, Read)>,
    /// `today`, parameters, `within`.
    fixed: Values,
    /// The share of the holdout over all plans.
    shared: f64,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        pack: &'a Pack,
        rules: &'a Outcomes,
        outcomes: &'a OutcomeRows,
        as_of: Date,
        scores: &[String],
    ) -> Judge<'a> {
        let mut fixed = Values(vec![Value::Missing; rules.table.names.len()]);
        fixed.set(pack.today, Value::Date(as_of));
        for param in &pack.params {
            fixed.set(param.slot, param.value.clone());
        }
        fixed.set(rules.within_slot, Value::number(rules.within));
        let used: HashSet<Slot> = rules.rules().flat_map(|(_, rule)| rule.expr.slots()).collect();
        let places: HashMap<&str, usize> = scores.iter().zip(0..).map(|(name, at)| (name.as_str(), at)).collect();
        let plain = rules.plan.iter().map(|(name, slot)| (*slot, Read::Plain(name)));
        let scored = rules.scores.iter().filter_map(|(name, slot)| match places.get(name.as_str()) {
            Some(at) => Some((*slot, Read::Score(*at))),
            None => (name == "priority").then_some((*slot, Read::Priority)),
        });
        let time = rules.table.time.as_ref();
        Judge {
            rules,
            outcomes,
            scripts: &pack.scripts,
            as_of,
            time: time.and_then(|time| rules.table.columns.iter().position(|column| column.name == *time)),
            reads: plain.chain(scored).filter(|(slot, _)| used.contains(slot)).collect(),
            fixed,
            shared: pack.planning.as_ref().map_or(0.0, |plan| plan.holdout),
        }
    }

    /// Whole days after a contact that count.
    fn within(&self) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "whole days, at most 3660")]
        let days = self.rules.within as i64;
        days
    }

    /// The outcomes of a customer that count for a contact on any of these days.
    fn kept(&self, key: &str, sent: &[Date]) -> Kept<'a> {
        let mut kept = Kept::default();
        for values in self.outcomes.of_key(key) {
            let Some(day) = self.time.and_then(|at| values.get(at)).and_then(Value::as_date) else {
                kept.rows.push(values);
                continue;
            };
            let days = |from: &Date| i64::from(day.days()) - i64::from(from.days());
            if sent.iter().all(|from| days(from) < 0) {
                kept.before += 1;
            } else if day > self.as_of {
                kept.unseen += 1;
            } else if !sent.iter().any(|from| (0..=self.within()).contains(&days(from))) {
                kept.after += 1;
            } else {
                kept.rows.push(values);
                kept.first = Some(kept.first.map_or(day, |first| first.min(day)));
            }
        }
        kept
    }

    /// Counts a customer, given all her rows.
    fn count(&self, rows: &[PlanRow], counts: &mut JoinCounts) {
        let sent: Vec<Date> = rows.iter().map(|row| row.send_on).filter(|day| *day <= self.as_of).collect();
        counts.not_yet += (rows.len() - sent.len()) as u64;
        let (Some(row), Some(last)) = (rows.first(), sent.iter().max()) else { return };
        counts.open += u64::from(i64::from(last.days()) + self.within() > i64::from(self.as_of.days()));
        let kept = self.kept(&row.key, &sent);
        counts.without += u64::from(kept.rows.is_empty());
        counts.before += kept.before;
        counts.after += kept.after;
        counts.unseen += kept.unseen;
    }

    /// What came of one row of the plan whose day has come.
    fn one(&self, row: PlanRow, values: &mut Values) -> Observed {
        let sent = [row.send_on];
        self.of(row, &sent, values)
    }

    /// What came of several contacts of a customer together: her outcome counts once.
    pub(super) fn together(&self, seen: &[&Observed]) -> Option<Observed> {
        let rows: Vec<&PlanRow> = seen.iter().map(|seen| &seen.row).collect();
        let sent: Vec<Date> = rows.iter().map(|row| row.send_on).collect();
        Some(self.of(as_one(&rows, self.shared)?, &sent, &mut self.fixed.clone()))
    }

    fn of(&self, row: PlanRow, sent: &[Date], values: &mut Values) -> Observed {
        let Kept { rows: kept, first, .. } = self.kept(&row.key, sent);
        for (at, column) in self.rules.table.columns.iter().enumerate() {
            values.set(column.slot, merged(&kept, at, column.ty, column.merge));
        }
        values.set(self.rules.rows_slot, Value::number(kept.len() as f64));
        for (slot, read) in &self.reads {
            values.set(*slot, self.planned(&row, read));
        }
        let number = |expr: &Expr| evaluate(expr, &*values, self.scripts).as_number();
        let there = !kept.is_empty();
        let brought = |rule: &Option<crate::pack::Rule>| match rule {
            Some(rule) if there => number(&rule.expr),
            Some(_) => Some(0.0),
            None => None,
        };
        let planned_cost = || if row.arm == Arm::Contact { row.cost.unwrap_or(0.0) } else { 0.0 };
        let won_back = there && evaluate(&self.rules.won_back.expr, &*values, self.scripts).as_bool().unwrap_or(false);
        Observed {
            won_back,
            returned_on: first.filter(|_| won_back),
            revenue: brought(&self.rules.revenue),
            margin: brought(&self.rules.margin),
            cost: self.rules.cost.as_ref().map_or_else(planned_cost, |rule| number(&rule.expr).unwrap_or(0.0)),
            covariate: self.rules.covariate.as_ref().and_then(|rule| number(&rule.expr)),
            row,
        }
    }

    fn planned(&self, row: &PlanRow, read: &Read) -> Value {
        let number = |x: Option<f64>| x.map_or(Value::Missing, Value::number);
        match read {
            Read::Plain(name) => plain(row, name).unwrap_or(Value::Missing),
            Read::Score(at) => number(row.scores.get(*at).copied().flatten()),
            Read::Priority => number(row.priority),
        }
    }
}

/// The values of one column in several rows as one; what is missing is left out.
fn merged(rows: &[&[Value]], at: usize, ty: Type, by: MergeBy) -> Value {
    let there = || rows.iter().filter_map(|row| row.get(at)).filter(|value| !value.is_missing());
    if let [one] = rows {
        return one.get(at).cloned().unwrap_or(Value::Missing);
    }
    match (ty, by) {
        (Type::Number, MergeBy::Sum) => {
            let mut numbers = there().filter_map(Value::as_number).peekable();
            if numbers.peek().is_none() { Value::Missing } else { Value::number(numbers.sum()) }
        }
        (_, MergeBy::Max) => there().max_by(|a, b| order(a, b)).cloned().unwrap_or(Value::Missing),
        _ => there().min_by(|a, b| order(a, b)).cloned().unwrap_or(Value::Missing),
    }
}

fn order(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        _ => std::cmp::Ordering::Equal,
    }
}
