//! Suppression comes first: who objected is not scored at all.

use crate::engine::{Builder, Mask, Segment};
use crate::pack::{Pack, Suppress};

use super::{RowValues, holds, segments, sentence};

pub(super) struct Columns {
    pub(super) mask: Mask,
    pub(super) kept: Mask,
    pub(super) sentences: Vec<(Mask, Vec<Segment>)>,
}

pub(super) fn columns(pack: &Pack, b: &mut Builder) -> Columns {
    let all = b.all();
    let rules: Vec<_> = pack.suppress.iter().map(|s| Some(&s.when.expr)).collect();
    let choice = b.first_match(&rules, all);
    let chosen: Vec<Mask> = (0..rules.len()).map(|i| b.chosen(choice, i)).collect();
    let mask = b.or(&chosen);
    let kept = if rules.is_empty() { all } else { b.not(mask) };
    let sentences = pack
        .suppress
        .iter()
        .zip(chosen)
        .map(|(rule, mask)| match rule.because.parts.is_empty() {
            true => (mask, vec![Segment::Text(rule.name.clone())]),
            false => (mask, segments(&rule.because)),
        })
        .collect();
    Columns { mask, kept, sentences }
}

pub(super) fn row(pack: &Pack, values: &RowValues) -> Option<usize> {
    pack.suppress.iter().position(|s| holds(pack, Some(&s.when), values))
}

/// Why she is suppressed, in words: the rule's sentence, or its name if it has none.
#[must_use]
pub fn suppressed_because(pack: &Pack, rule: &Suppress, values: &RowValues) -> String {
    if rule.because.parts.is_empty() { rule.name.clone() } else { sentence(pack, &rule.because, values) }
}
