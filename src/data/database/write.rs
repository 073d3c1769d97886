//! Decisions into a database: everything or nothing, under the id of the run.
//!
//! A thread of its own has the connection. All of a run is one transaction: the rows of an earlier run of the same id go, the new
//! ones come, and [`DatabaseSink::finish`] makes it so. Before that nobody sees a row, and whatever ends the run, be it `kill -9`,
//! leaves the database as it was.

use std::fmt::Write as _;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};

use super::super::error::DataError;
use super::super::sink::{Sink, Written};
use super::address::{Address, Server, TableName, quote};
use super::{Column, postgres_write, sqlite_write};
use crate::expr::Date;
use crate::pack::Pack;

/// The column that holds the id of the run.
pub(super) const RUN: &str = "run";
/// So many batches wait for the thread that writes.
const AHEAD: usize = 2;
/// So many letters of a pack's hash tell its versions apart.
const HASH: usize = 8;

/// The id of a run if none is given: the same pack, as of the same day.
#[must_use]
pub fn default_run_id(pack: &Pack, as_of: Date) -> String {
    let hash: String = pack.identity.hash.chars().take(HASH).collect();
    format!("{}-{as_of}-{hash}", pack.identity.name)
}

/// What a column of decisions holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Number,
    Whole,
    Text,
    Bool,
    Day,
}

impl Holds {
    fn of(ty: &DataType) -> Holds {
        match ty {
            DataType::Boolean => Holds::Bool,
            DataType::Date32 => Holds::Day,
            ty if ty.is_integer() => Holds::Whole,
            ty if ty.is_numeric() => Holds::Number,
            _ => Holds::Text,
        }
    }
}

/// What is written, and where.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub address: Address,
    pub table: TableName,
    /// The key first; without the run.
    pub columns: Vec<(String, Holds)>,
    pub run: String,
}

impl Job {
    /// All columns, the run first.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, Holds)> {
        std::iter::once((RUN, Holds::Text)).chain(self.columns.iter().map(|(name, holds)| (name.as_str(), *holds)))
    }

    /// Their names, as SQL wants them.
    pub(super) fn names(&self) -> String {
        self.all().map(|(name, _)| quote(name)).collect::<Vec<_>>().join(", ")
    }

    /// The statement that makes the table; `prefix` goes before its name.
    pub(super) fn create(&self, prefix: &str, word: fn(Holds) -> &'static str) -> String {
        let mut sql = format!("CREATE TABLE {prefix}{} (", self.table.quoted());
        for (i, (name, holds)) in self.all().enumerate() {
            // Writing to memory does not fail. The run and the key say which row it is.
            let _ = write!(
                sql,
                "{}{} {}{}",
                if i > 0 { ", " } else { "" },
                quote(name),
                word(holds),
                if i < 2 { " NOT NULL" } else { "" }
            );
        }
        sql.push(')');
        sql
    }

    /// Whether a table that is there can take the rows.
    pub(super) fn check(
        &self,
        there: &[Column],
        same: fn(&str, &str) -> bool,
        fits: fn(Holds, &str) -> bool,
        word: fn(Holds) -> &'static str,
    ) -> Result<(), DataError> {
        let find = |name: &str| there.iter().find(|c| same(&c.name, name));
        let lacking: Vec<_> = self.all().filter(|(name, _)| find(name).is_none()).collect();
        let elsewhere = "or write into another table, with `table=NAME` in the address; it is made if it is not there";
        if !lacking.is_empty() {
            let names: Vec<String> = lacking.iter().map(|(name, _)| format!("`{name}`")).collect();
            let what = if lacking.len() == 1 { "column" } else { "columns" };
            let mut add = "add what it lacks".to_owned();
            for (name, holds) in &lacking {
                let _ = write!(
                    add,
                    "\n    ALTER TABLE {} ADD COLUMN {} {};",
                    self.table.quoted(),
                    quote(name),
                    word(*holds)
                );
            }
            return Err(DataError::input(format!("the table `{}` lacks the {what} {}", self.table, names.join(", ")))
                .help(add)
                .help(elsewhere));
        }
        let other: Vec<String> = self
            .all()
            .filter_map(|(name, holds)| Some((name, holds, find(name)?)))
            .filter(|(_, holds, column)| !fits(*holds, &column.declared))
            .map(|(name, holds, column)| format!("`{name}` is {}, not {}", column.declared, word(holds)))
            .collect();
        if other.is_empty() {
            return Ok(());
        }
        Err(DataError::input(format!("the table `{}` cannot take the decisions: {}", self.table, other.join("; ")))
            .help("write into another table, with `table=NAME` in the address; it is made if it is not there"))
    }
}

/// The other end: writes within one transaction.
pub(super) trait Writer {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError>;
    fn restart(&mut self) -> Result<(), DataError>;
    fn finish(self: Box<Self>) -> Result<(), DataError>;
    /// The run is given up.
    fn give_up(self: Box<Self>);
}

enum Message {
    Batch(RecordBatch),
    Restart,
    Finish,
}

