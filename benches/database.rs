//! From database to database: customers of the reference workload in a table, decided and written into another table of the same
//! database, through the library. Each measurement is a process of its own, so that its peak memory is its own.
//!
//! ```text
//! eval "$(.ci/postgres start)"
//! cargo bench --bench database              # 1,000,000 customers; another number may follow `--`
//! ```
//!
//! `read` only reads, `copy` reads and writes what the rules read, `rules` decides and writes the decisions. What `rules` spends
//! outside the engine is what the program's own calls do not account for.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

use std::fmt::Write as _;
use std::io::Cursor;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use arrow::array::RecordBatch;
use futures::SinkExt;
use regain::data::{Apply, DataError, DatabaseSink, Options, Place, Run, Sink, Source};
use regain::expr::Date;

#[path = "workload/memory.rs"]
mod memory;
#[path = "workload/reference.rs"]
mod reference;

use memory::peak_memory;
use reference::TODAY;

const ROUNDS: usize = 3;
const CHILD: &str = "REGAIN_BENCH_CHILD";
const VARIABLE: &str = "REGAIN_TEST_POSTGRES";
const COLUMNS: &str = "customer_id bigint, segment text, region text, first_order date, last_order date, orders integer, \
     revenue double precision, margin double precision, revenue_12m double precision, avg_gap_days double precision, \
     returns integer, discount_share double precision, late_payments integer, invoices integer, credit_rating integer, \
     complaints integer, support_hours double precision, nps integer, referrals integer, industry_growth double precision, \
     innovative boolean, sympathy integer, image integer, cancelled_on date, cancel_reason text, consent_email boolean, \
     do_not_contact boolean, channel text";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    if let Ok(job) = std::env::var(CHILD) {
        return child(&job, &arguments[0], &arguments[1], arguments[2].parse().unwrap());
    }
    // `cargo test --benches` gives no `--bench`, and nothing is measured.
    if !std::env::args().any(|a| a == "--bench") {
        println!("database: nothing measured; see the first lines of benches/database.rs");
        return;
    }
    let rows: usize =
        arguments.first().map_or(1_000_000, |n| n.replace(['_', ','], "").parse().expect("a number of customers"));
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}", folder.path().join("bench.db").display());
    let start = Instant::now();
    load_sqlite(&folder.path().join("bench.db"), rows);
    println!("{rows} customers, loaded into SQLite in {:.1} s", start.elapsed().as_secs_f64());
    compare("SQLite", &format!("{sqlite}?table=bench_customers"), &format!("{sqlite}?table=bench_decisions"), rows);
    let Ok(server) = std::env::var(VARIABLE) else {
        println!("PostgreSQL: {VARIABLE} is not set, nothing measured (`.ci/postgres start` makes a server)");
        return;
    };
    let start = Instant::now();
    postgres(&server, Some(rows));
    println!("{rows} customers, loaded into PostgreSQL by COPY in {:.1} s", start.elapsed().as_secs_f64());
    let sign = if server.contains('?') { '&' } else { '?' };
    compare(
        "PostgreSQL",
        &format!("{server}{sign}table=bench_customers"),
        &format!("{server}{sign}table=bench_decisions"),
        rows,
    );
    postgres(&server, None);
}

fn compare(name: &str, from: &str, to: &str, rows: usize) {
    println!("{name} to {name}: median seconds of {ROUNDS} rounds taken in turn, highest peak memory");
    for threads in ["1", "2"] {
        let jobs = ["read", "copy", "rules"];
        let mut figures = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            for (job, figures) in jobs.iter().zip(&mut figures) {
                figures.push(measure(job, from, to, threads));
            }
        }
        for (job, figures) in jobs.iter().zip(&mut figures) {
            figures.sort_by(|a: &[f64; 3], b| a[0].total_cmp(&b[0]));
            let [seconds, engine, _] = figures[figures.len() / 2];
            let memory = figures.iter().map(|f| f[2]).fold(0.0, f64::max) / 1024.0;
            let outside = match (*job, threads) {
                ("rules", "1") => {
                    format!("   outside the engine {:.0} % ({engine:.2} s inside)", 100.0 * (1.0 - engine / seconds))
                }
                ("rules", _) => format!("   ({engine:.2} s inside the engine, of all threads)"),
                _ => String::new(),
            };
            println!(
                "  {threads} thread(s)  {job:5} {seconds:7.2} s  {:>9.0} rows/s  {memory:5.0} MiB{outside}",
                rows as f64 / seconds
            );
        }
    }
}

