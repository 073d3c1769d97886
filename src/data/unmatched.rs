//! Keys without a partner: rows of an event table or a joined one that are no customer's, and customers without a row.
//!
//! A run only counts them. To list them the keys of each such table are compared with those of the record once more: both
//! are sorted (which spills) and joined.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, UInt64Array};
use arrow::compute::kernels::zip::zip;
use arrow::compute::{concat, filter_record_batch, is_not_null, is_null, or, partition, take};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::common::JoinType;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream};
use datafusion::prelude::SessionContext;
use futures::StreamExt;

use super::error::DataError;
use super::keyed::{join, keyed_plan, merged};
use super::keys::key_texts;
use super::node::StreamExec;
use super::record::{Attempt, Known, Tables};
use super::rejects::table_format;
use super::rollup::{ROWS, by_key, key_order};
use super::run::{Run, runtime};
use super::sink::{DecisionSink, Sink, Target};

/// Rows whose key no customer has.
const NO_CUSTOMER: &str = "no customer";
/// A customer without a row.
const NO_ROW: &str = "no row";
/// Sorts of one comparison: either side, and what is left.
const SORTS: usize = 3;

impl Run {
    /// Writes table, side, key and rows of every key without a partner: by table in the order of the pack, then by key.
    /// Returns how many there are.
    pub(super) fn list_unmatched(&self, path: &Path, known: &Known) -> Result<u64, DataError> {
        let threads = self.options.threads.max(1);
        let runtime = runtime(threads)?;
        let text = |name: &str| Field::new(name, DataType::Utf8, false);
        let schema = Arc::new(Schema::new(vec![
            text("table"),
            text("side"),
            text("key"),
            Field::new("rows", DataType::Int64, false),
        ]));
        let mut sink = DecisionSink::create(Target::File(path.to_owned()), table_format(path)?, Arc::clone(&schema))?;
        for table in self.tables.compared_tables() {
            // What cannot be used was counted by the run itself.
            let attempt = Arc::new(Attempt::new(known, None, false));
            let context = self.context(threads, SORTS)?;
            let partitions = self.partitions(threads, SORTS);
            let plan = runtime.block_on(self.tables.unmatched(&table, &context, partitions, &attempt))?;
            let mut stream = {
                let _inside = runtime.enter();
                plan.execute(0, context.task_ctx())?
            };
            while let Some(batch) = runtime.block_on(stream.next()) {
                let batch = batch?;
                let keys = key_texts(batch.column(0))?;
                let rows = batch.column(1).as_primitive::<Int64Type>();
                let tables: StringArray = (0..rows.len()).map(|_| Some(table.as_str())).collect();
                let side = |rows: i64| if rows == 0 { NO_ROW } else { NO_CUSTOMER };
                let sides: StringArray = rows.values().iter().map(|rows| Some(side(*rows))).collect();
                let columns = vec![Arc::new(tables) as ArrayRef, Arc::new(sides), keys, Arc::clone(batch.column(1))];
                sink.write(&RecordBatch::try_new(Arc::clone(&schema), columns)?)?;
            }
        }
        Ok(sink.finish()?.rows)
    }
}

impl Tables {
    /// The names of the tables whose keys are compared with those of the record, in order.
    fn compared_tables(&self) -> Vec<String> {
        let events = self.joined();
        let all = self.joins.iter().chain(events.iter().map(|(_, input)| *input));
        all.filter(|input| self.compared(input)).map(|input| input.spec.table.clone()).collect()
    }

