//! What a portfolio found, in the order it is shown: the machine form, and what the terminal draws.

use serde::{Serialize, Serializer};

use super::layout::{CriterionEntry, DimensionEntry};
use super::portfolio::{Groups, Portfolio, Tally};
use crate::stage::Receipt;

/// A whole portfolio.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Which rules, as of when.
    pub receipt: Receipt,
    /// Where every row went.
    pub rows: Rows,
    /// What customers are counted with, and the sum over those decided.
    pub money: Option<MoneyTotal>,
    /// By reason, most first.
    pub suppressed: Vec<SuppressedRow>,
    /// What people decided; `None` if the pack lets nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overridden: Option<OverriddenTotal>,
    /// In the order of the pack; customers whom no rule fits come last.
    pub states: Vec<StateRow>,
    /// Most money first (most customers, if no money is counted); those not analysed are left out.
    pub causes: Vec<CauseRow>,
    /// Customers without a cause: their state asks for no analysis.
    pub not_analysed: u64,
    /// In the order of the pack; customers without a grade come last.
    pub grades: Vec<GradeRow>,
    /// Most customers first.
    pub campaigns: Vec<CampaignRow>,
    /// Customers that get no campaign.
    pub without_campaign: Without,
    /// What the pack has and nobody got.
    pub never: Never,
    /// What the scores of [`Summary::top`] mean, in order.
    pub criteria: Vec<CriterionEntry>,
    /// What the dimensions of [`Summary::top`] mean, in order.
    pub dimensions: Vec<DimensionEntry>,
    /// The customers with a campaign that have the highest priority.
    pub top: Vec<TopRow>,
}

/// `input = decided + suppressed + rejected`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// Rows read.
    pub input: u64,
    /// Customers decided.
    pub decided: u64,
    /// Customers suppressed.
    pub suppressed: u64,
    /// Rows set aside.
    pub rejected: u64,
}

impl Rows {
    /// Whether nothing was lost.
    #[must_use]
    pub fn balanced(&self) -> bool {
        Some(self.input) == self.decided.checked_add(self.suppressed).and_then(|n| n.checked_add(self.rejected))
    }
}

/// What customers are counted with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MoneyTotal {
    /// `revenue so far`
    pub label: String,
    /// `EUR`
    pub currency: String,
    /// The sum over all customers decided.
    pub total: f64,
}

/// Why customers were suppressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuppressedRow {
    /// The reason.
    pub because: Option<String>,
    /// How many.
    pub customers: u64,
}

/// What people decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OverriddenTotal {
    /// Customers about whom a person decided something that counts.
    pub customers: u64,
    /// What was not followed, because the pack has no such thing; most first.
    pub ignored: Vec<SuppressedRow>,
}

/// Customers in one state.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StateRow {
    /// `None` where no rule fits.
    pub state: Option<String>,
    /// Its track.
    pub track: Option<String>,
    /// How many.
    pub customers: u64,
    /// Of all decided.
    pub share: f64,
    /// Their money.
    pub money: Option<f64>,
}

/// Customers with one cause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseRow {
    /// Its name.
    pub cause: String,
    /// How it is called on screen.
    pub label: String,
    /// Its class.
    pub class: Option<String>,
    /// How many.
    pub customers: u64,
    /// Of all that have a cause.
    pub share: f64,
    /// Their money.
    pub money: Option<f64>,
}

/// Customers with one grade.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GradeRow {
    /// `None` where no rule fits.
    pub grade: Option<String>,
    /// How it is called on screen.
    pub label: String,
    /// Let go on purpose.
    pub let_go: bool,
    /// How many.
    pub customers: u64,
    /// Of all decided.
    pub share: f64,
    /// Their money.
    pub money: Option<f64>,
}

/// Customers whose best candidate is one campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignRow {
    /// Its name.
    pub campaign: String,
    /// How it is called on screen.
    pub label: String,
    /// What is offered.
    pub offer: Option<String>,
    /// How.
    pub channel: Option<String>,
    /// How many.
    pub customers: u64,
    /// Of all decided.
    pub share: f64,
    /// Their money.
    pub money: Option<f64>,
    /// What contacting all of them costs.
    pub cost: Option<f64>,
    /// How many of them are expected to return: the sum of `success`.
    pub expected_returns: Option<f64>,
    /// The sum of `success * value - cost`.
    pub expected_net: Option<f64>,
}

/// Customers without a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Without {
    /// Their grade is let go on purpose.
    pub let_go: u64,
    /// No campaign fits them.
    pub no_candidate: u64,
}

