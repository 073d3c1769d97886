//! Second lives against first ones, by cause and by offer; what they brought against what was predicted.

use serde::Serialize;

use super::{Cohort, Second};
use crate::pack::Pack;
use crate::stats::mean::Moments;
use crate::stats::profit::{Uncertain, fieller};
use crate::stats::survival::{Curve, Life, difference, log_rank, rate, rate_ratio};
use crate::stats::{Interval, mean::Sample};

/// Two-sided, 95 %.
const ALPHA: f64 = 0.05;
/// Fewer lives are not described by a number.
pub(super) const ENOUGH: u64 = 20;
/// At an age at which fewer lives are still observed nothing is said.
const ENOUGH_AT_RISK: u64 = 10;
/// Fewer ends in both groups together say nothing about a difference.
const ENOUGH_ENDS: u64 = 5;
/// The ages at which lives are compared, in days.
const AGES: [f64; 5] = [30.0, 60.0, 90.0, 180.0, 365.0];
/// The age at which groups are shown.
const AGE: f64 = 180.0;
/// Rates are per so many customer-days.
const PER: f64 = 100.0;

/// Some lives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Lives {
    /// How many were observed.
    pub lives: u64,
    /// How many of them ended.
    pub ended: u64,
    /// Days lived by all together.
    pub days: f64,
    /// The day on which half had ended; `None` if that was not seen, or too few were.
    pub median: Option<f64>,
    /// Ends per 100 customer-days; `None` if too few lives were seen.
    pub churn: Option<LifeRate>,
}

/// A number and its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LifeRate {
    /// The number.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl LifeRate {
    fn of(value: f64, interval: Interval) -> Option<LifeRate> {
        let finite = value.is_finite() && interval.low.is_finite() && interval.high.is_finite();
        finite.then_some(LifeRate { value, low: interval.low, high: interval.high })
    }
}

/// Both groups at one age.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AtAge {
    /// Days since the beginning.
    pub days: f64,
    /// The share of second lives that had ended; `None` where too few were observed so long.
    pub second: Option<LifeRate>,
    /// Second lives observed so long.
    pub second_at_risk: u64,
    /// The share of first lives that had ended.
    pub first: Option<LifeRate>,
    /// First lives observed so long.
    pub first_at_risk: u64,
    /// The second share less the first.
    pub difference: Option<LifeRate>,
}

/// What can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// Second lives end sooner.
    Sooner,
    /// Second lives end later.
    Later,
    /// No difference can be seen.
    NoClearDifference,
    /// Too little was seen.
    CannotTellYet,
}

/// Second lives against first ones of equal age.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Against {
    /// The second lives.
    pub second: Lives,
    /// The first lives, no longer than the longest second one.
    pub first: Lives,
    /// The longest second life: no first life is watched longer.
    pub up_to_days: f64,
    /// How many times the first churn the second one is.
    pub ratio: Option<LifeRate>,
    /// Chi-squared of the log-rank test, one degree of freedom.
    pub log_rank: Option<f64>,
    /// Its probability if both were alike.
    pub p: Option<f64>,
    /// In one word.
    pub rating: Rating,
    /// Second lives that are still needed before anything is said; 0 if there are enough.
    pub needed: u64,
    /// At 30, 60, 90, 180 and 365 days.
    pub ages: Vec<AtAge>,
}

/// Second lives of one cause or offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Its name; `None` if it is not known.
    pub name: Option<String>,
    /// How it is called on screen.
    pub label: String,
    /// Its lives.
    #[serde(flatten)]
    pub lives: Lives,
    /// The share that had ended after 180 days.
    pub ended_at_180: Option<LifeRate>,
    /// Against first lives, by the log-rank test.
    pub p: Option<f64>,
}

/// A ratio of means.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ratio {
    /// The ratio.
    pub value: f64,
    /// The lower end of Fieller's 95 % interval; `None` where it is not bounded.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// What second lives brought, and what was predicted that they would have brought by now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Value {
    /// Customers of whom both is known.
    pub customers: u64,
    /// Customers who came back of whom one is not known.
    pub unknown: u64,
    /// The mean of what was brought; `None` of too few.
    pub value: Option<LifeRate>,
    /// The mean of what was predicted.
    pub predicted: Option<f64>,
    /// The mean of the difference, brought less predicted.
    pub difference: Option<LifeRate>,
    /// Brought over predicted.
    pub ratio: Option<Ratio>,
    /// Customers still needed before anything is said; 0 if there are enough.
    pub needed: u64,
}

