//! The problem made ready: checked once, what all options of a class use alike computed once, limits as the dual sees them.
#![expect(
    clippy::indexing_slicing,
    reason = "`Model::of` looks at every index of the problem before anything else does"
)]

use super::{Lag, Problem, SolveError};

/// No option.
pub(super) const NONE: u32 = u32::MAX;

/// What may be used beyond a limit, as a share of it: half of what `check` grants, because sums round.
const ROUNDING: f64 = 0.5e-9;

/// A problem that was checked.
pub(super) struct Model<'a> {
    pub(super) problem: &'a Problem,
    pub(super) kinds: Vec<Kind>,
    pub(super) bounds: Vec<Bound>,
    /// The most options one customer may get; at least 1, at most her options.
    pub(super) most: usize,
    /// Days between groups, `earlier * groups + later`; empty without lags.
    lags: Vec<i32>,
    groups: usize,
}

/// A class, made ready.
#[derive(Debug, Default)]
pub(super) struct Kind {
    pub(super) weight: f64,
    /// What each option of the class uses: limit, weighted amount.
    pub(super) fixed: Vec<(usize, f64)>,
    /// What differs: measure, and the limits where it counts.
    pub(super) varying: Vec<(usize, Vec<usize>)>,
    /// Its row in `lags`, if a lag looks at it.
    group: Option<usize>,
}

/// A limit, as the dual sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    /// Infinite without a `most`.
    pub(super) most: f64,
    /// What `used` may really be: rounding granted.
    pub(super) cap: f64,
    /// At most `most`; minus infinity without a `least`.
    pub(super) least: f64,
    /// As given: what is short is measured from it.
    pub(super) wanted: f64,
    pub(super) penalty: f64,
}

impl Bound {
    /// The lowest price: a unit short costs no more than the penalty.
    pub(super) fn lowest(&self) -> f64 {
        if self.least > 0.0 { -self.penalty } else { 0.0 }
    }

    /// The highest price: without a `most`, no unit is scarce.
    pub(super) fn highest(&self) -> f64 {
        if self.most.is_finite() { f64::INFINITY } else { 0.0 }
    }

    /// What the limit adds to the bound at a price.
    pub(super) fn worth(&self, price: f64) -> f64 {
        // What is wanted beyond `most` is short whatever is chosen.
        let never = if self.wanted > self.least && self.least >= 0.0 { self.wanted - self.least } else { 0.0 };
        let held = if price > 0.0 {
            price * self.most
        } else if price < 0.0 {
            price * self.least
        } else {
            0.0
        };
        held - self.penalty * never
    }

    /// What being short costs.
    pub(super) fn fine(&self, used: f64) -> f64 {
        if self.penalty > 0.0 { self.penalty * (self.wanted - used).max(0.0) } else { 0.0 }
    }
}

