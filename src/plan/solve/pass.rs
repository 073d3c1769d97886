//! One look at every customer at given prices: what each takes, what all take together, in chunks whose sums do not depend on
//! the number of threads.
#![expect(clippy::indexing_slicing, reason = "classes, measures and limits are those of a checked model")]

use std::ops::Range;

use super::customer::Chooser;
use super::model::{Kind, Model, NONE};

/// Customers per chunk, unless there are so many that there would be more than `CHUNKS`.
const CHUNK: usize = 2_048;
const CHUNKS: usize = 256;

/// What prices make of each class: `weight * gain - base - sum of (coefficient * amount)`.
pub(super) struct Rates {
    classes: Vec<Rate>,
    terms: Vec<(u32, f64)>,
}

#[derive(Clone, Copy)]
struct Rate {
    weight: f64,
    base: f64,
    /// Its terms.
    from: u32,
    to: u32,
}

impl Rates {
    pub(super) fn of(model: &Model<'_>, prices: &[f64]) -> Rates {
        let mut terms = Vec::new();
        let rate = |kind: &Kind| {
            let from = terms.len() as u32;
            for (measure, limits) in &kind.varying {
                let price: f64 = limits.iter().map(|limit| prices[*limit]).sum();
                if price != 0.0 {
                    terms.push((*measure as u32, kind.weight * price));
                }
            }
            let base = kind.fixed.iter().map(|(limit, amount)| prices[*limit] * amount).sum();
            Rate { weight: kind.weight, base, from, to: terms.len() as u32 }
        };
        let classes = model.kinds.iter().map(rate).collect();
        Rates { classes, terms }
    }

    /// What an option is worth after prices.
    pub(super) fn profit(&self, model: &Model<'_>, option: usize) -> f64 {
        self.after(model, option, model.problem.class[option], model.problem.gain[option])
    }

    fn after(&self, model: &Model<'_>, option: usize, class: u16, gain: f64) -> f64 {
        let Rate { weight, base, from, to } = self.classes[usize::from(class)];
        let mut profit = weight * gain - base;
        if from != to {
            for (measure, price) in &self.terms[from as usize..to as usize] {
                profit -= price * model.problem.amounts[*measure as usize][option];
            }
        }
        profit
    }

    /// The best of one customer's options, if one is worth something; of equals the first.
    pub(super) fn best(&self, model: &Model<'_>, options: Range<usize>) -> Option<(f64, u32)> {
        let (mut best, mut which) = (0.0, NONE);
        let lists = model.problem.class[options.clone()].iter().zip(&model.problem.gain[options.clone()]);
        for ((class, gain), option) in lists.zip(options) {
            let profit = self.after(model, option, *class, *gain);
            if profit > best {
                (best, which) = (profit, option as u32);
            }
        }
        (which != NONE).then_some((best, which))
    }
}

/// Runs `work` on fixed chunks of `0..count`, on several threads; the results are in the order of the chunks.
pub(super) fn by_chunks<T: Send>(count: usize, threads: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let size = CHUNK.max(count.div_ceil(CHUNKS));
    let chunks = count.div_ceil(size);
    let threads = threads.clamp(1, chunks.max(1));
    let chunk = |at: usize| at * size..((at + 1) * size).min(count);
    if threads == 1 {
        return (0..chunks).map(|at| work(chunk(at))).collect();
    }
    let mut found: Vec<(usize, T)> = std::thread::scope(|scope| {
        let (work, chunk) = (&work, &chunk);
        let spawn = |thread: usize| {
            scope.spawn(move || (thread..chunks).step_by(threads).map(|at| (at, work(chunk(at)))).collect::<Vec<_>>())
        };
        let others: Vec<_> = (1..threads).map(spawn).collect();
        let mut found: Vec<(usize, T)> = (0..chunks).step_by(threads).map(|at| (at, work(chunk(at)))).collect();
        for other in others {
            match other.join() {
                Ok(list) => found.extend(list),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        found
    });
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, value)| value).collect()
}

/// What everybody takes at some prices.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// The weighted gain of what is taken.
    pub(super) gain: f64,
    /// By limit: what is used.
    pub(super) used: Vec<f64>,
    /// What is taken is worth so much after prices …
    pub(super) lower: f64,
    /// … and nothing is worth more than this. The same but where a search was given up.
    pub(super) upper: f64,
    /// By class: options taken, and their weighted gain.
    pub(super) of_class: Vec<(f64, f64)>,
}

