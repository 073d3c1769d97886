//! PostgreSQL: connecting through the pool of the table providers (which knows TLS), reading by COPY in its binary form.
//!
//! The scan of the table providers is not used: it turns points in time beyond 2262 into 1970, stops at a `numeric` with more than
//! 28 digits, and knows neither `jsonb` nor domains.

use std::collections::HashMap;
use std::env;
use std::error::Error as _;
use std::sync::mpsc::SyncSender;

use datafusion_table_providers::postgres::pool::{Error as PoolError, PostgresConnectionPool};
use futures::StreamExt;
use secrecy::SecretString;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::super::careful::Chunk;
use super::super::error::DataError;
use super::address::{Address, Postgres, TableName};
use super::binary::Rows;
use super::moment::Moment;
use super::password::{Asking, find};
use super::sql::Query;
use super::{Column, Family, hand_on, no_table};

/// What every connection is told first: two scans of an unchanged table give its rows in the same order, and a point in time has
/// the day it has in UTC.
const SESSION: &str = "SET synchronize_seqscans = off; SET max_parallel_workers_per_gather = 0; \
                       SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601'; SET extra_float_digits = 1";

/// A connection. Its work is done by the runtime it was made in.
pub(super) type Connection = datafusion_table_providers::postgres::conn::PostgresPooledConnection;

/// A runtime for one connection, on this thread.
pub(super) fn runtime() -> Result<Runtime, DataError> {
    Builder::new_current_thread().enable_all().build().map_err(|e| DataError::io("starting a connection", &e))
}

/// Does something on a thread that has no runtime yet.
fn apart<T: Send>(work: impl FnOnce(&Runtime) -> Result<T, DataError> + Send) -> Result<T, DataError> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| work(&runtime()?));
        thread.join().unwrap_or_else(|_| Err(DataError::internal("a connection ended early")))
    })
}

/// Connects. What should be said goes to `notices`.
pub(super) async fn connect(server: &Postgres, notices: &mut Vec<String>) -> Result<Connection, DataError> {
    let variable = |name: &str| env::var(name).ok().filter(|t| !t.is_empty());
    let host = server.host.clone().or_else(|| variable("PGHOST")).unwrap_or_else(|| "localhost".to_owned());
    let port = match (server.port, variable("PGPORT")) {
        (Some(port), _) => port,
        (None, Some(text)) => text.parse().map_err(|_| DataError::input(format!("`PGPORT={text}` is no port")))?,
        (None, None) => 5432,
    };
    let user = server.user.clone().or_else(|| variable("PGUSER")).or_else(|| variable("USER")).ok_or_else(|| {
        DataError::input("it is not said who asks the database")
            .help("write `postgres://USER@HOST/DATABASE`, or set `PGUSER`")
    })?;
    let database = server.database.clone().or_else(|| variable("PGDATABASE")).unwrap_or_else(|| user.clone());
    let ssl = server
        .ssl_mode
        .clone()
        .or_else(|| variable("PGSSLMODE").map(|mode| if mode == "allow" { "prefer".into() } else { mode }))
        .unwrap_or_else(|| "prefer".to_owned());
    let password = find(&server.password, &Asking { host: &host, port, database: &database, user: &user }, notices)?;
    let mut params: HashMap<String, SecretString> = HashMap::new();
    let mut set = |name: &str, value: String| params.insert(name.to_owned(), SecretString::from(value));
    // These three become a line of `name=value`.
    set("host", in_line(&host));
    set("user", in_line(&user));
    set("db", in_line(&database));
    set("port", port.to_string());
    // A socket of this machine is not encrypted, and finding out costs time.
    set("sslmode", if host.starts_with('/') && ssl == "prefer" { "disable".to_owned() } else { ssl });
    set("application_name", "regain".to_owned());
    set("connection_pool_size", "1".to_owned());
    if let Some(path) = &server.ssl_root {
        set("sslrootcert", path.clone());
    }
    if let Some(password) = password {
        params.insert("pass".to_owned(), password);
    }
    let place = if host.starts_with('/') { format!("{host} (port {port})") } else { format!("{host}:{port}") };
    let pool = PostgresConnectionPool::new(params).await.map_err(|e| refused(&e, &place, &user))?;
    let connection = pool.connect_direct().await.map_err(|e| refused(&e, &place, &user))?.conn;
    connection.batch_execute(SESSION).await.map_err(|e| said(&e))?;
    Ok(connection)
}

