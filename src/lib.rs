//! regain: a rules-engine host for customer recovery.
#![forbid(unsafe_code)]

pub mod diag;
pub mod draw;
pub mod engine;
pub mod expr;
pub mod files;
pub mod pack;
pub mod reference;
pub mod report;
pub mod script;
pub mod stage;
