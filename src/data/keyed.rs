//! Tables with at most one row per customer, and plans joined by key.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Int64Array, RecordBatch};
use arrow::compute::{SortOptions, is_not_null};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::{JoinType, NullEquality};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column as ColumnExpr;
use datafusion::physical_plan::joins::SortMergeJoinExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::StreamExt;

use super::error::DataError;
use super::keys::DoubleFilter;
use super::node::{StreamExec, Transform};
use super::record::Attempt;
use super::rollup::{ROWS, key_order, same_key};
use super::scan::{Counts, Input};

/// The record table or a joined one in the order of its files, double keys taken out if they are known; and its counts.
pub(crate) fn keyed_plan(
    input: &Arc<Input>,
    attempt: &Arc<Attempt>,
) -> Result<(Arc<dyn ExecutionPlan>, Arc<Counts>), DataError> {
    let counts = attempt.fresh(input);
    let plan = input.plan(1, attempt.careful(input), &counts)?;
    let Some(doubles) = attempt.known.doubles.get(&input.spec.table) else { return Ok((plan, counts)) };
    let filter = Mutex::new(DoubleFilter::new(Arc::clone(doubles)));
    let (schema, seen) = (plan.schema(), Arc::clone(&counts));
    let plan = StreamExec::map("FirstOfKey", plan, schema, move |batch| {
        let (kept, bad) = filter.lock().unwrap_or_else(PoisonError::into_inner).filter(&batch)?;
        seen.reject(&bad);
        seen.limit.add(bad.len())?;
        Ok(kept)
    });
    Ok((plan, counts))
}

/// Watches for double keys in any order, unless they have been looked for.
pub(crate) fn tracked(plan: Arc<dyn ExecutionPlan>, attempt: &Arc<Attempt>) -> Arc<dyn ExecutionPlan> {
    let (schema, tracker) = (plan.schema(), Arc::clone(&attempt.tracker));
    StreamExec::map("Keys", plan, schema, move |batch| {
        tracker.lock().unwrap_or_else(PoisonError::into_inner).see(batch.column(0));
        Ok(batch)
    })
}

/// Stops at a double key of a table in order of key, unless they have been looked for: before a join could make every row
/// of one side meet every row of the other.
pub(crate) fn once(plan: Arc<dyn ExecutionPlan>, input: &Input, attempt: &Attempt) -> Arc<dyn ExecutionPlan> {
    let table = input.spec.table.clone();
    if attempt.known.doubles.contains_key(&table) {
        return plan;
    }
    let schema = plan.schema();
    let output = Arc::clone(&schema);
    let transform: Transform = Arc::new(move |stream| {
        let (table, mut last) = (table.clone(), None);
        let checked = stream.map(move |batch| {
            let batch = batch?;
            let Some(end) = batch.num_rows().checked_sub(1) else { return Ok(batch) };
            let again = last.as_ref().is_some_and(|last| same_key(last, &batch));
            let different = arrow::compute::partition(batch.columns().get(..1).unwrap_or_default())?.len();
            if again || different < batch.num_rows() {
                return Err(DataError::double_keys(&table).into());
            }
            last = Some(batch.slice(end, 1));
            Ok(batch)
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&output), checked))
    });
    StreamExec::streaming("Once", plan, schema, transform)
}

/// A joined table with the number of its rows of each customer behind it, which is one; counts them.
pub(crate) fn with_rows(plan: Arc<dyn ExecutionPlan>, counts: &Arc<Counts>) -> Arc<dyn ExecutionPlan> {
    let mut fields: Vec<Arc<Field>> = plan.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(ROWS, DataType::Int64, false)));
    let schema = Arc::new(Schema::new(fields));
    let (output, counts) = (Arc::clone(&schema), Arc::clone(counts));
    StreamExec::map("Rows", plan, schema, move |batch| {
        let rows = batch.num_rows();
        counts.event_rows.fetch_add(rows as u64, Ordering::Relaxed);
        counts.keys.fetch_add(rows as u64, Ordering::Relaxed);
        let mut columns = batch.columns().to_vec();
        columns.push(Arc::new(Int64Array::from(vec![1; rows])));
        Ok(RecordBatch::try_new(Arc::clone(&output), columns)?)
    })
}

fn key_expr(schema: &Schema) -> Arc<dyn PhysicalExpr> {
    Arc::new(ColumnExpr::new(schema.field(0).name(), 0))
}

/// Joins two plans that are partitioned and sorted by their first columns.
pub(crate) fn join(
    left: Arc<dyn ExecutionPlan>,
    right: Arc<dyn ExecutionPlan>,
    kind: JoinType,
) -> Result<Arc<dyn ExecutionPlan>, DataError> {
    let on = vec![(key_expr(&left.schema()), key_expr(&right.schema()))];
    let options = SortOptions { descending: false, nulls_first: true };
    let join = SortMergeJoinExec::try_new(left, right, on, None, kind, vec![options], NullEquality::NullEqualsNothing)?;
    Ok(Arc::new(join))
}

/// After a full join: the key of either side in the first column, in order again.
pub(crate) fn both_keys(joined: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>, DataError> {
    let given = joined.schema();
    let other = (1..given.fields().len())
        .find(|i| {
            let before = given.fields().get(i - 1).map(|f| f.name() == ROWS);
            before == Some(true)
        })
        .ok_or_else(|| DataError::internal("a join without a second key"))?;
    let mut fields: Vec<Arc<Field>> = given.fields().iter().cloned().collect();
    // Earlier second keys have been taken out, so the one found is the new one.
    fields.remove(other);
    let fields: Vec<Field> = fields.iter().map(|f| f.as_ref().clone().with_nullable(true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let output = Arc::clone(&schema);
    let plan = StreamExec::map("EitherKey", joined, schema, move |batch| {
        let (a, b) = (batch.column(0), batch.column(other));
        let key = arrow::compute::kernels::zip::zip(&is_not_null(a)?, a, b)?;
        let mut columns = batch.columns().to_vec();
        columns.remove(other);
        if let Some(first) = columns.first_mut() {
            *first = key;
        }
        Ok(RecordBatch::try_new(Arc::clone(&output), columns)?)
    });
    let order = key_order(&plan.schema())?;
    Ok(Arc::new(SortExec::new(order, plan).with_preserve_partitioning(true)))
}

/// Sorted partitions as one.
pub(crate) fn merged(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>, DataError> {
    if plan.output_partitioning().partition_count() == 1 {
        return Ok(plan);
    }
    let order = key_order(&plan.schema())?;
    Ok(Arc::new(SortPreservingMergeExec::new(order, plan)))
}
