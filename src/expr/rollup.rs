//! The texts under `[rollups]`: one aggregate over one event table.

use indexmap::IndexMap;

use super::{Anchor, Ast, Expr, Names, Type};
use crate::diag::Diagnostic;
use crate::script::Scripts;

/// The aggregates a rollup may use.
#[derive(Debug, Clone, PartialEq)]
pub enum Aggregate {
    /// `count(t)` rows, `count(t.x)` values that are there.
    Count,
    /// `sum(t.x)`, added up in order of time.
    Sum,
    /// `mean(t.x)`
    Mean,
    /// `min(t.x)` of numbers, dates or texts.
    Min,
    /// `max(t.x)` of numbers, dates or texts.
    Max,
    /// `quantile(t.x, q)`; `median` is 0.5. Linear between the two nearest (Hyndman and Fan's type 7).
    Quantile(f64),
    /// `first(t.x)`: of the earliest row where it is there.
    First,
    /// `last(t.x)`: of the latest row where it is there.
    Last,
    /// `share(t, part)` of rows, `share(t.x, part)` of the sum, for which `part` is true.
    /// Missing if there are no rows, or the sum is 0.
    Share(Expr),
    /// `count_distinct(t.x)`
    CountDistinct,
    /// `quantile_gap(t.date, q)`: of the days between one event and the next; `median_gap` is 0.5.
    /// Missing with fewer than two different days.
    QuantileGap(f64),
}


/// A rollup, typed.
#[derive(Debug, Clone, PartialEq)]
pub struct RollupExpr {
    /// The table it reads.
    pub table: String,
    /// What it computes.
    pub aggregate: Aggregate,
    /// The value aggregated; `None` for `count(t)` and `share(t, part)`.
    pub value: Option<Expr>,
    /// Only rows for which this is true.
    pub condition: Option<Expr>,
    /// The type of the result.
    pub ty: Type,
}

/// Types a parsed rollup. `tables` maps each table's name to the names its rollups may use: `today`, the
/// parameters and `TABLE.COLUMN`.
pub fn check_rollup(
    ast: &Ast,
    anchor: &Anchor,
    tables: &IndexMap<String, &Names>,
    scripts: &Scripts,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<RollupExpr> {
    let _ = (ast, anchor, tables, scripts, diagnostics);
    todo!()
}
