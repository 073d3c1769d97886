//! A model of the dual function from what was seen of it, and where to look next: a proximal bundle method (Kiwiel 1990), whose
//! small quadratic problem is solved on the weights of the cuts.
#![expect(clippy::indexing_slicing, reason = "every list is as long as there are limits or cuts")]

use super::model::Bound;
use super::pass::Look;

/// Cuts kept.
const CUTS: usize = 100;
/// Steps of the quadratic problem.
const STEPS: usize = 3_000;

/// What one look says about all prices: customers together are worth at least `gain - used * prices`.
#[derive(Debug, Clone)]
struct Cut {
    gain: f64,
    used: Vec<f64>,
    /// The prices it was seen at.
    prices: Vec<f64>,
    /// Its share in the mix.
    weight: f64,
    /// Rounds without a share.
    idle: u32,
}

impl Cut {
    fn at(&self, prices: &[f64]) -> f64 {
        self.gain - self.used.iter().zip(prices).map(|(used, price)| used * price).sum::<f64>()
    }
}

/// The cuts, and the best prices so far.
pub(super) struct Bundle<'a> {
    bounds: &'a [Bound],
    cuts: Vec<Cut>,
    /// The best prices, and the bound they prove.
    pub(super) center: Vec<f64>,
    pub(super) value: f64,
    /// How far a price moves per unit used too much, by limit, …
    pub(super) scale: Vec<f64>,
    /// … times this.
    pub(super) step: f64,
    /// What prices are in the region of, by limit.
    pub(super) region: Vec<f64>,
    serious: u32,
    null: u32,
}

/// Where to look next.
pub(super) struct Trial {
    pub(super) prices: Vec<f64>,
    /// By how much the bound would fall if the model were right.
    pub(super) hope: f64,
    /// By how much it could fall at all, about.
    pub(super) left: f64,
}

