//! Whether a function can keep what its signature says, as far as its text shows.
//!
//! Only what is written out counts: a text where a number is due, and functions no way through which gives anything. The
//! rest shows while running.

use rhai::{AST, ASTFlags, ASTNode, Expr as Node, Stmt};

use super::compile::Function;
use super::crossing::{Kind, kind, operator};
use super::signature::Declared;
use super::text::Text;
use crate::diag::{Diagnostic, Span, code};

/// What one way through a function gives.
struct Given {
    /// `None` if only running it would show.
    kind: Option<Kind>,
    span: Span,
}

/// Checks the functions of a script that have a signature.
pub(super) fn check(ast: &AST, functions: &[Function], diagnostics: &mut Vec<Diagnostic>) {
    for function in functions {
        let Some(declared) = &function.declared else { continue };
        let body = body(ast, function);
        let mut ways = Ways { text: &function.text, end: function.span, given: Vec::new() };
        ways.block(&body);
        ways.returns(&body);
        diagnostics.extend(misfits(function, declared, ways.given));
    }
}

/// The statements of a function. Rhai shows them only to whoever walks through.
fn body(ast: &AST, function: &Function) -> Vec<Stmt> {
    let mut only = ast.clone_functions_only();
    only.retain_functions(|_, _, name, parameters| name == function.name && parameters == function.parameters.len());
    let mut body = Vec::new();
    only.walk(&mut |path| {
        if let [ASTNode::Stmt(statement)] = path {
            body.push((*statement).clone());
        }
        true
    });
    body
}

fn misfits(function: &Function, declared: &Declared, given: Vec<Given>) -> Vec<Diagnostic> {
    let name = &function.name;
    let nothing = |given: &Given| matches!(given.kind, Some(Kind::Missing));
    if !given.is_empty() && given.iter().all(nothing) {
        let span = given.first().map_or(function.span, |given| given.span);
        let message = format!("`{name}` never gives a {}: every way through it ends with nothing", declared.result);
        return vec![
            Diagnostic::error(code::SCRIPT_SIGNATURE, span, message)
                .help("the last line of a function is what it gives, if no `;` stands behind it"),
        ];
    }
    let wrong = |given: Given| {
        let what = match given.kind? {
            Kind::Of(ty) if ty != declared.result => format!("a {ty}"),
            Kind::Other(what) => what.to_owned(),
            _ => return None,
        };
        let message = format!("`{name}` gives {what} here, but its signature says {}", declared.result);
        Some(Diagnostic::error(code::SCRIPT_SIGNATURE, given.span, message).related(function.span, "the function"))
    };
    given.into_iter().filter_map(wrong).collect()
}

/// The ways through a function, as they are found.
struct Ways<'a> {
    text: &'a Text,
    /// Where nothing is said: the place of what ends without a value.
    end: Span,
    given: Vec<Given>,
}

impl Ways<'_> {
    fn add(&mut self, kind: Option<Kind>, span: Span) {
        self.given.push(Given { kind, span });
    }

    /// What a block gives: its last statement.
    fn block(&mut self, statements: &[Stmt]) {
        let Some(last) = statements.last() else {
            self.add(Some(Kind::Missing), self.end);
            return;
        };
        match last {
            Stmt::Expr(expr) => self.expr(expr),
            Stmt::FnCall(call, position) => {
                let start = call.args.first().map_or(*position, Node::start_position);
                self.add(operator(call), self.text.literal_at(start));
            }
            Stmt::Block(block) => self.block(block.statements()),
            Stmt::If(flow, _) => {
                self.block(flow.body.statements());
                self.block(flow.branch.statements());
            }
            Stmt::Switch(switch, _) => {
                let (_, cases) = &**switch;
                for arm in &cases.expressions {
                    self.expr(&arm.rhs);
                }
                if cases.def_case.is_none() {
                    self.add(None, self.end);
                }
            }
            Stmt::Noop(_) | Stmt::Var(..) | Stmt::Assignment(_) => {
                let position = last.position();
                let span = if position.is_none() { self.end } else { self.text.word_at(position) };
                self.add(Some(Kind::Missing), span);
            }
            // `return` is found on its own; `throw` gives nothing at all.
            Stmt::Return(..) => {}
            _ => self.add(None, self.end),
        }
    }

    fn expr(&mut self, expr: &Node) {
        match expr {
            Node::Stmt(block) => self.block(block.statements()),
            expr => {
                let position = expr.start_position();
                let span = if position.is_none() { self.end } else { self.text.literal_at(position) };
                self.add(kind(expr), span);
            }
        }
    }

    /// What every `return` in the statements gives. Those of closures are not among them: closures are functions of their own.
    fn returns(&mut self, statements: &[Stmt]) {
        let mut found: Vec<(Option<Node>, Span)> = Vec::new();
        for statement in statements {
            statement.walk(&mut Vec::new(), &mut |path| {
                if let Some(ASTNode::Stmt(Stmt::Return(value, flags, position))) = path.last()
                    && !flags.intersects(ASTFlags::BREAK)
                {
                    found.push((value.as_deref().cloned(), self.text.word_at(*position)));
                }
                true
            });
        }
        for (value, span) in found {
            match value {
                Some(value) => self.expr(&value),
                None => self.add(Some(Kind::Missing), span),
            }
        }
    }
}
