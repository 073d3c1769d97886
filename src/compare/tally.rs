//! Counting who moved, so that a million customers take hundredths of a second: what is decided about a customer becomes four
//! small codes in one number, and customers with equal numbers before and now are counted together.

use std::collections::HashMap;

use arrow::array::{Array, AsArray, BooleanArray, Float64Array, RecordBatch};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::datatypes::Int32Type;

use super::{SUPPRESSED, Side};
use crate::pack::Pack;
use crate::report::columns::{Codes, MILLION, millionths};

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
                let texts = Codes::values(batch, name).unwrap_or_default();
                texts.into_iter().flatten().for_each(|text| values.add(respect, text));
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

/// The code of a customer in one respect, of the four that are packed into one number.
pub(super) fn code(packed: u64, respect: usize) -> usize {
    (packed >> (16 * respect)) as usize & 0xffff
}

/// What counts of some decisions, row by row.
#[derive(Debug)]
pub(super) struct Flat {
    /// Four codes each; see [`code`].
    codes: Vec<u64>,
    /// Not a number where unknown.
    money: ScalarBuffer<f64>,
    /// Not a number where unknown.
    priority: ScalarBuffer<f64>,
}

impl Flat {
    pub(super) fn read(batch: &RecordBatch, values: &Values) -> Flat {
        let mut codes = vec![0; batch.num_rows()];
        for (respect, name) in RESPECTS.iter().enumerate() {
            read_codes(&mut codes, batch, name, respect, values);
        }
        if let Some(flags) = batch.column_by_name("suppressed").and_then(|c| c.as_any().downcast_ref::<BooleanArray>())
            && flags.true_count() > 0
        {
            let code = u64::from(values.code(0, SUPPRESSED));
            for (place, flag) in codes.iter_mut().zip(flags) {
                if flag == Some(true) {
                    *place = code;
                }
            }
        }
        Flat { codes, money: numbers(batch, "money"), priority: numbers(batch, "priority") }
    }

    /// The rows at some places, in that order.
    pub(super) fn take(parts: &[Flat], places: impl Iterator<Item = (usize, usize)>) -> Flat {
        let (mut codes, mut money, mut priority) = (Vec::new(), Vec::new(), Vec::new());
        for (batch, row) in places {
            let part = parts.get(batch);
            codes.push(part.and_then(|part| part.codes.get(row)).copied().unwrap_or(0));
            money.push(part.and_then(|part| part.money.get(row)).copied().unwrap_or(f64::NAN));
            priority.push(part.and_then(|part| part.priority.get(row)).copied().unwrap_or(f64::NAN));
        }
        Flat { codes, money: money.into(), priority: priority.into() }
    }
}

/// Adds the codes of one respect to what is packed already.
fn read_codes(into: &mut [u64], batch: &RecordBatch, name: &str, respect: usize, values: &Values) {
    let Ok(codes) = Codes::values(batch, name) else { return };
    let shift = 16 * respect;
    let known: Vec<u64> =
        codes.iter().map(|text| u64::from(text.map_or(0, |t| values.code(respect, t))) << shift).collect();
    let column = batch.column_by_name(name).and_then(|column| column.as_dictionary_opt::<Int32Type>());
    let Some(keys) = column.map(|column| column.keys()) else {
        // Texts as they come, of a decision made elsewhere.
        if let Ok(codes) = Codes::read(batch, name) {
            for (place, code) in into.iter_mut().zip(&codes.codes) {
                let code = codes.text(*code as usize).map_or(0, |text| values.code(respect, text));
                *place |= u64::from(code) << shift;
            }
        }
        return;
    };
    let code = |key: &i32| usize::try_from(*key).ok().and_then(|key| known.get(key)).copied().unwrap_or(0);
    let Some(nulls) = keys.nulls() else {
        into.iter_mut().zip(keys.values()).for_each(|(place, key)| *place |= code(key));
        return;
    };
    for ((places, keys), there) in into.chunks_mut(64).zip(keys.values().chunks(64)).zip(words(nulls)) {
        for (bit, (place, key)) in places.iter_mut().zip(keys).enumerate() {
            // All ones where there is a value, else nothing.
            let mask = (there >> bit & 1).wrapping_neg();
            *place |= code(key) & mask;
        }
    }
}

