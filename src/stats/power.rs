//! How large an effect can be seen, and how many customers that takes.
//!
//! Two proportions `p0` (held out) and `p1` (contacted) are told apart by the two-sided test of their difference with unpooled variance.
//! By the normal approximation it finds the difference `d = p1 - p0` with the given power where
//!
//! ```text
//! d^2 = (z(1 - alpha / 2) + z(power))^2 * (p0 (1 - p0) / held_out + p1 (1 - p1) / treated)
//! ```
//!
//! Chow, Shao, Wang: Sample Size Calculations in Clinical Research, section 4.2 (two-sample parallel design, test for equality);
//! the chance of a significant result in the wrong direction is left out, as R's `power.prop.test` does by default.

use statrs::distribution::{ContinuousCDF as _, Normal};

/// The smallest raise over `p0` that is found with the given power by these numbers of customers.
///
/// `p0` is the share that returns without a contact, 0 to 1; `alpha` the two-sided significance, `power` the probability of seeing the
/// effect. The equation above is quadratic in the raise; the answer is its positive root. `None` where no raise up to a share of 1
/// is large enough, where an arm is empty, or where an argument is out of its range.
#[must_use]
pub fn detectable(p0: f64, treated: u64, held_out: u64, alpha: f64, power: f64) -> Option<f64> {
    if treated == 0 || held_out == 0 || !(0.0..=1.0).contains(&p0) {
        return None;
    }
    let (treated, held_out) = (treated as f64, held_out as f64);
    let z2 = quantiles(alpha, power)?.powi(2);
    let base = p0 * (1.0 - p0);
    // (1 + z2 / treated) d^2 - z2 (1 - 2 p0) / treated d - z2 base (1 / treated + 1 / held_out) = 0
    let a = 1.0 + z2 / treated;
    let b = -z2 * (1.0 - 2.0 * p0) / treated;
    let c = -z2 * base * (1.0 / treated + 1.0 / held_out);
    let root = (-b + (b * b - 4.0 * a * c).max(0.0).sqrt()) / (2.0 * a);
    (root > 0.0 && p0 + root <= 1.0).then_some(root)
}

/// How many customers must be held out to find the difference between `p0` and `p1`, where `ratio` customers are contacted for each
/// one held out: with `ratio` 1, the customers of each arm; the contacted are `ratio` times as many.
///
/// `u64::MAX` where no number is enough (the shares are equal) or an argument is out of its range.
#[must_use]
pub fn needed(p0: f64, p1: f64, ratio: f64, alpha: f64, power: f64) -> u64 {
    let inside = (0.0..=1.0).contains(&p0) && (0.0..=1.0).contains(&p1) && ratio > 0.0 && ratio.is_finite();
    let (Some(z), true) = (quantiles(alpha, power), inside && p0 != p1) else { return u64::MAX };
    let n = (z / (p1 - p0)).powi(2) * (p0 * (1.0 - p0) + p1 * (1.0 - p1) / ratio);
    if n < 1e18 { (n.ceil() as u64).max(1) } else { u64::MAX }
}

