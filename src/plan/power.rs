//! Whether a plan's holdouts are large enough for the effects its campaigns are said to have.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::holdout::Holdouts;
use super::row::{Arm, PlanRow};
use crate::pack::{Pack, Planning};
use crate::stats::power::{detectable, needed, share_needed};

/// Where the share that returns without a contact is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseFrom {
    /// The mean of `anyway`.
    Anyway,
    /// The mean of `success`, less the declared `effect`.
    Effect,
    /// Half the mean of `success`: nobody says who would return anyway.
    Half,
}

/// Where the effect is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectFrom {
    /// `effect` of the campaign.
    Declared,
    /// The mean of `success` less the mean of `anyway`.
    Expected,
}

/// What can be said before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// The effect is seen with the power that is asked for.
    Seen,
    /// The effect is too small for these numbers.
    Hidden,
    /// Nobody is held out, so nothing can be seen.
    NoHoldout,
    /// No effect is declared and none follows from `success` and `anyway`, or it is not above 0.
    NoEffect,
    /// Neither `success` nor `anyway` is known, so nothing can be computed.
    NoBase,
    /// A human decided for everybody, or nobody is planned.
    Nobody,
}

/// What a campaign's holdout, or that of several campaigns in one experiment, can show.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The campaigns: one, or all of an experiment that several share.
    pub campaigns: Vec<Arc<str>>,
    /// The experiment's name.
    pub experiment: Arc<str>,
    /// Customers who are contacted, human decisions aside.
    pub treated: u64,
    /// Customers who are held out.
    pub held_out: u64,
    /// The share that returns without a contact, and where it is taken from.
    pub base: Option<(f64, BaseFrom)>,
    /// By how much the contact raises it, and where that is taken from.
    pub effect: Option<(f64, EffectFrom)>,
    /// The smallest raise that is seen.
    pub detectable: Option<f64>,
    /// The share of these customers that would have to be held out; `None` if no share is enough.
    pub share_needed: Option<f64>,
    /// How many customers it takes at the present share.
    pub customers_needed: Option<u64>,
    /// The two-sided significance.
    pub significance: f64,
    /// The probability of seeing the effect.
    pub power: f64,
    /// Of a campaign in a shared experiment: whether the effect is seen in all of its campaigns together.
    pub seen_together: bool,
    /// What follows.
    pub verdict: Verdict,
}

impl Finding {
    /// Whether a person should act on it before anything is sent: the effect is declared or expected, and cannot be seen.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.verdict == Verdict::Hidden && !self.seen_together
    }

    /// In one sentence: `comeback_call: a raise of 3.0 points cannot be seen, only 5.2 or more (900 contacted, 100 held out, 4.0 % return
    /// anyway); hold out 18 %, or join campaigns into one experiment`.
    #[must_use]
    pub fn words(&self) -> String {
        let whom = if self.campaigns.len() > 1 {
            format!("experiment `{}` ({})", self.experiment, self.campaigns.join(", "))
        } else {
            format!("`{}`", self.campaigns.first().map_or("", |name| name))
        };
        let seen = match self.detectable {
            Some(detectable) => format!("a raise of {} or more is seen", points(detectable)),
            None => "no raise can be seen".to_owned(),
        };
        match (self.verdict, self.effect) {
            (Verdict::Nobody, _) => format!("{whom}: a human decided for everybody, so nobody is held out"),
            (Verdict::NoHoldout, _) => {
                format!("{whom}: nobody is held out, so no effect can be seen; give it a `holdout`")
            }
            (Verdict::NoBase, _) => {
                format!("{whom}: neither `success` nor `anyway` is known, so nobody can say what can be seen")
            }
            (Verdict::NoEffect, None) => {
                format!("{whom}: {seen} {}; give the `effect` you expect, or `anyway`", self.circumstances())
            }
            (Verdict::NoEffect, Some(_)) => {
                format!("{whom}: as many are expected to return without a contact, so there is no effect to be seen")
            }
            (Verdict::Seen, effect) => {
                let (size, from) = effect.unwrap_or((0.0, EffectFrom::Expected));
                format!("{whom}: {seen}, {} are {} {}", points(size), from.word(), self.circumstances())
            }
            (Verdict::Hidden, effect) => {
                let (size, from) = effect.unwrap_or((0.0, EffectFrom::Expected));
                let only =
                    self.detectable.map_or_else(String::new, |least| format!(", only {} or more", points(least)));
                let remedy = self.remedy();
                let raise = format!("the {} raise of {} cannot be seen{only}", from.word(), points(size));
                format!("{whom}: {raise} {}; {remedy}", self.circumstances())
            }
        }
    }

    /// `(900 contacted, 100 held out, 4.0 % return anyway)`
    fn circumstances(&self) -> String {
        let base = match self.base {
            Some((base, BaseFrom::Anyway)) => format!(", {} return anyway", percent(base)),
            Some((base, BaseFrom::Effect)) => {
                format!(", {} return anyway if `success` and `effect` hold", percent(base))
            }
            Some((base, BaseFrom::Half)) => format!(", {} taken to return anyway, half of `success`", percent(base)),
            None => String::new(),
        };
        format!("({} contacted, {} held out{base})", self.treated, self.held_out)
    }

    fn remedy(&self) -> String {
        let joined = "join campaigns into one experiment";
        match (self.share_needed, self.customers_needed) {
            (Some(share), _) => format!("hold out {:.0} %, or {joined}", (share * 100.0).ceil()),
            (None, Some(customers)) => format!("it takes {customers} customers at this share; {joined}"),
            (None, None) => joined.to_owned(),
        }
    }
}

