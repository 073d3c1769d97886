//! The row interpreter: the specification of what an expression means on one record.

use std::sync::Arc;

use super::functions::{dates, numbers};
use super::{Arith, Compare, Date, Expr, Kind, Slot, Value};
use crate::diag::Span;
use crate::script::{CallError, Scripts, Signature};

/// The values of one record.
pub trait Row {
    /// The value of a name; missing if it has none.
    fn get(&self, slot: Slot) -> Value;
}

/// The value of an expression on one record. Total: never fails, never panics. A script error gives missing.
pub fn evaluate(expr: &Expr, row: &dyn Row, scripts: &Scripts) -> Value {
    step(expr, row, scripts, &mut |part| evaluate(part, row, scripts)).unwrap_or(Value::Missing)
}

/// The value of an expression and of every expression in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Where the expression is written.
    pub text_span: Span,
    /// What it gave.
    pub value: Value,
    /// Its parts, in the order in which they are written. A part is here even if the whole did not depend on it.
    pub children: Vec<Trace>,
    /// Why there is no value, if a script failed.
    pub note: Option<String>,
}

/// Evaluates as [`evaluate`] does, and keeps what each part gave.
pub fn trace(expr: &Expr, row: &dyn Row, scripts: &Scripts) -> Trace {
    let parts = parts(expr);
    let children: Vec<Trace> = parts.iter().map(|part| trace(part, row, scripts)).collect();
    let outcome = step(expr, row, scripts, &mut |wanted| {
        let known = parts.iter().zip(&children).find(|(part, _)| std::ptr::eq(**part, wanted));
        known.map_or(Value::Missing, |(_, child)| child.value.clone())
    });
    let (value, note) = match outcome {
        Ok(value) => (value, None),
        Err(error) => (Value::Missing, Some(error.to_string())),
    };
    Trace { text_span: expr.span, value, children, note }
}

/// The script calls that fail while an expression is evaluated: the function, and what went wrong. Calls that the value does not
/// depend on are not made.
#[must_use]
pub fn failures(expr: &Expr, row: &dyn Row, scripts: &Scripts) -> Vec<(Arc<Signature>, CallError)> {
    fn within(expr: &Expr, row: &dyn Row, scripts: &Scripts, found: &mut Vec<(Arc<Signature>, CallError)>) -> Value {
        match (step(expr, row, scripts, &mut |part| within(part, row, scripts, found)), &expr.kind) {
            (Ok(value), _) => value,
            (Err(error), Kind::Script(signature, _)) => {
                found.push((Arc::clone(signature), error));
                Value::Missing
            }
            // Only a script can fail.
            (Err(_), _) => Value::Missing,
        }
    }
    let mut any = false;
    expr.walk(&mut |e| any |= matches!(e.kind, Kind::Script(..)));
    let mut found = Vec::new();
    if any {
        within(expr, row, scripts, &mut found);
    }
    found
}

/// The expressions directly below one, in the order in which they are written.
#[must_use]
pub fn parts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        Kind::Const(_) | Kind::Slot(_) => Vec::new(),
        Kind::Neg(x) | Kind::Not(x) | Kind::IsMissing { item: x, .. } => vec![x],
        Kind::Arith(_, a, b) | Kind::Compare(_, a, b) => vec![a, b],
        Kind::And(list) | Kind::Or(list) | Kind::Coalesce(list) | Kind::Call(_, list) | Kind::Script(_, list) => {
            list.iter().collect()
        }
        Kind::In { item, list, .. } => std::iter::once(&**item).chain(list).collect(),
        Kind::If { branches, otherwise } => {
            branches.iter().flat_map(|(condition, then)| [condition, then]).chain([&**otherwise]).collect()
        }
        Kind::Switch { item, arms, otherwise } => {
            std::iter::once(&**item).chain(arms.iter().map(|(_, then)| then)).chain([&**otherwise]).collect()
        }
    }
}

