#![doc = include_str!("manual/RG0581.md")]
#![doc = include_str!("manual/RG0582.md")]
#![doc = include_str!("manual/RG0583.md")]
//!
//! The lints that look at data. What they look for, `regain check PACK --data …` finds; without data they are silent.

use super::{Level, Lint};
use crate::diag::code;

/// A column that is read and never there.
pub const NOT_IN_DATA: Lint = Lint {
    code: code::NOT_IN_DATA,
    name: "not_in_data",
    level: Level::Warn,
    what: "a column that rules read and that is never there in the data",
    run: |_, _| {},
};

/// Values beside the list.
pub const VALUE_NOT_LISTED: Lint = Lint {
    code: code::VALUE_NOT_LISTED,
    name: "value_not_listed",
    level: Level::Warn,
    what: "values in the data that the column does not list",
    run: |_, _| {},
};

/// Rules that tell nobody apart, shown as notes.
pub const IDLE_ON_DATA: Lint = Lint {
    code: code::IDLE_ON_DATA,
    name: "idle_on_data",
    level: Level::Warn,
    what: "a rule that decides for none, or for all, of the customers in the data",
    run: |_, _| {},
};
