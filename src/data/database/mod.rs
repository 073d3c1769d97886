//! Tables in databases, to read from and to write to: SQLite files and PostgreSQL servers.
//!
//! A table that is given is a [`DataFile`] like any other, read in chunks on a thread of its own, a bounded number of rows ahead.
//! Only the columns the pack wants are asked for, and only the rows it may see: of events those up to the as-of date, of one
//! customer hers. What is wanted as a text comes as the database shows it; numbers, dates and truth come as such, so that how the
//! pack says its *files* are written does not matter to them.
//!
//! Decisions are written in one transaction under the id of their run ([`DatabaseSink`]).

mod address;
mod binary;
mod moment;
mod password;
mod postgres;
mod postgres_write;
mod sql;
mod sqlite;
mod sqlite_write;
mod write;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::object_store::ObjectMeta;
use datafusion::object_store::path::Path as StorePath;

use super::careful::Chunk;
use super::dialect::Dialect;
use super::error::DataError;
use super::scan::Input;
use super::source::{DataFile, Kind};
use super::table::{Layout, TableSpec};
use crate::diag::nearest;
use crate::expr::Date;
use crate::pack::Pack;

pub use address::Address;
pub use write::{DatabaseSink, default_run_id};

pub(crate) use address::Server;
pub(crate) use moment::at_one_moment;

/// So many chunks wait between the thread that reads and the one that decides.
const AHEAD: usize = 2;

/// A table in a database, its columns known.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// Where it is.
    pub address: Address,
    /// In order.
    pub columns: Vec<Column>,
    /// Which rows are read.
    pub filter: Filter,
    /// As of when (PostgreSQL); `None` as of when it is read.
    pub moment: Option<Arc<moment::Moment>>,
}

/// A column as the database declares it.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// Its name.
    pub name: String,
    /// The type, as it is declared.
    pub declared: String,
    /// What it holds.
    pub family: Family,
}

/// Kinds of types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Any of them in any row (SQLite).
    Any,
    Int,
    /// 64 bits, binary.
    Float,
    /// Numbers whose decimal digits count: numeric, and 4 bytes of float, which are shown as `0.1` and are not quite that.
    Decimal,
    Bool,
    Date,
    /// A point in time; its day is that of UTC if it has a zone.
    Stamp,
    Text,
    Bytes,
    /// Of day, or a duration.
    Time,
    List,
    Nested,
}

impl Family {
    /// How it is presented to whoever asks whether it fits.
    fn data_type(self) -> DataType {
        match self {
            Family::Any | Family::Text => DataType::Utf8,
            Family::Int => DataType::Int64,
            Family::Float | Family::Decimal => DataType::Float64,
            Family::Bool => DataType::Boolean,
            Family::Date => DataType::Date32,
            Family::Stamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Family::Bytes => DataType::Binary,
            Family::Time => DataType::Time64(TimeUnit::Microsecond),
            Family::List => DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))),
            Family::Nested => DataType::Struct(arrow::datatypes::Fields::empty()),
        }
    }
}

/// Which rows are read; others are not even sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Place of a column, and the last day that is read. Rows without a day are read, too.
    pub until: Option<(usize, Date)>,
    /// Place of the key, and the key.
    pub key: Option<(usize, String)>,
}

/// Opens a table: its columns are looked up.
///
/// # Errors
/// The database cannot be reached or read, or has no such table.
pub(crate) fn describe(address: &Address, notices: &mut Vec<String>) -> Result<DataFile, DataError> {
    let shown = address.to_string();
    let columns = match &address.server {
        Server::Sqlite(path) => sqlite::columns(path, address)?,
        Server::Postgres(server) => postgres::columns(server, address, notices)?,
    };
    let typed = columns.iter().all(|c| c.family != Family::Any);
    let fields: Vec<Field> = columns.iter().map(|c| Field::new(&c.name, c.family.data_type(), true)).collect();
    Ok(DataFile {
        path: PathBuf::new(),
        shown,
        kind: Kind::Table,
        compression: FileCompressionType::UNCOMPRESSED,
        header: columns.iter().map(|c| c.name.clone()).collect(),
        types: typed.then(|| Arc::new(Schema::new(fields))),
        small_dictionary: Vec::new(),
        dialect: Dialect::default(),
        sheet: None,
        first_row: None,
        findings: Vec::new(),
        rows: None,
        meta: ObjectMeta {
            location: StorePath::default(),
            last_modified: chrono::DateTime::UNIX_EPOCH,
            size: 0,
            e_tag: None,
            version: None,
        },
        database: Some(Arc::new(Table { address: address.clone(), columns, filter: Filter::default(), moment: None })),
    })
}

