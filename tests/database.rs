//! Databases as sources and sinks. SQLite always; PostgreSQL if `REGAIN_TEST_POSTGRES` is the address of a server without a table
//! (`.ci/postgres start` prints one).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use regain::data::{
    Apply, Collected, DataError, DatabaseSink, DecisionSink, Format, MaxRejects, Options, Place, Run, RunCounts, Sink,
    Source, TableCounts, Target, default_run_id,
};
use regain::expr::Date;
use regain::pack::{Pack, load_from_texts};
use tempfile::TempDir;

const VARIABLE: &str = "REGAIN_TEST_POSTGRES";

/// A place for tables that goes away with the test.
enum Database {
    Sqlite(TempDir),
    Postgres(Box<Server>),
}

struct Server {
    runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
    schema: String,
}

impl Server {
    fn connect(address: &str) -> Server {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let schema = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let url = url::Url::parse(address).unwrap();
        let part = |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
        let mut config = tokio_postgres::Config::new();
        config.host(part("host").or(url.host_str().map(str::to_owned)).unwrap_or("localhost".into()));
        config.port(part("port").and_then(|p| p.parse().ok()).or(url.port()).unwrap_or(5432));
        config.user(part("user").unwrap_or(url.username().to_owned()));
        config.dbname(url.path().trim_start_matches('/'));
        if let Ok(password) = std::env::var("PGPASSWORD") {
            config.password(password);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (client, connection) = runtime.block_on(config.connect(tokio_postgres::NoTls)).expect(VARIABLE);
        runtime.spawn(connection);
        runtime.block_on(client.batch_execute(&format!("CREATE SCHEMA {schema}"))).unwrap();
        Server { runtime, client, schema }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.runtime.block_on(self.client.batch_execute(&format!("DROP SCHEMA {} CASCADE", self.schema)));
    }
}

/// Those that can be had.
fn databases() -> Vec<Database> {
    let mut list = vec![Database::Sqlite(tempfile::tempdir().unwrap())];
    list.extend(postgres());
    list
}

fn postgres() -> Option<Database> {
    match std::env::var(VARIABLE) {
        Ok(address) => Some(Database::Postgres(Box::new(Server::connect(&address)))),
        Err(_) => {
            eprintln!(
                "\n*** {VARIABLE} is not set: NOTHING was tested with PostgreSQL (`.ci/postgres start` makes a server) ***\n"
            );
            None
        }
    }
}

impl Database {
    fn file(&self) -> PathBuf {
        match self {
            Database::Sqlite(folder) => folder.path().join("Kunden für 2025.db"),
            Database::Postgres(_) => panic!("no file"),
        }
    }

    /// Runs statements; `{}` in them stands before the name of a table.
    fn execute(&self, sql: &str) {
        match self {
            Database::Sqlite(_) => {
                rusqlite::Connection::open(self.file()).unwrap().execute_batch(&sql.replace("{}", "")).unwrap();
            }
            Database::Postgres(server) => {
                let sql = sql.replace("{}", &format!("{}.", server.schema));
                server.runtime.block_on(server.client.batch_execute(&sql)).unwrap();
            }
        }
    }

    /// The first column of a query, as texts.
    fn ask(&self, sql: &str) -> Vec<String> {
        match self {
            Database::Sqlite(_) => {
                let connection = rusqlite::Connection::open(self.file()).unwrap();
                let mut statement = connection.prepare(&sql.replace("{}", "")).unwrap();
                let rows = statement.query_map([], |row| {
                    Ok(match row.get_ref(0)? {
                        rusqlite::types::ValueRef::Text(t) => String::from_utf8_lossy(t).into_owned(),
                        rusqlite::types::ValueRef::Integer(i) => i.to_string(),
                        other => format!("{other:?}"),
                    })
                });
                rows.unwrap().map(Result::unwrap).collect()
            }
            Database::Postgres(server) => {
                let sql = sql.replace("{}", &format!("{}.", server.schema));
                let sql = format!("SELECT (q.*)::text FROM ({sql}) q");
                let rows = server.runtime.block_on(server.client.query(&sql, &[])).unwrap();
                let bare = |text: String| text.trim_matches(['(', ')']).replace('"', "");
                rows.iter().map(|row| bare(row.get::<_, String>(0))).collect()
            }
        }
    }

