//! What a node computes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::expr::functions::{Pattern, Words};
use crate::expr::{Arith, Compare};

/// A node of the graph; after planning, a register.
pub(super) type Id = u32;

/// The bits of a number, so that a node can be compared and hashed. Missing is NaN, always the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Bits(u64);

impl Bits {
    pub(super) const MISSING: Bits = Bits(f64::NAN.to_bits());

    /// Not finite becomes missing, -0 becomes 0.
    pub(super) fn of(x: f64) -> Bits {
        if x.is_finite() { Bits((x + 0.0).to_bits()) } else { Bits::MISSING }
    }

    pub(super) fn get(self) -> f64 {
        f64::from_bits(self.0)
    }

    pub(super) fn is_missing(self) -> bool {
        self == Bits::MISSING
    }
}

/// A number operand: lanes, or the same on every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Src {
    Lanes(Id),
    Const(Bits),
}

/// Functions of one number or date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Unary {
    Neg,
    Abs,
    Floor,
    Ceil,
    Sqrt,
    Ln,
    Exp,
    Year,
    Month,
    Day,
    Weekday,
}

/// Functions of two numbers or dates, besides arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Binary {
    Min,
    Max,
    /// `round(x, digits)`
    Round,
    /// Date minus date.
    Days,
    /// Date plus whole days.
    Later,
    /// Date minus whole days.
    Earlier,
    AddMonths,
    MonthsBetween,
    YearsBetween,
}

/// Text and text to bool, on every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Relation {
    Compare(Compare),
    Contains,
    StartsWith,
    EndsWith,
}

/// Text to bool, asked once per distinct text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TextTest {
    /// `text op constant`, `part` being the right side.
    Relation(Relation, Arc<str>),
    /// `constant op text`.
    Flipped(Relation, Arc<str>),
    /// One of these codes of constants, ascending.
    In(Vec<u32>),
    Matches(Arc<Pattern>),
    /// Of a text that is already folded.
    Mentions(Arc<Words>),
}

/// Text to text, once per distinct text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum TextMap {
    Lower,
    Upper,
    Trim,
    /// As `mentions` reads it.
    Fold,
}

/// Text to number, once per distinct text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Measure {
    Len,
    /// By the code of a constant; others get the second.
    Table(HashMap<u32, Bits>, Bits),
}

/// An argument of a script function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Argument {
    Number(Id),
    Date(Id),
    Text(Id),
    Bool { yes: Id, no: Id },
}

/// One computation. Number means number or date.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Op {
    // Numbers.
    Number(Bits),
    NumberIn(u32),
    DateIn(u32),
    Arith(Arith, Src, Src),
    Unary(Unary, Id),
    Binary(Binary, Src, Src),
    Clamp(Id, Bits, Bits),
    /// The first where it is there, else the second.
    Else(Id, Src),
    Pick(Id, Src, Src),
    OfChoice {
        choice: Id,
        wide: bool,
        numbers: Vec<Src>,
    },
    Weigh(Vec<(Id, Bits)>),
    Share {
        choice: Id,
        wide: bool,
        numbers: Vec<Id>,
    },
    Bands(Id, Vec<(Bits, Bits)>, Bits),
    Curve(Id, u32),
    Measure(u32, Id),
    Mean(Vec<(Id, Bits)>),

    // Truths.
    Fill(bool),
    BoolIn(u32, bool),
    And(Id, Id),
    Or(Id, Id),
    AndNot(Id, Id),
    Not(Id),
    PickMask(Id, Id, Id),
    Compare(Compare, Src, Src),
    /// The number is there.
    There(Id),
    /// The text is there.
    TextThere(Id),
    /// The text is this constant; or is there and is another.
    TextIs(Id, u32, bool),
    /// Two texts are there and equal; or are there and differ.
    TextSame(Id, Id, bool),
    /// The test is true (or false) of the text.
    Test(u32, Id, bool),
    /// The relation is true (or false) of two texts.
    Related(Relation, Id, Id, bool),
    /// This alternative was chosen.
    Is {
        choice: Id,
        wide: bool,
        index: u32,
    },

    // Choices: 0 for none, else 1 + the alternative.
    /// The first rule within whose mask holds: the mask, and the alternative it chooses.
    First {
        within: Id,
        rules: Vec<(Id, u32)>,
        wide: bool,
    },
    Highest {
        within: Id,
        numbers: Vec<Id>,
        minimum: Bits,
        wide: bool,
    },
    Best {
        alternatives: Vec<(Id, Id)>,
        wide: bool,
    },

    // Texts.
    Text(u32),
    TextIn(u32),
    Map(TextMap, Id),
    ElseText(Id, Id),
    PickText(Id, Id, Id),
    TextOfChoice {
        choice: Id,
        wide: bool,
        texts: Vec<u32>,
    },

    /// A script function; a bool result is a choice of true (0) and false (1).
    Script {
        call: u32,
        /// The rows it is called for.
        within: Id,
        /// Those and the ones whose call is computed in another way: all that count as called.
        meant: Id,
        arguments: Vec<Argument>,
    },
}

