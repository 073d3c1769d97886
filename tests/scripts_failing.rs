//! Scripts that fail on some customers: counted, named, written all the same, and over the limit exit code 1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const PACK: &str = r#"
[pack]
name = "shop"
version = "1.0.0"

[record]
key = "customer_id"
columns.segment = { type = "text" }
columns.spent = { type = "number" }
columns.objected = { type = "bool", optional = true }

[tables.orders]
key = "customer_id"
time = "on"
optional = true
columns.on = { type = "date" }
columns.amount = { type = "number" }

[rollups]
points = 'sum(prestige::points(orders.amount))'

[facts]
image = 'prestige::image(segment, spent)'

[[suppress]]
name = "objected"
when = 'objected ?? false'
because = "objection"

[[states]]
name = "lost"
track = "recovery"
when = 'image > 3 && prestige::near(spent)'
because = "gone"

[[states]]
name = "active"

[dimensions.worth]
label = "Worth"

[criteria.image]
dimension = "worth"
score = 'image'

[criteria.points]
dimension = "worth"
score = 'points / 100'
"#;

const SCRIPT: &str = r#"/// (segment: text, spent: number) -> number
fn image(segment, spent) {
    print("image of " + segment);
    if segment == "odd" {
        throw "no such segment: " + segment;
    }
    spent / 100.0
}

/// (spent: number) -> bool
fn near(spent) {
    let list = [1, 2];
    if spent > 950.0 { list[7] > 0 } else { true }
}

/// (amount: number) -> number
fn points(amount) {
    if amount == 13.0 { throw "unlucky"; }
    amount
}
"#;

/// 2,000 customers: every 25th is odd, of whom every second objected; with events if `orders`.
fn folder(orders: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("pack");
    fs::create_dir_all(pack.join("scripts")).unwrap();
    fs::write(pack.join("pack.toml"), PACK).unwrap();
    fs::write(pack.join("scripts/prestige.rhai"), SCRIPT).unwrap();
    let mut customers = "customer_id,segment,spent,objected\n".to_owned();
    let mut events = "customer_id,on,amount\n".to_owned();
    for i in 0..2000 {
        let segment = if i % 25 == 7 { "odd" } else { ["private", "business"][i % 2] };
        let objected = if i % 50 == 7 { "true" } else { "" };
        writeln!(customers, "C-{i:04},{segment},{},{objected}", i % 900).unwrap();
        for k in 0..i % 4 {
            writeln!(events, "C-{i:04},2026-05-{:02},{}", k + 1, (i * 7 + k) % 200).unwrap();
        }
    }
    fs::write(folder.path().join("customers.csv"), customers).unwrap();
    if orders {
        fs::write(folder.path().join("orders.csv"), events).unwrap();
    }
    folder
}

fn limits(folder: &Path, text: &str) {
    fs::write(folder.join("pack/limits.toml"), text).unwrap();
}

