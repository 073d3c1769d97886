//! Operators: arithmetic, comparisons, `!`.

use rhai::Position;

use super::body::Lowerer;
use super::near;
use super::value::{EXACT, Low};
use super::{WhyNot, a};
use crate::expr::functions::numbers;
use crate::expr::{Arith, Compare, Expr, Kind, Type, Value, eval};

/// Whole numbers closer to 0 than this compare as floats do.
const APART: f64 = 1_125_899_906_842_624.0;

impl Lowerer<'_> {
    pub(super) fn unary(&mut self, symbol: &str, x: Low, at: Position) -> Result<Low, WhyNot> {
        let span = self.span(at);
        if x.ty.is_none() {
            return if x.unit { Err(self.no(at, format!("`{symbol}` of nothing"))) } else { Ok(x) };
        }
        self.require_some(&x, at);
        let x = Low { unit: false, at, ..x };
        match (symbol, x.ty) {
            ("-", Some(Type::Number)) => {
                if let Some(Value::Number(k)) = x.value() {
                    let expr = Expr { kind: Kind::Const(Value::number(-k)), ..x.expr.clone() };
                    return Ok(Low { expr, ..x.clone() }.within(-x.high, -x.low));
                }
                let expr = Expr { kind: Kind::Neg(Box::new(x.expr.clone())), ty: Type::Number, span };
                let (low, high) = (-x.high, -x.low);
                Ok(Low { expr, ..x }.within(low, high))
            }
            ("+", Some(Type::Number)) => Ok(x),
            ("!", Some(Type::Bool)) => {
                let expr = match &x.expr.kind {
                    Kind::Const(Value::Bool(b)) => Expr { kind: Kind::Const(Value::Bool(!b)), ..x.expr.clone() },
                    _ => Expr { kind: Kind::Not(Box::new(x.expr.clone())), ty: Type::Bool, span },
                };
                Ok(Low { expr, ..x })
            }
            (_, Some(ty)) => Err(self.no(at, format!("`{symbol}` of {}", a(ty)))),
            (_, None) => Ok(x),
        }
    }

    pub(super) fn binary(&mut self, symbol: &str, x: Low, y: Low, at: Position) -> Result<Low, WhyNot> {
        let compare = match symbol {
            "==" => Some(Compare::Eq),
            "!=" => Some(Compare::Ne),
            "<" => Some(Compare::Lt),
            "<=" => Some(Compare::Le),
            ">" => Some(Compare::Gt),
            ">=" => Some(Compare::Ge),
            _ => None,
        };
        if let Some(op) = compare {
            return self.compare(op, x, y, at);
        }
        let op = match symbol {
            "+" => Arith::Add,
            "-" => Arith::Sub,
            "*" => Arith::Mul,
            "/" => Arith::Div,
            "%" => Arith::Rem,
            "**" => Arith::Pow,
            _ => return Err(self.no(at, format!("an expression has no `{symbol}`"))),
        };
        let (Some(left), Some(right)) = (x.ty, y.ty) else {
            let unit = |z: &Low| z.ty.is_none() && z.unit;
            if unit(&x) || unit(&y) {
                return Err(self.no(at, "it computes with nothing, `()`"));
            }
            return Ok(if x.ty.is_none() { x } else { y });
        };
        if left == Type::Text || right == Type::Text {
            return Err(self.no(at, "an expression cannot join texts"));
        }
        self.require_some(&x, at);
        self.require_some(&y, at);
        let (x, y) = (Low { unit: false, ..x }, Low { unit: false, ..y });
        match (op, left, right) {
            (_, Type::Number, Type::Number) => self.arithmetic(op, x, y, at),
            (Arith::Add | Arith::Sub, Type::Date, Type::Number) => {
                // A date beyond the calendar is `()`, and so is one moved by what is no number.
                let made = self.node(op, &x, &y, Type::Date, at);
                Ok(Low { unit: true, ..Low::of(made, at) })
            }
            (Arith::Sub, Type::Date, Type::Date) => {
                let made = self.node(op, &x, &y, Type::Number, at);
                Ok(Low::of(made, at).within(-4e6, 4e6))
            }
            _ => Err(self.no(at, format!("`{symbol}` of {} and {}", a(left), a(right)))),
        }
    }

    fn node(&self, op: Arith, x: &Low, y: &Low, ty: Type, at: Position) -> Expr {
        let kind = Kind::Arith(op, Box::new(x.expr.clone()), Box::new(y.expr.clone()));
        Expr { kind, ty, span: self.span(at) }
    }

    fn arithmetic(&mut self, op: Arith, x: Low, y: Low, at: Position) -> Result<Low, WhyNot> {
        let whole = x.int && y.int;
        match op {
            Arith::Div if whole => {
                let reason = "it may divide whole numbers, where `1 / 2` is 0; write `2.0` for `2`";
                return Err(self.no(at, reason));
            }
            Arith::Rem | Arith::Pow if whole => {
                return Err(self.no(at, format!("`{}` of whole numbers", op.symbol())));
            }
            _ => {}
        }
        // What is divided by, and both sides of a power, must be numbers: 1 / inf is 0 again.
        if matches!(op, Arith::Div | Arith::Rem | Arith::Pow) {
            self.require_there_if_wild(&y, at);
        }
        if op == Arith::Pow {
            self.require_there_if_wild(&x, at);
        }
        let corners = |f: fn(f64, f64) -> f64| {
            let all = [f(x.low, y.low), f(x.low, y.high), f(x.high, y.low), f(x.high, y.high)];
            if all.iter().any(|z| z.is_nan()) {
                return (f64::NEG_INFINITY, f64::INFINITY);
            }
            (all.iter().copied().fold(f64::INFINITY, f64::min), all.iter().copied().fold(f64::NEG_INFINITY, f64::max))
        };
        let around_zero = y.low <= 0.0 && y.high >= 0.0;
        let (low, high) = match op {
            Arith::Add => (x.low + y.low, x.high + y.high),
            Arith::Sub => (x.low - y.high, x.high - y.low),
            Arith::Mul => corners(|a, b| a * b),
            Arith::Div if !around_zero => corners(|a, b| a / b),
            Arith::Rem if !around_zero => {
                let most = x.low.abs().max(x.high.abs());
                (-most, most)
            }
            Arith::Div | Arith::Rem | Arith::Pow => (f64::NEG_INFINITY, f64::INFINITY),
        };
        let mut made = Low::of(self.node(op, &x, &y, Type::Number, at), at);
        if let (Some(Value::Number(p)), Some(Value::Number(q))) = (x.value(), y.value()) {
            let known = numbers::arith(op, *p, *q);
            if known.is_finite() {
                made = Low::constant(Value::number(known), made.expr.span, at);
            }
        }
        made.wild = x.wild || (y.wild && matches!(op, Arith::Add | Arith::Sub | Arith::Mul));
        made.float = x.float || y.float;
        made.int = whole;
        if whole {
            made.reach = if op == Arith::Mul { x.reach * y.reach } else { x.reach + y.reach };
            if made.reach > EXACT {
                return Err(self.no(at, "a whole number may become too large"));
            }
        }
        if made.value().is_none() {
            made = made.within(low, high);
        }
        Ok(made)
    }

    pub(super) fn require_there_if_wild(&mut self, x: &Low, at: Position) {
        if x.wild {
            self.require_there(x, at);
        }
    }

    /// A comparison; never missing.
    pub(super) fn compare(&mut self, op: Compare, x: Low, y: Low, at: Position) -> Result<Low, WhyNot> {
        let span = self.span(at);
        let known = |b: bool| Low::constant(Value::Bool(b), span, at);
        let (left, right) = match (x.ty, y.ty) {
            (Some(left), Some(right)) => (left, right),
            (None, _) if !x.unit => return Ok(x),
            (_, None) if !y.unit => return Ok(y),
            (None, None) => return Ok(known(op == Compare::Eq)),
            (left, _) => {
                let one = if left.is_some() { x } else { y };
                let (Compare::Eq | Compare::Ne) = op else { return Ok(known(false)) };
                if one.unit && one.wild {
                    self.require_there(&one, at);
                }
                if !one.unit || one.wild {
                    return Ok(known(op == Compare::Ne));
                }
                return Ok(Low::of(self.is_missing(&one, op == Compare::Eq), at));
            }
        };
        if left != right {
            return Err(self.no(at, format!("it compares {} with {}", a(left), a(right))));
        }
        if left == Type::Bool && !matches!(op, Compare::Eq | Compare::Ne) {
            return Err(self.no(at, "it asks which bool is greater"));
        }
        for one in [&x, &y] {
            self.require_there_if_wild(one, at);
        }
        // `()` is another type: unequal, and neither less nor greater.
        let unit = [&x, &y].into_iter().filter(|one| one.unit && !one.wild).count();
        if unit == 2 {
            self.require_there(&y, at);
        }
        if let (Some(p), Some(q)) = (x.value(), y.value()) {
            let answer = match (p, q) {
                (Value::Number(p), Value::Number(q)) => near::holds(op, *p, *q),
                (p, q) => eval::compare(op, p, q) == Value::Bool(true),
            };
            return Ok(known(answer));
        }
        let made = if left == Type::Number { self.numbers(op, x, y, at)? } else { near::exact(op, x.expr, y.expr) };
        let mut made = Expr { span, ..made };
        if unit > 0 {
            let otherwise = Expr { kind: Kind::Const(Value::Bool(op == Compare::Ne)), ty: Type::Bool, span };
            made = Expr { kind: Kind::Coalesce(vec![made, otherwise]), ty: Type::Bool, span };
        }
        Ok(Low::of(made, at))
    }

    fn numbers(&mut self, op: Compare, x: Low, y: Low, at: Position) -> Result<Expr, WhyNot> {
        let whole = x.int && y.int;
        if whole && x.reach.max(y.reach) > APART {
            return Err(self.no(at, "it compares whole numbers that may be very large"));
        }
        if whole && !x.float && !y.float {
            return Ok(near::exact(op, x.expr, y.expr));
        }
        let (x, y) = (self.name(x), self.name(y));
        let constant = |z: &Low| z.value().and_then(Value::as_number);
        let simple = match (constant(&x), constant(&y)) {
            (_, Some(k)) => near::against(op, &x.expr, k),
            (Some(k), _) => near::against(op.mirrored(), &y.expr, k),
            _ => None,
        };
        Ok(simple.unwrap_or_else(|| near::between(op, &x.expr, &y.expr)))
    }
}
