//! From a choice that breaks limits by a little to one that keeps them, and uses what is left: the changes that lose least come first.
#![expect(clippy::indexing_slicing, reason = "limits are those of a checked model, customers those of the choice")]

use super::model::{Bound, Model, NONE};
use super::pass::{Rates, by_chunks};
use super::plan::{Change, Choice, Move};

/// Rounds in which an exceeded limit may be left for another option; then it is left for none.
const SWAPS: u32 = 8;
/// Rounds of filling.
const FILLS: u32 = 30;
/// Filling goes on until the gap is this share of what is good enough.
const FINE: f64 = 0.2;
/// Customers that are looked at first, at least.
const FEW: usize = 20_000;

/// Makes a choice keep every `most` and uses what is left, until the gap to `bound` is at most `enough` or nothing helps.
pub(super) fn repair(choice: &mut Choice<'_, '_>, prices: &[f64], bound: f64, enough: f64, threads: usize) {
    let rates = Rates::of(choice.model, prices);
    let everybody = choice.model.customers();
    let losses = losses(choice, &rates, threads);
    let mut count = FEW.max(everybody / 50);
    loop {
        let who = nearest(&losses, count);
        let all = count >= everybody;
        relieve(choice, &rates, &who, all, threads);
        // What these customers cannot give, more of them can; only then is there something left to fill.
        if !all && !kept(choice) {
            count = count.saturating_mul(8);
            continue;
        }
        fill(choice, prices, &rates, &who, bound - FINE * enough, threads);
        if all || (kept(choice) && bound - choice.objective() <= enough) {
            return;
        }
        count = count.saturating_mul(8);
    }
}

/// Uses what is left, whoever it is.
pub(super) fn fill_all(choice: &mut Choice<'_, '_>, prices: &[f64], threads: usize) {
    let who: Vec<u32> = (0..choice.model.customers() as u32).collect();
    fill(choice, prices, &Rates::of(choice.model, prices), &who, f64::INFINITY, threads);
}

/// Whether no limit is exceeded.
fn kept(choice: &Choice<'_, '_>) -> bool {
    choice.used.iter().zip(&choice.model.bounds).all(|(used, bound)| *used <= bound.cap)
}

/// What every customer's easiest change loses after prices.
fn losses(choice: &Choice<'_, '_>, rates: &Rates, threads: usize) -> Vec<f64> {
    let chunks = by_chunks(choice.model.customers(), threads, |customers| {
        let easiest = |customer: usize| {
            let mut least = f64::INFINITY;
            choice.moves(rates, customer, |_, _, loss| least = least.min(loss));
            least
        };
        customers.map(easiest).collect::<Vec<f64>>()
    });
    chunks.concat()
}

/// About so many customers whose easiest change loses least, in their order.
fn nearest(losses: &[f64], count: usize) -> Vec<u32> {
    let mut most = f64::INFINITY;
    if count < losses.len() {
        let mut sorted = losses.to_vec();
        most = *sorted.select_nth_unstable_by(count, f64::total_cmp).1;
    }
    losses.iter().zip(0..).filter(|(loss, _)| **loss <= most).map(|(_, customer)| customer).collect()
}

