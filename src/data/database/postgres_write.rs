//! Decisions into PostgreSQL: one transaction, filled by COPY in its binary form.

use std::io::Cursor;
use std::pin::Pin;

use arrow::array::RecordBatch;
use futures::SinkExt;
use tokio::runtime::Runtime;
use tokio_postgres::CopyInSink;

use super::super::error::DataError;
use super::address::{Postgres, literal, quote};
use super::binary::{end, start, write_rows};
use super::postgres::{Connection, columns_of, connect, runtime, said};
use super::write::{Holds, Job, RUN, Writer};

/// So many bytes of a name PostgreSQL keeps.
const NAME: usize = 63;
/// So long another run may write to the same table.
const PATIENCE: &str = "60s";
/// So many bytes go to the server at once.
const PIECE: usize = 1 << 17;

/// A COPY that runs.
type Copy = Pin<Box<CopyInSink<Cursor<Vec<u8>>>>>;

pub(super) struct Copying {
    runtime: Runtime,
    client: Connection,
    copy: Option<Copy>,
    job: Job,
    created: bool,
    rows: u64,
}

fn word(holds: Holds) -> &'static str {
    match holds {
        Holds::Number => "double precision",
        Holds::Whole => "bigint",
        Holds::Text => "text",
        Holds::Bool => "boolean",
        Holds::Day => "date",
    }
}

/// The binary form must be that of the column's type.
fn fits(holds: Holds, declared: &str) -> bool {
    declared == word(holds) || (holds == Holds::Text && declared == "character varying")
}

pub(super) fn open(server: &Postgres, job: &Job, notices: &mut Vec<String>) -> Result<Copying, DataError> {
    if let Some((name, _)) = job.all().find(|(name, _)| name.len() > NAME) {
        return Err(DataError::input(format!("the column name `{name}` is too long for PostgreSQL"))
            .help(format!("it keeps {NAME} bytes of a name; shorten it in the pack, or write to a file")));
    }
    let runtime = runtime()?;
    let (client, created) = runtime.block_on(async {
        let client = connect(server, notices).await?;
        client.batch_execute("BEGIN").await.map_err(|e| said(&e))?;
        client.batch_execute(&format!("SET LOCAL lock_timeout = '{PATIENCE}'")).await.map_err(|e| said(&e))?;
        // Two runs that make the same table, or write the same rows, come one after the other.
        let lock =
            format!("SELECT pg_advisory_xact_lock(hashtext('regain'), hashtext({}))", literal(&job.table.quoted()));
        client.batch_execute(&lock).await.map_err(|e| said(&e))?;
        let created = match columns_of(&client, &job.table).await.map_err(|e| said(&e))? {
            Some(there) => {
                job.check(&there, |a, b| a == b, fits, word)?;
                false
            }
            None => {
                client.batch_execute(&job.create("", word)).await.map_err(|e| said(&e))?;
                true
            }
        };
        if !created {
            let sql = format!("DELETE FROM {} WHERE {} = $1", job.table.quoted(), quote(RUN));
            client.execute(&sql, &[&job.run]).await.map_err(|e| said(&e))?;
        }
        client.batch_execute("SAVEPOINT emptied").await.map_err(|e| said(&e))?;
        Ok::<_, DataError>((client, created))
    })?;
    let mut copying = Copying { runtime, client, copy: None, job: job.clone(), created, rows: 0 };
    copying.begin()?;
    Ok(copying)
}

impl Copying {
    fn begin(&mut self) -> Result<(), DataError> {
        let sql = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", self.job.table.quoted(), self.job.names());
        let copy = self.runtime.block_on(self.client.copy_in(&sql)).map_err(|e| said(&e))?;
        self.copy = Some(Box::pin(copy));
        self.rows = 0;
        let mut header = Vec::new();
        start(&mut header);
        self.send(header)
    }

    fn send(&mut self, bytes: Vec<u8>) -> Result<(), DataError> {
        let Some(copy) = &mut self.copy else { return Err(DataError::internal("the output is already closed")) };
        let sent = self.runtime.block_on(copy.feed(Cursor::new(bytes)));
        match sent {
            Ok(()) => Ok(()),
            // The server has given up; the end of the copy says why.
            Err(error) => Err(self.end_of_copy().err().unwrap_or_else(|| said(&error))),
        }
    }

    /// Ends the copy. Returns the rows the server took.
    fn end_of_copy(&mut self) -> Result<u64, DataError> {
        let Some(mut copy) = self.copy.take() else { return Err(DataError::internal("the output is already closed")) };
        self.runtime.block_on(copy.as_mut().finish()).map_err(|e| said(&e))
    }

    fn execute(&self, sql: &str) -> Result<(), DataError> {
        self.runtime.block_on(self.client.batch_execute(sql)).map_err(|e| said(&e))
    }
}

impl Writer for Copying {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        // Small pieces, so that the server works while we write the next.
        let rows = batch.num_rows();
        let mut from = 0;
        let mut step = 256.min(rows.max(1));
        while from < rows {
            let part = batch.slice(from, step.min(rows - from));
            let mut bytes = Vec::with_capacity(PIECE);
            write_rows(&part, &self.job.run, &mut bytes)?;
            step = (PIECE * part.num_rows() / bytes.len().max(1)).max(1);
            from += part.num_rows();
            self.send(bytes)?;
        }
        self.rows += rows as u64;
        Ok(())
    }

    fn restart(&mut self) -> Result<(), DataError> {
        // Dropped unfinished, a copy is broken off, and with it all since the savepoint.
        self.copy = None;
        self.execute("ROLLBACK TO SAVEPOINT emptied")?;
        self.begin()
    }

    fn finish(mut self: Box<Self>) -> Result<(), DataError> {
        let mut last = Vec::new();
        end(&mut last);
        self.send(last)?;
        let taken = self.end_of_copy()?;
        if taken != self.rows {
            let rows = self.rows;
            self.give_up();
            return Err(DataError::internal(format!("{rows} rows were sent and {taken} taken")));
        }
        if let (true, Some((key, _))) = (self.created, self.job.columns.first()) {
            // Built at once it is much faster than row by row.
            self.execute(&format!(
                "ALTER TABLE {} ADD PRIMARY KEY ({}, {})",
                self.job.table.quoted(),
                quote(RUN),
                quote(key)
            ))?;
        }
        self.execute("COMMIT")
    }

    fn give_up(mut self: Box<Self>) {
        self.copy = None;
        // If that fails the connection is gone, and the server undoes it by itself.
        let _ = self.execute("ROLLBACK");
    }
}
