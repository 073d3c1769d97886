//! Decisions into a SQLite file. Rows wait in a database of their own, which no other program sees and which goes with the
//! process; the end of the run moves them in one transaction. So a long run keeps nobody out of the file, and may read from the
//! same file it writes to.

use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type};
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OpenFlags};

use super::super::error::DataError;
use super::address::{TableName, quote};
use super::sqlite::{columns_of, open as open_file, said, same_name};
use super::write::{Holds, Job, RUN, Writer};
use crate::expr::Date;

/// Where rows wait.
const WAITING: &str = "waiting";
/// What the file is called while rows move.
const TARGET: &str = "target";

pub(super) struct Moving {
    staging: Connection,
    path: PathBuf,
    job: Job,
    insert: String,
}

fn word(holds: Holds) -> &'static str {
    match holds {
        Holds::Number => "REAL",
        Holds::Whole => "INTEGER",
        Holds::Text => "TEXT",
        Holds::Bool => "BOOLEAN",
        Holds::Day => "DATE",
    }
}

/// Whether a column keeps such values as they are: SQLite changes what does not suit the declared type, `00042` into 42.
fn fits(holds: Holds, declared: &str) -> bool {
    let declared = declared.to_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    let text = has(&["CHAR", "CLOB", "TEXT"]);
    let whole = has(&["INT"]);
    let untyped = declared.is_empty() || has(&["BLOB"]);
    match holds {
        Holds::Text => !whole && (text || untyped),
        Holds::Day => !whole,
        Holds::Number | Holds::Whole | Holds::Bool => whole || !text,
    }
}

/// Sees whether the table can take the rows; the file itself is not touched yet.
pub(super) fn open(path: &Path, job: &Job) -> Result<Moving, DataError> {
    for (i, (name, _)) in job.columns.iter().enumerate() {
        if let Some((other, _)) = job.columns.iter().take(i).find(|(other, _)| same_name(name, other)) {
            return Err(DataError::input(format!("to SQLite the columns `{other}` and `{name}` are one"))
                .help("rename one of them in the pack, or write to a file"));
        }
    }
    if path.exists() {
        let there = open_file(path, false)?;
        check(&there, job, "main")?;
        if std::fs::metadata(path).is_ok_and(|meta| meta.permissions().readonly()) {
            return Err(DataError::machine("the file may only be read"));
        }
    } else {
        let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(
                DataError::input(format!("there is no folder `{}`", folder.display())).help("make the folder first")
            );
        }
    }
    // Without a name it is a file of its own, which nobody else sees.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let staging = Connection::open_with_flags("", flags).map_err(|e| said(&e))?;
    // What waits need not survive anything.
    staging
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE")
        .map_err(|e| said(&e))?;
    let places: Vec<String> = (1..=job.columns.len() + 1).map(|i| format!("?{i}")).collect();
    let waiting = Job { table: TableName { schema: None, name: WAITING.to_owned() }, ..job.clone() };
    staging.execute_batch(&waiting.create("", word)).map_err(|e| said(&e))?;
    staging.execute_batch("BEGIN").map_err(|e| said(&e))?;
    let insert = format!("INSERT INTO {WAITING} VALUES ({})", places.join(", "));
    Ok(Moving { staging, path: path.to_owned(), job: job.clone(), insert })
}

/// Whether there is such a table; an error if it cannot take the rows.
fn check(connection: &Connection, job: &Job, schema: &str) -> Result<bool, DataError> {
    let name = &job.table.name;
    let kind: Option<String> = connection
        .prepare(&format!(
            "SELECT type FROM {schema}.sqlite_master WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')"
        ))
        .and_then(|mut statement| statement.query_map([name], |row| row.get(0))?.next().transpose())
        .map_err(|e| said(&e))?;
    match kind.as_deref() {
        None => Ok(false),
        Some("view") => Err(DataError::input(format!("`{name}` is a view, which takes no rows"))
            .help("write into a table, with `table=NAME` in the address")),
        Some(_) => {
            let there =
                if schema == "main" { columns_of(connection, name) } else { columns_in(connection, name, schema) };
            job.check(&there.map_err(|e| said(&e))?, same_name, fits, word)?;
            Ok(true)
        }
    }
}

fn columns_in(connection: &Connection, table: &str, schema: &str) -> Result<Vec<super::Column>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT name, type FROM pragma_table_xinfo(?1, ?2) WHERE hidden <> 1")?;
    statement
        .query_map([table, schema], |row| {
            Ok(super::Column { name: row.get(0)?, declared: row.get(1)?, family: super::Family::Any })
        })?
        .collect()
}

impl Moving {
    fn move_rows(&self) -> Result<(), rusqlite::Error> {
        let (table, names) = (quote(&self.job.table.name), self.job.names());
        self.staging.execute(&format!("DELETE FROM {TARGET}.{table} WHERE {} = ?1", quote(RUN)), [&self.job.run])?;
        self.staging.execute_batch(&format!("INSERT INTO {TARGET}.{table} ({names}) SELECT {names} FROM {WAITING}"))
    }
}

