//! Looks for a customer whom a changed rule decides otherwise: at the bound of the comparison that was changed, near the customers of
//! the cases.
//!
//! First the customers of the cases as they are (a case may have expected too little), then each with one value moved to a bound
//! of a comparison that matters, or to a value that rules ask about, then several at once, by a fixed sequence of numbers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::aim::{Aim, Aims};
use super::change::Mutant;
use super::list::tidy;
use super::run::changed;
use super::tell::{Differences, differences};
use crate::check::sample::Sample;
use crate::expr::{Aggregate, Date, NameKind, Row as _, Slot, Stage, Type, Value, evaluate};
use crate::pack::Pack;
use crate::stage::{Context, RowValues, decide, with_facts};

pub(super) use super::pools::Pools;

/// Customers that one change is tried on at most, so many times.
const TRIES: usize = 3000;
/// No change is looked at longer.
const PATIENCE: Duration = Duration::from_millis(1500);
/// So many customers of the cases are gone from, one value at a time.
const NEAR: usize = 8;
/// Numbers of a name that are tried to find both sides of a bound.
const GRID: usize = 16;
/// And so often for one change.
const DEEP: usize = 60;

/// A customer to begin with.
#[derive(Debug, Clone)]
pub(super) struct Start {
    pub record: RowValues,
    pub context: Context,
}

/// A customer who would notice the change; `None` if none was found.
pub(super) fn sample(
    pack: &Arc<Pack>,
    mutant: &Mutant,
    starts: &[Start],
    pools: &Pools,
    until: Instant,
) -> Option<Sample> {
    let aims = Aims::of(pack, &mutant.change)?;
    let changed = changed(pack, mutant)?;
    let until = until.min(Instant::now() + PATIENCE);
    let mut search = Search { pack, changed: &changed, mutant, pools, left: TRIES, deep: DEEP, until };
    let starts: Vec<Start> = starts
        .iter()
        .map(|start| Start { record: pools.normal(&start.record), context: start.context.clone() })
        .collect();
    let found = search.look(&aims, &starts)?;
    Some(search.finish(found))
}

struct Search<'a> {
    pack: &'a Pack,
    changed: &'a Pack,
    mutant: &'a Mutant,
    pools: &'a Pools,
    left: usize,
    /// So often both sides of a bound may still be looked for.
    deep: usize,
    until: Instant,
}

