//! The golden suite: pack texts and what is said about them, in `tests/suite/*.txt`.
//!
//! A file holds cases; `REGAIN_UPDATE=1` rewrites their expectations, to be reviewed in the diff.
//!
//! ```text
//! --- pack.toml
//! texts before the first case belong to every case of the file, unless it brings its own of that name
//! === what the case is about
//! --- facts.toml
//! [facts]
//! still = 'today - lst_order'
//! --- expect
//! facts.toml:2:18: error[RG0203]: …      the short rendering of a diagnostic,
//!     at: lst_order                      the text it underlines,
//!     note: pack.toml:9:1: …             related places,
//!     help: did you mean `last_order`?   hints; or `ok` if nothing is said
//! ```
//!
//! Folders among the names are packs of their own: `base/pack.toml` is what `extends = "./base"` means. In files whose name begins
//! with `lint_`, packs without an error are also looked at by every lint; in the others they are only loaded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use regain::check::{self, Subject, manual};
use regain::diag::{Diagnostic, Sources, render_github, render_human, render_json, render_sarif, render_short};
use regain::pack::{load, load_from_texts};

/// One case.
#[derive(Debug, Default)]
struct Case {
    name: String,
    /// Name and text.
    files: Vec<(String, String)>,
    expected: String,
}

/// Codes that no text of a pack gives: they are about files on disk, data, or cases.
const ELSEWHERE: &[&str] = &[
    "UNREADABLE",
    "NO_CASES",
    "NOT_IN_DATA",
    "VALUE_NOT_LISTED",
    "IDLE_ON_DATA",
    "BAD_CASE",
    "CASE_UNKNOWN_NAME",
    "CASE_EXPECTS_NOTHING",
    "CASE_FAILED",
    "NOT_COVERED",
    "MUTANT_SURVIVED",
];

/// Codes whose cases are still to come: allowed unless a pack asks for it, and shown as notes only.
const NOT_YET: &[&str] = &["OVERLAP", "NOT_DECIDED"];

/// A file of cases.
#[derive(Debug, Default)]
struct Suite {
    /// Whether lints look, too.
    lints: bool,
    shared: Vec<(String, String)>,
    cases: Vec<Case>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite")
}

fn suites() -> Vec<(PathBuf, Suite)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let mut suite = parse(&std::fs::read_to_string(&path).unwrap());
        suite.lints = path.file_name().unwrap().to_string_lossy().starts_with("lint_");
        (path, suite)
    };
    paths.into_iter().map(read).collect()
}

fn parse(text: &str) -> Suite {
    let mut suite = Suite::default();
    for line in text.split_inclusive('\n') {
        if let Some(name) = line.strip_prefix("=== ") {
            suite.cases.push(Case { name: name.trim().to_owned(), ..Case::default() });
        } else if let Some(name) = line.strip_prefix("--- ") {
            let files = suite.cases.last_mut().map_or(&mut suite.shared, |case| &mut case.files);
            files.push((name.trim().to_owned(), String::new()));
        } else {
            let files = suite.cases.last_mut().map_or(&mut suite.shared, |case| &mut case.files);
            files.last_mut().expect("a text belongs to a file").1.push_str(line);
        }
    }
    for case in &mut suite.cases {
        case.expected = match case.files.last() {
            Some((name, _)) if name == "expect" => case.files.pop().unwrap().1,
            _ => String::new(),
        };
    }
    suite
}

fn print(suite: &Suite) -> String {
    let mut out = String::new();
    for (name, text) in &suite.shared {
        write!(out, "--- {name}\n{text}").unwrap();
    }
    for case in &suite.cases {
        writeln!(out, "=== {}", case.name).unwrap();
        for (name, text) in &case.files {
            write!(out, "--- {name}\n{text}").unwrap();
        }
        write!(out, "--- expect\n{}", case.expected).unwrap();
    }
    out
}

