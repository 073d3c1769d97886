//! `[plan]`, `[budget]`, `[capacity]`, `[volume]`, `[reserve]`: what a plan must keep to.

/// How a plan is made.
#[derive(Debug, Clone, Default)]
pub struct Planning {}
