//! One expression on one customer, taken apart: the value of every part of it, and what stands behind its names.
//!
//! The values are those of [`expr::eval::trace`](crate::expr::eval::trace); what is added is the text of each part, what a name
//! means, which branches were not taken, and why something has no value.

mod names;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::known::Known;
use super::scene::{Scene, facts};
use super::show::show;
use crate::diag::Sources;
use crate::expr::eval::{Trace, parts, trace};
use crate::expr::{Expr, Kind, NameKind, Slot, Value};
use crate::pack::Pack;
use crate::stage::{Context, Decision, RowValues};

/// What an expression is held under: a pack, and a customer decided by it.
#[derive(Clone, Copy)]
pub struct Lamp<'a> {
    /// The rules.
    pub pack: &'a Pack,
    /// The as-of date, and the population.
    pub context: &'a Context,
    /// The customer.
    pub decision: &'a Decision,
    /// The pack's texts, and that of the expression.
    pub sources: &'a Sources,
    /// Names whose value was given by hand.
    pub given: &'a [Slot],
    /// How many names deep to look: 0 shows names with their values only, 1 opens those in the expression, and so on.
    pub depth: usize,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Written out.
    Constant,
    /// The as-of date.
    Today,
    /// A parameter.
    Parameter,
    /// A column of the record.
    Column,
    /// A value of many events.
    Rollup,
    /// A named expression.
    Fact,
    /// Decided by the rules: `state`, `score.payment`.
    Decided,
    /// A function of the language.
    Function,
    /// A function of a script.
    Script,
    /// Arithmetic, comparison, `&&`, `if` and the like.
    Operation,
}

/// A part of an expression with its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// What it is to the part above, where that needs a word: `if`, `then`, `else`, `weight 3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// As written.
    pub text: String,
    /// What it is.
    pub what: What,
    /// `number`, `text`, `bool` or `date`.
    #[serde(rename = "type")]
    pub ty: &'static str,
    /// What it gave.
    pub value: Known,
    /// Of a name: what it means. Of a script function: how it is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// Why it has no value, where its parts do not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// The branch was not taken, or an earlier value was there: what stands here did not count.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub not_taken: bool,
    /// The name was opened before, further up.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shown_above: bool,
    /// Its parts, in order; constants only where they are the result of a branch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

impl Part {
    /// Calls `visit` on this part and every one below it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Part)) {
        visit(self);
        self.parts.iter().for_each(|part| part.walk(visit));
    }
}

/// Takes an expression apart. Pure; the value of the whole is that of [`evaluate`](crate::expr::evaluate).
#[must_use]
pub fn unfold(lamp: &Lamp<'_>, expr: &Expr) -> Part {
    let meaning = facts(lamp.pack);
    let mut work = Unfolding { lamp: *lamp, facts: &meaning, opened: HashSet::new() };
    let traced = trace(expr, &lamp.decision.values, &lamp.pack.scripts);
    let mut root = work.part(expr, &traced, true, lamp.depth);
    if root.unknown.is_none() && root.value.0.is_missing() {
        root.unknown = work.scene().why_unknown(expr).map(|why| why.trim_start_matches("unknown: ").to_owned());
    }
    root
}

struct Unfolding<'a> {
    lamp: Lamp<'a>,
    facts: &'a HashMap<Slot, &'a Expr>,
    /// Names that were opened; what is seen once need not be shown again.
    opened: HashSet<Slot>,
}

