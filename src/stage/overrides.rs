//! People decide otherwise: what `[override]` says wins over the rules, stage by stage.
//!
//! Who is suppressed stays suppressed, and nobody is contacted without consent: those two no person can decide away here.

use std::collections::BTreeMap;

use crate::engine::{Builder, Mask, Reg, Segment, Text};
use crate::expr::{Date, evaluate};
use crate::pack::{Campaign, Cause, Grade, Human, Pack, Reasons, Rule};

use super::causes::UNKNOWN;
use super::{RowValues, segments, sentence};

/// What people decided about one customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Her grade; an index into [`Pack::grades`].
    pub grade: Option<usize>,
    /// Why she left.
    pub cause: Option<ToldCause>,
    /// What she gets.
    pub campaign: Option<ToldCampaign>,
    /// The last day on which the decision about the campaign holds, if it has one.
    pub holds_until: Option<Date>,
    /// Who decided and why, of everything decided; there if any of the above is.
    pub because: Option<String>,
    /// The same, each decision by itself: by key of `[override]`.
    pub reasons: BTreeMap<&'static str, String>,
    /// What could not be followed, because the pack has no such thing, in words.
    pub ignored: Vec<String>,
}

/// A cause that a person found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldCause {
    /// This one; an index into the pack's causes.
    Cause(usize),
    /// That nobody knows: what the rules found is not it.
    Unknown,
}

/// A campaign that a person chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldCampaign {
    /// This one; an index into [`Pack::campaigns`].
    Campaign(usize),
    /// No contact.
    Nobody,
}

impl Told {
    /// Whether a person decided anything.
    #[must_use]
    pub fn any(&self) -> bool {
        self.grade.is_some() || self.cause.is_some() || self.campaign.is_some()
    }

    /// The grade a person gave her.
    #[must_use]
    pub fn grade_of<'a>(&self, pack: &'a Pack) -> Option<&'a Grade> {
        pack.grades.get(self.grade?)
    }

    /// The cause a person found; `Some(None)` is that nobody knows it.
    #[must_use]
    pub fn cause_of<'a>(&self, pack: &'a Pack) -> Option<Option<&'a Cause>> {
        Some(match self.cause? {
            ToldCause::Cause(at) => pack.causes.list.get(at),
            ToldCause::Unknown => None,
        })
    }

    /// The campaign a person chose; `Some(None)` is no contact.
    #[must_use]
    pub fn campaign_of<'a>(&self, pack: &'a Pack) -> Option<Option<&'a Campaign>> {
        Some(match self.campaign? {
            ToldCampaign::Campaign(at) => pack.campaigns.get(at),
            ToldCampaign::Nobody => None,
        })
    }
}

/// One key of `[override]` in columns.
pub(super) struct One {
    /// What was said, of those who are kept.
    pub(super) text: Text,
    /// Rows where it is this one, in the order of the names.
    pub(super) each: Vec<Mask>,
    /// Rows where it is any of the names.
    pub(super) any: Mask,
    /// Rows where something was said that is none of the names.
    strange: Mask,
}

/// What `[override]` says, in columns; nothing if the pack has none.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) grade: Option<One>,
    /// The causes of the pack, then `unknown`.
    pub(super) cause: Option<One>,
    /// The campaigns of the pack, then `none`.
    pub(super) campaign: Option<One>,
}

pub(super) fn columns(pack: &Pack, b: &mut Builder, kept: Mask) -> Columns {
    let Some(human) = &pack.human else { return Columns::default() };
    let mut one = |rule: &Option<Rule>, names: Vec<&str>| {
        let Reg::Text(text) = b.value(&rule.as_ref()?.expr) else { return None };
        let Reg::Text(text) = b.only(Reg::Text(text), kept) else { return None };
        let each: Vec<Mask> = names.into_iter().map(|name| b.text_is(text, name)).collect();
        let any = b.or(&each);
        let (there, other) = (b.text_there(text), b.not(any));
        Some(One { text, each, any, strange: b.and(&[there, other]) })
    };
    Columns {
        grade: one(&human.grade, grades(pack)),
        cause: one(&human.cause, causes(pack)),
        campaign: one(&human.campaign, campaigns(pack)),
    }
}

fn grades(pack: &Pack) -> Vec<&str> {
    pack.grades.iter().map(|g| g.name.as_str()).collect()
}

fn causes(pack: &Pack) -> Vec<&str> {
    pack.causes.list.iter().map(|c| c.name.as_str()).chain([UNKNOWN]).collect()
}

fn campaigns(pack: &Pack) -> Vec<&str> {
    pack.campaigns.iter().map(|c| c.name.as_str()).chain([Human::NOBODY]).collect()
}

impl Columns {
    /// The rows of each kind of decision, in the order of the stages.
    fn steps(&self) -> impl Iterator<Item = (&'static str, Mask)> {
        let each = [&self.cause, &self.grade, &self.campaign];
        Human::STEPS.into_iter().zip(each).filter_map(|(step, one)| Some((step, one.as_ref()?.any)))
    }

