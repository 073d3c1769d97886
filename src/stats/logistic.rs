//! Logistic regression: which numbers raise or lower the odds of an event, by how much, and with what confidence.
//!
//! Maximum likelihood by iteratively reweighted least squares (McCullagh & Nelder, *Generalized Linear Models*, 2nd ed., §4.4) with
//! step halving. A ridge of [`RIDGE`] on standardised slopes keeps the system solvable and moves an estimate by less than it shows.
//! Standard errors come from the inverse information, intervals are Wald's.

use nalgebra::{DMatrix, DVector};

use super::{p_of_z, z};

/// The ridge on slopes of standardised columns, per fit (not per row).
pub const RIDGE: f64 = 1e-6;
/// More steps than any fit that converges takes.
const STEPS: usize = 60;
/// A change of the log-likelihood below this ends the fit.
const ENOUGH: f64 = 1e-10;
/// A column of which less than this share is left once the columns before it are taken out says nothing of its own.
const ALIASED: f64 = 1e-8;
/// A standardised slope with a larger standard error has no finite estimate: the column separates the outcomes.
const ENDLESS: f64 = 20.0;

/// What one column does to the odds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// Change of the log odds per unit of the column.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
    /// The column's standard deviation.
    pub spread: f64,
}

impl Slope {
    /// `value / error`
    #[must_use]
    pub fn z(&self) -> f64 {
        self.value / self.error
    }

    /// The probability of a slope at least as far from 0 if there were none: two-sided, Wald.
    #[must_use]
    pub fn p(&self) -> f64 {
        if self.z().is_nan() { 1.0 } else { p_of_z(self.z()) }
    }

    /// By what the odds are multiplied when the column rises by `step`: estimate, and the ends of the interval
    /// that misses it with probability `alpha`.
    #[must_use]
    pub fn odds(&self, step: f64, alpha: f64) -> (f64, f64, f64) {
        let half = z(alpha) * self.error;
        let at = |b: f64| (b * step).exp();
        let (a, b) = (at(self.value - half), at(self.value + half));
        (at(self.value), a.min(b), a.max(b))
    }
}

/// What became of one column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// An estimate.
    Slope(Slope),
    /// It tells the outcomes apart without an error, or nearly: there is no finite estimate, only a direction (1 or -1).
    Separates(f64),
    /// The same value everywhere, or a sum of other columns: nothing can be said.
    Aliased,
}

impl Effect {
    /// The estimate, if there is one.
    #[must_use]
    pub fn slope(&self) -> Option<Slope> {
        match self {
            Effect::Slope(slope) => Some(*slope),
            Effect::Separates(_) | Effect::Aliased => None,
        }
    }
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    /// Log odds where every column is 0.
    pub intercept: f64,
    /// In the order of the columns.
    pub effects: Vec<Effect>,
    /// Of the fit, in nats; at most 0.
    pub log_likelihood: f64,
    /// Of the model without columns.
    pub null_log_likelihood: f64,
    /// Rows.
    pub rows: usize,
    /// Rows with the event.
    pub events: usize,
    slopes: Vec<f64>,
}

impl Logistic {
    /// Whether some column tells the outcomes apart without an error.
    #[must_use]
    pub fn separated(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Separates(_)))
    }

    /// The log odds of one row; its columns in the order of the fit.
    #[must_use]
    pub fn log_odds(&self, row: impl IntoIterator<Item = f64>) -> f64 {
        self.intercept + self.slopes.iter().zip(row).map(|(b, x)| b * x).sum::<f64>()
    }
}

/// Why there is no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFit {
    /// No row, or all of them with one outcome.
    OneOutcome,
    /// A column is not as long as the outcomes, or holds a value that is not finite.
    BadColumn,
}

/// The probability of so many log odds.
#[must_use]
pub fn expit(log_odds: f64) -> f64 {
    if log_odds >= 0.0 { 1.0 / (1.0 + (-log_odds).exp()) } else { log_odds.exp() / (1.0 + log_odds.exp()) }
}

/// The log odds of a probability strictly between 0 and 1.
#[must_use]
pub fn logit(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}

/// Fits log odds of the event as intercept + sum of slope × column, with [`RIDGE`].
///
/// # Errors
/// If there is nothing to tell apart, or a column does not fit.
pub fn fit(columns: &[&[f64]], event: &[bool]) -> Result<Logistic, NoFit> {
    fit_with(columns, event, RIDGE)
}

