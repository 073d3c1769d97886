//! Ranges: between which bounds the value of an expression lies, whatever the record is.

use std::collections::HashMap;

use crate::expr::functions::numbers;
use crate::expr::{Aggregate, Arith, Compare, Date, Expr, Func, Kind, NameKind, Slot, Type, Value};
use crate::pack::Pack;

/// Bounds of a value. Both bounds are included; dates are days since 1970-01-01, true is 1 and false is 0.
///
/// It is an outer bound: every value the expression can have lies inside, but not every value inside need be reached.
/// Texts have no bounds (minus to plus infinity).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Smallest value, if it is there at all; minus infinity if nothing is known.
    pub min: f64,
    /// Largest value, if it is there at all; infinity if nothing is known.
    pub max: f64,
    /// Whether it can be missing.
    pub may_be_missing: bool,
    /// Whether it can be there.
    pub may_be_there: bool,
    /// Whether it is always a whole number (of days, of events).
    pub whole: bool,
}

impl Range {
    /// Anything at all.
    pub const ANY: Range =
        Range { min: f64::NEG_INFINITY, max: f64::INFINITY, may_be_missing: true, may_be_there: true, whole: false };
    /// Never there.
    pub const MISSING: Range =
        Range { min: f64::INFINITY, max: f64::NEG_INFINITY, may_be_missing: true, may_be_there: false, whole: true };

    /// Always there, between two bounds.
    #[must_use]
    pub fn between(min: f64, max: f64) -> Range {
        Range { min, max, may_be_missing: false, may_be_there: true, whole: false }
    }

    /// One constant.
    #[must_use]
    pub fn of_value(value: &Value) -> Range {
        match value {
            Value::Missing => Range::MISSING,
            Value::Text(_) => Range { may_be_missing: false, ..Range::ANY },
            Value::Number(x) => Range { whole: x.fract() == 0.0, ..Range::between(*x, *x) },
            Value::Date(day) => Range { whole: true, ..Range::between(f64::from(day.days()), f64::from(day.days())) },
            Value::Bool(b) => Range { whole: true, ..Range::between(f64::from(u8::from(*b)), f64::from(u8::from(*b))) },
        }
    }

    /// The same, but it may be missing.
    #[must_use]
    pub fn or_missing(self) -> Range {
        Range { may_be_missing: true, ..self }
    }

    /// The same, whole numbers only.
    #[must_use]
    pub fn whole(self) -> Range {
        Range { whole: true, ..self }
    }

    /// Everything that is in one of the two.
    #[must_use]
    pub fn union(self, other: Range) -> Range {
        Range {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            may_be_missing: self.may_be_missing || other.may_be_missing,
            may_be_there: self.may_be_there || other.may_be_there,
            whole: self.whole && other.whole,
        }
    }

    /// Whether it is true for every record (of a bool).
    #[must_use]
    pub fn always_true(self) -> bool {
        !self.may_be_missing && self.min >= 1.0
    }

    /// Whether it is true for no record (of a bool).
    #[must_use]
    pub fn never_true(self) -> bool {
        !self.may_be_there || self.max < 1.0
    }

    /// Bounds that cross hold no value.
    fn checked(self) -> Range {
        if self.may_be_there && self.min > self.max { Range::MISSING } else { self }
    }
}

/// The range of one expression. For many of one pack make one [`Ranges`]: it knows the facts already.
#[must_use]
pub fn range(pack: &Pack, expr: &Expr) -> Range {
    Ranges::new(pack).of(expr)
}

/// The ranges of a pack's names, and of any expression over them.
///
/// Parameters have their value in force. Columns are unbounded and may always be missing; counts are whole and not negative,
/// shares lie between 0 and 1, scores and dimensions between 0 and 10, facts have the range of their definition.
#[derive(Debug, Clone)]
pub struct Ranges {
    names: Vec<Range>,
}