impl EffectFrom {
    fn word(self) -> &'static str {
        match self {
            EffectFrom::Declared => "declared",
            EffectFrom::Expected => "expected",
        }
    }
}

/// Percentage points: `3.0 points`.
fn points(share: f64) -> String {
    format!("{:.1} points", share * 100.0)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// One finding per campaign that is planned for somebody, in the pack's order; then one per experiment that several of them share.
///
/// Only those count whom chance decides about (propensity below 1). The share that returns without a contact is the mean of
/// `anyway`; where nobody knows it, the mean of `success` less the declared `effect`; else half the mean of `success`, which is a
/// guess and said to be one: a base that is too high makes an effect look harder to see, not easier, up to a half.
#[must_use]
pub fn findings(pack: &Pack, rows: &[PlanRow]) -> Vec<Finding> {
    let standard = Planning::default();
    let settings = pack.planning.as_ref().unwrap_or(&standard);
    let index: HashMap<&str, usize> = pack.campaigns.iter().enumerate().map(|(i, c)| (c.name.as_str(), i)).collect();
    let mut tallies = vec![Tally::default(); pack.campaigns.len()];
    for row in rows {
        if let Some(campaign) =
            index.get(row.campaign.as_ref()).and_then(|at| pack.campaigns.get(*at).zip(tallies.get_mut(*at)))
        {
            campaign.1.add(row, campaign.0.effect);
        }
    }
    let planned: Vec<(usize, Tally)> = tallies.into_iter().enumerate().filter(|(_, tally)| tally.rows > 0).collect();

    let holdouts = Holdouts::of(pack);
    let name =
        |at: usize| pack.campaigns.get(at).map_or_else(|| Arc::from(""), |campaign| Arc::from(campaign.name.as_str()));
    let experiment = |at: usize| holdouts.campaign(at).name.clone();
    let mut found: Vec<Finding> = Vec::new();
    let mut shared: IndexMap<String, (Vec<Arc<str>>, Tally)> = IndexMap::new();
    for (at, tally) in &planned {
        found.push(tally.finding(vec![name(*at)], &experiment(*at), holdouts.propensity(*at), settings));
        let entry = shared.entry(experiment(*at)).or_default();
        entry.0.push(name(*at));
        entry.1.join(tally);
    }
    let together: Vec<Finding> = shared
        .into_iter()
        .filter(|(_, (campaigns, tally))| campaigns.len() > 1 && tally.drawn > 0)
        .map(|(experiment, (campaigns, tally))| tally.finding(campaigns, &experiment, 0.0, settings))
        .collect();
    for finding in &mut found {
        let joint = together.iter().find(|joint| joint.experiment == finding.experiment);
        finding.seen_together = joint.is_some_and(|joint| joint.verdict == Verdict::Seen);
    }
    found.extend(together);
    found
}

/// Sums over the rows of a campaign.
#[derive(Debug, Clone, Default)]
struct Tally {
    rows: u64,
    /// Rows that chance decides about; the others follow.
    drawn: u64,
    held_out: u64,
    anyway: Mean,
    success: Mean,
    declared: Mean,
    /// `success - anyway` where both are known.
    raise: Mean,
}

/// A running mean: exact where all values are equal.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    mean: f64,
    count: u64,
}

