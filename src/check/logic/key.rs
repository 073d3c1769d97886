//! What an expression says, wherever it is written: two parts with the same key always have the same value.

use std::fmt::Write as _;

use crate::expr::{Expr, Func, Kind};

/// Writes the key of an expression.
pub(super) fn write(expr: &Expr, out: &mut String) {
    let mut list = |name: &str, parts: &[&Expr]| {
        out.push_str(name);
        out.push('(');
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            write(part, out);
        }
        out.push(')');
    };
    match &expr.kind {
        // A missing value has a type, too, but it is the same nothing.
        Kind::Const(value) => out.push_str(&value.literal()),
        Kind::Slot(slot) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "#{}", slot.0);
        }
        Kind::Neg(x) => list("-", &[x]),
        Kind::Not(x) => list("!", &[x]),
        Kind::Arith(op, a, b) => list(op.symbol(), &[a, b]),
        Kind::Compare(op, a, b) => list(op.symbol(), &[a, b]),
        Kind::IsMissing { item, missing } => list(if *missing { "missing" } else { "there" }, &[item]),
        Kind::And(parts) => list("&&", &parts.iter().collect::<Vec<_>>()),
        Kind::Or(parts) => list("||", &parts.iter().collect::<Vec<_>>()),
        Kind::Coalesce(parts) => list("??", &parts.iter().collect::<Vec<_>>()),
        Kind::In { item, list: of, negated } => {
            let parts: Vec<&Expr> = std::iter::once(&**item).chain(of).collect();
            list(if *negated { "!in" } else { "in" }, &parts);
        }
        Kind::If { branches, otherwise } => {
            let parts: Vec<&Expr> = branches.iter().flat_map(|(a, b)| [a, b]).chain([&**otherwise]).collect();
            list("if", &parts);
        }
        Kind::Switch { item, arms, otherwise } => {
            list("switch", &[item]);
            for (values, then) in arms {
                for value in values {
                    out.push('|');
                    out.push_str(&value.literal());
                }
                out.push_str("=>");
                write(then, out);
            }
            out.push('_');
            write(otherwise, out);
        }
        Kind::Call(func, parts) => {
            let constant = match func {
                Func::Matches(pattern) => format!("matches{:?}", pattern.text),
                Func::Mentions(words) => format!("mentions{:?}", words.list),
                other => other.name().to_owned(),
            };
            list(&constant, &parts.iter().collect::<Vec<_>>());
        }
        Kind::Script(signature, parts) => list(&signature.path(), &parts.iter().collect::<Vec<_>>()),
    }
}
