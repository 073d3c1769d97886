//! How long lives last: Kaplan–Meier curves, the log-rank test, rates of events with exact intervals.
//!
//! A life is observed for some days, and then ended or was still running. Sources: Kaplan, Meier (1958), JASA 53; Greenwood (1926);
//! Kalbfleisch, Prentice (1980) for the interval on the scale of `log(-log)`; Mantel (1966) for the log-rank test; Garwood (1936)
//! for the exact interval of a count; Clopper, Pearson (1934) for that of a share.

use statrs::distribution::{Beta, ChiSquared, ContinuousCDF as _};

use super::{Interval, z};

/// One life, or the part of it that was observed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Life {
    /// Days from its beginning to its end, or to when it was last seen running; not negative.
    pub days: f64,
    /// Whether it ended then.
    pub ended: bool,
}

impl Life {
    /// The same life, observed no longer than so many days.
    #[must_use]
    pub fn up_to(self, days: f64) -> Life {
        if self.days > days { Life { days, ended: false } } else { self }
    }
}

/// The share that is still running after so many days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Survival {
    /// The share, 0 to 1.
    pub share: f64,
    /// Its variance by Greenwood's formula.
    pub variance: f64,
    /// Its interval.
    pub interval: Interval,
    /// Lives that were observed to that day and were running then, its own ends included.
    pub at_risk: u64,
}

/// A step of a curve: a day on which lives ended.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    days: f64,
    share: f64,
    /// Greenwood's sum of `d / (n (n - d))`; infinite once nobody is left.
    sum: f64,
}

/// The Kaplan–Meier curve of some lives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    steps: Vec<Step>,
    /// Days of all lives, in order.
    days: Vec<f64>,
    events: u64,
}

impl Curve {
    /// Of lives in any order.
    #[must_use]
    pub fn of(lives: &[Life]) -> Curve {
        let mut sorted: Vec<Life> = lives.iter().copied().filter(|life| life.days.is_finite()).collect();
        // Who ended on a day was at risk on it with those last seen on that day.
        sorted.sort_by(|a, b| a.days.total_cmp(&b.days).then(b.ended.cmp(&a.ended)));
        let mut curve = Curve { days: sorted.iter().map(|life| life.days).collect(), ..Curve::default() };
        let (mut share, mut sum) = (1.0, 0.0);
        let mut left = sorted.len() as f64;
        let mut rest = sorted.as_slice();
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|life| life.days == first.days).count();
            let (now, later) = rest.split_at(same);
            let ended = now.iter().filter(|life| life.ended).count();
            if ended > 0 {
                let d = ended as f64;
                share *= 1.0 - d / left;
                sum += d / (left * (left - d));
                curve.events += ended as u64;
                curve.steps.push(Step { days: first.days, share, sum });
            }
            left -= same as f64;
            rest = later;
        }
        curve
    }

    /// How many lives.
    #[must_use]
    pub fn lives(&self) -> u64 {
        self.days.len() as u64
    }

    /// How many of them ended.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The longest a life was observed; `None` of no lives.
    #[must_use]
    pub fn longest(&self) -> Option<f64> {
        self.days.last().copied()
    }

    /// Lives observed for at least so many days.
    #[must_use]
    pub fn at_risk(&self, days: f64) -> u64 {
        (self.days.len() - self.days.partition_point(|d| *d < days)) as u64
    }

    /// The share still running after so many days, its own ends taken off; `None` where no life was observed for so long, unless
    /// all had ended before.
    ///
    /// The interval is `share ^ exp(± z s)` with `s = sqrt(sum) / -ln(share)`, which stays within 0 and 1. Where nobody or everybody
    /// has ended, which that scale does not have, it is the exact one of a share of those at risk.
    #[must_use]
    pub fn at(&self, days: f64, alpha: f64) -> Option<Survival> {
        let at_risk = self.at_risk(days);
        let step = self.steps.partition_point(|step| step.days <= days).checked_sub(1).and_then(|i| self.steps.get(i));
        let (share, sum) = step.map_or((1.0, 0.0), |step| (step.share, step.sum));
        if self.days.is_empty() || (at_risk == 0 && share > 0.0) {
            return None;
        }
        let interval = if share >= 1.0 {
            Interval { low: exact_share(at_risk, at_risk, alpha).low, high: 1.0 }
        } else if share <= 0.0 {
            let all = self.days.len() as u64;
            Interval { low: 0.0, high: exact_share(0, all, alpha).high }
        } else {
            let half = z(alpha) * sum.sqrt() / -share.ln();
            Interval { low: share.powf(half.exp()), high: share.powf((-half).exp()) }
        };
        let variance = if share > 0.0 { share * share * sum } else { 0.0 };
        Some(Survival { share, variance, interval, at_risk })
    }

    /// The first day on which no more than half are still running; `None` if that was not seen.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.steps.iter().find(|step| step.share <= 0.5 + 1e-12).map(|step| step.days)
    }
}

