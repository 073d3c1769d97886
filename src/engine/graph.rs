//! The program as a graph: one node per distinct computation, operands before users, constants folded.
//!
//! A node is an [`Op`] over earlier nodes. The planner replaces the node ids in it by register numbers and
//! leaves everything else as it is, so the machine executes the same type.

use std::collections::HashMap;
use std::sync::Arc;

use crate::expr::functions::{Pattern, Words, numbers};
use crate::expr::{Arith, Compare, Date, Type, Value};
use crate::script::Signature;

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
    First {
        within: Id,
        masks: Vec<Id>,
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
        within: Id,
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
            Op::Share { choice: first, numbers: rest, .. }
            | Op::Highest { within: first, numbers: rest, .. }
            | Op::First { within: first, masks: rest, .. } => {
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
            Op::Best { alternatives, .. } => {
                for (mask, number) in alternatives {
                    visit(mask);
                    visit(number);
                }
            }
            Op::Script { within, arguments, .. } => {
                visit(within);
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

/// A curve, prepared.
#[derive(Debug, Clone)]
pub(super) struct Curve {
    pub(super) points: Arc<[(f64, f64)]>,
    /// Slope from each point to the next.
    pub(super) slopes: Vec<f64>,
}

/// All nodes, and the tables they point into.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    nodes: Vec<(Op, Bank)>,
    known: HashMap<Op, Id>,
    /// Constant texts; the code of the first is 1.
    pub(super) texts: indexmap::IndexSet<Arc<str>>,
    pub(super) tests: Vec<TextTest>,
    pub(super) measures: Vec<Measure>,
    pub(super) curves: Vec<Curve>,
    pub(super) calls: Vec<Arc<Signature>>,
}

fn place<T: PartialEq>(list: &mut Vec<T>, item: T) -> u32 {
    let at = list.iter().position(|x| *x == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    });
    at as u32
}

#[expect(clippy::indexing_slicing, reason = "ids are only made by `push`")]
impl Graph {
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn op(&self, id: Id) -> &Op {
        &self.nodes[id as usize].0
    }

    pub(super) fn bank(&self, id: Id) -> Bank {
        self.nodes[id as usize].1
    }

    pub(super) fn push(&mut self, op: Op, bank: Bank) -> Id {
        if let Some(id) = self.known.get(&op) {
            return *id;
        }
        let id = self.nodes.len() as Id;
        self.known.insert(op.clone(), id);
        self.nodes.push((op, bank));
        id
    }

    fn numbers(&mut self, op: Op) -> Id {
        self.push(op, Bank::Numbers)
    }

    fn mask(&mut self, op: Op) -> Id {
        self.push(op, Bank::Bytes)
    }

    fn words(&mut self, op: Op) -> Id {
        self.push(op, Bank::Words)
    }

    // Constants.

    pub(super) fn number(&mut self, x: f64) -> Id {
        self.numbers(Op::Number(Bits::of(x)))
    }

    pub(super) fn missing(&mut self) -> Id {
        self.numbers(Op::Number(Bits::MISSING))
    }

    pub(super) fn fill(&mut self, yes: bool) -> Id {
        self.mask(Op::Fill(yes))
    }

    /// The code of a constant text.
    pub(super) fn code(&mut self, text: &str) -> u32 {
        match self.texts.get_index_of(text) {
            Some(at) => at as u32 + 1,
            None => self.texts.insert_full(Arc::from(text)).0 as u32 + 1,
        }
    }

    pub(super) fn text(&mut self, text: Option<&str>) -> Id {
        let code = text.map_or(0, |t| self.code(t));
        self.words(Op::Text(code))
    }

    /// The text behind a constant's code.
    pub(super) fn constant_text(&self, code: u32) -> Option<Arc<str>> {
        self.texts.get_index((code as usize).checked_sub(1)?).cloned()
    }

    pub(super) fn src(&self, id: Id) -> Src {
        if let Op::Number(bits) = self.op(id) { Src::Const(*bits) } else { Src::Lanes(id) }
    }

    fn constant(&self, id: Id) -> Option<Bits> {
        if let Op::Number(bits) = self.op(id) { Some(*bits) } else { None }
    }

    fn filled(&self, id: Id) -> Option<bool> {
        if let Op::Fill(yes) = self.op(id) { Some(*yes) } else { None }
    }

    /// The constant value of a number, date or text node.
    pub(super) fn value_of(&self, id: Id, ty: Type) -> Option<Value> {
        match (self.op(id), ty) {
            (Op::Number(bits), _) if bits.is_missing() => Some(Value::Missing),
            (Op::Number(bits), Type::Date) => Date::from_days(bits.get() as i64).map(Value::Date),
            (Op::Number(bits), _) => Some(Value::number(bits.get())),
            (Op::Text(0), _) => Some(Value::Missing),
            (Op::Text(code), _) => self.constant_text(*code).map(Value::Text),
            _ => None,
        }
    }

    // Inputs.

    pub(super) fn number_in(&mut self, input: u32) -> Id {
        self.numbers(Op::NumberIn(input))
    }

    pub(super) fn date_in(&mut self, input: u32) -> Id {
        self.numbers(Op::DateIn(input))
    }

    pub(super) fn bool_in(&mut self, input: u32, side: bool) -> Id {
        self.mask(Op::BoolIn(input, side))
    }

    pub(super) fn text_in(&mut self, input: u32) -> Id {
        self.words(Op::TextIn(input))
    }

    // Numbers.

    pub(super) fn arith(&mut self, op: Arith, a: Id, b: Id) -> Id {
        let (x, y) = (self.src(a), self.src(b));
        match (x, y) {
            (Src::Const(x), Src::Const(y)) => self.number(numbers::arith(op, x.get(), y.get())),
            (Src::Const(k), _) | (_, Src::Const(k)) if k.is_missing() => self.missing(),
            _ => self.numbers(Op::Arith(op, x, y)),
        }
    }

    pub(super) fn unary(&mut self, op: Unary, a: Id) -> Id {
        match self.constant(a) {
            Some(x) => self.number(super::kernels::numbers::unary_one(op, x.get())),
            None => self.numbers(Op::Unary(op, a)),
        }
    }

    pub(super) fn binary(&mut self, op: Binary, a: Id, b: Id) -> Id {
        let (x, y) = (self.src(a), self.src(b));
        match (x, y) {
            (Src::Const(x), Src::Const(y)) => self.number(super::kernels::numbers::binary_one(op, x.get(), y.get())),
            (Src::Const(k), _) | (_, Src::Const(k)) if k.is_missing() => self.missing(),
            // Days are whole: floor them once.
            (_, Src::Const(k)) if op == Binary::Later => {
                self.numbers(Op::Binary(op, x, Src::Const(Bits::of(k.get().floor()))))
            }
            (_, Src::Const(k)) if op == Binary::Earlier => {
                self.numbers(Op::Binary(Binary::Later, x, Src::Const(Bits::of(-k.get().floor()))))
            }
            _ => self.numbers(Op::Binary(op, x, y)),
        }
    }

    pub(super) fn clamp(&mut self, x: Id, low: f64, high: f64) -> Id {
        let (low, high) = (Bits::of(low), Bits::of(high));
        if low.is_missing() || high.is_missing() {
            return self.missing();
        }
        match self.constant(x) {
            Some(x) => self.number(numbers::clamp(x.get(), low.get(), high.get())),
            None => self.numbers(Op::Clamp(x, low, high)),
        }
    }

    pub(super) fn or_else(&mut self, a: Id, b: Id) -> Id {
        match self.constant(a) {
            Some(x) if x.is_missing() => b,
            Some(_) => a,
            None => match self.src(b) {
                Src::Const(k) if k.is_missing() => a,
                other => self.numbers(Op::Else(a, other)),
            },
        }
    }

    pub(super) fn pick(&mut self, mask: Id, yes: Id, no: Id) -> Id {
        match self.filled(mask) {
            Some(true) => yes,
            Some(false) => no,
            None if yes == no => yes,
            None => self.numbers(Op::Pick(mask, self.src(yes), self.src(no))),
        }
    }

    pub(super) fn curve(&mut self, x: Id, points: Arc<[(f64, f64)]>) -> Id {
        let points: Arc<[(f64, f64)]> = points.iter().map(|(x, y)| (Bits::of(*x).get(), Bits::of(*y).get())).collect();
        let at = self.curves.iter().position(|c| {
            c.points.len() == points.len()
                && c.points
                    .iter()
                    .zip(points.iter())
                    .all(|(a, b)| Bits::of(a.0) == Bits::of(b.0) && Bits::of(a.1) == Bits::of(b.1))
        });
        let at = at.unwrap_or_else(|| {
            let slopes = points.iter().zip(points.iter().skip(1)).map(|(a, b)| (b.1 - a.1) / (b.0 - a.0)).collect();
            self.curves.push(Curve { points, slopes });
            self.curves.len() - 1
        });
        self.numbers(Op::Curve(x, at as u32))
    }

    pub(super) fn measure(&mut self, measure: Measure, text: Id) -> Id {
        let at = place(&mut self.measures, measure);
        self.numbers(Op::Measure(at, text))
    }

    // Truths.

    pub(super) fn and(&mut self, a: Id, b: Id) -> Id {
        match (self.filled(a), self.filled(b)) {
            (Some(true), _) => b,
            (_, Some(true)) => a,
            (Some(false), _) | (_, Some(false)) => self.fill(false),
            _ if a == b => a,
            _ => self.mask(Op::And(a.min(b), a.max(b))),
        }
    }

    pub(super) fn or(&mut self, a: Id, b: Id) -> Id {
        match (self.filled(a), self.filled(b)) {
            (Some(false), _) => b,
            (_, Some(false)) => a,
            (Some(true), _) | (_, Some(true)) => self.fill(true),
            _ if a == b => a,
            _ => self.mask(Op::Or(a.min(b), a.max(b))),
        }
    }

    pub(super) fn and_not(&mut self, a: Id, b: Id) -> Id {
        match (self.filled(a), self.filled(b)) {
            (_, Some(false)) => a,
            (Some(false), _) | (_, Some(true)) => self.fill(false),
            (Some(true), _) => self.not(b),
            _ if a == b => self.fill(false),
            _ => self.mask(Op::AndNot(a, b)),
        }
    }

    pub(super) fn not(&mut self, a: Id) -> Id {
        match self.op(a) {
            Op::Fill(yes) => {
                let no = !yes;
                self.fill(no)
            }
            Op::Not(inner) => *inner,
            _ => self.mask(Op::Not(a)),
        }
    }

    pub(super) fn pick_mask(&mut self, mask: Id, yes: Id, no: Id) -> Id {
        match (self.filled(mask), self.filled(yes), self.filled(no)) {
            (Some(true), ..) => yes,
            (Some(false), ..) => no,
            (_, Some(true), _) => self.or(mask, no),
            (_, Some(false), _) => self.and_not(no, mask),
            (_, _, Some(false)) => self.and(mask, yes),
            _ if yes == no => yes,
            _ => self.mask(Op::PickMask(mask, yes, no)),
        }
    }

    pub(super) fn compare(&mut self, op: Compare, a: Id, b: Id) -> Id {
        let (x, y) = (self.src(a), self.src(b));
        match (x, y) {
            (Src::Const(x), Src::Const(y)) => {
                let holds = super::kernels::numbers::compare_one(op, x.get(), y.get());
                self.fill(holds)
            }
            (Src::Const(k), _) | (_, Src::Const(k)) if k.is_missing() => self.fill(false),
            (Src::Const(_), _) => self.mask(Op::Compare(flipped(op), y, x)),
            _ => self.mask(Op::Compare(op, x, y)),
        }
    }

    pub(super) fn there(&mut self, a: Id) -> Id {
        match self.constant(a) {
            Some(x) => self.fill(!x.is_missing()),
            None => self.mask(Op::There(a)),
        }
    }

    pub(super) fn text_there(&mut self, a: Id) -> Id {
        match self.op(a) {
            Op::Text(code) => {
                let there = *code != 0;
                self.fill(there)
            }
            _ => self.mask(Op::TextThere(a)),
        }
    }

    /// `a == b` of texts, or `a != b`: true, not "missing or true".
    pub(super) fn text_same(&mut self, a: Id, b: Id, same: bool) -> Id {
        match (self.op(a), self.op(b)) {
            (Op::Text(0), _) | (_, Op::Text(0)) => self.fill(false),
            (Op::Text(x), Op::Text(y)) => {
                let holds = (x == y) == same;
                self.fill(holds)
            }
            (Op::Text(code), _) => {
                let code = *code;
                self.mask(Op::TextIs(b, code, same))
            }
            (_, Op::Text(code)) => {
                let code = *code;
                self.mask(Op::TextIs(a, code, same))
            }
            _ => self.mask(Op::TextSame(a.min(b), a.max(b), same)),
        }
    }

    /// A relation of two texts that is true (or false).
    pub(super) fn related(&mut self, relation: Relation, a: Id, b: Id, side: bool) -> Id {
        match (self.op(a), self.op(b)) {
            (Op::Text(0), _) | (_, Op::Text(0)) => self.fill(false),
            (_, Op::Text(code)) => match self.constant_text(*code) {
                Some(part) => self.test(TextTest::Relation(relation, part), a, side),
                None => self.fill(false),
            },
            (Op::Text(code), _) => match self.constant_text(*code) {
                Some(whole) => self.test(TextTest::Flipped(relation, whole), b, side),
                None => self.fill(false),
            },
            _ => self.mask(Op::Related(relation, a, b, side)),
        }
    }

    pub(super) fn test(&mut self, test: TextTest, text: Id, side: bool) -> Id {
        let at = place(&mut self.tests, test);
        self.mask(Op::Test(at, text, side))
    }

    pub(super) fn is(&mut self, choice: Id, index: usize) -> Id {
        let wide = self.bank(choice) == Bank::Words;
        self.mask(Op::Is { choice, wide, index: index as u32 })
    }

    // Choices.

    pub(super) fn choice(&mut self, alternatives: usize, make: impl FnOnce(bool) -> Op) -> Id {
        let wide = alternatives > 254;
        self.push(make(wide), if wide { Bank::Words } else { Bank::Bytes })
    }

    // Texts.

    pub(super) fn map_text(&mut self, map: TextMap, a: Id) -> Id {
        match self.op(a) {
            Op::Text(0) => a,
            _ => self.words(Op::Map(map, a)),
        }
    }

    pub(super) fn or_else_text(&mut self, a: Id, b: Id) -> Id {
        match (self.op(a), self.op(b)) {
            (Op::Text(0), _) => b,
            (Op::Text(_), _) | (_, Op::Text(0)) => a,
            _ => self.words(Op::ElseText(a, b)),
        }
    }

    pub(super) fn pick_text(&mut self, mask: Id, yes: Id, no: Id) -> Id {
        match self.filled(mask) {
            Some(true) => yes,
            Some(false) => no,
            None if yes == no => yes,
            None => self.words(Op::PickText(mask, yes, no)),
        }
    }

    pub(super) fn text_of_choice(&mut self, choice: Id, texts: Vec<u32>) -> Id {
        let wide = self.bank(choice) == Bank::Words;
        self.words(Op::TextOfChoice { choice, wide, texts })
    }

    pub(super) fn script(&mut self, signature: &Arc<Signature>, within: Id, arguments: Vec<Argument>) -> Id {
        let call = match self.calls.iter().position(|s| Arc::ptr_eq(s, signature) || s == signature) {
            Some(at) => at,
            None => {
                self.calls.push(Arc::clone(signature));
                self.calls.len() - 1
            }
        };
        let bank = match signature.result {
            Type::Number | Type::Date => Bank::Numbers,
            Type::Text => Bank::Words,
            Type::Bool => Bank::Bytes,
        };
        self.push(Op::Script { call: call as u32, within, arguments }, bank)
    }
}

/// `b op a` for `a op b`.
pub(super) fn flipped(op: Compare) -> Compare {
    match op {
        Compare::Eq => Compare::Eq,
        Compare::Ne => Compare::Ne,
        Compare::Lt => Compare::Gt,
        Compare::Le => Compare::Ge,
        Compare::Gt => Compare::Lt,
        Compare::Ge => Compare::Le,
    }
}

/// The operator that is true where this one is false.
pub(super) fn negated(op: Compare) -> Compare {
    match op {
        Compare::Eq => Compare::Ne,
        Compare::Ne => Compare::Eq,
        Compare::Lt => Compare::Ge,
        Compare::Le => Compare::Gt,
        Compare::Gt => Compare::Le,
        Compare::Ge => Compare::Lt,
    }
}
