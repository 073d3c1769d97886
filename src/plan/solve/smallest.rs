//! Of all prices that prove the bound, the smallest: what one unit *more* is worth, where one unit less would cost another sum.
#![expect(clippy::indexing_slicing, reason = "every list is as long as there are limits")]

use microlp::{ComparisonOp, OptimizationDirection, Variable};

use super::dual::Dual;
use super::model::Model;
use super::pass::look;

/// What such prices may prove less, as a share of the bound: what the linear program rounds.
const SLACK: f64 = 3e-7;
/// Times the model of the dual function may turn out to be too low there.
const ROUNDS: u32 = 12;
/// More customers than this are so many that no two prices prove the same.
const FEW: usize = 60_000;

/// The prices to report.
pub(super) fn smallest(model: &Model<'_>, dual: &Dual, threads: usize) -> Vec<f64> {
    let mut prices = dual.prices.clone();
    if model.customers() <= FEW && prices.iter().any(|price| *price != 0.0) {
        let mut lines = dual.lines.clone();
        let most = dual.bound + SLACK * dual.bound.abs();
        for _ in 0..ROUNDS {
            let Some(found) = least(model, dual, &lines, most) else { break };
            let seen = look(model, &found, threads);
            if seen.upper + model.worth(&found) <= dual.bound + 2.0 * SLACK * dual.bound.abs() {
                prices = found;
                break;
            }
            lines.push((seen.gain, seen.used));
        }
    }
    for (price, region) in prices.iter_mut().zip(&dual.region) {
        if price.abs() < 1e-7 * region {
            *price = 0.0;
        }
    }
    prices
}

/// The smallest prices at which all lines lie below `most`, each measured by what prices are in the region of.
fn least(model: &Model<'_>, dual: &Dual, lines: &[(f64, Vec<f64>)], most: f64) -> Option<Vec<f64>> {
    let size = dual.bound.abs().max(1e-9);
    let mut problem = microlp::Problem::new(OptimizationDirection::Minimize);
    let price = |(limit, region): (usize, &f64)| {
        let bound = &model.bounds[limit];
        let above = problem.add_var(1.0, (0.0, bound.highest() / region));
        let below = problem.add_var(1.0, (0.0, -bound.lowest() / region));
        (above, below)
    };
    let pairs: Vec<(Variable, Variable)> = dual.region.iter().enumerate().map(price).collect();
    let constant = model.worth(&vec![0.0; pairs.len()]);
    for (gain, used) in lines {
        let mut row = Vec::new();
        for (limit, (above, below)) in pairs.iter().enumerate() {
            let (bound, region) = (&model.bounds[limit], dual.region[limit]);
            if bound.most.is_finite() {
                row.push((*above, (bound.most - used[limit]) * region / size));
            }
            if bound.penalty > 0.0 {
                row.push((*below, (used[limit] - bound.least) * region / size));
            }
        }
        problem.add_constraint(row.as_slice(), ComparisonOp::Le, (most - gain - constant) / size);
    }
    let outcome = problem.solve().ok()?;
    let solution = outcome.solution()?;
    let of = |((above, below), region): (&(Variable, Variable), &f64)| {
        (solution.var_value(*above).max(0.0) - solution.var_value(*below).max(0.0)) * region
    };
    let prices: Vec<f64> = pairs.iter().zip(&dual.region).map(of).collect();
    let within = prices.iter().zip(&model.bounds).map(|(price, bound)| price.clamp(bound.lowest(), bound.highest()));
    Some(within.collect())
}
