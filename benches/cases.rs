//! How many cases are decided in a second, reading included; and how long a pack of 500 rules is checked.
//!
//! ```text
//! cargo bench --bench cases
//! cargo bench --bench cases -- --quick      # small tables, few rounds: does it run at all?
//! cargo bench --bench cases -- --pack PATH  # only how long this pack is checked
//! ```
//!
//! Beside the time that passes stands what the processor spent, all threads together (on Linux; in steps of 10 ms): on a busy machine
//! the first says little.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

#[path = "cases/generated.rs"]
mod generated;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use regain::cases::{self, verdict};
use regain::check::{self, Subject};
use regain::diag::render_short;
use regain::pack;

/// Cases a second that must be reached.
const CASES_A_SECOND: f64 = 10_000.0;
/// Milliseconds that checking 500 rules may take.
const CHECK_MS: f64 = 150.0;

const OVERLAY: &str = "[pack]\nname = \"client\"\nversion = \"1.0.0\"\nextends = \"retail\"\n";

fn main() {
    // `cargo test --benches` passes no argument; then nothing is measured.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() {
        println!("cases: nothing measured. Run it with `cargo bench --bench cases`.");
        return;
    }
    let quick = arguments.iter().any(|a| a == "--quick");
    if let Some(place) = arguments.iter().position(|a| a == "--pack") {
        time_check("the pack given", Path::new(&arguments[place + 1]), 5, None);
        return;
    }
    let (sizes, rounds) = if quick { (&[1_000][..], 3) } else { (&[10_000, 100_000][..], 5) };
    println!("cases: median of {rounds} rounds, reading included");
    for rows in sizes {
        for events in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("pack.toml"), OVERLAY).unwrap();
            std::fs::create_dir(folder.path().join("cases")).unwrap();
            std::fs::write(folder.path().join("cases/bulk.csv"), generated::cases(*rows, events)).unwrap();
            let before = spent();
            let times: Vec<(f64, f64)> = (0..rounds).map(|_| run(folder.path(), *rows)).collect();
            let spent = (spent() - before) / rounds as f64;
            let (read, total) = (median(times.iter().map(|t| t.0)), median(times.iter().map(|t| t.1)));
            let rate = *rows as f64 / total;
            println!(
                "  {rows:7} cases {}  read {read:6.3} s   in all {total:6.3} s (processor {spent:6.3} s)   {rate:9.0} cases/s   (target: at least {CASES_A_SECOND:.0}) {}",
                if events { "with events   " } else { "without events" },
                verdict_of(rate >= CASES_A_SECOND)
            );
        }
    }
    let rounds = if quick { 3 } else { 11 };
    for times in [1, 4] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pack.toml"), generated::pack(times)).unwrap();
        let what = format!("a pack of {} rules", generated::RULES * times);
        time_check(&what, folder.path(), rounds, (times == 1).then_some(CHECK_MS));
    }
}

/// How long a pack is loaded and checked, here and as a command.
fn time_check(what: &str, folder: &Path, rounds: usize, target: Option<f64>) {
    let target = |time: f64| {
        target.map_or(String::new(), |most| format!("   (target: below {most:.0}) {}", verdict_of(time < most)))
    };
    let before = spent();
    let times: Vec<(f64, f64, usize)> = (0..rounds).map(|_| checked(folder)).collect();
    let used = (spent() - before) * 1000.0 / rounds as f64;
    let (load, total) = (median(times.iter().map(|t| t.0)), median(times.iter().map(|t| t.1)));
    println!("check: {what}, median of {rounds} rounds, {} findings", times[0].2);
    println!(
        "  load {load:7.1} ms   lints {:7.1} ms   in all  {total:7.1} ms (processor {used:7.1} ms){}",
        total - load,
        target(total)
    );
    let before = spent();
    let command = |_| {
        let start = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_regain")).arg("check").arg(folder).output().unwrap();
        assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
        start.elapsed().as_secs_f64() * 1000.0
    };
    let whole = median((0..rounds).map(command));
    let used = (spent() - before) * 1000.0 / rounds as f64;
    println!("  `regain check`, the whole command       {whole:7.1} ms (processor {used:7.1} ms){}", target(whole));
}

/// Seconds of processor time of this process and of those it has waited for; 0 where nobody tells.
fn spent() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(4);
    fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn verdict_of(reached: bool) -> &'static str {
    if reached { "reached" } else { "MISSED" }
}

fn median(times: impl Iterator<Item = f64>) -> f64 {
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Seconds for reading, and for reading, deciding and judging.
fn run(folder: &Path, rows: usize) -> (f64, f64) {
    let name = folder.to_str().unwrap();
    let loaded = pack::load(name);
    let start = Instant::now();
    let set = cases::load(name, &loaded);
    let read = start.elapsed().as_secs_f64();
    assert_eq!(set.len(), rows, "{}", render_short(&set.diagnostics[..set.diagnostics.len().min(3)], &set.sources));
    let verdicts = verdict::run(&set, loaded.pack.as_ref().unwrap()).unwrap();
    let total = start.elapsed().as_secs_f64();
    assert!(verdicts.failed.is_empty(), "{:?}", verdicts.failed.first());
    (read, total)
}

/// Milliseconds for loading, and for loading and all lints; and how many findings there are.
fn checked(folder: &Path) -> (f64, f64, usize) {
    let start = Instant::now();
    let loaded = pack::load(folder.to_str().unwrap());
    let load = start.elapsed().as_secs_f64() * 1000.0;
    let Some(pack) = &loaded.pack else { panic!("{}", render_short(&loaded.diagnostics, &loaded.sources)) };
    let found = check::check(&Subject { pack, cases: None });
    (load, start.elapsed().as_secs_f64() * 1000.0, found.len())
}