/// The same with another ridge: the larger, the closer slopes are to 0, and the less their standard errors mean.
///
/// # Errors
/// As [`fit`].
pub fn fit_with(columns: &[&[f64]], event: &[bool], ridge: f64) -> Result<Logistic, NoFit> {
    let rows = event.len();
    let events = event.iter().filter(|e| **e).count();
    if events == 0 || events == rows {
        return Err(NoFit::OneOutcome);
    }
    if columns.iter().any(|c| c.len() != rows || c.iter().any(|x| !x.is_finite())) {
        return Err(NoFit::BadColumn);
    }
    let scales: Vec<(f64, f64)> = columns.iter().map(|c| mean_and_spread(c)).collect();
    let used = independent(columns, &scales);
    let width = used.len() + 1;
    let mut design = DMatrix::from_element(rows, width, 1.0);
    for (at, column) in used.iter().enumerate() {
        let (Some(values), Some((mean, spread))) = (columns.get(*column), scales.get(*column)) else { continue };
        for (cell, x) in design.column_mut(at + 1).iter_mut().zip(values.iter()) {
            *cell = (x - mean) / spread;
        }
    }
    let share = events as f64 / rows as f64;
    let mut beta = DVector::zeros(width);
    if let Some(first) = beta.get_mut(0) {
        *first = logit(share);
    }
    let null_log_likelihood = log_likelihood(&design, &beta, event);
    let mut now = null_log_likelihood;
    let mut information = DMatrix::identity(width, width);
    for _ in 0..STEPS {
        let (score, info) = derivatives(&design, &beta, event, ridge);
        information = info;
        let Some(cholesky) = information.clone().cholesky() else { break };
        let mut step = cholesky.solve(&score);
        let mut next = &beta + &step;
        let mut better = penalised(&design, &next, event, ridge);
        let before = penalised(&design, &beta, event, ridge);
        let mut halvings = 0;
        while (better.is_nan() || better < before) && halvings < 30 {
            step *= 0.5;
            next = &beta + &step;
            better = penalised(&design, &next, event, ridge);
            halvings += 1;
        }
        beta = next;
        now = log_likelihood(&design, &beta, event);
        if (better - before).abs() <= ENOUGH * (1.0 + before.abs()) {
            information = derivatives(&design, &beta, event, ridge).1;
            break;
        }
    }
    let variance = information.cholesky().map(|c| c.inverse());
    let mut effects = vec![Effect::Aliased; columns.len()];
    let mut slopes = vec![0.0; columns.len()];
    let mut intercept = beta.get(0).copied().unwrap_or_default();
    for (at, column) in used.iter().enumerate() {
        let (Some((mean, spread)), Some(value)) = (scales.get(*column), beta.get(at + 1)) else { continue };
        let error = variance.as_ref().and_then(|v| v.get((at + 1, at + 1))).map_or(f64::INFINITY, |v| v.sqrt());
        let effect = if error.is_finite() && error < ENDLESS {
            Effect::Slope(Slope { value: value / spread, error: error / spread, spread: *spread })
        } else {
            Effect::Separates(value.signum())
        };
        if let (Some(place), Some(slope)) = (effects.get_mut(*column), slopes.get_mut(*column)) {
            *place = effect;
            *slope = value / spread;
        }
        intercept -= value / spread * mean;
    }
    Ok(Logistic { intercept, effects, log_likelihood: now, null_log_likelihood, rows, events, slopes })
}

fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    (mean, spread)
}

/// The columns that are not constant and not sums of those before them: modified Gram-Schmidt, in order.
fn independent(columns: &[&[f64]], scales: &[(f64, f64)]) -> Vec<usize> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let mut used = Vec::new();
    for (at, (column, (mean, spread))) in columns.iter().zip(scales).enumerate() {
        if *spread <= 1e-12 * mean.abs().max(1e-300) || !spread.is_finite() {
            continue;
        }
        let mut rest: Vec<f64> = column.iter().map(|x| (x - mean) / spread).collect();
        for other in &basis {
            let along: f64 = rest.iter().zip(other).map(|(a, b)| a * b).sum();
            rest.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
        }
        let left: f64 = rest.iter().map(|x| x * x).sum();
        if left < ALIASED * column.len() as f64 {
            continue;
        }
        let length = left.sqrt();
        rest.iter_mut().for_each(|x| *x /= length);
        basis.push(rest);
        used.push(at);
    }
    used
}

/// Log of 1 + exp(x), without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn log_likelihood(design: &DMatrix<f64>, beta: &DVector<f64>, event: &[bool]) -> f64 {
    let odds = design * beta;
    -odds.iter().zip(event).map(|(eta, e)| if *e { softplus(-eta) } else { softplus(*eta) }).sum::<f64>()
}

