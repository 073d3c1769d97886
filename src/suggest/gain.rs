//! What new rules would have brought, on customers they were not learnt from.
//!
//! Each customer belongs to one of [`FOLDS`] parts by a hash of her key; her part is judged by rules learnt
//! from the others. Where customers were held out by chance, the gain is incremental profit by doubly robust scores
//! (Robins, Rotnitzky & Zhao 1994; cross-fitted as in Chernozhukov et al. 2018); elsewhere it is how well those who returned are told
//! from the others, which is not the same: some would have come anyway.

use nalgebra::{Matrix3, Vector3};

use super::auc::{self, Estimate};
use super::learn::{Rules, learn};
use super::sheet::{Case, FOLDS, MIDDLE, Sheet, fold};

/// Probabilities are kept this far from 0 and 1 in the loss.
const EDGE: f64 = 0.001;

/// What new rules bring.
#[derive(Debug, Clone, PartialEq)]
pub struct Gain {
    /// Customers that were contacted.
    pub contacted: usize,
    /// The area under the ROC curve by the present rules, and by the new ones.
    pub area: (Estimate, Estimate),
    /// New less present, on the same customers.
    pub area_gain: Estimate,
    /// Log loss per customer in nats, present and new, and by how much it falls; only where the pack says probabilities.
    pub loss: Option<(f64, f64, Estimate)>,
    /// The best share of those contacted.
    pub top: Option<Top>,
    /// Incremental profit, where customers were held out by chance.
    pub incremental: Option<Incremental>,
}

/// Those whom the present and the new rules would have chosen, were there fewer contacts.
#[derive(Debug, Clone, PartialEq)]
pub struct Top {
    /// How many contacts.
    pub contacts: usize,
    /// The share of them that returned: present, new.
    pub rate: (f64, f64),
    /// New less present.
    pub rate_gain: Estimate,
    /// Profit per contact: present, new, and the difference. Not incremental: without a holdout nobody knows who would have come anyway.
    pub profit: Option<(f64, f64, Estimate)>,
}

/// What contacts bring that would not be there without them.
#[derive(Debug, Clone, PartialEq)]
pub struct Incremental {
    /// Customers who were contacted or held out by chance.
    pub customers: usize,
    /// How many of them the present rules and the new ones each choose.
    pub contacts: usize,
    /// Profit of the present choice, of the new one, and the difference, of all contacts together.
    pub profit: (Estimate, Estimate),
    /// New less present.
    pub gain: Estimate,
}

/// What one customer's contact brings beyond no contact; `None` where nothing was left to chance.
#[must_use]
pub fn effects(sheet: &Sheet) -> Vec<Option<f64>> {
    let one = |(case, expected): (&Case, Expected)| {
        let profit = case.profit?;
        if case.propensity <= 0.0 || case.propensity >= 1.0 {
            return None;
        }
        let seen = if case.contacted {
            (profit - expected.with) / case.propensity
        } else {
            -(profit - expected.without) / (1.0 - case.propensity)
        };
        Some(expected.with - expected.without + seen)
    };
    sheet.cases.iter().zip(expected(sheet)).map(one).collect()
}

/// The profit a simple model expects of a customer, learnt from the other parts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Expected {
    /// If she is not contacted.
    pub(super) without: f64,
    /// If she is.
    pub(super) with: f64,
}

/// The same for everybody: linear in the logarithm of the expected gain and in chance, for each arm, and never beyond what was seen
/// in that arm: a few large customers must not say what all others of them would have done. It need not be right: where it is wrong
/// the propensities make up for it.
pub(super) fn expected(sheet: &Sheet) -> Vec<Expected> {
    let features = |case: &Case| {
        let net = case.success.map_or(0.0, |p| case.net(p));
        Vector3::new(1.0, net.signum() * net.abs().ln_1p(), case.chance.unwrap_or(MIDDLE) - MIDDLE)
    };
    let parts: Vec<usize> = sheet.cases.iter().map(|case| fold(&case.key)).collect();
    let mut found = vec![Expected::default(); sheet.cases.len()];
    for part in 0..FOLDS {
        let mut arms = [Fit::default(), Fit::default()];
        for (case, _) in sheet.cases.iter().zip(&parts).filter(|(_, p)| **p != part) {
            if let (Some(profit), Some(arm)) = (case.profit, arms.get_mut(usize::from(case.contacted))) {
                arm.add(features(case), profit);
            }
        }
        let [without, with] = arms.map(|arm| (arm.solve(), arm.low, arm.high));
        let told = |(line, low, high): (Vector3<f64>, f64, f64), x: &Vector3<f64>| {
            if low <= high { line.dot(x).clamp(low, high) } else { 0.0 }
        };
        for ((case, _), place) in sheet.cases.iter().zip(&parts).zip(&mut found).filter(|((_, p), _)| **p == part) {
            let x = features(case);
            *place = Expected { without: told(without, &x), with: told(with, &x) };
        }
    }
    found
}

