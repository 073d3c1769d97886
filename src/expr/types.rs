//! From an untyped tree to a typed expression.
//!
//! Every sub-expression is looked at, so that all errors come at once; one that failed says nothing more.

mod calls;
mod names;
mod operators;
mod scripts;

use super::parse::{Node, NodeKind};
use super::{Ast, Expr, Kind, Names, Stage, Type, Value};
use crate::diag::{Diagnostic, Span, code};
use crate::script::Scripts;

/// What an expression may use.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The names.
    pub names: &'a Names,
    /// Names of a later stage than this are an error that says so.
    pub stage: Stage,
    /// The script functions.
    pub scripts: &'a Scripts,
}

/// Types an expression; `expected` is what its place asks for, if it asks.
pub fn check(ast: &Ast, scope: &Scope<'_>, expected: Option<Type>, diagnostics: &mut Vec<Diagnostic>) -> Option<Expr> {
    let mut typer = Typer::new(ast, *scope, None, diagnostics);
    typer.root(&ast.root, expected)
}

/// A typed sub-expression whose type may still be open: `()`, or an `if` with nothing else in it.
pub(super) struct Typed {
    pub(super) expr: Expr,
    pub(super) open: bool,
}

impl Typed {
    fn new(kind: Kind, ty: Type, span: Span) -> Option<Typed> {
        Some(Typed { expr: Expr { kind, ty, span }, open: false })
    }

    /// Gives an open one its type.
    fn settle(mut self, ty: Type) -> Expr {
        if self.open {
            set_type(&mut self.expr, ty);
        }
        self.expr
    }
}

/// Sets the type of an expression that is missing whatever happens.
fn set_type(expr: &mut Expr, ty: Type) {
    expr.ty = ty;
    match &mut expr.kind {
        Kind::If { branches, otherwise } => {
            branches.iter_mut().for_each(|(_, then)| set_type(then, ty));
            set_type(otherwise, ty);
        }
        Kind::Switch { arms, otherwise, .. } => {
            arms.iter_mut().for_each(|(_, then)| set_type(then, ty));
            set_type(otherwise, ty);
        }
        Kind::Coalesce(list) => list.iter_mut().for_each(|x| set_type(x, ty)),
        _ => {}
    }
}

/// `a number`, `a text`, …
pub(super) fn a(ty: Type) -> String {
    format!("a {}", ty.word())
}

