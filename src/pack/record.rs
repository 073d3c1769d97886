//! Customers and their events: the record, the tables, their columns and rollups.

use super::{FileFormat, ValueFormat};
use crate::diag::Span;
use crate::expr::{Aggregate, Expr, Names, Slot, Type};

/// One row per customer.
#[derive(Debug, Clone)]
pub struct Record {
    /// The name `--data NAME=` of the table with one row per customer; default `customers`.
    pub table: String,
    /// The pack's name of the key column.
    pub key: String,
    /// Accepted headers of the key column (the name itself is always accepted).
    pub key_from: Vec<String>,
    /// How keys are made alike before they are compared, in every table.
    pub normalise: KeyRules,
    /// How the files of the table are written.
    pub file: FileFormat,
    /// The columns other than the key, in order, of whatever table.
    pub columns: Vec<Column>,
    /// Further tables with at most one row per customer, in order.
    pub joins: Vec<Join>,
    /// `record.sql`, if the pack builds its record itself.
    pub sql: Option<Sql>,
}

/// A table with at most one row per customer, joined to the record by the key: `[record.join.NAME]`.
///
/// A customer without a row keeps the record, the columns are then missing.
#[derive(Debug, Clone)]
pub struct Join {
    /// Its name, as in `--data NAME=PATH`.
    pub name: String,
    /// Accepted headers of the key column, besides the record's own name of it.
    pub key_from: Vec<String>,
    /// How its files are written.
    pub file: FileFormat,
    /// Whether a run may go without it; its columns are then missing.
    pub optional: bool,
    /// What it is.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// How keys are made alike before they are compared: `record.key_normalise`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyRules {
    /// Blanks around a key do not count.
    pub trim: bool,
    /// Small and capital letters are the same (keys are shown in capitals).
    pub case: bool,
    /// Zeros in front do not count; a key of nothing but zeros is `0`.
    pub leading_zeros: bool,
}

impl KeyRules {
    /// Whether keys stay as they stand in the file.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == KeyRules::default()
    }
}

/// A DataFusion query over the given tables that returns the key and the columns.
#[derive(Debug, Clone)]
pub struct Sql {
    /// The text.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// A column of the record or of an event table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name in the pack.
    pub name: String,
    /// Its slot in [`super::Pack::names`] (record) or [`Table::names`] (event table).
    pub slot: Slot,
    /// Its type.
    pub ty: Type,
    /// Accepted headers, besides the name itself.
    pub from: Vec<String>,
    /// Of a column of the record: the table it is taken from; `None` if it is the one that has its header.
    pub table: Option<String>,
    /// Known values of a text column; empty if any will do.
    pub values: Vec<String>,
    /// How its values are written, where it says so itself.
    pub written: ValueFormat,
    /// Whether a table may lack it. A missing *value* is always allowed.
    pub optional: bool,
    /// How rows of one day become one (only in a table with `merge = "day"`).
    pub merge: MergeBy,
    /// What it is.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// How the values of one column combine when several rows are one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeBy {
    /// Sum of what is there (numbers; their default).
    Sum,
    /// Smallest that is there (texts and dates; their default).
    Min,
    /// Largest that is there (bools: true if any is; their default).
    Max,
}

/// An event table: many rows per customer.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name, as in `--data NAME=PATH`.
    pub name: String,
    /// The name in the pack of the key column.
    pub key: String,
    /// Accepted headers of the key column.
    pub key_from: Vec<String>,
    /// The date column rows are ordered by; rows later than `today` are never seen, rows without it are set aside.
    pub time: Option<String>,
    /// How its files are written.
    pub file: FileFormat,
    /// `merge = "day"`: several rows of one customer on one day are one event.
    pub merge_day: bool,
    /// The columns other than the key.
    pub columns: Vec<Column>,
    /// The names a rollup over this table may use: `today`, the parameters, `TABLE.COLUMN`.
    pub names: Names,
    /// Whether a run may go without it; its rollups are then those of no rows.
    pub optional: bool,
    /// What it is.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// From many events to one value per customer.
///
/// Meaning on no rows: `count`, `count_distinct` are 0, everything else is missing. Values that are
/// missing are left out.
#[derive(Debug, Clone)]
pub struct Rollup {
    /// Its name.
    pub name: String,
    /// Its slot in [`super::Pack::names`].
    pub slot: Slot,
    /// The table it reads.
    pub table: String,
    /// What it computes.
    pub aggregate: Aggregate,
    /// The value aggregated, over [`Table::names`]; `None` for `count(orders)` and `share(orders, …)`.
    pub value: Option<Expr>,
    /// Only rows for which this is true; over [`Table::names`].
    pub condition: Option<Expr>,
    /// The text, for explain.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}
