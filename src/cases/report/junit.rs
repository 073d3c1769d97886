//! Cases as JUnit XML, which every CI server reads: a suite per file, a test per case.

use quick_junit::{NonSuccessKind, Report as Suites, TestCase, TestCaseStatus, TestSuite};

use super::super::coverage::{self, Coverage, Shown};
use super::super::mutate::{Fate, Mutation, told};
use super::{Report, words};
use crate::diag::{Diagnostic, render_short};

/// What was found out besides: each is a suite of its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct Proof<'a> {
    /// What the cases reached, what of it is shown, and the least share in per cent.
    pub coverage: Option<(&'a Coverage, Shown, Option<f64>)>,
    /// Which changes they noticed.
    pub mutation: Option<&'a Mutation>,
}

/// The report. What is wrong with a file of cases is an error in its suite. There is no time in it.
#[must_use]
pub fn render_junit(report: &Report<'_>, wrong: &[Diagnostic]) -> String {
    render_junit_with(report, wrong, Proof::default())
}

/// As [`render_junit`], with a suite `coverage`, which fails if too little is reached, and a suite `mutation` with a test for each
/// change: it fails if no case noticed it, and is skipped if a comment says why or the time was over.
#[must_use]
pub fn render_junit_with(report: &Report<'_>, wrong: &[Diagnostic], proof: Proof<'_>) -> String {
    let identity = &report.pack.identity;
    let sources = &report.set.sources;
    let mut suites = Suites::new(format!("{} {}", identity.name, identity.version));
    let mut failures = report.failures.iter().peekable();
    for (place, file) in report.set.files.iter().enumerate() {
        let mut suite = TestSuite::new(file.name.as_str());
        for (number, case) in file.cases.iter().enumerate() {
            let mut told = Vec::new();
            let mut message = String::new();
            while let Some(failure) = failures.next_if(|f| (f.step.file, f.step.case) == (place, number)) {
                for (mismatch, because) in failure.mismatches() {
                    let difference =
                        format!("expected {} = {}, decided {}", mismatch.name, mismatch.expected, mismatch.actual);
                    if message.is_empty() {
                        message.clone_from(&difference);
                    }
                    let place = sources.place(mismatch.span);
                    told.push(format!("{place}: as of {}: {difference}", failure.as_of));
                    told.extend(because.iter().map(|because| format!("  {}", words(because))));
                }
            }
            let status = if told.is_empty() {
                TestCaseStatus::success()
            } else {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(message).set_type("RG0610").set_description(told.join("\n"));
                status
            };
            let mut test = TestCase::new(case.name.as_str(), status);
            test.set_classname(format!("{}.{}", identity.name, file.name));
            test.set_assertions(case.steps.iter().map(|step| step.expect.len()).sum());
            suite.add_test_case(test);
        }
        let errors: Vec<&Diagnostic> = wrong
            .iter()
            .filter(|d| d.severity == crate::diag::Severity::Error)
            .filter(|d| d.primary.as_ref().is_some_and(|label| label.span.file == file.file))
            .collect();
        for error in errors {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status
                .set_message(error.message.as_str())
                .set_type(error.code.to_string())
                .set_description(render_short(std::slice::from_ref(error), sources));
            let line = error.primary.as_ref().map_or(0, |label| sources.place(label.span).line);
            suite.add_test_case(TestCase::new(format!("line {line}"), status));
        }
        suites.add_test_suite(suite);
    }
    if let Some((coverage, shown, least)) = proof.coverage {
        suites.add_test_suite(covered(report, coverage, shown, least));
    }
    if let Some(mutation) = proof.mutation {
        suites.add_test_suite(mutated(report, mutation));
    }
    // Only a broken writer could make it fail, and a string is none.
    suites.to_string().unwrap_or_default()
}

fn covered(report: &Report<'_>, coverage: &Coverage, shown: Shown, least: Option<f64>) -> TestSuite {
    let mut suite = TestSuite::new("coverage");
    let everything = coverage.totals(shown).everything;
    let open = render_short(&coverage::diagnostics(coverage, shown), &report.set.sources);
    let enough = least.is_none_or(|least| everything.reaches(least));
    let status = if enough {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_message(format!("{everything} of everything is covered"))
            .set_type("RG0611")
            .set_description(open.clone());
        status
    };
    let name = match least {
        Some(least) => format!("at least {least} % of everything is covered"),
        None => format!("{everything} of everything is covered"),
    };
    let mut test = TestCase::new(name, status);
    test.set_classname(format!("{}.coverage", report.pack.identity.name));
    if enough && !open.is_empty() {
        test.set_system_out(open);
    }
    suite.add_test_case(test);
    suite
}

fn mutated(report: &Report<'_>, mutation: &Mutation) -> TestSuite {
    let mut suite = TestSuite::new("mutation");
    let sources = &report.set.sources;
    for (mutant, fate) in &mutation.mutants {
        let status = match fate {
            Fate::Noticed | Fate::NoDifference => TestCaseStatus::success(),
            Fate::Reasoned(reason) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(reason.as_str());
                status
            }
            Fate::NotTried => {
                let mut status = TestCaseStatus::skipped();
                status.set_message("the time was over");
                status
            }
            Fate::Survived(sample) => {
                let finding = told(mutant, sample.as_deref());
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status
                    .set_message(finding.message.as_str())
                    .set_type(finding.code.to_string())
                    .set_description(format!("{}: {}", sources.place(mutant.span), finding.help.join("\n")));
                status
            }
        };
        let place = sources.place(mutant.span);
        let name = format!("{}:{} {}: {} becomes {}", place.file, place.line, mutant.owner, mutant.was, mutant.now);
        let mut test = TestCase::new(name, status);
        test.set_classname(format!("{}.mutation", report.pack.identity.name));
        suite.add_test_case(test);
    }
    suite
}
