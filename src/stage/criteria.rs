//! Step 3a, value: each criterion from 0 to 10, and the dimensions they make.

use crate::engine::{Builder, Mask, Num, Reg};
use crate::expr::{Value, evaluate};
use crate::pack::{Criterion, Method, Pack};

use super::{Context, RowValues};

/// How one criterion was scored for one customer.
#[derive(Debug, Clone)]
pub struct CriterionDecision {
    /// What the method looked at (the score itself, for `score`).
    pub value: Value,
    /// What the method gave, 0 to 10; `None` if unknown.
    pub scored: Option<f64>,
    /// What counts: `scored`, or what `missing` says; `None` if it is skipped.
    pub score: Option<f64>,
}

fn as_num(b: &mut Builder, reg: Reg) -> Num {
    match reg {
        Reg::Number(n) | Reg::Date(n) => n,
        Reg::Text(_) | Reg::Bool { .. } => b.number(None),
    }
}

/// The scores; missing for whoever is not kept, and so is all that is made of them.
pub(super) fn columns(pack: &Pack, context: &Context, b: &mut Builder, kept: Mask) -> Vec<Num> {
    let mut scores = Vec::new();
    for criterion in &pack.criteria {
        let raw = match &criterion.method {
            Method::Score(rule) => {
                let value = b.value(&rule.expr);
                as_num(b, value)
            }
            Method::Bands(rule, bands) => {
                let value = b.value(&rule.expr);
                let value = as_num(b, value);
                let bands: Vec<(Option<f64>, f64)> = bands.iter().map(|band| (band.below, band.score)).collect();
                b.bands(value, &bands)
            }
            Method::Curve(rule, points) => {
                let value = b.value(&rule.expr);
                let value = as_num(b, value);
                b.curve(value, points.as_slice().into())
            }
            Method::Map(rule, map, otherwise) => match b.value(&rule.expr) {
                Reg::Text(text) => b.map(text, map, *otherwise),
                _ => b.number(None),
            },
            Method::Rank(rule, order) => match context.reference.curve(&criterion.name, *order) {
                Some(points) => {
                    let value = b.value(&rule.expr);
                    let value = as_num(b, value);
                    b.curve(value, points.into())
                }
                None => b.number(None),
            },
        };
        let clamped = b.clamp(raw, 0.0, 10.0);
        let score = match criterion.missing.score() {
            Some(otherwise) => b.or_number(clamped, otherwise),
            None => clamped,
        };
        let score = b.number_only(score, kept);
        b.bind(criterion.slot, Reg::Number(score));
        scores.push(score);
    }
    scores
}

pub(super) fn columns_dimensions(pack: &Pack, b: &mut Builder, scores: &[Num]) -> Vec<Num> {
    let mut means = Vec::new();
    for (i, dimension) in pack.dimensions.iter().enumerate() {
        let terms: Vec<(Num, f64)> = pack
            .criteria
            .iter()
            .zip(scores)
            .filter(|(c, _)| c.dimension == i)
            .map(|(c, score)| (*score, c.weight))
            .collect();
        let mean = b.weighted_mean(&terms);
        b.bind(dimension.slot, Reg::Number(mean));
        means.push(mean);
    }
    means
}

pub(super) fn row(pack: &Pack, context: &Context, values: &mut RowValues) -> Vec<CriterionDecision> {
    let mut decisions = Vec::new();
    for criterion in &pack.criteria {
        let decision = scored(pack, context, criterion, values);
        values.set(criterion.slot, decision.score.map_or(Value::Missing, Value::number));
        decisions.push(decision);
    }
    decisions
}

/// How one criterion scores one customer.
pub(crate) fn scored(pack: &Pack, context: &Context, criterion: &Criterion, values: &RowValues) -> CriterionDecision {
    let rule = criterion.method.rule();
    let value = evaluate(&rule.expr, values, &pack.scripts);
    let raw = match &criterion.method {
        Method::Score(_) => value.as_number(),
        Method::Bands(_, bands) => value
            .as_number()
            .and_then(|x| bands.iter().find(|band| band.below.is_none_or(|below| x < below)).map(|band| band.score)),
        Method::Curve(_, points) => value.as_number().and_then(|x| on_curve(points, x)),
        Method::Map(_, map, otherwise) => {
            value.as_text().and_then(|text| map.iter().find(|(t, _)| t == text).map(|(_, score)| *score).or(*otherwise))
        }
        Method::Rank(_, order) => value
            .as_number()
            .and_then(|x| context.reference.curve(&criterion.name, *order).and_then(|points| on_curve(&points, x))),
    };
    let scored = raw.map(|x| x.clamp(0.0, 10.0)).and_then(|x| Value::number(x).as_number());
    let score = scored.or(criterion.missing.score());
    CriterionDecision { value, scored, score }
}

/// The height of a curve at `x`: straight lines between points of rising x, flat outside.
fn on_curve(points: &[(f64, f64)], x: f64) -> Option<f64> {
    let (first, last) = (points.first()?, points.last()?);
    if x <= first.0 {
        return Some(first.1);
    }
    if x >= last.0 {
        return Some(last.1);
    }
    // `x` lies strictly inside, so there is a point at or before it and one behind it.
    let behind = points.partition_point(|(px, _)| *px <= x);
    let (x0, y0) = points.get(behind.checked_sub(1)?)?;
    let (x1, y1) = points.get(behind)?;
    if x == *x0 {
        return Some(*y0);
    }
    Some(y0 + (x - x0) * ((y1 - y0) / (x1 - x0)))
}

pub(super) fn row_dimensions(pack: &Pack, values: &mut RowValues) -> Vec<Option<f64>> {
    use crate::expr::Row as _;
    let mut means = Vec::new();
    for (i, dimension) in pack.dimensions.iter().enumerate() {
        let terms =
            pack.criteria.iter().filter(|c| c.dimension == i).map(|c| (values.get(c.slot).as_number(), c.weight));
        let mean = weighted_mean(terms);
        values.set(dimension.slot, mean.map_or(Value::Missing, Value::number));
        means.push(mean);
    }
    means
}

/// `sum(w * x) / sum(w)` over what is there, both sums in order.
pub(super) fn weighted_mean(terms: impl Iterator<Item = (Option<f64>, f64)>) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (x, weight) in terms {
        if let Some(x) = x {
            sum += weight * x;
            weights += weight;
        }
    }
    Value::number(sum / weights).as_number()
}
