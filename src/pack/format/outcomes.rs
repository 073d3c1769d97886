//! `[outcomes]`: keys of the pack format.

use super::Keys;

/// `[outcomes]`
pub const OUTCOMES: Keys = Keys { noun: "`[outcomes]`", groups: &[] };
