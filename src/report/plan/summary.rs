//! What there is to say about a plan.

use std::collections::BTreeMap;

use serde::Serialize;

use super::limits::{limit_lines, limit_words};
use crate::pack::{Pack, Per};
use crate::plan::power::{self, Verdict};
use crate::plan::{Arm, Plan, PlanRow};
use crate::stage::Receipt;

/// A plan in figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanSummary {
    /// The rules and the day.
    pub receipt: Receipt,
    /// The last day of the plan's horizon.
    pub until: String,
    /// `EUR`; empty if the pack names none.
    pub currency: String,
    /// Customers in the data.
    pub customers: u64,
    /// Customers who must not be looked at.
    pub suppressed: u64,
    /// Customers for whom there is a campaign.
    pub candidates: u64,
    /// Customers in the plan.
    pub planned: u64,
    /// Contacts to be made.
    pub contacts: u64,
    /// Contacts that are not made, so that the effect can be seen.
    pub held_out: u64,
    /// Contacts that a human decided for.
    pub forced: u64,
    /// The first and the last day of a contact.
    pub days: Option<(String, String)>,
    /// Returns to be expected of the contacts.
    pub returns: f64,
    /// How many of them would return without a contact, if the pack says so for any.
    pub anyway: Option<f64>,
    /// What the contacts cost.
    pub cost: f64,
    /// Hours of work they take.
    pub hours: f64,
    /// What they are expected to bring, their cost taken off.
    pub gain: f64,
    /// How good the choice is: its worth before chance draws the arms, and what no choice could exceed.
    pub objective: f64,
    /// No choice within the limits is worth more.
    pub bound: f64,
    /// `(bound - objective) / |bound|`
    pub gap: f64,
    /// Whether it is proven to be the best.
    pub exact: bool,
    /// What of `objective` is given up so that the limits are kept by those whom chance has drawn.
    pub given_up: f64,
    /// How often it was chosen anew because chance had put too many into one arm.
    pub redrawn: u32,
    /// By campaign, in the pack's order.
    pub campaigns: Vec<CampaignLine>,
    /// Contacts by channel and week.
    pub weeks: Vec<WeekLine>,
    /// Every limit for every time.
    pub limits: Vec<LimitLine>,
    /// What the limits are worth, one sentence each.
    pub limit_words: Vec<String>,
    /// Why customers with a campaign are not in the plan.
    pub left_out: Vec<WhyLine>,
    /// Contacts that people decided for and that could not be planned.
    pub forced_refused: Vec<WhyLine>,
    /// What people decided that names nothing of the pack; most customers first.
    pub ignored: Vec<WhyLine>,
    /// What the holdouts can show.
    pub findings: Vec<FindingLine>,
    /// What else a person should know.
    pub notices: Vec<String>,
}

/// A campaign in a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignLine {
    /// Its name.
    pub campaign: String,
    /// How it is called on screen.
    pub label: String,
    /// Its offer.
    pub offer: Option<String>,
    /// Its channel.
    pub channel: Option<String>,
    /// Who speaks.
    pub speaker: Option<String>,
    /// Contacts to be made.
    pub contacts: u64,
    /// Contacts that are held out.
    pub held_out: u64,
    /// Returns to be expected.
    pub returns: f64,
    /// Hours of work.
    pub hours: f64,
    /// What the contacts cost.
    pub cost: f64,
    /// What they are expected to bring.
    pub gain: f64,
}

/// A channel in a week.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeekLine {
    /// The channel; `None` of campaigns without one.
    pub channel: Option<String>,
    /// `2026-W27`
    pub week: String,
    /// Contacts to be made.
    pub contacts: u64,
    /// Hours of work.
    pub hours: f64,
}

/// A limit for one time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitLine {
    /// `capacity.calls/2026-W27`
    pub name: String,
    /// What is limited.
    pub label: String,
    /// `budget`, `capacity`, `volume`, `reserve`
    pub kind: String,
    /// `2026-W27`; `None` for the whole plan.
    pub time: Option<String>,
    /// `EUR`, `hours`, `contacts`, `returns`
    pub unit: String,
    /// What the contacts use.
    pub used: f64,
    /// What was expected to be used before chance drew the arms.
    pub expected: f64,
    /// Never more than this.
    pub most: Option<f64>,
    /// Not less than this.
    pub least: Option<f64>,
    /// What is missing to `least`.
    pub short: f64,
    /// What one unit more is worth.
    pub price: f64,
}

/// A reason, and how many it concerns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhyLine {
    /// `crowded_out`, `refused`, `not_worth`, `unknown`, `no_day`, `later`, `forced_refused`, `ignored`
    pub why: String,
    /// In words.
    pub words: String,
    /// Customers.
    pub customers: u64,
}