fn regain(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(folder).args([args[0], "pack"]).args(&args[1..]);
    command.args(["--data", "customers=customers.csv", "--as-of", "2026-06-30"]);
    if folder.join("orders.csv").exists() {
        command.args(["--data", "orders=orders.csv"]);
    }
    command.env("NO_COLOR", "1").env("COLUMNS", "100").output().unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn over_the_limit_everything_is_written_and_the_exit_code_is_1() {
    let folder = folder(false);
    let mut runs = Vec::new();
    for threads in ["1", "2"] {
        let run = regain(folder.path(), &["run", "--threads", threads, "--out", "decisions.csv"]);
        let text = err(&run).to_owned();
        assert_eq!(run.status.code(), Some(1), "{text}");
        // 40 of the 80 odd ones objected: no script is called for them.
        assert!(
            text.contains("warning: 40 of the 1,960 customers that scripts were called for had a script error (2.0 %)"),
            "{text}"
        );
        assert!(
            text.contains("prestige.rhai:5  40 customers  no such segment: odd   first: C-0032, C-0082, C-0132, …")
        );
        assert!(text.contains("more than `max_error_rate = 0.01`"), "{text}");
        assert!(text.trim_end().lines().rev().nth(1).unwrap().starts_with("error: "), "the last word: {text}");
        assert!(out(&run).contains("2,000 rows in = 1,960 decided + 40 suppressed + 0 rejected"), "{}", out(&run));
        let written = fs::read_to_string(folder.path().join("decisions.csv")).unwrap();
        assert_eq!(written.lines().count(), 2001);
        runs.push((text, out(&run).to_owned(), written));
    }
    assert_eq!(runs[0], runs[1], "on one thread and on two");
}

#[test]
fn at_the_limit_a_run_is_fine_and_at_none_no_error_is() {
    let folder = folder(false);
    limits(folder.path(), "[limits]\nmax_error_rate = 0.03\n");
    let run = regain(folder.path(), &["run"]);
    assert_eq!(run.status.code(), Some(0), "{}", err(&run));
    assert!(err(&run).contains("40 customers"), "{}", err(&run));
    assert!(!err(&run).contains("error: "), "{}", err(&run));

    limits(folder.path(), "[limits]\nmax_error_rate = 0\n");
    assert_eq!(regain(folder.path(), &["run"]).status.code(), Some(1));
    let script = SCRIPT.replace("segment == \"odd\"", "segment == \"none\"");
    fs::write(folder.path().join("pack/scripts/prestige.rhai"), script).unwrap();
    let run = regain(folder.path(), &["run"]);
    assert_eq!((run.status.code(), err(&run).contains("script error")), (Some(0), false), "{}", err(&run));
}

#[test]
fn json_carries_every_error() {
    let folder = folder(true);
    let json = |threads: &str| -> Value {
        let run = regain(folder.path(), &["run", "--format", "json", "--threads", threads]);
        assert_eq!(run.status.code(), Some(1));
        serde_json::from_str(out(&run)).unwrap()
    };
    let all = json("1");
    assert_eq!(all, json("2"));
    let errors = &all["script_errors"];
    assert_eq!((&errors["called"], &errors["failed"]), (&Value::from(1960), &Value::from(40)));
    assert_eq!((&errors["exceeded"], &errors["max_error_rate"]), (&Value::from(true), &Value::from(0.01)));
    let one = &errors["errors"][0];
    assert_eq!((&one["script"], &one["line"], &one["customers"]), (&"prestige.rhai".into(), &5.into(), &40.into()));
    assert_eq!(one["first"], serde_json::json!(["C-0032", "C-0082", "C-0132"]));

    // Of rollups customers are counted, not events: one amount in two hundred is unlucky.
    let rollups = &errors["rollups"]["orders"];
    let events = fs::read_to_string(folder.path().join("orders.csv")).unwrap();
    let keys = |unlucky: bool| {
        let its = events.lines().skip(1).filter(|line| !unlucky || line.ends_with(",13"));
        its.map(|line| line.split(',').next().unwrap()).collect::<std::collections::BTreeSet<_>>()
    };
    let failed: Vec<&str> = keys(true).into_iter().collect();
    assert!(failed.len() > 5);
    assert_eq!((&rollups["called"], &rollups["failed"]), (&keys(false).len().into(), &failed.len().into()));
    assert_eq!(rollups["errors"][0]["first"], serde_json::json!(failed[..3]));
}

#[test]
fn explain_shows_the_error_where_the_value_is_missing() {
    let folder = folder(true);
    let explained = regain(folder.path(), &["explain", "C-0032"]);
    let text = out(&explained);
    assert_eq!(explained.status.code(), Some(0), "{}", err(&explained));
    let told = "script error: prestige.rhai:5: no such segment: odd";
    // In the fact, the criterion, and the state's condition that reads the fact.
    assert!(text.matches(told).count() >= 3, "{text}");
    let line = |start: &str| text.lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_default();
    assert!(line("image  ").contains("error"), "{text}");
    assert!(line("? image > 3").contains(told), "{text}");
    assert!(err(&explained).contains("prestige.rhai:3: image of odd"), "{}", err(&explained));

    let json = regain(folder.path(), &["explain", "C-0032", "--format", "json"]);
    let json: Value = serde_json::from_str(out(&json)).unwrap();
    let error = &json["facts"][0]["script_error"];
    assert_eq!((&error["script"], &error["line"]), (&"prestige.rhai".into(), &5.into()), "{json:#}");
    assert_eq!(&json["criteria"][0]["script_error"], error);
    assert_eq!(&json["states"][0]["clauses"][0]["script_error"], error);
    assert!(json["facts"][0].get("script_error").is_some());

    // Where all goes well, nothing is said of scripts.
    let fine = regain(folder.path(), &["explain", "C-0001"]);
    assert!(!out(&fine).contains("script error"), "{}", out(&fine));

    // An event the rollup's script fails for.
    let events = fs::read_to_string(folder.path().join("orders.csv")).unwrap();
    let unlucky = events.lines().find(|line| line.ends_with(",13")).unwrap().split(',').next().unwrap();
    let rolled = regain(folder.path(), &["explain", unlucky]);
    assert!(out(&rolled).matches("prestige.rhai:18: unlucky").count() >= 2, "{}", out(&rolled));
}

#[test]
fn prints_are_shown_on_request() {
    let folder = folder(false);
    let quiet = regain(folder.path(), &["run"]);
    assert!(err(&quiet).contains("the scripts printed something; `--show-prints` shows it"), "{}", err(&quiet));
    let loud = regain(folder.path(), &["run", "--show-prints", "--threads", "1"]);
    assert!(err(&loud).contains("prestige.rhai:3: image of private"), "{}", err(&loud));
    assert!(!err(&loud).contains("show-prints"), "{}", err(&loud));
}

/// A suppressed customer is not profiled: no script looks at her, not even for a fact.
#[test]
fn suppressed_customers_are_never_called() {
    let folder = folder(false);
    let customers = "customer_id,segment,spent,objected\nC-1,odd,5,true\nC-2,odd,6,true\n";
    fs::write(folder.path().join("customers.csv"), customers).unwrap();
    let run = regain(folder.path(), &["run", "--format", "json", "--show-prints"]);
    assert_eq!(run.status.code(), Some(0), "{}", err(&run));
    let json: Value = serde_json::from_str(out(&run)).unwrap();
    assert_eq!(json["script_errors"]["called"], 0);
    assert!(!err(&run).contains("image of"), "{}", err(&run));
}

#[test]
fn the_calls_of_a_batch_share_a_time() {
    let folder = folder(false);
    limits(folder.path(), "[limits]\nmax_batch_seconds = 0.1\nmax_operations = 1000000\n");
    let script =
        SCRIPT.replace("    spent / 100.0\n", "    let x = 0.0;\n    for i in 0..100000 { x += 1.0; }\n    x\n");
    fs::write(folder.path().join("pack/scripts/prestige.rhai"), script).unwrap();
    let start = std::time::Instant::now();
    let run = regain(folder.path(), &["run", "--threads", "1"]);
    assert_eq!(run.status.code(), Some(1), "{}", err(&run));
    assert!(err(&run).contains("stopped: the calls of this batch took more than 0.1 s together"), "{}", err(&run));
    assert!(start.elapsed().as_secs() < 60, "2,000 customers are one batch");
}

#[test]
fn a_failing_script_is_named_by_a_failing_case() {
    let folder = folder(false);
    fs::create_dir_all(folder.path().join("pack/cases")).unwrap();
    let case = "[[cases]]\nname = \"odd\"\nas_of = 2026-06-30\ngiven = { segment = \"odd\", spent = 400 }\n\
                expect = { \"score.image\" = 4 }\n";
    fs::write(folder.path().join("pack/cases/odd.toml"), case).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    let output = command.current_dir(folder.path()).args(["test", "pack"]).env("NO_COLOR", "1").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}{}", out(&output), err(&output));
    assert!(out(&output).contains("script error: prestige.rhai:5: no such segment: odd"), "{}", out(&output));
}

