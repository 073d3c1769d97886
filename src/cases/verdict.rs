//! Runs all cases and keeps what failed.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::CaseSet;
use super::judge::{Mismatch, judge};
use super::model::Case;
use super::run::Preparer;
use crate::data::DataError;
use crate::pack::Pack;

/// So many cases are prepared together: enough to share the work, few enough to stay small.
const CHUNK: usize = 256;

/// What running cases gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdicts {
    /// Per file of the set, in its order.
    pub files: Vec<FileVerdict>,
    /// The steps that failed, in the order of files and cases.
    pub failed: Vec<FailedStep>,
}

/// The counts of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileVerdict {
    /// How many cases.
    pub cases: usize,
    /// How many steps they have.
    pub steps: usize,
    /// How many steps failed.
    pub failed: usize,
}

/// A step that was decided otherwise than expected. Indices point into the set.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedStep {
    /// The file.
    pub file: usize,
    /// The case in it.
    pub case: usize,
    /// The step of the case.
    pub step: usize,
    /// What was expected and did not come; at least one.
    pub mismatches: Vec<Mismatch>,
}

impl Verdicts {
    /// How many cases there are.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.files.iter().map(|file| file.cases).sum()
    }

    /// How many steps they have.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.files.iter().map(|file| file.steps).sum()
    }
}

/// Decides every step of every case, on all cores. The result does not depend on their number.
///
/// # Errors
/// None that a case could cause.
pub fn run(set: &CaseSet, pack: &Arc<Pack>) -> Result<Verdicts, DataError> {
    let all: Vec<(usize, usize, &Case)> = set
        .files
        .iter()
        .enumerate()
        .flat_map(|(file, cases)| cases.cases.iter().enumerate().map(move |(place, case)| (file, place, case)))
        .collect();
    let chunks: Vec<&[(usize, usize, &Case)]> = all.chunks(CHUNK).collect();
    let next = AtomicUsize::new(0);
    let failed: Mutex<Vec<FailedStep>> = Mutex::default();
    let error: Mutex<Option<DataError>> = Mutex::default();
    let work = || {
        let mut preparer = Preparer::new(Arc::clone(pack), Arc::clone(&set.reference));
        while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
            match judged(&mut preparer, chunk) {
                Ok(list) if list.is_empty() => {}
                Ok(list) => failed.lock().unwrap_or_else(PoisonError::into_inner).extend(list),
                Err(e) => {
                    error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(e);
                    return;
                }
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(chunks.len());
    if threads < 2 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    if let Some(error) = error.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_by_key(|f| (f.file, f.case, f.step));
    let files = set.files.iter().enumerate().map(|(place, file)| FileVerdict {
        cases: file.cases.len(),
        steps: file.cases.iter().map(|case| case.steps.len()).sum(),
        failed: failed.iter().filter(|f| f.file == place).count(),
    });
    Ok(Verdicts { files: files.collect(), failed })
}

fn judged(preparer: &mut Preparer, chunk: &[(usize, usize, &Case)]) -> Result<Vec<FailedStep>, DataError> {
    let cases: Vec<&Case> = chunk.iter().map(|(_, _, case)| *case).collect();
    let mut failed = Vec::new();
    for ((file, place, case), prepared) in chunk.iter().zip(preparer.prepare(&cases)?) {
        for (number, (step, prepared)) in case.steps.iter().zip(prepared).enumerate() {
            // A step without expectations only tells what happened.
            if step.expect.is_empty() {
                continue;
            }
            let mismatches = judge(&prepared, &prepared.decide(), &step.expect);
            if !mismatches.is_empty() {
                failed.push(FailedStep { file: *file, case: *place, step: number, mismatches });
            }
        }
    }
    Ok(failed)
}
