//! From cases to decisions: parameters set, rollups computed, every step decided.

use std::sync::Arc;

use super::model::{Case, Given};
use crate::data::{DataError, GivenEvents};
use crate::expr::{Aggregate, Date, Value};
use crate::pack::Pack;
use crate::reference::Reference;
use crate::stage::{Context, Decision, RowValues, decide};

/// One step of a case, ready to be decided.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The pack, with the parameters of the case.
    pub pack: Arc<Pack>,
    /// `today`, and the fitted tables.
    pub context: Context,
    /// Columns and rollups.
    pub record: RowValues,
}

impl Prepared {
    /// Decides it by the obvious reading of the rules.
    #[must_use]
    pub fn decide(&self) -> Decision {
        decide(&self.pack, &self.context, self.record.clone())
    }
}

/// So many sets of parameters, and days, are kept for the cases to come.
const KEPT: usize = 64;

/// Makes cases ready. Keep one for many cases: packs with other parameters, and the code of rollups, are made once.
#[derive(Debug)]
pub struct Preparer {
    pack: Arc<Pack>,
    reference: Arc<Reference>,
    /// Packs with other parameters.
    changed: Vec<Changed>,
    /// The rollups of a pack, by table and day.
    rollups: Vec<Compiled>,
}

/// A pack with other parameters: index into [`Pack::params`], value.
#[derive(Debug)]
struct Changed {
    params: Vec<(usize, Value)>,
    pack: Arc<Pack>,
}

#[derive(Debug)]
struct Compiled {
    pack: Arc<Pack>,
    day: Date,
    table: usize,
    events: Option<Arc<GivenEvents>>,
}

/// A step whose events are to be rolled up.
struct Waiting<'a> {
    table: usize,
    case: usize,
    step: usize,
    events: &'a [Vec<Value>],
}

impl Preparer {
    /// For the cases of a pack. Without fitted tables (an empty `reference`) criteria of rank are unknown.
    #[must_use]
    pub fn new(pack: Arc<Pack>, reference: Arc<Reference>) -> Self {
        Preparer { pack, reference, changed: Vec::new(), rollups: Vec::new() }
    }

    /// Every step of every case. Give many at once: their events are rolled up together.
    ///
    /// # Errors
    /// None that a case could cause.
    pub fn prepare(&mut self, cases: &[&Case]) -> Result<Vec<Vec<Prepared>>, DataError> {
        let mut all: Vec<Vec<Prepared>> = Vec::with_capacity(cases.len());
        let mut waiting: Vec<Waiting<'_>> = Vec::new();
        for (place, case) in cases.iter().enumerate() {
            let pack = self.with(&case.params);
            let reference = case.population.as_ref().unwrap_or(&self.reference);
            let reference = Arc::clone(reference);
            let mut steps = Vec::with_capacity(case.steps.len());
            for (number, step) in case.steps.iter().enumerate() {
                let record = without_events(&pack, &step.given);
                let context = Context { as_of: step.as_of, reference: Arc::clone(&reference) };
                steps.push(Prepared { pack: Arc::clone(&pack), context, record });
                waiting.extend(
                    step.given.events.iter().filter(|(_, events)| !events.is_empty()).map(|(table, events)| Waiting {
                        table: *table,
                        case: place,
                        step: number,
                        events,
                    }),
                );
            }
            all.push(steps);
        }
        // Steps of one pack, table and day go through one batch.
        while let Some(first) = waiting.first() {
            let of = |w: &Waiting<'_>| all.get(w.case).and_then(|steps| steps.get(w.step));
            let Some(lead) = of(first) else { break };
            let (pack, day, table) = (Arc::clone(&lead.pack), lead.context.as_of, first.table);
            let alike = |w: &Waiting<'_>| {
                w.table == table && of(w).is_some_and(|p| Arc::ptr_eq(&p.pack, &pack) && p.context.as_of == day)
            };
            let (group, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(alike);
            waiting = rest;
            let Some(rollups) = self.rollups_of(&pack, table, day) else { continue };
            let events: Vec<&[Vec<Value>]> = group.iter().map(|w| w.events).collect();
            for (w, values) in group.iter().zip(rollups.roll_up(&events)?) {
                let (Some(values), Some(prepared)) =
                    (values, all.get_mut(w.case).and_then(|steps| steps.get_mut(w.step)))
                else {
                    continue;
                };
                for (slot, value) in rollups.slots().iter().zip(values) {
                    prepared.record.set(*slot, value);
                }
            }
        }
        Ok(all)
    }

    /// The pack with parameters set.
    fn with(&mut self, params: &[(usize, Value)]) -> Arc<Pack> {
        if params.is_empty() {
            return Arc::clone(&self.pack);
        }
        if let Some(known) = self.changed.iter().find(|known| known.params == params) {
            return Arc::clone(&known.pack);
        }
        let mut pack = Pack::clone(&self.pack);
        for (place, value) in params {
            if let Some(param) = pack.params.get_mut(*place) {
                param.value = value.clone();
            }
        }
        let pack = Arc::new(pack);
        if self.changed.len() >= KEPT {
            self.changed.clear();
        }
        self.changed.push(Changed { params: params.to_vec(), pack: Arc::clone(&pack) });
        pack
    }

    fn rollups_of(&mut self, pack: &Arc<Pack>, table: usize, day: Date) -> Option<Arc<GivenEvents>> {
        let known = self.rollups.iter().find(|c| c.table == table && c.day == day && Arc::ptr_eq(&c.pack, pack));
        if let Some(known) = known {
            return known.events.clone();
        }
        let events = GivenEvents::new(pack, table, day).map(Arc::new);
        if self.rollups.len() >= KEPT {
            self.rollups.clear();
        }
        self.rollups.push(Compiled { pack: Arc::clone(pack), day, table, events: events.clone() });
        events
    }
}

/// The record of a customer without any event, and what is given on top: of no rows a count is 0, every other rollup missing.
fn without_events(pack: &Pack, given: &Given) -> RowValues {
    let mut record = RowValues::new(pack);
    for rollup in &pack.rollups {
        if matches!(rollup.aggregate, Aggregate::Count | Aggregate::CountDistinct) {
            record.set(rollup.slot, Value::Number(0.0));
        }
    }
    for (slot, value) in &given.values {
        record.set(*slot, value.clone());
    }
    record
}

/// The steps of one case, ready to be decided. For many cases use a [`Preparer`].
///
/// # Errors
/// None that a case could cause.
pub fn prepare(pack: &Arc<Pack>, reference: &Arc<Reference>, case: &Case) -> Result<Vec<Prepared>, DataError> {
    let mut preparer = Preparer::new(Arc::clone(pack), Arc::clone(reference));
    Ok(preparer.prepare(&[case])?.into_iter().next().unwrap_or_default())
}
