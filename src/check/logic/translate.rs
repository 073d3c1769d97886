//! From typed expressions to formulas. Kleene logic becomes four questions that are answered yes or no: is it true, is it false,
//! is it not true, is it not false.

mod numbers;
mod texts;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::domain::VarId;
use super::formula::{Formula, Lit};
use super::space::{Linear, Meaning, Space};
use crate::expr::{Arith, Compare, Expr, Func, Kind, Slot, Type, Value};

/// A question about a truth value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Ask {
    /// Is it true?
    True,
    /// Is it false?
    False,
    /// Is it false or missing?
    NotTrue,
    /// Is it true or missing?
    NotFalse,
}

impl Ask {
    /// The same question about the opposite.
    fn flipped(self) -> Ask {
        match self {
            Ask::True => Ask::False,
            Ask::False => Ask::True,
            Ask::NotTrue => Ask::NotFalse,
            Ask::NotFalse => Ask::NotTrue,
        }
    }
}

/// Numbers (dates as days): where the formula holds, the value is there and is this sum.
type Cases = Rc<Vec<(Formula, Linear)>>;
/// Texts.
type Texts = Rc<Vec<(Formula, Text)>>;

/// A text that is known, or that of a variable.
#[derive(Debug, Clone)]
pub(super) enum Text {
    Const(Arc<str>),
    Var(VarId),
}

/// What facts were translated to.
#[derive(Default)]
pub(super) struct Memo {
    truths: HashMap<(Slot, Ask), Formula>,
    missing: HashMap<Slot, Formula>,
    numbers: HashMap<Slot, Cases>,
    texts: HashMap<Slot, Texts>,
}

/// So many cases of one value are told apart; a value with more is a part of its own.
const MOST_CASES: usize = 16;
/// So many literals one formula of a value may have.
const MOST_LITERALS: usize = 600;

impl Space {
    /// The answer to a question about a truth value.
    pub(super) fn truth(&mut self, expr: &Expr, ask: Ask) -> Formula {
        let wants_there = matches!(ask, Ask::True | Ask::False);
        match &expr.kind {
            Kind::Const(Value::Bool(b)) => Formula::Const(*b == matches!(ask, Ask::True | Ask::NotFalse)),
            Kind::Const(_) => Formula::Const(!wants_there),
            Kind::Slot(slot) => self.truth_of_name(*slot, ask),
            Kind::Not(x) => self.truth(x, ask.flipped()),
            Kind::And(list) => {
                let parts: Vec<Formula> = list.iter().map(|x| self.truth(x, ask)).collect();
                if matches!(ask, Ask::True | Ask::NotFalse) { Formula::and(parts) } else { Formula::or(parts) }
            }
            Kind::Or(list) => {
                let parts: Vec<Formula> = list.iter().map(|x| self.truth(x, ask)).collect();
                if matches!(ask, Ask::True | Ask::NotFalse) { Formula::or(parts) } else { Formula::and(parts) }
            }
            Kind::IsMissing { item, missing } => {
                let yes = matches!(ask, Ask::True | Ask::NotFalse);
                if *missing == yes { self.missing(item) } else { self.there(item) }
            }
            Kind::Compare(op, a, b) => self.comparison(expr, *op, a, b, ask),
            Kind::In { item, list, negated } => {
                let ask = if *negated { ask.flipped() } else { ask };
                self.membership(expr, item, list, ask)
            }
            Kind::Coalesce(list) => {
                let mut cases = Vec::new();
                let mut before = Vec::new();
                for part in list {
                    let decided =
                        self.truth(part, if matches!(ask, Ask::True | Ask::NotFalse) { Ask::True } else { Ask::False });
                    cases.push(Formula::and(before.iter().cloned().chain([decided])));
                    before.push(self.missing(part));
                }
                if !wants_there {
                    cases.push(Formula::and(before));
                }
                Formula::or(cases)
            }
            Kind::If { branches, otherwise } => {
                let mut cases = Vec::new();
                let mut before = Vec::new();
                for (condition, then) in branches {
                    let (taken, passed) = (self.truth(condition, Ask::True), self.truth(condition, Ask::NotTrue));
                    let then = self.truth(then, ask);
                    cases.push(Formula::and(before.iter().cloned().chain([taken, then])));
                    before.push(passed);
                }
                let otherwise = self.truth(otherwise, ask);
                cases.push(Formula::and(before.into_iter().chain([otherwise])));
                Formula::or(cases)
            }
            Kind::Switch { item, arms, otherwise } => {
                let chosen = as_if(item, arms, otherwise, expr);
                self.truth(&chosen, ask)
            }
            Kind::Call(func, list) => self.asked_of_text(expr, func, list, ask),
            Kind::Neg(_) | Kind::Arith(..) | Kind::Script(..) => {
                let missing = self.missing(expr);
                self.truth_of_atom(expr, false, missing, ask)
            }
        }
    }