    /// The sentences of every row about which a person decided something: of each decision, unless one speaks for all.
    pub(super) fn sentences(&self, pack: &Pack, b: &mut Builder) -> Vec<(Mask, Vec<Segment>)> {
        let Some(human) = &pack.human else { return Vec::new() };
        let one = matches!(human.because, Reasons::One(_));
        let mut sentences = Vec::new();
        // Those without a sentence of their own have the same one.
        let mut others = Vec::new();
        for (step, mask) in self.steps() {
            match human.because.of(step).filter(|_| !one) {
                Some(because) => sentences.push((mask, segments(because))),
                None => others.push(mask),
            }
        }
        if !others.is_empty() {
            let plain = || vec![Segment::Text(Human::BECAUSE.to_owned())];
            let because = human.because.of("").filter(|_| one).map_or_else(plain, segments);
            sentences.push((b.or(&others), because));
        }
        sentences
    }

    /// The last day on which a decision about a campaign holds; `None` if the pack does not say.
    pub(super) fn ends(&self, pack: &Pack, b: &mut Builder) -> Option<Reg> {
        let (rule, told) = (pack.human.as_ref()?.holds_until.as_ref()?, self.campaign.as_ref()?.any);
        let ends = b.value(&rule.expr);
        Some(b.only(ends, told))
    }

    /// The columns that show it; none if the pack has no `[override]`.
    pub(super) fn output(&self, pack: &Pack, b: &mut Builder) {
        if pack.human.is_some() {
            let sentences = self.sentences(pack, b);
            b.output_sentences("overridden", sentences);
            self.output_ignored(pack, b);
        }
    }

    /// What of it names nothing of the pack; no column if the pack has no `[override]`.
    pub(super) fn output_ignored(&self, pack: &Pack, b: &mut Builder) {
        let Some(human) = &pack.human else { return };
        let keys = [
            (&self.grade, &human.grade, "grade"),
            (&self.cause, &human.cause, "cause"),
            (&self.campaign, &human.campaign, "campaign"),
        ];
        let strange = keys.into_iter().filter_map(|(one, rule, noun)| {
            let (one, rule) = (one.as_ref()?, rule.as_ref()?);
            let (before, after) = strange(noun);
            let value = Segment::Value(rule.expr.clone());
            Some((one.strange, vec![Segment::Text(before), value, Segment::Text(after)]))
        });
        b.output_sentences("override_ignored", strange.collect());
    }
}

/// What is said before and after a text that names nothing of the pack.
fn strange(noun: &str) -> (String, String) {
    (format!("the {noun} `"), "` is not one of the pack".to_owned())
}

pub(super) fn row(pack: &Pack, values: &RowValues) -> Told {
    let mut told = Told::default();
    let Some(human) = &pack.human else { return told };
    let mut ignored = Vec::new();
    let mut one = |rule: &Option<Rule>, names: Vec<&str>, noun: &str| {
        let said = evaluate(&rule.as_ref()?.expr, values, &pack.scripts);
        let text = said.as_text()?;
        let found = names.iter().position(|name| *name == text);
        if found.is_none() {
            let (before, after) = strange(noun);
            ignored.push(format!("{before}{text}{after}"));
        }
        found
    };
    told.grade = one(&human.grade, grades(pack), "grade");
    told.cause = one(&human.cause, causes(pack), "cause").map(|at| match at < pack.causes.list.len() {
        true => ToldCause::Cause(at),
        false => ToldCause::Unknown,
    });
    told.campaign = one(&human.campaign, campaigns(pack), "campaign").map(|at| match at < pack.campaigns.len() {
        true => ToldCampaign::Campaign(at),
        false => ToldCampaign::Nobody,
    });
    told.ignored = ignored;
    told.holds_until = told
        .campaign
        .and(human.holds_until.as_ref())
        .and_then(|rule| evaluate(&rule.expr, values, &pack.scripts).as_date());
    let decided = [told.cause.is_some(), told.grade.is_some(), told.campaign.is_some()];
    let mut said: Vec<String> = Vec::new();
    let mut unsaid = false;
    for step in Human::STEPS.into_iter().zip(decided).filter(|(_, decided)| *decided).map(|(step, _)| step) {
        let because = human.because.of(step).map(|because| sentence(pack, because, values));
        match &because {
            Some(because) if matches!(human.because, Reasons::Each { .. }) || said.is_empty() => {
                said.push(because.clone());
            }
            Some(_) => {}
            None => unsaid = true,
        }
        told.reasons.insert(step, because.unwrap_or_else(|| Human::BECAUSE.to_owned()));
    }
    said.extend(unsaid.then(|| Human::BECAUSE.to_owned()));
    told.because = told.any().then(|| said.join("; "));
    told
}