/// The difference of two curves at a day, the first less the second, with the normal interval of independent shares.
///
/// `None` where one is not known, or where no event was seen in either: a variance of nothing is not known to be nothing.
#[must_use]
pub fn difference(a: &Survival, b: &Survival, alpha: f64) -> Option<(f64, Interval)> {
    let variance = a.variance + b.variance;
    let value = a.share - b.share;
    (variance > 0.0 && variance.is_finite()).then(|| (value, Interval::around(value, z(alpha) * variance.sqrt())))
}

/// A log-rank test of two groups of lives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogRank {
    /// Ends seen in the first group.
    pub observed: f64,
    /// Ends to be expected in it if both groups were alike.
    pub expected: f64,
    /// Chi-squared with one degree of freedom.
    pub chi2: f64,
    /// How probable it, or a greater one, is if both are alike.
    pub p: f64,
}

/// Whether two groups of lives last equally long. `None` if no life ended while both groups were observed.
#[must_use]
pub fn log_rank(first: &[Life], second: &[Life]) -> Option<LogRank> {
    let mut all: Vec<(Life, bool)> = first.iter().map(|life| (*life, true)).collect();
    all.extend(second.iter().map(|life| (*life, false)));
    all.retain(|(life, _)| life.days.is_finite());
    all.sort_by(|a, b| a.0.days.total_cmp(&b.0.days));
    let mut left = (first.len() as f64, second.len() as f64);
    let (mut observed, mut expected, mut variance) = (0.0, 0.0, 0.0);
    let mut rest = all.as_slice();
    while let Some((life, _)) = rest.first() {
        let same = rest.iter().take_while(|(other, _)| other.days == life.days).count();
        let (now, later) = rest.split_at(same);
        let ended = |mine: bool| now.iter().filter(|(life, first)| life.ended && *first == mine).count() as f64;
        let (d1, d2) = (ended(true), ended(false));
        let (n, d) = (left.0 + left.1, d1 + d2);
        if d > 0.0 {
            observed += d1;
            expected += d * left.0 / n;
            if n > 1.0 {
                variance += d * (left.0 / n) * (left.1 / n) * (n - d) / (n - 1.0);
            }
        }
        let mine = now.iter().filter(|(_, first)| *first).count() as f64;
        left = (left.0 - mine, left.1 - (same as f64 - mine));
        rest = later;
    }
    if variance <= 0.0 {
        return None;
    }
    let chi2 = (observed - expected).powi(2) / variance;
    let p = ChiSquared::new(1.0).map_or(1.0, |d| d.sf(chi2));
    Some(LogRank { observed, expected, chi2, p })
}

/// Ends per day lived.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Ends seen.
    pub events: u64,
    /// Days lived by all together.
    pub days: f64,
    /// Ends per day.
    pub rate: f64,
    /// Its exact interval.
    pub interval: Interval,
}

