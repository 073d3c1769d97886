//! How Rhai compares numbers: two that differ by less than the last digit or so count as equal.
//!
//! An expression compares exactly. Against a constant the same is said by another constant; two values take a little
//! arithmetic.

use crate::diag::Span;
use crate::expr::{Arith, Compare, Expr, Func, Kind, Type, Value};

/// Rhai's own formula (`builtin.rs`, `impl_float`).
pub(super) fn holds(op: Compare, x: f64, y: f64) -> bool {
    let max = if x * y == 0.0 { 1.0 } else { x.abs().max(y.abs()) };
    match op {
        Compare::Eq => (x - y).abs() / max <= f64::EPSILON,
        Compare::Ne => (x - y).abs() / max > f64::EPSILON,
        Compare::Gt => (x - y) / max > f64::EPSILON,
        Compare::Ge => (x - y) / max > -f64::EPSILON,
        Compare::Lt => (y - x) / max > f64::EPSILON,
        Compare::Le => (y - x) / max > -f64::EPSILON,
    }
}

/// `x op k` as exact comparisons with other constants; `None` if `k` is too close to 0 (or too large) for that.
pub(super) fn against(op: Compare, x: &Expr, k: f64) -> Option<Expr> {
    // Between these, the formula is monotone in x: only the neighbours of k are in doubt.
    let usual = k == 0.0 || (1e-9..=1e300).contains(&k.abs());
    if !usual {
        return None;
    }
    let compare = |op: Compare, k: f64| exact(op, x.clone(), number(k, x.span));
    Some(match op {
        Compare::Gt | Compare::Ge => compare(Compare::Ge, lowest(op, k)?),
        Compare::Lt | Compare::Le => compare(Compare::Le, -lowest(op, k)?),
        Compare::Eq | Compare::Ne => {
            let (low, high) = (band(k, -1.0)?, band(k, 1.0)?);
            let (inside, parts) = match op {
                Compare::Eq => (true, [compare(Compare::Ge, low), compare(Compare::Le, high)]),
                _ => (false, [compare(Compare::Lt, low), compare(Compare::Gt, high)]),
            };
            let kind = if inside { Kind::And(parts.to_vec()) } else { Kind::Or(parts.to_vec()) };
            Expr { kind, ty: Type::Bool, span: x.span }
        }
    })
}

/// How many neighbours of a number are looked at; two would do.
const NEIGHBOURS: usize = 8;

/// The neighbours of a number, ascending.
fn around(k: f64) -> Vec<f64> {
    if k == 0.0 {
        // Here "the last digit" is that of 1.
        let e = f64::EPSILON;
        return [-e, e].into_iter().flat_map(|x| [x.next_down(), x, x.next_up()]).collect();
    }
    let mut x = k;
    for _ in 0..NEIGHBOURS {
        x = x.next_down();
    }
    let mut all = Vec::new();
    for _ in 0..=2 * NEIGHBOURS {
        all.push(x);
        x = x.next_up();
    }
    all
}

/// The lowest x with `x op k`, for `>` and `>=`; for `<` and `<=`, minus the highest.
fn lowest(op: Compare, k: f64) -> Option<f64> {
    let (op, k) = match op {
        Compare::Lt => (Compare::Gt, -k),
        Compare::Le => (Compare::Ge, -k),
        op => (op, k),
    };
    let all = around(k);
    let first = all.iter().position(|x| holds(op, *x, k))?;
    // Monotone, and with room on both sides.
    let monotone = first > 0 && all.iter().skip(first).all(|x| holds(op, *x, k));
    if monotone { all.get(first).copied() } else { None }
}

/// The last number that equals k on one side of it.
fn band(k: f64, side: f64) -> Option<f64> {
    let mut all = around(k);
    if side < 0.0 {
        all.reverse();
    }
    let equal: Vec<bool> = all.iter().map(|x| holds(Compare::Eq, *x, k)).collect();
    let last = equal.iter().rposition(|x| *x)?;
    if last + 1 < equal.len() { all.get(last).copied() } else { None }
}

