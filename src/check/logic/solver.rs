//! Questions and answers: can these conditions be true, and those not true, for one record?

use std::collections::HashMap;

use super::formula::Formula;
use super::search::{Found, search};
use super::space::{Meaning, Space};
use super::translate::Ask;
use super::witness::{Proof, Record, reads, record_of};
use crate::expr::{Expr, Value, evaluate};
use crate::pack::{Pack, Table};
use crate::script::Scripts;

/// The answer to a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Proved: there is no such record, whatever its values.
    Impossible,
    /// There is one, and here it is. It was proved by evaluating the conditions on it.
    Possible(Record),
    /// Neither was proved; why not.
    NotDecided(String),
}

/// Answers questions about the conditions of one pack.
///
/// Arithmetic is that of real numbers; numbers beyond 1e100 and days outside of the calendar are left out of account. Parameters
/// are constants, facts are what they are defined as. What cannot be looked into (a script, a division by a name) is taken for a
/// value of its own that may be anything, so that "impossible" stays certain.
pub struct Solver<'a> {
    pub(super) space: Space,
    scripts: &'a Scripts,
    /// Steps that are left for all questions.
    budget: usize,
    /// Records that were tried and are left.
    tries: usize,
    /// Records found so far: often one of them answers the next question, too.
    pool: Vec<Record>,
    /// By the address of an expression of the pack.
    formulas: HashMap<(usize, Ask), Formula>,
}

/// Steps one question may take.
const STEPS: usize = 120_000;
/// Steps all questions together may take.
const ALL_STEPS: usize = 4_000_000;
/// Records that may be tried for one question.
const TRIES: usize = 2_000;
/// Records that may be tried for all questions together.
const ALL_TRIES: usize = 60_000;

impl<'a> Solver<'a> {
    /// For the rules of a pack.
    #[must_use]
    pub fn new(pack: &'a Pack) -> Self {
        Self::over(Space::of_pack(pack, false), &pack.scripts)
    }

    /// For the rules of a pack, with parameters that are true or false taken for free.
    #[must_use]
    pub fn with_free_switches(pack: &'a Pack) -> Self {
        Self::over(Space::of_pack(pack, true), &pack.scripts)
    }

    /// For the conditions of rollups over a table.
    #[must_use]
    pub fn of_table(pack: &'a Pack, table: &Table) -> Self {
        Self::over(Space::of_table(pack, table), &pack.scripts)
    }

    fn over(space: Space, scripts: &'a Scripts) -> Self {
        Self { space, scripts, budget: ALL_STEPS, tries: ALL_TRIES, pool: Vec::new(), formulas: HashMap::new() }
    }

    /// Whether one record can make every condition of `yes` true and none of `no` (missing is not true). What the conditions
    /// were translated to is kept.
    pub fn ask(&mut self, yes: &[&'a Expr], no: &[&'a Expr]) -> Answer {
        if let Some(known) = self.known(yes, no) {
            return Answer::Possible(known);
        }
        let wanted = yes.iter().map(|e| (*e, Ask::True)).chain(no.iter().map(|e| (*e, Ask::NotTrue)));
        let formulas = wanted.map(|(expr, ask)| self.kept(expr, ask)).collect();
        self.run(yes, no, formulas)
    }

    /// As [`Solver::ask`], for conditions that are made for one question.
    pub fn ask_once(&mut self, yes: &[&Expr], no: &[&Expr]) -> Answer {
        if let Some(known) = self.known(yes, no) {
            return Answer::Possible(known);
        }
        let wanted = yes.iter().map(|e| (*e, Ask::True)).chain(no.iter().map(|e| (*e, Ask::NotTrue)));
        let formulas = wanted.map(|(expr, ask)| self.space.truth(expr, ask)).collect();
        self.run(yes, no, formulas)
    }

    /// The formula of an expression that stays where it is as long as the solver lives, so that its address tells it.
    fn kept(&mut self, expr: &'a Expr, ask: Ask) -> Formula {
        let key = (std::ptr::from_ref(expr) as usize, ask);
        if let Some(known) = self.formulas.get(&key) {
            return known.clone();
        }
        let formula = self.space.truth(expr, ask);
        self.formulas.insert(key, formula.clone());
        formula
    }

