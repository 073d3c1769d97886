//! `regain check`: load, resolve, type-check, lint, and report everything at once.

use super::terminal::count_findings;
use super::{CheckArgs, CheckFormat, Exit, Failure, Terminal};
use crate::check::{self, Subject};
use crate::diag::{has_errors, render_human, render_json, render_short};
use crate::pack;

/// Runs the command. Exit code 2 if the pack has errors, 1 if a lint that is denied has findings, else 0: warnings are for people.
///
/// # Errors
/// If nothing can be printed.
pub fn check(args: &CheckArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = pack::load(&args.pack);
    let mut found = loaded.diagnostics.clone();
    let mut exit = if loaded.pack.is_some() { Exit::Fine } else { Exit::CouldNotRun };
    if let Some(pack) = &loaded.pack {
        let lints = check::check(&Subject { pack, cases: None });
        if has_errors(&lints) {
            exit = Exit::Findings;
        }
        found.extend(lints);
    }
    match args.format {
        CheckFormat::Human => {
            if !found.is_empty() {
                terminal.print(&render_human(&found, &loaded.sources, terminal.color(), terminal.width()))?;
                terminal.print("\n")?;
            }
            let verdict = match (&loaded.pack, found.is_empty()) {
                (Some(pack), true) => format!("{}; no findings", summary(pack)),
                (Some(pack), false) => format!("{}; {}", summary(pack), count_findings(&found)),
                (None, _) => format!("{}: {}; the pack does not run", args.pack, count_findings(&found)),
            };
            terminal.print(&format!("{verdict}\n"))?;
        }
        CheckFormat::Short => terminal.print(&render_short(&found, &loaded.sources))?,
        CheckFormat::Json => terminal.print(&render_json(&found, &loaded.sources))?,
    }
    Ok(exit)
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
