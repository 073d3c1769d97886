//! What `regain check` would find, as far as it was not found before: shown after the moves, as it may take its time.

use std::collections::BTreeMap;

use crate::check::{Subject, check};
use crate::diag::{Code, Diagnostic, Severity};
use crate::watch::Rules;

/// What was found in the last good rules.
pub(super) struct Findings {
    found: Vec<Diagnostic>,
}

/// Findings that say the same are the same, wherever they stand: lines move.
type Said<'a> = (Code, &'a str);

fn said(diagnostic: &Diagnostic) -> Said<'_> {
    (diagnostic.code, &diagnostic.message)
}

/// Warnings of reading and of lints. Notes are for those who ask.
fn find(rules: &Rules) -> Vec<Diagnostic> {
    let mut found = rules.warnings.to_vec();
    found.extend(check(&Subject { pack: &rules.pack, cases: None }));
    found.retain(|diagnostic| diagnostic.severity != Severity::Note);
    found
}

impl Findings {
    pub(super) fn of(rules: &Rules) -> Findings {
        Findings { found: find(rules) }
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Diagnostic> {
        self.found.clone()
    }

    /// Looks again. What is new, and how many are gone.
    pub(super) fn follow(&mut self, rules: &Rules) -> (Vec<Diagnostic>, usize) {
        let now = find(rules);
        let new = without(&now, &self.found).into_iter().cloned().collect();
        let gone = without(&self.found, &now).len();
        self.found = now;
        (new, gone)
    }
}

/// What is in the first and not in the second; of several that say the same as many as are too many.
fn without<'a>(first: &'a [Diagnostic], second: &[Diagnostic]) -> Vec<&'a Diagnostic> {
    let mut known: BTreeMap<Said<'_>, usize> = BTreeMap::new();
    second.iter().for_each(|diagnostic| *known.entry(said(diagnostic)).or_default() += 1);
    let mut new = Vec::new();
    for diagnostic in first {
        match known.get_mut(&said(diagnostic)) {
            Some(left) if *left > 0 => *left -= 1,
            _ => new.push(diagnostic),
        }
    }
    new
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::watch::Host;
    use std::sync::{Arc, Mutex};

    #[test]
    fn only_what_is_new_is_told_wherever_it_stands() {
        let facts = "[facts]\nunused = 'silent + 1'\n";
        let text = |more: &str| {
            format!(
                "[pack]\nname = \"ours\"\n[record]\nkey = \"id\"\n[record.columns.silent]\ntype = \"number\"\n{more}\n[[states]]\nname = \"on\"\n"
            )
        };
        let shelf = Arc::new(Mutex::new(text(facts)));
        let read = Arc::clone(&shelf);
        let host = Host::builder_from(move || crate::pack::load_from_texts(&[("pack.toml", &read.lock().unwrap())]));
        let host = host.open().unwrap();
        let mut findings = Findings::of(&host.rules());
        let messages = |found: &[Diagnostic]| found.iter().map(|d| d.message.clone()).collect::<Vec<_>>().join("\n");
        assert!(messages(&findings.all()).contains("`unused`"), "{}", messages(&findings.all()));
        let mut save = |more: &str| {
            *shelf.lock().unwrap() = text(more);
            host.reload().unwrap();
            findings.follow(&host.rules())
        };
        let (new, gone) = save(&format!("\n\n{facts}"));
        assert_eq!((messages(&new).as_str(), gone), ("", 0), "it only stands two lines lower");
        let (new, gone) = save(&format!("{facts}unread = 'silent + 2'\n"));
        assert!(messages(&new).contains("`unread`") && !messages(&new).contains("`unused`") && gone == 0);
        let (new, gone) = save("");
        assert!(new.iter().all(|d| !d.message.contains("unused")) && gone >= 2, "{gone}");
    }
}
