//! Expressions and sentences of rules, and the rules of the first stages: facts, suppressions, states.

use crate::diag::Span;
use crate::expr::{Expr, Slot};

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
    /// `{…}`: any expression; shown as [`crate::expr::Value`] displays.
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
