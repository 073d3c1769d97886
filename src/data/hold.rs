//! Records kept in memory, to be decided again and again by other rules: for `watch` and `diff`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::error::{DataError, DataErrorKind};
use super::fit::Population;
use super::run::{Run, RunCounts};
use super::scan::BATCH;
use super::sink::{Collected, Sink};
use crate::engine::{ScriptErrors, is_call};
use crate::expr::Date;
use crate::pack::Pack;
use crate::reference::Reference;
use crate::stage::{Program, ProgramError, RowValues};

/// All records of a run, in its order.
///
/// They take what their columns take: 8 bytes for a number, 4 for a date or a text of which there are few, a bit for a bool,
/// a text of its own its length and 4 more; and a bit for each where something is missing. A customer of thirty columns is about
/// 200 bytes, a million of them 200 MB.
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
    pub failures: ScriptErrors,
}

impl Decided {
    fn of(parts: Vec<(RecordBatch, ScriptErrors)>) -> Decided {
        let mut decided = Decided::default();
        let mut nothing = HashMap::new();
        for (batch, failures) in parts {
            decided.batches.push(shared_nulls(batch, &mut nothing));
            decided.failures.extend(failures);
        }
        decided
    }
}

/// The batch, its columns of script calls that gave nothing at all sharing one array: a function that the engine computes
/// itself is hardly ever called.
fn shared_nulls(batch: RecordBatch, nothing: &mut HashMap<DataType, ArrayRef>) -> RecordBatch {
    let schema = batch.schema();
    let empty =
        |(field, column): (&Arc<Field>, &ArrayRef)| is_call(field.name()) && column.null_count() == column.len();
    if !schema.fields().iter().zip(batch.columns()).any(empty) {
        return batch;
    }
    let rows = batch.num_rows();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| {
        if !empty((field, column)) {
            return Arc::clone(column);
        }
        let shared = nothing.entry(field.data_type().clone());
        let shared = shared.or_insert_with(|| new_null_array(field.data_type(), rows.max(BATCH)));
        if shared.len() < rows {
            *shared = new_null_array(field.data_type(), rows);
        }
        shared.slice(0, rows)
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(&schema), columns.collect(), &options).unwrap_or(batch)
}

/// The records in the form the rules read fastest: texts of which there are few as dictionaries.
fn compact(batch: &RecordBatch, key: usize) -> Result<RecordBatch, ArrowError> {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (at, (field, column)) in batch.schema().fields().iter().zip(batch.columns()).enumerate() {
        let plain = matches!(column.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        let mut column = Arc::clone(column);
        if plain && at != key {
            let few = cast(&column, &dictionary)?;
            let distinct = few.as_dictionary_opt::<Int32Type>().map_or(usize::MAX, |d| d.values().len());
            if distinct * 2 <= few.len() {
                column = few;
            }
        }
        fields.push(field.as_ref().clone().with_data_type(column.data_type().clone()));
        columns.push(column);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}

impl Held {
    /// Reads everything.
    ///
    /// # Errors
    /// As [`Run::execute`].
    pub fn read(run: &Run) -> Result<Held, DataError> {
        let mut kept = Collected::default();
        let schema = run.record_schema();
        let apply: super::Apply = Arc::new(|batch: &RecordBatch| Ok(compact(batch, 0)?));
        let counts = run.execute(&apply, &mut kept)?;
        Ok(Held { schema, batches: kept.batches, counts })
    }

    /// Records made elsewhere: the key first, the record's columns, the rollups; all batches of one schema.
    #[must_use]
    pub fn of(batches: Vec<RecordBatch>) -> Held {
        let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
        let records = batches.iter().map(RecordBatch::num_rows).sum::<usize>() as u64;
        let batches = batches.iter().map(|batch| compact(batch, 0).unwrap_or_else(|_| batch.clone())).collect();
        Held { schema, batches, counts: RunCounts { records, ..RunCounts::default() } }
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
        let decided = self.each(threads, |_, batch| {
            let applied = program.apply(batch)?;
            Ok((applied.decisions, applied.failures))
        })?;
        Ok(Decided::of(decided))
    }

    /// Decides by a program what an earlier one would not have decided alike; everything else is taken from the earlier
    /// decisions about these records. The decisions are those of [`Held::decide`], to the byte. Says which columns were
    /// computed again.
    ///
    /// # Errors
    /// As [`Held::decide`].
    pub fn decide_again(
        &self,
        program: &Program,
        earlier: (&Program, &Decided),
        threads: usize,
    ) -> Result<(Decided, Vec<String>), DataError> {
        let again = program.again(earlier.0, &earlier.1.failures);
        let decided = self.each(threads, |at, batch| match earlier.1.batches.get(at) {
            Some(earlier) => again.run(batch, earlier).map_err(ProgramError),
            None => {
                Err(ProgramError(ArrowError::SchemaError("the earlier decisions are about other records".to_owned())))
            }
        })?;
        Ok((Decided::of(decided), again.columns().to_vec()))
    }

    /// Fits the population of `rank` criteria from the records.
    ///
    /// # Errors
    /// As [`Held::decide`].
    pub fn fit(&self, pack: &Pack, as_of: Date, threads: usize) -> Result<Reference, DataError> {
        match Program::ranks(pack, as_of) {
            Some(ranks) => self.fit_with(&ranks, pack, as_of, threads),
            None => Ok(Population::default().fit(pack, as_of)),
        }
    }

    /// The same for some of the criteria: those whose values this program gives, see [`Program::ranks`].
    ///
    /// # Errors
    /// As [`Held::decide`].
    pub fn fit_with(&self, ranks: &Program, pack: &Pack, as_of: Date, threads: usize) -> Result<Reference, DataError> {
        let mut population = Population::of(ranks);
        for batch in self.decide(ranks, threads)?.batches {
            population.write(&batch)?;
        }
        Ok(population.fit(pack, as_of))
    }

    /// Does something with every batch, each on one of so many threads; the results in the order of the batches.
    fn each<T: Send>(
        &self,
        threads: usize,
        work: impl Fn(usize, &RecordBatch) -> Result<T, ProgramError> + Sync,
    ) -> Result<Vec<T>, DataError> {
        let next = AtomicUsize::new(0);
        let take = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(batch) = self.batches.get(at) else { return done };
                done.push((at, work(at, batch)));
            }
        };
        let parts = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads.clamp(1, self.batches.len().max(1))).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
        });
        let mut all = Vec::with_capacity(self.batches.len());
        for part in parts {
            all.extend(part.map_err(|_| DataError::internal("a thread that decides has failed"))?);
        }
        all.sort_by_key(|(at, _)| *at);
        let wrong =
            |e: ProgramError| DataError { kind: DataErrorKind::Input, message: e.to_string(), help: Vec::new() };
        all.into_iter().map(|(_, result)| result.map_err(wrong)).collect()
    }

    /// One record, for [`crate::stage::decide`]; `batch` and `row` from 0. Missing values if there is no such row.
    #[must_use]
    pub fn record(&self, pack: &Pack, batch: usize, row: usize) -> RowValues {
        self.batches.get(batch).map_or_else(|| RowValues::new(pack), |batch| RowValues::from_batch(pack, batch, row))
    }
}
