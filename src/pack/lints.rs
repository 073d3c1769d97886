//! What a pack makes of the findings of lints.

use crate::diag::Span;

/// What becomes of a lint's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LintLevel {
    /// Not shown.
    Allow,
    /// Shown as a warning.
    Warn,
    /// Shown as an error; `regain check` ends with exit code 1.
    Deny,
}

impl LintLevel {
    /// As in `[lints]`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            LintLevel::Allow => "allow",
            LintLevel::Warn => "warn",
            LintLevel::Deny => "deny",
        }
    }
}

/// One line of `[lints]`. Whether there is a lint of that name, [`check`](crate::check) says.
#[derive(Debug, Clone)]
pub struct LintSetting {
    /// The lint's name.
    pub name: String,
    /// Its level in this pack.
    pub level: LintLevel,
    /// Why; empty if nothing is said.
    pub reason: String,
    /// Where the name is written.
    pub span: Span,
}