/// `a op b` of two numbers that are there. Both must be cheap to repeat: a name or a constant.
pub(super) fn between(op: Compare, a: &Expr, b: &Expr) -> Expr {
    let span = a.span;
    let node = |kind, ty| Expr { kind, ty, span };
    let arith = |op, x: Expr, y: Expr| node(Kind::Arith(op, Box::new(x), Box::new(y)), Type::Number);
    let abs = |x: &Expr| node(Kind::Call(Func::Abs, vec![x.clone()]), Type::Number);
    let either = |when: Expr, then: Expr, otherwise: Expr| {
        node(Kind::If { branches: vec![(when, then)], otherwise: Box::new(otherwise) }, Type::Number)
    };
    // A product too large to be there is not 0.
    let product = arith(Arith::Mul, a.clone(), b.clone());
    let larger = node(Kind::Call(Func::Max, vec![abs(a), abs(b)]), Type::Number);
    let max = either(exact(Compare::Eq, product, number(0.0, span)), number(1.0, span), larger);
    let (x, y) = match op {
        Compare::Lt | Compare::Le => (b, a),
        _ => (a, b),
    };
    let share = arith(Arith::Div, arith(Arith::Sub, x.clone(), y.clone()), max);
    // A difference too large to be there has a sign all the same.
    let sign = either(exact(Compare::Gt, x.clone(), y.clone()), number(2.0, span), number(-2.0, span));
    let share = node(Kind::Coalesce(vec![share, sign]), Type::Number);
    let size = node(Kind::Call(Func::Abs, vec![share.clone()]), Type::Number);
    match op {
        Compare::Eq => exact(Compare::Le, size, number(f64::EPSILON, span)),
        Compare::Ne => exact(Compare::Gt, size, number(f64::EPSILON, span)),
        Compare::Gt | Compare::Lt => exact(Compare::Gt, share, number(f64::EPSILON, span)),
        Compare::Ge | Compare::Le => exact(Compare::Gt, share, number(-f64::EPSILON, span)),
    }
}

/// A comparison as expressions make it.
pub(super) fn exact(op: Compare, a: Expr, b: Expr) -> Expr {
    let span = a.span;
    Expr { kind: Kind::Compare(op, Box::new(a), Box::new(b)), ty: Type::Bool, span }
}

fn number(x: f64, span: Span) -> Expr {
    Expr { kind: Kind::Const(Value::number(x)), ty: Type::Number, span }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;
    use crate::diag::FileId;
    use crate::expr::{Row, Slot, evaluate};
    use crate::script::Scripts;

    struct Two(f64, f64);

    impl Row for Two {
        fn get(&self, slot: Slot) -> Value {
            Value::number(if slot.0 == 0 { self.0 } else { self.1 })
        }
    }

    /// Both forms say what Rhai itself says, for neighbours and for numbers far apart.
    #[test]
    fn numbers_compare_as_in_rhai() {
        let span = Span::new(FileId(0), 0, 0);
        let slot = |n| Expr { kind: Kind::Slot(Slot(n)), ty: Type::Number, span };
        let engine = rhai::Engine::new();
        let ops = [Compare::Eq, Compare::Ne, Compare::Lt, Compare::Le, Compare::Gt, Compare::Ge];
        let scripts: Vec<rhai::AST> =
            ops.iter().map(|op| engine.compile(format!("x {} y", op.symbol())).unwrap()).collect();
        let mut numbers = vec![];
        for k in [
            0.0,
            1.0,
            3.0,
            10.0,
            0.1,
            0.6,
            1e-9,
            1e-12,
            1e-16,
            3e-17,
            1e-200,
            5e-324,
            180.0,
            1e15,
            1e300,
            1e308,
            f64::MAX,
        ] {
            for x in [k, -k] {
                numbers.extend([x, x.next_up(), x.next_down(), x.next_up().next_up(), x.next_down().next_down()]);
                numbers.extend([x * 1.000_000_000_000_001, x / 3.0]);
            }
        }
        numbers.extend([f64::EPSILON, -f64::EPSILON, f64::EPSILON.next_up(), f64::EPSILON.next_down()]);
        numbers.retain(|x| x.is_finite());
        for x in &numbers {
            for y in &numbers {
                let (x, y) = (x + 0.0, y + 0.0);
                for (op, script) in ops.iter().zip(&scripts) {
                    let mut scope = rhai::Scope::new();
                    scope.push("x", x).push("y", y);
                    let wanted = engine.eval_ast_with_scope::<bool>(&mut scope, script).unwrap();
                    assert_eq!(holds(*op, x, y), wanted, "{x:?} {} {y:?}", op.symbol());
                    let row = Two(x, y);
                    let value = |e: &Expr| evaluate(e, &row, &Scripts::default());
                    assert_eq!(value(&between(*op, &slot(0), &slot(1))), Value::Bool(wanted), "{x:?} {op:?} {y:?}");
                    if let Some(e) = against(*op, &slot(0), y) {
                        assert_eq!(value(&e), Value::Bool(wanted), "{x:?} {op:?} the constant {y:?}");
                    }
                }
            }
        }
        assert!(against(Compare::Gt, &slot(0), 0.0).is_some() && against(Compare::Eq, &slot(0), 0.6).is_some());
        assert!(against(Compare::Gt, &slot(0), 1e-12).is_none());
    }
}
