#![doc = include_str!("manual/RG0561.md")]

use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, code};

/// An overlay that says again what is in force anyway.
pub const LINT: Lint = Lint {
    code: code::OVERRIDES_NOTHING,
    name: "overrides_nothing",
    level: Level::Warn,
    what: "an overlay that repeats a value of what it extends",
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    for one in pack.overrides.iter().filter(|one| one.same && pack.is_own(one.over)) {
        let message = format!("`{}` is set to what it is anyway", one.path.trim_end_matches(".value"));
        found.push(
            Diagnostic::warning(code::OVERRIDES_NOTHING, one.over, message)
                .label("the same")
                .related(one.base, "in force without it")
                .help("take the line away, so that a change below is not held back here"),
        );
    }
}