/// Which values are there, 64 at a time.
fn words(nulls: &NullBuffer) -> Vec<u64> {
    nulls.inner().bit_chunks().iter_padded().collect()
}

/// A number column, not a number where it is missing.
fn numbers(batch: &RecordBatch, name: &str) -> ScalarBuffer<f64> {
    let column = batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref::<Float64Array>());
    let Some(column) = column else { return vec![f64::NAN; batch.num_rows()].into() };
    let Some(nulls) = column.nulls() else { return column.values().clone() };
    let mut list = column.values().to_vec();
    for (places, there) in list.chunks_mut(64).zip(words(nulls)) {
        if there != u64::MAX {
            for (bit, place) in places.iter_mut().enumerate() {
                if there >> bit & 1 == 0 {
                    *place = f64::NAN;
                }
            }
        }
    }
    list.into()
}

/// A sum of money, exact whatever the order, and whether there was any.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sum {
    millionths: i128,
    known: bool,
}

impl Sum {
    fn add(&mut self, money: f64) {
        if money.is_finite() {
            self.millionths += millionths(money);
            self.known = true;
        }
    }

    pub(super) fn merge(&mut self, other: Sum) {
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
    /// As the later side counts it, else the earlier; only of those who moved in some respect.
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
    /// Four codes each; see [`code`].
    pub(super) old: u64,
    pub(super) new: u64,
    /// As the later side counts it, else the earlier; the smallest number there is if it is unknown.
    money: f64,
    /// How much the priority changed, either way.
    change: f64,
}

impl Moved {
    /// The largest change first: those with the most money, then those whose priority changed most, then in the order of the
    /// records.
    pub(super) fn by_size(&self, other: &Moved) -> std::cmp::Ordering {
        let change = other.change.total_cmp(&self.change);
        other.money.total_cmp(&self.money).then(change).then(self.pair.cmp(&other.pair))
    }

    /// The largest change of priority first.
    pub(super) fn by_change(&self, other: &Moved) -> std::cmp::Ordering {
        let money = other.money.total_cmp(&self.money);
        other.change.total_cmp(&self.change).then(money).then(self.pair.cmp(&other.pair))
    }
}

/// Customers with the same codes before and the same codes now.
#[derive(Debug, Clone, Copy)]
struct Group {
    old: u64,
    new: u64,
    cell: Cell,
}

/// Groups by their codes: a table with open places, because nothing else is asked a million times.
#[derive(Debug)]
struct Groups {
    list: Vec<Group>,
    /// Index into the list, plus 1; 0 where there is none. As many as a power of two.
    places: Vec<u32>,
}

impl Groups {
    fn new() -> Groups {
        Groups { list: Vec::new(), places: vec![0; 1 << 10] }
    }

    /// The cell of a group.
    fn cell(&mut self, old: u64, new: u64) -> Option<&mut Cell> {
        if 2 * self.list.len() >= self.places.len() {
            self.grow();
        }
        let at = self.place(old, new);
        let place = self.places.get_mut(at)?;
        if *place == 0 {
            self.list.push(Group { old, new, cell: Cell::default() });
            *place = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        }
        self.list.get_mut(*place as usize - 1).map(|group| &mut group.cell)
    }

