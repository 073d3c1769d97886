//! `regain check --plan`: which way functions and rules run, for people and for programs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::Command;

fn check(pack: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.arg("check").arg(pack).arg("--plan").args(args).env_remove("NO_COLOR").env("COLUMNS", "80");
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

const SCRIPT: &str = "/// (x: number) -> number
fn doubled(x) { x * 2.0 }

/// (x: number, y: number) -> number
fn most(x, y) { if x + y > 10.0 { 10.0 } else { x } }

/// (x: number) -> number
fn slowly(x) {
    let sum = 0.0;
    for i in 0..3 { sum += x; }
    sum
}
";

fn pack() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("scripts")).unwrap();
    std::fs::write(folder.path().join("scripts/own.rhai"), SCRIPT).unwrap();
    let text = "[pack]\nname = \"ours\"\nextends = \"base\"\n[facts]\nown_a = 'own::doubled(days_silent)'\nown_b = \
                'own::most(own_a, 1) + own::doubled(2)'\nown_c = 'own::slowly(own_b)'\n";
    std::fs::write(folder.path().join("pack.toml"), text).unwrap();
    folder
}

#[test]
fn the_plan_says_which_way_each_runs_and_why() {
    let folder = pack();
    let said = check(folder.path(), &[]);
    let line = |start: &str| said.lines().find(|l| l.starts_with(start)).unwrap_or_else(|| panic!("{start}: {said}"));
    assert!(line("own::doubled").ends_with("columnar"), "{said}");
    assert!(line("own::most").contains("columnar*  Rhai where the result of `+` is no finite number"), "{said}");
    assert!(line("own::slowly").contains("Rhai       it has a loop, own.rhai:10"), "{said}");
    assert!(line("facts.own_b").ends_with("columnar*  own::most, own::doubled"), "{said}");
    assert!(line("facts.own_c").contains("Rhai"), "{said}");
    assert!(said.trim_end().ends_with("some rows), 1 in Rhai"), "{said}");
    assert!(said.lines().skip_while(|l| !l.starts_with("function")).all(|l| l.chars().count() <= 80), "{said}");
}

#[test]
fn the_plan_is_one_object_with_the_findings() {
    let folder = pack();
    let all: serde_json::Value = serde_json::from_str(&check(folder.path(), &["--format", "json"])).unwrap();
    assert!(all["findings"].is_array());
    let functions = all["plan"]["functions"].as_array().unwrap();
    let of = |name: &str| functions.iter().find(|f| f["function"] == name).unwrap();
    assert_eq!(of("own::doubled")["runs"], "columnar");
    assert_eq!(of("own::most")["guards"][0]["at"]["line"], 5);
    assert_eq!(of("own::slowly")["runs"], "rhai");
    assert_eq!(of("own::slowly")["why"]["at"]["line"], 10);
    assert!(all["plan"]["others"].as_u64().unwrap() > 50);
}
