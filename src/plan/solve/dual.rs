//! The prices that make the bound smallest: first on a sample of customers, then on everybody.
#![expect(
    clippy::indexing_slicing,
    reason = "every list is as long as there are limits, and options are those of a checked model"
)]

use super::bundle::Bundle;
use super::model::{Bound, Model};
use super::pass::{Look, look};
use super::reduce::Near;
use super::{Limit, Problem, hash};

/// More customers than this, and a sample of one in `RATE` goes first.
const SAMPLED: usize = 60_000;
const RATE: u64 = 8;
/// Looks at a problem that no sample went before, and at others.
const FIRST: u32 = 400;
const AFTER: u32 = 150;

/// Prices, and what they prove.
pub(super) struct Dual {
    pub(super) prices: Vec<f64>,
    pub(super) bound: f64,
    /// Price lists and shares: all customers, each by one of them, use about what the limits hold.
    pub(super) mix: Vec<(f64, Vec<f64>)>,
    pub(super) passes: u32,
    pub(super) scale: Vec<f64>,
    pub(super) region: Vec<f64>,
    pub(super) step: f64,
    /// What was seen: customers together are worth at least `gain - used * prices`.
    pub(super) lines: Vec<(f64, Vec<f64>)>,
}

/// Finds prices whose bound is within about `tolerance`, as a share, of the smallest.
pub(super) fn dual(model: &Model<'_>, threads: usize, tolerance: f64) -> Dual {
    let limits = model.bounds.len();
    let sample = if limits > 0 { sample(model) } else { None };
    let part = sample.as_ref().and_then(|(share, problem)| Some((*share, Model::of(problem).ok()?)));
    let (mut bundle, tries, fall, error) = match part {
        Some((share, part)) => {
            let seen = dual(&part, threads, tolerance);
            let scale = seen.scale.iter().map(|scale| scale * share).collect();
            // A sample errs by about so much.
            let size = part.customers() as f64;
            let bundle = Bundle::new(&model.bounds, seen.prices, scale, seen.region, seen.step);
            (bundle, AFTER, 0.1 * limits as f64 / size, 12.0 / size.sqrt())
        }
        None => {
            let start: Vec<f64> = vec![0.0; limits];
            let (scale, region) = scales(model, &look(model, &start, threads));
            (Bundle::new(&model.bounds, start, scale, region, 1.0), FIRST, f64::INFINITY, 0.0)
        }
    };
    bundle.start(&look(model, &bundle.center, threads), fall);
    let mut passes = 1;
    let mut tried = 0;
    let mut near = near_of(model, &bundle, error, threads);
    'near: loop {
        let part = near.as_ref().and_then(|near| Some((near, near.model().ok()?)));
        loop {
            let trial = bundle.trial();
            let enough = tolerance * bundle.value.abs().max(1e-9);
            let done = trial.hope <= enough && trial.left <= 2.0 * enough;
            if limits == 0 || done || tried >= tries || trial.hope <= 0.0 {
                break 'near;
            }
            tried += 1;
            let part = part.as_ref().filter(|(near, _)| near.holds(&trial.prices));
            let seen = match part {
                Some((near, part)) => near.look(part, &trial.prices, threads),
                None => look(model, &trial.prices, threads),
            };
            passes += u32::from(part.is_none());
            let moved = bundle.take(trial, &seen);
            if moved && part.is_none() && error > 0.0 && tried < tries / 2 {
                break;
            }
        }
        near = near_of(model, &bundle, error, threads);
    }
    let lines = bundle.lines().map(|(gain, used)| (gain, used.to_vec())).collect();
    let mix = bundle.mix();
    let Bundle { center, value, scale, region, step, .. } = bundle;
    Dual { prices: center, bound: value, mix, passes, scale, region, step, lines }
}

/// The problem near the prices found so far, where a sample says how near the best are.
fn near_of(model: &Model<'_>, bundle: &Bundle<'_>, error: f64, threads: usize) -> Option<Near> {
    let reach = |(price, region): (&f64, &f64)| error * price.abs().max(0.3 * region);
    let reach: Vec<f64> = bundle.center.iter().zip(&bundle.region).map(reach).collect();
    (error > 0.0).then(|| Near::of(model, &bundle.center, &reach, threads))
}

/// How far prices move per unit, and what they are in the region of: what an option brings per unit it uses.
fn scales(model: &Model<'_>, seen: &Look) -> (Vec<f64>, Vec<f64>) {
    let mut gains = vec![0.0; model.bounds.len()];
    for (kind, (_, gain)) in model.kinds.iter().zip(&seen.of_class) {
        let varying = kind.varying.iter().flat_map(|(_, limits)| limits);
        for limit in kind.fixed.iter().map(|(limit, _)| limit).chain(varying) {
            gains[*limit] += gain;
        }
    }
    let mut scale = Vec::new();
    let mut region = Vec::new();
    for (limit, bound) in model.bounds.iter().enumerate() {
        let Bound { most, least, penalty, .. } = *bound;
        let units = if seen.used[limit] > 0.0 { seen.used[limit] } else { most.min(1e12).max(least).max(1e-9) };
        let price = if gains[limit] > 0.0 { gains[limit] / units } else { penalty.max(seen.gain.abs() / units) };
        let price = if penalty > 0.0 && !most.is_finite() { price.min(penalty) } else { price };
        let price = if price > 0.0 { price } else { 1.0 };
        scale.push(price / units);
        region.push(price);
    }
    (scale, region)
}

/// About one in `RATE` of the customers who have options, and limits of that share of the size.
fn sample(model: &Model<'_>) -> Option<(f64, Problem)> {
    let with = |customer: &usize| !model.options(*customer).is_empty();
    let all = (0..model.customers()).filter(with).count();
    if all <= SAMPLED {
        return None;
    }
    let problem = model.problem;
    let mut part = Problem {
        first: vec![0],
        amounts: vec![Vec::new(); problem.amounts.len()],
        classes: problem.classes.clone(),
        most_per_customer: problem.most_per_customer,
        lags: problem.lags.clone(),
        ..Problem::default()
    };
    for customer in
        (0..model.customers()).filter(with).filter(|customer| hash(*customer as u64 ^ all as u64) % RATE == 0)
    {
        let options = model.options(customer);
        part.gain.extend_from_slice(&problem.gain[options.clone()]);
        part.class.extend_from_slice(&problem.class[options.clone()]);
        if !problem.lags.is_empty() {
            part.day.extend_from_slice(&problem.day[options.clone()]);
        }
        for (part, whole) in part.amounts.iter_mut().zip(&problem.amounts).filter(|(_, whole)| !whole.is_empty()) {
            part.extend_from_slice(&whole[options.clone()]);
        }
        part.first.push(part.gain.len() as u32);
    }
    let share = (part.first.len() - 1) as f64 / all as f64;
    let scaled = |limit: &Limit| Limit {
        most: limit.most.map(|most| most * share),
        least: limit.least.map(|least| least * share),
        ..limit.clone()
    };
    part.limits = problem.limits.iter().map(scaled).collect();
    (share > 0.0).then_some((share, part))
}
