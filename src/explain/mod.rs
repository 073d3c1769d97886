//! Why this one? One customer, every step: the events behind each rollup, the facts, which rule matched, which part of the
//! others failed and what would change it, what each criterion gave, and every campaign and why not.
//!
//! [`explain`] runs the row reading of the stages and asks [`change::needed`] where something does not hold; [`render`] makes it
//! read like an answer. [`Explanation`] serialises as it is.

mod answer;
mod campaigns;
mod causes;
pub mod change;
mod criteria;
mod known;
mod overridden;
mod rules;
mod scene;
mod show;
mod summary;
mod terminal;
#[cfg(test)]
mod tests;
mod trace;

pub use answer::{
    Analysis, CampaignTrace, CauseTrace, Choice, Clause, CriterionTrace, Derived, DimensionTrace, Events,
    EvidenceTrace, Explanation, FailureTrace, Given, Outcome, Overridden, OverriddenStep, PriorityTrace, RuleTrace,
    ScriptTrace, Verdict, WhyNot,
};
pub use change::{Change, Needs};
pub use known::Known;
pub use scene::{Failure, Roots, Scene, facts};
pub use show::{literal, show};
pub use terminal::render;
pub use trace::{Lamp, Part, What, unfold};

use arrow::array::RecordBatch;

use crate::expr::{Expr, Row, Value};
use crate::pack::{Pack, Table, Track};
use crate::stage::prevention::gone;
use crate::stage::{
    Context, Decision, Receipt, RowValues, cell, decide, decide_by_rules, holds, sentence, suppressed_because,
};
use rules::Written;

/// What explain is given about one customer.
#[derive(Debug, Clone)]
pub struct Input {
    /// The customer's key, as it is shown.
    pub key: String,
    /// The values of columns and rollups.
    pub record: RowValues,
    /// Her events, one entry per table.
    pub events: Vec<Events>,
}

impl Events {
    /// The events of one customer in one table: batches of her rows alone, in order of time, nothing later than the as-of
    /// date. Columns are found by their names in the pack; the `keep` latest rows are shown.
    #[must_use]
    pub fn of(table: &Table, batches: &[RecordBatch], keep: usize) -> Events {
        let count = batches.iter().map(RecordBatch::num_rows).sum::<usize>();
        let mut skip = count.saturating_sub(keep);
        let mut last = Vec::new();
        for batch in batches {
            let rows = batch.num_rows();
            for row in skip.min(rows)..rows {
                let value = |c: &crate::pack::Column| {
                    batch.column_by_name(&c.name).map_or(Value::Missing, |array| cell(array, row, c.ty))
                };
                last.push(table.columns.iter().map(|c| Known(value(c))).collect());
            }
            skip = skip.saturating_sub(rows);
        }
        let columns = table.columns.iter().map(|c| c.name.clone()).collect();
        Events { table: table.name.clone(), count, columns, last, rollups: Vec::new() }
    }
}