/// What the pack has and nobody got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Never {
    /// States.
    pub states: Vec<String>,
    /// Causes.
    pub causes: Vec<String>,
    /// Grades.
    pub grades: Vec<String>,
    /// Campaigns.
    pub campaigns: Vec<String>,
}

/// One of the best customers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopRow {
    /// Her key.
    pub key: String,
    /// State.
    pub state: Option<String>,
    /// Track.
    pub track: Option<String>,
    /// Cause.
    pub cause: Option<String>,
    /// Priority.
    pub priority: Option<f64>,
    /// Grade.
    pub grade: Option<String>,
    /// `worth`, `chance`, …, 0 to 10.
    #[serde(serialize_with = "as_object")]
    pub dimensions: Vec<(String, Option<f64>)>,
    /// Each criterion, 0 to 10.
    #[serde(serialize_with = "as_object")]
    pub scores: Vec<(String, Option<f64>)>,
    /// The best candidate.
    pub campaign: Option<String>,
    /// Its offer.
    pub offer: Option<String>,
    /// Its channel.
    pub channel: Option<String>,
    /// What the contact costs.
    pub cost: Option<f64>,
    /// `success * value - cost`
    pub expected_net: Option<f64>,
    /// Her money.
    pub money: Option<f64>,
    /// Why a person decided otherwise, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overridden: Option<String>,
}

