//! Which options come into question at all: those whose choice or neglect loses less after prices than the gap.
#![expect(clippy::indexing_slicing, reason = "options and limits are those of a checked model")]

use std::collections::BTreeMap;

use super::customer::{Chooser, Demand};
use super::model::{Model, NONE};
use super::pass::{Rates, by_chunks};
use super::plan::{Change, Choice};

/// Lets every customer have what is best after prices where that changes nothing that counts, so that only real differences are left.
pub(super) fn settle(choice: &mut Choice<'_, '_>, prices: &[f64]) {
    let model = choice.model;
    let rates = Rates::of(model, prices);
    let mut chooser = Chooser::default();
    let before = choice.taken.clone();
    let objective = choice.objective();
    for customer in 0..model.customers() {
        chooser.choose(model, &rates, customer);
        let mine = || choice.of(customer).iter().copied().filter(|option| *option != NONE);
        if mine().all(|option| chooser.taken.contains(&option)) && mine().count() == chooser.taken.len() {
            continue;
        }
        let gain = |option: u32| model.gain(option as usize);
        let (has, gets) = (mine().map(gain).sum::<f64>(), chooser.taken.iter().copied().map(gain).sum::<f64>());
        let mut change: Vec<(usize, f64)> = Vec::new();
        let mut add = |limit: usize, amount: f64| match change.iter_mut().find(|(at, _)| *at == limit) {
            Some((_, sum)) => *sum += amount,
            None => change.push((limit, amount)),
        };
        mine().for_each(|option| model.uses(option as usize, |limit, amount| add(limit, -amount)));
        for option in &chooser.taken {
            model.uses(*option as usize, &mut add);
        }
        let counts = |limit: usize| model.bounds[limit].most.is_finite() || model.bounds[limit].penalty > 0.0;
        let alike = (has - gets).abs() <= 1e-12 * has.abs()
            && change.iter().all(|(limit, by)| by.abs() <= 1e-12 || !counts(*limit));
        if alike {
            let mut taken = chooser.taken.clone();
            taken.resize(model.most, NONE);
            choice.taken[customer * model.most..(customer + 1) * model.most].copy_from_slice(&taken);
        }
    }
    choice.sum_again();
    let kept = choice.used.iter().zip(&model.bounds).all(|(used, bound)| *used <= bound.cap);
    if !kept || choice.objective() < objective {
        choice.taken = before;
        choice.sum_again();
    }
}

