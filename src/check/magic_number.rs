#![doc = include_str!("manual/RG0545.md")]

use std::collections::BTreeMap;

use super::places::{Behind, Index, Place, places};
use super::units::{Unit, Units};
use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Arith, Expr, Kind, Slot, Type, Value};
use crate::pack::Pack;

/// A number that stands in several rules.
pub const LINT: Lint = Lint {
    code: code::MAGIC_NUMBER,
    name: "magic_number",
    level: Level::Warn,
    what: "a number that stands in three or more conditions and deserves a parameter",
    run,
};

/// From how many places on a number deserves a name.
const OFTEN: usize = 3;
/// Numbers that say what they are.
const PLAIN: [f64; 6] = [-1.0, 0.0, 0.5, 1.0, 2.0, 10.0];
/// And 100, and windows of time counted from a date: a week, two, a month, a quarter, half a year, a year, two.
const WINDOWS: [f64; 10] = [7.0, 14.0, 30.0, 60.0, 90.0, 91.0, 180.0, 182.0, 365.0, 730.0];
/// Below this, equal numbers mean the same only beside the same name.
const SMALL: f64 = 13.0;

/// One use of a number.
struct Use {
    span: Span,
    /// What it is compared with.
    with: Option<Slot>,
    unit: Option<Unit>,
}

fn run(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let units = Units::new(pack);
    // By the bits of the number, and for small ones the name beside it, so that the order is fixed.
    let mut uses: BTreeMap<(u64, Option<Slot>), Vec<Use>> = BTreeMap::new();
    for place in places(pack) {
        if place.role.is_condition() && pack.is_own(place.expr.span) {
            place.expr.walk(&mut |expr| compared(expr, &place, &units, &mut uses));
        }
    }
    for ((bits, _), mut uses) in uses {
        uses.sort_by_key(|one| one.span);
        uses.dedup_by_key(|one| one.span);
        if uses.len() < OFTEN || !one_unit(&uses) {
            continue;
        }
        found.push(finding(pack, f64::from_bits(bits), &uses));
    }
}

/// Numbers of a comparison, each with what it is compared with.
fn compared(expr: &Expr, place: &Place<'_>, units: &Units<'_>, uses: &mut BTreeMap<(u64, Option<Slot>), Vec<Use>>) {
    let Kind::Compare(_, a, b) = &expr.kind else { return };
    for (item, other) in [(a, b), (b, a)] {
        let mut numbers = Vec::new();
        constants(item, &mut numbers);
        for (x, span) in numbers {
            let plain = PLAIN.contains(&x) || x == 100.0;
            let window = a.ty == Type::Date && WINDOWS.contains(&x);
            if plain || window || a.ty == Type::Text {
                continue;
            }
            // The slots of a table are others than those of the pack.
            let with = other.slots().first().copied().filter(|_| place.table.is_none());
            let key = (x.to_bits(), (x.abs() < SMALL && x.fract() == 0.0).then_some(with).flatten());
            if key.1.is_none() && x.abs() < SMALL && x.fract() == 0.0 {
                continue;
            }
            let unit = units.of(other, place.table).or((a.ty == Type::Date).then_some(Unit::Days));
            uses.entry(key).or_default().push(Use { span, with, unit });
        }
    }
}

/// The numbers of one side of a comparison: alone, or added to or times something.
fn constants(expr: &Expr, numbers: &mut Vec<(f64, Span)>) {
    match &expr.kind {
        Kind::Const(Value::Number(x)) => numbers.push((*x, expr.span)),
        Kind::Arith(Arith::Add | Arith::Sub | Arith::Mul, a, b) => {
            constants(a, numbers);
            constants(b, numbers);
        }
        _ => {}
    }
}

/// Whether nothing says that the uses are of different units.
fn one_unit(uses: &[Use]) -> bool {
    let mut units = uses.iter().filter_map(|one| one.unit.as_ref());
    units.next().is_none_or(|first| units.all(|unit| unit == first))
}

fn finding(pack: &Pack, x: f64, uses: &[Use]) -> Diagnostic {
    let message = format!("{x} stands in {} conditions", uses.len());
    let first = uses.first().map_or(Span::new(crate::diag::FileId(0), 0, 0), |one| one.span);
    let mut diagnostic = Diagnostic::warning(code::MAGIC_NUMBER, first, message).label("here");
    for one in uses.iter().skip(1) {
        diagnostic = diagnostic.related(one.span, "and here");
    }
    let index = Index::new(pack);
    if let Some(param) = pack.params.iter().find(|param| param.value == Value::Number(x)) {
        return diagnostic
            .related(param.span, format!("parameter `{}` is {x}, too", param.name))
            .help(format!("if it is the same thing, write `{}`; else give it a parameter of its own", param.name));
    }
    let with = uses.iter().find_map(|one| one.with);
    let beside = with.filter(|slot| !matches!(index.behind(*slot, None), Behind::Param(_)));
    let stem = beside.map_or("threshold", |slot| pack.names.get(slot).name.as_str()).replace('.', "_");
    let name = free_name(pack, &format!("{stem}_limit"));
    let unit = uses.iter().find_map(|one| one.unit.as_ref());
    let unit = unit.map_or(String::new(), |unit| {
        format!("unit = \"{}\"\n", if *unit == Unit::Share { "share" } else { unit.word() })
    });
    diagnostic
        .help(format!("give it a name, and write that in the rules:\n[params.{name}]\nvalue = {x}\n{unit}help = \"…\""))
}

/// A name that nothing has.
fn free_name(pack: &Pack, wanted: &str) -> String {
    let mut name = wanted.to_owned();
    let mut number = 2;
    while pack.names.find(&name).is_some() {
        name = format!("{wanted}_{number}");
        number += 1;
    }
    name
}