fn measure(job: &str, from: &str, to: &str, threads: &str) -> [f64; 3] {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([from, to, threads])
        .env(CHILD, job)
        .output()
        .expect("the child runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let figures: Vec<f64> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
    [figures[0], figures[1], figures[2]]
}

/// Throws everything away.
struct Nothing;

impl Sink for Nothing {
    fn write(&mut self, _: &RecordBatch) -> Result<(), DataError> {
        Ok(())
    }

    fn restart(&mut self) -> Result<(), DataError> {
        Ok(())
    }
}

fn child(job: &str, from: &str, to: &str, threads: usize) {
    let start = Instant::now();
    let pack = reference::pack();
    let source = Source::parse(&format!("customers={from}")).unwrap();
    let run = Run::open(&pack, reference::as_of(), &[source], Options { threads, ..Options::default() }).unwrap();
    let inside = Arc::new(AtomicU64::new(0));
    let (apply, schema): (Apply, _) = if job == "rules" {
        let program = reference::program(&pack);
        let schema = run.keyed(&program.output_schema());
        let spent = Arc::clone(&inside);
        let apply: Apply = Arc::new(move |batch| {
            let start = Instant::now();
            let applied = program.apply(batch).map(|a| a.decisions).map_err(|e| DataError::input(e.to_string()));
            spent.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
            applied
        });
        (apply, schema)
    } else {
        (Arc::new(|batch| Ok(batch.clone())), run.record_schema())
    };
    if job == "read" {
        run.execute(&apply, &mut Nothing).unwrap();
    } else {
        let Ok(Place::Database(address)) = Place::parse(&format!("{to}_{job}")) else { panic!("an address") };
        let mut sink = DatabaseSink::create(&address, &schema, "bench", &mut Vec::new()).unwrap();
        let counts = run.execute(&apply, &mut sink).unwrap();
        assert_eq!(sink.finish().unwrap().rows, counts.records);
    }
    let inside = inside.load(Ordering::Relaxed) as f64 / 1e9;
    println!("{} {inside} {}", start.elapsed().as_secs_f64(), peak_memory());
}

/// Customers as the workload's own generator makes them, one after the other, as fields of CSV; an empty one is missing.
fn customers(rows: usize) -> impl Iterator<Item = Vec<String>> {
    let mut random = fastrand::Rng::with_seed(7);
    let reasons = [
        "too expensive",
        "moved away",
        "bad service",
        "competitor offer",
        "product quality",
        "delivery late",
        "no need",
        "billing error",
        "",
    ];
    let day = |days: i32| Date::from_days(days.into()).unwrap().to_string();
    (1..=rows).map(move |id| {
        // A few draws are enough for a curve like that of a count or a sum of money.
        let few = |random: &mut fastrand::Rng, mean: f64| (0..4).filter(|_| random.f64() < mean / 4.0).count();
        let money =
            |random: &mut fastrand::Rng, scale: f64| -scale * (random.f64().max(1e-12) * random.f64().max(1e-12)).ln();
        let first = TODAY - random.i32(200..3000);
        let last = (first + random.i32(0..2800)).min(TODAY - 1);
        let orders = 1 + (0..12).filter(|_| random.bool()).count();
        let revenue = money(&mut random, 400.0);
        let mut row = vec![
            id.to_string(),
            ["retail", "smb", "corp"][random.usize(0..3)].to_owned(),
            ["north", "south", "east", "west"][random.usize(0..4)].to_owned(),
            day(first),
        ];
        let mut add = |random: &mut fastrand::Rng, missing: f64, text: String| {
            row.push(if random.f64() < missing { String::new() } else { text });
        };
        let r = &mut random;
        add(r, 0.03, day(last));
        add(r, 0.0, orders.to_string());
        add(r, 0.05, format!("{revenue:.2}"));
        let margin = revenue * (r.f64() * 0.6 - 0.1);
        add(r, 0.05, format!("{margin:.2}"));
        let recent = revenue * r.f64() * 0.6;
        add(r, 0.05, format!("{recent:.2}"));
        let gap = money(r, 37.0);
        add(r, 0.05, format!("{gap:.1}"));
        let returns = few(r, 0.5);
        add(r, 0.0, returns.to_string());
        let share = (r.f64() + r.f64()) / 2.5;
        add(r, 0.05, format!("{share:.3}"));
        let late = few(r, 0.6);
        add(r, 0.0, late.to_string());
        let invoices = orders + few(r, 1.0);
        add(r, 0.0, invoices.to_string());
        let rating = r.i32(100..600);
        add(r, 0.05, rating.to_string());
        let complaints = few(r, 0.4);
        add(r, 0.0, complaints.to_string());
        let hours = money(r, 1.5);
        add(r, 0.05, format!("{hours:.1}"));
        let nps = r.i32(0..11);
        add(r, 0.4, nps.to_string());
        let referrals = few(r, 0.3);
        add(r, 0.0, referrals.to_string());
        let growth = (r.f64() + r.f64() + r.f64() - 1.5) * 0.1 + 0.02;
        add(r, 0.05, format!("{growth:.3}"));
        let innovative = r.f64() < 0.2;
        add(r, 0.0, innovative.to_string());
        let (sympathy, image) = (r.i32(0..11), r.i32(0..11));
        add(r, 0.3, sympathy.to_string());
        add(r, 0.3, image.to_string());
        let cancelled = TODAY - r.i32(0..900);
        add(r, 0.8, day(cancelled));
        let reason = reasons[r.usize(0..reasons.len())];
        add(r, 0.5, reason.to_owned());
        let (email, no_contact) = (r.f64() < 0.7, r.f64() < 0.03);
        add(r, 0.0, email.to_string());
        add(r, 0.0, no_contact.to_string());
        row.push(["mail", "phone", "visit", "post"][random.usize(0..4)].to_owned());
        row
    })
}

fn load_sqlite(path: &std::path::Path, rows: usize) {
    let mut connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(&format!("CREATE TABLE bench_customers ({COLUMNS})")).unwrap();
    let transaction = connection.transaction().unwrap();
    let places = vec!["?"; COLUMNS.split(',').count()].join(",");
    let mut insert = transaction.prepare(&format!("INSERT INTO bench_customers VALUES ({places})")).unwrap();
    for row in customers(rows) {
        let value = |text: String| match text.as_str() {
            "" => None,
            "true" => Some("1".to_owned()),
            "false" => Some("0".to_owned()),
            _ => Some(text),
        };
        insert.execute(rusqlite::params_from_iter(row.into_iter().map(value))).unwrap();
    }
    drop(insert);
    transaction.commit().unwrap();
}

/// Makes the table and fills it, or takes away what was made.
fn postgres(address: &str, rows: Option<usize>) {
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
    runtime.block_on(async {
        let (client, connection) = config.connect(tokio_postgres::NoTls).await.expect(VARIABLE);
        tokio::spawn(connection);
        let drop = "DROP TABLE IF EXISTS bench_customers, bench_decisions_copy, bench_decisions_rules";
        client.batch_execute(drop).await.unwrap();
        let Some(rows) = rows else { return };
        client.batch_execute(&format!("CREATE TABLE bench_customers ({COLUMNS})")).await.unwrap();
        let copy = client.copy_in("COPY bench_customers FROM STDIN (FORMAT csv)").await.unwrap();
        let mut copy = std::pin::pin!(copy);
        let mut text = String::new();
        for row in customers(rows) {
            writeln!(text, "{}", row.join(",")).unwrap();
            if text.len() > 1 << 16 {
                copy.feed(Cursor::new(std::mem::take(&mut text).into_bytes())).await.unwrap();
            }
        }
        copy.feed(Cursor::new(text.into_bytes())).await.unwrap();
        copy.finish().await.unwrap();
        client.batch_execute("ANALYZE bench_customers").await.unwrap();
    });
}
