//! What came of cases, for people and for programs: one file per form.

mod human;
mod json;
mod junit;

use std::sync::Arc;

use super::CaseSet;
use super::because::{Because, because};
use super::judge::Mismatch;
use super::run::Preparer;
use super::verdict::{FailedStep, Verdicts};
use crate::data::DataError;
use crate::diag::{Diagnostic, code};
use crate::expr::Date;
use crate::pack::Pack;

pub use human::{render_human, summary};
pub use json::render_json;
pub use junit::{Proof, render_junit, render_junit_with};

/// So many failed steps are explained; of the others only expected and actual are shown.
const EXPLAINED: usize = 200;

/// What came of cases.
#[derive(Debug)]
pub struct Report<'a> {
    /// The cases.
    pub set: &'a CaseSet,
    /// The pack.
    pub pack: &'a Arc<Pack>,
    /// The counts, and the steps that failed.
    pub verdicts: &'a Verdicts,
    /// The failed steps with their reasons, in the same order.
    pub failures: Vec<Failure<'a>>,
}

/// A step that failed, and why.
#[derive(Debug)]
pub struct Failure<'a> {
    /// Which.
    pub step: &'a FailedStep,
    /// The case's name.
    pub case: &'a str,
    /// The step's day.
    pub as_of: Date,
    /// How many steps the case has.
    pub steps: usize,
    /// Per mismatch: the steps of the decision that settled it. Empty where they were not looked for.
    pub because: Vec<Vec<Because>>,
}

impl Failure<'_> {
    /// Each mismatch with its reasons.
    pub fn mismatches(&self) -> impl Iterator<Item = (&Mismatch, &[Because])> {
        let nothing: &[Because] = &[];
        self.step
            .mismatches
            .iter()
            .enumerate()
            .map(move |(place, m)| (m, self.because.get(place).map_or(nothing, Vec::as_slice)))
    }

    /// `silent for 200 days`, of a time line `a life, step 2 of 3`.
    #[must_use]
    pub fn title(&self) -> String {
        match self.steps {
            1 => self.case.to_owned(),
            steps => format!("{}, step {} of {steps}", self.case, self.step.step + 1),
        }
    }
}

impl<'a> Report<'a> {
    /// Looks for the reasons of what failed.
    ///
    /// # Errors
    /// None that a case could cause.
    pub fn new(set: &'a CaseSet, pack: &'a Arc<Pack>, verdicts: &'a Verdicts) -> Result<Self, DataError> {
        let mut preparer = Preparer::new(Arc::clone(pack), Arc::clone(&set.reference));
        let mut failures = Vec::new();
        for step in &verdicts.failed {
            let Some(case) = set.files.get(step.file).and_then(|file| file.cases.get(step.case)) else { continue };
            let Some(expected) = case.steps.get(step.step) else { continue };
            let mut why = Vec::new();
            if failures.len() < EXPLAINED {
                let prepared = preparer.prepare(&[case])?;
                if let Some(prepared) = prepared.first().and_then(|steps| steps.get(step.step)) {
                    why = because(prepared, &case.name, &expected.expect, &step.mismatches);
                }
            }
            failures.push(Failure {
                step,
                case: &case.name,
                as_of: expected.as_of,
                steps: case.steps.len(),
                because: why,
            });
        }
        Ok(Report { set, pack, verdicts, failures })
    }

    /// Every expectation that is not met as a finding, for the forms that findings have.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut list = Vec::new();
        for failure in &self.failures {
            for (mismatch, because) in failure.mismatches() {
                let Mismatch { name, expected, actual, span, .. } = mismatch;
                let message = format!("{}: expected {name} = {expected}, decided {actual}", failure.title());
                let finding = Diagnostic::error(code::CASE_FAILED, *span, message);
                list.push(because.iter().fold(finding, |finding, because| {
                    let finding = finding.help(words(because));
                    match because.rule {
                        Some(rule) => finding.related(rule, "decided here"),
                        None => finding,
                    }
                }));
            }
        }
        list
    }
}

/// A step of a decision on one line.
fn words(because: &Because) -> String {
    let parts: Vec<String> = because
        .parts
        .iter()
        .map(|part| match part.detail.is_empty() {
            true => part.text.clone(),
            false => format!("{} ({})", part.text, part.detail),
        })
        .collect();
    match parts.is_empty() {
        true => because.text.clone(),
        false => format!("{}: {}", because.text, parts.join(", ")),
    }
}
