#![doc = include_str!("manual/RG0561.md")]

use std::collections::HashSet;

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
    let own = || pack.overrides.iter().filter(|one| pack.is_own(one.over));
    let changed: HashSet<&str> = own().filter(|one| !one.same).map(|one| thing(&one.path)).collect();
    for one in own().filter(|one| one.same) {
        // Who writes a thing anew says again what it is and how it reads.
        if TELLS.contains(&key(&one.path)) && changed.contains(thing(&one.path)) {
            continue;
        }
        let message = format!("`{}` is set to what it is anyway", one.path.trim_end_matches(".value"));
        found.push(
            Diagnostic::warning(code::OVERRIDES_NOTHING, one.over, message)
                .label("the same")
                .related(one.base, "in force without it")
                .help("take the line away, so that a change below is not held back here"),
        );
    }
}

/// Keys that say what a thing is, not what it does.
const TELLS: [&str; 10] =
    ["help", "label", "because", "question", "class", "type", "track", "state", "dimension", "optional"];

/// `states.dormant` of `states.dormant.when`.
fn thing(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(thing, _)| thing)
}

/// `when` of `states.dormant.when`.
fn key(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, key)| key)
}
