//! `regain check` as a user and a CI job meet it: every format, the manual, exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::{Command, Output};

fn check(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(folder).arg("check").args(args).env_remove("NO_COLOR").env("COLUMNS", "80");
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A pack whose one fault is in its own file, with a cause in a shipped one.
fn broken() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("our pack")).unwrap();
    let text = "[pack]\nname = \"ours\"\nextends = \"base\"\n[params]\nsleep_after = \"180\"\n";
    std::fs::write(folder.path().join("our pack/pack.toml"), text).unwrap();
    folder
}

#[test]
fn every_format_says_the_same() {
    let folder = broken();
    let said = |format: &str| {
        let output = check(folder.path(), &["our pack", "--format", format]);
        assert_eq!(output.status.code(), Some(2), "{}", err(&output));
        out(&output)
    };
    let short = said("short");
    assert_eq!(
        short,
        "our pack/pack.toml:5:15: error[RG0102]: parameter `sleep_after` must stay a number, this is a text\n"
    );
    assert!(said("human").contains("base/pack.toml (shipped)"), "both files are shown");
    assert!(said("human").ends_with("our pack: 1 error; the pack does not run\n"));
    let github = said("github");
    let start =
        "::error file=our pack/pack.toml,line=5,col=15,endLine=5,endColumn=20,title=RG0102::parameter `sleep_after`";
    assert!(github.starts_with(start) && github.lines().count() == 1, "{github}");
    let sarif: serde_json::Value = serde_json::from_str(&said("sarif")).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(run["results"][0]["ruleId"], "RG0102");
    assert_eq!(run["tool"]["driver"]["rules"][0]["name"], "bad_value");
    let place = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "our%20pack/pack.toml");
    assert_eq!(place["region"]["startColumn"], 15);
    let related = &run["results"][0]["relatedLocations"][0];
    assert!(related["physicalLocation"].is_null(), "a text inside of regain is no file of the repository");
    assert_eq!(related["logicalLocations"][0]["name"], "base/pack.toml");
    let json: serde_json::Value = serde_json::from_str(&said("json")).unwrap();
    assert_eq!(json[0]["code"], "RG0102");
}

#[test]
fn the_manual_is_printed_by_code_and_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let by_code = check(folder.path(), &["--explain", "RG0106"]);
    assert_eq!(by_code.status.code(), Some(0), "{}", err(&by_code));
    let text = out(&by_code);
    assert!(text.starts_with("RG0106 bad_overlay\n\n"), "{text}");
    assert!(text.contains("\n\nWhat to do\n\n") && text.contains("\n    more_evidence = ["), "{text}");
    assert!(!text.contains("```") && !text.contains('\u{1b}'), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "wider than the terminal: {line}");
    }
    for asked in ["bad_overlay", "bad-overlay", "rg106", "106"] {
        assert_eq!(out(&check(folder.path(), &["--explain", asked])), text, "{asked}");
    }
    assert!(out(&check(folder.path(), &["--explain", "RG0106", "--color", "always"])).starts_with("\u{1b}[1mRG0106"));
    let all = out(&check(folder.path(), &["--explain", "all"]));
    assert!(all.contains("RG0401  bad_scoring ") && all.lines().all(|line| line.chars().count() <= 80), "{all}");
}

#[test]
fn what_is_not_in_the_manual_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let unknown = check(folder.path(), &["--explain", "bad_overlai"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        err(&unknown).contains("there is no code or lint `bad_overlai`\nhelp: did you mean `bad_overlay`?"),
        "{}",
        err(&unknown)
    );
    assert_eq!(check(folder.path(), &["--explain", "RG9999"]).status.code(), Some(2));
    let nothing = check(folder.path(), &[]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(err(&nothing).contains("<PACK>"), "{}", err(&nothing));
}
