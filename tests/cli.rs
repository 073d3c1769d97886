//! The command as a user meets it: arguments in; stdout, stderr, files and exit code out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const RETAIL: [&str; 4] = ["run", "examples/retail", "--as-of", "2026-06-30"];

fn regain(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args).env_remove("NO_COLOR").env("COLUMNS", "80");
    command
}

/// Runs in the checkout, with rejects going to a folder that is thrown away.
fn run(args: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let rejects = folder.path().join("rejects.csv");
    let mut command = regain(args);
    if args[0] == "run" {
        command.arg("--rejects").arg(rejects);
    }
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_main_job_prints_the_portfolio() {
    let output = run(&RETAIL);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = out(&output);
    assert!(text.contains("2,004 rows in = 1,914 decided + 86 suppressed + 4 rejected"), "{text}");
    assert!(text.contains("3 customers decided by people"), "{text}");
    for word in ["dormant", "recovery", "cancelling", "termination", "comeback_call", "Let go on purpose"] {
        assert!(text.contains(word), "no {word} in\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours into a pipe");
    assert!(err(&output).contains("the key occurs more than once"), "rejects are said on stderr");
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    for (args, width) in [
        (&RETAIL[..], "80"),
        (&RETAIL[..], "200"),
        (&["explain", "examples/retail", "C10001", "--as-of", "2026-06-30"][..], "80"),
        (&["explain", "examples/retail", "C10001", "--as-of", "2026-06-30"][..], "200"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = regain(args);
        command.env("COLUMNS", width);
        if args[0] == "run" {
            command.arg("--rejects").arg(folder.path().join("r.csv"));
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let limit: usize = width.parse().unwrap();
        for line in out(&output).lines() {
            assert!(line.chars().count() <= limit, "wider than {limit}: {line}");
        }
    }
}

#[test]
fn colours_only_where_asked() {
    let mut args = RETAIL.to_vec();
    args.extend(["--color", "always"]);
    assert!(out(&run(&args)).contains('\u{1b}'));
    args[5] = "never";
    assert!(!out(&run(&args)).contains('\u{1b}'));
}

#[test]
fn the_portfolio_as_json_balances() {
    let mut args = RETAIL.to_vec();
    args.extend(["--format", "json"]);
    let output = run(&args);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = &json["rows"];
    let number = |name: &str| rows[name].as_u64().unwrap_or_else(|| panic!("no {name} in {rows}"));
    assert_eq!(number("input"), number("decided") + number("suppressed") + number("rejected"));
}

#[test]
fn decisions_are_the_same_bytes_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["csv", "jsonl", "parquet"] {
        let mut bytes = Vec::new();
        for threads in ["1", "2", "5"] {
            let path = folder.path().join(format!("d{threads}.{kind}"));
            let mut args = RETAIL.to_vec();
            args.extend(["--threads", threads, "--out", path.to_str().unwrap()]);
            let output = run(&args);
            assert_eq!(output.status.code(), Some(0), "{}", err(&output));
            bytes.push(std::fs::read(&path).unwrap());
        }
        assert!(!bytes[0].is_empty());
        assert!(bytes[0] == bytes[1] && bytes[0] == bytes[2], "{kind} differs by the number of threads");
    }
}

#[test]
fn a_decision_file_has_every_customer_and_every_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions.csv");
    let rejects = folder.path().join("decisions.rejects.csv");
    let output = regain(&RETAIL).arg("--out").arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = std::fs::read_to_string(&path).unwrap();
    let header = text.lines().next().unwrap();
    assert!(header.starts_with("customer_id,suppressed,suppressed_because,state,track,cause,class,confidence,score."));
    assert!(header.ends_with("net,money,reasons,overridden,override_ignored,pack,version,hash,as_of"), "{header}");
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 2_000);
    let suppressed: Vec<_> = records.iter().filter(|r| &r[1] == "true").collect();
    assert_eq!(suppressed.len(), 86);
    for record in suppressed {
        assert!(!record[2].is_empty(), "a suppression says why");
        assert!(record.iter().skip(3).take(record.len() - 7).all(str::is_empty), "who objected is not scored");
    }
    let rejected = std::fs::read_to_string(rejects).unwrap();
    assert_eq!(rejected.lines().count(), 8, "a header and seven rows:\n{rejected}");
    assert!(rejected.contains("2004"), "with their lines");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing but the two files is left: {left:?}");
}

#[test]
fn a_strict_run_stops_at_bad_rows_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions.csv");
    let output = regain(&RETAIL).arg("--strict").arg("--out").arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).is_empty());
    assert!(!path.exists(), "no half file");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut args = RETAIL.to_vec();
    args.extend(["--format", "jsonl"]);
    let folder = tempfile::tempdir().unwrap();
    let mut child = regain(&args)
        .arg("--rejects")
        .arg(folder.path().join("r.csv"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with('{'));
    let output = child.wait_with_output().unwrap();
    let text = err(&output);
    assert!(!text.contains("panicked") && !text.contains("error:"), "{text}");
}

