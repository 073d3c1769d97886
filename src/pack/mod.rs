//! Rule packs: TOML text in, a typed and immutable [`Pack`] out.
//!
//! [`raw`] keeps what was written, [`overlay`] merges a pack over what it extends, [`resolve`] says
//! what it means. [`load()`] runs the three and returns every diagnostic it met.

mod contact;
pub mod effective;
mod escapes;
pub mod format;
mod hints;
mod human;
pub mod load;
mod outcomes;
pub mod overlay;
pub mod overrides;
mod planning;
mod plugins;
mod prevention;
pub mod raw;
pub mod resolve;
mod second_life;
pub mod shipped;
mod slips;
mod template;
#[cfg(test)]
mod tests;

pub use contact::{Cap, Contact, Cooldown, Quiet, QuietDays, TableName, Weekdays};
pub use human::{Human, Reasons};
pub use load::{Loaded, load, load_from_texts, load_revision};
pub use outcomes::Outcomes;
pub use overrides::Override;
pub use planning::{Figure, Limit, LimitKind, Measure, PLAN_COLUMNS, Per, Planning, Scope};
pub use prevention::{Prevention, Warning};
pub use second_life::SecondLife;

use std::sync::Arc;

use indexmap::IndexMap;

use crate::diag::{FileId, Sources, Span};
pub use crate::expr::Aggregate;
use crate::expr::{Expr, Names, Slot, Type, Value};

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

/// What becomes of a lint's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LintLevel {
    /// Not shown.
    Allow,
    /// Shown as a warning.
    Warn,
    /// Shown as an error; `regain check` ends with exit code 1.
    Deny,
}

impl LintLevel {
    /// As in `[lints]`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            LintLevel::Allow => "allow",
            LintLevel::Warn => "warn",
            LintLevel::Deny => "deny",
        }
    }
}

/// One line of `[lints]`. Whether there is a lint of that name, [`check`](crate::check) says.
#[derive(Debug, Clone)]
pub struct LintSetting {
    /// The lint's name.
    pub name: String,
    /// Its level in this pack.
    pub level: LintLevel,
    /// Why; empty if nothing is said.
    pub reason: String,
    /// Where the name is written.
    pub span: Span,
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

/// One row per customer.
#[derive(Debug, Clone)]
pub struct Record {
    /// The name `--data NAME=` of the table with one row per customer; default `customers`.
    pub table: String,
    /// The pack's name of the key column.
    pub key: String,
    /// Accepted headers of the key column (the name itself is always accepted).
    pub key_from: Vec<String>,
    /// How keys are made alike before they are compared, in every table.
    pub normalise: KeyRules,
    /// How the files of the table are written.
    pub file: FileFormat,
    /// The columns other than the key, in order, of whatever table.
    pub columns: Vec<Column>,
    /// Further tables with at most one row per customer, in order.
    pub joins: Vec<Join>,
    /// `record.sql`, if the pack builds its record itself.
    pub sql: Option<Sql>,
}

/// A table with at most one row per customer, joined to the record by the key: `[record.join.NAME]`.
///
/// A customer without a row keeps the record, the columns are then missing.
#[derive(Debug, Clone)]
pub struct Join {
    /// Its name, as in `--data NAME=PATH`.
    pub name: String,
    /// Accepted headers of the key column, besides the record's own name of it.
    pub key_from: Vec<String>,
    /// How its files are written.
    pub file: FileFormat,
    /// Whether a run may go without it; its columns are then missing.
    pub optional: bool,
    /// What it is.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// How keys are made alike before they are compared: `record.key_normalise`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyRules {
    /// Blanks around a key do not count.
    pub trim: bool,
    /// Small and capital letters are the same (keys are shown in capitals).
    pub case: bool,
    /// Zeros in front do not count; a key of nothing but zeros is `0`.
    pub leading_zeros: bool,
}

impl KeyRules {
    /// Whether keys stay as they stand in the file.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == KeyRules::default()
    }
}

