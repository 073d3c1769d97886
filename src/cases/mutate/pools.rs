//! Values worth trying for each column and rollup: those rules ask about, those just beside, those the cases use.

use std::collections::HashMap;

use super::aim::Behind;
use super::list::tidy;
use super::search::{Start, blank};
use crate::cases::places::At;
use crate::expr::{Date, Expr, Func, Kind, Row as _, Slot, Type, Value};
use crate::pack::{Human, Method, Pack};
use crate::stage::RowValues;

/// So many values of the cases are kept for each name.
const FROM_CASES: usize = 12;
/// And so many in all.
const MOST: usize = 60;

/// Money has two decimals, and most else no more.
const DECIMALS: i32 = 2;
/// And nobody writes more than these.
const MOST_DECIMALS: i32 = 4;

/// How many decimals a number has in its shortest form.
fn decimals_of(x: f64) -> i32 {
    let text = x.to_string();
    text.split_once('.').map_or(0, |(_, digits)| i32::try_from(digits.len()).unwrap_or(i32::MAX))
}

/// The values to try.
#[derive(Debug)]
pub(super) struct Pools {
    /// Nothing known.
    pub blank: RowValues,
    /// Columns and rollups, in the order of the pack.
    pub slots: Vec<Slot>,
    values: HashMap<Slot, Vec<Value>>,
    /// Days before and after `today`, for dates.
    days: HashMap<Slot, Vec<i64>>,
    /// Names that cannot be said to be missing: whole, and not negative.
    counts: Vec<Slot>,
    /// Decimals that values of the cases have, where they have more than two.
    decimals: HashMap<Slot, i32>,
}

impl Pools {
    pub(super) fn new(pack: &Pack, starts: &[Start]) -> Pools {
        let slots: Vec<Slot> =
            pack.record.columns.iter().map(|c| c.slot).chain(pack.rollups.iter().map(|r| r.slot)).collect();
        let blank = blank(pack);
        let counts = slots.iter().copied().filter(|slot| !blank.get(*slot).is_missing()).collect();
        let mut decimals = HashMap::new();
        for slot in &slots {
            let values = starts.iter().filter_map(|start| start.record.get(*slot).as_number());
            // What was divided has no end; nobody writes it so.
            let written = values.map(decimals_of).filter(|n| *n <= MOST_DECIMALS).max();
            decimals.extend(written.filter(|n| *n > DECIMALS).map(|n| (*slot, n)));
        }
        let mut pools = Pools { blank, slots, values: HashMap::new(), days: HashMap::new(), counts, decimals };
        for column in &pack.record.columns {
            for text in &column.values {
                pools.add(column.slot, Value::text(text.as_str()));
            }
        }
        for slot in pools.slots.clone() {
            match pack.names.get(slot).ty {
                Type::Bool => {
                    pools.add(slot, Value::Bool(true));
                    pools.add(slot, Value::Bool(false));
                }
                Type::Number => [0.0, 1.0, 100.0].into_iter().for_each(|x| pools.add(slot, Value::number(x))),
                Type::Date => pools.days(slot, &[-1, 0, 1, -30, -100, -400, 30, 400]),
                // One that no rule asks about.
                Type::Text => pools.text(pack, slot, "other"),
            }
        }
        let behind = Behind::new(pack);
        for at in At::all(pack).into_iter().filter(|at| !at.is_rollup()) {
            if let Some(root) = at.expr(pack) {
                root.walk(&mut |expr| pools.learn(pack, &behind, expr));
            }
        }
        // What people may have decided.
        for (key, rule) in pack.human.iter().flat_map(Human::decisions) {
            let names: Vec<&str> = match key {
                "grade" => pack.grades.iter().map(|grade| grade.name.as_str()).collect(),
                "cause" => pack.causes.list.iter().map(|cause| cause.name.as_str()).collect(),
                _ => pack.campaigns.iter().map(|c| c.name.as_str()).chain([Human::NOBODY]).collect(),
            };
            for slot in behind.record(&rule.expr) {
                names.iter().for_each(|name| pools.text(pack, slot, name));
            }
        }
        for criterion in &pack.criteria {
            let slots = behind.record(&criterion.method.rule().expr);
            let numbers: Vec<f64> = match &criterion.method {
                Method::Bands(_, bands) => bands.iter().filter_map(|band| band.below).collect(),
                Method::Curve(_, points) => points.iter().map(|(x, _)| *x).collect(),
                Method::Map(_, map, _) => {
                    for (text, _) in map {
                        slots.iter().for_each(|slot| pools.text(pack, *slot, text));
                    }
                    Vec::new()
                }
                Method::Score(_) | Method::Rank(..) => Vec::new(),
            };
            slots.iter().for_each(|slot| numbers.iter().for_each(|x| pools.number(pack, *slot, *x)));
        }
        for slot in pools.slots.clone() {
            let mut seen: Vec<Value> = Vec::new();
            for value in starts.iter().map(|start| start.record.get(slot)).filter(|value| !value.is_missing()) {
                if seen.len() < FROM_CASES && !seen.contains(&value) {
                    seen.push(value);
                }
            }
            seen.into_iter().for_each(|value| pools.add(slot, value));
            if !pools.counts.contains(&slot) {
                pools.add(slot, Value::Missing);
            }
        }
        pools
    }

