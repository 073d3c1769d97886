//! Cases as JUnit XML, which every CI server reads: a suite per file, a test per case.

use quick_junit::{NonSuccessKind, Report as Suites, TestCase, TestCaseStatus, TestSuite};

use super::{Report, words};
use crate::diag::{Diagnostic, render_short};

/// The report. What is wrong with a file of cases is an error in its suite. There is no time in it.
#[must_use]
pub fn render_junit(report: &Report<'_>, wrong: &[Diagnostic]) -> String {
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
    // Only a broken writer could make it fail, and a string is none.
    suites.to_string().unwrap_or_default()
}
