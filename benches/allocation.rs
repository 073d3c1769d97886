//! Who gets which contact: the allocation on a published instance and on generated ones of up to 8 million customers.
//!
//! ```text
//! cargo bench --bench allocation                 # GS1; 1, 2, 4, 8 million customers x 10 campaigns x 20 limits
//! cargo bench --bench allocation -- 100000       # other sizes
//! ```
//!
//! GS1 is read from `../shared/data/assignment/GS1` (Bigler, Kammermann and Baumann, EJOR 304(2), 2023) if it is there.
//! The generated customers have ten campaigns on three channels: calls are dear and work best, mails cost next to nothing.
//! What campaigns bring a customer hangs together: by her worth, by how ready she is to come back, and by chance.
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
use std::time::Instant;

use regain::plan::solve::{Class, Lag, Limit, Problem, Settings, check, solve};

#[path = "workload/memory.rs"]
mod memory;

const SIZES: [usize; 4] = [1_000_000, 2_000_000, 4_000_000, 8_000_000];
/// For one million customers: seconds, and the gap for all.
const SECONDS: f64 = 10.0;
const GAP: f64 = 1e-3;
const THREADS: usize = 2;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    // `cargo test --benches` passes nothing and does not want to wait; `cargo bench` passes `--bench`.
    if !std::env::args().any(|a| a == "--bench") && arguments.is_empty() {
        println!("allocation: nothing measured; run it with `cargo bench --bench allocation`");
        return;
    }
    if arguments.is_empty() {
        published();
    }
    let sizes: Vec<usize> = match arguments.as_slice() {
        [] => SIZES.to_vec(),
        list => list.iter().map(|n| n.parse().expect("a number of customers")).collect(),
    };
    println!(
        "generated customers x 10 campaigns, 20 limits; {THREADS} threads; good enough is a gap of {} %",
        100.0 * GAP
    );
    println!(
        "{:>10} {:>11} {:>8} {:>10} {:>10} {:>7} {:>9} {:>6} {:>7} {:>8}",
        "customers", "options", "seconds", "s/million", "gap in %", "passes", "contacts", "bind", "MiB", "target"
    );
    for customers in sizes {
        grown(customers);
    }
}

fn grown(customers: usize) {
    let before = memory::peak_memory();
    let problem = generated(customers);
    let start = Instant::now();
    let found = solve(&problem, &Settings { threads: THREADS, gap: GAP }).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(check(&problem, &found.chosen), [], "a limit is broken");
    let millions = customers as f64 / 1e6;
    let met = found.gap() < GAP && seconds < SECONDS * millions.max(0.1);
    println!(
        "{customers:>10} {:>11} {seconds:>8.2} {:>10.2} {:>10.5} {:>7} {:>9} {:>6} {:>7} {:>8}",
        problem.gain.len(),
        seconds / millions,
        100.0 * found.gap(),
        found.passes,
        found.chosen.len(),
        found.prices.iter().filter(|price| **price != 0.0).count(),
        (memory::peak_memory() - before) / 1024,
        if met { "met" } else { "missed" }
    );
}

/// Channel (0 phone, 1 mail, 2 post), cost, hours, share that returns.
const CAMPAIGNS: [(usize, f64, f64, f64); 10] = [
    (0, 8.0, 0.25, 0.22),
    (0, 6.5, 0.20, 0.19),
    (0, 12.0, 0.40, 0.30),
    (1, 0.05, 0.0, 0.05),
    (1, 0.05, 0.0, 0.06),
    (1, 0.40, 0.0, 0.08),
    (1, 3.0, 0.0, 0.12),
    (2, 1.1, 0.0, 0.09),
    (2, 2.4, 0.0, 0.13),
    (2, 1.6, 0.0, 0.10),
];

