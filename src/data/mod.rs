//! Data: from files to records, from decisions to files.
//!
//! ```text
//! files --DataFusion scan--> raw columns --conform--> the pack's columns, bad rows set aside
//! events --sort by key and day--> merge days --engine--> arguments --aggregate--> rollups
//! record table (or `record.sql`) --join by key--> records --apply--> decisions --sink--> file
//! ```
//!
//! [`Source`] is what is given, [`Run`] finds the columns and executes, [`DecisionSink`] writes. [`decide`] and
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
mod error;
mod format;
mod keys;
mod look;
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
pub use error::{DataError, DataErrorKind};
pub use look::{BrokenRow, Guess, Looked, LookedFile, Opened, Place, Read, Reader, Rows, Unclear, guess};
pub use node::{DecisionTable, decide};
pub use rejects::Reject;
pub use run::{Apply, OneRecord, Options, RejectCount, Run, RunCounts, TableCounts};
pub use sink::{Collected, DecisionSink, Format, Sink, Target, Tee, Written};
pub use source::Source;
