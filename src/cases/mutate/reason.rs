//! Reasons written down for changes to survive: `# regain: survives because …`.

use super::change::Mutant;
use super::run::Fate;
use crate::cases::coverage::Coverage;
use crate::cases::reason::{SURVIVES, in_line, written};
use crate::diag::{FileId, Sources, Span};
use crate::pack::Pack;

/// The reason for a change to survive, and where it is written: at what is changed, or at the whole expression.
#[must_use]
pub(super) fn reason(sources: &Sources, mutant: &Mutant) -> Option<(Span, String)> {
    [mutant.span, mutant.whole].into_iter().find_map(|span| written(sources, span, SURVIVES))
}

/// The reasons that let nothing survive: every change they stand at was noticed, or makes no difference anyway. Where one of
/// those changes was not tried, nothing is said; nor of a reason why no case reaches what stands there.
pub(super) fn unneeded(
    pack: &Pack,
    coverage: &Coverage,
    all: &[Mutant],
    tried: &[(Mutant, Fate)],
    also_extended: bool,
) -> Vec<Span> {
    let sources = &pack.sources;
    let mut open: Vec<Span> = Vec::new();
    let files = (0..).map(FileId).map_while(|file| Some((file, sources.get(file)?)));
    for (file, source) in files.filter(|(_, source)| source.name.ends_with(".toml")) {
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            if let Some((span, _)) = in_line(file, start, line, SURVIVES)
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
    let reached = coverage.plan.items.iter().zip(&coverage.hits);
    let uncovered: Vec<Span> = reached
        .filter(|(_, hits)| **hits == 0)
        .filter_map(|(item, _)| written(sources, item.span, SURVIVES).map(|(span, _)| span))
        .collect();
    let count = |list: &[Span], span: &Span| list.iter().filter(|known| *known == span).count();
    open.retain(|span| count(&standing, span) == count(&settled, span) && !uncovered.contains(span));
    open
}
