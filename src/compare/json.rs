//! A comparison for a machine.

use super::{Comparison, Heads};

/// A comparison as JSON.
#[must_use]
pub fn json(comparison: &Comparison, heads: &Heads) -> serde_json::Value {
    serde_json::json!({ "old": heads.old.receipt, "new": heads.new.receipt, "moved": comparison.moves.moved })
}
