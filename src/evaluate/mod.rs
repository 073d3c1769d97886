//! Step 4, evaluate: what came of a plan, against its holdout, with intervals.
//!
//! ```text
//! plan file --plan::read--> PlanFile ┐
//! outcomes  --Outcomes::read--> rows ┴--join--> Observed --evaluate--> Evaluation
//! ```
//!
//! A comparison is always that of the two arms within customers of one propensity, put together with the number of those who were
//! contacted as the weight: the effect on the contacted. Customers whom a person decided about, and all others who could not have been
//! held out, are counted and compared with nobody.
//!
//! Whoever has several contacts counts once in all of them together, and once in each group: her outcome is hers, not her rows'.

mod estimate;
mod evaluation;
mod group;
mod join;
mod once;
mod outcomes;
mod verdict;

pub use estimate::{Effect, Money, Row, Worth};
pub use evaluation::{Curve, Evaluation, Family, Kpis, Settings, customers, evaluate};
pub use join::{JoinCounts, Joined, join};
pub use once::once;
pub use outcomes::{OutcomeRows, small_pack};
pub use verdict::{More, Verdict};

use crate::expr::Date;
use crate::plan::PlanRow;

/// A planned contact, or one that was held out, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// As planned.
    pub row: PlanRow,
    /// Whether she was won back.
    pub won_back: bool,
    /// The first day of what counts, if it has one.
    pub returned_on: Option<Date>,
    /// What she brought in since, in the pack's currency; 0 of a customer without an outcome, `None` where it is not known.
    pub revenue: Option<f64>,
    /// What of it is margin; as `revenue`.
    pub margin: Option<f64>,
    /// What was spent on her.
    pub cost: f64,
    /// The covariate, if it is known.
    pub covariate: Option<f64>,
}
