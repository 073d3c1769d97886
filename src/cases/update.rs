//! Rewrites what cases expect to what is decided now.
//!
//! Only the values of expectations that are not met are replaced, each in its place, so that comments, layout and everything that
//! passes stay as they are to the byte.

use std::sync::Arc;

use super::CaseSet;
use super::judge::{Actual, Mismatch, named, rewritten, texts_literal};
use super::model::{About, Expected, Unanswered};
use super::run::Preparer;
use super::verdict::Verdicts;
use crate::check::sample::{literal, quoted};
use crate::data::DataError;
use crate::diag::{FileId, Span};
use crate::expr::{Row as _, Value};
use crate::pack::{Pack, raw};
use crate::stage::Decision;

/// One value that is rewritten.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Where it stands.
    pub span: Span,
    /// The case.
    pub case: String,
    /// The word it is written with.
    pub name: String,
    /// As it stands.
    pub before: String,
    /// As it will stand.
    pub after: String,
}

/// A file that is rewritten.
#[derive(Debug, Clone, PartialEq)]
pub struct Rewrite {
    /// The file.
    pub file: FileId,
    /// Its place in [`CaseSet::files`].
    pub place: usize,
    /// In the order of the text.
    pub edits: Vec<Edit>,
    /// What could not be rewritten, in words.
    pub refused: Vec<(Span, String)>,
    /// The new text.
    pub text: String,
}

/// How values are written in a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Toml,
    Json,
    Csv,
}

/// The files with steps that failed, or with cases that expect nothing yet, rewritten.
///
/// # Errors
/// None that a case could cause.
pub fn update(set: &CaseSet, pack: &Arc<Pack>, verdicts: &Verdicts) -> Result<Vec<Rewrite>, DataError> {
    let mut rewrites = Vec::new();
    let mut preparer = Preparer::new(Arc::clone(pack), Arc::clone(&set.reference));
    for (place, file) in set.files.iter().enumerate() {
        let form = match file.name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("csv") => Form::Csv,
            Some("jsonl") => Form::Json,
            _ => Form::Toml,
        };
        let (mut edits, mut refused) = (Vec::new(), Vec::new());
        for failed in verdicts.failed.iter().filter(|failed| failed.file == place) {
            let Some(case) = file.cases.get(failed.case) else { continue };
            let Some(step) = case.steps.get(failed.step) else { continue };
            for mismatch in &failed.mismatches {
                let Some(expectation) = step.expect.get(mismatch.expectation) else { continue };
                let before = set.sources.text(mismatch.span).to_owned();
                if form == Form::Toml && before.starts_with('[') && under_a_header(&expectation.expected) {
                    let text = "it stands under a header of its own: change it by hand";
                    refused.push((mismatch.span, text.to_owned()));
                    continue;
                }
                let after = replacement(mismatch, &expectation.expected, &before, form);
                edits.push(Edit {
                    span: mismatch.span,
                    case: case.name.clone(),
                    name: mismatch.name.clone(),
                    before,
                    after,
                });
            }
        }
        for Unanswered { case, spot } in &file.unanswered {
            for prepared in preparer.prepare(&[case])?.iter().flatten() {
                let answer = format!("{{ {} }}", answer(pack, &prepared.decide()));
                let before = set.sources.text(*spot).to_owned();
                let after = match before.is_empty() {
                    true => format!("\nexpect = {answer}"),
                    false => answer,
                };
                edits.push(Edit { span: *spot, case: case.name.clone(), name: "expect".to_owned(), before, after });
            }
        }
        if edits.is_empty() && refused.is_empty() {
            continue;
        }
        edits.sort_by_key(|edit| edit.span);
        edits.dedup_by_key(|edit| edit.span);
        let before = set.sources.get(file.file).map_or("", |source| source.text.as_ref());
        let text = applied(before, &edits);
        // What is written must be read again; nothing else could be meant by it.
        if form == Form::Toml {
            let mut wrong = Vec::new();
            let _ = raw::parse(file.file, &text, &mut wrong);
            if !wrong.is_empty() {
                refused
                    .extend(edits.drain(..).map(|e| (e.span, "it cannot be rewritten: change it by hand".to_owned())));
            }
        }
        let text = if edits.is_empty() { before.to_owned() } else { text };
        rewrites.push(Rewrite { file: file.file, place, edits, refused, text });
    }
    Ok(rewrites)
}

