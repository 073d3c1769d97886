//! Two changes at once, of different customers: one gives what the other takes. Single changes leave a little of every limit; pairs
//! use it. Half of a pair may be several small changes of one kind, so that they outweigh a large one.
#![expect(
    clippy::indexing_slicing,
    reason = "limits are those of a checked model, places those of the list of changes"
)]

use std::collections::BTreeMap;

use super::model::{Model, NONE};
use super::pass::{Rates, by_chunks};
use super::plan::{Change, Choice};

/// Changes that are paired, and the same, of several customers each.
const SINGLE: usize = 500;
const SEVERAL: usize = 800;
/// Small changes taken together.
const TOGETHER: usize = 80;
/// The same, of one chunk of customers.
const OF_CHUNK: usize = 4_000;
/// Pairs made in a row, and times that changes are collected.
const PAIRS: u32 = 60;
const ROUNDS: u32 = 30;

/// What may be half of a pair.
#[derive(Clone)]
struct Half {
    /// Customer, what goes, what comes.
    moves: Vec<(u32, u32, u32)>,
    loss: f64,
    /// What it changes, and what that brings by gain alone.
    by: Vec<(usize, f64)>,
    gain: f64,
}

impl Half {
    fn new(model: &Model<'_>, customer: u32, out: u32, into: u32, loss: f64) -> Half {
        let mut change = Change::default();
        change.of(model, out, into);
        change.by.retain(|(_, by)| *by != 0.0);
        let gain = |option: u32| if option == NONE { 0.0 } else { model.gain(option as usize) };
        Half { moves: vec![(customer, out, into)], loss, by: change.by, gain: gain(into) - gain(out) }
    }

    fn add(&mut self, other: &Half) {
        self.moves.extend(&other.moves);
        self.loss += other.loss;
        self.gain += other.gain;
        for (limit, by) in &other.by {
            match self.by.iter_mut().find(|(at, _)| at == limit) {
                Some((_, sum)) => *sum += by,
                None => self.by.push((*limit, *by)),
            }
        }
    }

    fn shares(&self, other: &Half) -> bool {
        self.moves.iter().any(|(a, ..)| other.moves.iter().any(|(b, ..)| a == b))
    }
}

/// Makes the pairs of changes that bring most, one after the other.
pub(super) fn exchange(choice: &mut Choice<'_, '_>, prices: &[f64], bound: f64, threads: usize) -> bool {
    let mut better = false;
    for _ in 0..ROUNDS {
        let mut halves = halves(choice, prices, bound - choice.objective(), threads);
        let mut made = 0;
        while made < PAIRS {
            let hope = bound - choice.objective();
            let Some((one, other)) = best(choice, &halves, hope) else { break };
            let mut both = halves[one].clone();
            both.add(&halves[other]);
            let mut change = Change::default();
            for (customer, out, into) in &both.moves {
                change.of(choice.model, *out, *into);
                choice.apply(*customer as usize, *out, *into, &change);
            }
            halves.retain(|half| !half.shares(&both));
            made += 1;
        }
        if made == 0 {
            break;
        }
        choice.sum_again();
        better = true;
    }
    better
}

/// The pair that brings most and keeps the limits.
fn best(choice: &Choice<'_, '_>, halves: &[Half], hope: f64) -> Option<(usize, usize)> {
    let bounds = &choice.model.bounds;
    let mut best = (1e-9 * choice.objective().abs().max(1e-3), None);
    let mut used = choice.used.clone();
    for (one, a) in halves.iter().enumerate() {
        // The halves are in order of loss: none that follows can make it good.
        if a.loss + a.loss.min(0.0) > hope {
            break;
        }
        let over = |limit: usize, used: f64| used > bounds[limit].cap;
        let mut fines = 0.0;
        let mut exceeded = 0_i32;
        for (limit, by) in &a.by {
            fines += bounds[*limit].fine(used[*limit]);
            used[*limit] += by;
            fines -= bounds[*limit].fine(used[*limit]);
            exceeded += i32::from(over(*limit, used[*limit]));
        }
        for (other, b) in halves.iter().enumerate().skip(one + 1) {
            if a.loss + b.loss > hope {
                break;
            }
            let mut still = exceeded;
            let mut brings = a.gain + b.gain + fines;
            for (limit, by) in &b.by {
                let (before, after) = (used[*limit], used[*limit] + by);
                still += i32::from(over(*limit, after)) - i32::from(over(*limit, before));
                brings += bounds[*limit].fine(before) - bounds[*limit].fine(after);
            }
            if still == 0 && brings > best.0 && !a.shares(b) {
                best = (brings, Some((one, other)));
            }
        }
        for (limit, _) in &a.by {
            used[*limit] = choice.used[*limit];
        }
    }
    best.1
}

/// Changes that lose at most `most` after prices: of every kind and size those that lose least for what they move.
fn halves(choice: &Choice<'_, '_>, prices: &[f64], most: f64, threads: usize) -> Vec<Half> {
    let model = choice.model;
    let rates = Rates::of(model, prices);
    let chunks = by_chunks(model.customers(), threads, |customers| {
        let mut found: Vec<(f64, f64, u32, u32, u32)> = Vec::new();
        let mut change = Change::default();
        for customer in customers {
            choice.moves(&rates, customer, |out, into, loss| {
                if loss <= most {
                    change.of(model, out, into);
                    let moved: f64 = change.by.iter().map(|(limit, by)| prices[*limit].abs() * by.abs()).sum();
                    if moved > 0.0 {
                        found.push((loss / moved, loss, customer as u32, out, into));
                    }
                }
            });
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        found.truncate(OF_CHUNK);
        found
    });
    let mut found = chunks.concat();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut places: BTreeMap<(Vec<(usize, bool)>, i32), u32> = BTreeMap::new();
    let mut turns = Vec::with_capacity(found.len());
    let mut several: Vec<(u32, Half)> = Vec::new();
    let mut sums: BTreeMap<(Vec<(usize, bool)>, i32), Half> = BTreeMap::new();
    let worth = |by: &[(usize, f64)]| by.iter().map(|(limit, by)| (prices[*limit] * by).abs()).sum::<f64>();
    let mut largest = 0.0_f64;
    for (_, _, _, out, into) in &found {
        let mut change = Change::default();
        change.of(model, *out, *into);
        largest = largest.max(worth(&change.by));
    }
    for (_, loss, customer, out, into) in found {
        let half = Half::new(model, customer, out, into, loss);
        let priced = half.by.iter().filter(|(limit, _)| prices[*limit] != 0.0);
        let moved = worth(&half.by);
        let key = priced.map(|(limit, by)| (*limit, *by > 0.0)).collect();
        let key = (key, (moved.max(1e-300).log2() / 2.0).floor() as i32);
        match sums.get_mut(&key) {
            None => {
                sums.insert(key.clone(), half.clone());
            }
            Some(sum) if sum.moves.len() < TOGETHER && worth(&sum.by) <= largest && !sum.shares(&half) => {
                sum.add(&half);
                several.push((sum.moves.len() as u32, sum.clone()));
            }
            Some(_) => {}
        }
        let place = places.entry(key).or_default();
        *place += 1;
        turns.push((*place, half));
    }
    let mut halves: Vec<Half> = Vec::new();
    for (mut list, count) in [(turns, SINGLE), (several, SEVERAL)] {
        list.sort_by_key(|(turn, _)| *turn);
        list.truncate(count);
        halves.extend(list.into_iter().map(|(_, half)| half));
    }
    halves.sort_by(|a, b| a.loss.total_cmp(&b.loss).then_with(|| a.moves.cmp(&b.moves)));
    halves
}
