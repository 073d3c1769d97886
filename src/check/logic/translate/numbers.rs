//! Numbers and dates, as sums by case.

use std::rc::Rc;

use super::super::domain::{Domain, HUGE, Interval, Values};
use super::super::formula::{Formula, Lit};
use super::super::space::{Linear, Meaning, Space};
use super::{Ask, Cases, MOST_CASES, MOST_LITERALS, as_if, possible};
use crate::expr::{Arith, Compare, Expr, Func, Kind, Type, Value};

impl Space {
    /// The cases of a number or date.
    pub(in crate::check::logic) fn number(&mut self, expr: &Expr) -> Cases {
        match self.number_cases(expr) {
            Some(cases)
                if cases.len() <= MOST_CASES && cases.iter().map(|(f, _)| f.size()).sum::<usize>() <= MOST_LITERALS =>
            {
                cases
            }
            _ => self.opaque_number(expr),
        }
    }

    /// A number that stands for itself.
    pub(super) fn opaque_number(&mut self, expr: &Expr) -> Cases {
        let interval = match &expr.kind {
            Kind::Call(Func::Month, _) => Some(Interval::closed(1.0, 12.0, true)),
            Kind::Call(Func::Weekday, _) => Some(Interval::closed(1.0, 7.0, true)),
            Kind::Call(Func::Day, _) => Some(Interval::closed(1.0, 31.0, true)),
            Kind::Call(Func::Year, _) => Some(Interval::closed(1.0, 9999.0, true)),
            Kind::Call(Func::Len, _) => Some(Interval::closed(0.0, HUGE, true)),
            Kind::Call(Func::MonthsBetween | Func::YearsBetween, _) => Some(Interval::all(true)),
            Kind::Call(Func::Round | Func::Floor | Func::Ceil, list) if list.len() == 1 => Some(Interval::all(true)),
            Kind::Call(Func::Sqrt | Func::Exp, _) => Some(Interval::closed(0.0, HUGE, false)),
            _ => match &*Domain::any(expr.ty).values {
                Values::Number(interval) => Some(interval.clone()),
                _ => None,
            },
        };
        let there = self.there(expr);
        let strict = !self.may_fail(expr);
        let var = self.atom(expr, strict, interval);
        // If it was met before by its being missing, its bounds are still those of any number: that is only wider.
        let there = if strict { there } else { Formula::and([there, Formula::lit(Lit::Missing(var, false))]) };
        Rc::new(vec![(there, Linear::var(var))])
    }

