//! `[outcomes]`: what came of a plan, and what counts as won back.

use super::{Rule, Table};
use crate::diag::Span;
use crate::expr::{Slot, Type};

/// How outcomes are read, and what they mean.
///
/// Its expressions have a name space of their own: `today` (the as-of date), the parameters, `within`, `rows`, the columns declared
/// here, and the columns of the plan, as `plan.NAME` and, where no column or parameter is called so, as `NAME`.
#[derive(Debug, Clone)]
pub struct Outcomes {
    /// The table, called `outcomes`: key, time, columns, and the names of the expressions. Rows of one customer become one before
    /// the expressions see them: numbers are summed up, of dates and texts the smallest counts, of bools whether any is true, unless
    /// `merge` of a column says otherwise.
    pub table: Table,
    /// The columns of the plan that expressions may read, with their slots; a name may have two.
    pub plan: Vec<(&'static str, Slot)>,
    /// The scores of the plan that expressions may read: `worth`, `score.margin`.
    pub scores: Vec<(String, Slot)>,
    /// The slot of `within`.
    pub within_slot: Slot,
    /// The slot of `rows`: how many rows of a customer count.
    pub rows_slot: Slot,
    /// Days from `send_on` on within which an outcome counts.
    pub within: f64,
    /// What `within` was computed by, if it is an expression over parameters.
    pub within_rule: Option<Rule>,
    /// Whether she was won back.
    pub won_back: Rule,
    /// What she brought in since, in the pack's currency.
    pub revenue: Option<Rule>,
    /// What of it is margin.
    pub margin: Option<Rule>,
    /// What was spent on her.
    pub cost: Option<Rule>,
    /// A number known before the contact that goes with what she brings in: it takes noise out of comparisons (CUPED).
    pub covariate: Option<Rule>,
    /// Where the section is written.
    pub span: Span,
}

impl Outcomes {
    /// The name of the table.
    pub const TABLE: &'static str = "outcomes";

    /// The columns of a plan, beside its scores, with their types.
    pub const PLAN: [(&'static str, Type); 24] = [
        ("arm", Type::Text),
        ("campaign", Type::Text),
        ("offer", Type::Text),
        ("channel", Type::Text),
        ("speaker", Type::Text),
        ("experiment", Type::Text),
        ("stratum", Type::Text),
        ("state", Type::Text),
        ("track", Type::Text),
        ("cause", Type::Text),
        ("class", Type::Text),
        ("grade", Type::Text),
        ("basis", Type::Text),
        ("send_on", Type::Date),
        ("consent_on", Type::Date),
        ("propensity", Type::Number),
        ("cost", Type::Number),
        ("success", Type::Number),
        ("value", Type::Number),
        ("net", Type::Number),
        ("anyway", Type::Number),
        ("hours", Type::Number),
        ("confidence", Type::Number),
        ("money", Type::Number),
    ];

    /// Every expression with the key it stands under.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, &Rule)> {
        let optional = [
            ("within", &self.within_rule),
            ("revenue", &self.revenue),
            ("margin", &self.margin),
            ("cost", &self.cost),
            ("covariate", &self.covariate),
        ];
        let optional = optional.into_iter().filter_map(|(key, rule)| Some((key, rule.as_ref()?)));
        std::iter::once(("won_back", &self.won_back)).chain(optional)
    }
}
