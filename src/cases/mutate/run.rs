//! Tries changes on the cases of a pack: which of them does a case notice?

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::change::{Change, Mutant};
use super::equal::{self, Certain};
use super::events;
use super::reason::{reason, unneeded};
use super::search::{self, Start};
use crate::cases::judge::judge;
use crate::cases::model::{Case, Expectation};
use crate::cases::{CaseSet, Prepared, Preparer, coverage};
use crate::data::DataError;
use crate::diag::Span;
use crate::pack::Pack;
use crate::stage::{Decision, decide};

/// How far to go.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At most so many changes, chosen evenly over kinds and files.
    pub mutants: usize,
    /// No change is begun after this.
    pub until: Instant,
    /// Also changes in the packs that are extended.
    pub all: bool,
}

/// What became of a change.
#[derive(Debug, Clone)]
pub enum Fate {
    /// A case failed.
    Noticed,
    /// It is proved that nobody is decided otherwise, whatever the customer is like.
    NoDifference,
    /// No case failed, and a comment at the place says why: the reason.
    Reasoned(String),
    /// No case failed. A customer that would notice it, as a case ready to paste, if one was found.
    Survived(Option<String>),
    /// The time was over.
    NotTried,
}

/// What trying changes gave.
#[derive(Debug, Clone)]
pub struct Mutation {
    /// The changes tried, in the order of the pack's sections.
    pub mutants: Vec<(Mutant, Fate)>,
    /// How many changes there are in all.
    pub possible: usize,
    /// How many cases they were tried on.
    pub cases: usize,
    /// Reasons to survive that let nothing survive.
    pub unneeded: Vec<Span>,
}

impl Mutation {
    /// Changes that no case noticed and no comment explains.
    pub fn survivors(&self) -> impl Iterator<Item = (&Mutant, Option<&str>)> {
        self.mutants.iter().filter_map(|(mutant, fate)| match fate {
            Fate::Survived(sample) => Some((mutant, sample.as_deref())),
            _ => None,
        })
    }

    /// Changes that no case noticed, with the reason written down.
    pub fn reasoned(&self) -> impl Iterator<Item = (&Mutant, &str)> {
        self.mutants.iter().filter_map(|(mutant, fate)| match fate {
            Fate::Reasoned(reason) => Some((mutant, reason.as_str())),
            _ => None,
        })
    }

    /// Changes that are proved to make no difference.
    pub fn equal(&self) -> impl Iterator<Item = &Mutant> {
        self.mutants.iter().filter(|(_, fate)| matches!(fate, Fate::NoDifference)).map(|(mutant, _)| mutant)
    }

    /// How many had a fate.
    #[must_use]
    pub fn count(&self, fate: fn(&Fate) -> bool) -> usize {
        self.mutants.iter().filter(|(_, f)| fate(f)).count()
    }
}

/// One step of a case, decided by the pack as it is.
struct Entry<'a> {
    case: &'a Case,
    prepared: Prepared,
    decision: Decision,
    expect: &'a [Expectation],
}

/// Tries changes one at a time. All cases must pass as the pack is. `progress` is told of each change that is done, and of how many.
///
/// # Errors
/// None that a case could cause.
pub fn mutate(
    pack: &Arc<Pack>,
    set: &CaseSet,
    limits: &Limits,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Mutation, DataError> {
    let cases: Vec<&Case> = set.files.iter().flat_map(|file| &file.cases).collect();
    let mut preparer = Preparer::new(Arc::clone(pack), Arc::clone(&set.reference));
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut starts: Vec<Start> = Vec::new();
    for (case, steps) in cases.iter().copied().zip(preparer.prepare(&cases)?) {
        for (step, prepared) in case.steps.iter().zip(steps) {
            let decision = prepared.decide();
            starts.push(Start { record: prepared.record.clone(), context: prepared.context.clone() });
            entries.push(Entry { case, prepared, decision, expect: &step.expect });
        }
    }
    // Those that expect much are asked first.
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.expect.len()));
    let all = super::list::mutants(pack, limits.all);
    let possible = all.len();
    let chosen = super::list::choose(all.clone(), limits.mutants);
    let certain = Certain::new(pack);
    let total = chosen.len();

    let fates: Vec<Mutex<Fate>> = chosen.iter().map(|_| Mutex::new(Fate::NotTried)).collect();
    let (next, done, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let error: Mutex<Option<DataError>> = Mutex::default();
    let in_time = || !over.load(Ordering::Relaxed) && Instant::now() < limits.until;
    let tell = || progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
    let set_fate = |i: usize, fate: Fate| {
        if let Some(slot) = fates.get(i) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = fate;
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).clamp(1, 16);
    on_threads(threads, &|| {
        let mut changed: Vec<(Arc<Pack>, Arc<Pack>)> = Vec::new();
        while in_time() {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(mutant) = chosen.get(i) else { return };
            match noticed(pack, mutant, &entries, set, &mut changed) {
                Ok(true) => {
                    set_fate(i, Fate::Noticed);
                    tell();
                }
                Ok(false) if equal(pack, mutant, &certain) => {
                    set_fate(i, Fate::NoDifference);
                    tell();
                }
                Ok(false) => set_fate(
                    i,
                    match reason(&pack.sources, mutant) {
                        Some((_, reason)) => {
                            tell();
                            Fate::Reasoned(reason)
                        }
                        None => Fate::Survived(None),
                    },
                ),
                Err(e) => {
                    error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(e);
                    over.store(true, Ordering::Relaxed);
                }
            }
        }
    });
    if let Some(error) = error.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let survivors: Vec<usize> = fates
        .iter()
        .enumerate()
        .filter(|(_, fate)| matches!(*fate.lock().unwrap_or_else(PoisonError::into_inner), Fate::Survived(_)))
        .map(|(i, _)| i)
        .collect();
    next.store(0, Ordering::Relaxed);
    let pools = search::Pools::new(pack, &starts);
    on_threads(threads, &|| {
        loop {
            let Some(i) = survivors.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
            let Some(mutant) = chosen.get(*i) else { return };
            if in_time() {
                let found = search::sample(pack, mutant, &starts, &pools, limits.until).map(|sample| sample.to_toml());
                let found = match found {
                    None if mutant.change.changes_record(pack) => {
                        events::sample(pack, mutant, &cases, &set.reference, limits.until)
                    }
                    found => found,
                };
                set_fate(*i, Fate::Survived(found));
            }
            tell();
        }
    });
    let fates = fates.into_iter().map(|fate| fate.into_inner().unwrap_or_else(PoisonError::into_inner));
    let mutants: Vec<(Mutant, Fate)> = chosen.into_iter().zip(fates).collect();
    let unneeded = unneeded(pack, &coverage::of_cases(set, pack)?, &all, &mutants, limits.all);
    Ok(Mutation { mutants, possible, cases: cases.len(), unneeded })
}