impl Ranges {
    /// The ranges of every name of a pack.
    #[must_use]
    pub fn new(pack: &Pack) -> Self {
        let mut ranges = Ranges { names: vec![Range::ANY; pack.names.len()] };
        let days = Range::between(f64::from(Date::MIN.days()), f64::from(Date::MAX.days())).whole();
        for (slot, name) in pack.names.iter() {
            let range = match (name.kind, name.ty) {
                (NameKind::Today, _) => days,
                (_, Type::Date) => days.or_missing(),
                (_, Type::Bool) => Range::between(0.0, 1.0).whole().or_missing(),
                (NameKind::Decided, Type::Number) => Range::between(0.0, 10.0).or_missing(),
                _ => Range::ANY,
            };
            ranges.set(slot, range);
        }
        for param in &pack.params {
            ranges.set(param.slot, Range::of_value(&param.value));
        }
        for rollup in &pack.rollups {
            let range = match &rollup.aggregate {
                Aggregate::Count | Aggregate::CountDistinct => Range::between(0.0, f64::INFINITY).whole().or_missing(),
                // A share of a sum with negative parts can lie anywhere.
                Aggregate::Share(_) if rollup.value.is_none() => Range::between(0.0, 1.0).or_missing(),
                Aggregate::QuantileGap(_) => Range::between(0.0, f64::INFINITY).or_missing(),
                _ => continue,
            };
            ranges.set(rollup.slot, range);
        }
        ranges.set(pack.decided.confidence, Range::between(0.0, 1.0).or_missing());
        for fact in &pack.facts {
            let range = ranges.of(&fact.expr);
            ranges.set(fact.slot, range);
        }
        for criterion in &pack.criteria {
            let skips = criterion.missing.score().is_none();
            ranges.set(criterion.slot, Range { may_be_missing: skips, ..Range::between(0.0, 10.0) });
        }
        if let Some(rule) = &pack.priority.rule {
            let range = ranges.of(&rule.expr);
            ranges.set(pack.priority.slot, range);
        }
        ranges
    }

    fn set(&mut self, slot: Slot, range: Range) {
        if let Some(place) = self.names.get_mut(slot.0 as usize) {
            *place = range;
        }
    }

    /// The range of a name.
    #[must_use]
    pub fn name(&self, slot: Slot) -> Range {
        self.names.get(slot.0 as usize).copied().unwrap_or(Range::ANY)
    }

    /// The range of an expression over the pack's names.
    #[must_use]
    pub fn of(&self, expr: &Expr) -> Range {
        self.within(expr, &Known::new()).checked()
    }

    /// The range of an expression where a condition is true: `if x > 5 { x }` is above 5.
    #[must_use]
    pub fn of_where(&self, expr: &Expr, condition: &Expr) -> Range {
        let mut known = Known::new();
        self.learn(condition, true, &mut known);
        self.within(expr, &known).checked()
    }

