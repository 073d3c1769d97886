//! Script functions as expressions: a body that is a pure expression runs in the columnar engine.
//!
//! What Rhai does is the meaning. A function is *lowered* only if the same can be said as an expression, to the bit; where
//! that holds on some rows only, *guards* say on which, and the others are called in Rhai. Numbers that are not finite are the
//! reason for most guards: Rhai goes on computing with them where an expression has a missing value, which is the same as
//! long as nothing but arithmetic looks at them.
//!
//! [`body`] follows statements, [`node`] expressions, [`calls`] functions; [`value`] is what is known of a value, [`near`] how
//! Rhai compares numbers, [`cases`] finds the values of a `switch`.

mod body;
mod calls;
mod cases;
mod near;
mod node;
mod operators;
mod source;
#[cfg(test)]
mod tests;
mod value;

use std::collections::HashMap;
use std::sync::Arc;

use rhai::Engine;

use super::host::Module;
use super::{Limits, OnMissing, Signature};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Expr, Kind, Slot, Type, Value};
use body::Lowerer;
use source::Source;

/// A script function as an expression. Its names are slots of its own: [`parameter`] and those defined here.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowered {
    /// What is computed first, in order: each over the parameters and the ones before.
    pub definitions: Vec<(Slot, Expr)>,
    /// The result.
    pub value: Expr,
    /// What must be true of a row; where one is not, the row is called in Rhai.
    pub guards: Vec<Guard>,
    /// Per parameter: whether the value is missing anyway where it is.
    pub strict: Vec<bool>,
}

/// A condition under which the lowered body gives what Rhai gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// True where it does.
    pub holds: Expr,
    /// Where it does not, in words: `` `x` is missing ``.
    pub unless: String,
    /// The place in the script.
    pub span: Span,
    /// Its line, from 1.
    pub line: usize,
}

/// Why a function runs in Rhai.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyNot {
    /// In words.
    pub reason: String,
    /// The place in the script.
    pub span: Span,
    /// Its line, from 1.
    pub line: usize,
}

/// The slot of a parameter in a [`Lowered`] body, by its place from 0.
#[must_use]
pub fn parameter(at: usize) -> Slot {
    own_slot(at)
}

/// Slots from the top of their range, where no pack has names.
fn own_slot(at: usize) -> Slot {
    Slot(u32::MAX - u32::try_from(at).unwrap_or(u32::MAX / 2))
}

/// Lowers the functions of a module; what is certainly of another type than declared becomes a diagnostic.
pub(super) fn module(
    engine: &Engine,
    module: &Module,
    signatures: &[Arc<Signature>],
    limits: &Limits,
    diagnostics: &mut Vec<Diagnostic>,
) -> HashMap<String, Result<Lowered, WhyNot>> {
    let source = Source::new(engine, module);
    let of_module = signatures.iter().filter(|signature| signature.module == module.name);
    of_module
        .map(|signature| {
            let found = function(&source, signature, limits);
            let found = found.map_err(|why| match why {
                Flaw::WhyNot(why) => why,
                Flaw::WrongType(why) => {
                    diagnostics.push(
                        Diagnostic::error(code::SCRIPT_SIGNATURE, why.span, why.reason.clone())
                            .related(signature.span, "declared here")
                            .help("correct the signature, or what the function gives"),
                    );
                    why
                }
            });
            (signature.name.clone(), found)
        })
        .collect()
}

/// Why there is no lowered body.
enum Flaw {
    WhyNot(WhyNot),
    /// The result is never of the declared type.
    WrongType(WhyNot),
}

impl From<WhyNot> for Flaw {
    fn from(why: WhyNot) -> Flaw {
        Flaw::WhyNot(why)
    }
}

fn function(source: &Source<'_>, signature: &Signature, limits: &Limits) -> Result<Lowered, Flaw> {
    let mut lowerer = Lowerer::new(source, signature, limits)?;
    let result = lowerer.function(signature)?;
    let result = lowerer.single(result)?;
    match result.ty {
        Some(found) if found != signature.result => {
            let message = format!("`{}` gives a {found}, but its signature says {}", signature.name, signature.result);
            return Err(Flaw::WrongType(lowerer.no(result.at, message)));
        }
        _ => {}
    }
    let at = result.at;
    let mut value = result.expr;
    if result.ty.is_none() {
        value = Expr { kind: Kind::Const(Value::Missing), ty: signature.result, span: value.span };
    }
    lowerer.check_limits(limits, at)?;
    let (definitions, guards) = lowerer.finish(signature, limits);
    let strict = strict(&definitions, &value, signature.parameters.len());
    Ok(Lowered { definitions, value, guards, strict })
}

/// Which parameters make the value missing where they are.
fn strict(definitions: &[(Slot, Expr)], value: &Expr, parameters: usize) -> Vec<bool> {
    // A set of parameters as bits; those beyond are never strict, which only costs a mask.
    let mut known: HashMap<Slot, u64> = (0..parameters.min(63)).map(|at| (parameter(at), 1 << at)).collect();
    for (slot, expr) in definitions {
        let set = strict_in(expr, &known);
        known.insert(*slot, set);
    }
    let set = strict_in(value, &known);
    (0..parameters).map(|at| at < 63 && set >> at & 1 == 1).collect()
}

fn strict_in(expr: &Expr, known: &HashMap<Slot, u64>) -> u64 {
    let of = |x: &Expr| strict_in(x, known);
    let all = |list: &mut dyn Iterator<Item = &Expr>| list.fold(u64::MAX, |set, x| set & of(x));
    match &expr.kind {
        Kind::Const(Value::Missing) => u64::MAX,
        Kind::Const(_) | Kind::IsMissing { .. } | Kind::Script(..) => 0,
        Kind::Slot(slot) => known.get(slot).copied().unwrap_or(0),
        Kind::Neg(x) | Kind::Not(x) => of(x),
        Kind::Arith(_, a, b) | Kind::Compare(_, a, b) => of(a) | of(b),
        Kind::And(list) | Kind::Or(list) | Kind::Coalesce(list) => all(&mut list.iter()),
        Kind::In { item, list, .. } => {
            if list.is_empty() {
                0
            } else {
                of(item)
            }
        }
        Kind::If { branches, otherwise } => {
            all(&mut branches.iter().map(|(_, then)| then).chain(std::iter::once(&**otherwise)))
        }
        Kind::Switch { arms, otherwise, .. } => {
            all(&mut arms.iter().map(|(_, then)| then).chain(std::iter::once(&**otherwise)))
        }
        Kind::Call(_, list) => list.iter().fold(0, |set, x| set | of(x)),
    }
}

/// Whether a parameter may arrive as `()`.
fn may_be_missing(signature: &Signature) -> bool {
    signature.on_missing == OnMissing::Call
}

/// The word for a type with its article.
fn a(ty: Type) -> String {
    format!("a {ty}")
}
