//! A choice being worked on: who has what, what is used, and what a change would bring.
#![expect(clippy::indexing_slicing, reason = "options and limits are those of a checked model")]

use super::model::{Model, NONE};
use super::pass::Rates;

/// Who has what: `model.most` places per customer.
pub(super) struct Choice<'m, 'p> {
    pub(super) model: &'m Model<'p>,
    pub(super) taken: Vec<u32>,
    pub(super) used: Vec<f64>,
}

/// One option goes, another comes; either may be none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Move {
    pub(super) customer: u32,
    pub(super) out: u32,
    pub(super) into: u32,
    /// What decides the order.
    pub(super) rank: f64,
}

impl Move {
    /// The better first; of equals the first customer, the first options.
    pub(super) fn order(&self, other: &Move) -> std::cmp::Ordering {
        self.rank.total_cmp(&other.rank).then((self.customer, self.out, self.into).cmp(&(
            other.customer,
            other.out,
            other.into,
        )))
    }
}

/// Changes of what is used, by limit; memory that is used again.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) by: Vec<(usize, f64)>,
}

impl Change {
    pub(super) fn of(&mut self, model: &Model<'_>, out: u32, into: u32) {
        self.by.clear();
        let by = &mut self.by;
        let mut add = |limit: usize, amount: f64| match by.iter_mut().find(|(at, _)| *at == limit) {
            Some((_, sum)) => *sum += amount,
            None => by.push((limit, amount)),
        };
        if into != NONE {
            model.uses(into as usize, &mut add);
        }
        if out != NONE {
            model.uses(out as usize, |limit, amount| add(limit, -amount));
        }
    }
}

/// Options as places of customers.
pub(super) fn places(model: &Model<'_>, chosen: &[u32]) -> Vec<u32> {
    let mut taken = vec![NONE; model.customers() * model.most];
    let mut used = vec![0; model.customers()];
    for option in chosen {
        let customer = model.problem.first.partition_point(|first| first <= option) - 1;
        taken[customer * model.most + used[customer]] = *option;
        used[customer] += 1;
    }
    taken
}

impl<'m, 'p> Choice<'m, 'p> {
    pub(super) fn new(model: &'m Model<'p>, taken: Vec<u32>) -> Choice<'m, 'p> {
        let used = model.used(taken.iter().copied().filter(|option| *option != NONE));
        Choice { model, taken, used }
    }

    pub(super) fn of(&self, customer: usize) -> &[u32] {
        &self.taken[customer * self.model.most..(customer + 1) * self.model.most]
    }

    /// What is chosen, ascending.
    pub(super) fn chosen(&self) -> Vec<u32> {
        let mut chosen: Vec<u32> = self.taken.iter().copied().filter(|option| *option != NONE).collect();
        chosen.sort_unstable();
        chosen
    }

    pub(super) fn objective(&self) -> f64 {
        let gain: f64 = self.chosen().iter().map(|option| self.model.gain(*option as usize)).sum();
        gain - self.model.fines(&self.used)
    }

    /// Sums what is used from the beginning: small changes have left small errors.
    pub(super) fn sum_again(&mut self) {
        self.used = self.model.used(self.chosen().into_iter());
    }

    /// Whether no limit is exceeded by a change that was not exceeded before.
    pub(super) fn fits(&self, change: &Change) -> bool {
        change.by.iter().all(|(limit, by)| *by <= 0.0 || self.used[*limit] + by <= self.model.bounds[*limit].cap)
    }

    /// What a change brings, with what shortfalls cost.
    pub(super) fn brings(&self, out: u32, into: u32, change: &Change) -> f64 {
        let gain = |option: u32| if option == NONE { 0.0 } else { self.model.gain(option as usize) };
        let fines = |(limit, by): &(usize, f64)| {
            let bound = &self.model.bounds[*limit];
            bound.fine(self.used[*limit]) - bound.fine(self.used[*limit] + by)
        };
        gain(into) - gain(out) + change.by.iter().map(fines).sum::<f64>()
    }

    /// Whether an option may come to a customer when another goes.
    pub(super) fn may(&self, customer: usize, out: u32, into: u32) -> bool {
        let mine = self.of(customer);
        if (out != NONE && !mine.contains(&out)) || (out == NONE && !mine.contains(&NONE)) {
            return false;
        }
        let others = || mine.iter().filter(|option| **option != NONE && **option != out);
        into == NONE
            || (!mine.contains(&into)
                && (!self.model.lagged() || others().all(|other| !self.model.apart(*other as usize, into as usize))))
    }

    pub(super) fn apply(&mut self, customer: usize, out: u32, into: u32, change: &Change) {
        let most = self.model.most;
        let mine = &mut self.taken[customer * most..(customer + 1) * most];
        if let Some(place) = mine.iter_mut().find(|option| **option == out) {
            *place = into;
        }
        for (limit, by) in &change.by {
            self.used[*limit] += by;
        }
    }

    /// Every single change of a customer, with what it loses after prices.
    pub(super) fn moves(&self, rates: &Rates, customer: usize, mut found: impl FnMut(u32, u32, f64)) {
        let mine = self.of(customer);
        let room = mine.contains(&NONE);
        let taken = || mine.iter().copied().filter(|option| *option != NONE);
        for out in taken() {
            found(out, NONE, rates.profit(self.model, out as usize));
        }
        for into in self.model.options(customer) {
            let into = into as u32;
            if mine.contains(&into) {
                continue;
            }
            let profit = rates.profit(self.model, into as usize);
            if room && self.may(customer, NONE, into) {
                found(NONE, into, -profit);
            }
            for out in taken().filter(|out| self.may(customer, *out, into)) {
                found(out, into, rates.profit(self.model, out as usize) - profit);
            }
        }
    }
}
