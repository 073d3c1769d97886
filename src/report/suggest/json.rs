//! Suggestions for programs.

use serde_json::{Map, Value, json};

use super::{Challenger, Head};
use crate::stats::logistic::Effect;
use crate::stats::{Share, wilson};
use crate::suggest::auc::Estimate;
use crate::suggest::gain::Gain;
use crate::suggest::learn::Scoring;
use crate::suggest::policy::{CannotJudge, Judged, NoData, Value as PlanValue};
use crate::suggest::separate::{BandValues, Kind, Separator};
use crate::suggest::words::sentence;
use crate::suggest::{By, Change, Sheet, Suggestions, Verdict};

fn estimate(e: Estimate) -> Value {
    let interval = e.interval(0.05);
    json!({ "value": e.value, "error": e.error, "low": interval.low, "high": interval.high })
}

fn share(s: Share) -> Value {
    let interval = wilson(s, 0.05);
    let rate = if s.of > 0 { json!(s.rate()) } else { Value::Null };
    json!({ "customers": s.of, "returned": s.hits, "rate": rate, "low": interval.low, "high": interval.high })
}

fn effect(effect: &Effect, step: f64) -> Value {
    match effect {
        Effect::Slope(slope) => {
            let odds = |step: f64| {
                let (value, low, high) = slope.odds(step, 0.05);
                json!({ "step": step, "odds_ratio": value, "low": low, "high": high })
            };
            json!({ "slope": slope.value, "error": slope.error, "p": slope.p(), "per_step": odds(step), "per_spread": odds(slope.spread) })
        }
        Effect::Separates(way) => json!({ "separates": way }),
        Effect::Aliased => json!({ "aliased": true }),
    }
}

fn separator(s: &Separator) -> Value {
    let bands = s.bands.iter().map(|band| {
        let mut object = match share(band.share) {
            Value::Object(object) => object,
            _ => Map::new(),
        };
        match &band.values {
            BandValues::Numbers(from, to) => {
                object.insert("from".to_owned(), json!(from));
                object.insert("to".to_owned(), json!(to));
            }
            BandValues::Text(text) => drop(object.insert("text".to_owned(), json!(text))),
        }
        Value::Object(object)
    });
    json!({
        "name": s.name,
        "label": s.label,
        "text": s.text,
        "unit": s.unit,
        "kind": match s.kind { Kind::Criterion(_) => "criterion", Kind::Number(_) => "number", Kind::Text(_) => "text" },
        "known": s.known.of,
        "missing": s.missing,
        "auc": estimate(s.area),
        "alone": effect(&s.effect, s.step),
        "beside_the_others": s.joint.as_ref().map(|joint| effect(joint, s.step)),
        "p_holm": s.p,
        "clear": s.is_clear(),
        "words": sentence(s),
        "bands": bands.collect::<Vec<_>>(),
    })
}

fn verdict(verdict: Verdict) -> Value {
    match verdict {
        Verdict::TooFew(more) => json!({ "verdict": "cannot_tell_yet", "more": more }),
        Verdict::Nothing => json!({ "verdict": "nothing" }),
        Verdict::Unclear(times) => json!({ "verdict": "unclear", "times_as_many": times }),
        Verdict::Better => json!({ "verdict": "better" }),
    }
}

fn gain(gain: &Gain) -> Value {
    json!({
        "contacted": gain.contacted,
        "auc": { "present": estimate(gain.area.0), "new": estimate(gain.area.1), "gain": estimate(gain.area_gain) },
        "log_loss": gain.loss.map(|(now, new, by)| json!({ "present": now, "new": new, "gain": estimate(by) })),
        "top": gain.top.as_ref().map(|top| json!({
            "contacts": top.contacts,
            "rate": { "present": top.rate.0, "new": top.rate.1, "gain": estimate(top.rate_gain) },
            "profit_per_contact": top.profit.map(|(now, new, by)| json!({ "present": now, "new": new, "gain": estimate(by), "incremental": false })),
        })),
        "incremental_profit": gain.incremental.as_ref().map(|i| json!({
            "customers": i.customers,
            "contacts": i.contacts,
            "present": estimate(i.profit.0),
            "new": estimate(i.profit.1),
            "gain": estimate(i.gain),
        })),
    })
}