    /// The address of a table, its name as in an address.
    fn address(&self, table: &str) -> String {
        let table: String = url::form_urlencoded::byte_serialize(table.as_bytes()).collect();
        match self {
            Database::Sqlite(_) => {
                format!("sqlite://{}?table={table}", self.file().display().to_string().replace(' ', "%20"))
            }
            Database::Postgres(server) => {
                let base = std::env::var(VARIABLE).unwrap();
                let sign = if base.contains('?') { '&' } else { '?' };
                format!("{base}{sign}table={}.{table}", server.schema)
            }
        }
    }

    fn source(&self, name: &str, table: &str) -> Source {
        Source::parse(&format!("{name}={}", self.address(table))).unwrap()
    }

    /// A sink for a run without rules.
    fn sink(&self, table: &str, run: &Run, id: &str) -> Result<DatabaseSink, DataError> {
        let Ok(Place::Database(address)) = Place::parse(&self.address(table)) else { panic!("an address") };
        DatabaseSink::create(&address, &run.record_schema(), id, &mut Vec::new())
    }

    fn is_sqlite(&self) -> bool {
        matches!(self, Database::Sqlite(_))
    }
}

fn pack(text: &str) -> Arc<Pack> {
    let loaded = load_from_texts(&[("pack.toml", text)]);
    loaded.pack.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

fn day(text: &str) -> Date {
    Date::parse_iso(text).unwrap()
}

fn identity() -> Apply {
    Arc::new(|batch: &RecordBatch| Ok(batch.clone()))
}

fn options(threads: usize) -> Options {
    Options { threads, ..Options::default() }
}

/// Runs without rules: the records as CSV, and the counts.
fn records(pack: &Arc<Pack>, sources: &[Source], threads: usize) -> Result<(String, RunCounts), DataError> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.csv");
    let run = Run::open(pack, day("2025-06-30"), sources, options(threads))?;
    let mut sink = DecisionSink::create(Target::File(out.clone()), Format::Csv, run.record_schema())?;
    let counts = run.execute(&identity(), &mut sink)?;
    sink.finish()?;
    Ok((fs::read_to_string(out).unwrap(), counts))
}

fn said(error: &DataError) -> String {
    std::iter::once(error.message.as_str()).chain(error.help.iter().map(String::as_str)).collect::<Vec<_>>().join("\n")
}

const SHOP: &str = r#"
[pack]
name = "shop"
[record]
key = "id"
[record.columns]
city = { type = "text", optional = true }
since = { type = "date", optional = true }
points = { type = "number", optional = true }
club = { type = "bool", optional = true }
[tables.orders]
key = "id"
time = "day"
[tables.orders.columns]
day = { type = "date" }
amount = { type = "number" }
[rollups]
orders_n = 'count(orders)'
revenue = 'sum(orders.amount)'
last_order = 'max(orders.day)'
"#;

const CUSTOMERS: &str = "id,city,since,points,club\n\
    00042,Köln,2020-02-29,0.1,true\n\
    C7,\"a, \"\"b\"\"\",,1e300,false\n\
    O'Neil,,1999-12-31,-12.50,\n\
    x\\y,\\N und so,2024-01-01,,true\n";

const ORDERS: &str = "id,day,amount\n\
    00042,2025-01-01,0.1\n\
    00042,2025-03-01,0.2\n\
    00042,2025-07-01,1000\n\
    O'Neil,2025-06-30,19.99\n\
    nobody,2025-06-01,5\n\
    C7,,7\n\
    C7,2026-01-01,3\n";

/// The shop as CSV files, and in the tables `customers` and `orders`.
fn shop(database: &Database) -> (TempDir, Vec<Source>, Vec<Source>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("customers", CUSTOMERS), ("orders", ORDERS)] {
        fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    let quoted =
        |text: &str| if text.is_empty() { "NULL".to_owned() } else { format!("'{}'", text.replace('\'', "''")) };
    let mut sql = String::from(
        "CREATE TABLE {}customers (id text, city varchar(40), since date, points double precision, club boolean);
         CREATE TABLE {}orders (note text, id text, day date, amount numeric(12,2));",
    );
    let mut reader = csv::Reader::from_reader(CUSTOMERS.as_bytes());
    for row in reader.records().map(Result::unwrap) {
        let club = if row[4].is_empty() { "NULL" } else { &row[4] };
        let points = if row[3].is_empty() { "NULL" } else { &row[3] };
        sql.push_str(&format!(
            "INSERT INTO {{}}customers VALUES ({}, {}, {}, {points}, {club});",
            quoted(&row[0]),
            quoted(&row[1]),
            quoted(&row[2])
        ));
    }
    for row in csv::Reader::from_reader(ORDERS.as_bytes()).records().map(Result::unwrap) {
        sql.push_str(&format!(
            "INSERT INTO {{}}orders VALUES ('not read', {}, {}, {});",
            quoted(&row[0]),
            quoted(&row[1]),
            &row[2]
        ));
    }
    database.execute(&sql);
    let files = ["customers", "orders"].map(|n| Source::new(n, folder.path().join(format!("{n}.csv")))).to_vec();
    let tables = ["customers", "orders"].map(|n| database.source(n, n)).to_vec();
    (folder, files, tables)
}

/// What became of the rows; not in which line of what they stand.
fn without_places(counts: &RunCounts) -> Vec<TableCounts> {
    let mut tables = counts.tables.clone();
    tables.iter_mut().flat_map(|t| &mut t.rejects).for_each(|r| r.example = None);
    tables
}

#[test]
fn the_same_records_as_from_files() {
    let pack = pack(SHOP);
    for database in databases() {
        let (_folder, files, tables) = shop(&database);
        let (expected, counts) = records(&pack, &files, 1).unwrap();
        assert!(expected.contains("00042,Köln,2020-02-29,0.1,true,2,0.30000000000000004,2025-03-01"), "{expected}");
        for threads in [1, 2] {
            let (found, seen) = records(&pack, &tables, threads).unwrap();
            assert_eq!(found, expected);
            assert_eq!(
                without_places(&seen),
                without_places(&counts),
                "rows, rejects, later and unmatched ones are counted alike"
            );
        }
        let (_, seen) = records(&pack, &tables, 1).unwrap();
        assert_eq!(seen.tables[1].after_today, 2);
        let reject = &seen.samples[0];
        assert_eq!((reject.line, reject.column.as_str(), reject.key.as_str()), (5, "day", "C7"));
        assert!(reject.file.contains("?table=") && !reject.file.contains("regain@"), "{}", reject.file);
        // One table from a file, the other from the database.
        let mixed = [files[0].clone(), tables[1].clone()];
        assert_eq!(records(&pack, &mixed, 2).unwrap().0, expected);
    }
}

#[test]
fn one_customer_is_the_same_customer() {
    let pack = pack(SHOP);
    for database in databases() {
        let (_folder, files, tables) = shop(&database);
        let open = |sources: &[Source]| Run::open(&pack, day("2025-06-30"), sources, options(1)).unwrap();
        for key in ["00042", "O'Neil", "x\\y", "C7", "42", "'; --"] {
            let (a, b) = (open(&files).one(key).unwrap(), open(&tables).one(key).unwrap());
            assert_eq!(a.is_some(), b.is_some(), "{key}");
            if let (Some(a), Some(b)) = (a, b) {
                assert_eq!((a.record, a.events), (b.record, b.events), "{key}");
            }
        }
    }
}

#[test]
fn decisions_stand_there_under_their_run() {
    let pack = pack(SHOP);
    for database in databases() {
        let (_folder, _, tables) = shop(&database);
        let run = Run::open(&pack, day("2025-06-30"), &tables, options(2)).unwrap();
        let write = |id: &str, run: &Run| {
            let mut sink = database.sink("results", run, id).unwrap();
            run.execute(&identity(), &mut sink).unwrap();
            assert_eq!(sink.finish().unwrap().rows, 4);
        };
        write("a", &run);
        write("b", &run);
        write("a", &run);
        assert_eq!(database.ask("SELECT run, count(*) FROM {}results GROUP BY run ORDER BY run").len(), 2);
        assert_eq!(database.ask("SELECT count(*) FROM {}results WHERE run = 'a'"), ["4"]);
        // What was written is read back to the bit, under the same types.
        let (expected, _) = records(&pack, &tables, 1).unwrap();
        database.execute("CREATE VIEW {}only_b AS SELECT * FROM {}results WHERE run = 'b'");
        let back = r#"
[pack]
name = "back"
[record]
key = "id"
[record.columns]
city = { type = "text" }
since = { type = "date" }
points = { type = "number" }
club = { type = "bool" }
orders_n = { type = "number" }
revenue = { type = "number" }
last_order = { type = "date" }
"#;
        let (found, _) = records(&self::pack(back), &[database.source("customers", "only_b")], 1).unwrap();
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&found), sorted(&expected));
        // A key stands once in each run.
        let copy = "INSERT INTO {}results SELECT * FROM {}results WHERE run = 'a'";
        match &database {
            Database::Sqlite(_) => {
                let sql = copy.replace("{}", "");
                assert!(rusqlite::Connection::open(database.file()).unwrap().execute_batch(&sql).is_err());
            }
            Database::Postgres(server) => {
                let sql = copy.replace("{}", &format!("{}.", server.schema));
                assert!(server.runtime.block_on(server.client.batch_execute(&sql)).is_err());
            }
        }
    }
}

