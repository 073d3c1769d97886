//! `[second_life]`: keys of the pack format.

use super::Keys;

/// `[second_life]`
pub const SECOND_LIFE: Keys = Keys { noun: "`[second_life]`", groups: &[] };
