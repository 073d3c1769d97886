//! What contacts earned beyond what would have come in without them, and what each unit of money spent on them earned.

use super::{Interval, t};

/// A ratio of two sums that are both uncertain: the estimates with their variances and covariance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uncertain {
    /// Above the line.
    pub above: f64,
    /// Below the line.
    pub below: f64,
    /// Variance of `above`.
    pub variance_above: f64,
    /// Variance of `below`.
    pub variance_below: f64,
    /// Their covariance.
    pub covariance: f64,
    /// Degrees of freedom.
    pub freedom: f64,
}

/// `above / below` with its interval by Fieller's theorem: the ratios `r` for which `above - r * below` is within its own interval
/// around zero.
///
/// Fieller (1954), Journal of the Royal Statistical Society B 16. Unlike the delta method it does not break down where the lower sum is
/// uncertain; where that sum may be zero no interval is finite, and there is none. With a lower sum that is known for certain it is
/// the interval of the upper one, divided. `None` too where the lower sum is zero.
#[must_use]
pub fn fieller(ratio: Uncertain, alpha: f64) -> Option<(f64, Option<Interval>)> {
    let Uncertain { above, below, variance_above, variance_below, covariance, freedom } = ratio;
    if below == 0.0 || !below.is_finite() || !above.is_finite() {
        return None;
    }
    let value = above / below;
    let t2 = t(alpha, freedom).powi(2) / (below * below);
    let g = t2 * variance_below;
    if g.is_nan() || g >= 1.0 {
        return Some((value, None));
    }
    let middle = (value - t2 * covariance) / (1.0 - g);
    let inner = variance_above - 2.0 * value * covariance + value * value * variance_below
        - (g * variance_above - t2 * covariance * covariance);
    let half = (t2 * inner.max(0.0)).sqrt() / (1.0 - g);
    Some((value, Some(Interval::around(middle, half)).filter(|i| i.low.is_finite() && i.high.is_finite())))
}

/// Incremental return on what was spent: `(incremental margin - cost) / cost` (`iROI = (margin * lift * n - cost) / cost`), that is
/// the ratio of the two, less 1. 2.3 means: each unit of money came back and brought 2.3 more.
#[must_use]
pub fn roi(margin_over_cost: Uncertain, alpha: f64) -> Option<(f64, Option<Interval>)> {
    fieller(margin_over_cost, alpha).map(|(ratio, interval)| (ratio - 1.0, interval.map(|i| i.plus(-1.0))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const RATIO: Uncertain = Uncertain {
        above: 30.0,
        below: 10.0,
        variance_above: 4.0,
        variance_below: 0.25,
        covariance: 0.5,
        freedom: 1e12,
    };

    /// The ends are those ratios at which `above - r * below` is just as far from zero as its interval allows.
    #[test]
    fn ends_are_roots() {
        let (value, interval) = fieller(RATIO, 0.05).unwrap();
        let interval = interval.unwrap();
        assert_eq!(value, 3.0);
        for r in [interval.low, interval.high] {
            let apart = RATIO.above - r * RATIO.below;
            let variance = RATIO.variance_above - 2.0 * r * RATIO.covariance + r * r * RATIO.variance_below;
            assert!((apart * apart / variance - 1.959_963_985_f64.powi(2)).abs() < 1e-6, "{r}");
        }
    }

    #[test]
    fn a_certain_cost_only_divides() {
        let certain = Uncertain { variance_below: 0.0, covariance: 0.0, ..RATIO };
        let (value, interval) = roi(certain, 0.05).unwrap();
        assert_eq!(value, 2.0);
        let half = 1.959_963_985 * 2.0 / 10.0;
        assert!((interval.unwrap().low - (2.0 - half)).abs() < 1e-8);
    }

    #[test]
    fn without_a_cost_there_is_no_return_on_it() {
        assert_eq!(roi(Uncertain { below: 0.0, ..RATIO }, 0.05), None);
        assert_eq!(roi(Uncertain { variance_below: 100.0, ..RATIO }, 0.05).unwrap().1, None);
    }
}
