//! Coverage and mutation from the command line: numbers counted by hand, and the way from a survivor to a case that notices it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::process::{Command, Output};

use serde_json::Value;

const PACK: &str = r#"[pack]
name = "tiny"
[record]
key = "customer_id"
[record.columns]
last_order = { type = "date" }
revenue = { type = "number" }
[params.sleep_after]
value = 180
[facts]
days_silent = 'today - last_order'
size = 'measure::size(revenue)'
[[states]]
name = "dormant"
track = "recovery"
when = 'days_silent > sleep_after'
[[states]]
name = "active"
[criteria.size]
score = 'size'
[[grades]]
name = "A"
when = 'worth >= 5'
[[grades]]
name = "B"
"#;

const SCRIPT: &str =
    "/// (x: number) -> number\nfn size(x) {\n    if x > 1000 {\n        return 10.0;\n    }\n    x / 100\n}\n";

const CASES: &str = r#"as_of = 2026-06-30
[[cases]]
name = "asleep and small"
given = { last_order = 2025-06-30, revenue = 100 }
expect = { state = "dormant", grade = "B" }
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("cases")).unwrap();
    std::fs::create_dir(folder.path().join("scripts")).unwrap();
    std::fs::write(folder.path().join("pack.toml"), PACK).unwrap();
    std::fs::write(folder.path().join("scripts/measure.rhai"), SCRIPT).unwrap();
    std::fs::write(folder.path().join("cases/a.toml"), CASES).unwrap();
    folder
}

fn regain(folder: &tempfile::TempDir, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.arg("test").arg(folder.path()).args(options).env("COLUMNS", "80").env("NO_COLOR", "1");
    command.output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| {
        panic!("{e}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    })
}

#[test]
fn coverage_by_hand() {
    let folder = folder();
    let found = regain(&folder, &["--coverage", "--format", "json"]);
    assert_eq!(found.status.code(), Some(0), "{found:?}");
    let coverage = &json(&found)["coverage"];
    // Rules: 2 states, 2 grades, the score, the score missing. Then 2 conditions not true, and 3 lines of the script.
    assert_eq!((&coverage["rules"]["covered"], &coverage["rules"]["all"]), (&3.into(), &6.into()));
    assert_eq!((&coverage["everything"]["covered"], &coverage["everything"]["all"]), (&6.into(), &11.into()));
    let files = coverage["files"].as_array().unwrap();
    let script = files.iter().find(|f| f["file"].as_str().unwrap().ends_with("measure.rhai")).unwrap();
    assert_eq!(script["uncovered"][0]["line"], 4);
    assert_eq!(script["uncovered"].as_array().unwrap().len(), 1);

    let text = String::from_utf8(regain(&folder, &["--coverage"]).stdout).unwrap();
    assert!(text.contains("state rule `active` never matched"), "{text}");
    assert_eq!(regain(&folder, &["--min-coverage", "50"]).status.code(), Some(0));
    assert_eq!(regain(&folder, &["--min-coverage", "90%"]).status.code(), Some(1));
    let github = String::from_utf8(regain(&folder, &["--coverage", "--format", "github"]).stdout).unwrap();
    assert!(github.contains("title=RG0611::"), "{github}");
}

#[test]
fn coverage_by_real_customers() {
    let folder = folder();
    let data = folder.path().join("customers.csv");
    std::fs::write(&data, "customer_id,last_order,revenue\na,2026-06-01,2000\nb,2024-01-01,\nc,2024-01-01,100\n")
        .unwrap();
    let option = format!("customers={}", data.display());
    let found = regain(&folder, &["--coverage", "--data", &option, "--as-of", "2026-06-30", "--format", "json"]);
    let coverage = &json(&found)["coverage"];
    assert_eq!(coverage["customers"], 3);
    assert_eq!(coverage["everything"]["covered"], 11, "{coverage:#}");
}

#[test]
fn ci_reads_the_proof_as_suites() {
    let folder = folder();
    let found = regain(&folder, &["--mutate", "--min-coverage", "90", "--format", "junit"]);
    assert_eq!(found.status.code(), Some(1));
    let xml = String::from_utf8(found.stdout).unwrap();
    assert!(
        xml.contains("<testsuite name=\"coverage\" tests=\"1\" skipped=\"0\" errors=\"0\" failures=\"1\">"),
        "{xml}"
    );
    assert!(xml.contains("<testsuite name=\"mutation\""), "{xml}");
    assert!(xml.contains("type=\"RG0612\"") && xml.contains("becomes `days_silent &gt;= sleep_after`"), "{xml}");
    let plain = regain(&folder, &["--format", "junit"]);
    assert!(!String::from_utf8(plain.stdout).unwrap().contains("mutation"));
}

#[test]
fn nothing_runs_over_the_width() {
    let folder = folder();
    // A path longer than a terminal is wide.
    let deep = folder.path().join("a".repeat(60)).join("b".repeat(60));
    std::fs::create_dir_all(&deep).unwrap();
    for name in ["pack.toml", "cases", "scripts"] {
        std::fs::rename(folder.path().join(name), deep.join(name)).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.arg("test").arg(&deep).args(["--coverage", "--mutate"]).env("COLUMNS", "80").env("NO_COLOR", "1");
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
    // The name of a case is one text, and it is to be pasted.
    assert!(long.iter().all(|line| line.trim_start().starts_with("name = ")), "{long:#?}");
    assert!(text.contains("pack.toml:16"), "{text}");
}

#[test]
fn what_survives_is_noticed_once_its_sample_is_a_case() {
    let folder = folder();
    let first = regain(&folder, &["--mutate", "--format", "json"]);
    assert_eq!(first.status.code(), Some(1), "{first:?}");
    let object = json(&first);
    let survived = object["mutation"]["survived"].as_array().unwrap();
    let boundary = survived.iter().find(|m| m["now"] == "days_silent >= sleep_after").expect("a boundary");
    assert_eq!((&boundary["line"], &boundary["owner"]), (&16.into(), &"state rule `dormant`".into()));
    let sample = boundary["sample"].as_str().expect("a sample");
    assert!(sample.contains("last_order = 2026-01-01"), "{sample}");

    let cases = folder.path().join("cases/a.toml");
    let samples: String = survived.iter().filter_map(|m| m["sample"].as_str()).collect();
    std::fs::write(&cases, format!("{CASES}{samples}")).unwrap();
    let second = regain(&folder, &["--mutate", "--format", "json"]);
    let object = json(&second);
    assert_eq!(object["mutation"]["survived"].as_array().unwrap().len(), 0, "{:#}", object["mutation"]);
    assert_eq!(second.status.code(), Some(0));

    // Cases that do not pass prove nothing about changes.
    std::fs::write(&cases, CASES.replace("\"B\"", "\"A\"")).unwrap();
    let third = regain(&folder, &["--mutate"]);
    assert_eq!(third.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&third.stderr).contains("needs cases that all pass"), "{third:?}");
}
