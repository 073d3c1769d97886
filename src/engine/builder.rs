//! Writing a program: expressions, and the few building blocks the stages need.

use std::sync::Arc;

use super::Code;
use crate::expr::{Expr, Names, Slot, Type, Value};
use crate::script::Scripts;

/// A register of truths: the rows where something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mask(pub(crate) u32);

/// A register of numbers or dates (days since 1970-01-01); missing is NaN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Num(pub(crate) u32);

/// A register of texts, as codes; missing is a code of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text(pub(crate) u32);

/// A register that says, per row, which alternative was chosen, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Choice(pub(crate) u32);

/// The value of an expression or a name, by type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reg {
    /// Number.
    Number(Num),
    /// Date.
    Date(Num),
    /// Text.
    Text(Text),
    /// Bool; neither is missing.
    Bool {
        /// Rows where it is true.
        yes: Mask,
        /// Rows where it is false.
        no: Mask,
    },
}

/// A part of a sentence written per row.
#[derive(Debug, Clone)]
pub enum Segment {
    /// As it stands.
    Text(String),
    /// A value, shown as [`Value`] displays.
    Value(Expr),
}

/// Collects the program.
///
/// Names are declared first: [`Builder::constant`], [`Builder::input`], [`Builder::define`]; the stages then ask for
/// expressions and [`Builder::bind`] what they decide. Nothing is computed that no output needs, and nothing twice.
pub struct Builder {}