    fn within(&self, expr: &Expr, known: &Known) -> Range {
        match &expr.kind {
            Kind::Const(value) => Range::of_value(value),
            Kind::Slot(slot) => known.get(slot).copied().unwrap_or_else(|| self.name(*slot)),
            Kind::Neg(x) => {
                let x = self.within(x, known);
                Range { min: -x.max, max: -x.min, ..x }
            }
            Kind::Not(x) => {
                let x = self.within(x, known);
                Range { min: 1.0 - x.max, max: 1.0 - x.min, ..x }
            }
            Kind::Arith(op, a, b) => arith(*op, expr.ty, a.ty, self.within(a, known), self.within(b, known)),
            Kind::Compare(op, a, b) => {
                let (ra, rb) = (self.within(a, known), self.within(b, known));
                if a.ty == Type::Text {
                    return strict(Range::between(0.0, 1.0).whole(), &[ra, rb]);
                }
                compare(*op, ra, rb)
            }
            Kind::IsMissing { item, missing } => {
                let item = self.within(item, known);
                let truth = |b: bool| f64::from(u8::from(b == *missing));
                match (item.may_be_missing, item.may_be_there) {
                    (true, false) => Range::between(truth(true), truth(true)),
                    (false, _) => Range::between(truth(false), truth(false)),
                    (true, true) => Range::between(0.0, 1.0),
                }
                .whole()
            }
            Kind::And(list) => {
                // What stands on the left holds where the right decides.
                let mut inner = known.clone();
                let mut result = Range::of_value(&Value::Bool(true));
                for part in list {
                    let range = self.within(part, &inner);
                    let missing = (result.may_be_missing || range.may_be_missing)
                        && !(never_missing_false(result) || never_missing_false(range));
                    result = Range {
                        min: result.min.min(range.min),
                        max: result.max.min(range.max),
                        may_be_missing: missing,
                        may_be_there: result.may_be_there || range.may_be_there,
                        whole: true,
                    };
                    self.learn(part, true, &mut inner);
                }
                logical(result)
            }
            Kind::Or(list) => list.iter().map(|part| self.within(part, known)).fold(
                Range::of_value(&Value::Bool(false)),
                |result, range| {
                    let always = result.always_true() || range.always_true();
                    logical(Range {
                        min: result.min.max(range.min),
                        max: result.max.max(range.max),
                        may_be_missing: (result.may_be_missing || range.may_be_missing) && !always,
                        may_be_there: result.may_be_there || range.may_be_there,
                        whole: true,
                    })
                },
            ),
            Kind::Coalesce(list) => {
                let mut result = Range::MISSING;
                for part in list {
                    let range = self.within(part, known);
                    result = Range { may_be_missing: range.may_be_missing, ..result.union(range) };
                    if !range.may_be_missing {
                        break;
                    }
                }
                result
            }
            Kind::In { item, list, .. } => {
                let parts: Vec<Range> = list.iter().chain([&**item]).map(|part| self.within(part, known)).collect();
                let missing = !list.is_empty() && parts.iter().any(|part| part.may_be_missing);
                Range { may_be_missing: missing, ..Range::between(0.0, 1.0).whole() }
            }
            Kind::If { branches, otherwise } => {
                let mut rest = known.clone();
                let mut result: Option<Range> = None;
                for (condition, then) in branches {
                    let decides = self.within(condition, &rest);
                    if !decides.never_true() {
                        let mut inner = rest.clone();
                        self.learn(condition, true, &mut inner);
                        let then = self.within(then, &inner);
                        result = Some(result.map_or(then, |result| result.union(then)));
                    }
                    if decides.always_true() {
                        return result.unwrap_or(Range::MISSING);
                    }
                    self.learn_not_true(condition, &mut rest);
                }
                let otherwise = self.within(otherwise, &rest);
                result.map_or(otherwise, |result| result.union(otherwise))
            }
            Kind::Switch { item, arms, otherwise } => {
                let item = self.within(item, known);
                let possible = |value: &Value| match value {
                    Value::Number(x) => item.min <= *x && *x <= item.max,
                    _ => true,
                };
                arms.iter()
                    .filter(|(values, _)| item.may_be_there && values.iter().any(possible))
                    .map(|(_, then)| self.within(then, known))
                    .fold(self.within(otherwise, known), Range::union)
            }
            Kind::Call(func, list) => {
                let parts: Vec<Range> = list.iter().map(|part| self.within(part, known)).collect();
                call(func, expr.ty, &parts)
            }
            Kind::Script(_, _) => match expr.ty {
                Type::Bool => Range::between(0.0, 1.0).whole().or_missing(),
                _ => Range::ANY,
            },
        }
    }

    /// What a condition that is false or missing says of the names it compares with something.
    fn learn_not_true(&self, condition: &Expr, known: &mut Known) {
        match &condition.kind {
            Kind::IsMissing { .. } => self.learn(condition, false, known),
            Kind::Or(list) => list.iter().for_each(|part| self.learn_not_true(part, known)),
            Kind::Compare(op, a, b) if a.ty != Type::Text => {
                let (left, right) = (self.within(a, known), self.within(b, known));
                // Where the other side is missing nothing was compared.
                if let (Kind::Slot(slot), false) = (&a.kind, right.may_be_missing) {
                    let there = narrowed(left, op.negated(), right).checked();
                    known.insert(*slot, Range { may_be_missing: left.may_be_missing, ..there });
                }
                if let (Kind::Slot(slot), false) = (&b.kind, left.may_be_missing) {
                    let there = narrowed(right, op.negated().mirrored(), left).checked();
                    known.insert(*slot, Range { may_be_missing: right.may_be_missing, ..there });
                }
            }
            _ => {}
        }
    }

