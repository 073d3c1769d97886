//! Counting who moved: plain vectors of small codes, one pass, so that a million customers take hundredths of a second.

use std::collections::HashMap;

use arrow::array::{Array, Float64Array, RecordBatch};

use super::{SUPPRESSED, Side};
use crate::pack::Pack;
use crate::report::columns::{Codes, MILLION, flags, millionths};

/// In what respects customers move.
pub(super) const RESPECTS: [&str; 4] = ["state", "cause", "grade", "campaign"];

/// The values of each respect as small codes, the same on both sides. 0 is none.
#[derive(Debug)]
pub(super) struct Values {
    lists: [Vec<String>; 4],
    codes: [HashMap<String, u16>; 4],
}

impl Values {
    /// In the order of the later pack; what only the earlier has comes last.
    pub(super) fn of(old: &Side<'_>, new: &Side<'_>) -> Values {
        let mut values = Values { lists: Default::default(), codes: Default::default() };
        for pack in [new.pack, old.pack] {
            for (respect, name) in declared(pack) {
                values.add(respect, name);
            }
        }
        // Nothing else comes out of a program; if it ever did, it would be counted, too.
        for batch in old.decided.batches.iter().chain(&new.decided.batches) {
            for (respect, name) in RESPECTS.iter().enumerate() {
                if let Ok(codes) = Codes::read(batch, name) {
                    for text in (0..codes.size()).filter_map(|code| codes.text(code)) {
                        values.add(respect, text);
                    }
                }
            }
        }
        values.add(0, SUPPRESSED);
        values
    }

    fn add(&mut self, respect: usize, text: &str) {
        let (Some(list), Some(codes)) = (self.lists.get_mut(respect), self.codes.get_mut(respect)) else { return };
        if !codes.contains_key(text)
            && let Ok(code) = u16::try_from(list.len() + 1)
        {
            codes.insert(text.to_owned(), code);
            list.push(text.to_owned());
        }
    }

    fn code(&self, respect: usize, text: &str) -> u16 {
        self.codes.get(respect).and_then(|codes| codes.get(text)).copied().unwrap_or(0)
    }

    /// The value of a code.
    pub(super) fn text(&self, respect: usize, code: usize) -> Option<String> {
        self.lists.get(respect)?.get(code.checked_sub(1)?).cloned()
    }

    /// How many codes there are, with that of none.
    pub(super) fn size(&self, respect: usize) -> usize {
        self.lists.get(respect).map_or(0, Vec::len) + 1
    }
}

/// Every value a pack can decide for.
fn declared(pack: &Pack) -> impl Iterator<Item = (usize, &str)> {
    let states = pack.states.iter().map(|s| (0, s.state.as_str()));
    let causes = pack.causes.list.iter().map(|c| (1, c.name.as_str()));
    let unknown = (!pack.causes.list.is_empty()).then_some((1, "unknown"));
    let grades = pack.grades.iter().map(|g| (2, g.name.as_str()));
    let campaigns = pack.campaigns.iter().map(|c| (3, c.name.as_str()));
    states.chain(causes).chain(unknown).chain(grades).chain(campaigns)
}

/// What counts of some decisions, row by row.
#[derive(Debug, Default)]
pub(super) struct Flat {
    codes: [Vec<u16>; 4],
    /// In millionths; [`NO_MONEY`] where unknown.
    money: Vec<i128>,
    /// Not a number where unknown.
    priority: Vec<f64>,
}

/// Money that is not known: no sum of real amounts comes near it.
const NO_MONEY: i128 = i128::MIN;

impl Flat {
    pub(super) fn read(batch: &RecordBatch, values: &Values) -> Flat {
        let rows = batch.num_rows();
        let mut flat = Flat { money: vec![NO_MONEY; rows], priority: numbers(batch, "priority"), ..Flat::default() };
        for (respect, (name, into)) in RESPECTS.iter().zip(&mut flat.codes).enumerate() {
            into.resize(rows, 0);
            let Ok(codes) = Codes::read(batch, name) else { continue };
            let known: Vec<u16> =
                (0..codes.size()).map(|code| codes.text(code).map_or(0, |text| values.code(respect, text))).collect();
            for (place, code) in into.iter_mut().zip(&codes.codes) {
                *place = known.get(*code as usize).copied().unwrap_or(0);
            }
        }
        if let Ok(suppressed) = flags(batch, "suppressed") {
            let code = values.code(0, SUPPRESSED);
            let [states, others @ ..] = &mut flat.codes;
            for (row, _) in suppressed.iter().enumerate().filter(|(_, flag)| **flag) {
                states.get_mut(row).into_iter().for_each(|place| *place = code);
                others.iter_mut().filter_map(|list| list.get_mut(row)).for_each(|place| *place = 0);
            }
        }
        for (place, x) in flat.money.iter_mut().zip(numbers(batch, "money")) {
            if x.is_finite() {
                *place = millionths(x);
            }
        }
        flat
    }