impl Builder {
    /// An empty program over the names of a pack.
    #[must_use]
    pub fn new(names: Arc<Names>, scripts: Arc<Scripts>) -> Self {
        let _ = (names, scripts);
        todo!()
    }
    /// A parameter or `today`: the same for all rows of a run.
    pub fn constant(&mut self, slot: Slot, value: Value) {
        let _ = (slot, value);
        todo!()
    }
    /// A column of the record batch, by its field name. A batch may lack it: all missing then.
    pub fn input(&mut self, slot: Slot, field: &str) {
        let _ = (slot, field);
        todo!()
    }
    /// A name that is an expression over names declared before.
    pub fn define(&mut self, slot: Slot, expr: &Expr) {
        let _ = (slot, expr);
        todo!()
    }
    /// A name a stage has decided.
    pub fn bind(&mut self, slot: Slot, reg: Reg) {
        let _ = (slot, reg);
        todo!()
    }
    /// Rows where the expression (a bool) is true.
    pub fn is_true(&mut self, expr: &Expr) -> Mask {
        let _ = expr;
        todo!()
    }
    /// The value of an expression.
    pub fn value(&mut self, expr: &Expr) -> Reg {
        let _ = expr;
        todo!()
    }
    /// A number that is the same on every row; `None` is missing.
    pub fn number(&mut self, value: Option<f64>) -> Num {
        let _ = value;
        todo!()
    }
    /// Every row.
    pub fn all(&mut self) -> Mask {
        todo!()
    }
    /// Rows in all of them (every row if there is none).
    pub fn and(&mut self, masks: &[Mask]) -> Mask {
        let _ = masks;
        todo!()
    }
    /// Rows in any of them.
    pub fn or(&mut self, masks: &[Mask]) -> Mask {
        let _ = masks;
        todo!()
    }
    /// Rows not in it.
    pub fn not(&mut self, mask: Mask) -> Mask {
        let _ = mask;
        todo!()
    }
    /// The first rule that is true, of the rows in `within`; `None` as a rule is always true.
    /// Rules are skipped for chunks in which no row is left undecided.
    pub fn first_match(&mut self, rules: &[Option<&Expr>], within: Mask) -> Choice {
        let _ = (rules, within);
        todo!()
    }
    /// The first mask that holds.
    pub fn first_of(&mut self, masks: &[Mask]) -> Choice {
        let _ = masks;
        todo!()
    }
    /// Rows where this alternative was chosen.
    pub fn chosen(&mut self, choice: Choice, index: usize) -> Mask {
        let _ = (choice, index);
        todo!()
    }
    /// A text per alternative; missing where none was chosen or the alternative has none.
    pub fn choice_text(&mut self, choice: Choice, texts: &[Option<&str>]) -> Text {
        let _ = (choice, texts);
        todo!()
    }
    /// A number per alternative; missing where none was chosen or the alternative has none.
    pub fn choice_number(&mut self, choice: Choice, numbers: &[Option<Num>]) -> Num {
        let _ = (choice, numbers);
        todo!()
    }
    /// Sum of the weights whose mask holds, added in order from 0.
    pub fn weigh(&mut self, evidence: &[(Mask, f64)]) -> Num {
        let _ = evidence;
        todo!()
    }
    /// The alternative with the highest number, the earlier of equals, among those `>= minimum` and `> 0`, of the rows in
    /// `within`; and its share `number / sum of all numbers` (the sum in order). Missing numbers do not take part.
    pub fn highest(&mut self, numbers: &[Num], minimum: f64, within: Mask) -> (Choice, Num) {
        let _ = (numbers, minimum, within);
        todo!()
    }
    /// Among alternatives whose mask holds: the one with the highest number, those with a missing number after all
    /// others; the earlier of equals.
    pub fn best(&mut self, alternatives: &[(Mask, Num)]) -> Choice {
        let _ = alternatives;
        todo!()
    }
    /// `a op b` on numbers, with the meaning of [`crate::expr::Arith`].
    pub fn arith(&mut self, op: crate::expr::Arith, a: Num, b: Num) -> Num {
        let _ = (op, a, b);
        todo!()
    }
    /// `min(max(x, low), high)`; missing stays missing.
    pub fn clamp(&mut self, x: Num, low: f64, high: f64) -> Num {
        let _ = (x, low, high);
        todo!()
    }
    /// `x`, or this number where it is missing.
    pub fn or_number(&mut self, x: Num, otherwise: f64) -> Num {
        let _ = (x, otherwise);
        todo!()
    }
    /// `x` in the rows of the mask, missing elsewhere.
    pub fn only(&mut self, x: Reg, within: Mask) -> Reg {
        let _ = (x, within);
        todo!()
    }
    /// The score of the first band with `x < below` (`None` is no bound); missing where `x` is, or no band fits.
    pub fn bands(&mut self, x: Num, bands: &[(Option<f64>, f64)]) -> Num {
        let _ = (x, bands);
        todo!()
    }
    /// Straight lines between points of strictly rising x, flat outside:
    /// `y0 + (x - x0) * ((y1 - y0) / (x1 - x0))`, and exactly `y` at a point. Missing stays missing.
    /// May have thousands of points (fitted tables).
    pub fn curve(&mut self, x: Num, points: Arc<[(f64, f64)]>) -> Num {
        let _ = (x, points);
        todo!()
    }
    /// A number per text; `otherwise` for others; missing where the text is.
    pub fn map(&mut self, x: Text, map: &[(String, f64)], otherwise: Option<f64>) -> Num {
        let _ = (x, map, otherwise);
        todo!()
    }
    /// `sum(w * x) / sum(w)` over the numbers that are there, both sums in order from 0; missing if none is.
    pub fn weighted_mean(&mut self, terms: &[(Num, f64)]) -> Num {
        let _ = terms;
        todo!()
    }
    /// An output column with the value of a register.
    pub fn output(&mut self, name: &str, reg: Reg) {
        let _ = (name, reg);
        todo!()
    }
    /// An output column that is true in the rows of the mask and false elsewhere.
    pub fn output_mask(&mut self, name: &str, mask: Mask) {
        let _ = (name, mask);
        todo!()
    }
    /// An output column that is an input column, as it is (the key).
    pub fn output_input(&mut self, name: &str, field: &str) {
        let _ = (name, field);
        todo!()
    }
    /// An output column with the same text on every row.
    pub fn output_text(&mut self, name: &str, text: &str) {
        let _ = (name, text);
        todo!()
    }
    /// An output column with the same value of a type on every row.
    pub fn output_value(&mut self, name: &str, ty: Type, value: Value) {
        let _ = (name, ty, value);
        todo!()
    }
    /// An output column of sentences: per row those whose mask holds, in order, joined by `; `; missing if none holds.
    pub fn output_sentences(&mut self, name: &str, sentences: Vec<(Mask, Vec<Segment>)>) {
        let _ = (name, sentences);
        todo!()
    }
    /// The finished program. `key` is the input column named in script failures.
    pub fn finish(self, key: &str) -> Code {
        let _ = key;
        todo!()
    }
}
