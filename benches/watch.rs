//! From a saved rule to who moved: the rules loaded, what changed decided again, both sides compared, shown. Against deciding everything.
//!
//! ```text
//! cargo bench --bench watch                      # 100,000 and 1,000,000 customers
//! cargo bench --bench watch -- 100000
//! ```
//!
//! The customers are those of `examples/retail`, many times over, each time with other amounts; the rules are the shipped
//! pack `retail` over `base`, as texts in memory.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{concat_batches, take};
use arrow::datatypes::{DataType, Float64Type};
use regain::compare::compare;
use regain::data::{Held, Options, Run, Source};
use regain::expr::Date;
use regain::pack::shipped::SHIPPED;
use regain::pack::{self, Pack};
use regain::stage::{Context, Program};
use regain::watch::{Standing, compared};

#[path = "workload/memory.rs"]
mod memory;

/// What a watcher waits after a save, so that one save is one reload.
const DEBOUNCE: f64 = 0.040;
/// Seconds from a save to the screen, by customers.
const TARGETS: [(usize, f64); 2] = [(100_000, 0.3), (1_000_000, 2.0)];
const ROUNDS: usize = 5;
const BATCH: usize = 8_192;
/// Customers named.
const TOP: usize = 10;

type Texts = Vec<(String, String)>;

/// What is edited: a name, the text, and what is written instead.
const EDITS: [(&str, &str, &str); 6] = [
    ("threshold", "[params.sleep_after]\nvalue = 180", "[params.sleep_after]\nvalue = 150"),
    ("weight", "dimension = \"worth\"\nweight = 4", "dimension = \"worth\"\nweight = 2"),
    (
        "campaign",
        "grade in [\"A\", \"B\", \"C\"] && kept_margin >= call_from",
        "grade in [\"A\"] && kept_margin >= call_from",
    ),
    ("script", "let points = 4.0", "let points = 5.0"),
    ("state", "when = 'days_silent > lost_after'", "when = 'days_silent > lost_after - 100'"),
    ("comment", "[[states]]", "# as last year\n[[states]]"),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    // `cargo test --benches` passes nothing and does not want to wait; `cargo bench` passes `--bench`.
    if !std::env::args().any(|a| a == "--bench") && arguments.is_empty() {
        println!("watch: nothing measured; run it with `cargo bench --bench watch`");
        return;
    }
    let sizes: Vec<usize> = match arguments.as_slice() {
        [] => TARGETS.iter().map(|(rows, _)| *rows).collect(),
        list => list.iter().map(|n| n.parse().expect("a number of customers")).collect(),
    };
    let threads = Options::default().threads;
    for rows in sizes {
        measure(rows, threads);
    }
}

fn measure(rows: usize, threads: usize) {
    let texts = rules();
    let first = load(&texts);
    let before = memory::peak_memory();
    let held = Arc::new(customers(&first, rows));
    let bytes: usize = held.batches().iter().map(RecordBatch::get_array_memory_size).sum();
    let reference = Arc::new(held.fit(&first, as_of(), threads).unwrap());
    let context = Context { as_of: as_of(), reference };
    println!(
        "{rows} customers in {} batches, {} bytes each; {threads} threads; medians of {ROUNDS} rounds, in ms",
        held.batches().len(),
        bytes / rows
    );
    println!(
        "{:10} {:>8} {:>8} {:>12} {:>8} {:>8} {:>8}  columns computed again",
        "edit", "load", "again", "(everything)", "compare", "+ wait", "target"
    );
    let target = TARGETS.iter().rev().find(|(n, _)| rows >= *n).map_or(TARGETS[0].1, |(_, seconds)| *seconds);
    let mut worst = 0.0_f64;
    for (name, from, to) in EDITS {
        let edited = replaced(&texts, from, to);
        let mut times: [Vec<f64>; 4] = Default::default();
        let mut again = Vec::new();
        for _ in 0..ROUNDS {
            let mut standing = Standing::open(load(&texts), context.clone(), Arc::clone(&held), threads).unwrap();
            let (seconds, pack) = timed(|| load(&edited));
            times[0].push(seconds);
            let (seconds, followed) = timed(|| standing.follow(Arc::clone(&pack), context.clone()).unwrap());
            times[1].push(seconds);
            let (seconds, decided) = timed(|| {
                let columns = compared(&pack, as_of());
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                held.decide(&Program::compile(&pack, &context).project(&columns), threads).unwrap()
            });
            times[2].push(seconds);
            assert_eq!(decided.batches[0].column(3), standing.decided().batches[0].column(3));
            let (seconds, comparison) = timed(|| compare(&followed.side(&held), &standing.side(), TOP));
            times[3].push(seconds);
            assert!(name != "comment" || comparison.moves.moved == 0);
            again = followed.again;
        }
        let [load, follow, everything, compared] = times.map(|mut list| {
            list.sort_by(f64::total_cmp);
            list[list.len() / 2]
        });
        let total = DEBOUNCE + load + follow + compared;
        worst = worst.max(total);
        let ms = |seconds: f64| format!("{:.1}", seconds * 1e3);
        let columns = if again.is_empty() { "none".to_owned() } else { format!("{}: {} …", again.len(), again[0]) };
        println!(
            "{name:10} {:>8} {:>8} {:>12} {:>8} {:>8} {:>8}  {columns}",
            ms(load),
            ms(follow),
            ms(everything),
            ms(compared),
            ms(total),
            ms(target)
        );
    }
    let verdict = if worst <= target { "met" } else { "missed" };
    println!("save to screen: at most {:.0} ms, target {:.0} ms: {verdict}", worst * 1e3, target * 1e3);
    println!("peak memory: {} MiB more than before the customers\n", (memory::peak_memory() - before) / 1024);
}

fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let made = work();
    (start.elapsed().as_secs_f64(), made)
}

fn as_of() -> Date {
    Date::from_ymd(2026, 6, 30).unwrap()
}

fn load(texts: &Texts) -> Arc<Pack> {
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let loaded = pack::load_from_texts(&texts);
    loaded.pack.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

fn replaced(texts: &Texts, from: &str, to: &str) -> Texts {
    let mut texts = texts.clone();
    let found = texts.iter_mut().find(|(_, text)| text.contains(from)).unwrap_or_else(|| panic!("no `{from}`"));
    found.1 = found.1.replacen(from, to, 1);
    texts
}

/// The example's own pack over `retail` over `base`, each in a folder of its own.
fn rules() -> Texts {
    let own = include_str!("../examples/retail/pack.toml");
    let mut texts = vec![("pack.toml".to_owned(), own.replace("extends = \"retail\"", "extends = \"./retail\""))];
    for (name, folder) in [("retail", "retail/"), ("base", "retail/base/")] {
        let files = SHIPPED.iter().find(|(shipped, _)| *shipped == name).unwrap().1;
        for (file, text) in files {
            texts.push((format!("{folder}{file}"), text.replace("\nextends = \"base\"", "\nextends = \"./base\"")));
        }
    }
    texts
}

/// The example's customers, over and over, with keys and amounts of their own.
fn customers(pack: &Arc<Pack>, rows: usize) -> Held {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/retail/data");
    let sources: Vec<Source> =
        ["customers", "orders", "complaints"].map(|name| Source::new(name, data.join(format!("{name}.csv")))).to_vec();
    let run = Run::open(pack, as_of(), &sources, Options::default()).unwrap();
    let held = Held::read(&run).unwrap();
    let plain: Vec<RecordBatch> = held.batches().to_vec();
    let all = concat_batches(&plain[0].schema(), &plain).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let mut batches = Vec::new();
    for start in (0..rows).step_by(BATCH) {
        let here = start..(start + BATCH).min(rows);
        let places: UInt32Array = here.clone().map(|row| (row % all.num_rows()) as u32).collect();
        let columns = all.columns().iter().enumerate().map(|(at, column)| {
            let taken = take(column, &places, None).unwrap();
            if at == 0 {
                let keys = arrow::compute::cast(&taken, &DataType::Utf8).unwrap();
                let keys = keys.as_string::<i32>();
                let keys = here.clone().enumerate().map(|(i, row)| Some(format!("{}-{row}", keys.value(i))));
                return Arc::new(keys.collect::<StringArray>()) as ArrayRef;
            }
            match taken.as_primitive_opt::<Float64Type>() {
                // Counts stay whole.
                Some(numbers) if numbers.iter().flatten().any(|x| x.fract() != 0.0) => {
                    let jittered = numbers.iter().map(|x| x.map(|x| x * (0.9 + 0.2 * random.f64())));
                    Arc::new(jittered.collect::<Float64Array>())
                }
                _ => taken,
            }
        });
        let columns: Vec<ArrayRef> = columns.collect();
        let names = all.schema();
        let named = names.fields().iter().zip(columns).map(|(field, column)| (field.name().clone(), column, true));
        batches.push(RecordBatch::try_from_iter_with_nullable(named).unwrap());
    }
    Held::of(batches)
}
