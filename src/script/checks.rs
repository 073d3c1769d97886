//! What Rhai would only find out while running, found when a pack is loaded.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use rhai::{ASTNode, Engine, Expr as Node, Stmt};

use super::compile::{Function, Script};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::Type;

/// Calls of functions that exist neither in the module (overlays merged) nor in the engine.
pub(super) fn check_calls(
    script: &Script,
    functions: &[Function],
    known: &[String],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let is_word = |name: &str| name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    script.ast.walk(&mut |path| {
        if let Some(ASTNode::Expr(Node::FnCall(call, position)) | ASTNode::Stmt(Stmt::FnCall(call, position))) =
            path.last()
            && call.op_token.is_none()
            && call.namespace.is_empty()
            && is_word(&call.name)
            && known.binary_search_by(|k| k.as_str().cmp(&call.name)).is_err()
            && !functions.iter().any(|f| *f.name == *call.name)
        {
            let names = known.iter().map(String::as_str).chain(functions.iter().map(|f| f.name.as_str()));
            let span = script.text.word_at(*position);
            diagnostics.push(
                Diagnostic::error(code::SCRIPT_SYNTAX, span, format!("there is no function `{}`", call.name))
                    .did_you_mean(&call.name, names.filter(|name| is_word(name))),
            );
        }
        true
    });
}

/// Functions named as one that is there anyway: every line of the script that calls that one, also as a method, would mean
/// the script's own.
pub(super) fn check_names(script: &Script, known: &[String], diagnostics: &mut Vec<Diagnostic>) {
    for function in script.functions.iter().filter(|function| !function.is_closure()) {
        if known.binary_search(&function.name).is_ok() {
            let message = format!("`{}` is built in, and would mean something else in this script", function.name);
            diagnostics.push(
                Diagnostic::error(code::SCRIPT_SYNTAX, function.span, message).help("give the function another name"),
            );
        }
    }
}

/// Methods that call back while they hold the list or map they go through.
const CALLBACKS: [&str; 18] = [
    "all",
    "dedup",
    "drain",
    "filter",
    "find",
    "find_map",
    "for_each",
    "index_of",
    "map",
    "order",
    "order_by",
    "reduce",
    "reduce_rev",
    "retain",
    "some",
    "sort",
    "sort_by",
    "zip",
];

/// Lists that are gone through while a closure uses them, which Rhai finds out only after waiting for itself: an error
/// on every call. Found by name, function by function.
pub(super) fn check_closures(script: &Script, diagnostics: &mut Vec<Diagnostic>) {
    let starts: Vec<u32> = script.functions.iter().filter(|f| !f.is_closure()).map(|f| f.span.start).collect();
    let function = |at: Span| starts.partition_point(|start| *start <= at.start);
    let mut captured = HashSet::new();
    let mut gone_through = Vec::new();
    script.ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Share(variables))) => {
                for (variable, _) in variables.iter() {
                    captured.insert((function(script.text.word_at(variable.pos)), variable.name.to_string()));
                }
            }
            Some(ASTNode::Expr(Node::Dot(chain, ..) | Node::Index(chain, ..))) => {
                if let Node::Variable(variable, ..) = &chain.lhs {
                    let span = script.text.word_at(chain.lhs.position());
                    let call = callback(&chain.rhs, &variable.1);
                    gone_through.extend(call.map(|call| (function(span), variable.1.to_string(), span, call)));
                }
            }
            _ => {}
        }
        true
    });
    for (function, name, span, call) in gone_through {
        if call == Callback::Uses || captured.contains(&(function, name.clone())) {
            diagnostics.push(
                Diagnostic::error(
                    code::SCRIPT_SYNTAX,
                    span,
                    format!("`{name}` is used by a closure while it is gone through"),
                )
                .help(format!("take a copy before, `let all = {name};`, and use that in the closure")),
            );
        }
    }
}

/// What is called back while a list is gone through.
#[derive(PartialEq)]
enum Callback {
    /// A closure that uses the list.
    Uses,
    /// A variable, which may hold one that does.
    Unknown,
}

/// What a chain of methods calls back, if anything that matters for the list it begins with.
fn callback(chain: &Node, list: &str) -> Option<Callback> {
    match chain {
        Node::MethodCall(call, _) if CALLBACKS.contains(&call.name.as_str()) => {
            let mut found = None;
            for argument in &call.args {
                if matches!(argument, Node::Variable(..)) {
                    found = Some(Callback::Unknown);
                }
                argument.walk(&mut Vec::new(), &mut |path| {
                    if let Some(ASTNode::Stmt(Stmt::Share(variables))) = path.last()
                        && variables.iter().any(|(variable, _)| *variable.name == *list)
                    {
                        found = Some(Callback::Uses);
                    }
                    found != Some(Callback::Uses)
                });
            }
            found
        }
        Node::Dot(chain, ..) | Node::Index(chain, ..) => {
            callback(&chain.lhs, list).or_else(|| callback(&chain.rhs, list))
        }
        _ => None,
    }
}

/// `switch` with whole numbers on a number that came in: Rhai tells `1` and `1.0` apart, and numbers come in as `1.0`.
pub(super) fn check_switches(engine: &Engine, script: &Script, diagnostics: &mut Vec<Diagnostic>) {
    let is_number = |at: Span, name: &str| {
        let inside = script.functions.iter().rev().find(|f| f.span.start <= at.start && !f.is_closure());
        let declared = inside.and_then(|f| f.declared.as_ref());
        declared.is_some_and(|d| d.parameters.iter().any(|p| p.name == name && p.ty == Type::Number))
    };
    let mut whole_numbers = None;
    script.ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Switch(switch, _))) = path.last()
            && let (Node::Variable(variable, ..), cases) = &**switch
        {
            let span = script.text.word_at(switch.0.position());
            if is_number(span, &variable.1) {
                let known = whole_numbers.get_or_insert_with(|| hashes_of_whole_numbers(engine));
                if let Some(case) = cases.cases.keys().filter_map(|hash| known.get(hash)).min() {
                    let name = &variable.1;
                    let message = format!("`{case}` never matches the number `{name}`");
                    let help = format!("write `{case}.0`, or a range such as `{case}..={case}`");
                    diagnostics.push(Diagnostic::warning(code::SCRIPT_SYNTAX, span, message).help(help));
                }
            }
        }
        true
    });
}

/// Of a `switch`, Rhai keeps no values but their hashes. Those of the whole numbers people switch on.
fn hashes_of_whole_numbers(engine: &Engine) -> HashMap<u64, usize> {
    let mut text = String::from("fn probe(x) { switch x { ");
    for n in 0..=400 {
        let _ = write!(text, "{n} => {n}, ");
    }
    text.push_str("} }");
    let mut hashes = HashMap::new();
    if let Ok(ast) = engine.compile(text) {
        ast.walk(&mut |path| {
            if let Some(ASTNode::Stmt(Stmt::Switch(switch, _))) = path.last() {
                // The blocks stand in the order of the cases.
                hashes.extend(switch.1.cases.iter().filter_map(|(hash, case)| Some((*hash, *case.blocks.first()?))));
            }
            true
        });
    }
    hashes
}
