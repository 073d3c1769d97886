//! What is known of a value of a script before it runs.

use rhai::Position;

use crate::diag::Span;
use crate::expr::{Expr, Kind, Type, Value};

/// A value: one, or a list written out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Val {
    One(Low),
    /// Its elements are constants.
    List(Vec<Low>),
}

/// A value as an expression, and how it differs in Rhai.
///
/// Where the expression is missing, the value in Rhai is `()`, or a number that is not finite; `unit` and `wild` say which of
/// the two can be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Low {
    pub(super) expr: Expr,
    /// `None` if it can only be `()`, or is never reached.
    pub(super) ty: Option<Type>,
    /// It may be `()`.
    pub(super) unit: bool,
    /// It may be infinite, or no number at all.
    pub(super) wild: bool,
    /// Of a number: it may be a float.
    pub(super) float: bool,
    /// Of a number: it may be a whole number, which Rhai computes with differently.
    pub(super) int: bool,
    /// How far from 0 it may be where it is a whole number.
    pub(super) reach: f64,
    /// Of a number that is there and finite: its bounds.
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) at: Position,
}

/// Whole numbers up to here are the same as floats, and so are their sums and products.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

impl Low {
    /// A value of a type; a number may be any finite float.
    pub(super) fn of(expr: Expr, at: Position) -> Low {
        let ty = expr.ty;
        Low {
            expr,
            ty: Some(ty),
            unit: false,
            wild: false,
            float: ty == Type::Number,
            int: false,
            reach: 0.0,
            low: f64::MIN,
            high: f64::MAX,
            at,
        }
    }

    /// `()`
    pub(super) fn nothing(span: Span, at: Position) -> Low {
        let expr = Expr { kind: Kind::Const(Value::Missing), ty: Type::Number, span };
        Low { ty: None, unit: true, float: false, ..Low::of(expr, at) }
    }

    /// What is never reached.
    pub(super) fn never(span: Span, at: Position) -> Low {
        Low { unit: false, ..Low::nothing(span, at) }
    }

    pub(super) fn constant(value: Value, span: Span, at: Position) -> Low {
        let Some(ty) = value.ty() else { return Low::nothing(span, at) };
        let bounds = value.as_number();
        let mut low = Low::of(Expr { kind: Kind::Const(value), ty, span }, at);
        if let Some(x) = bounds {
            (low.low, low.high) = (x, x);
        }
        low
    }

    /// A whole number, if it is one a float holds exactly.
    pub(super) fn whole(n: i64, span: Span, at: Position) -> Option<Low> {
        let x = n as f64;
        let known = Low { float: false, int: true, reach: x.abs(), ..Low::constant(Value::number(x), span, at) };
        (x.abs() <= EXACT).then_some(known)
    }

    /// The same with other bounds. What leaves the finite numbers is wild.
    pub(super) fn within(mut self, low: f64, high: f64) -> Low {
        let inside = low.is_finite() && high.is_finite();
        self.wild |= !inside;
        (self.low, self.high) = if inside { (low, high) } else { (f64::MIN, f64::MAX) };
        self
    }

    /// Its constant value, if it is one.
    pub(super) fn value(&self) -> Option<&Value> {
        match &self.expr.kind {
            Kind::Const(value) if self.ty.is_some() => Some(value),
            _ => None,
        }
    }

    /// Whether the expression may be missing.
    pub(super) fn may_be_missing(&self) -> bool {
        self.unit || self.wild || self.ty.is_none()
    }

    /// Whether the same expression stands for both.
    pub(super) fn same(&self, other: &Low) -> bool {
        self.ty == other.ty && same(&self.expr, &other.expr)
    }
}

/// Equal, wherever they are written. Only what is cheap to compare: names and constants.
fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Slot(a), Kind::Slot(b)) => a == b,
        (Kind::Const(a), Kind::Const(b)) => a == b,
        _ => false,
    }
}

/// What is known of a value that is one of several; `None` if they are of different types.
pub(super) fn join(list: &[Low]) -> Option<Low> {
    let mut list = list.iter();
    let mut all = list.next()?.clone();
    for x in list {
        match (all.ty, x.ty) {
            (Some(a), Some(b)) if a != b => return None,
            (None, Some(_)) => {
                all = Low { unit: all.unit || x.unit, ..x.clone() };
            }
            (Some(_), None) => all.unit |= x.unit,
            (None, None) => all.unit |= x.unit,
            (Some(_), Some(_)) => {
                all.unit |= x.unit;
                all.wild |= x.wild;
                all.float |= x.float;
                all.int |= x.int;
                all.reach = all.reach.max(x.reach);
                all.low = all.low.min(x.low);
                all.high = all.high.max(x.high);
            }
        }
    }
    Some(all)
}
