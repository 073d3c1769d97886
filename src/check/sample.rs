//! A sample customer, written as a case ready to paste into `cases/*.toml`.

use std::fmt::Write as _;

use crate::expr::{Date, Value};

/// A customer that shows something: who falls into a gap, whom a changed rule decides otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What it shows; the name of the case.
    pub name: String,
    /// `today`
    pub as_of: Date,
    /// Columns and rollups by name; what is not named is missing. Missing values may be named and are left out.
    pub given: Vec<(String, Value)>,
    /// What is decided, by name: `state`, `grade`, `score.payment`. Missing is written as `"missing"`.
    pub expect: Vec<(String, Value)>,
    /// Lists that are decided, as a whole: `candidates`, `followups`.
    pub exactly: Vec<(String, Vec<String>)>,
}

impl Sample {
    /// The case as TOML.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let written = |pairs: &[(String, Value)]| -> Vec<String> {
            pairs.iter().map(|(name, value)| format!("{} = {}", key(name), literal(value))).collect()
        };
        let table = |pairs: Vec<String>| {
            if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
        };
        let given: Vec<(String, Value)> = self.given.iter().filter(|(_, value)| !value.is_missing()).cloned().collect();
        let mut text = String::from("[[cases]]\n");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "name = {}", quoted(&self.name));
        let _ = writeln!(text, "as_of = {}", self.as_of);
        let _ = writeln!(text, "given = {}", table(written(&given)));
        let lists = self.exactly.iter().map(|(name, texts)| {
            let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            format!("{} = {{ exactly = [{}] }}", key(name), texts.join(", "))
        });
        let expect = written(&self.expect).into_iter().chain(lists).collect();
        let _ = writeln!(text, "expect = {}", table(expect));
        text
    }
}

/// A key of TOML, quoted where it must be.
#[must_use]
pub fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare { name.to_owned() } else { quoted(name) }
}

/// A value of TOML. TOML has no word for missing; `"missing"` is what cases understand.
#[must_use]
pub fn literal(value: &Value) -> String {
    match value {
        Value::Missing => "\"missing\"".to_owned(),
        Value::Text(text) => quoted(text),
        Value::Bool(b) => b.to_string(),
        // To the bit, not as people read it.
        Value::Number(x) => x.to_string(),
        Value::Date(day) => day.to_string(),
    }
}

/// A basic string of TOML.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
