//! Wrong operators, planted on one side.

use regain::expr::{Expr, Func, Kind, Type, Value};

use super::generate::{ARITH, COMPARE, Random};
use super::harness::{World, span};

fn expr(kind: Kind, ty: Type) -> Expr {
    Expr { kind, ty, span: span() }
}

/// Right and wrong, by name.
pub(crate) fn pairs(world: &World) -> Vec<(String, Expr, Expr)> {
    let read = |name: &str| Box::new(world.read(name));
    let mut pairs = Vec::new();
    for (i, right) in ARITH.into_iter().enumerate() {
        for wrong in ARITH.into_iter().skip(i + 1) {
            let of = |op| expr(Kind::Arith(op, read("n0"), read("n2")), Type::Number);
            pairs.push((format!("{right:?} for {wrong:?}"), of(right), of(wrong)));
        }
    }
    for (a, b) in [("n2", "n3"), ("t0", "t1"), ("d0", "d1")] {
        for (i, right) in COMPARE.into_iter().enumerate() {
            for wrong in COMPARE.into_iter().skip(i + 1) {
                // Equal dates are rare: compare with a date of the column itself.
                let (a, b) = if a == "d0" { (read("d0"), constant_date(world)) } else { (read(a), read(b)) };
                let of = |op| expr(Kind::Compare(op, a.clone(), b.clone()), Type::Bool);
                pairs.push((format!("{right:?} for {wrong:?} of {:?}", a.ty), of(right), of(wrong)));
            }
        }
    }
    let bools = || vec![world.read("b0"), world.read("b1")];
    pairs.push(("and for or".to_owned(), expr(Kind::And(bools()), Type::Bool), expr(Kind::Or(bools()), Type::Bool)));
    let first = expr(Kind::Coalesce(vec![world.read("n0"), world.read("n2")]), Type::Number);
    let last = expr(Kind::Coalesce(vec![world.read("n2"), world.read("n0")]), Type::Number);
    pairs.push(("coalesce the other way round".to_owned(), first, last));
    let asks = |missing| expr(Kind::IsMissing { item: read("t2"), missing }, Type::Bool);
    pairs.push(("is there for is missing".to_owned(), asks(true), asks(false)));
    let calls =
        |func: Func, names: &[&str], ty| expr(Kind::Call(func, names.iter().map(|n| world.read(n)).collect()), ty);
    for (right, wrong, names) in [
        (Func::Min, Func::Max, &["n0", "n1"][..]),
        (Func::Floor, Func::Ceil, &["n0"]),
        (Func::Floor, Func::Round, &["n0"]),
        (Func::Month, Func::Day, &["d0"]),
        (Func::MonthsBetween, Func::YearsBetween, &["d0", "d1"]),
        (Func::DaysBetween, Func::MonthsBetween, &["d0", "d1"]),
    ] {
        let name = format!("{} for {}", right.name(), wrong.name());
        pairs.push((name, calls(right, names, Type::Number), calls(wrong, names, Type::Number)));
    }
    pairs.push((
        "lower for upper".to_owned(),
        calls(Func::Lower, &["t0"], Type::Text),
        calls(Func::Upper, &["t0"], Type::Text),
    ));
    let tiny = |x: f64| expr(Kind::Const(Value::number(x)), Type::Number);
    let add = |x| expr(Kind::Arith(ARITH[0], read("n1"), Box::new(tiny(x))), Type::Number);
    pairs.push(("one bit of a constant".to_owned(), add(0.1), add(0.1_f64.next_up())));
    pairs
}

fn constant_date(world: &World) -> Box<Expr> {
    let slot = world.slot("d0");
    let record = world.records.iter().map(|r| regain::expr::Row::get(r, slot)).find(|v| !v.is_missing());
    Box::new(expr(Kind::Const(record.unwrap_or(Value::Missing)), Type::Date))
}

/// The expression with one operator in it changed; `None` if it has none that could be.
pub(crate) fn somewhere(original: &Expr, random: &mut Random) -> Option<Expr> {
    let mut places = 0;
    original.walk(&mut |e| places += usize::from(changed(e).is_some()));
    if places == 0 {
        return None;
    }
    let mut at = random.below(places);
    let mut mutant = original.clone();
    replace(&mut mutant, &mut at);
    Some(mutant)
}

/// Changes the operator at a place in the order of [`Expr::walk`].
fn replace(e: &mut Expr, at: &mut usize) -> bool {
    if let Some(other) = changed(e) {
        if *at == 0 {
            *e = other;
            return true;
        }
        *at -= 1;
    }
    let mut done = false;
    let mut each = |x: &mut Expr| done = done || replace(x, at);
    match &mut e.kind {
        Kind::Const(_) | Kind::Slot(_) => {}
        Kind::Neg(x) | Kind::Not(x) | Kind::IsMissing { item: x, .. } => each(x),
        Kind::Arith(_, a, b) | Kind::Compare(_, a, b) => {
            each(a);
            each(b);
        }
        Kind::And(list) | Kind::Or(list) | Kind::Coalesce(list) | Kind::Call(_, list) | Kind::Script(_, list) => {
            list.iter_mut().for_each(each);
        }
        Kind::In { item, list, .. } => {
            each(item);
            list.iter_mut().for_each(each);
        }
        Kind::If { branches, otherwise } => {
            for (condition, then) in branches {
                each(condition);
                each(then);
            }
            each(otherwise);
        }
        Kind::Switch { item, arms, otherwise } => {
            each(item);
            for (_, then) in arms {
                each(then);
            }
            each(otherwise);
        }
    }
    done
}

fn changed(e: &Expr) -> Option<Expr> {
    let next = |list: &[_], op| list.iter().position(|x| *x == op).map(|i| (i + 1) % list.len());
    let kind = match &e.kind {
        Kind::Arith(op, a, b) if a.ty == Type::Number && b.ty == Type::Number => {
            Kind::Arith(ARITH[(ARITH.iter().position(|x| x == op)? + 1) % 6], a.clone(), b.clone())
        }
        Kind::Compare(op, a, b) if a.ty != Type::Bool => {
            Kind::Compare(COMPARE[next(&COMPARE, *op)?], a.clone(), b.clone())
        }
        Kind::Not(x) => return Some((**x).clone()),
        Kind::And(list) => Kind::Or(list.clone()),
        Kind::Or(list) => Kind::And(list.clone()),
        Kind::Coalesce(list) => Kind::Coalesce(list.iter().rev().cloned().collect()),
        Kind::IsMissing { item, missing } => Kind::IsMissing { item: item.clone(), missing: !missing },
        Kind::In { item, list, negated } => Kind::In { item: item.clone(), list: list.clone(), negated: !negated },
        _ => return None,
    };
    Some(Expr { kind, ty: e.ty, span: e.span })
}