impl Search<'_> {
    /// What the change makes of a customer; `None` if nothing that a case could tell.
    fn differ(&mut self, start: &Start) -> Option<Differences> {
        self.left = self.left.saturating_sub(1);
        let decision = decide(self.pack, &start.context, start.record.clone());
        if !self.mutant.change.concerns(self.pack, self.changed, &decision) {
            return None;
        }
        let other = decide(self.changed, &start.context, start.record.clone());
        let found = differences(self.pack, &decision, self.changed, &other);
        (!found.is_empty()).then_some(found)
    }

    fn over(&self) -> bool {
        self.left == 0 || Instant::now() > self.until
    }

    fn look(&mut self, aims: &Aims, starts: &[Start]) -> Option<Start> {
        // As they are.
        let mut ranked: Vec<(usize, &Start)> = Vec::new();
        for start in starts.iter().take(TRIES / 3) {
            if self.differ(start).is_some() {
                return Some(start.clone());
            }
            if self.over() {
                return None;
            }
            let decision = decide(self.pack, &start.context, start.record.clone());
            ranked.push((self.mutant.change.nearness(self.pack, &decision), start));
        }
        ranked.sort_by_key(|(nearness, _)| std::cmp::Reverse(*nearness));
        let blank =
            starts.first().map(|start| Start { record: self.pools.blank.clone(), context: start.context.clone() });
        let nearest = ranked.iter().map(|(_, start)| *start).take(NEAR);
        let near: Vec<&Start> = nearest.chain(self.spread(starts)).chain(blank.as_ref()).collect();
        // One value moved.
        for start in &near {
            for aim in &aims.list {
                for slot in &aim.slots {
                    for value in self.bounds(start, aim, *slot) {
                        let moved = with(start, *slot, value);
                        if self.differ(&moved).is_some() {
                            return Some(moved);
                        }
                        if self.over() {
                            return None;
                        }
                    }
                }
            }
            for slot in aims.slots.iter().take(8) {
                for value in self.pools.values(*slot, start.context.as_of).into_iter().take(6) {
                    let moved = with(start, *slot, value);
                    if self.differ(&moved).is_some() {
                        return Some(moved);
                    }
                    if self.over() {
                        return None;
                    }
                }
            }
        }
        // Several values moved.
        let mut dice = Dice(u64::from(self.mutant.span.start) << 8 ^ self.mutant.now.len() as u64);
        while !self.over() {
            let start = near.get(dice.below(near.len()))?;
            let mut moved = (*start).clone();
            for _ in 0..=dice.below(4) {
                let list = if dice.below(3) == 0 { &aims.wider } else { &aims.slots };
                let Some(slot) = list.get(dice.below(list.len())) else { continue };
                let values = self.pools.values(*slot, moved.context.as_of);
                if let Some(value) = values.get(dice.below(values.len())) {
                    moved.record.set(*slot, value.clone());
                }
            }
            if let Some(aim) = aims.list.get(dice.below(aims.list.len()))
                && let Some(slot) = aim.slots.get(dice.below(aim.slots.len()))
            {
                for value in self.bounds(&moved, aim, *slot) {
                    let moved = with(&moved, *slot, value);
                    if self.differ(&moved).is_some() {
                        return Some(moved);
                    }
                }
            } else if self.differ(&moved).is_some() {
                return Some(moved);
            }
        }
        None
    }

    /// A few customers, as different as the order of the cases makes them.
    fn spread<'s>(&self, starts: &'s [Start]) -> Vec<&'s Start> {
        let step = starts.len().div_ceil(NEAR).max(1);
        starts.iter().step_by(step).collect()
    }

    /// Values of a name at which the two sides of a comparison meet, and those just beside.
    fn bounds(&mut self, start: &Start, aim: &Aim, slot: Slot) -> Vec<Value> {
        let ty = self.pack.names.get(slot).ty;
        let now = start.record.get(slot);
        let mut x = match (&now, ty) {
            (Value::Number(x), _) => *x,
            (Value::Date(day), _) => f64::from(day.days()),
            (Value::Missing, Type::Number) => 1.0,
            (Value::Missing, Type::Date) => f64::from(start.context.as_of.days()) - 10.0,
            _ => return Vec::new(),
        };
        let make = |x: f64| match ty {
            Type::Date => Date::from_days(x.round() as i64).map(Value::Date),
            _ => Some(Value::number(self.pools.short(slot, x))),
        };
        let gap = |x: f64| make(x).and_then(|value| self.gap(&with(start, slot, value), aim));
        // Newton's method with a slope from two points; sums and differences are met at once.
        for _ in 0..6 {
            let Some(here) = gap(x) else { return Vec::new() };
            if here == 0.0 {
                break;
            }
            let step = if ty == Type::Date { 1.0 } else { (x.abs() * 1e-3).max(1e-3) };
            let Some(there) = gap(x + step) else { break };
            let slope = (there - here) / step;
            if slope == 0.0 || !slope.is_finite() {
                // Flat here: one large step, and once more.
                x += if ty == Type::Date { -200.0 } else { 100.0 };
                continue;
            }
            let next = x - here / slope;
            if (next - x).abs() < 1e-9 || !next.is_finite() {
                break;
            }
            x = next;
        }
        // A value that rules make in steps and bends: between two customers on both sides of the bound.
        let bracketed = if ty == Type::Number && gap(x) != Some(0.0) && self.deep > 0 {
            self.deep -= 1;
            self.bracket(start, aim, slot)
        } else {
            Vec::new()
        };
        let whole = x.round();
        let fine = (x.abs() * 0.05).max(0.01);
        let mut values = bracketed;
        values.extend(vec![
            x,
            whole,
            whole - 1.0,
            whole + 1.0,
            x - 0.5,
            x + 0.5,
            x - fine,
            x + fine,
            whole - 2.0,
            whole + 2.0,
        ]);
        if let Some(step) = aim.step {
            values.extend([x - step / 2.0, x + step / 2.0, x + step, x - step]);
        }
        let mut made: Vec<Value> = Vec::new();
        for value in values.into_iter().filter_map(make) {
            if self.pools.fits(slot, &value) && !made.contains(&value) {
                made.push(value);
            }
        }
        made
    }

    /// Numbers of a name around which the two sides of a comparison change places: the shortest at which they meet, and the last on
    /// either side.
    fn bracket(&self, start: &Start, aim: &Aim, slot: Slot) -> Vec<f64> {
        let gap = |x: f64| {
            let x = self.pools.short(slot, x);
            self.gap(&with(start, slot, Value::number(x)), aim).map(|gap| (x, gap))
        };
        let values = self.pools.values(slot, start.context.as_of);
        let mut grid: Vec<f64> = values.iter().filter_map(Value::as_number).collect();
        grid.sort_by(f64::total_cmp);
        let step = grid.len().div_ceil(GRID).max(1);
        let known: Vec<(f64, f64)> = grid.into_iter().step_by(step).filter_map(gap).collect();
        let sides = known.iter().zip(known.iter().skip(1)).find(|((_, a), (_, b))| (*a < 0.0) != (*b < 0.0));
        let Some((mut low, mut high)) = sides.map(|(a, b)| (*a, *b)) else { return Vec::new() };
        let finest = 10f64.powi(-self.pools.decimals(slot));
        while high.0 - low.0 > finest * 1.5 {
            let Some(middle) = gap(low.0 + (high.0 - low.0) / 2.0).filter(|m| m.0 > low.0 && m.0 < high.0) else {
                break;
            };
            if (middle.1 < 0.0) == (low.1 < 0.0) { low = middle } else { high = middle }
        }
        // Zero counts as the upper side, so it is one of the two if it is anywhere; a shorter number may do as well.
        let meet = [low, high].into_iter().find(|(_, gap)| *gap == 0.0);
        let short = meet.and_then(|(x, _)| {
            (0..self.pools.decimals(slot)).find_map(|n| {
                let scale = 10f64.powi(n);
                gap((x * scale).round() / scale).filter(|(_, gap)| *gap == 0.0)
            })
        });
        short.or(meet).into_iter().chain([low, high]).map(|(x, _)| x).collect()
    }

    /// How far apart the two sides of a comparison are.
    fn gap(&self, start: &Start, aim: &Aim) -> Option<f64> {
        let late = |expr: &crate::expr::Expr| {
            expr.slots().into_iter().any(|slot| self.pack.names.get(slot).stage > Stage::Fact)
        };
        let values = if late(&aim.left) || late(&aim.right) {
            decide(self.pack, &start.context, start.record.clone()).values
        } else {
            with_facts(self.pack, &start.context, start.record.clone())
        };
        let number = |expr| match evaluate(expr, &values, &self.pack.scripts) {
            Value::Number(x) => Some(x),
            Value::Date(day) => Some(f64::from(day.days())),
            _ => None,
        };
        Some(number(&aim.left)? - number(&aim.right)?)
    }

    /// The customer with nothing that is not needed, in short numbers, as a case.
    fn finish(&mut self, mut found: Start) -> Sample {
        for slot in self.pools.slots.iter().copied() {
            let blank = self.pools.blank.get(slot);
            if found.record.get(slot) != blank {
                let less = with(&found, slot, blank);
                if self.differ(&less).is_some() {
                    found = less;
                }
            }
        }
        for slot in self.pools.slots.iter().copied() {
            let Value::Number(x) = found.record.get(slot) else { continue };
            for decimals in 0..=6 {
                let scale = 10f64.powi(decimals);
                let short = tidy((x * scale).round() / scale) + 0.0;
                if short == x {
                    break;
                }
                let shorter = with(&found, slot, Value::number(short));
                if self.differ(&shorter).is_some() {
                    found = shorter;
                    break;
                }
            }
        }
        let expect = self.differ(&found).unwrap_or_default();
        let name = |slot: Slot| self.pack.names.get(slot).name.clone();
        let given = self.pools.slots.iter().filter(|slot| found.record.get(**slot) != self.pools.blank.get(**slot));
        Sample {
            name: format!("{}: {}, not {}", self.mutant.owner, self.mutant.was, self.mutant.now).replace('`', ""),
            as_of: found.context.as_of,
            given: given.map(|slot| (name(*slot), found.record.get(*slot))).collect(),
            expect: expect.values,
            exactly: expect.exactly,
        }
    }
}

fn with(start: &Start, slot: Slot, value: Value) -> Start {
    let mut moved = start.clone();
    moved.record.set(slot, value);
    moved
}

/// A customer of whom nothing is known: of no events a count is 0, everything else is missing.
pub(super) fn blank(pack: &Pack) -> RowValues {
    let mut record = RowValues::new(pack);
    for rollup in &pack.rollups {
        debug_assert_eq!(pack.names.get(rollup.slot).kind, NameKind::Rollup);
        if matches!(rollup.aggregate, Aggregate::Count | Aggregate::CountDistinct) {
            record.set(rollup.slot, Value::Number(0.0));
        }
    }
    record
}

/// A fixed sequence of numbers that look random (splitmix64).
struct Dice(u64);

impl Dice {
    /// A number below `n`; 0 if there is none.
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        if n == 0 { 0 } else { (z % n as u64) as usize }
    }
}