#[test]
fn a_broken_run_leaves_what_was_there() {
    let pack = pack(SHOP);
    for database in databases() {
        let (_folder, _, tables) = shop(&database);
        let open = |options: Options| Run::open(&pack, day("2025-06-30"), &tables, options).unwrap();
        let run = open(options(1));
        let broken: Apply = Arc::new(|_| Err(DataError::input("no")));
        // First without a table, then with one that holds an earlier run.
        for earlier in [false, true] {
            let mut sink = database.sink("results", &run, "a").unwrap();
            assert!(run.execute(&broken, &mut sink).is_err());
            drop(sink);
            let mut sink = database.sink("results", &run, "a").unwrap();
            assert!(
                open(Options { max_rejects: Some(MaxRejects::Rows(0)), ..options(1) })
                    .execute(&identity(), &mut sink)
                    .is_err()
            );
            drop(sink);
            let mut sink = database.sink("results", &run, "a").unwrap();
            run.execute(&identity(), &mut sink).unwrap();
            drop(sink);
            if earlier {
                assert_eq!(database.ask("SELECT count(*) FROM {}results"), ["4"]);
            } else {
                let error =
                    records(&pack, &[database.source("customers", "results"), tables[1].clone()], 1).unwrap_err();
                assert!(error.message.contains("there is no table"), "{error:?}");
                let mut sink = database.sink("results", &run, "a").unwrap();
                run.execute(&identity(), &mut sink).unwrap();
                sink.finish().unwrap();
            }
        }
    }
}

