//! Every campaign for every customer, in columns: what the plan chooses from.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::overrides::ToldCampaign;
use super::{Context, Program, ProgramError, RowValues, Stages, begin, campaigns, decide, holds, row_reasons};
use super::{segments, sentence};
use crate::diag::{FileId, Span};
use crate::engine::{Builder, Code, Mask, Reg};
use crate::expr::{Expr, Kind, Row as _, Slot, Type, Value, evaluate};
use crate::pack::{Campaign, Pack, Rule};

/// A pack compiled for a plan: per record one row with every campaign in columns of its own.
///
/// It is made of the pieces a [`Program`] is made of, and runs wherever one does ([`Candidates::program`]).
#[derive(Debug, Clone)]
pub struct Candidates {
    program: Program,
}

impl Candidates {
    /// Compiles a pack for an as-of date; `words` adds the columns that people read and that the choice does not need.
    #[must_use]
    pub fn compile(pack: &Arc<Pack>, context: &Context, words: bool) -> Candidates {
        Candidates { program: Program::of(pack, context, compile(pack, context, words)) }
    }

    /// Reads every record of a batch. Columns the batch lacks are missing for every record.
    ///
    /// # Errors
    /// If a column cannot be read as the type the pack declares.
    pub fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch, ProgramError> {
        Ok(self.program.apply(batch)?.decisions)
    }

    /// The columns it gives, in order. Those of one campaign are right where it is a candidate, those of a customer where
    /// she is not suppressed.
    ///
    /// - the key; `suppressed`, `state`, `track`, `cause`, `class`, `confidence`, `score.<criterion>` …, each dimension,
    ///   `priority`, `grade`, `money` (if the pack counts it), `overridden` (why a person decided otherwise, missing if
    ///   nobody did), `override_ignored` (if the pack has `[override]`: what of it names nothing of the pack),
    ///   `decision_ends` (the last day on which a person's decision about the campaign holds, if it has one);
    /// - per campaign `candidate.<name>` (true where she may get it), `forced.<name>` (true where a person chose it),
    ///   `send_on.<name>`, `cost.<name>`, `success.<name>` (0 to 1), `value.<name>`, `anyway.<name>` (0 to 1: she returns
    ///   without it), `hours.<name>` (0 if the pack says none);
    /// - per channel `allowed.<name>` (consent is there, or none is needed), `basis.<name>`, `consent_on.<name>`;
    /// - per limit with a `when` `limit.<section>.<name>` (whether she counts), per name of `stratify` `stratum.<name>`;
    /// - with words: `carry.<name>` as the plan lists them, `because.<campaign>`, `say.<campaign>`, and `reasons` without a
    ///   campaign's part.
    #[must_use]
    pub fn output_schema(&self) -> SchemaRef {
        self.program.output_schema()
    }

    /// The same as a program, for whatever runs one.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }
}