/// How the files of a table are written: `[record.file]`, `[tables.NAME.file]`. What is not said is found from the data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileFormat {
    /// A label of the WHATWG encoding standard: `utf-8`, `utf-16le`, `windows-1252`.
    pub encoding: Option<String>,
    /// What stands between the fields.
    pub delimiter: Option<Delimiter>,
    /// The sign around fields that hold a delimiter; `Some(None)` if there is none.
    pub quote: Option<Option<u8>>,
    /// The names of the columns, in order, of files without a header line; empty if they have one.
    pub headers: Vec<String>,
    /// Lines above the header, or above the first row if there is none.
    pub skip: Option<usize>,
    /// The sheet of an Excel workbook.
    pub sheet: Option<String>,
    /// How values are written, where a column does not say it itself.
    pub values: ValueFormat,
}

/// What stands between the fields of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// One ASCII character.
    Byte(u8),
    /// Runs of blanks and tabs, as in tables made for the eye.
    Blanks,
}

/// How the values of a column are written. What is not said is found from the data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ValueFormat {
    /// Before the fraction: `.` or `,`.
    pub decimal: Option<char>,
    /// Between groups of three digits.
    pub thousands: Option<Thousands>,
    /// What `12 %` is.
    pub percent: Option<Percent>,
    /// Chrono formats of dates, tried in order; empty if none is said.
    pub dates: Vec<String>,
    /// Texts that mean "not there", beside the empty one.
    pub missing: Option<Vec<String>>,
    /// Texts that mean yes.
    pub yes: Option<Vec<String>>,
    /// Texts that mean no.
    pub no: Option<Vec<String>>,
}

/// What stands between groups of three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thousands {
    /// Nothing.
    None,
    /// `.`, `,`, `'`, or a blank, which stands for every kind of blank.
    Sign(char),
}

/// What a percent sign does to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Percent {
    /// `12 %` is 0.12.
    Share,
    /// `12 %` is 12.
    Number,
}

impl ValueFormat {
    /// What a column says, and what its table says where the column does not.
    #[must_use]
    pub fn over(&self, table: &ValueFormat) -> ValueFormat {
        ValueFormat {
            decimal: self.decimal.or(table.decimal),
            thousands: self.thousands.or(table.thousands),
            percent: self.percent.or(table.percent),
            dates: if self.dates.is_empty() { table.dates.clone() } else { self.dates.clone() },
            missing: self.missing.clone().or_else(|| table.missing.clone()),
            yes: self.yes.clone().or_else(|| table.yes.clone()),
            no: self.no.clone().or_else(|| table.no.clone()),
        }
    }
}

/// A DataFusion query over the given tables that returns the key and the columns.
#[derive(Debug, Clone)]
pub struct Sql {
    /// The text.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// A column of the record or of an event table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name in the pack.
    pub name: String,
    /// Its slot in [`Pack::names`] (record) or [`Table::names`] (event table).
    pub slot: Slot,
    /// Its type.
    pub ty: Type,
    /// Accepted headers, besides the name itself.
    pub from: Vec<String>,
    /// Of a column of the record: the table it is taken from; `None` if it is the one that has its header.
    pub table: Option<String>,
    /// Known values of a text column; empty if any will do.
    pub values: Vec<String>,
    /// How its values are written, where it says so itself.
    pub written: ValueFormat,
    /// Whether a table may lack it. A missing *value* is always allowed.
    pub optional: bool,
    /// How rows of one day become one (only in a table with `merge = "day"`).
    pub merge: MergeBy,
    /// What it is.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// How the values of one column combine when several rows are one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeBy {
    /// Sum of what is there (numbers; their default).
    Sum,
    /// Smallest that is there (texts and dates; their default).
    Min,
    /// Largest that is there (bools: true if any is; their default).
    Max,
}