#[test]
fn a_run_that_starts_again_writes_once() {
    let pack = pack("[pack]\nname = \"t\"\n[record]\nkey = \"id\"\n[record.columns]\nn = { type = \"number\" }\n");
    for database in databases() {
        // Keys in no order, one of them twice: the first attempt is given up.
        database.execute("CREATE TABLE {}customers (id text, n integer)");
        let rows: Vec<String> = (0..20_000).map(|i| format!("('{}', {i})", (i * 7919) % 19_999)).collect();
        database.execute(&format!("INSERT INTO {{}}customers VALUES {}", rows.join(",")));
        for threads in [1, 2] {
            let sources = [database.source("customers", "customers")];
            let run = Run::open(&pack, day("2025-06-30"), &sources, options(threads)).unwrap();
            let mut sink = database.sink("results", &run, "a").unwrap();
            let counts = run.execute(&identity(), &mut sink).unwrap();
            assert_eq!((counts.records, counts.rejected()), (19_999, 1));
            assert_eq!(sink.finish().unwrap().rows, 19_999);
            assert_eq!(database.ask("SELECT count(*) FROM {}results"), ["19999"]);
        }
    }
}

#[test]
fn a_table_that_cannot_take_the_rows_is_told_how() {
    let pack = pack(SHOP);
    for database in databases() {
        let (_folder, _, tables) = shop(&database);
        let run = Run::open(&pack, day("2025-06-30"), &tables, options(1)).unwrap();
        database.execute("CREATE TABLE {}results (run text, id text, city text, since date, note text)");
        let error = database.sink("results", &run, "a").unwrap_err();
        assert!(error.message.contains("lacks the columns `points`, `club`"), "{error:?}");
        // The lines can be run as they are.
        let lines: Vec<&str> = error.help[0].lines().filter(|l| l.contains("ALTER TABLE")).collect();
        assert_eq!(lines.len(), 5, "{error:?}");
        database.execute(&lines.join("\n"));
        let mut sink = database.sink("results", &run, "a").unwrap();
        run.execute(&identity(), &mut sink).unwrap();
        sink.finish().unwrap();
        assert_eq!(database.ask("SELECT count(*) FROM {}results WHERE note IS NULL"), ["4"]);
        let number = if database.is_sqlite() { "integer" } else { "numeric" };
        database.execute(&format!("DROP TABLE {{}}results; CREATE TABLE {{}}results (run text, id {number}, city text, since date, points double precision, club boolean, orders_n double precision, revenue double precision, last_order date)"));
        let error = database.sink("results", &run, "a").unwrap_err();
        assert!(error.message.contains("`id` is "), "{error:?}");
        assert!(database.sink("results", &run, " ").unwrap_err().message.contains("id of a run"));
    }
}

