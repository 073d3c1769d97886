//! Means and their differences: moments of several values at once, Welch's t, CUPED.

use super::{Interval, p_of_t, t};

/// Means and co-moments of `K` values of the same customers. They can be added to and put together in any grouping; the order of
/// the additions should be fixed, so that sums are equal to the bit.
///
/// Welford (1962), Technometrics 4; of two parts: Chan, Golub and LeVeque (1983), The American Statistician 37.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments<const K: usize> {
    count: f64,
    mean: [f64; K],
    /// `sum((x - mean x) (y - mean y))`
    co: [[f64; K]; K],
}

impl<const K: usize> Default for Moments<K> {
    fn default() -> Self {
        Self { count: 0.0, mean: [0.0; K], co: [[0.0; K]; K] }
    }
}

impl<const K: usize> Moments<K> {
    /// Adds the values of one customer.
    pub fn add(&mut self, values: [f64; K]) {
        self.count += 1.0;
        let mut before = [0.0; K];
        let mut after = [0.0; K];
        for (((value, mean), before), after) in values.iter().zip(&mut self.mean).zip(&mut before).zip(&mut after) {
            *before = value - *mean;
            *mean += *before / self.count;
            *after = value - *mean;
        }
        for (row, before) in self.co.iter_mut().zip(before) {
            for (cell, after) in row.iter_mut().zip(after) {
                *cell += before * after;
            }
        }
    }

    /// Puts another part to it.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0.0 {
            return;
        }
        let count = self.count + other.count;
        let mut apart = [0.0; K];
        for ((apart, a), b) in apart.iter_mut().zip(self.mean).zip(other.mean) {
            *apart = b - a;
        }
        let factor = self.count * other.count / count;
        for ((row, others), x) in self.co.iter_mut().zip(&other.co).zip(apart) {
            for ((cell, other), y) in row.iter_mut().zip(others).zip(apart) {
                *cell += other + x * y * factor;
            }
        }
        for (mean, apart) in self.mean.iter_mut().zip(apart) {
            *mean += apart * other.count / count;
        }
        self.count = count;
    }

    /// How many customers.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.count
    }

    /// The mean of `sum(weights * values)`; 0 of nobody.
    #[must_use]
    pub fn mean(&self, weights: [f64; K]) -> f64 {
        self.mean.iter().zip(weights).map(|(mean, weight)| mean * weight).sum()
    }

    /// The co-moment `sum((x - mean) (y - mean))` of two such sums.
    #[must_use]
    pub fn co(&self, a: [f64; K], b: [f64; K]) -> f64 {
        let row = |row: &[f64; K]| row.iter().zip(b).map(|(cell, weight)| cell * weight).sum::<f64>();
        self.co.iter().zip(a).map(|(cells, weight)| weight * row(cells)).sum()
    }

    /// Count, mean and variance of `sum(weights * values)`.
    #[must_use]
    pub fn of(&self, weights: [f64; K]) -> Sample {
        let variance = if self.count > 1.0 { (self.co(weights, weights) / (self.count - 1.0)).max(0.0) } else { 0.0 };
        Sample { count: self.count, mean: self.mean(weights), variance }
    }
}

/// Count, mean and variance (divided by `n - 1`) of one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// How many.
    pub count: f64,
    /// Their mean.
    pub mean: f64,
    /// Their variance.
    pub variance: f64,
}

impl Sample {
    /// Of values.
    #[must_use]
    pub fn from_values(values: impl IntoIterator<Item = f64>) -> Self {
        let mut moments = Moments::<1>::default();
        values.into_iter().for_each(|value| moments.add([value]));
        moments.of([1.0])
    }

    /// The interval of the mean by Student's t; infinite of fewer than two.
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Interval {
        Interval::around(self.mean, t(alpha, self.count - 1.0) * (self.variance / self.count).sqrt())
    }
}

/// One comparison of two arms within customers who all had the same chance of being contacted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means {
    /// Those who were contacted.
    pub treated: Sample,
    /// Those who were held out.
    pub control: Sample,
    /// How much these customers count; the weights of all together should be 1.
    pub weight: f64,
}

/// A difference of means, treated less control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// `sum(weight * (mean1 - mean0))`
    pub value: f64,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// `value / error`; 0 where both are.
    pub t: f64,
    /// Two-sided.
    pub p: f64,
}

impl Difference {
    /// The interval of the difference.
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Interval {
        let half = if self.error == 0.0 { 0.0 } else { t(alpha, self.freedom) * self.error };
        Interval::around(self.value, half)
    }
}

