//! Texts, and what is asked of them.

use std::rc::Rc;
use std::sync::Arc;

use super::super::domain::{Test, VarId};
use super::super::formula::{Formula, Lit};
use super::super::space::{Meaning, Space};
use super::{Ask, MOST_CASES, Text, Texts, as_if, possible};
use crate::expr::{Compare, Expr, Func, Kind, Type, Value};

impl Space {
    pub(super) fn texts_compared(&mut self, expr: &Expr, op: Compare, x: &Text, y: &Text, yes: bool) -> Formula {
        match (x, y) {
            (Text::Const(x), Text::Const(y)) => {
                let value = crate::expr::eval::compare(op, &Value::Text(x.clone()), &Value::Text(y.clone()));
                Formula::Const(value == Value::Bool(true))
            }
            (Text::Var(x), Text::Const(y)) => self.text_against(*x, op, y),
            (Text::Const(x), Text::Var(y)) => self.text_against(*y, op.mirrored(), x),
            (Text::Var(x), Text::Var(y)) if x == y => {
                Formula::Const(matches!(op, Compare::Eq | Compare::Le | Compare::Ge))
            }
            (Text::Var(x), Text::Var(y)) => match op {
                Compare::Eq => Formula::lit(Lit::Same(*x, *y, true)),
                Compare::Ne => Formula::lit(Lit::Same(*x, *y, false)),
                _ => {
                    let atom = self.atom(expr, true, None);
                    Formula::lit(Lit::Is(atom, yes))
                }
            },
        }
    }

    pub(super) fn text_against(&mut self, var: VarId, op: Compare, text: &Arc<str>) -> Formula {
        match op {
            Compare::Eq => Formula::lit(Lit::In(var, Rc::from([text.clone()]), true)),
            Compare::Ne => Formula::lit(Lit::In(var, Rc::from([text.clone()]), false)),
            _ => {
                // One test and its opposite, so that the two are seen to exclude each other.
                let (op, yes) = match op {
                    Compare::Ge => (Compare::Lt, false),
                    Compare::Gt => (Compare::Le, false),
                    other => (other, true),
                };
                let test = self.test(var, Test::Order(op, text.clone()));
                Formula::lit(Lit::Test(var, test, yes))
            }
        }
    }

    pub(super) fn membership(&mut self, expr: &Expr, item: &Expr, list: &[Expr], ask: Ask) -> Formula {
        let texts: Option<Vec<Arc<str>>> = list
            .iter()
            .map(|x| if let Kind::Const(Value::Text(text)) = &x.kind { Some(text.clone()) } else { None })
            .collect();
        if let (Some(texts), Type::Text, false) = (texts, item.ty, list.is_empty()) {
            let items = self.text(item);
            let texts: Rc<[Arc<str>]> = texts.into();
            return self.strictly(ask, &[item], |_, yes| {
                Formula::or(items.iter().map(|(when, x)| {
                    let holds = match x {
                        Text::Const(x) => Formula::Const(texts.contains(x) == yes),
                        Text::Var(x) => Formula::lit(Lit::In(*x, texts.clone(), yes)),
                    };
                    Formula::and([when.clone(), holds])
                }))
            });
        }
        let parts: Vec<Formula> = list
            .iter()
            .map(|x| {
                let equal = Kind::Compare(Compare::Eq, Box::new(item.clone()), Box::new(x.clone()));
                self.truth(&Expr { kind: equal, ty: Type::Bool, span: expr.span }, ask)
            })
            .collect();
        if matches!(ask, Ask::True | Ask::NotFalse) { Formula::or(parts) } else { Formula::and(parts) }
    }

