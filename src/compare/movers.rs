//! The customers with the largest change, and which rules moved how many: single customers are decided under both packs.

use std::collections::{BTreeMap, HashMap};

use super::join::{Pairs, Rows};
use super::moves::Found;
use super::tally::{Moved, RESPECTS, code};
use super::why::{Case, Reason, Why};
use super::words::FLOWS;
use super::{Mover, Side};
use crate::expr::Value;
use crate::stage::cell;

/// At most so many reasons are said of one customer.
const REASONS: usize = 3;

/// Where the customers of a comparison stand.
pub(super) struct Places<'a> {
    pairs: &'a Pairs,
    old: Rows,
    new: Rows,
}

impl<'a> Places<'a> {
    pub(super) fn of(old: &Side<'_>, new: &Side<'_>, pairs: &'a Pairs) -> Places<'a> {
        let rows = |side: &Side<'_>| Rows::of(side.held.batches().iter().map(|batch| batch.num_rows()));
        Places { pairs, old: rows(old), new: rows(new) }
    }

    /// Batch and row of a pair on both sides.
    fn locate(&self, pair: u32) -> ((usize, usize), (usize, usize)) {
        let (old, new) = match self.pairs {
            Pairs::Same => (pair, pair),
            Pairs::Joined { both, .. } => both.get(pair as usize).copied().unwrap_or_default(),
        };
        (self.old.locate(old as usize), self.new.locate(new as usize))
    }
}

/// The `top` customers with the largest change: of those who moved, the ones with the most money, then with the largest change of
/// priority, then in the order of the records. If nobody moved, those whose priority changed most.
pub(super) fn movers(old: &Side<'_>, new: &Side<'_>, found: &Found, why: &Why<'_>, top: usize) -> Vec<Mover> {
    let tally = &found.tally;
    let places = Places::of(old, new, &found.pairs);
    let mut chosen: Vec<Moved> = if tally.moved.is_empty() { tally.most_rescored.clone() } else { tally.moved.clone() };
    let by = if tally.moved.is_empty() { Moved::by_change } else { Moved::by_size };
    if top > 0 && top < chosen.len() {
        chosen.select_nth_unstable_by(top - 1, by);
    }
    chosen.truncate(top);
    chosen.sort_by(by);
    chosen.iter().map(|moved| mover(old, found, why, &places, moved)).collect()
}

fn mover(old: &Side<'_>, found: &Found, why: &Why<'_>, places: &Places<'_>, moved: &Moved) -> Mover {
    let (before, now) = places.locate(moved.pair);
    let case = why.case(before, now);
    let key = old.held.batches().get(before.0).and_then(|batch| batch.column_by_name(&old.pack.record.key));
    let key = key.map_or(Value::Missing, |column| cell(column, before.1, crate::expr::Type::Text));
    let mut changes = Vec::new();
    let mut reasons: Vec<Reason> = Vec::new();
    let add = |reasons: &mut Vec<Reason>, respect| {
        for reason in why.reasons(&case, respect) {
            if !reasons.iter().any(|known| known.label == reason.label) {
                reasons.push(reason);
            }
        }
    };
    for (respect, name) in RESPECTS.iter().enumerate() {
        let (was, is) = (code(moved.old, respect), code(moved.new, respect));
        if was != is {
            let text = |code: usize| found.values.text(respect, code);
            changes.push(((*name).to_owned(), text(was), text(is)));
            add(&mut reasons, respect);
        }
    }
    if changes.is_empty() {
        add(&mut reasons, RESPECTS.len());
    }
    changes.extend(scores(old, why, &case));
    let more = reasons.len().saturating_sub(REASONS);
    let mut texts: Vec<String> = reasons.into_iter().take(REASONS).map(|reason| reason.text).collect();
    if more > 0 {
        texts.push(format!("and {more} more"));
    }
    if texts.is_empty() {
        texts.push("several rules together".to_owned());
    }
    Mover {
        key: key.as_text().unwrap_or_default().to_owned(),
        money: case.new.money.or(case.old.money),
        priority: (case.old.priority, case.new.priority),
        changes,
        reasons: texts,
    }
}

/// Scores that are others than before.
fn scores(old: &Side<'_>, why: &Why<'_>, case: &Case) -> Vec<(String, Option<String>, Option<String>)> {
    if case.old.criteria.is_empty() || case.new.criteria.is_empty() {
        // Who is suppressed has no scores: that they are gone says nothing of its own.
        return Vec::new();
    }
    let new = why.later();
    let before: HashMap<&str, Option<f64>> = old
        .pack
        .criteria
        .iter()
        .zip(&case.old.criteria)
        .map(|(criterion, decided)| (criterion.name.as_str(), decided.score))
        .collect();
    let now = new.criteria.iter().zip(&case.new.criteria);
    let mut changes = Vec::new();
    for (criterion, decided) in now {
        let was = before.get(criterion.name.as_str()).copied().flatten();
        if was != decided.score {
            let (was, is) = pair(was, decided.score);
            changes.push((format!("score.{}", criterion.name), was, is));
        }
    }
    for (criterion, decided) in old.pack.criteria.iter().zip(&case.old.criteria) {
        if decided.score.is_some() && !new.criteria.iter().any(|other| other.name == criterion.name) {
            changes.push((format!("score.{}", criterion.name), pair(decided.score, None).0, None));
        }
    }
    changes
}

/// Two scores with one decimal; with more where one would not tell them apart.
fn pair(was: Option<f64>, is: Option<f64>) -> (Option<String>, Option<String>) {
    let short = |x: Option<f64>| x.map(|x| crate::draw::grouped(x, 1));
    let long = |x: Option<f64>| x.map(|x| Value::number(x).to_string());
    if short(was) == short(is) { (long(was), long(is)) } else { (short(was), short(is)) }
}

/// What is looked at in one case: the customer, and for which flows.
type Wanted = BTreeMap<usize, Vec<(usize, usize)>>;

/// Finds, for the largest flows of each respect, which rules moved how many of at most `sample` customers, taken evenly.
pub(super) fn because(old: &Side<'_>, new: &Side<'_>, found: &mut Found, why: &Why<'_>, sample: usize) {
    if sample == 0 || found.tally.moved.is_empty() {
        return;
    }
    let wanted = wanted(found, sample);
    let places = Places::of(old, new, &found.pairs);
    let cases: Vec<(usize, Vec<(usize, usize)>)> = wanted.into_iter().collect();
    let look = |cases: &[(usize, Vec<(usize, usize)>)]| {
        let mut seen = Vec::new();
        for (at, flows) in cases {
            let Some(moved) = found.tally.moved.get(*at) else { continue };
            let (before, now) = places.locate(moved.pair);
            let case = why.case(before, now);
            for (dimension, flow) in flows {
                let name = found.moves.by.get(*dimension).map_or("", |d| d.name.as_str());
                let respect = RESPECTS.iter().position(|other| *other == name).unwrap_or_default();
                let labels: Vec<String> = why.reasons(&case, respect).into_iter().map(|reason| reason.label).collect();
                seen.push((*dimension, *flow, labels));
            }
        }
        seen
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = cases.len().div_ceil(threads).max(16);
    let look = &look;
    let seen: Vec<_> = std::thread::scope(|scope| {
        let parts: Vec<_> = cases.chunks(share).map(|part| (part, scope.spawn(move || look(part)))).collect();
        parts.into_iter().map(|(part, thread)| thread.join().unwrap_or_else(|_| look(part))).collect()
    });
    for (dimension, flow, labels) in seen.into_iter().flatten() {
        let Some(flow) = found.moves.by.get_mut(dimension).and_then(|d| d.flows.get_mut(flow)) else { continue };
        flow.looked_at += 1;
        for label in labels {
            match flow.because.iter_mut().find(|(known, _)| *known == label) {
                Some((_, count)) => *count += 1,
                None => flow.because.push((label, 1)),
            }
        }
    }
    for flow in found.moves.by.iter_mut().flat_map(|dimension| &mut dimension.flows) {
        flow.because.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }
}

/// Which customers are looked at, and for which flows (dimension, flow).
fn wanted(found: &Found, sample: usize) -> Wanted {
    let mut wanted = Wanted::new();
    for (d, dimension) in found.moves.by.iter().enumerate() {
        let Some(respect) = RESPECTS.iter().position(|name| *name == dimension.name) else { continue };
        let code_of = |value: &Option<String>| {
            (0..found.values.size(respect)).find(|code| found.values.text(respect, *code) == *value).unwrap_or(0)
        };
        // Customers of a flow that have gone by, and every how many-th is looked at.
        let mut flows: HashMap<(usize, usize), (usize, usize, usize)> = HashMap::new();
        for (f, flow) in dimension.flows.iter().enumerate().take(FLOWS) {
            let step = usize::try_from(flow.customers).unwrap_or(usize::MAX).div_ceil(sample).max(1);
            flows.insert((code_of(&flow.from), code_of(&flow.to)), (f, 0, step));
        }
        for (at, moved) in found.tally.moved.iter().enumerate() {
            let pair = (code(moved.old, respect), code(moved.new, respect));
            if pair.0 != pair.1
                && let Some((flow, passed, step)) = flows.get_mut(&pair)
            {
                if passed.is_multiple_of(*step) {
                    wanted.entry(at).or_default().push((d, *flow));
                }
                *passed += 1;
            }
        }
    }
    wanted
}
