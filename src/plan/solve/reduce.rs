//! What can still change while prices stay near: customers who take the same at all of these prices are summed once, and of the others
//! only the options that come into question are kept. A look at what is left says exactly what a look at everybody would.
#![expect(
    clippy::indexing_slicing,
    reason = "every list is as long as there are limits, and options are those of a checked model"
)]

use super::model::{Kind, Model};
use super::pass::{Look, Rates, by_chunks, look};
use super::{Problem, SolveError};

/// A problem near some prices.
pub(super) struct Near {
    problem: Problem,
    /// What the settled customers take.
    gain: f64,
    used: Vec<f64>,
    of_class: Vec<(f64, f64)>,
    /// Prices it holds for.
    lowest: Vec<f64>,
    highest: Vec<f64>,
}

/// What a chunk keeps, and what it settles.
#[derive(Default)]
struct Kept {
    /// Options of each customer who is kept, together.
    first: Vec<u32>,
    options: Vec<u32>,
    settled: Vec<u32>,
}

impl Near {
    /// The problem while no price leaves `center` by more than `reach`.
    pub(super) fn of(model: &Model<'_>, center: &[f64], reach: &[f64], threads: usize) -> Near {
        let rates = Rates::of(model, center);
        let all = model.problem;
        // By how much the worth of an option changes at most: of its class, and per amount.
        let sway = |kind: &Kind| {
            let fixed: f64 = kind.fixed.iter().map(|(limit, amount)| reach[*limit] * amount).sum();
            let per = |(measure, limits): &(usize, Vec<usize>)| {
                (*measure, kind.weight * limits.iter().map(|limit| reach[*limit]).sum::<f64>())
            };
            (fixed, kind.varying.iter().map(per).collect::<Vec<_>>())
        };
        let sways: Vec<(f64, Vec<(usize, f64)>)> = model.kinds.iter().map(sway).collect();
        let range = |option: usize| {
            let (fixed, varying) = &sways[usize::from(all.class[option])];
            let sway = fixed + varying.iter().map(|(measure, per)| per * all.amounts[*measure][option]).sum::<f64>();
            // Sums round.
            let sway = sway * (1.0 + 1e-9) + 1e-12;
            let profit = rates.profit(model, option);
            (profit - sway, profit + sway)
        };
        let chunks = by_chunks(model.customers(), threads, |customers| {
            let mut kept = Kept::default();
            for customer in customers {
                settle(model, customer, &range, &mut kept);
            }
            kept
        });
        let mut near = Near {
            problem: Problem {
                first: vec![0],
                amounts: vec![Vec::new(); all.amounts.len()],
                classes: all.classes.clone(),
                limits: all.limits.clone(),
                most_per_customer: all.most_per_customer,
                lags: all.lags.clone(),
                ..Problem::default()
            },
            gain: 0.0,
            used: Vec::new(),
            of_class: vec![(0.0, 0.0); model.kinds.len()],
            lowest: center.iter().zip(reach).map(|(price, reach)| price - reach).collect(),
            highest: center.iter().zip(reach).map(|(price, reach)| price + reach).collect(),
        };
        near.used = model.used(chunks.iter().flat_map(|kept| kept.settled.iter().copied()));
        for kept in &chunks {
            for option in &kept.settled {
                let of_class = &mut near.of_class[usize::from(all.class[*option as usize])];
                *of_class = (of_class.0 + 1.0, of_class.1 + model.gain(*option as usize));
            }
            near.keep(all, kept);
        }
        near.gain = near.of_class.iter().map(|(_, gain)| gain).sum();
        near
    }

    fn keep(&mut self, all: &Problem, kept: &Kept) {
        let part = &mut self.problem;
        let before = part.gain.len() as u32;
        let places = || kept.options.iter().map(|option| *option as usize);
        part.first.extend(kept.first.iter().map(|end| before + end));
        part.gain.extend(places().map(|option| all.gain[option]));
        part.class.extend(places().map(|option| all.class[option]));
        if !all.lags.is_empty() {
            part.day.extend(places().map(|option| all.day[option]));
        }
        for (part, all) in part.amounts.iter_mut().zip(&all.amounts).filter(|(_, all)| !all.is_empty()) {
            part.extend(places().map(|option| all[option]));
        }
    }

    /// What is left, ready to be looked at.
    pub(super) fn model(&self) -> Result<Model<'_>, SolveError> {
        Model::of(&self.problem)
    }

    /// Whether it holds for these prices.
    pub(super) fn holds(&self, prices: &[f64]) -> bool {
        let within = |((price, lowest), highest): ((&f64, &f64), &f64)| lowest <= price && price <= highest;
        prices.iter().zip(&self.lowest).zip(&self.highest).all(within)
    }

    /// What a look at everybody would see at prices for which it holds.
    pub(super) fn look(&self, part: &Model<'_>, prices: &[f64], threads: usize) -> Look {
        let mut seen = look(part, prices, threads);
        let settled = self.gain - self.used.iter().zip(prices).map(|(used, price)| used * price).sum::<f64>();
        seen.gain += self.gain;
        seen.lower += settled;
        seen.upper += settled;
        seen.used.iter_mut().zip(&self.used).for_each(|(sum, used)| *sum += used);
        for (sum, settled) in seen.of_class.iter_mut().zip(&self.of_class) {
            *sum = (sum.0 + settled.0, sum.1 + settled.1);
        }
        seen
    }
}

/// Decides whether a customer takes the same at all prices, and what, or which of her options come into question.
fn settle(model: &Model<'_>, customer: usize, range: &impl Fn(usize) -> (f64, f64), kept: &mut Kept) {
    let start = kept.options.len();
    if model.most == 1 {
        // What the best is worth at least; nothing is worth 0.
        let surest = model.options(customer).map(|option| range(option).0).fold(0.0, f64::max);
        let possible = |option: &usize| range(*option).1 >= surest;
        kept.options.extend(model.options(customer).filter(possible).map(|option| option as u32));
    } else {
        kept.options
            .extend(model.options(customer).filter(|option| range(*option).1 >= 0.0).map(|option| option as u32));
    }
    let mine = &kept.options[start..];
    let sure = mine.len() <= model.most
        && mine.iter().all(|option| range(*option as usize).0 > 0.0)
        && (!model.lagged()
            || mine.iter().all(|a| mine.iter().all(|b| a == b || !model.apart(*a as usize, *b as usize))));
    if sure {
        kept.settled.extend(kept.options.drain(start..));
    } else {
        kept.first.push(kept.options.len() as u32);
    }
}