    fn truth_of_name(&mut self, slot: Slot, ask: Ask) -> Formula {
        if let Some(var) = self.var(slot) {
            let missing = Formula::lit(Lit::Missing(var, true));
            return Self::answer(var, missing, ask);
        }
        if let Some(known) = self.memo.truths.get(&(slot, ask)) {
            return known.clone();
        }
        let Some(meaning) = self.names.get(slot.0 as usize).map(|known| known.meaning.clone()) else {
            return Formula::Const(false);
        };
        let formula = match meaning {
            Meaning::Const(value) => {
                let expr = Expr {
                    kind: Kind::Const(value),
                    ty: Type::Bool,
                    span: crate::diag::Span::new(crate::diag::FileId(0), 0, 0),
                };
                self.truth(&expr, ask)
            }
            Meaning::Derived(expr) => {
                let formula = self.truth(&expr, ask);
                if formula.size() > MOST_LITERALS {
                    let missing = Formula::Const(false);
                    self.truth_of_atom(&expr, false, missing, ask)
                } else {
                    formula
                }
            }
            Meaning::Free(_) => Formula::Const(false),
        };
        self.memo.truths.insert((slot, ask), formula.clone());
        formula
    }

    /// A truth value outside of the fragment: missing where its arguments are (`missing`), otherwise free.
    fn truth_of_atom(&mut self, expr: &Expr, strict: bool, missing: Formula, ask: Ask) -> Formula {
        let var = self.atom(expr, strict, None);
        let missing = if strict { missing } else { Formula::or([missing, Formula::lit(Lit::Missing(var, true))]) };
        Self::answer(var, missing, ask)
    }

    fn answer(var: VarId, missing: Formula, ask: Ask) -> Formula {
        match ask {
            Ask::True => Formula::lit(Lit::Is(var, true)),
            Ask::False => Formula::lit(Lit::Is(var, false)),
            Ask::NotTrue => Formula::or([Formula::lit(Lit::Is(var, false)), missing]),
            Ask::NotFalse => Formula::or([Formula::lit(Lit::Is(var, true)), missing]),
        }
    }

    /// From what makes a strict condition true and what makes it false (each with its arguments there).
    fn strictly(&mut self, ask: Ask, parts: &[&Expr], mut truth: impl FnMut(&mut Self, bool) -> Formula) -> Formula {
        match ask {
            Ask::True => truth(self, true),
            Ask::False => truth(self, false),
            Ask::NotTrue | Ask::NotFalse => {
                // Missing first: it is tried first, and makes for the plainest samples.
                let mut cases: Vec<Formula> = parts.iter().map(|part| self.missing(part)).collect();
                cases.push(truth(self, ask == Ask::NotFalse));
                Formula::or(cases)
            }
        }
    }

    fn comparison(&mut self, expr: &Expr, op: Compare, a: &Expr, b: &Expr, ask: Ask) -> Formula {
        match a.ty {
            Type::Number | Type::Date => {
                let (left, right) = (self.number(a), self.number(b));
                self.strictly(ask, &[a, b], |space, yes| {
                    let op = if yes { op } else { op.negated() };
                    let mut cases = Vec::new();
                    for (when_left, x) in left.iter() {
                        for (when_right, y) in right.iter() {
                            let holds = space.compared(&x.plus(y, -1.0), op);
                            cases.push(Formula::and([when_left.clone(), when_right.clone(), holds]));
                        }
                    }
                    Formula::or(cases)
                })
            }
            Type::Text => {
                let (left, right) = (self.text(a), self.text(b));
                self.strictly(ask, &[a, b], |space, yes| {
                    let mut cases = Vec::new();
                    for (when_left, x) in left.iter() {
                        for (when_right, y) in right.iter() {
                            let holds = space.texts_compared(expr, if yes { op } else { op.negated() }, x, y, yes);
                            cases.push(Formula::and([when_left.clone(), when_right.clone(), holds]));
                        }
                    }
                    Formula::or(cases)
                })
            }
            Type::Bool => {
                let sides: Vec<[Formula; 2]> =
                    [a, b].map(|x| [self.truth(x, Ask::True), self.truth(x, Ask::False)]).into_iter().collect();
                let [first, second] = sides.as_slice() else { return Formula::Const(false) };
                let ([a_yes, a_no], [b_yes, b_no]) = (first.clone(), second.clone());
                let same = Formula::or([
                    Formula::and([a_yes.clone(), b_yes.clone()]),
                    Formula::and([a_no.clone(), b_no.clone()]),
                ]);
                let other = Formula::or([Formula::and([a_yes, b_no]), Formula::and([a_no, b_yes])]);
                let equal = op == Compare::Eq;
                self.strictly(ask, &[a, b], |_, yes| if yes == equal { same.clone() } else { other.clone() })
            }
        }
    }

