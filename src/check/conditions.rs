#![doc = include_str!("manual/RG0402.md")]
#![doc = include_str!("manual/RG0403.md")]
#![doc = include_str!("manual/RG0501.md")]
#![doc = include_str!("manual/RG0502.md")]
#![doc = include_str!("manual/RG0503.md")]
#![doc = include_str!("manual/RG0504.md")]
#![doc = include_str!("manual/RG0505.md")]
#![doc = include_str!("manual/RG0506.md")]
#![doc = include_str!("manual/RG0507.md")]
//!
//! The lints of conditions. All are answers of one look at the pack, [`logic::analyse`]; the first of them takes it.

use super::{Level, Lint, Subject, logic};
use crate::diag::{Code, Diagnostic, code};

const fn lint(code: Code, name: &'static str, level: Level, what: &'static str) -> Lint {
    Lint { code, name, level, what, run: |_, _| {} }
}

/// Customers no rule of a list is for.
pub const NO_CATCH_ALL: Lint = Lint {
    run: look,
    ..lint(code::NO_CATCH_ALL, "no_catch_all", Level::Warn, "customers for whom no rule of a list is true")
};
/// Rules behind one that always matches.
pub const UNREACHABLE: Lint =
    lint(code::UNREACHABLE, "unreachable", Level::Warn, "a rule after one that always matches");
/// Contradictions.
pub const NEVER_MATCHES: Lint =
    lint(code::NEVER_MATCHES, "never_matches", Level::Warn, "a condition that is true for no customer");
/// Rules that earlier ones leave nobody to.
pub const MASKED: Lint = lint(code::MASKED, "masked", Level::Warn, "a rule that earlier rules leave no customer to");
/// Conditions that say nothing.
pub const ALWAYS_MATCHES: Lint =
    lint(code::ALWAYS_MATCHES, "always_matches", Level::Warn, "a condition that is true for every customer");
/// Rules written twice.
pub const SAME_CONDITION: Lint =
    lint(code::SAME_CONDITION, "same_condition", Level::Warn, "two rules that match the same customers");
/// Pairs of rules where the order decides.
pub const OVERLAP: Lint = lint(
    code::OVERLAP,
    "overlap",
    Level::Allow,
    "two rules that both match some customers, so that their order decides",
);
/// Parts that never count.
pub const DEAD_BRANCH: Lint =
    lint(code::DEAD_BRANCH, "dead_branch", Level::Warn, "a part of an expression that never counts");
/// What could not be answered.
pub const NOT_DECIDED: Lint =
    lint(code::NOT_DECIDED, "not_decided", Level::Warn, "conditions about which nothing certain can be said");

fn look(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(logic::analyse(subject.pack).findings.into_iter().map(|finding| finding.diagnostic));
}
