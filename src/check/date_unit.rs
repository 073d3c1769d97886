#![doc = include_str!("manual/RG0544.md")]

use super::places::{Place, places};
use super::units::{Unit, Units};
use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, code};
use crate::expr::{Arith, Expr, Func, Kind, Type, Value};

/// Days, months, shares and money compared or added up.
pub const LINT: Lint = Lint {
    code: code::DATE_UNIT,
    name: "date_unit",
    level: Level::Warn,
    what: "days, months, years, shares or money compared with, or added to, one another",
    run,
};

/// Numbers of days that nobody means as months: 7.5 years and more, each a round number of days.
const LOOK_LIKE_DAYS: [f64; 9] = [90.0, 180.0, 270.0, 360.0, 365.0, 540.0, 730.0, 1095.0, 1825.0];

fn run(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let units = Units::new(pack);
    for place in places(pack) {
        place.expr.walk(&mut |expr| look(expr, &place, &units, found));
    }
    for fact in &pack.facts {
        let (Some(is), Some(called)) = (units.of(&fact.expr, None), Unit::of_name(&fact.name)) else { continue };
        if is.is_time() && is != called {
            let message = format!("fact `{}` is called {}, and is in {}", fact.name, called.word(), is.word());
            let diagnostic = Diagnostic::warning(code::DATE_UNIT, fact.expr.span, message)
                .label(format!("{} here", is.word()))
                .help(convert(&is, &called).unwrap_or_else(|| "rename it, or convert the value".to_owned()));
            found.push(diagnostic);
        }
    }
}

fn look(expr: &Expr, place: &Place<'_>, units: &Units<'_>, found: &mut Vec<Diagnostic>) {
    let of = |x: &Expr| units.of(x, place.table);
    match &expr.kind {
        Kind::Compare(op, a, b) if a.ty == Type::Number => {
            differ(expr, &[a, b], &format!("`{}`", op.symbol()), place, units, found);
            for (item, other) in [(a, b), (b, a)] {
                if let (Some(unit), Kind::Const(Value::Number(x))) = (of(item), &other.kind) {
                    constant(expr, item, &unit, *x, found);
                }
            }
        }
        Kind::In { item, list, .. } => {
            let all: Vec<&Expr> = std::iter::once(item.as_ref()).chain(list).collect();
            differ(expr, &all, "`in`", place, units, found);
        }
        Kind::Arith(op @ (Arith::Add | Arith::Sub), a, b) if a.ty == Type::Date || b.ty == Type::Date => {
            for moved in [a, b].into_iter().filter(|x| x.ty == Type::Number) {
                if let Some(unit) = of(moved).filter(|unit| *unit != Unit::Days) {
                    let says = format!("`{}` moves a date by days, this is in {}", op.symbol(), unit.word());
                    let help = match unit {
                        Unit::Months => "`add_months(date, n)` moves a date by months",
                        Unit::Years => "`add_months(date, 12 * n)` moves a date by years",
                        Unit::Weeks => "a week has 7 days: `date + 7 * n`",
                        _ => "only days can be added to a date",
                    };
                    found.push(with_origin(expr, moved, says, place, units).help(help));
                }
            }
        }
        Kind::Arith(op @ (Arith::Add | Arith::Sub), a, b) => {
            differ(expr, &[a, b], &format!("`{}`", op.symbol()), place, units, found);
        }
        Kind::Call(func @ (Func::Min | Func::Max | Func::Clamp), list) if expr.ty == Type::Number => {
            let all: Vec<&Expr> = list.iter().collect();
            differ(expr, &all, &format!("`{}`", func.name()), place, units, found);
        }
        Kind::Coalesce(list) if expr.ty == Type::Number => {
            let all: Vec<&Expr> = list.iter().collect();
            differ(expr, &all, "`??`", place, units, found);
        }
        Kind::Call(func @ (Func::AddDays | Func::AddMonths), list) => {
            let wanted = if matches!(func, Func::AddDays) { Unit::Days } else { Unit::Months };
            if let Some(by) = list.get(1)
                && let Some(unit) = of(by).filter(|unit| *unit != wanted)
            {
                let says = format!("`{}` takes {}, this is in {}", func.name(), wanted.word(), unit.word());
                let diagnostic = with_origin(expr, by, says, place, units);
                found.push(match convert(&unit, &wanted) {
                    Some(help) => diagnostic.help(help),
                    None => diagnostic,
                });
            }
        }
        _ => {}
    }
}

