//! Expressions in words: `days_silent > lost_after` as "days silent is more than lost after (730 days)".
//!
//! What is said is what the expression means, missing values included: `!` moves inwards by Kleene's laws, which changes
//! nothing, and what an unknown value does is said wherever the expression says it.

mod calls;
mod logic;
mod rollup;
#[cfg(test)]
mod tests;

pub(super) use rollup::rollup;

use super::index::{Index, anchor};
use super::model::{Block, Inline, Item, Line, plain};
use super::number::{number, spaced, value as value_words};
use crate::expr::{Arith, Expr, Func, Kind, NameKind, Names, Slot, Type, Value};
use crate::pack::{Pack, Part, Template};

/// How tightly words hold together; what is looser than its surroundings stands in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tie {
    /// A clause with commas in it: `a if b, otherwise c`.
    Clause,
    /// A phrase: `the larger of a and b`.
    Phrase,
    /// A sum or difference.
    Sum,
    /// A product or quotient.
    Product,
    /// A word.
    Word,
}

/// Says expressions over one name space.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pack: &'a Pack,
    names: &'a Names,
    index: &'a Index,
    /// The table of a rollup, whose columns need no table's name.
    table: Option<&'a str>,
}

/// A value that may be unknown and is longer than this becomes a list of alternatives.
const LONG: usize = 90;

/// Words and how tightly they hold together.
type Said = (Line, Tie);

pub(super) fn text(text: impl Into<String>) -> Inline {
    Inline::Text(text.into())
}

impl<'a> Words<'a> {
    /// Over the names of the pack.
    pub(super) fn new(pack: &'a Pack, index: &'a Index) -> Self {
        Words { pack, names: &pack.names, index, table: None }
    }

    /// The same over other names: those of outcomes.
    pub(super) fn over(&self, names: &'a Names) -> Self {
        Words { names, ..*self }
    }

    /// A value as blocks: choices as a table, alternatives as a list, the rest as a sentence.
    pub(super) fn value_blocks(&self, expr: &Expr) -> Vec<Block> {
        match &expr.kind {
            Kind::If { branches, otherwise } => {
                let mut rows: Vec<Vec<Line>> =
                    branches.iter().map(|(when, then)| vec![self.clause(when), self.value(then)]).collect();
                rows.push(vec![vec![text("otherwise")], self.value(otherwise)]);
                vec![Block::Table { head: vec!["If".to_owned(), "it is".to_owned()], rows }]
            }
            Kind::Switch { item, arms, otherwise } => {
                let mut rows: Vec<Vec<Line>> = arms
                    .iter()
                    .map(|(values, then)| {
                        let list: Vec<Line> = values.iter().map(|v| self.constant_beside(item, v)).collect();
                        vec![join(list, " or "), self.value(then)]
                    })
                    .collect();
                rows.push(vec![vec![text("anything else, or unknown")], self.value(otherwise)]);
                let head = format!("If {} is", plain(&self.value(item)));
                vec![Block::Table { head: vec![head, "it is".to_owned()], rows }]
            }
            Kind::Coalesce(list)
                if !is_bool(expr) && (list.len() > 2 || plain(&self.value(expr)).chars().count() > LONG) =>
            {
                let items = list.iter().map(|x| self.alternative(x)).collect();
                vec![Block::text("The first of these that is known:"), Block::List { ordered: true, items }]
            }
            _ if is_bool(expr) => self.yes_if(expr),
            _ => vec![Block::Paragraph(self.value(expr))],
        }
    }

    /// One of several values, of which the first that is known counts.
    fn alternative(&self, expr: &Expr) -> Item {
        let line = self.value(expr);
        let choice = matches!(expr.kind, Kind::If { .. } | Kind::Switch { .. });
        if choice && plain(&line).chars().count() > LONG {
            return Item { line: vec![text("depending on the case:")], below: self.value_blocks(expr) };
        }
        Item { line, below: Vec::new() }
    }

    /// `Yes if …`, for values that are conditions.
    fn yes_if(&self, expr: &Expr) -> Vec<Block> {
        let mut blocks = self.condition(expr);
        match blocks.first_mut() {
            Some(Block::Paragraph(line)) => line.insert(0, text("yes if ")),
            _ => blocks.insert(0, Block::text("yes if")),
        }
        blocks
    }

    /// A sentence of a pack: its texts, and its values in words.
    pub(super) fn sentence(&self, template: &Template) -> Line {
        let part = |part: &Part| match part {
            Part::Text(words) => text(words.clone()),
            Part::Value(expr) => Inline::Value(self.bare(expr).unwrap_or_else(|| self.value(expr))),
        };
        template.parts.iter().map(part).collect()
    }

    /// A parameter without its value and unit: in a sentence the unit mostly stands behind it already.
    fn bare(&self, expr: &Expr) -> Option<Line> {
        let Kind::Slot(slot) = &expr.kind else { return None };
        let named = self.names.get(*slot);
        (named.kind == NameKind::Param)
            .then(|| self.index.name(&named.name))
            .flatten()
            .map(|target| vec![target.link()])
    }

