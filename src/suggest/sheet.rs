//! What suggestions are made from: customers of whom it is known what came of it, with their criteria and other columns, as
//! plain numbers. `gather` fills it from packs and plans; everything else only reads it.

use std::sync::Arc;

use crate::stats::split::part;

/// Parts the customers are split into for cross-validation.
pub const FOLDS: usize = 5;
/// What `chance ?? 5` stands for: the middle of the scale.
pub(crate) const MIDDLE: f64 = 5.0;

/// One customer, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Her key.
    pub key: Arc<str>,
    /// Whether she counts as won back.
    pub returned: bool,
    /// Whether she was contacted; false if she was held out.
    pub contacted: bool,
    /// The probability with which she was to be contacted; 1 where nothing was left to chance.
    pub propensity: f64,
    /// The campaign she was planned for.
    pub campaign: Option<Arc<str>>,
    /// The probability of a return by the present rules.
    pub success: Option<f64>,
    /// What a return is worth by the present rules.
    pub value: Option<f64>,
    /// What a contact costs by the present rules.
    pub cost: f64,
    /// What she brought: margin less cost; the cost is there only if she was contacted.
    pub profit: Option<f64>,
    /// The dimension `chance` by the present rules.
    pub chance: Option<f64>,
    /// The priority by the present rules.
    pub priority: Option<f64>,
    /// Into [`Sheet::pairs`]: the parameters her probability of a return is made with, and by what the line is multiplied.
    pub line: Option<(usize, f64)>,
}

impl Case {
    /// The expected gain of a contact with that probability of a return; the probability itself where no value is known.
    #[must_use]
    pub fn net(&self, success: f64) -> f64 {
        self.value.map_or(success, |value| success * value - self.cost)
    }
}

/// What a criterion looks at, before it is a score.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    /// Nothing that can be fitted: its score is an expression.
    None,
    /// Numbers, scored by bands, a curve or a rank.
    Numbers(Vec<Option<f64>>),
    /// Texts, scored by a map: the present scores in the order of the pack.
    Texts(Vec<Option<Arc<str>>>, Vec<(String, f64)>),
}

/// One criterion of the pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// Whether it belongs to `chance`.
    pub chance: bool,
    /// Its present weight.
    pub weight: f64,
    /// How it is scored now, in words: `[[0, 10], [200, 0]]`, `a rank`.
    pub now: String,
    /// What a missing value scores; `None` if it is left out.
    pub missing: Option<f64>,
    /// What it looks at, as it is written: `days_silent`.
    pub looks_at: String,
    /// The same, per customer.
    pub raw: Raw,
    /// Its present score, per customer.
    pub scores: Vec<Option<f64>>,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Numbers; yes and no are 1 and 0.
    Numbers(Vec<Option<f64>>),
    /// Texts of which there are few.
    Texts(Vec<Option<Arc<str>>>),
}

/// Something else that is known of the customers: a column, a rollup, a fact, a part of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its unit, if the pack says it: `days`.
    pub unit: String,
    /// Whether it is a yes or no.
    pub flag: bool,
    /// Per customer.
    pub values: Values,
}

/// Two parameters that make a probability of a return: `base + per_point * chance`.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The parameter that is added.
    pub base: Setting,
    /// The parameter per point of chance.
    pub per_point: Setting,
}

/// A parameter and its bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its present value.
    pub value: f64,
    /// Smallest allowed value.
    pub min: Option<f64>,
    /// Largest allowed value.
    pub max: Option<f64>,
}

impl Setting {
    /// The nearest allowed value.
    #[must_use]
    pub fn allowed(&self, x: f64) -> f64 {
        let x = self.min.map_or(x, |min| x.max(min));
        self.max.map_or(x, |max| x.min(max))
    }
}

/// Everything together; all columns are as long as `cases`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    /// The customers, in order of their keys.
    pub cases: Vec<Case>,
    /// The criteria of the pack, in its order.
    pub criteria: Vec<Criterion>,
    /// What else is known.
    pub columns: Vec<Column>,
    /// Parameters that make probabilities of a return.
    pub pairs: Vec<Pair>,
    /// The parameter below which customers are let go, if the pack has one over the priority.
    pub let_go: Option<Setting>,
    /// `EUR`; empty if money is not counted.
    pub currency: String,
    /// The arms are not of the size they should be, so nothing is judged by those held out.
    pub untrusted: bool,
}

impl Sheet {
    /// The customers who were contacted, by their places.
    #[must_use]
    pub fn contacted(&self) -> Vec<usize> {
        self.cases.iter().enumerate().filter(|(_, c)| c.contacted).map(|(i, _)| i).collect()
    }

    /// Whether somebody was held out by chance, so that it can be seen what happens without a contact. Not where something other than
    /// chance has sorted customers.
    #[must_use]
    pub fn has_holdout(&self) -> bool {
        !self.untrusted && self.cases.iter().any(|c| !c.contacted && c.propensity > 0.0 && c.propensity < 1.0)
    }
}

/// The part of the cross-validation a customer belongs to: a hash of her key, whatever the order of the rows.
#[must_use]
pub fn fold(key: &str) -> usize {
    usize::try_from(part(key, FOLDS as u64)).unwrap_or(0)
}
