//! The whole evaluation: what was done, what came of it, and what of that the contacts did, table by table.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::estimate::{Row, estimate};
use super::group::{Measures, Sums, groups, is_column, units};
use super::join::Judge;
use super::verdict::Verdict;
use super::{JoinCounts, Joined, Observed};
use crate::data::DataError;
use crate::expr::Date;
use crate::pack::Pack;
use crate::plan::{Arm, PlanRow};
use crate::stats::split::part;
use crate::stats::uplift::{PARTS, Qini, Scored, qini};
use crate::stats::{Interval, Share, Sum, holm, wilson};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The level: 0.05.
    pub alpha: f64,
    /// The power with which an effect worth seeing is to be seen: 0.8.
    pub power: f64,
    /// Intervals that hold at every look.
    pub sequential: bool,
    /// Further columns to look by.
    pub by: Vec<String>,
    /// Whether revenue is known. [`evaluate`] finds out.
    pub revenue: bool,
    /// Whether margin is known. [`evaluate`] finds out.
    pub margin: bool,
}

impl Settings {
    /// As the pack says in `[plan]`.
    #[must_use]
    pub fn of(pack: &Pack) -> Settings {
        let plan = pack.planning.clone().unwrap_or_default();
        Settings {
            alpha: plan.significance,
            power: plan.power,
            sequential: false,
            by: Vec::new(),
            revenue: false,
            margin: false,
        }
    }
}

/// A table: all groups of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// The column; empty for the plan as a whole.
    pub column: String,
    /// In the order of the plan's values.
    pub rows: Vec<Row>,
}

/// A Qini curve of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The column.
    pub column: String,
    /// The curve.
    pub qini: Qini,
    /// Customers of both arms who have no value there: they are not in it.
    pub unknown: u64,
}

/// What was done and what came back, without asking what would have come anyway.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kpis {
    /// Customers that were contacted.
    pub contacted: u64,
    /// Of them, those won back.
    pub won_back: u64,
    /// Their share, with Wilson's interval.
    pub regain_rate: Option<(f64, Interval)>,
    /// What the contacted brought in.
    pub revenue: Option<f64>,
    /// What of it is margin.
    pub margin: Option<f64>,
    /// What was spent on them.
    pub cost: f64,
    /// Margin of those won back less the cost of all contacts; who would have come anyway is counted as won.
    pub regain_profit: Option<f64>,
    /// The same per unit of money spent.
    pub regain_return: Option<f64>,
}

/// Everything that is said.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// As of when.
    pub as_of: Date,
    /// What became of the rows.
    pub counts: JoinCounts,
    /// What was asked for.
    pub settings: Settings,
    /// What was done.
    pub kpis: Kpis,
    /// Whether margin is the plan's value of a return, because none was observed.
    pub margin_of_plan: bool,
    /// Customers without a covariate; the mean stands for it. `None` where the pack has no covariate.
    pub without_covariate: Option<u64>,
    /// The plan as a whole.
    pub whole: Row,
    /// Campaigns, channels, causes, grades, and what was asked for.
    pub families: Vec<Family>,
    /// Whether `chance` and `success` say where contacts work; none where the arms are not of the size they should be.
    pub curves: Vec<Curve>,
}

/// Columns that are always looked by.
const ALWAYS: [&str; 4] = ["campaign", "channel", "cause", "grade"];

