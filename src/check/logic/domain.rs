//! Domains: the values a variable may still have.

use std::rc::Rc;
use std::sync::Arc;

use crate::expr::{Compare, Func, Type, Value};

/// Numbers beyond this are left out of account: no record has them, and sums of them would not be finite.
pub(super) const HUGE: f64 = 1e100;

/// A variable of a [`super::space::Space`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct VarId(pub u32);

/// What a text is asked: `contains(x, "a")`, `mentions(x, [..])`, `x < "m"`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// A function of the text and constants behind it.
    Call(Func, Vec<Value>),
    /// Its place in the order of texts.
    Order(Compare, Arc<str>),
}

impl Test {
    /// Whether it is true of a text.
    pub(super) fn holds(&self, text: &Arc<str>) -> bool {
        let text = Value::Text(text.clone());
        let value = match self {
            Test::Call(func, rest) => func.call(&[&[text], rest.as_slice()].concat()),
            Test::Order(op, other) => crate::expr::eval::compare(*op, &text, &Value::Text(other.clone())),
        };
        value == Value::Bool(true)
    }
}

/// The values a variable may still have.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Domain {
    /// It may be missing.
    pub(super) missing: bool,
    /// It may be there, with one of `values`.
    pub(super) there: bool,
    /// What it may be if it is there. Shared, as most cases of a search leave most domains as they are.
    pub(super) values: Rc<Values>,
}

/// Values of one type.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Numbers, and dates as days.
    Number(Interval),
    /// Truth values.
    Bool {
        /// It may be true.
        yes: bool,
        /// It may be false.
        no: bool,
    },
    /// Texts.
    Text {
        /// Only these; `None` any.
        only: Option<Vec<Arc<str>>>,
        /// Not these.
        not: Vec<Arc<str>>,
        /// What was asked, and the answer.
        tests: Vec<(Rc<Test>, bool)>,
    },
}

/// An interval with holes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Interval {
    /// Lower bound.
    pub(super) low: f64,
    /// Whether the lower bound itself is outside.
    pub(super) low_open: bool,
    /// Upper bound.
    pub(super) high: f64,
    /// Whether the upper bound itself is outside.
    pub(super) high_open: bool,
    /// Whole numbers only; the bounds are then whole and closed.
    pub(super) whole: bool,
    /// Values that are outside.
    pub(super) holes: Vec<f64>,
}

impl Interval {
    /// Everything.
    pub(super) fn all(whole: bool) -> Self {
        Self::closed(-HUGE, HUGE, whole)
    }

    /// Between two values.
    pub(super) fn closed(low: f64, high: f64, whole: bool) -> Self {
        let (low, high) = if whole { (low.ceil(), high.floor()) } else { (low, high) };
        Self { low, low_open: false, high, high_open: false, whole, holes: Vec::new() }
    }

    /// Whether a value lies inside.
    pub(super) fn holds(&self, x: f64) -> bool {
        let above = if self.low_open { x > self.low } else { x >= self.low };
        let below = if self.high_open { x < self.high } else { x <= self.high };
        above && below && (!self.whole || x.fract() == 0.0) && !self.holes.contains(&x)
    }

    /// Whether nothing is inside.
    pub(super) fn is_empty(&self) -> bool {
        self.low > self.high || (self.low == self.high && (self.low_open || self.high_open))
    }

    /// Whether there is a lower bound.
    pub(super) fn has_low(&self) -> bool {
        self.low > -HUGE / 2.0
    }

    /// Whether there is an upper bound.
    pub(super) fn has_high(&self) -> bool {
        self.high < HUGE / 2.0
    }

    /// Keeps what is above a bound.
    pub(super) fn above(&mut self, bound: f64, open: bool) {
        if bound > self.low || (bound == self.low && open) {
            self.low = bound;
            self.low_open = open;
        }
        self.tidy();
    }

    /// Keeps what is below a bound.
    pub(super) fn below(&mut self, bound: f64, open: bool) {
        if bound < self.high || (bound == self.high && open) {
            self.high = bound;
            self.high_open = open;
        }
        self.tidy();
    }

