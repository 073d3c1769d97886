//! The record: one row per customer, from the record table or `record.sql`, joined with the rollups of the event tables.
//!
//! Without event tables rows keep the order of the files. With them the record is joined by sort and merge, which
//! spills, and comes in order of key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, RecordBatch, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema, SchemaRef};
use datafusion::common::{JoinType, ParamValues, ScalarValue};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{SQLOptions, SessionContext};

use super::conform::conform;
use super::error::DataError;
use super::format::ColumnFormat;
use super::keyed::{both_keys, join, keyed_plan, merged, once, tracked, with_rows};
use super::keys::{Doubles, KeyTracker, key_texts};
use super::limit::{Limit, MaxRejects};
use super::node::{PlanTable, StreamExec};
use super::rollup::{ROWS, SharedFailures, TableRollups, by_key};
use super::scan::{Counts, Input};
use super::table::{TableSpec, Want};
use crate::expr::{Date, Value};
use crate::pack::{Pack, Sql};

/// An event table of the pack, and its files if it is given.
pub(crate) struct EventTable {
    /// What is computed.
    pub rollups: Arc<TableRollups>,
    /// `None` if the table is not given.
    pub input: Option<Arc<Input>>,
}

/// Everything a plan is made of.
pub(crate) struct Tables {
    pub pack: Arc<Pack>,
    pub today: Date,
    /// The record table, if it is given.
    pub record: Option<Arc<Input>>,
    /// Tables joined to the record that are given and have a column of it, in the order of the pack.
    pub joins: Vec<Arc<Input>>,
    /// In the order of the pack.
    pub events: Vec<EventTable>,
    /// Given tables the pack does not declare (`record.sql` may read them).
    pub extra: Vec<Arc<Input>>,
    /// Of the key, in the record.
    pub key: Field,
}

/// What earlier attempts at a run found out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Tables to be read row by row.
    pub careful: BTreeSet<String>,
    /// Of the record table and of joined ones: the keys that occur more than once, once they have been looked for.
    pub doubles: BTreeMap<String, Arc<Doubles>>,
}

/// One attempt at a run: its counts, and what is known from the attempts before.
pub(crate) struct Attempt {
    /// By table; several if `record.sql` reads one several times.
    counts: Mutex<BTreeMap<String, Vec<Arc<Counts>>>>,
    /// Keys of the record table, if it is not sorted by them.
    pub tracker: Arc<Mutex<KeyTracker>>,
    /// Failed script calls.
    pub failures: SharedFailures,
    /// What was found out before.
    pub known: Known,
    /// How many rows may be set aside, and how many of all tables were; the latter not if a table may be read twice.
    limit: (Option<MaxRejects>, Option<Arc<AtomicU64>>),
}

impl Attempt {
    /// `once`: no table is read several times.
    pub(crate) fn new(known: &Known, max: Option<MaxRejects>, once: bool) -> Self {
        Self {
            counts: Mutex::default(),
            tracker: Arc::default(),
            failures: SharedFailures::default(),
            known: known.clone(),
            limit: (max, once.then(Arc::default)),
        }
    }

    /// Whether a table is to be read row by row.
    pub(crate) fn careful(&self, input: &Input) -> bool {
        self.known.careful.contains(&input.spec.table)
    }

    pub(crate) fn fresh(&self, input: &Input) -> Arc<Counts> {
        let mut counts = Counts::default();
        counts.limit = Limit::new(self.limit.0, input.known_rows(), self.limit.1.as_ref());
        let counts = Arc::new(counts);
        let mut all = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(input.spec.table.clone()).or_default().push(Arc::clone(&counts));
        counts
    }

    /// The counts of a table: of the scan that read most of it.
    pub(crate) fn counts(&self, table: &str) -> Option<Arc<Counts>> {
        let all = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let most = |c: &&Arc<Counts>| (c.event_rows.load(Ordering::Relaxed), c.rows.load(Ordering::Relaxed));
        all.get(table)?.iter().max_by_key(most).cloned()
    }
}

