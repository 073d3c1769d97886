//! Embeds regain in a program that runs for long: rules are edited while it decides, and it never runs half-written ones.
//!
//! ```text
//! cargo run --release --example embed_watch -- rules/retail     # then edit a file there, in another window
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use regain::diag::render_human;
use regain::expr::{Date, Type};
use regain::stage::cell;
use regain::watch::{Host, What};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let pack = arguments.next().unwrap_or_else(|| "rules/retail".to_owned());
    let seconds = arguments.next().map_or(Ok(600), |text| text.parse())?;

    // 1. The rules: read, checked, and from now on watched. If they have errors at the start, this says which.
    let as_of = Date::parse_iso("2026-06-30").ok_or("no such day")?;
    let host = Host::builder(&pack).as_of(as_of).debounce(Duration::from_millis(40)).open()?;

    // 2. What happens to them, on a channel. Who does not care need not listen: the newest good rules are in force either way.
    let events = host.events();
    std::thread::spawn(move || {
        for event in events {
            let files = event.files.iter().map(|change| format!("{} {}", change.path.display(), change.kind.word()));
            println!("{}", files.collect::<Vec<_>>().join(", "));
            match event.what {
                What::Reloaded { rules, before, .. } => {
                    println!(
                        "  generation {} follows {}, in {:?}",
                        rules.generation,
                        before.generation,
                        event.noticed.elapsed()
                    );
                }
                What::Broken { diagnostics, sources, rules } => {
                    eprintln!("{}", render_human(&diagnostics, &sources, false, 100));
                    eprintln!("  generation {} stays in force", rules.generation);
                }
                What::Watching(how) => println!("  changes are noticed by {how}"),
            }
        }
    });

    // 3. The work. Each batch is decided by one version as a whole; taking it never waits, not even while rules are loaded.
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(seconds) {
        let rules = host.rules();
        let decisions = rules.program.apply(&batch()?)?.decisions;
        let state = decisions.column_by_name("state").ok_or("a decision has a state")?;
        println!("generation {}: anna is {}", rules.generation, cell(state, 0, Type::Text));
        std::thread::sleep(Duration::from_secs(2));
    }
    Ok(())
}

/// A customer who bought last in February.
fn batch() -> Result<RecordBatch, Box<dyn Error>> {
    let day = |text: &str| Date::parse_iso(text).map(Date::days);
    Ok(RecordBatch::try_from_iter([
        ("customer_id", Arc::new(StringArray::from(vec!["anna"])) as ArrayRef),
        ("last_order", Arc::new(Date32Array::from(vec![day("2026-02-01")]))),
        ("first_order", Arc::new(Date32Array::from(vec![day("2019-03-04")]))),
    ])?)
}
