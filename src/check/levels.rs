//! Which findings are shown, and as what: `[lints]` in a pack, comments in a line.
//!
//! ```toml
//! [lints]
//! magic_number = "allow"
//! masked_rule = { level = "deny", reason = "our CI stands on it" }
//!
//! [[states]]
//! name = "asleep"
//! when = 'days_silent > 180'   # regain: allow(magic_number) agreed with the board in 2025
//! ```

use crate::diag::Diagnostic;
use crate::pack::Pack;

/// What becomes of a lint's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Not shown.
    Allow,
    /// Shown as a warning.
    Warn,
    /// Shown as an error; `regain check` ends with exit code 1.
    Deny,
}

/// Sets the severity of findings, and drops those that are allowed.
#[must_use]
pub fn apply(_pack: &Pack, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found
}