    /// A record found for another question that answers this one.
    fn known(&self, yes: &[&Expr], no: &[&Expr]) -> Option<Record> {
        self.pool.iter().rev().take(16).find(|record| self.fits(record, yes, no)).cloned()
    }

    fn run(&mut self, yes: &[&Expr], no: &[&Expr], mut formulas: Vec<Formula>) -> Answer {
        let all: Vec<&Expr> = yes.iter().chain(no).copied().collect();
        if formulas.contains(&Formula::Const(false)) {
            return Answer::Impossible;
        }
        let (facts, slots) = reads(&self.space, &all);
        formulas.extend(self.space.axioms_about(&slots));
        let mut steps = STEPS.min(self.budget);
        let before = steps;
        let tries = TRIES.min(self.tries);
        let mut proof = Proof { space: &self.space, scripts: self.scripts, yes, no, facts, tries };
        let mut found: Option<Record> = None;
        let outcome = search(&self.space, &formulas, &mut steps, &mut |case| match record_of(case, &mut proof) {
            Ok(record) => {
                found = Some(record);
                Some(true)
            }
            Err(false) => Some(false),
            Err(true) => None,
        });
        let used = tries - proof.tries;
        self.tries = self.tries.saturating_sub(used);
        self.budget = self.budget.saturating_sub(before - steps);
        match (outcome, found) {
            (Found::No, _) => Answer::Impossible,
            (Found::Yes, Some(mut record)) => {
                self.complete(&mut record);
                self.pool.push(record.clone());
                Answer::Possible(record)
            }
            (Found::TooLong, _) => Answer::NotDecided("there are too many cases to look at".to_owned()),
            _ => Answer::NotDecided(self.outside(&all)),
        }
    }

    /// Whether two conditions are true for the same records; `None` if that is not decided.
    pub fn same(&mut self, a: &'a Expr, b: &'a Expr) -> Option<bool> {
        match self.ask(&[a], &[b]) {
            Answer::Possible(_) => Some(false),
            Answer::NotDecided(_) => None,
            Answer::Impossible => match self.ask(&[b], &[a]) {
                Answer::Impossible => Some(true),
                Answer::Possible(_) => Some(false),
                Answer::NotDecided(_) => None,
            },
        }
    }

    /// Whether a record makes every condition of `yes` true and none of `no`.
    pub(super) fn fits(&self, record: &Record, yes: &[&Expr], no: &[&Expr]) -> bool {
        let truth = |expr: &&Expr| evaluate(expr, record, self.scripts) == Value::Bool(true);
        yes.iter().all(truth) && !no.iter().any(truth)
    }

    /// Computes every fact of a record.
    pub(super) fn complete(&self, record: &mut Record) {
        for slot in &self.space.derived {
            if let Some(Meaning::Derived(expr)) = self.space.names.get(slot.0 as usize).map(|known| &known.meaning) {
                let value = evaluate(expr, record, self.scripts);
                record.set(*slot, value);
            }
        }
    }

    /// Which part of some conditions cannot be looked into, in words.
    fn outside(&self, exprs: &[&Expr]) -> String {
        let (facts, _) = reads(&self.space, exprs);
        let mut parts: Vec<&Expr> = exprs.to_vec();
        for slot in facts {
            if let Some(Meaning::Derived(expr)) = self.space.names.get(slot.0 as usize).map(|known| &known.meaning) {
                parts.push(expr);
            }
        }
        let mut reason = None;
        for part in parts {
            part.walk(&mut |e| {
                if reason.is_none() {
                    reason = match &e.kind {
                        crate::expr::Kind::Script(signature, _) => {
                            Some(format!("it calls the script `{}`", signature.path()))
                        }
                        crate::expr::Kind::Call(func, _) => match func.name() {
                            "min" | "max" | "abs" | "clamp" | "add_days" | "days_between" => None,
                            name => Some(format!("what `{name}` gives is not looked into")),
                        },
                        crate::expr::Kind::Arith(op, _, b)
                            if matches!(
                                op,
                                crate::expr::Arith::Mul
                                    | crate::expr::Arith::Div
                                    | crate::expr::Arith::Rem
                                    | crate::expr::Arith::Pow
                            ) && !b.slots().is_empty() =>
                        {
                            Some(format!("`{}` of two values that are not fixed is not looked into", op.symbol()))
                        }
                        _ => None,
                    };
                }
            });
        }
        reason.unwrap_or_else(|| "no sample was found".to_owned())
    }
}
