//! `[plan]`, `[budget]`, `[capacity]`, `[volume]`, `[reserve]`: what a plan must keep to.

use super::{Campaign, Pack, Rule, Track};
use crate::diag::Span;
use crate::expr::{Slot, Type};

/// How a plan is made.
#[derive(Debug, Clone)]
pub struct Planning {
    /// The most contacts one customer gets in a plan; at least 1.
    pub per_customer: u32,
    /// Contacts later than so many days after the as-of date wait for a later plan.
    pub horizon: u32,
    /// The share of all customers whom no plan contacts, 0 to 0.9.
    pub holdout: f64,
    /// The name whose hash with the key decides who is held out of everything; the pack's name if `None`.
    pub experiment: Option<String>,
    /// Text values within which holdouts of campaigns are drawn apart: the name, and its slot in [`super::Pack::names`].
    pub stratify: Vec<(String, Slot)>,
    /// The probability that a customer returns without any contact.
    pub anyway: Option<Rule>,
    /// Differences as rare as this by chance alone count as seen: 0.05.
    pub significance: f64,
    /// The probability with which a real difference is to be seen: 0.8.
    pub power: f64,
    /// Values of the record written into the plan as they are: the name, and its slot.
    pub carry: Vec<(String, Slot)>,
    /// `[budget.*]`, `[capacity.*]`, `[volume.*]`, `[reserve.*]`, in this order.
    pub limits: Vec<Limit>,
    /// Every expression of numbers over parameters, with the value it has.
    pub figures: Vec<Figure>,
}

impl Default for Planning {
    /// What holds without a `[plan]`: one contact per customer within four weeks, no holdout, no limits.
    fn default() -> Self {
        Self {
            per_customer: 1,
            horizon: 28,
            holdout: 0.0,
            experiment: None,
            stratify: Vec::new(),
            anyway: None,
            significance: 0.05,
            power: 0.8,
            carry: Vec::new(),
            limits: Vec::new(),
            figures: Vec::new(),
        }
    }
}

impl Planning {
    /// Every expression, with the limit it stands in; `None` for those of `[plan]` itself.
    pub fn rules(&self) -> impl Iterator<Item = (Option<&Limit>, &Rule)> {
        let figures = self.figures.iter().map(|figure| (figure.limit.and_then(|at| self.limits.get(at)), &figure.rule));
        let whens = self.limits.iter().filter_map(|limit| Some((Some(limit), limit.when.as_ref()?)));
        self.anyway.iter().map(|rule| (None, rule)).chain(figures).chain(whens)
    }
}

/// A number of the plan that a business user sets by a parameter.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Index into [`Planning::limits`] of the limit it stands in; `None` in `[plan]` itself.
    pub limit: Option<usize>,
    /// The expression, over parameters alone.
    pub rule: Rule,
    /// What it gives.
    pub value: f64,
}

/// The kind of a limit: the section it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LimitKind {
    /// `[budget.NAME]`
    Budget,
    /// `[capacity.NAME]`
    Capacity,
    /// `[volume.NAME]`
    Volume,
    /// `[reserve.NAME]`
    Reserve,
}

impl LimitKind {
    /// The section.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            LimitKind::Budget => "budget",
            LimitKind::Capacity => "capacity",
            LimitKind::Volume => "volume",
            LimitKind::Reserve => "reserve",
        }
    }
}

/// What of a contact counts against a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// One.
    Contacts,
    /// Its cost, in the pack's currency.
    Cost,
    /// The hours of work it takes.
    Hours,
    /// The returns to be expected: its success.
    Returns,
}

/// The time a limit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Per {
    /// The whole plan.
    Plan,
    /// A month of the calendar.
    Month,
    /// A week of ISO 8601: Monday to Sunday.
    Week,
    /// A day.
    Day,
}

impl Per {
    /// As in TOML.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Per::Plan => "plan",
            Per::Month => "month",
            Per::Week => "week",
            Per::Day => "day",
        }
    }
}

/// A limit on the sum of what planned contacts use.
#[derive(Debug, Clone)]
pub struct Limit {
    /// Its section.
    pub kind: LimitKind,
    /// Its name there.
    pub name: String,
    /// What is limited, in words that stand within a sentence: `winback calls`, `phone budget`.
    pub label: String,
    /// Which contacts count.
    pub scope: Scope,
    /// Only those of customers for whom this is true (of a reserve: who has it).
    pub when: Option<Rule>,
    /// What is summed up.
    pub measure: Measure,
    /// For what time it holds.
    pub per: Per,
    /// Never more than this.
    pub most: Option<f64>,
    /// Not less than this, if it can be had.
    pub least: Option<f64>,
    /// What each unit short of `least` costs, in the pack's currency.
    pub penalty: f64,
    /// Of a reserve: the index in [`Planning::limits`] of what it is a share of.
    pub of: Option<usize>,
    /// Of a reserve: the share, 0 to 1.
    pub share: f64,
    /// What it is.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

impl Limit {
    /// `capacity.calls`
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.kind.word(), self.name)
    }
}

impl Pack {
    /// What a plan reads of a customer for a campaign, beside its cost, success and value: the word for it and its type, as far as
    /// the pack says it.
    pub fn terms(&self) -> impl Iterator<Item = (&'static str, Type)> {
        let own = |part: fn(&Campaign) -> bool| self.campaigns.iter().any(part);
        let anyway =
            own(|campaign| campaign.anyway.is_some()) || self.planning.iter().any(|plan| plan.anyway.is_some());
        let all = [
            ("anyway", Type::Number, anyway),
            ("hours", Type::Number, own(|campaign| campaign.hours.is_some())),
            ("basis", Type::Text, self.channels.values().any(|channel| channel.basis.is_some())),
            ("consent_on", Type::Date, self.channels.values().any(|channel| channel.consent_on.is_some())),
        ];
        all.into_iter().filter(|(.., said)| *said).map(|(word, ty, _)| (word, ty))
    }
}

/// Which campaigns a limit is about; an empty list stands for all.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Names of campaigns.
    pub campaigns: Vec<String>,
    /// Names of channels.
    pub channels: Vec<String>,
    /// Names of people.
    pub speakers: Vec<String>,
    /// Names of offers.
    pub offers: Vec<String>,
    /// Tracks.
    pub tracks: Vec<Track>,
}

impl Scope {
    /// Whether contacts of a campaign count.
    #[must_use]
    pub fn has(&self, campaign: &Campaign) -> bool {
        let among = |list: &[String], name: Option<&String>| list.is_empty() || name.is_some_and(|n| list.contains(n));
        among(&self.campaigns, Some(&campaign.name))
            && among(&self.channels, campaign.channel.as_ref())
            && among(&self.speakers, campaign.speaker.as_ref())
            && among(&self.offers, campaign.offer.as_ref())
            && (self.tracks.is_empty() || campaign.track.is_some_and(|track| self.tracks.contains(&track)))
    }
}

/// The columns of every plan that is written, key and scores aside: what `carry` names must not be called like these.
pub const PLAN_COLUMNS: [&str; 34] = [
    "arm",
    "held_out_by",
    "experiment",
    "stratum",
    "propensity",
    "campaign",
    "offer",
    "channel",
    "speaker",
    "send_on",
    "send_by",
    "cost",
    "success",
    "value",
    "net",
    "anyway",
    "hours",
    "basis",
    "consent_on",
    "state",
    "track",
    "cause",
    "class",
    "confidence",
    "grade",
    "priority",
    "money",
    "overridden",
    "say",
    "reasons",
    "pack",
    "version",
    "hash",
    "as_of",
];