/// Evaluates a plan.
///
/// # Errors
/// A column to look by that the plan does not have.
pub fn evaluate(joined: &Joined, pack: &Pack, as_of: Date, mut settings: Settings) -> Result<Evaluation, DataError> {
    for column in &settings.by {
        if !is_column(joined, column) {
            return Err(unknown_column(joined, column));
        }
    }
    let sorted;
    let joined = if joined.is_in_order() {
        joined
    } else {
        sorted = joined.in_order();
        &sorted
    };
    let judge =
        pack.outcomes.as_ref().map(|rules| Judge::new(pack, rules, &joined.several, as_of, &joined.score_names));
    let judge = judge.as_ref();
    let observed = &joined.observed;
    let customers = units(&observed.iter().collect::<Vec<_>>(), judge);
    let won = |seen: &&Observed| seen.won_back;
    settings.revenue = observed.iter().any(|seen| seen.revenue.is_some_and(|x| x != 0.0));
    let observed_margin = observed.iter().any(|seen| seen.margin.is_some_and(|x| x != 0.0));
    let margin_of_plan = !observed_margin && observed.iter().filter(won).any(|seen| seen.row.value.is_some());
    settings.margin = observed_margin || margin_of_plan;
    let covariates: Vec<f64> = customers.iter().filter_map(|seen| seen.covariate).collect();
    let sum: Sum = covariates.iter().copied().collect();
    let usual = if covariates.is_empty() { 0.0 } else { sum.value() / covariates.len() as f64 };
    let measures = Measures { usual, margin_of_plan };

    let everybody: Vec<&Observed> = observed.iter().chain(&joined.waiting).collect();
    let one = |name, rows: &[&Observed], seen, declared| one(name, rows, seen, judge, measures, declared, &settings);
    let whole = one(String::new(), &everybody, observed.len(), None);
    let mut columns: Vec<&str> = ALWAYS.to_vec();
    columns.extend(settings.by.iter().map(String::as_str));
    let mut done = HashSet::new();
    let mut families = Vec::new();
    for column in columns.into_iter().filter(|column| done.insert(*column)) {
        let Some(found) = groups(joined, column) else { continue };
        let asked = settings.by.iter().any(|by| by == column);
        // A table of nothing but what is not known says nothing.
        if found.is_empty() || (!asked && found.iter().all(|group| group.name.is_empty())) {
            continue;
        }
        let rows = found.into_iter().map(|group| {
            let declared = (column == "campaign")
                .then(|| pack.campaigns.iter().find(|c| c.name == group.name).and_then(|c| c.effect))
                .flatten();
            one(group.name, &group.rows, group.seen, declared)
        });
        families.push(Family { column: column.to_owned(), rows: adjusted(rows.collect()) });
    }
    let mut alone = adjusted(vec![whole]);
    let Some(whole) = alone.pop() else { return Err(DataError::internal("an evaluation of nothing")) };
    let with = pack.outcomes.as_ref().is_some_and(|outcomes| outcomes.covariate.is_some());
    let mut found = Evaluation {
        as_of,
        counts: joined.counts.clone(),
        kpis: kpis(&whole, joined.counts.any_planned(), &settings),
        margin_of_plan,
        without_covariate: with.then(|| (customers.len() - covariates.len()) as u64),
        whole,
        families,
        curves: Vec::new(),
        settings,
    };
    // Where chance has not sorted the whole, no part of it is to be trusted: a small one fails the check more rarely.
    if found.whole.verdict == Verdict::NotTrusted {
        let rows = found.families.iter_mut().flat_map(|family| &mut family.rows);
        for row in rows.filter(|row| row.verdict != Verdict::NoHoldout) {
            row.verdict = Verdict::NotTrusted;
            row.effect = None;
        }
    }
    // A curve compares the arms: where these are not what they should be, there is none.
    if found.arms_hold() {
        found.curves = curves(&customers, joined, &found.settings);
    }
    Ok(found)
}

/// Every customer of a plan once, with what came of all her contacts that were due; in order of their keys.
#[must_use]
pub fn customers(joined: &Joined, pack: &Pack, as_of: Date) -> Vec<Observed> {
    let judge =
        pack.outcomes.as_ref().map(|rules| Judge::new(pack, rules, &joined.several, as_of, &joined.score_names));
    let mut rows: Vec<&Observed> = joined.observed.iter().collect();
    rows.sort_by(|a, b| super::once::order(&a.row, &b.row));
    units(&rows, judge.as_ref()).into_iter().map(Cow::into_owned).collect()
}

/// The first `seen` of the rows have been contacted or held out by now; the others wait.
fn one(
    name: String,
    rows: &[&Observed],
    seen: usize,
    judge: Option<&Judge<'_>>,
    measures: Measures,
    declared: Option<f64>,
    settings: &Settings,
) -> Row {
    let mut sums = Sums::default();
    let (seen, waiting) = rows.split_at_checked(seen).unwrap_or((rows, &[]));
    units(seen, judge).iter().for_each(|customer| sums.add(customer, measures));
    let worth = worth_seeing(&sums, declared);
    let planned = match waiting {
        [] => sums.customers(),
        _ => rows.iter().map(|seen| &*seen.row.key).collect::<HashSet<_>>().len() as u64,
    };
    estimate(name, &sums, planned, worth, settings)
}

/// The smallest effect worth seeing: what the plan expects of a contact; else what the campaign declares; else the effect at which
/// a contact pays for itself.
fn worth_seeing(sums: &Sums, declared: Option<f64>) -> Option<f64> {
    let mean = |sum: (u64, f64)| (sum.0 > 0).then(|| sum.1 / sum.0 as f64);
    let sound = |effect: &f64| *effect > 0.0 && *effect < 1.0;
    let expected = mean(sums.effect).filter(sound).or(declared.filter(sound));
    let pays = || mean(sums.planned_cost).zip(mean(sums.value)).map(|(cost, value)| cost / value);
    expected.or_else(|| pays().filter(sound))
}

/// Adjusts the p-values of a table, and says what can be said.
fn adjusted(mut rows: Vec<Row>) -> Vec<Row> {
    let tested: Vec<f64> = rows.iter().filter(|row| row.seen.is_some()).filter_map(|r| Some(r.effect?.p)).collect();
    let mut adjusted = holm(&tested).into_iter();
    for row in rows.iter_mut() {
        let (Some(seen), Some(effect)) = (row.seen, row.effect.as_mut()) else { continue };
        effect.adjusted = adjusted.next().unwrap_or(1.0);
        row.verdict = seen.verdict(effect.lift, effect.interval, effect.adjusted);
    }
    rows
}

