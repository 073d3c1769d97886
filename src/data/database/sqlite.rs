//! SQLite: read row by row. Every value has a type of its own there, so columns are put together from what the rows say.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringBuilder};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::super::careful::Chunk;
use super::super::conform::{BadRow, Reason};
use super::super::error::DataError;
use super::address::Address;
use super::sql::{Decode, Query};
use super::{Column, Family, hand_on, no_table};

/// So long a database may be busy with others.
const PATIENCE: Duration = Duration::from_secs(60);

/// Opens a database; what is not there is not made if it is to be read.
pub(super) fn open(path: &Path, write: bool) -> Result<Connection, DataError> {
    let shown = path.display();
    if path.is_dir() {
        return Err(DataError::input(format!("`{shown}` is a folder, not a SQLite database")));
    }
    let flags = if write {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    } else {
        if let Err(e) = std::fs::metadata(path) {
            return Err(DataError::io(format!("opening `{shown}`"), &e));
        }
        OpenFlags::SQLITE_OPEN_READ_ONLY
    };
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(|e| {
        let error = said(&e).doing(format!("opening `{shown}`"));
        if write { error.help("the folder must be there and may be written to") } else { error }
    })?;
    connection.busy_timeout(PATIENCE).map_err(|e| said(&e))?;
    // Says whether it is a database at all.
    connection
        .query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))
        .map_err(|e| said(&e).doing(format!("opening `{shown}`")))?;
    Ok(connection)
}

/// An error in plain words.
pub(super) fn said(error: &rusqlite::Error) -> DataError {
    let text = match error {
        rusqlite::Error::SqliteFailure(failure, text) => match failure.code {
            ErrorCode::NotADatabase => return DataError::input("it is not a SQLite database"),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                return DataError::machine("another program is using the database and does not let go")
                    .help("try again when it is done");
            }
            ErrorCode::DiskFull => return DataError::machine("the disk is full"),
            ErrorCode::ReadOnly => return DataError::machine("the database may only be read"),
            ErrorCode::DatabaseCorrupt => return DataError::machine("the database is damaged"),
            _ => text.clone().unwrap_or_else(|| failure.to_string()),
        },
        other => other.to_string(),
    };
    DataError::machine(text.to_lowercase())
}

/// The columns of a table or view.
pub(super) fn columns(path: &Path, address: &Address) -> Result<Vec<Column>, DataError> {
    let wanted = &address.table()?.name;
    let connection = open(path, false)?;
    let doing = |e: rusqlite::Error| said(&e).doing(format!("reading `{address}`"));
    let existing = tables(&connection).map_err(doing)?;
    let name = existing.iter().find(|t| *t == wanted).or_else(|| existing.iter().find(|t| same_name(t, wanted)));
    match name {
        Some(name) => columns_of(&connection, name).map_err(doing),
        None => Err(no_table(address, &existing)),
    }
}

/// Names that are the same to SQLite.
pub(super) fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn tables(connection: &Connection) -> Result<Vec<String>, rusqlite::Error> {
    let sql = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// None if there is no such table.
pub(super) fn columns_of(connection: &Connection, table: &str) -> Result<Vec<Column>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT name, type FROM pragma_table_xinfo(?1) WHERE hidden <> 1")?;
    statement
        .query_map([table], |row| Ok(Column { name: row.get(0)?, declared: row.get(1)?, family: Family::Any }))?
        .collect()
}

/// The single number a query gives.
pub(super) fn count(path: &Path, sql: &str) -> Result<u64, DataError> {
    let count: i64 = open(path, false)?.query_row(sql, [], |row| row.get(0)).map_err(|e| said(&e))?;
    Ok(count.unsigned_abs())
}

/// A value, texts by their place in a buffer.
enum Cell {
    Missing,
    Int(i64),
    Real(f64),
    Text(std::ops::Range<usize>),
}

/// The values of one column, until a chunk is full.
#[derive(Default)]
struct Cells {
    list: Vec<Cell>,
    text: String,
}

impl Cells {
    fn push_text(&mut self, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.list.push(Cell::Text(start..self.text.len()));
    }