/// The probability that the difference between `p0` and `p1` is found by these numbers of customers. `None` as in [`detectable`].
#[must_use]
pub fn power(p0: f64, p1: f64, treated: u64, held_out: u64, alpha: f64) -> Option<f64> {
    let inside = |p: f64| (0.0..=1.0).contains(&p);
    if treated == 0 || held_out == 0 || !inside(p0) || !inside(p1) || !(alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    let error = (p0 * (1.0 - p0) / held_out as f64 + p1 * (1.0 - p1) / treated as f64).sqrt();
    let normal = Normal::standard();
    let distance = (p1 - p0).abs() / error;
    let reach = distance - normal.inverse_cdf(1.0 - alpha / 2.0);
    // 0 / 0: equal shares without any variance.
    Some(if reach.is_nan() { 0.0 } else { normal.cdf(reach) })
}

/// The smallest share of `customers` that must be held out to find the difference between `p0` and `p1`, the others being contacted.
///
/// `None` if no share is enough: these are too few customers. The equation above is quadratic in the share.
#[must_use]
pub fn share_needed(p0: f64, p1: f64, customers: u64, alpha: f64, power: f64) -> Option<f64> {
    let inside = (0.0..=1.0).contains(&p0) && (0.0..=1.0).contains(&p1);
    if !inside || p0 == p1 || customers == 0 {
        return None;
    }
    let (v0, v1) = (p0 * (1.0 - p0), p1 * (1.0 - p1));
    // v0 / s + v1 / (1 - s) = room   >   room s^2 - (room + v0 - v1) s + v0 = 0; the smaller root.
    let room = customers as f64 * ((p1 - p0) / quantiles(alpha, power)?).powi(2);
    let b = room + v0 - v1;
    let inner = b * b - 4.0 * room * v0;
    if inner < 0.0 {
        return None;
    }
    let share = (b - inner.sqrt()) / (2.0 * room);
    (0.0..1.0).contains(&share).then_some(share)
}

/// `z(1 - alpha / 2) + z(power)`; `None` unless both are probabilities and the sum is positive.
fn quantiles(alpha: f64, power: f64) -> Option<f64> {
    let open = |p: f64| p > 0.0 && p < 1.0;
    if !open(alpha) || !open(power) {
        return None;
    }
    let normal = Normal::standard();
    let sum = normal.inverse_cdf(1.0 - alpha / 2.0) + normal.inverse_cdf(power);
    (sum > 0.0).then_some(sum)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    /// Against the equation in scipy 1.17. The formula with pooled variance (Fleiss; R's `power.prop.test`) gives 1471 for the first.
    #[test]
    fn customers_needed_are_those_of_other_programs() {
        assert_eq!(needed(0.05, 0.075, 1.0, 0.05, 0.8), 1_468);
        assert_eq!(needed(0.10, 0.15, 1.0, 0.05, 0.8), 683);
        assert_eq!(needed(0.65, 0.85, 1.0, 0.05, 0.8), 70);
        assert_eq!(needed(0.50, 0.75, 1.0, 0.05, 0.9), 74);
        assert_eq!(needed(0.02, 0.03, 9.0, 0.05, 0.8), 1_793);
        assert_eq!(needed(0.75, 0.50, 1.0, 0.05, 0.9), 74, "a fall is as hard to see as a raise");
    }

    /// By scipy's root finder on the equation.
    #[test]
    fn detectable_raises_solve_the_equation() {
        for (p0, treated, held_out, expected) in [
            (0.05, 1_468, 1_468, 0.024_997_569_406_129_78),
            (0.02, 9_000, 1_000, 0.013_493_300_350_085_523),
            (0.10, 500, 55, 0.124_817_224_887_269_82),
            (0.0, 100, 100, 0.072_776_645_929_770_32),
            (0.106, 42_613, 21_306, 0.007_308_587_111_677_428),
        ] {
            let found = detectable(p0, treated, held_out, 0.05, 0.8).unwrap();
            assert!((found - expected).abs() < 1e-8, "{p0}: {found}");
            let with = power(p0, p0 + found, treated, held_out, 0.05).unwrap();
            assert!((with - 0.8).abs() < 1e-8, "{p0}: {with}");
        }
    }

    #[test]
    fn the_share_needed_is_the_smallest_that_is_enough() {
        for (p0, p1, customers, expected) in
            [(0.05, 0.075, 5_000, 0.150_068_676_631_423_87), (0.02, 0.03, 20_000, 0.087_928_637_968_577_68)]
        {
            let share = share_needed(p0, p1, customers, 0.05, 0.8).unwrap();
            assert!((share - expected).abs() < 1e-7, "{share}");
            let out = (share * customers as f64).ceil() as u64;
            assert!(detectable(p0, customers - out, out, 0.05, 0.8).unwrap() <= p1 - p0);
            assert!(detectable(p0, customers - out + 2, out - 2, 0.05, 0.8).unwrap() > p1 - p0);
        }
        assert_eq!(share_needed(0.10, 0.12, 1_000, 0.05, 0.8), None, "too few customers");
    }

    #[test]
    fn what_cannot_be_answered_is_not() {
        assert_eq!(detectable(0.1, 0, 10, 0.05, 0.8), None);
        assert_eq!(detectable(0.1, 10, 0, 0.05, 0.8), None);
        assert_eq!(detectable(0.9, 5, 5, 0.05, 0.8), None, "no share is above 1");
        for (alpha, power) in [(0.0, 0.8), (1.0, 0.8), (0.05, 0.0), (0.05, 1.0), (f64::NAN, 0.8), (0.9, 0.1)] {
            assert_eq!(detectable(0.1, 100, 100, alpha, power), None, "{alpha} {power}");
            assert_eq!(needed(0.1, 0.2, 1.0, alpha, power), u64::MAX);
        }
        assert_eq!(detectable(f64::NAN, 100, 100, 0.05, 0.8), None);
        assert_eq!(needed(0.1, 0.1, 1.0, 0.05, 0.8), u64::MAX);
        assert_eq!(needed(0.0, 1.0, 1.0, 0.05, 0.8), 1);
        assert_eq!(needed(0.1, 0.2, 0.0, 0.05, 0.8), u64::MAX);
        assert_eq!(share_needed(0.1, 0.2, 0, 0.05, 0.8), None);
        assert_eq!(power(0.0, 0.0, 10, 10, 0.05), Some(0.0));
        assert!(near(power(0.2, 0.2, 1_000, 1_000, 0.05).unwrap(), 0.025), "one tail of the significance");
    }
}
