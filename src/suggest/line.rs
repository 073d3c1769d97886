//! The line from chance to the probability of a return: `factor * (base + per_point * chance)`, fitted to what came of it.

use nalgebra::{Matrix2, Vector2};

use super::auc::Estimate;
use super::sheet::{MIDDLE, Pair};

/// Customers with each outcome that a line needs.
const ENOUGH: usize = 15;
/// Probabilities are kept this far from 0 and 1 when rows are weighed: a few rows at the ends must not decide.
const EDGE: f64 = 0.1;

/// A fitted line, its numbers rounded as they are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// The parameter that is added.
    pub base: f64,
    /// The parameter per point of chance; never negative.
    pub per_point: f64,
    /// The unrounded base with its standard error.
    pub base_fit: Estimate,
    /// The same per point.
    pub per_point_fit: Estimate,
    /// Customers it was fitted to.
    pub rows: usize,
    /// Those who returned.
    pub returned: usize,
}

/// Fits a line by weighted least squares, the weights from the line itself (identity link, Bernoulli variance); standard errors
/// are White's, which hold whatever the variance is. A line that would fall is flat. `points` are factor, chance and
/// whether she returned.
#[must_use]
pub fn fit_line(points: &[(f64, f64, bool)], pair: &Pair) -> Option<Line> {
    let returned = points.iter().filter(|p| p.2).count();
    if returned.min(points.len() - returned) < ENOUGH {
        return None;
    }
    // Around the middle of the scale both coefficients are well determined.
    let (mut middle, mut slope) = (pair.base.value + MIDDLE * pair.per_point.value, pair.per_point.value);
    let mut flat = false;
    let mut covariance = Matrix2::zeros();
    for round in 0..50 {
        let (mut normal, mut target, mut meat) = (Matrix2::zeros(), Vector2::zeros(), Matrix2::zeros());
        for (factor, chance, event) in points {
            let x = Vector2::new(*factor, if flat { 0.0 } else { factor * (chance - MIDDLE) });
            let p = (factor * (middle + slope * (chance - MIDDLE))).clamp(EDGE, 1.0 - EDGE);
            let weight = 1.0 / (p * (1.0 - p));
            let y = f64::from(u8::from(*event));
            normal += x * x.transpose() * weight;
            target += x * (weight * y);
            let residual = y - factor * (middle + slope * (chance - MIDDLE));
            meat += x * x.transpose() * (weight * residual).powi(2);
        }
        if flat {
            let variance = meat.m11 / normal.m11.powi(2);
            covariance = Matrix2::new(variance, 0.0, 0.0, 0.0);
            let next = target.x / normal.m11;
            let still = (next - middle).abs() < 1e-10;
            (middle, slope) = (next, 0.0);
            if still {
                break;
            }
            continue;
        }
        let Some(inverse) = normal.try_inverse().filter(|m| m.iter().all(|x| x.is_finite())) else {
            flat = true;
            continue;
        };
        covariance = inverse * meat * inverse;
        let next = inverse * target;
        let still = (next.x - middle).abs() + (next.y - slope).abs() < 1e-10;
        (middle, slope) = (next.x, next.y);
        if still || round == 40 {
            if slope >= 0.0 {
                break;
            }
            flat = true;
            slope = 0.0;
        }
    }
    let base = middle - MIDDLE * slope;
    let error = covariance.m11 - 2.0 * MIDDLE * covariance.m12 + MIDDLE * MIDDLE * covariance.m22;
    if !base.is_finite() || !slope.is_finite() || !error.is_finite() {
        return None;
    }
    let (base_written, per_point_written) = written(points, pair, base, slope);
    Some(Line {
        base: base_written,
        per_point: per_point_written,
        base_fit: Estimate { value: base, error: error.max(0.0).sqrt() },
        per_point_fit: Estimate { value: slope, error: covariance.m22.max(0.0).sqrt() },
        rows: points.len(),
        returned,
    })
}

/// The line as parameters can say it: where one is at its bound, the other makes up for it.
fn written(points: &[(f64, f64, bool)], pair: &Pair, base: f64, slope: f64) -> (f64, f64) {
    let (mut base_now, mut slope_now) = (pair.base.allowed(rounded(base)), rounded(slope));
    if (base_now - base).abs() > 1e-4 {
        let (top, bottom) = points.iter().fold((0.0, 0.0), |(top, bottom), (factor, chance, event)| {
            let x = factor * chance;
            (top + x * (f64::from(u8::from(*event)) - factor * base_now), bottom + x * x)
        });
        slope_now = if bottom > 0.0 { rounded((top / bottom).max(0.0)) } else { slope_now };
    }
    let bounded = pair.per_point.allowed(slope_now);
    if bounded != slope_now {
        slope_now = bounded;
        let (top, bottom) = points.iter().fold((0.0, 0.0), |(top, bottom), (factor, chance, event)| {
            (top + factor * (f64::from(u8::from(*event)) - factor * slope_now * chance), bottom + factor * factor)
        });
        base_now = pair.base.allowed(rounded(top / bottom));
    }
    (base_now, slope_now)
}

/// To four decimals: a hundredth of a per cent.
fn rounded(x: f64) -> f64 {
    (x * 10_000.0).round() / 10_000.0 + 0.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::suggest::sheet::Setting;

    fn pair() -> Pair {
        let setting = |name: &str, value| Setting { name: name.to_owned(), value, min: Some(0.0), max: Some(1.0) };
        Pair { base: setting("return_base", 0.02), per_point: setting("return_per_point", 0.02) }
    }

    #[test]
    fn finds_a_line_that_is_there() {
        // Exactly 10 % and 50 % at chance 2 and 8, every factor 1: a + 2 b = .1, a + 8 b = .5.
        let points: Vec<(f64, f64, bool)> =
            (0..400).map(|i| if i % 2 == 0 { (1.0, 2.0, i % 20 == 0) } else { (1.0, 8.0, i % 4 == 1) }).collect();
        let line = fit_line(&points, &pair()).unwrap();
        assert!((line.per_point_fit.value - 0.4 / 6.0).abs() < 1e-6, "{line:?}");
        // The base would be below its bound.
        assert!((line.base_fit.value + 0.1 / 3.0).abs() < 1e-6 && line.base == 0.0);
        assert!(line.per_point_fit.error > 0.003 && line.per_point_fit.error < 0.02);
    }

    #[test]
    fn a_line_that_falls_is_flat_and_a_factor_counts() {
        let points: Vec<(f64, f64, bool)> =
            (0..400).map(|i| if i % 2 == 0 { (0.5, 2.0, i % 8 == 0) } else { (0.5, 8.0, i % 20 == 1) }).collect();
        let line = fit_line(&points, &pair()).unwrap();
        assert_eq!(line.per_point, 0.0);
        assert!((line.base - 0.35).abs() < 0.06, "{line:?}");
        assert_eq!(fit_line(&points[..20], &pair()), None);
    }
}
