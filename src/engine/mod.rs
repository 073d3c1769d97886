//! The columnar evaluator: typed expressions become straight-line register code over chunks of about 1,024 rows.
//!
//! Numbers and dates are `f64` lanes in which missing is NaN (no NaN or infinity ever enters from outside, and each
//! kernel turns its own infinities into NaN), truths are two byte masks ("is true", "is false": Kleene logic is then
//! `&` and `|`, and only the side that is asked for is computed), texts are dictionary codes.
//!
//! [`Builder`] is how the stages write a program; [`Code::run`] is Arrow in, Arrow out. Where an earlier program has run over the
//! same records, [`Again`] runs only what the new one computes otherwise.

mod again;
mod builder;
mod errors;
mod failures;
mod fingerprint;
mod graph;
mod input;
mod kernels;
mod lower;
mod machine;
mod memo;
mod op;
mod output;
mod plan;
mod registers;
mod script;
mod texts;
mod tuples;

pub use again::{Again, is_call};
pub use builder::{Builder, Choice, Mask, Num, Reg, Segment, Text};
pub use errors::{ScriptError, ScriptErrors};
pub use machine::Code;
