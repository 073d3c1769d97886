//! Writing a program: expressions, and the few building blocks the stages need.

use std::collections::HashMap;
use std::sync::Arc;

use super::Code;
use super::graph::Graph;
use super::op::{Bank, Bits, Id, Measure, Op, Src};
use super::plan::{Output, OutputKind, Piece};
use super::script::calls;
use crate::expr::{Arith, Expr, Names, Slot, Type, Value};
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
pub struct Builder {
    pub(super) scripts: Arc<Scripts>,
    pub(super) graph: Graph,
    pub(super) names: HashMap<Slot, Meaning>,
    /// The rows script functions are called for.
    pub(super) scope: Id,
    /// The same in names that stand for an expression.
    pub(super) named: Id,
    inputs: Vec<(String, Type)>,
    outputs: Vec<Output>,
    declared: Arc<Names>,
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    Constant(Value),
    Input(u32, Type),
    Defined(Arc<Expr>, Lowered),
    Bound(Reg),
}

/// What of a defined name was already asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Lowered {
    /// Number, date or text.
    pub(super) value: Option<Id>,
    pub(super) yes: Option<Id>,
    pub(super) no: Option<Id>,
    /// Its value, if it is the same on every row.
    pub(super) constant: Option<Option<Value>>,
}

impl Builder {
    /// An empty program over the names of a pack.
    #[must_use]
    pub fn new(names: Arc<Names>, scripts: Arc<Scripts>) -> Self {
        let mut graph = Graph::default();
        let scope = graph.fill(true);
        Builder {
            scripts,
            graph,
            names: HashMap::new(),
            scope,
            named: scope,
            inputs: Vec::new(),
            outputs: Vec::new(),
            declared: names,
        }
    }

    /// A parameter or `today`: the same for all rows of a run.
    pub fn constant(&mut self, slot: Slot, value: Value) {
        self.names.insert(slot, Meaning::Constant(value));
    }

    /// A column of the record batch, by its field name. A batch may lack it: all missing then.
    pub fn input(&mut self, slot: Slot, field: &str) {
        let ty = self.declared.get(slot).ty;
        let at = self.inputs.iter().position(|(name, t)| name == field && *t == ty).unwrap_or_else(|| {
            self.inputs.push((field.to_owned(), ty));
            self.inputs.len() - 1
        });
        self.names.insert(slot, Meaning::Input(at as u32, ty));
    }

    /// A name that is an expression over names declared before.
    pub fn define(&mut self, slot: Slot, expr: &Expr) {
        self.names.insert(slot, Meaning::Defined(Arc::new(expr.clone()), Lowered::default()));
    }

    /// A name a stage has decided.
    pub fn bind(&mut self, slot: Slot, reg: Reg) {
        self.names.insert(slot, Meaning::Bound(reg));
    }

    /// From here on script functions are called for these rows only; elsewhere their value is missing. A name that was asked
    /// for before keeps what it has.
    pub fn call_within(&mut self, mask: Mask) {
        self.scope = mask.0;
        self.named = mask.0;
    }

    /// Rows where the expression (a bool) is true.
    pub fn is_true(&mut self, expr: &Expr) -> Mask {
        Mask(self.truth(expr, true))
    }

    /// The value of an expression.
    pub fn value(&mut self, expr: &Expr) -> Reg {
        match expr.ty {
            Type::Number => Reg::Number(Num(self.lower_number(expr))),
            Type::Date => Reg::Date(Num(self.lower_number(expr))),
            Type::Text => Reg::Text(Text(self.lower_text(expr))),
            Type::Bool => Reg::Bool { yes: Mask(self.truth(expr, true)), no: Mask(self.truth(expr, false)) },
        }
    }

    /// A number that is the same on every row; `None` is missing.
    pub fn number(&mut self, value: Option<f64>) -> Num {
        Num(self.graph.number(value.unwrap_or(f64::NAN)))
    }

    /// Every row.
    pub fn all(&mut self) -> Mask {
        Mask(self.graph.fill(true))
    }