    pub(super) fn asked_of_text(&mut self, expr: &Expr, func: &Func, list: &[Expr], ask: Ask) -> Formula {
        let parts: Vec<&Expr> = list.iter().collect();
        let constants: Option<Vec<Value>> = list.iter().skip(1).map(|x| self.constant(x)).collect();
        if let (Some(first), Some(constants)) = (list.first(), constants)
            && first.ty == Type::Text
        {
            let texts = self.text(first);
            let ask_of = Test::Call(func.clone(), constants);
            return self.strictly(ask, &parts, |space, yes| {
                let mut cases = Vec::new();
                for (when, text) in texts.iter() {
                    let holds = match text {
                        Text::Const(text) => Formula::Const(ask_of.holds(text) == yes),
                        Text::Var(var) => {
                            let test = space.test(*var, ask_of.clone());
                            Formula::lit(Lit::Test(*var, test, yes))
                        }
                    };
                    cases.push(Formula::and([when.clone(), holds]));
                }
                Formula::or(cases)
            });
        }
        let missing: Vec<Formula> = parts.iter().map(|x| self.missing(x)).collect();
        let there: Vec<Formula> = parts.iter().map(|x| self.there(x)).collect();
        let answer = self.truth_of_atom(expr, true, Formula::or(missing), ask);
        if matches!(ask, Ask::True | Ask::False) { Formula::and(there.into_iter().chain([answer])) } else { answer }
    }

    /// The cases of a text.
    pub(in crate::check::logic) fn text(&mut self, expr: &Expr) -> Texts {
        match self.text_cases(expr) {
            Some(cases) if cases.len() <= MOST_CASES => cases,
            _ => {
                let there = self.there(expr);
                let strict = !self.may_fail(expr);
                let var = self.atom(expr, strict, None);
                let there = if strict { there } else { Formula::and([there, Formula::lit(Lit::Missing(var, false))]) };
                Rc::new(vec![(there, Text::Var(var))])
            }
        }
    }

    pub(super) fn text_cases(&mut self, expr: &Expr) -> Option<Texts> {
        let of_value = |value: &Value| match value {
            Value::Text(text) => vec![(Formula::Const(true), Text::Const(text.clone()))],
            _ => Vec::new(),
        };
        match &expr.kind {
            Kind::Const(value) => Some(Rc::new(of_value(value))),
            Kind::Slot(slot) => {
                if let Some(var) = self.var(*slot) {
                    let there = self.there(expr);
                    return Some(Rc::new(vec![(there, Text::Var(var))]));
                }
                if let Some(known) = self.memo.texts.get(slot) {
                    return Some(known.clone());
                }
                let cases = match self.names.get(slot.0 as usize).map(|known| known.meaning.clone()) {
                    Some(Meaning::Const(value)) => Rc::new(of_value(&value)),
                    Some(Meaning::Derived(expr)) => self.text(&expr),
                    _ => return None,
                };
                self.memo.texts.insert(*slot, cases.clone());
                Some(cases)
            }
            Kind::Coalesce(list) => {
                let mut cases = Vec::new();
                let mut before = Vec::new();
                for part in list {
                    for (when, value) in self.text(part).iter() {
                        cases.push((Formula::and(before.iter().cloned().chain([when.clone()])), value.clone()));
                    }
                    before.push(self.missing(part));
                }
                Some(Rc::new(possible(cases)))
            }
            Kind::If { branches, otherwise } => {
                let mut cases = Vec::new();
                let mut before = Vec::new();
                for (condition, then) in branches {
                    let (taken, passed) = (self.truth(condition, Ask::True), self.truth(condition, Ask::NotTrue));
                    for (when, value) in self.text(then).iter() {
                        let when = Formula::and(before.iter().cloned().chain([taken.clone(), when.clone()]));
                        cases.push((when, value.clone()));
                    }
                    before.push(passed);
                }
                for (when, value) in self.text(otherwise).iter() {
                    cases.push((Formula::and(before.iter().cloned().chain([when.clone()])), value.clone()));
                }
                Some(Rc::new(possible(cases)))
            }
            Kind::Switch { item, arms, otherwise } => {
                let chosen = as_if(item, arms, otherwise, expr);
                self.text_cases(&chosen)
            }
            _ => None,
        }
    }
}
