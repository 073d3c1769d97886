//! `[second_life]`: customers who came back, as a cohort of their own.

/// How a second life is read from a record.
#[derive(Debug, Clone, Default)]
pub struct SecondLife {}
