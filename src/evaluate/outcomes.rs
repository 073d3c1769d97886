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
    /// Rows that are like another one of the same customer in every column that is read.
    pub copies: u64,
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
    /// As [`Run::open`] and [`Run::events`], the section of the pack called by its name; a file without any of the columns that say
    /// who returned.
    pub fn read(
        pack: &Pack,
        outcomes: &Outcomes,
        place: Place,
        as_of: Date,
        options: Options,
    ) -> Result<OutcomeRows, DataError> {
        let small = Arc::new(small_pack(pack, outcomes));
        let shown = place.to_string();
        let source = Source { name: Outcomes::TABLE.to_owned(), place };
        let run = Run::open(&small, as_of, &[source], options).map_err(called)?;
        if let Some(error) = says_nothing(outcomes, &run.absent(), &shown) {
            return Err(error);
        }
        let events = run.events(Outcomes::TABLE).map_err(called)?;
        let mut rows = OutcomeRows::of(outcomes, &events);
        rows.notices = run.notices().iter().map(|notice| renamed(notice)).collect();
        rows.notices.extend(rows.said_of_copies());
        Ok(rows)
    }

    fn said_of_copies(&self) -> Option<String> {
        let (copies, all) = (self.copies, self.rows());
        let are = if copies == 1 { "is an exact copy of another one" } else { "are exact copies of others" };
        let twice = if copies * 2 >= all as u64 { ": is the file there twice?" } else { "" };
        (copies > 0).then(|| format!("{copies} of {all} rows of outcomes {are}; each is counted{twice}"))
    }

    /// The rows of these customers alone.
    pub(super) fn only<'a>(&self, keys: impl Iterator<Item = &'a str>) -> OutcomeRows {
        let mut few = OutcomeRows { width: self.width, ..OutcomeRows::default() };
        let mut count = 0;
        for key in keys {
            let Some((kept, (from, to))) = self.by_key.get_key_value(key) else { continue };
            if few.by_key.contains_key(key) {
                continue;
            }
            few.by_key.insert(Arc::clone(kept), (count, count + to - from));
            few.values.extend_from_slice(self.values.get(from * self.width..to * self.width).unwrap_or_default());
            count += to - from;
        }
        few
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
                let before = rows.values.len();
                rows.values.extend(lanes.iter().map(|lane| lane.get(at)));
                count += 1;
                match rows.by_key.get_mut(key) {
                    Some((_, end)) => {
                        *end = count;
                        // Rows of a customer are in order of all their columns, so copies are next to each other.
                        let (earlier, this) = rows.values.split_at(before);
                        rows.copies += u64::from(width > 0 && earlier.ends_with(this));
                    }
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

/// The error of a file that has none of the columns `won_back` asks for: whatever it holds, nobody would have returned.
fn says_nothing(outcomes: &Outcomes, absent: &[(String, String)], shown: &str) -> Option<DataError> {
    let read = outcomes.won_back.expr.slots();
    let asked: Vec<&crate::pack::Column> = outcomes.table.columns.iter().filter(|c| read.contains(&c.slot)).collect();
    let there = |column: &&crate::pack::Column| absent.iter().all(|(_, name)| *name != column.name);
    if asked.is_empty() || asked.iter().any(there) {
        return None;
    }
    let list = |names: Vec<String>| match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    };
    let names = list(asked.iter().map(|column| format!("`{}`", column.name)).collect());
    let headers = asked.iter().filter(|column| !column.from.is_empty()).map(|column| {
        let from: Vec<String> = column.from.iter().map(|name| format!("`{name}`")).collect();
        format!("`{}` may also be called {}", column.name, list(from))
    });
    let headers: Vec<String> = headers.collect();
    let other = "any other header is named by `from` of the column in `[outcomes.columns]`";
    let help = headers.iter().map(String::as_str).chain([other]).collect::<Vec<_>>().join("; ");
    Some(DataError::input(format!("`{shown}` does not say who returned: it has no column {names}")).help(help))
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