impl<'a> Unfolding<'a> {
    fn values(&self) -> &'a RowValues {
        &self.lamp.decision.values
    }

    fn scene(&self) -> Scene<'a> {
        let pack = self.lamp.pack;
        Scene { names: &pack.names, row: self.values(), scripts: &pack.scripts, facts: self.facts }
    }

    /// An expression of the pack. `text` is the text of the rule it is the whole of.
    fn rule(&mut self, expr: &Expr, text: &str, depth: usize) -> Part {
        let traced = trace(expr, self.values(), &self.lamp.pack.scripts);
        // In a TOML string with escapes the places of parts are not known.
        let written = self.lamp.sources.text(expr.span).trim() == text.trim();
        self.part(expr, &traced, written, depth)
    }

    /// A part and what is below it. `written`: its span is that of its text, byte for byte.
    fn part(&mut self, expr: &Expr, traced: &Trace, written: bool, depth: usize) -> Part {
        if let Kind::Slot(slot) = expr.kind {
            return self.name(slot, depth);
        }
        let children = match &expr.kind {
            Kind::If { branches, otherwise } => self.branches(branches, otherwise, traced, written, depth),
            Kind::Switch { .. } => self.cases(expr, traced, written, depth),
            Kind::Coalesce(list) => {
                let found = traced.children.iter().position(|t| !t.value.is_missing()).unwrap_or(list.len());
                let pairs = list.iter().zip(&traced.children).enumerate();
                let pairs: Vec<_> = pairs.filter(|(_, (x, _))| !is_constant(x)).collect();
                pairs.into_iter().map(|(i, (x, t))| self.maybe(i <= found, None, x, t, written, depth)).collect()
            }
            _ => {
                let pairs: Vec<_> = parts(expr).into_iter().zip(&traced.children).collect();
                let pairs = pairs.into_iter().filter(|(x, _)| !is_constant(x));
                pairs.map(|(x, t)| self.part(x, t, written, depth)).collect()
            }
        };
        let (what, meaning) = match &expr.kind {
            Kind::Const(_) => (What::Constant, None),
            Kind::Call(..) => (What::Function, None),
            Kind::Script(signature, _) => (What::Script, Some(format!("script: {}", signature.declaration()))),
            _ => (What::Operation, None),
        };
        Part {
            role: None,
            text: self.text(expr, written),
            what,
            ty: expr.ty.word(),
            value: Known(traced.value.clone()),
            meaning,
            unknown: match &traced.note {
                Some(_) => self.scene().failed(expr).map(|failure| failure.words()),
                None => undefined(expr, traced),
            },
            not_taken: false,
            shown_above: false,
            parts: children,
        }
    }

    /// A part that may not have been reached: then it is shown alone.
    fn maybe(
        &mut self,
        taken: bool,
        role: Option<String>,
        expr: &Expr,
        traced: &Trace,
        written: bool,
        depth: usize,
    ) -> Part {
        let mut part = match taken {
            true => self.part(expr, traced, written, depth),
            false => Part {
                role: None,
                text: self.text(expr, written),
                what: what_of(self.lamp.pack, expr),
                ty: expr.ty.word(),
                value: Known(traced.value.clone()),
                meaning: None,
                unknown: None,
                not_taken: true,
                shown_above: false,
                parts: Vec::new(),
            },
        };
        part.role = role;
        part
    }

    fn branches(
        &mut self,
        branches: &[(Expr, Expr)],
        otherwise: &Expr,
        traced: &Trace,
        written: bool,
        depth: usize,
    ) -> Vec<Part> {
        let mut found = false;
        let mut list = Vec::new();
        let mut steps = traced.children.iter();
        for (i, (condition, then)) in branches.iter().enumerate() {
            let (Some(asked), Some(given)) = (steps.next(), steps.next()) else { break };
            let holds = asked.value == Value::Bool(true);
            let word = if i == 0 { "if" } else { "else if" };
            list.push(self.maybe(!found, Some(word.to_owned()), condition, asked, written, depth));
            list.push(self.maybe(!found && holds, Some("then".to_owned()), then, given, written, depth));
            found |= holds;
        }
        if let Some(given) = steps.next()
            && (!found || otherwise.kind != Kind::Const(Value::Missing))
        {
            list.push(self.maybe(!found, Some("else".to_owned()), otherwise, given, written, depth));
        }
        list
    }

    fn cases(&mut self, expr: &Expr, traced: &Trace, written: bool, depth: usize) -> Vec<Part> {
        let Kind::Switch { item, arms, otherwise } = &expr.kind else { return Vec::new() };
        let mut steps = traced.children.iter();
        let Some(looked_at) = steps.next() else { return Vec::new() };
        let mut list = vec![self.maybe(true, Some("switch".to_owned()), item, looked_at, written, depth)];
        let taken = arms.iter().position(|(values, _)| values.contains(&looked_at.value));
        for (i, (values, then)) in arms.iter().enumerate() {
            let Some(given) = steps.next() else { break };
            let values: Vec<String> = values.iter().map(Value::literal).collect();
            let role = format!("{} =>", values.join(" | "));
            list.push(self.maybe(taken == Some(i), Some(role), then, given, written, depth));
        }
        if let Some(given) = steps.next()
            && (taken.is_none() || otherwise.kind != Kind::Const(Value::Missing))
        {
            list.push(self.maybe(taken.is_none(), Some("_ =>".to_owned()), otherwise, given, written, depth));
        }
        list
    }

    fn text(&self, expr: &Expr, written: bool) -> String {
        let text = if written { self.lamp.sources.text(expr.span) } else { "" };
        match text.trim() {
            // A name that stands for another text is shown by its own.
            "" => show(expr, &self.lamp.pack.names),
            text if matches!(expr.kind, Kind::Const(Value::Missing)) && text != "()" => "()".to_owned(),
            text => one_line(text),
        }
    }
}

/// Line breaks and the blanks around them become one blank.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn is_constant(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Const(_))
}

fn what_of(pack: &Pack, expr: &Expr) -> What {
    match &expr.kind {
        Kind::Const(_) => What::Constant,
        Kind::Slot(slot) => kind_of(pack, *slot),
        Kind::Call(..) => What::Function,
        Kind::Script(..) => What::Script,
        _ => What::Operation,
    }
}

fn kind_of(pack: &Pack, slot: Slot) -> What {
    match pack.names.get(slot).kind {
        NameKind::Today => What::Today,
        NameKind::Param => What::Parameter,
        NameKind::Column => What::Column,
        NameKind::Rollup => What::Rollup,
        NameKind::Fact => What::Fact,
        NameKind::Decided => What::Decided,
    }
}

/// Why an operation has no value although all its parts have one.
fn undefined(expr: &Expr, traced: &Trace) -> Option<String> {
    let all_known = traced.children.iter().all(|part| !part.value.is_missing());
    if !traced.value.is_missing() || !all_known || traced.children.is_empty() {
        return None;
    }
    use crate::expr::Arith;
    let why = match &expr.kind {
        Kind::Arith(Arith::Div | Arith::Rem, ..) => "division by zero",
        Kind::Arith(..) if expr.ty == crate::expr::Type::Date => "no day of the calendar",
        Kind::Arith(..) | Kind::Call(..) => "not defined for these values",
        Kind::Script(..) => "the script gives no value for these",
        _ => return None,
    };
    Some(why.to_owned())
}
