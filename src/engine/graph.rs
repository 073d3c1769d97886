//! The program as a graph: one node per distinct computation, operands before users, constants folded.
//!
//! A node is an [`Op`] over earlier nodes. The planner replaces the node ids in it by register numbers and
//! leaves everything else as it is, so the machine executes the same type.

use std::collections::HashMap;
use std::sync::Arc;

use super::op::{Argument, Bank, Binary, Bits, Id, Measure, Op, Relation, Src, TextMap, TextTest, Unary};
use crate::expr::functions::numbers;
use crate::expr::{Arith, Compare, Date, Type, Value};
use crate::script::Signature;

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

    /// Puts an input of the same bank in the place of a node.
    pub(super) fn replace(&mut self, id: Id, op: Op) {
        self.nodes[id as usize].0 = op;
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
            (Src::Const(_), _) => self.mask(Op::Compare(op.mirrored(), y, x)),
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

    /// The first mask that holds within; mask `i` chooses alternative `i`.
    pub(super) fn first(&mut self, within: Id, masks: Vec<Id>) -> Id {
        let rules: Vec<(Id, u32)> = masks.into_iter().enumerate().map(|(at, mask)| (mask, at as u32)).collect();
        self.choice(rules.len(), |wide| Op::First { within, rules, wide })
    }

    /// The alternative with the highest number; see [`crate::engine::Builder::highest`].
    pub(super) fn highest(&mut self, numbers: &[Id], minimum: Bits, within: Id) -> Id {
        if let Some(sums) = self.sums(numbers, minimum) {
            let mut rules = Vec::new();
            for (masks, alternative) in sums {
                let all = self.fill(true);
                let mask = masks.into_iter().fold(all, |a, b| self.and(a, b));
                rules.push((mask, alternative));
            }
            return self.choice(numbers.len(), |wide| Op::First { within, rules, wide });
        }
        let numbers = numbers.to_vec();
        self.choice(numbers.len(), |wide| Op::Highest { within, numbers, minimum, wide })
    }

    /// If every number is a sum of a few weights, all sums that may win, the highest first: the masks that make it, and
    /// whose it is. Whoever holds more masks than those has a higher sum, and was found before.
    fn sums(&self, numbers: &[Id], minimum: Bits) -> Option<Vec<(Vec<Id>, u32)>> {
        const MASKS: usize = 4;
        const SUMS: usize = 256;
        let mut sums: Vec<(f64, Vec<Id>, u32)> = Vec::new();
        for (alternative, id) in numbers.iter().enumerate() {
            let terms = match self.op(*id) {
                Op::Weigh(terms) if terms.len() <= MASKS => terms.as_slice(),
                Op::Number(zero) if zero.get() == 0.0 => &[],
                _ => return None,
            };
            if sums.len() > SUMS || !terms.iter().all(|(_, weight)| weight.get() > 0.0) {
                return None;
            }
            for pattern in 1..1_usize << terms.len() {
                let held = terms.iter().enumerate().filter(|(i, _)| pattern >> i & 1 == 1).map(|(_, term)| term);
                let sum = held.clone().fold(0.0, |sum, (_, weight)| sum + weight.get());
                if !sum.is_finite() {
                    return None;
                }
                if sum >= minimum.get() {
                    sums.push((sum, held.map(|(mask, _)| *mask).collect(), alternative as u32));
                }
            }
        }
        // Of equal sums the earlier alternative's; a stable sort keeps it first. A sum that rounds to that of fewer masks
        // belongs to the same alternative, so it does not matter which of the two is found.
        sums.sort_by(|a, b| b.0.total_cmp(&a.0));
        Some(sums.into_iter().map(|(_, masks, alternative)| (masks, alternative)).collect())
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
        self.script_of(signature, within, within, arguments)
    }

    /// Calls a script for the rows within. Among those `meant` are also the rows on which the same call, with no argument
    /// missing, is computed without the script: they count as called, too.
    pub(super) fn script_of(
        &mut self,
        signature: &Arc<Signature>,
        within: Id,
        meant: Id,
        arguments: Vec<Argument>,
    ) -> Id {
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
        self.push(Op::Script { call: call as u32, within, meant, arguments }, bank)
    }
}