/// Types the nodes of one tree.
pub(super) struct Typer<'a> {
    pub(super) ast: &'a Ast,
    scope: Scope<'a>,
    /// The table a rollup reads, if this is one.
    table: Option<&'a str>,
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Typer<'a> {
    pub(super) fn new(
        ast: &'a Ast,
        scope: Scope<'a>,
        table: Option<&'a str>,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Typer { ast, scope, table, diagnostics }
    }

    /// Types a node of which the type is asked for.
    pub(super) fn root(&mut self, node: &Node, expected: Option<Type>) -> Option<Expr> {
        let typed = self.infer(node)?;
        let Some(expected) = expected else { return Some(typed.settle(Type::Number)) };
        if !typed.open && typed.expr.ty != expected {
            let found = typed.expr.ty;
            let diagnostic = self.error(node, format!("expected {}, found {}", expected.word(), found.word()));
            let help = self.convert_hint(node, found, expected);
            let diagnostic = self.declared(with_help(diagnostic, help), node);
            self.diagnostics.push(diagnostic);
            return None;
        }
        Some(typed.settle(expected))
    }

    /// Types a node.
    pub(super) fn infer(&mut self, node: &Node) -> Option<Typed> {
        let span = self.ast.span_of(node);
        let constant = |value, ty| Typed::new(Kind::Const(value), ty, span);
        match &node.kind {
            NodeKind::Number(x) if !x.is_finite() => {
                let message = format!("`{}` is too large for a number", self.short(node));
                self.diagnostics.push(Diagnostic::error(code::BAD_CONSTANT, span, message));
                None
            }
            NodeKind::Number(x) => constant(Value::number(*x), Type::Number),
            NodeKind::Text(t) => constant(Value::Text(t.clone()), Type::Text),
            NodeKind::Bool(b) => constant(Value::Bool(*b), Type::Bool),
            NodeKind::Missing => {
                let expr = Expr { kind: Kind::Const(Value::Missing), ty: Type::Number, span };
                Some(Typed { expr, open: true })
            }
            NodeKind::List(_) => {
                let help = "a list stands after `in`, or in `mentions(…)`";
                let diagnostic = self.error(node, "a list is not a value".to_string()).help(help);
                self.diagnostics.push(diagnostic);
                None
            }
            NodeKind::Name(name) => self.name(name, node),
            NodeKind::Neg(x) => {
                let x = self.number_operand(x, "`-`")?;
                Typed::new(Kind::Neg(x.into()), Type::Number, span)
            }
            NodeKind::Plus(x) => {
                let expr = self.number_operand(x, "`+`")?;
                Some(Typed { expr, open: false })
            }
            NodeKind::Not(x) => {
                let x = self.condition(x, "`!`")?;
                Typed::new(Kind::Not(x.into()), Type::Bool, span)
            }
            NodeKind::Arith(op, x, y) => self.arith(*op, x, y, node),
            NodeKind::Compare(op, x, y) => self.compare(*op, x, y, node),
            NodeKind::And(list) => {
                let list = self.conditions(list, "`&&`")?;
                Typed::new(Kind::And(list), Type::Bool, span)
            }
            NodeKind::Or(list) => {
                let list = self.conditions(list, "`||`")?;
                Typed::new(Kind::Or(list), Type::Bool, span)
            }
            NodeKind::Coalesce(list) => {
                let parts: Vec<Option<Typed>> = list.iter().map(|x| self.infer(x)).collect();
                let (list, ty, open) = self.unify(parts, list.iter().collect(), "the two sides of `??`")?;
                Some(Typed { expr: Expr { kind: Kind::Coalesce(list), ty, span }, open })
            }
            NodeKind::In { item, list, negated } => self.find_in(item, list, *negated, node),
            NodeKind::If { branches, otherwise } => self.if_else(branches, otherwise.as_deref(), node),
            NodeKind::Switch { item, arms, otherwise } => self.switch(item, arms, otherwise.as_deref(), node),
            NodeKind::Call { name, at, arguments } => self.call(name, at, arguments, node),
            NodeKind::ByName(path) => self.by_name(path, node),
        }
    }

    fn if_else(&mut self, branches: &[(Node, Node)], otherwise: Option<&Node>, node: &Node) -> Option<Typed> {
        let conditions: Vec<Option<Expr>> = branches.iter().map(|(c, _)| self.condition(c, "`if`")).collect();
        let mut nodes: Vec<&Node> = branches.iter().map(|(_, then)| then).collect();
        nodes.extend(otherwise);
        let parts = nodes.iter().map(|x| self.infer(x)).collect();
        let unified = self.unify(parts, nodes, "the branches of `if`");
        let conditions: Vec<Expr> = conditions.into_iter().collect::<Option<_>>()?;
        let (mut results, ty, open) = unified?;
        let span = self.ast.span_of(node);
        let otherwise = self.otherwise(&mut results, otherwise.is_some(), ty, span);
        let branches = conditions.into_iter().zip(results).collect();
        Some(Typed { expr: Expr { kind: Kind::If { branches, otherwise }, ty, span }, open })
    }

    /// The last result, if there is one for the rest; else missing.
    fn otherwise(&self, results: &mut Vec<Expr>, there: bool, ty: Type, span: Span) -> Box<Expr> {
        let missing = Expr { kind: Kind::Const(Value::Missing), ty, span };
        Box::new(if there { results.pop().unwrap_or(missing) } else { missing })
    }

    fn switch(
        &mut self,
        item: &Node,
        arms: &[(Vec<Node>, Node)],
        otherwise: Option<&Node>,
        node: &Node,
    ) -> Option<Typed> {
        let typed = self.infer(item);
        let mut seen: Vec<Value> = Vec::new();
        let mut values = Vec::new();
        let mut failed = false;
        let literal_type = arms.iter().flat_map(|(literals, _)| literals).find_map(|x| constant(x).ty());
        let item_type = typed.as_ref().and_then(|t| if t.open { literal_type } else { Some(t.expr.ty) });
        for (literals, _) in arms {
            let mut list = Vec::new();
            for literal in literals {
                match self.case(literal, item, item_type) {
                    Some(value) if seen.contains(&value) => {
                        let span = self.ast.span_of(literal);
                        let message = format!("`{}` is a case already", self.short(literal));
                        self.diagnostics.push(
                            Diagnostic::warning(code::UNREACHABLE, span, message)
                                .help("the first one counts: drop this"),
                        );
                    }
                    Some(value) => {
                        seen.push(value.clone());
                        list.push(value);
                    }
                    None => failed = true,
                }
            }
            values.push(list);
        }
        let mut nodes: Vec<&Node> = arms.iter().map(|(_, then)| then).collect();
        nodes.extend(otherwise);
        let parts = nodes.iter().map(|x| self.infer(x)).collect();
        let unified = self.unify(parts, nodes, "the cases of `switch`");
        let item = typed?.settle(item_type.unwrap_or(Type::Number));
        let (mut results, ty, open) = unified?;
        if failed {
            return None;
        }
        let span = self.ast.span_of(node);
        let otherwise = self.otherwise(&mut results, otherwise.is_some(), ty, span);
        let arms = values.into_iter().zip(results).collect();
        Some(Typed { expr: Expr { kind: Kind::Switch { item: item.into(), arms, otherwise }, ty, span }, open })
    }

    /// The value of a case.
    fn case(&mut self, literal: &Node, item: &Node, item_type: Option<Type>) -> Option<Value> {
        let value = constant(literal);
        let Some(ty) = value.ty() else {
            let diagnostic = self.error(literal, "a missing value matches no case".to_string());
            let help =
                format!("it goes to `_`; or ask first: `if {} == () {{ … }} else {{ switch … }}`", self.short(item));
            self.diagnostics.push(diagnostic.help(help));
            return None;
        };
        match item_type {
            Some(wanted) if wanted != ty => {
                let message = format!("cannot compare {} with {}", wanted.word(), ty.word());
                let mut diagnostic = self.error(literal, message);
                diagnostic = self.about(diagnostic, item, wanted);
                let help =
                    (wanted == Type::Date).then(|| "dates are compared with `==` and `<`, in an `if`".to_string());
                let help = help.or_else(|| self.convert_hint(literal, ty, wanted));
                self.diagnostics.push(with_help(diagnostic, help));
                None
            }
            _ => Some(value),
        }
    }

    /// One type for several results. `None` if one failed or they differ.
    fn unify(&mut self, parts: Vec<Option<Typed>>, nodes: Vec<&Node>, what: &str) -> Option<(Vec<Expr>, Type, bool)> {
        let known = |t: &Option<Typed>| t.as_ref().filter(|t| !t.open).map(|t| t.expr.ty);
        let first = parts.iter().zip(&nodes).find_map(|(t, n)| known(t).map(|ty| (ty, *n)));
        if let Some((ty, node)) = first {
            let other = parts.iter().zip(&nodes).find_map(|(t, n)| known(t).filter(|o| *o != ty).map(|o| (o, *n)));
            if let Some((other_type, other)) = other {
                let message = format!("{what} are {} and {}", ty.word(), other_type.word());
                let diagnostic = self.error(other, message).label(a(other_type));
                let diagnostic = self.about(diagnostic, node, ty);
                let help = self.convert_hint(other, other_type, ty);
                self.diagnostics.push(with_help(diagnostic, help));
                return None;
            }
        }
        let ty = first.map_or(Type::Number, |(ty, _)| ty);
        let all: Vec<Typed> = parts.into_iter().collect::<Option<_>>()?;
        Some((all.into_iter().map(|t| t.settle(ty)).collect(), ty, first.is_none()))
    }

    /// A type error at a node.
    pub(super) fn error(&self, node: &Node, message: String) -> Diagnostic {
        Diagnostic::error(code::TYPE, self.ast.span_of(node), message)
    }

    /// Says what type a related node has, where it can be shown.
    fn about(&self, diagnostic: Diagnostic, node: &Node, ty: Type) -> Diagnostic {
        if !self.ast.anchor.is_exact() {
            return diagnostic;
        }
        diagnostic.related(self.ast.span_of(node), format!("this is {}", a(ty)))
    }

    /// The text of a node, cut if it is long.
    pub(super) fn short(&self, node: &Node) -> String {
        let text = self.ast.text_of(node);
        if text.chars().count() <= 40 && !text.contains('\n') { text.to_string() } else { "…".to_string() }
    }

    /// The text of a node as an operand: in parentheses if it needs them.
    fn operand(&self, node: &Node) -> String {
        let text = self.short(node);
        match node.kind {
            NodeKind::Number(_)
            | NodeKind::Text(_)
            | NodeKind::Bool(_)
            | NodeKind::Missing
            | NodeKind::Name(_)
            | NodeKind::Call { .. }
            | NodeKind::ByName(_)
            | NodeKind::List(_) => text,
            _ => format!("({text})"),
        }
    }

    /// How to make one type of another.
    fn convert_hint(&self, node: &Node, from: Type, to: Type) -> Option<String> {
        let x = self.operand(node);
        Some(match (from, to) {
            (Type::Number, Type::Bool) => format!("write a condition, such as `{x} > 0`"),
            (Type::Text, Type::Bool) => match &node.kind {
                NodeKind::Text(t) if &**t == "true" || &**t == "false" => format!("leave the quotes out: `{t}`"),
                NodeKind::Text(_) => return None,
                _ => format!("write a condition, such as `{x} == \"…\"`"),
            },
            (Type::Date, Type::Bool) => format!("to ask whether there is one, write `{x} != ()`"),
            (Type::Bool, Type::Number) => format!("write `if {} {{ 1 }} else {{ 0 }}`", self.short(node)),
            (Type::Date, Type::Number) => format!("for days, write `today - {x}`"),
            (Type::Text, Type::Number) => match &node.kind {
                NodeKind::Text(t) if t.trim().parse::<f64>().is_ok() => format!("leave the quotes out: `{}`", t.trim()),
                NodeKind::Name(_) => format!("declare the column `{x}` with `type = \"number\"`"),
                _ => return None,
            },
            (Type::Text, Type::Date) => match &node.kind {
                NodeKind::Text(_) => date_hint(node)?,
                NodeKind::Name(_) => format!("declare the column `{x}` with `type = \"date\"`"),
                _ => return None,
            },
            (Type::Number, Type::Date) => format!("for a day, write `today + {x}`"),
            (Type::Number, Type::Text) => match &node.kind {
                NodeKind::Number(_) => format!("put it in quotes: `\"{x}\"`"),
                _ => return None,
            },
            _ => return None,
        })
    }
}

