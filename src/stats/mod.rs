//! Statistics that plans and their evaluation rest on: pure functions of numbers, each with the source of its formula.
//!
//! Intervals are two-sided, at a level of `1 - alpha`. Nothing here draws at random, and nothing reads a clock.

pub mod logistic;
pub mod mean;
pub mod multiple;
pub mod power;
pub mod profit;
pub mod proportion;
pub mod ratio;
pub mod sequential;
pub mod split;
pub mod sum;
pub mod survival;
pub mod uplift;

pub use mean::{Means, Moments, welch};
pub use multiple::holm;
pub use proportion::{Arms, Share, wilson};
pub use sum::Sum;

use statrs::distribution::{ContinuousCDF as _, Normal, StudentsT};

/// From where to where a value lies, at the level that was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Around a value.
    #[must_use]
    pub fn around(value: f64, half: f64) -> Self {
        Self { low: value - half, high: value + half }
    }

    /// Both ends times a factor, the other way round if it is negative.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        let (a, b) = (self.low * factor, self.high * factor);
        Self { low: a.min(b), high: a.max(b) }
    }

    /// Both ends moved by so much.
    #[must_use]
    pub fn plus(self, by: f64) -> Self {
        Self { low: self.low + by, high: self.high + by }
    }

    /// Whether it holds a value, its ends included.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// The distance from the middle of a normal distribution, in standard deviations, that is exceeded on both sides together with
/// probability `alpha`: 1.959964 for 0.05.
#[must_use]
pub fn z(alpha: f64) -> f64 {
    Normal::standard().inverse_cdf(1.0 - alpha.clamp(0.0, 1.0) / 2.0)
}

/// The same of Student's t with so many degrees of freedom; infinite without any.
#[must_use]
pub fn t(alpha: f64, freedom: f64) -> f64 {
    if freedom.is_nan() || freedom <= 0.0 {
        return f64::INFINITY;
    }
    // Beyond it the two are equal to nine digits, and the search for t's quantile only costs time.
    if freedom > 1e9 {
        return z(alpha);
    }
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(1.0 - alpha.clamp(0.0, 1.0) / 2.0))
}

/// How probable a distance of so many standard deviations, or a greater one, is on both sides together.
#[must_use]
pub fn p_of_z(z: f64) -> f64 {
    (2.0 * Normal::standard().sf(z.abs())).min(1.0)
}

/// The same for Student's t; 1 without any degrees of freedom.
#[must_use]
pub fn p_of_t(t: f64, freedom: f64) -> f64 {
    if freedom.is_nan() || freedom <= 0.0 || t.is_nan() {
        return 1.0;
    }
    if freedom > 1e9 {
        return p_of_z(t);
    }
    StudentsT::new(0.0, 1.0, freedom).map_or(1.0, |d| (2.0 * d.sf(t.abs())).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        assert!((z(0.05) - 1.959_963_985).abs() < 1e-8);
        assert!((t(0.05, 10.0) - 2.228_138_852).abs() < 1e-7);
        assert!((t(0.05, 2e9) - z(0.05)).abs() < 1e-12);
        assert!((p_of_z(1.959_963_985) - 0.05).abs() < 1e-9);
        assert!((p_of_t(2.228_138_852, 10.0) - 0.05).abs() < 1e-8);
        assert_eq!(t(0.05, 0.0), f64::INFINITY);
        assert_eq!(p_of_t(f64::NAN, 3.0), 1.0);
    }

    #[test]
    fn intervals_turn_with_a_negative_factor() {
        let interval = Interval { low: -1.0, high: 3.0 };
        assert_eq!(interval.times(-2.0), Interval { low: -6.0, high: 2.0 });
        assert!(interval.holds(3.0) && !interval.holds(3.1));
    }
}
