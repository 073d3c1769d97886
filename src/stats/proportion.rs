//! Shares and their differences: Wilson's interval, Newcombe's, the share that would have come anyway.

use super::{Interval, p_of_z, z};

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// How many did.
    pub hits: u64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    /// As a number from 0 to 1; not a number of nobody.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.hits as f64 / self.of as f64
    }

    /// Its variance, `p (1 - p) / n`.
    #[must_use]
    pub fn variance(self) -> f64 {
        let p = self.rate();
        p * (1.0 - p) / self.of as f64
    }
}

/// Wilson's score interval, without continuity correction; from 0 to 1 of nobody.
///
/// Wilson (1927), JASA 22: the shares that a score test with `z` does not reject.
#[must_use]
pub fn wilson(share: Share, alpha: f64) -> Interval {
    wilson_z(share, z(alpha))
}

/// The same for a given number of standard deviations.
fn wilson_z(share: Share, z: f64) -> Interval {
    if share.of == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (n, p) = (share.of as f64, share.rate());
    let z2 = z * z;
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends of the scale the formula says exactly 0 and 1, and its rounding does not.
    let low = if share.hits == 0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if share.hits == share.of { 1.0 } else { (middle + half).min(1.0) };
    Interval { low, high }
}

/// One comparison of two arms within customers who all had the same chance of being contacted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arms {
    /// Those who were contacted.
    pub treated: Share,
    /// Those who were held out.
    pub control: Share,
    /// How much these customers count; the weights of all together should be 1.
    pub weight: f64,
}

impl Arms {
    /// The only comparison there is.
    #[must_use]
    pub fn one(treated: Share, control: Share) -> Self {
        Self { treated, control, weight: 1.0 }
    }
}

/// The difference of two shares, treated less control, over all strata: `sum(weight * (p1 - p0))`.
#[must_use]
pub fn difference(strata: &[Arms]) -> f64 {
    strata.iter().map(|s| s.weight * (s.treated.rate() - s.control.rate())).sum()
}

/// The interval of the difference of two independent shares.
///
/// With one stratum it is Newcombe's hybrid score interval without continuity correction (Newcombe 1998, Statistics in
/// Medicine 17, method 10): from `d - sqrt((p1 - l1)^2 + (u0 - p0)^2)` to `d + sqrt((u1 - p1)^2 + (p0 - l0)^2)`, where `l` and `u` are
/// the ends of Wilson's intervals. With several it is its extension by MOVER to a weighted sum (Zou and Donner 2008, Statistics in
/// Medicine 27): the squares are added up, times the squares of the weights.
#[must_use]
pub fn newcombe(strata: &[Arms], alpha: f64) -> Interval {
    newcombe_z(strata, z(alpha))
}

fn newcombe_z(strata: &[Arms], z: f64) -> Interval {
    let (mut low, mut high) = (0.0, 0.0);
    for stratum in strata {
        let (p1, p0) = (stratum.treated.rate(), stratum.control.rate());
        let (w1, w0) = (wilson_z(stratum.treated, z), wilson_z(stratum.control, z));
        let square = stratum.weight * stratum.weight;
        low += square * ((p1 - w1.low).powi(2) + (w0.high - p0).powi(2));
        high += square * ((w1.high - p1).powi(2) + (p0 - w0.low).powi(2));
    }
    let d = difference(strata);
    Interval { low: d - low.sqrt(), high: d + high.sqrt() }
}

