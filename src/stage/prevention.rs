//! Step 5, prevent: who is lost and what with her, and the early warnings about those who are still here.

use super::{Context, Decision, RowValues, Scored, begin, causes, holds, segments, sentence, states};
use crate::engine::{Builder, Code, Mask, Num, Reg};
use crate::expr::{Date, Value, evaluate};
use crate::pack::{Pack, Prevention, Rule, Track};

/// What a run of [`super::Program::prevention`] gives, by column.
pub mod column {
    /// Bool: lost, and not back.
    pub const LOST: &str = "lost";
    /// Bool: was lost, and is back.
    pub const RECOVERED: &str = "recovered";
    /// Bool: notice is given, and the relation still runs.
    pub const LEAVING: &str = "leaving";
    /// Bool: lost for the second time.
    pub const AGAIN: &str = "again";
    /// Date: the day of the loss.
    pub const LOST_ON: &str = "lost_on";
    /// Number: revenue that is lost.
    pub const REVENUE: &str = "revenue";
    /// Number: margin that is lost.
    pub const MARGIN: &str = "margin";
    /// Number: what is at risk with one who is still here.
    pub const AT_RISK: &str = "at_risk";
    /// Text: the sentences of the warnings.
    pub const REASONS: &str = "reasons";
    /// Before the name of a warning: bool.
    pub const WARNING: &str = "warning.";
}

/// What is read of one customer for the cause table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Loss {
    /// Lost, and not back.
    pub lost: bool,
    /// Was lost, and is back.
    pub recovered: bool,
    /// Notice is given, and the relation still runs.
    pub leaving: bool,
    /// Lost for the second time.
    pub again: bool,
    /// The day of the loss.
    pub lost_on: Option<Date>,
    /// Revenue that is lost.
    pub revenue: Option<f64>,
    /// Margin that is lost.
    pub margin: Option<f64>,
    /// What is at risk with one who is still here.
    pub at_risk: Option<f64>,
}

/// What every column of this program and of that of second lives is made from.
pub(super) struct Known {
    pub(super) kept: Mask,
    pub(super) suppressed: Mask,
    pub(super) states: states::Columns,
    pub(super) causes: causes::Columns,
}

/// Suppressions, states, causes, scores and grades, as in a decision; without campaigns.
pub(super) fn known(pack: &Pack, context: &Context, b: &mut Builder) -> Known {
    let Scored { suppressed, states, causes, .. } = Scored::of(pack, context, b);
    Known { kept: suppressed.kept, suppressed: suppressed.mask, states, causes }
}

/// The key, and what is decided of everybody.
pub(super) fn output_known(pack: &Pack, b: &mut Builder, known: &Known) {
    b.output_input(&pack.record.key, &pack.record.key);
    b.output_mask("suppressed", known.suppressed);
    b.output("state", Reg::Text(known.states.state));
    b.output("track", Reg::Text(known.states.track));
    b.output("cause", Reg::Text(known.causes.cause));
    b.output("class", Reg::Text(known.causes.class));
}

/// The number or day of a rule, of these rows; missing without a rule.
pub(super) fn numbers(b: &mut Builder, rule: Option<&Rule>, within: Mask) -> Num {
    let number = match rule.map(|rule| b.value(&rule.expr)) {
        Some(Reg::Number(n) | Reg::Date(n)) => n,
        Some(Reg::Text(_) | Reg::Bool { .. }) | None => b.number(None),
    };
    b.number_only(number, within)
}

/// The rows of a rule, of those within; without a rule those of a mask.
fn rows(b: &mut Builder, rule: Option<&Rule>, otherwise: Mask, within: Mask) -> Mask {
    let mask = match rule {
        Some(rule) => b.is_true(&rule.expr),
        None => otherwise,
    };
    b.and(&[mask, within])
}

/// The rule of what is at risk.
fn at_risk<'a>(pack: &'a Pack, prevention: &'a Prevention) -> Option<&'a Rule> {
    let money = || pack.money.as_ref().map(|money| &money.rule);
    prevention.at_risk.as_ref().or(prevention.margin.as_ref()).or(prevention.revenue.as_ref()).or_else(money)
}

/// The whole program: `key`, `suppressed`, `state`, `track`, `cause`, `class`, the columns of [`column`], `warning.NAME` …, `reasons`.
pub(super) fn compile(pack: &Pack, prevention: &Prevention, context: &Context) -> Code {
    let mut builder = begin(pack, context);
    let b = &mut builder;
    let known = known(pack, context, b);
    let kept = known.kept;
    let none = b.or(&[]);
    let lost = rows(b, prevention.lost.as_ref(), known.states.on(Track::Recovery), kept);
    let stays = b.not(lost);
    let stays = b.and(&[kept, stays]);
    let recovered = rows(b, prevention.recovered.as_ref(), known.states.on(Track::SecondLife), stays);
    let leaving = b.and(&[known.states.on(Track::Termination), stays]);
    let again = rows(b, prevention.again.as_ref(), none, lost);
    let concerned = b.or(&[lost, recovered]);
    let lost_on = numbers(b, prevention.lost_on.as_ref(), concerned);
    let revenue = numbers(b, prevention.revenue.as_ref(), kept);
    let margin = numbers(b, prevention.margin.as_ref(), kept);
    let at_risk = numbers(b, at_risk(pack, prevention), stays);

    output_known(pack, b, &known);
    b.output_mask(column::LOST, lost);
    b.output_mask(column::RECOVERED, recovered);
    b.output_mask(column::LEAVING, leaving);
    b.output_mask(column::AGAIN, again);
    b.output(column::LOST_ON, Reg::Date(lost_on));
    b.output(column::REVENUE, Reg::Number(revenue));
    b.output(column::MARGIN, Reg::Number(margin));
    b.output(column::AT_RISK, Reg::Number(at_risk));
    // Who is lost, asleep or about to leave needs no warning any more.
    let gone = b.or(&[known.states.on(Track::Recovery), known.states.on(Track::Termination)]);
    let here = b.not(gone);
    let here = b.and(&[here, stays]);
    let mut sentences = Vec::new();
    for warning in &prevention.warnings {
        let mask = b.is_true(&warning.when.expr);
        let mask = b.and(&[mask, here]);
        b.output_mask(&format!("{}{}", column::WARNING, warning.name), mask);
        sentences.push((
            mask,
            match warning.because.parts.is_empty() {
                true => vec![crate::engine::Segment::Text(warning.label.clone())],
                false => segments(&warning.because),
            },
        ));
    }
    b.output_sentences(column::REASONS, sentences);
    builder.finish(&pack.record.key)
}

