//! A comparison on a terminal.

use super::{Comparison, Look};

/// A comparison for a person, in lines of at most `columns`, ending in a line break.
#[must_use]
pub fn terminal(comparison: &Comparison, look: &Look) -> String {
    format!("{} of {} customers move ({} columns)\n", comparison.moves.moved, comparison.moves.customers, look.columns)
}