fn describe(lives: &[Life], curve: &Curve) -> Lives {
    let enough = curve.lives() >= ENOUGH;
    let rate = rate(lives, ALPHA).filter(|_| enough);
    Lives {
        lives: curve.lives(),
        ended: curve.events(),
        days: lives.iter().map(|life| life.days).sum(),
        median: curve.median().filter(|_| enough),
        churn: rate.and_then(|rate| LifeRate::of(rate.rate * PER, rate.interval.times(PER))),
    }
}

/// The share that had ended by an age, if enough were observed so long.
fn ended_by(curve: &Curve, days: f64) -> Option<LifeRate> {
    let at = curve.at(days, ALPHA).filter(|at| curve.lives() >= ENOUGH && at.at_risk >= ENOUGH_AT_RISK)?;
    LifeRate::of(1.0 - at.share, Interval { low: 1.0 - at.interval.high, high: 1.0 - at.interval.low })
}

/// Second lives against first ones: all, by cause, by offer.
pub(super) fn tenure(cohort: &Cohort, pack: &Pack) -> (Against, Vec<Group>, Vec<Group>) {
    let second: Vec<Life> = cohort.second.iter().filter_map(|s| s.life).collect();
    let curve = Curve::of(&second);
    let longest = curve.longest().unwrap_or(0.0);
    let first: Vec<Life> = cohort.first.iter().map(|life| life.up_to(longest)).collect();
    let first_curve = Curve::of(&first);
    let enough = curve.lives() >= ENOUGH
        && first_curve.lives() >= ENOUGH
        && curve.events() + first_curve.events() >= ENOUGH_ENDS;
    let test = log_rank(&second, &first).filter(|_| enough);
    let rates = rate(&second, ALPHA).zip(rate(&first, ALPHA)).filter(|_| enough);
    let ratio = rates.and_then(|(a, b)| rate_ratio(&a, &b, ALPHA)).and_then(|(r, interval)| LifeRate::of(r, interval));
    let ages = AGES.iter().map(|&days| {
        let (a, b) = (curve.at(days, ALPHA), first_curve.at(days, ALPHA));
        let (second, first) = (ended_by(&curve, days), ended_by(&first_curve, days));
        let both = a.as_ref().zip(b.as_ref()).filter(|_| second.is_some() && first.is_some());
        // Of the shares that have ended, so that the sign is the other one.
        let apart = both.and_then(|(a, b)| difference(a, b, ALPHA));
        AtAge {
            days,
            second,
            second_at_risk: curve.at_risk(days),
            first,
            first_at_risk: first_curve.at_risk(days),
            difference: apart.and_then(|(d, interval)| LifeRate::of(-d, interval.times(-1.0))),
        }
    });
    let rating = match (&test, &ratio) {
        (None, _) => Rating::CannotTellYet,
        (Some(test), _) if test.p >= ALPHA => Rating::NoClearDifference,
        (Some(test), _) if test.observed > test.expected => Rating::Sooner,
        (Some(_), _) => Rating::Later,
    };
    let against = Against {
        second: describe(&second, &curve),
        first: describe(&first, &first_curve),
        up_to_days: longest,
        ratio,
        log_rank: test.map(|test| test.chi2),
        p: test.map(|test| test.p),
        rating,
        needed: ENOUGH.saturating_sub(curve.lives()),
        ages: ages.collect(),
    };
    let label = |name: &str| {
        let cause = pack.causes.list.iter().find(|cause| cause.name == name);
        cause.map_or_else(|| name.to_owned(), |cause| cause.label.clone())
    };
    let by_cause = groups(&cohort.second, &first, |s| s.cause.as_deref(), label);
    let offer = |name: &str| pack.offers.get(name).map_or_else(|| name.to_owned(), |offer| offer.label.clone());
    let by_offer = match cohort.second.iter().any(|s| s.offer.is_some()) {
        true => groups(&cohort.second, &first, |s| s.offer.as_deref(), offer),
        false => Vec::new(),
    };
    (against, by_cause, by_offer)
}

