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
pub mod no_offer;
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

use crate::diag::{Code, Diagnostic, Severity, Span, code};
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
    &no_offer::LINT,
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
        (lint.run)(subject, &mut found);
    }
    let mut found = without_echoes(subject.pack, found);
    found.retain(|diagnostic| concerns(subject.pack, diagnostic));
    let mut found = levels::apply(subject.pack, found);
    found.sort_by_key(|diagnostic| (diagnostic.primary.as_ref().map(|label| label.span), diagnostic.code));
    found.dedup();
    found
}

/// A campaign nobody can get has a condition that never matches: said once, by the lint that knows campaigns and the reason.
fn without_echoes(pack: &Pack, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let meet = |a: Span, b: Span| a.file == b.file && a.start < b.end && b.start < a.end;
    let span = |diagnostic: &Diagnostic| diagnostic.primary.as_ref().map(|label| label.span);
    let mut dead: Vec<Span> = found.iter().filter(|d| d.code == code::UNREACHABLE_CAMPAIGN).filter_map(span).collect();
    if dead.is_empty() {
        return found;
    }
    // Both may point at different parts of the same `when`.
    let whens = pack.campaigns.iter().filter_map(|campaign| campaign.when.as_ref()).map(|when| when.expr.span);
    let whole: Vec<Span> = whens.filter(|when| dead.iter().any(|at| meet(*when, *at))).collect();
    dead.extend(whole);
    found.retain(|diagnostic| {
        diagnostic.code != code::NEVER_MATCHES || !span(diagnostic).is_some_and(|at| dead.iter().any(|d| meet(*d, at)))
    });
    found
}

/// Whether any place of a finding is the pack's own. What is not decided concerns it wherever the condition stands: what that
/// reads may be defined anew.
fn concerns(pack: &Pack, diagnostic: &Diagnostic) -> bool {
    if diagnostic.code == code::NOT_DECIDED {
        return true;
    }
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
