//! Calls from script to script, `other::name(…)`: found, checked against the signatures, and free of circles.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rhai::{ASTNode, Expr as Node, FnCallExpr, Position, Stmt};

use super::Signature;
use super::compile::{Function, Script};
use super::sandbox;
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Type, Value};

/// The name of Rhai's own namespace: the constants of a script.
pub(super) const CONSTANTS: &str = "global";

/// Rhai finds a function by the types of the arguments it is given, and tries every mixture of those it does not know: a
/// number of tries that doubles with every parameter.
const MOST_PARAMETERS: usize = 12;

/// `other::name(…)` in a script.
pub(super) struct Crossing {
    /// What stands before the `::`.
    pub(super) module: String,
    pub(super) name: String,
    /// What each argument is, as far as it is written out.
    arguments: Vec<Argument>,
    /// `other::name`
    pub(super) span: Span,
    /// Why it cannot be a call of another script's function, whatever there is.
    flaw: Option<Flaw>,
}

/// An argument of a call.
struct Argument {
    span: Span,
    kind: Option<Kind>,
}

/// What a written-out value is.
pub(super) enum Kind {
    Missing,
    Of(Type),
    /// What expressions do not have: `a list`.
    Other(&'static str),
}

enum Flaw {
    /// `a::b::c(…)`
    Nested,
    /// `other::NAME` without parentheses.
    NoCall,
}

/// What a node gives, if that is written out or clear from the operator.
pub(super) fn kind(node: &Node) -> Option<Kind> {
    if let Some(value) = node.get_literal_value(None) {
        // Worked out while parsing: what is not finite is missing by accident, not as written.
        if value.as_float().is_ok_and(|x| !x.is_finite()) {
            return None;
        }
        return Some(match sandbox::from_script(&value) {
            Some(Value::Missing) => Kind::Missing,
            Some(found) => Kind::Of(found.ty()?),
            None => Kind::Other(sandbox::kind(&value)),
        });
    }
    match node {
        Node::InterpolatedString(..) => Some(Kind::Of(Type::Text)),
        Node::Array(..) => Some(Kind::Other("a list")),
        Node::Map(..) => Some(Kind::Other("a map")),
        // Both stop at a value that is not a bool.
        Node::And(..) | Node::Or(..) => Some(Kind::Of(Type::Bool)),
        Node::FnCall(call, _) => operator(call),
        _ => None,
    }
}

/// What an operator gives, if that is always the same.
pub(super) fn operator(call: &FnCallExpr) -> Option<Kind> {
    let compares = matches!(call.name.as_str(), "==" | "!=" | "<" | "<=" | ">" | ">=" | "!");
    (compares && call.op_token.is_some()).then_some(Kind::Of(Type::Bool))
}

/// The calls of other scripts in the functions of a script that are in force.
pub(super) fn find(script: &Script, functions: &[Function]) -> Vec<Crossing> {
    let mut found = Vec::new();
    script.ast.walk(&mut |path| {
        let crossing = match path.last() {
            Some(ASTNode::Expr(Node::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) => called(script, call),
            Some(ASTNode::Expr(Node::Variable(variable, ..)))
                if !variable.2.is_empty() && variable.2.root() != CONSTANTS =>
            {
                let parts: Vec<&str> = variable.2.path.iter().map(|part| part.as_str()).collect();
                let crossing = named(script, &parts, &variable.1, variable.2.position());
                Some(Crossing { flaw: crossing.flaw.or(Some(Flaw::NoCall)), ..crossing })
            }
            _ => None,
        };
        found.extend(crossing.filter(|crossing| script.in_force(crossing.span, functions)));
        true
    });
    found
}

fn called(script: &Script, call: &FnCallExpr) -> Option<Crossing> {
    if call.namespace.is_empty() {
        return None;
    }
    let parts: Vec<&str> = call.namespace.path.iter().map(|part| part.as_str()).collect();
    let mut crossing = named(script, &parts, &call.name, call.namespace.position());
    crossing.arguments = call
        .args
        .iter()
        .map(|argument| Argument { span: script.text.literal_at(argument.start_position()), kind: kind(argument) })
        .collect();
    Some(crossing)
}

/// `other::name` at a position.
fn named(script: &Script, parts: &[&str], name: &str, position: Position) -> Crossing {
    let module = parts.first().copied().unwrap_or_default();
    let start = script.text.offset(position);
    let rest = script.text.text.get(start..).unwrap_or_default();
    let mut end = 0;
    for part in parts.iter().copied().chain([name]) {
        // Between the parts there are only `::` and blanks.
        end += rest.get(end..).and_then(|rest| rest.find(part)).unwrap_or(0) + part.len();
    }
    Crossing {
        module: module.to_owned(),
        name: name.to_owned(),
        arguments: Vec::new(),
        span: Span::new(script.text.file, start, start + end.min(rest.len())),
        flaw: (parts.len() > 1).then_some(Flaw::Nested),
    }
}

/// What there is to call.
pub(super) struct Offer<'a> {
    /// Names of all scripts.
    pub(super) modules: &'a [String],
    pub(super) signatures: &'a [std::sync::Arc<Signature>],
    /// Module and name of all functions, also those without a signature.
    pub(super) functions: &'a BTreeSet<(String, String)>,
    /// Scripts that do not parse, whose functions nobody knows.
    pub(super) unread: &'a BTreeSet<String>,
}

/// Checks the calls that stand in one script.
pub(super) fn check(module: &str, crossings: &[Crossing], offer: &Offer<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for crossing in crossings {
        if let Some(diagnostic) = wrong(module, crossing, offer) {
            diagnostics.push(diagnostic);
        }
    }
}

fn wrong(module: &str, crossing: &Crossing, offer: &Offer<'_>) -> Option<Diagnostic> {
    let (other, name) = (crossing.module.as_str(), crossing.name.as_str());
    let path = format!("{other}::{name}");
    let error = |message: String| Diagnostic::error(code::SCRIPT_SYNTAX, crossing.span, message);
    match crossing.flaw {
        Some(Flaw::Nested) => {
            return Some(
                error("a function has one script before its name".to_owned()).help("write `other::name(…)`".to_owned()),
            );
        }
        _ if other == CONSTANTS => {
            return Some(
                error(format!("`{CONSTANTS}::` holds the constants of the script, no functions"))
                    .help(format!("write `{name}(…)`")),
            );
        }
        _ if other == module => {
            return Some(
                error(format!("`{path}` stands in this script itself"))
                    .help(format!("write `{name}` without `{other}::`")),
            );
        }
        _ if !offer.modules.iter().any(|known| known == other) => {
            return Some(no_module(error(format!("there is no script `{other}`")), other, offer.modules));
        }
        _ if offer.unread.contains(other) => return None,
        _ => {}
    }
    let Some(signature) = offer.signatures.iter().find(|s| s.module == other && s.name == name) else {
        let siblings: Vec<&str> =
            offer.signatures.iter().filter(|s| s.module == other).map(|s| s.name.as_str()).collect();
        if offer.functions.contains(&(other.to_owned(), name.to_owned())) {
            return Some(error(format!("`{path}` has no signature, so that only `{other}` itself can call it")).help(
                "begin the comment above it with what it takes and gives: `/// (x: number) -> number`".to_owned(),
            ));
        }
        let diagnostic =
            error(format!("there is no script function `{path}`")).did_you_mean(name, siblings.iter().copied());
        if !diagnostic.help.is_empty() {
            return Some(diagnostic);
        }
        if let Some(elsewhere) = offer.signatures.iter().find(|s| s.name == name && s.module != module) {
            return Some(diagnostic.help(format!("did you mean `{}`?", elsewhere.path())));
        }
        return Some(diagnostic.help(if siblings.is_empty() {
            format!("`{other}` has no function with a signature, such as `/// (x: number) -> number`")
        } else {
            format!("`{other}` has {}", siblings.iter().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", "))
        }));
    };
    let usage = format!("`{}`", signature.declaration());
    if matches!(crossing.flaw, Some(Flaw::NoCall)) {
        return Some(
            error(format!("`{path}` is a function, and needs its arguments"))
                .help(format!("write `{path}(…)`; to hand it on, `|x| {path}(x)`")),
        );
    }
    let (takes, given) = (signature.parameters.len(), crossing.arguments.len());
    if takes > MOST_PARAMETERS {
        return Some(error(format!(
            "`{path}` takes {takes} arguments, and a script can hand at most {MOST_PARAMETERS} to another"
        )));
    }
    if takes != given {
        let plural = if takes == 1 { "argument" } else { "arguments" };
        let are = if given == 1 { "is" } else { "are" };
        return Some(error(format!("`{path}` takes {takes} {plural}, and {given} {are} given")).help(usage));
    }
    wrong_argument(&path, crossing, signature).map(|diagnostic| diagnostic.help(usage))
}

