//! The manual: every code has a page, every example is what it claims to be, and the list of codes is up to date.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use regain::check::{self, LINTS, Level, Subject, manual};
use regain::diag::{Code, Severity, Sources, render_short};
use regain::pack::load_from_texts;

/// Codes whose pages are still to come.
const WITHOUT_A_PAGE: &[u16] = &[402, 403, 501, 502, 503, 504, 505, 506, 507];

fn in_checkout(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every code there is, with what its comment says.
fn codes() -> Vec<Code> {
    let source = std::fs::read_to_string(in_checkout("src/diag/code.rs")).unwrap();
    let found = regex::Regex::new(r"pub const [A-Z_]+: Code = Code\((\d+)\);").unwrap();
    found.captures_iter(&source).map(|code| Code(code[1].parse().unwrap())).collect()
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let codes: BTreeSet<Code> = codes().into_iter().collect();
    let missing: Vec<String> = codes
        .iter()
        .filter(|code| manual::page(**code).is_none() && !WITHOUT_A_PAGE.contains(&code.0))
        .map(Code::to_string)
        .collect();
    assert!(
        missing.is_empty(),
        "no page for {missing:?}: write src/check/manual/RG….md and list it in src/check/manual.rs"
    );
    for code in WITHOUT_A_PAGE {
        assert!(manual::page(Code(*code)).is_none(), "RG{code:04} has its page: take it off this list");
    }
    let mut names = BTreeSet::new();
    for page in manual::pages() {
        assert!(codes.contains(&page.code), "{} is no code", page.code);
        assert!(page.text.starts_with(&format!("# {} {}\n\n", page.code, page.name)), "{}: the first line", page.code);
        assert!(
            page.what.ends_with('.') && !page.what.contains(". "),
            "{}: one sentence says what it finds",
            page.code
        );
        assert!(names.insert(page.name), "two pages are called {}", page.name);
        assert!(!page.name.contains(|c: char| !c.is_ascii_lowercase() && c != '_'), "{}: {}", page.code, page.name);
        let headings: Vec<&str> = page.text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, ["Why", "Example", "What to do"], "{}", page.code);
    }
    let written = std::fs::read_dir(in_checkout("src/check/manual")).unwrap().count();
    assert_eq!(written, manual::pages().count(), "a page in src/check/manual is not listed in src/check/manual.rs");
    for lint in LINTS {
        assert!(
            manual::find(lint.name).is_some_and(|page| page.code == lint.code) || WITHOUT_A_PAGE.contains(&lint.code.0),
            "the page of {} is not called {}",
            lint.code,
            lint.name
        );
    }
}

/// A block of an example: `toml` or `rhai`, what is claimed of it, its text.
struct Block {
    language: String,
    claim: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.trim().strip_prefix("```") else { continue };
        let text: String =
            lines.by_ref().take_while(|line| line.trim() != "```").map(|line| format!("{line}\n")).collect();
        let (language, claim) = info.split_once(',').unwrap_or_else(|| panic!("say `fires`, `fine` or `text`: {info}"));
        assert!(matches!(claim, "fires" | "fine" | "text"), "{claim}");
        blocks.push(Block { language: language.to_owned(), claim: claim.to_owned(), text });
    }
    blocks
}

/// The standard frame, without what the text brings itself.
fn frame(text: &str) -> String {
    let own: toml::Table = text.parse().unwrap_or_default();
    if own.contains_key("pack") || text.lines().any(|line| line.trim() == "[pack]") {
        return String::new();
    }
    let record = own.get("record").and_then(toml::Value::as_table);
    let mut frame = String::from("[pack]\nname = \"example\"\n\n[record]\n");
    if record.is_some_and(|record| record.contains_key("key")) {
        return frame.replace("\n[record]\n", "");
    }
    frame.push_str("key = \"customer_id\"\n\n");
    let columns = record.and_then(|record| record.get("columns")).and_then(toml::Value::as_table);
    for (name, keys) in [
        ("last_order", "type = \"date\"\n"),
        ("revenue", "type = \"number\"\n"),
        ("segment", "type = \"text\"\nvalues = [\"private\", \"business\"]\n"),
        ("open_complaints", "type = \"number\"\noptional = true\n"),
    ] {
        if columns.is_none_or(|columns| !columns.contains_key(name)) {
            writeln!(frame, "[record.columns.{name}]\n{keys}").unwrap();
        }
    }
    frame
}

