//! `examples/winback` on the win-back table of SMCRM: rates as published, and what `regain suggest` makes of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::command::{json, root, run, shared};

const TABLE: &str = "smcrm/customerWinBack.csv";

fn suggest(table: &Path, more: &[&str]) -> Output {
    let (data, outcomes) = (format!("customers={}", table.display()), table.display().to_string());
    let mut args =
        vec!["suggest", "examples/winback", "--data", &data, "--outcomes", &outcomes, "--as-of", "2026-01-01"];
    args.extend(more);
    run(&args, 80)
}

fn separator<'a>(found: &'a Value, name: &str) -> &'a Value {
    found["separators"].as_array().unwrap().iter().find(|s| s["name"] == name).unwrap()
}

#[test]
fn rates_and_odds_as_published() {
    let Some(table) = shared(TABLE) else { return };
    let found = json(&suggest(&table, &["--format", "json"]), 0);
    assert_eq!(
        (found["contacted"]["customers"].as_u64(), found["contacted"]["returned"].as_u64()),
        (Some(500), Some(295))
    );
    let rates = |name: &str| -> Vec<String> {
        let bands = separator(&found, name)["bands"].as_array().unwrap();
        bands.iter().map(|band| format!("{:.3}", band["rate"].as_f64().unwrap())).collect()
    };
    assert_eq!(rates("offered"), ["0.498", "0.613", "0.688"]);
    assert_eq!(rates("lapse"), ["0.829", "0.669", "0.584", "0.262"]);

    let odds = |name: &str| {
        let step = &separator(&found, name)["alone"]["per_step"];
        (step["low"].as_f64().unwrap(), step["high"].as_f64().unwrap())
    };
    assert!(odds("lapse").1 < 1.0 && odds("offered").0 > 1.0);
    for (name, words) in [("lapse", "each 10 days of lapse lower the odds"), ("offered", "raises the odds")] {
        let separator = separator(&found, name);
        assert!(separator["p_holm"].as_f64().unwrap() < 0.001, "{separator}");
        assert!(separator["words"].as_str().unwrap().contains(words), "{separator}");
    }
    let price = separator(&found, "price_change");
    assert_eq!(price["clear"], Value::Bool(false));
    assert!(found["better_rules_found"].as_bool().unwrap());
    assert_eq!(found["judged_by"], "returns");
}

#[test]
fn the_overlay_is_a_pack_and_never_written_over() {
    let Some(table) = shared(TABLE) else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("better/overlay.toml");
    let out = file.display().to_string();
    json(&suggest(&table, &["--format", "json", "--out", &out]), 0);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("[criteria.lapse]") && text.contains("[params.return_per_point]"), "{text}");
    let check = run(&["check", &file.parent().unwrap().display().to_string()], 80);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stderr));

    // There is a file now.
    let again = suggest(&table, &["--out", &out]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    json(&suggest(&table, &["--format", "json", "--out", &out, "--force", "--threads", "1"]), 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "the same data give the same bytes");

    // The better rules, judged by what they were made from, are not bettered in their ranking by much: no endless climb.
    let (data, outcomes) = (format!("customers={}", table.display()), table.display().to_string());
    let better = file.parent().unwrap().display().to_string();
    let args =
        ["suggest", &better, "--data", &data, "--outcomes", &outcomes, "--as-of", "2026-01-01", "--format", "json"];
    let found = json(&run(&args, 80), 0);
    assert_ne!(found["ranking"]["verdict"], "better", "{}", found["ranking"]);
}

#[test]
fn it_fits_every_width() {
    let Some(table) = shared(TABLE) else { return };
    for columns in [80usize, 120, 200] {
        let (data, outcomes) = (format!("customers={}", table.display()), table.display().to_string());
        let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
        command.current_dir(root()).env("COLUMNS", columns.to_string());
        command.args([
            "suggest",
            "examples/winback",
            "--data",
            &data,
            "--outcomes",
            &outcomes,
            "--as-of",
            "2026-01-01",
        ]);
        let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(text.contains("What to change"), "{text}");
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= columns, "{widest} of {columns}:\n{text}");
    }
}

#[test]
fn the_pack_checks_and_its_cases_hold() {
    let check = run(&["check", "examples/winback", "--deny-warnings"], 80);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stderr));
    let test = run(&["test", "examples/winback"], 80);
    assert_eq!(test.status.code(), Some(0), "{}", String::from_utf8_lossy(&test.stdout));
}
