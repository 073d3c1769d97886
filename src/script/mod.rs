//! The Rhai host: scripts of a pack, sandboxed, called from expressions through declared signatures.

mod bounded;
mod checks;
mod compile;
mod definitions;
mod errors;
mod functions;
mod host;
mod limits;
mod lower;
mod nesting;
mod observe;
mod patience;
mod sandbox;
mod signature;

pub use definitions::definitions;
pub use functions::ScriptFunction;
pub use host::{CallError, Scripts};
pub use limits::Limits;
pub use lower::{Guard, Lowered, WhyNot, parameter};
pub use observe::{Line, SeenLines};
pub use signature::{OnMissing, Parameter, Signature};

#[cfg(test)]
mod tests;