/// The warnings that are there for one customer, by their places in [`Prevention::warnings`].
pub(super) fn row(pack: &Pack, state: Option<usize>, values: &RowValues) -> Vec<usize> {
    let Some(prevention) = pack.prevention.as_ref().filter(|_| !left(pack, state, values)) else { return Vec::new() };
    let list = prevention.warnings.iter().enumerate();
    list.filter(|(_, warning)| holds(pack, Some(&warning.when), values)).map(|(i, _)| i).collect()
}

/// Whether she is lost, asleep or about to leave: then nothing is warned of.
fn left(pack: &Pack, state: Option<usize>, values: &RowValues) -> bool {
    let track = state.and_then(|i| pack.states.get(i)).and_then(|s| s.track);
    let lost = pack.prevention.as_ref().and_then(|prevention| prevention.lost.as_ref());
    matches!(track, Some(Track::Recovery | Track::Termination)) || lost.is_some_and(|r| holds(pack, Some(r), values))
}

/// The same of somebody who is decided.
#[must_use]
pub fn gone(pack: &Pack, decision: &Decision) -> bool {
    decision.suppressed.is_some() || left(pack, decision.state, &decision.values)
}

/// What the cause table reads of one customer: the row reading of the columns.
#[must_use]
pub fn loss(pack: &Pack, decision: &Decision) -> Loss {
    let Some(prevention) = pack.prevention.as_ref().filter(|_| decision.suppressed.is_none()) else {
        return Loss::default();
    };
    let values = &decision.values;
    let track = decision.state.and_then(|i| pack.states.get(i)).and_then(|s| s.track);
    let is = |rule: Option<&Rule>, otherwise: bool| match rule {
        Some(rule) => holds(pack, Some(rule), values),
        None => otherwise,
    };
    let value = |rule: Option<&Rule>| rule.map_or(Value::Missing, |rule| evaluate(&rule.expr, values, &pack.scripts));
    let lost = is(prevention.lost.as_ref(), track == Some(Track::Recovery));
    let recovered = !lost && is(prevention.recovered.as_ref(), track == Some(Track::SecondLife));
    Loss {
        lost,
        recovered,
        leaving: !lost && track == Some(Track::Termination),
        again: lost && is(prevention.again.as_ref(), false),
        lost_on: value(prevention.lost_on.as_ref().filter(|_| lost || recovered)).as_date(),
        revenue: value(prevention.revenue.as_ref()).as_number(),
        margin: value(prevention.margin.as_ref()).as_number(),
        at_risk: value(at_risk(pack, prevention).filter(|_| !lost)).as_number(),
    }
}

impl Loss {
    /// What stands in the column of a key of `[prevention]`, or under `leaving`.
    #[must_use]
    pub fn value(&self, key: &str) -> Value {
        let number = |x: Option<f64>| x.map_or(Value::Missing, Value::number);
        match key {
            column::LOST => Value::Bool(self.lost),
            column::RECOVERED => Value::Bool(self.recovered),
            column::LEAVING => Value::Bool(self.leaving),
            column::AGAIN => Value::Bool(self.again),
            column::LOST_ON => self.lost_on.map_or(Value::Missing, Value::Date),
            column::REVENUE => number(self.revenue),
            column::MARGIN => number(self.margin),
            column::AT_RISK => number(self.at_risk),
            _ => Value::Missing,
        }
    }
}

/// Whether the cause table needs the value of a key of `[prevention]` for somebody who is decided.
#[must_use]
pub fn needs(pack: &Pack, decision: &Decision, key: &str) -> bool {
    if decision.suppressed.is_some() {
        return false;
    }
    let read = || loss(pack, decision);
    match key {
        column::RECOVERED | column::AT_RISK => !read().lost,
        column::AGAIN => read().lost,
        column::LOST_ON => {
            let loss = read();
            loss.lost || loss.recovered
        }
        _ => true,
    }
}

/// The sentence of a warning, or its label if it has none.
#[must_use]
pub fn warned_because(pack: &Pack, warning: &crate::pack::Warning, values: &RowValues) -> String {
    if warning.because.parts.is_empty() { warning.label.clone() } else { sentence(pack, &warning.because, values) }
}
