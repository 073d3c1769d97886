//! From the text of a script to functions with their places and signatures.

use std::sync::Arc;

use rhai::{AST, ASTFlags, Engine, ParseErrorType, ScriptFuncDef, Stmt};

use super::signature::{self, Declared, Flaw};
use super::text::Text;
use super::{crossing, errors};
use crate::diag::{Diagnostic, Span, code};

/// One script, parsed.
pub(super) struct Script {
    pub(super) ast: AST,
    /// In the order of the text.
    pub(super) functions: Vec<Function>,
    pub(super) text: Text,
    /// Where its functions begin, closures left out.
    starts: Vec<Span>,
}

impl Script {
    /// Where the function that begins at a place ends, at most: where the next begins.
    pub(super) fn end(&self, start: Span) -> u32 {
        self.starts.iter().map(|other| other.start).find(|other| *other > start.start).unwrap_or(u32::MAX)
    }

    /// Whether a place stands in one of these functions, those of its module that are in force.
    pub(super) fn in_force(&self, at: Span, functions: &[Function]) -> bool {
        let before = self.starts.partition_point(|start| start.start <= at.start);
        let start = before.checked_sub(1).and_then(|index| self.starts.get(index));
        start.is_some_and(|start| functions.iter().any(|function| function.span == *start))
    }
}

/// One function of a script.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
    /// What its comment declares; `None` for a private helper.
    pub(super) declared: Option<Declared>,
    /// `fn name`
    pub(super) span: Span,
    pub(super) text: Text,
    /// The functions of what is extended that it takes the place of, the nearest first.
    pub(super) replaces: Vec<Span>,
}

impl Function {
    /// Whether it is a closure, which Rhai keeps as a function with a name of its own making.
    pub(super) fn is_closure(&self) -> bool {
        self.name.starts_with("anon$")
    }
}

/// Parses a script and reads its signatures.
pub(super) fn script(
    engine: &Engine,
    text: &Text,
    modules: &[String],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Script> {
    let ast = match engine.compile(&*text.text) {
        Ok(ast) => ast,
        Err(error) => {
            let (message, hint) = errors::syntax_error(error.err_type(), engine.max_function_expr_depth());
            let diagnostic = Diagnostic::error(code::SCRIPT_SYNTAX, text.word_at(error.position()), message);
            diagnostics.push(match (hint, error.err_type()) {
                (_, ParseErrorType::ModuleUndefined(name)) => crossing::no_module(diagnostic, name, modules),
                (Some(hint), _) => diagnostic.help(hint),
                (None, _) => diagnostic,
            });
            return None;
        }
    };
    for statement in ast.statements() {
        let constant = matches!(statement, Stmt::Var(_, flags, _) if flags.intersects(ASTFlags::CONSTANT));
        if !constant && !matches!(statement, Stmt::Noop(_)) {
            let span = text.word_at(statement.position());
            diagnostics.push(
                Diagnostic::error(
                    code::SCRIPT_SYNTAX,
                    span,
                    "only functions and constants may stand outside of functions",
                )
                .help("write `const NAME = …;` and use it as `global::NAME`, or move it into a function"),
            );
        }
    }
    let mut definitions: Vec<&Arc<ScriptFuncDef>> = ast
        .iter_functions()
        .filter_map(|found| ast.shared_lib().get_script_fn(found.name, found.params.len()))
        .collect();
    definitions.sort_by_key(|d| text.offset(d.body.start_position()));
    let functions: Vec<Function> =
        definitions.into_iter().map(|definition| function(definition, text, diagnostics)).collect();
    let starts = functions.iter().filter(|function| !function.is_closure()).map(|function| function.span).collect();
    Some(Script { ast, functions, text: text.clone(), starts })
}

/// A function with its place and what its comment declares.
fn function(definition: &ScriptFuncDef, text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Function {
    let name = definition.name.to_string();
    let span = text.definition(&name, definition.body.start_position());
    let comments: Vec<&str> = definition.comments.iter().map(|c| &**c).collect();
    let parameters: Vec<String> = definition.params.iter().map(ToString::to_string).collect();
    let mut declared = None;
    match signature::read(&comments) {
        Ok(None) => {}
        Ok(Some(found)) => {
            let names: Vec<&str> = found.parameters.iter().map(|p| p.name.as_str()).collect();
            if definition.this_type.is_some() {
                diagnostics.push(
                    Diagnostic::error(code::SCRIPT_SIGNATURE, span, format!("rules cannot call the method `{name}`"))
                        .help("make it a plain function, or take the signature away"),
                );
            } else if names == parameters {
                declared = Some(found);
            } else {
                diagnostics.push(
                    Diagnostic::error(
                        code::SCRIPT_SIGNATURE,
                        span,
                        format!("the parameters of `{name}` are not those of its signature"),
                    )
                    .label(format!("takes ({})", parameters.join(", ")))
                    .help(format!("the signature names ({})", names.join(", "))),
                );
            }
        }
        Err(Flaw { message, line, part, help }) => {
            let place = text.above(span, &line, &part);
            diagnostics.push(Diagnostic::error(code::SCRIPT_SIGNATURE, place, message).help(help));
        }
    }
    Function { name, parameters, declared, span, text: text.clone(), replaces: Vec::new() }
}
