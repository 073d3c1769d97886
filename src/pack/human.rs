//! `[override]`: what people decided about a customer, which wins over the rules.

use crate::diag::Span;
use crate::pack::{Rule, Template};

/// Where human decisions come from. Each rule gives a text, or is missing where nobody decided otherwise.
///
/// A text that is no grade, campaign or cause of the pack counts as missing, and is said.
#[derive(Debug, Clone)]
pub struct Human {
    /// The grade she has, whatever the rules say.
    pub grade: Option<Rule>,
    /// The campaign she gets, or [`Human::NOBODY`]: no contact.
    pub campaign: Option<Rule>,
    /// Why she left.
    pub cause: Option<Rule>,
    /// The last day on which the decision about the campaign holds: no contact for it after that.
    pub holds_until: Option<Rule>,
    /// Who decided and why, in words.
    pub because: Reasons,
    /// Where it is declared.
    pub span: Span,
}

/// Who decided and why: one sentence for whatever was decided, or one for each kind of decision. An empty one is not given.
#[derive(Debug, Clone)]
pub enum Reasons {
    /// The same for all.
    One(Template),
    /// Each its own.
    Each {
        /// Who decided about the cause.
        cause: Template,
        /// Who decided about the grade.
        grade: Template,
        /// Who decided about the campaign.
        campaign: Template,
    },
}

impl Human {
    /// What stands for "no campaign at all".
    pub const NOBODY: &'static str = "none";
    /// What is said where the pack gives no sentence.
    pub const BECAUSE: &'static str = "decided by a person";
    /// What people decide about, in the order of the stages; keys of `[override]`.
    pub const STEPS: [&'static str; 3] = ["cause", "grade", "campaign"];

    /// The rule that says what was decided at a step.
    #[must_use]
    pub fn rule(&self, step: &str) -> Option<&Rule> {
        match step {
            "cause" => self.cause.as_ref(),
            "grade" => self.grade.as_ref(),
            "campaign" => self.campaign.as_ref(),
            _ => None,
        }
    }

    /// The rules that say what was decided, by their keys, in the order of the stages: what a case about one customer can see.
    pub fn decisions(&self) -> impl Iterator<Item = (&'static str, &Rule)> {
        Self::STEPS.into_iter().filter_map(|step| Some((step, self.rule(step)?)))
    }

    /// Every rule by its key, in the order of the stages.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, &Rule)> {
        self.decisions().chain(self.holds_until.as_ref().map(|rule| ("holds_until", rule)))
    }

    /// One of them, to be changed.
    pub fn rule_mut(&mut self, key: &str) -> Option<&mut Rule> {
        match key {
            "grade" => self.grade.as_mut(),
            "cause" => self.cause.as_mut(),
            "campaign" => self.campaign.as_mut(),
            _ => None,
        }
    }
}

impl Reasons {
    /// The sentence about a decision at a step; `None` if the pack gives none.
    #[must_use]
    pub fn of(&self, step: &str) -> Option<&Template> {
        let template = match self {
            Reasons::One(template) => template,
            Reasons::Each { cause, grade, campaign } => match step {
                "cause" => cause,
                "grade" => grade,
                _ => campaign,
            },
        };
        Some(template).filter(|template| !template.parts.is_empty())
    }

    /// Every sentence that is given, each once, with the step it is for; `None` of one for all.
    pub fn given(&self) -> impl Iterator<Item = (Option<&'static str>, &Template)> {
        let steps: Vec<Option<&'static str>> = match self {
            Reasons::One(_) => vec![None],
            Reasons::Each { .. } => Human::STEPS.into_iter().map(Some).collect(),
        };
        steps.into_iter().filter_map(|step| Some((step, self.of(step.unwrap_or_default())?)))
    }
}
