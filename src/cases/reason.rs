//! Reasons written into a pack's own files, beside what they are about.

use crate::diag::{Sources, Span};

/// What a comment begins with to let a change survive, or to leave something uncovered.
pub(super) const SURVIVES: &str = "regain: survives because";
/// And to keep a branch that no data of this pack takes.
pub(super) const DEAD_BRANCH: &str = "regain: allow(dead_branch)";

/// The reason behind a mark: in a comment on the line of a place, or alone on the line above.
#[must_use]
pub(super) fn written(sources: &Sources, span: Span, mark: &str) -> Option<String> {
    let text = &sources.get(span.file)?.text;
    let before = text.get(..span.start as usize)?;
    let own_start = before.rfind('\n').map_or(0, |at| at + 1);
    let own = text.get(own_start..)?.lines().next()?;
    let above = before.get(..own_start)?.lines().next_back().filter(|line| line.trim_start().starts_with('#'));
    [Some(own), above].into_iter().flatten().find_map(|line| {
        let (before, after) = line.split_once(mark)?;
        let reason = after.trim().trim_start_matches(':').trim();
        (before.trim_end().ends_with('#') && !reason.is_empty()).then(|| reason.to_owned())
    })
}
