//! Running register code over record batches.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use crate::script::CallError;

/// A finished program. Immutable and shared; every thread brings its own registers.
#[derive(Debug)]
pub struct Code {}

/// A script call that failed on one record: its value is missing there.
#[derive(Debug, Clone)]
pub struct ScriptFailure {
    /// The customer.
    pub key: String,
    /// What went wrong, and where.
    pub error: CallError,
}

impl Code {
    /// The columns a batch may have: name and type as [`Code::run`] likes them best (Float64, Date32, Boolean,
    /// Dictionary(Int32, Utf8) for texts); other integer, float, text and date types are taken, too.
    #[must_use]
    pub fn input_schema(&self) -> SchemaRef {
        todo!()
    }
    /// All columns it can give.
    #[must_use]
    pub fn output_schema(&self) -> SchemaRef {
        todo!()
    }
    /// The same program, giving only these columns (in this order), computing nothing the others alone need.
    #[must_use]
    pub fn project(&self, columns: &[&str]) -> Code {
        let _ = columns;
        todo!()
    }
    /// Runs over one batch. The same input gives the same bytes, whatever the batch boundaries.
    ///
    /// # Errors
    /// A column of a type that cannot be read as its declared one.
    pub fn run(&self, batch: &RecordBatch) -> Result<(RecordBatch, Vec<ScriptFailure>), ArrowError> {
        let _ = batch;
        todo!()
    }
}