/// The same input, of whose tables in databases only the events up to a day are read. Rows that are not read are counted by
/// [`Table::unseen`].
pub(crate) fn up_to(input: Input, day: Date) -> Input {
    let Some(time) = input.spec.columns.iter().position(|c| c.required && !c.is_key()) else { return input };
    let dates = input.spec.columns.get(time).map(|c| c.written.dates.clone()).unwrap_or_default();
    narrowed(input, |table, layout| {
        let place = layout.columns.get(time).copied().flatten()?;
        let column = table.columns.get(place)?;
        sql::has_days(column, &dates).then(|| table.filter.until = Some((place, day)))
    })
}

/// The same input, of whose tables in databases only the rows of one key are read, where the database compares as we do.
pub(crate) fn only(input: &Arc<Input>, pack: &Pack, key: &str) -> Arc<Input> {
    // The database compares keys as they stand there.
    let exact = pack.record.normalise.is_none();
    if !exact || !input.files.iter().any(|(file, _)| file.database.is_some()) {
        return Arc::clone(input);
    }
    let input = Input::clone(input);
    Arc::new(narrowed(input, |table, layout| {
        let place = layout.columns.first().copied().flatten()?;
        let column = table.columns.get(place)?;
        sql::compares(column, key).then(|| table.filter.key = Some((place, key.to_owned())))
    }))
}

fn narrowed(mut input: Input, narrow: impl Fn(&mut Table, &Layout) -> Option<()>) -> Input {
    for (file, layout) in &mut input.files {
        let Some(table) = &file.database else { continue };
        let mut table = Table::clone(table);
        if narrow(&mut table, layout).is_some() {
            let mut narrower = DataFile::clone(file);
            narrower.database = Some(Arc::new(table));
            *file = Arc::new(narrower);
        }
    }
    input
}

impl Table {
    /// Reads it in chunks of at most `rows` rows.
    pub(crate) fn chunks(&self, spec: &TableSpec, layout: &Layout, rows: usize) -> Result<Chunks, DataError> {
        let query = sql::select(self, spec, layout)?;
        let (sender, receiver) = sync_channel(AHEAD);
        let (address, moment) = (self.address.clone(), self.moment.clone());
        let thread = std::thread::Builder::new()
            .name("database".to_owned())
            .spawn(move || {
                let read = match &address.server {
                    Server::Sqlite(path) => sqlite::read(path, &query, rows, &sender),
                    Server::Postgres(server) => postgres::read(server, moment.as_deref(), &query, rows, &sender),
                };
                if let Err(error) = read {
                    // Nobody may be listening any more.
                    let _ = sender.send(Err(error.doing(format!("reading `{address}`"))));
                }
            })
            .map_err(|e| DataError::io("starting a thread", &e))?;
        Ok(Chunks { receiver, thread: Some(thread) })
    }

    /// How many rows are later than the last day that is read.
    pub(crate) fn unseen(&self) -> Result<u64, DataError> {
        let Some(query) = sql::count_unseen(self) else { return Ok(0) };
        let counted = match &self.address.server {
            Server::Sqlite(path) => sqlite::count(path, &query),
            Server::Postgres(server) => postgres::count(server, self.moment.as_deref(), &query),
        };
        counted.map_err(|e| e.doing(format!("reading `{}`", self.address)))
    }

    /// What is asked, for tests.
    #[cfg(test)]
    pub(crate) fn question(&self, spec: &TableSpec, layout: &Layout) -> Result<String, DataError> {
        Ok(sql::select(self, spec, layout)?.sql)
    }
}

/// Chunks of a table, from the thread that reads it. Dropped, it stops the thread at its next chunk.
pub(crate) struct Chunks {
    receiver: Receiver<Result<Chunk, DataError>>,
    thread: Option<JoinHandle<()>>,
}

/// Takes chunks; `false` if nobody wants more.
fn hand_on(sender: &SyncSender<Result<Chunk, DataError>>, chunk: Chunk) -> bool {
    chunk.rows == 0 || sender.send(Ok(chunk)).is_ok()
}

impl Iterator for Chunks {
    type Item = Result<Chunk, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(chunk) = self.receiver.recv() {
            return Some(chunk);
        }
        let ended = self.thread.take()?.join();
        ended.err().map(|_| Err(DataError::internal("the thread that reads a database ended early")))
    }
}

/// A table that is not there: the nearest and the existing ones.
fn no_table(address: &Address, existing: &[String]) -> DataError {
    let wanted = address.table.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut error = DataError::input(format!("`{address}`: there is no table `{wanted}`"));
    if existing.is_empty() {
        return error.help("the database holds no table that can be read");
    }
    if let Some(near) = nearest(&wanted, existing.iter().map(String::as_str)) {
        error = error.help(format!("did you mean `{near}`?"));
    }
    let shown: Vec<String> = existing.iter().take(12).map(|name| format!("`{name}`")).collect();
    let more = if existing.len() > 12 { format!(" and {} more", existing.len() - 12) } else { String::new() };
    error.help(format!("it has {}{more}", shown.join(", ")))
}