/// `date("…")` for a number that is a day written without it: `2025-01-31`, `31/01/2025`.
fn day_hint(node: &Node, text: &str) -> Option<String> {
    let separator = ['-', '/'].into_iter().find(|c| text.matches(*c).count() == 2)?;
    let digits = text.split(separator).all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let day = super::Date::parse_iso(text).map_or_else(|| "2025-01-31".to_string(), |d| d.to_string());
    (digits && matches!(node.kind, NodeKind::Arith(..)))
        .then(|| format!("a day is written `date(\"{day}\")`, year first"))
}

/// `date("…")` for a text that is written where a date should be.
fn date_hint(node: &Node) -> Option<String> {
    let NodeKind::Text(text) = &node.kind else { return None };
    let iso = super::Date::parse_iso(text).map_or_else(|| "2025-01-31".to_string(), |d| d.to_string());
    Some(format!("a day is written `date(\"{iso}\")`"))
}

/// The value of a literal; missing for everything else.
fn constant(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Number(x) => Value::number(*x),
        NodeKind::Text(t) => Value::Text(t.clone()),
        NodeKind::Bool(b) => Value::Bool(*b),
        _ => Value::Missing,
    }
}

fn with_help(diagnostic: Diagnostic, help: Option<String>) -> Diagnostic {
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

#[cfg(test)]
pub(super) mod tests;
