//! Better rules from a part of the customers: curves, weights, and the line from chance to the probability of a return.
//!
//! Nothing is changed without a reason. A curve is fitted anew only where the value separates (Holm over the criteria of
//! `chance`, 5 %) and in the direction the pack scores it; weights move only where a likelihood-ratio test says that the
//! present ones do not fit (5 %). What is left is what cross-validation judges.

use statrs::distribution::{ChiSquared, ContinuousCDF as _};

use super::isotonic::{curve, on_curve, pooled};
use super::line::{Line, fit_line};
use super::sheet::{Criterion, MIDDLE, Raw, Sheet};
use crate::stats::{holm, logistic};

/// A reason to change something.
const REASON: f64 = 0.05;
/// Customers with each outcome that a curve or weights need at least, per criterion.
const ENOUGH: usize = 10;
/// The smallest weight: a criterion is never dropped silently.
const LEAST_WEIGHT: f64 = 0.1;
/// Customers a text needs for a rate of its own.
const OF_A_TEXT: usize = 10;

/// How a criterion is scored by the new rules.
#[derive(Debug, Clone, PartialEq)]
pub enum Scoring {
    /// As now.
    Keep,
    /// By this curve.
    Curve(Vec<(f64, f64)>),
    /// By this map; texts that are not listed score as now.
    Map(Vec<(String, f64)>),
}

/// Rules learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// In the order of [`Sheet::criteria`].
    pub scorings: Vec<Scoring>,
    /// In the order of [`Sheet::criteria`]; those of `chance` may differ from the present ones.
    pub weights: Vec<f64>,
    /// In the order of [`Sheet::pairs`]; `None` as now.
    pub lines: Vec<Option<Line>>,
    /// Criteria of `chance` that go against what came of it, clearly: nothing is done about them here.
    pub contrary: Vec<usize>,
}

impl Rules {
    /// The present ones.
    #[must_use]
    pub fn present(sheet: &Sheet) -> Rules {
        Rules {
            scorings: vec![Scoring::Keep; sheet.criteria.len()],
            weights: sheet.criteria.iter().map(|c| c.weight).collect(),
            lines: vec![None; sheet.pairs.len()],
            contrary: Vec::new(),
        }
    }

    /// Whether customers are ranked otherwise than now.
    #[must_use]
    pub fn ranks_otherwise(&self, sheet: &Sheet) -> bool {
        self.scorings.iter().any(|s| *s != Scoring::Keep)
            || self.weights.iter().zip(&sheet.criteria).any(|(w, c)| *w != c.weight)
    }

    /// One customer's score of one criterion.
    #[must_use]
    pub fn score(&self, sheet: &Sheet, criterion: usize, row: usize) -> Option<f64> {
        let c = sheet.criteria.get(criterion)?;
        scored(c, self.scorings.get(criterion).unwrap_or(&Scoring::Keep), row)
    }

    /// One customer's chance: the weighted mean of what is known.
    #[must_use]
    pub fn chance(&self, sheet: &Sheet, row: usize) -> Option<f64> {
        if !self.ranks_otherwise(sheet) {
            return sheet.cases.get(row)?.chance;
        }
        let (mut sum, mut weights) = (0.0, 0.0);
        for (at, (criterion, weight)) in sheet.criteria.iter().zip(&self.weights).enumerate() {
            if criterion.chance
                && let Some(score) = self.score(sheet, at, row)
            {
                sum += weight * score;
                weights += weight;
            }
        }
        (weights > 0.0).then(|| sum / weights)
    }

    /// The probability that she returns if contacted; `None` if the pack says none.
    #[must_use]
    pub fn success(&self, sheet: &Sheet, row: usize) -> Option<f64> {
        let case = sheet.cases.get(row)?;
        let Some((at, factor)) = case.line else { return case.success };
        let pair = sheet.pairs.get(at)?;
        let line = self.lines.get(at).and_then(Option::as_ref);
        if line.is_none() && !self.ranks_otherwise(sheet) {
            return case.success;
        }
        let (base, per_point) = line.map_or((pair.base.value, pair.per_point.value), |l| (l.base, l.per_point));
        Some((factor * (base + per_point * self.chance(sheet, row).unwrap_or(MIDDLE))).clamp(0.0, 1.0))
    }