/// Without a single outcome of the plan a rate of 0 would look like an answer.
fn kpis(whole: &Row, there: bool, settings: &Settings) -> Kpis {
    let Share { hits, of } = whole.contacted;
    let profit = settings.margin.then_some(whole.margin - whole.cost);
    Kpis {
        contacted: of,
        won_back: hits,
        regain_rate: (of > 0 && (there || hits > 0))
            .then(|| (whole.contacted.rate(), wilson(whole.contacted, settings.alpha))),
        revenue: settings.revenue.then_some(whole.revenue),
        margin: settings.margin.then_some(whole.margin),
        cost: whole.cost,
        regain_profit: profit,
        regain_return: profit.filter(|_| whole.cost > 0.0).map(|profit| profit / whole.cost),
    }
}

/// The curves of `chance` and `success`, where there are arms to compare.
///
/// Who is held out counts with the odds of a contact among those of her propensity, as they are in the data: so the end of a curve
/// is what the stratified comparison says that contacts brought.
fn curves(customers: &[Cow<'_, Observed>], joined: &Joined, settings: &Settings) -> Vec<Curve> {
    let returned = |arm: Arm| customers.iter().filter(|s| s.row.arm == arm && s.won_back).count();
    // As with lifts: a curve of a handful of returns looks like an answer and is none.
    if [Arm::Contact, Arm::Holdout].into_iter().any(|arm| (returned(arm) as f64) < super::verdict::FEWEST) {
        return Vec::new();
    }
    let mut strata: HashMap<u64, (u32, u32)> = HashMap::new();
    for PlanRow { arm, propensity, .. } in customers.iter().map(|seen| &seen.row) {
        if *propensity > 0.0 && *propensity < 1.0 {
            let (contact, holdout) = strata.entry(propensity.to_bits()).or_default();
            *if *arm == Arm::Contact { contact } else { holdout } += 1;
        }
    }
    let odds = |row: &PlanRow| {
        let both = strata.get(&row.propensity.to_bits()).filter(|(contact, holdout)| *contact >= 2 && *holdout >= 2);
        both.map(|(contact, holdout)| f64::from(*contact) / f64::from(*holdout))
    };
    let of = |column: &str, score: &dyn Fn(&Observed) -> Option<f64>| {
        let mut unknown = 0;
        let mut list = Vec::new();
        for seen in customers {
            let Some(odds) = odds(&seen.row) else { continue };
            let Some(score) = score(seen) else {
                unknown += 1;
                continue;
            };
            let treated = seen.row.arm == Arm::Contact;
            list.push(Scored {
                score,
                treated,
                returned: seen.won_back,
                weight: if treated { 1.0 } else { odds },
                // Fewer than 256.
                part: u8::try_from(part(&seen.row.key, u64::from(PARTS))).unwrap_or(0),
            });
        }
        qini(list, settings.alpha).map(|qini| Curve { column: column.to_owned(), qini, unknown })
    };
    let chance = joined.score_names.iter().position(|name| name == "chance");
    let chance = chance.and_then(|at| of("chance", &|seen| seen.row.scores.get(at).copied().flatten()));
    chance.into_iter().chain(of("success", &|seen| seen.row.success)).collect()
}

fn unknown_column(joined: &Joined, column: &str) -> DataError {
    let plan = crate::plan::PlanFile {
        score_names: joined.score_names.clone(),
        carried_names: joined.carried_names.clone(),
        ..crate::plan::PlanFile::default()
    };
    let known: Vec<&str> = plan.columns().collect();
    let error = DataError::input(format!("the plan has no column `{column}` to look by"));
    match crate::diag::nearest(column, known.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => {
            let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            error.help(format!("its columns are {}", names.join(", ")))
        }
    }
}

impl Evaluation {
    /// The sample-ratio checks that failed: the table's column, and the row. First of all the plan as a whole.
    pub fn mismatches(&self) -> impl Iterator<Item = (&str, &Row)> {
        let rows = self.families.iter().flat_map(|family| family.rows.iter().map(|row| (family.column.as_str(), row)));
        std::iter::once(("", &self.whole)).chain(rows).filter(|(_, row)| row.ratio.is_some_and(|ratio| !ratio.holds()))
    }

    /// Whether nobody of either arm has returned, so that there is nothing to say.
    #[must_use]
    pub fn nobody_returned(&self) -> bool {
        self.whole.contacted.hits + self.whole.held_out.hits == 0
    }

    /// Whether the arms are of the size they should be, in the plan as a whole and in every table.
    #[must_use]
    pub fn arms_hold(&self) -> bool {
        self.mismatches().next().is_none()
    }

    /// Whether anybody was held out whom the contacted can be compared with.
    #[must_use]
    pub fn has_holdout(&self) -> bool {
        self.whole.verdict != Verdict::NoHoldout
    }
}