/// The rate of some lives: ends over days, with the exact interval of a count. `None` without a day lived.
#[must_use]
pub fn rate(lives: &[Life], alpha: f64) -> Option<Rate> {
    let days: f64 = lives.iter().map(|life| life.days).sum();
    let events = lives.iter().filter(|life| life.ended).count() as u64;
    (days > 0.0).then(|| {
        let count = exact_count(events, alpha);
        Rate { events, days, rate: events as f64 / days, interval: count.times(1.0 / days) }
    })
}

/// How many times the rate `a` is that of `b`, with the exact interval: given both counts together, the first is binomial.
/// `None` if the second has no event.
#[must_use]
pub fn rate_ratio(a: &Rate, b: &Rate, alpha: f64) -> Option<(f64, Interval)> {
    if b.events == 0 {
        return None;
    }
    let share = exact_share(a.events, a.events + b.events, alpha);
    let odds = |p: f64| if p >= 1.0 { f64::INFINITY } else { p / (1.0 - p) * (b.days / a.days) };
    Some((a.rate / b.rate, Interval { low: odds(share.low), high: odds(share.high) }))
}

/// The exact interval of the mean of a Poisson count: half the quantiles of chi-squared with `2 n` and `2 n + 2` degrees.
#[must_use]
pub fn exact_count(events: u64, alpha: f64) -> Interval {
    let n = events as f64;
    let quantile = |degrees: f64, p: f64| ChiSquared::new(degrees).map_or(f64::NAN, |d| d.inverse_cdf(p) / 2.0);
    let low = if events == 0 { 0.0 } else { quantile(2.0 * n, alpha / 2.0) };
    Interval { low, high: quantile(2.0 * n + 2.0, 1.0 - alpha / 2.0) }
}

