//! What a person should know before she picks up the phone, in words.

use std::collections::HashMap;

use super::sheet::number;
use crate::pack::{Campaign, Cause, Criterion, Pack};
use crate::plan::{Plan, PlanRow};

/// What speaks for a customer is a score above this, the middle of 0 to 10.
const MIDDLE: f64 = 5.0;
/// Criteria named at most.
const NAMED: usize = 3;

/// The labels and help texts of a pack, by the names a plan's rows carry.
pub(super) struct Words<'a> {
    pack: &'a Pack,
    campaigns: HashMap<&'a str, &'a Campaign>,
    causes: HashMap<&'a str, &'a Cause>,
    /// Of every score of a row: the dimension's label, or its criterion.
    scores: Vec<Score<'a>>,
}

enum Score<'a> {
    Dimension(&'a str),
    Criterion(&'a Criterion),
    Unknown,
}

impl<'a> Words<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let pack: &Pack = &plan.pack;
        let score = |name: &String| match name.strip_prefix("score.") {
            Some(name) => pack.criteria.iter().find(|c| c.name == name).map_or(Score::Unknown, Score::Criterion),
            None => {
                pack.dimensions.iter().find(|d| d.name == *name).map_or(Score::Unknown, |d| Score::Dimension(&d.name))
            }
        };
        Self {
            pack,
            campaigns: pack.campaigns.iter().map(|c| (c.name.as_str(), c)).collect(),
            causes: pack.causes.list.iter().map(|c| (c.name.as_str(), c)).collect(),
            scores: plan.scores.iter().map(score).collect(),
        }
    }

    pub(super) fn campaign(&self, row: &PlanRow) -> Option<&'a Campaign> {
        self.campaigns.get(row.campaign.as_ref()).copied()
    }

    /// `Comeback call`
    pub(super) fn campaign_label<'r>(&self, row: &'r PlanRow) -> &'r str
    where
        'a: 'r,
    {
        self.campaign(row).map_or(&row.campaign, |campaign| &campaign.label)
    }

    pub(super) fn channel<'r>(&self, name: &'r str) -> &'r str
    where
        'a: 'r,
    {
        self.pack.channels.get(name).map_or(name, |channel| &channel.label)
    }

    pub(super) fn speaker<'r>(&self, name: &'r str) -> &'r str
    where
        'a: 'r,
    {
        self.pack.people.get(name).map_or(name, |person| &person.label)
    }

    /// `Call before it ends: makes an offer, never asks to confirm the notice`; for those who do the work, not for customers.
    pub(super) fn about(&self, row: &PlanRow) -> String {
        let help = self.campaign(row).map_or("", |campaign| campaign.help.as_str());
        with_help(self.campaign_label(row), help)
    }

    /// `Comeback discount`
    pub(super) fn offer_label(&self, row: &PlanRow) -> String {
        let name = row.offer.as_deref().unwrap_or_default();
        self.pack.offers.get(name).map_or(name, |offer| &offer.label).to_owned()
    }

    /// What a letter or mail is about: the campaign's own words, else what it offers, else what it is called.
    pub(super) fn to_write(&self, row: &PlanRow) -> String {
        let say = row.say.as_deref().map(str::trim).filter(|say| !say.is_empty()).map(str::to_owned);
        let offer = Some(self.offer_label(row)).filter(|offer| !offer.is_empty());
        say.or(offer).unwrap_or_else(|| self.campaign_label(row).to_owned())
    }

    /// `Comeback discount: a discount on the first order after the return, once`; for those who do the work, not for customers.
    pub(super) fn offer(&self, row: &PlanRow) -> String {
        let help =
            row.offer.as_deref().and_then(|name| self.pack.offers.get(name)).map_or("", |offer| offer.help.as_str());
        with_help(&self.offer_label(row), help)
    }

    /// `Better price elsewhere (bought away), 67 % sure`
    pub(super) fn cause(&self, row: &PlanRow) -> String {
        let Some(name) = row.cause.as_deref() else { return String::new() };
        let cause = self.causes.get(name);
        let label = cause.map_or(name, |cause| cause.label.as_str());
        let class =
            row.class.as_deref().filter(|class| *class != name).map(|class| format!(" ({})", class.replace('_', " ")));
        let sure = row.confidence.map(|sure| format!(", {:.0} % sure", sure * 100.0));
        format!("{label}{}{}", class.unwrap_or_default(), sure.unwrap_or_default())
    }

    /// `grade A; worth 8.2, chance 6.4; above all payment mentality 9.5, purchase history 8; 1240 EUR revenue so far`
    pub(super) fn matters(&self, row: &PlanRow) -> String {
        let mut parts = Vec::new();
        if let Some(grade) = &row.grade {
            parts.push(format!("grade {grade}"));
        }
        let dimensions: Vec<String> = self
            .scored(row)
            .filter_map(|(score, value)| match score {
                Score::Dimension(name) => Some(format!("{name} {}", tenth(value))),
                _ => None,
            })
            .collect();
        if !dimensions.is_empty() {
            parts.push(dimensions.join(", "));
        }
        let strongest = self.strongest(row);
        if !strongest.is_empty() {
            let named: Vec<String> =
                strongest.iter().map(|(c, value)| format!("{} {}", in_sentence(&c.label), tenth(*value))).collect();
            parts.push(format!("above all {}", named.join(", ")));
        }
        if let (Some(money), Some(counted)) = (row.money, &self.pack.money) {
            let currency = if counted.currency.is_empty() { String::new() } else { format!(" {}", counted.currency) };
            parts.push(format!("{}{currency} {}", number(money.round()), in_sentence(&counted.label)));
        }
        parts.join("; ")
    }

    /// The criteria that speak for her most: by how far they lift their dimension above the middle, which is
    /// `weight * (score - 5)` over the weights of what is known in it. Ties go to the earlier criterion.
    fn strongest(&self, row: &PlanRow) -> Vec<(&'a Criterion, f64)> {
        let known: Vec<(&Criterion, f64)> = self
            .scored(row)
            .filter_map(|(score, value)| match score {
                Score::Criterion(criterion) => Some((*criterion, value)),
                _ => None,
            })
            .collect();
        let weights = |dimension: usize| {
            known.iter().filter(|(c, _)| c.dimension == dimension).map(|(c, _)| c.weight).sum::<f64>()
        };
        let mut lifts: Vec<(f64, &Criterion, f64)> = known
            .iter()
            .map(|(c, value)| (c.weight * (value - MIDDLE) / weights(c.dimension), *c, *value))
            .filter(|(lift, ..)| *lift > 0.0)
            .collect();
        lifts.sort_by(|a, b| b.0.total_cmp(&a.0));
        lifts.into_iter().take(NAMED).map(|(_, criterion, value)| (criterion, value)).collect()
    }

    fn scored<'s>(&'s self, row: &'s PlanRow) -> impl Iterator<Item = (&'s Score<'a>, f64)> {
        self.scores.iter().zip(&row.scores).filter_map(|(score, value)| Some((score, (*value)?)))
    }

    /// `express consent, of 2025-03-01`
    pub(super) fn basis(&self, row: &PlanRow) -> String {
        match (&row.basis, row.consent_on) {
            (Some(basis), Some(on)) => format!("{basis}, of {on}"),
            (Some(basis), None) => basis.to_string(),
            (None, Some(on)) => format!("consent of {on}"),
            (None, None) => String::new(),
        }
    }
}

fn with_help(label: &str, help: &str) -> String {
    if help.is_empty() { label.to_owned() } else { format!("{label}: {help}") }
}

fn tenth(score: f64) -> String {
    number((score * 10.0).round() / 10.0)
}

/// A label within a sentence: `Payment mentality` begins small, `VIP` and `E-mail` do not.
fn in_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(std::iter::once(second)).chain(letters).collect()
        }
        _ => label.to_owned(),
    }
}