/// Customers of a shop: 8 % are key accounts, for whom a share of the calls is reserved; calls are made in one of two weeks.
fn generated(customers: usize) -> Problem {
    let mut random = fastrand::Rng::with_seed(7);
    let options = customers * 9;
    let mut problem =
        Problem { first: vec![0], amounts: vec![Vec::new(); 4], most_per_customer: 1, ..Problem::default() };
    problem.gain.reserve(options);
    problem.class.reserve(options);
    problem.amounts[1..].iter_mut().for_each(|list| list.reserve(options));
    // A class per campaign, key account or not, and week.
    for class in 0..40 {
        problem.classes.push(Class { weight: 1.0, group: CAMPAIGNS[class % 10].0 as u16, uses: Vec::new() });
    }
    for _ in 0..customers {
        let key = random.f64() < 0.08;
        let week = usize::from(random.bool());
        let worth =
            40.0 * (0.8 * (random.f64() + random.f64() + random.f64() - 1.5) * 2.0).exp() * if key { 3.0 } else { 1.0 };
        let ready = 0.4 + 1.2 * random.f64();
        for (campaign, (_, cost, hours, share)) in CAMPAIGNS.iter().enumerate() {
            // Not everybody has consented to everything.
            if random.f64() < 0.15 {
                continue;
            }
            let success = (share * ready * (0.5 + random.f64())).min(0.95);
            problem.gain.push(success * worth - cost);
            problem.class.push((campaign + 10 * usize::from(key) + 20 * week) as u16);
            problem.amounts[1].push(*cost);
            problem.amounts[2].push(*hours);
            problem.amounts[3].push(success);
        }
        problem.first.push(problem.gain.len() as u32);
    }
    limits(&mut problem, customers as f64);
    problem
}

/// Twenty limits: budgets, hours per week, a reserve, volumes and returns wanted.
fn limits(problem: &mut Problem, size: f64) {
    const CONTACTS: u32 = 0;
    const COST: u32 = 1;
    const HOURS: u32 = 2;
    const RETURNS: u32 = 3;
    let mut add = |name: &str, measure: u32, most: f64, least: f64, covers: &dyn Fn(usize, bool, usize) -> bool| {
        let at = problem.limits.len() as u32;
        let given = |bound: f64| (bound > 0.0).then_some(bound * size);
        let penalty = if measure == RETURNS { 30.0 } else { 2.0 };
        problem.limits.push(Limit { name: name.to_owned(), most: given(most), least: given(least), penalty });
        for (class, uses) in problem.classes.iter_mut().enumerate() {
            if covers(class % 10, class / 10 % 2 == 1, class / 20) {
                uses.uses.push((at, measure));
            }
        }
    };
    let of = |campaign: usize, channel: usize| CAMPAIGNS[campaign].0 == channel;
    add("budget.total", COST, 0.70, 0.0, &|_, _, _| true);
    add("budget.phone", COST, 0.45, 0.0, &|c, _, _| of(c, 0));
    add("budget.mail", COST, 0.10, 0.0, &|c, _, _| of(c, 1));
    add("budget.post", COST, 0.30, 0.0, &|c, _, _| of(c, 2));
    add("capacity.calls/1", HOURS, 0.006, 0.0, &|c, _, w| of(c, 0) && w == 0);
    add("capacity.calls/2", HOURS, 0.005, 0.0, &|c, _, w| of(c, 0) && w == 1);
    add("reserve.key_accounts", HOURS, 0.0045, 0.0, &|c, key, _| of(c, 0) && !key);
    add("volume.contacts", CONTACTS, 0.70, 0.0, &|_, _, _| true);
    add("volume.mail", CONTACTS, 0.42, 0.0, &|c, _, _| of(c, 1));
    for (campaign, most) in [0.010, 0.025, 0.015, 0.15, 0.14, 0.12, 0.02, 0.11, 0.045].into_iter().enumerate() {
        add(&format!("volume.{campaign}"), CONTACTS, most, 0.0, &|c, _, _| c == campaign);
    }
    add("returns.post", RETURNS, 0.0, 0.016, &|c, key, _| of(c, 2) && key);
    add("volume.cards", CONTACTS, 0.0, 0.07, &|c, _, _| c == 9);
}

