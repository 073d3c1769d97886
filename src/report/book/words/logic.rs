//! Conditions in words.

use super::super::model::{Block, Inline, Item, Line, plain};
use super::calls::weekday;
use super::{Tie, Words, brackets, constant, is_bool, join, text};
use crate::expr::{Compare, Expr, Func, Kind, Type, Value};

/// A condition longer than this becomes a list.
const ONE_LINE: usize = 110;

/// A condition, taken apart at `&&` and `||`, with every `!` moved into the leaves.
enum Logic {
    One(Line),
    All(Vec<Logic>),
    Any(Vec<Logic>),
    /// With what an unknown outcome counts as.
    Unless(Box<Logic>, bool),
}

impl Words<'_> {
    /// A condition as blocks: short ones as a sentence, long ones as lists of what must hold.
    pub(in super::super) fn condition(&self, expr: &Expr) -> Vec<Block> {
        let (line, below) = blocks(&self.logic(expr, false), false);
        let mut out = vec![Block::Paragraph(line)];
        out.extend(below);
        out
    }

    /// A condition on one line.
    pub(in super::super) fn clause(&self, expr: &Expr) -> Line {
        flat(&self.logic(expr, false), Tie::Clause)
    }

    fn logic(&self, expr: &Expr, not: bool) -> Logic {
        match &expr.kind {
            Kind::And(list) | Kind::Or(list) => {
                let all = matches!(expr.kind, Kind::And(_)) != not;
                let mut parts = Vec::new();
                for x in list {
                    match (self.logic(x, not), all) {
                        (Logic::All(more), true) | (Logic::Any(more), false) => parts.extend(more),
                        (part, _) => parts.push(part),
                    }
                }
                if all { Logic::All(parts) } else { Logic::Any(parts) }
            }
            Kind::Not(x) => self.logic(x, !not),
            Kind::Coalesce(list) => match list.as_slice() {
                [x, Expr { kind: Kind::Const(Value::Bool(counts)), .. }] => {
                    Logic::Unless(Box::new(self.logic(x, not)), *counts != not)
                }
                list => {
                    let list = list.iter().map(|x| brackets(self.clause(x))).collect();
                    let mut line =
                        vec![text(if not { "it is not so that the first known of " } else { "the first known of " })];
                    line.extend(join(list, " and "));
                    line.push(text(" holds"));
                    Logic::One(line)
                }
            },
            Kind::Compare(op, a, b) if is_bool(a) => match (&a.kind, &b.kind) {
                (_, Kind::Const(Value::Bool(is))) => self.logic(a, (*is != (*op == Compare::Eq)) != not),
                (Kind::Const(Value::Bool(is)), _) => self.logic(b, (*is != (*op == Compare::Eq)) != not),
                _ => {
                    let same = (*op == Compare::Eq) != not;
                    let mut line = brackets(self.clause(a));
                    line.push(text(if same { " holds just as " } else { " holds other than " }));
                    line.extend(brackets(self.clause(b)));
                    Logic::One(line)
                }
            },
            _ => Logic::One(self.atom(expr, not)),
        }
    }

    fn atom(&self, expr: &Expr, not: bool) -> Line {
        match &expr.kind {
            Kind::Const(Value::Bool(is)) => vec![text(if *is == not { "never" } else { "always" })],
            Kind::Const(_) => vec![text("unknown, so never")],
            Kind::Compare(op, a, b) => self.comparison(*op, a, b, not),
            Kind::IsMissing { item, missing } => {
                let mut line = self.within(item, Tie::Phrase);
                line.push(text(if *missing == not { " is known" } else { " is not known" }));
                line
            }
            Kind::In { item, list, negated } => self.membership(item, list, *negated != not),
            Kind::Call(func, arguments) => self.test(func, arguments, not),
            Kind::If { .. } | Kind::Switch { .. } => {
                let (line, _) = self.said(expr);
                let mut line = brackets(line);
                line.push(text(if not { " is no" } else { " is yes" }));
                line
            }
            Kind::Script(signature, arguments) => {
                let (mut line, _) = self.script(&signature.path(), arguments);
                line.push(text(if not { " says no" } else { " says yes" }));
                line
            }
            _ => {
                let mut line = match &expr.kind {
                    Kind::Slot(slot) => self.name(*slot),
                    // Every other form of a condition is taken apart before.
                    _ => Vec::new(),
                };
                line.push(text(if not { " is no" } else { " is yes" }));
                line
            }
        }
    }

    fn comparison(&self, op: Compare, a: &Expr, b: &Expr, not: bool) -> Line {
        let turned = matches!(a.kind, Kind::Const(_)) && !matches!(b.kind, Kind::Const(_));
        let (op, a, b) = if turned { (op.mirrored(), b, a) } else { (op, a, b) };
        let op = if not { op.negated() } else { op };
        let mut line = self.within(a, Tie::Phrase);
        if let (Kind::Call(Func::Weekday, _), Some(day)) = (&a.kind, constant(b).and_then(weekday)) {
            line.push(text(match op {
                Compare::Eq => format!(" is {day}"),
                Compare::Ne => format!(" is not {day}"),
                Compare::Lt => format!(" is before {day}"),
                Compare::Le => format!(" is {day} or before"),
                Compare::Gt => format!(" is after {day}"),
                Compare::Ge => format!(" is {day} or later"),
            }));
            return line;
        }
        let verb = match (a.ty, op) {
            (_, Compare::Eq) => " is ",
            (_, Compare::Ne) => " is not ",
            (Type::Date, Compare::Lt) => " is before ",
            (Type::Date, Compare::Le) => " is on or before ",
            (Type::Date, Compare::Gt) => " is after ",
            (Type::Date, Compare::Ge) => " is on or after ",
            (Type::Text, Compare::Lt) => " comes before ",
            (Type::Text, Compare::Le) => " is or comes before ",
            (Type::Text, Compare::Gt) => " comes after ",
            (Type::Text, Compare::Ge) => " is or comes after ",
            (_, Compare::Lt) => " is less than ",
            (_, Compare::Le) => " is at most ",
            (_, Compare::Gt) => " is more than ",
            (_, Compare::Ge) => " is at least ",
        };
        line.push(text(verb));
        match &b.kind {
            Kind::Const(value) => line.extend(self.constant_beside(a, value)),
            _ => line.extend(self.within(b, Tie::Phrase)),
        }
        line
    }

    fn membership(&self, item: &Expr, list: &[Expr], not: bool) -> Line {
        if list.is_empty() {
            return vec![text(if not { "always" } else { "never" })];
        }
        let values: Vec<Line> = list
            .iter()
            .map(|x| match &x.kind {
                Kind::Const(value) => self.constant_beside(item, value),
                _ => self.within(x, Tie::Phrase),
            })
            .collect();
        let mut line = self.within(item, Tie::Phrase);
        let (verb, last) = match (not, values.len()) {
            (false, _) => (" is ", " or "),
            (true, 1) => (" is not ", " or "),
            (true, _) => (" is neither ", " nor "),
        };
        line.push(text(verb));
        line.extend(join(values, last));
        line
    }

    /// A function that answers yes or no.
    fn test(&self, func: &Func, arguments: &[Expr], not: bool) -> Line {
        let (yes, no) = match func {
            Func::Contains => (" contains ", " does not contain "),
            Func::StartsWith => (" begins with ", " does not begin with "),
            Func::EndsWith => (" ends with ", " does not end with "),
            Func::Matches(_) => (" fits the pattern ", " does not fit the pattern "),
            Func::Mentions(_) => (" mentions ", " mentions none of: "),
            _ => (" is yes", " is no"),
        };
        let mut line = arguments.first().map(|x| self.within(x, Tie::Phrase)).unwrap_or_default();
        line.push(text(if not { no } else { yes }));
        match func {
            Func::Matches(pattern) => line.push(Inline::Code(pattern.text.clone())),
            Func::Mentions(words) => {
                if !not && words.list.len() > 1 {
                    line.push(text("one of: "));
                }
                line.push(Inline::Text(words.list.join(", ")));
            }
            _ => line.extend(arguments.iter().skip(1).flat_map(|x| self.within(x, Tie::Phrase))),
        }
        line
    }
}