/// What a case should expect at least: where she stands, and what becomes of her.
fn answer(pack: &Pack, decision: &Decision) -> String {
    if let Some(rule) = decision.suppressed.and_then(|i| pack.suppress.get(i)) {
        return format!("suppressed = {}", quoted(&rule.name));
    }
    let decided = &pack.decided;
    let mut pairs = Vec::new();
    for (name, slot) in [("state", decided.state), ("cause", decided.cause), ("grade", decided.grade)] {
        let value = decision.values.get(slot);
        if !value.is_missing() {
            pairs.push(format!("{name} = {}", literal(&value)));
        }
    }
    if !pack.campaigns.is_empty() {
        let campaign = decision.best.and_then(|i| pack.campaigns.get(i)).map_or("none", |c| c.name.as_str());
        pairs.push(format!("campaign = {}", quoted(campaign)));
    }
    pairs.join(", ")
}

fn applied(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        out.push_str(text.get(at..start).unwrap_or(""));
        out.push_str(&edit.after);
        at = end.max(at);
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

/// The text that takes the place of an expectation.
fn replacement(mismatch: &Mismatch, expected: &Expected, before: &str, form: Form) -> String {
    match &mismatch.found {
        Actual::Value(Value::Missing) => word(if named(&mismatch.about) { "none" } else { "missing" }, form),
        Actual::Value(value) => {
            let places = match expected {
                Expected::Value(_, places) => *places,
                Expected::Range(low, high) => Some(range_places(low.as_ref(), high.as_ref())),
                _ => Some(2),
            };
            match (value, form) {
                (Value::Text(text), Form::Csv) => field(text, before),
                (Value::Date(day), Form::Json) => format!("\"{day}\""),
                // A text it was, a text it stays.
                (Value::Date(day), Form::Toml) if before.starts_with(['"', '\'']) => format!("\"{day}\""),
                (value, Form::Csv) => field(&rewritten(value, places), before),
                (value, _) => rewritten(value, places),
            }
        }
        Actual::Suppressed(None) => match form {
            Form::Csv => field("false", before),
            _ => "false".to_owned(),
        },
        Actual::Suppressed(Some(name)) => match expected {
            // It was said whether, not by what.
            Expected::Value(Value::Bool(_), _) if form == Form::Csv => field("true", before),
            Expected::Value(Value::Bool(_), _) => "true".to_owned(),
            _ => word(name, form),
        },
        Actual::Texts(texts) if texts.is_empty() => word("none", form),
        Actual::Texts(texts) => {
            let texts: Vec<String> = match mismatch.about {
                About::Reasons | About::Overridden => {
                    texts.iter().flat_map(|text| text.split("; ")).map(str::to_owned).collect()
                }
                _ => texts.clone(),
            };
            let exactly = matches!(expected, Expected::Exactly(_));
            match (form, exactly) {
                (Form::Csv, true) => field(&format!("exactly {}", texts.join("|")), before),
                (Form::Csv, false) => field(&texts.join("|"), before),
                (Form::Toml, true) => format!("{{ exactly = {} }}", texts_literal(&texts)),
                (Form::Json, true) => format!("{{\"exactly\": {}}}", texts_literal(&texts)),
                (_, false) => texts_literal(&texts),
            }
        }
    }
}

/// Whether an expectation that is a table may be one with a header: `[cases.expect.worth]`.
fn under_a_header(expected: &Expected) -> bool {
    matches!(expected, Expected::Range(..) | Expected::Exactly(_))
}

fn word(text: &str, form: Form) -> String {
    match form {
        Form::Csv => field(text, ""),
        _ => quoted(text),
    }
}

/// A field of a table, in quotes where it was or must be.
fn field(text: &str, before: &str) -> String {
    if before.starts_with('"') || text.contains(['"', ',', ';', '\t', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A number in the place of a range that does not hold is written with as many decimals as its ends; at least one.
fn range_places(low: Option<&Value>, high: Option<&Value>) -> u8 {
    let places = |value: Option<&Value>| match value {
        Some(Value::Number(x)) => {
            let text = x.to_string();
            text.split_once('.').map_or(0, |(_, fraction)| fraction.len())
        }
        _ => 0,
    };
    u8::try_from(places(low).max(places(high)).clamp(1, 6)).unwrap_or(1)
}