/// An event table: many rows per customer.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name, as in `--data NAME=PATH`.
    pub name: String,
    /// The name in the pack of the key column.
    pub key: String,
    /// Accepted headers of the key column.
    pub key_from: Vec<String>,
    /// The date column rows are ordered by; rows later than `today` are never seen, rows without it are set aside.
    pub time: Option<String>,
    /// How its files are written.
    pub file: FileFormat,
    /// `merge = "day"`: several rows of one customer on one day are one event.
    pub merge_day: bool,
    /// The columns other than the key.
    pub columns: Vec<Column>,
    /// The names a rollup over this table may use: `today`, the parameters, `TABLE.COLUMN`.
    pub names: Names,
    /// Whether a run may go without it; its rollups are then those of no rows.
    pub optional: bool,
    /// What it is.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// From many events to one value per customer.
///
/// Meaning on no rows: `count`, `count_distinct` are 0, everything else is missing. Values that are
/// missing are left out.
#[derive(Debug, Clone)]
pub struct Rollup {
    /// Its name.
    pub name: String,
    /// Its slot in [`Pack::names`].
    pub slot: Slot,
    /// The table it reads.
    pub table: String,
    /// What it computes.
    pub aggregate: Aggregate,
    /// The value aggregated, over [`Table::names`]; `None` for `count(orders)` and `share(orders, …)`.
    pub value: Option<Expr>,
    /// Only rows for which this is true; over [`Table::names`].
    pub condition: Option<Expr>,
    /// The text, for explain.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// A named expression.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Its name.
    pub name: String,
    /// Its slot.
    pub slot: Slot,
    /// What it means.
    pub expr: Expr,
    /// The text.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// An expression of a rule with the text it was written as.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What it means.
    pub expr: Expr,
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A sentence with values in it: `silent for {days_silent} days`.
#[derive(Debug, Clone, Default)]
pub struct Template {
    /// In order.
    pub parts: Vec<Part>,
}

/// A part of a [`Template`].
#[derive(Debug, Clone)]
pub enum Part {
    /// As it stands.
    Text(String),
    /// `{…}`: any expression; shown as [`Value`] displays.
    Value(Expr),
}

/// A reason not to score a customer at all.
#[derive(Debug, Clone)]
pub struct Suppress {
    /// Its name.
    pub name: String,
    /// When it holds.
    pub when: Rule,
    /// The reason shown.
    pub because: Template,
    /// Where it is declared.
    pub span: Span,
}

/// One of the two tracks of recovery, and what lies before and after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Track {
    /// Notice given, the relation still runs: avert.
    Termination,
    /// Gone or asleep: resume.
    Recovery,
    /// Still here, at risk.
    Prevention,
    /// Came back.
    SecondLife,
}

impl Track {
    /// All of them.
    pub const ALL: [Track; 4] = [Track::Termination, Track::Recovery, Track::Prevention, Track::SecondLife];

    /// As in TOML and output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Track::Termination => "termination",
            Track::Recovery => "recovery",
            Track::Prevention => "prevention",
            Track::SecondLife => "second_life",
        }
    }
}

/// A state of the relation.
#[derive(Debug, Clone)]
pub struct State {
    /// `dormant`, …; several rules may decide for the same state.
    pub state: String,
    /// The rule's own name (the state's, unless `name` differs from `state`).
    pub name: String,
    /// Its track; `None` for customers nothing need be done about.
    pub track: Option<Track>,
    /// When it holds; `None` always.
    pub when: Option<Rule>,
    /// Why, in words.
    pub because: Template,
    /// What it means to a business user.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// Step 2: evidence is weighed.
///
/// A cause's score is the sum of the weights of its evidence that is true. The highest score wins, ties
/// go to the earlier cause. Its confidence is its share of all causes' scores. Below `minimum`, or where
/// there is none, the cause is `unknown`, its class `unknown`, its confidence missing.
#[derive(Debug, Clone)]
pub struct Causes {
    /// Which customers are analysed; `None` all. For the others cause, class and confidence are missing.
    pub when: Option<Rule>,
    /// Smallest winning score.
    pub minimum: f64,
    /// In order.
    pub list: Vec<Cause>,
}

/// A cause of loss.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Its name.
    pub name: String,
    /// `pushed_away`, `pulled_away`, `bought_away`, `moved_away`, `involuntary`, `unknown`.
    pub class: String,
    /// How it is called on screen.
    pub label: String,
    /// Whether we could have kept her.
    pub preventable: bool,
    /// What it means.
    pub help: String,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// Where it is declared.
    pub span: Span,
}

