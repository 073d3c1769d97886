//! Making a plan: `options > allocation > rows > days > proof`.

use std::sync::Arc;

use arrow::datatypes::DataType;

use super::allocate::{Known, allocate};
use super::build::{later, options};
use super::holdout::Holdouts;
use super::lapse::Lapses;
use super::limits::Bounds;
use super::permit::Permission;
use super::rows::{Made, rows, score_names};
use super::spread::spread;
use super::verify::Promise;
use super::{Plan, PlanRow};
use crate::data::{DataError, Held};
use crate::expr::Date;
use crate::pack::{Pack, Planning};
use crate::stage::Context;

/// Good enough: the allocation ends when no choice could be worth more than this share beyond it.
pub const GAP: f64 = 0.0005;

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Making<'a> {
    /// The rules.
    pub pack: &'a Arc<Pack>,
    /// The day and the population.
    pub context: &'a Context,
    /// The customers.
    pub held: &'a Held,
    /// Who may be contacted when.
    pub permission: &'a Permission,
    /// How many threads to use; the plan does not depend on it.
    pub threads: usize,
    /// Good enough: see [`GAP`].
    pub gap: f64,
}

impl Making<'_> {
    /// The last day of a plan.
    pub(super) fn last(&self, plan: &Planning) -> Date {
        later(self.context.as_of, plan.horizon)
    }
}

/// Makes a plan by the pack's own limits.
///
/// # Errors
/// Records that cannot be read; a plan that breaks a rule, which would be our own fault.
pub fn make(making: &Making<'_>) -> Result<Plan, DataError> {
    Ok(made(making, &own(making), &Known::default())?.0)
}

/// A plan by the pack's own limits, and one by others, which must be the pack's but for their numbers. Each knows what was chosen for
/// the other, so that a limit that is only wider is never worth less.
///
/// # Errors
/// As [`make`].
pub fn make_both(making: &Making<'_>, planning: &Planning) -> Result<(Plan, Plan), DataError> {
    let own = own(making);
    let (mut now, known) = made(making, &own, &Known::default())?;
    let (then, known) = made(making, planning, &known)?;
    if then.objective > now.objective {
        now = made(making, &own, &known)?.0;
    }
    Ok((now, then))
}

/// The pack's own limits.
fn own(making: &Making<'_>) -> Planning {
    making.pack.planning.clone().unwrap_or_default()
}

fn made(making: &Making<'_>, planning: &Planning, known: &Known) -> Result<(Plan, Known), DataError> {
    let (pack, as_of) = (making.pack, making.context.as_of);
    let last = making.last(planning);
    let holdouts = Holdouts::of(pack);
    let bounds = Bounds::of(pack, planning, as_of, last)?;
    let lapses = Lapses::of(making, last);
    let mut options = options(making, bounds, &holdouts, &lapses)?;
    let choice = allocate(making, &mut options, &holdouts, known)?;
    let mut made = rows(making, &options, &holdouts, &choice)?;
    if made.len() != choice.picks.len() {
        return Err(DataError::internal(format!("{} picks, but {} rows", choice.picks.len(), made.len())));
    }
    spread(making, &options.bounds, &mut made);
    lapses.witness(&choice.picks, &mut made)?;
    let promise = Promise { pack, permission: making.permission, bounds: &options.bounds, as_of, last };
    let checked: Vec<_> = made.iter().map(|made| (&made.row, &made.witness)).collect();
    let faults = promise.faults(&checked);
    if let Some(first) = faults.first() {
        return Err(DataError::internal(format!(
            "the plan breaks {} rules, so it is not written: {}",
            faults.len(),
            first.message
        )));
    }
    let mut notices = choice.notices;
    notices.extend(making.permission.notices().iter().cloned());
    let rows: Vec<PlanRow> = made.into_iter().map(|Made { row, .. }| row).collect();
    let plan = Plan {
        pack: Arc::clone(pack),
        planning: planning.clone(),
        as_of,
        last,
        rows,
        integer_keys: *making.held.schema().fields().first().map_or(&DataType::Utf8, |f| f.data_type())
            == DataType::Int64,
        scores: score_names(pack),
        carried: planning.carry.iter().map(|(name, _)| name.clone()).collect(),
        counted: choice.counted,
        limits: choice.limits,
        objective: choice.objective,
        bound: choice.bound,
        exact: choice.exact,
        redrawn: choice.redrawn,
        given_up: choice.given_up,
        minimums: choice.minimums,
        notices,
    };
    Ok((plan, choice.known))
}