impl Tables {
    /// Key, columns, rollups: what a decision program reads.
    pub(crate) fn schema(&self) -> SchemaRef {
        let mut fields = vec![self.key.clone()];
        let columns = self.record.as_ref().filter(|_| self.pack.record.sql.is_none()).map(|input| &input.schema);
        for column in &self.pack.record.columns {
            let ty = columns
                .and_then(|s| s.field_with_name(&column.name).ok())
                .map_or_else(|| super::table::arrow_type(column.ty), |f| f.data_type().clone());
            fields.push(Field::new(&column.name, ty, true));
        }
        for rollup in &self.pack.rollups {
            let ty = super::table::arrow_type(self.pack.names.get(rollup.slot).ty);
            fields.push(Field::new(&rollup.name, ty, true));
        }
        Arc::new(Schema::new(fields))
    }

    /// The event tables that are given and read by a rollup (or are all there is to know keys from).
    pub(crate) fn joined(&self) -> Vec<(&Arc<TableRollups>, &Arc<Input>)> {
        let keys_only = self.record.is_none() && self.pack.record.sql.is_none();
        self.events
            .iter()
            .filter_map(|e| e.input.as_ref().map(|input| (&e.rollups, input)))
            .filter(|(rollups, _)| keys_only || !rollups.is_empty())
            .collect()
    }

    /// Whether the record comes in the order of its files (otherwise in order of key).
    pub(crate) fn streams(&self) -> bool {
        self.pack.record.sql.is_none() && self.record.is_some() && self.joins.is_empty() && self.joined().is_empty()
    }

    /// The tables that may have each key only once: the record table and what is joined to it.
    pub(crate) fn keyed(&self) -> impl Iterator<Item = &Arc<Input>> {
        self.record.iter().filter(|_| self.pack.record.sql.is_none()).chain(&self.joins)
    }

    /// Whether the keys of a table are compared with those of the record, and matches counted.
    pub(crate) fn compared(&self, input: &Input) -> bool {
        let there = self.record.is_some() || self.pack.record.sql.is_some();
        let events = self.joined();
        let mut all = self.joins.iter().chain(events.iter().map(|(_, input)| *input));
        there && all.any(|i| i.spec.table == input.spec.table)
    }

    /// How many sorts the plan has, in each partition.
    pub(crate) fn sorts(&self) -> usize {
        let joined = self.joins.len() + self.joined().len();
        let record = self.record.is_some() || self.pack.record.sql.is_some();
        // Without records, each join of two tables is sorted again.
        if record { joined + 1 } else { joined * 2 }
    }

