//! Data: from files and databases to records, from decisions to files and databases.
//!
//! ```text
//! files, databases --scan--> raw columns --conform--> the pack's columns, bad rows set aside
//! events --sort by key and day--> merge days --engine--> arguments --aggregate--> rollups
//! record table (or `record.sql`), joined tables, rollups --join by key--> records --apply--> decisions --sink--> file, database
//! ```
//!
//! [`Source`] is what is given, [`Run`] finds the columns and executes, [`DecisionSink`] writes files, [`DatabaseSink`] into a
//! database. [`decide`] and
//! [`DecisionTable`] put a decision program into any DataFusion plan.
//!
//! Nothing is lost: every row of the record table is a record or a [`Reject`], and the counts are compared at the end of
//! each run; rows of other tables whose key is no customer's are counted, and listed on request. Nothing depends on the number of threads or on the order of event rows.
//!
//! Keys are texts, as they stand in the file (`00042`) unless the pack has them made alike; if they are whole numbers in
//! every given Parquet file, they stay whole numbers.

mod aggregate;
mod assign;
mod careful;
mod conform;
mod database;
mod decode;
mod dialect;
mod error;
mod events;
mod excel;
mod find;
mod finding;
mod fit;
mod format;
mod given;
mod headers;
mod hold;
mod keyed;
mod keys;
mod kind;
mod limit;
mod look;
mod node;
mod normalise;
mod notices;
mod one;
mod open;
mod reads;
mod record;
mod refuse;
mod rejects;
mod rollup;
mod rows;
mod run;
mod sample;
mod scan;
mod sink;
mod source;
mod table;
mod text;
mod unmatched;

pub use conform::Reason;
pub use database::{Address, DatabaseSink, default_run_id};
pub use error::{DataError, DataErrorKind};
pub use events::Events;
pub use fit::Population;
pub use given::GivenEvents;
pub use hold::{Decided, Held};
pub use limit::MaxRejects;
pub use look::{BrokenRow, Guess, Looked, LookedFile, Opened, Read, Reader, RowPlace, Rows, Unclear, guess};
pub use node::{DecisionTable, decide};
pub use one::{OneRecord, roll_up};
pub use reads::{read_anew, reads_same};
pub use rejects::Reject;
pub use run::{Apply, Options, RejectCount, Run, RunCounts, TableCounts};
pub use sink::{Collected, DecisionSink, Format, Sink, Target, Tee, Written};
pub use source::{Place, Source};