fn compile(pack: &Pack, context: &Context, words: bool) -> Code {
    let mut b = begin(pack, context);
    let stages = Stages::of(pack, context, &mut b);
    let kept = stages.suppressed.kept;
    b.output_input(&pack.record.key, &pack.record.key);
    b.output_mask("suppressed", stages.suppressed.mask);
    stages.output_decided(pack, &mut b);
    stages.output_money(pack, &mut b);
    let overridden = stages.told.sentences(pack, &mut b);
    b.output_sentences("overridden", overridden);
    stages.told.output_ignored(pack, &mut b);
    let ends = stages.told.ends(pack, &mut b);
    output_or(&mut b, "decision_ends", ends, Type::Date, kept);
    for (campaign, one) in pack.campaigns.iter().zip(&stages.campaigns.each) {
        let name = &campaign.name;
        let missing = b.number(None);
        let none = b.number(Some(0.0));
        b.output_mask(&format!("candidate.{name}"), one.candidate);
        b.output_mask(&format!("forced.{name}"), one.forced);
        b.output(&format!("send_on.{name}"), Reg::Date(one.send_on));
        b.output(&format!("cost.{name}"), Reg::Number(one.cost.unwrap_or(missing)));
        b.output(&format!("success.{name}"), Reg::Number(one.success.unwrap_or(missing)));
        b.output(&format!("value.{name}"), Reg::Number(one.value.unwrap_or(missing)));
        let anyway = campaigns::number(&mut b, anyway(pack, campaign.anyway.as_ref()));
        let anyway = anyway.map_or(missing, |anyway| b.clamp(anyway, 0.0, 1.0));
        b.output(&format!("anyway.{name}"), Reg::Number(anyway));
        let hours = campaigns::number(&mut b, campaign.hours.as_ref()).unwrap_or(none);
        b.output(&format!("hours.{name}"), Reg::Number(hours));
    }
    for (name, channel) in &pack.channels {
        let mut allowed = vec![kept];
        allowed.extend(channel.consent.as_ref().map(|consent| b.is_true(&consent.expr)));
        let allowed = b.and(&allowed);
        b.output_mask(&format!("allowed.{name}"), allowed);
        let basis = channel.basis.as_ref().map(|basis| b.value(&basis.expr));
        output_or(&mut b, &format!("basis.{name}"), basis, Type::Text, kept);
        let date = campaigns::number(&mut b, channel.consent_on.as_ref()).map(Reg::Date);
        output_or(&mut b, &format!("consent_on.{name}"), date, Type::Date, kept);
    }
    let planning = pack.planning.iter();
    for limit in planning.clone().flat_map(|plan| &plan.limits) {
        if let Some(when) = &limit.when {
            let when = b.is_true(&when.expr);
            let when = b.and(&[kept, when]);
            b.output_mask(&format!("limit.{}", limit.full_name()), when);
        }
    }
    for (name, slot) in planning.clone().flat_map(|plan| &plan.stratify) {
        let value = b.value(&read(pack, *slot));
        let value = b.only(value, kept);
        b.output(&format!("stratum.{name}"), value);
    }
    if words {
        for (name, slot) in planning.flat_map(|plan| &plan.carry) {
            let value = b.value(&read(pack, *slot));
            let value = b.only(value, kept);
            b.output(&format!("carry.{name}"), value);
        }
        for (campaign, one) in pack.campaigns.iter().zip(&stages.campaigns.each) {
            for (key, template) in [("because", &campaign.because), ("say", &campaign.say)] {
                let sentences = match template.parts.is_empty() {
                    true => Vec::new(),
                    false => vec![(one.candidate, segments(template))],
                };
                b.output_sentences(&format!("{key}.{}", campaign.name), sentences);
            }
        }
        let reasons = stages.reasons(pack, &mut b);
        b.output_sentences("reasons", reasons);
    }
    b.finish(&pack.record.key)
}

/// The rule that says how likely she returns without a contact: the campaign's own, else that of the plan.
fn anyway<'a>(pack: &'a Pack, own: Option<&'a Rule>) -> Option<&'a Rule> {
    own.or_else(|| pack.planning.as_ref()?.anyway.as_ref())
}

/// The value of a name.
fn read(pack: &Pack, slot: Slot) -> Expr {
    let name = pack.names.get(slot);
    // Nothing is said about it, so any place will do.
    let span = name.span.unwrap_or(Span::new(FileId(0), 0, 0));
    Expr { kind: Kind::Slot(slot), ty: name.ty, span }
}

/// A column of a register within the rows of a mask; all missing if there is no register.
fn output_or(b: &mut Builder, name: &str, reg: Option<Reg>, ty: Type, within: Mask) {
    match reg {
        Some(reg) => {
            let reg = b.only(reg, within);
            b.output(name, reg);
        }
        None => b.output_value(name, ty, Value::Missing),
    }
}

