//! From typed expressions to nodes.
//!
//! A bool is lowered by side: the rows where it is true, or those where it is false, and only the side that is asked
//! for. Missing is neither. What is the same on every row is computed here, by the row interpreter.

use std::sync::Arc;

use super::builder::{Builder, Meaning, Reg};
use super::graph::Graph;
use super::op::{Binary, Id, Measure, Relation, TextMap, TextTest, Unary};
use super::script::{Outcome, calls};
use crate::expr::{Arith, Compare, Expr, Func, Kind, Row, Slot, Type, Value, evaluate};

/// From so many constants on, `in` is asked once per distinct text.
const MANY: usize = 4;

/// The names that are the same on every row.
struct Constants<'a>(&'a std::collections::HashMap<Slot, Meaning>);

impl Row for Constants<'_> {
    fn get(&self, slot: Slot) -> Value {
        match self.0.get(&slot) {
            Some(Meaning::Constant(value)) => value.clone(),
            Some(Meaning::Defined(_, lowered)) => lowered.constant.clone().flatten().unwrap_or(Value::Missing),
            _ => Value::Missing,
        }
    }
}

impl Builder {
    /// The value of an expression that is the same on every row.
    pub(super) fn constant_of(&mut self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            Kind::Const(value) => return Some(value.clone()),
            Kind::Slot(slot) => return self.constant_slot(*slot),
            _ => {}
        }
        let mut slots = Vec::new();
        let mut script = false;
        expr.walk(&mut |e| match &e.kind {
            Kind::Slot(slot) => slots.push(*slot),
            Kind::Script(..) => script = true,
            _ => {}
        });
        if script || !slots.into_iter().all(|slot| self.constant_slot(slot).is_some()) {
            return None;
        }
        Some(evaluate(expr, &Constants(&self.names), &self.scripts))
    }

    pub(super) fn constant_slot(&mut self, slot: Slot) -> Option<Value> {
        match self.names.get(&slot) {
            None => Some(Value::Missing),
            Some(Meaning::Constant(value)) => Some(value.clone()),
            Some(Meaning::Input(..) | Meaning::Bound(_)) => None,
            Some(Meaning::Defined(expr, lowered)) => {
                if let Some(known) = &lowered.constant {
                    return known.clone();
                }
                let expr = Arc::clone(expr);
                let value = self.constant_of(&expr);
                if let Some(Meaning::Defined(_, lowered)) = self.names.get_mut(&slot) {
                    lowered.constant = Some(value.clone());
                }
                value
            }
        }
    }

    /// Lowers a name of its own: what it is does not depend on who asks, only on whether she is looked at.
    fn everywhere(&mut self, lower: impl FnOnce(&mut Self) -> Id) -> Id {
        let outer = std::mem::replace(&mut self.scope, self.named);
        let id = lower(self);
        self.scope = outer;
        id
    }

    // Bools.

    /// The rows where a bool is true (`side`), or those where it is false.
    pub(super) fn truth(&mut self, expr: &Expr, side: bool) -> Id {
        if let Some(value) = self.constant_of(expr) {
            return self.graph.fill(value == Value::Bool(side));
        }
        match &expr.kind {
            Kind::Slot(slot) => self.truth_slot(*slot, side),
            Kind::Not(x) => self.truth(x, !side),
            Kind::And(list) => self.all_or_any(list, side, side),
            Kind::Or(list) => self.all_or_any(list, side, !side),
            Kind::Compare(op, a, b) => self.compare(*op, a, b, side),
            Kind::IsMissing { item, missing } => {
                let there = self.there(item);
                if *missing == side { self.graph.not(there) } else { there }
            }
            Kind::In { item, list, negated } => self.is_in(item, list, *negated != side),
            Kind::Coalesce(list) => {
                let sides = self.until_there(list, |b, x| (b.truth(x, side), b.truth(x, !side)));
                let mut rest = self.graph.fill(false);
                for (yes, no) in sides.into_iter().rev() {
                    let after = self.graph.and_not(rest, no);
                    rest = self.graph.or(yes, after);
                }
                rest
            }
            Kind::If { .. } | Kind::Switch { .. } => {
                self.branches(expr, |b, x| b.truth(x, side), |g, when, then, rest| g.pick_mask(when, then, rest))
            }
            Kind::Call(func, arguments) => self.truth_call(func, arguments, side),
            Kind::Script(signature, arguments) if signature.result == Type::Bool => {
                let body = |b: &mut Self, x: &Expr| b.truth(x, side);
                self.script(signature, arguments, body, |g, outcome| match outcome {
                    Outcome::Called(choice) => g.is(choice, usize::from(!side)),
                    Outcome::Pick(when, then, rest) => g.pick_mask(when, then, rest),
                    Outcome::Missing => g.fill(false),
                })
            }
            Kind::Const(_) | Kind::Neg(_) | Kind::Arith(..) | Kind::Script(..) => self.graph.fill(false),
        }
    }

    fn truth_slot(&mut self, slot: Slot, side: bool) -> Id {
        match self.names.get(&slot) {
            Some(Meaning::Input(input, Type::Bool)) => self.graph.bool_in(*input, side),
            Some(Meaning::Bound(Reg::Bool { yes, no })) => {
                if side {
                    yes.0
                } else {
                    no.0
                }
            }
            Some(Meaning::Defined(expr, lowered)) => {
                if let Some(id) = if side { lowered.yes } else { lowered.no } {
                    return id;
                }
                let expr = Arc::clone(expr);
                let id = self.everywhere(|b| b.truth(&expr, side));
                if let Some(Meaning::Defined(_, lowered)) = self.names.get_mut(&slot) {
                    *(if side { &mut lowered.yes } else { &mut lowered.no }) = Some(id);
                }
                id
            }
            _ => self.graph.fill(false),
        }
    }

    /// Rows where this side is that of all, or of any.
    fn all_or_any(&mut self, list: &[Expr], side: bool, all: bool) -> Id {
        let mut rows = self.graph.fill(all);
        let outer = self.scope;
        for (at, x) in list.iter().enumerate() {
            let id = self.truth(x, side);
            rows = if all { self.graph.and(rows, id) } else { self.graph.or(rows, id) };
            if calls(&self.scripts, list.get(at + 1..).unwrap_or(&[])) {
                // Rows that are decided ask no further: `side` is what all must be, or what one suffices to be.
                let decided = if all { self.truth(x, !side) } else { id };
                self.scope = self.graph.and_not(self.scope, decided);
            }
        }
        self.scope = outer;
        rows
    }

    /// The parts of `a ?? b ?? …`, each asked only where all before it are missing.
    fn until_there<T>(&mut self, list: &[Expr], mut lower: impl FnMut(&mut Self, &Expr) -> T) -> Vec<T> {
        let outer = self.scope;
        let mut lowered = Vec::new();
        for (at, x) in list.iter().enumerate() {
            lowered.push(lower(self, x));
            if calls(&self.scripts, list.get(at + 1..).unwrap_or(&[])) {
                let there = self.there(x);
                self.scope = self.graph.and_not(self.scope, there);
            }
        }
        self.scope = outer;
        lowered
    }

    /// `if` or `switch`, each branch asked only where it is taken.
    fn branches(
        &mut self,
        expr: &Expr,
        mut lower: impl FnMut(&mut Self, &Expr) -> Id,
        pick: impl Fn(&mut Graph, Id, Id, Id) -> Id,
    ) -> Id {
        let outer = self.scope;
        let scoped = calls(&self.scripts, std::slice::from_ref(expr));
        let mut taken = Vec::new();
        let mut branch = |b: &mut Self, when: Id, then: &Expr| {
            let rest = b.scope;
            if scoped {
                b.scope = b.graph.and(rest, when);
            }
            taken.push((when, lower(b, then)));
            if scoped {
                b.scope = b.graph.and_not(rest, when);
            }
        };
        let otherwise = match &expr.kind {
            Kind::If { branches, otherwise } => {
                for (when, then) in branches {
                    let when = self.truth(when, true);
                    branch(self, when, then);
                }
                otherwise.as_ref()
            }
            Kind::Switch { item, arms, otherwise } => {
                for (values, then) in arms {
                    let when = self.is_one_of(item, values);
                    branch(self, when, then);
                }
                otherwise.as_ref()
            }
            // Only called for those two.
            _ => return self.graph.fill(false),
        };
        let otherwise = lower(self, otherwise);
        self.scope = outer;
        taken.into_iter().rev().fold(otherwise, |rest, (when, then)| pick(&mut self.graph, when, then, rest))
    }

    fn compare(&mut self, op: Compare, a: &Expr, b: &Expr, side: bool) -> Id {
        let missing = |e: &Expr| matches!(e.kind, Kind::Const(Value::Missing));
        if missing(a) || missing(b) {
            return self.graph.fill(false);
        }
        let op = if side { op } else { op.negated() };
        match a.ty {
            Type::Number | Type::Date => {
                let (a, b) = (self.lower_number(a), self.lower_number(b));
                self.graph.compare(op, a, b)
            }
            Type::Text => {
                let (a, b) = (self.lower_text(a), self.lower_text(b));
                match op {
                    Compare::Eq => self.graph.text_same(a, b, true),
                    Compare::Ne => self.graph.text_same(a, b, false),
                    op => self.graph.related(Relation::Compare(op), a, b, true),
                }
            }
            Type::Bool => {
                let (yes, no) = (self.truth(a, true), self.truth(a, false));
                let (same, other) = match op {
                    Compare::Eq => (self.truth(b, true), self.truth(b, false)),
                    Compare::Ne => (self.truth(b, false), self.truth(b, true)),
                    _ => return self.graph.fill(false),
                };
                let (x, y) = (self.graph.and(yes, same), self.graph.and(no, other));
                self.graph.or(x, y)
            }
        }
    }

    /// Rows where a value is there.
    fn there(&mut self, item: &Expr) -> Id {
        match item.ty {
            Type::Number | Type::Date => {
                let item = self.lower_number(item);
                self.graph.there(item)
            }
            Type::Text => {
                let item = self.lower_text(item);
                self.graph.text_there(item)
            }
            Type::Bool => {
                let (yes, no) = (self.truth(item, true), self.truth(item, false));
                self.graph.or(yes, no)
            }
        }
    }

    /// Rows where an item equals any of a list (`found`), or differs from all.
    fn is_in(&mut self, item: &Expr, list: &[Expr], found: bool) -> Id {
        let mut rows = self.graph.fill(!found);
        let constants = list.iter().filter(|x| matches!(x.kind, Kind::Const(Value::Text(_)))).count();
        let at_once = item.ty == Type::Text && constants >= MANY;
        let mut codes = Vec::new();
        let outer = self.scope;
        for (at, x) in list.iter().enumerate() {
            let one = match &x.kind {
                Kind::Const(Value::Text(text)) if at_once => {
                    codes.push(self.graph.code(text));
                    continue;
                }
                _ => self.compare(Compare::Eq, item, x, found),
            };
            rows = if found { self.graph.or(rows, one) } else { self.graph.and(rows, one) };
            if calls(&self.scripts, list.get(at + 1..).unwrap_or(&[])) {
                let decided = if found { one } else { self.compare(Compare::Eq, item, x, true) };
                self.scope = self.graph.and_not(self.scope, decided);
            }
        }
        self.scope = outer;
        if at_once {
            let item = self.lower_text(item);
            let one = self.test_in(item, codes, found);
            rows = if found { self.graph.or(rows, one) } else { self.graph.and(rows, one) };
        }
        rows
    }

    fn test_in(&mut self, item: Id, mut codes: Vec<u32>, found: bool) -> Id {
        codes.sort_unstable();
        codes.dedup();
        self.graph.test(TextTest::In(codes), item, found)
    }

    /// Rows where an item is one of some literals.
    fn is_one_of(&mut self, item: &Expr, values: &[Value]) -> Id {
        let mut rows = self.graph.fill(false);
        match item.ty {
            Type::Number | Type::Date => {
                let item = self.lower_number(item);
                for value in values {
                    let value = self.number_of(value);
                    let one = self.graph.compare(Compare::Eq, item, value);
                    rows = self.graph.or(rows, one);
                }
            }
            Type::Text => {
                let item = self.lower_text(item);
                if values.len() >= MANY && self.graph.value_of(item, Type::Text).is_none() {
                    let codes = values.iter().filter_map(Value::as_text).map(|t| self.graph.code(t)).collect();
                    return self.test_in(item, codes, true);
                }
                for value in values {
                    let value = self.graph.text(value.as_text());
                    let one = self.graph.text_same(item, value, true);
                    rows = self.graph.or(rows, one);
                }
            }
            Type::Bool => {
                for value in values {
                    if let Value::Bool(side) = value {
                        let one = self.truth(item, *side);
                        rows = self.graph.or(rows, one);
                    }
                }
            }
        }
        rows
    }

    fn truth_call(&mut self, func: &Func, arguments: &[Expr], side: bool) -> Id {
        let relation = match func {
            Func::Contains => Relation::Contains,
            Func::StartsWith => Relation::StartsWith,
            Func::EndsWith => Relation::EndsWith,
            Func::Matches(_) | Func::Mentions(_) => {
                let [text] = arguments else { return self.graph.fill(false) };
                let text = self.lower_text(text);
                if self.graph.value_of(text, Type::Text) == Some(Value::Missing) {
                    return self.graph.fill(false);
                }
                return match func {
                    Func::Matches(pattern) => self.graph.test(TextTest::Matches(Arc::clone(pattern)), text, side),
                    Func::Mentions(words) => {
                        let folded = self.graph.map_text(TextMap::Fold, text);
                        self.graph.test(TextTest::Mentions(Arc::clone(words)), folded, side)
                    }
                    _ => self.graph.fill(false),
                };
            }
            _ => return self.graph.fill(false),
        };
        let [text, part] = arguments else { return self.graph.fill(false) };
        let (text, part) = (self.lower_text(text), self.lower_text(part));
        self.graph.related(relation, text, part, side)
    }

    // Numbers and dates.

    /// A number as it is, a date as its days; missing for anything else.
    fn number_of(&mut self, value: &Value) -> Id {
        match value {
            Value::Number(x) => self.graph.number(*x),
            Value::Date(d) => self.graph.number(f64::from(d.days())),
            _ => self.graph.missing(),
        }
    }

    /// The value of a number or date.
    pub(super) fn lower_number(&mut self, expr: &Expr) -> Id {
        if let Some(value) = self.constant_of(expr) {
            return self.number_of(&value);
        }
        match &expr.kind {
            Kind::Slot(slot) => self.number_slot(*slot),
            Kind::Neg(x) => self.unary(Unary::Neg, x),
            Kind::Arith(op, a, b) => {
                let types = (a.ty, b.ty);
                let (a, b) = (self.lower_number(a), self.lower_number(b));
                match (op, types) {
                    (Arith::Add, (Type::Date, Type::Number)) => self.graph.binary(Binary::Later, a, b),
                    (Arith::Add, (Type::Number, Type::Date)) => self.graph.binary(Binary::Later, b, a),
                    (Arith::Sub, (Type::Date, Type::Number)) => self.graph.binary(Binary::Earlier, a, b),
                    (Arith::Sub, (Type::Date, Type::Date)) => self.graph.binary(Binary::Days, a, b),
                    (op, (Type::Number, Type::Number)) => self.graph.arith(*op, a, b),
                    _ => self.graph.missing(),
                }
            }
            Kind::Coalesce(list) => {
                let values = self.until_there(list, Self::lower_number);
                let missing = self.graph.missing();
                values.into_iter().rev().fold(missing, |rest, x| self.graph.or_else(x, rest))
            }
            Kind::If { .. } | Kind::Switch { .. } => {
                self.branches(expr, Self::lower_number, |g, when, then, rest| g.pick(when, then, rest))
            }
            Kind::Call(func, arguments) => self.number_call(func, arguments),
            Kind::Script(signature, arguments) if matches!(signature.result, Type::Number | Type::Date) => {
                self.script(signature, arguments, Self::lower_number, |g, outcome| match outcome {
                    Outcome::Called(number) => number,
                    Outcome::Pick(when, then, rest) => g.pick(when, then, rest),
                    Outcome::Missing => g.missing(),
                })
            }
            _ => self.graph.missing(),
        }
    }

    fn number_slot(&mut self, slot: Slot) -> Id {
        match self.names.get(&slot) {
            Some(Meaning::Input(input, Type::Number)) => self.graph.number_in(*input),
            Some(Meaning::Input(input, Type::Date)) => self.graph.date_in(*input),
            Some(Meaning::Bound(Reg::Number(x) | Reg::Date(x))) => x.0,
            Some(Meaning::Defined(expr, lowered)) => {
                if let Some(id) = lowered.value {
                    return id;
                }
                let expr = Arc::clone(expr);
                let id = self.everywhere(|b| b.lower_number(&expr));
                self.remember(slot, id);
                id
            }
            _ => self.graph.missing(),
        }
    }

    fn remember(&mut self, slot: Slot, id: Id) {
        if let Some(Meaning::Defined(_, lowered)) = self.names.get_mut(&slot) {
            lowered.value = Some(id);
        }
    }

    fn unary(&mut self, op: Unary, x: &Expr) -> Id {
        let x = self.lower_number(x);
        self.graph.unary(op, x)
    }

    fn binary(&mut self, op: Binary, a: &Expr, b: &Expr) -> Id {
        let (a, b) = (self.lower_number(a), self.lower_number(b));
        self.graph.binary(op, a, b)
    }

    fn number_call(&mut self, func: &Func, arguments: &[Expr]) -> Id {
        match (func, arguments) {
            (Func::DaysBetween, [from, to]) => self.binary(Binary::Days, to, from),
            (Func::MonthsBetween, [from, to]) => self.binary(Binary::MonthsBetween, from, to),
            (Func::YearsBetween, [from, to]) => self.binary(Binary::YearsBetween, from, to),
            (Func::AddDays, [day, n]) => self.binary(Binary::Later, day, n),
            (Func::AddMonths, [day, n]) => self.binary(Binary::AddMonths, day, n),
            (Func::Year, [x]) => self.unary(Unary::Year, x),
            (Func::Month, [x]) => self.unary(Unary::Month, x),
            (Func::Day, [x]) => self.unary(Unary::Day, x),
            (Func::Weekday, [x]) => self.unary(Unary::Weekday, x),
            (Func::Min | Func::Max, [first, rest @ ..]) => {
                let op = if *func == Func::Min { Binary::Min } else { Binary::Max };
                let mut all = self.lower_number(first);
                for x in rest {
                    let x = self.lower_number(x);
                    all = self.graph.binary(op, all, x);
                }
                all
            }
            (Func::Clamp, [x, low, high]) => {
                let (low_value, high_value) = (self.constant_of(low), self.constant_of(high));
                let x = self.lower_number(x);
                if let (Some(Value::Number(low)), Some(Value::Number(high))) = (low_value, high_value) {
                    return self.graph.clamp(x, low, high);
                }
                let (low, high) = (self.lower_number(low), self.lower_number(high));
                let x = self.graph.binary(Binary::Max, x, low);
                self.graph.binary(Binary::Min, x, high)
            }
            (Func::Abs, [x]) => self.unary(Unary::Abs, x),
            (Func::Round, [x]) => {
                let x = self.lower_number(x);
                let digits = self.graph.number(0.0);
                self.graph.binary(Binary::Round, x, digits)
            }
            (Func::Round, [x, digits]) => self.binary(Binary::Round, x, digits),
            (Func::Floor, [x]) => self.unary(Unary::Floor, x),
            (Func::Ceil, [x]) => self.unary(Unary::Ceil, x),
            (Func::Sqrt, [x]) => self.unary(Unary::Sqrt, x),
            (Func::Ln, [x]) => self.unary(Unary::Ln, x),
            (Func::Exp, [x]) => self.unary(Unary::Exp, x),
            (Func::Pow, [x, y]) => {
                let (x, y) = (self.lower_number(x), self.lower_number(y));
                self.graph.arith(Arith::Pow, x, y)
            }
            (Func::Len, [text]) => {
                let text = self.lower_text(text);
                self.graph.measure(Measure::Len, text)
            }
            _ => self.graph.missing(),
        }
    }

    // Texts.

    /// The value of a text.
    pub(super) fn lower_text(&mut self, expr: &Expr) -> Id {
        if let Some(value) = self.constant_of(expr) {
            return self.graph.text(value.as_text());
        }
        match &expr.kind {
            Kind::Slot(slot) => self.text_slot(*slot),
            Kind::Coalesce(list) => {
                let values = self.until_there(list, Self::lower_text);
                let missing = self.graph.text(None);
                values.into_iter().rev().fold(missing, |rest, x| self.graph.or_else_text(x, rest))
            }
            Kind::If { .. } | Kind::Switch { .. } => {
                self.branches(expr, Self::lower_text, |g, when, then, rest| g.pick_text(when, then, rest))
            }
            Kind::Call(func, arguments) => {
                let map = match func {
                    Func::Lower => TextMap::Lower,
                    Func::Upper => TextMap::Upper,
                    Func::Trim => TextMap::Trim,
                    _ => return self.graph.text(None),
                };
                let [text] = arguments.as_slice() else { return self.graph.text(None) };
                let text = self.lower_text(text);
                self.graph.map_text(map, text)
            }
            Kind::Script(signature, arguments) if signature.result == Type::Text => {
                self.script(signature, arguments, Self::lower_text, |g, outcome| match outcome {
                    Outcome::Called(text) => text,
                    Outcome::Pick(when, then, rest) => g.pick_text(when, then, rest),
                    Outcome::Missing => g.text(None),
                })
            }
            _ => self.graph.text(None),
        }
    }

    fn text_slot(&mut self, slot: Slot) -> Id {
        match self.names.get(&slot) {
            Some(Meaning::Input(input, Type::Text)) => self.graph.text_in(*input),
            Some(Meaning::Bound(Reg::Text(x))) => x.0,
            Some(Meaning::Defined(expr, lowered)) => {
                if let Some(id) = lowered.value {
                    return id;
                }
                let expr = Arc::clone(expr);
                let id = self.everywhere(|b| b.lower_text(&expr));
                self.remember(slot, id);
                id
            }
            _ => self.graph.text(None),
        }
    }
}
