//! The five steps at the size of a large company: each command on the customers of `examples/retail`, copied so often under other
//! keys, with budgets and hours to match; the outcomes are played by the example's own simulator.
//!
//! ```text
//! cargo bench --bench steps              # 500 copies: 1,000,000 customers, 9 million orders; some 6 minutes
//! cargo bench --bench steps -- 50        # fewer copies
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

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use regain::plan::read;

#[path = "../examples/retail/returns.rs"]
#[allow(dead_code)]
mod returns;

use returns::{Planned, outcome};

const COPIES: usize = 500;
const TABLES: [&str; 5] = ["customers", "orders", "complaints", "contacts", "do_not_contact"];
/// The limits of the example's plan, for one copy.
const LIMITS: [(&str, &str, f64); 6] = [
    ("budget.total", "most", 3400.0),
    ("budget.post", "most", 500.0),
    ("capacity.winback_calls", "most", 3.0),
    ("capacity.service_calls", "most", 6.0),
    ("capacity.visits", "most", 45.0),
    ("volume.comeback_cards", "least", 75.0),
];
const THREADS: &str = "2";
/// How often a command's memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    // `cargo test --benches` passes nothing and does not want to wait; `cargo bench` passes `--bench`.
    if !std::env::args().any(|a| a == "--bench") && arguments.is_empty() {
        println!("steps: nothing measured; run it with `cargo bench --bench steps`");
        return;
    }
    let copies = arguments.first().map_or(COPIES, |text| text.parse().expect("a number of copies"));
    let folder = tempfile::tempdir().unwrap();
    let world = World::copied(folder.path(), copies);
    println!(
        "{} customers, {} orders; {THREADS} threads; one run of each command, highest memory seen",
        world.rows[0], world.rows[1]
    );
    let data = world.data();
    let data: Vec<&str> = data.iter().map(String::as_str).collect();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (decisions, plan, outcomes) = (file("decisions.parquet"), file("plan.parquet"), file("outcomes.csv"));
    let pack = world.pack.display().to_string();
    let before = ["--as-of", "2026-06-30"];
    let later = ["--plan", &plan, "--outcomes", &outcomes, "--as-of", "2026-11-15"];
    let threads = ["--threads", THREADS];
    measure("run", &[&pack, "--out", &decisions], &[&before, &data, &threads]);
    measure("plan", &[&pack, "--out", &plan], &[&before, &data, &threads]);
    play(&plan, &outcomes);
    measure("evaluate", &[&pack], &[&later]);
    measure("suggest", &[&pack], &[&later, &data, &threads]);
    measure("causes", &[&pack], &[&before, &data, &threads]);
    measure("second-life", &[&pack], &[&before, &data, &threads]);
}

struct World {
    folder: PathBuf,
    pack: PathBuf,
    /// Rows by table.
    rows: Vec<usize>,
}

impl World {
    fn copied(folder: &Path, copies: usize) -> World {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/retail");
        let mut rows = Vec::new();
        for table in TABLES {
            let name = format!("{table}.csv");
            let mut reader = csv::Reader::from_path(example.join("data").join(&name)).unwrap();
            let header = reader.headers().unwrap().clone();
            let key = header.iter().position(|h| h == "customer_no").unwrap();
            let list: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            let mut writer = csv::Writer::from_writer(BufWriter::new(File::create(folder.join(&name)).unwrap()));
            writer.write_record(&header).unwrap();
            for copy in 0..copies {
                for row in &list {
                    let cells = row.iter().enumerate();
                    let with_key = |(at, cell): (usize, &str)| match at == key {
                        true => format!("{cell}-{copy}"),
                        false => cell.to_owned(),
                    };
                    writer.write_record(cells.map(with_key)).unwrap();
                }
            }
            writer.flush().unwrap();
            rows.push(list.len() * copies);
        }
        let pack = folder.join("pack");
        std::fs::create_dir(&pack).unwrap();
        let mut text = format!("[pack]\nname = \"steps\"\nextends = {:?}\n", example.display().to_string());
        for (name, bound, one) in LIMITS {
            write!(text, "\n[{name}]\n{bound} = {}\n", one * copies as f64).unwrap();
        }
        std::fs::write(pack.join("pack.toml"), text).unwrap();
        World { folder: folder.to_owned(), pack, rows }
    }

    fn data(&self) -> Vec<String> {
        let path = |table: &str| format!("{table}={}", self.folder.join(format!("{table}.csv")).display());
        TABLES.iter().flat_map(|table| ["--data".to_owned(), path(table)]).collect()
    }
}

/// What comes back after the plan.
fn play(plan: &str, outcomes: &str) {
    let plan = read::read(Path::new(plan), None).unwrap();
    let chance = plan.score_names.iter().position(|name| name == "chance").unwrap();
    let mut out = BufWriter::new(File::create(outcomes).unwrap());
    writeln!(out, "customer_no,withdrawn,returned_on,orders,revenue,margin,cost").unwrap();
    for row in &plan.rows {
        let planned = Planned::of(row, chance);
        let what = outcome(&planned, 7);
        let day = what.after_days.map(|days| i64::from(row.send_on.days()) + days);
        let day = day.and_then(regain::expr::Date::from_days).map(|day| day.to_string()).unwrap_or_default();
        let withdrawn = !day.is_empty() && planned.track == "termination";
        let (orders, revenue, margin, cost) = (what.orders, what.revenue, what.margin, what.cost);
        writeln!(out, "{},{withdrawn},{day},{orders},{revenue:.2},{margin:.2},{cost:.2}", row.key).unwrap();
    }
    println!("                               {} rows of the plan, played", plan.rows.len());
}

/// Runs one command and prints how long it took and how much memory.
fn measure(command: &str, first: &[&str], more: &[&[&str]]) {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_regain"))
        .arg(command)
        .args(first)
        .args(more.concat())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    // What it says must be taken away, else it would wait for us.
    let mut says = child.stderr.take().unwrap();
    let said = std::thread::spawn(move || std::io::read_to_string(&mut says).unwrap_or_default());
    let mut memory = 0;
    let code = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok());
        memory = memory.max(peak.unwrap_or(0_u64));
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        std::thread::sleep(LOOK);
    };
    let seconds = start.elapsed().as_secs_f64();
    let said = said.join().unwrap();
    assert!(matches!(code.code(), Some(0 | 1)), "regain {command}: {said}");
    println!("{:<20} {seconds:7.1} s  {:6} MiB", format!("regain {command}"), memory / 1024);
}