/// The exact interval of a share of `of`.
#[must_use]
pub fn exact_share(hits: u64, of: u64, alpha: f64) -> Interval {
    let (x, n) = (hits.min(of) as f64, of as f64);
    let quantile = |a: f64, b: f64, p: f64| Beta::new(a, b).map_or(f64::NAN, |d| d.inverse_cdf(p));
    let low = if x == 0.0 { 0.0 } else { quantile(x, n - x + 1.0, alpha / 2.0) };
    let high = if x >= n { 1.0 } else { quantile(x + 1.0, n - x, 1.0 - alpha / 2.0) };
    Interval { low, high }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn lives(list: &[(f64, u8)]) -> Vec<Life> {
        list.iter().map(|(days, ended)| Life { days: *days, ended: *ended == 1 }).collect()
    }

    /// The remission times of Freireich et al. (1963), weeks: 6-MP and placebo. In every textbook of survival analysis.
    fn treated() -> Vec<Life> {
        let list = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|t| (f64::from(t), 1)).into_iter();
        let open = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|t| (f64::from(t), 0));
        lives(&list.chain(open).collect::<Vec<_>>())
    }

    fn placebo() -> Vec<Life> {
        let list = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];
        lives(&list.map(|t| (f64::from(t), 1)))
    }

    fn close(a: f64, b: f64, within: f64) {
        assert!((a - b).abs() < within, "{a} is not {b}");
    }

    #[test]
    fn the_curve_of_freireich_is_that_of_the_books() {
        // R: survfit(Surv(time, status) ~ 1, conf.type = "log-log")
        let curve = Curve::of(&treated());
        assert_eq!((curve.lives(), curve.events(), curve.median()), (21, 9, Some(23.0)));
        let expected = [
            (6.0, 0.857143, 0.0763604, 0.6197180, 0.9515517),
            (7.0, 0.806723, 0.0869353, 0.5631466, 0.9228090),
            (10.0, 0.752941, 0.0963497, 0.5031995, 0.8893618),
            (16.0, 0.627451, 0.1140543, 0.3675109, 0.8049122),
            (23.0, 0.448179, 0.1345915, 0.1880520, 0.6801426),
        ];
        for (days, share, error, low, high) in expected {
            let at = curve.at(days, 0.05).unwrap();
            close(at.share, share, 1e-6);
            close(at.variance.sqrt(), error, 1e-6);
            close(at.interval.low, low, 1e-6);
            close(at.interval.high, high, 1e-6);
        }
        // Between steps it is flat, before the first nobody has ended, behind the last nothing is known.
        assert_eq!(curve.at(9.0, 0.05).unwrap().share, curve.at(7.0, 0.05).unwrap().share);
        assert_eq!((curve.at(5.0, 0.05).unwrap().share, curve.at(5.0, 0.05).unwrap().at_risk), (1.0, 21));
        assert!(curve.at(36.0, 0.05).is_none() && curve.at(35.0, 0.05).is_some());
        let all_gone = Curve::of(&placebo()).at(30.0, 0.05).unwrap();
        assert_eq!((all_gone.share, all_gone.interval.low), (0.0, 0.0));
        assert!(all_gone.interval.high < 0.17);
    }

    #[test]
    fn the_log_rank_test_of_freireich_is_that_of_the_books() {
        // R: survdiff: observed 9 and 21, expected 19.3 and 10.7, chi-squared 16.8, p 4.17e-5.
        let test = log_rank(&treated(), &placebo()).unwrap();
        assert_eq!(test.observed, 9.0);
        close(test.expected, 19.2505, 1e-3);
        close(test.chi2, 16.7929, 1e-3);
        close(test.p, 4.17e-5, 1e-6);
        let other = log_rank(&placebo(), &treated()).unwrap();
        close(other.chi2, test.chi2, 1e-9);
        assert!(log_rank(&lives(&[(5.0, 0)]), &lives(&[(9.0, 0)])).is_none());
        assert!(log_rank(&[], &treated()).is_none());
    }

    #[test]
    fn rates_have_the_intervals_of_garwood() {
        // R: poisson.test(9, 359): 0.02506964, [0.01146343, 0.04758998]
        let treated = rate(&treated(), 0.05).unwrap();
        assert_eq!((treated.events, treated.days), (9, 359.0));
        close(treated.rate, 0.025_069_64, 1e-8);
        close(treated.interval.low, 0.011_463_43, 1e-7);
        close(treated.interval.high, 0.047_589_98, 1e-7);
        let none = exact_count(0, 0.05);
        assert_eq!(none.low, 0.0);
        close(none.high, 3.688_879, 1e-5);
        // R: poisson.test(c(9, 21), c(359, 182)): ratio 0.2172702
        let placebo = rate(&placebo(), 0.05).unwrap();
        let (ratio, interval) = rate_ratio(&treated, &placebo, 0.05).unwrap();
        close(ratio, 0.217_270, 1e-5);
        // Of the exact share of 9 of 30, [0.1473452, 0.4939590].
        close(interval.low, 0.087_605, 1e-5);
        close(interval.high, 0.494_859, 1e-5);
        assert!(rate(&[Life { days: 0.0, ended: true }], 0.05).is_none());
    }

    #[test]
    fn shares_have_the_intervals_of_clopper_and_pearson() {
        // R: binom.test(7, 20): [0.1539092, 0.5921885]
        let seven = exact_share(7, 20, 0.05);
        close(seven.low, 0.153_909_2, 1e-6);
        close(seven.high, 0.592_188_5, 1e-6);
        assert_eq!((exact_share(0, 10, 0.05).low, exact_share(10, 10, 0.05).high), (0.0, 1.0));
        close(exact_share(10, 10, 0.05).low, 0.691_502_9, 1e-6);
    }

    #[test]
    fn a_life_is_cut_to_an_age() {
        let life = Life { days: 100.0, ended: true };
        assert_eq!(life.up_to(90.0), Life { days: 90.0, ended: false });
        assert_eq!(life.up_to(100.0), life);
    }
}
