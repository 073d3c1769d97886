//! The Qini curve: does a score say where contacts work, or only who returns?
//!
//! Customers in falling order of a score; after each, a point
//!
//! ```text
//! q = TY1 - CY1 * T / C
//! ```
//!
//! with `T` contacted and `C` held out so far, and `TY1`, `CY1` of them who returned (Radcliffe 2007, Direct Marketing Analytics Journal; as
//! H2O defines it): the returns that contacts brought among the first. The last point is what the whole brought. Customers of one
//! score are one step, in which their order cannot matter. Points at which nobody is held out yet have no meaning and are left out;
//! the curve is then a straight line from nothing.
//!
//! The coefficient is the area between the curve and the straight line to its last point, over the share of customers from 0 to
//! 1: in returns, and by nothing divided. That of a score that sorts at random is 0 whatever the sign of the effect, also where
//! contacts keep customers away. Other packages divide by the curve of a perfect score or by a random one, and their numbers differ.

use super::{Interval, t};

/// A customer as the curve sees her.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// What she is sorted by.
    pub score: f64,
    /// Contacted, or held out.
    pub treated: bool,
    /// Whether she returned.
    pub returned: bool,
    /// How much she counts: 1 if contacted; held out, the odds `p / (1 - p)` of a contact, so that those held out stand for the
    /// contacted also where the probabilities differ.
    pub weight: f64,
    /// One of [`PARTS`] parts, by a hash of her key: for the interval.
    pub part: u8,
}

/// So many parts are left out in turn.
pub const PARTS: u8 = 20;

/// A point of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The share of the customers so far, 0 to 1.
    pub share: f64,
    /// The returns that contacts brought among them.
    pub gained: f64,
}

/// A curve with its coefficient.
#[derive(Debug, Clone, PartialEq)]
pub struct Qini {
    /// From nobody to everybody.
    pub points: Vec<Point>,
    /// The area between it and the straight line, in returns.
    pub coefficient: f64,
    /// Its interval: a jackknife that leaves out one of [`PARTS`] parts of the customers in turn (Efron and Tibshirani 1993, section
    /// 11.5, with groups), by Student's t. `None` if a part cannot be left out.
    pub interval: Option<Interval>,
}

impl Qini {
    /// What contacts brought among the first share of the customers, between the points by straight lines.
    #[must_use]
    pub fn at(&self, share: f64) -> f64 {
        let next = self.points.partition_point(|point| point.share < share);
        let (Some(before), Some(after)) = (self.points.get(next.saturating_sub(1)), self.points.get(next)) else {
            return self.points.last().map_or(0.0, |point| point.gained);
        };
        let width = after.share - before.share;
        if width <= 0.0 {
            return after.gained;
        }
        before.gained + (after.gained - before.gained) * (share - before.share) / width
    }
}

/// The curve of customers in any order; `None` where an arm is empty.
#[must_use]
pub fn qini(mut customers: Vec<Scored>, alpha: f64) -> Option<Qini> {
    customers.retain(|customer| customer.score.is_finite() && customer.weight.is_finite());
    customers.sort_by(|a, b| b.score.total_cmp(&a.score));
    let points = curve(&customers, None)?;
    let contacted = |without: Option<u8>| {
        customers.iter().filter(|c| c.treated && Some(c.part) != without).map(|c| c.weight).sum::<f64>()
    };
    let coefficient = area(&points);
    let whole = contacted(None);
    // Per contacted customer, so that parts left out are compared with the whole.
    let parts: Option<Vec<f64>> =
        (0..PARTS).map(|part| Some(area(&curve(&customers, Some(part))?) / contacted(Some(part)))).collect();
    let interval = parts.map(|parts| {
        let count = f64::from(PARTS);
        let mean = parts.iter().sum::<f64>() / count;
        let error = ((count - 1.0) / count * parts.iter().map(|x| (x - mean).powi(2)).sum::<f64>()).sqrt();
        Interval::around(coefficient, t(alpha, count - 1.0) * error * whole)
    });
    Some(Qini { points, coefficient, interval })
}

