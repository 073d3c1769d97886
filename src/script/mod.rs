//! The Rhai host: scripts of a pack, sandboxed, called from expressions through declared signatures.

mod compile;
mod errors;
mod host;
mod limits;
mod sandbox;
mod signature;

pub use host::{CallError, Scripts};
pub use limits::Limits;
pub use signature::{OnMissing, Parameter, Signature};

#[cfg(test)]
mod tests;
