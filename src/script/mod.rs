//! The Rhai host: scripts of a pack, sandboxed, called from expressions through declared signatures.

mod bounded;
mod bridge;
mod caller;
mod checks;
mod compile;
mod crossing;
mod definitions;
mod errors;
mod fits;
mod functions;
mod host;
mod limits;
mod lower;
mod nesting;
mod observe;
mod patience;
mod places;
mod printed;
mod reach;
mod read;
mod sandbox;
mod signature;
mod text;

pub use caller::Caller;
pub use definitions::definitions;
pub use functions::ScriptFunction;
pub use host::{CallError, Scripts};
pub use limits::Limits;
pub use lower::{Guard, Lowered, WhyNot, parameter};
pub use observe::{Line, SeenLines};
pub use patience::{Batch, begin_batch};
pub use printed::{Printed, Prints};
pub use signature::{OnMissing, Parameter, Signature};

#[cfg(test)]
mod tests;