/// Options whose choice or neglect loses at most `most` after prices, and those where the choice is not what is best after
/// prices. First those that lose little for what they move of scarce things.
pub(super) fn near(choice: &Choice<'_, '_>, prices: &[f64], most: f64, threads: usize) -> Vec<(f64, u32)> {
    let model = choice.model;
    let rates = Rates::of(model, prices);
    let chunks = by_chunks(model.customers(), threads, |customers| {
        let (mut chooser, mut other) = (Chooser::default(), Chooser::default());
        let (mut found, mut mine, mut leaving, mut seen) =
            (Vec::<(f64, u32)>::new(), Vec::new(), Vec::new(), Vec::new());
        for customer in customers {
            if model.options(customer).is_empty() {
                continue;
            }
            mine.clear();
            let (best, _) = chooser.choose(model, &rates, customer);
            let in_best = |option: usize| chooser.taken.contains(&(option as u32));
            let differs = |option: usize| in_best(option) != choice.of(customer).contains(&(option as u32));
            for option in model.options(customer).filter(|option| !in_best(*option)) {
                // With an option, the rest is worth no more than everything was.
                if !differs(option) && -rates.profit(model, option) > most {
                    continue;
                }
                let loss = best - other.search(model, &rates, model.options(customer), Demand::With(option)).1;
                if differs(option) || (loss <= most && !dominated(model, customer, option)) {
                    mine.push((loss.max(0.0), option as u32));
                }
            }
            let others = !mine.is_empty();
            for option in &chooser.taken {
                // Without it she would take one of the others that come into question.
                let instead = mine.iter().map(|(_, option)| *option).chain(chooser.taken.iter().copied());
                let instead = instead.map(|option| option as usize);
                let loss = best - other.search(model, &rates, instead, Demand::Without(*option as usize)).1;
                if differs(*option as usize) || loss <= most {
                    leaving.push((loss.max(0.0), *option));
                }
            }
            mine.append(&mut leaving);
            // Of options that are alike after prices, one is of use: what she has, or the first.
            let has = |option: u32| choice.of(customer).contains(&option);
            mine.sort_by_key(|(_, option)| (!has(*option), *option));
            seen.clear();
            for (rank, option) in &mut mine {
                let mut moved = 0.0;
                model.uses(*option as usize, |limit, amount| moved += prices[limit].abs() * amount);
                let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (a.abs() + b.abs() + 1e-3);
                let profit = rates.profit(model, *option as usize);
                let again = seen.iter().any(|(p, m)| near(*p, profit) && near(*m, moved));
                seen.push((profit, moved));
                *rank = if again && !has(*option) { f64::INFINITY } else { *rank / moved.max(1e-9) };
            }
            // What uses nothing that is limited only makes way for another option.
            found.extend(mine.iter().filter(|(_, option)| others || !harmless(model, *option as usize)));
        }
        found
    });
    let mut found = chunks.concat();
    found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    // Small things fill what large ones leave: the first of each kind and size, then the second of each, …
    let mut places: BTreeMap<(Vec<usize>, i32), u32> = BTreeMap::new();
    let mut turns: Vec<(u32, (f64, u32))> = Vec::with_capacity(found.len());
    for (rank, option) in found {
        let (mut priced, mut moved) = (Vec::new(), 0.0);
        model.uses(option as usize, |limit, amount| {
            if prices[limit] != 0.0 && amount > 0.0 {
                priced.push(limit);
                moved += prices[limit].abs() * amount;
            }
        });
        let place = places.entry((priced, (moved.max(1e-300).log2() / 2.0).floor() as i32)).or_default();
        *place += 1;
        turns.push((if rank.is_finite() { *place } else { u32::MAX }, (rank, option)));
    }
    turns.sort_by_key(|(turn, _)| *turn);
    turns.into_iter().map(|(_, found)| found).collect()
}

/// Whether an option gains something and uses nothing that has a `most`.
fn harmless(model: &Model<'_>, option: usize) -> bool {
    let mut limited = false;
    model.uses(option, |limit, amount| limited |= amount > 0.0 && model.bounds[limit].most.is_finite());
    !limited && model.gain(option) >= 0.0
}

/// Whether another option of the customer can always stand in its place, for no less gain; of equals the first stays.
fn dominated(model: &Model<'_>, customer: usize, option: usize) -> bool {
    let single = model.most == 1;
    let stands_in = |other: usize| {
        let (gain, instead) = (model.gain(option), model.gain(other));
        if other == option || instead < gain || !(single || model.apart(other, option)) {
            return false;
        }
        let mut change = Change::default();
        change.of(model, option as u32, other as u32);
        let wrong = |(limit, by): &(usize, f64)| {
            let bound = &model.bounds[*limit];
            (*by > 0.0 && bound.most.is_finite()) || (*by < 0.0 && bound.penalty > 0.0)
        };
        if change.by.iter().any(wrong) {
            return false;
        }
        let alike = instead == gain
            && change.by.iter().all(|(limit, by)| {
                let bound = &model.bounds[*limit];
                *by == 0.0 || !(bound.most.is_finite() || bound.penalty > 0.0)
            });
        // Alike in every way that counts: one of them must stay.
        (!alike || other < option)
            && (single
                || model
                    .options(customer)
                    .all(|third| third == option || !model.apart(other, third) || model.apart(option, third)))
    };
    model.options(customer).any(stands_in)
}
