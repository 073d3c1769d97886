//! Which branches of an expression one record takes. Follows the row interpreter step by step, and asks it for every value.
//!
//! Nodes are numbered as [`Expr::walk`] visits them: parents first, from left to right.

use crate::expr::eval::parts;
use crate::expr::{Expr, Kind, Row, Type, Value, evaluate};
use crate::script::Scripts;

/// A choice an expression makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The node that chooses.
    pub node: usize,
    /// Which of its ways, from 0.
    pub way: usize,
    /// The node on that way: where to point at.
    pub target: usize,
    /// What it means that no record took it.
    pub never: &'static str,
}

/// All choices in an expression.
///
/// `if`, `switch`: each branch, and the last one if it is written. `??`: each alternative used. `&&` and `||`: each operand true and
/// not true. An operand that is itself `&&` or `||` is counted by its own operands; a constant is not counted.
#[must_use]
pub fn branches(expr: &Expr) -> Vec<Branch> {
    let mut found = Vec::new();
    let mut nodes = Vec::new();
    expr.walk(&mut |node| nodes.push(node));
    for (node, expr) in nodes.iter().enumerate() {
        let below = children(expr, node);
        let mut add = |way, target, never| found.push(Branch { node, way, target, never });
        match &expr.kind {
            Kind::If { branches, otherwise } => {
                for (way, pair) in below.chunks(2).take(branches.len()).enumerate() {
                    if let Some((_, target)) = pair.last() {
                        add(way, *target, "never taken");
                    }
                }
                if let (Some((_, target)), true) = (below.last(), is_written(otherwise)) {
                    add(branches.len(), *target, "never taken");
                }
            }
            Kind::Switch { arms, otherwise, .. } => {
                for (way, (_, target)) in below.iter().skip(1).take(arms.len()).enumerate() {
                    add(way, *target, "never taken");
                }
                if let (Some((_, target)), true) = (below.last(), is_written(otherwise)) {
                    add(arms.len(), *target, "never taken");
                }
            }
            Kind::Coalesce(_) => {
                for (way, (_, target)) in below.iter().enumerate() {
                    add(way, *target, "never used");
                }
            }
            Kind::And(_) | Kind::Or(_) => {
                for (at, (operand, target)) in below.iter().enumerate() {
                    if !matches!(operand.kind, Kind::And(_) | Kind::Or(_) | Kind::Const(_)) {
                        add(2 * at, *target, "never true");
                        add(2 * at + 1, *target, "never other than true");
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// An `else` or `_` that is not there is a bare missing value.
fn is_written(otherwise: &Expr) -> bool {
    otherwise.kind != Kind::Const(Value::Missing)
}

/// The expressions directly below a node, and their numbers.
fn children(expr: &Expr, node: usize) -> Vec<(&Expr, usize)> {
    let mut next = node + 1;
    parts(expr)
        .into_iter()
        .map(|part| {
            let at = next;
            part.walk(&mut |_| next += 1);
            (part, at)
        })
        .collect()
}

/// The value of an expression, and by `took(node, way)` each choice made on the way to it.
pub fn record(expr: &Expr, row: &dyn Row, scripts: &Scripts, took: &mut dyn FnMut(usize, usize)) -> Value {
    Recorder { row, scripts, took }.value(expr, 0)
}

struct Recorder<'a> {
    row: &'a dyn Row,
    scripts: &'a Scripts,
    took: &'a mut dyn FnMut(usize, usize),
}

impl Recorder<'_> {
    fn value(&mut self, expr: &Expr, node: usize) -> Value {
        let below = children(expr, node);
        match &expr.kind {
            Kind::If { branches, .. } => {
                let (pairs, last) = below.split_at((2 * branches.len()).min(below.len()));
                for (way, pair) in pairs.chunks(2).enumerate() {
                    if let [(condition, at), (then, target)] = pair
                        && self.value(condition, *at) == Value::Bool(true)
                    {
                        (self.took)(node, way);
                        return self.value(then, *target);
                    }
                }
                (self.took)(node, branches.len());
                last.first().map_or(Value::Missing, |(otherwise, at)| self.value(otherwise, *at))
            }
            Kind::Switch { arms, .. } => {
                let Some(((item, at), rest)) = below.split_first() else { return Value::Missing };
                let item = self.value(item, *at);
                let way = arms.iter().position(|(values, _)| values.contains(&item)).unwrap_or(arms.len());
                (self.took)(node, way);
                rest.get(way).map_or(Value::Missing, |(then, at)| self.value(then, *at))
            }
            Kind::Coalesce(list) => {
                for (way, (part, at)) in below.iter().enumerate() {
                    let value = self.value(part, *at);
                    // The last one is used even if it gives nothing.
                    if !value.is_missing() || way + 1 == list.len() {
                        (self.took)(node, way);
                        return value;
                    }
                }
                Value::Missing
            }
            Kind::And(_) => self.operands(node, &below, &Value::Bool(false)),
            Kind::Or(_) => self.operands(node, &below, &Value::Bool(true)),
            _ => {
                // Only the choices below matter; the value is the interpreter's.
                if let (Kind::In { .. }, Some(((item, at), list))) = (&expr.kind, below.split_first()) {
                    let item = self.value(item, *at);
                    for (part, at) in list {
                        if self.value(part, *at) == item && !item.is_missing() {
                            break;
                        }
                    }
                } else {
                    for (part, at) in &below {
                        let _ = self.value(part, *at);
                    }
                }
                evaluate(expr, self.row, self.scripts)
            }
        }
    }

    /// Kleene `&&` and `||`: the first operand with the deciding value ends it.
    fn operands(&mut self, node: usize, below: &[(&Expr, usize)], deciding: &Value) -> Value {
        let Value::Bool(decided) = deciding else { return Value::Missing };
        let mut result = Value::Bool(!decided);
        for (way, (operand, at)) in below.iter().enumerate() {
            debug_assert_eq!(operand.ty, Type::Bool);
            let value = self.value(operand, *at);
            (self.took)(node, 2 * way + usize::from(value != Value::Bool(true)));
            if value == *deciding {
                return value;
            }
            if value.is_missing() {
                result = Value::Missing;
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use std::collections::{BTreeSet, HashMap};

    use super::*;
    use crate::cases::places::At;
    use crate::expr::Slot;
    use crate::pack::load_from_texts;

    struct Record(HashMap<Slot, Value>);

    impl Row for Record {
        fn get(&self, slot: Slot) -> Value {
            self.0.get(&slot).cloned().unwrap_or(Value::Missing)
        }
    }

    const EXPRESSIONS: &[&str] = &[
        "if a > 1 { 1 } else if t == \"x\" { 2 } else { 3 }",
        "if a > 1 { 1 }",
        "switch t { \"x\" | \"y\" => 1, \"z\" => a ?? 7, _ => 3 }",
        "a ?? b ?? 3",
        "(a ?? b) + (b ?? 1)",
        "a > 1 && (y || b > 1) && !y",
        "(y && b > 1) || t in [\"x\", if y { \"z\" } else { t }]",
        "t in [\"a\", t] && (y ?? true)",
        "round(if y { a } else { b }) >= 2 || a == ()",
    ];

    fn pack() -> std::sync::Arc<crate::pack::Pack> {
        let facts: String = EXPRESSIONS.iter().enumerate().map(|(i, text)| format!("fact_{i} = '{text}'\n")).collect();
        let text = format!(
            "[pack]\nname = 'x'\n[record]\nkey = 'k'\n[record.columns]\na = {{ type = 'number' }}\nb = {{ type = 'number' }}\n\
             t = {{ type = 'text' }}\ny = {{ type = 'bool' }}\n[facts]\n{facts}"
        );
        load_from_texts(&[("pack.toml", &text)]).pack.expect("a pack")
    }

    fn records(pack: &crate::pack::Pack) -> Vec<Record> {
        let slot = |name: &str| pack.names.find(name).unwrap();
        let numbers = [Value::Missing, Value::number(0.0), Value::number(2.0)];
        let texts = [Value::Missing, Value::text("x"), Value::text("z"), Value::text("q")];
        let bools = [Value::Missing, Value::Bool(true), Value::Bool(false)];
        let mut all = Vec::new();
        for a in &numbers {
            for b in &numbers {
                for t in &texts {
                    for y in &bools {
                        all.push(Record(HashMap::from([
                            (slot("a"), a.clone()),
                            (slot("b"), b.clone()),
                            (slot("t"), t.clone()),
                            (slot("y"), y.clone()),
                        ])));
                    }
                }
            }
        }
        all
    }

    #[test]
    fn the_recorder_says_what_the_interpreter_says() {
        let pack = pack();
        for at in At::all(&pack) {
            let expr = at.expr(&pack).unwrap();
            for row in records(&pack) {
                let value = record(expr, &row, &pack.scripts, &mut |_, _| {});
                assert_eq!(value, evaluate(expr, &row, &pack.scripts), "{at:?} {:?}", row.0);
            }
        }
    }

    #[test]
    fn every_branch_is_known_and_every_one_is_taken_by_some_record() {
        let pack = pack();
        for at in At::all(&pack) {
            let expr = at.expr(&pack).unwrap();
            let known: BTreeSet<(usize, usize)> = branches(expr).iter().map(|b| (b.node, b.way)).collect();
            let mut taken = BTreeSet::new();
            for row in records(&pack) {
                record(expr, &row, &pack.scripts, &mut |node, way| {
                    taken.insert((node, way));
                });
            }
            // What is taken and not known: an `else` that is not written, operands that are not counted themselves.
            assert!(known.is_subset(&taken), "{at:?}: {:?}", known.difference(&taken).collect::<Vec<_>>());
            assert!(!known.is_empty());
        }
    }

    #[test]
    fn the_branch_taken_is_the_one_the_values_ask_for() {
        let pack = pack();
        let slot = |name: &str| pack.names.find(name).unwrap();
        let taken = |fact: usize, values: &[(&str, Value)]| {
            let row = Record(values.iter().map(|(name, value)| (slot(name), value.clone())).collect());
            let mut taken = Vec::new();
            record(At::Fact(fact).expr(&pack).unwrap(), &row, &pack.scripts, &mut |node, way| taken.push((node, way)));
            taken
        };
        // Facts are in dependency order; none reads another, so the order is that of the text.
        assert_eq!(taken(0, &[("a", Value::number(2.0))]), [(0, 0)]);
        assert_eq!(taken(0, &[("t", Value::text("x"))]), [(0, 1)]);
        assert_eq!(taken(0, &[]), [(0, 2)]);
        assert_eq!(taken(3, &[("b", Value::number(2.0))]), [(0, 1)]);
        // `a > 1` is false: the rest is not looked at.
        assert_eq!(taken(5, &[("a", Value::number(0.0))]), [(0, 1)]);
    }
}
