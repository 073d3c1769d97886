//! Step 2, why customers leave: causes and the evidence for them.

use super::{Rule, Template};
use crate::diag::Span;

/// Step 2: evidence is weighed.
///
/// A cause's score is the sum of the weights of its evidence that is true. The highest score wins, ties
/// go to the earlier cause. Its confidence is its share of all causes' scores. Below `minimum`, or where
/// there is none, the cause is `unknown`, its class `unknown`, its confidence missing.
#[derive(Debug, Clone)]
pub struct Causes {
    /// Which customers are analysed; `None` all. For the others cause, class and confidence are missing.
    pub when: Option<Rule>,
    /// Smallest winning score.
    pub minimum: f64,
    /// In order.
    pub list: Vec<Cause>,
}

/// A cause of loss.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Its name.
    pub name: String,
    /// `pushed_away`, `pulled_away`, `bought_away`, `moved_away`, `involuntary`, `unknown`.
    pub class: String,
    /// How it is called on screen.
    pub label: String,
    /// Whether we could have kept her.
    pub preventable: bool,
    /// What it means.
    pub help: String,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// Where it is declared.
    pub span: Span,
}

/// Something that speaks for a cause.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// When it is there.
    pub when: Rule,
    /// How much it counts; greater than 0.
    pub weight: f64,
    /// In words.
    pub because: Template,
}