    /// What customers are ranked by: the expected gain where a probability is made of chance, else chance itself.
    #[must_use]
    pub fn rank(&self, sheet: &Sheet, row: usize) -> f64 {
        let Some(case) = sheet.cases.get(row) else { return 0.0 };
        if sheet.pairs.is_empty() {
            return self.chance(sheet, row).unwrap_or(MIDDLE);
        }
        self.success(sheet, row).map_or(0.0, |p| case.net(p))
    }

    /// How likely a return is, on any scale.
    #[must_use]
    pub fn likely(&self, sheet: &Sheet, row: usize) -> f64 {
        if sheet.pairs.is_empty() {
            return self.chance(sheet, row).unwrap_or(MIDDLE);
        }
        self.success(sheet, row).unwrap_or(0.0)
    }
}

fn scored(criterion: &Criterion, scoring: &Scoring, row: usize) -> Option<f64> {
    let present = || criterion.scores.get(row).copied().flatten();
    match (scoring, &criterion.raw) {
        (Scoring::Curve(points), Raw::Numbers(values)) => match values.get(row).copied().flatten() {
            Some(x) => on_curve(points, x),
            None => criterion.missing,
        },
        (Scoring::Map(map), Raw::Texts(values, _)) => {
            let listed = values.get(row).and_then(Option::as_ref);
            listed.and_then(|text| map.iter().find(|(t, _)| **t == **text)).map_or_else(present, |(_, s)| Some(*s))
        }
        _ => present(),
    }
}

/// Learns from some of the contacted customers. With `ranking` curves and weights may change, without it only the lines do.
#[must_use]
pub fn learn(sheet: &Sheet, rows: &[usize], ranking: bool) -> Rules {
    let mut rules = Rules::present(sheet);
    if ranking {
        curves(sheet, rows, &mut rules);
        weights(sheet, rows, &mut rules);
    }
    for at in 0..sheet.pairs.len() {
        let line = line(sheet, rows, &rules, at);
        if let Some(place) = rules.lines.get_mut(at) {
            *place = line;
        }
    }
    rules
}

/// Whether there are enough of each outcome to say something about so many criteria.
pub(super) fn enough(sheet: &Sheet, rows: &[usize], criteria: usize) -> bool {
    let returned = rows.iter().filter(|i| sheet.cases.get(**i).is_some_and(|c| c.returned)).count();
    returned.min(rows.len() - returned) >= ENOUGH * criteria.max(1)
}

fn returned(sheet: &Sheet, row: usize) -> bool {
    sheet.cases.get(row).is_some_and(|c| c.returned)
}

/// How a value goes with what came of it.
struct Tendency {
    p: f64,
    rising: bool,
}

fn tendency(sheet: &Sheet, rows: &[usize], criterion: &Criterion) -> Option<Tendency> {
    match &criterion.raw {
        Raw::None => None,
        Raw::Numbers(values) => {
            let known: Vec<(f64, bool)> =
                rows.iter().filter_map(|i| Some(((*values.get(*i)?)?, returned(sheet, *i)))).collect();
            let (x, y): (Vec<f64>, Vec<bool>) = known.into_iter().unzip();
            let slope = logistic::fit(&[&x], &y).ok()?.effects.first()?.slope()?;
            Some(Tendency { p: slope.p(), rising: slope.value > 0.0 })
        }
        Raw::Texts(values, _) => {
            let rates = rates(sheet, rows, values);
            let (n, k) = rates.iter().fold((0, 0), |(n, k), (_, m, j)| (n + m, k + j));
            let share = k as f64 / n as f64;
            if rates.len() < 2 || k == 0 || k == n {
                return None;
            }
            let square: f64 = rates
                .iter()
                .map(|(_, m, j)| (*j as f64 - *m as f64 * share).powi(2) / (*m as f64 * share * (1.0 - share)))
                .sum();
            let law = ChiSquared::new((rates.len() - 1) as f64).ok()?;
            Some(Tendency { p: 1.0 - law.cdf(square), rising: true })
        }
    }
}

