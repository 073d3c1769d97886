//! Step 3b for everybody at once: which customers are contacted, by which campaign, on which day, within what may be spent and
//! what is permitted, and who is held out so that the effect can be seen.
//!
//! `decisions > candidates > permitted days > allocation > holdout > plan > exports`

pub mod export;
pub mod holdout;
pub mod permit;
pub mod power;
pub mod row;
pub mod solve;

pub use row::{Arm, PlanRow};