/// Something that speaks for a cause.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// When it is there.
    pub when: Rule,
    /// How much it counts; greater than 0.
    pub weight: f64,
    /// In words.
    pub because: Template,
}

/// A criterion, scored 0 to 10; 10 is always good for us.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// Its name.
    pub name: String,
    /// The slot `score.<name>`.
    pub slot: Slot,
    /// How it is called on screen.
    pub label: String,
    /// The question it answers.
    pub question: String,
    /// Index into [`Pack::dimensions`].
    pub dimension: usize,
    /// Its weight in the dimension; greater than 0.
    pub weight: f64,
    /// How it is scored.
    pub method: Method,
    /// What an unknown value scores.
    pub missing: MissingScore,
    /// What it means to a business user.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// Exactly one way of scoring. Every result is clamped to 0 to 10.
#[derive(Debug, Clone)]
pub enum Method {
    /// `score`: an expression that is the score.
    Score(Rule),
    /// `value` + `bands`: the first band with `value < below`; the last has no `below`.
    Bands(Rule, Vec<Band>),
    /// `value` + `curve`: straight lines between points of strictly rising x; flat outside.
    /// Between (x0,y0) and (x1,y1): `y0 + (value - x0) * ((y1 - y0) / (x1 - x0))`, exactly so.
    Curve(Rule, Vec<(f64, f64)>),
    /// `value` + `map`: by text. A value that is not listed scores `otherwise`, or is unknown.
    Map(Rule, Vec<(String, f64)>, Option<f64>),
    /// `value` + `rank`: place in the population, from the reference.
    Rank(Rule, RankOrder),
}

impl Method {
    /// The expression that is the score, or that is looked up for it.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        match self {
            Method::Score(rule)
            | Method::Bands(rule, _)
            | Method::Curve(rule, _)
            | Method::Map(rule, ..)
            | Method::Rank(rule, _) => rule,
        }
    }
}

/// A band: scores below a bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Exclusive upper bound; `None` on the last one.
    pub below: Option<f64>,
    /// 0 to 10.
    pub score: f64,
}

/// Which end of the population scores 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RankOrder {
    /// The highest value.
    HigherIsBetter,
    /// The lowest value.
    LowerIsBetter,
}

/// What an unknown criterion does to its dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MissingScore {
    /// Left out; the others' weights are scaled up.
    Skip,
    /// Scores 5.
    Neutral,
    /// Scores 0.
    Worst,
    /// Scores this.
    Score(f64),
}

impl MissingScore {
    /// The score it stands for; `None` for skip.
    #[must_use]
    pub fn score(self) -> Option<f64> {
        match self {
            MissingScore::Skip => None,
            MissingScore::Neutral => Some(5.0),
            MissingScore::Worst => Some(0.0),
            MissingScore::Score(x) => Some(x),
        }
    }
}

/// A weighted mean of criteria: `worth`, `chance`.
///
/// `sum(weight * score) / sum(weight)` over the criteria that are known, in order; missing if none is.
#[derive(Debug, Clone)]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// Its slot.
    pub slot: Slot,
    /// How it is called on screen.
    pub label: String,
}

/// What the plan sorts by.
#[derive(Debug, Clone)]
pub struct Priority {
    /// Its slot.
    pub slot: Slot,
    /// A number over dimensions and scores. The default is the mean of the dimensions that are known.
    pub rule: Option<Rule>,
}

