//! Looks for a customer whose events show a change within a rollup: those of the cases, with one event more at the bound of a
//! comparison that the rollup makes.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::change::{Change, Mutant};
use super::list::tidy;
use super::run::changed;
use super::tell::{Differences, differences};
use crate::cases::Preparer;
use crate::cases::model::{Case, Given, Step};
use crate::cases::places::At;
use crate::check::sample::{Sample, key, literal};
use crate::expr::{Date, Expr, Kind, Row, Slot, Type, Value, evaluate};
use crate::pack::{Pack, Table};
use crate::reference::Reference;

/// So many customers of the cases are gone from.
const NEAR: usize = 10;
/// And so many of the events of each.
const EVENTS: usize = 3;
/// So many are tried together.
const BATCH: usize = 48;
/// No change is looked at longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// A customer with events who would notice the change, as a case; `None` if none was found.
pub(super) fn sample(
    pack: &Arc<Pack>,
    mutant: &Mutant,
    cases: &[&Case],
    reference: &Arc<Reference>,
    until: Instant,
) -> Option<String> {
    let until = until.min(Instant::now() + PATIENCE);
    let changed = changed(pack, mutant)?;
    let mut tables: Vec<(usize, Vec<&Expr>)> = Vec::new();
    for (i, rollup) in pack.rollups.iter().enumerate() {
        let roots: Vec<At> = [At::RollupValue(i), At::RollupCondition(i)]
            .into_iter()
            .filter(|at| at.expr(pack).is_some_and(|expr| concerns(pack, *at, expr, &mutant.change)))
            .collect();
        if let (false, Some(table)) = (roots.is_empty(), pack.tables.get_index_of(&rollup.table)) {
            let of = [At::RollupValue(i), At::RollupCondition(i)];
            tables.push((table, of.iter().filter_map(|at| at.expr(pack)).collect()));
        }
    }
    let mut search = Search {
        pack,
        changed: &changed,
        one: Preparer::new(Arc::clone(pack), Arc::clone(reference)),
        other: Preparer::new(Arc::clone(&changed), Arc::clone(reference)),
    };
    for (table, roots) in tables {
        let Some((_, of)) = pack.tables.get_index(table) else { continue };
        let steps = cases.iter().filter(|case| case.params.is_empty()).flat_map(|case| &case.steps);
        let steps = steps.filter(|step| step.given.events.iter().any(|(t, events)| *t == table && !events.is_empty()));
        let mut tries: Vec<(Date, Given)> = Vec::new();
        for step in steps.take(NEAR) {
            tries.push((step.as_of, step.given.clone()));
            tries.extend(more(pack, of, table, &roots, step));
        }
        for batch in tries.chunks(BATCH) {
            if Instant::now() > until {
                return None;
            }
            let found = search.differ(batch);
            if let Some((day, given)) = found.iter().position(Option::is_some).and_then(|i| batch.get(i)) {
                return search.finish(mutant, *day, given.clone());
            }
        }
    }
    None
}

/// Whether the change lies in an expression of a rollup, or in a parameter that it reads.
fn concerns(pack: &Pack, at: At, expr: &Expr, change: &Change) -> bool {
    match change {
        Change::Node(changed, ..) => *changed == at,
        Change::Param(i, _) => {
            let slot = pack.params.get(*i).and_then(|param| at.names(pack).find(&param.name));
            slot.is_some_and(|slot| expr.slots().contains(&slot))
        }
        _ => false,
    }
}

/// The customer with one event more: a copy of one of hers, moved to a bound.
fn more(pack: &Pack, of: &Table, table: usize, roots: &[&Expr], step: &Step) -> Vec<(Date, Given)> {
    let mut found = Vec::new();
    let Some((_, events)) = step.given.events.iter().find(|(t, _)| *t == table) else { return found };
    for event in events.iter().rev().take(EVENTS) {
        for root in roots {
            let mut pairs: Vec<(&Expr, &Expr)> = Vec::new();
            root.walk(&mut |expr| {
                if let Kind::Compare(_, left, right) = &expr.kind {
                    pairs.push((left, right));
                }
            });
            for (left, right) in pairs {
                for (place, column) in of.columns.iter().enumerate() {
                    let reads = left.slots().contains(&column.slot) || right.slots().contains(&column.slot);
                    if !reads {
                        continue;
                    }
                    for value in bounds(pack, of, step.as_of, event, place, (left, right)) {
                        let mut given = step.given.clone();
                        let mut new = event.clone();
                        if let (Some(cell), Some((_, events))) =
                            (new.get_mut(place), given.events.iter_mut().find(|(t, _)| *t == table))
                        {
                            *cell = value;
                            events.push(new);
                            found.push((step.as_of, given));
                        }
                    }
                }
            }
        }
    }
    found
}

