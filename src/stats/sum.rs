//! Sums that are right to the last digit.

/// A sum that keeps what each addition rounds off (Neumaier 1974, ZAMM 54).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sum {
    sum: f64,
    rest: f64,
}

impl Sum {
    /// Adds a number.
    pub fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        self.rest += if self.sum.abs() >= x.abs() { (self.sum - sum) + x } else { (x - sum) + self.sum };
        self.sum = sum;
    }

    /// All of them together.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.sum + self.rest
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        let mut sum = Sum::default();
        numbers.into_iter().for_each(|x| sum.add(x));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_rounded_off() {
        let tenths = |n: usize| std::iter::repeat_n(0.1, n).collect::<Sum>().value();
        assert_eq!(tenths(33_825), 3382.5);
        assert_ne!(std::iter::repeat_n(0.1, 33_825).sum::<f64>(), 3382.5);
        assert_eq!([1e100, 1.0, -1e100].into_iter().collect::<Sum>().value(), 1.0);
    }
}