fn change(sheet: &Sheet, change: &Change) -> Value {
    let mut criteria = Vec::new();
    for ((criterion, scoring), weight) in sheet.criteria.iter().zip(&change.rules.scorings).zip(&change.rules.weights) {
        if *scoring == Scoring::Keep && *weight == criterion.weight {
            continue;
        }
        let mut object = Map::new();
        object.insert("criterion".to_owned(), json!(criterion.name));
        match scoring {
            Scoring::Keep => {}
            Scoring::Curve(points) => drop(object.insert("curve".to_owned(), json!(points))),
            Scoring::Map(map) => {
                let map: Map<String, Value> = map.iter().map(|(t, s)| (t.clone(), json!(s))).collect();
                object.insert("map".to_owned(), Value::Object(map));
            }
        }
        object.insert("weight".to_owned(), json!({ "present": criterion.weight, "new": weight }));
        criteria.push(Value::Object(object));
    }
    let lines = sheet.pairs.iter().zip(&change.rules.lines).filter_map(|(pair, line)| {
        let line = line.as_ref()?;
        Some(json!({
            "base": { "param": pair.base.name, "present": pair.base.value, "new": line.base, "fit": estimate(line.base_fit) },
            "per_point": { "param": pair.per_point.name, "present": pair.per_point.value, "new": line.per_point, "fit": estimate(line.per_point_fit) },
            "customers": line.rows,
            "returned": line.returned,
        }))
    });
    let mut value = verdict(change.verdict);
    if let Value::Object(object) = &mut value {
        object.insert("criteria".to_owned(), Value::Array(criteria));
        object.insert("lines".to_owned(), Value::Array(lines.collect()));
        object.insert("gain".to_owned(), change.gain.as_ref().map_or(Value::Null, gain));
    }
    value
}

/// Everything that was found, and the overlay.
#[must_use]
pub fn to_json(sheet: &Sheet, found: &Suggestions, head: &Head, overlay: Option<&str>) -> Value {
    let threshold = found.threshold.as_ref().map(|(t, v)| {
        let mut value = verdict(*v);
        if let Value::Object(object) = &mut value {
            object.insert("param".to_owned(), json!(t.setting.name));
            object.insert("present".to_owned(), json!(t.setting.value));
            object.insert("new".to_owned(), json!(t.new));
            object.insert("customers_below".to_owned(), json!(t.below));
            object.insert("profit_each".to_owned(), t.each.map_or(Value::Null, estimate));
            object.insert("gain".to_owned(), estimate(t.gain));
            object.insert("incremental".to_owned(), json!(t.incremental));
        }
        value
    });
    let contrary: Vec<&str> =
        found.contrary.iter().filter_map(|at| sheet.criteria.get(*at)).map(|c| c.name.as_str()).collect();
    json!({
        "receipt": head.receipt,
        "plan": head.plan,
        "sample_ratio_holds": head.mismatches.is_empty(),
        "mismatches": head.mismatches,
        "contacted": share(found.contacted),
        "held_out": share(found.held_out),
        "judged_by": match found.by { By::Profit => "incremental_profit", By::Returns => "returns" },
        "separators": found.separators.iter().map(separator).collect::<Vec<_>>(),
        "ranking": change(sheet, &found.ranking),
        "probabilities": change(sheet, &found.lines),
        "threshold": threshold,
        "contrary": contrary,
        "better_rules_found": found.any(),
        "overlay": overlay,
    })
}

fn no_data(n: &NoData) -> Value {
    json!({
        "never_contacted": n.never_contacted,
        "other_campaign": n.other_campaign,
        "never_left_alone": n.never_left_alone,
    })
}

/// Champion against challenger.
#[must_use]
pub fn policy_to_json(judged: &Result<Judged, CannotJudge>, head: &Head, challenger: &Challenger) -> Value {
    let value = |v: &PlanValue| {
        json!({
            "contacts": v.contacts,
            "followed": v.followed,
            "effective_sample_size": v.effective,
            "ips": estimate(v.ips),
            "self_normalised_ips": estimate(v.normalised),
            "doubly_robust": estimate(v.robust),
        })
    };
    let mut found = json!({
        "receipt": head.receipt,
        "plan": head.plan,
        "sample_ratio_holds": head.mismatches.is_empty(),
        "challenger_pack": challenger.name,
        "challenger_judged_by": "rules_without_limits",
        "challenger_rules_are_those_of_the_plan": challenger.same,
    });
    let more = match judged {
        Ok(j) => json!({
            "supported": j.no_data.total() == 0,
            "customers": j.customers,
            "alike": j.alike,
            "no_data": no_data(&j.no_data),
            "champion": value(&j.champion),
            "challenger": value(&j.challenger),
            "difference_per_customer": estimate(j.difference),
            "difference": estimate(j.difference.times(j.customers as f64)),
        }),
        Err(CannotJudge::NobodyInCommon(n)) => json!({ "supported": false, "customers": 0, "no_data": no_data(n) }),
        Err(CannotJudge::Arms) => json!({ "supported": false, "customers": 0 }),
        Err(CannotJudge::NoProfit) => json!({ "supported": false, "customers": 0, "profit_known": false }),
    };
    if let (Value::Object(found), Value::Object(more)) = (&mut found, more) {
        found.extend(more);
    }
    found
}