    /// The rows at some places, in that order.
    pub(super) fn take(&self, places: impl Iterator<Item = u32> + Clone) -> Flat {
        let codes = |list: &Vec<u16>| places.clone().map(|at| list.get(at as usize).copied().unwrap_or(0)).collect();
        let [a, b, c, d] = &self.codes;
        Flat {
            codes: [codes(a), codes(b), codes(c), codes(d)],
            money: places.clone().map(|at| self.money.get(at as usize).copied().unwrap_or(NO_MONEY)).collect(),
            priority: places.map(|at| self.priority.get(at as usize).copied().unwrap_or(f64::NAN)).collect(),
        }
    }

    /// The rows of both, one after the other.
    pub(super) fn append(&mut self, mut other: Flat) {
        for (list, more) in self.codes.iter_mut().zip(&mut other.codes) {
            list.append(more);
        }
        self.money.append(&mut other.money);
        self.priority.append(&mut other.priority);
    }
}

/// A number column, not a number where it is missing.
fn numbers(batch: &RecordBatch, name: &str) -> Vec<f64> {
    let column = batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref::<Float64Array>());
    let Some(column) = column else { return vec![f64::NAN; batch.num_rows()] };
    let mut list = column.values().to_vec();
    if let Some(nulls) = column.nulls() {
        for (place, there) in list.iter_mut().zip(nulls) {
            if !there {
                *place = f64::NAN;
            }
        }
    }
    list
}

/// A sum of money, and whether there was any.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sum {
    millionths: i128,
    known: bool,
}

impl Sum {
    fn add(&mut self, money: i128) {
        if money != NO_MONEY {
            self.millionths += money;
            self.known = true;
        }
    }

    fn merge(&mut self, other: Sum) {
        self.millionths += other.millionths;
        self.known |= other.known;
    }

    pub(super) fn value(self) -> Option<f64> {
        self.known.then(|| self.millionths as f64 / MILLION)
    }
}

/// Customers and their money, before and now.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) customers: u64,
    pub(super) old: Sum,
    pub(super) new: Sum,
    /// As the later side counts it, else the earlier; only of those who moved.
    pub(super) either: Sum,
}

impl Cell {
    fn merge(&mut self, other: &Cell) {
        self.customers += other.customers;
        self.old.merge(other.old);
        self.new.merge(other.new);
        self.either.merge(other.either);
    }
}

/// A customer who moved, or whose priority is another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moved {
    /// Her place among the pairs.
    pub(super) pair: u32,
    pub(super) old: [u16; 4],
    pub(super) new: [u16; 4],
    /// In millionths.
    money: i128,
    /// How much the priority changed, either way.
    change: f64,
}

impl Moved {
    /// The largest change first: those with the most money, then those whose priority changed most, then in the order of the
    /// records.
    pub(super) fn by_size(&self, other: &Moved) -> std::cmp::Ordering {
        let change = other.change.total_cmp(&self.change);
        other.money.cmp(&self.money).then(change).then(self.pair.cmp(&other.pair))
    }

    /// The largest change of priority first.
    pub(super) fn by_change(&self, other: &Moved) -> std::cmp::Ordering {
        let money = other.money.cmp(&self.money);
        other.change.total_cmp(&self.change).then(money).then(self.pair.cmp(&other.pair))
    }
}

/// What was counted.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) customers: u64,
    /// For each respect: from × to.
    pub(super) cells: [Vec<Cell>; 4],
    /// In the order of the records.
    pub(super) moved: Vec<Moved>,
    pub(super) rescored: u64,
    /// Of those who did not move, the ones with the largest change of priority.
    pub(super) most_rescored: Vec<Moved>,
    pub(super) money: (Sum, Sum),
    pub(super) moved_money: Sum,
    sizes: [usize; 4],
    keep: usize,
}

