//! The same decisions as others: the reference workload on a small table, against what DuckDB finds on the same file
//! (`benches/workload/expected.py` wrote the figures; the table comes from the workload's own generator).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use regain::expr::{Date, Type, Value};
use regain::pack;
use regain::stage::{Context, Program, cell};

const CRITERIA: [&str; 12] = [
    "history",
    "margin",
    "image",
    "referral",
    "future",
    "price",
    "bargain",
    "payment",
    "credit",
    "care",
    "sympathy",
    "complaint",
];

#[test]
fn counts_and_mean_scores_are_those_duckdb_finds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let loaded = pack::load(root.join("benches/workload").to_str().unwrap());
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics));
    let program = Program::compile(&pack, &Context::at(Date::from_days(20_778).unwrap()));
    let file = std::fs::File::open(root.join("tests/workload/customers.parquet")).unwrap();
    let batches: Vec<RecordBatch> =
        ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().map(Result::unwrap).collect();

    let mut found: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
    for batch in &batches {
        let decisions = program.apply(batch).unwrap().decisions;
        let column = |name: &str| decisions.column_by_name(name).unwrap().clone();
        let scores: Vec<_> = std::iter::once("worth".to_owned())
            .chain(CRITERIA.iter().map(|c| format!("score.{c}")))
            .map(|n| column(&n))
            .collect();
        for by in ["campaign", "state", "cause"] {
            let names = column(by);
            for row in 0..decisions.num_rows() {
                let name = match cell(&names, row, Type::Text) {
                    Value::Missing => "none".to_owned(),
                    name => name.to_string(),
                };
                let sums = found.entry((by.to_owned(), name)).or_insert_with(|| vec![0.0; 14]);
                sums[0] += 1.0;
                for (sum, column) in sums[1..].iter_mut().zip(&scores) {
                    *sum += cell(column, row, Type::Number).as_number().expect("every score is known");
                }
            }
        }
    }

    let expected = std::fs::read_to_string(root.join("tests/workload/expected.csv")).unwrap();
    let mut lines = 0;
    for line in expected.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let sums = found
            .get(&(cells[0].to_owned(), cells[1].to_owned()))
            .unwrap_or_else(|| panic!("no {} {}", cells[0], cells[1]));
        assert_eq!(sums[0], cells[2].parse::<f64>().unwrap(), "{} {}: count", cells[0], cells[1]);
        for (sum, want) in sums[1..].iter().zip(&cells[3..]) {
            let want: f64 = want.parse().unwrap();
            assert!(
                (sum / sums[0] - want).abs() < 1e-8,
                "{} {}: mean {} instead of {want}",
                cells[0],
                cells[1],
                sum / sums[0]
            );
        }
        lines += 1;
    }
    assert_eq!(lines, found.len(), "no group more, none less");
}