impl<'a> Bundle<'a> {
    pub(super) fn new(
        bounds: &'a [Bound],
        center: Vec<f64>,
        scale: Vec<f64>,
        region: Vec<f64>,
        step: f64,
    ) -> Bundle<'a> {
        Bundle { bounds, cuts: Vec::new(), center, value: f64::INFINITY, scale, step, region, serious: 0, null: 0 }
    }

    /// The bound at prices where customers together are worth `inner`.
    fn total(&self, inner: f64, prices: &[f64]) -> f64 {
        inner + self.bounds.iter().zip(prices).map(|(bound, price)| bound.worth(*price)).sum::<f64>()
    }

    fn add(&mut self, prices: Vec<f64>, look: &Look) {
        if self.cuts.len() >= CUTS {
            // What had no share for longest goes; of equals the oldest.
            let stale = self.cuts.iter().enumerate().max_by_key(|(at, cut)| (cut.idle, std::cmp::Reverse(*at)));
            if let Some((at, _)) = stale {
                self.cuts.remove(at);
            }
        }
        let weight = if self.cuts.is_empty() { 1.0 } else { 0.0 };
        self.cuts.push(Cut { gain: look.gain, used: look.used.clone(), prices, weight, idle: 0 });
        let sum: f64 = self.cuts.iter().map(|cut| cut.weight).sum();
        self.cuts.iter_mut().for_each(|cut| cut.weight /= sum);
    }

    /// Takes the first look, at the center, from where the bound is thought to fall by a share of it at most.
    pub(super) fn start(&mut self, look: &Look, share: f64) {
        self.value = self.total(look.upper, &self.center);
        self.add(self.center.clone(), look);
        let mut prices = self.center.clone();
        self.respond(&look.used, &mut prices);
        let moved = |limit: usize| (prices[limit] - self.center[limit]).powi(2) / self.scale[limit];
        let fall: f64 = (0..prices.len()).map(moved).sum::<f64>() / self.step;
        if fall > share * self.value.abs() {
            self.step *= share * self.value.abs() / fall;
        }
    }

    /// Takes a look at a trial: whether the bound fell enough to go there.
    pub(super) fn take(&mut self, trial: Trial, look: &Look) -> bool {
        let value = self.total(look.upper, &trial.prices);
        let fall = self.value - value;
        let better = fall >= 0.1 * trial.hope;
        // Where a parabola through both values has its end.
        let curved = (self.step / (2.0 * (1.0 - fall / trial.hope).max(1e-3))).clamp(self.step * 0.1, self.step * 10.0);
        // How wrong the new cut is at the center: far off, and steps were too long.
        let error = self.value - self.total(0.0, &self.center);
        self.add(trial.prices.clone(), look);
        let error = error - self.cuts.last().map_or(0.0, |cut| cut.at(&self.center));
        if better {
            if fall >= 0.5 * trial.hope && self.serious > 0 {
                self.step = curved.max(self.step);
            } else if self.serious > 3 {
                self.step *= 2.0;
            }
            (self.serious, self.null) = (self.serious + 1, 0);
        } else {
            (self.serious, self.null) = (0, self.null + 1);
            if error > trial.hope.max(trial.left) || (self.null > 20 && error > trial.hope) {
                self.step = curved.min(self.step);
                self.null = 0;
            }
        }
        if value < self.value {
            (self.center, self.value) = (trial.prices, value);
        }
        better
    }

    /// The prices to which a mix of cuts leads, which uses `used`.
    fn respond(&self, used: &[f64], prices: &mut [f64]) {
        for (limit, price) in prices.iter_mut().enumerate() {
            let (bound, center) = (&self.bounds[limit], self.center[limit]);
            let reach = self.step * self.scale[limit];
            let dear = center + reach * (used[limit] - bound.most);
            let cheap = center + reach * (used[limit] - bound.least);
            let free = if dear > 0.0 { dear } else { cheap.min(0.0) };
            *price = free.clamp(bound.lowest(), bound.highest());
        }
    }

    /// Finds the mix of cuts that says where to look next.
    pub(super) fn trial(&mut self) -> Trial {
        let limits = self.bounds.len();
        let mut used = vec![0.0; limits];
        let mut prices = vec![0.0; limits];
        let mut heights = vec![0.0; self.cuts.len()];
        let size = self.value.abs().max(1e-9);
        for step in 0..STEPS {
            if step % 64 == 0 {
                used.fill(0.0);
                for cut in self.cuts.iter().filter(|cut| cut.weight > 0.0) {
                    used.iter_mut().zip(&cut.used).for_each(|(sum, used)| *sum += cut.weight * used);
                }
            }
            self.respond(&used, &mut prices);
            let (mut top, mut bottom, mut mean) = (0, None::<usize>, 0.0);
            for (at, cut) in self.cuts.iter().enumerate() {
                heights[at] = cut.at(&prices);
                if heights[at] > heights[top] {
                    top = at;
                }
                if cut.weight > 0.0 {
                    mean += cut.weight * heights[at];
                    if bottom.is_none_or(|bottom| heights[at] < heights[bottom]) {
                        bottom = Some(at);
                    }
                }
            }
            let Some(bottom) = bottom else { break };
            let model = self.total(heights[top], &prices);
            let open = heights[top] - mean;
            if open <= 0.05 * (self.value - model).max(1e-13 * size) || top == bottom {
                break;
            }
            let apart = |limit: usize| self.cuts[top].used[limit] - self.cuts[bottom].used[limit];
            // Only prices that are free to move bend the way.
            let bend: f64 = (0..limits)
                .filter(|limit| prices[*limit] > self.bounds[*limit].lowest() || apart(*limit) > 0.0)
                .map(|limit| self.step * self.scale[limit] * apart(limit).powi(2))
                .sum();
            let height = heights[top] - heights[bottom];
            let shift =
                if bend > 0.0 { (height / bend).min(self.cuts[bottom].weight) } else { self.cuts[bottom].weight };
            for (limit, used) in used.iter_mut().enumerate() {
                *used += shift * (self.cuts[top].used[limit] - self.cuts[bottom].used[limit]);
            }
            self.cuts[top].weight += shift;
            let rest = self.cuts[bottom].weight - shift;
            self.cuts[bottom].weight = if rest < 1e-12 { 0.0 } else { rest };
        }
        self.respond(&used, &mut prices);
        let top = self.cuts.iter().map(|cut| cut.at(&prices)).fold(f64::NEG_INFINITY, f64::max);
        let hope = self.value - self.total(top, &prices);
        // The mixed cut at the center is below the bound by so much, and falls by so much where prices may go.
        let mixed: f64 = self.cuts.iter().filter(|cut| cut.weight > 0.0).map(|cut| cut.weight * cut.at(&prices)).sum();
        let mut slope = 0.0;
        let mut error = self.value - self.total(mixed, &prices);
        for limit in 0..limits {
            let moved = self.center[limit] - prices[limit];
            let pull = moved / (self.step * self.scale[limit]).max(f64::MIN_POSITIVE);
            error -= pull * moved;
            slope += pull.abs() * self.region[limit].max(self.center[limit].abs()) * 0.1;
        }
        for cut in &mut self.cuts {
            cut.idle = if cut.weight > 0.0 { 0 } else { cut.idle + 1 };
        }
        Trial { prices, hope, left: error.max(0.0) + slope }
    }

    /// The prices of the mix, with their shares.
    pub(super) fn mix(&self) -> Vec<(f64, Vec<f64>)> {
        let share = |cut: &Cut| (cut.weight, cut.prices.clone());
        self.cuts.iter().filter(|cut| cut.weight > 1e-6).map(share).collect()
    }

    /// Whatever was seen, as lines: at prices, customers together are worth at least `gain - used * prices`.
    pub(super) fn lines(&self) -> impl Iterator<Item = (f64, &[f64])> {
        self.cuts.iter().map(|cut| (cut.gain, cut.used.as_slice()))
    }
}
