//! Permission: who may be contacted through which channel on which days, and the proof of it when a plan is written.

use crate::expr::Date;

/// A contact that is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Index into [`crate::pack::Pack::campaigns`].
    pub campaign: usize,
    /// The day.
    pub on: Date,
}