/// Sums of a chunk.
struct Tally {
    lower: f64,
    upper: f64,
    /// By class: options, weighted gain.
    class: Vec<(f64, f64)>,
    /// By class and varying measure: amounts, without weight.
    amounts: Vec<f64>,
}

/// Looks at every customer.
pub(super) fn look(model: &Model<'_>, prices: &[f64], threads: usize) -> Look {
    let rates = Rates::of(model, prices);
    let mut start = vec![0];
    for kind in &model.kinds {
        start.push(start[start.len() - 1] + kind.varying.len());
    }
    let tallies = by_chunks(model.customers(), threads, |customers| tally(model, &rates, &start, customers));
    let mut sum = Tally {
        lower: 0.0,
        upper: 0.0,
        class: vec![(0.0, 0.0); model.kinds.len()],
        amounts: vec![0.0; start[start.len() - 1]],
    };
    for tally in tallies {
        sum.lower += tally.lower;
        sum.upper += tally.upper;
        for (all, some) in sum.class.iter_mut().zip(&tally.class) {
            *all = (all.0 + some.0, all.1 + some.1);
        }
        for (all, some) in sum.amounts.iter_mut().zip(&tally.amounts) {
            *all += some;
        }
    }
    let mut used = vec![0.0; model.bounds.len()];
    for (class, kind) in model.kinds.iter().enumerate() {
        for (limit, amount) in &kind.fixed {
            used[*limit] += sum.class[class].0 * amount;
        }
        for ((_, limits), amount) in kind.varying.iter().zip(&sum.amounts[start[class]..]) {
            for limit in limits {
                used[*limit] += kind.weight * amount;
            }
        }
    }
    let gain = sum.class.iter().map(|(_, gain)| gain).sum();
    Look { gain, used, lower: sum.lower, upper: sum.upper, of_class: sum.class }
}

fn tally(model: &Model<'_>, rates: &Rates, start: &[usize], customers: Range<usize>) -> Tally {
    let mut tally = Tally {
        lower: 0.0,
        upper: 0.0,
        class: vec![(0.0, 0.0); model.kinds.len()],
        amounts: vec![0.0; start[start.len() - 1]],
    };
    let mut chooser = Chooser::default();
    for customer in customers {
        let (lower, upper) = chooser.choose(model, rates, customer);
        tally.lower += lower;
        tally.upper += upper;
        for option in &chooser.taken {
            let option = *option as usize;
            let class = usize::from(model.problem.class[option]);
            let kind = &model.kinds[class];
            let sum = &mut tally.class[class];
            *sum = (sum.0 + 1.0, sum.1 + kind.weight * model.problem.gain[option]);
            for ((measure, _), sum) in kind.varying.iter().zip(&mut tally.amounts[start[class]..]) {
                *sum += model.problem.amounts[*measure][option];
            }
        }
    }
    tally
}

/// What every customer takes, `model.most` places each, where she acts by one of several price lists: which, is drawn by a hash of her
/// position with the given weights. So all together use what the mix of the lists uses.
pub(super) fn choose(model: &Model<'_>, lists: &[(f64, Vec<f64>)], threads: usize) -> Vec<u32> {
    let all: f64 = lists.iter().map(|(weight, _)| weight).sum();
    let rates: Vec<(f64, Rates)> =
        lists.iter().map(|(weight, prices)| (weight / all, Rates::of(model, prices))).collect();
    let chunks = by_chunks(model.customers(), threads, |customers| {
        let mut taken = Vec::with_capacity(customers.len() * model.most);
        let mut chooser = Chooser::default();
        for customer in customers {
            let mut place = super::hash(customer as u64) as f64 / u64::MAX as f64;
            let mut by = None;
            for (weight, rates) in &rates {
                by = Some(rates);
                place -= weight;
                if place < 0.0 {
                    break;
                }
            }
            chooser.taken.clear();
            if let Some(rates) = by {
                chooser.choose(model, rates, customer);
            }
            taken.extend((0..model.most).map(|place| chooser.taken.get(place).copied().unwrap_or(NONE)));
        }
        taken
    });
    chunks.concat()
}
