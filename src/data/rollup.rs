//! From the events of a table to one row of rollups per customer.
//!
//! Events come in order of key, day and every column a rollup reads, so that neither the order of files nor the number of
//! threads can change a result. Values and conditions are computed by the engine (one meaning), after rows of one day
//! have been merged where the table asks for it.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, Date32Builder, Float64Builder, Int64Array, RecordBatch,
    StringBuilder, UInt64Array,
};
use arrow::compute::{
    SortColumn, SortOptions, concat_batches, filter_record_batch, lexsort_to_indices, partition, take,
};
use arrow::datatypes::{DataType, Date32Type, Field, Int64Type, Schema, SchemaRef};
use datafusion::physical_expr::expressions::Column as ColumnExpr;
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, Partitioning, SendableRecordBatchStream};
use futures::StreamExt;

use super::aggregate::{Arguments, Lane, aggregate_events};
use super::error::DataError;
use super::node::StreamExec;
use super::scan::{Counts, Input};
use super::table::arrow_type;
use crate::engine::{Builder, Code, ScriptErrors};
use crate::expr::{Aggregate, Date, Expr, Type, Value};
use crate::pack::{MergeBy, Pack, Rollup, Table};

/// Script calls that failed in rollups, by table, seen from several threads.
pub(crate) type SharedFailures = Arc<Mutex<BTreeMap<String, ScriptErrors>>>;

/// One rollup: where its arguments stand in what the engine computes.
#[derive(Debug)]
struct Compiled {
    name: String,
    aggregate: Aggregate,
    ty: Type,
    value: Option<usize>,
    condition: Option<usize>,
    part: Option<usize>,
}

impl Compiled {
    /// The value for a customer without events.
    fn of_nothing(&self) -> Value {
        match self.aggregate {
            Aggregate::Count | Aggregate::CountDistinct => Value::Number(0.0),
            _ => Value::Missing,
        }
    }
}

/// All rollups over one event table.
#[derive(Debug)]
pub(crate) struct TableRollups {
    /// The table.
    pub table: String,
    today: Date,
    rollups: Vec<Compiled>,
    /// The event columns other than the key, in the order they are sorted by: the time, those that are read, the rest.
    columns: Vec<Event>,
    /// How many of `columns` a run needs.
    used: usize,
    has_time: bool,
    merge_day: bool,
    /// `None` if no rollup reads anything.
    code: Option<Code>,
}

/// A column of an event table.
#[derive(Debug)]
struct Event {
    name: String,
    ty: Type,
    merge: MergeBy,
}

impl TableRollups {
    /// The rollups of the pack over this table.
    pub(crate) fn new(pack: &Pack, table: &Table, today: Date) -> TableRollups {
        let list: Vec<&Rollup> = pack.rollups.iter().filter(|r| r.table == table.name).collect();
        let part_of =
            |rollup: &Rollup| if let Aggregate::Share(part) = &rollup.aggregate { Some(part.clone()) } else { None };
        let expressions: Vec<Expr> =
            list.iter().flat_map(|r| [r.value.clone(), r.condition.clone(), part_of(r)]).flatten().collect();
        let slots: Vec<_> = expressions.iter().flat_map(Expr::slots).collect();
        let is_time = |name: &str| table.time.as_deref() == Some(name);
        let (mut used, mut rest) = (Vec::new(), Vec::new());
        for column in &table.columns {
            let event = Event { name: column.name.clone(), ty: column.ty, merge: column.merge };
            if is_time(&column.name) {
                used.insert(0, event);
            } else if slots.contains(&column.slot) {
                used.push(event);
            } else {
                rest.push(event);
            }
        }
        let (rollups, code) = compile(pack, table, &list, today);
        let has_time = used.first().is_some_and(|e| is_time(&e.name));
        TableRollups {
            table: table.name.clone(),
            today,
            rollups,
            used: used.len(),
            columns: used.into_iter().chain(rest).collect(),
            has_time,
            merge_day: table.merge_day && has_time,
            code,
        }
    }