/// Least squares with three columns, and the range of what was seen.
#[derive(Clone, Copy)]
struct Fit {
    normal: Matrix3<f64>,
    target: Vector3<f64>,
    low: f64,
    high: f64,
}

impl Default for Fit {
    fn default() -> Self {
        Self { normal: Matrix3::zeros(), target: Vector3::zeros(), low: f64::INFINITY, high: f64::NEG_INFINITY }
    }
}

impl Fit {
    fn add(&mut self, x: Vector3<f64>, y: f64) {
        self.low = self.low.min(y);
        self.high = self.high.max(y);
        self.normal += x * x.transpose();
        self.target += x * y;
    }

    fn solve(self) -> Vector3<f64> {
        // A little of the trace keeps columns that are the same everywhere from standing in the way.
        let ridge = Matrix3::identity() * (1e-9 * self.normal.trace() + 1e-300);
        let solution = (self.normal + ridge).try_inverse().map(|inverse| inverse * self.target);
        solution.filter(|s| s.iter().all(|x| x.is_finite())).unwrap_or_else(Vector3::zeros)
    }
}

/// Those with the highest ranks, as many as wanted; ties by key.
fn best(sheet: &Sheet, rows: &[usize], rank: &[f64], contacts: usize) -> Vec<bool> {
    let mut order = rows.to_vec();
    let at = |row: usize| rank.get(row).copied().unwrap_or(f64::NEG_INFINITY);
    let key = |row: usize| sheet.cases.get(row).map(|c| c.key.as_ref());
    order.sort_by(|a, b| at(*b).total_cmp(&at(*a)).then_with(|| key(*a).cmp(&key(*b))));
    let mut chosen = vec![false; sheet.cases.len()];
    for row in order.into_iter().take(contacts) {
        if let Some(place) = chosen.get_mut(row) {
            *place = true;
        }
    }
    chosen
}

/// Sums over those chosen: present, new, and the difference, with standard errors over the customers.
fn compare(rows: &[usize], now: &[bool], new: &[bool], worth: impl Fn(usize) -> f64) -> (Estimate, Estimate, Estimate) {
    let is = |chosen: &[bool], row: usize| f64::from(u8::from(chosen.get(row) == Some(&true)));
    let sum = |of: &dyn Fn(usize) -> f64| {
        let values: Vec<f64> = rows.iter().map(|row| of(*row)).collect();
        let n = values.len() as f64;
        Estimate::mean(&values).map_or(Estimate { value: 0.0, error: 0.0 }, |m| m.times(n))
    };
    (
        sum(&|row| is(now, row) * worth(row)),
        sum(&|row| is(new, row) * worth(row)),
        sum(&|row| (is(new, row) - is(now, row)) * worth(row)),
    )
}