    /// Takes a value out.
    pub(super) fn without(&mut self, x: f64) {
        if self.holds(x) {
            self.holes.push(x);
            self.tidy();
        }
    }

    /// Keeps what compares so with a constant.
    pub(super) fn keep(&mut self, op: Compare, c: f64) {
        match op {
            Compare::Eq => {
                if self.holds(c) {
                    *self = Interval { holes: Vec::new(), ..Interval::closed(c, c, self.whole) };
                } else {
                    (self.low, self.high) = (1.0, 0.0);
                }
            }
            Compare::Ne => self.without(c),
            Compare::Lt => self.below(c, true),
            Compare::Le => self.below(c, false),
            Compare::Gt => self.above(c, true),
            Compare::Ge => self.above(c, false),
        }
    }

    /// Brings bounds to whole numbers and past holes.
    fn tidy(&mut self) {
        if self.whole {
            if self.low_open || self.low.fract() != 0.0 {
                self.low = if self.low.fract() == 0.0 { self.low + 1.0 } else { self.low.ceil() };
                self.low_open = false;
            }
            if self.high_open || self.high.fract() != 0.0 {
                self.high = if self.high.fract() == 0.0 { self.high - 1.0 } else { self.high.floor() };
                self.high_open = false;
            }
        }
        while !self.low_open && self.low <= self.high && self.holes.contains(&self.low) {
            if self.whole { self.low += 1.0 } else { self.low_open = true }
        }
        while !self.high_open && self.low <= self.high && self.holes.contains(&self.high) {
            if self.whole { self.high -= 1.0 } else { self.high_open = true }
        }
    }

    /// Whether all values, or none, compare so with a constant.
    pub(super) fn tells(&self, op: Compare, c: f64) -> Option<bool> {
        if self.is_empty() {
            return Some(false);
        }
        if self.holes.is_empty() {
            let all_below = |open: bool| self.high < c || (self.high == c && (self.high_open || !open));
            let all_above = |open: bool| self.low > c || (self.low == c && (self.low_open || !open));
            let is_it = || self.low == c && self.high == c;
            let (yes, no) = match op {
                Compare::Lt => (all_below(true), all_above(false)),
                Compare::Le => (all_below(false), all_above(true)),
                Compare::Gt => (all_above(true), all_below(false)),
                Compare::Ge => (all_above(false), all_below(true)),
                Compare::Eq => (is_it(), !self.holds(c)),
                Compare::Ne => (!self.holds(c), is_it()),
            };
            return if no { Some(false) } else { yes.then_some(true) };
        }
        self.tells_slowly(op, c)
    }

    fn tells_slowly(&self, op: Compare, c: f64) -> Option<bool> {
        let mut kept = self.clone();
        kept.keep(op, c);
        if kept.is_empty() {
            return Some(false);
        }
        let mut rest = self.clone();
        rest.keep(op.negated(), c);
        rest.is_empty().then_some(true)
    }

    /// A plain value inside, as near to a wish as can be.
    pub(super) fn choose(&self, wish: f64) -> Option<f64> {
        if self.is_empty() {
            return None;
        }
        let near = wish.clamp(self.low, self.high);
        if self.holds(near) {
            return Some(near + 0.0);
        }
        let up = near <= self.low;
        for per_step in [1.0, 2.0, 10.0, 100.0, 1e3, 1e4, 1e6, 1e9] {
            for k in 0..self.holes.len() + 3 {
                let k = k as f64;
                let at = if up {
                    ((near * per_step).floor() + k) / per_step
                } else {
                    ((near * per_step).ceil() - k) / per_step
                };
                if self.holds(at) {
                    return Some(at + 0.0);
                }
            }
        }
        let middle = self.low / 2.0 + self.high / 2.0;
        self.holds(middle).then_some(middle)
    }
}

