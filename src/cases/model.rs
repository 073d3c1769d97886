//! What a case means: sample customers, and what must be decided about them.

use std::sync::Arc;

use crate::diag::{FileId, Span};
use crate::expr::{Date, Slot, Value};
use crate::reference::Reference;

/// The cases of one file.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// Its name in the pack's folder: `cases/dormant.toml`.
    pub name: String,
    /// Its text in the sources of the run.
    pub file: FileId,
    /// In the order written.
    pub cases: Vec<Case>,
    /// Those that expect nothing yet. They are not run.
    pub unanswered: Vec<Unanswered>,
}

/// One sample customer, at one day or at several.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name, unique in the file.
    pub name: String,
    /// What it shows; may be empty.
    pub help: String,
    /// Parameters set for this case alone: index into [`crate::pack::Pack::params`], value.
    pub params: Vec<(usize, Value)>,
    /// The population of the file, which criteria of rank are measured against; `None` is that of the pack.
    pub population: Option<Arc<Reference>>,
    /// One step, or the steps of a time line in order of their days.
    pub steps: Vec<Step>,
    /// Where it is written: the name's text, or the row of a table.
    pub span: Span,
}

/// A case without a mistake that expects nothing yet: `regain test --update` can write what is decided now.
#[derive(Debug, Clone)]
pub struct Unanswered {
    /// The case.
    pub case: Case,
    /// Where its expectation is to be written; empty where a line is to be added.
    pub spot: Span,
}

/// What is known of the customer at one day, and what must be said of her then.
#[derive(Debug, Clone)]
pub struct Step {
    /// `today`
    pub as_of: Date,
    /// All that is given at that day: the file's defaults, the case's own, and those of earlier steps.
    pub given: Given,
    /// What must hold.
    pub expect: Vec<Expectation>,
    /// Where it is written.
    pub span: Span,
}

/// The record and the events of a sample customer.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Columns; also rollups, which are then not computed. What is not given is missing.
    pub values: Vec<(Slot, Value)>,
    /// Events: index into [`crate::pack::Pack::tables`], and per event one value per column of the table.
    pub events: Vec<(usize, Vec<Vec<Value>>)>,
}

/// One thing that must hold.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// About what.
    pub about: About,
    /// What it must be.
    pub expected: Expected,
    /// Where it is written.
    pub span: Span,
}

/// What an expectation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The value of a name: a fact, a rollup, `state`, `track`, `cause`, `class`, `confidence`, `score.payment`, `worth`, `priority`, `grade`.
    Name(Slot),
    /// The rule of `[[states]]` that decided, by its own name.
    StateRule,
    /// The suppression that holds: its name, or true or false for any.
    Suppressed,
    /// The campaign chosen.
    Campaign,
    /// Every campaign she is a candidate for.
    Candidates,
    /// Whether she may be contacted at all: false if no campaign fits.
    Contact,
    /// The offer, channel or person of the campaign chosen.
    Offer,
    /// The channel of the campaign chosen.
    Channel,
    /// Who speaks.
    Speaker,
    /// The day the campaign is sent.
    SendOn,
    /// `success * value - cost` of the campaign chosen.
    Net,
    /// The sentences of reasons: each text must be in them.
    Reasons,
    /// Follow-ups that are due.
    FollowUps,
    /// Early warnings that are there.
    Warnings,
    /// What a key of `[prevention]` says of her, or whether she is `leaving`.
    Prevention(&'static str),
    /// What a key of `[second_life]` says of her.
    SecondLife(&'static str),
    /// What a plan reads of her for the campaign chosen, by a word of [`crate::pack::Pack::terms`].
    Plan(&'static str),
    /// The limits of the plan that a contact by that campaign counts against.
    Limits,
    /// What she is counted with.
    Money,
    /// Why a person decided otherwise: each text must be in it.
    Overridden,
}

impl About {
    /// Whether what is expected are parts of sentences, not names.
    #[must_use]
    pub fn is_sentence(&self) -> bool {
        matches!(self, About::Reasons | About::Overridden)
    }
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// This. A number is compared at as many decimals as are written (the second field; `None` to the bit).
    Value(Value, Option<u8>),
    /// From the first to the second, both included; `None` is open.
    Range(Option<Value>, Option<Value>),
    /// Any of these texts.
    OneOf(Vec<String>),
    /// All of these texts, perhaps among others.
    AllOf(Vec<String>),
    /// These texts and no others, in any order.
    Exactly(Vec<String>),
    /// It must be there, whatever it is.
    Any,
    /// It must not be there.
    Missing,
}
