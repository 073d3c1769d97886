//! Script functions: one that is lowered against the same expression in TOML, and one that runs in Rhai against the naive way,
//! which builds a map of the whole record for each row.
//!
//! ```text
//! cargo bench --bench scripts [-- ROWS]
//! ```
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow::datatypes::{Field, Schema};
use regain::diag::{FileId, Sources, Span};
use regain::engine::{Builder, Code};
use regain::expr::{Anchor, Expr, Kind, Name, NameKind, Names, Scope, Slot, Stage, Type, check, parse};
use regain::script::{Limits, Scripts};

/// Rows of a batch, as everywhere in a run.
const BATCH: usize = 8192;
const ROUNDS: usize = 7;
/// Columns of a record, as in the reference workload.
const COLUMNS: usize = 28;
/// Rows of the naive way: it is too slow for all of them.
const NAIVE: usize = 50_000;

const TEXT: &str = r#"
/// (revenue: number, late: number, segment: text) -> number
fn payment(revenue, late, segment) {
    let base = switch segment {
        "key_account" | "enterprise" => 8.0,
        "business" => 6.0,
        "private" => 4.0,
        _ => 2.0,
    };
    if late > 10.0 {
        return 0.0;
    }
    let bonus = if revenue > 5000.0 { 2.0 } else { revenue / 2500.0 };
    clamp(base + bonus - late * 0.5, 0.0, 10.0)
}

/// (revenue: number, late: number, segment: text) -> number
fn settled(revenue, late, segment) {
    let base = if segment == "private" { 4.0 } else { 6.0 };
    let left = revenue;
    let steps = 0;
    while left > 1000.0 && steps < 8 {
        left /= 2.0;
        steps += 1;
    }
    base + steps - late * 0.5
}

/// (revenue: number, late: number, segment: text) -> number
fn larger(revenue, late, segment) {
    let both = [revenue / 1000.0, late * 3.0];
    if both[0] > both[1] { both[0] } else { both[1] }
}

fn settled_of(record) {
    settled(record.n0, record.n1, record.t0)
}

fn larger_of(record) {
    larger(record.n0, record.n1, record.t0)
}
"#;

const TOML: &str = r#"if late > 10.0 { 0.0 } else { clamp((switch segment { "key_account" | "enterprise" => 8.0, "business" => 6.0, "private" => 4.0, _ => 2.0 }) + (if revenue > 5000.0 { 2.0 } else { revenue / 2500.0 }) - late * 0.5, 0.0, 10.0) }"#;