#[test]
fn odd_names_are_names() {
    let text = r#"
[pack]
name = "odd"
[record]
key = "order"
key_from = ["Kunden-Nr. \"neu\""]
[record.columns.group]
type = "text"
from = ["select"]
[record.columns.size]
type = "number"
from = ["Größe; DROP TABLE x"]
"#;
    let pack = pack(text);
    for database in databases() {
        let table = "Kunden \"2025\"; für table";
        let name = table.replace('"', "\"\"");
        database.execute(&format!(
            "CREATE TABLE {{}}\"{name}\" (\"Kunden-Nr. \"\"neu\"\"\" text, \"select\" text, \"Größe; DROP TABLE x\" real);
             INSERT INTO {{}}\"{name}\" VALUES ('1', 'a', 0.1)"
        ));
        let source = database.source("customers", table);
        let (found, _) = records(&pack, std::slice::from_ref(&source), 1).unwrap();
        assert_eq!(found, "order,group,size\n1,a,0.1\n");
        let run = Run::open(&pack, day("2025-06-30"), &[source], options(1)).unwrap();
        let mut sink = database.sink("Ergebnis \"x\" group", &run, "it's \"me\"").unwrap();
        run.execute(&identity(), &mut sink).unwrap();
        sink.finish().unwrap();
        assert_eq!(
            database.ask("SELECT \"order\" FROM {}\"Ergebnis \"\"x\"\" group\" WHERE run = 'it''s \"me\"'"),
            ["1"]
        );
    }
}