/// Reports two parts in different units.
fn differ(whole: &Expr, parts: &[&Expr], how: &str, place: &Place<'_>, units: &Units<'_>, found: &mut Vec<Diagnostic>) {
    let mut known = parts.iter().filter_map(|part| Some((*part, units.of(part, place.table)?)));
    let Some((first, unit)) = known.next() else { return };
    let Some((second, other)) = known.find(|(_, other)| *other != unit) else { return };
    let message = format!("{how} between {} and {}", unit.word(), other.word());
    let mut diagnostic = Diagnostic::warning(code::DATE_UNIT, whole.span, message);
    for (part, unit) in [(first, &unit), (second, &other)] {
        diagnostic = diagnostic.related(part.span, unit.word());
        if let Some((what, at)) = units.origin(part, place.table) {
            diagnostic = diagnostic.related(at, format!("{what} is in {}", unit.word()));
        }
    }
    found.push(match convert(&unit, &other) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    });
}

fn with_origin(whole: &Expr, part: &Expr, message: String, place: &Place<'_>, units: &Units<'_>) -> Diagnostic {
    let diagnostic = Diagnostic::warning(code::DATE_UNIT, whole.span, message);
    match units.origin(part, place.table) {
        Some((what, at)) => diagnostic.related(at, format!("{what} says so")),
        None => diagnostic.related(part.span, "this"),
    }
}

/// A number that does not look like its unit.
fn constant(expr: &Expr, item: &Expr, unit: &Unit, x: f64, found: &mut Vec<Diagnostic>) {
    // Only of what is surely whole: the difference of two dates, or whole months.
    let help = match unit {
        Unit::Months | Unit::Years if LOOK_LIKE_DAYS.contains(&x) => {
            format!("{x} days would be `days_between(…) > {x}`, or the difference of two dates")
        }
        Unit::Days if x.fract() != 0.0 && is_difference(item) => {
            "days are whole; months are counted by `months_between(from, to)`, years by `years_between(from, to)`"
                .to_owned()
        }
        Unit::Share if x > 1.0 && x <= 100.0 => format!("a share lies between 0 and 1: {x} % is {}", x / 100.0),
        _ => return,
    };
    let message = format!("{} compared with {x}", unit.word());
    found.push(
        Diagnostic::warning(code::DATE_UNIT, expr.span, message)
            .related(item.span, format!("this is in {}", unit.word()).replace("in a share", "a share"))
            .help(help),
    );
}

/// Whether a number is the difference of two dates as it stands.
fn is_difference(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Arith(Arith::Sub, a, _) => a.ty == Type::Date,
        Kind::Call(Func::DaysBetween, _) => true,
        _ => false,
    }
}

/// How to get from one unit of time to the other.
fn convert(from: &Unit, to: &Unit) -> Option<String> {
    let text = match (from, to) {
        (Unit::Days, Unit::Months) | (Unit::Months, Unit::Days) => {
            "`months_between(from, to)` counts whole months, `days_between(from, to)` days; 30.4 days are a month"
        }
        (Unit::Days, Unit::Years) | (Unit::Years, Unit::Days) => {
            "`years_between(from, to)` counts whole years, `days_between(from, to)` days; 365.25 days are a year"
        }
        (Unit::Months, Unit::Years) | (Unit::Years, Unit::Months) => "a year has 12 months",
        (Unit::Weeks, Unit::Days) | (Unit::Days, Unit::Weeks) => "a week has 7 days",
        _ => return None,
    };
    Some(text.to_owned())
}