/// What is said about a pack.
fn said(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let mut first = diagnostic.clone();
        first.help.clear();
        out.push_str(&render_short(&[first], sources));
        if let Some(label) = &diagnostic.primary {
            let text = sources.text(label.span).replace('\n', "⏎");
            let says = if label.text.is_empty() { String::new() } else { format!("  << {}", label.text) };
            writeln!(out, "{}", format!("    at: {text}{says}").trim_end()).unwrap();
        }
        for label in &diagnostic.related {
            writeln!(out, "    note: {}: {}", sources.place(label.span), label.text).unwrap();
        }
        for help in &diagnostic.help {
            writeln!(out, "    help: {help}").unwrap();
        }
    }
    if out.is_empty() { "ok\n".to_owned() } else { out }
}

fn run(suite: &Suite, case: &Case) -> String {
    let own = |name: &str| case.files.iter().any(|(file, _)| file == name);
    let shared = suite.shared.iter().filter(|(name, _)| !own(name));
    let texts: Vec<(&str, &str)> =
        shared.chain(&case.files).map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let loaded = load_from_texts(&texts);
    let mut diagnostics = loaded.diagnostics.clone();
    if let Some(pack) = loaded.pack.as_ref().filter(|_| suite.lints) {
        diagnostics.extend(check::check(&Subject { pack, cases: None }));
    }
    // Whatever is said, every renderer can show it.
    let sources = &loaded.sources;
    let human = render_human(&diagnostics, sources, false, 100);
    let json = render_json(&diagnostics, sources);
    let github = render_github(&diagnostics, sources);
    let sarif = render_sarif(&diagnostics, sources, &manual::rule);
    assert_eq!(github.lines().count(), diagnostics.len(), "{}", case.name);
    for diagnostic in &diagnostics {
        assert!(human.contains(&format!("[{}]", diagnostic.code)), "{}", case.name);
        for text in [&json, &github, &sarif] {
            assert!(text.contains(&diagnostic.code.to_string()), "{}", case.name);
        }
    }
    said(&diagnostics, sources)
}

#[test]
fn packs_and_what_is_said_about_them() {
    let update = std::env::var("REGAIN_UPDATE").is_ok_and(|value| value == "1");
    let mut failed = String::new();
    let mut names = BTreeSet::new();
    for (path, mut suite) in suites() {
        for index in 0..suite.cases.len() {
            let got = run(&suite, &suite.cases[index]);
            let case = &mut suite.cases[index];
            assert!(names.insert(case.name.clone()), "two cases are called `{}`", case.name);
            if got == case.expected {
                continue;
            }
            if update {
                case.expected = got;
            } else {
                let file = path.file_name().unwrap().to_string_lossy();
                write!(failed, "\n=== {} ({file})\n--- expected\n{}--- got\n{got}", case.name, case.expected).unwrap();
            }
        }
        if update {
            std::fs::write(&path, print(&suite)).unwrap();
        }
    }
    assert!(names.len() >= 150, "only {} cases found", names.len());
    assert!(failed.is_empty(), "{failed}\nREGAIN_UPDATE=1 rewrites the expectations");
}

/// The suite must be able to fail: a changed expectation is seen.
#[test]
fn a_wrong_expectation_is_seen() {
    let suite = parse("=== a\n--- pack.toml\n[pack]\nnme = 'x'\n--- expect\nok\n");
    assert_ne!(run(&suite, &suite.cases[0]), suite.cases[0].expected);
    assert_eq!(print(&suite), "=== a\n--- pack.toml\n[pack]\nnme = 'x'\n--- expect\nok\n");
}

/// Each code a pack can give has a case; those about files on disk have a test below.
#[test]
fn every_code_has_a_case() {
    let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diag/code.rs")).unwrap();
    let codes = regex::Regex::new(r"pub const ([A-Z_]+): Code = Code\((\d+)\);").unwrap();
    let expected: String =
        suites().iter().flat_map(|(_, suite)| &suite.cases).map(|case| case.expected.as_str()).collect();
    let mut missing = Vec::new();
    for found in codes.captures_iter(&source) {
        let number = found[2].parse::<u16>().unwrap();
        let code = format!("[RG{number:04}]");
        if !expected.contains(&code) && !ELSEWHERE.contains(&&found[1]) && !NOT_YET.contains(&&found[1]) {
            missing.push(found[1].to_owned());
        }
    }
    assert!(missing.is_empty(), "no case for {missing:?}");
}

