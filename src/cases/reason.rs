//! Reasons written into a pack's own files, beside what they are about.

use crate::diag::{FileId, Sources, Span};

/// What a comment begins with to let a change survive, or to leave something uncovered.
pub(super) const SURVIVES: &str = "regain: survives because";
/// And to keep a branch that no data of this pack takes.
pub(super) const DEAD_BRANCH: &str = "regain: allow(dead_branch)";

/// The reason behind a mark, and where it is written: in a comment on the line of a place, or alone on the line above.
#[must_use]
pub(super) fn written(sources: &Sources, span: Span, mark: &str) -> Option<(Span, String)> {
    let text = &sources.get(span.file)?.text;
    let before = text.get(..span.start as usize)?;
    let own_start = before.rfind('\n').map_or(0, |at| at + 1);
    let own = text.get(own_start..)?.lines().next()?;
    let above = before.get(..own_start)?;
    let above_start = above.trim_end_matches(['\n', '\r']).rfind('\n').map_or(0, |at| at + 1);
    let above = above.get(above_start..)?.lines().next().filter(|line| line.trim_start().starts_with('#'));
    let above = above.map(|line| (above_start, line));
    [Some((own_start, own)), above]
        .into_iter()
        .flatten()
        .find_map(|(start, line)| in_line(span.file, start, line, mark))
}

/// The reason behind a mark in a line that begins at byte `start`.
#[must_use]
pub(super) fn in_line(file: FileId, start: usize, line: &str, mark: &str) -> Option<(Span, String)> {
    let at = line.find(mark)?;
    let (before, after) = (line.get(..at)?, line.get(at + mark.len()..)?);
    let reason = after.trim().trim_start_matches(':').trim();
    let written = before.trim_end().ends_with('#') && !reason.is_empty();
    written.then(|| (Span::new(file, start + at, start + line.trim_end().len()), reason.to_owned()))
}