/// The p-value that goes with [`newcombe`]: the smallest `alpha` at which its interval leaves out zero, so that the two never
/// contradict each other.
#[must_use]
pub fn p_value(strata: &[Arms]) -> f64 {
    let d = difference(strata);
    if d == 0.0 || !d.is_finite() {
        return 1.0;
    }
    let leaves_out = |z: f64| {
        let interval = newcombe_z(strata, z);
        if d > 0.0 { interval.low > 0.0 } else { interval.high < 0.0 }
    };
    // The interval grows with z; beyond 38 deviations the probability is no number any more.
    let (mut inside, mut outside) = (0.0, 38.0);
    if leaves_out(outside) {
        return p_of_z(outside);
    }
    for _ in 0..60 {
        let middle = f64::midpoint(inside, outside);
        if leaves_out(middle) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    p_of_z(inside)
}

/// Of those who returned after a contact, the share that would have come anyway: `p0 / p1`, with its interval.
///
/// The interval is that of the ratio of two independent shares on the scale of logarithms (Katz, Baptista, Azen and Pike 1978,
/// Biometrics 34): `log(p0 / p1) ± z sqrt((1 - p0) / x0 + (1 - p1) / x1)`; with strata, the variances are those of the weighted
/// sums. `None` if nobody returned in one of the arms. More than 1 means that the contact kept customers away.
#[must_use]
pub fn anyway(strata: &[Arms], alpha: f64) -> Option<(f64, Interval)> {
    let sum = |of: fn(&Arms) -> Share| -> (f64, f64) {
        strata.iter().fold((0.0, 0.0), |(rate, variance), s| {
            let share = of(s);
            (rate + s.weight * share.rate(), variance + s.weight * s.weight * share.variance())
        })
    };
    let ((p1, v1), (p0, v0)) = (sum(|s| s.treated), sum(|s| s.control));
    if !(p1 > 0.0 && p0 > 0.0) {
        return None;
    }
    let half = z(alpha) * (v1 / (p1 * p1) + v0 / (p0 * p0)).sqrt();
    let share = p0 / p1;
    Some((share, Interval { low: share * (-half).exp(), high: share * half.exp() }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn close(interval: Interval, low: f64, high: f64, digits: f64) {
        assert!((interval.low - low).abs() < digits && (interval.high - high).abs() < digits, "{interval:?}");
    }

    /// Newcombe 1998, Statistics in Medicine 17:857, table I: 81 of 263, and 0 of 20.
    #[test]
    fn wilson_as_published() {
        close(wilson(Share { hits: 81, of: 263 }, 0.05), 0.2553, 0.3662, 5e-5);
        close(wilson(Share { hits: 0, of: 20 }, 0.05), 0.0, 0.1611, 5e-5);
        close(wilson(Share { hits: 1, of: 29 }, 0.05), 0.0061, 0.1718, 5e-5);
        close(wilson(Share::default(), 0.05), 0.0, 1.0, 1e-12);
    }

    /// Newcombe 1998, Statistics in Medicine 17:873, table II, method 10.
    #[test]
    fn newcombe_as_published() {
        let of = |x1, n1, x0, n0| newcombe(&[Arms::one(Share { hits: x1, of: n1 }, Share { hits: x0, of: n0 })], 0.05);
        close(of(56, 70, 48, 80), 0.0524, 0.3339, 5e-5);
        close(of(9, 10, 3, 10), 0.1705, 0.8090, 5e-5);
        close(of(10, 10, 0, 10), 0.6075, 1.0, 5e-5);
    }

    #[test]
    fn p_value_and_interval_agree() {
        for (x1, x0) in [(56, 40), (56, 48), (30, 48), (50, 50), (48, 36)] {
            let strata = [Arms::one(Share { hits: x1, of: 100 }, Share { hits: x0, of: 90 })];
            for alpha in [0.01, 0.05, 0.2] {
                assert_eq!(p_value(&strata) < alpha, !newcombe(&strata, alpha).holds(0.0), "{x1} {x0} {alpha}");
            }
        }
    }

    #[test]
    fn a_split_stratum_says_the_same_with_less_certainty_than_none() {
        let whole = Arms::one(Share { hits: 200, of: 1000 }, Share { hits: 150, of: 1000 });
        let half = Arms { weight: 0.5, ..Arms::one(Share { hits: 100, of: 500 }, Share { hits: 75, of: 500 }) };
        assert!((difference(&[half, half]) - difference(&[whole])).abs() < 1e-15);
        let (one, two) = (newcombe(&[whole], 0.05), newcombe(&[half, half], 0.05));
        assert!((one.low - two.low).abs() < 1e-3 && (one.high - two.high).abs() < 1e-3);
    }

    #[test]
    fn who_would_have_come_anyway() {
        let strata = [Arms::one(Share { hits: 267, of: 21_307 }, Share { hits: 122, of: 21_306 })];
        let (share, interval) = anyway(&strata, 0.05).unwrap();
        assert!((share - 0.457).abs() < 5e-4, "{share}");
        assert!(interval.low < share && share < interval.high && interval.high < 1.0);
        assert_eq!(anyway(&[Arms::one(Share { hits: 0, of: 9 }, Share { hits: 1, of: 9 })], 0.05), None);
    }
}
