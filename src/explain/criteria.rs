//! How each criterion was scored, in words, and what it adds to its dimension.

use super::answer::{CriterionTrace, DimensionTrace, ScriptTrace};
use super::known::Known;
use super::scene::Scene;
use crate::expr::Value;
use crate::pack::{Band, Criterion, Method, MissingScore, Pack, RankOrder};
use crate::stage::{Context, CriterionDecision, Decision};

/// Every criterion on this record.
pub(super) fn criteria(pack: &Pack, context: &Context, scene: &Scene<'_>, decision: &Decision) -> Vec<CriterionTrace> {
    let decided = || pack.criteria.iter().zip(&decision.criteria);
    // Per dimension: the sum of weights, and of weights times scores, over what counts.
    let sums = |dimension: usize| {
        decided().filter(|(c, _)| c.dimension == dimension).fold((0.0, 0.0), |(weights, total), (c, d)| match d.score {
            Some(score) => (weights + c.weight, total + c.weight * score),
            None => (weights, total),
        })
    };
    decided()
        .map(|(criterion, d)| {
            let rule = criterion.method.rule();
            let (weights, total) = sums(criterion.dimension);
            let part = |of: f64| d.score.map(|s| criterion.weight * s / of).filter(|x| x.is_finite());
            CriterionTrace {
                name: criterion.name.clone(),
                label: criterion.label.clone(),
                question: criterion.question.clone(),
                dimension: pack.dimensions.get(criterion.dimension).map_or_else(String::new, |d| d.name.clone()),
                weight: criterion.weight,
                text: rule.text.clone(),
                value: Known(d.value.clone()),
                how: how(context, scene, criterion, d),
                scored: d.scored,
                score: d.score,
                points: part(weights),
                share: part(total),
                script_error: scene.failed(&rule.expr).map(ScriptTrace::from),
            }
        })
        .collect()
}

/// Every dimension on this record.
pub(super) fn dimensions(pack: &Pack, decision: &Decision) -> Vec<DimensionTrace> {
    let mut out = Vec::new();
    for (i, (dimension, value)) in pack.dimensions.iter().zip(&decision.dimensions).enumerate() {
        let its = || pack.criteria.iter().zip(&decision.criteria).filter(|(c, _)| c.dimension == i);
        out.push(DimensionTrace {
            name: dimension.name.clone(),
            label: dimension.label.clone(),
            value: *value,
            counted: its().filter(|(_, d)| d.score.is_some()).count(),
            criteria: its().count(),
        });
    }
    out
}

pub(super) fn how(context: &Context, scene: &Scene<'_>, criterion: &Criterion, decided: &CriterionDecision) -> String {
    if decided.scored.is_some() {
        return known(criterion, decided);
    }
    let why = if decided.value.is_missing() {
        scene.why_unknown(&criterion.method.rule().expr).unwrap_or_else(|| "unknown".to_owned())
    } else {
        match &criterion.method {
            Method::Map(..) => format!("{} is not listed", quoted(&decided.value)),
            Method::Rank(_, order) if context.reference.curve(&criterion.name, *order).is_none() => {
                "no population to compare with was fitted".to_owned()
            }
            _ => "unknown".to_owned(),
        }
    };
    let then = match criterion.missing {
        MissingScore::Skip => "left out, the others count for more".to_owned(),
        other => format!("counts as {}", number(other.score().unwrap_or_default())),
    };
    format!("{why}; {then}")
}

/// How a known value became a score.
fn known(criterion: &Criterion, decided: &CriterionDecision) -> String {
    let Some(x) = decided.value.as_number() else {
        return match (&criterion.method, &decided.value) {
            (Method::Map(_, map, _), Value::Text(text)) if !map.iter().any(|(t, _)| t.as_str() == &**text) => {
                format!("{} is not listed, so it is one of the others", quoted(&decided.value))
            }
            _ => format!("{} is listed", quoted(&decided.value)),
        };
    };
    match &criterion.method {
        Method::Score(_) if x > 10.0 => format!("the formula gives {}, at most 10 counts", number(x)),
        Method::Score(_) if x < 0.0 => format!("the formula gives {}, at least 0 counts", number(x)),
        Method::Score(_) => "by formula".to_owned(),
        Method::Bands(_, bands) => band(bands, x),
        Method::Curve(_, points) => curve(points, x),
        Method::Map(..) => format!("{} is listed", number(x)),
        Method::Rank(_, order) => {
            let place = number(decided.scored.unwrap_or_default() * 10.0);
            match order {
                RankOrder::HigherIsBetter => format!("{} is more than {place} % of all customers have", number(x)),
                RankOrder::LowerIsBetter => format!("{} is less than {place} % of all customers have", number(x)),
            }
        }
    }
}

fn band(bands: &[Band], x: f64) -> String {
    let mut from = None;
    for band in bands {
        if band.below.is_none_or(|below| x < below) {
            let x = number(x);
            return match (from, band.below) {
                (None, Some(below)) => format!("{x} is below {}", number(below)),
                (Some(from), Some(below)) => format!("{x} is from {} to below {}", number(from), number(below)),
                (Some(from), None) => format!("{x} is {} or more", number(from)),
                (None, None) => "every value scores the same".to_owned(),
            };
        }
        from = band.below;
    }
    format!("{} fits no band", number(x))
}

fn curve(points: &[(f64, f64)], x: f64) -> String {
    let point = |(px, py): (f64, f64)| format!("{} (scores {})", number(px), number(py));
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return "no curve".to_owned() };
    if let Some(at) = points.iter().find(|(px, _)| *px == x) {
        return format!("{} is a point of the curve (scores {})", number(x), number(at.1));
    }
    if x < first.0 {
        return format!("{} is below {}", number(x), point(*first));
    }
    if x > last.0 {
        return format!("{} is above {}", number(x), point(*last));
    }
    let behind = points.partition_point(|(px, _)| *px < x);
    match (behind.checked_sub(1).and_then(|i| points.get(i)), points.get(behind)) {
        (Some(before), Some(after)) => format!("{} is between {} and {}", number(x), point(*before), point(*after)),
        _ => number(x),
    }
}

fn number(x: f64) -> String {
    Value::number(x).to_string()
}

fn quoted(value: &Value) -> String {
    match value {
        Value::Text(t) => format!("\"{t}\""),
        other => other.to_string(),
    }
}
