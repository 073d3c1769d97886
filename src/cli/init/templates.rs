//! The files of a new pack, with their blanks filled in.

use std::fmt::Write as _;

use super::Template;
use crate::draw::wrap;
use crate::expr::Value;
use crate::pack::Pack;

/// A file to be made.
pub(super) struct File {
    /// Relative to the pack's folder.
    pub(super) name: &'static str,
    /// Its text.
    pub(super) text: String,
    /// What it is, for the list of what was made.
    pub(super) what: &'static str,
}

/// How wide comments of a template are.
const WIDTH: usize = 100;

/// All files, in the order they are told.
pub(super) fn files_of(template: Template, name: &str, base: &Pack) -> Vec<File> {
    let (pack, cases) = match template {
        Template::Retail => (include_str!("retail.toml"), include_str!("retail_cases.toml")),
        Template::Telecom => (include_str!("telecom.toml"), include_str!("telecom_cases.toml")),
        Template::B2b => (include_str!("b2b.toml"), include_str!("b2b_cases.toml")),
        Template::Blank => (include_str!("blank.toml"), include_str!("blank_cases.toml")),
    };
    let file = |name, what, text: &str| File { name, what, text: text.to_owned() };
    let mut all = vec![
        file("pack.toml", "what differs from the pack it lies over", pack),
        file("cases/first.toml", "sample customers, and what must be decided about them", cases),
        file("README.md", "what is where, and the next steps", include_str!("README.md")),
        file("data/README.md", "where tables go", include_str!("data.md")),
        file("data/.gitignore", "keeps them out of the repository", "*\n!.gitignore\n!README.md\n"),
        file(".github/workflows/regain.yml", "proves the pack on every change", include_str!("workflow.yml")),
        file(".taplo.toml", "which schema fits which file", include_str!("taplo.toml")),
    ];
    for file in &mut all {
        file.text = filled(&file.text, name, base);
    }
    all
}

/// Fills in the blanks: `@NAME@`, `@BASE@`, `@VERSION@`, `@TABLE@`, `@TABLES@`, and lines `@PARAMS a b@`.
fn filled(text: &str, name: &str, base: &Pack) -> String {
    let mut tables: Vec<String> = vec![format!("`{}`", base.record.table)];
    tables.extend(base.tables.keys().map(|name| format!("`{name}`")));
    let mut out = String::new();
    for line in text.lines() {
        match line.strip_prefix("@PARAMS ").and_then(|rest| rest.strip_suffix('@')) {
            Some(names) => out.push_str(&parameters(names, base)),
            None => {
                let line = line
                    .replace("@NAME@", name)
                    .replace("@BASE@", &base.identity.name)
                    .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
                    .replace("@TABLES@", &tables.join(", "))
                    .replace("@TABLE@", &base.record.table);
                out.push_str(&line);
                out.push('\n');
            }
        }
    }
    out
}

/// Parameters with their value in force, commented out, each under its help.
fn parameters(names: &str, base: &Pack) -> String {
    let mut out = String::new();
    for param in names.split(' ').filter_map(|name| base.params.iter().find(|param| param.name == name)) {
        if !out.is_empty() {
            out.push_str("#\n");
        }
        for line in wrap(&param.help, WIDTH - 2) {
            let _ = writeln!(out, "# {line}");
        }
        let value = match &param.value {
            Value::Date(date) => date.to_string(),
            other => other.literal(),
        };
        let value = format!("# {} = {value}", param.name);
        let bounds = match (param.min, param.max) {
            (Some(min), Some(max)) => format!("{min} to {max} {}", param.unit),
            (Some(min), None) => format!("{}, at least {min}", param.unit),
            (None, Some(max)) => format!("{}, at most {max}", param.unit),
            (None, None) => param.unit.clone(),
        };
        let _ = writeln!(out, "{}", format!("{value:<36}# {}", bounds.trim()).trim_end_matches(['#', ' ']));
    }
    out
}