#[test]
fn what_is_not_there_is_said() {
    let pack = pack(SHOP);
    for database in databases() {
        let (_folder, _, tables) = shop(&database);
        let wrong = [database.source("customers", "custommers"), tables[1].clone()];
        let error = records(&pack, &wrong, 1).unwrap_err();
        assert!(error.message.contains("there is no table `") && error.message.contains("custommers"), "{error:?}");
        if database.is_sqlite() {
            assert!(said(&error).contains("did you mean `customers`?\nit has `customers`, `orders`"), "{error:?}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    let open = |path: &std::path::Path| {
        let source = Source::parse(&format!("customers=sqlite://{}?table=t", path.display())).unwrap();
        Run::open(&pack, day("2025-06-30"), &[source], options(1)).unwrap_err().message
    };
    assert!(open(&path).contains("no such file"), "{}", open(&path));
    assert!(!path.exists(), "reading makes no file");
    fs::write(&path, "id,name\n1,this is no database but a text that is long enough to be looked at, and longer\n")
        .unwrap();
    assert!(open(&path).contains("it is not a SQLite database"), "{}", open(&path));
}

#[test]
fn sqlite_values_of_any_type_in_any_row() {
    let text = "[pack]\nname = \"t\"\n[record]\nkey = \"id\"\n[record.columns]\nn = { type = \"number\" }\nt = { type = \"text\" }\nb = { type = \"bool\" }\n";
    let pack = pack(text);
    let database = Database::Sqlite(tempfile::tempdir().unwrap());
    database.execute(
        "CREATE TABLE c (id, n, t, b);
         INSERT INTO c VALUES (1, 9007199254740993, 42, 1), ('2', 0.1, 2.5, 0), (3, '7.5', 'x', 'yes'), (4, x'00ff', NULL, NULL),
                              (5, NULL, x'00', 1), (6, 'x', '', 1), (7.0, 1, 1, 1), (9223372036854775807, 1, 1, 1);",
    );
    let (found, counts) = records(&pack, &[database.source("customers", "c")], 1).unwrap();
    assert_eq!(
        found,
        "id,n,t,b\n1,9007199254740992,42,true\n2,0.1,2.5,false\n3,7.5,x,true\n7,1,1,true\n9223372036854775807,1,1,true\n"
    );
    let rejects: Vec<_> = counts.samples.iter().map(|r| (r.line, r.value.as_str(), r.reason.as_str())).collect();
    assert_eq!(
        rejects,
        [(4, "x'00ff'", "raw bytes, not a value"), (5, "x'00'", "raw bytes, not a value"), (6, "x", "not a number")]
    );
}

#[test]
fn postgres_types() {
    let Some(database) = postgres() else { return };
    let text = r#"
[pack]
name = "types"
[record]
key = "id"
[record.columns]
exact = { type = "number" }
small = { type = "number" }
whole = { type = "number" }
mail = { type = "text" }
doc = { type = "text" }
kind = { type = "text" }
who = { type = "text" }
at = { type = "date" }
local = { type = "date" }
ends = { type = "date" }
code = { type = "text" }
"#;
    let types = pack(text);
    database.execute(
        "CREATE TYPE {}mood AS ENUM ('glad', 'sad'); CREATE DOMAIN {}mail AS varchar(80);
         CREATE TABLE {}c (id bigint, exact numeric, small real, whole smallint, mail {}mail, doc jsonb, kind {}mood, who uuid,
                           at timestamptz, local timestamp, ends date, code char(5), tags text[], raw bytea);
         INSERT INTO {}c VALUES
           (1, 123456789012345678901234567890.123, 0.1, 3, 'a@b', '{\"a\": 1}', 'sad', '00000000-0000-0000-0000-000000000001',
            '2025-01-01 00:30+01', '9999-12-31 23:59', '9999-12-31', 'ab', '{x}', '\\x00'),
           (2, 'NaN', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0001-01-01', '2024-02-29', NULL, NULL, NULL),
           (3, 1, 1, 1, 'x', NULL, NULL, NULL, NULL, NULL, 'infinity', NULL, NULL, NULL),
           (4, 1, 1, 1, 'x', NULL, NULL, NULL, '-infinity', NULL, NULL, NULL, NULL, NULL)",
    );
    let (found, counts) = records(&types, &[database.source("customers", "c")], 1).unwrap();
    assert_eq!(
        found,
        "id,exact,small,whole,mail,doc,kind,who,at,local,ends,code\n\
         1,123456789012345680000000000000,0.1,3,a@b,\"{\"\"a\"\": 1}\",sad,00000000-0000-0000-0000-000000000001,2024-12-31,9999-12-31,9999-12-31,ab\n\
         2,,,,,,,,,0001-01-01,2024-02-29,\n"
    );
    let rejects: Vec<_> = counts.samples.iter().map(|r| (r.line, r.column.as_str(), r.reason.as_str())).collect();
    assert_eq!(rejects, [(3, "ends", "not a date"), (4, "at", "not a date")]);
    // What has no meaning here is an error only where it is wanted.
    for (column, holds) in [("tags", "lists"), ("raw", "raw bytes"), ("code", "")] {
        let text = format!(
            "[pack]\nname = \"t\"\n[record]\nkey = \"id\"\n[record.columns.{column}x]\ntype = \"text\"\nfrom = [\"{column}\"]\n"
        );
        let result = records(&pack(&text), &[database.source("customers", "c")], 1);
        match result {
            Ok(_) => assert_eq!(holds, ""),
            Err(error) => assert!(!holds.is_empty() && error.message.contains(holds), "{error:?}"),
        }
    }
}

#[test]
fn how_files_are_written_does_not_matter_to_typed_columns() {
    let text = "[pack]\nname = \"t\"\n[record]\nkey = \"id\"\n[record.file]\ndecimal = \",\"\nthousands = \".\"\ndate = \"%d.%m.%Y\"\n[record.columns]\nn = { type = \"number\" }\nd = { type = \"date\" }\n";
    let Some(database) = postgres() else { return };
    database.execute(
        "CREATE TABLE {}c (id text, n numeric(12,3), d date); INSERT INTO {}c VALUES ('a', 1.234, '2025-01-31')",
    );
    let (found, _) = records(&pack(text), &[database.source("customers", "c")], 1).unwrap();
    assert_eq!(found, "id,n,d\na,1.234,2025-01-31\n");
}

#[test]
fn record_sql_reads_databases() {
    let text = r#"
[pack]
name = "t"
[record]
key = "id"
sql = "SELECT id, sum(CAST(amount AS DOUBLE)) AS total FROM orders GROUP BY id"
[record.columns]
total = { type = "number" }
"#;
    for database in databases() {
        shop(&database);
        let (found, _) = records(&pack(text), &[database.source("orders", "orders")], 1).unwrap();
        assert_eq!(found, "id,total\n00042,1000.3\nC7,10\nO'Neil,19.99\nnobody,5\n");
    }
}

#[test]
fn the_id_of_a_run_is_pack_day_and_hash() {
    let pack = pack(SHOP);
    let id = default_run_id(&pack, day("2025-06-30"));
    assert_eq!(id, format!("shop-2025-06-30-{}", &pack.identity.hash[..8]));
}

fn regain(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args);
    command
}

#[test]
fn no_password_is_ever_shown() {
    for args in [
        ["--data", "customers=postgres://me:geheim@localhost/crm?table=c"],
        ["--data", "postgres://me:geheim@localhost/crm?table=c"],
        ["--data", "customers=postgres://me@localhost/crm?password=geheim"],
        ["--out", "postgres://me:geheim@localhost/crm"],
        ["--out", "mysql://me:geheim@localhost/crm"],
    ] {
        let output = regain(&["run", "examples/retail", "--as-of", "2026-06-30"]).args(args).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(!text.contains("geheim"), "{text}");
        assert!(args[1].starts_with("mysql") || text.contains("help: "), "{text}");
    }
    // Nobody listens on port 1.
    let output = regain(&["run", "examples/retail", "--as-of", "2026-06-30", "--out", "postgres://me@127.0.0.1:1/crm"])
        .env("PGPASSWORD", "geheim")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("no server answers at 127.0.0.1:1") && !text.contains("geheim"), "{text}");
}

#[test]
fn the_command_writes_and_says_so() {
    for database in databases() {
        let out = database.address("results");
        let folder = tempfile::tempdir().unwrap();
        let rejects = folder.path().join("r.csv");
        let output = regain(&["run", "examples/retail", "--as-of", "2026-06-30", "--out", &out, "--rejects"])
            .arg(&rejects)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        assert!(
            text.contains("2,000 decisions written to ") && text.contains("as run `haus-und-herd-2026-06-30-"),
            "{text}"
        );
        assert_eq!(database.ask("SELECT count(*) FROM {}results"), ["2000"]);
        assert_eq!(database.ask("SELECT run FROM {}results LIMIT 1").len(), 1);
    }
    let output = regain(&["run", "examples/retail", "--as-of", "2026-06-30", "--run-id", "x"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("`--run-id` is for decisions in a database"));
}

/// A process that is killed, whenever it is, leaves the earlier run as it was.
#[test]
fn a_killed_run_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("pack");
    fs::create_dir(&rules).unwrap();
    fs::write(
        rules.join("pack.toml"),
        "[pack]\nname = \"big\"\n[record]\nkey = \"id\"\n[record.columns]\nn = { type = \"number\" }\n\
         [[states]]\nname = \"even\"\ntrack = \"recovery\"\nwhen = 'n > 10'\nbecause = \"it is {n}\"\n",
    )
    .unwrap();
    let (small, big) = (folder.path().join("small.csv"), folder.path().join("big.csv"));
    let table = |rows: usize| (0..rows).fold("id,n\n".to_owned(), |text, i| text + format!("k{i:09},{i}\n").as_str());
    fs::write(&small, table(10)).unwrap();
    fs::write(&big, table(150_000)).unwrap();
    for database in databases() {
        let out = database.address("results");
        let start = |data: &PathBuf, id: &str| {
            let data = format!("customers={}", data.display());
            regain(&[
                "run",
                rules.to_str().unwrap(),
                "--as-of",
                "2026-06-30",
                "--data",
                &data,
                "--out",
                &out,
                "--run-id",
                id,
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
        };
        assert!(start(&small, "a").wait().unwrap().success());
        // In the middle of its one transaction, and at other times.
        for delay in [None, Some(50), Some(200), Some(600)] {
            let mut child = start(&big, "a");
            let begun = Instant::now();
            let working = || match (&database, delay) {
                (_, Some(delay)) => begun.elapsed() > Duration::from_millis(delay),
                (Database::Sqlite(_), None) => {
                    let file = database.file();
                    file.with_file_name(format!("{}-journal", file.file_name().unwrap().to_str().unwrap())).exists()
                }
                (Database::Postgres(_), None) => {
                    let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'regain' AND query LIKE 'COPY%results%'";
                    database.ask(sql) != ["0"]
                }
            };
            while !working() && child.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(1));
            }
            let ended = child.try_wait().unwrap().is_some();
            let _ = child.kill();
            child.wait().unwrap();
            if ended {
                // Too late to be killed: then it is all there, and the next one starts from the small run again.
                assert_eq!(database.ask("SELECT count(*) FROM {}results"), ["150000"]);
                assert!(start(&small, "a").wait().unwrap().success());
                continue;
            }
            assert_eq!(database.ask("SELECT count(*) FROM {}results"), ["10"], "after {delay:?} ms");
        }
        assert!(start(&big, "a").wait().unwrap().success());
        assert_eq!(database.ask("SELECT count(*) FROM {}results"), ["150000"]);
    }
}

#[test]
fn one_run_sees_one_moment() {
    let pack = pack(SHOP);
    let Some(database) = postgres() else { return };
    let (_folder, _, tables) = shop(&database);
    let run = Run::open(&pack, day("2025-06-30"), &tables, options(2)).unwrap();
    let mut before = Collected::default();
    let counts = run.execute(&identity(), &mut before).unwrap();
    database.execute("DELETE FROM {}orders; INSERT INTO {}customers VALUES (NULL), (NULL), ('new')");
    let mut after = Collected::default();
    assert_eq!(run.execute(&identity(), &mut after).unwrap().tables, counts.tables);
    assert_eq!(before.batches, after.batches);
    assert!(run.one("new").unwrap().is_none());
    drop(run);
    let run = Run::open(&pack, day("2025-06-30"), &tables, options(2)).unwrap();
    assert!(run.one("new").unwrap().is_some());
}

#[test]
fn a_sink_takes_only_what_was_announced() {
    let pack = pack(SHOP);
    let database = Database::Sqlite(tempfile::tempdir().unwrap());
    let (_folder, _, tables) = shop(&database);
    let run = Run::open(&pack, day("2025-06-30"), &tables, options(1)).unwrap();
    let mut all = Collected::default();
    run.execute(&identity(), &mut all).unwrap();
    let mut sink = database.sink("results", &run, "a").unwrap();
    assert!(sink.write(&all.batches[0].project(&[0, 1]).unwrap()).is_err());
}