fn wrong_argument(path: &str, crossing: &Crossing, signature: &Signature) -> Option<Diagnostic> {
    for (argument, parameter) in crossing.arguments.iter().zip(&signature.parameters) {
        let message = match argument.kind {
            Some(Kind::Of(ty)) if ty != parameter.ty => {
                format!("`{path}` wants a {} here, and this is a {ty}", parameter.ty)
            }
            Some(Kind::Other(what)) => format!("`{path}` wants a {} here, and this is {what}", parameter.ty),
            _ => continue,
        };
        return Some(Diagnostic::error(code::SCRIPT_SYNTAX, argument.span, message));
    }
    None
}

/// There is no such script: what was meant.
pub(super) fn no_module(diagnostic: Diagnostic, module: &str, modules: &[String]) -> Diagnostic {
    let diagnostic = diagnostic.did_you_mean(module, modules.iter().map(String::as_str));
    if !diagnostic.help.is_empty() {
        return diagnostic;
    }
    diagnostic.help(format!(
        "scripts of a pack see each other, those of what it extends, too: there is no `scripts/{module}.rhai`"
    ))
}

/// Circles of scripts that call each other: each once, with the places of its calls. Gives the scripts in them.
pub(super) fn circles(
    crossings: &BTreeMap<String, Vec<Crossing>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeSet<String> {
    let mut within = BTreeSet::new();
    for start in crossings.keys() {
        // A circle is told from the first of its scripts, by name; a longer one through the same scripts is not told.
        if within.contains(start) {
            continue;
        }
        let Some(round) = shortest(crossings, start) else { continue };
        let Some((first, others)) = round.split_first() else { continue };
        let names: Vec<String> = std::iter::once(start.as_str())
            .chain(round.iter().map(|c| c.module.as_str()))
            .map(|n| format!("`{n}`"))
            .collect();
        let message = format!("scripts call each other in a circle: {}", names.join(" calls "));
        let mut diagnostic = Diagnostic::error(code::SCRIPT_SYNTAX, first.span, message)
            .help("move what both need into a script that calls neither".to_owned());
        for call in others {
            diagnostic = diagnostic.related(call.span, format!("calls `{}`", call.module));
        }
        diagnostics.push(diagnostic);
        within.insert(start.clone());
        within.extend(round.iter().map(|crossing| crossing.module.clone()));
    }
    within
}

/// The calls that lead from a script back to it, as few as there can be.
fn shortest<'a>(crossings: &'a BTreeMap<String, Vec<Crossing>>, start: &'a str) -> Option<Vec<&'a Crossing>> {
    let mut came: BTreeMap<&str, (&str, &Crossing)> = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(module) = next.pop_front() {
        for crossing in crossings.get(module).into_iter().flatten() {
            let to = crossing.module.as_str();
            // A call of itself is told as such.
            if to == module || came.contains_key(to) {
                continue;
            }
            came.insert(to, (module, crossing));
            if to == start {
                let mut round = Vec::new();
                let mut at = start;
                loop {
                    let (from, crossing) = came.get(at)?;
                    round.push(*crossing);
                    at = from;
                    if at == start {
                        round.reverse();
                        return Some(round);
                    }
                }
            }
            next.push_back(to);
        }
    }
    None
}
