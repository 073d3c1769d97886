//! Rule packs: TOML text in, a typed and immutable [`Pack`] out.
//!
//! [`raw`] keeps what was written, [`overlay`] merges a pack over what it extends, [`resolve`] says
//! what it means. [`load()`] runs the three and returns every diagnostic it met.

mod campaigns;
mod causes;
mod contact;
pub mod effective;
mod escapes;
pub mod format;
mod hints;
mod human;
mod lints;
pub mod load;
mod outcomes;
pub mod overlay;
pub mod overrides;
mod planning;
mod plugins;
mod prevention;
pub mod raw;
mod record;
pub mod resolve;
mod rules;
mod scoring;
mod second_life;
pub mod shipped;
mod slips;
mod template;
#[cfg(test)]
mod tests;
mod written;

pub use campaigns::{Campaign, Channel, FollowUp, Labelled};
pub use causes::{Cause, Causes, Evidence};
pub use contact::{Cap, Contact, Cooldown, Quiet, QuietDays, TableName, Weekdays};
pub use human::{Human, Reasons};
pub use lints::{LintLevel, LintSetting};
pub use load::{Loaded, load, load_from_texts, load_revision};
pub use outcomes::Outcomes;
pub use overrides::Override;
pub use planning::{Figure, Limit, LimitKind, Measure, PLAN_COLUMNS, Per, Planning, Scope};
pub use prevention::{Prevention, Warning};
pub use record::{Column, Join, KeyRules, MergeBy, Record, Rollup, Sql, Table};
pub use rules::{Fact, Part, Rule, State, Suppress, Template, Track};
pub use scoring::{Band, Criterion, Dimension, Grade, Method, MissingScore, Priority, RankOrder};
pub use second_life::SecondLife;
pub use written::{Delimiter, FileFormat, Percent, Thousands, ValueFormat};

use std::sync::Arc;

use indexmap::IndexMap;

use crate::diag::{FileId, Sources, Span};
pub use crate::expr::Aggregate;
use crate::expr::{Names, Slot, Value};

/// A rule pack, resolved and type-checked. Immutable; shared behind an `Arc`.
#[derive(Debug, Clone)]
pub struct Pack {
    /// `[pack]`
    pub identity: Identity,
    /// Every text the pack was made of.
    pub sources: Arc<Sources>,
    /// The one name space.
    pub names: Names,
    /// `today`
    pub today: Slot,
    /// `[params.*]`, in order.
    pub params: Vec<Param>,
    /// `[record]`
    pub record: Record,
    /// `[tables.*]`, in order.
    pub tables: IndexMap<String, Table>,
    /// `[rollups]`, in order.
    pub rollups: Vec<Rollup>,
    /// `[facts]`, in dependency order: a fact only reads what stands before it.
    pub facts: Vec<Fact>,
    /// `[[suppress]]`: the first that matches suppresses.
    pub suppress: Vec<Suppress>,
    /// `[[states]]`: the first that matches decides.
    pub states: Vec<State>,
    /// `[analysis]` and `[[causes]]`
    pub causes: Causes,
    /// `[criteria.*]`, in order.
    pub criteria: Vec<Criterion>,
    /// Dimensions in order of first use by a criterion; `worth` and `chance` are always there.
    pub dimensions: Vec<Dimension>,
    /// `[scoring] priority`
    pub priority: Priority,
    /// `[[grades]]`: the first that matches decides.
    pub grades: Vec<Grade>,
    /// `[offers.*]`
    pub offers: IndexMap<String, Labelled>,
    /// `[channels.*]`
    pub channels: IndexMap<String, Channel>,
    /// `[people.*]`: who speaks to the customer.
    pub people: IndexMap<String, Labelled>,
    /// `[[campaigns]]`, in order.
    pub campaigns: Vec<Campaign>,
    /// `[[followups]]`: what to do for customers who returned.
    pub followups: Vec<FollowUp>,
    /// `[money]`: what a customer is counted with in every portfolio table.
    pub money: Option<Money>,
    /// How often and when a customer may be contacted.
    pub contact: Option<Contact>,
    /// How a plan is made.
    pub planning: Option<Planning>,
    /// Human decisions.
    pub human: Option<Human>,
    /// What came of plans.
    pub outcomes: Option<Outcomes>,
    /// What losses cost, and who may be next.
    pub prevention: Option<Prevention>,
    /// Customers who came back.
    pub second_life: Option<SecondLife>,
    /// The slots of what the stages decide.
    pub decided: Decided,
    /// The scripts, compiled, and their signatures.
    pub scripts: Arc<crate::script::Scripts>,
    /// What was written, merged: every value in force with its place.
    pub tree: Arc<raw::Table>,
    /// The packs it is made of: itself, then what it extends, nearest first.
    pub layers: Vec<Layer>,
    /// What overlays gave anew, the innermost first.
    pub overrides: Vec<Override>,
    /// `[lints]`, in order.
    pub lints: Vec<LintSetting>,
}

impl Pack {
    /// Whether a place is in a file of the pack itself, not in one of what it extends.
    #[must_use]
    pub fn is_own(&self, span: Span) -> bool {
        self.layers.first().is_none_or(|layer| layer.files.contains(&span.file))
    }
}

/// One pack of a chain.
#[derive(Debug, Clone)]
pub struct Layer {
    /// `pack.name`
    pub name: String,
    /// Its texts.
    pub files: Vec<FileId>,
}

/// Name, version and content hash: with the as-of date, the receipt of a decision.
#[derive(Debug, Clone)]
pub struct Identity {
    /// `pack.name`
    pub name: String,
    /// `pack.version`
    pub version: String,
    /// The names of the packs it extends, nearest first: `base`.
    pub extends: Vec<String>,
    /// `pack.help`
    pub help: String,
    /// SHA-256 over every TOML and script text (names and bytes) of the pack and what it extends,
    /// 64 hex digits. Cases do not count: they prove rules, they do not change them.
    pub hash: String,
}

/// A number, date, text or bool that a business user sets.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name in expressions.
    pub name: String,
    /// Its slot.
    pub slot: Slot,
    /// The value in force; never missing.
    pub value: Value,
    /// `days`, `EUR`, `share`, …; empty if none is given.
    pub unit: String,
    /// Smallest allowed number.
    pub min: Option<f64>,
    /// Largest allowed number.
    pub max: Option<f64>,
    /// What it means to a business user.
    pub help: String,
    /// Where the value in force is written.
    pub span: Span,
}

/// What a customer is counted with in portfolio tables.
#[derive(Debug, Clone)]
pub struct Money {
    /// A number per customer.
    pub rule: Rule,
    /// `revenue so far`
    pub label: String,
    /// `EUR`
    pub currency: String,
}

/// The slots of what the stages decide.
#[derive(Debug, Clone, Copy)]
pub struct Decided {
    /// text
    pub state: Slot,
    /// text
    pub track: Slot,
    /// text
    pub cause: Slot,
    /// text
    pub class: Slot,
    /// number, 0 to 1
    pub confidence: Slot,
    /// text
    pub grade: Slot,
}