/// Values of a column at which the two sides meet, and those just beside.
fn bounds(pack: &Pack, of: &Table, today: Date, event: &[Value], place: usize, sides: (&Expr, &Expr)) -> Vec<Value> {
    let Some(column) = of.columns.get(place) else { return Vec::new() };
    let ty = column.ty;
    if ty == Type::Text || ty == Type::Bool {
        let constant = [sides.0, sides.1].into_iter().find_map(|side| match &side.kind {
            Kind::Const(value) => Some(value.clone()),
            _ => None,
        });
        return constant.into_iter().filter(|value| value.ty() == Some(ty)).chain([Value::Missing]).collect();
    }
    let make = |x: f64| match ty {
        Type::Date => Date::from_days(x.round() as i64).map(Value::Date),
        _ => Some(Value::number(tidy(x))),
    };
    let gap = |x: f64| {
        let mut cells = event.to_vec();
        *cells.get_mut(place)? = make(x)?;
        let row = EventRow { pack, of, today, cells: &cells };
        let number = |expr| match evaluate(expr, &row, &pack.scripts) {
            Value::Number(x) => Some(x),
            Value::Date(day) => Some(f64::from(day.days())),
            _ => None,
        };
        Some(number(sides.0)? - number(sides.1)?)
    };
    let mut x = match event.get(place) {
        Some(Value::Number(x)) => *x,
        Some(Value::Date(day)) => f64::from(day.days()),
        _ => return Vec::new(),
    };
    for _ in 0..4 {
        let (Some(here), Some(there)) = (gap(x), gap(x + 1.0)) else { break };
        let slope = there - here;
        if here == 0.0 || slope == 0.0 {
            break;
        }
        x -= here / slope;
    }
    [0.0, -1.0, 1.0, 0.5, -0.5, 2.0, -2.0].into_iter().filter_map(|d| make(x + d)).collect()
}

/// The names a rollup may use, on one event.
struct EventRow<'a> {
    pack: &'a Pack,
    of: &'a Table,
    today: Date,
    cells: &'a [Value],
}

impl Row for EventRow<'_> {
    fn get(&self, slot: Slot) -> Value {
        if let Some(place) = self.of.columns.iter().position(|column| column.slot == slot) {
            return self.cells.get(place).cloned().unwrap_or(Value::Missing);
        }
        let name = &self.of.names.get(slot).name;
        match self.pack.params.iter().find(|param| param.name == *name) {
            Some(param) => param.value.clone(),
            None if name == "today" => Value::Date(self.today),
            None => Value::Missing,
        }
    }
}

struct Search<'a> {
    pack: &'a Pack,
    changed: &'a Pack,
    one: Preparer,
    other: Preparer,
}

impl Search<'_> {
    /// What the change makes of each customer.
    fn differ(&mut self, tries: &[(Date, Given)]) -> Vec<Option<Differences>> {
        let span = crate::diag::Span::new(crate::diag::FileId(0), 0, 0);
        let cases: Vec<Case> = tries
            .iter()
            .map(|(day, given)| Case {
                name: String::new(),
                help: String::new(),
                params: Vec::new(),
                population: None,
                steps: vec![Step { as_of: *day, given: given.clone(), expect: Vec::new(), span }],
                span,
            })
            .collect();
        let cases: Vec<&Case> = cases.iter().collect();
        let (Ok(here), Ok(there)) = (self.one.prepare(&cases), self.other.prepare(&cases)) else { return Vec::new() };
        here.into_iter()
            .flatten()
            .zip(there.into_iter().flatten())
            .map(|(here, there)| {
                let found = differences(self.pack, &here.decide(), self.changed, &there.decide());
                (!found.is_empty()).then_some(found)
            })
            .collect()
    }

    fn one(&mut self, day: Date, given: &Given) -> Option<Differences> {
        self.differ(&[(day, given.clone())]).into_iter().next().flatten()
    }

    /// The customer with nothing that is not needed, as a case.
    fn finish(&mut self, mutant: &Mutant, day: Date, mut given: Given) -> Option<String> {
        for i in (0..given.values.len()).rev() {
            let mut less = given.clone();
            less.values.remove(i);
            if self.one(day, &less).is_some() {
                given = less;
            }
        }
        for t in (0..given.events.len()).rev() {
            for i in (0..given.events.get(t).map_or(0, |(_, events)| events.len())).rev() {
                let mut less = given.clone();
                if let Some((_, events)) = less.events.get_mut(t) {
                    events.remove(i);
                }
                if self.one(day, &less).is_some() {
                    given = less;
                }
            }
        }
        let expect = self.one(day, &given)?;
        let values = given.values.iter().map(|(slot, value)| (self.pack.names.get(*slot).name.clone(), value.clone()));
        let sample = Sample {
            name: format!("{}: {}, not {}", mutant.owner, mutant.was, mutant.now).replace('`', ""),
            as_of: day,
            given: values.collect(),
            expect: expect.values,
            exactly: expect.exactly,
        };
        Some(with_events(self.pack, &sample.to_toml(), &given))
    }
}

/// The text of a case with events added to what is given.
fn with_events(pack: &Pack, text: &str, given: &Given) -> String {
    let mut tables = String::new();
    for (table, events) in given.events.iter().filter(|(_, events)| !events.is_empty()) {
        let Some((name, table)) = pack.tables.get_index(*table) else { continue };
        let rows: Vec<String> = events
            .iter()
            .map(|event| {
                let cells = table.columns.iter().zip(event).filter(|(_, value)| !value.is_missing());
                let cells: Vec<String> =
                    cells.map(|(column, value)| format!("{} = {}", key(&column.name), literal(value))).collect();
                format!("{{ {} }}", cells.join(", "))
            })
            .collect();
        // Writing to a string cannot fail.
        let _ = write!(tables, "{}{} = [{}]", if tables.is_empty() { "" } else { ", " }, key(name), rows.join(", "));
    }
    let lines = text.lines().map(|line| match line.strip_prefix("given = ") {
        Some("{}") => format!("given = {{ {tables} }}"),
        Some(values) => format!("given = {}, {tables} }}", values.trim_end_matches('}').trim_end()),
        None => line.to_owned(),
    });
    lines.map(|line| line + "\n").collect()
}
