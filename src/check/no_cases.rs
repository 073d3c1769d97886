#![doc = include_str!("manual/RG0571.md")]

use super::places::entry;
use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, code};

/// A pack that nothing proves.
pub const LINT: Lint =
    Lint { code: code::NO_CASES, name: "no_cases", level: Level::Warn, what: "a pack without a case", run };

fn run(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    if subject.cases != Some(0) {
        return;
    }
    let message = format!("no case proves the pack `{}`", subject.pack.identity.name);
    let mut diagnostic = Diagnostic::without_place(code::NO_CASES, message);
    if let Some(pack) = entry(&subject.pack.tree, &["pack"]) {
        diagnostic.primary = Some(crate::diag::Label { span: pack.node.span, text: String::new() });
    }
    found.push(diagnostic.help("write sample customers and what must be decided about them into `cases/first.toml`; `regain check --explain no_cases` shows one"));
}
