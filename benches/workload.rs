//! The reference workload, side by side in one run: regain, the same rules in plain Rhai row by row, and a loop written by hand.
//!
//! ```text
//! python ../shared/bench/gen.py 1000000 /tmp/customers
//! cargo bench --bench workload -- /tmp/customers.parquet
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

#[path = "workload/by_hand.rs"]
mod by_hand;
#[path = "workload/reference.rs"]
mod reference;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use reference::TODAY;

pub(crate) const CAMPAIGNS: [&str; 10] = [
    "save_discount",
    "save_call",
    "apology_visit",
    "price_offer",
    "new_product",
    "reactivation_mail",
    "reactivation_call",
    "we_miss_you",
    "vip_call",
    "none",
];
/// Rows of the plain Rhai loop: it is too slow for all of them.
const RHAI_ROWS: usize = 50_000;
const ROUNDS: usize = 11;
/// Passes over the table in one round, so that starting threads does not count.
const PASSES: usize = 5;

type Tally = BTreeMap<String, (u64, f64)>;

fn main() {
    // `cargo bench` passes `--bench`; `cargo test --benches` passes nothing.
    let Some(path) = std::env::args().skip(1).find(|a| !a.starts_with("--")) else {
        println!("workload: no table given, nothing measured. See the first lines of benches/workload.rs.");
        return;
    };
    let batches = read(&path);
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let pack = reference::pack();
    let program = reference::program(&pack);

    println!(
        "{rows} customers in memory, {} batches; best and median of {ROUNDS} rounds of {PASSES} passes, taken in turn",
        batches.len()
    );
    let passes = || std::iter::repeat_n(&batches, PASSES).flatten();
    let nth = |i: usize| (i < PASSES * batches.len()).then(|| &batches[i % batches.len()]);
    let mut times: [Vec<f64>; 3] = Default::default();
    for _ in 0..ROUNDS {
        // As in a run that streams: the decisions of one batch are gone before the next.
        let start = Instant::now();
        for batch in passes() {
            black_box(by_hand::decide(batch));
        }
        times[0].push(start.elapsed().as_secs_f64());

        let start = Instant::now();
        for batch in passes() {
            black_box(program.apply(batch).unwrap());
        }
        times[1].push(start.elapsed().as_secs_f64());

        let start = Instant::now();
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while let Some(batch) = nth(next.fetch_add(1, Ordering::Relaxed)) {
                        black_box(program.apply(batch).unwrap());
                    }
                });
            }
        });
        times[2].push(start.elapsed().as_secs_f64());
    }
    let tallies = [
        tally_by_hand(&batches.iter().map(by_hand::decide).collect::<Vec<_>>()),
        tally(&batches.iter().map(|b| program.apply(b).unwrap().decisions).collect::<Vec<_>>()),
    ];
    let rhai_start = Instant::now();
    let (rhai_rows, rhai_tally) = plain_rhai(&batches);
    let rhai = rhai_start.elapsed().as_secs_f64() / rhai_rows as f64;

    assert_same(&tallies[0], &tallies[1]);
    let mut by_hand_head = Tally::new();
    for (name, (count, score)) in &rhai_tally {
        by_hand_head.insert(name.clone(), (*count, *score));
    }
    let head = head(&batches, rhai_rows);
    assert_same(&tally(&head.iter().map(|b| program.apply(b).unwrap().decisions).collect::<Vec<_>>()), &by_hand_head);

    let per_row = |seconds: f64| seconds / (rows * PASSES) as f64 * 1e6;
    let best = |i: usize| times[i].iter().copied().fold(f64::INFINITY, f64::min);
    let median = |i: usize| {
        let mut sorted = times[i].clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    println!("{:32} {:>14} {:>14} {:>10}", "", "best µs/cust.", "median", "by hand = 1");
    for (i, name) in ["by hand, one thread", "regain, one thread", "regain, two threads"].iter().enumerate() {
        println!("{name:32} {:>14.4} {:>14.4} {:>10.2}", per_row(best(i)), per_row(median(i)), median(i) / median(0));
    }
    println!(
        "{:32} {:>14.4} {:>14} {:>10.1}",
        format!("plain Rhai, {rhai_rows} rows"),
        rhai * 1e6,
        "",
        rhai * 1e6 / per_row(median(0))
    );
    println!();
    println!("regain / by hand          {:.2}  (target: at most 1.0)", median(1) / median(0));
    println!("plain Rhai / regain       {:.0}  (target: at least 150)", rhai * 1e6 / per_row(median(1)));
    println!("one thread / two threads  {:.2}  (target: at least 1.8)", median(1) / median(2));
    println!();
    println!("campaign              customers  mean score");
    for (name, (count, score)) in &tallies[1] {
        println!("{name:20} {count:>10} {:>11.4}", score / *count as f64);
    }
}

