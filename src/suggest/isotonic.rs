//! A curve of few points from what came of it: the rate of return over a value, rising or falling throughout.
//!
//! Pool adjacent violators (Ayer et al. 1955) over at most `BINS` groups of about equal size; the rates are then laid on the
//! scale 0 to 10, the lowest at 0, the highest at 10.

/// Groups of about equal size before pooling.
const BINS: usize = 8;
/// A point that the line between its neighbours misses by less than this is left out.
const PLAIN: f64 = 0.5;
/// Points of a curve at most: a person is to read it.
const POINTS: usize = 5;

/// Neighbouring values that return at one rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// Mean of the values.
    pub center: f64,
    /// Customers.
    pub rows: usize,
    /// Those who returned.
    pub returned: usize,
}

impl Block {
    /// Share that returned.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.returned as f64 / self.rows as f64
    }

    fn join(self, other: Block) -> Block {
        let rows = self.rows + other.rows;
        let center = (self.center * self.rows as f64 + other.center * other.rows as f64) / rows as f64;
        Block { center, rows, returned: self.returned + other.returned }
    }
}

/// Groups of equal values, and of neighbours until there are few.
fn groups(points: &[(f64, bool)]) -> Vec<Block> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut equal: Vec<Block> = Vec::new();
    for (x, returned) in sorted {
        let one = Block { center: x, rows: 1, returned: usize::from(returned) };
        match equal.last_mut().filter(|last| last.center == x) {
            Some(last) => *last = Block { rows: last.rows + 1, returned: last.returned + one.returned, ..*last },
            None => equal.push(one),
        }
    }
    if equal.len() <= BINS {
        return equal;
    }
    let wanted = points.len() as f64 / BINS as f64;
    let mut bins: Vec<Block> = Vec::new();
    let mut seen = 0usize;
    for block in equal {
        let full = (seen as f64 / wanted).floor() >= bins.len() as f64;
        seen += block.rows;
        match bins.last_mut().filter(|_| !full) {
            Some(last) => *last = last.join(block),
            None => bins.push(block),
        }
    }
    bins
}

/// Blocks whose rates rise with the value, or fall.
#[must_use]
pub fn pooled(points: &[(f64, bool)], rising: bool) -> Vec<Block> {
    let mut stack: Vec<Block> = Vec::new();
    for group in groups(points) {
        let mut top = group;
        while let Some(below) = stack.last().copied() {
            let fits = if rising { below.rate() < top.rate() } else { below.rate() > top.rate() };
            if fits {
                break;
            }
            stack.pop();
            top = below.join(top);
        }
        stack.push(top);
    }
    stack
}

/// The points of a curve from 0 to 10 through these blocks; `None` if there is but one rate.
#[must_use]
pub fn curve(blocks: &[Block]) -> Option<Vec<(f64, f64)>> {
    let rates = blocks.iter().map(Block::rate);
    let (low, high) = rates.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), r| (a.min(r), b.max(r)));
    let (first, last) = (blocks.first()?.center, blocks.last()?.center);
    if blocks.len() < 2 || high <= low || last <= first {
        return None;
    }
    let digit = 10f64.powf(((last - first) / 30.0).log10().floor());
    let mut points: Vec<(f64, f64)> = Vec::new();
    for block in blocks {
        let x = tidy(block.center, digit);
        let y = ((block.rate() - low) / (high - low) * 100.0).round() / 10.0;
        match points.last_mut().filter(|(before, _)| *before >= x) {
            Some(before) => before.1 = y,
            None => points.push((x, y)),
        }
    }
    while let Some(at) = needless(&points) {
        points.remove(at);
    }
    (points.len() > 1).then_some(points)
}

/// The inner point that says least, if it says hardly anything or there are too many.
fn needless(points: &[(f64, f64)]) -> Option<usize> {
    let missed = points.windows(3).enumerate().filter_map(|(i, w)| match w {
        [(x0, y0), (x, y), (x1, y1)] => Some((i + 1, (y - (y0 + (x - x0) * ((y1 - y0) / (x1 - x0)))).abs())),
        _ => None,
    });
    missed.min_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, by)| *by < PLAIN || points.len() > POINTS).map(|(i, _)| i)
}

/// Rounded to a multiple of a power of ten, without the dust of binary fractions.
fn tidy(x: f64, digit: f64) -> f64 {
    let decimals = usize::try_from((-digit.log10()).round().max(0.0) as i64).unwrap_or(0);
    format!("{:.decimals$}", (x / digit).round() * digit).parse().map_or(x, |x: f64| x + 0.0)
}

/// A value on a curve: straight lines between the points, flat outside.
#[must_use]
pub fn on_curve(points: &[(f64, f64)], x: f64) -> Option<f64> {
    let (first, last) = (points.first()?, points.last()?);
    if x <= first.0 {
        return Some(first.1);
    }
    if x >= last.0 {
        return Some(last.1);
    }
    let behind = points.partition_point(|(px, _)| *px <= x);
    let ((x0, y0), (x1, y1)) = (points.get(behind.checked_sub(1)?)?, points.get(behind)?);
    Some(y0 + (x - x0) * ((y1 - y0) / (x1 - x0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(x: f64, rows: usize, returned: usize) -> impl Iterator<Item = (f64, bool)> {
        (0..rows).map(move |i| (x, i < returned))
    }

    #[test]
    fn neighbours_that_go_the_wrong_way_are_pooled() {
        let points: Vec<(f64, bool)> =
            times(1.0, 10, 2).chain(times(2.0, 10, 6)).chain(times(3.0, 10, 4)).chain(times(5.0, 10, 9)).collect();
        let blocks = pooled(&points, true);
        let seen: Vec<(f64, f64)> = blocks.iter().map(|b| (b.center, b.rate())).collect();
        assert_eq!(seen, [(1.0, 0.2), (2.5, 0.5), (5.0, 0.9)]);
        assert_eq!(curve(&blocks), Some(vec![(1.0, 0.0), (2.5, 4.3), (5.0, 10.0)]));
        // Falling, everything is one.
        assert_eq!(pooled(&points, false).len(), 1);
        assert_eq!(curve(&pooled(&points, false)), None);
    }

    #[test]
    fn many_values_become_few_points() {
        let points: Vec<(f64, bool)> = (0..1000).map(|i| (f64::from(i), (i * 7919) % 1000 < i)).collect();
        let blocks = pooled(&points, true);
        assert!(blocks.len() <= BINS, "{blocks:?}");
        let found = curve(&blocks).unwrap_or_default();
        assert!(
            found.len() <= 5 && found.windows(2).all(|w| matches!(w, [a, b] if a.0 < b.0 && a.1 <= b.1)),
            "{found:?}"
        );
        assert_eq!(on_curve(&found, -1e9), Some(0.0));
        assert_eq!(on_curve(&found, 1e9), Some(10.0));
    }

    #[test]
    fn values_are_tidy() {
        assert_eq!(tidy(0.123_456, 0.01), 0.12);
        assert_eq!(tidy(1_234.5, 10.0), 1230.0);
        assert_eq!(tidy(-0.001, 0.1).to_bits(), 0f64.to_bits());
    }
}
