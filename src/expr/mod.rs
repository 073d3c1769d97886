//! Expressions: Rhai's syntax, our types, one meaning.
//!
//! [`parse`] turns a text into an [`Ast`] with Rhai's own parser, [`check`](check()) types it into an
//! [`Expr`], and [`eval`] is the row interpreter: the specification of what an expression means.

pub mod eval;
pub mod functions;
pub mod ir;
mod parse;
mod rollup;
mod types;
pub mod value;

pub use eval::{Row, evaluate};
pub use functions::Func;
pub use ir::{Arith, Compare, Expr, Kind, Name, NameKind, Names, Slot, Stage};
pub use parse::{Ast, parse};
pub use rollup::{Aggregate, RollupExpr, aggregate_names, aggregates, check_rollup};
pub use types::{Scope, check};
pub use value::{Date, Type, Value};

use crate::diag::{FileId, Span};

/// Where an expression's text stands, so that a position in it becomes a span in a file.
#[derive(Debug, Clone, Copy)]
pub struct Anchor {
    /// The file.
    pub file: FileId,
    /// The byte where the text's first character stands, if the text stands in the file byte for byte.
    /// `None` where it does not (escapes in a basic string): then everything is [`Anchor::whole`].
    pub start: Option<u32>,
    /// The whole value.
    pub whole: Span,
}

impl Anchor {
    /// The span of bytes `start..end` of the text.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        match self.start {
            Some(at) => Span::new(self.file, at as usize + start, at as usize + end),
            None => self.whole,
        }
    }
}
