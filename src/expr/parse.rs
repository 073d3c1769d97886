//! From text to an untyped tree with spans, by Rhai's own parser.
//!
//! [`scan`] finds the tokens, [`slips`] explains what can never be right, Rhai parses, [`convert`] makes our tree of
//! Rhai's, [`error`] says Rhai's errors in plain words.

mod convert;
mod error;
mod scan;
mod slips;

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use rhai::{Engine, OptimizationLevel};

use super::{Anchor, Arith, Compare};
use crate::diag::{Diagnostic, Span, code};
use crate::script::Scripts;

/// Bytes a text may have.
const MAX_BYTES: usize = 16 << 10;

/// Levels Rhai may nest: one per bracket, call, `if` and binary operator. A test holds that this much fits, parsed,
/// typed and dropped, on a thread of 2 MiB.
const MAX_LEVELS: usize = 200;

/// The engine that only parses.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_expr_depths(MAX_LEVELS, MAX_LEVELS);
    engine.set_max_strings_interned(0);
    engine.set_allow_anonymous_fn(false);
    engine.set_allow_statement_expression(false);
    engine.set_allow_looping(false);
    engine
});

/// An untyped expression.
#[derive(Debug, Clone)]
pub struct Ast {
    /// The whole of it.
    pub span: Span,
    /// The text.
    pub(super) text: Arc<str>,
    /// Where the text stands.
    pub(super) anchor: Anchor,
    /// The tree.
    pub(super) root: Node,
}

/// A sub-expression.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// What it is.
    pub(super) kind: NodeKind,
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
}

/// What a sub-expression is.
#[derive(Debug, Clone)]
pub(super) enum NodeKind {
    /// A number.
    Number(f64),
    /// A text.
    Text(Arc<str>),
    /// `true` or `false`
    Bool(bool),
    /// `()`
    Missing,
    /// `[a, b]`
    List(Vec<Node>),
    /// `days_silent`, `score.payment`
    Name(String),
    /// `-x`
    Neg(Box<Node>),
    /// `+x`
    Plus(Box<Node>),
    /// `!x`
    Not(Box<Node>),
    /// `a + b`
    Arith(Arith, Box<Node>, Box<Node>),
    /// `a < b`
    Compare(Compare, Box<Node>, Box<Node>),
    /// `a && b && c`
    And(Vec<Node>),
    /// `a || b || c`
    Or(Vec<Node>),
    /// `a ?? b ?? c`
    Coalesce(Vec<Node>),
    /// `x in […]`, `x !in […]`
    In {
        /// The value looked for.
        item: Box<Node>,
        /// What stands on the right.
        list: Box<Node>,
        /// `!in`
        negated: bool,
    },
    /// `if a { b } else { c }`
    If {
        /// Conditions and results.
        branches: Vec<(Node, Node)>,
        /// `else`
        otherwise: Option<Box<Node>>,
    },
    /// `switch x { 1 | 2 => a, _ => b }`
    Switch {
        /// The value looked at.
        item: Box<Node>,
        /// Literals and results.
        arms: Vec<(Vec<Node>, Node)>,
        /// `_`
        otherwise: Option<Box<Node>>,
    },
    /// `name(a, b)`, `module::name(a, b)`
    Call {
        /// With its module, if it has one.
        name: String,
        /// Where the name stands.
        at: Range<usize>,
        /// The arguments.
        arguments: Vec<Node>,
    },
    /// `module::name`: a script's function, called with the names of its parameters.
    ByName(String),
}

impl Node {
    /// Calls `visit` on every node, parents first.
    pub(super) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        visit(self);
        match &self.kind {
            NodeKind::Number(_)
            | NodeKind::Text(_)
            | NodeKind::Bool(_)
            | NodeKind::Missing
            | NodeKind::Name(_)
            | NodeKind::ByName(_) => {}
            NodeKind::Neg(x) | NodeKind::Plus(x) | NodeKind::Not(x) => x.walk(visit),
            NodeKind::Arith(_, a, b) | NodeKind::Compare(_, a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
            NodeKind::List(list)
            | NodeKind::And(list)
            | NodeKind::Or(list)
            | NodeKind::Coalesce(list)
            | NodeKind::Call { arguments: list, .. } => list.iter().for_each(|x| x.walk(visit)),
            NodeKind::In { item, list, .. } => {
                item.walk(visit);
                list.walk(visit);
            }
            NodeKind::If { branches, otherwise } => {
                for (condition, then) in branches {
                    condition.walk(visit);
                    then.walk(visit);
                }
                otherwise.iter().for_each(|x| x.walk(visit));
            }
            NodeKind::Switch { item, arms, otherwise } => {
                item.walk(visit);
                arms.iter().for_each(|(_, then)| then.walk(visit));
                otherwise.iter().for_each(|x| x.walk(visit));
            }
        }
    }
}