/// Welch's comparison of two means whose variances may differ.
///
/// Welch (1947), Biometrika 34. Degrees of freedom by Satterthwaite (1946), Biometrics Bulletin 2: `(sum v)^2 / sum(v^2 / (n - 1))` over
/// the variances `v = weight^2 s^2 / n` of the means, which with one stratum is Welch's own and with several its extension to a
/// weighted sum. `None` if an arm of a stratum has fewer than two customers.
#[must_use]
pub fn welch(strata: &[Means]) -> Option<Difference> {
    if strata.is_empty() || strata.iter().any(|s| s.treated.count < 2.0 || s.control.count < 2.0) {
        return None;
    }
    let (mut value, mut variance, mut squares) = (0.0, 0.0, 0.0);
    for stratum in strata {
        value += stratum.weight * (stratum.treated.mean - stratum.control.mean);
        for sample in [stratum.treated, stratum.control] {
            let v = stratum.weight.powi(2) * sample.variance / sample.count;
            variance += v;
            squares += v * v / (sample.count - 1.0);
        }
    }
    let error = variance.sqrt();
    if error == 0.0 {
        // Everybody the same: the difference is what it is.
        let p = if value == 0.0 { 1.0 } else { 0.0 };
        return Some(Difference { value, error, freedom: f64::INFINITY, t: 0.0, p });
    }
    let freedom = variance * variance / squares;
    Some(Difference { value, error, freedom, t: value / error, p: p_of_t(value / error, freedom) })
}

/// The factor of CUPED: how much of a difference in the covariate is taken off the outcome.
///
/// `theta = cov(y, x) / var(x)`, pooled over arms and strata (Deng, Xu, Kohavi and Walker 2013, WSDM). Its sums are those within
/// the arms, so that an effect of the contact does not enter. 0 if the covariate does not vary.
#[must_use]
pub fn theta<const K: usize>(arms: &[&Moments<K>], outcome: [f64; K], covariate: [f64; K]) -> f64 {
    let both: f64 = arms.iter().map(|arm| arm.co(outcome, covariate)).sum();
    let own: f64 = arms.iter().map(|arm| arm.co(covariate, covariate)).sum();
    if own > 0.0 && both.is_finite() { both / own } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn arms(treated: &[f64], control: &[f64]) -> Means {
        let of = |values: &[f64]| Sample::from_values(values.iter().copied());
        Means { treated: of(treated), control: of(control), weight: 1.0 }
    }

    /// R: `t.test(extra ~ group, data = sleep)`: t = -1.8608, df = 17.776, p-value = 0.07939, [-3.3654832, 0.2054832].
    #[test]
    fn welch_as_in_r() {
        let one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let found = welch(&[arms(&one, &two)]).unwrap();
        assert!((found.t + 1.860_813).abs() < 1e-6 && (found.freedom - 17.776_47).abs() < 1e-5, "{found:?}");
        assert!((found.p - 0.079_394).abs() < 1e-6, "{found:?}");
        let interval = found.interval(0.05);
        assert!((interval.low + 3.365_483_2).abs() < 1e-6 && (interval.high - 0.205_483_2).abs() < 1e-6);
        // R: `t.test(c(0.7, …))`: [-0.5297804, 2.0297804]
        let interval = arms(&one, &two).treated.interval(0.05);
        assert!((interval.low + 0.529_780_4).abs() < 1e-6 && (interval.high - 2.029_780_4).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_be_compared_is_not() {
        assert_eq!(welch(&[]), None);
        assert_eq!(welch(&[arms(&[1.0], &[1.0, 2.0])]), None);
        let same = welch(&[arms(&[1.0, 1.0], &[1.0, 1.0])]).unwrap();
        assert_eq!((same.value, same.p, same.interval(0.05)), (0.0, 1.0, Interval { low: 0.0, high: 0.0 }));
    }

    #[test]
    fn parts_put_together_are_the_whole() {
        let values = |i: i32| [f64::from(i * i % 17), f64::from(i % 5), 1.0];
        let mut whole = Moments::<3>::default();
        let (mut a, mut b) = (Moments::<3>::default(), Moments::<3>::default());
        for i in 0..50 {
            whole.add(values(i));
            if i < 20 { a.add(values(i)) } else { b.add(values(i)) }
        }
        a.merge(&b);
        a.merge(&Moments::default());
        for weights in [[1.0, 0.0, 0.0], [1.0, -2.0, 0.5]] {
            let (one, two) = (whole.of(weights), a.of(weights));
            assert!((one.mean - two.mean).abs() < 1e-12 && (one.variance - two.variance).abs() < 1e-9);
        }
    }

    #[test]
    fn cuped_takes_off_what_was_known_before() {
        // y = 3 x + a little, and 1 more if contacted: after CUPED only the little is left.
        let mut arms = [Moments::<2>::default(); 2];
        for i in 0..200_u32 {
            let (x, arm) = (f64::from(i * 7 % 31), usize::from(i % 2 == 0));
            let little = f64::from(i % 3) - 1.0;
            if let Some(moments) = arms.get_mut(arm) {
                moments.add([3.0 * x + little + if arm == 0 { 1.0 } else { 0.0 }, x]);
            }
        }
        let [treated, control] = arms;
        let theta = theta(&[&treated, &control], [1.0, 0.0], [0.0, 1.0]);
        assert!((theta - 3.0).abs() < 0.05, "{theta}");
        let of = |w: [f64; 2]| welch(&[Means { treated: treated.of(w), control: control.of(w), weight: 1.0 }]).unwrap();
        let (plain, adjusted) = (of([1.0, 0.0]), of([1.0, -theta]));
        assert!((adjusted.value - 1.0).abs() < 0.3 && adjusted.error < 0.1 * plain.error, "{adjusted:?} {plain:?}");
    }
}
