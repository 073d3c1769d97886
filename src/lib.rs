//! regain: a rules-engine host for customer recovery.

pub mod diag;
pub mod engine;
pub mod expr;
pub mod files;
pub mod pack;
pub mod script;
