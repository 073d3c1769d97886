//! What conditions say, decided exactly: whether a record can fulfil them at all, with a sample if one can.

mod branches;
mod domain;
mod formula;
mod key;
mod linear;
mod lists;
mod range;
mod search;
mod solver;
mod space;
#[cfg(test)]
mod tests;
mod translate;
mod witness;

pub use range::{Range, Ranges, range};
pub use solver::{Answer, Solver};
pub use witness::Record;

use crate::diag::Diagnostic;
use crate::expr::Expr;
use crate::pack::Pack;

/// Which customers a finding is about: those for whom every expression of `all_of` is true and none of `none_of` is true (missing
/// is not true). The expressions are over the pack's names; those of a finding about grades read `worth` and the like, so they
/// are to be evaluated on a decided row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Region {
    /// Each is true.
    pub all_of: Vec<Expr>,
    /// None is true.
    pub none_of: Vec<Expr>,
}

/// A finding about conditions, with the customers it is about if there can be some: a gap, an overlap.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What is said.
    pub diagnostic: Diagnostic,
    /// Where customers of data may be looked for.
    pub region: Option<Region>,
}

/// Every gap and overlap of a pack with the customers it is about. The diagnostics are those the lints show (before levels
/// are applied), so `diagnostic.primary` and `code` tell which finding of [`crate::check::check`] it is.
#[must_use]
pub fn regions(pack: &Pack) -> Vec<(Diagnostic, Region)> {
    analyse(pack).findings.into_iter().filter_map(|f| Some((f.diagnostic, f.region?))).collect()
}

/// How many conditions were decided exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Conditions about which every question was answered with certainty.
    pub exact: usize,
    /// Conditions with a question that was not.
    pub not_decided: usize,
}

/// Everything that can be said about the conditions of a pack.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// In no order.
    pub findings: Vec<Finding>,
    /// How much of it is certain.
    pub summary: Summary,
}

/// Looks at every condition of a pack.
#[must_use]
pub fn analyse(pack: &Pack) -> Analysis {
    lists::analyse(pack)
}

/// How many conditions of a pack are decided exactly.
#[must_use]
pub fn summary(pack: &Pack) -> Summary {
    analyse(pack).summary
}
