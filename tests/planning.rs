//! `regain plan` as a user meets it: what is shown, what is written, that limits hold and that threads change nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

use crate::command::{self, err, json, run};

const PLAN: [&str; 4] = ["plan", "examples/retail", "--as-of", "2026-06-30"];

fn regain(more: &[&str], columns: usize) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let rejects = folder.path().join("rejects.csv");
    run(&[&PLAN, more, &["--rejects", rejects.to_str().unwrap()]].concat(), columns)
}

fn out(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", err(output));
    command::out(output)
}

fn rows(path: &Path) -> Vec<serde_json::Map<String, serde_json::Value>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_example_is_planned() {
    // The hash of the rules changes with every one of them.
    let text = out(&regain(&[], 100));
    let hash = text.split(" · ").nth(1).unwrap().to_owned();
    insta::assert_snapshot!("plan_retail", text.replace(&hash, "HASH"));
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    for more in [&[][..], &["--what-if", "budget.post=+40%"][..]] {
        for columns in [80, 140, 200] {
            for line in out(&regain(more, columns)).lines() {
                assert!(line.chars().count() <= columns, "{columns}: {line}");
            }
        }
    }
}

#[test]
fn every_limit_holds_in_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.jsonl");
    let summary = json(&regain(&["--format", "json", "--out", path.to_str().unwrap()], 100), 0);
    let rows = rows(&path);
    let contacts: Vec<_> = rows.iter().filter(|row| row["arm"] == "contact").collect();
    assert_eq!(contacts.len() as u64, summary["contacts"].as_u64().unwrap());
    assert_eq!((rows.len() - contacts.len()) as u64, summary["held_out"].as_u64().unwrap());
    assert!(rows.len() > contacts.len());
    let sum = |of: &dyn Fn(&serde_json::Map<String, serde_json::Value>) -> bool, key: &str| -> f64 {
        contacts.iter().filter(|row| of(row)).map(|row| row[key].as_f64().unwrap_or(0.0)).sum()
    };
    assert!(sum(&|_| true, "cost") <= 4000.0);
    assert!(sum(&|row| row["channel"] == "post", "cost") <= 500.0);
    let mut weeks: BTreeMap<String, f64> = BTreeMap::new();
    for row in contacts.iter().filter(|row| row["channel"] == "phone" && row["speaker"] == "winback") {
        let day: chrono::NaiveDate = row["send_on"].as_str().unwrap().parse().unwrap();
        *weeks.entry(format!("{:?}", day.format("%G-%V").to_string())).or_default() += row["hours"].as_f64().unwrap();
    }
    assert!(!weeks.is_empty() && weeks.values().all(|hours| *hours <= 3.0), "{weeks:?}");
    // What the summary says of its limits is what the rows add up to, and no limit is exceeded.
    for limit in summary["limits"].as_array().unwrap() {
        if let Some(most) = limit["most"].as_f64() {
            assert!(limit["used"].as_f64().unwrap() <= most + 1e-6, "{limit}");
        }
    }
    let mail = summary["limits"].as_array().unwrap().iter().find(|limit| limit["name"] == "budget.post").unwrap();
    assert!((mail["used"].as_f64().unwrap() - sum(&|row| row["channel"] == "post", "cost")).abs() < 1e-6);
    assert!(summary["gap"].as_f64().unwrap() < 0.01);
    // Nobody twice, nobody who objected or whom a person wants left alone.
    let mut keys: Vec<&str> = rows.iter().map(|row| row["customer_id"].as_str().unwrap()).collect();
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all);
    assert!(!keys.contains(&"C10083"), "in hospital until August");
}

#[test]
fn threads_and_forms_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, threads: &str| {
        let path = folder.path().join(name);
        out(&regain(&["--out", path.to_str().unwrap(), "--threads", threads], 100));
        std::fs::read(&path).unwrap()
    };
    assert_eq!(write("a.csv", "1"), write("b.csv", "4"));
    assert_eq!(write("a.parquet", "1"), write("b.parquet", "3"));
}

#[test]
fn what_if_shows_what_more_would_bring_and_writes_nothing() {
    let shown = json(&regain(&["--what-if", "budget.post=+40%", "--format", "json"], 100), 0);
    assert_eq!(shown["changes"][0]["to"].as_f64(), Some(700.0));
    let (now, then) = (shown["now"]["objective"].as_f64().unwrap(), shown["then"]["objective"].as_f64().unwrap());
    assert!(then > now, "{now} {then}");
    assert!((shown["objective"].as_f64().unwrap() - (then - now)).abs() < 1e-9);
    // The first unit is worth its price, every further one less.
    let per_unit = shown["changes"][0]["per_unit"].as_f64().unwrap();
    let price = shown["changes"][0]["price"].as_f64().unwrap();
    assert!(per_unit > 0.0 && per_unit <= price * 1.05, "{per_unit} {price}");

    let wrong = regain(&["--what-if", "budget.pots=+40%"], 100);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(err(&wrong).contains("did you mean `budget.post`?"), "{}", err(&wrong));
    let both = regain(&["--what-if", "budget.post=+40%", "--out", "never.csv"], 100);
    assert_eq!(both.status.code(), Some(2));
    assert!(!Path::new(env!("CARGO_MANIFEST_DIR")).join("never.csv").exists());
}

#[test]
fn what_cannot_be_planned_is_said() {
    let kind = regain(&["--out", "plan.txt"], 100);
    assert_eq!(kind.status.code(), Some(2));
    assert!(err(&kind).contains("cannot tell what kind of file"), "{}", err(&kind));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("pack.toml"),
        "[pack]\nname = \"empty\"\n[record]\nkey = \"id\"\n[[states]]\nname = \"a\"\n",
    )
    .unwrap();
    let output = run(&["plan", folder.path().to_str().unwrap(), "--as-of", "2026-06-30"], 80);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("has no campaign"), "{}", err(&output));
}
