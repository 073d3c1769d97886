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
    /// Who decided and why, in words.
    pub because: Template,
    /// Where it is declared.
    pub span: Span,
}

impl Human {
    /// What stands for "no campaign at all".
    pub const NOBODY: &'static str = "none";
    /// What is said where the pack gives no sentence.
    pub const BECAUSE: &'static str = "decided by a person";

    /// Every expression of `[override]`, by its key.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, &Rule)> {
        let all = [("grade", &self.grade), ("cause", &self.cause), ("campaign", &self.campaign)];
        all.into_iter().filter_map(|(key, rule)| Some((key, rule.as_ref()?)))
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
