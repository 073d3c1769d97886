//! The Rhai host: scripts of a pack, sandboxed, called from expressions through declared signatures.

mod host;
mod signature;

pub use host::{CallError, Scripts};
pub use signature::{OnMissing, Parameter, Signature};
