//! `[prevention]` and `[[warnings]]`: what losses cost, and who may be next.

/// How losses are counted, and early warnings.
#[derive(Debug, Clone, Default)]
pub struct Prevention {}
