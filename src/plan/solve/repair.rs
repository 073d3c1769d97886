//! From a choice that breaks limits by a little to one that keeps them, and uses what is left: the changes that lose least come first.
#![expect(clippy::indexing_slicing, reason = "limits are those of a checked model, customers those of the choice")]

use super::model::{Model, NONE};
use super::pass::{Rates, by_chunks};
use super::plan::{Change, Choice, Move};

/// Rounds in which an exceeded limit may be left for another option; then it is left for none.
const SWAPS: u32 = 8;
/// Rounds of filling.
const FILLS: u32 = 30;

/// Makes a choice keep every `most`.
pub(super) fn relieve(choice: &mut Choice<'_, '_>, prices: &[f64], threads: usize) {
    let model = choice.model;
    let rates = Rates::of(model, prices);
    let mut round = 0;
    loop {
        let over: Vec<f64> = choice
            .used
            .iter()
            .zip(&model.bounds)
            .map(|(used, bound)| if *used > bound.cap { used - bound.most } else { 0.0 })
            .collect();
        if over.iter().all(|over| *over <= 0.0) {
            return;
        }
        let swaps = round < SWAPS;
        let mut moves = best_moves(choice, threads, |choice, customer, change, best| {
            let uses_over = |option: &u32| {
                let mut over_any = false;
                if *option != NONE {
                    model.uses(*option as usize, |limit, amount| over_any |= over[limit] > 0.0 && amount > 0.0);
                }
                over_any
            };
            if !choice.of(customer).iter().any(uses_over) {
                return;
            }
            choice.moves(&rates, customer, |out, into, loss| {
                if out == NONE || (into != NONE && !swaps) {
                    return;
                }
                change.of(model, out, into);
                let relief = relief(change, &over);
                if relief > 0.0 && choice.fits(change) {
                    keep(best, Move { customer: customer as u32, out, into, loss, rank: loss / relief });
                }
            });
        });
        moves.sort_unstable_by(Move::order);
        let mut change = Change::default();
        for Move { customer, out, into, .. } in moves {
            change.of(model, out, into);
            let exceeded = |limit: usize| choice.used[limit] > model.bounds[limit].cap;
            let helps = change.by.iter().any(|(limit, by)| *by < 0.0 && exceeded(*limit));
            if helps && choice.fits(&change) {
                choice.apply(customer as usize, out, into, &change);
            }
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
/// with what it makes of what was left over, comes first.
pub(super) fn fill(choice: &mut Choice<'_, '_>, prices: &[f64], threads: usize) {
    let model = choice.model;
    let rates = Rates::of(model, prices);
    let mut moved = vec![false; model.customers()];
    for _ in 0..FILLS {
        let hope = left(model, &choice.used, prices);
        let least = 1e-12 * choice.objective().abs().max(1e-3);
        let mut moves = best_moves(choice, threads, |choice, customer, change, best| {
            choice.moves(&rates, customer, |out, into, loss| {
                if loss > hope {
                    return;
                }
                change.of(model, out, into);
                let brings = choice.brings(out, into, change);
                if brings > least && choice.fits(change) {
                    let rank = if loss > 0.0 { loss / (loss + brings) } else { -brings };
                    keep(best, Move { customer: customer as u32, out, into, loss, rank });
                }
            });
        });
        if moves.is_empty() {
            return;
        }
        moves.sort_unstable_by(Move::order);
        moved.fill(false);
        let mut change = Change::default();
        for Move { customer, out, into, .. } in moves {
            let customer = customer as usize;
            change.of(model, out, into);
            if !moved[customer] && choice.fits(&change) && choice.brings(out, into, &change) > least {
                choice.apply(customer, out, into, &change);
                moved[customer] = true;
            }
        }
        choice.sum_again();
    }
}

/// What could be won at most if everybody took what is best after prices: what is left of priced limits, at their prices.
pub(super) fn left(model: &Model<'_>, used: &[f64], prices: &[f64]) -> f64 {
    let of = |((bound, used), price): ((&super::model::Bound, &f64), &f64)| {
        bound.worth(*price) - price * used + bound.fine(*used)
    };
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
    threads: usize,
    look: impl Fn(&Choice<'m, 'p>, usize, &mut Change, &mut Option<Move>) + Sync,
) -> Vec<Move> {
    let chunks = by_chunks(choice.model.customers(), threads, |customers| {
        let mut change = Change::default();
        let mut found = Vec::new();
        for customer in customers {
            let mut best = None;
            look(choice, customer, &mut change, &mut best);
            found.extend(best);
        }
        found
    });
    chunks.concat()
}