/// Names and numbers as one JSON object, in their order.
fn as_object<S: Serializer>(list: &[(String, Option<f64>)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(list.iter().map(|(name, value)| (name, value)))
}

impl Summary {
    pub(super) fn of(portfolio: &Portfolio) -> Self {
        let layout = &portfolio.layout;
        let (decided, suppressed, rejected) = (portfolio.decided, portfolio.suppressed, portfolio.rejected);
        let share = |n: u64, of: u64| if of == 0 { 0.0 } else { n as f64 / of as f64 };

        let states = states(portfolio, |n| share(n, decided));
        let causes = causes(portfolio, share);
        let grades = grades(portfolio, |n| share(n, decided));
        let campaigns = campaigns(portfolio, |n| share(n, decided));

        let is_let_go = |name: Option<&str>| layout.grades.iter().any(|g| g.let_go && Some(g.name.as_str()) == name);
        let mut without = Without { let_go: 0, no_candidate: 0 };
        for ([grade], tally) in &portfolio.without {
            let place = if is_let_go(grade.as_deref()) { &mut without.let_go } else { &mut without.no_candidate };
            *place += tally.count;
        }
        let not_analysed =
            portfolio.causes.iter().filter(|([cause, _], _)| cause.is_none()).map(|(_, t)| t.count).sum();

        let suppressions = reasons(&portfolio.reasons);
        let overridden = layout
            .human
            .then(|| OverriddenTotal { customers: portfolio.overridden, ignored: reasons(&portfolio.ignored) });

        let never = Never {
            states: absent(layout.states.iter().map(|s| &s.state), |name| {
                states.iter().any(|s| s.state.as_ref() == Some(name))
            }),
            causes: absent(layout.causes.iter().map(|c| &c.name), |name| causes.iter().any(|c| &c.cause == name)),
            grades: absent(layout.grades.iter().map(|g| &g.name), |name| {
                grades.iter().any(|g| g.grade.as_ref() == Some(name))
            }),
            campaigns: absent(layout.campaigns.iter().map(|c| &c.name), |name| {
                campaigns.iter().any(|c| &c.campaign == name)
            }),
        };
        Summary {
            receipt: layout.receipt.clone(),
            rows: Rows {
                input: portfolio.input.unwrap_or(decided + suppressed + rejected),
                decided,
                suppressed,
                rejected,
            },
            money: layout.money.as_ref().map(|m| MoneyTotal {
                label: m.label.clone(),
                currency: m.currency.clone(),
                total: total(&portfolio.states),
            }),
            suppressed: suppressions,
            overridden,
            states,
            causes,
            not_analysed,
            grades,
            campaigns,
            without_campaign: without,
            never,
            criteria: layout.criteria.clone(),
            dimensions: layout.dimensions.clone(),
            top: portfolio.top.rows(),
        }
    }
}

/// Most customers first.
fn reasons(groups: &Groups<1, 0>) -> Vec<SuppressedRow> {
    let mut reasons: Vec<SuppressedRow> =
        groups.iter().map(|([because], t)| SuppressedRow { because: because.clone(), customers: t.count }).collect();
    reasons.sort_by(|a, b| b.customers.cmp(&a.customers).then_with(|| a.because.cmp(&b.because)));
    reasons
}

fn states(portfolio: &Portfolio, share: impl Fn(u64) -> f64) -> Vec<StateRow> {
    let known = &portfolio.layout.states;
    let mut rows: Vec<StateRow> = portfolio
        .states
        .iter()
        .map(|([state, track], t)| StateRow {
            state: state.clone(),
            track: track.clone(),
            customers: t.count,
            share: share(t.count),
            money: t.sum(0),
        })
        .collect();
    // The groups are walked by name, and the sort is stable.
    rows.sort_by_key(|row| {
        let place = known.iter().position(|k| Some(&k.state) == row.state.as_ref() && k.track == row.track);
        (row.state.is_none(), place.unwrap_or(known.len()))
    });
    rows
}

fn causes(portfolio: &Portfolio, share: impl Fn(u64, u64) -> f64) -> Vec<CauseRow> {
    let named = |(key, tally): (&[Option<String>; 2], &Tally<1>)| {
        let [cause, class] = key;
        cause.clone().map(|cause| (cause, class.clone(), *tally))
    };
    let found: Vec<_> = portfolio.causes.iter().filter_map(named).collect();
    let all = found.iter().map(|(_, _, t)| t.count).sum();
    let mut rows: Vec<CauseRow> = found
        .into_iter()
        .map(|(cause, class, t)| CauseRow {
            label: label(portfolio.layout.causes.iter().map(|c| (&c.name, &c.label)), &cause),
            cause,
            class,
            customers: t.count,
            share: share(t.count, all),
            money: t.sum(0),
        })
        .collect();
    let is_unknown = |row: &CauseRow| row.cause == "unknown";
    rows.sort_by(|a, b| {
        let money = |row: &CauseRow| row.money.unwrap_or(0.0);
        is_unknown(a)
            .cmp(&is_unknown(b))
            .then_with(|| money(b).total_cmp(&money(a)))
            .then_with(|| b.customers.cmp(&a.customers))
            .then_with(|| a.cause.cmp(&b.cause))
    });
    rows
}

fn grades(portfolio: &Portfolio, share: impl Fn(u64) -> f64) -> Vec<GradeRow> {
    let known = &portfolio.layout.grades;
    let mut rows: Vec<GradeRow> = portfolio
        .grades
        .iter()
        .map(|([grade], t)| {
            let entry = known.iter().find(|k| Some(&k.name) == grade.as_ref());
            GradeRow {
                grade: grade.clone(),
                label: entry.map_or_else(|| grade.clone().unwrap_or_default(), |k| k.label.clone()),
                let_go: entry.is_some_and(|k| k.let_go),
                customers: t.count,
                share: share(t.count),
                money: t.sum(0),
            }
        })
        .collect();
    rows.sort_by_key(|row| {
        let place = known.iter().position(|k| Some(&k.name) == row.grade.as_ref());
        (row.grade.is_none(), place.unwrap_or(known.len()))
    });
    rows
}

fn campaigns(portfolio: &Portfolio, share: impl Fn(u64) -> f64) -> Vec<CampaignRow> {
    let mut rows: Vec<CampaignRow> = portfolio
        .campaigns
        .iter()
        .filter_map(|([campaign, offer, channel], t)| {
            let campaign = campaign.clone()?;
            Some(CampaignRow {
                label: label(portfolio.layout.campaigns.iter().map(|c| (&c.name, &c.label)), &campaign),
                campaign,
                offer: offer.clone(),
                channel: channel.clone(),
                customers: t.count,
                share: share(t.count),
                money: t.sum(0),
                cost: t.sum(1),
                expected_returns: t.sum(2),
                expected_net: t.sum(3),
            })
        })
        .collect();
    rows.sort_by(|a, b| b.customers.cmp(&a.customers).then_with(|| a.campaign.cmp(&b.campaign)));
    rows
}

fn label<'a>(mut known: impl Iterator<Item = (&'a String, &'a String)>, name: &str) -> String {
    known.find(|(n, _)| *n == name).map_or_else(|| name.to_owned(), |(_, label)| label.clone())
}

fn absent<'a>(known: impl Iterator<Item = &'a String>, is_there: impl Fn(&String) -> bool) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in known {
        if !is_there(name) && !out.contains(name) {
            out.push(name.clone());
        }
    }
    out
}

fn total<const K: usize>(groups: &Groups<K, 1>) -> f64 {
    let mut all = Tally::<1>::default();
    groups.values().for_each(|t| all.add(t));
    all.sum(0).unwrap_or(0.0)
}