/// What is said of an outcome that is not known.
fn unknown(counts: bool) -> &'static str {
    if counts { " (also if unknown)" } else { " (not if unknown)" }
}

/// On one line, in brackets where the surroundings need it.
fn flat(logic: &Logic, around: Tie) -> Line {
    match logic {
        Logic::One(line) => line.clone(),
        Logic::All(parts) => {
            let line = join(parts.iter().map(|part| flat(part, Tie::Phrase)).collect(), " and ");
            if around > Tie::Clause { brackets(line) } else { line }
        }
        Logic::Any(parts) => {
            let line = join(parts.iter().map(|part| flat(part, Tie::Phrase)).collect(), " or ");
            if around > Tie::Clause { brackets(line) } else { line }
        }
        Logic::Unless(inner, counts) => {
            let mut line = flat(inner, Tie::Phrase);
            line.push(text(unknown(*counts)));
            line
        }
    }
}

/// A first line, and the list below it if it is too long for one.
fn blocks(logic: &Logic, inside: bool) -> (Line, Vec<Block>) {
    let line = flat(logic, Tie::Clause);
    let short = plain(&line).chars().count() <= ONE_LINE;
    let (lead, parts) = match logic {
        Logic::One(_) => return (line, Vec::new()),
        Logic::Unless(inner, counts) => {
            if short {
                return (line, Vec::new());
            }
            let (mut line, below) = blocks(inner, inside);
            // Of a list, it is the whole that counts so.
            match (below.is_empty(), line.last_mut()) {
                (false, Some(Inline::Text(lead))) => {
                    *lead = format!("{}{}:", lead.trim_end_matches(':'), unknown(*counts))
                }
                _ => line.push(text(unknown(*counts))),
            }
            return (line, below);
        }
        Logic::All(parts) => ("all of these hold:", parts),
        Logic::Any(parts) => ("at least one of these holds:", parts),
    };
    let simple = parts.iter().all(|part| matches!(part, Logic::One(_) | Logic::Unless(..)));
    if short && (parts.len() <= 2 || (inside && simple)) {
        return (line, Vec::new());
    }
    let items = parts
        .iter()
        .map(|part| {
            let (line, below) = blocks(part, true);
            Item { line, below }
        })
        .collect();
    (vec![text(lead)], vec![Block::List { ordered: false, items }])
}