/// The points over sorted customers, one part left out.
fn curve(customers: &[Scored], without: Option<u8>) -> Option<Vec<Point>> {
    let (mut treated, mut control) = ((0.0, 0.0), (0.0, 0.0));
    let mut seen = 0.0;
    let mut points = vec![Point { share: 0.0, gained: 0.0 }];
    let mut rest = customers.iter().filter(|c| Some(c.part) != without).peekable();
    while let Some(customer) = rest.next() {
        let arm = if customer.treated { &mut treated } else { &mut control };
        arm.0 += customer.weight;
        if customer.returned {
            arm.1 += customer.weight;
        }
        seen += 1.0;
        let tied = rest.peek().is_some_and(|next| next.score == customer.score);
        if !tied && control.0 > 0.0 {
            points.push(Point { share: seen, gained: treated.1 - control.1 * treated.0 / control.0 });
        }
    }
    if treated.0 == 0.0 || control.0 == 0.0 {
        return None;
    }
    points.iter_mut().for_each(|point| point.share /= seen);
    Some(points)
}

/// The area between a curve and the straight line to its end.
fn area(points: &[Point]) -> f64 {
    let end = points.last().map_or(0.0, |point| point.gained);
    let under: f64 =
        points.iter().zip(points.iter().skip(1)).map(|(a, b)| (b.share - a.share) * (a.gained + b.gained) / 2.0).sum();
    under - end / 2.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::stats::split::mix;

    fn one(score: f64, treated: bool, returned: bool) -> Scored {
        Scored { score, treated, returned, weight: 1.0, part: 0 }
    }

    #[test]
    fn by_hand() {
        // 3 contacted (T), 2 held out (C); sorted: T+ C- | T+ | C+ T-
        let list = vec![
            one(9.0, true, true),
            one(9.0, false, false),
            one(5.0, true, true),
            one(1.0, false, true),
            one(1.0, true, false),
        ];
        let points = curve(&list, None).unwrap();
        let shown: Vec<(f64, f64)> = points.iter().map(|p| (p.share, p.gained)).collect();
        // After the ties of 9: 1 - 0; after 5: 2 - 0 * 2 / 1; at the end: 2 - 1 * 3 / 2.
        assert_eq!(shown, [(0.0, 0.0), (0.4, 1.0), (0.6, 2.0), (1.0, 0.5)]);
        assert!((area(&points) - (0.2 + 0.3 + 0.5 - 0.25)).abs() < 1e-12);
    }

    /// 8,000 customers whose contact works for high scores only: `sign` times.
    fn sample(sign: f64, informative: bool) -> Vec<Scored> {
        (0..8000_u64)
            .map(|i| {
                let uniform = |salt: u64| (mix(i * 4 + salt) >> 11) as f64 / (1_u64 << 53) as f64;
                let (score, treated) = (uniform(0), uniform(1) < 0.5);
                let effect = if score > 0.5 { 0.3 * sign } else { 0.0 };
                let returned = uniform(2) < 0.4 + if treated { effect } else { 0.0 };
                let score = if informative { score } else { uniform(3) };
                Scored { score, treated, returned, weight: 1.0, part: (i % u64::from(PARTS)) as u8 }
            })
            .collect()
    }

    #[test]
    fn a_score_that_knows_is_told_from_one_that_does_not() {
        let knows = qini(sample(1.0, true), 0.05).unwrap();
        let guesses = qini(sample(1.0, false), 0.05).unwrap();
        assert!(knows.interval.unwrap().low > 0.0, "{:?}", knows.interval);
        assert!(guesses.interval.unwrap().holds(0.0), "{:?}", guesses.interval);
        // Half of the customers bring nearly all of it.
        assert!(knows.at(0.5) > 0.9 * knows.at(1.0));
        let weighed = sample(1.0, true).into_iter().map(|c| Scored { weight: if c.treated { 1.0 } else { 3.0 }, ..c });
        assert!((qini(weighed.collect(), 0.05).unwrap().coefficient - knows.coefficient).abs() < 1e-9);
    }

    /// A contact that keeps customers away: sorted so that they come first, the curve lies under its line; the other way round above it.
    #[test]
    fn the_sign_is_right_for_a_negative_effect() {
        let harmed_first = qini(sample(-1.0, true), 0.05).unwrap();
        assert!(harmed_first.points.last().unwrap().gained < 0.0);
        assert!(harmed_first.interval.unwrap().high < 0.0, "{:?}", harmed_first.interval);
        let turned = sample(-1.0, true).into_iter().map(|c| Scored { score: -c.score, ..c }).collect();
        assert!(qini(turned, 0.05).unwrap().interval.unwrap().low > 0.0);
    }

    #[test]
    fn one_score_for_all_is_a_straight_line() {
        let same = sample(1.0, true).into_iter().map(|c| Scored { score: 3.0, ..c }).collect();
        let found = qini(same, 0.05).unwrap();
        assert_eq!((found.points.len(), found.coefficient), (2, 0.0));
        assert_eq!(qini(vec![one(1.0, true, true)], 0.05), None);
    }
}