    /// Whether it can be missing although its arguments are there.
    pub(super) fn may_fail(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Script(..) => true,
            Kind::Arith(op, _, b) => !self.is_total(*op, b),
            Kind::Call(func, _) => matches!(func, Func::Sqrt | Func::Ln | Func::Exp | Func::Pow),
            _ => false,
        }
    }

    pub(super) fn number_cases(&mut self, expr: &Expr) -> Option<Cases> {
        let one = |cases: Vec<(Formula, Linear)>| Some(Rc::new(cases));
        match &expr.kind {
            Kind::Const(value) => one(constant_case(value)),
            Kind::Slot(slot) => {
                if let Some(var) = self.var(*slot) {
                    let there = self.there(expr);
                    return one(vec![(there, Linear::var(var))]);
                }
                if let Some(known) = self.memo.numbers.get(slot) {
                    return Some(known.clone());
                }
                let cases = match self.names.get(slot.0 as usize).map(|known| known.meaning.clone()) {
                    Some(Meaning::Const(value)) => Rc::new(constant_case(&value)),
                    Some(Meaning::Derived(expr)) => self.number(&expr),
                    _ => return None,
                };
                self.memo.numbers.insert(*slot, cases.clone());
                Some(cases)
            }
            Kind::Neg(x) => {
                let x = self.number(x);
                one(x.iter().map(|(when, x)| (when.clone(), x.scaled(-1.0))).collect())
            }
            Kind::Arith(op, a, b) => {
                let (left, right) = (self.number(a), self.number(b));
                let mut cases = Vec::new();
                for (when_left, x) in left.iter() {
                    for (when_right, y) in right.iter() {
                        let sum = match self.linear(*op, expr.ty, a.ty, x, y) {
                            Some(sum) => sum,
                            None if self.may_fail(expr) => return None,
                            // Only this case is outside of the fragment; in the others the sum is known.
                            None => {
                                let every = Domain::any(expr.ty);
                                Linear::var(self.atom(expr, true, every.interval().cloned()))
                            }
                        };
                        cases.push((Formula::and([when_left.clone(), when_right.clone()]), sum));
                    }
                }
                one(cases)
            }
            Kind::Coalesce(list) => {
                let mut cases = Vec::new();
                let mut before = Vec::new();
                for part in list {
                    for (when, value) in self.number(part).iter() {
                        cases.push((Formula::and(before.iter().cloned().chain([when.clone()])), value.clone()));
                    }
                    before.push(self.missing(part));
                }
                one(possible(cases))
            }
            Kind::If { branches, otherwise } => {
                let mut cases = Vec::new();
                let mut before = Vec::new();
                for (condition, then) in branches {
                    let (taken, passed) = (self.truth(condition, Ask::True), self.truth(condition, Ask::NotTrue));
                    for (when, value) in self.number(then).iter() {
                        let when = Formula::and(before.iter().cloned().chain([taken.clone(), when.clone()]));
                        cases.push((when, value.clone()));
                    }
                    before.push(passed);
                }
                for (when, value) in self.number(otherwise).iter() {
                    cases.push((Formula::and(before.iter().cloned().chain([when.clone()])), value.clone()));
                }
                one(possible(cases))
            }
            Kind::Switch { item, arms, otherwise } => {
                let chosen = as_if(item, arms, otherwise, expr);
                self.number_cases(&chosen)
            }
            Kind::Call(Func::DaysBetween, list) => {
                let [from, to] = list.as_slice() else { return None };
                self.combine(&[to, from], |_, parts| {
                    parts.first().zip(parts.get(1)).map(|(to, from)| to.plus(from, -1.0))
                })
            }
            Kind::Call(Func::AddDays, list) => {
                let [day, n] = list.as_slice() else { return None };
                self.combine(&[day, n], |space, parts| {
                    let (day, n) = parts.first().zip(parts.get(1))?;
                    space.linear(Arith::Add, Type::Date, Type::Date, day, n)
                })
            }
            Kind::Call(Func::Min | Func::Max, list) => {
                let least = matches!(&expr.kind, Kind::Call(Func::Min, _));
                let mut best = self.number(list.first()?);
                for part in list.iter().skip(1) {
                    let part = self.number(part);
                    best = self.extreme(&best, &part, least)?;
                }
                Some(best)
            }
            Kind::Call(Func::Clamp, list) => {
                let [x, low, high] = list.as_slice() else { return None };
                let (x, low, high) = (self.number(x), self.number(low), self.number(high));
                let at_least = self.extreme(&x, &low, false)?;
                self.extreme(&at_least, &high, true)
            }
            Kind::Call(Func::Abs, list) => {
                let x = self.number(list.first()?);
                let mut cases = Vec::new();
                for (when, x) in x.iter() {
                    let (up, down) = (self.compared(x, Compare::Ge), self.compared(x, Compare::Lt));
                    cases.push((Formula::and([when.clone(), up]), x.clone()));
                    cases.push((Formula::and([when.clone(), down]), x.scaled(-1.0)));
                }
                one(possible(cases))
            }
            _ => None,
        }
    }

    pub(super) fn combine(
        &mut self,
        parts: &[&Expr],
        of: impl Fn(&Self, &[Linear]) -> Option<Linear>,
    ) -> Option<Cases> {
        let mut all: Vec<(Formula, Vec<Linear>)> = vec![(Formula::Const(true), Vec::new())];
        for part in parts {
            let cases = self.number(part);
            if all.len() * cases.len() > MOST_CASES {
                return None;
            }
            all = all
                .iter()
                .flat_map(|(when, values)| {
                    cases.iter().map(move |(also, value)| {
                        let values = values.iter().cloned().chain([value.clone()]).collect();
                        (Formula::and([when.clone(), also.clone()]), values)
                    })
                })
                .collect();
        }
        let cases: Option<Vec<_>> = all.into_iter().map(|(when, values)| Some((when, of(self, &values)?))).collect();
        Some(Rc::new(cases?))
    }

    pub(super) fn extreme(&mut self, a: &Cases, b: &Cases, least: bool) -> Option<Cases> {
        if a.len() * b.len() * 2 > MOST_CASES * 2 {
            return None;
        }
        let mut cases = Vec::new();
        for (when_a, x) in a.iter() {
            for (when_b, y) in b.iter() {
                let ahead = x.plus(y, -1.0);
                let (first, second) = if least { (Compare::Le, Compare::Gt) } else { (Compare::Ge, Compare::Lt) };
                let (first, second) = (self.compared(&ahead, first), self.compared(&ahead, second));
                cases.push((Formula::and([when_a.clone(), when_b.clone(), first]), x.clone()));
                cases.push((Formula::and([when_a.clone(), when_b.clone(), second]), y.clone()));
            }
        }
        Some(Rc::new(possible(cases)))
    }

    /// One sum from two, if it is one.
    pub(super) fn linear(&self, op: Arith, result: Type, left: Type, x: &Linear, y: &Linear) -> Option<Linear> {
        // A date moves by whole days.
        let moved = |n: &Linear| {
            if n.terms.is_empty() {
                return Some(Linear::constant(n.constant.floor()));
            }
            let whole = n.constant.fract() == 0.0 && n.terms.iter().all(|(v, c)| c.fract() == 0.0 && self.is_whole(*v));
            whole.then(|| n.clone())
        };
        let (x, y) = match (result, left) {
            (Type::Date, Type::Date) => (x.clone(), moved(y)?),
            (Type::Date, _) => (moved(x)?, y.clone()),
            _ => (x.clone(), y.clone()),
        };
        match op {
            Arith::Add => Some(x.plus(&y, 1.0)),
            Arith::Sub => Some(x.plus(&y, -1.0)),
            Arith::Mul if y.terms.is_empty() => Some(x.scaled(y.constant)),
            Arith::Mul if x.terms.is_empty() => Some(y.scaled(x.constant)),
            Arith::Div if y.terms.is_empty() && y.constant != 0.0 => Some(x.scaled(1.0 / y.constant)),
            _ => None,
        }
    }
}

fn constant_case(value: &Value) -> Vec<(Formula, Linear)> {
    match value {
        Value::Number(x) => vec![(Formula::Const(true), Linear::constant(*x))],
        Value::Date(day) => vec![(Formula::Const(true), Linear::constant(f64::from(day.days())))],
        _ => Vec::new(),
    }
}
