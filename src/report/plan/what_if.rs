//! What another limit would change: the plan as it is against the plan as it would be.

use std::collections::BTreeMap;

use serde::Serialize;

use super::summary::PlanSummary;
use crate::plan::what_if::Changed;
use crate::plan::{Arm, Plan, PlanRow};

/// So many customers who move are named.
const NAMED: usize = 5;

/// Two plans, and what is different.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhatIf {
    /// The plan as it is.
    pub now: PlanSummary,
    /// The plan as it would be.
    pub then: PlanSummary,
    /// What is changed.
    pub changes: Vec<ChangeLine>,
    /// What the whole is worth more.
    pub objective: f64,
    /// How much of it may be nothing: what either plan may lack to the best one.
    pub uncertain: f64,
    /// What it would be worth more by the prices of the plan as it is; `None` if one of them says nothing about this change.
    pub by_prices: Option<f64>,
    /// By campaign: contacts and gain, now and then.
    pub campaigns: Vec<CampaignChange>,
    /// Customers who come in, go out, or get something else; the most valuable first.
    pub joined: Moves,
    /// Customers who are no longer planned.
    pub left: Moves,
    /// Customers who get another campaign.
    pub switched: Moves,
    /// Customers who are contacted on another day only.
    pub moved: u64,
}

/// A limit that is changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangeLine {
    /// `budget.phone`
    pub limit: String,
    /// What is limited.
    pub label: String,
    /// `most`, `least`, `share`
    pub key: String,
    /// Before.
    pub from: f64,
    /// After.
    pub to: f64,
    /// What one more is worth now, over all its times.
    pub price: f64,
    /// What each unit more has brought, if this is the only change.
    pub per_unit: Option<f64>,
}

/// A campaign in both plans.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignChange {
    /// Its name.
    pub campaign: String,
    /// Contacts now.
    pub contacts: u64,
    /// Contacts then.
    pub contacts_then: u64,
    /// Gain now.
    pub gain: f64,
    /// Gain then.
    pub gain_then: f64,
}

/// Customers who fare alike.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Moves {
    /// How many.
    pub customers: u64,
    /// The most valuable of them.
    pub first: Vec<Move>,
}

/// One customer who moves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Move {
    /// Who.
    pub key: String,
    /// Her campaign now.
    pub from: Option<String>,
    /// Her campaign then.
    pub to: Option<String>,
    /// What the later one is worth, or the one she loses.
    pub net: f64,
}

impl WhatIf {
    /// Of two plans of one pack and one day.
    #[must_use]
    pub fn of(now: &Plan, then: &Plan, changes: &[Changed]) -> WhatIf {
        let objective = then.objective - now.objective;
        let (joined, left, switched, moved) = movements(now, then);
        let lines: Vec<ChangeLine> = changes.iter().filter_map(|change| line(now, change)).collect();
        // A share has no price of its own, and a `least` that is now free says nothing about a higher one.
        let priced = changes.iter().all(|change| change.key == "most");
        let by_prices = priced.then(|| lines.iter().map(|line| line.price * (line.to - line.from)).sum());
        let alone = |mut line: ChangeLine| {
            let units = line.to - line.from;
            line.per_unit = (changes.len() == 1 && units != 0.0).then(|| objective / units);
            line
        };
        let lacks = |plan: &Plan| (plan.bound - plan.objective).max(0.0);
        let uncertain = lacks(now) + lacks(then);
        let (now, then) = (PlanSummary::of(now), PlanSummary::of(then));
        WhatIf {
            changes: lines.into_iter().map(alone).collect(),
            objective,
            uncertain,
            by_prices,
            campaigns: campaigns(&now, &then),
            joined,
            left,
            switched,
            moved,
            now,
            then,
        }
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

fn line(plan: &Plan, change: &Changed) -> Option<ChangeLine> {
    let limit = plan.planning.limits.get(change.limit)?;
    let price = plan.limits.iter().filter(|used| used.limit == change.limit).map(|used| used.price).sum();
    Some(ChangeLine {
        limit: limit.full_name(),
        label: limit.label.clone(),
        key: change.key.to_owned(),
        from: change.from,
        to: change.to,
        price,
        per_unit: None,
    })
}

fn campaigns(now: &PlanSummary, then: &PlanSummary) -> Vec<CampaignChange> {
    let mut list: Vec<CampaignChange> = Vec::new();
    for line in &now.campaigns {
        list.push(CampaignChange {
            campaign: line.campaign.clone(),
            contacts: line.contacts,
            contacts_then: 0,
            gain: line.gain,
            gain_then: 0.0,
        });
    }
    for line in &then.campaigns {
        match list.iter_mut().find(|known| known.campaign == line.campaign) {
            Some(known) => {
                known.contacts_then = line.contacts;
                known.gain_then = line.gain;
            }
            None => list.push(CampaignChange {
                campaign: line.campaign.clone(),
                contacts: 0,
                contacts_then: line.contacts,
                gain: 0.0,
                gain_then: line.gain,
            }),
        }
    }
    list
}

/// Who is contacted in either plan: campaigns, days, worth.
#[derive(Default)]
struct Fate<'a> {
    campaigns: Vec<&'a str>,
    days: Vec<crate::expr::Date>,
    net: f64,
}

fn fates(rows: &[PlanRow]) -> BTreeMap<&str, Fate<'_>> {
    let mut fates: BTreeMap<&str, Fate<'_>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.arm == Arm::Contact) {
        let fate = fates.entry(&row.key).or_default();
        fate.campaigns.push(&row.campaign);
        fate.days.push(row.send_on);
        fate.net += row.net.unwrap_or(0.0);
    }
    fates
}

fn movements(now: &Plan, then: &Plan) -> (Moves, Moves, Moves, u64) {
    let (before, after) = (fates(&now.rows), fates(&then.rows));
    let (mut joined, mut left, mut switched, mut moved) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let names = |fate: &Fate<'_>| Some(fate.campaigns.join(", "));
    for (key, fate) in &before {
        let key = (*key).to_owned();
        match after.get(key.as_str()) {
            None => left.push(Move { key, from: names(fate), to: None, net: fate.net }),
            Some(other) if other.campaigns != fate.campaigns => {
                switched.push(Move { key, from: names(fate), to: names(other), net: other.net });
            }
            Some(other) => moved += u64::from(other.days != fate.days),
        }
    }
    for (key, fate) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        joined.push(Move { key: (*key).to_owned(), from: None, to: names(fate), net: fate.net });
    }
    (top(joined), top(left), top(switched), moved)
}

fn top(mut moves: Vec<Move>) -> Moves {
    moves.sort_by(|a, b| b.net.total_cmp(&a.net).then_with(|| a.key.cmp(&b.key)));
    let customers = moves.len() as u64;
    moves.truncate(NAMED);
    Moves { customers, first: moves }
}
