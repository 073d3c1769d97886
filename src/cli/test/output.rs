//! What `regain test` prints and writes.

use std::time::Duration;

use super::{TestArgs, TestFormat};
use crate::cases::CaseSet;
use crate::cases::report::{Report, render_human, render_json, render_junit, summary};
use crate::cli::{Exit, Failure, Terminal};
use crate::diag::{Diagnostic, Sources, render_json as render_diagnostics, render_short};
use crate::draw::clean;

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
        TestFormat::Github => terminal.print(&github(&findings, &set.sources))?,
        TestFormat::Json => {
            let list = render_diagnostics(&findings, &set.sources);
            terminal.print(&format!("{{ \"cases\": 0, \"diagnostics\": {} }}\n", list.trim_end()))?;
        }
    }
    Ok(Exit::Findings)
}

/// Prints the outcome in the form asked for, or writes it to the file asked for and prints it for people.
pub(super) fn print(args: &TestArgs, report: &Report<'_>, took: Duration, terminal: &Terminal) -> Result<(), Failure> {
    let for_people = || -> Result<(), Failure> {
        terminal.diagnostics(&report.set.diagnostics, &report.set.sources);
        terminal.print(&render_human(report, terminal.width(), terminal.color()))?;
        terminal.print(&format!("{} ({:.2} s)\n", summary(report), took.as_secs_f64()))
    };
    let Some(path) = &args.out else {
        return match args.format {
            TestFormat::Human => for_people(),
            format => terminal.print(&rendered(format, report)),
        };
    };
    let text = match args.format {
        TestFormat::Human => format!("{}{}\n", render_human(report, 100, false), summary(report)),
        format => rendered(format, report),
    };
    super::rewrite::write(path, &text)?;
    for_people()
}

fn rendered(format: TestFormat, report: &Report<'_>) -> String {
    let wrong = &report.set.diagnostics;
    let findings = || wrong.iter().cloned().chain(report.diagnostics()).collect::<Vec<_>>();
    match format {
        TestFormat::Json => render_json(report, wrong),
        TestFormat::Junit => render_junit(report, wrong),
        TestFormat::Github => github(&findings(), &report.set.sources),
        TestFormat::Short => render_short(&findings(), &report.set.sources),
        TestFormat::Human => String::new(),
    }
}

/// Workflow commands of GitHub Actions: each finding becomes an annotation in its line.
fn github(findings: &[Diagnostic], sources: &Sources) -> String {
    let value = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| value(text).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
    for finding in findings {
        let word = match finding.severity.word() {
            "note" => "notice",
            word => word,
        };
        out.push_str(&format!("::{word} "));
        if let Some(label) = &finding.primary {
            let place = sources.place(label.span);
            out.push_str(&format!("file={},line={},col={},", property(&place.file), place.line, place.column));
        }
        let text: Vec<&str> =
            std::iter::once(finding.message.as_str()).chain(finding.help.iter().map(String::as_str)).collect();
        out.push_str(&format!("title={}::{}\n", finding.code, value(&text.join("\n"))));
    }
    out
}
