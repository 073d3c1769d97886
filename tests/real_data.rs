//! Real data, as published: the CDNOW log of 23,570 first-time buyers. It lies beside the project, never in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array as _, RecordBatch};
use regain::data::{Apply, Collected, DataError, Options, Run, RunCounts, Source};
use regain::expr::{Date, Type};
use regain::pack::{self, Pack};
use regain::stage::{Context, Program, cell};

use crate::command::shared;

fn cdnow() -> Arc<Pack> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/cdnow");
    let loaded = pack::load(folder.to_str().unwrap());
    loaded.pack.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

fn decide(pack: &Arc<Pack>, orders: &Path, as_of: Date) -> (Vec<RecordBatch>, RunCounts) {
    let run = Run::open(pack, as_of, &[Source::new("orders", orders)], Options::default()).unwrap();
    let program = Program::compile(pack, &Context::at(as_of));
    let apply: Apply =
        Arc::new(move |batch| program.apply(batch).map(|a| a.decisions).map_err(|e| DataError::input(e.to_string())));
    let mut decisions = Collected::default();
    let counts = run.execute(&apply, &mut decisions).unwrap();
    (decisions.batches, counts)
}

fn rows(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::num_rows).sum()
}

fn column_sum(batches: &[RecordBatch], name: &str) -> f64 {
    let mut sum = 0.0;
    for batch in batches {
        let column = batch.column_by_name(name).unwrap();
        sum += (0..batch.num_rows()).filter_map(|i| cell(column, i, Type::Number).as_number()).sum::<f64>();
    }
    sum
}

fn texts(batches: &[RecordBatch]) -> Vec<String> {
    let mut lines = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let cells = batch
                .schema()
                .fields()
                .iter()
                .map(|field| {
                    let column = batch.column_by_name(field.name()).unwrap();
                    let ty = match field.data_type() {
                        arrow::datatypes::DataType::Float64 => Type::Number,
                        arrow::datatypes::DataType::Boolean => Type::Bool,
                        arrow::datatypes::DataType::Date32 => Type::Date,
                        _ => Type::Text,
                    };
                    format!("{}={:?}", field.name(), cell(column, row, ty))
                })
                .collect::<Vec<_>>();
            lines.push(cells.join(" "));
        }
    }
    lines
}

#[test]
fn cdnow_at_the_end_of_its_log() {
    let Some(orders) = shared("cdnow/cdnow.csv") else { return };
    let (decisions, counts) = decide(&cdnow(), &orders, Date::from_ymd(1998, 6, 30).unwrap());
    let table = counts.tables.iter().find(|t| t.table == "orders").unwrap();
    assert_eq!((table.rows, table.rejected, table.after_today), (69_659, 0, 0));
    assert_eq!(table.events, 67_591, "purchases after the same-day merge");
    assert_eq!(counts.records, 23_570);
    assert_eq!(rows(&decisions), 23_570);
    assert_eq!(format!("{:.2}", column_sum(&decisions, "money")), "2500315.63");
    for batch in &decisions {
        for name in ["state", "grade", "worth"] {
            assert_eq!(batch.column_by_name(name).unwrap().null_count(), 0, "every customer has a {name}");
        }
    }
}

#[test]
fn cdnow_in_the_middle_does_not_see_what_came_later() {
    let Some(orders) = shared("cdnow/cdnow.csv") else { return };
    let pack = cdnow();
    let as_of = Date::from_ymd(1997, 9, 30).unwrap();
    let (decisions, counts) = decide(&pack, &orders, as_of);
    assert_eq!(counts.records, 23_570);

    // The same log, cut off at the as-of date by other means: dates are written 19970131, so they compare as texts.
    let text = std::fs::read_to_string(&orders).unwrap();
    let header = text.lines().next().unwrap();
    let date = header.split(',').position(|name| name.contains("date")).expect("a date column");
    let (mut kept, mut dropped) = (format!("{header}\n"), 0);
    for line in text.lines().skip(1) {
        if line.split(',').nth(date).unwrap() <= "19970930" {
            kept.push_str(line);
            kept.push('\n');
        } else {
            dropped += 1;
        }
    }
    assert!(dropped > 10_000);
    let table = counts.tables.iter().find(|t| t.table == "orders").unwrap();
    assert_eq!(table.after_today, dropped);
    let folder = tempfile::tempdir().unwrap();
    let past = folder.path().join("orders.csv");
    std::fs::write(&past, kept).unwrap();
    let (of_the_past, counts) = decide(&pack, &past, as_of);
    assert_eq!(counts.tables.iter().map(|t| t.after_today).sum::<u64>(), 0);
    let (a, b) = (texts(&decisions), texts(&of_the_past));
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(&b) {
        assert_eq!(a, b);
    }
}
