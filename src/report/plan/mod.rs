//! A plan in figures and words: what is planned, what the limits are worth, who is left out and why.
//!
//! [`PlanSummary`] is what there is to say (and, through serde, the machine form), [`render`] draws it on a terminal. [`WhatIf`] is
//! what another limit would change.

mod limits;
mod summary;
mod terminal;
#[cfg(test)]
mod tests;
mod what_if;
mod what_if_terminal;

pub use summary::{CampaignLine, FindingLine, LimitLine, PlanSummary, WeekLine, WhyLine};
pub use terminal::render;
pub use what_if::{Move, WhatIf};
pub use what_if_terminal::render_what_if;
