//! From an untyped tree to a typed expression.

use super::{Ast, Expr, Names, Stage, Type};
use crate::diag::Diagnostic;
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
    let _ = (ast, scope, expected, diagnostics);
    todo!()
}
