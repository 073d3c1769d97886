//! Data: from files and databases to records, from decisions to files and databases.
//!
//! ```text
//! files, databases --scan--> raw columns --conform--> the pack's columns, bad rows set aside
//! events --sort by key and day--> merge days --engine--> arguments --aggregate--> rollups
//! record table (or `record.sql`) --join by key--> records --apply--> decisions --sink--> file, database
//! ```
//!
//! [`Source`] is what is given, [`Run`] finds the columns and executes, [`DecisionSink`] writes files, [`DatabaseSink`] into a
//! database. [`decide`] and
//! [`DecisionTable`] put a decision program into any DataFusion plan.
//!
//! Nothing is lost: every row of the record table is a record or a [`Reject`], and the counts are compared at the end of
//! each run. Nothing depends on the number of threads or on the order of event rows.
//!
//! Keys are texts, as they stand in the file (`00042`); if they are whole numbers in every given Parquet file, they stay
//! whole numbers.

mod aggregate;
mod careful;
mod conform;
mod database;
mod error;
mod format;
mod keys;
mod node;
mod record;
mod rejects;
mod rollup;
mod run;
mod scan;
mod sink;
mod source;
mod table;
mod text;

pub use conform::Reason;
pub use database::{Address, DatabaseSink, default_run_id};
pub use error::{DataError, DataErrorKind};
pub use node::{DecisionTable, decide};
pub use rejects::Reject;
pub use run::{Apply, OneRecord, Options, RejectCount, Run, RunCounts, TableCounts};
pub use sink::{Collected, DecisionSink, Format, Sink, Target, Tee, Written};
pub use source::{Place, Source};
