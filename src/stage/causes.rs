//! Step 2, analyse: evidence is weighed, the heaviest cause wins.

use crate::engine::{Builder, Mask, Num, Reg, Segment, Text};
use crate::expr::{Type, Value};
use crate::pack::{Pack, Template};

use super::overrides::{self, ToldCause};
use super::{RowValues, holds, segments};

/// The cause and class of those for whom no cause reaches the minimum.
pub(super) const UNKNOWN: &str = "unknown";

/// What the causes stage found for one customer.
#[derive(Debug, Clone, Default)]
pub struct CauseDecision {
    /// Whether she was analysed at all, or a person said the cause.
    pub analysed: bool,
    /// Per cause, per evidence: whether it is true.
    pub evidence: Vec<Vec<bool>>,
    /// Per cause: the sum of the weights of its true evidence.
    pub scores: Vec<f64>,
    /// The winner; `None` is `unknown` if she was analysed.
    pub winner: Option<usize>,
    /// The winner's share of all scores; 1 where a person said it.
    pub confidence: Option<f64>,
}

pub(super) struct Columns {
    /// Rows of each cause.
    of: Vec<Mask>,
    evidence: Vec<Vec<Mask>>,
    pub(super) cause: Text,
    pub(super) class: Text,
    pub(super) confidence: Num,
}

pub(super) fn columns(pack: &Pack, b: &mut Builder, kept: Mask, told: Option<&overrides::One>) -> Columns {
    let mut within = match &pack.causes.when {
        Some(when) => {
            let when = b.is_true(&when.expr);
            b.and(&[kept, when])
        }
        None => kept,
    };
    if let Some(told) = told {
        let open = b.not(told.any);
        within = b.and(&[within, open]);
    }
    let mut evidence = Vec::new();
    let mut scores = Vec::new();
    for cause in &pack.causes.list {
        let masks: Vec<Mask> = cause.evidence.iter().map(|e| b.is_true(&e.when.expr)).collect();
        let weighed: Vec<(Mask, f64)> = masks.iter().zip(&cause.evidence).map(|(m, e)| (*m, e.weight)).collect();
        scores.push(b.weigh(&weighed));
        evidence.push(masks);
    }
    let (choice, confidence) = b.highest(&scores, pack.causes.minimum, within);
    let mut confidence = b.number_only(confidence, within);
    // One more alternative behind the causes: analysed, but nothing found.
    let mut alternatives: Vec<Mask> = (0..scores.len()).map(|i| b.chosen(choice, i)).collect();
    alternatives.push(within);
    if let Some(told) = told {
        for (found, told) in alternatives.iter_mut().zip(&told.each) {
            *found = b.or(&[*told, *found]);
        }
        let certain = b.number(Some(1.0));
        let known: Vec<Mask> = told.each.iter().take(scores.len()).copied().collect();
        let known = b.or(&known);
        confidence = b.pick_number(known, certain, confidence);
    }
    let named = b.first_of(&alternatives);
    let names: Vec<Option<&str>> =
        pack.causes.list.iter().map(|c| Some(c.name.as_str())).chain([Some(UNKNOWN)]).collect();
    let classes: Vec<Option<&str>> =
        pack.causes.list.iter().map(|c| Some(c.class.as_str())).chain([Some(UNKNOWN)]).collect();
    let cause = b.choice_text(named, &names);
    let class = b.choice_text(named, &classes);
    b.bind(pack.decided.cause, Reg::Text(cause));
    b.bind(pack.decided.class, Reg::Text(class));
    b.bind(pack.decided.confidence, Reg::Number(confidence));
    let of = alternatives.into_iter().take(scores.len()).collect();
    Columns { of, evidence, cause, class, confidence }
}

impl Columns {
    pub(super) fn sentences(&self, pack: &Pack, b: &mut Builder) -> Vec<(Mask, Vec<Segment>)> {
        let mut sentences = Vec::new();
        for ((cause, masks), of) in pack.causes.list.iter().zip(&self.evidence).zip(&self.of) {
            for (evidence, mask) in cause.evidence.iter().zip(masks) {
                if !evidence.because.parts.is_empty() {
                    sentences.push((b.and(&[*of, *mask]), segments(&evidence.because)));
                }
            }
        }
        sentences
    }
}

pub(super) fn row(pack: &Pack, told: Option<ToldCause>, values: &mut RowValues) -> CauseDecision {
    debug_assert_eq!(pack.names.get(pack.decided.confidence).ty, Type::Number);
    let analysed = told.is_some() || holds(pack, pack.causes.when.as_ref(), values);
    let mut decision = CauseDecision { analysed, ..Default::default() };
    if !decision.analysed {
        return decision;
    }
    for cause in &pack.causes.list {
        let found: Vec<bool> = cause.evidence.iter().map(|e| holds(pack, Some(&e.when), values)).collect();
        let mut score = 0.0;
        for (evidence, found) in cause.evidence.iter().zip(&found) {
            if *found {
                score += evidence.weight;
            }
        }
        decision.evidence.push(found);
        decision.scores.push(score);
    }
    let mut total = 0.0;
    let mut best: Option<(usize, f64)> = None;
    for (i, score) in decision.scores.iter().enumerate() {
        total += score;
        if *score > 0.0 && *score >= pack.causes.minimum && best.is_none_or(|(_, b)| *score > b) {
            best = Some((i, *score));
        }
    }
    decision.winner = best.map(|(i, _)| i);
    decision.confidence = best.and_then(|(_, score)| Value::number(score / total).as_number());
    if let Some(told) = told {
        (decision.winner, decision.confidence) = match told {
            ToldCause::Cause(cause) => (Some(cause), Some(1.0)),
            ToldCause::Unknown => (None, None),
        };
    }
    let winner = decision.winner.and_then(|i| pack.causes.list.get(i));
    values.set(pack.decided.cause, Value::text(winner.map_or(UNKNOWN, |c| c.name.as_str())));
    values.set(pack.decided.class, Value::text(winner.map_or(UNKNOWN, |c| c.class.as_str())));
    values.set(pack.decided.confidence, decision.confidence.map_or(Value::Missing, Value::number));
    decision
}

/// The sentences of the winner's evidence that was found.
pub(super) fn row_sentences<'a>(pack: &'a Pack, decision: &CauseDecision) -> Vec<&'a Template> {
    let Some((cause, found)) =
        decision.winner.and_then(|i| Some((pack.causes.list.get(i)?, decision.evidence.get(i)?)))
    else {
        return Vec::new();
    };
    cause.evidence.iter().zip(found).filter(|(_, found)| **found).map(|(e, _)| &e.because).collect()
}
