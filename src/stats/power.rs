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