/// GS1 with one contact and two budgets, and with all its rules. Three contacts per customer, conflicts ordered.
fn published() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/assignment/GS1");
    if !folder.join("table2.csv").is_file() {
        println!("GS1: not in {}, not measured\n", folder.display());
        return;
    }
    println!(
        "{:28} {:>8} {:>12} {:>12} {:>10} {:>8}  target",
        "GS1, 10,000 customers", "seconds", "objective", "bound", "gap in %", "exact"
    );
    for (all, title) in [(false, "one contact, two budgets"), (true, "all rules")] {
        let problem = gs1(&folder, all);
        let start = Instant::now();
        let found = solve(&problem, &Settings { threads: THREADS, gap: 0.0 }).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!(check(&problem, &found.chosen), []);
        let met = if all { found.gap() < GAP } else { found.objective >= 142_550.0 && found.bound < 142_554.0 };
        println!(
            "{title:28} {seconds:>8.2} {:>12.2} {:>12.2} {:>10.5} {:>8}  {} {}",
            found.objective,
            found.bound,
            100.0 * found.gap(),
            found.exact,
            if all { "gap under 0.1 %:" } else { "142,550, bound under 142,554:" },
            if met { "met" } else { "missed" }
        );
    }
    println!();
}

fn gs1(folder: &Path, all: bool) -> Problem {
    let rows = |name: &str| -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
        reader.records().map(|row| row.unwrap().iter().map(|cell| cell.trim().to_owned()).collect()).collect()
    };
    let group = |channel: &str| {
        ["call center", "direct mail", "text message", "email"].iter().position(|c| *c == channel).unwrap() as u16
    };
    let within = |list: &str, parts: &str| {
        list == "ALL" || list.split(';').any(|a| parts.split(';').any(|b| a.trim() == b.trim()))
    };
    let activities = rows("table1.csv");
    let mut pairs: Vec<(u32, usize, f64, f64)> = rows("table2.csv")
        .iter()
        .map(|row| {
            (
                row[0].parse().unwrap(),
                row[1].parse::<usize>().unwrap() - 1,
                row[2].parse().unwrap(),
                row[3].parse().unwrap(),
            )
        })
        .collect();
    pairs.sort_by_key(|(customer, activity, ..)| (*customer, *activity));
    let mut problem =
        Problem { amounts: vec![Vec::new(); 3], most_per_customer: if all { 3 } else { 1 }, ..Problem::default() };
    let mut before = None;
    for (customer, activity, profit, probability) in pairs {
        if before.replace(customer) != Some(customer) {
            problem.first.push(problem.gain.len() as u32);
        }
        problem.gain.push(profit);
        problem.class.push(activity as u16);
        problem.day.push(activities[activity][1].parse().unwrap());
        problem.amounts[1].push(activities[activity][4].parse().unwrap());
        problem.amounts[2].push(probability);
    }
    problem.first.push(problem.gain.len() as u32);
    problem.classes =
        activities.iter().map(|row| Class { weight: 1.0, group: group(&row[2]), uses: Vec::new() }).collect();
    for rule in rows("table3.csv").iter().filter(|rule| rule[1] == "Budget" || (all && rule[1] != "Maximum contact")) {
        let measure = if rule[1] == "Budget" { 1 } else { 2 * u32::from(rule[1].ends_with("sales")) };
        let bound: Option<f64> = rule[6].parse().ok();
        let (most, least) = if rule[1].starts_with("Minimum") { (None, bound) } else { (bound, None) };
        let at = problem.limits.len() as u32;
        problem.limits.push(Limit {
            name: rule[1].clone(),
            most,
            least,
            penalty: if measure == 2 { 1000.0 } else { 50.0 },
        });
        let days = rule[2].parse::<i32>().unwrap()..=rule[3].parse::<i32>().unwrap();
        for (class, row) in problem.classes.iter_mut().zip(&activities) {
            if days.contains(&row[1].parse().unwrap()) && within(&rule[4], &row[2]) && within(&rule[5], &row[3]) {
                class.uses.push((at, measure));
            }
        }
    }
    if all {
        let lag =
            |row: &Vec<String>| Lag { earlier: group(&row[1]), later: group(&row[3]), days: row[5].parse().unwrap() };
        problem.lags = rows("table4.csv").iter().map(lag).collect();
    }
    problem
}
