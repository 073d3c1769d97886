#![doc = include_str!("manual/RG0542.md")]

use std::collections::HashMap;

use super::places::{Behind, Index, places};
use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Arith, Compare, Expr, Func, Kind, Slot, Type, Value};
use crate::pack::{Aggregate, Table};

/// `==` on what is hardly ever exactly equal.
pub const LINT: Lint = Lint {
    code: code::DIVISION_EQUALITY,
    name: "division_equality",
    level: Level::Warn,
    what: "`==`, `!=` or `in` on a number that comes from a division",
    run,
};

/// Why a number has digits without end.
#[derive(Debug, Clone)]
struct Fraction {
    /// `a division`
    by: &'static str,
    /// Where it comes about.
    span: Span,
    /// Whether 0 and 1 are exact: a quotient or a share itself, not what is made of it.
    plain: bool,
}

type Known = HashMap<Slot, Fraction>;

fn run(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let index = Index::new(pack);
    let mut known = Known::new();
    for rollup in &pack.rollups {
        let by = match rollup.aggregate {
            Aggregate::Mean => "a mean",
            Aggregate::Share(_) => "a share",
            Aggregate::Quantile(_) | Aggregate::QuantileGap(_) => "a median or quantile",
            _ => match rollup.value.as_ref().and_then(|value| fraction(value, &known, &index, None)) {
                Some(fraction) => fraction.by,
                None => continue,
            },
        };
        known.insert(rollup.slot, Fraction { by, span: rollup.span, plain: true });
    }
    for fact in &pack.facts {
        if let Some(fraction) = fraction(&fact.expr, &known, &index, None) {
            known.insert(fact.slot, fraction);
        }
    }
    for place in places(pack) {
        let mut say = |item: &Expr, with: Option<&Value>, at: Span, op: &str| {
            let Some(fraction) = fraction(item, &known, &index, place.table) else { return };
            let exact = matches!(with, Some(Value::Number(x)) if *x == 0.0 || *x == 1.0);
            if item.ty != Type::Number || (exact && fraction.plain) {
                return;
            }
            let message = format!("`{op}` on a number that comes from {}", fraction.by);
            let mut diagnostic = Diagnostic::warning(code::DIVISION_EQUALITY, at, message)
                .label("equal only if every digit is")
                .help("ask for a range (`x >= 0.1 && x < 0.2`), or round both sides: `round(x, 2) == 0.15`");
            if fraction.span.file != at.file || fraction.span.start < at.start || fraction.span.end > at.end {
                diagnostic = diagnostic.related(fraction.span, format!("{} here", fraction.by));
            }
            found.push(diagnostic);
        };
        place.expr.walk(&mut |expr| match &expr.kind {
            Kind::Compare(op @ (Compare::Eq | Compare::Ne), a, b) => {
                let constant = |expr: &Expr| match &expr.kind {
                    Kind::Const(value) => Some(value.clone()),
                    _ => None,
                };
                if fraction(a, &known, &index, place.table).is_some() {
                    say(a, constant(b).as_ref(), expr.span, op.symbol());
                } else {
                    say(b, constant(a).as_ref(), expr.span, op.symbol());
                }
            }
            Kind::In { item, negated, list } => {
                let exact =
                    list.iter().all(|x| matches!(x.kind, Kind::Const(Value::Number(x)) if x == 0.0 || x == 1.0));
                let with = exact.then_some(Value::Number(0.0));
                say(item, with.as_ref(), expr.span, if *negated { "!in" } else { "in" });
            }
            Kind::Switch { item, .. } => say(item, None, expr.span, "switch"),
            _ => {}
        });
    }
}

/// Where an expression's digits without end come from; `None` if it is a whole number, or rounded.
fn fraction(expr: &Expr, known: &Known, index: &Index<'_>, table: Option<&Table>) -> Option<Fraction> {
    let within = |x: &Expr| fraction(x, known, index, table);
    let part = |x: &Expr| within(x).map(|fraction| Fraction { plain: false, ..fraction });
    match &expr.kind {
        Kind::Slot(slot) => match index.behind(*slot, table) {
            Behind::Fact(_) | Behind::Rollup(_) => known.get(slot).cloned(),
            _ => None,
        },
        Kind::Arith(Arith::Div, _, _) => Some(Fraction { by: "a division", span: expr.span, plain: true }),
        Kind::Arith(Arith::Pow, a, b) => part(a).or_else(|| part(b)),
        Kind::Arith(_, a, b) if expr.ty == Type::Number => part(a).or_else(|| part(b)),
        Kind::Neg(x) => part(x),
        Kind::Coalesce(list) => list.iter().find_map(within),
        Kind::If { branches, otherwise } => {
            branches.iter().map(|(_, then)| then).chain([otherwise.as_ref()]).find_map(within)
        }
        Kind::Switch { arms, otherwise, .. } => {
            arms.iter().map(|(_, then)| then).chain([otherwise.as_ref()]).find_map(within)
        }
        Kind::Call(Func::Sqrt, _) => Some(Fraction { by: "a square root", span: expr.span, plain: true }),
        Kind::Call(Func::Ln | Func::Exp, _) => {
            Some(Fraction { by: "a logarithm or power", span: expr.span, plain: true })
        }
        Kind::Call(Func::Min | Func::Max | Func::Clamp | Func::Abs, list) => list.iter().find_map(within),
        _ => None,
    }
}
