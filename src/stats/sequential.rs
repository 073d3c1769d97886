//! Intervals for those who look every day: valid at every look, however often one looks and whenever one stops.
//!
//! A fixed-sample interval holds at one look that was fixed beforehand. Who looks every day and stops at the first that leaves out
//! zero finds an "effect" of nothing in far more than 5 of 100 cases. The interval here is that of the mixture sequential
//! probability ratio test (mSPRT) with a normal mixture:
//!
//! ```text
//! d ± se * sqrt((c f + 1) / (c f) * ln((c f + 1) / alpha^2)),   c = -2 ln alpha + ln(1 - 2 ln alpha)
//! ```
//!
//! where `se` is the standard error of the difference `d` today and `f` how much of the information that the plan reckons with is
//! there today. It is the test of Robbins (1970), Annals of Mathematical Statistics 41, in the form of Johari, Koomen, Pekelis and Walsh
//! (2022), Operations Research 70, with the variance of the mixture `tau^2 = c / information at f = 1`; with the
//! variance estimated it is the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Annals of
//! Statistics 52, theorem 2.2, and `c` is its choice of `rho` (their appendix B.2) that makes the interval narrowest at `f = 1`.
//!
//! There is one parameter to tune, the information at which the interval is narrowest. It must be fixed before the first look; a
//! poor choice costs width, never validity. regain takes the number of returns that the plan expected, and counts
//! information in returns: before a return there is nothing to see, and the variance of the difference grows by one step with each. At
//! `f = 1` and 5 % the interval is 1.55 times as wide as the fixed-sample one; that is the price of looking every day.

use super::Interval;

/// By how many standard errors the interval reaches to each side, at a fraction `f` of the planned information; infinite at none.
#[must_use]
pub fn reach(fraction: f64, alpha: f64) -> f64 {
    let inside = alpha > 0.0 && alpha < 1.0;
    if !inside || fraction.is_nan() || fraction <= 0.0 {
        return f64::INFINITY;
    }
    let c = -2.0 * alpha.ln() + (1.0 - 2.0 * alpha.ln()).ln();
    let x = c * fraction;
    ((x + 1.0) / x * ((x + 1.0) / (alpha * alpha)).ln()).sqrt()
}

/// The always-valid interval of a difference with its standard error of today.
#[must_use]
pub fn always_valid(difference: f64, error: f64, fraction: f64, alpha: f64) -> Interval {
    Interval::around(difference, if error == 0.0 { f64::INFINITY } else { error * reach(fraction, alpha) })
}

/// The always-valid p-value of today: below `alpha` exactly where [`always_valid`] leaves out zero; 1 without any information.
///
/// The mixture is the one that is best for `alpha`; it must not change with the level that is asked for.
#[must_use]
pub fn p_value(difference: f64, error: f64, fraction: f64, alpha: f64) -> f64 {
    if error.is_nan() || error <= 0.0 || fraction.is_nan() || fraction <= 0.0 {
        return 1.0;
    }
    let c = -2.0 * alpha.ln() + (1.0 - 2.0 * alpha.ln()).ln();
    let x = c * fraction;
    let z = difference / error;
    // The ratio of the mixture's likelihood to that of no effect is 1 / p.
    ((x + 1.0).sqrt() * (-z * z / 2.0 * x / (x + 1.0)).exp()).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrowest_where_it_was_tuned_for() {
        // Of a sum that grows with the information: its width is reach * sqrt(f), and the bound on the mean is narrowest relative to
        // other mixtures at f = 1.
        let relative = |fraction: f64, tuned: f64| reach(fraction / tuned, 0.05);
        for tuned in [0.3, 0.5, 0.8, 1.25, 2.0, 4.0] {
            assert!(relative(1.0, 1.0) < relative(1.0, tuned) + 1e-9, "{tuned}");
        }
        assert!((reach(1.0, 0.05) - 3.0347).abs() < 1e-3, "{}", reach(1.0, 0.05));
        assert_eq!(reach(0.0, 0.05), f64::INFINITY);
        assert!(reach(1e-6, 0.05) > 100.0 && reach(100.0, 0.05) < 4.0);
    }

    #[test]
    fn p_value_and_interval_agree() {
        for (d, f) in [(0.1, 0.2), (0.25, 0.2), (0.4, 1.0), (0.305, 1.0), (0.303, 1.0), (0.9, 0.02)] {
            assert_eq!(p_value(d, 0.1, f, 0.05) < 0.05, !always_valid(d, 0.1, f, 0.05).holds(0.0), "{d} {f}");
        }
        assert_eq!(p_value(1.0, 0.0, 1.0, 0.05), 1.0);
    }
}
