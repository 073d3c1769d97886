//! Step 5, second loyalty: the two lives of a customer who came back, and what is due for her.

use super::prevention::{known, numbers, output_known};
use super::{Context, Decision, begin, segments};
use crate::engine::{Code, Reg, Segment};
use crate::expr::{Value, evaluate};
use crate::pack::{Pack, SecondLife};

/// What a run of [`super::Program::second_life`] gives, by column.
pub mod column {
    /// Date: the day she came back.
    pub const SINCE: &str = "since";
    /// Date: the day the second life ended.
    pub const ENDED: &str = "ended";
    /// Date: the first day of the first life.
    pub const FIRST_START: &str = "first_start";
    /// Date: the day the first life ended.
    pub const FIRST_END: &str = "first_end";
    /// Date: until when it is known whether a life runs.
    pub const UNTIL: &str = "observed_until";
    /// Number: what the second life brought.
    pub const VALUE: &str = "value";
    /// Number: what was predicted.
    pub const PREDICTED: &str = "predicted";
    /// Text: what she came back with.
    pub const OFFER: &str = "offer";
    /// Before the name of a follow-up: bool, it is due.
    pub const DUE: &str = "due.";
    /// Before the name of a follow-up: bool, it is due but for the day, which comes within a week.
    pub const SOON: &str = "soon.";
    /// Before the name of a follow-up: text, its sentence.
    pub const BECAUSE: &str = "because.";
}

/// The whole program: `key`, `suppressed`, `state`, `track`, `cause`, `class`, the columns of [`column`]; `due.NAME`, `soon.NAME`
/// and `because.NAME` for each follow-up.
pub(super) fn compile(pack: &Pack, life: &SecondLife, context: &Context) -> Code {
    let mut builder = begin(pack, context);
    let b = &mut builder;
    let known = known(pack, context, b);
    let kept = known.kept;
    let since = numbers(b, life.since.as_ref(), kept);
    output_known(pack, b, &known);
    b.output(column::SINCE, Reg::Date(since));
    let dates = [
        (column::ENDED, &life.ended),
        (column::FIRST_START, &life.first_start),
        (column::FIRST_END, &life.first_end),
        (column::UNTIL, &life.observed_until),
    ];
    for (name, rule) in dates {
        let date = numbers(b, rule.as_ref(), kept);
        b.output(name, Reg::Date(date));
    }
    for (name, rule) in [(column::VALUE, &life.value), (column::PREDICTED, &life.predicted)] {
        let number = numbers(b, rule.as_ref(), kept);
        b.output(name, Reg::Number(number));
    }
    match &life.offer {
        Some(rule) => {
            let offer = b.value(&rule.expr);
            let offer = b.only(offer, kept);
            b.output(column::OFFER, offer);
        }
        None => b.output_value(column::OFFER, crate::expr::Type::Text, Value::Missing),
    }
    for followup in &pack.followups {
        let due = b.is_true(&followup.when.expr);
        let due = b.and(&[due, kept]);
        b.output_mask(&format!("{}{}", column::DUE, followup.name), due);
        let soon = match &followup.soon {
            Some(rule) => {
                let soon = b.is_true(&rule.expr);
                b.and(&[soon, kept])
            }
            None => b.or(&[]),
        };
        b.output_mask(&format!("{}{}", column::SOON, followup.name), soon);
        let told = b.or(&[due, soon]);
        let words = match followup.because.parts.is_empty() {
            true => vec![Segment::Text(followup.label.clone())],
            false => segments(&followup.because),
        };
        b.output_sentences(&format!("{}{}", column::BECAUSE, followup.name), vec![(told, words)]);
    }
    builder.finish(&pack.record.key)
}

/// What a key of `[second_life]` says of somebody who is decided: the row reading of the columns.
#[must_use]
pub fn value(pack: &Pack, decision: &Decision, key: &str) -> Value {
    let mut rules = pack.second_life.iter().filter(|_| decision.suppressed.is_none()).flat_map(SecondLife::rules);
    let rule = rules.find(|(known, _)| *known == key).map(|(_, rule)| rule);
    rule.map_or(Value::Missing, |rule| evaluate(&rule.expr, &decision.values, &pack.scripts))
}
