//! `[override]`: what people decided about a customer, which wins over the rules.

/// Where human decisions come from.
#[derive(Debug, Clone, Default)]
pub struct Human {}