    /// The plan of the record: one partition, in a fixed order.
    pub(crate) async fn plan(
        &self,
        context: &SessionContext,
        partitions: usize,
        attempt: &Arc<Attempt>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataError> {
        let record = match (&self.pack.record.sql, &self.record) {
            (Some(sql), _) => Some(self.sql_plan(sql, context, partitions, attempt).await?),
            (None, Some(input)) if self.streams() => Some(tracked(keyed_plan(input, attempt)?.0, attempt)),
            (None, Some(input)) => Some(keyed_plan(input, attempt)?.0),
            (None, None) => None,
        };
        // Each with its key first and the number of its rows in a column called `ROWS`, in order of key.
        let mut beside = Vec::new();
        for input in &self.joins {
            let (plan, counts) = keyed_plan(input, attempt)?;
            let plan = by_key(with_rows(plan, &counts), partitions, 1)?;
            beside.push((counts, once(plan, input, attempt)));
        }
        for (table, input) in self.joined() {
            let counts = attempt.fresh(input);
            let plan = table.plan(input, partitions, attempt.careful(input), &counts, &attempt.failures)?;
            beside.push((counts, plan));
        }
        let counts: Vec<_> = beside.iter().map(|(counts, _)| Arc::clone(counts)).collect();
        let joined = match record {
            Some(record) if beside.is_empty() => match &self.pack.record.sql {
                Some(sql) => unique(merged(by_key(record, 1, 1)?)?, sql),
                None => record,
            },
            Some(record) => {
                let mut left = by_key(record, partitions, 1)?;
                if let (None, Some(input)) = (&self.pack.record.sql, &self.record) {
                    left = once(left, input, attempt);
                }
                for (_, right) in beside {
                    left = join(left, right, JoinType::Left)?;
                }
                let joined = merged(left)?;
                match &self.pack.record.sql {
                    Some(sql) => unique(joined, sql),
                    None => joined,
                }
            }
            None => {
                let mut plans = beside.into_iter().map(|(_, plan)| plan);
                let mut all = plans.next().ok_or_else(|| DataError::internal("no table to take customers from"))?;
                for right in plans {
                    all = both_keys(join(all, right, JoinType::Full)?)?;
                }
                merged(all)?
            }
        };
        self.finished(joined, counts)
    }

    /// Puts the columns into the order of [`Self::schema`], fills in the rollups of no events and counts the matches.
    fn finished(
        &self,
        input: Arc<dyn ExecutionPlan>,
        tables: Vec<Arc<Counts>>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataError> {
        let output = self.schema();
        let given = input.schema();
        let place = |name: &str| given.fields().iter().position(|f| f.name() == name);
        // Of each output column: its place in the input, and what stands there without events.
        let mut columns: Vec<(Option<usize>, Option<f64>)> = vec![(Some(0), None)];
        columns.extend(self.pack.record.columns.iter().map(|c| {
            let there = self.record.is_some() || self.pack.record.sql.is_some();
            (if there { place(&c.name) } else { None }, None)
        }));
        for rollup in &self.pack.rollups {
            let table = self.events.iter().find(|e| e.rollups.names().any(|n| n == rollup.name));
            let default = table.and_then(|t| t.rollups.default_of(&rollup.name).as_number());
            columns.push((place(&rollup.name), default));
        }
        let rows: Vec<usize> =
            given.fields().iter().enumerate().filter(|(_, f)| f.name() == ROWS).map(|(i, _)| i).collect();
        let (schema, types) = (Arc::clone(&output), Arc::clone(&output));
        Ok(StreamExec::map("Record", input, output, move |batch| {
            for (place, counts) in rows.iter().zip(&tables) {
                let Some(array) = batch.columns().get(*place) else { continue };
                let matched: i64 = array.as_primitive::<Int64Type>().iter().flatten().sum();
                counts.matched.fetch_add(matched.unsigned_abs(), Ordering::Relaxed);
                let customers = array.len() - array.null_count();
                counts.matched_keys.fetch_add(customers as u64, Ordering::Relaxed);
            }
            let mut list = Vec::with_capacity(columns.len());
            for ((place, default), field) in columns.iter().zip(types.fields()) {
                let array = place.and_then(|p| batch.columns().get(p));
                list.push(match (array, default) {
                    (Some(array), None) => Arc::clone(array),
                    (Some(array), Some(default)) => filled(array, *default),
                    (None, Some(default)) => Arc::new(Float64Array::from(vec![*default; batch.num_rows()])),
                    (None, None) => new_null_array(field.data_type(), batch.num_rows()),
                });
            }
            Ok(RecordBatch::try_new(Arc::clone(&schema), list)?)
        }))
    }

    /// `record.sql` over the given tables, with `$today` and every parameter bound.
    async fn sql_plan(
        &self,
        sql: &Sql,
        context: &SessionContext,
        partitions: usize,
        attempt: &Arc<Attempt>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataError> {
        let place = self.pack.sources.place(sql.span);
        let failed = |e: DataError| e.doing(format!("`record.sql` ({}:{})", place.file, place.line));
        let given = self.events.iter().filter_map(|e| e.input.as_ref()).chain(&self.record).chain(&self.extra);
        for input in given {
            let (table, attempt) = (Arc::clone(input), Arc::clone(attempt));
            let make = move || {
                let counts = attempt.fresh(&table);
                table.plan(partitions, attempt.careful(&table), &counts)
            };
            let table = PlanTable::new(Arc::clone(&input.schema), make);
            let name = datafusion::common::TableReference::bare(input.spec.table.clone());
            context.register_table(name, Arc::new(table)).map_err(|e| failed(e.into()))?;
        }
        for event in self.events.iter().filter(|e| e.input.is_none()) {
            if let Some(table) = self.pack.tables.get(&event.rollups.table) {
                let schema = TableSpec::events(table).schema();
                let empty = datafusion::datasource::empty::EmptyTable::new(schema);
                let name = datafusion::common::TableReference::bare(table.name.clone());
                context.register_table(name, Arc::new(empty)).map_err(|e| failed(e.into()))?;
            }
        }
        for join in &self.pack.record.joins {
            if !self.extra.iter().any(|input| input.spec.table == join.name) {
                let of = |c: &crate::pack::Column| c.table.as_deref() == Some(join.name.as_str());
                let schema = TableSpec::joined(&self.pack, join, of).schema();
                let empty = datafusion::datasource::empty::EmptyTable::new(schema);
                let name = datafusion::common::TableReference::bare(join.name.clone());
                context.register_table(name, Arc::new(empty)).map_err(|e| failed(e.into()))?;
            }
        }
        let mut values = vec![("today".to_owned(), ScalarValue::Date32(Some(self.today.days())).into())];
        values.extend(self.pack.params.iter().map(|p| (p.name.clone(), scalar(&p.value).into())));
        let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        let query = async {
            let frame = context.sql_with_options(&sql.text, options).await?;
            frame.with_param_values(ParamValues::Map(values.into_iter().collect()))?.create_physical_plan().await
        };
        let plan = query.await.map_err(|e| failed(e.into()))?;
        let mut spec = TableSpec::record(&self.pack).normalised(self.pack.record.normalise);
        for column in &mut spec.columns {
            column.optional = column.optional && !column.is_key();
        }
        let given = plan.schema();
        let mut places = Vec::new();
        for wanted in &spec.columns {
            let found = given.fields().iter().position(|f| *f.name() == wanted.name);
            if found.is_none() && !wanted.optional {
                let names: Vec<String> = given.fields().iter().map(|f| format!("`{}`", f.name())).collect();
                return Err(failed(
                    DataError::input(format!("the query gives no column `{}`", wanted.name))
                        .help(format!("it gives {}", names.join(", "))),
                ));
            }
            places.push(found);
        }
        for (wanted, place) in spec.columns.iter().zip(&places) {
            let Some(field) = place.and_then(|p| given.fields().get(p)) else { continue };
            super::conform::accepts(wanted, field.data_type())
                .map_err(|holds| failed(DataError::input(format!("the column `{}` holds {holds}", wanted.name))))?;
        }
        let schema = spec.schema();
        let formats: Vec<ColumnFormat> = spec.columns.iter().map(|c| ColumnFormat::declared(&c.written)).collect();
        let (output, line) = (Arc::clone(&schema), format!("`record.sql` ({}:{})", place.file, place.line));
        Ok(StreamExec::map("Conform", plan, schema, move |batch| {
            let raw: Vec<Option<ArrayRef>> =
                places.iter().map(|p| p.and_then(|p| batch.columns().get(p).cloned())).collect();
            let conformed = conform(&spec, &formats, &output, &raw, batch.num_rows(), &[])?;
            match conformed.bad.first() {
                None => Ok(conformed.batch),
                Some(bad) => {
                    let column = bad.column.and_then(|c| spec.columns.get(usize::from(c)));
                    let name = column.map_or("", |c| c.name.as_str());
                    Err(DataError::input(format!("{line} gives a row whose `{name}` cannot be used: {}", bad.reason)))
                }
            }
        }))
    }

    /// The query of `record.sql`, restricted to nothing: for looking up one customer.
    pub(crate) async fn sql_record(
        &self,
        context: &SessionContext,
        attempt: &Arc<Attempt>,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>, DataError> {
        match &self.pack.record.sql {
            Some(sql) => Ok(Some(self.sql_plan(sql, context, 1, attempt).await?)),
            None => Ok(None),
        }
    }
}

/// Whole tables of a query, key not required: what `record.sql` sees of the record table and of undeclared ones.
pub(crate) fn raw_spec(table: &str, files: &[super::source::DataFile], declared: &TableSpec) -> TableSpec {
    let mut columns = Vec::new();
    if let Some(file) = files.first() {
        for (i, header) in file.header.iter().enumerate() {
            let accepted =
                declared.columns.iter().find(|c| c.name == *header || c.from.iter().any(|from| from == header));
            let keys = accepted.map_or_else(Default::default, |c| c.keys);
            let want = match accepted.map(|c| &c.want) {
                Some(Want::Value(ty)) => Want::Value(*ty),
                _ if !keys.is_none() => Want::Raw(DataType::Utf8),
                _ => match file.data_type(i) {
                    DataType::LargeUtf8 | DataType::Utf8View => Want::Raw(DataType::Utf8),
                    // What has no type here comes as the database shows it.
                    DataType::Binary | DataType::Time64(_) | DataType::List(_) | DataType::Struct(_)
                        if file.database.is_some() =>
                    {
                        Want::Raw(DataType::Utf8)
                    }
                    other => Want::Raw(other),
                },
            };
            columns.push(super::table::Wanted {
                name: header.clone(),
                want,
                from: Vec::new(),
                written: accepted.map_or_else(Default::default, |c| c.written.clone()),
                optional: false,
                required: false,
                values: Vec::new(),
                keys,
            });
        }
    }
    TableSpec { table: table.to_owned(), section: declared.section.clone(), file: declared.file.clone(), columns }
}

fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Missing => ScalarValue::Null,
        Value::Number(x) => ScalarValue::Float64(Some(*x)),
        Value::Text(t) => ScalarValue::Utf8(Some(t.to_string())),
        Value::Bool(b) => ScalarValue::Boolean(Some(*b)),
        Value::Date(d) => ScalarValue::Date32(Some(d.days())),
    }
}

/// The result of a query, in order of key, must have each key once.
fn unique(plan: Arc<dyn ExecutionPlan>, sql: &Sql) -> Arc<dyn ExecutionPlan> {
    let _ = sql;
    let last: Mutex<Option<String>> = Mutex::new(None);
    let schema = plan.schema();
    StreamExec::map("Unique", plan, schema, move |batch| {
        let keys = key_texts(batch.column(0))?;
        let keys = keys.as_string::<i32>();
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys.iter().flatten() {
            if last.as_deref() == Some(key) {
                return Err(DataError::input(format!("`record.sql` gives the key `{key}` more than once"))
                    .help("one row per customer is wanted: group by the key"));
            }
            last.replace(key.to_owned());
        }
        Ok(batch)
    })
}

/// A number column with a default where it is missing.
fn filled(array: &ArrayRef, default: f64) -> ArrayRef {
    if array.null_count() == 0 {
        return Arc::clone(array);
    }
    Arc::new(array.as_primitive::<Float64Type>().iter().map(|x| Some(x.unwrap_or(default))).collect::<Float64Array>())
}

/// The rows of one customer.
pub(crate) fn only_key(input: Arc<dyn ExecutionPlan>, key: &str) -> Arc<dyn ExecutionPlan> {
    let (schema, key) = (input.schema(), key.to_owned());
    StreamExec::map("OneCustomer", input, schema, move |batch| {
        let keys = batch.column(0);
        let keep: BooleanArray = if *keys.data_type() == DataType::Int64 {
            let key = key.trim().parse::<i64>().ok();
            keys.as_primitive::<Int64Type>().iter().map(|k| Some(k.is_some() && k == key)).collect()
        } else {
            let keys = cast(keys, &DataType::Utf8)?;
            keys.as_string::<i32>().iter().map(|k| Some(k == Some(key.as_str()))).collect()
        };
        Ok(arrow::compute::filter_record_batch(&batch, &keep)?)
    })
}
