//! `[override]`: keys of the pack format.

use super::Keys;

/// `[override]`
pub const OVERRIDE: Keys = Keys { noun: "`[override]`", groups: &[] };