    /// Whether any rollup reads the table.
    pub(crate) fn is_empty(&self) -> bool {
        self.rollups.is_empty()
    }

    /// Names of the rollups, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.rollups.iter().map(|r| r.name.as_str())
    }

    /// One row of the rollups of no events.
    pub(crate) fn of_nothing(&self) -> Result<Vec<(String, ArrayRef)>, DataError> {
        Ok(self.rollups.iter().map(|r| (r.name.clone(), array(r.ty, std::iter::once(r.of_nothing())))).collect())
    }

    /// The value of a rollup for customers without events.
    pub(crate) fn default_of(&self, name: &str) -> Value {
        self.rollups.iter().find(|r| r.name == name).map_or(Value::Missing, Compiled::of_nothing)
    }

    /// Key, rollups in order, and in [`ROWS`] the number of events.
    fn output_schema(&self, key: &Field) -> SchemaRef {
        let mut fields = vec![key.clone()];
        fields.extend(self.rollups.iter().map(|r| Field::new(&r.name, arrow_type(r.ty), true)));
        fields.push(Field::new(ROWS, DataType::Int64, false));
        Arc::new(Schema::new(fields))
    }

    /// Keeps the events up to today, and the first `columns` columns of [`Self::columns`] behind the key.
    fn prepare(&self, batch: &RecordBatch, columns: usize, counts: &Counts) -> Result<RecordBatch, DataError> {
        let schema = batch.schema_ref();
        let mut places = vec![0];
        for column in self.columns.iter().take(columns) {
            places.push(schema.index_of(&column.name)?);
        }
        let batch = batch.project(&places)?;
        if !self.has_time {
            return Ok(batch);
        }
        let today = self.today.days();
        let times = batch.column(1).as_primitive::<Date32Type>();
        let late = times.values().iter().filter(|day| **day > today).count();
        if late == 0 {
            return Ok(batch);
        }
        counts.after_today.fetch_add(late as u64, Ordering::Relaxed);
        let keep: BooleanArray = times.values().iter().map(|day| Some(*day <= today)).collect();
        Ok(filter_record_batch(&batch, &keep)?)
    }

    /// The usable events up to today: the key, and what a run needs of the columns.
    pub(crate) fn seen(
        self: &Arc<Self>,
        input: &Input,
        partitions: usize,
        careful: bool,
        counts: &Arc<Counts>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataError> {
        self.seen_columns(input, partitions, careful, counts, self.used)
    }

    /// The usable events up to today: the key, and all columns.
    pub(crate) fn whole(
        self: &Arc<Self>,
        input: &Input,
        partitions: usize,
        careful: bool,
        counts: &Arc<Counts>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataError> {
        self.seen_columns(input, partitions, careful, counts, self.columns.len())
    }

    fn seen_columns(
        self: &Arc<Self>,
        input: &Input,
        partitions: usize,
        careful: bool,
        counts: &Arc<Counts>,
        columns: usize,
    ) -> Result<Arc<dyn ExecutionPlan>, DataError> {
        let events = input.plan(partitions, careful, counts)?;
        let key = events.schema().field(0).clone();
        let mut fields = vec![key.clone()];
        fields.extend(self.columns.iter().take(columns).map(|c| Field::new(&c.name, arrow_type(c.ty), true)));
        let schema = Arc::new(Schema::new(fields));
        let (rollups, seen, output) = (Arc::clone(self), Arc::clone(counts), Arc::clone(&schema));
        Ok(StreamExec::map("UpToToday", events, schema, move |batch| {
            let batch = rollups.prepare(&batch, columns, &seen)?;
            super::conform::under_schema(batch, &output)
        }))
    }

    /// The plan: events in, one row per customer out, in `partitions` partitions by key, each in order of key.
    pub(crate) fn plan(
        self: &Arc<Self>,
        input: &Input,
        partitions: usize,
        careful: bool,
        counts: &Arc<Counts>,
        failures: &SharedFailures,
    ) -> Result<Arc<dyn ExecutionPlan>, DataError> {
        let events = self.seen(input, partitions, careful, counts)?;
        let schema = events.schema();
        let sorted = by_key(events, partitions, schema.fields().len())?;
        let output = self.output_schema(schema.field(0));
        let (rollups, counts, failures) = (Arc::clone(self), Arc::clone(counts), Arc::clone(failures));
        let given = Arc::clone(&output);
        Ok(StreamExec::streaming(
            "Rollups",
            sorted,
            output,
            Arc::new(move |stream| {
                let groups = Groups {
                    rollups: Arc::clone(&rollups),
                    counts: Arc::clone(&counts),
                    failures: Arc::clone(&failures),
                    schema: Arc::clone(&given),
                    carry: Vec::new(),
                };
                groups.stream(stream)
            }),
        ))
    }

    /// The events of one customer as the rollups see them: sorted, days merged; all columns.
    pub(crate) fn events_of(&self, batches: &[RecordBatch], counts: &Counts) -> Result<Option<RecordBatch>, DataError> {
        let mut kept = Vec::new();
        for batch in batches {
            kept.push(self.prepare(batch, self.columns.len(), counts)?);
        }
        let Some(first) = kept.first() else { return Ok(None) };
        let all = concat_batches(first.schema_ref(), &kept)?;
        if all.num_rows() == 0 {
            return Ok(None);
        }
        let order: Vec<SortColumn> =
            all.columns().iter().map(|c| SortColumn { values: Arc::clone(c), options: Some(ascending()) }).collect();
        let order = lexsort_to_indices(&order, None)?;
        let columns = all.columns().iter().map(|c| take(c, &order, None)).collect::<Result<Vec<_>, _>>()?;
        let sorted = RecordBatch::try_new(Arc::clone(all.schema_ref()), columns)?;
        Ok(Some(self.merged(sorted)?))
    }

    /// Rows of one customer and day become one, where the table asks for it.
    fn merged(&self, batch: RecordBatch) -> Result<RecordBatch, DataError> {
        if !self.merge_day || batch.num_rows() == 0 {
            return Ok(batch);
        }
        let days = partition(batch.columns().get(..2).unwrap_or_default())?.ranges();
        if days.len() == batch.num_rows() {
            return Ok(batch);
        }
        let starts: UInt64Array = days.iter().map(|day| day.start as u64).collect();
        let mut columns = Vec::with_capacity(batch.num_columns());
        for (i, column) in batch.columns().iter().enumerate() {
            let event = i.checked_sub(1).and_then(|i| self.columns.get(i));
            let Some(event) = event.filter(|_| i > 1) else {
                columns.push(take(column, &starts, None)?);
                continue;
            };
            let lane = Lane::new(column)?;
            let merged = days.iter().map(|day| merge(event.merge, &lane, day.clone()));
            columns.push(array(event.ty, merged));
        }
        Ok(RecordBatch::try_new(Arc::clone(batch.schema_ref()), columns)?)
    }

    /// Whole customers in (sorted, days merged), one row of rollups for each out.
    pub(crate) fn rolled_up(
        &self,
        events: &RecordBatch,
        failures: &SharedFailures,
    ) -> Result<(Vec<std::ops::Range<usize>>, Vec<ArrayRef>), DataError> {
        let customers = partition(events.columns().get(..1).unwrap_or_default())?.ranges();
        let computed = match &self.code {
            Some(code) => {
                let (computed, failed) = code.run_grouped(events, &customers)?;
                if failed.called() > 0 {
                    let mut all = failures.lock().unwrap_or_else(PoisonError::into_inner);
                    // The parts of a run have different customers, and come in any order.
                    all.entry(self.table.clone()).or_default().join(failed);
                }
                computed.columns().to_vec()
            }
            None => Vec::new(),
        };
        let lanes = computed.iter().map(Lane::new).collect::<Result<Vec<_>, _>>()?;
        let mask = |i: Option<usize>| i.and_then(|i| computed.get(i)).and_then(|a| a.as_boolean_opt());
        let columns = self
            .rollups
            .iter()
            .map(|rollup| {
                let args = Arguments {
                    value: rollup.value.and_then(|i| lanes.get(i)),
                    condition: mask(rollup.condition),
                    part: mask(rollup.part),
                };
                let values = customers.iter().map(|c| aggregate_events(&rollup.aggregate, rollup.ty, &args, c.clone()));
                array(rollup.ty, values)
            })
            .collect();
        Ok((customers, columns))
    }
}

/// The hidden column that counts the events of a customer. No pack name can be spelled so.
pub(crate) const ROWS: &str = "#rows";

fn compile(pack: &Pack, table: &Table, list: &[&Rollup], today: Date) -> (Vec<Compiled>, Option<Code>) {
    let names = Arc::new(table.names.clone());
    let mut builder = Builder::new(Arc::clone(&names), Arc::clone(&pack.scripts));
    if let Some(slot) = names.find("today") {
        builder.constant(slot, Value::Date(today));
    }
    for param in &pack.params {
        if let Some(slot) = names.find(&param.name) {
            builder.constant(slot, param.value.clone());
        }
    }
    for column in &table.columns {
        builder.input(column.slot, &column.name);
    }
    let mut outputs = 0;
    let mut compiled = Vec::with_capacity(list.len());
    for rollup in list {
        let mut next = || {
            outputs += 1;
            (outputs - 1, format!("a{}", outputs - 1))
        };
        let value = rollup.value.as_ref().map(|expr| {
            let (place, name) = next();
            let reg = builder.value(expr);
            builder.output(&name, reg);
            place
        });
        let mut mask = |expr: &Expr| {
            let (place, name) = next();
            let mask = builder.is_true(expr);
            builder.output_mask(&name, mask);
            place
        };
        let condition = rollup.condition.as_ref().map(&mut mask);
        let part = if let Aggregate::Share(part) = &rollup.aggregate { Some(mask(part)) } else { None };
        compiled.push(Compiled {
            name: rollup.name.clone(),
            aggregate: rollup.aggregate.clone(),
            ty: pack.names.get(rollup.slot).ty,
            value,
            condition,
            part,
        });
    }
    (compiled, (outputs > 0).then(|| builder.finish(&table.key)))
}

/// What a rollup computes: equal ones give equal values of equal events, as of whatever day.
#[derive(Debug, PartialEq)]
pub(crate) struct Fingerprint {
    /// The rollup.
    pub name: String,
    ty: Type,
    /// `None`: a share, whose part is an expression.
    aggregate: Option<Aggregate>,
    /// Of the value, the condition and the part.
    reads: [Option<u128>; 3],
}

/// The fingerprints of the pack's rollups over a table, in order.
pub(crate) fn fingerprints(pack: &Pack, table: &Table) -> Vec<Fingerprint> {
    let names = Arc::new(table.names.clone());
    let mut builder = Builder::new(Arc::clone(&names), Arc::clone(&pack.scripts));
    if let Some(slot) = names.find("today") {
        // Any day: an input, which no column of an event is called.
        builder.input(slot, "#today");
    }
    for param in &pack.params {
        if let Some(slot) = names.find(&param.name) {
            builder.constant(slot, param.value.clone());
        }
    }
    for column in &table.columns {
        builder.input(column.slot, &column.name);
    }
    let list: Vec<&Rollup> = pack.rollups.iter().filter(|r| r.table == table.name).collect();
    let parts = |rollup: &Rollup| {
        let part = if let Aggregate::Share(part) = &rollup.aggregate { Some(part.clone()) } else { None };
        [rollup.value.clone(), rollup.condition.clone(), part]
    };
    let field = |rollup: &Rollup, at: usize| format!("{} {at}", rollup.name);
    for rollup in &list {
        for (at, expr) in parts(rollup).into_iter().enumerate() {
            if let Some(expr) = expr {
                let reg = builder.value(&expr);
                builder.output(&field(rollup, at), reg);
            }
        }
    }
    let code = builder.finish(&table.key);
    let prints = code.fingerprints();
    let print = |name: String| prints.iter().find(|(known, _)| *known == name).map(|(_, print)| *print);
    let one = |rollup: &&Rollup| Fingerprint {
        name: rollup.name.clone(),
        ty: pack.names.get(rollup.slot).ty,
        aggregate: match &rollup.aggregate {
            Aggregate::Share(_) => None,
            other => Some(other.clone()),
        },
        reads: [0, 1, 2].map(|at| print(field(rollup, at))),
    };
    list.iter().map(one).collect()
}

/// One value for several rows of a day.
fn merge(by: MergeBy, lane: &Lane, rows: std::ops::Range<usize>) -> Value {
    let all = Arguments { value: Some(lane), condition: None, part: None };
    let aggregate = match (by, lane) {
        (MergeBy::Sum, Lane::Number(_)) => Aggregate::Sum,
        (MergeBy::Max, _) => Aggregate::Max,
        _ => Aggregate::Min,
    };
    aggregate_events(&aggregate, Type::Number, &all, rows)
}

/// Values of one type as a column.
pub(crate) fn array(ty: Type, values: impl ExactSizeIterator<Item = Value>) -> ArrayRef {
    match ty {
        Type::Number => {
            let mut out = Float64Builder::with_capacity(values.len());
            values.for_each(|v| out.append_option(v.as_number()));
            Arc::new(out.finish())
        }
        Type::Date => {
            let mut out = Date32Builder::with_capacity(values.len());
            values.for_each(|v| out.append_option(v.as_date().map(Date::days)));
            Arc::new(out.finish())
        }
        Type::Bool => {
            let mut out = BooleanBuilder::with_capacity(values.len());
            values.for_each(|v| out.append_option(v.as_bool()));
            Arc::new(out.finish())
        }
        Type::Text => {
            let mut out = StringBuilder::new();
            values.for_each(|v| out.append_option(v.as_text()));
            Arc::new(out.finish())
        }
    }
}

fn ascending() -> SortOptions {
    SortOptions { descending: false, nulls_first: true }
}

/// Hash-partitions by the first column (if there is more than one partition) and sorts by the first `columns` columns.
pub(crate) fn by_key(
    input: Arc<dyn ExecutionPlan>,
    partitions: usize,
    columns: usize,
) -> Result<Arc<dyn ExecutionPlan>, DataError> {
    let schema = input.schema();
    let expr = |i: usize| -> Arc<dyn PhysicalExpr> { Arc::new(ColumnExpr::new(schema.field(i).name(), i)) };
    let spread: Arc<dyn ExecutionPlan> = if partitions > 1 || input.output_partitioning().partition_count() > 1 {
        Arc::new(RepartitionExec::try_new(input, Partitioning::Hash(vec![expr(0)], partitions))?)
    } else {
        input
    };
    let order = (0..columns).map(|i| PhysicalSortExpr { expr: expr(i), options: ascending() });
    let order = LexOrdering::new(order).ok_or_else(|| DataError::internal("a sort by nothing"))?;
    Ok(Arc::new(SortExec::new(order, spread).with_preserve_partitioning(true)))
}

/// The order by key alone, for merging partitions.
pub(crate) fn key_order(schema: &Schema) -> Result<LexOrdering, DataError> {
    let expr: Arc<dyn PhysicalExpr> = Arc::new(ColumnExpr::new(schema.field(0).name(), 0));
    LexOrdering::new([PhysicalSortExpr { expr, options: ascending() }])
        .ok_or_else(|| DataError::internal("a sort by nothing"))
}

/// Cuts a sorted stream into whole customers and rolls them up.
struct Groups {
    rollups: Arc<TableRollups>,
    counts: Arc<Counts>,
    failures: SharedFailures,
    schema: SchemaRef,
    /// Events of the customer whose last event may not have come yet.
    carry: Vec<RecordBatch>,
}

impl Groups {
    fn stream(self, input: SendableRecordBatchStream) -> SendableRecordBatchStream {
        let schema = Arc::clone(&self.schema);
        let steps = futures::stream::try_unfold((self, Some(input)), |(mut groups, input)| async move {
            let Some(mut input) = input else { return Ok(None) };
            loop {
                match input.next().await {
                    Some(batch) => {
                        if let Some(done) = groups.take(batch?)? {
                            return Ok(Some((done, (groups, Some(input)))));
                        }
                    }
                    None => {
                        let last = std::mem::take(&mut groups.carry);
                        return match groups.roll_up(&last)? {
                            Some(done) => Ok(Some((done, (groups, None)))),
                            None => Ok(None),
                        };
                    }
                }
            }
        });
        Box::pin(RecordBatchStreamAdapter::new(schema, steps))
    }

    /// Takes the next events; gives the rollups of the customers that are complete.
    fn take(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>, DataError> {
        let customers = partition(batch.columns().get(..1).unwrap_or_default())?.ranges();
        let Some(last) = customers.last().map(|c| c.start) else { return Ok(None) };
        let done = if last > 0 {
            let mut done = std::mem::take(&mut self.carry);
            done.push(batch.slice(0, last));
            done
        } else if self.carry.last().is_some_and(|c| !same_key(c, &batch)) {
            std::mem::take(&mut self.carry)
        } else {
            Vec::new()
        };
        self.carry.push(batch.slice(last, batch.num_rows() - last));
        self.roll_up(&done)
    }

    fn roll_up(&self, events: &[RecordBatch]) -> Result<Option<RecordBatch>, DataError> {
        let Some(first) = events.first() else { return Ok(None) };
        let all = if events.len() == 1 { first.clone() } else { concat_batches(first.schema_ref(), events)? };
        let before = partition(all.columns().get(..1).unwrap_or_default())?.ranges();
        self.counts.event_rows.fetch_add(all.num_rows() as u64, Ordering::Relaxed);
        let rows: Int64Array = before.iter().map(|c| c.len() as i64).collect();
        let merged = self.rollups.merged(all)?;
        self.counts.events.fetch_add(merged.num_rows() as u64, Ordering::Relaxed);
        let (customers, rollups) = self.rollups.rolled_up(&merged, &self.failures)?;
        self.counts.keys.fetch_add(customers.len() as u64, Ordering::Relaxed);
        let starts: UInt64Array = customers.iter().map(|c| c.start as u64).collect();
        let mut columns = vec![take(merged.column(0), &starts, None)?];
        columns.extend(rollups);
        columns.push(Arc::new(rows));
        Ok(Some(RecordBatch::try_new(Arc::clone(&self.schema), columns)?))
    }
}

/// Whether the last key of one batch is the first of the next.
pub(crate) fn same_key(a: &RecordBatch, b: &RecordBatch) -> bool {
    let (a, b) = (a.column(0), b.column(0));
    match (a.data_type(), b.data_type()) {
        (DataType::Int64, DataType::Int64) => {
            a.as_primitive::<Int64Type>().values().last() == b.as_primitive::<Int64Type>().values().first()
        }
        _ => {
            let (a, b) = (a.as_string::<i32>(), b.as_string::<i32>());
            !a.is_empty() && !b.is_empty() && a.value(a.len() - 1) == b.value(0)
        }
    }
}
