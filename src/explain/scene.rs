//! One record under the lamp: names, values and rules together, and the questions explain asks of them.

use std::collections::HashMap;

use crate::expr::{Expr, Kind, Names, Row, Slot, Stage, Value, eval, evaluate};
use crate::pack::Pack;
use crate::script::{CallError, Scripts};

use super::change::Change;
use super::show::show;

/// How deep facts are followed. Facts cannot go in circles; this bounds the size of the answer.
pub(super) const DEPTH: usize = 16;

/// A fact with more reasons than this to be unknown is named itself; its own line says the rest.
const FEW: usize = 2;

/// One record, and what its names mean.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The names.
    pub names: &'a Names,
    /// Their values on this record.
    pub row: &'a dyn Row,
    /// The script functions.
    pub scripts: &'a Scripts,
    /// What each fact means, so that an answer can go behind its name.
    pub facts: &'a HashMap<Slot, &'a Expr>,
}

/// What the facts of a pack mean, for [`Scene::facts`].
#[must_use]
pub fn facts(pack: &Pack) -> HashMap<Slot, &Expr> {
    pack.facts.iter().map(|f| (f.slot, &f.expr)).collect()
}

/// Why something has no value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    /// Columns and rollups (and what stages decide) that are missing.
    pub missing: Vec<String>,
    /// What has no value although everything in it is known: a division by zero, a script that failed.
    pub undefined: Vec<String>,
}

impl Roots {
    fn absorb(&mut self, other: Roots) {
        for (mine, theirs) in [(&mut self.missing, other.missing), (&mut self.undefined, other.undefined)] {
            for name in theirs {
                if !mine.contains(&name) {
                    mine.push(name);
                }
            }
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.undefined.is_empty()
    }
}

/// A script call that failed on this record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `prestige::image`
    pub function: String,
    /// What went wrong, and where.
    pub error: CallError,
}

impl<'a> Scene<'a> {
    /// The value of an expression.
    #[must_use]
    pub fn value(&self, expr: &Expr) -> Value {
        evaluate(expr, self.row, self.scripts)
    }

    /// The text of an expression.
    #[must_use]
    pub fn text(&self, expr: &Expr) -> String {
        show(expr, self.names)
    }

    /// The names an expression reads, with their values; parameters only if `params`.
    #[must_use]
    pub fn given(&self, expr: &Expr, params: bool) -> Vec<(String, Value)> {
        let slots = expr.slots().into_iter().filter(|s| params || self.names.get(*s).stage > Stage::Run);
        slots.map(|s| (self.names.get(s).name.clone(), self.row.get(s))).collect()
    }

    /// Whether the expression reads anything of the record.
    #[must_use]
    pub fn reads_record(&self, expr: &Expr) -> bool {
        expr.slots().iter().any(|s| self.names.get(*s).stage > Stage::Run)
    }

    /// Why an expression has no value; empty if it has one.
    #[must_use]
    pub fn roots(&self, expr: &Expr) -> Roots {
        // A fact that is asked for by its name answers for itself, with some more patience.
        if let Kind::Slot(slot) = expr.kind
            && let Some(meaning) = self.facts.get(&slot)
            && self.value(expr).is_missing()
        {
            let roots = self.roots_within(meaning, DEPTH);
            if !roots.is_empty() && roots.missing.len() + roots.undefined.len() <= 2 * FEW {
                return roots;
            }
        }
        self.roots_within(expr, DEPTH)
    }

    fn roots_within(&self, expr: &Expr, depth: usize) -> Roots {
        let mut roots = Roots::default();
        if depth == 0 || !self.value(expr).is_missing() {
            return roots;
        }
        let below: Vec<&Expr> = match &expr.kind {
            Kind::Const(_) | Kind::IsMissing { .. } => return roots,
            Kind::Slot(slot) => {
                if let Some(meaning) = self.facts.get(slot) {
                    roots = self.roots_within(meaning, depth - 1);
                    if roots.missing.len() + roots.undefined.len() > FEW {
                        roots = Roots::default();
                    }
                }
                if roots.is_empty() {
                    roots.missing.push(self.names.get(*slot).name.clone());
                }
                return roots;
            }
            Kind::Neg(x) | Kind::Not(x) => vec![x],
            Kind::Arith(_, a, b) | Kind::Compare(_, a, b) => vec![a, b],
            Kind::And(list) | Kind::Or(list) | Kind::Coalesce(list) | Kind::Call(_, list) | Kind::Script(_, list) => {
                list.iter().collect()
            }
            Kind::In { item, list, .. } => std::iter::once(item.as_ref()).chain(list).collect(),
            Kind::If { branches, otherwise } => {
                // A condition that is not known sends the record on: name it, too.
                let mut below = Vec::new();
                let mut taken = otherwise.as_ref();
                for (condition, then) in branches {
                    if self.value(condition) == Value::Bool(true) {
                        taken = then;
                        break;
                    }
                    below.push(condition);
                }
                below.push(taken);
                if below.iter().all(|x| self.roots_within(x, depth - 1).is_empty()) {
                    // The branch gives `()` on purpose.
                    return roots;
                }
                below
            }
            Kind::Switch { item, arms, otherwise } => {
                let value = self.value(item);
                let arm = arms.iter().find(|(values, _)| values.contains(&value)).map(|(_, then)| then);
                vec![item, arm.unwrap_or(otherwise)]
            }
        };
        for x in below {
            roots.absorb(self.roots_within(x, depth - 1));
        }
        if roots.is_empty() && !matches!(expr.kind, Kind::Coalesce(_) | Kind::Switch { .. }) {
            roots.undefined.push(self.text(expr));
        }
        roots
    }

    /// Why an expression has no value, in words; `None` if it has one, or is `()` on purpose.
    #[must_use]
    pub fn why_unknown(&self, expr: &Expr) -> Option<String> {
        if let Some(failure) = self.failed(expr) {
            return Some(failure.words());
        }
        let Roots { missing, undefined } = self.roots(expr);
        let is_empty = missing.is_empty() && undefined.is_empty();
        (!is_empty).then(|| Change::Unknown { missing, undefined }.sentence())
    }

    /// The script calls in an expression that fail on this record.
    #[must_use]
    pub fn failures(&self, expr: &Expr) -> Vec<Failure> {
        let mut found = Vec::new();
        for (signature, error) in eval::failures(expr, self.row, self.scripts) {
            let failure = Failure { function: signature.path(), error };
            if !found.contains(&failure) {
                found.push(failure);
            }
        }
        found
    }

    /// The first script call that fails in an expression, or in a fact it reads that has no value for it.
    #[must_use]
    pub fn failed(&self, expr: &Expr) -> Option<Failure> {
        if self.scripts.signatures().is_empty() { None } else { self.failed_within(expr, DEPTH) }
    }

    fn failed_within(&self, expr: &Expr, depth: usize) -> Option<Failure> {
        if let Some(own) = self.failures(expr).into_iter().next() {
            return Some(own);
        }
        let meaning = |slot: Slot| self.facts.get(&slot).filter(|_| self.row.get(slot).is_missing());
        expr.slots().into_iter().filter_map(meaning).find_map(|fact| self.failed_within(fact, depth.checked_sub(1)?))
    }
}

impl Failure {
    /// `script error: prestige.rhai:27: division by zero`
    #[must_use]
    pub fn words(&self) -> String {
        format!("script error: {}: {}", self.error.place(), self.error.message)
    }
}