    /// The value of an expression without variables.
    fn constant(&self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            Kind::Const(value) if !value.is_missing() => Some(value.clone()),
            Kind::Slot(slot) => match &self.names.get(slot.0 as usize)?.meaning {
                Meaning::Const(value) => Some(value.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// When it is missing.
    pub(super) fn missing(&mut self, expr: &Expr) -> Formula {
        match &expr.kind {
            Kind::Const(value) => Formula::Const(value.is_missing()),
            Kind::Slot(slot) => {
                if let Some(var) = self.var(*slot) {
                    if !self.get(var).domain.missing {
                        return Formula::Const(false);
                    }
                    return Formula::lit(Lit::Missing(var, true));
                }
                if let Some(known) = self.memo.missing.get(slot) {
                    return known.clone();
                }
                let meaning = self.names.get(slot.0 as usize).map(|known| known.meaning.clone());
                let formula = match meaning {
                    Some(Meaning::Const(value)) => Formula::Const(value.is_missing()),
                    Some(Meaning::Derived(expr)) => {
                        let formula = self.missing(&expr);
                        if formula.size() > MOST_LITERALS {
                            let var = self.atom(&expr, false, None);
                            Formula::lit(Lit::Missing(var, true))
                        } else {
                            formula
                        }
                    }
                    _ => Formula::Const(true),
                };
                self.memo.missing.insert(*slot, formula.clone());
                formula
            }
            Kind::IsMissing { .. } => Formula::Const(false),
            Kind::Neg(x) | Kind::Not(x) => self.missing(x),
            Kind::Compare(_, a, b) => Formula::or([self.missing(a), self.missing(b)]),
            Kind::And(_) | Kind::Or(_) | Kind::In { .. } => {
                Formula::and([self.truth(expr, Ask::NotTrue), self.truth(expr, Ask::NotFalse)])
            }
            Kind::Coalesce(list) => {
                let parts: Vec<Formula> = list.iter().map(|x| self.missing(x)).collect();
                Formula::and(parts)
            }
            Kind::If { branches, otherwise } => self.any_branch(branches, otherwise, Self::missing),
            Kind::Switch { item, arms, otherwise } => {
                let chosen = as_if(item, arms, otherwise, expr);
                self.missing(&chosen)
            }
            Kind::Arith(op, a, b) => {
                let strict = Formula::or([self.missing(a), self.missing(b)]);
                if self.is_total(*op, b) {
                    return strict;
                }
                let var = self.atom(expr, false, None);
                Formula::or([strict, Formula::lit(Lit::Missing(var, true))])
            }
            Kind::Call(func, list) => {
                let parts: Vec<Formula> = list.iter().map(|x| self.missing(x)).collect();
                let strict = Formula::or(parts);
                if matches!(func, Func::Sqrt | Func::Ln | Func::Exp | Func::Pow) {
                    let var = self.atom(expr, false, None);
                    return Formula::or([strict, Formula::lit(Lit::Missing(var, true))]);
                }
                strict
            }
            Kind::Script(..) => {
                let var = self.atom(expr, false, None);
                Formula::lit(Lit::Missing(var, true))
            }
        }
    }

    /// When it is there.
    pub(super) fn there(&mut self, expr: &Expr) -> Formula {
        match &expr.kind {
            Kind::Const(value) => Formula::Const(!value.is_missing()),
            Kind::Slot(slot) => {
                if let Some(var) = self.var(*slot) {
                    if !self.get(var).domain.missing {
                        return Formula::Const(true);
                    }
                    return Formula::lit(Lit::Missing(var, false));
                }
                match self.missing(expr) {
                    Formula::Const(b) => Formula::Const(!b),
                    missing => self.negated(&missing),
                }
            }
            Kind::Coalesce(list) => {
                let parts: Vec<Formula> = list.iter().map(|x| self.there(x)).collect();
                Formula::or(parts)
            }
            Kind::If { branches, otherwise } => self.any_branch(branches, otherwise, Self::there),
            _ => {
                let missing = self.missing(expr);
                self.negated(&missing)
            }
        }
    }

    fn any_branch(
        &mut self,
        branches: &[(Expr, Expr)],
        otherwise: &Expr,
        of: fn(&mut Self, &Expr) -> Formula,
    ) -> Formula {
        let mut cases = Vec::new();
        let mut before = Vec::new();
        for (condition, then) in branches {
            let (taken, passed) = (self.truth(condition, Ask::True), self.truth(condition, Ask::NotTrue));
            let then = of(self, then);
            cases.push(Formula::and(before.iter().cloned().chain([taken, then])));
            before.push(passed);
        }
        let otherwise = of(self, otherwise);
        cases.push(Formula::and(before.into_iter().chain([otherwise])));
        Formula::or(cases)
    }

    /// Whether arithmetic always has a result if both sides are there. Sums that leave all bounds are left out of account.
    fn is_total(&self, op: Arith, right: &Expr) -> bool {
        match op {
            Arith::Add | Arith::Sub | Arith::Mul => true,
            Arith::Div | Arith::Rem => self.constant(right).and_then(|v| v.as_number()).is_some_and(|x| x != 0.0),
            Arith::Pow => false,
        }
    }
}

/// Without the cases that cannot be.
fn possible<T>(mut cases: Vec<(Formula, T)>) -> Vec<(Formula, T)> {
    cases.retain(|(when, _)| *when != Formula::Const(false));
    cases
}

impl Space {
    /// The opposite of a formula. What a literal says of a variable includes that it is there, so its opposite is an "or".
    fn negated(&self, formula: &Formula) -> Formula {
        match formula {
            Formula::Const(b) => Formula::Const(!b),
            Formula::And(node) => Formula::or(node.list.iter().map(|part| self.negated(part)).collect::<Vec<_>>()),
            Formula::Or(node) => Formula::and(node.list.iter().map(|part| self.negated(part)).collect::<Vec<_>>()),
            Formula::Lit(lit) => match &**lit {
                Lit::Missing(var, missing) => Formula::lit(Lit::Missing(*var, !missing)),
                Lit::Is(var, b) => self.or_missing(*var, Lit::Is(*var, !b)),
                Lit::In(var, list, yes) => self.or_missing(*var, Lit::In(*var, list.clone(), !yes)),
                Lit::Test(var, test, yes) => self.or_missing(*var, Lit::Test(*var, test.clone(), !yes)),
                Lit::Number(var, op, c) => self.or_missing(*var, Lit::Number(*var, op.negated(), *c)),
                Lit::Same(a, b, yes) => Formula::or([
                    Formula::lit(Lit::Same(*a, *b, !yes)),
                    Formula::lit(Lit::Missing(*a, true)),
                    Formula::lit(Lit::Missing(*b, true)),
                ]),
            },
        }
    }

    /// A sum is missing where one of its parts is.
    fn or_missing(&self, var: VarId, lit: Lit) -> Formula {
        let parts = match &self.get(var).what {
            super::space::What::Sum(terms) => terms.iter().map(|(v, _)| *v).collect(),
            _ => vec![var],
        };
        Formula::or(
            [Formula::lit(lit)].into_iter().chain(parts.into_iter().map(|v| Formula::lit(Lit::Missing(v, true)))),
        )
    }
}

/// `switch x { 1 | 2 => a, _ => b }` as `if x in [1, 2] { a } else { b }`: a missing `x` is in no list.
fn as_if(item: &Expr, arms: &[(Vec<Value>, Expr)], otherwise: &Expr, of: &Expr) -> Expr {
    let branches = arms
        .iter()
        .map(|(values, then)| {
            let list = values
                .iter()
                .map(|value| Expr { kind: Kind::Const(value.clone()), ty: item.ty, span: item.span })
                .collect();
            let kind = Kind::In { item: Box::new(item.clone()), list, negated: false };
            (Expr { kind, ty: Type::Bool, span: item.span }, then.clone())
        })
        .collect();
    Expr { kind: Kind::If { branches, otherwise: Box::new(otherwise.clone()) }, ty: of.ty, span: of.span }
}
