//! From text to an untyped tree with spans, by Rhai's own parser.

use super::{Anchor, ir};
use crate::diag::{Diagnostic, Span};

/// An untyped expression.
#[derive(Debug, Clone)]
pub struct Ast {
    /// The whole of it.
    pub span: Span,
}

impl Ast {
    /// Every bare or dotted name it reads, with its place.
    #[must_use]
    pub fn names(&self) -> Vec<(String, Span)> {
        let _ = ir::Stage::Run;
        todo!()
    }
}

/// Parses a text. Every error becomes a diagnostic.
pub fn parse(text: &str, anchor: &Anchor, diagnostics: &mut Vec<Diagnostic>) -> Option<Ast> {
    let _ = (text, anchor, diagnostics);
    todo!()
}
