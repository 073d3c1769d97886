//! Reasons written down for changes to survive: `# regain: survives because …`.

use super::change::Mutant;
use super::run::Fate;
use crate::diag::{FileId, Sources, Span};
use crate::pack::Pack;

/// What a comment at a place must begin with to let a change survive.
const MARK: &str = "regain: survives because";

/// The reason for a change to survive, and where it is written: in a comment on the line of what is changed, on that of the whole
/// expression, or on the line above one of them.
#[must_use]
pub(super) fn reason(sources: &Sources, mutant: &Mutant) -> Option<(Span, String)> {
    [mutant.span, mutant.whole].into_iter().find_map(|span| {
        let text = &sources.get(span.file)?.text;
        let before = text.get(..span.start as usize)?;
        let own_start = before.rfind('\n').map_or(0, |at| at + 1);
        let own = text.get(own_start..)?.lines().next()?;
        let above = before.get(..own_start)?;
        let above_start = above.trim_end_matches(['\n', '\r']).rfind('\n').map_or(0, |at| at + 1);
        let above = above.get(above_start..)?.lines().next().filter(|line| line.trim_start().starts_with('#'));
        let above = above.map(|line| (above_start, line));
        [Some((own_start, own)), above].into_iter().flatten().find_map(|(start, line)| in_line(span.file, start, line))
    })
}

/// The reason in a line that begins at `start`.
fn in_line(file: FileId, start: usize, line: &str) -> Option<(Span, String)> {
    let at = line.find(MARK)?;
    let (before, after) = (line.get(..at)?, line.get(at + MARK.len()..)?);
    let reason = after.trim().trim_start_matches(':').trim();
    let written = before.trim_end().ends_with('#') && !reason.is_empty();
    written.then(|| (Span::new(file, start + at, start + line.trim_end().len()), reason.to_owned()))
}

/// The reasons that let nothing survive: every change they stand at was noticed, or makes no difference anyway. Where one of
/// those changes was not tried, nothing is said.
pub(super) fn unneeded(pack: &Pack, all: &[Mutant], tried: &[(Mutant, Fate)], also_extended: bool) -> Vec<Span> {
    let sources = &pack.sources;
    let mut open: Vec<Span> = Vec::new();
    let files = (0..).map(FileId).map_while(|file| Some((file, sources.get(file)?)));
    for (file, source) in files.filter(|(_, source)| source.name.ends_with(".toml")) {
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            if let Some((span, _)) = in_line(file, start, line)
                && (also_extended || pack.is_own(span))
            {
                open.push(span);
            }
            start += line.len();
        }
    }
    if open.is_empty() {
        return open;
    }
    let at = |mutant: &Mutant| reason(sources, mutant).map(|(span, _)| span);
    // How many changes stand at each, and how many of them were tried and do not need it.
    let standing: Vec<Span> = all.iter().filter_map(at).collect();
    let settled: Vec<Span> = tried
        .iter()
        .filter(|(_, fate)| matches!(fate, Fate::Noticed | Fate::NoDifference))
        .filter_map(|(mutant, _)| at(mutant))
        .collect();
    let count = |list: &[Span], span: &Span| list.iter().filter(|known| *known == span).count();
    open.retain(|span| count(&standing, span) == count(&settled, span));
    open
}
