//! What a script function takes and gives, as declared in its doc comment.

use crate::diag::Span;
use crate::expr::Type;

/// A declared script function: `/// (segment: text, region: text) -> number`.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// The script's file name without `.rhai`: the `prestige` of `prestige::image`.
    pub module: String,
    /// The function's name.
    pub name: String,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// What it returns.
    pub result: Type,
    /// What a missing argument does.
    pub on_missing: OnMissing,
    /// The rest of the doc comment.
    pub help: String,
    /// Where the function stands in its script.
    pub span: Span,
}

impl Signature {
    /// `prestige::image`
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}::{}", self.module, self.name)
    }
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// As in the script.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// What happens when an argument is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMissing {
    /// The result is missing, the function is not called (the default).
    Missing,
    /// It is called with `()` (declared by `missing: call`).
    Call,
}