    /// What a condition that came out so says of the names it compares with something.
    fn learn(&self, condition: &Expr, truth: bool, known: &mut Known) {
        match &condition.kind {
            Kind::Not(x) => self.learn(x, !truth, known),
            Kind::And(list) if truth => list.iter().for_each(|part| self.learn(part, true, known)),
            Kind::Or(list) if !truth => list.iter().for_each(|part| self.learn(part, false, known)),
            Kind::IsMissing { item, missing } => {
                if let Kind::Slot(slot) = item.kind {
                    let old = self.within(item, known);
                    let is_missing = *missing == truth;
                    let new = if is_missing { Range::MISSING } else { Range { may_be_missing: false, ..old } };
                    known.insert(slot, new);
                }
            }
            Kind::Compare(op, a, b) if a.ty != Type::Text => {
                let op = if truth { *op } else { op.negated() };
                let (left, right) = (self.within(a, known), self.within(b, known));
                if let Kind::Slot(slot) = a.kind {
                    known.insert(slot, narrowed(left, op, right));
                }
                if let Kind::Slot(slot) = b.kind {
                    known.insert(slot, narrowed(right, op.mirrored(), left));
                }
            }
            _ => {}
        }
    }
}

/// What is known of names inside a branch.
type Known = HashMap<Slot, Range>;

/// `x op y` is true: the range of `x`.
fn narrowed(x: Range, op: Compare, y: Range) -> Range {
    // Strictness is left out: the bound itself stays inside, which is only a wider range. Whole numbers are exact.
    let step = if x.whole && y.whole { 1.0 } else { 0.0 };
    let mut range = Range { may_be_missing: false, ..x };
    match op {
        Compare::Eq => (range.min, range.max) = (x.min.max(y.min), x.max.min(y.max)),
        Compare::Lt => range.max = x.max.min(y.max - step),
        Compare::Le => range.max = x.max.min(y.max),
        Compare::Gt => range.min = x.min.max(y.min + step),
        Compare::Ge => range.min = x.min.max(y.min),
        Compare::Ne => {}
    }
    range
}

fn never_missing_false(range: Range) -> bool {
    !range.may_be_missing && range.max < 1.0
}

/// A truth value's bounds, where nothing may be there at all.
fn logical(range: Range) -> Range {
    Range { min: range.min.clamp(0.0, 1.0), max: range.max.clamp(0.0, 1.0), ..range }
}

/// A result that is missing if a part is.
fn strict(result: Range, parts: &[Range]) -> Range {
    if parts.iter().any(|part| !part.may_be_there) {
        return Range::MISSING;
    }
    Range { may_be_missing: result.may_be_missing || parts.iter().any(|part| part.may_be_missing), ..result }
}

fn compare(op: Compare, a: Range, b: Range) -> Range {
    let (always, never) = match op {
        Compare::Lt => (a.max < b.min, a.min >= b.max),
        Compare::Le => (a.max <= b.min, a.min > b.max),
        Compare::Gt => (a.min > b.max, a.max <= b.min),
        Compare::Ge => (a.min >= b.max, a.max < b.min),
        Compare::Eq => (a.min == a.max && b.min == b.max && a.min == b.min, a.max < b.min || a.min > b.max),
        Compare::Ne => (a.max < b.min || a.min > b.max, a.min == a.max && b.min == b.max && a.min == b.min),
    };
    let truth = match (always, never) {
        (true, _) => Range::between(1.0, 1.0),
        (_, true) => Range::between(0.0, 0.0),
        _ => Range::between(0.0, 1.0),
    };
    strict(truth.whole(), &[a, b])
}

/// The smallest and largest of some corners; infinities that cannot be told are unbounded.
fn corners(of: &[f64]) -> Range {
    if of.iter().any(|x| x.is_nan()) {
        return Range { may_be_missing: false, ..Range::ANY };
    }
    let (min, max) = of.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)));
    Range::between(min, max)
}

