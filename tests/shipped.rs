//! The packs inside the binary are proven by the cases inside the binary: every rule is reached, every change is noticed or has a
//! reason, and no lint finds anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::process::Command;

use serde_json::Value;

/// Runs `regain` away from the checkout, so that what is embedded is what is read.
#[track_caller]
fn regain(args: &[&str]) -> (Option<i32>, String, String) {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    let output = command.current_dir(elsewhere.path()).args(args).env("NO_COLOR", "1").output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|t| String::from_utf8(t).unwrap());
    (output.status.code(), out, err)
}

/// What `regain test --format json` gave.
#[track_caller]
fn tested(pack: &str, options: &[&str]) -> Value {
    let (_, out, err) = regain(&[&["test", pack, "--format", "json"], options].concat());
    serde_json::from_str(&out).unwrap_or_else(|e| panic!("{pack}: {e}: {err}{out}"))
}

/// Cases all pass, and all rules are reached.
#[track_caller]
fn is_covered(pack: &str) {
    let found = tested(pack, &["--coverage"]);
    assert!(found["cases"].as_u64().unwrap() > 20, "{pack}");
    assert_eq!(found["failed"], 0, "{pack}: {:#}", found["files"]);
    assert_eq!(found["diagnostics"].as_array().map(Vec::len), Some(0), "{pack}: {:#}", found["diagnostics"]);
    let rules = &found["coverage"]["rules"];
    assert_eq!(rules["covered"], rules["all"], "{pack}: {:#}", found["coverage"]["files"]);
    assert!(found["coverage"]["everything"]["percent"].as_f64().unwrap() >= 97.0, "{pack}");
}

/// Every change is noticed, proved to make no difference, or has a reason; and no reason is idle.
#[track_caller]
fn is_noticed(pack: &str) {
    let found = tested(pack, &["--mutate", "--mutants", "10000", "--seconds", "600"]);
    let mutation = &found["mutation"];
    assert_eq!(mutation["tried"], mutation["chosen"], "{pack}: there was no time for all");
    assert!(mutation["noticed"].as_u64().unwrap() > 50, "{pack}: {}", mutation["noticed"]);
    assert_eq!(mutation["survived"].as_array().map(Vec::len), Some(0), "{pack}: {:#}", mutation["survived"]);
    assert_eq!(
        mutation["unneeded_reasons"].as_array().map(Vec::len),
        Some(0),
        "{pack}: {:#}",
        mutation["unneeded_reasons"]
    );
}

/// No lint finds anything at the level it has by default; an allowed one has its reason, or `check` would say so.
#[track_caller]
fn is_clean(pack: &str) {
    let (code, out, err) = regain(&["check", pack, "--deny-warnings", "--format", "json"]);
    assert_eq!(code, Some(0), "{pack}:\n{out}{err}");
}

#[test]
fn base_is_proven() {
    is_clean("base");
    is_covered("base");
    is_noticed("base");
}

#[test]
fn retail_is_proven() {
    is_clean("retail");
    is_covered("retail");
    is_noticed("retail");
}

#[test]
fn telecom_is_proven() {
    is_clean("telecom");
    is_covered("telecom");
    is_noticed("telecom");
}

#[test]
fn b2b_is_proven() {
    is_clean("b2b");
    is_covered("b2b");
    is_noticed("b2b");
}

#[test]
fn the_proof_can_fail() {
    let (code, out, err) = regain(&["test", "retail", "--filter", "timeline", "--min-coverage", "100"]);
    assert_eq!(code, Some(1), "{out}{err}");
    let found = tested("retail", &["--mutate", "--filter", "timeline"]);
    assert!(!found["mutation"]["survived"].as_array().unwrap().is_empty(), "few cases notice little");
}

/// People write `Campaign` where the pack says `campaign`: what they decided holds all the same.
#[test]
fn how_a_kind_of_decision_is_written_makes_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let cases = folder.path().join("cases");
    std::fs::create_dir(&cases).unwrap();
    std::fs::write(folder.path().join("pack.toml"), "[pack]\nname = \"written\"\nextends = \"base\"\n").unwrap();
    let one = |what: &str, value: &str, expect: &str| {
        format!(
            "[[cases]]\nname = \"{what}\"\ngiven = {{ sympathy = 10, last_order = 2025-06-30, last_complaint = \"too expensive\", \
             consent_email = true, margin = 400, overrides = [{{ made_on = 2026-06-15, what = \"{what}\", value = \"{value}\" }}] }}\n\
             expect = {{ {expect} }}\n"
        )
    };
    let text = [
        "as_of = 2026-06-30\n".to_owned(),
        one(" Campaign", "NONE", "campaign = \"none\", contact = false, overridden = \"any\""),
        one("GRADE", "D", "grade = \"D\""),
        one("Cause ", "UNKNOWN", "cause = \"unknown\", overridden = \"any\""),
        one("Suppress", "", "suppressed = \"told\""),
    ];
    std::fs::write(cases.join("written.toml"), text.join("\n")).unwrap();
    let found = tested(folder.path().to_str().unwrap(), &[]);
    assert_eq!((found["cases"].as_u64(), found["failed"].as_u64()), (Some(4), Some(0)), "{:#}", found["files"]);
}
