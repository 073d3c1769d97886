//! Allocation: the most valuable choice of contacts that keeps every limit, with a bound on what any choice could reach and the
//! price of every limit.
//!
//! ```text
//! Problem --validate--> Model --dual: prices--> bound --select, repair, fill--> choice --small exact problems--> Solution
//! ```
//!
//! A price per limit makes customers independent of each other: each takes what is worth most to her after prices, exactly.
//! What all of them are worth together, plus what the limits hold at these prices, is a bound on every choice (Lagrange);
//! `dual` finds the prices that make it smallest. Choices at these prices break limits by a few units or leave a
//! few; `repair` mends that at the least loss, `exact` tries what is nearly tied by branch and bound, and proves where it can.
//!
//! Nothing depends on the number of threads, on time or on chance: sums are made per chunk and added in order, samples are
//! drawn by a hash of the customer's position, and searches are bounded by counts.

mod bundle;
mod check;
mod customer;
mod dual;
mod error;
mod exact;
mod exchange;
mod model;
mod near;
mod pass;
mod plan;
mod reduce;
mod repair;
mod smallest;

pub use check::{Violation, check};
pub use error::SolveError;
use model::Model;
use plan::Choice;

/// Options beyond which a problem is large: good enough is enough.
const LARGE: usize = 20_000;

/// Customers, their options and the limits on all of them.
///
/// Options of one customer stand together: customer `c` has the options `first[c]..first[c + 1]`.
#[derive(Debug, Clone, Default)]
pub struct Problem {
    /// Where each customer's options begin; one more than there are customers.
    pub first: Vec<u32>,
    /// What each option is worth: `success * value - cost`.
    pub gain: Vec<f64>,
    /// Index into `classes` of each option.
    pub class: Vec<u16>,
    /// The day of each option, in days; only looked at if there are lags.
    pub day: Vec<i32>,
    /// What options use, by measure (contacts, cost, hours, expected returns, …): `amounts[measure][option]`, never negative.
    /// An empty list: 1 for every option (contacts).
    pub amounts: Vec<Vec<f64>>,
    /// Kinds of options: all of one class use the same limits.
    pub classes: Vec<Class>,
    /// What must be kept.
    pub limits: Vec<Limit>,
    /// The most options one customer may get.
    pub most_per_customer: u32,
    /// Two options of one customer that must lie apart.
    pub lags: Vec<Lag>,
}

/// A kind of option.
#[derive(Debug, Clone, Default)]
pub struct Class {
    /// The limits it uses, and the measure that counts there.
    pub uses: Vec<(u32, u32)>,
    /// Multiplies gain and amounts: the probability of a contact, where some are held out.
    pub weight: f64,
    /// What `Lag` looks at: usually the channel.
    pub group: u16,
}

/// A limit on the sum of what chosen options use.
#[derive(Debug, Clone, Default)]
pub struct Limit {
    /// `budget.phone`, `capacity.calls/2026-W27`
    pub name: String,
    /// Never more than this.
    pub most: Option<f64>,
    /// Not less than this, if it can be had.
    pub least: Option<f64>,
    /// What each unit short of `least` costs.
    pub penalty: f64,
}

/// After an option of one group, none of another for some days: the days from the first to the second must be `days` or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// The group of the earlier option (on the same day: of either).
    pub earlier: u16,
    /// The group of the later one.
    pub later: u16,
    /// Fewer days than this between them are forbidden.
    pub days: i32,
}

/// How hard to try.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Threads to use; the result does not depend on it.
    pub threads: usize,
    /// Good enough: `(bound - objective) / |bound|`. Up to 20,000 options are tried to the end, whatever is good enough.
    pub gap: f64,
}

/// What is chosen.
#[derive(Debug, Clone, Default)]
pub struct Solution {
    /// Chosen options, ascending.
    pub chosen: Vec<u32>,
    /// The weighted gain of what is chosen, less penalties.
    pub objective: f64,
    /// No choice that keeps the limits is worth more.
    pub bound: f64,
    /// By limit: what one unit more is worth, at the margin and as if options could be divided. 0 where the limit does not bind;
    /// negative for a `least` that costs. Where several price lists prove the same bound, the smallest: what a unit more brings, not what
    /// a unit less would cost.
    pub prices: Vec<f64>,
    /// By limit: what is used.
    pub used: Vec<f64>,
    /// By limit: what is missing to its `least`; 0 where there is none.
    pub short: Vec<f64>,
    /// Times the whole problem was looked at.
    pub passes: u32,
    /// Whether it is proven to be the best.
    pub exact: bool,
}

