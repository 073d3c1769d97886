//! Step 1, who is worth it: criteria, dimensions, the priority, grades.

use super::Rule;
use crate::diag::Span;
use crate::expr::Slot;

/// A criterion, scored 0 to 10; 10 is always good for us.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// Its name.
    pub name: String,
    /// The slot `score.<name>`.
    pub slot: Slot,
    /// How it is called on screen.
    pub label: String,
    /// The question it answers.
    pub question: String,
    /// Index into [`super::Pack::dimensions`].
    pub dimension: usize,
    /// Its weight in the dimension; greater than 0.
    pub weight: f64,
    /// How it is scored.
    pub method: Method,
    /// What an unknown value scores.
    pub missing: MissingScore,
    /// What it means to a business user.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// Exactly one way of scoring. Every result is clamped to 0 to 10.
#[derive(Debug, Clone)]
pub enum Method {
    /// `score`: an expression that is the score.
    Score(Rule),
    /// `value` + `bands`: the first band with `value < below`; the last has no `below`.
    Bands(Rule, Vec<Band>),
    /// `value` + `curve`: straight lines between points of strictly rising x; flat outside.
    /// Between (x0,y0) and (x1,y1): `y0 + (value - x0) * ((y1 - y0) / (x1 - x0))`, exactly so.
    Curve(Rule, Vec<(f64, f64)>),
    /// `value` + `map`: by text. A value that is not listed scores `otherwise`, or is unknown.
    Map(Rule, Vec<(String, f64)>, Option<f64>),
    /// `value` + `rank`: place in the population, from the reference.
    Rank(Rule, RankOrder),
}

impl Method {
    /// The expression that is the score, or that is looked up for it.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        match self {
            Method::Score(rule)
            | Method::Bands(rule, _)
            | Method::Curve(rule, _)
            | Method::Map(rule, ..)
            | Method::Rank(rule, _) => rule,
        }
    }
}

/// A band: scores below a bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Exclusive upper bound; `None` on the last one.
    pub below: Option<f64>,
    /// 0 to 10.
    pub score: f64,
}

/// Which end of the population scores 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RankOrder {
    /// The highest value.
    HigherIsBetter,
    /// The lowest value.
    LowerIsBetter,
}

/// What an unknown criterion does to its dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MissingScore {
    /// Left out; the others' weights are scaled up.
    Skip,
    /// Scores 5.
    Neutral,
    /// Scores 0.
    Worst,
    /// Scores this.
    Score(f64),
}

impl MissingScore {
    /// The score it stands for; `None` for skip.
    #[must_use]
    pub fn score(self) -> Option<f64> {
        match self {
            MissingScore::Skip => None,
            MissingScore::Neutral => Some(5.0),
            MissingScore::Worst => Some(0.0),
            MissingScore::Score(x) => Some(x),
        }
    }
}

/// A weighted mean of criteria: `worth`, `chance`.
///
/// `sum(weight * score) / sum(weight)` over the criteria that are known, in order; missing if none is.
#[derive(Debug, Clone)]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// Its slot.
    pub slot: Slot,
    /// How it is called on screen.
    pub label: String,
}

/// What the plan sorts by.
#[derive(Debug, Clone)]
pub struct Priority {
    /// Its slot.
    pub slot: Slot,
    /// A number over dimensions and scores. The default is the mean of the dimensions that are known.
    pub rule: Option<Rule>,
}

/// A grade.
#[derive(Debug, Clone)]
pub struct Grade {
    /// `A`, `B`, …
    pub name: String,
    /// When it holds; `None` always.
    pub when: Option<Rule>,
    /// Let go on purpose: no campaign is planned.
    pub let_go: bool,
    /// How it is called on screen.
    pub label: String,
    /// What it means.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}