fn penalised(design: &DMatrix<f64>, beta: &DVector<f64>, event: &[bool], ridge: f64) -> f64 {
    log_likelihood(design, beta, event) - ridge / 2.0 * beta.iter().skip(1).map(|b| b * b).sum::<f64>()
}

/// Score and information of the penalised likelihood.
fn derivatives(design: &DMatrix<f64>, beta: &DVector<f64>, event: &[bool], ridge: f64) -> (DVector<f64>, DMatrix<f64>) {
    let odds = design * beta;
    let mut residual = DVector::zeros(event.len());
    let mut weighted = design.clone();
    for (((eta, e), r), mut row) in odds.iter().zip(event).zip(residual.iter_mut()).zip(weighted.row_iter_mut()) {
        let p = expit(*eta);
        *r = f64::from(u8::from(*e)) - p;
        row *= p * (1.0 - p);
    }
    let mut score = design.tr_mul(&residual);
    let mut information = design.tr_mul(&weighted);
    for at in 1..beta.len() {
        if let (Some(s), Some(b)) = (score.get_mut(at), beta.get(at)) {
            *s -= ridge * b;
        }
        if let Some(cell) = information.get_mut((at, at)) {
            *cell += ridge;
        }
    }
    (score, information)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn agrees_with_the_two_by_two_table() {
        // 30 of 50 with the flag, 10 of 50 without: the odds ratio is (30/20) / (10/40) = 6, and Woolf's standard error of its
        // logarithm is sqrt(1/30 + 1/20 + 1/10 + 1/40).
        let flag: Vec<f64> = (0..100).map(|i| f64::from(u8::from(i < 50))).collect();
        let event: Vec<bool> = (0..100).map(|i| i < 30 || (50..60).contains(&i)).collect();
        let fitted = fit(&[&flag], &event).unwrap();
        let slope = fitted.effects[0].slope().unwrap();
        assert!((slope.value - 6f64.ln()).abs() < 1e-6, "{slope:?}");
        let woolf = (1.0 / 30.0 + 1.0 / 20.0 + 1.0 / 10.0 + 1.0 / 40.0f64).sqrt();
        assert!((slope.error - woolf).abs() < 1e-6, "{slope:?}");
        assert!((fitted.intercept - 0.25f64.ln()).abs() < 1e-6);
        let (odds, low, high) = slope.odds(1.0, 0.05);
        assert!(
            (odds - 6.0).abs() < 1e-5 && (low - 2.4529).abs() < 1e-3 && (high - 14.6763).abs() < 2e-3,
            "{low} {high}"
        );
    }

    #[test]
    fn says_separation_and_sums_of_others() {
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let event: Vec<bool> = (0..40).map(|i| i >= 20).collect();
        let fitted = fit(&[&x], &event).unwrap();
        assert_eq!(fitted.effects[0], Effect::Separates(1.0));
        assert!(fitted.separated());

        let noisy: Vec<bool> = (0..40).map(|i| (i * 7) % 3 == 0).collect();
        let twice: Vec<f64> = x.iter().map(|x| 3.0 - 2.0 * x).collect();
        let same = vec![4.0; 40];
        let fitted = fit(&[&x, &twice, &same], &noisy).unwrap();
        assert!(fitted.effects[0].slope().is_some());
        assert_eq!(fitted.effects[1..], [Effect::Aliased, Effect::Aliased]);
    }

    #[test]
    fn nothing_to_tell_apart_is_no_model() {
        assert_eq!(fit(&[&[1.0, 2.0]], &[true, true]), Err(NoFit::OneOutcome));
        assert_eq!(fit(&[], &[]), Err(NoFit::OneOutcome));
        assert_eq!(fit(&[&[1.0]], &[true, false]), Err(NoFit::BadColumn));
        assert_eq!(fit(&[&[1.0, f64::NAN]], &[true, false]), Err(NoFit::BadColumn));
    }

    #[test]
    fn a_shift_and_a_scale_change_nothing_but_the_unit() {
        let x: Vec<f64> = (0..60).map(|i| f64::from((i * 37) % 60)).collect();
        let event: Vec<bool> = (0..60).map(|i| (i * 37) % 60 + (i * 13) % 50 > 55).collect();
        let far: Vec<f64> = x.iter().map(|x| 1e6 + 1000.0 * x).collect();
        let (a, b) = (fit(&[&x], &event).unwrap(), fit(&[&far], &event).unwrap());
        let (a, b) = (a.effects[0].slope().unwrap(), b.effects[0].slope().unwrap());
        assert!((a.value - 1000.0 * b.value).abs() < 1e-6 && (a.z() - b.z()).abs() < 1e-6);
    }
}
