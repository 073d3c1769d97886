//! The rows of one event table as they are: for what looks at every single event, such as who was contacted when.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::Date32Type;
use futures::StreamExt;

use super::error::{DataError, DataErrorKind};
use super::keyed::merged;
use super::keys::key_texts;
use super::notices::open_question;
use super::record::{Attempt, EventTable, Known};
use super::rejects::{self, Reject};
use super::rollup::by_key;
use super::run::{Run, runtime};
use super::scan::Input;
use crate::expr::Date;

/// The usable rows of an event table up to the as-of date: in order of key, then of time, then of the other columns. Keys are
/// texts, made alike as everywhere. Rows of one day stay apart, also where rollups would merge them.
#[derive(Debug, Clone, Default)]
pub struct Events {
    /// Whether the table is given.
    pub given: bool,
    /// The key first, then the columns by their names in the pack. Empty if there is no row.
    pub batches: Vec<RecordBatch>,
    /// Rows later than the as-of date, which are not seen.
    pub after_today: u64,
    /// Rows that were set aside.
    pub rejected: u64,
    /// The first of them.
    pub reject: Option<Reject>,
}

impl Events {
    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Batches put together elsewhere, in any order: the key first, a text.
    #[must_use]
    pub fn of(batches: Vec<RecordBatch>) -> Events {
        Events { given: true, batches, ..Events::default() }
    }

    /// The keys of a batch.
    #[must_use]
    pub fn keys(batch: &RecordBatch) -> Option<&StringArray> {
        batch.columns().first()?.as_string_opt::<i32>()
    }

    /// The text of a column in a row; `None` if it is missing, or there is no such column of texts.
    #[must_use]
    pub fn text<'b>(batch: &'b RecordBatch, column: &str, row: usize) -> Option<&'b str> {
        let array = batch.column_by_name(column)?.as_string_opt::<i32>()?;
        (row < array.len() && array.is_valid(row)).then(|| array.value(row))
    }

    /// The day of a column in a row; `None` if it is missing, or there is no such column of dates.
    #[must_use]
    pub fn day(batch: &RecordBatch, column: &str, row: usize) -> Option<Date> {
        let array = batch.column_by_name(column)?.as_primitive_opt::<Date32Type>()?;
        let days = (row < array.len() && array.is_valid(row)).then(|| array.value(row))?;
        Date::from_days(i64::from(days))
    }
}

impl Run {
    /// The day the run is as of.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.tables.today
    }

    /// What was found out about the files when they were opened, one sentence each.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The rows of an event table of the pack that can be used and are not later than the as-of date. None if it is not given.
    ///
    /// # Errors
    /// Data that cannot be read at all; in a strict run, any row set aside.
    pub fn events(&self, table: &str) -> Result<Events, DataError> {
        let event = self.tables.events.iter().find(|event| event.rollups.table == table);
        let Some((event, input)) = event.and_then(|event| Some((event, event.input.as_ref()?))) else {
            return Ok(Events::default());
        };
        let mut known = Known::default();
        loop {
            let attempt = Arc::new(Attempt::new(&known, self.options.max_rejects, true));
            match self.read_events(event, input, &attempt) {
                Err(DataError { kind: DataErrorKind::Malformed(table), .. }) if !known.careful.contains(&table) => {
                    known.careful.insert(table);
                }
                Err(error) if error.kind == DataErrorKind::Strict => return Err(self.too_many(&attempt, error)),
                result => return result,
            }
        }
    }

    fn read_events(&self, event: &EventTable, input: &Arc<Input>, attempt: &Arc<Attempt>) -> Result<Events, DataError> {
        let threads = self.options.threads.max(1);
        let runtime = runtime(threads)?;
        let context = self.context(threads, 1)?;
        let partitions = self.partitions(threads, 1);
        let counts = attempt.fresh(input);
        let rows = event.rollups.whole(input, partitions, attempt.careful(input), &counts)?;
        let columns = rows.schema().fields().len();
        let plan = merged(by_key(rows, partitions, columns)?)?;
        let mut stream = {
            let _inside = runtime.enter();
            plan.execute(0, context.task_ctx())?
        };
        let mut events = Events { given: true, ..Events::default() };
        while let Some(batch) = runtime.block_on(stream.next()) {
            let batch = batch?;
            if batch.num_rows() > 0 {
                events.batches.push(with_text_key(&batch)?);
            }
        }
        if let Some(question) = open_question(input, &counts) {
            return Err(question);
        }
        events.after_today = counts.after_today.load(Ordering::Relaxed);
        events.rejected = counts.rejected.load(Ordering::Relaxed);
        if events.rejected > 0 {
            rejects::each(input, None, &mut |reject, _| {
                events.reject = Some(reject);
                Ok(false)
            })?;
        }
        Ok(events)
    }
}

/// The batch, its key as a text.
fn with_text_key(batch: &RecordBatch) -> Result<RecordBatch, DataError> {
    let Some(key) = batch.columns().first() else { return Ok(batch.clone()) };
    let texts: ArrayRef = key_texts(key)?;
    if texts.data_type() == key.data_type() {
        return Ok(batch.clone());
    }
    let schema = batch.schema();
    let mut fields: Vec<_> = schema.fields().iter().map(|field| field.as_ref().clone()).collect();
    let mut columns = batch.columns().to_vec();
    if let (Some(field), Some(column)) = (fields.first_mut(), columns.first_mut()) {
        *field = field.clone().with_data_type(texts.data_type().clone());
        *column = texts;
    }
    Ok(RecordBatch::try_new(Arc::new(arrow::datatypes::Schema::new(fields)), columns)?)
}
