//! What people decided about a customer, beside what the rules alone would have said.

use super::answer::{Overridden, OverriddenStep};
use crate::pack::{Cause, Pack};
use crate::stage::Decision;

/// What people decided; nothing if nobody did.
pub(super) fn overridden<'a>(pack: &'a Pack, decision: &Decision, by_rules: &Decision) -> Option<Overridden> {
    let told = &decision.told;
    if !told.any() && told.ignored.is_empty() {
        return None;
    }
    let mut steps = Vec::new();
    let mut step = |step, is: Option<&str>, by_rules: Option<&str>, not_followed: Option<&str>| {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let because = told.reasons.get(step).cloned().unwrap_or_default();
        let (is, by_rules, not_followed) = (text(is), text(by_rules), text(not_followed));
        steps.push(OverriddenStep { step, is, by_rules, not_followed, because });
    };
    if let Some(cause) = told.cause_of(pack) {
        let rules = by_rules.cause.winner.and_then(|i| pack.causes.list.get(i));
        let name = |cause: &'a Cause| cause.name.as_str();
        step("cause", cause.map(name), rules.map(name), None);
    }
    if let Some(grade) = told.grade_of(pack) {
        let rules = by_rules.grade.and_then(|i| pack.grades.get(i));
        step("grade", Some(&grade.name), rules.map(|grade| grade.name.as_str()), None);
    }
    if let Some(wanted) = told.campaign_of(pack) {
        let name = |decision: &Decision| decision.best.and_then(|i| pack.campaigns.get(i)).map(|c| c.name.as_str());
        let not_followed = wanted.map(|wanted| wanted.name.as_str()).filter(|wanted| name(decision) != Some(*wanted));
        step("campaign", name(decision), name(by_rules), not_followed);
    }
    Some(Overridden { because: told.because.clone(), steps, ignored: told.ignored.clone() })
}

impl Overridden {
    /// A step, if a person decided at it.
    #[must_use]
    pub fn step(&self, step: &str) -> Option<&OverriddenStep> {
        self.steps.iter().find(|one| one.step == step)
    }

    /// All of it in one or two sentences.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut sentences = Vec::new();
        if !self.steps.is_empty() {
            let first = self.steps.first().map_or("", |step| &step.because);
            let one = self.steps.iter().all(|step| step.because == first);
            let words = |step: &OverriddenStep| match one {
                true => step.words(),
                false => format!("{} ({})", step.words(), step.because),
            };
            let steps = self.steps.iter().map(words).collect::<Vec<_>>().join("; ");
            sentences.push(match one {
                true => format!("Decided by a person ({first}): {steps}."),
                false => format!("Decided by people: {steps}."),
            });
        }
        if !self.ignored.is_empty() {
            sentences.push(format!("A person's decision was not followed: {}.", self.ignored.join("; ")));
        }
        sentences.join(" ")
    }
}

impl OverriddenStep {
    /// ``grade `A`, the rules say `C` ``
    #[must_use]
    pub fn words(&self) -> String {
        let name = |name: &Option<String>| match (name, self.step) {
            (Some(name), "campaign") => format!("campaign `{name}`"),
            (Some(name), _) => format!("`{name}`"),
            (None, "campaign") => "no campaign".to_owned(),
            (None, "cause") => "unknown".to_owned(),
            (None, _) => "none".to_owned(),
        };
        let is = match (&self.not_followed, self.step) {
            (Some(wanted), _) => format!("campaign `{wanted}`, but without consent for its channel, so no contact"),
            (None, "campaign") if self.is.is_none() => "no contact".to_owned(),
            (None, "campaign") => name(&self.is),
            (None, step) => format!("{step} {}", name(&self.is)),
        };
        match self.is == self.by_rules && self.not_followed.is_none() {
            true => format!("{is}, as the rules say"),
            false => format!("{is}, the rules say {}", name(&self.by_rules)),
        }
    }
}
