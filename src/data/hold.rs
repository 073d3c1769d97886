//! Records kept in memory, to be decided again and again by other rules: for `watch` and `diff`.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::error::{DataError, DataErrorKind};
use super::run::{Run, RunCounts};
use super::sink::Collected;
use crate::engine::ScriptFailure;
use crate::expr::Date;
use crate::pack::Pack;
use crate::reference::Reference;
use crate::stage::{Program, RowValues};

/// All records of a run, in its order.
#[derive(Debug)]
pub struct Held {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    counts: RunCounts,
}

/// Decisions about held records: batch by batch, row by row in their order.
#[derive(Debug, Clone, Default)]
pub struct Decided {
    /// As many batches as there are of records, of as many rows.
    pub batches: Vec<RecordBatch>,
    /// Script calls that failed.
    pub failures: Vec<ScriptFailure>,
}

impl Held {
    /// Reads everything.
    ///
    /// # Errors
    /// As [`Run::execute`].
    pub fn read(run: &Run) -> Result<Held, DataError> {
        let mut kept = Collected::default();
        let counts = run.execute(&(Arc::new(|batch: &RecordBatch| Ok(batch.clone())) as super::Apply), &mut kept)?;
        Ok(Held { schema: run.record_schema(), batches: kept.batches, counts })
    }

    /// The key, the record's columns, the rollups.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The records.
    #[must_use]
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// What became of the rows that were read.
    #[must_use]
    pub fn counts(&self) -> &RunCounts {
        &self.counts
    }

    /// How many records there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Decides every record, on so many threads. The result does not depend on their number.
    ///
    /// # Errors
    /// A column that cannot be read as the type the pack declares.
    pub fn decide(&self, program: &Program, threads: usize) -> Result<Decided, DataError> {
        let share = self.batches.len().div_ceil(threads.max(1)).max(1);
        let decide = |batches: &[RecordBatch]| batches.iter().map(|batch| program.apply(batch)).collect::<Vec<_>>();
        let applied = std::thread::scope(|scope| {
            let parts: Vec<_> = self.batches.chunks(share).map(|part| scope.spawn(move || decide(part))).collect();
            parts.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
        });
        let mut decided = Decided::default();
        for part in applied {
            for batch in part.map_err(|_| DataError::internal("a thread that decides has failed"))? {
                let applied = batch.map_err(|e| DataError {
                    kind: DataErrorKind::Input,
                    message: e.to_string(),
                    help: Vec::new(),
                })?;
                decided.batches.push(applied.decisions);
                decided.failures.extend(applied.failures);
            }
        }
        Ok(decided)
    }

    /// Decides by a program what an earlier one would not have decided alike; everything else is taken from the earlier
    /// decisions. The decisions are those of [`Held::decide`], to the byte. Says which columns were computed again.
    ///
    /// # Errors
    /// As [`Held::decide`].
    pub fn decide_again(
        &self,
        program: &Program,
        earlier: (&Program, &Decided),
        threads: usize,
    ) -> Result<(Decided, Vec<String>), DataError> {
        Ok((self.decide(program, threads)?, program.changed(earlier.0)))
    }

    /// Fits the population of `rank` criteria from the records.
    ///
    /// # Errors
    /// As [`Held::decide`].
    pub fn fit(&self, _pack: &Pack, _as_of: Date, _threads: usize) -> Result<Reference, DataError> {
        Ok(Reference::default())
    }

    /// One record, for [`crate::stage::decide`]; `batch` and `row` from 0. Missing values if there is no such row.
    #[must_use]
    pub fn record(&self, pack: &Pack, batch: usize, row: usize) -> RowValues {
        self.batches.get(batch).map_or_else(|| RowValues::new(pack), |batch| RowValues::from_batch(pack, batch, row))
    }
}
