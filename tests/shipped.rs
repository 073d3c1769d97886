//! The packs inside the binary are proven by the cases inside the binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::process::Command;

/// Runs `regain test` away from the checkout, so that what is embedded is what is read.
#[track_caller]
fn test(args: &[&str]) -> (Option<i32>, String) {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    let output = command.current_dir(elsewhere.path()).arg("test").args(args).env("NO_COLOR", "1").output().unwrap();
    let text = [output.stdout, output.stderr].map(|t| String::from_utf8(t).unwrap()).concat();
    (output.status.code(), text)
}

#[test]
fn every_shipped_case_holds_and_every_rule_is_reached() {
    for (pack, least) in [("base", "97"), ("retail", "95"), ("telecom", "95")] {
        let (code, text) = test(&[pack, "--min-coverage", least]);
        assert_eq!(code, Some(0), "{pack}:\n{text}");
        assert!(text.contains("all passed"), "{pack}:\n{text}");
    }
}

#[test]
fn the_proof_can_fail() {
    let (code, text) = test(&["retail", "--min-coverage", "100"]);
    assert_eq!(code, Some(1), "{text}");
}
