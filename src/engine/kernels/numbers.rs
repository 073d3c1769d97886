//! Arithmetic, comparison and functions of numbers and dates.

use super::super::op::{Binary, Unary};
use super::{Arg, map, operate, zip};
use crate::expr::functions::{dates, numbers};
use crate::expr::{Arith, Compare, Date};

/// Infinity becomes missing, -0 becomes 0.
#[inline(always)]
pub(in crate::engine) fn settle(r: f64) -> f64 {
    r + nothing(r)
}

/// 0 of a finite number, NaN of any other.
#[inline(always)]
#[expect(clippy::eq_op, reason = "NaN and infinity differ from themselves")]
fn nothing(r: f64) -> f64 {
    r - r
}

/// The next whole number below, without a call: SSE2 has no instruction for it.
#[inline(always)]
fn floor(x: f64) -> f64 {
    // From 2^52 on every double is whole; below, adding and subtracting it rounds to a whole number.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    let size = x.abs();
    let near = ((size + WHOLE) - WHOLE).copysign(x);
    let below = if near > x { near - 1.0 } else { near };
    settle(if size < WHOLE { below } else { x })
}

#[inline(always)]
fn within(day: f64) -> f64 {
    let (first, last) = (f64::from(Date::MIN.days()), f64::from(Date::MAX.days()));
    if (day >= first) & (day <= last) { day } else { f64::NAN }
}

#[inline(always)]
fn of_date(x: f64, f: impl Fn(i32) -> i32) -> f64 {
    if x.is_nan() { f64::NAN } else { f64::from(f(x as i32)) }
}

#[inline(always)]
fn of_dates(a: f64, b: f64, f: impl Fn(i32, i32) -> f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { f(a as i32, b as i32) }
}

fn add_months(day: f64, n: f64) -> f64 {
    if day.is_nan() || n.is_nan() {
        return f64::NAN;
    }
    dates::add_months(day as i32, n).map_or(f64::NAN, f64::from)
}

pub(in crate::engine) fn arith(op: Arith, out: &mut [f64], a: Arg<'_>, b: Arg<'_>) {
    match op {
        Arith::Add => operate(out, a, b, |x, y| settle(x + y)),
        Arith::Sub => operate(out, a, b, |x, y| settle(x - y)),
        Arith::Mul => operate(out, a, b, |x, y| settle(x * y)),
        Arith::Div => operate(out, a, b, |x, y| settle(x / y)),
        Arith::Rem => operate(out, a, b, numbers::rem),
        Arith::Pow => operate(out, a, b, numbers::pow),
    }
}

pub(in crate::engine) fn unary(op: Unary, out: &mut [f64], a: &[f64]) {
    match op {
        Unary::Neg => map(out, a, |x| 0.0 - x),
        Unary::Abs => map(out, a, f64::abs),
        Unary::Floor => map(out, a, floor),
        Unary::Ceil => map(out, a, |x| 0.0 - floor(-x)),
        Unary::Sqrt => map(out, a, f64::sqrt),
        Unary::Ln => map(out, a, numbers::ln),
        Unary::Exp => map(out, a, numbers::exp),
        Unary::Year => map(out, a, |x| of_date(x, dates::year)),
        Unary::Month => map(out, a, |x| of_date(x, dates::month)),
        Unary::Day => map(out, a, |x| of_date(x, dates::day)),
        Unary::Weekday => map(out, a, |x| of_date(x, dates::weekday)),
    }
}

/// The same on one number.
pub(in crate::engine) fn unary_one(op: Unary, x: f64) -> f64 {
    let mut out = [f64::NAN];
    unary(op, &mut out, &[x]);
    let [y] = out;
    y
}

pub(in crate::engine) fn binary(op: Binary, out: &mut [f64], a: Arg<'_>, b: Arg<'_>) {
    match op {
        // A sum that is NaN passes on whichever is missing; both are finite otherwise, and it adds 0.
        Binary::Min => operate(out, a, b, |x, y| (if y < x { y } else { x }) + (nothing(x) + nothing(y))),
        Binary::Max => operate(out, a, b, |x, y| (if y > x { y } else { x }) + (nothing(x) + nothing(y))),
        Binary::Round => operate(out, a, b, numbers::round),
        Binary::Days => operate(out, a, b, |x, y| x - y),
        Binary::Later => operate(out, a, b, |x, n| within(x + floor(n))),
        Binary::Earlier => operate(out, a, b, |x, n| within(x - floor(n))),
        Binary::AddMonths => operate(out, a, b, add_months),
        Binary::MonthsBetween => operate(out, a, b, |x, y| of_dates(x, y, dates::months_between)),
        Binary::YearsBetween => operate(out, a, b, |x, y| of_dates(x, y, dates::years_between)),
    }
}

/// The same on one pair.
pub(in crate::engine) fn binary_one(op: Binary, x: f64, y: f64) -> f64 {
    let mut out = [f64::NAN];
    binary(op, &mut out, Arg::Const(x), Arg::Const(y));
    let [z] = out;
    z
}

pub(in crate::engine) fn clamp(out: &mut [f64], a: &[f64], low: f64, high: f64) {
    // Written so that NaN falls through both.
    map(out, a, |x| {
        let x = if x < low { low } else { x };
        if x > high { high } else { x }
    });
}

pub(in crate::engine) fn or_else(out: &mut [f64], a: &[f64], b: Arg<'_>) {
    operate(out, Arg::Lanes(a), b, |x, y| if x.is_nan() { y } else { x });
}

pub(in crate::engine) fn pick(out: &mut [f64], mask: &[u8], yes: Arg<'_>, no: Arg<'_>) {
    match (yes, no) {
        (Arg::Lanes(a), Arg::Lanes(b)) => {
            for (((o, m), a), b) in out.iter_mut().zip(mask).zip(a).zip(b) {
                *o = if *m != 0 { *a } else { *b };
            }
        }
        (Arg::Lanes(a), Arg::Const(k)) => zip(out, mask, a, |m, x| if m != 0 { x } else { k }),
        (Arg::Const(k), Arg::Lanes(b)) => zip(out, mask, b, |m, x| if m != 0 { k } else { x }),
        (Arg::Const(a), Arg::Const(b)) => map(out, mask, |m| if m != 0 { a } else { b }),
    }
}

pub(in crate::engine) fn compare(op: Compare, out: &mut [u8], a: Arg<'_>, b: Arg<'_>) {
    match op {
        Compare::Eq => operate(out, a, b, |x, y| u8::from(x == y)),
        Compare::Ne => operate(out, a, b, |x, y| u8::from((x < y) | (x > y))),
        Compare::Lt => operate(out, a, b, |x, y| u8::from(x < y)),
        Compare::Le => operate(out, a, b, |x, y| u8::from(x <= y)),
        Compare::Gt => operate(out, a, b, |x, y| u8::from(x > y)),
        Compare::Ge => operate(out, a, b, |x, y| u8::from(x >= y)),
    }
}

/// The same on one pair.
pub(in crate::engine) fn compare_one(op: Compare, x: f64, y: f64) -> bool {
    let mut out = [0];
    compare(op, &mut out, Arg::Const(x), Arg::Const(y));
    out == [1]
}

pub(in crate::engine) fn there(out: &mut [u8], a: &[f64]) {
    map(out, a, |x| u8::from(!x.is_nan()));
}
