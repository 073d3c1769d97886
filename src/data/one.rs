//! One customer of a run, looked up by her key: for explain.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use arrow::array::{ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::compute::concat_batches;
use datafusion::physical_plan::ExecutionPlan;

use super::database;
use super::error::{DataError, DataErrorKind};
use super::keyed::keyed_plan;
use super::keys::key_texts;
use super::normalise;
use super::notices::open_question;
use super::record::{Attempt, Known, only_key};
use super::rollup::{SharedFailures, TableRollups};
use super::run::{Run, runtime};
use super::scan::{Counts, Input};
use crate::engine::ScriptErrors;
use crate::expr::{Date, Value};
use crate::pack::{Pack, Rollup};
use crate::stage::cell;

/// One customer, as the decision program would see her.
#[derive(Debug, Clone)]
pub struct OneRecord {
    /// Her key, as it stands in the record.
    pub key: String,
    /// One row.
    pub record: RecordBatch,
    /// Per given event table, in the order of the pack: her events up to the as-of date, in order of time, days merged
    /// where the table asks for it. The key first; of no rows if she has none.
    pub events: Vec<(String, RecordBatch)>,
    /// Script calls of the rollups over them, by table: only of tables whose rollups called a script.
    pub rollup_errors: BTreeMap<String, ScriptErrors>,
}

/// A rollup of the pack over the events of one customer, as [`OneRecord::events`] holds them. A script that fails gives missing.
///
/// # Errors
/// Events that do not fit the table.
pub fn roll_up(pack: &Pack, rollup: &Rollup, today: Date, events: &RecordBatch) -> Result<Value, DataError> {
    let Some(table) = pack.tables.get(&rollup.table) else { return Ok(Value::Missing) };
    let rollups = TableRollups::new(pack, table, today);
    if events.num_rows() == 0 {
        return Ok(rollups.default_of(&rollup.name));
    }
    let (_, columns) = rollups.rolled_up(events, &SharedFailures::default())?;
    let place = rollups.names().position(|name| name == rollup.name);
    let column = place.and_then(|i| columns.get(i));
    Ok(column.map_or(Value::Missing, |column| cell(column, 0, pack.names.get(rollup.slot).ty)))
}

impl Run {
    /// One customer by key: her record with rollups, and her events. `None` if there is no usable row of hers.
    ///
    /// # Errors
    /// Data that cannot be read at all.
    pub fn one(&self, key: &str) -> Result<Option<OneRecord>, DataError> {
        let key = normalise::key(self.tables.pack.record.normalise, key);
        let mut known = Known::default();
        loop {
            let attempt = Arc::new(Attempt::new(&known, None, false));
            match self.look_up(&key, &attempt) {
                Err(DataError { kind: DataErrorKind::Malformed(table), .. }) if !known.careful.contains(&table) => {
                    known.careful.insert(table);
                }
                result => return result,
            }
        }
    }

    fn look_up(&self, key: &str, attempt: &Arc<Attempt>) -> Result<Option<OneRecord>, DataError> {
        let runtime = runtime(1)?;
        let context = self.context(1, self.tables.sorts())?;
        let rows = |plan: Arc<dyn ExecutionPlan>| -> Result<Vec<RecordBatch>, DataError> {
            let plan = only_key(plan, key);
            Ok(runtime.block_on(datafusion::physical_plan::collect(plan, context.task_ctx()))?)
        };
        let tables = &self.tables;
        let only = |input: &Arc<Input>| database::only(input, &tables.pack, key);
        let record = match runtime.block_on(tables.sql_record(&context, attempt))? {
            Some(plan) => {
                Some(rows(Arc::new(datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec::new(plan)))?)
            }
            None => match &tables.record {
                Some(input) => Some(rows(keyed_plan(&only(input), attempt)?.0)?),
                None => None,
            },
        };
        let record = match record {
            None => None,
            Some(batches) => match batches.iter().find(|b| b.num_rows() > 0) {
                Some(batch) => Some(batch.slice(0, 1)),
                None => return Ok(None),
            },
        };
        let asked = |input: &Input| attempt.counts(&input.spec.table).and_then(|seen| open_question(input, &seen));
        if let Some(question) = tables.record.iter().find_map(|input| asked(input)) {
            return Err(question);
        }
        // Of several rows with her key the first one counts, as in a run.
        let mut joined = Vec::new();
        for input in &tables.joins {
            joined.extend(
                rows(keyed_plan(&only(input), attempt)?.0)?.iter().find(|b| b.num_rows() > 0).map(|b| b.slice(0, 1)),
            );
        }
        if let Some(question) = tables.joins.iter().find_map(|input| asked(input)) {
            return Err(question);
        }
        let mut found = record.is_some();
        let mut values: BTreeMap<String, ArrayRef> = BTreeMap::new();
        let mut events = Vec::new();
        let mut key_column = record.as_ref().map(|r| Arc::clone(r.column(0)));
        for event in &tables.events {
            let counts = Arc::new(Counts::default());
            let list = match &event.input {
                Some(input) => {
                    let list = rows(only(input).plan(1, attempt.careful(input), &counts)?)?;
                    if let Some(question) = open_question(input, &counts) {
                        return Err(question);
                    }
                    list
                }
                None => Vec::new(),
            };
            let hers = event.rollups.events_of(&list, &counts)?;
            match (&hers, &event.input) {
                (Some(hers), _) => {
                    found = true;
                    let (_, columns) = event.rollups.rolled_up(hers, &attempt.failures)?;
                    values.extend(event.rollups.names().map(str::to_owned).zip(columns));
                    key_column.get_or_insert_with(|| hers.column(0).slice(0, 1));
                }
                (None, _) => values.extend(event.rollups.of_nothing()?),
            }
            if let Some(input) = &event.input {
                let hers = hers.unwrap_or_else(|| RecordBatch::new_empty(Arc::clone(&input.schema)));
                events.push((event.rollups.table.clone(), hers));
            }
        }
        let (true, Some(key_column)) = (found, key_column) else { return Ok(None) };
        let schema = tables.schema();
        let mut columns = vec![Arc::clone(&key_column)];
        for field in schema.fields().iter().skip(1) {
            let array = match values.get(field.name()) {
                Some(array) => Arc::clone(array),
                None => match record.iter().chain(&joined).find_map(|r| r.column_by_name(field.name())) {
                    Some(array) => Arc::clone(array),
                    None => new_null_array(field.data_type(), 1),
                },
            };
            columns.push(array);
        }
        let key = key_texts(&key_column)?.as_string::<i32>().iter().flatten().next().unwrap_or(key).to_owned();
        let record = concat_batches(&schema, [&RecordBatch::try_new(Arc::clone(&schema), columns)?])?;
        let rollup_errors = attempt.failures.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Some(OneRecord { key, record, events, rollup_errors }))
    }
}