/// Texts with enough customers: how many, and how many of them returned; in the order of the texts.
fn rates(sheet: &Sheet, rows: &[usize], values: &[Option<std::sync::Arc<str>>]) -> Vec<(String, usize, usize)> {
    let mut counts: std::collections::BTreeMap<&str, (usize, usize)> = std::collections::BTreeMap::new();
    for row in rows {
        if let Some(text) = values.get(*row).and_then(Option::as_ref) {
            let entry = counts.entry(text).or_default();
            entry.0 += 1;
            entry.1 += usize::from(returned(sheet, *row));
        }
    }
    counts.into_iter().filter(|(_, (n, _))| *n >= OF_A_TEXT).map(|(t, (n, k))| (t.to_owned(), n, k)).collect()
}

/// Which way the pack scores a value: rising, falling, or neither throughout.
#[must_use]
pub fn direction(criterion: &Criterion) -> Option<bool> {
    let Raw::Numbers(values) = &criterion.raw else { return None };
    let mut pairs: Vec<(f64, f64)> =
        values.iter().zip(&criterion.scores).filter_map(|(x, s)| Some(((*x)?, (*s)?))).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let steps = || pairs.windows(2).filter_map(|w| if let [a, b] = w { Some(b.1 - a.1) } else { None });
    match (steps().any(|d| d > 1e-9), steps().any(|d| d < -1e-9)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

fn curves(sheet: &Sheet, rows: &[usize], rules: &mut Rules) {
    let found: Vec<(usize, &Criterion, Tendency)> = sheet
        .criteria
        .iter()
        .enumerate()
        .filter(|(_, c)| c.chance)
        .filter_map(|(i, c)| Some((i, c, tendency(sheet, rows, c)?)))
        .collect();
    let adjusted = holm(&found.iter().map(|(.., t)| t.p).collect::<Vec<_>>());
    for ((at, criterion, tendency), p) in found.iter().zip(adjusted) {
        if p >= REASON || !enough(sheet, rows, 1) {
            continue;
        }
        let scoring = match &criterion.raw {
            Raw::None => None,
            Raw::Numbers(values) => {
                if direction(criterion).is_some_and(|rising| rising != tendency.rising) {
                    rules.contrary.push(*at);
                    continue;
                }
                let points: Vec<(f64, bool)> =
                    rows.iter().filter_map(|i| Some(((*values.get(*i)?)?, returned(sheet, *i)))).collect();
                curve(&pooled(&points, tendency.rising)).map(Scoring::Curve)
            }
            Raw::Texts(values, present) => map(&rates(sheet, rows, values), present).map(Scoring::Map),
        };
        if let (Some(scoring), Some(place)) = (scoring, rules.scorings.get_mut(*at)) {
            *place = scoring;
        }
    }
}

/// Rates as scores; each drawn towards the mean by as much as [`OF_A_TEXT`] customers more would. Texts without a rate keep
/// their scores.
fn map(rates: &[(String, usize, usize)], present: &[(String, f64)]) -> Option<Vec<(String, f64)>> {
    let (n, k) = rates.iter().fold((0, 0), |(n, k), (_, m, j)| (n + m, k + j));
    let mean = k as f64 / n as f64;
    let drawn: Vec<(&str, f64)> = rates
        .iter()
        .map(|(t, m, j)| (t.as_str(), (*j as f64 + mean * OF_A_TEXT as f64) / (*m + OF_A_TEXT) as f64))
        .collect();
    let (low, high) = drawn.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (_, r)| (a.min(*r), b.max(*r)));
    if high <= low {
        return None;
    }
    let score = |rate: f64| ((rate - low) / (high - low) * 100.0).round() / 10.0;
    let mut scores: Vec<(String, f64)> = present
        .iter()
        .map(|(t, old)| (t.clone(), drawn.iter().find(|(other, _)| other == t).map_or(*old, |(_, r)| score(*r))))
        .collect();
    for (text, rate) in drawn {
        if !present.iter().any(|(t, _)| t == text) {
            scores.push((text.to_owned(), score(rate)));
        }
    }
    Some(scores)
}

/// The scores of one criterion for some rows, what is missing at the mean of the others; `None` if nothing is known.
fn filled(sheet: &Sheet, rules: &Rules, criterion: usize, rows: &[usize]) -> Option<Vec<f64>> {
    let scores: Vec<Option<f64>> = rows.iter().map(|row| rules.score(sheet, criterion, *row)).collect();
    let known: Vec<f64> = scores.iter().flatten().copied().collect();
    if known.is_empty() {
        return None;
    }
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    Some(scores.into_iter().map(|s| s.unwrap_or(mean)).collect())
}

fn weights(sheet: &Sheet, rows: &[usize], rules: &mut Rules) {
    let event: Vec<bool> = rows.iter().map(|i| returned(sheet, *i)).collect();
    let columns: Vec<(usize, Vec<f64>)> = sheet
        .criteria
        .iter()
        .enumerate()
        .filter(|(_, c)| c.chance)
        .filter_map(|(at, _)| Some((at, filled(sheet, rules, at, rows)?)))
        .collect();
    if columns.len() < 2 || !enough(sheet, rows, columns.len()) {
        return;
    }
    let together: Vec<f64> = rows.iter().map(|row| rules.chance(sheet, *row).unwrap_or(MIDDLE)).collect();
    let each: Vec<&[f64]> = columns.iter().map(|(_, c)| c.as_slice()).collect();
    let (Ok(now), Ok(free)) = (logistic::fit(&[&together], &event), logistic::fit(&each, &event)) else { return };
    let gain = 2.0 * (free.log_likelihood - now.log_likelihood);
    let Ok(law) = ChiSquared::new((columns.len() - 1) as f64) else { return };
    if free.separated() || gain <= 0.0 || 1.0 - law.cdf(gain) >= REASON {
        return;
    }
    for ((at, _), effect) in columns.iter().zip(&free.effects) {
        if let Some(slope) = effect.slope()
            && slope.value < 0.0
            && slope.p() * (columns.len() as f64) < REASON
            && !rules.contrary.contains(at)
        {
            rules.contrary.push(*at);
        }
    }
    let mut active: Vec<usize> = (0..columns.len()).collect();
    let slopes = loop {
        let each: Vec<&[f64]> = active.iter().filter_map(|i| columns.get(*i)).map(|(_, c)| c.as_slice()).collect();
        let Ok(model) = logistic::fit(&each, &event) else { return };
        let values: Vec<f64> = model.effects.iter().map(|e| e.slope().map_or(0.0, |s| s.value)).collect();
        let worst = values.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).filter(|(_, v)| **v < 0.0);
        match worst {
            Some((at, _)) => {
                active.remove(at);
            }
            None => break values,
        }
    };
    let total: f64 = slopes.iter().sum();
    if total <= 0.0 {
        return;
    }
    let present: f64 = columns.iter().filter_map(|(at, _)| sheet.criteria.get(*at)).map(|c| c.weight).sum();
    for (i, (at, _)) in columns.iter().enumerate() {
        let share = active.iter().position(|a| *a == i).and_then(|p| slopes.get(p)).copied().unwrap_or(0.0) / total;
        if let Some(weight) = rules.weights.get_mut(*at) {
            *weight = ((share * present * 10.0).round() / 10.0).max(LEAST_WEIGHT);
        }
    }
}

fn line(sheet: &Sheet, rows: &[usize], rules: &Rules, pair: usize) -> Option<Line> {
    let settings = sheet.pairs.get(pair)?;
    let mut points = Vec::new();
    for row in rows {
        let case = sheet.cases.get(*row)?;
        if let Some((at, factor)) = case.line
            && at == pair
        {
            points.push((factor, rules.chance(sheet, *row).unwrap_or(MIDDLE), case.returned));
        }
    }
    fit_line(&points, settings)
}
