//! What was found in the data and is not declared in the pack, and the lines that declare it.

use super::error::DataError;
use super::table::TableSpec;

/// Something that was found and not declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// In words: `the delimiter is tab`.
    pub said: String,
    /// What declares it: `delimiter = "tab"`.
    pub toml: String,
}

/// What asks for names: the first line is a row.
pub(crate) fn no_header(spec: &TableSpec, shown: &str, fields: usize, first_row: &str) -> DataError {
    let names: Vec<String> = if spec.columns.len() == fields {
        spec.columns.iter().map(|c| c.name.clone()).collect()
    } else {
        (1..=fields).map(|i| format!("column{i}")).collect()
    };
    let list: Vec<String> = names.iter().map(|n| toml_text(n)).collect();
    DataError::input(format!("`{shown}` (table `{}`) seems to have no header line", spec.table))
        .help(format!("its first line is `{first_row}`"))
        .help(format!("name its columns in order: `headers = [{}]` in `[{}.file]`", list.join(", "), spec.section))
}

/// A text as TOML writes it.
pub(crate) fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// What was found in the files of a table, one sentence for all that are written alike.
pub(crate) fn notices(section: &str, found: &[(String, Vec<Finding>)], notices: &mut Vec<String>) {
    let mut groups: Vec<(&[Finding], Vec<&str>)> = Vec::new();
    for (shown, findings) in found.iter().filter(|(_, f)| !f.is_empty()) {
        match groups.iter_mut().find(|(f, _)| *f == findings.as_slice()) {
            Some((_, files)) => files.push(shown),
            None => groups.push((findings, vec![shown])),
        }
    }
    for (findings, files) in groups {
        let files = match files.as_slice() {
            [] => continue,
            [one] => format!("`{one}`"),
            [first, rest @ ..] => format!("`{first}` and {} more", rest.len()),
        };
        let said: Vec<&str> = findings.iter().map(|f| f.said.as_str()).collect();
        let toml: Vec<String> =
            findings.iter().filter(|f| !f.toml.is_empty()).map(|f| format!("`{}`", f.toml)).collect();
        let fix = if section.is_empty() || toml.is_empty() {
            String::new()
        } else {
            format!("; {} in `[{section}.file]` says so", toml.join(", "))
        };
        notices.push(format!("{files}: {}{fix}", said.join(", ")));
    }
}