impl<'a> Model<'a> {
    /// Looks at everything once: nothing later can fail.
    pub(super) fn of(problem: &'a Problem) -> Result<Model<'a>, SolveError> {
        shape(problem)?;
        numbers(problem)?;
        let widest = problem.first.windows(2).map(|w| (w[1] - w[0]) as usize).max().unwrap_or(0);
        let (lags, groups, rows) = lags(problem);
        let mut kinds = kinds(problem);
        for (kind, class) in kinds.iter_mut().zip(&problem.classes) {
            kind.group = rows.iter().position(|row| *row == class.group);
        }
        Ok(Model {
            problem,
            kinds,
            bounds: bounds(problem),
            most: (problem.most_per_customer as usize).min(widest).max(1),
            lags,
            groups,
        })
    }

    /// Customers, with and without options.
    pub(super) fn customers(&self) -> usize {
        self.problem.first.len().saturating_sub(1)
    }

    pub(super) fn options(&self, customer: usize) -> std::ops::Range<usize> {
        self.problem.first[customer] as usize..self.problem.first[customer + 1] as usize
    }

    pub(super) fn kind(&self, option: usize) -> &Kind {
        &self.kinds[usize::from(self.problem.class[option])]
    }

    pub(super) fn gain(&self, option: usize) -> f64 {
        self.kind(option).weight * self.problem.gain[option]
    }

    /// Whether lags must be looked at.
    pub(super) fn lagged(&self) -> bool {
        self.most > 1 && !self.lags.is_empty()
    }

    /// Whether two options of one customer exclude each other.
    pub(super) fn apart(&self, a: usize, b: usize) -> bool {
        if self.lags.is_empty() {
            return false;
        }
        let (Some(of_a), Some(of_b)) = (self.kind(a).group, self.kind(b).group) else { return false };
        let days = i64::from(self.problem.day[b]) - i64::from(self.problem.day[a]);
        let near =
            |days: i64, from: usize, to: usize| 0 <= days && days < i64::from(self.lags[from * self.groups + to]);
        near(days, of_a, of_b) || near(-days, of_b, of_a)
    }

    /// Calls `add` with every limit an option uses, and how much.
    pub(super) fn uses(&self, option: usize, mut add: impl FnMut(usize, f64)) {
        let kind = self.kind(option);
        for (limit, amount) in &kind.fixed {
            add(*limit, *amount);
        }
        for (measure, limits) in &kind.varying {
            let amount = kind.weight * self.problem.amounts[*measure][option];
            for limit in limits {
                add(*limit, amount);
            }
        }
    }

    /// What is used by a choice, in its order.
    pub(super) fn used(&self, chosen: impl Iterator<Item = u32>) -> Vec<f64> {
        let mut used = vec![0.0; self.bounds.len()];
        for option in chosen {
            self.uses(option as usize, |limit, amount| used[limit] += amount);
        }
        used
    }

    /// What the limits add to the bound at these prices.
    pub(super) fn worth(&self, prices: &[f64]) -> f64 {
        self.bounds.iter().zip(prices).map(|(bound, price)| bound.worth(*price)).sum()
    }

    /// What all shortfalls cost.
    pub(super) fn fines(&self, used: &[f64]) -> f64 {
        self.bounds.iter().zip(used).map(|(bound, used)| bound.fine(*used)).sum()
    }
}

fn shape(problem: &Problem) -> Result<(), SolveError> {
    let options = problem.gain.len();
    let wrong = |what: String| Err(SolveError::Shape(what));
    if options >= NONE as usize {
        return wrong(format!("{options} options are more than can be numbered"));
    }
    if problem.class.len() != options {
        return wrong(format!("{options} options have {} classes", problem.class.len()));
    }
    if !problem.lags.is_empty() && problem.day.len() != options {
        return wrong(format!("{options} options have {} days, and lags look at them", problem.day.len()));
    }
    let rising = problem.first.windows(2).all(|w| w[0] <= w[1]);
    let ends = match (problem.first.first(), problem.first.last()) {
        (Some(start), Some(end)) => *start == 0 && *end as usize == options,
        _ => options == 0,
    };
    if !rising || !ends {
        return wrong("customers do not divide the options between them".to_owned());
    }
    if let Some(list) = problem.amounts.iter().find(|list| !list.is_empty() && list.len() != options) {
        return wrong(format!("{options} options have {} amounts", list.len()));
    }
    if let Some(class) = problem.class.iter().find(|class| usize::from(**class) >= problem.classes.len()) {
        return wrong(format!("there is no class {class}"));
    }
    for (limit, measure) in problem.classes.iter().flat_map(|class| &class.uses) {
        if *limit as usize >= problem.limits.len() || *measure as usize >= problem.amounts.len() {
            return wrong(format!("a class uses measure {measure} of limit {limit}, which is not there"));
        }
    }
    Ok(())
}

fn numbers(problem: &Problem) -> Result<(), SolveError> {
    let wrong = |what: &str, at: usize, found: f64| Err(SolveError::Number { what: what.to_owned(), at, found });
    if let Some((at, gain)) = problem.gain.iter().enumerate().find(|(_, gain)| !gain.is_finite()) {
        return wrong("the gain of option", at, *gain);
    }
    for (measure, list) in problem.amounts.iter().enumerate() {
        if let Some((at, amount)) = list.iter().enumerate().find(|(_, amount)| !(amount.is_finite() && **amount >= 0.0))
        {
            return wrong(&format!("the amount by measure {measure} of option"), at, *amount);
        }
    }
    for (at, class) in problem.classes.iter().enumerate() {
        if !(class.weight.is_finite() && class.weight >= 0.0) {
            return wrong("the weight of class", at, class.weight);
        }
    }
    for (at, limit) in problem.limits.iter().enumerate() {
        if let Some(most) = limit.most {
            if most.is_nan() {
                return wrong("`most` of limit", at, most);
            }
            if most < 0.0 {
                return Err(SolveError::Infeasible { limit: limit.name.clone(), most });
            }
        }
        if let Some(least) = limit.least {
            if !least.is_finite() {
                return wrong("`least` of limit", at, least);
            }
            if !(limit.penalty.is_finite() && limit.penalty >= 0.0) {
                return wrong("the penalty of limit", at, limit.penalty);
            }
        }
    }
    Ok(())
}

fn bounds(problem: &Problem) -> Vec<Bound> {
    let of = |limit: &super::Limit| {
        let most = limit.most.unwrap_or(f64::INFINITY);
        // What is always reached is no wish, and a wish whose neglect is free is none.
        let wanted = limit.least.filter(|least| *least > 0.0 && limit.penalty > 0.0);
        let cap = if most.is_finite() { most + ROUNDING * most.max(1.0) } else { most };
        let penalty = if wanted.is_some() { limit.penalty } else { 0.0 };
        let least = wanted.map_or(f64::NEG_INFINITY, |least| least.min(most));
        Bound { most, cap, least, wanted: wanted.unwrap_or(f64::NEG_INFINITY), penalty }
    };
    problem.limits.iter().map(of).collect()
}

/// Days between groups as a table, its width, and the group of each row.
fn lags(problem: &Problem) -> (Vec<i32>, usize, Vec<u16>) {
    let forbidding: Vec<&Lag> = problem.lags.iter().filter(|lag| lag.days > 0).collect();
    let mut rows: Vec<u16> = forbidding.iter().flat_map(|lag| [lag.earlier, lag.later]).collect();
    rows.sort_unstable();
    rows.dedup();
    let mut table = vec![0; rows.len() * rows.len()];
    for lag in forbidding {
        let row = |group: u16| rows.partition_point(|row| *row < group);
        let at = row(lag.earlier) * rows.len() + row(lag.later);
        table[at] = lag.days.max(table[at]);
    }
    (table, rows.len(), rows)
}

/// Divides what a class uses into what all its options use alike and what differs.
fn kinds(problem: &Problem) -> Vec<Kind> {
    let measures = problem.amounts.len();
    // Per class and measure: the amount all options seen so far use, and whether they agree.
    let mut alike: Vec<Option<f64>> = vec![None; problem.classes.len() * measures];
    let mut differs = vec![false; alike.len()];
    for (measure, list) in problem.amounts.iter().enumerate() {
        for (class, amount) in problem.class.iter().zip(list) {
            let at = usize::from(*class) * measures + measure;
            match alike[at] {
                None => alike[at] = Some(*amount),
                Some(seen) => differs[at] |= seen != *amount,
            }
        }
    }
    let mut kinds = Vec::with_capacity(problem.classes.len());
    for (at, class) in problem.classes.iter().enumerate() {
        let mut kind = Kind { weight: class.weight, ..Kind::default() };
        for (limit, measure) in &class.uses {
            let (limit, measure) = (*limit as usize, *measure as usize);
            if differs[at * measures + measure] {
                match kind.varying.iter_mut().find(|(m, _)| *m == measure) {
                    Some((_, limits)) => limits.push(limit),
                    None => kind.varying.push((measure, vec![limit])),
                }
                continue;
            }
            let each =
                if problem.amounts[measure].is_empty() { 1.0 } else { alike[at * measures + measure].unwrap_or(0.0) };
            match kind.fixed.iter_mut().find(|(l, _)| *l == limit) {
                Some((_, amount)) => *amount += class.weight * each,
                None => kind.fixed.push((limit, class.weight * each)),
            }
        }
        kinds.push(kind);
    }
    kinds
}
