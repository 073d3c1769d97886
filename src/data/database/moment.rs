//! All tables of one PostgreSQL database as of one moment, however often and from however many connections they are read.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel, sync_channel};

use super::super::error::DataError;
use super::super::scan::Input;
use super::super::source::DataFile;
use super::Table;
use super::address::{Postgres, Server, literal};
use super::postgres::{connect, runtime, said};

/// A moment that lasts until it is dropped.
#[derive(Debug)]
pub(crate) struct Moment {
    id: String,
    /// A thread of its own keeps the transaction open; it ends with this.
    _open: Sender<()>,
}

impl Moment {
    fn now(server: &Postgres) -> Result<Moment, DataError> {
        let (say, said_id) = sync_channel(1);
        let (open, until) = channel();
        let server = server.clone();
        std::thread::Builder::new()
            .name("database".to_owned())
            .spawn(move || {
                let begun = runtime().and_then(|runtime| {
                    let (client, id) = runtime.block_on(async {
                        let client = connect(&server, &mut Vec::new()).await?;
                        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
                                     SET LOCAL idle_in_transaction_session_timeout = 0";
                        client.batch_execute(begin).await.map_err(|e| said(&e))?;
                        let row = client.query_one("SELECT pg_export_snapshot()", &[]).await.map_err(|e| said(&e))?;
                        Ok::<_, DataError>((client, row.get::<_, String>(0)))
                    })?;
                    Ok((runtime, client, id))
                });
                match begun {
                    Ok((runtime, client, id)) => {
                        let _ = say.send(Ok(id));
                        // Nothing is ever sent: the other end is dropped.
                        let _ = until.recv();
                        // The connection needs its runtime to close.
                        let _inside = runtime.enter();
                        drop(client);
                    }
                    Err(error) => {
                        let _ = say.send(Err(error));
                    }
                }
            })
            .map_err(|e| DataError::io("starting a thread", &e))?;
        let id = said_id.recv().unwrap_or_else(|_| Err(DataError::internal("a connection ended early")))?;
        Ok(Moment { id, _open: open })
    }

    /// What a connection is told so that it sees this moment.
    pub(super) fn join(&self) -> String {
        format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT {}", literal(&self.id))
    }
}

/// Binds all tables to one moment for each server. What cannot be bound (a server that allows none) is read as it is at the time.
pub(crate) fn at_one_moment<'a>(inputs: impl Iterator<Item = &'a mut Arc<Input>>) {
    let mut moments: HashMap<String, Option<Arc<Moment>>> = HashMap::new();
    for input in inputs {
        let servers = input.files.iter().filter_map(|(file, _)| file.database.as_ref());
        if !servers.into_iter().any(|table| matches!(table.address.server, Server::Postgres(_))) {
            continue;
        }
        let mut bound = Input::clone(input);
        for (file, _) in &mut bound.files {
            let Some(table) = &file.database else { continue };
            let Server::Postgres(server) = &table.address.server else { continue };
            let moment =
                moments.entry(format!("{server:?}")).or_insert_with(|| Moment::now(server).ok().map(Arc::new)).clone();
            let table = Table { moment, ..Table::clone(table) };
            let mut same = DataFile::clone(file);
            same.database = Some(Arc::new(table));
            *file = Arc::new(same);
        }
        *input = Arc::new(bound);
    }
}
