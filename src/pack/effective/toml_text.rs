//! Values of a pack as TOML and as JSON.

use serde_json::{Map, Value};

use crate::diag::Sources;
use crate::pack::raw::{self, Node, Raw};

/// A key, quoted where it must be.
pub(super) fn key(name: &str) -> String {
    toml_edit::Key::new(name).display_repr().into_owned()
}

/// A value as it is written in its file, with its own comments and line breaks; made anew where it has no text of its own.
pub(super) fn written(node: &Node, sources: &Sources) -> String {
    let text = sources.text(node.span);
    if matches!(node.value, Raw::Text(_) | Raw::Number(_) | Raw::Bool(_) | Raw::Date(_)) && !text.contains('\n') {
        // A value of one line is its own text, unless it was spread over the file by headers.
        return text.to_owned();
    }
    let mut diagnostics = Vec::new();
    let again = raw::parse(node.span.file, &format!("x = {text}\n"), &mut diagnostics);
    match again.table.get("x") {
        Some(entry) if diagnostics.is_empty() && json(&entry.node) == json(node) => text.to_owned(),
        _ => made(node),
    }
}

/// A value on one line.
pub(super) fn made(node: &Node) -> String {
    match &node.value {
        Raw::Text(text) => toml_edit::Value::from(text.text.as_str()).to_string(),
        Raw::Number(x) => number(*x),
        Raw::Bool(b) => b.to_string(),
        Raw::Date(date) => date.to_string(),
        Raw::Other(words) => toml_edit::Value::from(*words).to_string(),
        Raw::List(list) => {
            let items: Vec<String> = list.iter().map(made).collect();
            if items.iter().any(|item| item.starts_with('{')) {
                let lines: String = items.iter().map(|item| format!("  {item},\n")).collect();
                return format!("[\n{lines}]");
            }
            format!("[{}]", items.join(", "))
        }
        Raw::Table(table) => {
            let pairs: Vec<String> =
                table.entries.iter().map(|(name, entry)| format!("{} = {}", key(name), made(&entry.node))).collect();
            if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
        }
    }
}

/// As TOML wants them: a float has a point or an exponent, and infinities have words.
fn number(x: f64) -> String {
    if x.is_nan() { "nan".to_owned() } else { x.to_string() }
}

/// A value as JSON.
pub(super) fn json(node: &Node) -> Value {
    match &node.value {
        Raw::Text(text) => Value::from(text.text.as_str()),
        Raw::Number(x) if x.fract() == 0.0 && x.abs() < 1e15 => Value::from(*x as i64),
        Raw::Number(x) => Value::from(*x),
        Raw::Bool(b) => Value::from(*b),
        Raw::Date(date) => Value::from(date.to_string()),
        Raw::Other(words) => Value::from(*words),
        Raw::List(list) => Value::Array(list.iter().map(json).collect()),
        Raw::Table(table) => {
            let map: Map<String, Value> =
                table.entries.iter().map(|(name, entry)| (name.clone(), json(&entry.node))).collect();
            Value::Object(map)
        }
    }
}
