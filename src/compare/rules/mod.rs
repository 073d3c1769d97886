//! What changed in the rules, in words.
//!
//! The merged trees of both packs are walked along the pack format, so that whatever differs is found, also under keys that
//! did not exist when this was written; layout, comments and defaults that are written out say nothing new. What business users
//! look for has sentences of its own: parameters, bands, curves, evidence, the order of lists.

mod detail;
mod limits;
mod lists;
mod scripts;
mod sections;
#[cfg(test)]
pub(super) mod tests;
mod tokens;
mod used;

use super::{ChangeKind, RuleChange};
use crate::diag::Span;
use crate::pack::Pack;

use used::Used;
pub(super) use used::method_expr_of;

/// A change with what is needed to find it again.
#[derive(Debug, Clone)]
pub(super) struct Changed {
    pub(super) kind: ChangeKind,
    pub(super) section: &'static str,
    /// `dormant`; empty for a section that is one thing.
    pub(super) name: String,
    /// ``state `dormant` ``
    pub(super) what: String,
    /// By key: `when`, and what is said about it.
    pub(super) details: Vec<(String, String)>,
    pub(super) place: String,
}

impl Changed {
    pub(super) fn public(self) -> RuleChange {
        RuleChange {
            kind: self.kind,
            section: self.section.to_owned(),
            what: self.what,
            details: self.details.into_iter().map(|(_, text)| text).collect(),
            place: self.place,
        }
    }
}

/// What changed from one pack to another, in the order of the stages. Empty if both say the same.
///
/// ```
/// use regain::{compare, pack};
///
/// let text = |days: u32| format!("
///     [pack]
///     name = 'tiny'
///     [params.sleep_after]
///     value = {days}
///     unit = 'days'
///     [record]
///     key = 'customer_id'
///     columns.days_silent = {{ type = 'number' }}
///     [[states]]
///     name = 'dormant'
///     when = 'days_silent > sleep_after'
/// ");
/// let load = |days| pack::load_from_texts(&[("pack.toml", &text(days))]).pack.ok_or("the pack has errors");
/// let (old, new) = (load(365)?, load(180)?);
/// let changes = compare::rules(&old, &new);
/// assert_eq!(changes[0].what, "parameter `sleep_after`");
/// assert_eq!(changes[0].details, ["from 365 to 180 days", "used by the state `dormant`"]);
/// assert!(compare::rules(&new, &new).is_empty());
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn rules(old: &Pack, new: &Pack) -> Vec<RuleChange> {
    changes(old, new).into_iter().map(Changed::public).collect()
}

/// The same, with what is needed to find each again.
pub(super) fn changes(old: &Pack, new: &Pack) -> Vec<Changed> {
    let mut changes = sections::sections(old, new);
    changes.extend(scripts::scripts(old, new));
    let used = (Used::of(old), Used::of(new));
    for change in &mut changes {
        let used = if change.kind == ChangeKind::Removed { &used.0 } else { &used.1 };
        if change.kind != ChangeKind::Reordered
            && let Some(text) = used.sentence(change.section, &change.name)
        {
            change.details.push((String::new(), text));
        }
    }
    changes
}

/// File and line.
fn place(pack: &Pack, span: Span) -> String {
    let place = pack.sources.place(span);
    if place.file.is_empty() { String::new() } else { format!("{}:{}", place.file, place.line) }
}