/// What a holdout can show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FindingLine {
    /// The campaigns it is about.
    pub campaigns: Vec<String>,
    /// `seen`, `hidden`, `no_holdout`, `no_effect`, `no_base`, `nobody`
    pub verdict: String,
    /// The effect that is declared or expected.
    pub effect: Option<f64>,
    /// The smallest effect that would be seen.
    pub detectable: Option<f64>,
    /// How many customers it takes at the present share.
    pub customers_needed: Option<u64>,
    /// Customers who are contacted.
    pub treated: u64,
    /// Customers who are held out.
    pub held_out: u64,
    /// Whether somebody should act before anything is sent.
    pub warning: bool,
    /// In a sentence.
    pub words: String,
}

impl PlanSummary {
    /// Of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let pack = &plan.pack;
        let currency = pack.money.as_ref().map(|money| money.currency.clone()).unwrap_or_default();
        let contacts = || plan.rows.iter().filter(|row| row.arm == Arm::Contact);
        let sum = |of: fn(&PlanRow) -> Option<f64>| contacts().filter_map(of).fold(0.0, |sum, x| sum + x);
        let once = Once::of(plan);
        let whole = Sums::of(contacts(), &once);
        let days = contacts().map(|row| row.send_on).min().zip(contacts().map(|row| row.send_on).max());
        let limits = limit_lines(plan, &currency);
        let held_out = plan.rows.iter().filter(|row| row.arm == Arm::Holdout).count() as u64;
        let gap = (plan.bound - plan.objective).max(0.0) / plan.bound.abs().max(f64::MIN_POSITIVE);
        PlanSummary {
            receipt: Receipt {
                pack: pack.identity.name.clone(),
                version: pack.identity.version.clone(),
                hash: pack.identity.hash.clone(),
                as_of: plan.as_of.to_string(),
            },
            until: plan.last.to_string(),
            customers: plan.counted.customers,
            suppressed: plan.counted.suppressed,
            candidates: plan.counted.candidates,
            planned: plan.counted.planned,
            contacts: contacts().count() as u64,
            held_out,
            forced: plan.counted.forced,
            days: days.map(|(first, last)| (first.to_string(), last.to_string())),
            returns: whole.returns,
            anyway: contacts().any(|row| row.anyway.is_some()).then_some(whole.anyway),
            cost: sum(|row| row.cost),
            hours: sum(|row| row.hours),
            gain: whole.gain,
            objective: plan.objective,
            bound: plan.bound,
            gap,
            exact: plan.exact,
            given_up: plan.given_up,
            redrawn: plan.redrawn,
            campaigns: campaigns(plan, &once),
            weeks: weeks(plan),
            limit_words: limit_words(plan, &currency),
            limits,
            left_out: left_out(plan),
            forced_refused: whys("forced_refused", &plan.counted.forced_refused, |why| why.to_owned()),
            ignored: whys("ignored", &plan.counted.ignored, |words| words.to_owned()),
            findings: findings(pack, &plan.rows),
            notices: once.notice().into_iter().chain(plan.notices.iter().cloned()).collect(),
            currency,
        }
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// How far several contacts with one customer count: she returns once, with the probability that not all of them fail, each taken
/// to work by itself.
struct Once<'a>(BTreeMap<&'a str, (f64, f64)>);

impl Once<'_> {
    fn of(plan: &Plan) -> Once<'_> {
        let mut all: BTreeMap<&str, (f64, f64, f64)> = BTreeMap::new();
        if plan.planning.per_customer > 1 {
            for row in plan.rows.iter().filter(|row| row.arm == Arm::Contact) {
                let (sum, fails, contacts) = all.entry(&row.key).or_insert((0.0, 1.0, 0.0));
                let success = row.success.unwrap_or(0.0);
                *sum += success;
                *fails *= 1.0 - success;
                *contacts += 1.0;
            }
        }
        let several = all.into_iter().filter(|(_, (.., contacts))| *contacts > 1.0);
        Once(
            several
                .map(|(key, (sum, fails, contacts))| {
                    (key, (if sum > 0.0 { (1.0 - fails) / sum } else { 1.0 }, 1.0 / contacts))
                })
                .collect(),
        )
    }

    /// Of what a contact is said to bring, and of what would come anyway.
    fn shares(&self, row: &PlanRow) -> (f64, f64) {
        self.0.get(row.key.as_ref()).copied().unwrap_or((1.0, 1.0))
    }

    fn notice(&self) -> Option<String> {
        let customers = self.0.len();
        (customers > 0).then(|| {
            let who = if customers == 1 { "1 customer gets" } else { &format!("{customers} customers get") };
            format!(
                "{who} several contacts: expected returns and gain count that she returns once; the choice itself, its bound and its \
                 prices add up what each contact brings alone"
            )
        })
    }
}

/// What contacts are expected to bring.
struct Sums {
    returns: f64,
    anyway: f64,
    gain: f64,
}

impl Sums {
    fn of<'a>(rows: impl Iterator<Item = &'a PlanRow>, once: &Once<'_>) -> Sums {
        let mut sums = Sums { returns: 0.0, anyway: 0.0, gain: 0.0 };
        for row in rows {
            let (brought, anyway) = once.shares(row);
            sums.returns += brought * row.success.unwrap_or(0.0);
            sums.anyway += anyway * row.anyway.unwrap_or(0.0);
            let less = (1.0 - brought) * row.success.zip(row.value).map_or(0.0, |(success, value)| success * value);
            sums.gain += row.net.map_or(0.0, |net| net - less);
        }
        sums
    }
}