/// Where a node's value lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Bank {
    /// `f64` lanes.
    Numbers,
    /// Masks and choices.
    Bytes,
    /// Text codes and choices of more than 254 alternatives.
    Words,
}

impl Op {
    /// Calls `visit` on every operand, in order.
    pub(super) fn operands(&mut self, visit: &mut dyn FnMut(&mut Id)) {
        let src = |s: &mut Src, visit: &mut dyn FnMut(&mut Id)| {
            if let Src::Lanes(id) = s {
                visit(id);
            }
        };
        match self {
            Op::Number(_)
            | Op::NumberIn(_)
            | Op::DateIn(_)
            | Op::Fill(_)
            | Op::BoolIn(..)
            | Op::Text(_)
            | Op::TextIn(_) => {}
            Op::Arith(_, a, b) | Op::Binary(_, a, b) | Op::Compare(_, a, b) => {
                src(a, visit);
                src(b, visit);
            }
            Op::Unary(_, a)
            | Op::Clamp(a, ..)
            | Op::Bands(a, ..)
            | Op::Curve(a, _)
            | Op::Measure(_, a)
            | Op::Not(a)
            | Op::There(a)
            | Op::TextThere(a)
            | Op::TextIs(a, ..)
            | Op::Test(_, a, _)
            | Op::Map(_, a)
            | Op::Is { choice: a, .. }
            | Op::TextOfChoice { choice: a, .. } => visit(a),
            Op::Else(a, b) => {
                visit(a);
                src(b, visit);
            }
            Op::Pick(mask, a, b) => {
                visit(mask);
                src(a, visit);
                src(b, visit);
            }
            Op::OfChoice { choice, numbers, .. } => {
                visit(choice);
                for s in numbers {
                    src(s, visit);
                }
            }
            Op::Weigh(terms) | Op::Mean(terms) => {
                for (id, _) in terms {
                    visit(id);
                }
            }
            Op::Share { choice: first, numbers: rest, .. } | Op::Highest { within: first, numbers: rest, .. } => {
                visit(first);
                rest.iter_mut().for_each(visit);
            }
            Op::And(a, b)
            | Op::Or(a, b)
            | Op::AndNot(a, b)
            | Op::TextSame(a, b, _)
            | Op::Related(_, a, b, _)
            | Op::ElseText(a, b) => {
                visit(a);
                visit(b);
            }
            Op::PickMask(a, b, c) | Op::PickText(a, b, c) => {
                visit(a);
                visit(b);
                visit(c);
            }
            Op::First { within, rules, .. } => {
                visit(within);
                rules.iter_mut().for_each(|(mask, _)| visit(mask));
            }
            Op::Best { alternatives, .. } => {
                for (mask, number) in alternatives {
                    visit(mask);
                    visit(number);
                }
            }
            Op::Script { within, meant, arguments, .. } => {
                visit(within);
                visit(meant);
                for argument in arguments {
                    match argument {
                        Argument::Number(id) | Argument::Date(id) | Argument::Text(id) => visit(id),
                        Argument::Bool { yes, no } => {
                            visit(yes);
                            visit(no);
                        }
                    }
                }
            }
        }
    }

    /// The operands.
    pub(super) fn operand_ids(&self) -> Vec<Id> {
        let mut ids = Vec::new();
        self.clone().operands(&mut |id| ids.push(*id));
        ids
    }

    /// Whether its value is the same on every row of every run.
    pub(super) fn is_constant(&self) -> bool {
        matches!(self, Op::Number(_) | Op::Fill(_) | Op::Text(_))
    }
}