/// A function that mostly runs in columns counts as called on all its rows, not only on the few left to Rhai.
#[test]
fn the_rate_does_not_depend_on_how_a_function_runs() {
    let folder = folder(false);
    let called = |fails: &str| {
        // No customer's `spent` is below nothing, so nothing fails; but only the first body runs in columns.
        let near = format!("fn near(spent) {{\n    {fails}if 1000.0 / spent > 3.0 {{ true }} else {{ false }}\n}}\n");
        let start = SCRIPT.find("fn near").unwrap();
        let end = start + SCRIPT[start..].find("\n}\n").unwrap() + 3;
        let script = format!("{}{near}{}", &SCRIPT[..start], &SCRIPT[end..]);
        fs::write(folder.path().join("pack/scripts/prestige.rhai"), script).unwrap();
        let pack = PACK.replace("'image > 3 && prestige::near(spent)'", "'prestige::near(spent)'");
        let pack = pack.replace("score = 'image'", "score = '5'");
        fs::write(folder.path().join("pack/pack.toml"), pack).unwrap();
        let run = regain(folder.path(), &["run", "--format", "json"]);
        assert_eq!(run.status.code(), Some(0), "{}", err(&run));
        let json: Value = serde_json::from_str(out(&run)).unwrap();
        json["script_errors"]["called"].as_u64().unwrap()
    };
    assert_eq!((called(""), called("while spent < 0.0 { break; }\n    ")), (1960, 1960));
}
