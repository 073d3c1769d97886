//! Reading outcomes: by the readers of all tables, as an event table of a pack that has no other.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array as _, AsArray as _, RecordBatch};
use arrow::datatypes::{Date32Type, Float64Type};
use indexmap::IndexMap;

use crate::data::{DataError, Events, Options, Place, Reject, Run, Source};
use crate::expr::{Date, Type, Value};
use crate::pack::{Outcomes, Pack};

/// Rows of outcomes by customer.
#[derive(Debug, Clone, Default)]
pub struct OutcomeRows {
    /// Values of all rows, one after the other, each row in the order of the pack's columns.
    values: Vec<Value>,
    /// How many columns there are.
    width: usize,
    /// The rows of each customer: from, up to.
    by_key: HashMap<Arc<str>, (usize, usize)>,
    /// Rows that could not be used.
    pub rejected: u64,
    /// The first of them.
    pub reject: Option<Reject>,
    /// What a person should know, one sentence each.
    pub notices: Vec<String>,
}

/// A pack that reads nothing but outcomes.
#[must_use]
pub fn small_pack(pack: &Pack, outcomes: &Outcomes) -> Pack {
    let mut small = pack.clone();
    // Without its time: an outcome without a day is no fault, and what is too late is counted apart.
    let table = crate::pack::Table { time: None, ..outcomes.table.clone() };
    small.tables = IndexMap::from([(Outcomes::TABLE.to_owned(), table)]);
    small.rollups.clear();
    small.record.joins.clear();
    small.record.sql = None;
    small.record.table = String::new();
    small
}

impl OutcomeRows {
    /// Reads the outcomes of a file, a folder of files or a table of a database.
    ///
    /// # Errors
    /// As [`Run::open`] and [`Run::events`], the section of the pack called by its name.
    pub fn read(
        pack: &Pack,
        outcomes: &Outcomes,
        place: Place,
        as_of: Date,
        options: Options,
    ) -> Result<OutcomeRows, DataError> {
        let small = Arc::new(small_pack(pack, outcomes));
        let source = Source { name: Outcomes::TABLE.to_owned(), place };
        let run = Run::open(&small, as_of, &[source], options).map_err(called)?;
        let events = run.events(Outcomes::TABLE).map_err(called)?;
        let mut rows = OutcomeRows::of(outcomes, &events);
        rows.notices = run.notices().iter().map(|notice| renamed(notice)).collect();
        Ok(rows)
    }

    /// Of events that are read already, in order of key.
    #[must_use]
    pub fn of(outcomes: &Outcomes, events: &Events) -> OutcomeRows {
        let width = outcomes.table.columns.len();
        let mut rows =
            OutcomeRows { width, rejected: events.rejected, reject: events.reject.clone(), ..OutcomeRows::default() };
        let mut count = 0;
        for batch in &events.batches {
            let lanes: Vec<Lane> = outcomes.table.columns.iter().map(|c| Lane::new(batch, &c.name, c.ty)).collect();
            let Some(keys) = Events::keys(batch) else { continue };
            for (at, key) in keys.iter().enumerate() {
                let Some(key) = key else { continue };
                rows.values.extend(lanes.iter().map(|lane| lane.get(at)));
                count += 1;
                match rows.by_key.get_mut(key) {
                    Some((_, end)) => *end = count,
                    None => drop(rows.by_key.insert(key.into(), (count - 1, count))),
                }
            }
        }
        rows
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or_else(|| self.by_key.values().map(|(a, b)| b - a).sum())
    }

    /// Every customer with the number of her rows.
    pub fn customers(&self) -> impl Iterator<Item = (&str, usize)> {
        self.by_key.iter().map(|(key, (from, to))| (&**key, to - from))
    }

    /// The rows of a customer.
    pub(super) fn of_key(&self, key: &str) -> impl Iterator<Item = &[Value]> {
        let (from, to) = self.by_key.get(key).copied().unwrap_or_default();
        (from..to).map(|row| self.values.get(row * self.width..(row + 1) * self.width).unwrap_or_default())
    }
}

/// A column of a batch.
enum Lane<'a> {
    None,
    Numbers(&'a arrow::array::Float64Array),
    Texts(&'a arrow::array::StringArray),
    Bools(&'a arrow::array::BooleanArray),
    Days(&'a arrow::array::Date32Array),
}

impl<'a> Lane<'a> {
    fn new(batch: &'a RecordBatch, name: &str, ty: Type) -> Lane<'a> {
        let Some(column) = batch.column_by_name(name) else { return Lane::None };
        match ty {
            Type::Number => column.as_primitive_opt::<Float64Type>().map_or(Lane::None, Lane::Numbers),
            Type::Text => column.as_string_opt::<i32>().map_or(Lane::None, Lane::Texts),
            Type::Bool => column.as_boolean_opt().map_or(Lane::None, Lane::Bools),
            Type::Date => column.as_primitive_opt::<Date32Type>().map_or(Lane::None, Lane::Days),
        }
    }

    fn get(&self, row: usize) -> Value {
        match self {
            Lane::Numbers(a) if a.is_valid(row) => Value::number(a.value(row)),
            Lane::Texts(a) if a.is_valid(row) => Value::text(a.value(row)),
            Lane::Bools(a) if a.is_valid(row) => Value::Bool(a.value(row)),
            Lane::Days(a) if a.is_valid(row) => {
                Date::from_days(i64::from(a.value(row))).map_or(Value::Missing, Value::Date)
            }
            _ => Value::Missing,
        }
    }
}

/// The section of the pack by the name its author knows.
fn renamed(text: &str) -> String {
    text.replace("tables.outcomes", "outcomes").replace("--data outcomes=", "--outcomes ")
}

fn called(mut error: DataError) -> DataError {
    error.message = renamed(&error.message);
    error.help.iter_mut().for_each(|help| *help = renamed(help));
    error
}