/// A grade.
#[derive(Debug, Clone)]
pub struct Grade {
    /// `A`, `B`, …
    pub name: String,
    /// When it holds; `None` always.
    pub when: Option<Rule>,
    /// Let go on purpose: no campaign is planned.
    pub let_go: bool,
    /// How it is called on screen.
    pub label: String,
    /// What it means.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// Something with a label and a help text: an offer, a person.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// What it is.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// A way to reach a customer.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// Must be true for a customer to be contacted through it; `None` if no consent is needed.
    pub consent: Option<Rule>,
    /// A text: the legal basis of a contact, written into the plan.
    pub basis: Option<Rule>,
    /// The day of the consent.
    pub consent_on: Option<Rule>,
    /// Days to wait after a contact by this or another channel.
    pub cooldown: Vec<Cooldown>,
    /// How many contacts there may be by it.
    pub caps: Vec<Cap>,
    /// Days of the week on which it may be used.
    pub weekdays: Weekdays,
    /// What it is, and the legal basis.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// A campaign: which offer, through which channel, when, and who speaks.
///
/// A customer is a candidate if her grade is not let go, `track` fits, `when` is true and the channel's consent is true.
/// Her best candidate is the one with the highest `success * value - cost` (an absent or missing cost counts 0);
/// where `success` or `value` is absent or missing it comes after all that have both. Ties go to the earlier campaign.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// Only customers on this track.
    pub track: Option<Track>,
    /// Who may get it; `None` everybody.
    pub when: Option<Rule>,
    /// A key of [`Pack::offers`].
    pub offer: Option<String>,
    /// A key of [`Pack::channels`].
    pub channel: Option<String>,
    /// A key of [`Pack::people`].
    pub speaker: Option<String>,
    /// When it is sent; `today` if `None`.
    pub send_on: Option<Rule>,
    /// What one contact costs.
    pub cost: Option<Rule>,
    /// The probability that she returns; clamped to 0 to 1.
    pub success: Option<Rule>,
    /// What a return is worth: the second life only.
    pub value: Option<Rule>,
    /// The probability that she returns without any contact, if it differs from that of `[plan]`.
    pub anyway: Option<Rule>,
    /// Hours of work one contact takes; none if `None`.
    pub hours: Option<Rule>,
    /// Days after `send_on` within which it may still be sent.
    pub within: u32,
    /// Days before a customer gets it again, if it says otherwise than `[contact]`.
    pub again: Option<u32>,
    /// The share of `success` that is lost with every day after `send_on`, 0 to 1.
    pub fade: f64,
    /// What to say.
    pub say: Template,
    /// By how much it is said to raise the share that returns; 0.03 is 3 percentage points.
    pub effect: Option<f64>,
    /// The share of its customers that is held out, 0 to 1.
    pub holdout: Option<f64>,
    /// The name whose hash with the key decides who is held out; its own name if `None`.
    pub experiment: Option<String>,
    /// Why, in words.
    pub because: Template,
    /// What it is.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// A step for customers who returned.
#[derive(Debug, Clone)]
pub struct FollowUp {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// When it is due: what is written there, from `day` to `until` of the second life, for these causes.
    pub when: Rule,
    /// When it is not due yet, and will be within a week if nothing else changes; `None` without a `day`.
    pub soon: Option<Rule>,
    /// The day of the second life on which it is due.
    pub day: Option<u32>,
    /// The last day on which it is still due.
    pub until: Option<u32>,
    /// Only for who had left for one of these causes; empty for all.
    pub causes: Vec<String>,
    /// Only for causes of these classes; empty for all.
    pub classes: Vec<String>,
    /// Who does it: a key of [`Pack::people`].
    pub speaker: Option<String>,
    /// Why, in words.
    pub because: Template,
    /// What to do.
    pub help: String,
    /// Where it is declared.
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
