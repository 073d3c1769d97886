//! Expressions: Rhai's syntax, our types, one meaning.
//!
//! [`parse`] turns a text into an [`Ast`] with Rhai's own parser, [`check`](check()) types it into an
//! [`Expr`], and [`eval`] is the row interpreter: the specification of what an expression means.

mod anchor;
pub mod eval;
pub mod functions;
pub mod ir;
mod parse;
mod rollup;
mod types;
pub mod value;

pub use anchor::{Anchor, Piece};
pub use eval::{Row, evaluate};
pub use functions::Func;
pub use ir::{Arith, Compare, Expr, Kind, Name, NameKind, Names, Slot, Stage};
pub use parse::{Ast, parse};
pub use rollup::{Aggregate, RollupExpr, aggregate_names, aggregates, check_rollup};
pub use types::{Scope, check};
pub use value::{Date, Type, Value};
