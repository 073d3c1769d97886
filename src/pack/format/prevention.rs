//! `[prevention]`, `[[warnings]]`: keys of the pack format.

use super::Keys;

/// `[prevention]`
pub const PREVENTION: Keys = Keys { noun: "`[prevention]`", groups: &[] };

/// `[[warnings]]`
pub const WARNING: Keys = Keys { noun: "warning", groups: &[] };