fn campaigns(plan: &Plan, once: &Once<'_>) -> Vec<CampaignLine> {
    let mut by_name: BTreeMap<&str, Vec<&PlanRow>> = BTreeMap::new();
    for row in &plan.rows {
        by_name.entry(&row.campaign).or_default().push(row);
    }
    let line = |campaign: &crate::pack::Campaign| {
        let rows = by_name.get(campaign.name.as_str())?;
        let contacts = || rows.iter().filter(|row| row.arm == Arm::Contact);
        let sum = |of: fn(&PlanRow) -> Option<f64>| contacts().filter_map(|row| of(row)).fold(0.0, |sum, x| sum + x);
        let sums = Sums::of(contacts().copied(), once);
        Some(CampaignLine {
            campaign: campaign.name.clone(),
            label: campaign.label.clone(),
            offer: campaign.offer.clone(),
            channel: campaign.channel.clone(),
            speaker: campaign.speaker.clone(),
            contacts: contacts().count() as u64,
            held_out: rows.iter().filter(|row| row.arm == Arm::Holdout).count() as u64,
            returns: sums.returns,
            hours: sum(|row| row.hours),
            cost: sum(|row| row.cost),
            gain: sums.gain,
        })
    };
    plan.pack.campaigns.iter().filter_map(line).collect()
}

/// Channels in the pack's order, those without one last; every week of the plan that has a contact.
fn weeks(plan: &Plan) -> Vec<WeekLine> {
    let channel_at = |channel: Option<&str>| {
        channel.and_then(|channel| plan.pack.channels.get_index_of(channel)).unwrap_or(usize::MAX)
    };
    let mut sums: BTreeMap<(usize, String), (u64, f64)> = BTreeMap::new();
    for row in plan.rows.iter().filter(|row| row.arm == Arm::Contact) {
        let week = crate::plan::time_name(Per::Week, row.send_on).unwrap_or_default();
        let sum = sums.entry((channel_at(row.channel.as_deref()), week)).or_default();
        sum.0 += 1;
        sum.1 += row.hours.unwrap_or(0.0);
    }
    let line = |((channel, week), (contacts, hours)): ((usize, String), (u64, f64))| WeekLine {
        channel: plan.pack.channels.get_index(channel).map(|(name, _)| name.clone()),
        week,
        contacts,
        hours,
    };
    sums.into_iter().map(line).collect()
}

fn whys(why: &str, counted: &BTreeMap<String, u64>, words: impl Fn(&str) -> String) -> Vec<WhyLine> {
    let mut lines: Vec<WhyLine> = counted
        .iter()
        .filter(|(_, customers)| **customers > 0)
        .map(|(text, customers)| WhyLine { why: why.to_owned(), words: words(text), customers: *customers })
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.customers));
    lines
}

fn left_out(plan: &Plan) -> Vec<WhyLine> {
    let counted = &plan.counted;
    let mut lines = whys("crowded_out", &counted.crowded_out, |label| match label {
        "" => "others are worth more".to_owned(),
        label => format!("others are worth more: {label}"),
    });
    lines.extend(whys("refused", &counted.refused, |words| format!("not permitted: {words}")));
    let one =
        |why: &str, words: &str, customers: u64| WhyLine { why: why.to_owned(), words: words.to_owned(), customers };
    let rest = [
        one("not_worth", "every contact would cost more than it brings", counted.not_worth),
        one("unknown", "`success` or `value` of the campaign is not known", counted.unknown),
        one("no_day", "`send_on` of the campaign is not known", counted.no_day),
        one("later", &format!("its day lies after {}: a later plan has it", plan.last), counted.later),
    ];
    lines.extend(rest.into_iter().filter(|line| line.customers > 0));
    let forced =
        whys("forced_refused", &counted.forced_refused, |why| format!("decided by a person, and not possible: {why}"));
    lines.extend(forced);
    lines
}

fn findings(pack: &Pack, rows: &[PlanRow]) -> Vec<FindingLine> {
    let verdict = |verdict: Verdict| match verdict {
        Verdict::Seen => "seen",
        Verdict::Hidden => "hidden",
        Verdict::NoHoldout => "no_holdout",
        Verdict::NoEffect => "no_effect",
        Verdict::NoBase => "no_base",
        Verdict::Nobody => "nobody",
    };
    let line = |finding: power::Finding| FindingLine {
        campaigns: finding.campaigns.iter().map(ToString::to_string).collect(),
        verdict: verdict(finding.verdict).to_owned(),
        effect: finding.effect.map(|(effect, _)| effect),
        detectable: finding.detectable,
        customers_needed: finding.customers_needed,
        treated: finding.treated,
        held_out: finding.held_out,
        warning: finding.is_warning(),
        words: finding.words(),
    };
    power::findings(pack, rows).into_iter().map(line).collect()
}