impl Solution {
    /// How far the choice can be from the best: `(bound - objective) / |bound|`; 0 where there is nothing to win.
    #[must_use]
    pub fn gap(&self) -> f64 {
        if self.bound > self.objective {
            (self.bound - self.objective) / self.bound.abs().max(f64::MIN_POSITIVE)
        } else {
            0.0
        }
    }
}

/// The best choice found, a bound on any, and what the limits are worth.
///
/// # Errors
///
/// If the problem contradicts itself: lists of different lengths, numbers that are none, negative amounts or weights, or a
/// `most` below zero. Whatever is left always has a solution: to choose nothing.
pub fn solve(problem: &Problem, settings: &Settings) -> Result<Solution, SolveError> {
    solve_from(problem, settings, &[])
}

/// As [`solve`]; what is found is worth no less than a choice that is known already, if that one keeps the limits.
///
/// # Errors
/// As [`solve`].
pub fn solve_from(problem: &Problem, settings: &Settings, known: &[u32]) -> Result<Solution, SolveError> {
    let model = Model::of(problem)?;
    if problem.gain.is_empty() || problem.most_per_customer == 0 {
        return Ok(nothing(&model));
    }
    let goal = if settings.gap.is_finite() { settings.gap.max(0.0) } else { 0.0 };
    let tolerance = if problem.gain.len() > LARGE { (goal / 50.0).clamp(1e-6, 2e-5) } else { 1e-8 };
    let dual = dual::dual(&model, settings.threads, tolerance);
    // Small problems are tried to the end, whatever is good enough.
    let enough = if problem.gain.len() > LARGE { goal * dual.bound.abs() } else { 0.0 };
    let mut best: Option<(f64, Choice<'_, '_>)> = None;
    for lists in [dual.mix.as_slice(), &[(1.0, dual.prices.clone())]] {
        if best.as_ref().is_some_and(|(objective, _)| dual.bound - objective <= enough) {
            break;
        }
        let mut choice = Choice::new(&model, pass::choose(&model, lists, settings.threads));
        repair::repair(&mut choice, &dual.prices, dual.bound, enough, settings.threads);
        let objective = choice.objective();
        if best.as_ref().is_none_or(|(best, _)| objective > *best) {
            best = Some((objective, choice));
        }
    }
    let Some((_, mut choice)) = best else { return Ok(nothing(&model)) };
    let mut bound = exact::improve(&mut choice, &dual.prices, dual.bound, enough, settings.threads);
    if !known.is_empty() && check(problem, known).is_empty() {
        let mut other = Choice::new(&model, plan::places(&model, known));
        bound = bound.min(exact::improve(&mut other, &dual.prices, dual.bound, enough, settings.threads));
        if other.objective() > choice.objective() {
            choice = other;
        }
    }
    let chosen = choice.chosen();
    let used = model.used(chosen.iter().copied());
    let objective = choice.objective();
    Ok(Solution {
        objective,
        bound: bound.max(objective),
        prices: smallest::smallest(&model, &dual, settings.threads),
        short: short(&model, &used),
        used,
        passes: dual.passes,
        exact: bound - objective <= exact::nothing(objective),
        chosen,
    })
}

/// To choose nothing, where nothing can be chosen.
fn nothing(model: &Model<'_>) -> Solution {
    let used = vec![0.0; model.bounds.len()];
    // Written so that nothing costs 0, not -0.
    let objective = 0.0 - model.fines(&used);
    let short = short(model, &used);
    Solution { objective, bound: objective, prices: used.clone(), short, used, exact: true, ..Solution::default() }
}

fn short(model: &Model<'_>, used: &[f64]) -> Vec<f64> {
    let missing = |(limit, used): (&Limit, &f64)| limit.least.map_or(0.0, |least| (least - used).max(0.0));
    model.problem.limits.iter().zip(used).map(missing).collect()
}

/// A number that looks drawn by chance (SplitMix64).
fn hash(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
