//! One row of a plan: what is written, and what evaluation reads back.

use std::sync::Arc;

use crate::expr::Date;

/// Whether a planned customer is contacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Arm {
    /// She is contacted.
    Contact,
    /// She would be, and is not: what she does shows what happens without a contact.
    Holdout,
}

impl Arm {
    /// As in files: `contact`, `holdout`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Arm::Contact => "contact",
            Arm::Holdout => "holdout",
        }
    }
}

/// A planned contact, or one that is held out. Column names in files are the names of the fields, except where said.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRow {
    /// The customer; the column is named like the pack's record key.
    pub key: Arc<str>,
    /// Contacted, or held out.
    pub arm: Arm,
    /// The experiment that holds her out: `global` or `campaign`; `None` if contacted.
    pub held_out_by: Option<Arc<str>>,
    /// The name whose hash with the key decides about the campaign's holdout.
    pub experiment: Arc<str>,
    /// The stratum within which the campaign's holdout was drawn, if it is stratified.
    pub stratum: Option<Arc<str>>,
    /// The probability that she was to be contacted: (1 - global share) * (1 - campaign share); 1 for a human decision.
    pub propensity: f64,
    /// The campaign.
    pub campaign: Arc<str>,
    /// Its offer.
    pub offer: Option<Arc<str>>,
    /// Its channel.
    pub channel: Option<Arc<str>>,
    /// Who speaks.
    pub speaker: Option<Arc<str>>,
    /// The day of the contact.
    pub send_on: Date,
    /// The last day on which it may still be made as planned: within the same week, and month where a limit counts months, within
    /// the campaign's `within`, and permitted. The day itself where nothing may wait.
    pub send_by: Date,
    /// What the contact costs, in the pack's currency.
    pub cost: Option<f64>,
    /// The probability that she returns if contacted on that day, 0 to 1.
    pub success: Option<f64>,
    /// What a return is worth, in the pack's currency.
    pub value: Option<f64>,
    /// `success * value - cost`
    pub net: Option<f64>,
    /// The probability that she returns without any contact, 0 to 1, if the pack says so.
    pub anyway: Option<f64>,
    /// Hours of work the contact takes.
    pub hours: Option<f64>,
    /// The legal basis of the contact.
    pub basis: Option<Arc<str>>,
    /// The day of the consent.
    pub consent_on: Option<Date>,
    /// Her state.
    pub state: Option<Arc<str>>,
    /// Her track.
    pub track: Option<Arc<str>>,
    /// Why she left.
    pub cause: Option<Arc<str>>,
    /// The cause's class.
    pub class: Option<Arc<str>>,
    /// The cause's confidence, 0 to 1.
    pub confidence: Option<f64>,
    /// Her grade.
    pub grade: Option<Arc<str>>,
    /// What the plan sorts by.
    pub priority: Option<f64>,
    /// What she is counted with (`[money]`).
    pub money: Option<f64>,
    /// The human decision that won over the rules, in words.
    pub overridden: Option<Arc<str>>,
    /// What to say, in words.
    pub say: Option<Arc<str>>,
    /// Why she is planned, in words.
    pub reasons: Option<Arc<str>>,
    /// Dimensions and criteria by column name (`worth`, `chance`, `score.margin`), in the pack's order; 0 to 10.
    pub scores: Vec<Option<f64>>,
    /// Carried columns of the record, as texts, in the order of `[plan] carry`.
    pub carried: Vec<Option<Arc<str>>>,
}
