//! Who moved: counts and money, before and now.

use super::join::{Pairs, Rows};
use super::tally::{Cell, Flat, RESPECTS, Tally, Values};
use super::{Dimension, Flow, Moves, Side, Total};
use crate::pack::Pack;

/// So many batches are worth a thread.
const SHARE: usize = 8;

/// What was found: the public counts, and what is needed to look at single customers.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) moves: Moves,
    pub(super) pairs: Pairs,
    pub(super) values: Values,
    pub(super) tally: Tally,
}

/// Counts. Of customers whose priority alone changed, the `keep` with the largest change are kept.
pub(super) fn moves(old: &Side<'_>, new: &Side<'_>, keep: usize) -> Found {
    let pairs = Pairs::of(old, new);
    let values = Values::of(old, new);
    let tally = match &pairs {
        Pairs::Same => count_batches(old, new, &values, keep),
        Pairs::Joined { both, .. } => {
            let flat = |side: &Side<'_>, place: fn(&(u32, u32)) -> u32| {
                let parts: Vec<Flat> = side.decided.batches.iter().map(|batch| Flat::read(batch, &values)).collect();
                let rows = Rows::of(side.decided.batches.iter().map(|batch| batch.num_rows()));
                Flat::take(&parts, both.iter().map(|pair| rows.locate(place(pair) as usize)))
            };
            let mut tally = Tally::new(keep);
            tally.count(&flat(old, |pair| pair.0), &flat(new, |pair| pair.1), 0);
            tally
        }
    };
    let (gone, added) = if let Pairs::Joined { gone, new, .. } = &pairs { (*gone, *new) } else { (0, 0) };
    let all = tally.all();
    let moves = Moves {
        customers: tally.customers,
        moved: tally.moved.len() as u64,
        gone,
        new: added,
        rescored: tally.rescored,
        money: money(old.pack, new.pack, &all),
        moved_money: all.either.value(),
        currency: currency(new.pack).or(currency(old.pack)).unwrap_or_default().to_owned(),
        by: (0..RESPECTS.len())
            .filter(|respect| has(old.pack, *respect) || has(new.pack, *respect))
            .map(|respect| dimension(respect, &tally, &values))
            .collect(),
    };
    Found { moves, pairs, values, tally }
}

/// Batch by batch, where both sides have the same customers in the same order.
fn count_batches(old: &Side<'_>, new: &Side<'_>, values: &Values, keep: usize) -> Tally {
    let mut first = 0;
    let mut batches = Vec::new();
    for pair in old.decided.batches.iter().zip(&new.decided.batches) {
        batches.push((pair, first));
        first += pair.0.num_rows();
    }
    let count = |batches: &[((&_, &_), usize)]| {
        let mut tally = Tally::new(keep);
        for ((before, now), first) in batches {
            tally.count(&Flat::read(before, values), &Flat::read(now, values), *first);
        }
        tally
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = batches.len().div_ceil(threads).max(SHARE);
    if batches.len() <= share {
        return count(&batches);
    }
    let count = &count;
    let parts: Vec<Tally> = std::thread::scope(|scope| {
        let parts: Vec<_> = batches.chunks(share).map(|part| (part, scope.spawn(move || count(part)))).collect();
        // A thread that could not count is counted for here: slower, never wrong.
        parts.into_iter().map(|(part, thread)| thread.join().unwrap_or_else(|_| count(part))).collect()
    });
    let mut all = Tally::new(keep);
    // In the order of the records, whichever thread was first.
    parts.into_iter().for_each(|part| all.merge(part));
    all
}

/// Whether a pack decides in a respect at all.
fn has(pack: &Pack, respect: usize) -> bool {
    match respect {
        0 => !pack.states.is_empty() || !pack.suppress.is_empty(),
        1 => !pack.causes.list.is_empty(),
        2 => !pack.grades.is_empty(),
        _ => !pack.campaigns.is_empty(),
    }
}

fn currency(pack: &Pack) -> Option<&str> {
    pack.money.as_ref().map(|money| money.currency.as_str()).filter(|currency| !currency.is_empty())
}

/// The money of all, if both packs count it in the same currency.
fn money(old: &Pack, new: &Pack, all: &Cell) -> Option<(f64, f64)> {
    let counted = old.money.is_some() && new.money.is_some();
    (counted && currency(old) == currency(new))
        .then(|| (all.old.value().unwrap_or(0.0), all.new.value().unwrap_or(0.0)))
}

/// What moved in one respect.
fn dimension(respect: usize, tally: &Tally, values: &Values) -> Dimension {
    let size = values.size(respect);
    let cells = tally.cells(respect, size);
    let cell = |from: usize, to: usize| cells.get(from * size + to).copied().unwrap_or_default();
    let mut dimension =
        Dimension { name: RESPECTS.get(respect).copied().unwrap_or_default().to_owned(), ..Dimension::default() };
    // Those that have no value come last.
    let order: Vec<usize> = (1..size).chain([0]).collect();
    for code in &order {
        let mut total = Total { value: values.text(respect, *code), ..Total::default() };
        let (mut before, mut now) = (Cell::default(), Cell::default());
        for other in &order {
            let (from, to) = (cell(*code, *other), cell(*other, *code));
            before.customers += from.customers;
            before.old.merge(from.old);
            now.customers += to.customers;
            now.new.merge(to.new);
            if code != other && from.customers > 0 {
                dimension.flows.push(Flow {
                    from: values.text(respect, *code),
                    to: values.text(respect, *other),
                    customers: from.customers,
                    money: from.either.value(),
                    ..Flow::default()
                });
            }
        }
        total.customers = (before.customers, now.customers);
        total.money = (before.old.value(), now.new.value());
        if total.customers != (0, 0) {
            dimension.totals.push(total);
        }
    }
    let key = |flow: &Flow| (std::cmp::Reverse(flow.customers), flow.from.is_none(), flow.to.is_none());
    // Of equals those that come first in the pack.
    dimension.flows.sort_by_key(key);
    dimension
}