fn groups(
    second: &[Second],
    first: &[Life],
    name: impl Fn(&Second) -> Option<&str>,
    label: impl Fn(&str) -> String,
) -> Vec<Group> {
    let mut names: Vec<Option<&str>> = second.iter().map(&name).collect();
    names.sort_unstable();
    names.dedup();
    let mut groups: Vec<Group> = names
        .into_iter()
        .map(|wanted| {
            let lives: Vec<Life> = second.iter().filter(|s| name(s) == wanted).filter_map(|s| s.life).collect();
            let curve = Curve::of(&lives);
            let test = log_rank(&lives, first).filter(|_| curve.lives() >= ENOUGH);
            Group {
                name: wanted.map(str::to_owned),
                label: wanted.map_or_else(|| "not known".to_owned(), &label),
                lives: describe(&lives, &curve),
                ended_at_180: ended_by(&curve, AGE),
                p: test.map(|test| test.p),
            }
        })
        .filter(|group| group.lives.lives > 0)
        .collect();
    groups.sort_by(|a, b| b.lives.lives.cmp(&a.lives.lives).then_with(|| a.label.cmp(&b.label)));
    groups
}

/// Brought against predicted, of those of whom both is known.
pub(super) fn value(second: &[Second]) -> Value {
    let pairs: Vec<(f64, f64)> = second.iter().filter_map(|s| s.value.zip(s.predicted)).collect();
    let customers = pairs.len() as u64;
    let mut found = Value {
        customers,
        unknown: second.len() as u64 - customers,
        value: None,
        predicted: None,
        difference: None,
        ratio: None,
        needed: ENOUGH.saturating_sub(customers),
    };
    if customers < ENOUGH {
        return found;
    }
    let mut moments = Moments::<2>::default();
    pairs.iter().for_each(|(value, predicted)| moments.add([*value, *predicted]));
    let mean = |sample: Sample| LifeRate::of(sample.mean, sample.interval(ALPHA));
    let (value, predicted) = (moments.of([1.0, 0.0]), moments.of([0.0, 1.0]));
    let n = customers as f64;
    let covariance = moments.co([1.0, 0.0], [0.0, 1.0]) / (n - 1.0);
    let ratio = Uncertain {
        above: value.mean,
        below: predicted.mean,
        variance_above: value.variance / n,
        variance_below: predicted.variance / n,
        covariance: covariance / n,
        freedom: n - 1.0,
    };
    found.value = mean(value);
    found.predicted = Some(predicted.mean);
    found.difference = mean(moments.of([1.0, -1.0]));
    found.ratio = fieller(ratio, ALPHA).map(|(value, interval)| Ratio {
        value,
        low: interval.map(|i| i.low),
        high: interval.map(|i| i.high),
    });
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn few_are_no_number() {
        let second =
            |value: f64| Second { cause: None, offer: None, life: None, value: Some(value), predicted: Some(100.0) };
        let few: Vec<Second> = (0..19).map(|i| second(f64::from(i))).collect();
        let said = value(&few);
        assert_eq!((said.customers, said.needed, said.value, said.ratio), (19, 1, None, None));
        let enough: Vec<Second> = (0..25).map(|i| second(50.0 + f64::from(i % 5))).collect();
        let said = value(&enough);
        let ratio = said.ratio.unwrap();
        assert!((ratio.value - 0.52).abs() < 1e-9 && ratio.low.unwrap() > 0.5 && ratio.high.unwrap() < 0.54);
        // R: t.test(rep(50:54, 5)): [51.40414, 52.59586]
        let mean = said.value.unwrap();
        assert!((mean.low - 51.404_14).abs() < 1e-4 && (mean.high - 52.595_86).abs() < 1e-4, "{mean:?}");
    }

    #[test]
    fn rates_are_of_enough_lives() {
        let lives = |n: usize| vec![Life { days: 50.0, ended: true }; n];
        let few = lives(19);
        assert_eq!(describe(&few, &Curve::of(&few)).churn, None);
        let enough = lives(20);
        let churn = describe(&enough, &Curve::of(&enough)).churn.unwrap();
        assert!((churn.value - 2.0).abs() < 1e-9 && churn.low < 1.3 && churn.high > 3.0);
    }
}
