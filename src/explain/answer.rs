//! The whole answer to "why this one?", as data: what the terminal draws and what machines read.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::Change;
use super::known::Known;
use super::scene::Failure;
use crate::stage::Receipt;

/// How one customer was decided, step by step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Which rules, as of when.
    pub receipt: Receipt,
    /// The name of the key column.
    pub key_column: String,
    /// The customer.
    pub key: String,
    /// Three sentences: state and why; cause and grade; campaign and why.
    pub summary: Vec<String>,
    /// What came out.
    pub outcome: Outcome,
    /// What people decided, and what the rules alone would have said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overridden: Option<Overridden>,
    /// Script calls that failed on this record.
    pub failures: Vec<FailureTrace>,
    /// Suppressions, up to the one that holds.
    pub suppressions: Vec<RuleTrace>,
    /// State rules, up to the one that holds.
    pub states: Vec<RuleTrace>,
    /// The analysis of causes.
    pub analysis: Analysis,
    /// In the order of the pack.
    pub criteria: Vec<CriterionTrace>,
    /// In the order of the pack.
    pub dimensions: Vec<DimensionTrace>,
    /// What the plan sorts by.
    pub priority: PriorityTrace,
    /// Grade rules, up to the one that holds.
    pub grades: Vec<RuleTrace>,
    /// In the order of the pack.
    pub campaigns: Vec<CampaignTrace>,
    /// In the order of the pack.
    pub followups: Vec<RuleTrace>,
    /// Early warnings, of who is still here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<RuleTrace>,
    /// Named expressions.
    pub facts: Vec<Derived>,
    /// From events to one value.
    pub rollups: Vec<Derived>,
    /// The events behind the rollups, per table.
    pub events: Vec<Events>,
    /// The columns of the record.
    pub record: Vec<Given>,
}

/// What came out, at a glance; the same as the customer's row of decisions.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// Why she is not decided at all.
    pub suppressed: Option<String>,
    /// State.
    pub state: Option<String>,
    /// Track.
    pub track: Option<String>,
    /// Cause.
    pub cause: Option<String>,
    /// Its class.
    pub class: Option<String>,
    /// The cause's share of all causes' scores.
    pub confidence: Option<f64>,
    /// What the plan sorts by.
    pub priority: Option<f64>,
    /// Grade.
    pub grade: Option<String>,
    /// The best candidate.
    pub campaign: Option<String>,
    /// What she is counted with.
    pub money: Option<f64>,
    /// The currency of that, and of every cost and value.
    pub currency: Option<String>,
    /// The reasons, as in the decisions.
    pub reasons: Option<String>,
    /// Why a person decided otherwise, as in the decisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overridden: Option<String>,
}

/// What people decided about one customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Overridden {
    /// Who and why, of all of it; `None` if nothing could be followed.
    pub because: Option<String>,
    /// The steps at which a person won over the rules, in their order.
    pub steps: Vec<OverriddenStep>,
    /// What was not followed, because the pack has no such thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
}

/// A step at which a person won over the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OverriddenStep {
    /// `cause`, `grade` or `campaign`.
    pub step: &'static str,
    /// What she has now; `None` is no campaign, or an unknown cause.
    pub is: Option<String>,
    /// What a person said, where that did not come true: there is no consent for that campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_followed: Option<String>,
    /// What the rules alone would have said.
    pub by_rules: Option<String>,
    /// Who decided this, and why.
    pub because: String,
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Given {
    /// The name.
    pub name: String,
    /// Its value.
    pub value: Known,
}

/// A fact or a rollup.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Derived {
    /// Its name.
    pub name: String,
    /// As written.
    pub text: String,
    /// Its value.
    pub value: Known,
    /// Why it has none, as far as names can say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// The script call that failed in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script_error: Option<ScriptTrace>,
}

/// The events of one customer in one table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Events {
    /// The table.
    pub table: String,
    /// How many there are up to the as-of date.
    pub count: usize,
    /// The columns of `last`.
    pub columns: Vec<String>,
    /// The latest of them, in order of time.
    pub last: Vec<Vec<Known>>,
    /// The rollups over this table.
    pub rollups: Vec<String>,
}

/// Whether something holds on this record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is true.
    Holds,
    /// It is false.
    Fails,
    /// It cannot be told: something is missing.
    Unknown,
    /// An earlier rule has decided.
    NotAsked,
}

/// One rule on this record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleTrace {
    /// Its name.
    pub name: String,
    /// How it is called on screen; the state it decides for, for states.
    pub label: String,
    /// As written; `None` holds always.
    pub text: Option<String>,
    /// Whether it holds.
    pub verdict: Verdict,
    /// Its sentence, where it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The parts of it that must all hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clause>,
}

/// One part of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clause {
    /// Its text.
    pub text: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// A comparison with its values put in: `120 > 180`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<String>,
    /// The names in it, and their values.
    pub given: Vec<Given>,
    /// What would make it hold; `None` if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would: Option<String>,
    /// The script call that failed in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script_error: Option<ScriptTrace>,
}

