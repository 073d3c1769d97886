//! Ten thousand reloads in a row, errors in every third, while readers on all cores look: nothing torn, nothing lost, nothing kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use regain::expr::{Date, Type, Value};
use regain::stage::cell;
use regain::watch::{Event, Host, Rules, What};

/// As the issue asks; another number for a closer look.
const RELOADS: u64 = 10_000;
/// After so many, memory is what it is.
const WARM: u64 = 1_000;
/// By so much it may grow from then on.
const GROWTH: f64 = 1.05;

/// The rules of a version; every third has an error. All three places say which version it is.
fn text(version: u64) -> String {
    let broken = if version.is_multiple_of(3) { "when = 'silent >'" } else { "when = 'silent > limit'" };
    format!(
        "[pack]\nname = \"ours\"\nversion = \"{version}\"\n[params.limit]\nvalue = {version}\n\
         [record]\nkey = \"id\"\n[record.columns.silent]\ntype = \"number\"\n\
         [[states]]\nname = \"dormant\"\ntrack = \"recovery\"\n{broken}\nbecause = \"silent for {{silent}} days\"\n\
         [[states]]\nname = \"active\"\n"
    )
}

fn save(folder: &Path, version: u64) {
    fs::write(folder.join("pack.toml"), text(version)).unwrap();
}

fn open(folder: &Path, watching: bool) -> Host {
    save(folder, 1);
    let day = Date::parse_iso("2026-06-30").unwrap();
    Host::builder(&folder.display().to_string()).as_of(day).watching(watching).open().unwrap()
}

/// The version that pack, parameter, receipt and decisions of the rules all say; if they do not agree, the rules are torn.
fn version(rules: &Rules) -> u64 {
    let version: u64 = rules.pack.identity.version.parse().unwrap();
    let limit = rules.pack.params.iter().find(|p| p.name == "limit").map(|p| p.value.clone());
    assert_eq!(limit, Some(Value::Number(version as f64)));
    assert_eq!(rules.program.receipt().version, version.to_string());
    assert_eq!(rules.program.receipt().hash, rules.pack.identity.hash);
    // Only this version draws the line between the two.
    let silent = vec![version as f64, version as f64 + 0.5];
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(StringArray::from(vec!["a", "b"])) as ArrayRef),
        ("silent", Arc::new(Float64Array::from(silent))),
    ]);
    let decisions = rules.program.apply(&batch.unwrap()).unwrap().decisions;
    let state = |row: usize| cell(decisions.column_by_name("state").unwrap(), row, Type::Text);
    assert_eq!((state(0), state(1)), (Value::Text("active".into()), Value::Text("dormant".into())));
    let receipt = cell(decisions.column_by_name("version").unwrap(), 1, Type::Text);
    assert_eq!(receipt, Value::Text(version.to_string().into()));
    version
}

/// Resident memory, in KiB; only Linux says.
fn memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

/// A process of its own, so that its memory is its own.
#[test]
fn ten_thousand_reloads_tear_lose_and_keep_nothing() {
    let start = Instant::now();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["reloads::in_a_process_of_its_own", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success(), "{out}\n{err}");
    assert!(out.contains("1 passed"), "it ran at all: {out}");
    println!("{out}{:.1} s", start.elapsed().as_secs_f64());
}

#[test]
#[ignore = "started by the test above"]
fn in_a_process_of_its_own() {
    let reloads = std::env::var("REGAIN_RELOADS").ok().and_then(|n| n.parse().ok()).unwrap_or(RELOADS);
    let folder = tempfile::tempdir().unwrap();
    let host = Arc::new(open(folder.path(), false));
    let events = host.events();
    let done = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicU64::new(0));
    let readers = thread::available_parallelism().map_or(2, usize::from).max(2);
    let readers: Vec<_> = (0..readers)
        .map(|_| {
            let (host, done, reads) = (Arc::clone(&host), Arc::clone(&done), Arc::clone(&reads));
            thread::spawn(move || {
                let mut last = (0, 0);
                while !done.load(Ordering::Relaxed) {
                    let rules = host.rules();
                    let seen = (rules.generation, version(&rules));
                    assert!(seen >= last && (seen.0 == last.0) == (seen.1 == last.1), "{last:?}, then {seen:?}");
                    assert!(!seen.1.is_multiple_of(3), "rules with errors in force");
                    last = seen;
                    reads.fetch_add(1, Ordering::Relaxed);
                    // They need not take all the time there is.
                    thread::sleep(Duration::from_millis(3));
                }
            })
        })
        .collect();
    // A listener on a thread of its own checks that every event comes once and in order.
    let listener = thread::spawn(move || {
        let (mut number, mut generation) = (0, 1);
        for Event { number: next, what, files, .. } in events {
            number += 1;
            assert_eq!(next, number, "an event is lost, or came twice");
            assert_eq!(files.len(), 1);
            // Version 1 is the one that was opened.
            let saved = number + 1;
            match what {
                What::Reloaded { rules, before, mended } => {
                    generation += 1;
                    assert_eq!((rules.generation, before.generation), (generation, generation - 1));
                    assert_eq!(rules.pack.identity.version, saved.to_string());
                    assert_eq!(mended, (saved - 1).is_multiple_of(3));
                }
                What::Broken { rules, diagnostics, .. } => {
                    assert!(saved.is_multiple_of(3) && !diagnostics.is_empty());
                    assert_eq!(rules.pack.identity.version, (saved - 1).to_string());
                }
                What::Watching(how) => panic!("{how}"),
            }
        }
        number
    });
    let mut warm = None;
    for at in 0..reloads {
        if at == WARM.min(reloads / 2) {
            warm = memory();
        }
        save(folder.path(), at + 2);
        host.reload().expect("nothing new was seen");
        assert!(host.reload().is_none(), "the same is no event");
    }
    let end = memory();
    done.store(true, Ordering::Relaxed);
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    let reads = reads.load(Ordering::Relaxed);
    drop(host);
    assert_eq!(listener.join().unwrap(), reloads);
    assert!(reads > reloads / 50, "{reads} reads only");
    if let (Some(warm), Some(end)) = (warm, end) {
        println!("{reloads} reloads, {reads} reads, memory {warm} KiB after {WARM}, {end} KiB at the end");
        assert!(end as f64 <= warm as f64 * GROWTH, "memory grew from {warm} to {end} KiB");
    }
}

#[test]
fn saves_in_a_hurry_and_one_by_one_through_the_watcher() {
    let folder = tempfile::tempdir().unwrap();
    let host = open(folder.path(), true);
    let events = host.events();
    let mut number = 0;
    let mut next = || {
        let event = events.recv_timeout(Duration::from_secs(30)).expect("an event is lost");
        number += 1;
        assert_eq!(event.number, number);
        event.what
    };
    // One by one: each is an event.
    for saved in 2..32 {
        save(folder.path(), saved);
        match next() {
            What::Reloaded { rules, .. } => assert_eq!(version(&rules), saved),
            What::Broken { rules, .. } => assert_eq!((saved % 3, version(&rules)), (0, saved - 1)),
            What::Watching(how) => panic!("{how}"),
        }
    }
    // In a hurry: several may be one, but what is last comes last.
    for saved in 32..=200 {
        save(folder.path(), saved);
    }
    let last = loop {
        if let What::Reloaded { rules, .. } = next()
            && version(&rules) == 200
        {
            break rules;
        }
    };
    assert_eq!(host.rules().generation, last.generation);
    assert!(events.recv_timeout(Duration::from_millis(300)).is_err());
}