fn on_threads(threads: usize, work: &(dyn Fn() + Sync)) {
    if threads < 2 {
        return work();
    }
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
}

/// Whether it is proved that a change makes no difference.
fn equal(pack: &Pack, mutant: &Mutant, certain: &Certain) -> bool {
    changed(pack, mutant).is_some_and(|changed| equal::no_difference(pack, &changed, mutant, certain))
}

/// A pack with a change made; `None` if it has no such place.
pub(super) fn changed(pack: &Pack, mutant: &Mutant) -> Option<Arc<Pack>> {
    let mut pack = pack.clone();
    mutant.change.apply(&mut pack).then(|| Arc::new(pack))
}

/// Whether any case fails with the change made. `known` holds the changed packs of this change, by the pack they come from.
fn noticed(
    pack: &Arc<Pack>,
    mutant: &Mutant,
    entries: &[Entry<'_>],
    set: &CaseSet,
    known: &mut Vec<(Arc<Pack>, Arc<Pack>)>,
) -> Result<bool, DataError> {
    if mutant.change.changes_record(pack) {
        return prepared_anew(pack, mutant, entries, set);
    }
    known.clear();
    for entry in entries.iter().filter(|entry| !entry.expect.is_empty()) {
        let own = &entry.prepared.pack;
        // A case that sets the parameter itself knows nothing of its value in the pack.
        if matches!(mutant.change, Change::Param(i, _) if entry.case.params.iter().any(|(set, _)| *set == i)) {
            continue;
        }
        let found = known.iter().find(|(from, _)| Arc::ptr_eq(from, own)).map(|(_, to)| Arc::clone(to));
        let changed = match found {
            Some(changed) => changed,
            None => {
                let Some(changed) = changed(own, mutant) else { return Ok(true) };
                known.push((Arc::clone(own), Arc::clone(&changed)));
                changed
            }
        };
        if !mutant.change.concerns(own, &changed, &entry.decision) {
            continue;
        }
        let decision = decide(&changed, &entry.prepared.context, entry.prepared.record.clone());
        let prepared = Prepared { pack: changed, ..entry.prepared.clone() };
        if !judge(&prepared, &decision, entry.expect).is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The same, where the rollups of the cases may change, too.
fn prepared_anew(pack: &Arc<Pack>, mutant: &Mutant, entries: &[Entry<'_>], set: &CaseSet) -> Result<bool, DataError> {
    let Some(changed) = changed(pack, mutant) else { return Ok(true) };
    let mut preparer = Preparer::new(changed, Arc::clone(&set.reference));
    let mut cases: Vec<&Case> = Vec::new();
    for entry in entries {
        if !cases.iter().any(|case| std::ptr::eq(*case, entry.case)) {
            cases.push(entry.case);
        }
    }
    for (case, steps) in cases.iter().zip(preparer.prepare(&cases)?) {
        for (step, prepared) in case.steps.iter().zip(steps) {
            if !step.expect.is_empty() && !judge(&prepared, &prepared.decide(), &step.expect).is_empty() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
