//! Step 3a, value: the priority, and the grade; low grades are let go on purpose.

use crate::engine::{Builder, Mask, Num, Reg, Text};
use crate::expr::{Row as _, Value, evaluate};
use crate::pack::Pack;

use super::criteria::weighted_mean;
use super::overrides;
use super::{RowValues, holds};

pub(super) struct Columns {
    pub(super) grade: Text,
    /// Rows whose grade is let go; `None` if no grade ever is.
    pub(super) let_go: Option<Mask>,
}

pub(super) fn columns_priority(pack: &Pack, b: &mut Builder, dimensions: &[Num], kept: Mask) -> Num {
    let priority = match &pack.priority.rule {
        Some(rule) => {
            let priority = match b.value(&rule.expr) {
                Reg::Number(n) | Reg::Date(n) => n,
                Reg::Text(_) | Reg::Bool { .. } => b.number(None),
            };
            b.number_only(priority, kept)
        }
        // Of dimensions, which nobody suppressed has.
        None => {
            let terms: Vec<(Num, f64)> = dimensions.iter().map(|d| (*d, 1.0)).collect();
            b.weighted_mean(&terms)
        }
    };
    b.bind(pack.priority.slot, Reg::Number(priority));
    priority
}

pub(super) fn columns(pack: &Pack, b: &mut Builder, kept: Mask, told: Option<&overrides::One>) -> Columns {
    let within = match told {
        Some(told) => {
            let open = b.not(told.any);
            b.and(&[kept, open])
        }
        None => kept,
    };
    let rules: Vec<_> = pack.grades.iter().map(|g| g.when.as_ref().map(|w| &w.expr)).collect();
    let choice = b.first_match(&rules, within);
    let names: Vec<Option<&str>> = pack.grades.iter().map(|g| Some(g.name.as_str())).collect();
    let mut grade = b.choice_text(choice, &names);
    if let Some(told) = told {
        grade = b.pick_text(told.any, told.text, grade);
    }
    b.bind(pack.decided.grade, Reg::Text(grade));
    // By name, which no two have: whoever has the column need not choose again.
    let gone: Vec<Mask> = pack.grades.iter().filter(|g| g.let_go).map(|g| b.text_is(grade, &g.name)).collect();
    let let_go = (!gone.is_empty()).then(|| b.or(&gone));
    Columns { grade, let_go }
}

pub(super) fn row_priority(pack: &Pack, values: &mut RowValues) -> Option<f64> {
    let priority = match &pack.priority.rule {
        Some(rule) => evaluate(&rule.expr, values, &pack.scripts).as_number(),
        None => weighted_mean(pack.dimensions.iter().map(|d| (values.get(d.slot).as_number(), 1.0))),
    };
    values.set(pack.priority.slot, priority.map_or(Value::Missing, Value::number));
    priority
}

pub(super) fn row(pack: &Pack, told: Option<usize>, values: &mut RowValues) -> Option<usize> {
    let found = told.or_else(|| pack.grades.iter().position(|g| holds(pack, g.when.as_ref(), values)));
    let name = found.and_then(|i| pack.grades.get(i)).map(|g| g.name.as_str());
    values.set(pack.decided.grade, name.map_or(Value::Missing, Value::text));
    found
}