fn arith(op: Arith, result: Type, left: Type, a: Range, b: Range) -> Range {
    let floored = |r: Range| Range { min: r.min.floor(), max: r.max.floor(), whole: true, ..r };
    // A date moves by whole days; a fraction is dropped downwards.
    let (a, b) = match (result, left) {
        (Type::Date, Type::Date) => (a, floored(b)),
        (Type::Date, _) => (floored(a), b),
        _ => (a, b),
    };
    let whole = a.whole && b.whole;
    let plain = match op {
        Arith::Add => Range::between(a.min + b.min, a.max + b.max),
        Arith::Sub => Range::between(a.min - b.max, a.max - b.min),
        Arith::Mul => {
            let product = |x: f64, y: f64| if x == 0.0 || y == 0.0 { 0.0 } else { x * y };
            corners(&[product(a.min, b.min), product(a.min, b.max), product(a.max, b.min), product(a.max, b.max)])
        }
        Arith::Div => {
            if b.min > 0.0 || b.max < 0.0 {
                let over = |x: f64, y: f64| if x == 0.0 || y.is_infinite() { 0.0 } else { x / y };
                corners(&[over(a.min, b.min), over(a.min, b.max), over(a.max, b.min), over(a.max, b.max)])
            } else if b.min >= 0.0 && a.min >= 0.0 {
                Range::between(0.0, f64::INFINITY).or_missing()
            } else {
                Range::ANY
            }
        }
        Arith::Rem => {
            let size = b.min.abs().max(b.max.abs());
            let low = if a.min >= 0.0 { 0.0 } else { -size };
            let high = if a.max <= 0.0 { 0.0 } else { size };
            Range { may_be_missing: b.min <= 0.0 && b.max >= 0.0, ..Range::between(low, high) }
        }
        Arith::Pow => return strict(power(a, b), &[a, b]),
    };
    let mut range = Range { whole: whole && !matches!(op, Arith::Div | Arith::Rem), ..plain };
    if range.min.is_nan() || range.max.is_nan() {
        range = Range { may_be_missing: false, ..Range::ANY };
    }
    if result == Type::Date {
        let (first, last) = (f64::from(Date::MIN.days()), f64::from(Date::MAX.days()));
        range.may_be_missing = range.min < first || range.max > last;
        range = Range { min: range.min.max(first), max: range.max.min(last), whole: true, ..range };
    }
    strict(range, &[a, b])
}

fn power(a: Range, b: Range) -> Range {
    // For a base of at least 0 the power is monotone in each of the two, so the corners bound it.
    if a.min >= 0.0 && b.min >= 0.0 {
        let corner = |x: f64, y: f64| x.powf(y);
        let range = corners(&[corner(a.min, b.min), corner(a.min, b.max), corner(a.max, b.min), corner(a.max, b.max)]);
        return Range { may_be_missing: range.max.is_infinite(), ..range };
    }
    if a.min >= 0.0 { Range::between(0.0, f64::INFINITY).or_missing() } else { Range::ANY }
}