fn read(path: &str) -> Vec<RecordBatch> {
    let file = std::fs::File::open(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().with_batch_size(8192).build().unwrap();
    reader.map(|batch| batch.expect("the table reads")).collect()
}

fn head(batches: &[RecordBatch], rows: usize) -> Vec<RecordBatch> {
    let mut left = rows;
    let mut head = Vec::new();
    for batch in batches {
        let take = left.min(batch.num_rows());
        if take > 0 {
            head.push(batch.slice(0, take));
        }
        left -= take;
    }
    head
}

fn tally(decisions: &[RecordBatch]) -> Tally {
    let mut tally = Tally::new();
    for batch in decisions {
        let campaign = cast(batch.column_by_name("campaign").unwrap(), &DataType::Utf8).unwrap();
        let campaign = campaign.as_string::<i32>();
        let worth = batch.column_by_name("worth").unwrap().as_primitive::<Float64Type>();
        for row in 0..batch.num_rows() {
            let name = if campaign.is_null(row) { "none" } else { campaign.value(row) };
            let entry = tally.entry(name.to_owned()).or_default();
            entry.0 += 1;
            entry.1 += worth.value(row);
        }
    }
    tally
}

fn tally_by_hand(decisions: &[by_hand::Decisions]) -> Tally {
    let mut tally = Tally::new();
    for d in decisions {
        for (campaign, score) in d.campaign.iter().zip(&d.score) {
            let entry = tally.entry(CAMPAIGNS[usize::from(*campaign)].to_owned()).or_default();
            entry.0 += 1;
            entry.1 += score;
        }
    }
    tally
}

fn assert_same(a: &Tally, b: &Tally) {
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, (count, score)) in a {
        assert_eq!(*count, b[name].0, "{name}: counts differ");
        assert!((score - b[name].1).abs() < 1e-6 * count.max(&1).to_owned() as f64, "{name}: mean scores differ");
    }
}

/// One map and one call per customer, as one would embed Rhai without regain.
fn plain_rhai(batches: &[RecordBatch]) -> (usize, Tally) {
    let mut engine = rhai::Engine::new();
    engine.set_max_expr_depths(0, 0);
    let ast = engine.compile(include_str!("workload/rules.rhai")).expect("the script compiles");
    let mut tally = Tally::new();
    let mut rows = 0;
    let today = f64::from(TODAY);
    for batch in head(batches, RHAI_ROWS) {
        let schema = batch.schema();
        for row in 0..batch.num_rows() {
            let mut customer = rhai::Map::new();
            for (field, column) in schema.fields().iter().zip(batch.columns()) {
                let value = match column.data_type() {
                    _ if column.is_null(row) => rhai::Dynamic::UNIT,
                    DataType::Boolean => column.as_boolean().value(row).into(),
                    DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into(),
                    DataType::Int64 => (column.as_primitive::<arrow::datatypes::Int64Type>().value(row) as f64).into(),
                    DataType::Date32 => f64::from(column.as_primitive::<Date32Type>().value(row)).into(),
                    DataType::Utf8 => column.as_string::<i32>().value(row).to_owned().into(),
                    other => panic!("unexpected column type {other}"),
                };
                customer.insert(field.name().as_str().into(), value);
            }
            let mut scope = rhai::Scope::new();
            let result: rhai::Array =
                engine.call_fn(&mut scope, &ast, "decide", (customer, today)).expect("the script runs");
            let entry = tally.entry(result[0].clone().into_string().unwrap()).or_default();
            entry.0 += 1;
            entry.1 += result[1].as_float().unwrap();
            rows += 1;
        }
    }
    (rows, tally)
}