/// The analysis of causes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Analysis {
    /// Whether she was analysed at all.
    pub analysed: bool,
    /// The condition for that; `None` if everybody is.
    pub when: Option<RuleTrace>,
    /// What the winning score must reach.
    pub minimum: f64,
    /// Highest score first; of equals in the order of the pack.
    pub causes: Vec<CauseTrace>,
}

/// One cause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseTrace {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// Its class.
    pub class: String,
    /// The sum of the weights of what was found.
    pub score: f64,
    /// Whether it won.
    pub won: bool,
    /// In the order of the pack.
    pub evidence: Vec<EvidenceTrace>,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceTrace {
    /// As written.
    pub text: String,
    /// How much it counts.
    pub weight: f64,
    /// Whether it is there.
    pub verdict: Verdict,
    /// In words, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What would make it be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would: Option<String>,
    /// The script call that failed in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script_error: Option<ScriptTrace>,
}

/// One criterion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriterionTrace {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// The question it answers.
    pub question: String,
    /// Its dimension.
    pub dimension: String,
    /// Its weight there.
    pub weight: f64,
    /// The expression looked at, as written.
    pub text: String,
    /// Its value.
    pub value: Known,
    /// How the value became a score, in words.
    pub how: String,
    /// What the method gave; `None` if unknown.
    pub scored: Option<f64>,
    /// What counts, 0 to 10; `None` if it is left out.
    pub score: Option<f64>,
    /// What it adds to the dimension: `weight * score / sum of weights`.
    pub points: Option<f64>,
    /// Its part of the dimension's total: `weight * score / sum of weight * score`.
    pub share: Option<f64>,
    /// The script call that failed in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script_error: Option<ScriptTrace>,
}

/// One dimension.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DimensionTrace {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// The weighted mean of its criteria; `None` if none is known.
    pub value: Option<f64>,
    /// How many of its criteria count.
    pub counted: usize,
    /// How many it has.
    pub criteria: usize,
}

/// What the plan sorts by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PriorityTrace {
    /// The value.
    pub value: Option<f64>,
    /// The formula; `None` is the mean of the dimensions.
    pub text: Option<String>,
    /// The script call that failed in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script_error: Option<ScriptTrace>,
}

/// What became of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// It is the best candidate.
    Chosen,
    /// It fits, but another one is better.
    Candidate,
    /// It does not fit.
    No,
}

/// One campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignTrace {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// What became of it.
    pub choice: Choice,
    /// Why it was not chosen; all reasons there are.
    pub why_not: Vec<WhyNot>,
    /// The same in words.
    pub why_not_in_words: Vec<String>,
    /// Its sentence, where it was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What is offered.
    pub offer: Option<String>,
    /// How she is reached.
    pub channel: Option<String>,
    /// Who speaks.
    pub speaker: Option<String>,
    /// When.
    pub send_on: Option<String>,
    /// What one contact costs.
    pub cost: Option<f64>,
    /// The probability that she returns.
    pub success: Option<f64>,
    /// What a return is worth.
    pub value: Option<f64>,
    /// `success * value - cost`
    pub net: Option<f64>,
    /// Which of its values a script call failed for, by name: `success`, `value`, `cost`, `send_on`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub script_errors: BTreeMap<&'static str, ScriptTrace>,
}

/// A reason against a campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum WhyNot {
    /// Her grade is let go on purpose.
    LetGo {
        /// Which grade.
        grade: Option<String>,
    },
    /// It is for another track.
    Track {
        /// The campaign's.
        needs: String,
        /// Hers.
        is: Option<String>,
    },
    /// Its rule does not hold.
    When {
        /// The parts that do not.
        clauses: Vec<Clause>,
    },
    /// There is no consent for its channel.
    Consent {
        /// Which channel.
        channel: String,
        /// The parts of the consent rule that do not hold.
        clauses: Vec<Clause>,
    },
    /// A person decided otherwise.
    Told {
        /// For which; `None` is no contact at all.
        instead: Option<String>,
    },
    /// Another candidate is better.
    Worse {
        /// Which.
        than: String,
        /// By how much; `None` if this one's gain is not known.
        by: Option<f64>,
    },
}

/// A script call that failed; its value is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureTrace {
    /// Where in the pack the call stands: `criteria.image`.
    pub place: String,
    /// What went wrong in it.
    #[serde(flatten)]
    pub error: ScriptTrace,
}

/// A script call that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptTrace {
    /// Which function was called: `prestige::image`.
    pub function: String,
    /// The script it went wrong in: `prestige.rhai`.
    pub script: String,
    /// Line in that script, from 1; 0 if unknown.
    pub line: usize,
    /// What went wrong.
    pub message: String,
}

impl ScriptTrace {
    /// `prestige.rhai:27: division by zero`
    #[must_use]
    pub fn told(&self) -> String {
        match self.line {
            0 => format!("{}: {}", self.script, self.message),
            line => format!("{}:{line}: {}", self.script, self.message),
        }
    }
}

impl From<Failure> for ScriptTrace {
    fn from(failure: Failure) -> Self {
        let Failure { function, error } = failure;
        ScriptTrace { function, script: format!("{}.rhai", error.module), line: error.line, message: error.message }
    }
}