/// Connects, to see what there was at a moment.
async fn connect_at(server: &Postgres, moment: Option<&Moment>) -> Result<Connection, DataError> {
    let client = connect(server, &mut Vec::new()).await?;
    if let Some(moment) = moment {
        client.batch_execute(&moment.join()).await.map_err(|e| said(&e))?;
    }
    Ok(client)
}

/// A value in a line of `name=value`.
fn in_line(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn refused(error: &PoolError, place: &str, user: &str) -> DataError {
    let source = match error {
        PoolError::InvalidUsernameOrPassword { .. } => {
            return DataError::input(format!(
                "the server at {place} does not let `{user}` in: the password or the name is wrong"
            ))
            .help(
                "give the password in `PGPASSWORD`, in `~/.pgpass`, with `password_env=NAME` or `password_file=PATH`",
            );
        }
        PoolError::InvalidHostOrPortError { .. } => {
            return DataError::machine(format!("no server answers at {place}"))
                .help("is it running, and is the port right?");
        }
        PoolError::InvalidRootCertPathError { path } => {
            return DataError::input(format!("`sslrootcert={path}` is no file"));
        }
        PoolError::ConnectionPoolError { source } | PoolError::PostgresConnectionError { source } => source,
        other => {
            let text = other.source().map_or_else(|| other.to_string(), ToString::to_string);
            return DataError::machine(format!("the server at {place} cannot be used: {}", text.to_lowercase()));
        }
    };
    if source.as_db_error().is_none() && source.source().is_some_and(|e| e.is::<std::io::Error>()) {
        return DataError::machine(format!("no server answers at {place}"))
            .help("is it running, and is the port right?");
    }
    let error = said(source);
    let asks = error.message.contains("password");
    let error = error.doing(format!("the server at {place}"));
    if asks {
        error
            .help("give the password in `PGPASSWORD`, in `~/.pgpass`, with `password_env=NAME` or `password_file=PATH`")
    } else {
        error
    }
}

/// The encrypted connection was refused by us. The library's words end with the reason in brackets.
fn not_trusted(reason: &str) -> DataError {
    let why = reason.rsplit_once('(').and_then(|(_, why)| why.strip_suffix(')'));
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    DataError::input(format!("the certificate of the server is not trusted{why}"))
        .help("name the certificate that vouches for it with `sslrootcert=FILE`")
        .help("`sslmode=require` encrypts without asking who the server is")
}

/// An error in plain words: the server's own.
pub(super) fn said(error: &tokio_postgres::Error) -> DataError {
    let Some(answer) = error.as_db_error() else {
        let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        if reason.contains("certificate verify failed") {
            return not_trusted(&reason);
        }
        return DataError::machine(if error.is_closed() {
            "the server closed the connection".to_owned()
        } else {
            reason
        });
    };
    let text = match *answer.code() {
        SqlState::LOCK_NOT_AVAILABLE => "another run is writing to the table and does not end".to_owned(),
        _ => answer.message().to_owned(),
    };
    let mut out = match *answer.code() {
        SqlState::DISK_FULL | SqlState::OUT_OF_MEMORY | SqlState::ADMIN_SHUTDOWN => DataError::machine(text),
        _ => DataError::input(text),
    };
    for more in [answer.detail(), answer.hint()].into_iter().flatten() {
        out = out.help(more);
    }
    out
}

/// The columns of a table or view.
pub(super) fn columns(
    server: &Postgres,
    address: &Address,
    notices: &mut Vec<String>,
) -> Result<Vec<Column>, DataError> {
    let table = address.table()?;
    apart(|runtime| {
        runtime.block_on(async {
            let client = connect(server, notices).await.map_err(|e| e.doing(format!("`{address}`")))?;
            let doing = |e: tokio_postgres::Error| said(&e).doing(format!("reading `{address}`"));
            match columns_of(&client, table).await.map_err(doing)? {
                Some(columns) => Ok(columns),
                None => Err(no_table(address, &tables(&client).await.map_err(doing)?)),
            }
        })
    })
}

/// Tables and views, as they would be written in an address.
async fn tables(client: &Client) -> Result<Vec<String>, tokio_postgres::Error> {
    let sql = "SELECT n.nspname::text, c.relname::text, pg_table_is_visible(c.oid) \
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' \
               ORDER BY 1, 2";
    let list = client.query(sql, &[]).await?;
    Ok(list
        .iter()
        .map(|row| {
            let (schema, name, visible): (String, String, bool) = (row.get(0), row.get(1), row.get(2));
            if visible { name } else { format!("{schema}.{name}") }
        })
        .collect())
}

/// The columns of a table; `None` if there is no such table. A domain is what is under it.
pub(super) async fn columns_of(
    client: &Client,
    table: &TableName,
) -> Result<Option<Vec<Column>>, tokio_postgres::Error> {
    let found = client
        .query_opt(
            "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname::text = $1 \
             AND CASE WHEN $2::text IS NULL THEN pg_table_is_visible(c.oid) ELSE n.nspname::text = $2 END",
            &[&table.name, &table.schema],
        )
        .await?;
    let Some(found) = found else { return Ok(None) };
    let oid: u32 = found.get(0);
    let sql = "SELECT a.attname::text, format_type(b.oid, CASE WHEN b.oid = a.atttypid THEN a.atttypmod ELSE -1 END), \
                      b.typname::text, b.typcategory::text \
               FROM pg_attribute a JOIN LATERAL ( \
                   WITH RECURSIVE base AS ( \
                       SELECT t.oid, t.typbasetype, t.typname, t.typcategory FROM pg_type t WHERE t.oid = a.atttypid \
                       UNION ALL \
                       SELECT t.oid, t.typbasetype, t.typname, t.typcategory FROM base JOIN pg_type t ON t.oid = base.typbasetype) \
                   SELECT * FROM base WHERE typbasetype = 0) b ON true \
               WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
    let list = client.query(sql, &[&oid]).await?;
    Ok(Some(
        list.iter()
            .map(|row| {
                let (name, declared): (String, String) = (row.get(0), row.get(1));
                let (ty, category): (String, String) = (row.get(2), row.get(3));
                Column { name, declared, family: family(&ty, &category) }
            })
            .collect(),
    ))
}

/// What a type holds, by its name and category.
fn family(name: &str, category: &str) -> Family {
    match (name, category) {
        ("int2" | "int4" | "int8" | "oid", _) => Family::Int,
        ("float8", _) => Family::Float,
        ("float4" | "numeric", _) => Family::Decimal,
        ("bool", _) => Family::Bool,
        ("date", _) => Family::Date,
        ("timestamp" | "timestamptz", _) => Family::Stamp,
        ("bytea", _) | (_, "V") => Family::Bytes,
        ("time" | "timetz", _) | (_, "T") => Family::Time,
        (_, "A") => Family::List,
        (_, "C" | "R" | "G") => Family::Nested,
        // Texts, enumerations, UUID, JSON, addresses of machines, and whatever an extension brings: as it is shown.
        _ => Family::Text,
    }
}

/// The single number a query gives.
pub(super) fn count(server: &Postgres, moment: Option<&Moment>, sql: &str) -> Result<u64, DataError> {
    apart(|runtime| {
        runtime.block_on(async {
            let client = connect_at(server, moment).await?;
            let row = client.query_one(sql, &[]).await.map_err(|e| said(&e))?;
            Ok(row.get::<_, i64>(0).unsigned_abs())
        })
    })
}

/// Runs a query and hands on its rows.
pub(super) fn read(
    server: &Postgres,
    moment: Option<&Moment>,
    query: &Query,
    rows: usize,
    sender: &SyncSender<Result<Chunk, DataError>>,
) -> Result<(), DataError> {
    runtime()?.block_on(async {
        let client = connect_at(server, moment).await?;
        let sql = format!("COPY ({}) TO STDOUT (FORMAT binary)", query.sql);
        let stream = client.copy_out(&sql).await.map_err(|e| said(&e))?;
        let mut stream = std::pin::pin!(stream);
        let mut found = Rows::new(&query.columns);
        while let Some(message) = stream.next().await {
            found.see(&message.map_err(|e| said(&e))?)?;
            if found.waiting() >= rows && !hand_on(sender, found.take()) {
                return Ok(());
            }
        }
        hand_on(sender, found.take());
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_certificate_that_is_not_trusted_is_said_in_plain_words() {
        let error =
            not_trusted("error:0A000086:SSL routines::certificate verify failed:x.c:1 (self-signed certificate)");
        assert_eq!(error.message, "the certificate of the server is not trusted: self-signed certificate");
        assert_eq!(error.help.len(), 2);
        assert_eq!(not_trusted("certificate verify failed").message, "the certificate of the server is not trusted");
    }
}