    /// Rows in all of them (every row if there is none).
    pub fn and(&mut self, masks: &[Mask]) -> Mask {
        let all = self.graph.fill(true);
        Mask(masks.iter().fold(all, |a, b| self.graph.and(a, b.0)))
    }

    /// Rows in any of them.
    pub fn or(&mut self, masks: &[Mask]) -> Mask {
        let none = self.graph.fill(false);
        Mask(masks.iter().fold(none, |a, b| self.graph.or(a, b.0)))
    }

    /// Rows not in it.
    pub fn not(&mut self, mask: Mask) -> Mask {
        Mask(self.graph.not(mask.0))
    }

    /// Rows where a text is there and is this one.
    pub fn text_is(&mut self, text: Text, value: &str) -> Mask {
        let value = self.graph.text(Some(value));
        Mask(self.graph.text_same(text.0, value, true))
    }

    /// Rows where a text is there.
    pub fn text_there(&mut self, text: Text) -> Mask {
        Mask(self.graph.text_there(text.0))
    }

    /// `yes` in the rows of the mask, `no` elsewhere.
    pub fn pick_text(&mut self, mask: Mask, yes: Text, no: Text) -> Text {
        Text(self.graph.pick_text(mask.0, yes.0, no.0))
    }

    /// `yes` in the rows of the mask, `no` elsewhere.
    pub fn pick_number(&mut self, mask: Mask, yes: Num, no: Num) -> Num {
        Num(self.graph.pick(mask.0, yes.0, no.0))
    }

