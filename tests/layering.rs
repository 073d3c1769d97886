//! The import direction: a module may use what stands before it in this list, never what stands behind it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Lower layers first. Modules in one row may use each other.
const LAYERS: &[&[&str]] = &[
    &["diag"],
    &["files"],
    &["expr", "script"],
    &["pack"],
    &["check"],
    &["schema"],
    &["engine"],
    &["reference"],
    &["stage"],
    &["stats"],
    &["data"],
    &["plan"],
    &["evaluate"],
    &["suggest"],
    &["prevent"],
    &["second_life"],
    &["draw"],
    &["profile"],
    &["explain"],
    &["cases"],
    &["report"],
    &["compare"],
    &["watch"],
    &["cli"],
];

/// Engine knows expressions, not packs: another host may bring its own rules.
const FORBIDDEN: &[(&str, &str)] = &[("engine", "pack"), ("engine", "check"), ("data", "report"), ("stage", "report")];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&module))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// (module, what it imports) of one source text; comments and tests count, too.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let single = Regex::new(r"\bcrate::([a-z_]+)").unwrap();
    let group = Regex::new(r"\bcrate::\{([^}]*)").unwrap();
    let mut found: BTreeSet<String> = single.captures_iter(&code).map(|c| c[1].to_owned()).collect();
    for capture in group.captures_iter(&code) {
        for part in capture[1].split(',') {
            let name: String = part.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.insert(name);
        }
    }
    found.retain(|name| layer(name).is_some());
    found
}

fn violation(module: &str, imported: &str) -> bool {
    layer(imported) > layer(module) || FORBIDDEN.contains(&(module, imported))
}

#[test]
fn imports_go_in_one_direction() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    assert!(files.len() > 30, "the sources are where this test looks");
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&src).unwrap();
        let module =
            inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if module == "lib" || module == "main" {
            continue;
        }
        assert!(layer(&module).is_some(), "src/{module} is in no layer: add it to the list in its place");
        for imported in imports(&fs::read_to_string(&file).unwrap()) {
            if violation(&module, &imported) {
                wrong.push(format!("{} imports {imported}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "against the import direction:\n{}", wrong.join("\n"));
}

#[test]
fn the_check_can_fail() {
    let text = "use crate::{diag::Span, pack::Pack};\nfn f() { crate::cli::run() }\n// crate::watch";
    let found = imports(text);
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), ["cli", "diag", "pack"]);
    assert!(violation("engine", "pack") && violation("expr", "cli") && !violation("cli", "pack"));
}