/// Writes decisions into a table of a database. Dropped without [`DatabaseSink::finish`] it leaves nothing behind.
pub struct DatabaseSink {
    job: Job,
    sender: Option<SyncSender<Message>>,
    /// That it is open, then why it ended.
    answers: Receiver<Result<(), DataError>>,
    thread: Option<JoinHandle<()>>,
    rows: u64,
}

impl std::fmt::Debug for DatabaseSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseSink").field("job", &self.job).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl DatabaseSink {
    /// Connects and sees whether the table can take the decisions. `schema` is that of the batches to come, the key first;
    /// what should be said goes to `notices`. An address without a table means `decisions`.
    ///
    /// # Errors
    /// The database cannot be reached, another run is writing, the table is there and lacks columns, the id is empty.
    pub fn create(
        address: &Address,
        schema: &SchemaRef,
        run: &str,
        notices: &mut Vec<String>,
    ) -> Result<Self, DataError> {
        if run.trim().is_empty() || run.chars().any(char::is_control) {
            return Err(DataError::input("the id of a run is a short text").help("for example `--run-id 2026-06-30`"));
        }
        let address = address.clone().with_table("decisions");
        let columns: Vec<(String, Holds)> =
            schema.fields().iter().map(|f| (f.name().clone(), Holds::of(f.data_type()))).collect();
        if let Some((name, _)) = columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(RUN)) {
            return Err(DataError::input(format!(
                "the decisions have a column `{name}`, and so has the table of their runs"
            ))
            .help("give the key or column another name in the pack (`from` takes the old one)"));
        }
        let job = Job { table: address.table()?.clone(), address, columns, run: run.to_owned() };
        let (sender, messages) = sync_channel(AHEAD);
        let (answer, answers) = sync_channel(2);
        let there = job.clone();
        let (say, said) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("database".to_owned())
            .spawn(move || {
                let mut notices = Vec::new();
                let opened: Result<Box<dyn Writer>, DataError> = match &there.address.server {
                    Server::Sqlite(path) => sqlite_write::open(path, &there).map(|w| Box::new(w) as _),
                    Server::Postgres(server) => {
                        postgres_write::open(server, &there, &mut notices).map(|w| Box::new(w) as _)
                    }
                };
                let _ = say.send(notices);
                let done = opened.and_then(|writer| {
                    // If nobody listens the messages have ended, too.
                    let _ = answer.send(Ok(()));
                    work(writer, &messages)
                });
                let _ = answer.send(done.map_err(|e| e.doing(format!("writing to `{}`", there.address))));
            })
            .map_err(|e| DataError::io("starting a thread", &e))?;
        let sink = Self { job, sender: Some(sender), answers, thread: Some(thread), rows: 0 };
        notices.extend(said.recv().unwrap_or_default());
        sink.answer()?;
        Ok(sink)
    }

    /// Where it writes, as it is shown.
    #[must_use]
    pub fn shown(&self) -> String {
        self.job.address.to_string()
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Makes it so.
    ///
    /// # Errors
    /// The database could not; then nothing has changed.
    pub fn finish(self) -> Result<Written, DataError> {
        self.send(Message::Finish)?;
        self.answer()?;
        Ok(Written { rows: self.rows, bytes: 0 })
    }

    fn answer(&self) -> Result<(), DataError> {
        self.answers
            .recv()
            .unwrap_or_else(|_| Err(DataError::internal("the thread that writes to a database ended early")))
    }

    fn send(&self, message: Message) -> Result<(), DataError> {
        let sent = self.sender.as_ref().is_some_and(|sender| sender.send(message).is_ok());
        // Who no longer listens has said why.
        if sent { Ok(()) } else { self.answer().and(Err(DataError::internal("the output is already closed"))) }
    }
}

/// Until the end, or until nobody sends.
fn work(mut writer: Box<dyn Writer>, messages: &Receiver<Message>) -> Result<(), DataError> {
    loop {
        let done = match messages.recv() {
            Ok(Message::Batch(batch)) => writer.write(&batch),
            Ok(Message::Restart) => writer.restart(),
            Ok(Message::Finish) => return writer.finish(),
            Err(_) => {
                writer.give_up();
                return Ok(());
            }
        };
        if let Err(error) = done {
            writer.give_up();
            return Err(error);
        }
    }
}

impl Sink for DatabaseSink {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        let schema = batch.schema();
        let same = schema.fields().len() == self.job.columns.len()
            && schema
                .fields()
                .iter()
                .zip(&self.job.columns)
                .all(|(field, (name, holds))| field.name() == name && Holds::of(field.data_type()) == *holds);
        if !same {
            return Err(DataError::internal("the decisions have other columns than the table that was made for them"));
        }
        self.rows += batch.num_rows() as u64;
        self.send(Message::Batch(batch.clone()))
    }

    fn restart(&mut self) -> Result<(), DataError> {
        self.rows = 0;
        self.send(Message::Restart)
    }
}

/// The thread is waited for: when the sink has gone, so has what it began.
impl Drop for DatabaseSink {
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(thread) = self.thread.take() {
            // A thread that ended early has left its transaction to the database, which undoes it.
            let _ = thread.join();
        }
    }
}