    fn take(&mut self, decode: Decode) -> ArrayRef {
        let cells = std::mem::take(&mut self.list);
        let texts = cells.iter().any(|c| matches!(c, Cell::Text(_)));
        let reals = cells.iter().any(|c| matches!(c, Cell::Real(_)));
        let array: ArrayRef = match decode {
            Decode::Number if !texts => Arc::new(Float64Array::from_iter(cells.iter().map(|cell| match cell {
                Cell::Int(x) => Some(*x as f64),
                Cell::Real(x) => Some(*x),
                Cell::Missing | Cell::Text(_) => None,
            }))),
            Decode::Truth if !texts && !reals => Arc::new(Int64Array::from_iter(cells.iter().map(|cell| match cell {
                Cell::Int(x) => Some(*x),
                _ => None,
            }))),
            _ => {
                let mut builder = StringBuilder::with_capacity(cells.len(), self.text.len());
                for cell in &cells {
                    // Writing to memory does not fail.
                    let _ = match cell {
                        Cell::Missing => {
                            builder.append_null();
                            continue;
                        }
                        Cell::Int(x) => write!(builder, "{x}"),
                        Cell::Real(x) => write!(builder, "{}", x + 0.0),
                        Cell::Text(place) => builder.write_str(self.text.get(place.clone()).unwrap_or_default()),
                    };
                    builder.append_value("");
                }
                Arc::new(builder.finish())
            }
        };
        self.text.clear();
        array
    }
}

/// Runs a query and hands on its rows.
pub(super) fn read(
    path: &Path,
    query: &Query,
    rows: usize,
    sender: &SyncSender<Result<Chunk, DataError>>,
) -> Result<(), DataError> {
    let connection = open(path, false)?;
    let mut statement = connection.prepare(&query.sql).map_err(|e| said(&e))?;
    let mut found = statement.query([]).map_err(|e| said(&e))?;
    let mut columns: Vec<Cells> = query.columns.iter().map(|_| Cells::default()).collect();
    let mut broken: Vec<BadRow> = Vec::new();
    let (mut row, mut first) = (0, 0u64);
    loop {
        let values = found.next().map_err(|e| said(&e))?;
        if let Some(values) = values {
            let mut place = 0;
            for (i, (cells, decode)) in columns.iter_mut().zip(&query.columns).enumerate() {
                if decode.is_none() {
                    continue;
                }
                let mut bad = |reason| {
                    if broken.last().is_none_or(|b| b.row as usize != row) {
                        broken.push(BadRow { row: row as u32, column: u16::try_from(i).ok(), reason });
                    }
                };
                match values.get_ref(place).map_err(|e| said(&e))? {
                    ValueRef::Null => cells.list.push(Cell::Missing),
                    ValueRef::Integer(x) => cells.list.push(Cell::Int(x)),
                    ValueRef::Real(x) => cells.list.push(Cell::Real(x)),
                    ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                        Ok("") => cells.list.push(Cell::Missing),
                        Ok(text) => cells.push_text(text),
                        Err(_) => {
                            bad(Reason::NotUtf8);
                            cells.push_text(&String::from_utf8_lossy(bytes));
                        }
                    },
                    ValueRef::Blob(bytes) => {
                        bad(Reason::RawBytes);
                        cells.push_text(&hex(bytes));
                    }
                }
                place += 1;
            }
            row += 1;
            if row < rows {
                continue;
            }
        }
        let arrays =
            columns.iter_mut().zip(&query.columns).map(|(cells, decode)| decode.map(|d| cells.take(d))).collect();
        let places = (1..=row as u64).map(|i| first + i).collect();
        let chunk = Chunk { columns: arrays, rows: row, broken: std::mem::take(&mut broken), places };
        first += row as u64;
        if !hand_on(sender, chunk) || row < rows {
            return Ok(());
        }
        row = 0;
    }
}

/// The start of raw bytes, as SQL writes them.
fn hex(bytes: &[u8]) -> String {
    let mut text = "x'".to_owned();
    for byte in bytes.iter().take(16) {
        // Writing to memory does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push_str(if bytes.len() > 16 { "…'" } else { "'" });
    text
}
