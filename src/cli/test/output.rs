//! What `regain test` prints and writes.

use std::time::Duration;

use super::{TestArgs, TestFormat, cover, mutate};
use crate::cases::CaseSet;
use crate::cases::coverage::{self, Coverage};
use crate::cases::mutate::{self as mutation, Mutation};
use crate::cases::report::{self as junit, Report, render_human, render_json, render_junit_with, summary};
use crate::cli::{Exit, Failure, Terminal};
use crate::diag::{Diagnostic, render_github, render_json as render_diagnostics, render_short};
use crate::draw::clean;

/// What was found out besides.
pub(super) struct Proof<'a> {
    pub(super) coverage: Option<&'a Coverage>,
    pub(super) mutation: Option<&'a Mutation>,
}

/// The cases by name, each with its place.
pub(super) fn list(set: &CaseSet) -> String {
    let mut out = String::new();
    for file in &set.files {
        for case in &file.cases {
            let place = set.sources.place(case.span);
            let steps = if case.steps.len() > 1 { format!(" ({} steps)", case.steps.len()) } else { String::new() };
            out.push_str(&format!("{}:{}: {}{steps}\n", place.file, place.line, clean(&case.name)));
        }
    }
    out
}

/// There is no case at all.
pub(super) fn nothing(
    args: &TestArgs,
    finding: &Diagnostic,
    set: &CaseSet,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let mut findings = set.diagnostics.clone();
    findings.push(finding.clone());
    match args.format {
        TestFormat::Human | TestFormat::Junit => terminal.diagnostics(&findings, &set.sources),
        TestFormat::Short => terminal.print(&render_short(&findings, &set.sources))?,
        TestFormat::Github => terminal.print(&render_github(&findings, &set.sources))?,
        TestFormat::Json => {
            let list = render_diagnostics(&findings, &set.sources);
            terminal.print(&format!("{{ \"cases\": 0, \"diagnostics\": {} }}\n", list.trim_end()))?;
        }
    }
    Ok(Exit::Findings)
}

/// Prints the outcome in the form asked for, or writes it to the file asked for and prints it for people.
pub(super) fn print(
    args: &TestArgs,
    report: &Report<'_>,
    proof: &Proof<'_>,
    took: Duration,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let for_people = || -> Result<(), Failure> {
        terminal.diagnostics(&report.set.diagnostics, &report.set.sources);
        terminal.print(&render_human(report, terminal.width(), terminal.color()))?;
        terminal.print(&format!("{} ({:.2} s)\n", summary(report), took.as_secs_f64()))?;
        if let Some(coverage) = proof.coverage {
            let text = cover::for_people(&args.cover, coverage, &report.set.sources, terminal);
            terminal.print(&format!("\n{text}"))?;
        }
        if let Some(mutation) = proof.mutation {
            let text = mutate::for_people(mutation, &report.set.sources, terminal);
            terminal.print(&format!("\n{text}"))?;
        }
        Ok(())
    };
    let Some(path) = &args.out else {
        return match args.format {
            TestFormat::Human => for_people(),
            format => terminal.print(&rendered(args, format, report, proof)),
        };
    };
    let text = match args.format {
        TestFormat::Human => format!("{}{}\n", render_human(report, 100, false), summary(report)),
        format => rendered(args, format, report, proof),
    };
    super::rewrite::write(path, &text)?;
    for_people()
}

fn rendered(args: &TestArgs, format: TestFormat, report: &Report<'_>, proof: &Proof<'_>) -> String {
    let wrong = &report.set.diagnostics;
    let shown = args.cover.shown();
    let findings = || {
        let open = proof.coverage.map(|c| coverage::diagnostics(c, shown)).unwrap_or_default();
        let survived = proof.mutation.map(mutation::diagnostics).unwrap_or_default();
        wrong.iter().cloned().chain(report.diagnostics()).chain(open).chain(survived).collect::<Vec<_>>()
    };
    match format {
        TestFormat::Json => with_proof(args, render_json(report, wrong), report, proof),
        TestFormat::Junit => {
            let coverage = proof.coverage.map(|coverage| (coverage, shown, args.cover.min_coverage));
            render_junit_with(report, wrong, junit::Proof { coverage, mutation: proof.mutation })
        }
        TestFormat::Github => render_github(&findings(), &report.set.sources),
        TestFormat::Short => render_short(&findings(), &report.set.sources),
        TestFormat::Human => String::new(),
    }
}

/// The object of the cases with `coverage` and `mutation` in it, where they are asked for.
fn with_proof(args: &TestArgs, text: String, report: &Report<'_>, proof: &Proof<'_>) -> String {
    let sources = &report.set.sources;
    let (Ok(serde_json::Value::Object(mut object)), true) =
        (serde_json::from_str(&text), proof.coverage.is_some() || proof.mutation.is_some())
    else {
        return text;
    };
    if let Some(coverage) = proof.coverage {
        object.insert("coverage".to_owned(), coverage::to_json(coverage, sources, args.cover.shown()));
    }
    if let Some(mutation) = proof.mutation {
        object.insert("mutation".to_owned(), mutation::to_json(mutation, sources));
    }
    format!("{:#}\n", serde_json::Value::Object(object))
}