fn main() {
    // `cargo bench` passes `--bench`; `cargo test --benches` passes nothing, and measures little.
    let bench = std::env::args().any(|a| a == "--bench");
    let rows = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(if bench { 1_000_000 } else { BATCH });
    let rounds = if bench { ROUNDS } else { 1 };
    let mut sources = Sources::default();
    let file = sources.add("scripts/m.rhai", TEXT);
    let mut diagnostics = Vec::new();
    let scripts = Scripts::compile(&[("m".to_owned(), file)], &sources, &Limits::default(), &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let scripts = Arc::new(scripts);
    let (names, slots) = names();

    let call = |name: &str| {
        let signature = scripts.find("m", name).unwrap();
        let span = Span::new(FileId(0), 0, 0);
        let read = ["revenue", "late", "segment"].map(|name| {
            let slot = names.find(name).unwrap();
            Expr { kind: Kind::Slot(slot), ty: names.get(slot).ty, span }
        });
        Expr { kind: Kind::Script(Arc::clone(signature), read.to_vec()), ty: Type::Number, span }
    };
    assert!(scripts.lowered(scripts.find("m", "payment").unwrap()).is_some_and(|l| l.guards.is_empty()));
    assert!(scripts.why_not(scripts.find("m", "settled").unwrap()).is_some());
    let toml = program(&names, &slots, &scripts, &expression(TOML, &names, &scripts));
    let lowered = program(&names, &slots, &scripts, &call("payment"));
    let called = program(&names, &slots, &scripts, &call("settled"));
    let short = program(&names, &slots, &scripts, &call("larger"));

    let distinct = batches(rows, 0);
    let repeating = batches(rows, 40);
    println!("{rows} rows in batches of {BATCH}, one thread; medians of {rounds} rounds taken in turn");
    let mut times: [Vec<f64>; 5] = Default::default();
    for _ in 0..rounds {
        times[0].push(run(&toml, &distinct));
        times[1].push(run(&lowered, &distinct));
        times[2].push(run(&called, &distinct));
        times[3].push(run(&called, &repeating));
        times[4].push(run(&short, &distinct));
    }
    let same =
        |a: &Code, b: &Code| distinct.iter().all(|x| a.run(x).unwrap().0.column(0) == b.run(x).unwrap().0.column(0));
    assert!(same(&toml, &lowered), "the lowered function gives what the expression gives");
    let few = rows.min(if bench { NAIVE } else { 100 });
    let mut naive_times: [Vec<f64>; 2] = Default::default();
    for _ in 0..rounds.min(3) {
        naive_times[0].push(naive(&distinct, few, "settled_of") / few as f64);
        naive_times[1].push(naive(&distinct, few, "larger_of") / few as f64);
    }

    let median = |list: &[f64]| {
        let mut sorted = list.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    let per_row: Vec<f64> = times.iter().map(|t| median(t) / rows as f64 * 1e6).collect();
    let naive = naive_times.map(|t| median(&t) * 1e6);
    println!("{:52} {:>10}", "", "µs per row");
    for (name, x) in [
        ("expression in TOML", per_row[0]),
        ("the same as a lowered function", per_row[1]),
        ("short function in Rhai, all arguments different", per_row[4]),
        ("short function in plain Rhai, a map of the record", naive[1]),
        ("function with a loop in Rhai, all different", per_row[2]),
        ("function with a loop in Rhai, arguments come again", per_row[3]),
        ("function with a loop in plain Rhai, a map", naive[0]),
    ] {
        println!("{name:52} {x:>10.4}");
    }
    println!();
    println!("lowered / expression                       {:.2}  (target: at most 1.5)", per_row[1] / per_row[0]);
    println!("map / Rhai, short function, all different  {:.1}  (target: at least 5)", naive[1] / per_row[4]);
    println!(
        "map / Rhai, loop, all different            {:.1}  (the loop itself costs both the same)",
        naive[0] / per_row[2]
    );
    println!("map / Rhai, loop, arguments come again     {:.1}  (target: at least 5)", naive[0] / per_row[3]);
}

fn names() -> (Arc<Names>, Vec<(Slot, String)>) {
    let mut names = Names::default();
    let mut slots = Vec::new();
    for (name, field, ty) in
        [("revenue", "n0", Type::Number), ("late", "n1", Type::Number), ("segment", "t0", Type::Text)]
    {
        let kind = NameKind::Column;
        let slot = names.add(Name { name: name.to_owned(), kind, stage: Stage::Record, ty, span: None }).unwrap();
        slots.push((slot, field.to_owned()));
    }
    (Arc::new(names), slots)
}

fn expression(text: &str, names: &Names, scripts: &Scripts) -> Expr {
    let mut diagnostics = Vec::new();
    let mut sources = Sources::default();
    let file = sources.add("criteria.toml", text);
    let ast = parse(text, &Anchor::plain(file, 0, Span::new(file, 0, text.len())), &mut diagnostics).unwrap();
    let scope = Scope { names, stage: Stage::Campaign, scripts };
    let expr = check(&ast, &scope, Some(Type::Number), &mut diagnostics);
    expr.unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

fn program(names: &Arc<Names>, slots: &[(Slot, String)], scripts: &Arc<Scripts>, expr: &Expr) -> Code {
    let mut builder = Builder::new(Arc::clone(names), Arc::clone(scripts));
    for (slot, field) in slots {
        builder.input(*slot, field);
    }
    let value = builder.value(expr);
    builder.output("score", value);
    builder.finish("key")
}

/// Batches of records; with `few`, so many values of each number only.
fn batches(rows: usize, few: usize) -> Vec<RecordBatch> {
    const SEGMENTS: [&str; 5] = ["private", "business", "key_account", "enterprise", "other"];
    let mut random = fastrand::Rng::with_seed(7);
    let mut made = Vec::new();
    let mut left = rows;
    while left > 0 {
        let n = left.min(BATCH);
        left -= n;
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for column in 0..COLUMNS {
            let text = column % 4 == 3;
            let name = if text { format!("t{}", column / 4) } else { format!("n{}", column - column / 4) };
            let array: ArrayRef = if text {
                Arc::new((0..n).map(|_| Some(SEGMENTS[random.usize(..5)])).collect::<StringArray>())
            } else {
                let top = if column == 1 { 15.0 } else { 20_000.0 };
                let number = |random: &mut fastrand::Rng| match few {
                    0 => random.f64() * top,
                    few => (random.usize(..few) as f64) * top / few as f64,
                };
                Arc::new((0..n).map(|_| Some(number(&mut random))).collect::<Float64Array>())
            };
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        made.push(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap());
    }
    made
}

fn run(code: &Code, batches: &[RecordBatch]) -> f64 {
    let start = Instant::now();
    for batch in batches {
        black_box(code.run(batch).unwrap());
    }
    start.elapsed().as_secs_f64()
}

/// One map and one call per row, as one would embed Rhai without regain.
fn naive(batches: &[RecordBatch], rows: usize, function: &str) -> f64 {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::{DataType, Float64Type};
    let engine = rhai::Engine::new();
    let ast = engine.compile(TEXT).unwrap();
    let start = Instant::now();
    let mut done = 0;
    for batch in batches {
        for row in 0..batch.num_rows() {
            if done == rows {
                return start.elapsed().as_secs_f64();
            }
            done += 1;
            let mut record = rhai::Map::new();
            for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
                let value = match array.data_type() {
                    _ if array.is_null(row) => rhai::Dynamic::UNIT,
                    DataType::Float64 => array.as_primitive::<Float64Type>().value(row).into(),
                    _ => array.as_string::<i32>().value(row).to_owned().into(),
                };
                record.insert(field.name().as_str().into(), value);
            }
            let mut scope = rhai::Scope::new();
            let score = engine
                .call_fn_with_options::<rhai::Dynamic>(
                    rhai::CallFnOptions::new().eval_ast(false),
                    &mut scope,
                    &ast,
                    function,
                    (record,),
                )
                .unwrap();
            let _ = black_box(score);
        }
    }
    start.elapsed().as_secs_f64()
}
