//! `[outcomes]`: what came of a plan, and what counts as won back.

/// How outcomes are read.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {}
