//! Two sets of rules compared: what changed in the rules, in words, and who moved.
//!
//! [`compare`](compare()) is what `watch` shows after each reload and `diff` between two packs. The sides may have read different
//! records; customers are matched by key. [`rules`](rules()) alone needs no records.
//!
//! [`terminal`](terminal()), [`markdown`](markdown()) and [`json`](json()) show a [`Comparison`]: to a person, in a pull request, to a machine.

mod join;
mod json;
mod markdown;
mod movers;
mod moves;
mod rules;
mod tally;
mod terminal;
#[cfg(test)]
mod tests;
mod why;
mod words;

pub use json::json;
pub use markdown::markdown;
pub use rules::rules;
pub use terminal::terminal;

use crate::data::{Decided, Held};
use crate::pack::Pack;
use crate::stage::{Context, Receipt};

/// One side of a comparison: rules, and what they decided about which records.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The rules.
    pub pack: &'a Pack,
    /// As of when, against which population.
    pub context: &'a Context,
    /// The records.
    pub held: &'a Held,
    /// The decisions about them. Needed are the key, `suppressed`, `state`, `cause`, `grade`, `campaign`, `priority` and
    /// `money`; everything else is worked out for the customers that are shown.
    pub decided: &'a Decided,
}

/// What changed, and who moved.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// What changed in the rules, in the order of the stages.
    pub rules: Vec<RuleChange>,
    /// What else is not the same on both sides, in words: the as-of date, the population ranks are measured against.
    pub other: Vec<String>,
    /// Customers and money that moved.
    pub moves: Moves,
    /// The customers with the largest change, the largest first.
    pub movers: Vec<Mover>,
}

/// One thing that changed in the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleChange {
    /// Added, removed, changed, or put elsewhere in its list.
    pub kind: ChangeKind,
    /// The section: `params`, `states`, `criteria`, …; `scripts` for functions.
    pub section: String,
    /// ``state `dormant` ``
    pub what: String,
    /// What changed, in words: `sleep_after from 180 to 150 days`. One entry for each key.
    pub details: Vec<String>,
    /// Where it is written, in the later rules; of what was removed in the earlier: `rules/retail/states.toml:12`.
    pub place: String,
}

/// How a rule changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
    /// It stands elsewhere in a list where order decides.
    Reordered,
}

impl ChangeKind {
    /// `added`, `removed`, `changed`, `reordered`
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
            ChangeKind::Reordered => "reordered",
        }
    }
}

/// The value of `state` for customers who are suppressed.
pub const SUPPRESSED: &str = "(suppressed)";

/// Customers and money that moved.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moves {
    /// Customers on both sides.
    pub customers: u64,
    /// Customers for whom suppression, state, cause, grade or campaign is another.
    pub moved: u64,
    /// Customers only the earlier side has.
    pub gone: u64,
    /// Customers only the later side has.
    pub new: u64,
    /// Customers who did not move, but whose priority is another.
    pub rescored: u64,
    /// The earlier and the later money of those on both sides, if both packs count it in the same currency.
    pub money: Option<(f64, f64)>,
    /// The money of those who moved, as the later pack counts it; else the earlier.
    pub moved_money: Option<f64>,
    /// `EUR`; empty if none is said.
    pub currency: String,
    /// By state, cause, grade and campaign; those that neither pack has are left out. Who is suppressed has the value
    /// [`SUPPRESSED`] in `state`, and none elsewhere.
    pub by: Vec<Dimension>,
}

impl Moves {
    /// The share of customers that moved, from 0 to 1; customers only one side has count as moved. 0 if there are none at all.
    #[must_use]
    pub fn share(&self) -> f64 {
        let all = self.customers + self.gone + self.new;
        if all == 0 { 0.0 } else { (self.moved + self.gone + self.new) as f64 / all as f64 }
    }
}

/// What moved in one respect.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dimension {
    /// `state`, `cause`, `grade`, `campaign`
    pub name: String,
    /// From one value to another, most customers first.
    pub flows: Vec<Flow>,
    /// How many customers, and how much money, each value had before and has now; in the order of the pack.
    pub totals: Vec<Total>,
}

