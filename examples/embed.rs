//! Embeds regain: three customers in memory, the shipped base pack, their decisions.
//!
//! ```text
//! cargo run --release --example embed
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Float64Array, RecordBatch, StringArray};
use regain::diag::render_human;
use regain::expr::{Date, Type};
use regain::pack;
use regain::stage::{Context, Program, cell};

fn main() -> Result<(), Box<dyn Error>> {
    // 1. A pack: a folder, or the name of a shipped one. Everything that is wrong with it is said at once.
    let loaded = pack::load("base");
    let Some(pack) = loaded.pack else {
        return Err(render_human(&loaded.diagnostics, &loaded.sources, false, 100).into());
    };

    // 2. A program: the pack compiled for an as-of date. It can be shared between threads.
    let as_of = Date::parse_iso("2026-06-30").ok_or("no such day")?;
    let program = Program::compile(&pack, &Context::at(as_of));

    // 3. Records: one row per customer. A column the pack knows but the batch lacks is unknown for everybody.
    let day = |text: &str| Date::parse_iso(text).map(Date::days);
    let batch = RecordBatch::try_from_iter([
        ("customer_id", Arc::new(StringArray::from(vec!["anna", "bert", "cleo"])) as ArrayRef),
        ("last_order", Arc::new(Date32Array::from(vec![day("2025-08-01"), day("2026-06-20"), None]))),
        ("first_order", Arc::new(Date32Array::from(vec![day("2019-03-04"), day("2024-01-15"), None]))),
        ("order_count", Arc::new(Float64Array::from(vec![Some(48.0), Some(5.0), None]))),
        ("revenue", Arc::new(Float64Array::from(vec![Some(6_200.0), Some(240.0), None]))),
        ("consent_post", Arc::new(BooleanArray::from(vec![Some(true), Some(true), None]))),
        ("objected", Arc::new(BooleanArray::from(vec![Some(false), Some(false), Some(true)]))),
    ])?;

    // 4. Decisions: one row per record, in the same order.
    let decisions = program.apply(&batch)?.decisions;
    let columns = ["customer_id", "suppressed_because", "state", "grade", "worth", "chance", "campaign", "reasons"];
    for row in 0..decisions.num_rows() {
        for name in columns {
            let column = decisions.column_by_name(name).ok_or("a decision has this column")?;
            let ty = if matches!(name, "worth" | "chance") { Type::Number } else { Type::Text };
            println!("{name:18} {}", cell(column, row, ty));
        }
        println!();
    }
    Ok(())
}
