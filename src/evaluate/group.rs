//! Which customers are looked at together, and their sums.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::join::Judge;
use super::{Joined, Observed, once};
use crate::expr::Value;
use crate::plan::Arm;
use crate::plan::read::plain;
use crate::stats::{Moments, Sum};

/// The values whose moments are kept, in this order: revenue, margin, cost, covariate.
pub(super) const VALUES: usize = 4;
/// The weights that pick one of them.
pub(super) const REVENUE: [f64; VALUES] = [1.0, 0.0, 0.0, 0.0];
/// Margin.
pub(super) const MARGIN: [f64; VALUES] = [0.0, 1.0, 0.0, 0.0];
/// Cost.
pub(super) const COST: [f64; VALUES] = [0.0, 0.0, 1.0, 0.0];
/// Covariate.
pub(super) const COVARIATE: [f64; VALUES] = [0.0, 0.0, 0.0, 1.0];

/// One arm of customers of one propensity.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    /// How many were won back.
    pub won: u64,
    /// Their moments.
    pub moments: Moments<VALUES>,
    /// Sums of revenue, margin and cost, for totals that are shown.
    pub sums: [Sum; 3],
}

/// The two arms of customers of one propensity.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stratum {
    /// Those who were contacted.
    pub contact: Cell,
    /// Those who were held out.
    pub holdout: Cell,
}

/// Sums over all customers of a group.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    /// By propensity (its bits, which are in order for numbers from 0 to 1).
    pub strata: BTreeMap<u64, Stratum>,
    /// `success` where it is known: how many, and their sum.
    pub success: (u64, f64),
    /// `success - anyway` where both are known: how many, and their sum.
    pub effect: (u64, f64),
    /// `value` where it is known: how many, and their sum.
    pub value: (u64, f64),
    /// The planned cost of one contact where it is known: how many, and their sum.
    pub planned_cost: (u64, f64),
    /// Customers whose arm their propensity rules out.
    pub impossible: u64,
    /// Customers whom a person decided about.
    pub decided: u64,
}

/// The measures of a customer that all comparisons use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measures {
    /// The mean of the covariate, which stands where it is not known.
    pub usual: f64,
    /// Whether the margin is the plan's value of a return, because no margin was observed.
    pub margin_of_plan: bool,
}

impl Sums {
    /// How many customers there are.
    pub(super) fn customers(&self) -> u64 {
        let of = |s: &Stratum| s.contact.moments.count() + s.holdout.moments.count();
        self.strata.values().map(|stratum| of(stratum) as u64).sum()
    }

    pub(super) fn add(&mut self, seen: &Observed, measures: Measures) {
        let row = &seen.row;
        let stratum = self.strata.entry(row.propensity.to_bits()).or_default();
        let cell = if row.arm == Arm::Contact { &mut stratum.contact } else { &mut stratum.holdout };
        cell.won += u64::from(seen.won_back);
        let margin = if measures.margin_of_plan {
            if seen.won_back { row.value.unwrap_or(0.0) } else { 0.0 }
        } else {
            seen.margin.unwrap_or(0.0)
        };
        let revenue = seen.revenue.unwrap_or(0.0);
        cell.moments.add([revenue, margin, seen.cost, seen.covariate.unwrap_or(measures.usual)]);
        cell.sums.iter_mut().zip([revenue, margin, seen.cost]).for_each(|(sum, x)| sum.add(x));
        self.decided += u64::from(once::decided(row));
        let sum = |sum: &mut (u64, f64), value: Option<f64>| {
            if let Some(value) = value {
                sum.0 += 1;
                sum.1 += value;
            }
        };
        sum(&mut self.success, row.success);
        sum(&mut self.effect, row.success.zip(row.anyway).map(|(success, anyway)| success - anyway));
        sum(&mut self.value, row.value);
        sum(&mut self.planned_cost, row.cost);
        let never = if row.arm == Arm::Contact { 0.0 } else { 1.0 };
        self.impossible += u64::from(row.propensity == never);
    }
}

/// Each customer once, out of rows in order: of several contacts, what came of them together.
pub(super) fn units<'a>(rows: &[&'a Observed], judge: Option<&Judge<'_>>) -> Vec<Cow<'a, Observed>> {
    let one = |rows: &[&'a Observed]| -> Option<Cow<'a, Observed>> {
        match (rows, judge) {
            ([_, _, ..], Some(judge)) => judge.together(rows).map(Cow::Owned),
            (rows, _) => rows.first().map(|row| Cow::Borrowed(*row)),
        }
    };
    rows.chunk_by(|a, b| a.row.key == b.row.key).filter_map(one).collect()
}

/// Customers with one value of a column.
#[derive(Debug, Default)]
pub(super) struct Group<'a> {
    /// The value in words; empty where it is not known.
    pub name: String,
    /// First those whose day has come, then those who wait.
    pub rows: Vec<&'a Observed>,
    /// How many are the former.
    pub seen: usize,
}

