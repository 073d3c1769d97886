//! The rule book as a user asks for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::{Command, Output};

fn docs(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("docs").args(args).env("NO_COLOR", "1").output().unwrap()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn the_ending_of_the_file_says_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (page, text) = (path(folder.path(), "book.html"), path(folder.path(), "book.md"));
    assert_eq!(docs(&["base", "--out", &page]).status.code(), Some(0));
    assert_eq!(docs(&["base", "--out", &text]).status.code(), Some(0));
    assert!(std::fs::read_to_string(&page).unwrap().starts_with("<!DOCTYPE html>"));
    assert!(std::fs::read_to_string(&text).unwrap().starts_with("# Rule book: base\n"));
    let printed = docs(&["base"]);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), std::fs::read_to_string(&text).unwrap());
}

#[test]
fn a_folder_gets_both() {
    let folder = tempfile::tempdir().unwrap();
    let out = path(folder.path(), "new/books");
    let output = docs(&["examples/telecom", "--out", &out]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(Path::new(&out).join("draht-und-licht.md")).unwrap();
    // Two packs down the chain, and the value each had.
    assert!(text.contains("builds on base"), "{}", &text[..600]);
    assert!(text.contains("set by draht-und-licht in `examples/telecom/pack.toml:"), "a change is said");
    assert!(Path::new(&out).join("draht-und-licht.html").is_file());
}

#[test]
fn what_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let pdf = docs(&["base", "--out", &path(folder.path(), "book.pdf")]);
    assert_eq!(pdf.status.code(), Some(2));
    let said = String::from_utf8(pdf.stderr).unwrap();
    assert!(said.contains("does not say what to write") && said.contains("`.html` or `.md`"), "{said}");
    let missing = docs(&["base", "--out", &path(folder.path(), "none/book.html")]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("cannot be written"));
    assert_eq!(docs(&["nonesuch"]).status.code(), Some(2));
}
