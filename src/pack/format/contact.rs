//! `[contact]`: keys of the pack format.

use super::Keys;

/// `[contact]`
pub const CONTACT: Keys = Keys { noun: "`[contact]`", groups: &[] };