    /// The values to try for a name.
    pub(super) fn values(&self, slot: Slot, today: Date) -> Vec<Value> {
        let days = self.days.get(&slot).into_iter().flatten();
        let days = days.filter_map(|n| Date::from_days(i64::from(today.days()) + n)).map(Value::Date);
        days.chain(self.values.get(&slot).into_iter().flatten().cloned()).collect()
    }

    /// A record as a case can say it: a count is never missing.
    pub(super) fn normal(&self, record: &RowValues) -> RowValues {
        let mut record = record.clone();
        for slot in &self.counts {
            if record.get(*slot).is_missing() {
                record.set(*slot, self.blank.get(*slot));
            }
        }
        record
    }

    /// The number as a person would write it for a name: whole for a count, else with as many decimals as the cases write, two at
    /// least.
    pub(super) fn short(&self, slot: Slot, x: f64) -> f64 {
        if self.counts.contains(&slot) {
            return x.round().max(0.0) + 0.0;
        }
        let scale = 10f64.powi(self.decimals(slot));
        // Adding 0 takes the sign from a zero.
        tidy((x * scale).round() / scale) + 0.0
    }

    /// With how many decimals a name is written.
    pub(super) fn decimals(&self, slot: Slot) -> i32 {
        if self.counts.contains(&slot) { 0 } else { self.decimals.get(&slot).copied().unwrap_or(DECIMALS) }
    }

    /// What one part of an expression asks about.
    fn learn(&mut self, pack: &Pack, behind: &Behind<'_>, expr: &Expr) {
        let constant = |expr: &Expr| match &expr.kind {
            Kind::Const(value) => Some(value.clone()),
            Kind::Slot(slot) => pack.params.iter().find(|p| p.slot == *slot).map(|p| p.value.clone()),
            _ => None,
        };
        let mut asked = |item: &Expr, value: &Value| {
            for slot in behind.record(item) {
                match value {
                    Value::Number(x) => self.number(pack, slot, *x),
                    Value::Text(text) => self.text(pack, slot, text),
                    _ => {}
                }
            }
        };
        match &expr.kind {
            Kind::Compare(_, a, b) => {
                for (item, other) in [(a, b), (b, a)] {
                    if let Some(value) = constant(other) {
                        asked(item, &value);
                    }
                }
            }
            Kind::In { item, list, .. } => {
                list.iter().filter_map(constant).for_each(|value| asked(item, &value));
            }
            Kind::Switch { item, arms, .. } => {
                arms.iter().flat_map(|(values, _)| values).for_each(|value| asked(item, value));
            }
            Kind::Call(Func::Mentions(words), list) => {
                if let (Some(item), Some(word)) = (list.first(), words.list.first()) {
                    asked(item, &Value::text(word.as_str()));
                }
            }
            _ => {}
        }
    }

    fn number(&mut self, pack: &Pack, slot: Slot, x: f64) {
        match pack.names.get(slot).ty {
            Type::Number => {
                let step = if x.fract() == 0.0 { 1.0 } else { x.abs() * 0.1 };
                for x in [x, x + step, x - step] {
                    self.add(slot, Value::number(tidy(x)));
                }
            }
            // Days from a date to today, most often.
            Type::Date if x.fract() == 0.0 && x.abs() < 4000.0 => {
                let n = x as i64;
                self.days(slot, &[-n, -n - 1, -n + 1, n]);
            }
            _ => {}
        }
    }

    fn text(&mut self, pack: &Pack, slot: Slot, text: &str) {
        // A column that lists its values takes no others.
        let listed = pack.record.columns.iter().any(|c| c.slot == slot && !c.values.is_empty());
        if pack.names.get(slot).ty == Type::Text && !listed {
            self.add(slot, Value::text(text));
        }
    }

    /// Whether a name may have a value at all: nobody counts a half order, or fewer than none.
    pub(super) fn fits(&self, slot: Slot, value: &Value) -> bool {
        !self.counts.contains(&slot) || matches!(value, Value::Number(x) if *x >= 0.0 && x.fract() == 0.0)
    }

    fn add(&mut self, slot: Slot, value: Value) {
        let value = match value {
            Value::Number(x) => Value::number(self.short(slot, x)),
            other => other,
        };
        let list = self.values.entry(slot).or_default();
        if list.len() < MOST && !list.contains(&value) {
            list.push(value);
        }
    }

    fn days(&mut self, slot: Slot, days: &[i64]) {
        let list = self.days.entry(slot).or_default();
        for day in days {
            if list.len() < MOST && !list.contains(day) {
                list.push(*day);
            }
        }
    }
}