    /// A value with nothing around it.
    pub(super) fn value(&self, expr: &Expr) -> Line {
        self.said(expr).0
    }

    /// A value as a part of something that ties it `tie` or tighter.
    fn within(&self, expr: &Expr, tie: Tie) -> Line {
        let (line, own) = self.said(expr);
        if own < tie { brackets(line) } else { line }
    }

    fn said(&self, expr: &Expr) -> Said {
        match &expr.kind {
            Kind::Const(value) => (vec![text(value_words(value))], Tie::Word),
            Kind::Slot(slot) => (self.name(*slot), Tie::Word),
            Kind::Neg(x) => {
                let mut line = vec![text("−")];
                line.extend(self.within(x, Tie::Word));
                (line, Tie::Product)
            }
            Kind::Arith(op, a, b) => self.arithmetic(*op, a, b),
            Kind::Coalesce(list) if !is_bool(expr) => self.coalesce(list),
            Kind::If { branches, otherwise } => self.choice(branches, otherwise),
            Kind::Switch { item, arms, otherwise } => self.switch(item, arms, otherwise),
            Kind::Call(func, arguments) if !is_bool(expr) => self.call(func, arguments),
            Kind::Script(signature, arguments) if !is_bool(expr) => self.script(&signature.path(), arguments),
            _ => {
                let mut line = vec![text("yes if ")];
                line.extend(self.clause(expr));
                (line, Tie::Clause)
            }
        }
    }

    /// A name, with a parameter's value behind it.
    fn name(&self, slot: Slot) -> Line {
        let name = self.names.get(slot);
        if let Some(table) = self.table
            && let Some(column) = name.name.strip_prefix(table).and_then(|rest| rest.strip_prefix('.'))
        {
            return vec![Inline::Link {
                to: anchor("table", table),
                text: spaced(column),
                hint: self.index.name(&name.name).map(|target| target.hint.clone()).unwrap_or_default(),
            }];
        }
        let Some(target) = self.index.name(&name.name) else { return vec![text(spaced(&name.name))] };
        if name.kind == NameKind::Today {
            return vec![text("today")];
        }
        let mut line = vec![target.link()];
        if !target.after.is_empty() {
            line.push(Inline::Soft(format!(" ({})", target.after)));
        }
        line
    }

    fn arithmetic(&self, op: Arith, a: &Expr, b: &Expr) -> Said {
        match (op, a.ty, b.ty) {
            (Arith::Sub, Type::Date, Type::Date) => self.span("days", b, a),
            (Arith::Add, Type::Date, Type::Number) => self.moved(a, b, false),
            (Arith::Add, Type::Number, Type::Date) => self.moved(b, a, false),
            (Arith::Sub, Type::Date, Type::Number) => self.moved(a, b, true),
            _ => {
                let (sign, tie, right) = match op {
                    Arith::Add => (" + ", Tie::Sum, Tie::Sum),
                    Arith::Sub => (" − ", Tie::Sum, Tie::Product),
                    Arith::Mul => (" × ", Tie::Product, Tie::Product),
                    Arith::Div => (" ÷ ", Tie::Product, Tie::Word),
                    Arith::Rem => (" modulo ", Tie::Product, Tie::Word),
                    Arith::Pow => (" to the power of ", Tie::Product, Tie::Word),
                };
                let left = if op == Arith::Pow { Tie::Word } else { tie };
                let mut line = self.within(a, left);
                line.push(text(sign));
                line.extend(self.within(b, right));
                (line, tie)
            }
        }
    }

    /// `days from a to b`
    fn span(&self, unit: &str, from: &Expr, to: &Expr) -> Said {
        let mut line = vec![text(format!("{unit} from "))];
        line.extend(self.within(from, Tie::Sum));
        line.push(text(" to "));
        line.extend(self.within(to, Tie::Sum));
        (line, Tie::Phrase)
    }

    /// A day so many days later, or earlier.
    fn moved(&self, day: &Expr, by: &Expr, back: bool) -> Said {
        if let Some(x) = constant(by) {
            let (x, back) = if x < 0.0 { (-x, !back) } else { (x, back) };
            if x == 1.0 && self.is_today(day) {
                return (vec![text(if back { "yesterday" } else { "tomorrow" })], Tie::Word);
            }
        }
        let amount = self.amount(by, "day");
        let (mut line, back) = match amount {
            (line, true) => (line, !back),
            (line, false) => (line, back),
        };
        line.push(text(if back { " before " } else { " after " }));
        line.extend(self.within(day, Tie::Sum));
        (line, Tie::Phrase)
    }

