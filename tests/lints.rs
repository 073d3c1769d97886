//! `regain check` as a user meets it: lints on the shipped packs and examples, levels, and the rules held against data.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use regain::check::{LINTS, Level, Subject, check};
use regain::diag::{Severity, render_short};
use regain::pack::{load, shipped};

fn regain(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(folder).args(args).env("NO_COLOR", "1").env("COLUMNS", "100").output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Everything that ships is clean with all lints on.
#[test]
fn shipped_packs_and_examples_are_clean() {
    let examples = ["retail", "telecom", "b2b", "cdnow", "telco", "plugin"].map(|name| format!("examples/{name}"));
    for name in shipped::names().map(str::to_owned).chain(examples) {
        let path =
            if name.contains('/') { Path::new(env!("CARGO_MANIFEST_DIR")).join(&name) } else { name.clone().into() };
        let loaded = load(&path.display().to_string());
        let pack = loaded.pack.as_ref().unwrap();
        let mut found = check(&Subject { pack, cases: None });
        found.retain(|diagnostic| diagnostic.severity != Severity::Note);
        assert!(found.is_empty(), "{name}:\n{}", render_short(&found, &loaded.sources));
    }
}

#[test]
fn lints_have_names_and_codes_of_their_own() {
    let names: BTreeSet<&str> = LINTS.iter().map(|lint| lint.name).collect();
    let codes: BTreeSet<_> = LINTS.iter().map(|lint| lint.code).collect();
    assert_eq!((names.len(), codes.len()), (LINTS.len(), LINTS.len()));
    assert!(LINTS.iter().all(|lint| lint.level != Level::Deny), "a shipped default never breaks a build");
    for name in ["unknown_value", "unused_parameter", "no_cases", "not_in_data", "allows_nothing"] {
        assert!(names.contains(name), "{name}");
    }
}

const PACK: &str = "[pack]\nname = \"ours\"\n\n[record]\nkey = \"id\"\n
[record.columns.segment]\ntype = \"text\"\nvalues = [\"private\", \"business\"]\n
[record.columns.revenue]\ntype = \"number\"\noptional = true\n
[record.columns.phone]\ntype = \"bool\"\noptional = true\n
[[states]]\nname = \"large\"\nwhen = 'revenue >= 100'\n
[[states]]\nname = \"huge\"\nwhen = 'revenue >= 200 && (phone ?? true)'\n
[[states]]\nname = \"known\"\nwhen = 'segment != ()'\n
[[states]]\nname = \"rest\"\n
[money]\nvalue = 'revenue'\n";

const ROWS: &str = "id,segment,revenue\n1,private,50\n2,Business,150\n3,business,250\n4,Business,\n";

fn pack_with_data() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("ours")).unwrap();
    std::fs::write(folder.path().join("ours/pack.toml"), PACK).unwrap();
    std::fs::write(folder.path().join("customers.csv"), ROWS).unwrap();
    folder
}

#[test]
fn rules_are_held_against_data() {
    let folder = pack_with_data();
    let args = ["check", "ours", "--data", "customers=customers.csv", "--as-of", "2026-06-30", "--format", "short"];
    let output = regain(folder.path(), &args);
    let text = out(&output);
    let line = |code: &str| text.lines().filter(|line| line.contains(code)).collect::<Vec<_>>().join("\n");
    let missing = line("RG0581");
    assert!(missing.contains("`phone` is missing for every one of 4 customers"), "{text}");
    assert!(!missing.contains("revenue"), "{text}");
    let unlisted = line("RG0582");
    assert!(unlisted.contains("2 of 4 rows (50.0 %)") && unlisted.contains("`Business` (2, 50.0 %)"), "{text}");
    assert!(unlisted.contains("lower(trim(segment))"), "{text}");
    let idle = line("RG0583");
    assert!(idle.contains("state `huge` is for none of 4 customers"), "{text}");
    assert!(idle.contains("its `when` is true for 1 of 4 customers (25.0 %)"), "{text}");
    assert!(!idle.contains("`large`") && !idle.contains("`known`"), "{text}");
    assert_eq!(output.status.code(), Some(0), "{text}");
}

#[test]
fn warnings_can_be_denied() {
    let folder = pack_with_data();
    let plain = regain(folder.path(), &["check", "ours"]);
    assert_eq!(plain.status.code(), Some(0), "{}", out(&plain));
    assert!(out(&plain).contains("RG0571"), "no case proves it: {}", out(&plain));
    let denied = regain(folder.path(), &["check", "ours", "--deny-warnings"]);
    assert_eq!(denied.status.code(), Some(1), "{}", out(&denied));
    assert!(out(&denied).contains("error[RG0571]"), "{}", out(&denied));
    // A lint that is denied in the pack does the same, and an allowed one is not seen.
    let toml = folder.path().join("ours/lints.toml");
    std::fs::write(&toml, "[lints]\nno_cases = \"deny\"\n").unwrap();
    assert_eq!(regain(folder.path(), &["check", "ours"]).status.code(), Some(1));
    std::fs::write(&toml, "[lints]\nno_cases = \"allow\"\n").unwrap();
    let allowed = regain(folder.path(), &["check", "ours"]);
    assert!(!out(&allowed).contains("RG0571"), "{}", out(&allowed));
    std::fs::remove_file(toml).unwrap();
    std::fs::create_dir(folder.path().join("ours/cases")).unwrap();
    std::fs::write(
        folder.path().join("ours/cases/a.toml"),
        "as_of = 2026-06-30\n[[cases]]\nname = \"large\"\ngiven = { revenue = 150 }\nexpect = { state = \"large\" }\n",
    )
    .unwrap();
    assert!(!out(&regain(folder.path(), &["check", "ours"])).contains("RG0571"));
}
