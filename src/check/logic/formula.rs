//! Formulas: what must hold of variables, as literals under "and" and "or". Missing has been worked out: a formula is true or false.

use std::rc::Rc;
use std::sync::Arc;

use super::domain::{Test, VarId};
use crate::expr::Compare;

/// One statement about a variable. All but [`Lit::Missing`] say that it is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lit {
    /// It is missing (true) or there (false).
    Missing(VarId, bool),
    /// A bool is this.
    Is(VarId, bool),
    /// A number, a date or a sum of them compares so with a constant.
    Number(VarId, Compare, f64),
    /// A text is one of these (true) or none of them (false).
    In(VarId, Rc<[Arc<str>]>, bool),
    /// A test on a text has this answer.
    Test(VarId, Rc<Test>, bool),
    /// Two texts are the same (true) or not (false).
    Same(VarId, VarId, bool),
}

/// A formula. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Formula {
    /// True or false.
    Const(bool),
    /// A statement.
    Lit(Rc<Lit>),
    /// All of them.
    And(Rc<Node>),
    /// Any of them.
    Or(Rc<Node>),
}

/// Formulas under one "and" or "or".
#[derive(Debug, PartialEq)]
pub(super) struct Node {
    /// Two or more.
    pub(super) list: Vec<Formula>,
    /// How many literals are below, those shared counted each time.
    pub(super) size: usize,
}

impl Formula {
    /// A literal.
    pub(super) fn lit(lit: Lit) -> Formula {
        Formula::Lit(Rc::new(lit))
    }

    /// How many literals it has.
    pub(super) fn size(&self) -> usize {
        match self {
            Formula::Const(_) => 0,
            Formula::Lit(_) => 1,
            Formula::And(node) | Formula::Or(node) => node.size,
        }
    }

    /// All of them.
    pub(super) fn and(list: impl IntoIterator<Item = Formula>) -> Formula {
        Self::join(list, true)
    }

    /// Any of them.
    pub(super) fn or(list: impl IntoIterator<Item = Formula>) -> Formula {
        Self::join(list, false)
    }

    /// Any of some parts of one "or", which are known to differ.
    pub(super) fn any_left(list: Vec<Formula>) -> Formula {
        let size = list.iter().fold(0_usize, |sum, f| sum.saturating_add(f.size()));
        Formula::Or(Rc::new(Node { list, size }))
    }

    fn join(list: impl IntoIterator<Item = Formula>, all: bool) -> Formula {
        let mut kept: Vec<Formula> = Vec::new();
        let mut push = |formula: Formula| {
            if formula.size() > 8 || !kept.contains(&formula) {
                kept.push(formula);
            }
        };
        for formula in list {
            match formula {
                Formula::Const(b) if b == all => {}
                Formula::Const(_) => return Formula::Const(!all),
                Formula::And(node) if all => node.list.iter().cloned().for_each(&mut push),
                Formula::Or(node) if !all => node.list.iter().cloned().for_each(&mut push),
                other => push(other),
            }
        }
        if kept.len() < 2 {
            return kept.pop().unwrap_or(Formula::Const(all));
        }
        let size = kept.iter().fold(0_usize, |sum, f| sum.saturating_add(f.size()));
        let node = Rc::new(Node { list: kept, size });
        if all { Formula::And(node) } else { Formula::Or(node) }
    }
}
