//! Plan and outcomes by customer: which rows count, what several of them are together, and what the pack makes of it.

use std::collections::{HashMap, HashSet};

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
    /// Of them, those whose day has not come by the as-of date: they are left out.
    pub not_yet: u64,
    /// Of those that are looked at, customers without an outcome that counts: they did not return.
    pub without: u64,
    /// Of those that are looked at, customers who can still return within the time that counts.
    pub open: u64,
    /// Further contacts of a customer who is in the plan more than once: what came of her counts for each.
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

/// Plan and outcomes, row by row of the plan.
#[derive(Debug, Clone, Default)]
pub struct Joined {
    /// In the order of the plan.
    pub observed: Vec<Observed>,
    /// Those whose day has not come: nothing has come of them yet.
    pub waiting: Vec<Observed>,
    /// What became of the rows.
    pub counts: JoinCounts,
    /// The names of [`PlanRow::scores`].
    pub score_names: Vec<String>,
    /// The names of [`PlanRow::carried`].
    pub carried_names: Vec<String>,
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
    let PlanFile { rows, score_names, carried_names, .. } = plan;
    let mut counts =
        JoinCounts { planned: rows.len() as u64, outcomes: outcomes.rows() as u64, ..JoinCounts::default() };
    let Some(rules) = &pack.outcomes else {
        return Joined { counts, score_names, carried_names, ..Joined::default() };
    };
    let keys: HashSet<&str> = rows.iter().map(|row| &*row.key).collect();
    counts.again = (rows.len() - keys.len()) as u64;
    for (_, rows) in outcomes.customers().filter(|(key, _)| !keys.contains(key)) {
        counts.unplanned += 1;
        counts.unplanned_rows += rows as u64;
    }
    drop(keys);
    let judge = Judge::new(pack, rules, outcomes, as_of, &score_names);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let size = rows.len().div_ceil(threads).max(4096);
    let mut parts: Vec<Vec<PlanRow>> = Vec::new();
    let mut rest = rows.into_iter().peekable();
    while rest.peek().is_some() {
        parts.push(rest.by_ref().take(size).collect());
    }
    let work = |part: Vec<PlanRow>| {
        let mut counts = JoinCounts::default();
        let mut values = judge.fixed.clone();
        let (seen, waiting): (Vec<Observed>, Vec<Observed>) = part
            .into_iter()
            .map(|row| judge.row(row, &mut values, &mut counts))
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
    Joined { observed, waiting, counts, score_names, carried_names }
}

/// The values of an expression over outcomes, by slot.
#[derive(Debug, Clone, Default)]
struct Values(Vec<Value>);

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

/// Everything that is the same for every row.
struct Judge<'a> {
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
}

impl<'a> Judge<'a> {
    fn new(
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
        }
    }

    /// What came of one row of the plan; nothing if its day has not come.
    fn row(&self, row: PlanRow, values: &mut Values, counts: &mut JoinCounts) -> Observed {
        if row.send_on > self.as_of {
            counts.not_yet += 1;
            let (returned_on, revenue, margin, covariate) = (None, None, None, None);
            return Observed { row, won_back: false, returned_on, revenue, margin, cost: 0.0, covariate };
        }
        let sent = i64::from(row.send_on.days());
        #[expect(clippy::cast_possible_truncation, reason = "whole days, at most 3660")]
        let end = sent + self.rules.within as i64;
        if end > i64::from(self.as_of.days()) {
            counts.open += 1;
        }
        let mut kept: Vec<&[Value]> = Vec::new();
        let mut first: Option<Date> = None;
        for values in self.outcomes.of_key(&row.key) {
            let Some(day) = self.time.and_then(|at| values.get(at)).and_then(Value::as_date) else {
                kept.push(values);
                continue;
            };
            let days = i64::from(day.days());
            if days < sent {
                counts.before += 1;
            } else if day > self.as_of {
                counts.unseen += 1;
            } else if days > end {
                counts.after += 1;
            } else {
                kept.push(values);
                first = Some(first.map_or(day, |first| first.min(day)));
            }
        }
        for (at, column) in self.rules.table.columns.iter().enumerate() {
            values.set(column.slot, merged(&kept, at, column.ty, column.merge));
        }
        values.set(self.rules.rows_slot, Value::number(kept.len() as f64));
        for (slot, read) in &self.reads {
            values.set(*slot, self.planned(&row, read));
        }
        let number = |expr: &Expr| evaluate(expr, &*values, self.scripts).as_number();
        let there = !kept.is_empty();
        if !there {
            counts.without += 1;
        }
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