/// What a plan reads of one customer for a campaign, by the words of [`Pack::terms`].
#[must_use]
pub fn term(pack: &Pack, values: &RowValues, campaign: &Campaign, key: &str) -> Value {
    let give = |rule: Option<&Rule>| rule.map_or(Value::Missing, |rule| evaluate(&rule.expr, values, &pack.scripts));
    let channel = campaign.channel.as_ref().and_then(|name| pack.channels.get(name));
    match key {
        "anyway" => {
            let anyway = give(anyway(pack, campaign.anyway.as_ref())).as_number();
            anyway.map_or(Value::Missing, |anyway| Value::number(anyway.clamp(0.0, 1.0)))
        }
        "hours" => campaign.hours.as_ref().map_or(Value::number(0.0), |hours| give(Some(hours))),
        "basis" => give(channel.and_then(|channel| channel.basis.as_ref())),
        "consent_on" => give(channel.and_then(|channel| channel.consent_on.as_ref())),
        _ => Value::Missing,
    }
}

/// What [`Candidates`] gives of one record for campaigns, channels and in words, by name and in order: the obvious reading,
/// which tests hold against the columns. Of a campaign that is no candidate only `candidate` and `forced` are given; of a
/// suppressed customer nothing.
#[must_use]
pub fn candidates(pack: &Pack, context: &Context, record: RowValues, words: bool) -> Vec<(String, Value)> {
    let decision = decide(pack, context, record);
    let mut row = Vec::new();
    if decision.suppressed.is_some() {
        return row;
    }
    let values = &decision.values;
    let give = |rule: Option<&Rule>| rule.map_or(Value::Missing, |rule| evaluate(&rule.expr, values, &pack.scripts));
    let number = |x: Option<f64>| x.map_or(Value::Missing, Value::number);
    for (at, (campaign, one)) in pack.campaigns.iter().zip(&decision.campaigns).enumerate() {
        let mut add = |key: &str, value: Value| row.push((format!("{key}.{}", campaign.name), value));
        let candidate = one.obstacles.is_empty();
        add("candidate", Value::Bool(candidate));
        add("forced", Value::Bool(candidate && decision.told.campaign == Some(ToldCampaign::Campaign(at))));
        if !candidate {
            continue;
        }
        add("send_on", one.send_on.map_or(Value::Missing, Value::Date));
        add("cost", number(one.cost));
        add("success", number(one.success));
        add("value", number(one.value));
        for key in ["anyway", "hours"] {
            add(key, term(pack, values, campaign, key));
        }
        if words {
            for (key, template) in [("because", &campaign.because), ("say", &campaign.say)] {
                let text = (!template.parts.is_empty()).then(|| sentence(pack, template, values));
                add(key, text.map_or(Value::Missing, Value::text));
            }
        }
    }
    for (name, channel) in &pack.channels {
        row.push((format!("allowed.{name}"), Value::Bool(holds(pack, channel.consent.as_ref(), values))));
        row.push((format!("basis.{name}"), give(channel.basis.as_ref())));
        row.push((format!("consent_on.{name}"), give(channel.consent_on.as_ref())));
    }
    row.push(("decision_ends".to_owned(), decision.told.holds_until.map_or(Value::Missing, Value::Date)));
    let planning = pack.planning.iter();
    for limit in planning.clone().flat_map(|plan| &plan.limits) {
        if let Some(when) = &limit.when {
            row.push((format!("limit.{}", limit.full_name()), Value::Bool(holds(pack, Some(when), values))));
        }
    }
    let named = planning.clone().flat_map(|plan| &plan.stratify);
    row.extend(named.map(|(name, slot)| (format!("stratum.{name}"), values.get(*slot))));
    if words {
        row.extend(planning.flat_map(|p| &p.carry).map(|(name, slot)| (format!("carry.{name}"), values.get(*slot))));
        let reasons = row_reasons(pack, &decision.told, decision.state, &decision.cause, None, values);
        row.push(("reasons".to_owned(), reasons.map_or(Value::Missing, Value::text)));
    }
    row
}