/// One step: the value of an expression from the values of its parts. Only a script can fail.
fn step(expr: &Expr, row: &dyn Row, scripts: &Scripts, of: &mut dyn FnMut(&Expr) -> Value) -> Result<Value, CallError> {
    Ok(match &expr.kind {
        Kind::Const(value) => value.clone(),
        Kind::Slot(slot) => row.get(*slot),
        Kind::Neg(x) => of(x).as_number().map_or(Value::Missing, |x| Value::number(-x)),
        Kind::Not(x) => of(x).as_bool().map_or(Value::Missing, |x| Value::Bool(!x)),
        Kind::Arith(op, a, b) => arith(*op, &of(a), &of(b)),
        Kind::Compare(op, a, b) => compare(*op, &of(a), &of(b)),
        Kind::IsMissing { item, missing } => Value::Bool(of(item).is_missing() == *missing),
        Kind::And(list) => all(list.iter().map(of)),
        Kind::Or(list) => any(list.iter().map(of)),
        Kind::Coalesce(list) => list.iter().map(of).find(|x| !x.is_missing()).unwrap_or(Value::Missing),
        Kind::In { item, list, negated } => {
            let item = of(item);
            match any(list.iter().map(|x| compare(Compare::Eq, &item, &of(x)))) {
                Value::Bool(found) => Value::Bool(found != *negated),
                _ => Value::Missing,
            }
        }
        Kind::If { branches, otherwise } => {
            match branches.iter().find(|(condition, _)| of(condition) == Value::Bool(true)) {
                Some((_, then)) => of(then),
                None => of(otherwise),
            }
        }
        Kind::Switch { item, arms, otherwise } => {
            // No arm holds a missing value, so a missing item finds none.
            let item = of(item);
            match arms.iter().find(|(values, _)| values.contains(&item)) {
                Some((_, then)) => of(then),
                None => of(otherwise),
            }
        }
        Kind::Call(func, list) => {
            let arguments: Vec<Value> = list.iter().map(of).collect();
            func.call(&arguments)
        }
        Kind::Script(signature, list) => {
            let arguments: Vec<Value> = list.iter().map(of).collect();
            scripts.call(signature, &arguments)?
        }
    })
}

/// `+ - * / % **` on two numbers, and the three forms on dates; anything else, and missing, gives missing.
#[must_use]
pub fn arith(op: Arith, a: &Value, b: &Value) -> Value {
    let moved = |days: Option<i32>| match days.and_then(|d| Date::from_days(i64::from(d))) {
        Some(date) => Value::Date(date),
        None => Value::Missing,
    };
    match (op, a, b) {
        (_, Value::Number(a), Value::Number(b)) => Value::number(numbers::arith(op, *a, *b)),
        (Arith::Sub, Value::Date(a), Value::Date(b)) => Value::number(dates::days_between(b.days(), a.days())),
        (Arith::Add, Value::Date(day), Value::Number(n)) | (Arith::Add, Value::Number(n), Value::Date(day)) => {
            moved(dates::add_days(day.days(), *n))
        }
        (Arith::Sub, Value::Date(day), Value::Number(n)) => moved(dates::sub_days(day.days(), *n)),
        _ => Value::Missing,
    }
}

/// Compares two values of one type; missing if either is. Texts compare by code point, bools only for equality.
#[must_use]
pub fn compare(op: Compare, a: &Value, b: &Value) -> Value {
    let order = match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        // The bytes of UTF-8 are in the order of the code points.
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) if matches!(op, Compare::Eq | Compare::Ne) => Some(a.cmp(b)),
        _ => None,
    };
    order.map_or(Value::Missing, |order| {
        Value::Bool(match op {
            Compare::Eq => order.is_eq(),
            Compare::Ne => order.is_ne(),
            Compare::Lt => order.is_lt(),
            Compare::Le => order.is_le(),
            Compare::Gt => order.is_gt(),
            Compare::Ge => order.is_ge(),
        })
    })
}

/// Kleene `&&`: false if one is, otherwise missing if one is, otherwise true.
fn all(values: impl Iterator<Item = Value>) -> Value {
    let mut result = Value::Bool(true);
    for value in values {
        match value {
            Value::Bool(false) => return value,
            Value::Bool(true) => {}
            _ => result = Value::Missing,
        }
    }
    result
}

/// Kleene `||`: true if one is, otherwise missing if one is, otherwise false.
fn any(values: impl Iterator<Item = Value>) -> Value {
    let mut result = Value::Bool(false);
    for value in values {
        match value {
            Value::Bool(true) => return value,
            Value::Bool(false) => {}
            _ => result = Value::Missing,
        }
    }
    result
}

#[cfg(test)]
mod tests;