impl Mean {
    fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.join(&Mean { mean: value, count: 1 });
        }
    }

    fn join(&mut self, other: &Mean) {
        if other.count > 0 {
            self.count += other.count;
            self.mean += (other.mean - self.mean) * (other.count as f64 / self.count as f64);
        }
    }

    fn get(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }
}

impl Tally {
    fn add(&mut self, row: &PlanRow, effect: Option<f64>) {
        self.rows += 1;
        if row.propensity >= 1.0 {
            return;
        }
        self.drawn += 1;
        self.held_out += u64::from(row.arm == Arm::Holdout);
        self.anyway.add(row.anyway);
        self.success.add(row.success);
        let raise = row.success.zip(row.anyway).map(|(success, anyway)| success - anyway);
        self.raise.add(effect.or(raise));
        self.declared.add(effect);
    }

    fn join(&mut self, other: &Tally) {
        self.rows += other.rows;
        self.drawn += other.drawn;
        self.held_out += other.held_out;
        self.anyway.join(&other.anyway);
        self.success.join(&other.success);
        self.declared.join(&other.declared);
        self.raise.join(&other.raise);
    }

    fn finding(&self, campaigns: Vec<Arc<str>>, experiment: &str, propensity: f64, settings: &Planning) -> Finding {
        let (alpha, power) = (settings.significance, settings.power);
        let treated = self.drawn - self.held_out;
        let effect = self
            .raise
            .get()
            .map(|raise| (raise, if self.declared.count > 0 { EffectFrom::Declared } else { EffectFrom::Expected }));
        let base = self.base(effect);
        let mut finding = Finding {
            campaigns,
            experiment: Arc::from(experiment),
            treated,
            held_out: self.held_out,
            base,
            effect,
            detectable: None,
            share_needed: None,
            customers_needed: None,
            significance: alpha,
            power,
            seen_together: false,
            verdict: Verdict::Nobody,
        };
        if self.drawn == 0 {
            finding.treated = self.rows;
            finding.verdict = if propensity < 1.0 { Verdict::Nobody } else { Verdict::NoHoldout };
            return finding;
        }
        let Some((base, _)) = base else {
            finding.verdict = Verdict::NoBase;
            return finding;
        };
        finding.detectable = detectable(base, treated, self.held_out, alpha, power);
        let Some((raise, _)) = effect.filter(|(raise, _)| *raise > 0.0) else {
            finding.verdict = Verdict::NoEffect;
            return finding;
        };
        if finding.detectable.is_some_and(|least| least <= raise) {
            finding.verdict = Verdict::Seen;
            return finding;
        }
        finding.verdict = Verdict::Hidden;
        let with = (base + raise).min(1.0);
        finding.share_needed =
            share_needed(base, with, self.drawn, alpha, power).filter(|share| *share <= MOST_HELD_OUT);
        if self.held_out > 0 && treated > 0 {
            let ratio = treated as f64 / self.held_out as f64;
            let out = needed(base, with, ratio, alpha, power);
            finding.customers_needed = (out < u64::MAX).then(|| (out as f64 * (1.0 + ratio)).ceil() as u64);
        }
        finding
    }

    fn base(&self, effect: Option<(f64, EffectFrom)>) -> Option<(f64, BaseFrom)> {
        if let Some(anyway) = self.anyway.get() {
            return Some((anyway.clamp(0.0, 1.0), BaseFrom::Anyway));
        }
        let success = self.success.get()?;
        match effect {
            Some((raise, EffectFrom::Declared)) if raise < success => Some((success - raise, BaseFrom::Effect)),
            _ => Some((success / 2.0, BaseFrom::Half)),
        }
    }
}

/// Nobody holds out more than half of the customers to see an effect.
const MOST_HELD_OUT: f64 = 0.5;

#[cfg(test)]
mod tests;