/// Decides one customer in the open. Pure: the same pack, context and input give the same answer.
#[must_use]
pub fn explain(pack: &Pack, context: &Context, input: Input) -> Explanation {
    let Input { key, record, mut events } = input;
    let decision = decide(pack, context, record.clone());
    let meaning = facts(pack);
    let scene = Scene { names: &pack.names, row: &decision.values, scripts: &pack.scripts, facts: &meaning };
    let told = !decision.told.ignored.is_empty() || decision.told.any();
    let overridden = told
        .then(|| decide_by_rules(pack, context, record))
        .and_then(|by_rules| overridden::overridden(pack, &decision, &by_rules));
    for table in &mut events {
        table.rollups = pack.rollups.iter().filter(|r| r.table == table.table).map(|r| r.name.clone()).collect();
    }

    let suppress: Vec<Written<'_>> = pack
        .suppress
        .iter()
        .map(|s| Written { name: &s.name, label: &s.name, rule: Some(&s.when), because: Some(&s.because) })
        .collect();
    let mut explanation = Explanation {
        receipt: Receipt {
            pack: pack.identity.name.clone(),
            version: pack.identity.version.clone(),
            hash: pack.identity.hash.clone(),
            as_of: context.as_of.to_string(),
        },
        key_column: pack.record.key.clone(),
        summary: summary::sentences(pack, &scene, &decision, overridden.as_ref(), &key),
        key,
        outcome: outcome(pack, &decision),
        overridden,
        failures: Vec::new(),
        suppressions: {
            let traces = rules::first_match(pack, &scene, &decision, decision.suppressed, &suppress);
            rules::with_unknown(&scene, traces, &suppress)
        },
        states: Vec::new(),
        analysis: Analysis { analysed: false, when: None, minimum: pack.causes.minimum, causes: Vec::new() },
        criteria: Vec::new(),
        dimensions: Vec::new(),
        priority: PriorityTrace { value: None, text: None, script_error: None },
        grades: Vec::new(),
        campaigns: Vec::new(),
        followups: Vec::new(),
        warnings: Vec::new(),
        facts: derived_facts(pack, &scene),
        rollups: derived_rollups(pack, &decision),
        events,
        record: pack
            .record
            .columns
            .iter()
            .map(|c| Given { name: c.name.clone(), value: Known(decision.values.get(c.slot)) })
            .collect(),
    };
    // Who objected is not profiled: nothing beyond the suppression is worked out, not even to show it.
    if decision.suppressed.is_none() {
        decided(pack, context, &scene, &decision, &mut explanation);
    }
    if decision.suppressed.is_some() {
        let asked: Vec<String> = explanation
            .suppressions
            .iter()
            .flat_map(|r| &r.clauses)
            .flat_map(|c| &c.given)
            .map(|g| g.name.clone())
            .collect();
        explanation.facts.retain(|f| asked.contains(&f.name));
    }
    explanation.failures = failures(pack, &scene, &decision);
    explanation
}

/// One rule on one customer, asked or not: what decided and what did not, in parts.
#[must_use]
pub fn rule_on(pack: &Pack, decision: &Decision, name: &str, rule: Option<&crate::pack::Rule>) -> RuleTrace {
    let meaning = facts(pack);
    let scene = Scene { names: &pack.names, row: &decision.values, scripts: &pack.scripts, facts: &meaning };
    rules::trace(pack, &scene, decision, &Written { name, label: name, rule, because: None })
}

fn decided(pack: &Pack, context: &Context, scene: &Scene<'_>, decision: &Decision, out: &mut Explanation) {
    let states: Vec<Written<'_>> = pack
        .states
        .iter()
        .map(|s| Written { name: &s.name, label: &s.state, rule: s.when.as_ref(), because: Some(&s.because) })
        .collect();
    let grades: Vec<Written<'_>> = pack
        .grades
        .iter()
        .map(|g| Written { name: &g.name, label: &g.label, rule: g.when.as_ref(), because: None })
        .collect();
    // A person's grade has no rule that led to it: shown are the rules as they would have decided.
    let grade = match decision.told.grade {
        Some(_) => pack.grades.iter().position(|g| holds(pack, g.when.as_ref(), &decision.values)),
        None => decision.grade,
    };
    out.states = rules::first_match(pack, scene, decision, decision.state, &states);
    out.analysis = causes::analysis(pack, scene, decision);
    out.criteria = criteria::criteria(pack, context, scene, decision);
    out.dimensions = criteria::dimensions(pack, decision);
    let formula = pack.priority.rule.as_ref();
    out.priority = PriorityTrace {
        value: decision.priority,
        text: formula.map(|r| r.text.clone()),
        script_error: formula.and_then(|r| scene.failed(&r.expr)).map(ScriptTrace::from),
    };
    out.grades = rules::first_match(pack, scene, decision, grade, &grades);
    out.campaigns = campaigns::campaigns(pack, scene, decision);
    out.followups = pack
        .followups
        .iter()
        .map(|f| {
            let written = Written { name: &f.name, label: &f.label, rule: Some(&f.when), because: Some(&f.because) };
            rules::trace(pack, scene, decision, &written)
        })
        .collect();
    out.warnings = warnings(pack, scene, decision);
}

/// The early warnings of a pack, unless she is gone or about to go.
fn warnings(pack: &Pack, scene: &Scene<'_>, decision: &Decision) -> Vec<RuleTrace> {
    if gone(pack, decision) {
        return Vec::new();
    }
    let list = pack.prevention.iter().flat_map(|prevention| &prevention.warnings);
    list.map(|w| {
        let written = Written { name: &w.name, label: &w.label, rule: Some(&w.when), because: Some(&w.because) };
        rules::trace(pack, scene, decision, &written)
    })
    .collect()
}

