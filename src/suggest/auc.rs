//! How well a number tells those who returned from those who did not: the area under the ROC curve, its interval, and the
//! difference of two.
//!
//! DeLong, DeLong & Clarke-Pearson (1988), with the midranks of Sun & Xu (2014).

use crate::stats::{Interval, p_of_z, z};

/// An estimate with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
}

impl Estimate {
    /// The interval that misses it with probability `alpha`.
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Interval {
        Interval::around(self.value, z(alpha) * self.error)
    }

    /// The two-sided probability of something at least as far from 0 if there were nothing.
    #[must_use]
    pub fn p(&self) -> f64 {
        if self.error > 0.0 { p_of_z(self.value / self.error) } else { f64::from(u8::from(self.value == 0.0)) }
    }

    /// Whether it is above 0 and its 95 % interval, too.
    #[must_use]
    pub fn clearly_positive(&self) -> bool {
        self.error > 0.0 && self.interval(0.05).low > 0.0
    }

    /// The mean of some numbers; `None` of fewer than two.
    #[must_use]
    pub fn mean(values: &[f64]) -> Option<Estimate> {
        let n = values.len() as f64;
        if values.len() < 2 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        Some(Estimate { value: mean, error: (variance / n).sqrt() })
    }

    /// The same, in other units.
    #[must_use]
    pub fn times(self, factor: f64) -> Estimate {
        Estimate { value: self.value * factor, error: self.error * factor.abs() }
    }
}

/// For each customer the share of the other side that she beats.
struct Placements {
    area: f64,
    with: Vec<f64>,
    without: Vec<f64>,
}

/// Ranks from 1; ties get their mean.
fn midranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let at = |i: usize| values.get(i).copied().unwrap_or_default();
    order.sort_by(|a, b| at(*a).total_cmp(&at(*b)));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while let Some(first) = order.get(start) {
        let tied = order.iter().skip(start).take_while(|i| at(**i) == at(*first)).count();
        let rank = start as f64 + (tied as f64 + 1.0) / 2.0;
        for i in order.iter().skip(start).take(tied) {
            if let Some(place) = ranks.get_mut(*i) {
                *place = rank;
            }
        }
        start += tied;
    }
    ranks
}

fn placements(scores: &[f64], event: &[bool]) -> Option<Placements> {
    let side = |wanted: bool| -> Vec<f64> {
        scores.iter().zip(event).filter(|(_, e)| **e == wanted).map(|(s, _)| *s).collect()
    };
    let (positive, negative) = (side(true), side(false));
    let (m, n) = (positive.len() as f64, negative.len() as f64);
    if positive.is_empty() || negative.is_empty() || scores.len() != event.len() {
        return None;
    }
    let all = midranks(scores);
    let (mut of_positive, mut of_negative) = (midranks(&positive).into_iter(), midranks(&negative).into_iter());
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for (rank, e) in all.iter().zip(event) {
        if *e {
            with.push((rank - of_positive.next()?) / n);
        } else {
            without.push(1.0 - (rank - of_negative.next()?) / m);
        }
    }
    let area = with.iter().sum::<f64>() / m;
    Some(Placements { area, with, without })
}

/// Covariance of two lists of one length; 0 if there is only one value.
fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    if a.len() < 2 {
        return 0.0;
    }
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum::<f64>() / (n - 1.0)
}

/// The probability that somebody with the event scores higher than somebody without (ties count half).
#[must_use]
pub fn area(scores: &[f64], event: &[bool]) -> Option<Estimate> {
    let p = placements(scores, event)?;
    let variance = covariance(&p.with, &p.with) / p.with.len() as f64
        + covariance(&p.without, &p.without) / p.without.len() as f64;
    Some(Estimate { value: p.area, error: variance.max(0.0).sqrt() })
}

/// By how much the second score tells better than the first, on the same customers.
#[must_use]
pub fn difference(first: &[f64], second: &[f64], event: &[bool]) -> Option<Estimate> {
    let (a, b) = (placements(first, event)?, placements(second, event)?);
    let less = |x: &[f64], y: &[f64]| -> Vec<f64> { x.iter().zip(y).map(|(x, y)| x - y).collect() };
    let (with, without) = (less(&b.with, &a.with), less(&b.without, &a.without));
    let variance = covariance(&with, &with) / with.len() as f64 + covariance(&without, &without) / without.len() as f64;
    Some(Estimate { value: b.area - a.area, error: variance.max(0.0).sqrt() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn counts_pairs() {
        let event = [true, true, false, false, false];
        // 6 pairs: 3 beats 1, 2 and ties 3; 5 beats all: 5.5 of 6.
        let area = area(&[3.0, 5.0, 1.0, 2.0, 3.0], &event).unwrap();
        assert!((area.value - 5.5 / 6.0).abs() < 1e-12);
        // The textbook form: variance of the placements of each side over its number.
        let with = [2.5 / 3.0, 1.0];
        let without = [1.0, 1.0, 0.75];
        let expected = covariance(&with, &with) / 2.0 + covariance(&without, &without) / 3.0;
        assert!((area.error - expected.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn of_one_side_there_is_none() {
        assert_eq!(area(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(area(&[], &[]), None);
    }

    #[test]
    fn a_score_is_no_better_than_itself() {
        let event: Vec<bool> = (0..50).map(|i| i % 3 == 0).collect();
        let score: Vec<f64> = (0..50).map(|i| f64::from((i * 7) % 47)).collect();
        let same = difference(&score, &score, &event).unwrap();
        assert_eq!((same.value, same.error), (0.0, 0.0));
        assert!(!same.clearly_positive() && same.p() == 1.0);
        let right: Vec<f64> = event.iter().map(|e| f64::from(u8::from(*e))).collect();
        let better = difference(&score, &right, &event).unwrap();
        assert!(better.clearly_positive() && (area(&right, &event).unwrap().value - 1.0).abs() < 1e-12);
    }
}