/// Customers that went from one value to another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flow {
    /// Before; `None`: had none.
    pub from: Option<String>,
    /// Now.
    pub to: Option<String>,
    /// How many.
    pub customers: u64,
    /// Their money (as the later pack counts it; else the earlier), if any is known.
    pub money: Option<f64>,
    /// Which rules moved how many of those that were looked at, most first.
    pub because: Vec<(String, u64)>,
    /// How many of them were looked at.
    pub looked_at: u64,
}

/// One value, before and now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Total {
    /// The value; `None`: has none.
    pub value: Option<String>,
    /// Customers before and now.
    pub customers: (u64, u64),
    /// Money before and now.
    pub money: (Option<f64>, Option<f64>),
}

/// A customer who moved.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mover {
    /// Her key.
    pub key: String,
    /// What she is counted with.
    pub money: Option<f64>,
    /// Priority before and now.
    pub priority: (Option<f64>, Option<f64>),
    /// In what respect she moved: name, before, now. Then the scores that changed: `score.payment`, before, now.
    pub changes: Vec<(String, Option<String>, Option<String>)>,
    /// Which rule did it, in words: ``state `dormant`: sleep_after 150 instead of 180 (silent for 163 days)``.
    pub reasons: Vec<String>,
}

/// How one side is called, and which rules it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// As the reader knows it: `rules/retail`, `main`, `the rules of 14:03:07`.
    pub title: String,
    /// Pack, version, hash, as-of date.
    pub receipt: Receipt,
}

impl Head {
    /// A head for a side.
    #[must_use]
    pub fn of(side: &Side<'_>, title: impl Into<String>) -> Head {
        let identity = &side.pack.identity;
        let receipt = Receipt {
            pack: identity.name.clone(),
            version: identity.version.clone(),
            hash: identity.hash.clone(),
            as_of: side.context.as_of.to_string(),
        };
        Head { title: title.into(), receipt }
    }
}

/// Both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heads {
    /// Before.
    pub old: Head,
    /// Now.
    pub new: Head,
}

/// How a comparison is drawn on a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The width of the terminal; made for 80 to 200.
    pub columns: usize,
    /// Whether to colour.
    pub color: bool,
    /// What stands above; `None` for nothing (the reader knows which rules these are).
    pub heads: Option<Heads>,
}

/// How closely two sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// How many customers are named.
    pub top: usize,
    /// Of how many customers of a flow it is found out which rule moved them; 0 for none.
    pub sample: usize,
}

/// So many customers of a flow are looked at where nothing else is said: few enough for a screen that answers at once.
const SAMPLE: usize = 12;

/// Compares two sides: what changed in the rules, who moved, and the `top` customers with the largest change.
///
/// Of those who moved, the customers with the most money come first, then those whose priority changed most, then the order of
/// the records decides. If nobody moved, the customers whose priority changed most are named.
#[must_use]
pub fn compare(old: &Side<'_>, new: &Side<'_>, top: usize) -> Comparison {
    compare_closely(old, new, Depth { top, sample: SAMPLE })
}

/// The same, saying how closely to look.
#[must_use]
pub fn compare_closely(old: &Side<'_>, new: &Side<'_>, depth: Depth) -> Comparison {
    let changes = rules::changes(old.pack, new.pack);
    let why = why::Why::new(*old, *new, &changes);
    let mut found = moves::moves(old, new, depth.top);
    let movers = movers::movers(old, new, &found, &why, depth.top);
    movers::because(old, new, &mut found, &why, depth.sample);
    let moves = found.moves;
    let rules = changes.into_iter().map(rules::Changed::public).collect();
    Comparison { rules, other: other(old, new), moves, movers }
}

/// What is not in the rules and still decides.
fn other(old: &Side<'_>, new: &Side<'_>) -> Vec<String> {
    let mut said = Vec::new();
    let (was, is) = (old.context.as_of, new.context.as_of);
    if was != is {
        said.push(format!("as of {is} instead of {was}"));
    }
    if old.context.reference.tables != new.context.reference.tables {
        said.push("ranks are measured against another population".to_owned());
    }
    said
}
