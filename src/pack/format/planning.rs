//! `[plan]`, `[budget.NAME]`, `[capacity.NAME]`, `[volume.NAME]`, `[reserve.NAME]`: keys of the pack format.

use super::Keys;

/// `[plan]`
pub const PLAN: Keys = Keys { noun: "`[plan]`", groups: &[] };

/// `[budget.NAME]`
pub const BUDGET: Keys = Keys { noun: "budget", groups: &[] };

/// `[capacity.NAME]`
pub const CAPACITY: Keys = Keys { noun: "capacity", groups: &[] };

/// `[volume.NAME]`
pub const VOLUME: Keys = Keys { noun: "volume", groups: &[] };

/// `[reserve.NAME]`
pub const RESERVE: Keys = Keys { noun: "reserve", groups: &[] };
