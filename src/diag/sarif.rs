//! Diagnostics as SARIF 2.1.0, for code scanning and editors.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Code, Diagnostic, Label, Severity, Sources, Span};

/// What is known about a code, beside its number.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    /// A short name: `unknown_value`.
    pub name: &'a str,
    /// What it finds, in one sentence.
    pub what: &'a str,
    /// As what it is shown if nothing is set.
    pub level: Severity,
    /// Its manual page, as Markdown.
    pub page: &'a str,
}

/// One log with one run. `rule` says what is known about a code; only codes with findings are listed.
#[must_use]
pub fn render_sarif<'a>(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    rule: &dyn Fn(Code) -> Option<Rule<'a>>,
) -> String {
    let mut codes: Vec<Code> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| describe(*code, rule(*code))).collect();
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| result(diagnostic, &codes, sources)).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "regain", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// One code as a rule.
fn describe(code: Code, rule: Option<Rule<'_>>) -> Value {
    let mut map = Map::new();
    map.insert("id".into(), json!(code.to_string()));
    if let Some(rule) = rule {
        map.insert("name".into(), json!(rule.name));
        map.insert("shortDescription".into(), json!({ "text": rule.what }));
        if !rule.page.is_empty() {
            map.insert("help".into(), json!({ "text": rule.page, "markdown": rule.page }));
        }
        map.insert("defaultConfiguration".into(), json!({ "level": rule.level.word() }));
    }
    Value::Object(map)
}

/// One diagnostic.
fn result(diagnostic: &Diagnostic, codes: &[Code], sources: &Sources) -> Value {
    let mut text = diagnostic.message.clone();
    if let Some(label) = diagnostic.primary.as_ref().filter(|label| !label.text.is_empty()) {
        // Writing to a string cannot fail.
        let _ = write!(text, " ({})", label.text);
    }
    for help in &diagnostic.help {
        let _ = write!(text, "\nhelp: {help}");
    }
    let mut map = Map::new();
    map.insert("ruleId".into(), json!(diagnostic.code.to_string()));
    if let Ok(index) = codes.binary_search(&diagnostic.code) {
        map.insert("ruleIndex".into(), json!(index));
    }
    map.insert("level".into(), json!(diagnostic.severity.word()));
    map.insert("message".into(), json!({ "text": text }));
    let place = diagnostic.primary.as_ref().and_then(|label| location(label.span, sources));
    map.insert("locations".into(), place.map(Value::Object).into_iter().collect());
    let related: Vec<Value> =
        diagnostic.related.iter().enumerate().filter_map(|(id, label)| related(id, label, sources)).collect();
    if !related.is_empty() {
        map.insert("relatedLocations".into(), Value::Array(related));
    }
    Value::Object(map)
}

/// A related place.
fn related(id: usize, label: &Label, sources: &Sources) -> Option<Value> {
    let mut map = Map::from_iter([("id".to_owned(), json!(id))]);
    map.append(&mut location(label.span, sources)?);
    map.insert("message".into(), json!({ "text": label.text }));
    Some(Value::Object(map))
}

/// Where something is: a region of a file; of a text inside of regain only its name, which no viewer tries to open.
fn location(span: Span, sources: &Sources) -> Option<Map<String, Value>> {
    let source = sources.get(span.file)?;
    let (start, end) = sources.region(span);
    let place = match source.path() {
        Ok(path) => (
            "physicalLocation",
            json!({
                "artifactLocation": { "uri": uri(&path) },
                "region": {
                    "startLine": start.line,
                    "startColumn": start.column,
                    "endLine": end.line,
                    "endColumn": end.column,
                },
            }),
        ),
        Err(name) => {
            let full = format!("{name}:{}:{}", start.line, start.column);
            ("logicalLocations", json!([{ "name": name, "fullyQualifiedName": full, "kind": "module" }]))
        }
    };
    Some(Map::from_iter([(place.0.to_owned(), place.1)]))
}

/// A path as a URI (RFC 3986): relative if the path is.
fn uri(path: &str) -> String {
    let mut out = String::new();
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.starts_with('/') {
        out.push_str("file://");
    } else if drive {
        out.push_str("file:///");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::code;

    #[test]
    fn rules_results_and_places() {
        let mut sources = Sources::default();
        let file = sources.add("our rules/größe.toml", "ä = 'ö + xy'\n");
        let base = sources.add("base/facts.toml (shipped)", "[facts]\na = 'b'\n");
        let diagnostics = [
            Diagnostic::error(code::UNKNOWN_NAME, Span::new(file, 11, 13), "`xy` is not known here")
                .related(Span::new(base, 8, 9), "a fact")
                .related(Span::new(file, 0, 2), "in this fact")
                .help("did you mean `xz`?"),
            Diagnostic::note(code::NOT_DECIDED, Span::new(base, 13, 14), "not decided"),
            Diagnostic::without_place(code::NO_PACK, "no folder `y`"),
        ];
        let known = |code: Code| {
            (code == code::UNKNOWN_NAME).then_some(Rule {
                name: "unknown_name",
                what: "A name that is not known here.",
                level: Severity::Error,
                page: "# RG0203 unknown_name\n",
            })
        };
        insta::assert_snapshot!(
            render_sarif(&diagnostics, &sources, &known).replace(env!("CARGO_PKG_VERSION"), "VERSION")
        );
        let none: Value = serde_json::from_str(&render_sarif(&[], &sources, &known)).unwrap();
        assert_eq!(none["runs"][0]["results"], json!([]), "no finding is a run with no result, not no run");
    }

    #[test]
    fn paths_are_uris() {
        assert_eq!(uri("a b/größe#1.toml"), "a%20b/gr%C3%B6%C3%9Fe%231.toml");
        assert_eq!(uri("/x/y.toml"), "file:///x/y.toml");
        assert_eq!(uri("C:/x.toml"), "file:///C%3A/x.toml");
    }
}
