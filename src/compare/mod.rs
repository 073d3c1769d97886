//! Two sets of rules compared: what changed in the rules, in words, and who moved.
//!
//! [`compare`] is what `watch` shows after each reload and `diff` between two packs. The sides may have read different
//! records; customers are matched by key.

use crate::data::{Decided, Held};
use crate::pack::Pack;
use crate::stage::Context;

/// One side of a comparison: rules, and what they decided about which records.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The rules.
    pub pack: &'a Pack,
    /// As of when, against which population.
    pub context: &'a Context,
    /// The records.
    pub held: &'a Held,
    /// The decisions about them, with all columns of the program except sentences and receipts.
    pub decided: &'a Decided,
}

/// What changed, and who moved.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// What changed in the rules, in the order of the stages.
    pub rules: Vec<RuleChange>,
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
    /// The section: `params`, `states`, `criteria`, …
    pub section: String,
    /// `state `dormant``
    pub what: String,
    /// What changed, in words: `sleep_after from 180 to 150 days`. One entry for each key.
    pub details: Vec<String>,
}

/// How a rule changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The earlier and the later money of those on both sides, if both packs count it.
    pub money: Option<(f64, f64)>,
    /// By state, cause, grade and campaign.
    pub by: Vec<Dimension>,
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
    /// In what respect she moved: name, before, now.
    pub changes: Vec<(String, Option<String>, Option<String>)>,
    /// Which rule did it, in words: `state `dormant`: sleep_after from 180 to 150 days (silent for 163 days)`.
    pub reasons: Vec<String>,
}
