//! An evaluation for programs. What cannot be told is `null`, never a number.

use serde_json::{Value, json};

use crate::evaluate::{Curve, Effect, Evaluation, Money, More, Row, Verdict};
use crate::pack::Pack;
use crate::plan::read::Receipt;
use crate::stats::Interval;

/// At most so many points of a curve.
const POINTS: usize = 101;

/// The whole evaluation.
#[must_use]
pub fn to_json(evaluation: &Evaluation, receipt: &Receipt, pack: &Pack) -> Value {
    let counts = &evaluation.counts;
    let kpis = &evaluation.kpis;
    let families: Vec<Value> = evaluation
        .families
        .iter()
        .map(|family| json!({ "by": family.column, "rows": family.rows.iter().map(row).collect::<Vec<_>>() }))
        .collect();
    json!({
        "pack": pack.identity.name,
        "version": pack.identity.version,
        "hash": pack.identity.hash,
        "as_of": evaluation.as_of.to_string(),
        "plan": {
            "pack": receipt.pack,
            "version": receipt.version,
            "hash": receipt.hash,
            "as_of": receipt.as_of.map(|day| day.to_string()),
        },
        "currency": pack.money.as_ref().map(|money| money.currency.clone()),
        "settings": {
            "alpha": evaluation.settings.alpha,
            "power": evaluation.settings.power,
            "sequential": evaluation.settings.sequential,
            "within": pack.outcomes.as_ref().map(|outcomes| outcomes.within),
        },
        "counts": {
            "planned": counts.planned,
            "planned_customers": counts.customers,
            "not_yet": counts.not_yet,
            "without_outcome": counts.without,
            "still_open": counts.open,
            "further_contacts": counts.again,
            "outcome_rows": counts.outcomes,
            "unplanned_customers": counts.unplanned,
            "unplanned_rows": counts.unplanned_rows,
            "rows_before_contact": counts.before,
            "rows_after_window": counts.after,
            "rows_after_as_of": counts.unseen,
        },
        "kpis": {
            "contacted": kpis.contacted,
            "won_back": kpis.won_back,
            "regain_rate": kpis.regain_rate.map(|(value, interval)| estimate(value, Some(interval))),
            "revenue": kpis.revenue,
            "margin": kpis.margin,
            "cost": kpis.cost,
            "regain_profit": kpis.regain_profit,
            "regain_return": kpis.regain_return,
        },
        "margin_of_plan": evaluation.margin_of_plan,
        "without_covariate": evaluation.without_covariate,
        "sample_ratio_holds": evaluation.arms_hold(),
        "whole": row(&evaluation.whole),
        "families": families,
        "qini": evaluation.curves.iter().map(curve).collect::<Vec<_>>(),
    })
}

fn estimate(value: f64, interval: Option<Interval>) -> Value {
    json!({ "value": finite(value), "low": interval.map(|i| finite(i.low)), "high": interval.map(|i| finite(i.high)) })
}

/// JSON has no infinity.
fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

fn row(row: &Row) -> Value {
    json!({
        "name": row.name,
        "verdict": row.verdict.word(),
        "more": more(&row.verdict),
        "worth_seeing": match row.verdict {
            Verdict::TooSmall { worth } | Verdict::Unseen { worth } => Some(worth),
            Verdict::Open(more) => more.effect,
            _ => None,
        },
        "contacted": row.contacted.of,
        "won_back": row.contacted.hits,
        "held_out": row.held_out.of,
        "came_back_held_out": row.held_out.hits,
        "rate": (row.contacted.of > 0).then(|| estimate(row.contacted.rate(), Some(row.rate))),
        "cost": row.cost,
        "not_compared": row.apart,
        "decided_by_people": row.decided,
        "propensities": row.strata,
        "sample_ratio": row.ratio.map(|ratio| json!({
            "expected": ratio.expected,
            "observed": ratio.observed,
            "p": ratio.p,
            "holds": ratio.holds(),
        })),
        "effect": row.effect.as_ref().map(effect),
    })
}

fn more(verdict: &Verdict) -> Option<Value> {
    match verdict {
        Verdict::TooFew(More { count, arm, .. }) | Verdict::Open(More { count, arm, .. }) => {
            Some(json!({ "count": count, "arm": arm.word() }))
        }
        _ => None,
    }
}

fn effect(effect: &Effect) -> Value {
    let money = |money: Option<Money>| {
        money.map(|money| {
            json!({
                "contact": money.contact,
                "holdout": money.holdout,
                "difference": estimate(money.difference, Some(money.interval)),
                "adjusted": money.adjusted,
                "p": money.p,
                "cuped_reduction": money.reduction,
            })
        })
    };
    json!({
        "rate_contact": effect.rate_contact,
        "rate_holdout": effect.rate_holdout,
        "lift": estimate(effect.lift, Some(effect.interval)),
        "p": effect.p,
        "p_holm": effect.adjusted,
        "returns": estimate(effect.returns.0, Some(effect.returns.1)),
        "anyway": effect.anyway.map(|(value, interval)| estimate(value, Some(interval))),
        "revenue": money(effect.revenue),
        "margin": money(effect.margin),
        "profit": effect.worth.map(|worth| estimate(worth.profit, Some(worth.interval))),
        "roi": effect.worth.and_then(|worth| worth.roi).map(|(value, interval)| estimate(value, interval)),
    })
}

fn curve(curve: &Curve) -> Value {
    let points = &curve.qini.points;
    let step = points.len().div_ceil(POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let shown: Vec<[f64; 2]> = points
        .iter()
        .enumerate()
        .filter(|(at, _)| at % step == 0 || *at == last)
        .map(|(_, point)| [point.share, point.gained])
        .collect();
    json!({ "by": curve.column, "without_value": curve.unknown, "coefficient": estimate(curve.qini.coefficient, curve.qini.interval), "points": shown })
}