fn outcome(pack: &Pack, decision: &Decision) -> Outcome {
    let state = decision.state.and_then(|i| pack.states.get(i));
    let text = |slot| decision.values.get(slot).as_text().map(str::to_owned);
    Outcome {
        suppressed: decision
            .suppressed
            .and_then(|i| pack.suppress.get(i))
            .map(|s| suppressed_because(pack, s, &decision.values)),
        state: state.map(|s| s.state.clone()),
        track: state.and_then(|s| s.track).map(|t: Track| t.word().to_owned()),
        cause: text(pack.decided.cause),
        class: text(pack.decided.class),
        confidence: decision.cause.confidence,
        priority: decision.priority,
        grade: decision.grade.and_then(|i| pack.grades.get(i)).map(|g| g.name.clone()),
        campaign: decision.best.and_then(|i| pack.campaigns.get(i)).map(|c| c.name.clone()),
        money: decision.money,
        currency: pack.money.as_ref().map(|m| m.currency.clone()),
        reasons: decision.reasons.clone(),
        overridden: decision.told.because.clone(),
    }
}

fn derived_facts(pack: &Pack, scene: &Scene<'_>) -> Vec<Derived> {
    let derived = |f: &crate::pack::Fact| {
        let value = scene.row.get(f.slot);
        let unknown = if value.is_missing() { scene.why_unknown(&f.expr) } else { None };
        let script_error = scene.failed(&f.expr).map(ScriptTrace::from);
        Derived { name: f.name.clone(), text: f.text.clone(), value: Known(value), unknown, script_error }
    };
    pack.facts.iter().map(derived).collect()
}

fn derived_rollups(pack: &Pack, decision: &Decision) -> Vec<Derived> {
    pack.rollups
        .iter()
        .map(|r| Derived {
            name: r.name.clone(),
            text: r.text.clone(),
            value: Known(decision.values.get(r.slot)),
            unknown: None,
            script_error: None,
        })
        .collect()
}

/// Every expression of the pack that was looked at, with its place.
fn failures(pack: &Pack, scene: &Scene<'_>, decision: &Decision) -> Vec<FailureTrace> {
    let mut list: Vec<(String, &Expr)> = Vec::new();
    list.extend(pack.facts.iter().map(|f| (format!("facts.{}", f.name), &f.expr)));
    list.extend(pack.suppress.iter().map(|s| (format!("suppress.{}", s.name), &s.when.expr)));
    if decision.suppressed.is_none() {
        if let Some(human) = &pack.human {
            list.extend(human.rules().map(|(key, rule)| (format!("override.{key}"), &rule.expr)));
        }
        list.extend(pack.states.iter().filter_map(|s| Some((format!("states.{}", s.name), &s.when.as_ref()?.expr))));
        for cause in &pack.causes.list {
            list.extend(cause.evidence.iter().map(|e| (format!("causes.{}", cause.name), &e.when.expr)));
        }
        list.extend(pack.criteria.iter().map(|c| (format!("criteria.{}", c.name), &c.method.rule().expr)));
        list.extend(pack.priority.rule.as_ref().map(|r| ("scoring.priority".to_owned(), &r.expr)));
        list.extend(pack.grades.iter().filter_map(|g| Some((format!("grades.{}", g.name), &g.when.as_ref()?.expr))));
        for campaign in &pack.campaigns {
            let rules = [&campaign.when, &campaign.send_on, &campaign.cost, &campaign.success, &campaign.value];
            let place = format!("campaigns.{}", campaign.name);
            list.extend(rules.into_iter().flatten().map(|r| (place.clone(), &r.expr)));
        }
        list.extend(pack.followups.iter().map(|f| (format!("followups.{}", f.name), &f.when.expr)));
        let signs = pack.prevention.iter().flat_map(|prevention| &prevention.warnings);
        list.extend(signs.map(|w| (format!("warnings.{}", w.name), &w.when.expr)));
    }
    let mut found: Vec<FailureTrace> = Vec::new();
    for (place, expr) in list {
        for failure in scene.failures(expr) {
            found.push(FailureTrace { place: place.clone(), error: failure.into() });
        }
    }
    found.dedup();
    found
}

/// A sentence of the pack with this customer's values, or nothing if it has none.
fn said(pack: &Pack, template: &crate::pack::Template, decision: &Decision) -> Option<String> {
    (!template.parts.is_empty()).then(|| sentence(pack, template, &decision.values))
}