    /// Where a group stands, or could stand.
    fn place(&self, old: u64, new: u64) -> usize {
        let mask = self.places.len() - 1;
        let mixed = (old ^ new.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut at = (mixed >> 32) as usize & mask;
        // At most half of the places are taken: there is an end.
        while let Some(index) = self.places.get(at).and_then(|place| (*place as usize).checked_sub(1)) {
            if self.list.get(index).is_some_and(|group| group.old == old && group.new == new) {
                break;
            }
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        self.places = vec![0; 2 * self.places.len()];
        for i in 0..self.list.len() {
            if let Some(Group { old, new, .. }) = self.list.get(i).copied() {
                let at = self.place(old, new);
                if let Some(place) = self.places.get_mut(at) {
                    *place = i as u32 + 1;
                }
            }
        }
    }
}

/// What was counted.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) customers: u64,
    groups: Groups,
    /// In the order of the records.
    pub(super) moved: Vec<Moved>,
    pub(super) rescored: u64,
    /// Of those who did not move, the ones with the largest change of priority.
    pub(super) most_rescored: Vec<Moved>,
    keep: usize,
}

impl Tally {
    /// Nothing yet. Of customers who are only rescored, `keep` are kept.
    pub(super) fn new(keep: usize) -> Tally {
        Tally { customers: 0, groups: Groups::new(), moved: Vec::new(), rescored: 0, most_rescored: Vec::new(), keep }
    }

    /// Counts pairs of rows; `first` is the place of the first.
    pub(super) fn count(&mut self, old: &Flat, new: &Flat, first: usize) {
        let codes = old.codes.iter().zip(&new.codes);
        let money = old.money.iter().zip(new.money.iter());
        let priority = old.priority.iter().zip(new.priority.iter());
        for (row, (((old, new), (was, is)), (before, now))) in codes.zip(money).zip(priority).enumerate() {
            self.customers += 1;
            let either = if is.is_nan() { was } else { is };
            if let Some(cell) = self.groups.cell(*old, *new) {
                cell.customers += 1;
                cell.old.add(*was);
                cell.new.add(*is);
                if old != new {
                    cell.either.add(*either);
                }
            }
            let differs = before != now && !(before.is_nan() && now.is_nan());
            if old == new && !differs {
                continue;
            }
            let change = if before.is_nan() || now.is_nan() { 0.0 } else { (now - before).abs() };
            let money = if either.is_finite() { *either } else { f64::NEG_INFINITY };
            let pair = u32::try_from(first + row).unwrap_or(u32::MAX);
            let moved = Moved { pair, old: *old, new: *new, money, change };
            if old == new {
                self.rescored += 1;
                self.rescore(moved);
            } else {
                self.moved.push(moved);
            }
        }
    }

    /// Keeps the largest, sorting only now and then.
    fn rescore(&mut self, one: Moved) {
        if self.keep == 0 {
            return;
        }
        self.most_rescored.push(one);
        if self.most_rescored.len() >= 4 * self.keep + 4_000 {
            self.trim();
        }
    }

    fn trim(&mut self) {
        if self.keep > 0 && self.keep < self.most_rescored.len() {
            self.most_rescored.select_nth_unstable_by(self.keep - 1, Moved::by_change);
            self.most_rescored.truncate(self.keep);
        }
        self.most_rescored.sort_by(Moved::by_change);
    }

    /// Adds what was counted of later rows.
    pub(super) fn merge(&mut self, other: Tally) {
        self.customers += other.customers;
        for group in other.groups.list {
            if let Some(cell) = self.groups.cell(group.old, group.new) {
                cell.merge(&group.cell);
            }
        }
        self.moved.extend(other.moved);
        self.rescored += other.rescored;
        self.most_rescored.extend(other.most_rescored);
        self.trim();
    }

    /// For one respect: from code × to code, `size` of each.
    pub(super) fn cells(&self, respect: usize, size: usize) -> Vec<Cell> {
        let mut cells = vec![Cell::default(); size * size];
        for group in &self.groups.list {
            let at = code(group.old, respect) * size + code(group.new, respect);
            if let Some(cell) = cells.get_mut(at) {
                cell.merge(&group.cell);
            }
        }
        cells
    }

    /// All customers together.
    pub(super) fn all(&self) -> Cell {
        let mut all = Cell::default();
        self.groups.list.iter().for_each(|group| all.merge(&group.cell));
        all
    }
}
