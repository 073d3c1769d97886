//! `regain check`: load, resolve, type-check, lint, and report everything at once.

mod data;
mod plan;

use super::terminal::count_findings;
use super::{CheckArgs, CheckFormat, Exit, Failure, Terminal};
use crate::check::{self, Subject, manual};
use crate::diag::{
    Diagnostic, Severity, code, has_errors, nearest, render_github, render_human, render_json, render_sarif,
    render_short,
};
use crate::{cases, draw, pack};

/// Runs the command. Exit code 2 if the pack has errors, 1 if a lint that is denied has findings, else 0: warnings are for people.
///
/// # Errors
/// If nothing can be printed, or `--explain` names no code.
pub fn check(args: &CheckArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    if let Some(asked) = &args.explain {
        return explain(asked, terminal);
    }
    let name = args.pack.as_deref().unwrap_or_default();
    let loaded = pack::load(name);
    let mut found = loaded.diagnostics.clone();
    let mut exit = if loaded.pack.is_some() { Exit::Fine } else { Exit::CouldNotRun };
    let mut beside = String::new();
    let mut certain = None;
    if let Some(pack) = &loaded.pack {
        let set = cases::load(name, &loaded);
        // A case that cannot be read is a case all the same; `regain test` says what is wrong with it.
        let cases = set.len() + usize::from(has_errors(&set.diagnostics));
        found.extend(check::check(&Subject { pack, cases: Some(cases) }));
        certain = Some(check::logic::summary(pack, &found));
        if !args.notes {
            found.retain(|diagnostic| diagnostic.code != code::NOT_DECIDED || diagnostic.severity != Severity::Note);
        }
        if !args.data.is_empty() {
            beside = data::look(args, pack, &mut found, terminal)?;
        }
        if args.deny_warnings {
            deny(&mut found);
        }
        if has_errors(&found) {
            exit = Exit::Findings;
        }
    }
    match args.format {
        CheckFormat::Human => {
            if !found.is_empty() {
                terminal.print(&render_human(&found, &loaded.sources, terminal.color(), terminal.width()))?;
                terminal.print("\n")?;
            }
            terminal.print(&beside)?;
            let verdict = match (&loaded.pack, found.is_empty()) {
                (Some(pack), true) => format!("{}; no findings", summary(pack)),
                (Some(pack), false) => format!("{}; {}", summary(pack), count_findings(&found)),
                (None, _) => format!("{name}: {}; the pack does not run", count_findings(&found)),
            };
            terminal.print(&format!("{verdict}\n"))?;
            if let Some(certain) = certain {
                terminal.print(&format!("{}\n", decided(certain, args.notes)))?;
            }
            if let (true, Some(pack)) = (args.plan, &loaded.pack) {
                let plan = plan::Plan::of(pack).terminal(terminal.width(), draw::Paint::new(terminal.color()));
                terminal.print(&format!("\n{plan}"))?;
            }
        }
        CheckFormat::Short => terminal.print(&render_short(&found, &loaded.sources))?,
        CheckFormat::Json => {
            let findings = render_json(&found, &loaded.sources);
            match (args.plan, &loaded.pack) {
                (true, Some(pack)) => {
                    let findings: serde_json::Value = serde_json::from_str(&findings).unwrap_or_default();
                    let all = serde_json::json!({ "findings": findings, "plan": plan::Plan::of(pack).json() });
                    terminal.print(&format!("{all:#}\n"))?;
                }
                _ => terminal.print(&findings)?,
            }
        }
        CheckFormat::Github => terminal.print(&render_github(&found, &loaded.sources))?,
        CheckFormat::Sarif => terminal.print(&render_sarif(&found, &loaded.sources, &manual::rule))?,
    }
    Ok(exit)
}

/// How much of what is said about conditions is certain.
fn decided(summary: check::logic::Summary, notes: bool) -> String {
    let exact = format!("conditions: {} decided exactly", summary.exact);
    match summary.not_decided {
        0 => exact,
        open if notes => format!("{exact}, {open} not decided"),
        open => format!("{exact}, {open} not decided (`--notes` lists them)"),
    }
}

/// Makes every warning an error.
fn deny(found: &mut [Diagnostic]) {
    for diagnostic in found.iter_mut().filter(|diagnostic| diagnostic.severity == Severity::Warning) {
        diagnostic.severity = Severity::Error;
    }
}

fn summary(pack: &pack::Pack) -> String {
    let mut chain = vec![format!("{} {}", pack.identity.name, pack.identity.version)];
    chain.extend(pack.identity.extends.iter().cloned());
    format!(
        "{}: {} states, {} causes, {} criteria, {} grades, {} campaigns",
        chain.join(" over "),
        pack.states.len(),
        pack.causes.list.len(),
        pack.criteria.len(),
        pack.grades.len(),
        pack.campaigns.len()
    )
}

/// Prints a manual page, or the list of them.
fn explain(asked: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    if asked == "all" {
        let pages: Vec<manual::Page> = manual::pages().collect();
        let wide = pages.iter().map(|page| draw::width(page.name)).max().unwrap_or_default();
        for page in pages {
            let start = format!("{}  {}  ", page.code, draw::pad(page.name, wide));
            let room = terminal.width().saturating_sub(draw::width(&start));
            let what = draw::wrap(page.what, room).join(&format!("\n{}", " ".repeat(draw::width(&start))));
            terminal.print(&format!("{start}{what}\n"))?;
        }
        return Ok(Exit::Fine);
    }
    match manual::find(asked) {
        Some(page) => {
            terminal.print(&draw::page(page.text, terminal.width(), terminal.color()))?;
            Ok(Exit::Fine)
        }
        None => {
            let codes: Vec<String> = manual::pages().map(|page| page.code.to_string()).collect();
            let known = manual::pages().map(|page| page.name).chain(codes.iter().map(String::as_str));
            let failure = Failure::new(format!("there is no code or lint `{asked}`"));
            let failure = match nearest(asked, known) {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure,
            };
            Err(failure.help("`regain check --explain all` lists them"))
        }
    }
}