    /// `45 days`, `45 days (renewal window)`, `(8 − weekday of today) days`; and whether it was negative.
    fn amount(&self, by: &Expr, unit: &str) -> (Line, bool) {
        let days = |x: f64| {
            let s = if x == 1.0 { "" } else { "s" };
            format!("{} {unit}{s}", number(x))
        };
        if let Some(x) = constant(by) {
            return (vec![text(days(x.abs()))], x < 0.0);
        }
        let (by, negative) = match &by.kind {
            Kind::Neg(x) => (x.as_ref(), true),
            _ => (by, false),
        };
        if let Kind::Slot(slot) = &by.kind
            && self.names.get(*slot).kind == NameKind::Param
            && let Some(param) = self.pack.params.iter().find(|p| p.name == self.names.get(*slot).name)
            && let Some(x) = param.value.as_number()
            && let Some(target) = self.index.name(&param.name)
        {
            return (vec![text(format!("{} (", days(x))), target.link(), text(")")], negative);
        }
        let mut line = self.within(by, Tie::Word);
        line.push(text(format!(" {unit}s")));
        (line, negative)
    }

    fn is_today(&self, expr: &Expr) -> bool {
        matches!(&expr.kind, Kind::Slot(slot) if self.names.get(*slot).kind == NameKind::Today)
    }

    fn coalesce(&self, list: &[Expr]) -> Said {
        match list {
            [x, fallback] if matches!(fallback.kind, Kind::Const(_)) => {
                let (mut line, tie) = self.said(x);
                // Behind a product it would not be clear of what the fallback is one.
                if tie == Tie::Word {
                    line.push(text(" ("));
                    line.extend(self.value(fallback));
                    line.push(text(" if unknown)"));
                    return (line, Tie::Word);
                }
                if tie < Tie::Phrase {
                    line = brackets(line);
                }
                line.push(text(", or "));
                line.extend(self.value(fallback));
                line.push(text(" if unknown"));
                (line, Tie::Clause)
            }
            [x, fallback] => {
                let mut line = self.within(x, Tie::Phrase);
                line.push(text(", or if unknown "));
                line.extend(self.within(fallback, Tie::Phrase));
                (line, Tie::Clause)
            }
            list => {
                let list = list.iter().map(|x| self.within(x, Tie::Phrase)).collect();
                let mut line = vec![text("the first known of ")];
                line.extend(join(list, " and "));
                (line, Tie::Clause)
            }
        }
    }

    fn choice(&self, branches: &[(Expr, Expr)], otherwise: &Expr) -> Said {
        let mut line = Vec::new();
        for (when, then) in branches {
            line.extend(self.within(then, Tie::Phrase));
            line.push(text(" if "));
            line.extend(self.clause(when));
            line.push(text(", "));
        }
        line.push(text("otherwise "));
        line.extend(self.within(otherwise, Tie::Phrase));
        (line, Tie::Clause)
    }

    fn switch(&self, item: &Expr, arms: &[(Vec<Value>, Expr)], otherwise: &Expr) -> Said {
        let mut line = Vec::new();
        for (values, then) in arms {
            line.extend(self.within(then, Tie::Phrase));
            line.push(text(" if "));
            line.extend(self.within(item, Tie::Phrase));
            line.push(text(" is "));
            line.extend(join(values.iter().map(|v| self.constant_beside(item, v)).collect(), " or "));
            line.push(text(", "));
        }
        line.push(text("otherwise "));
        line.extend(self.within(otherwise, Tie::Phrase));
        (line, Tie::Clause)
    }

    /// A value that stands beside `item` in a comparison: causes, states and grades by their own names, weekdays in words.
    fn constant_beside(&self, item: &Expr, value: &Value) -> Line {
        if let Kind::Call(Func::Weekday, _) = &item.kind
            && let Some(day) = value.as_number().and_then(calls::weekday)
        {
            return vec![text(day)];
        }
        let (Kind::Slot(slot), Value::Text(word), None) = (&item.kind, value, self.table) else {
            return vec![text(value_words(value))];
        };
        let decided = self.pack.decided;
        let target = match *slot {
            slot if slot == decided.cause => self.index.cause(word),
            slot if slot == decided.state => self.index.state(word),
            slot if slot == decided.grade => self.index.grade(word),
            _ => None,
        };
        if let Some(target) = target {
            return vec![target.link()];
        }
        if *slot == decided.class || *slot == decided.track {
            return vec![Inline::Tag { text: spaced(word), group: word.to_string() }];
        }
        vec![text(value_words(value))]
    }
}

/// A number that is written out.
fn constant(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        Kind::Const(value) => value.as_number(),
        Kind::Neg(x) => constant(x).map(|x| -x),
        _ => None,
    }
}

fn is_bool(expr: &Expr) -> bool {
    expr.ty == Type::Bool
}

/// `(…)`
fn brackets(line: Line) -> Line {
    let mut out = vec![text("(")];
    out.extend(line);
    out.push(text(")"));
    out
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn join(list: Vec<Line>, last: &str) -> Line {
    let mut out = Vec::new();
    let n = list.len();
    for (i, line) in list.into_iter().enumerate() {
        match i {
            0 => {}
            i if i + 1 == n => out.push(text(last)),
            _ => out.push(text(", ")),
        }
        out.extend(line);
    }
    out
}
