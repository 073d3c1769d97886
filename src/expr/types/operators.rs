//! Typing operators: arithmetic, comparison, logic, `in`.

use super::{Typed, Typer, a, date_hint, day_hint, with_help};
use crate::diag::{Diagnostic, code};
use crate::expr::parse::{Node, NodeKind};
use crate::expr::{Arith, Compare, Expr, Kind, Type};

impl Typer<'_> {
    /// An operand that must be a bool.
    pub(super) fn condition(&mut self, node: &Node, of: &str) -> Option<Expr> {
        let typed = self.infer(node)?;
        if typed.open || typed.expr.ty == Type::Bool {
            return Some(typed.settle(Type::Bool));
        }
        let ty = typed.expr.ty;
        let help = match (of, ty) {
            ("`!`", Type::Number) => Some(format!("write `{} == 0`", self.operand(node))),
            ("`!`", Type::Date | Type::Text) if !matches!(node.kind, NodeKind::Text(_)) => {
                Some(format!("to ask whether it is missing, write `{} == ()`", self.operand(node)))
            }
            _ => self.convert_hint(node, ty, Type::Bool),
        };
        let diagnostic = self.error(node, format!("{of} needs a condition, and this is {}", a(ty)));
        let diagnostic = self.declared(with_help(diagnostic, help), node);
        self.diagnostics.push(diagnostic);
        None
    }

    /// All operands of `&&` or `||`.
    pub(super) fn conditions(&mut self, list: &[Node], of: &str) -> Option<Vec<Expr>> {
        let list: Vec<Option<Expr>> = list.iter().map(|x| self.condition(x, of)).collect();
        list.into_iter().collect()
    }

    /// An operand that must be a number.
    pub(super) fn number_operand(&mut self, node: &Node, of: &str) -> Option<Expr> {
        let typed = self.infer(node)?;
        if typed.open || typed.expr.ty == Type::Number {
            return Some(typed.settle(Type::Number));
        }
        let ty = typed.expr.ty;
        let diagnostic = self.error(node, format!("{of} needs a number, and this is {}", a(ty)));
        let help = self.convert_hint(node, ty, Type::Number);
        let diagnostic = self.declared(with_help(diagnostic, help), node);
        self.diagnostics.push(diagnostic);
        None
    }

    pub(super) fn arith(&mut self, op: Arith, left: &Node, right: &Node, node: &Node) -> Option<Typed> {
        let (x, y) = (self.infer(left), self.infer(right));
        let (x, y) = (x?, y?);
        let (xt, yt) = arith_types(op, &x, &y);
        let (x, y) = (x.settle(xt), y.settle(yt));
        let span = self.ast.span_of(node);
        let ty = match (op, xt, yt) {
            (_, Type::Number, Type::Number) | (Arith::Sub, Type::Date, Type::Date) => Type::Number,
            (Arith::Add | Arith::Sub, Type::Date, Type::Number) => Type::Date,
            (Arith::Add, Type::Number, Type::Date) => {
                return Typed::new(Kind::Arith(op, y.into(), x.into()), Type::Date, span);
            }
            _ => {
                self.arith_error(op, (left, xt), (right, yt), node);
                return None;
            }
        };
        Typed::new(Kind::Arith(op, x.into(), y.into()), ty, span)
    }

    fn arith_error(&mut self, op: Arith, left: (&Node, Type), right: (&Node, Type), node: &Node) {
        let ((left, xt), (right, yt)) = (left, right);
        let (x, y) = (self.operand(left), self.operand(right));
        let message = match op {
            Arith::Add => format!("cannot add {} to {}", yt.word(), xt.word()),
            Arith::Sub => format!("cannot subtract {} from {}", yt.word(), xt.word()),
            Arith::Mul => format!("cannot multiply {} by {}", xt.word(), yt.word()),
            Arith::Div | Arith::Rem => format!("cannot divide {} by {}", xt.word(), yt.word()),
            Arith::Pow => format!("cannot raise {} to the power of {}", xt.word(), yt.word()),
        };
        let diagnostic = self.about(self.about(self.error(node, message), left, xt), right, yt);
        let help = match (op, xt, yt) {
            (Arith::Add, Type::Text, Type::Text) => {
                Some("texts are joined in a `because`, as `{a} {b}`, or in a script".to_string())
            }
            (Arith::Add, Type::Date, Type::Date) => Some(format!("the days between them are `{x} - {y}`")),
            (Arith::Sub, Type::Number, Type::Date) => Some(format!("write `{y} - {x}`")),
            (Arith::Sub | Arith::Add, Type::Date, Type::Text) if matches!(right.kind, NodeKind::Text(_)) => {
                date_hint(right)
            }
            (Arith::Sub, Type::Text, Type::Date) if matches!(left.kind, NodeKind::Text(_)) => date_hint(left),
            // The side that is not a number is the one to change.
            (_, Type::Number, _) => self.convert_hint(right, yt, Type::Number),
            _ => self.convert_hint(left, xt, Type::Number),
        };
        let diagnostic = self.declared(self.declared(with_help(diagnostic, help), left), right);
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn compare(&mut self, op: Compare, left: &Node, right: &Node, node: &Node) -> Option<Typed> {
        let missing = |n: &Node| matches!(n.kind, NodeKind::Missing);
        if missing(left) || missing(right) {
            return self.is_missing(op, if missing(right) { left } else { right }, node);
        }
        let x = self.infer(left);
        let y = self.infer(right);
        if y.is_none() {
            self.unquoted(x.as_ref().map(|t| t.expr.ty), right);
        }
        let (x, y) = (x?, y?);
        let ty = if x.open { y.expr.ty } else { x.expr.ty };
        if !x.open && !y.open && x.expr.ty != y.expr.ty {
            self.compare_error(op, (left, x.expr.ty), (right, y.expr.ty), node);
            return None;
        }
        if ty == Type::Bool && !matches!(op, Compare::Eq | Compare::Ne) {
            let message = format!("`{}` has no meaning for a bool", op.symbol());
            let diagnostic = self.error(node, message).help("compare with `==`, or join conditions with `&&` and `||`");
            self.diagnostics.push(diagnostic);
            return None;
        }
        let (x, y) = (x.settle(ty), y.settle(ty));
        Typed::new(Kind::Compare(op, x.into(), y.into()), Type::Bool, self.ast.span_of(node))
    }

    /// `x == ()` and `x != ()`.
    fn is_missing(&mut self, op: Compare, item: &Node, node: &Node) -> Option<Typed> {
        if !matches!(op, Compare::Eq | Compare::Ne) {
            let message = format!("`{}` has no meaning for a missing value", op.symbol());
            let help = format!("to ask whether it is missing, write `{} == ()`", self.operand(item));
            let diagnostic = self.error(node, message).help(help);
            self.diagnostics.push(diagnostic);
            return None;
        }
        let item = self.infer(item)?.settle(Type::Number);
        let kind = Kind::IsMissing { item: item.into(), missing: op == Compare::Eq };
        Typed::new(kind, Type::Bool, self.ast.span_of(node))
    }

    fn compare_error(&mut self, op: Compare, left: (&Node, Type), right: (&Node, Type), node: &Node) {
        let ((left, xt), (right, yt)) = (left, right);
        let (x, y, symbol) = (self.operand(left), self.operand(right), op.symbol());
        let message = format!("cannot compare {} with {}", xt.word(), yt.word());
        let diagnostic = self.about(self.about(self.error(node, message), left, xt), right, yt);
        let help = match (xt, yt) {
            (Type::Date, Type::Number) if day_hint(right, self.ast.text_of(right)).is_some() => {
                day_hint(right, self.ast.text_of(right))
            }
            (Type::Date, Type::Number) => Some(format!("for days, write `today - {x} {symbol} {y}`")),
            (Type::Number, Type::Date) => Some(format!("for days, write `{x} {symbol} today - {y}`")),
            (Type::Date, Type::Text) => date_hint(right),
            (Type::Text, Type::Date) => date_hint(left),
            (Type::Bool, Type::Number | Type::Date) if matches!(left.kind, NodeKind::Compare(..)) => {
                // `1 < x < 5`
                let middle = match &left.kind {
                    NodeKind::Compare(_, _, middle) => self.operand(middle),
                    _ => String::new(),
                };
                Some(format!("each comparison stands alone: `{} && {middle} {symbol} {y}`", self.short(left)))
            }
            (Type::Bool, _) => Some(bool_hint(&x, right)),
            (_, Type::Bool) => Some(bool_hint(&y, left)),
            (Type::Number, Type::Text) => self.convert_hint(right, yt, xt).or_else(|| self.convert_hint(left, xt, yt)),
            (Type::Text, Type::Number) => self.convert_hint(right, yt, xt).or_else(|| self.convert_hint(left, xt, yt)),
            _ => None,
        };
        self.diagnostics.push(with_help(diagnostic, help));
    }

    pub(super) fn find_in(&mut self, item: &Node, list: &Node, negated: bool, node: &Node) -> Option<Typed> {
        let typed = self.infer(item);
        let NodeKind::List(nodes) = &list.kind else {
            self.not_a_list(item, list);
            return None;
        };
        let mut wanted = typed.as_ref().filter(|t| !t.open).map(|t| (t.expr.ty, item));
        let mut expressions = Vec::with_capacity(nodes.len());
        let mut failed = false;
        for element in nodes {
            match self.element(item, element, &mut wanted) {
                Some(expr) => expressions.push(expr),
                None => failed = true,
            }
        }
        let item = typed?.settle(wanted.map_or(Type::Number, |(ty, _)| ty));
        if failed {
            return None;
        }
        let kind = Kind::In { item: item.into(), list: expressions, negated };
        Typed::new(kind, Type::Bool, self.ast.span_of(node))
    }

    /// One value of the list after `in`.
    fn element<'n>(&mut self, item: &Node, element: &'n Node, wanted: &mut Option<(Type, &'n Node)>) -> Option<Expr> {
        if matches!(element.kind, NodeKind::Missing) {
            let x = self.operand(item);
            let diagnostic = self.error(element, "a missing value is in no list".to_string());
            self.diagnostics.push(diagnostic.help(format!("write `{x} == () || {x} in […]`")));
            return None;
        }
        let typed = self.infer(element);
        if typed.is_none() {
            self.unquoted(wanted.map(|(ty, _)| ty), element);
        }
        let typed = typed?;
        let Some((ty, node)) = *wanted else {
            if !typed.open {
                *wanted = Some((typed.expr.ty, element));
            }
            return Some(typed.settle(Type::Number));
        };
        if typed.open || typed.expr.ty == ty {
            return Some(typed.settle(ty));
        }
        let other = typed.expr.ty;
        let message = format!("cannot compare {} with {}", ty.word(), other.word());
        let diagnostic = self.about(self.error(element, message).label(format!("this is {}", a(other))), node, ty);
        let help = if ty == Type::Date { date_hint(element) } else { self.convert_hint(element, other, ty) };
        self.diagnostics.push(with_help(diagnostic, help));
        None
    }

    /// `x in y` where `y` is not written as a list.
    fn not_a_list(&mut self, item: &Node, list: &Node) {
        let text = matches!(list.kind, NodeKind::Text(_));
        let before = self.diagnostics.len();
        let ty = self.infer(list).filter(|t| !t.open).map(|t| t.expr.ty);
        if self.diagnostics.len() > before {
            return;
        }
        let (x, y) = (self.operand(item), self.operand(list));
        let help = if ty == Some(Type::Text) && !text {
            format!("to find a part of a text, write `contains({y}, {x})`")
        } else {
            format!("write `{x} in [{y}]`")
        };
        let message = "a list must stand after `in`";
        let diagnostic = Diagnostic::error(code::NOT_CONSTANT, self.ast.span_of(list), message);
        self.diagnostics.push(diagnostic.help(help));
    }
}

/// What each side of an arithmetic operator is. A missing one is what fits the other.
fn arith_types(op: Arith, x: &Typed, y: &Typed) -> (Type, Type) {
    let date = |t: &Typed| t.expr.ty == Type::Date;
    match (x.open, y.open) {
        (true, true) => (Type::Number, Type::Number),
        (true, false) if date(y) && op == Arith::Sub => (Type::Date, Type::Date),
        (true, false) => (Type::Number, y.expr.ty),
        (false, true) => (x.expr.ty, Type::Number),
        (false, false) => (x.expr.ty, y.expr.ty),
    }
}

/// A bool compared with `1`, `"yes"` …
fn bool_hint(x: &str, other: &Node) -> String {
    let no = match &other.kind {
        NodeKind::Number(n) => *n == 0.0,
        NodeKind::Text(t) => matches!(t.to_lowercase().as_str(), "false" | "no" | "n" | "0" | "nein" | "f"),
        _ => false,
    };
    format!("a bool is a condition itself: write `{}{x}`", if no { "!" } else { "" })
}
