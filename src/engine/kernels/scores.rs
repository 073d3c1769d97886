//! Weights, bands and curves.

use super::super::graph::Curve;
use super::super::op::Bits;
use super::BLOCK;
use super::numbers::settle;

/// Up to so many points a curve is drawn segment by segment over all rows; above, each row looks for its segment.
const FEW: usize = 12;

/// See [`crate::engine::Builder::weigh`].
pub(in crate::engine) fn weigh(out: &mut [f64], terms: impl Iterator<Item = (impl AsRef<[u8]>, f64)> + Clone) {
    for (block, out) in out.chunks_exact_mut(BLOCK).enumerate() {
        let at = block * BLOCK..(block + 1) * BLOCK;
        out.fill(0.0);
        for (mask, weight) in terms.clone() {
            let Some(mask) = mask.as_ref().get(at.clone()) else { continue };
            for (o, m) in out.iter_mut().zip(mask) {
                *o += if *m != 0 { weight } else { 0.0 };
            }
        }
        for o in out {
            *o = settle(*o);
        }
    }
}

/// See [`crate::engine::Builder::weighted_mean`].
pub(in crate::engine) fn mean(out: &mut [f64], terms: impl Iterator<Item = (impl AsRef<[f64]>, f64)> + Clone) {
    for (block, out) in out.chunks_exact_mut(BLOCK).enumerate() {
        let at = block * BLOCK..(block + 1) * BLOCK;
        let mut sum = [0.0_f64; BLOCK];
        let mut weights = [0.0_f64; BLOCK];
        for (lanes, weight) in terms.clone() {
            let Some(lanes) = lanes.as_ref().get(at.clone()) else { continue };
            for ((sum, weights), x) in sum.iter_mut().zip(&mut weights).zip(lanes) {
                let there = !x.is_nan();
                *sum += if there { weight * x } else { 0.0 };
                *weights += if there { weight } else { 0.0 };
            }
        }
        for ((o, sum), weights) in out.iter_mut().zip(sum).zip(weights) {
            *o = settle(sum / weights);
        }
    }
}

/// See [`crate::engine::Builder::bands`]; `rest` is the score of no band.
pub(in crate::engine) fn bands(out: &mut [f64], x: &[f64], bands: &[(Bits, Bits)], rest: f64) {
    for (out, x) in out.chunks_exact_mut(BLOCK).zip(x.chunks_exact(BLOCK)) {
        out.fill(rest);
        for (below, score) in bands.iter().rev() {
            let (below, score) = (below.get(), score.get());
            for (o, x) in out.iter_mut().zip(x) {
                *o = if *x < below { score } else { *o };
            }
        }
        for (o, x) in out.iter_mut().zip(x) {
            *o = if x.is_nan() { f64::NAN } else { *o };
        }
    }
}

/// See [`crate::engine::Builder::curve`].
pub(in crate::engine) fn curve(out: &mut [f64], x: &[f64], curve: &Curve) {
    let points = &*curve.points;
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        out.fill(f64::NAN);
        return;
    };
    if points.len() > FEW || !curve.slopes.iter().all(|s| s.is_finite()) {
        for (o, x) in out.iter_mut().zip(x) {
            *o = curve_one(*x, curve);
        }
        return;
    }
    for (out, x) in out.chunks_exact_mut(BLOCK).zip(x.chunks_exact(BLOCK)) {
        out.fill(first.1);
        for ((x0, y0), slope) in points.iter().zip(&curve.slopes) {
            for (o, x) in out.iter_mut().zip(x) {
                // At the point itself the slope is taken 0 times: exactly y0.
                *o = if *x >= *x0 { y0 + (x - x0) * slope } else { *o };
            }
        }
        for (o, x) in out.iter_mut().zip(x) {
            let flat = if *x >= last.0 { last.1 } else { *o };
            *o = if x.is_nan() { f64::NAN } else { settle(flat) };
        }
    }
}

/// The same on one number.
pub(in crate::engine) fn curve_one(x: f64, curve: &Curve) -> f64 {
    let points = &*curve.points;
    let after = points.partition_point(|(at, _)| *at <= x);
    let Some((x0, y0)) = after.checked_sub(1).and_then(|i| points.get(i)) else {
        // Before the first point, or missing.
        return if x.is_nan() { f64::NAN } else { points.first().map_or(f64::NAN, |p| p.1) };
    };
    if x == *x0 {
        return *y0;
    }
    match curve.slopes.get(after - 1) {
        Some(slope) => settle(y0 + (x - x0) * slope),
        None => *y0,
    }
}
