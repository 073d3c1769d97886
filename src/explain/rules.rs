//! Rules on one record: which held, which failed and in what part.

use super::answer::{Clause, Given, RuleTrace, Verdict};
use super::change::needed;
use super::known::Known;
use super::scene::Scene;
use crate::expr::{Expr, Kind, Value};
use crate::pack::{Pack, Rule, Template};
use crate::stage::{Decision, sentence};

/// What a condition came to.
pub(super) fn verdict(value: &Value) -> Verdict {
    match value {
        Value::Bool(true) => Verdict::Holds,
        Value::Missing => Verdict::Unknown,
        _ => Verdict::Fails,
    }
}

/// The parts of a condition that must all hold: what stands between its outermost `&&`.
pub(super) fn clauses(scene: &Scene<'_>, expr: &Expr) -> Vec<Clause> {
    let mut list = Vec::new();
    split(expr, &mut list);
    list.into_iter().map(|part| clause(scene, part)).collect()
}

/// The parts that do not hold.
pub(super) fn failed(scene: &Scene<'_>, expr: &Expr) -> Vec<Clause> {
    clauses(scene, expr).into_iter().filter(|c| c.verdict != Verdict::Holds).collect()
}

fn split<'a>(expr: &'a Expr, list: &mut Vec<&'a Expr>) {
    match &expr.kind {
        Kind::And(parts) => parts.iter().for_each(|part| split(part, list)),
        _ => list.push(expr),
    }
}

fn clause(scene: &Scene<'_>, expr: &Expr) -> Clause {
    let change = needed(scene, expr, true);
    let compared = match &expr.kind {
        Kind::Compare(op, a, b) => Some(format!("{} {} {}", Known(scene.value(a)), op.symbol(), Known(scene.value(b)))),
        _ => None,
    };
    let verdict = verdict(&scene.value(expr));
    let failed = scene.failed(expr);
    let would = match &failed {
        // It is not the customer who is to be otherwise.
        Some(failure) if verdict == Verdict::Unknown => Some(failure.words()),
        _ => change.as_ref().map(super::change::Change::sentence),
    };
    Clause {
        text: scene.text(expr),
        verdict,
        compared,
        given: scene.given(expr, true).into_iter().map(|(name, value)| Given { name, value: Known(value) }).collect(),
        would,
        change,
        script_error: failed.map(super::answer::ScriptTrace::from),
    }
}

/// A rule as it stands in the pack.
pub(super) struct Written<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) rule: Option<&'a Rule>,
    pub(super) because: Option<&'a Template>,
}

/// One rule on this record.
pub(super) fn trace(pack: &Pack, scene: &Scene<'_>, decision: &Decision, written: &Written<'_>) -> RuleTrace {
    let verdict = written.rule.map_or(Verdict::Holds, |r| verdict(&scene.value(&r.expr)));
    let because = written.because.filter(|t| verdict == Verdict::Holds && !t.parts.is_empty());
    RuleTrace {
        name: written.name.to_owned(),
        label: written.label.to_owned(),
        text: written.rule.map(|r| r.text.clone()),
        verdict,
        because: because.map(|t| sentence(pack, t, &decision.values)),
        clauses: written.rule.map_or_else(Vec::new, |r| clauses(scene, &r.expr)),
    }
}

/// Rules of which the first that holds decides: those up to it are asked, the rest are not.
pub(super) fn first_match(
    pack: &Pack,
    scene: &Scene<'_>,
    decision: &Decision,
    matched: Option<usize>,
    list: &[Written<'_>],
) -> Vec<RuleTrace> {
    let asked = matched.map_or(list.len(), |i| i + 1);
    list.iter()
        .enumerate()
        .map(|(i, written)| match i < asked {
            true => trace(pack, scene, decision, written),
            false => RuleTrace {
                name: written.name.to_owned(),
                label: written.label.to_owned(),
                text: written.rule.map(|r| r.text.clone()),
                verdict: Verdict::NotAsked,
                because: None,
                clauses: Vec::new(),
            },
        })
        .collect()
}

/// Suppressions that say `… ?? false` and of which nothing is known: that is another thing than no.
pub(super) fn with_unknown(scene: &Scene<'_>, mut traces: Vec<RuleTrace>, list: &[Written<'_>]) -> Vec<RuleTrace> {
    for (trace, written) in traces.iter_mut().zip(list) {
        let Some(Kind::Coalesce(parts)) = written.rule.map(|rule| &rule.expr.kind) else { continue };
        if let [known @ .., last] = parts.as_slice()
            && trace.verdict == Verdict::Fails
            && last.kind == Kind::Const(Value::Bool(false))
            && known.iter().all(|part| scene.value(part).is_missing())
        {
            trace.verdict = Verdict::Unknown;
        }
    }
    traces
}
