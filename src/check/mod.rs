//! Lints: what is well-formed and still not what its author meant.
//!
//! One file per lint; its manual page, `manual/RG0123.md`, is its documentation and what `regain check --explain` prints. A new lint
//! is a file, a page and a line in [`LINTS`].

pub mod bad_curve;
pub mod comments;
pub mod conditions;
pub mod date_unit;
pub mod division_equality;
pub mod ignores_missing;
pub mod levels;
pub mod logic;
pub mod magic_number;
pub mod manual;
pub mod no_cases;
pub mod no_consent;
pub mod overrides_nothing;
pub mod places;
pub mod sample;
pub mod scores;
pub mod units;
pub mod unknown_value;
pub mod unreachable_campaign;
pub mod unused;
pub mod with_data;

use std::collections::BTreeSet;

pub use levels::Level;

use crate::diag::{Code, Diagnostic, Severity};
use crate::pack::Pack;

/// One lint.
#[derive(Debug, Clone, Copy)]
pub struct Lint {
    /// Its code.
    pub code: Code,
    /// Its name in `[lints]` and in comments: `masked_rule`.
    pub name: &'static str,
    /// Whether its findings are shown if nothing is set.
    pub level: Level,
    /// What it finds, in one line without a full stop.
    pub what: &'static str,
    /// Looks for findings. Their severity does not matter: [`check`] sets it from the level in force.
    pub run: fn(&Subject<'_>, &mut Vec<Diagnostic>),
}

/// What lints look at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// A pack without errors.
    pub pack: &'a Pack,
    /// How many cases it has of its own; `None` if nobody looked.
    pub cases: Option<usize>,
}

/// Every lint, by code.
pub const LINTS: &[&Lint] = &[
    &conditions::NO_CATCH_ALL,
    &conditions::UNREACHABLE,
    &conditions::NEVER_MATCHES,
    &conditions::MASKED,
    &conditions::ALWAYS_MATCHES,
    &conditions::SAME_CONDITION,
    &conditions::OVERLAP,
    &conditions::DEAD_BRANCH,
    &conditions::NOT_DECIDED,
    &scores::OUT_OF_RANGE,
    &scores::TOP_UNREACHABLE,
    &bad_curve::LINT,
    &unused::PARAMETER,
    &unused::FACT,
    &unused::COLUMN,
    &unused::SCRIPT,
    &unused::PLAN_PART,
    &unknown_value::LINT,
    &division_equality::LINT,
    &ignores_missing::LINT,
    &date_unit::LINT,
    &magic_number::LINT,
    &unreachable_campaign::LINT,
    &no_consent::LINT,
    &overrides_nothing::LINT,
    &no_cases::LINT,
    &with_data::NOT_IN_DATA,
    &with_data::VALUE_NOT_LISTED,
    &with_data::IDLE_ON_DATA,
    &levels::BAD_LINT_SETTING,
    &levels::ALLOWS_NOTHING,
];

/// Runs every lint on a pack without errors. Findings are those of the pack itself: what lies wholly in packs it extends is theirs.
///
/// Levels are those of `[lints]` and of comments; see [`levels`].
#[must_use]
pub fn check(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lint in LINTS {
        let mut of_lint = Vec::new();
        (lint.run)(subject, &mut of_lint);
        of_lint.retain(|diagnostic| concerns(subject.pack, diagnostic));
        found.extend(of_lint);
    }
    let mut found = levels::apply(subject.pack, found);
    found.sort_by_key(|diagnostic| (diagnostic.primary.as_ref().map(|label| label.span), diagnostic.code));
    found.dedup();
    found
}

/// Whether any place of a finding is the pack's own.
fn concerns(pack: &Pack, diagnostic: &Diagnostic) -> bool {
    let mut places = diagnostic.primary.iter().chain(&diagnostic.related).peekable();
    places.peek().is_none() || places.any(|label| pack.is_own(label.span))
}

/// The lint of a code.
#[must_use]
pub fn lint(code: Code) -> Option<&'static Lint> {
    LINTS.iter().find(|lint| lint.code == code).copied()
}

/// The codes of findings that are there.
#[must_use]
pub fn codes(diagnostics: &[Diagnostic]) -> BTreeSet<Code> {
    diagnostics.iter().filter(|d| d.severity != Severity::Note).map(|d| d.code).collect()
}