impl Writer for Moving {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        let columns = batch.columns().iter().map(Cells::new).collect::<Result<Vec<_>, _>>()?;
        let mut insert = self.staging.prepare_cached(&self.insert).map_err(|e| said(&e))?;
        for row in 0..batch.num_rows() {
            insert.raw_bind_parameter(1, &self.job.run).map_err(|e| said(&e))?;
            for (i, column) in columns.iter().enumerate() {
                insert.raw_bind_parameter(i + 2, column.value(row)).map_err(|e| said(&e))?;
            }
            insert.raw_execute().map_err(|e| said(&e))?;
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<(), DataError> {
        self.staging.execute_batch(&format!("DELETE FROM {WAITING}")).map_err(|e| said(&e))
    }

    fn finish(self: Box<Self>) -> Result<(), DataError> {
        let new = !self.path.exists();
        let work = || -> Result<(), DataError> {
            self.staging.execute_batch("COMMIT").map_err(|e| said(&e))?;
            let path = self.path.to_string_lossy();
            // A busy file is waited for, as in reading.
            self.staging.busy_timeout(std::time::Duration::from_secs(60)).map_err(|e| said(&e))?;
            self.staging.execute("ATTACH DATABASE ?1 AS target", [path.as_ref()]).map_err(|e| said(&e))?;
            self.staging.execute_batch("BEGIN IMMEDIATE").map_err(|e| said(&e))?;
            let there = check(&self.staging, &self.job, TARGET)?;
            if !there {
                self.staging.execute_batch(&self.job.create(&format!("{TARGET}."), word)).map_err(|e| said(&e))?;
            }
            self.move_rows().map_err(|e| said(&e))?;
            if let (false, Some((key, _))) = (there, self.job.columns.first()) {
                // Built at once, and in the order of the index, it is much faster than row by row.
                let table = &self.job.table.name;
                let index = format!(
                    "CREATE UNIQUE INDEX IF NOT EXISTS {TARGET}.{} ON {} ({}, {})",
                    quote(&format!("{table}_run_key")),
                    quote(table),
                    quote(RUN),
                    quote(key)
                );
                self.staging.execute_batch(&index).map_err(|e| said(&e))?;
            }
            self.staging.execute_batch("COMMIT").map_err(|e| said(&e))
        };
        let done = work();
        if done.is_err() {
            // The transaction may have ended by itself.
            let _ = self.staging.execute_batch("ROLLBACK");
            if new {
                let _ = self.staging.execute_batch("DETACH DATABASE target");
                let _ = std::fs::remove_file(&self.path);
            }
        }
        done
    }

    fn give_up(self: Box<Self>) {}
}

/// A column of decisions, ready to be read by row.
enum Cells {
    Number(arrow::array::Float64Array),
    Whole(arrow::array::Int64Array),
    Day(arrow::array::Date32Array),
    Bool(arrow::array::BooleanArray),
    Text(arrow::array::StringArray),
    Dictionary(arrow::array::Int32Array, arrow::array::StringArray),
}

impl Cells {
    fn new(array: &ArrayRef) -> Result<Cells, DataError> {
        Ok(match array.data_type() {
            DataType::Float64 => Cells::Number(array.as_primitive::<Float64Type>().clone()),
            DataType::Date32 => Cells::Day(array.as_primitive::<Date32Type>().clone()),
            DataType::Boolean => Cells::Bool(array.as_boolean().clone()),
            DataType::Dictionary(key, value) if **key == DataType::Int32 && **value == DataType::Utf8 => {
                let dictionary = array.as_dictionary::<arrow::datatypes::Int32Type>();
                Cells::Dictionary(dictionary.keys().clone(), dictionary.values().as_string::<i32>().clone())
            }
            ty if ty.is_integer() => Cells::Whole(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone()),
            _ => Cells::Text(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
        })
    }

    fn value(&self, row: usize) -> ToSqlOutput<'_> {
        use rusqlite::types::{Value, ValueRef};
        let text = |text| ToSqlOutput::Borrowed(ValueRef::Text(str::as_bytes(text)));
        match self {
            Cells::Number(a) if a.is_valid(row) => ToSqlOutput::Owned(Value::Real(a.value(row))),
            Cells::Whole(a) if a.is_valid(row) => ToSqlOutput::Owned(Value::Integer(a.value(row))),
            Cells::Bool(a) if a.is_valid(row) => ToSqlOutput::Owned(Value::Integer(i64::from(a.value(row)))),
            Cells::Day(a) if a.is_valid(row) => match Date::from_days(i64::from(a.value(row))) {
                Some(day) => ToSqlOutput::Owned(Value::Text(day.to_string())),
                None => ToSqlOutput::Owned(Value::Null),
            },
            Cells::Text(a) if a.is_valid(row) => text(a.value(row)),
            Cells::Dictionary(keys, values) if keys.is_valid(row) => {
                match usize::try_from(keys.value(row)).ok().filter(|place| values.is_valid(*place)) {
                    Some(place) => text(values.value(place)),
                    None => ToSqlOutput::Owned(Value::Null),
                }
            }
            _ => ToSqlOutput::Owned(Value::Null),
        }
    }
}
