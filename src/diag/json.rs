//! Diagnostics as JSON, for other programs.

use serde_json::{Map, Value, json};

use super::{Diagnostic, Label, Sources, Span};

/// One array; each element has `code`, `severity`, `message`, `file`, `line`, `column`, `end_line`,
/// `end_column`, `text`, `help` and `related`.
///
/// Lines and columns count from 1, columns count characters, the end is one past the last. Without a
/// place they are `null`.
#[must_use]
pub fn render_json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let list: Vec<Value> = diagnostics.iter().map(|d| one(d, sources)).collect();
    let mut text = format!("{:#}", Value::Array(list));
    text.push('\n');
    text
}

/// One diagnostic.
fn one(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let mut map = Map::new();
    map.insert("code".into(), json!(diagnostic.code.to_string()));
    map.insert("severity".into(), json!(diagnostic.severity.word()));
    map.insert("message".into(), json!(diagnostic.message));
    place(&mut map, diagnostic.primary.as_ref().map(|label| label.span), sources);
    map.insert("help".into(), json!(diagnostic.help));
    map.insert("related".into(), diagnostic.related.iter().map(|label| related(label, sources)).collect());
    Value::Object(map)
}

/// A related place.
fn related(label: &Label, sources: &Sources) -> Value {
    let mut map = Map::new();
    map.insert("message".into(), json!(label.text));
    place(&mut map, Some(label.span), sources);
    Value::Object(map)
}

/// `file`, `line`, `column`, `end_line`, `end_column`, `text`.
fn place(map: &mut Map<String, Value>, span: Option<Span>, sources: &Sources) {
    let Some(span) = span else {
        for key in ["file", "line", "column", "end_line", "end_column", "text"] {
            map.insert(key.into(), Value::Null);
        }
        return;
    };
    let start = sources.place(span);
    let end = sources.place(Span { start: span.end, ..span });
    map.insert("file".into(), json!(start.file));
    map.insert("line".into(), json!(start.line));
    map.insert("column".into(), json!(start.column));
    map.insert("end_line".into(), json!(end.line));
    map.insert("end_column".into(), json!(end.column));
    map.insert("text".into(), json!(sources.text(span)));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::code;

    #[test]
    fn places_are_lines_and_characters() {
        let mut sources = Sources::default();
        let file = sources.add("f.toml", "ä = 'ö + xy'\n");
        let diagnostics = [
            Diagnostic::error(code::UNKNOWN_NAME, Span::new(file, 11, 13), "`xy` is not known here")
                .help("did you mean `xz`?")
                .related(Span::new(file, 0, 2), "in this fact"),
            Diagnostic::without_place(code::NO_PACK, "no folder `y`"),
        ];
        let json: Value = serde_json::from_str(&render_json(&diagnostics, &sources)).unwrap();
        assert_eq!(
            json,
            json!([
                { "code": "RG0203", "severity": "error", "message": "`xy` is not known here", "file": "f.toml", "line": 1,
                  "column": 10, "end_line": 1, "end_column": 12, "text": "xy", "help": ["did you mean `xz`?"],
                  "related": [{ "message": "in this fact", "file": "f.toml", "line": 1, "column": 1, "end_line": 1,
                                "end_column": 2, "text": "ä" }] },
                { "code": "RG0003", "severity": "error", "message": "no folder `y`", "file": null, "line": null,
                  "column": null, "end_line": null, "end_column": null, "text": null, "help": [], "related": [] },
            ])
        );
        assert_eq!(render_json(&[], &sources), "[]\n");
    }
}