impl Domain {
    /// Everything of a type.
    pub(super) fn any(ty: Type) -> Self {
        let values = match ty {
            Type::Number => Values::Number(Interval::all(false)),
            Type::Date => Values::Number(Interval::closed(
                f64::from(crate::expr::Date::MIN.days()),
                f64::from(crate::expr::Date::MAX.days()),
                true,
            )),
            Type::Bool => Values::Bool { yes: true, no: true },
            Type::Text => Values::Text { only: None, not: Vec::new(), tests: Vec::new() },
        };
        Self { missing: true, there: true, values: Rc::new(values) }
    }

    /// Numbers of an interval.
    pub(super) fn numbers(interval: Interval) -> Self {
        Self { missing: true, there: true, values: Rc::new(Values::Number(interval)) }
    }

    /// One of some texts.
    pub(super) fn texts(only: Vec<Arc<str>>) -> Self {
        Self {
            missing: true,
            there: true,
            values: Rc::new(Values::Text { only: Some(only), not: Vec::new(), tests: Vec::new() }),
        }
    }

    /// Whether no value is left, not even a missing one.
    pub(super) fn is_empty(&self) -> bool {
        !self.missing && !self.there
    }

    /// Whether it is plainly the same as before.
    pub(super) fn is_same(&self, old: &Domain) -> bool {
        self.missing == old.missing
            && self.there == old.there
            && (Rc::ptr_eq(&self.values, &old.values) || self.values == old.values)
    }

    /// Notes that no value may be left, after a change.
    pub(super) fn settle(&mut self, old: &Domain) {
        if !Rc::ptr_eq(&self.values, &old.values)
            && let Values::Text { only: Some(list), not, tests } = Rc::make_mut(&mut self.values)
        {
            list.retain(|text| !not.contains(text) && tests.iter().all(|(test, want)| test.holds(text) == *want));
        }
        let empty = match &*self.values {
            Values::Number(interval) => interval.is_empty(),
            Values::Bool { yes, no } => !*yes && !*no,
            Values::Text { only, .. } => only.as_ref().is_some_and(Vec::is_empty),
        };
        if empty {
            self.there = false;
        }
    }

    /// The interval, if it is of numbers.
    pub(super) fn interval(&self) -> Option<&Interval> {
        if let Values::Number(interval) = &*self.values { Some(interval) } else { None }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn intervals_keep_what_compares_so() {
        let mut x = Interval::all(false);
        x.keep(Compare::Gt, 5.0);
        x.keep(Compare::Le, 6.0);
        assert!(!x.holds(5.0) && x.holds(5.1) && x.holds(6.0));
        assert_eq!(x.tells(Compare::Gt, 4.0), Some(true));
        assert_eq!(x.tells(Compare::Lt, 5.0), Some(false));
        assert_eq!(x.tells(Compare::Lt, 5.5), None);
        x.keep(Compare::Ne, 6.0);
        assert_eq!(x.choose(0.0), Some(5.5));
        x.keep(Compare::Ge, 6.0);
        assert!(x.is_empty());

        // The short way says the same as the long one.
        let ops = [Compare::Lt, Compare::Le, Compare::Gt, Compare::Ge, Compare::Eq, Compare::Ne];
        for (low, high) in [(1.0, 1.0), (1.0, 3.0), (0.5, 2.5)] {
            for (low_open, high_open, whole) in [
                (false, false, false),
                (true, false, false),
                (false, true, false),
                (true, true, false),
                (false, false, true),
            ] {
                let x = Interval { low_open, high_open, ..Interval::closed(low, high, whole) };
                for c in [0.0, 0.5, 0.75, 1.0, 1.5, 2.0, 2.25, 2.5, 3.0, 3.5] {
                    for op in ops {
                        assert_eq!(x.tells(op, c), x.tells_slowly(op, c), "{x:?} {op:?} {c}");
                    }
                }
            }
        }

        let mut days = Interval::all(true);
        days.keep(Compare::Gt, 5.0);
        days.keep(Compare::Lt, 7.0);
        assert_eq!(days.choose(0.0), Some(6.0));
        days.keep(Compare::Ne, 6.0);
        assert!(days.is_empty(), "no whole number is left");
    }
}
