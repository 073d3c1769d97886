//! Which functions scripts have, and what they call: for whoever asks what is used.

use rhai::{ASTNode, Expr as Node, Stmt};

use super::compile::{Function, Script};
use super::crossing::Crossing;
use crate::diag::Span;

/// A function of a script in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFunction {
    /// The script's file name without `.rhai`.
    pub module: String,
    /// Its name.
    pub name: String,
    /// Whether rules may call it: its comment declares a signature.
    pub declared: bool,
    /// `fn name`
    pub span: Span,
    /// The functions of what the pack extends that it takes the place of, the nearest first.
    pub replaces: Vec<Span>,
    /// The names it calls, or hands on as texts; those of closures within it are its own.
    pub calls: Vec<String>,
    /// Module and name of the functions of other scripts it calls.
    pub others: Vec<(String, String)>,
}

/// The functions of one module.
pub(super) fn of_module(
    module: &str,
    functions: &[Function],
    scripts: &[Script],
    crossings: &[Crossing],
) -> Vec<ScriptFunction> {
    let mut calls: Vec<(Span, String)> = Vec::new();
    for script in scripts {
        let mut add = |name: &str, position| calls.push((script.text.word_at(position), name.to_owned()));
        script.ast.walk(&mut |path| {
            match path.last() {
                Some(
                    ASTNode::Expr(Node::FnCall(call, position) | Node::MethodCall(call, position))
                    | ASTNode::Stmt(Stmt::FnCall(call, position)),
                ) if call.namespace.is_empty() => add(&call.name, *position),
                // `Fn("name")` and `list.map("name")` call by a text.
                Some(ASTNode::Expr(Node::StringConstant(text, position))) => add(text, *position),
                _ => {}
            }
            true
        });
    }
    let named: Vec<&Function> = functions.iter().filter(|function| !function.is_closure()).collect();
    named
        .iter()
        .map(|function| {
            let (file, start) = (function.span.file, function.span.start);
            let script = scripts.iter().find(|script| script.text.file == file);
            let end = script.map_or(u32::MAX, |script| script.end(function.span));
            let within = |at: &Span| at.file == file && (start..end).contains(&at.start);
            let mut inside: Vec<String> =
                calls.iter().filter(|(at, _)| within(at)).map(|(_, name)| name.clone()).collect();
            inside.sort();
            inside.dedup();
            let mut others: Vec<(String, String)> = crossings
                .iter()
                .filter(|crossing| within(&crossing.span))
                .map(|crossing| (crossing.module.clone(), crossing.name.clone()))
                .collect();
            others.sort();
            others.dedup();
            ScriptFunction {
                module: module.to_owned(),
                name: function.name.clone(),
                declared: function.declared.is_some(),
                span: function.span,
                replaces: function.replaces.clone(),
                calls: inside,
                others,
            }
        })
        .collect()
}
