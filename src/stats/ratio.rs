//! Are as many customers in each arm as there should be? If not, something other than chance has sorted them, and no comparison of the
//! arms can be believed.

use statrs::distribution::{ChiSquared, ContinuousCDF as _};

/// Below this probability the numbers are called wrong. Chance alone does so once in a thousand looks; the faults this finds
/// (arms lost on the way, rows that were filtered afterwards) are far beyond it.
pub const MISMATCH: f64 = 0.001;

/// How the arms turned out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// How many were expected to be contacted.
    pub expected: f64,
    /// How many were.
    pub observed: u64,
    /// The statistic.
    pub chi_square: f64,
    /// The probability of numbers as far off, or farther.
    pub p: f64,
}

impl Ratio {
    /// Whether the arms are as chance can make them.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.p >= MISMATCH
    }
}

/// The sample-ratio check of two arms, where each customer had a probability of her own of being contacted.
///
/// `sum p` and `sum p (1 - p)` over the customers are given. `chi^2 = (observed - sum p)^2 / sum p (1 - p)` with one degree of freedom;
/// with one probability for all it is Pearson's chi-square of the two counts. Holdouts that are drawn within strata vary less than
/// that, so that the check errs on the side of saying nothing. Where nobody could have been held out it holds.
#[must_use]
pub fn sample_ratio(observed: u64, expected: f64, variance: f64) -> Ratio {
    let apart = observed as f64 - expected;
    if variance <= 0.0 {
        let p = if apart.abs() < 0.5 { 1.0 } else { 0.0 };
        return Ratio { expected, observed, chi_square: 0.0, p };
    }
    let chi_square = apart * apart / variance;
    Ratio { expected, observed, chi_square, p: tail(chi_square, 1.0) }
}

/// Pearson's chi-square of counts against the shares they should have: statistic and p-value. Shares need not sum to 1.
#[must_use]
pub fn pearson(observed: &[u64], shares: &[f64]) -> (f64, f64) {
    let (total, whole) = (observed.iter().sum::<u64>() as f64, shares.iter().sum::<f64>());
    if total == 0.0 || whole <= 0.0 || observed.len() < 2 {
        return (0.0, 1.0);
    }
    let chi_square: f64 = observed
        .iter()
        .zip(shares)
        .map(|(observed, share)| {
            let expected = total * share / whole;
            let apart = *observed as f64 - expected;
            if apart == 0.0 { 0.0 } else { apart * apart / expected }
        })
        .sum();
    (chi_square, tail(chi_square, observed.len() as f64 - 1.0))
}

fn tail(chi_square: f64, freedom: f64) -> f64 {
    if chi_square.is_infinite() {
        return 0.0;
    }
    ChiSquared::new(freedom).map_or(1.0, |d| d.sf(chi_square))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_probability_is_pearson() {
        // R: `chisq.test(c(821, 179), p = c(.8, .2))`: X-squared = 2.7562, p-value = 0.09687
        let found = sample_ratio(821, 800.0, 160.0);
        let (chi_square, p) = pearson(&[821, 179], &[0.8, 0.2]);
        assert!((found.chi_square - chi_square).abs() < 1e-12 && (found.p - p).abs() < 1e-12);
        assert!((p - 0.096_87).abs() < 1e-5, "{p}");
        assert!(found.holds());
    }

    #[test]
    fn lost_customers_are_found() {
        // Of 10,000 halved, some of one arm are lost: 100 may be chance, 400 are not.
        assert!(sample_ratio(5000, 4950.0, 2475.0).holds());
        assert!(!sample_ratio(5000, 4800.0, 2400.0).holds());
        assert!(sample_ratio(10, 10.0, 0.0).holds());
        assert!(!sample_ratio(10, 12.0, 0.0).holds());
        assert_eq!(pearson(&[], &[]), (0.0, 1.0));
    }
}