/// What is found in an example: blocks of one claim that stand one after the other are one pack.
fn found(blocks: &[&Block]) -> (BTreeSet<Code>, String) {
    let mut texts: Vec<(&str, String)> = Vec::new();
    let toml: String = blocks.iter().filter(|b| b.language == "toml").map(|b| b.text.as_str()).collect();
    texts.push(("frame.toml", frame(&toml)));
    texts.push(("pack.toml", toml));
    let rhai: String = blocks.iter().filter(|b| b.language == "rhai").map(|b| b.text.as_str()).collect();
    if !rhai.is_empty() {
        texts.push(("scripts/ours.rhai", rhai));
    }
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let loaded = load_from_texts(&texts);
    let mut diagnostics = loaded.diagnostics.clone();
    if let Some(pack) = &loaded.pack {
        diagnostics.extend(check::check(&Subject { pack, cases: None }));
    }
    let sources: &Sources = &loaded.sources;
    (diagnostics.iter().map(|d| d.code).collect(), render_short(&diagnostics, sources))
}

#[test]
fn examples_are_what_they_claim_to_be() {
    let mut run = 0;
    let mut wrong = String::new();
    for page in manual::pages() {
        let blocks = blocks(page.text);
        let mut rest = blocks.as_slice();
        while let Some(first) = rest.first() {
            let of_one = rest.iter().take_while(|block| block.claim == first.claim).count();
            let example: Vec<&Block> = rest[..of_one].iter().collect();
            rest = &rest[of_one..];
            if first.claim == "text" {
                continue;
            }
            run += 1;
            let (codes, said) = found(&example);
            if codes.contains(&page.code) != (first.claim == "fires") {
                writeln!(wrong, "{}: `{}` does not hold:\n{said}", page.code, first.claim).unwrap();
            }
            // What is to be done must leave a pack that runs.
            if first.claim == "fine" && said.contains("error[") {
                writeln!(wrong, "{}: the mended example has errors:\n{said}", page.code).unwrap();
            }
        }
        let claims = |claim: &str| blocks.iter().any(|block| block.claim == claim);
        assert!(!blocks.is_empty() && claims("fires") == claims("fine"), "{}: show both, or text", page.code);
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(run >= 40, "only {run} examples");
}

/// `src/diag/CODES.md`: REGAIN_UPDATE=1 rewrites it.
#[test]
fn the_list_of_codes_is_up_to_date() {
    let mut text = String::from(
        "# Codes\n\nWhat `regain check` and `regain test` can say. `regain check --explain RG0203` prints the page of a code: why, an example, and what to \
         do.\nThis list is made from `src/check/manual`; `just update` rewrites it.\n\n| code | name | level | what it finds |\n|---|---|---|---|\n",
    );
    for page in manual::pages() {
        let lint = check::lint(page.code).map(|lint| match lint.level {
            Level::Allow => "lint: allow",
            Level::Warn => "lint: warn",
            Level::Deny => "lint: deny",
        });
        let plain = manual::severity(page.code).map_or("note", Severity::word);
        let (code, level) = (page.code, lint.unwrap_or(plain));
        writeln!(text, "| [{code}](../check/manual/{code}.md) | `{}` | {level} | {} |", page.name, page.what).unwrap();
    }
    let path = in_checkout("src/diag/CODES.md");
    if std::env::var("REGAIN_UPDATE").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "src/diag/CODES.md is out of date; REGAIN_UPDATE=1 rewrites it");
}