/// Customers by the values of one column, in the order in which they are shown.
pub(super) fn groups<'a>(joined: &'a Joined, column: &str) -> Option<Vec<Group<'a>>> {
    let values = column_values(joined, column)?;
    let numbers: Vec<f64> = values.iter().filter_map(Value::as_number).collect();
    let bounds = (!numbers.is_empty()).then(|| quartiles(numbers));
    let mut found: HashMap<Name, Group<'a>> = HashMap::new();
    for ((at, seen), value) in everybody(joined).enumerate().zip(values) {
        let name = match (&bounds, value) {
            (_, Value::Missing) => Name::Missing,
            (Some(Cuts::Each), Value::Number(x)) => Name::Number(in_order(x), Value::Number(x).to_string()),
            (Some(Cuts::Between(bounds)), Value::Number(x)) => {
                let place = bounds.partition_point(|bound| *bound < x);
                Name::Part(place, part_name(bounds, place))
            }
            (_, Value::Text(text)) => Name::Text(text),
            (_, other) => Name::Text(other.to_string().into()),
        };
        let group = found.entry(name).or_default();
        group.rows.push(seen);
        group.seen += usize::from(at < joined.observed.len());
    }
    let mut list: Vec<(Name, Group<'a>)> = found.into_iter().collect();
    list.sort_by(|(a, _), (b, _)| a.cmp(b));
    Some(list.into_iter().map(|(name, group)| Group { name: name.shown(), ..group }).collect())
}

/// Those whose day has come, then those who wait.
fn everybody(joined: &Joined) -> impl Iterator<Item = &Observed> {
    joined.observed.iter().chain(&joined.waiting)
}

/// Whether there is such a column.
pub(super) fn is_column(joined: &Joined, column: &str) -> bool {
    joined.score_names.iter().chain(&joined.carried_names).any(|name| name == column)
        || everybody(joined).next().is_none_or(|seen| plain(&seen.row, column).is_some())
}

fn column_values(joined: &Joined, column: &str) -> Option<Vec<Value>> {
    let number = |x: Option<f64>| x.map_or(Value::Missing, Value::number);
    if let Some(at) = joined.score_names.iter().position(|name| name == column) {
        return Some(everybody(joined).map(|seen| number(seen.row.scores.get(at).copied().flatten())).collect());
    }
    if let Some(at) = joined.carried_names.iter().position(|name| name == column) {
        let text = |t: Option<Arc<str>>| t.map_or(Value::Missing, Value::Text);
        return Some(everybody(joined).map(|seen| text(seen.row.carried.get(at).cloned().flatten())).collect());
    }
    everybody(joined).map(|seen| plain(&seen.row, column)).collect()
}

/// How a group is called; in the order of the tables.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Name {
    Part(usize, String),
    Number(u64, String),
    Text(Arc<str>),
    Missing,
}

impl Name {
    fn shown(self) -> String {
        match self {
            Name::Part(_, text) | Name::Number(_, text) => text,
            Name::Text(text) => text.to_string(),
            Name::Missing => String::new(),
        }
    }
}

/// Bits that are in the order of the numbers.
fn in_order(x: f64) -> u64 {
    let bits = x.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

/// How numbers are put into groups.
enum Cuts {
    /// There are few: each is a group.
    Each,
    /// At these bounds, each of which belongs to the group below it.
    Between(Vec<f64>),
}

/// So few different numbers are groups of their own.
const FEW: usize = 6;

/// The quartiles of numbers, equal ones once.
fn quartiles(mut numbers: Vec<f64>) -> Cuts {
    let mut different = BTreeSet::new();
    for x in &numbers {
        different.insert(x.to_bits());
        if different.len() > FEW {
            break;
        }
    }
    if different.len() <= FEW {
        return Cuts::Each;
    }
    numbers.sort_by(f64::total_cmp);
    let last = numbers.len() - 1;
    let mut bounds: Vec<f64> =
        [1, 2, 3].iter().filter_map(|quarter| numbers.get((numbers.len() * quarter / 4).min(last)).copied()).collect();
    bounds.dedup();
    // Nothing is above the largest.
    bounds.retain(|bound| numbers.last().is_some_and(|most| bound < most));
    Cuts::Between(bounds)
}

fn part_name(bounds: &[f64], place: usize) -> String {
    let shown = |at: usize| bounds.get(at).map(|x| Value::Number(*x).to_string());
    match (place.checked_sub(1).and_then(shown), shown(place)) {
        (None, Some(high)) => format!("up to {high}"),
        (Some(low), Some(high)) => format!("{low} – {high}"),
        (Some(low), None) => format!("above {low}"),
        (None, None) => "all".to_owned(),
    }
}
