//! One customer at given prices: the options worth most together, exactly.
#![expect(clippy::indexing_slicing, reason = "options are those of a checked model, places were counted before")]

use super::model::Model;
use super::pass::Rates;

/// Steps of one customer's search. Given up only where dozens of options exclude each other in tangled ways; the value
/// found is then a choice, and the value named as upper is still no less than any.
const STEPS: u32 = 20_000;

/// What may be demanded of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    /// Nothing.
    Free,
    /// This option is in it.
    With(usize),
    /// This option is not in it.
    Without(usize),
}

/// Chooses, with memory that is used again.
#[derive(Debug, Default)]
pub(super) struct Chooser {
    /// What was taken last.
    pub(super) taken: Vec<u32>,
    /// Options worth something, the best first.
    sorted: Vec<(f64, u32)>,
    stack: Vec<usize>,
    best: Vec<usize>,
    steps: u32,
}

impl Chooser {
    /// What a customer takes, and what that is worth: as found, and at most. Of equals the first.
    pub(super) fn choose(&mut self, model: &Model<'_>, rates: &Rates, customer: usize) -> (f64, f64) {
        if model.most > 1 {
            return self.search(model, rates, model.options(customer), Demand::Free);
        }
        self.taken.clear();
        let Some((best, option)) = rates.best(model, model.options(customer)) else { return (0.0, 0.0) };
        self.taken.push(option);
        (best, best)
    }

    /// The best choice from a customer's options, or some of them, that meets a demand. An option that is demanded counts, whatever
    /// it is worth.
    pub(super) fn search(
        &mut self,
        model: &Model<'_>,
        rates: &Rates,
        options: impl Iterator<Item = usize>,
        demand: Demand,
    ) -> (f64, f64) {
        self.taken.clear();
        self.sorted.clear();
        let (mut most, mut worth) = (model.most, 0.0);
        if let Demand::With(with) = demand {
            most -= 1;
            worth = rates.profit(model, with);
            self.taken.push(with as u32);
        }
        for option in options {
            let out = match demand {
                Demand::Free => false,
                Demand::With(with) => option == with || (model.lagged() && model.apart(option, with)),
                Demand::Without(without) => option == without,
            };
            let profit = rates.profit(model, option);
            if !out && profit > 0.0 {
                self.sorted.push((profit, option as u32));
            }
        }
        // Stable: of equals, the first stays first.
        self.sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
        let relaxed: f64 = self.sorted.iter().take(most).map(|(profit, _)| profit).sum();
        if !model.lagged() {
            self.taken.extend(self.sorted.iter().take(most).map(|(_, option)| *option));
            self.taken.sort_unstable();
            return (worth + relaxed, worth + relaxed);
        }
        self.stack.clear();
        self.best.clear();
        self.steps = 0;
        let mut best = 0.0;
        self.descend(model, most, 0, 0.0, &mut best);
        self.taken.extend(self.best.iter().map(|at| self.sorted[*at].1));
        self.taken.sort_unstable();
        let upper = if self.steps >= STEPS { relaxed } else { best };
        (worth + best, worth + upper)
    }

    fn descend(&mut self, model: &Model<'_>, most: usize, from: usize, worth: f64, best: &mut f64) {
        for at in from..self.sorted.len() {
            let left = most - self.stack.len();
            let hope: f64 = self.sorted[at..].iter().take(left).map(|(profit, _)| profit).sum();
            // Not better than what is there already: no later start is.
            if left == 0 || worth + hope <= *best || self.steps >= STEPS {
                return;
            }
            self.steps += 1;
            let (profit, option) = self.sorted[at];
            if self.stack.iter().any(|taken| model.apart(self.sorted[*taken].1 as usize, option as usize)) {
                continue;
            }
            self.stack.push(at);
            if worth + profit > *best {
                *best = worth + profit;
                self.best.clone_from(&self.stack);
            }
            self.descend(model, most, at + 1, worth + profit, best);
            self.stack.pop();
        }
    }
}