/// What rules learnt from the other parts would have brought, at this share of contacts. With `ranking` curves and weights may
/// change, without it only the lines do. `None` if the outcomes do not differ.
#[must_use]
pub fn cross_validated(sheet: &Sheet, ranking: bool, share: f64) -> Option<Gain> {
    let contacted = sheet.contacted();
    let present = Rules::present(sheet);
    let mut learnt = Vec::new();
    for part in 0..FOLDS {
        let others: Vec<usize> =
            contacted.iter().copied().filter(|r| sheet.cases.get(*r).is_some_and(|c| fold(&c.key) != part)).collect();
        learnt.push(learn(sheet, &others, ranking));
    }
    let rules = |row: usize| sheet.cases.get(row).and_then(|c| learnt.get(fold(&c.key))).unwrap_or(&present);
    let all: Vec<usize> = (0..sheet.cases.len()).collect();
    let of = |f: &dyn Fn(&Rules, usize) -> f64| -> (Vec<f64>, Vec<f64>) {
        all.iter().map(|row| (f(&present, *row), f(rules(*row), *row))).unzip()
    };
    let (likely_now, likely_new) = of(&|rules, row| rules.likely(sheet, row));
    let (rank_now, rank_new) = of(&|rules, row| rules.rank(sheet, row));

    let pick = |values: &[f64]| -> Vec<f64> { contacted.iter().filter_map(|row| values.get(*row).copied()).collect() };
    let event: Vec<bool> = contacted.iter().filter_map(|row| sheet.cases.get(*row)).map(|c| c.returned).collect();
    let (now, new) = (pick(&likely_now), pick(&likely_new));
    let area = (auc::area(&now, &event)?, auc::area(&new, &event)?);
    let area_gain = auc::difference(&now, &new, &event)?;

    let mut losses = Vec::new();
    let (mut loss_now, mut loss_new) = (0.0, 0.0);
    for row in &contacted {
        let Some(case) = sheet.cases.get(*row).filter(|c| c.line.is_some()) else { continue };
        let (Some(a), Some(b)) = (present.success(sheet, *row), rules(*row).success(sheet, *row)) else { continue };
        let loss = |p: f64| -(if case.returned { p } else { 1.0 - p }).clamp(EDGE, 1.0 - EDGE).ln();
        loss_now += loss(a);
        loss_new += loss(b);
        losses.push(loss(a) - loss(b));
    }
    let n = losses.len() as f64;
    let loss = Estimate::mean(&losses).map(|gain| (loss_now / n, loss_new / n, gain));

    Some(Gain {
        contacted: contacted.len(),
        area,
        area_gain,
        loss,
        top: top(sheet, &contacted, (&rank_now, &rank_new), share),
        incremental: incremental(sheet, (&rank_now, &rank_new), share),
    })
}

fn contacts(customers: usize, share: f64) -> usize {
    ((customers as f64 * share.clamp(0.0, 1.0)).round() as usize).min(customers)
}

fn top(sheet: &Sheet, contacted: &[usize], ranks: (&[f64], &[f64]), share: f64) -> Option<Top> {
    let contacts = contacts(contacted.len(), share);
    if contacts == 0 || contacts == contacted.len() {
        return None;
    }
    let (now, new) = (best(sheet, contacted, ranks.0, contacts), best(sheet, contacted, ranks.1, contacts));
    let per = 1.0 / contacts as f64;
    let back = |row: usize| sheet.cases.get(row).map_or(0.0, |c| f64::from(u8::from(c.returned)));
    let (a, b, gain) = compare(contacted, &now, &new, back);
    let every = contacted.iter().all(|row| sheet.cases.get(*row).is_some_and(|c| c.profit.is_some()));
    let profit = every.then(|| {
        let profit = |row: usize| sheet.cases.get(row).and_then(|c| c.profit).unwrap_or(0.0);
        let (a, b, gain) = compare(contacted, &now, &new, profit);
        (a.value * per, b.value * per, gain.times(per))
    });
    Some(Top { contacts, rate: (a.value * per, b.value * per), rate_gain: gain.times(per), profit })
}

fn incremental(sheet: &Sheet, ranks: (&[f64], &[f64]), share: f64) -> Option<Incremental> {
    if !sheet.has_holdout() {
        return None;
    }
    let effects = effects(sheet);
    let rows: Vec<usize> = effects.iter().enumerate().filter(|(_, e)| e.is_some()).map(|(row, _)| row).collect();
    let contacts = contacts(rows.len(), share);
    if contacts == 0 || contacts == rows.len() {
        return None;
    }
    let (now, new) = (best(sheet, &rows, ranks.0, contacts), best(sheet, &rows, ranks.1, contacts));
    let worth = |row: usize| effects.get(row).copied().flatten().unwrap_or(0.0);
    let (a, b, gain) = compare(&rows, &now, &new, worth);
    Some(Incremental { customers: rows.len(), contacts, profit: (a, b), gain })
}
