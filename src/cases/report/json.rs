//! Cases as JSON, for other programs.

use serde_json::{Value, json};

use super::{Because, Report};
use crate::diag::{Diagnostic, Sources, Span, render_json as render_diagnostics};
use crate::explain::Verdict;

/// One object: the pack, the counts, every file with its cases and their steps, and what is wrong with the cases themselves.
///
/// `expected` and `actual` are written as in a case. Lines and columns count from 1. There is no time in it: the same pack and the
/// same cases give the same text.
#[must_use]
pub fn render_json(report: &Report<'_>, wrong: &[Diagnostic]) -> String {
    let verdicts = report.verdicts;
    let (steps, failed) = (verdicts.steps(), verdicts.failed.len());
    let wrong: Value = serde_json::from_str(&render_diagnostics(wrong, &report.set.sources)).unwrap_or_default();
    let identity = &report.pack.identity;
    let whole = json!({
        "pack": identity.name,
        "version": identity.version,
        "hash": identity.hash,
        "cases": verdicts.cases(),
        "steps": steps,
        "passed": steps - failed.min(steps),
        "failed": failed,
        "files": files(report),
        "diagnostics": wrong,
    });
    format!("{whole:#}\n")
}

fn files(report: &Report<'_>) -> Value {
    let sources = &report.set.sources;
    let mut failures = report.failures.iter().peekable();
    let mut list = Vec::new();
    for (file, cases) in report.set.files.iter().enumerate() {
        let path = sources.get(cases.file).map_or("", |source| source.name.as_str());
        let mut told = Vec::new();
        for (place, case) in cases.cases.iter().enumerate() {
            let mut steps = Vec::new();
            for (number, step) in case.steps.iter().enumerate() {
                // Failures stand in the order of files, cases and steps.
                let here = |f: &&super::Failure<'_>| (f.step.file, f.step.case, f.step.step) == (file, place, number);
                let failure = failures.next_if(here);
                let mismatches: Vec<Value> = failure
                    .iter()
                    .flat_map(|failure| failure.mismatches())
                    .map(|(mismatch, because)| {
                        let at = sources.place(mismatch.span);
                        json!({
                            "name": mismatch.name,
                            "expected": mismatch.expected,
                            "actual": mismatch.actual,
                            "line": at.line,
                            "column": at.column,
                            "because": because.iter().map(|b| reason(b, sources)).collect::<Vec<_>>(),
                        })
                    })
                    .collect();
                steps.push(json!({
                    "as_of": step.as_of.to_string(),
                    "expectations": step.expect.len(),
                    "passed": failure.is_none(),
                    "mismatches": mismatches,
                }));
            }
            told.push(json!({
                "name": case.name,
                "line": sources.place(case.span).line,
                "passed": steps.iter().all(|step| step["passed"] == true),
                "steps": steps,
            }));
        }
        list.push(json!({ "file": cases.name, "path": path, "cases": told }));
    }
    Value::Array(list)
}

fn reason(because: &Because, sources: &Sources) -> Value {
    let place = |span: Span| {
        let place = sources.place(span);
        json!({ "file": place.file, "line": place.line, "column": place.column })
    };
    let parts: Vec<Value> = because
        .parts
        .iter()
        .map(|part| {
            let holds = match part.verdict {
                Some(Verdict::Holds) => json!(true),
                Some(Verdict::Fails) => json!(false),
                _ => Value::Null,
            };
            json!({ "text": part.text, "holds": holds, "detail": part.detail })
        })
        .collect();
    json!({ "text": because.text, "rule": because.rule.map(place), "parts": parts })
}