    /// The first rule that is true, of the rows in `within`; `None` as a rule is always true.
    /// Rules are skipped for chunks in which no row is left undecided.
    pub fn first_match(&mut self, rules: &[Option<&Expr>], within: Mask) -> Choice {
        let outer = self.scope;
        self.scope = self.graph.and(outer, within.0);
        let mut masks: Vec<Id> = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            let mask = match rule {
                Some(rule) => self.truth(rule, true),
                None => self.graph.fill(true),
            };
            if rules.iter().skip(at + 1).flatten().any(|rule| calls(&self.scripts, std::slice::from_ref(*rule))) {
                self.scope = self.graph.and_not(self.scope, mask);
            }
            masks.push(mask);
        }
        self.scope = outer;
        self.first(within.0, masks)
    }

    /// The first mask that holds.
    pub fn first_of(&mut self, masks: &[Mask]) -> Choice {
        let all = self.graph.fill(true);
        self.first(all, masks.iter().map(|m| m.0).collect())
    }

    fn first(&mut self, within: Id, masks: Vec<Id>) -> Choice {
        Choice(self.graph.first(within, masks))
    }

    /// Rows where this alternative was chosen.
    pub fn chosen(&mut self, choice: Choice, index: usize) -> Mask {
        Mask(self.graph.is(choice.0, index))
    }

    /// A text per alternative; missing where none was chosen or the alternative has none.
    pub fn choice_text(&mut self, choice: Choice, texts: &[Option<&str>]) -> Text {
        let codes = texts.iter().map(|t| t.map_or(0, |t| self.graph.code(t)));
        let codes: Vec<u32> = std::iter::once(0).chain(codes).collect();
        Text(self.graph.text_of_choice(choice.0, codes))
    }

    /// A number per alternative; missing where none was chosen or the alternative has none.
    pub fn choice_number(&mut self, choice: Choice, numbers: &[Option<Num>]) -> Num {
        let numbers = numbers.iter().map(|n| match n {
            Some(n) => self.graph.src(n.0),
            None => Src::Const(Bits::MISSING),
        });
        let numbers = numbers.collect();
        let wide = self.graph.bank(choice.0) == Bank::Words;
        Num(self.graph.push(Op::OfChoice { choice: choice.0, wide, numbers }, Bank::Numbers))
    }

    /// Sum of the weights whose mask holds, added in order from 0.
    pub fn weigh(&mut self, evidence: &[(Mask, f64)]) -> Num {
        let terms: Vec<(Id, Bits)> = evidence.iter().map(|(mask, weight)| (mask.0, Bits::of(*weight))).collect();
        if terms.is_empty() {
            return self.number(Some(0.0));
        }
        Num(self.graph.push(Op::Weigh(terms), Bank::Numbers))
    }

    /// The alternative with the highest number, the earlier of equals, among those `>= minimum` and `> 0`, of the rows in
    /// `within`; and its share `number / sum of all numbers` (the sum in order). Missing numbers do not take part.
    pub fn highest(&mut self, numbers: &[Num], minimum: f64, within: Mask) -> (Choice, Num) {
        let numbers: Vec<Id> = numbers.iter().map(|n| n.0).collect();
        let choice = self.graph.highest(&numbers, Bits::of(minimum), within.0);
        let wide = self.graph.bank(choice) == Bank::Words;
        let share = self.graph.push(Op::Share { choice, wide, numbers }, Bank::Numbers);
        (Choice(choice), Num(share))
    }

    /// Among alternatives whose mask holds: the one with the highest number, those with a missing number after all
    /// others; the earlier of equals.
    pub fn best(&mut self, alternatives: &[(Mask, Num)]) -> Choice {
        let alternatives: Vec<(Id, Id)> = alternatives.iter().map(|(mask, number)| (mask.0, number.0)).collect();
        Choice(self.graph.choice(alternatives.len(), |wide| Op::Best { alternatives, wide }))
    }

    /// `a op b` on numbers, with the meaning of [`crate::expr::Arith`].
    pub fn arith(&mut self, op: Arith, a: Num, b: Num) -> Num {
        Num(self.graph.arith(op, a.0, b.0))
    }

    /// `min(max(x, low), high)`; missing stays missing.
    pub fn clamp(&mut self, x: Num, low: f64, high: f64) -> Num {
        Num(self.graph.clamp(x.0, low, high))
    }

    /// `x`, or this number where it is missing.
    pub fn or_number(&mut self, x: Num, otherwise: f64) -> Num {
        let otherwise = self.graph.number(otherwise);
        Num(self.graph.or_else(x.0, otherwise))
    }

    /// `x` in the rows of the mask, missing elsewhere.
    pub fn only(&mut self, x: Reg, within: Mask) -> Reg {
        let g = &mut self.graph;
        match x {
            Reg::Number(x) => Reg::Number(self.number_only(x, within)),
            Reg::Date(x) => Reg::Date(self.number_only(x, within)),
            Reg::Text(x) => {
                let missing = g.text(None);
                Reg::Text(Text(g.pick_text(within.0, x.0, missing)))
            }
            Reg::Bool { yes, no } => Reg::Bool { yes: Mask(g.and(yes.0, within.0)), no: Mask(g.and(no.0, within.0)) },
        }
    }

    /// `x` in the rows of the mask, missing elsewhere.
    pub fn number_only(&mut self, x: Num, within: Mask) -> Num {
        let missing = self.graph.missing();
        Num(self.graph.pick(within.0, x.0, missing))
    }

    /// The score of the first band with `x < below` (`None` is no bound); missing where `x` is, or no band fits.
    pub fn bands(&mut self, x: Num, bands: &[(Option<f64>, f64)]) -> Num {
        let bounded = bands.iter().map_while(|(below, score)| below.map(|b| (Bits::of(b), Bits::of(*score))));
        let bounded: Vec<(Bits, Bits)> = bounded.collect();
        let rest = bands.get(bounded.len()).map_or(Bits::MISSING, |(_, score)| Bits::of(*score));
        Num(self.graph.push(Op::Bands(x.0, bounded, rest), Bank::Numbers))
    }

    /// Straight lines between points of strictly rising x, flat outside:
    /// `y0 + (x - x0) * ((y1 - y0) / (x1 - x0))`, and exactly `y` at a point. Missing stays missing.
    /// May have thousands of points (fitted tables).
    pub fn curve(&mut self, x: Num, points: Arc<[(f64, f64)]>) -> Num {
        Num(self.graph.curve(x.0, points))
    }

    /// A number per text; `otherwise` for others; missing where the text is.
    pub fn map(&mut self, x: Text, map: &[(String, f64)], otherwise: Option<f64>) -> Num {
        let mut table = HashMap::new();
        for (text, number) in map {
            // The first of equal keys counts.
            table.entry(self.graph.code(text)).or_insert(Bits::of(*number));
        }
        let otherwise = otherwise.map_or(Bits::MISSING, Bits::of);
        Num(self.graph.measure(Measure::Table(table, otherwise), x.0))
    }

    /// `sum(w * x) / sum(w)` over the numbers that are there, both sums in order from 0; missing if none is.
    pub fn weighted_mean(&mut self, terms: &[(Num, f64)]) -> Num {
        let terms: Vec<(Id, Bits)> = terms.iter().map(|(x, weight)| (x.0, Bits::of(*weight))).collect();
        Num(self.graph.push(Op::Mean(terms), Bank::Numbers))
    }

    fn add(&mut self, name: &str, kind: OutputKind) {
        self.outputs.push(Output { name: name.to_owned(), kind });
    }

    /// An output column with the value of a register.
    pub fn output(&mut self, name: &str, reg: Reg) {
        let (id, ty) = match reg {
            Reg::Number(x) => (x.0, Type::Number),
            Reg::Date(x) => (x.0, Type::Date),
            Reg::Text(x) => (x.0, Type::Text),
            Reg::Bool { yes, no } => return self.add(name, OutputKind::Bool { yes: yes.0, no: no.0 }),
        };
        let kind = match (self.graph.value_of(id, ty), ty) {
            (Some(value), _) => OutputKind::Constant(ty, value),
            (None, Type::Date) => OutputKind::Date(id),
            (None, Type::Text) => OutputKind::Text(id),
            (None, _) => OutputKind::Number(id),
        };
        self.add(name, kind);
    }

    /// An output column that is true in the rows of the mask and false elsewhere.
    pub fn output_mask(&mut self, name: &str, mask: Mask) {
        self.add(name, OutputKind::Mask(mask.0));
    }

    /// An output column that is an input column, as it is (the key).
    pub fn output_input(&mut self, name: &str, field: &str) {
        let ty = self.inputs.iter().find(|(input, _)| input == field).map(|(_, ty)| *ty);
        self.add(name, OutputKind::Input(field.to_owned(), ty));
    }

    /// An output column with the same text on every row.
    pub fn output_text(&mut self, name: &str, text: &str) {
        self.output_value(name, Type::Text, Value::text(text));
    }

    /// An output column with the same value of a type on every row.
    pub fn output_value(&mut self, name: &str, ty: Type, value: Value) {
        self.add(name, OutputKind::Constant(ty, value));
    }

    /// An output column of sentences: per row those whose mask holds, in order, joined by `; `; missing if none holds.
    pub fn output_sentences(&mut self, name: &str, sentences: Vec<(Mask, Vec<Segment>)>) {
        let sentences = sentences.into_iter().map(|(mask, segments)| {
            let pieces = segments.into_iter().map(|segment| match segment {
                Segment::Text(text) => Piece::Written(text.into()),
                Segment::Value(expr) => match self.value(&expr) {
                    Reg::Number(x) => Piece::Number(x.0),
                    Reg::Date(x) => Piece::Date(x.0),
                    Reg::Text(x) => Piece::Text(x.0),
                    Reg::Bool { yes, no } => Piece::Bool { yes: yes.0, no: no.0 },
                },
            });
            (mask.0, pieces.collect())
        });
        let sentences = sentences.collect();
        self.add(name, OutputKind::Sentences(sentences));
    }

    /// The finished program. `key` is the input column named in script failures.
    pub fn finish(self, key: &str) -> Code {
        Code::new(Arc::new(self.graph), self.scripts, self.inputs, Arc::new(self.outputs), key)
    }
}
