//! From file to file: a table decided by the reference rules and written as Parquet, against copying the columns the rules read, by
//! the same reader and writer; and, of a CSV file, against DuckDB's copy of it to Parquet without rules. Each measurement is a
//! process of its own, so that its peak memory is its own.
//!
//! ```text
//! python ../shared/bench/gen.py 1000000 /tmp/c1m && python ../shared/bench/gen.py 10000000 /tmp/c10m
//! cargo bench --bench files -- /tmp/c1m.parquet /tmp/c10m.parquet
//! PYTHON=python3 cargo bench --bench files -- /tmp/c1m.csv      # a Python that has duckdb
//! ```
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use regain::data::{Apply, DataError, DecisionSink, Format, Options, Run, Source, Target};

#[path = "workload/memory.rs"]
mod memory;
#[path = "workload/reference.rs"]
mod reference;

use memory::peak_memory;

const ROUNDS: usize = 5;
const CHILD: &str = "REGAIN_BENCH_CHILD";

fn main() {
    let tables: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    if let Ok(job) = std::env::var(CHILD) {
        return child(&job, &tables[0], tables[1].parse().unwrap());
    }
    if tables.is_empty() {
        println!("files: no table given, nothing measured. See the first lines of benches/files.rs.");
        return;
    }
    for table in &tables {
        println!("{table}: median seconds of {ROUNDS} rounds taken in turn, highest peak memory");
        let mut jobs = vec!["copy", "rules"];
        if table.ends_with(".csv") {
            if duckdb(table, "1").is_some() {
                jobs.push("duckdb");
            } else {
                println!("  no DuckDB to compare with: PYTHON names no Python that can `import duckdb`");
            }
        }
        for threads in ["1", "2"] {
            let mut figures = vec![Vec::new(); jobs.len()];
            for _ in 0..ROUNDS {
                for (job, figures) in jobs.iter().zip(&mut figures) {
                    figures.push(measure(job, table, threads));
                }
            }
            print!("  {threads} thread(s)");
            for (job, list) in jobs.iter().zip(&figures) {
                let memory = list.iter().map(|f| f.1).max().unwrap() / 1024;
                print!("   {job} {:7.3} s {memory:5} MiB", median(list));
            }
            let ratio = |other: usize| median(&figures[1]) / median(&figures[other]);
            print!("   rules / copy {:.2} (target: at most 1.3)", ratio(0));
            if jobs.len() > 2 {
                print!("   rules / duckdb {:.2} (target: at most 1)", ratio(2));
            }
            println!();
        }
    }
}

fn median(list: &[(f64, u64)]) -> f64 {
    let mut times: Vec<f64> = list.iter().map(|f| f.0).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// DuckDB's copy without rules, by the Python named in the environment. `None` if that cannot be had.
fn duckdb(table: &str, threads: &str) -> Option<(f64, u64)> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let target = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/duckdb_copy.py");
    let output =
        Command::new(python).args([script, table, threads]).arg(target.path().join("out.parquet")).output().ok()?;
    output.status.success().then(|| figures(&output.stdout))
}

fn figures(printed: &[u8]) -> (f64, u64) {
    let text = String::from_utf8_lossy(printed);
    let mut words = text.split_whitespace();
    (words.next().unwrap().parse().unwrap(), words.next().unwrap().parse().unwrap())
}

fn measure(job: &str, table: &str, threads: &str) -> (f64, u64) {
    if job == "duckdb" {
        return duckdb(table, threads).expect("it ran before");
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([table, threads])
        .env(CHILD, job)
        .output()
        .expect("the child runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    figures(&output.stdout)
}

fn child(job: &str, table: &str, threads: usize) {
    let start = Instant::now();
    let pack = reference::pack();
    let options = Options { threads, ..Options::default() };
    let run = Run::open(&pack, reference::as_of(), &[Source::new("customers", table)], options).unwrap();
    let target = tempfile::tempdir().unwrap();
    let path = target.path().join("out.parquet");
    let (apply, schema): (Apply, _) = match job {
        "copy" => (Arc::new(|batch| Ok(batch.clone())), run.record_schema()),
        _ => {
            let program = reference::program(&pack);
            let schema = program.output_schema();
            let apply: Apply = Arc::new(move |batch| {
                program.apply(batch).map(|a| a.decisions).map_err(|e| DataError::input(e.to_string()))
            });
            (apply, schema)
        }
    };
    let mut sink = DecisionSink::create(Target::File(path), Format::Parquet, schema).unwrap();
    let counts = run.execute(&apply, &mut sink).unwrap();
    let written = sink.finish().unwrap();
    assert_eq!(counts.records, written.rows);
    println!("{} {}", start.elapsed().as_secs_f64(), peak_memory());
}
