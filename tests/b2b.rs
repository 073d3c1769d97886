//! The pack for suppliers of companies and its example, as their README tells it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

const TABLES: [&str; 6] = ["companies", "orders", "invoices", "visits", "quotes", "complaints"];

/// Runs a command in the checkout; rejects go to a folder that is thrown away.
fn regain(args: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args).env("COLUMNS", "100");
    if args[0] == "run" {
        command.arg("--rejects").arg(folder.path().join("rejects.csv"));
    }
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What is decided about each company: column name to cell.
type Decisions = BTreeMap<String, BTreeMap<String, String>>;

/// Decides the companies of the example, with other tables in place of some of its own.
fn decided(as_of: &str, instead: &[String]) -> Decisions {
    let mut args = vec!["run", "examples/b2b", "--as-of", as_of, "--format", "csv"];
    for data in instead {
        args.extend(["--data", data]);
    }
    let output = regain(&args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let mut reader = csv::Reader::from_reader(&output.stdout[..]);
    let header = reader.headers().unwrap().clone();
    let rows = reader.records().map(|record| {
        let record = record.unwrap();
        let cells = header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
        (record[0].to_owned(), cells)
    });
    rows.collect()
}

/// Some columns of one decision, blanks between them; `-` for what is empty.
fn told(decision: &BTreeMap<String, String>, columns: &str) -> String {
    let cells = columns.split(' ').map(|name| decision[name].as_str());
    cells.map(|cell| if cell.is_empty() { "-" } else { cell }).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_example_loads_without_a_word() {
    for pack in ["rules/b2b", "examples/b2b"] {
        let output = regain(&["check", pack, "--format", "json"]);
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(out(&output).trim(), "[]", "{pack}");
    }
}

#[test]
fn every_row_is_accounted_for() {
    let output = regain(&["run", "examples/b2b", "--as-of", "2026-06-30"]);
    let text = out(&output);
    assert!(text.contains("224 rows in = 208 decided + 12 suppressed + 4 rejected"), "{text}");
    let said = String::from_utf8(output.stderr).unwrap();
    for reason in ["the key is missing", "the key occurs more than once", "there is no such day", "not a number"] {
        assert!(said.contains(reason), "no `{reason}` in\n{said}");
    }
}

/// State and track, cause, grade, campaign, who speaks, and when.
#[test]
fn the_companies_of_the_readme() {
    let decisions = decided("2026-06-30", &[]);
    assert_eq!(decisions.len(), 220);
    let expected = [
        ("D2001", "dormant recovery quality A director_visit director 2026-07-01"),
        ("D2002", "cancelling termination price A save_visit key_account 2026-07-01"),
        ("D2003", "lost recovery award B next_tender key_account 2026-11-26"),
        ("D2004", "fading recovery competitor B vip_visit key_account 2026-07-01"),
        ("D2005", "dormant recovery new_buyer B new_buyer_visit field_sales 2026-07-01"),
        ("D2006", "insolvent recovery insolvency C fresh_start finance 2026-07-01"),
        ("D2007", "dormant recovery terms C apology_call service_lead 2026-07-01"),
        ("D2008", "at_risk prevention unknown A renewal_visit key_account 2026-07-01"),
        ("D2009", "at_risk prevention unknown B ask_about_invoice finance 2026-07-01"),
        ("D2010", "returned second_life neglect B welcome_back_visit key_account 2026-07-01"),
        ("D2012", "dormant recovery price let_go - - -"),
        ("D2013", "dormant recovery competitor A comeback_call inside_sales 2026-07-01"),
        ("D2014", "active - - B - - -"),
        ("D2015", "active - - C - - -"),
        ("D2016", "dormant recovery price B bonus_call field_sales 2026-07-01"),
        ("D2017", "dormant recovery credit_stop B easy_payment finance 2026-07-01"),
        ("D2018", "cancelling termination portal A save_director director 2026-07-01"),
    ];
    for (key, expected) in expected {
        let told = told(&decisions[key], "state track cause grade campaign speaker send_on");
        assert_eq!(told, expected, "{key}: {}", decisions[key]["reasons"]);
    }
    let objected = &decisions["D2011"];
    assert_eq!(told(objected, "suppressed state worth chance grade campaign"), "true - - - - -");
    assert!(objected["suppressed_because"].contains("objection"));

    let speakers: BTreeSet<&str> =
        decisions.values().map(|d| d["speaker"].as_str()).filter(|s| !s.is_empty()).collect();
    let all = ["director", "field_sales", "finance", "inside_sales", "key_account", "management", "service_lead"];
    assert_eq!(speakers, BTreeSet::from(all));
}

/// Few customers: a decision that changes because another company came or went cannot be explained to anybody.
#[test]
fn no_decision_depends_on_who_else_is_a_customer() {
    let folder = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/b2b/data");
    let mut instead = Vec::new();
    for table in TABLES {
        let text = std::fs::read_to_string(data.join(format!("{table}.csv"))).unwrap();
        let story =
            |line: &str| line.split(',').any(|cell| cell.len() == 5 && cell.starts_with("D20") && cell < "D2019");
        let kept: Vec<&str> = text.lines().enumerate().filter(|(n, l)| *n == 0 || story(l)).map(|(_, l)| l).collect();
        let path = folder.path().join(format!("{table}.csv"));
        std::fs::write(&path, kept.join("\n")).unwrap();
        instead.push(format!("{table}={}", path.display()));
    }
    let (all, few) = (decided("2026-06-30", &[]), decided("2026-06-30", &instead));
    assert_eq!(few.len(), 18);
    for (key, decision) in few {
        assert_eq!(decision, all[&key], "{key}");
    }
}

/// What a customer decided later, and what was paid later, is not known earlier.
#[test]
fn nothing_is_known_before_it_happened() {
    let before = decided("2026-03-01", &[]);
    assert_eq!(told(&before["D2003"], "state"), "active", "the award was decided on 2026-03-26");
    assert_ne!(told(&before["D2004"], "state"), "fading", "the orders shrank in summer 2025: half a year is no year");
    assert_eq!(told(&before["D2009"], "state"), "active", "the oldest open invoice was not overdue for a month yet");
    assert_eq!(told(&before["D2018"], "state"), "active", "notice was given on 2026-06-12");
    assert_eq!(told(&decided("2026-04-01", &[])["D2003"], "state cause"), "lost award");
}