    /// Keys without a partner and the number of their rows (0: of a customer without a row), in order of key.
    async fn unmatched(
        &self,
        table: &str,
        context: &SessionContext,
        partitions: usize,
        attempt: &Arc<Attempt>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataError> {
        let customers = match (&self.record, self.sql_record(context, attempt).await?) {
            (_, Some(query)) => query,
            (Some(input), None) => keyed_plan(input, attempt)?.0,
            (None, None) => return Err(DataError::internal("nobody says who is a customer")),
        };
        let rows = match self.joins.iter().find(|input| input.spec.table == table) {
            Some(input) => keyed_plan(input, attempt)?.0,
            None => {
                let (rollups, input) = self
                    .joined()
                    .into_iter()
                    .find(|(_, input)| input.spec.table == table)
                    .ok_or_else(|| DataError::internal(format!("the table {table} is lost")))?;
                rollups.seen(input, partitions, attempt.careful(input), &attempt.fresh(input))?
            }
        };
        let left = by_key(only_keys(customers), partitions, 1)?;
        let right = counted(by_key(only_keys(rows), partitions, 1)?);
        let both = join(left, right, JoinType::Full)?;
        let key = both.schema().field(0).as_ref().clone().with_nullable(true);
        let schema = Arc::new(Schema::new(vec![key, Field::new(ROWS, DataType::Int64, false)]));
        let output = Arc::clone(&schema);
        let alone = StreamExec::map("Unmatched", both, schema, move |batch| {
            let (customer, key) = (batch.column(0), batch.column(1));
            let alone = or(&is_null(customer)?, &is_null(key)?)?;
            let either = zip(&is_not_null(customer)?, customer, key)?;
            let rows: Int64Array =
                batch.column(2).as_primitive::<Int64Type>().iter().map(|n| Some(n.unwrap_or(0))).collect();
            let all = RecordBatch::try_new(Arc::clone(&output), vec![either, Arc::new(rows)])?;
            Ok(filter_record_batch(&all, &alone)?)
        });
        let order = key_order(&alone.schema())?;
        merged(Arc::new(SortExec::new(order, alone).with_preserve_partitioning(true)))
    }
}

/// The first column alone.
fn only_keys(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    let schema = Arc::new(Schema::new(vec![plan.schema().field(0).clone()]));
    let output = Arc::clone(&schema);
    StreamExec::map("Keys", plan, schema, move |batch| {
        Ok(RecordBatch::try_new(Arc::clone(&output), vec![Arc::clone(batch.column(0))])?)
    })
}

/// Keys in order become each key once and how often it came.
fn counted(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    let fields = vec![plan.schema().field(0).clone(), Field::new(ROWS, DataType::Int64, false)];
    let schema = Arc::new(Schema::new(fields));
    let output = Arc::clone(&schema);
    StreamExec::streaming(
        "Counted",
        plan,
        schema,
        Arc::new(move |stream| Runs { schema: Arc::clone(&output), last: None }.stream(stream)),
    )
}

/// Counts keys in order; the last one of a batch may go on in the next.
struct Runs {
    schema: SchemaRef,
    /// The key (one row) and how often it came so far.
    last: Option<(ArrayRef, i64)>,
}

impl Runs {
    fn stream(self, input: SendableRecordBatchStream) -> SendableRecordBatchStream {
        let schema = Arc::clone(&self.schema);
        let steps = futures::stream::try_unfold((self, Some(input)), |(mut runs, input)| async move {
            let Some(mut input) = input else { return Ok(None) };
            while let Some(batch) = input.next().await {
                if let Some(done) = runs.add(&batch?)? {
                    return Ok(Some((done, (runs, Some(input)))));
                }
            }
            Ok(match runs.last.take() {
                Some((key, rows)) => Some((runs.batch(key, vec![rows])?, (runs, None))),
                None => None,
            })
        });
        Box::pin(RecordBatchStreamAdapter::new(schema, steps))
    }

    /// Takes the next keys; gives the ones that are complete.
    fn add(&mut self, batch: &RecordBatch) -> Result<Option<RecordBatch>, DataError> {
        let keys = batch.column(0);
        // With the key before in front, it is a run like the others.
        let (keys, before) = match self.last.take() {
            Some((last, rows)) => (concat(&[last.as_ref(), keys.as_ref()])?, rows - 1),
            None => (Arc::clone(keys), 0),
        };
        let runs = partition(std::slice::from_ref(&keys))?.ranges();
        let mut rows: Vec<i64> = runs.iter().map(|run| run.len() as i64).collect();
        if let Some(first) = rows.first_mut() {
            *first += before;
        }
        let Some((run, count)) = runs.last().zip(rows.pop()) else { return Ok(None) };
        self.last = Some((keys.slice(run.start, 1), count));
        if rows.is_empty() {
            return Ok(None);
        }
        let starts: UInt64Array = runs.iter().take(rows.len()).map(|run| run.start as u64).collect();
        Ok(Some(self.batch(take(&keys, &starts, None)?, rows)?))
    }

    fn batch(&self, keys: ArrayRef, rows: Vec<i64>) -> Result<RecordBatch, DataError> {
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), vec![keys, Arc::new(Int64Array::from(rows))])?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn runs_go_on_over_batches() {
        let key = Field::new("id", DataType::Utf8, false);
        let input = Arc::new(Schema::new(vec![key.clone()]));
        let output = Arc::new(Schema::new(vec![key, Field::new(ROWS, DataType::Int64, false)]));
        for batches in [
            vec![vec!["a", "a", "b"], vec!["b"], vec!["b", "c"]],
            vec![vec!["a"], vec!["a", "b", "b", "b", "c"]],
            vec![vec!["a", "a", "b", "b", "b", "c"]],
        ] {
            let batches = batches.into_iter().map(|keys| {
                RecordBatch::try_new(Arc::clone(&input), vec![Arc::new(StringArray::from(keys)) as ArrayRef])
                    .map_err(Into::into)
            });
            let batches: Vec<_> = batches.collect();
            let stream = RecordBatchStreamAdapter::new(Arc::clone(&input), futures::stream::iter(batches));
            let runs = Runs { schema: Arc::clone(&output), last: None }.stream(Box::pin(stream));
            let found: Vec<RecordBatch> =
                futures::executor::block_on(runs.map(|b| b.unwrap()).collect::<Vec<RecordBatch>>());
            let mut list = Vec::new();
            for batch in &found {
                let rows = batch.column(1).as_primitive::<Int64Type>();
                let keys = batch.column(0).as_string::<i32>();
                list.extend((0..batch.num_rows()).map(|i| (keys.value(i).to_owned(), rows.value(i))));
            }
            assert_eq!(list, [("a".to_owned(), 2), ("b".to_owned(), 3), ("c".to_owned(), 1)]);
        }
    }
}
