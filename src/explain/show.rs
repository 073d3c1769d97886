//! Writes a typed expression back as text, so that one clause of a rule can be shown on its own.

use crate::expr::{Compare, Expr, Func, Kind, Names, Value};

/// The text of an expression, in the syntax it was read in, with no more parentheses than needed.
#[must_use]
pub fn show(expr: &Expr, names: &Names) -> String {
    let mut out = String::new();
    write(&mut out, expr, names, 0);
    out
}

/// A constant as it is written in an expression.
#[must_use]
pub fn literal(value: &Value) -> String {
    match value {
        Value::Missing => "()".to_owned(),
        Value::Number(x) => x.to_string(),
        Value::Text(t) => format!("\"{}\"", t.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")),
        Value::Bool(b) => b.to_string(),
        Value::Date(d) => format!("date(\"{d}\")"),
    }
}

/// How tightly a form binds, as in Rhai; what binds less tightly than its place asks for is put in parentheses.
fn precedence(kind: &Kind) -> u8 {
    use crate::expr::Arith;
    match kind {
        Kind::Or(_) => 30,
        Kind::And(_) => 60,
        Kind::Compare(Compare::Eq | Compare::Ne, ..) | Kind::IsMissing { .. } => 90,
        Kind::In { .. } => 110,
        Kind::Compare(..) => 130,
        Kind::Coalesce(_) => 135,
        Kind::Arith(Arith::Add | Arith::Sub, ..) => 150,
        Kind::Arith(Arith::Mul | Arith::Div | Arith::Rem, ..) => 180,
        Kind::Arith(Arith::Pow, ..) => 190,
        Kind::Neg(_) | Kind::Not(_) => 220,
        Kind::Const(Value::Number(x)) if *x < 0.0 => 220,
        Kind::Const(_) | Kind::Slot(_) | Kind::If { .. } | Kind::Switch { .. } | Kind::Call(..) | Kind::Script(..) => {
            255
        }
    }
}

fn write(out: &mut String, expr: &Expr, names: &Names, least: u8) {
    let own = precedence(&expr.kind);
    let parenthesised = own < least;
    if parenthesised {
        out.push('(');
    }
    match &expr.kind {
        Kind::Const(value) => out.push_str(&literal(value)),
        Kind::Slot(slot) => out.push_str(&names.get(*slot).name),
        Kind::Neg(x) => prefix(out, "-", x, names),
        Kind::Not(x) => prefix(out, "!", x, names),
        Kind::Arith(op, a, b) => infix(out, [a, b], op.symbol(), names, own),
        Kind::Compare(op, a, b) => infix(out, [a, b], op.symbol(), names, own),
        Kind::IsMissing { item, missing } => {
            write(out, item, names, own + 1);
            out.push_str(if *missing { " == ()" } else { " != ()" });
        }
        Kind::And(list) => chain(out, list, " && ", names, own),
        Kind::Or(list) => chain(out, list, " || ", names, own),
        Kind::Coalesce(list) => chain(out, list, " ?? ", names, own),
        Kind::In { item, list, negated } => {
            write(out, item, names, own + 1);
            out.push_str(if *negated { " !in [" } else { " in [" });
            arguments(out, list, names);
            out.push(']');
        }
        Kind::If { branches, otherwise } => {
            for (i, (condition, then)) in branches.iter().enumerate() {
                out.push_str(if i == 0 { "if " } else { " else if " });
                write(out, condition, names, 0);
                out.push_str(" { ");
                write(out, then, names, 0);
                out.push_str(" }");
            }
            if otherwise.kind != Kind::Const(Value::Missing) {
                out.push_str(" else { ");
                write(out, otherwise, names, 0);
                out.push_str(" }");
            }
        }
        Kind::Switch { item, arms, otherwise } => {
            out.push_str("switch ");
            write(out, item, names, 0);
            out.push_str(" { ");
            for (values, then) in arms {
                out.push_str(&values.iter().map(literal).collect::<Vec<_>>().join(" | "));
                out.push_str(" => ");
                write(out, then, names, 0);
                out.push_str(", ");
            }
            out.push_str("_ => ");
            write(out, otherwise, names, 0);
            out.push_str(" }");
        }
        Kind::Call(func, list) => {
            out.push_str(func.name());
            out.push('(');
            arguments(out, list, names);
            match func {
                Func::Matches(pattern) => out.push_str(&format!(", {}", literal(&Value::text(pattern.text.as_str())))),
                Func::Mentions(words) => {
                    let words = words.list.iter().map(|w| literal(&Value::text(w.as_str())));
                    out.push_str(&format!(", [{}]", words.collect::<Vec<_>>().join(", ")));
                }
                _ => {}
            }
            out.push(')');
        }
        Kind::Script(signature, list) => {
            out.push_str(&signature.path());
            out.push('(');
            arguments(out, list, names);
            out.push(')');
        }
    }
    if parenthesised {
        out.push(')');
    }
}

fn prefix(out: &mut String, sign: &str, x: &Expr, names: &Names) {
    out.push_str(sign);
    write(out, x, names, 221);
}

/// Left to right, so that only the right side needs parentheses among equals.
fn infix(out: &mut String, [a, b]: [&Expr; 2], symbol: &str, names: &Names, own: u8) {
    write(out, a, names, own);
    out.push(' ');
    out.push_str(symbol);
    out.push(' ');
    write(out, b, names, own + 1);
}

fn chain(out: &mut String, list: &[Expr], between: &str, names: &Names, own: u8) {
    for (i, x) in list.iter().enumerate() {
        if i > 0 {
            out.push_str(between);
        }
        write(out, x, names, own + 1);
    }
}

fn arguments(out: &mut String, list: &[Expr], names: &Names) {
    for (i, x) in list.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write(out, x, names, 0);
    }
}