fn call(func: &Func, result: Type, parts: &[Range]) -> Range {
    let days = Range::between(f64::from(Date::MIN.days()), f64::from(Date::MAX.days())).whole();
    let truth = Range::between(0.0, 1.0).whole();
    // A function that rises with its one argument.
    let rising = |x: &Range, f: fn(f64) -> f64| {
        let at = |bound: f64| {
            let y = f(bound);
            if y.is_nan() { bound } else { y }
        };
        Range::between(at(x.min), at(x.max))
    };
    let plain = match (func, parts) {
        (Func::DaysBetween, [from, to]) => Range::between(to.min - from.max, to.max - from.min).whole(),
        (Func::MonthsBetween, [from, to]) => {
            // A month has 28 to 31 days; the outer bound is what the shortest one gives.
            Range::between((to.min - from.max) / 28.0 - 1.0, (to.max - from.min) / 28.0 + 1.0).whole()
        }
        (Func::YearsBetween, [from, to]) => {
            Range::between((to.min - from.max) / 365.0 - 1.0, (to.max - from.min) / 365.0 + 1.0).whole()
        }
        (Func::AddDays, [day, n]) => return arith(Arith::Add, Type::Date, Type::Date, *day, *n),
        (Func::AddMonths, _) => days.or_missing(),
        (Func::Year, _) => Range::between(1.0, 9999.0).whole(),
        (Func::Month, _) => Range::between(1.0, 12.0).whole(),
        (Func::Day, _) => Range::between(1.0, 31.0).whole(),
        (Func::Weekday, _) => Range::between(1.0, 7.0).whole(),
        (Func::Min, [first, rest @ ..]) => rest.iter().fold(*first, |a, b| Range {
            whole: a.whole && b.whole,
            ..Range::between(a.min.min(b.min), a.max.min(b.max))
        }),
        (Func::Max, [first, rest @ ..]) => rest.iter().fold(*first, |a, b| Range {
            whole: a.whole && b.whole,
            ..Range::between(a.min.max(b.min), a.max.max(b.max))
        }),
        (Func::Clamp, [x, low, high]) => Range {
            whole: x.whole && low.whole && high.whole,
            ..Range::between(x.min.max(low.min).min(high.min), x.max.max(low.max).min(high.max))
        },
        (Func::Abs, [x]) => {
            let low = if x.min <= 0.0 && x.max >= 0.0 { 0.0 } else { x.min.abs().min(x.max.abs()) };
            Range { whole: x.whole, ..Range::between(low, x.min.abs().max(x.max.abs())) }
        }
        (Func::Round, [x]) => rising(x, |x| numbers::round(x, 0.0)).whole(),
        (Func::Round, [x, digits]) if digits.min == digits.max => {
            let at = |x: f64| if x.is_finite() { numbers::round(x, digits.min) } else { x };
            Range::between(at(x.min), at(x.max))
        }
        (Func::Floor, [x]) => rising(x, numbers::floor).whole(),
        (Func::Ceil, [x]) => rising(x, numbers::ceil).whole(),
        (Func::Sqrt, [x]) => {
            let range = Range::between(x.min.max(0.0).sqrt(), x.max.max(0.0).sqrt());
            if x.max < 0.0 { Range::MISSING } else { Range { may_be_missing: x.min < 0.0, ..range } }
        }
        (Func::Ln, [x]) => {
            let low = if x.min > 0.0 { x.min.ln() } else { f64::NEG_INFINITY };
            if x.max <= 0.0 {
                Range::MISSING
            } else {
                Range { may_be_missing: x.min <= 0.0, ..Range::between(low, x.max.ln()) }
            }
        }
        (Func::Exp, [x]) => Range { may_be_missing: x.max > 709.0, ..Range::between(x.min.exp(), x.max.exp()) },
        (Func::Pow, [x, y]) => power(*x, *y),
        (Func::Len, _) => Range::between(0.0, f64::INFINITY).whole(),
        _ => match result {
            Type::Bool => truth,
            _ => Range { may_be_missing: false, ..Range::ANY },
        },
    };
    strict(
        Range {
            may_be_missing: plain.may_be_missing && !matches!(func, Func::Min | Func::Max | Func::Clamp | Func::Abs),
            ..plain
        },
        parts,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;
    use crate::pack::load_from_texts;

    fn of(expr: &str) -> Range {
        let facts = format!("[facts]\nit = '{expr}'\n");
        let pack = "[pack]\nname = 'p'\n[record]\nkey = 'id'\n[record.columns]\nx = { type = 'number' }\ny = { type = 'number' }\nd = { type = 'date' }\n\
                    [tables.orders]\nkey = 'id'\ntime = 'day'\n[tables.orders.columns]\nday = { type = 'date' }\n\
                    [rollups]\nn = 'count(orders)'\n[params]\nlimit = { value = 5 }\n";
        let loaded = load_from_texts(&[("pack.toml", pack), ("facts.toml", &facts)]);
        let pack = loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
        let slot = pack.names.find("it").unwrap();
        Ranges::new(&pack).name(slot)
    }

    #[test]
    fn bounds_of_expressions() {
        for (text, min, max, missing) in [
            ("clamp(x, 0, 10)", 0.0, 10.0, true),
            ("clamp(x ?? 3, 0, 10)", 0.0, 10.0, false),
            ("10 - 2 * min(limit, n ?? 0)", 0.0, 10.0, false),
            ("if x > 5 { 3 } else { 7 }", 3.0, 7.0, false),
            ("if x >= 0 && x <= 4 { x } else { 2 }", 0.0, 4.0, false),
            ("if x < 0 { 0 } else if x > 10 { 10 } else { x ?? 1 }", 0.0, 10.0, false),
            ("abs(clamp(x ?? 0, -3, 2))", 0.0, 3.0, false),
            ("switch limit { 5 => 1, 6 => 9, _ => 2 }", 1.0, 2.0, false),
            ("10 / (1 + (n ?? 0))", 0.0, 10.0, false),
            ("round(clamp(x ?? 0, 0, 1) * 10)", 0.0, 10.0, false),
        ] {
            let range = of(text);
            assert_eq!((range.min, range.max, range.may_be_missing), (min, max, missing), "{text}: {range:?}");
        }
        assert!(of("d - today").may_be_missing);
        assert!(of("n >= 0 || n == ()").max >= 1.0);
        assert!(of("clamp(x, 0, 1) > 2").never_true());
        assert!(of("limit == 5").always_true());
    }
}