#[test]
fn a_pack_with_errors_never_runs_and_says_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("pack.toml"),
        "[pack]\nname = \"broken\"\nextends = \"base\"\n\n[facts]\na = 'days_silnt + 1'\nb = '1 + \"x\"'\n\n[campains]\n",
    )
    .unwrap();
    let pack = folder.path().to_str().unwrap();
    for args in [vec!["check", pack], vec!["run", pack]] {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(2));
        let text = format!("{}{}", out(&output), err(&output));
        for part in ["pack.toml:6:", "days_silent", "pack.toml:7:", "campaigns", "RG0203", "RG0205", "RG0101", "^"] {
            assert!(text.contains(part), "no `{part}` in\n{text}");
        }
    }
    let json = out(&run(&["check", pack, "--format", "json"]));
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(found.as_array().unwrap().len() >= 3);
    assert_eq!(out(&run(&["check", pack, "--format", "short"])).lines().count(), found.as_array().unwrap().len());
}

#[test]
fn what_cannot_run_says_so_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.csv");
    std::fs::write(&empty, "").unwrap();
    let here = folder.path().to_str().unwrap();
    let given = format!("customers={}", empty.display());
    let cases: &[(&[&str], &str)] = &[
        (&["run", "nowhere"], "nowhere"),
        (&["run", here], "no pack"),
        (&["run", "base", "--data", "customers=nowhere.csv"], "nowhere.csv"),
        (&["run", "base", "--data", &given], "empty"),
        (&["run", "base", "--data", "custmers=x.csv"], "customers"),
        (&["run", "base", "--data", "oops"], "NAME=PATH"),
        (&["run", "base", "--as-of", "30.06.2026"], "2026-06-30"),
        (&["run", "examples/retail", "--as-of", "2026-06-30", "--out", "d.xlsx"], ".parquet"),
        (&["explain", "examples/retail", "NOBODY", "--as-of", "2026-06-30"], "NOBODY"),
    ];
    for (args, word) in cases {
        let output = run(args);
        let text = err(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {text}");
        assert!(out(&output).is_empty(), "{args:?} prints a result");
        assert!(text.contains(word), "{args:?}: no `{word}` in {text}");
        assert!(!text.contains("panicked"), "{args:?}: {text}");
    }
}

#[test]
fn explain_answers_for_a_dormant_customer() {
    let args = ["explain", "examples/retail", "C10001", "--as-of", "2026-06-30"];
    let text = out(&run(&args));
    for part in
        ["C10001 is dormant", "days_silent > sleep_line", "would hold if", "Contribution margin", "apology_letter"]
    {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    let mut args = args.to_vec();
    args.extend(["--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&run(&args).stdout).unwrap();
    assert_eq!(json["key"], "C10001");
}

#[test]
fn a_fitted_reference_decides_as_the_run_it_was_fitted_in() {
    let folder = tempfile::tempdir().unwrap();
    let reference = folder.path().join("population.toml");
    let reference = reference.to_str().unwrap();
    let output = run(&["fit", "examples/retail", "--as-of", "2026-06-30", "--out", reference]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let mut bytes = Vec::new();
    for extra in [&[][..], &["--reference", reference][..]] {
        let path = folder.path().join(format!("d{}.csv", extra.len()));
        let mut args = RETAIL.to_vec();
        args.extend(["--out", path.to_str().unwrap()]);
        args.extend(extra);
        assert_eq!(run(&args).status.code(), Some(0));
        bytes.push(std::fs::read(Path::new(&path)).unwrap());
    }
    assert!(bytes[0] == bytes[1]);
}

#[test]
fn help_names_every_command() {
    let text = out(&run(&["--help"]));
    for command in ["run", "check", "explain", "fit"] {
        assert!(text.contains(&format!("  {command} ")), "{text}");
    }
}