impl Ast {
    /// Every bare or dotted name it reads, with its place: those that are written, and those that functions without parentheses
    /// are called with.
    #[must_use]
    pub fn reads(&self, scripts: &Scripts) -> Vec<(String, Span)> {
        let mut names = Vec::new();
        self.root.walk(&mut |node| match &node.kind {
            NodeKind::Name(name) => names.push((name.clone(), self.span_of(node))),
            NodeKind::ByName(path) => {
                let signature = path.split_once("::").and_then(|(module, name)| scripts.find(module, name));
                for parameter in signature.iter().flat_map(|signature| &signature.parameters) {
                    names.push((parameter.name.clone(), self.span_of(node)));
                }
            }
            _ => {}
        });
        names
    }

    /// Every bare or dotted name that is written in it, with its place.
    #[must_use]
    pub fn names(&self) -> Vec<(String, Span)> {
        let mut names = Vec::new();
        self.root.walk(&mut |node| {
            if let NodeKind::Name(name) = &node.kind {
                names.push((name.clone(), self.span_of(node)));
            }
        });
        names
    }

    /// Where a node stands in its file.
    pub(super) fn span_of(&self, node: &Node) -> Span {
        self.anchor.span(node.range.start, node.range.end)
    }

    /// The text of a node.
    pub(super) fn text_of(&self, node: &Node) -> &str {
        self.text.get(node.range.clone()).unwrap_or("")
    }
}

/// Parses a text. Every error becomes a diagnostic.
pub fn parse(text: &str, anchor: &Anchor, diagnostics: &mut Vec<Diagnostic>) -> Option<Ast> {
    let whole = || anchor.span(0, text.len());
    if text.len() > MAX_BYTES {
        let message = format!("this expression is {} KiB long; {} are allowed", text.len() >> 10, MAX_BYTES >> 10);
        diagnostics
            .push(Diagnostic::error(code::SYNTAX, whole(), message).help("split it into facts, or write a script"));
        return None;
    }
    let scan = scan::scan(text);
    let (Some(first), Some(last)) = (scan.tokens.first(), scan.tokens.last()) else {
        let diagnostic = Diagnostic::error(code::SYNTAX, whole(), "the expression is empty");
        diagnostics.push(diagnostic.help("write a value, a name or a condition"));
        return None;
    };
    let range = first.start..last.end;
    if slips::find(&scan, anchor, diagnostics) {
        return None;
    }
    match ENGINE.compile_expression(&scan.clean) {
        Ok(tree) => {
            let before = diagnostics.len();
            let span = anchor.span(range.start, range.end);
            let Some(root) = convert::convert(&tree, &scan, anchor, diagnostics) else {
                if diagnostics.len() == before {
                    diagnostics.push(Diagnostic::error(code::SYNTAX, span, "this expression cannot be read"));
                }
                return None;
            };
            Some(Ast { span, text: text.into(), anchor: anchor.clone(), root })
        }
        Err(error) => {
            diagnostics.push(error::explain(&error, &scan, anchor));
            None
        }
    }
}

/// The value of one literal, as Rhai reads it.
fn literal(text: &str) -> Option<NodeKind> {
    let tree = ENGINE.compile_expression(text).ok()?;
    let [rhai::Stmt::Expr(expr)] = tree.statements() else { return None };
    Some(match expr.as_ref() {
        rhai::Expr::IntegerConstant(i, _) => NodeKind::Number(*i as f64),
        rhai::Expr::FloatConstant(x, _) => NodeKind::Number(**x),
        rhai::Expr::StringConstant(s, _) => NodeKind::Text(s.as_str().into()),
        rhai::Expr::CharConstant(c, _) => NodeKind::Text(c.to_string().into()),
        rhai::Expr::BoolConstant(b, _) => NodeKind::Bool(*b),
        rhai::Expr::Unit(_) => NodeKind::Missing,
        _ => return None,
    })
}