impl Tally {
    /// Nothing yet. Of customers who are only rescored, `keep` are kept.
    pub(super) fn new(values: &Values, keep: usize) -> Tally {
        let sizes = [0, 1, 2, 3].map(|respect| values.size(respect));
        Tally {
            customers: 0,
            cells: sizes.map(|size| vec![Cell::default(); size * size]),
            moved: Vec::new(),
            rescored: 0,
            most_rescored: Vec::new(),
            money: Default::default(),
            moved_money: Sum::default(),
            sizes,
            keep,
        }
    }

    /// Counts pairs of rows; `first` is the place of the first.
    pub(super) fn count(&mut self, old: &Flat, new: &Flat, first: usize) {
        let rows = old.priority.len().min(new.priority.len());
        self.customers += rows as u64;
        let mut moved = vec![false; rows];
        for respect in 0..RESPECTS.len() {
            let (Some(from), Some(to), Some(size), Some(cells)) =
                (old.codes.get(respect), new.codes.get(respect), self.sizes.get(respect), self.cells.get_mut(respect))
            else {
                continue;
            };
            let codes = from.iter().zip(to);
            let money = old.money.iter().zip(&new.money);
            for (((from, to), (was, is)), moved) in codes.zip(money).zip(&mut moved) {
                let Some(cell) = cells.get_mut(usize::from(*from) * size + usize::from(*to)) else { continue };
                cell.customers += 1;
                cell.old.add(*was);
                cell.new.add(*is);
                if from != to {
                    *moved = true;
                    cell.either.add(if *is == NO_MONEY { *was } else { *is });
                }
            }
        }
        let codes = |flat: &Flat, row: usize| {
            let [a, b, c, d] = &flat.codes;
            [a, b, c, d].map(|list| list.get(row).copied().unwrap_or(0))
        };
        let lanes = old.priority.iter().zip(&new.priority).zip(old.money.iter().zip(&new.money));
        for (row, (((before, now), (was, is)), moved)) in lanes.zip(&moved).enumerate() {
            self.money.0.add(*was);
            self.money.1.add(*is);
            let differs = before != now && !(before.is_nan() && now.is_nan());
            if !moved && !differs {
                continue;
            }
            let change = if before.is_nan() || now.is_nan() { 0.0 } else { (now - before).abs() };
            let money = if *is == NO_MONEY { *was } else { *is };
            let pair = u32::try_from(first + row).unwrap_or(u32::MAX);
            if *moved {
                self.moved_money.add(money);
                self.moved.push(Moved { pair, old: codes(old, row), new: codes(new, row), money, change });
            } else {
                self.rescored += 1;
                self.rescore(Moved { pair, old: [0; 4], new: [0; 4], money, change });
            }
        }
    }

    /// Keeps the largest, sorting only now and then.
    fn rescore(&mut self, one: Moved) {
        if self.keep == 0 {
            return;
        }
        self.most_rescored.push(one);
        if self.most_rescored.len() >= 4 * self.keep + 1_000 {
            self.trim();
        }
    }

    fn trim(&mut self) {
        self.most_rescored.sort_by(Moved::by_change);
        self.most_rescored.truncate(self.keep);
    }

    /// Adds what was counted of later rows.
    pub(super) fn merge(&mut self, other: Tally) {
        self.customers += other.customers;
        for (cells, more) in self.cells.iter_mut().zip(&other.cells) {
            cells.iter_mut().zip(more).for_each(|(cell, more)| cell.merge(more));
        }
        self.moved.extend(other.moved);
        self.rescored += other.rescored;
        self.most_rescored.extend(other.most_rescored);
        self.trim();
        self.money.0.merge(other.money.0);
        self.money.1.merge(other.money.1);
        self.moved_money.merge(other.moved_money);
    }

    /// The cell from one code to another.
    pub(super) fn cell(&self, respect: usize, from: usize, to: usize) -> Cell {
        let size = self.sizes.get(respect).copied().unwrap_or(0);
        self.cells.get(respect).and_then(|cells| cells.get(from * size + to)).copied().unwrap_or_default()
    }
}