/// Changes what exceeds limits. Without `all`, what these customers cannot give is left; with it, options are dropped until
/// every limit is kept.
fn relieve(choice: &mut Choice<'_, '_>, rates: &Rates, who: &[u32], all: bool, threads: usize) {
    let model = choice.model;
    let mut round = 0;
    loop {
        let over = |(used, bound): (&f64, &Bound)| if *used > bound.cap { used - bound.most } else { 0.0 };
        let over: Vec<f64> = choice.used.iter().zip(&model.bounds).map(over).collect();
        if over.iter().all(|over| *over <= 0.0) {
            return;
        }
        let swaps = round < SWAPS;
        if !swaps && !all {
            return;
        }
        let mut moves = best_moves(choice, who, threads, |choice, customer, change, best| {
            let exceeds = |option: &u32| {
                let mut exceeds = false;
                if *option != NONE {
                    model.uses(*option as usize, |limit, amount| exceeds |= over[limit] > 0.0 && amount > 0.0);
                }
                exceeds
            };
            if !choice.of(customer).iter().any(exceeds) {
                return;
            }
            choice.moves(rates, customer, |out, into, loss| {
                if out == NONE || (into != NONE && !swaps) {
                    return;
                }
                change.of(model, out, into);
                let relief = relief(change, &over);
                if relief > 0.0 && choice.fits(change) {
                    keep(best, Move { customer: customer as u32, out, into, rank: loss / relief });
                }
            });
        });
        moves.sort_unstable_by(Move::order);
        let mut change = Change::default();
        let mut moved = false;
        for Move { customer, out, into, .. } in moves {
            change.of(model, out, into);
            let exceeded = |limit: usize| choice.used[limit] > model.bounds[limit].cap;
            let helps = change.by.iter().any(|(limit, by)| *by < 0.0 && exceeded(*limit));
            if helps && choice.fits(&change) {
                choice.apply(customer as usize, out, into, &change);
                moved = true;
            }
        }
        if !moved && !all {
            return;
        }
        choice.sum_again();
        round += 1;
    }
}

/// The share of what is over that a change takes away; negative if it adds to it.
fn relief(change: &Change, over: &[f64]) -> f64 {
    let of = |(limit, by): &(usize, f64)| match over[*limit] {
        over if over > 0.0 => (-by).min(over) / over,
        _ => 0.0,
    };
    change.by.iter().map(of).sum()
}

/// Makes every single change that brings something and keeps the limits, until none does. What loses least after prices, compared
/// with what it makes of what was left over, comes first. It ends where limits are kept and the choice is worth `enough`.
fn fill(choice: &mut Choice<'_, '_>, prices: &[f64], rates: &Rates, who: &[u32], enough: f64, threads: usize) {
    let model = choice.model;
    for _ in 0..FILLS {
        if kept(choice) && choice.objective() >= enough {
            return;
        }
        let hope = left(model, &choice.used, prices);
        let least = 1e-12 * choice.objective().abs().max(1e-3);
        let mut moves = best_moves(choice, who, threads, |choice, customer, change, best| {
            choice.moves(rates, customer, |out, into, loss| {
                if loss > hope {
                    return;
                }
                change.of(model, out, into);
                let brings = choice.brings(out, into, change);
                if brings > least && choice.fits(change) {
                    let rank = if loss > 0.0 { loss / (loss + brings) } else { -brings };
                    keep(best, Move { customer: customer as u32, out, into, rank });
                }
            });
        });
        moves.sort_unstable_by(Move::order);
        let mut change = Change::default();
        let mut moved = false;
        // One change per customer: none of them was looked at after another of hers.
        for Move { customer, out, into, .. } in moves {
            change.of(model, out, into);
            if choice.fits(&change) && choice.brings(out, into, &change) > least {
                choice.apply(customer as usize, out, into, &change);
                moved = true;
            }
        }
        if !moved {
            return;
        }
        choice.sum_again();
    }
}

/// What could be won at most if everybody took what is best after prices: what is left of priced limits, at their prices.
fn left(model: &Model<'_>, used: &[f64], prices: &[f64]) -> f64 {
    let of = |((bound, used), price): ((&Bound, &f64), &f64)| bound.worth(*price) - price * used + bound.fine(*used);
    model.bounds.iter().zip(used).zip(prices).map(of).sum::<f64>().max(0.0)
}

fn keep(best: &mut Option<Move>, new: Move) {
    if best.is_none_or(|best| new.order(&best).is_lt()) {
        *best = Some(new);
    }
}

/// The best change of every customer that has one.
fn best_moves<'m, 'p>(
    choice: &Choice<'m, 'p>,
    who: &[u32],
    threads: usize,
    look: impl Fn(&Choice<'m, 'p>, usize, &mut Change, &mut Option<Move>) + Sync,
) -> Vec<Move> {
    let chunks = by_chunks(who.len(), threads, |places| {
        let mut change = Change::default();
        let mut found = Vec::new();
        for customer in &who[places] {
            let mut best = None;
            look(choice, *customer as usize, &mut change, &mut best);
            found.extend(best);
        }
        found
    });
    chunks.concat()
}