/// Loads a folder and returns what is said, the folder's own name replaced.
fn said_of_folder(folder: &Path, pack: &Path) -> String {
    let loaded = load(&pack.display().to_string());
    assert!(loaded.pack.is_none());
    said(&loaded.diagnostics, &loaded.sources).replace(&folder.display().to_string(), "DIR")
}

#[test]
fn folders_and_files_that_are_no_pack() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("empty/readme.txt", b"");
    write("cases/a.toml", b"x = 1\n");
    write("latin/pack.toml", b"[pack]\nname = \"l\"\nhelp = \"f\xfcr\"\n");
    write("round/pack.toml", b"[pack]\nname = \"r\"\nextends = \"../other\"\n");
    write("other/pack.toml", b"[pack]\nname = \"o\"\nextends = \"../round/.\"\n");
    write("lost/pack.toml", b"[pack]\nname = \"l\"\nextends = \"../nowhere\"\n");
    write("script/pack.toml", b"[pack]\nname = \"l\"\n[record]\nkey = \"id\"\n");
    write("script/scripts/a-b.rhai", b"fn x() { 1 }\n");

    let said = |name: &str| said_of_folder(dir, &dir.join(name));
    assert_eq!(
        said("empty"),
        "error[RG0003]: the folder `DIR/empty` holds no pack: there is no TOML file in it\n    help: a pack is a folder with a `pack.toml`\n"
    );
    assert_eq!(
        said("cases"),
        "error[RG0003]: `DIR/cases` is no pack: none of its TOML files has a `[pack]` section\n    help: write `[pack]` and `name = \"…\"` into its `pack.toml`\n"
    );
    assert_eq!(
        said("cases/a.toml"),
        "error[RG0003]: `DIR/cases/a.toml` is a file, and a pack is a folder\n    help: give the folder it is in: `DIR/cases`\n"
    );
    assert_eq!(
        said("retial"),
        "error[RG0003]: there is no pack `DIR/retial`: no folder of that name, and no shipped pack\n    help: did you mean `retail`?\n"
    );
    assert_eq!(
        said("latin"),
        "error[RG0001]: `DIR/latin/pack.toml` cannot be read: it is not UTF-8 text (first on line 3)\n    help: save the file as UTF-8 in your editor\n"
    );
    assert_eq!(
        said("round"),
        "DIR/other/pack.toml:3:12: error[RG0004]: `extends` goes in a circle: `DIR/round` extends `DIR/other` extends `DIR/round`\n    at: ../round/.\n"
    );
    assert_eq!(
        said("lost"),
        "DIR/lost/pack.toml:3:12: error[RG0004]: `extends` names no pack: there is no shipped pack and no folder `DIR/nowhere`\n    at: ../nowhere\n    help: shipped packs are `base`, `b2b`, `retail`, `telecom`\n"
    );
    assert_eq!(
        said("script"),
        "DIR/script/scripts/a-b.rhai:1:1: error[RG0105]: `a-b` cannot be called from an expression\n    at:\n    help: name the file with letters, digits and `_`, as in `prestige.rhai`\n"
    );
}

/// The shipped packs load without a word, from the binary and from the folder, with the same hash.
#[test]
fn shipped_packs_are_clean() {
    for (name, _) in regain::pack::shipped::SHIPPED {
        let loaded = load(name);
        assert_eq!(said(&loaded.diagnostics, &loaded.sources), "ok\n", "{name}");
        let inside = loaded.pack.unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(name);
        let outside = load(&folder.display().to_string()).pack.unwrap();
        assert_eq!(inside.identity.hash, outside.identity.hash, "{name}");
        assert_eq!(inside.identity.hash.len(), 64);
    }
}
