//! A comparison as a comment on a pull request.

use super::{Comparison, Heads};

/// A comparison as GitHub Markdown, always below 60,000 characters.
#[must_use]
pub fn markdown(comparison: &Comparison, heads: &Heads) -> String {
    format!("# {} → {}\n\n{} customers move\n", heads.old.title, heads.new.title, comparison.moves.moved)
}
