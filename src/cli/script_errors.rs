//! Script errors of a run: what is said of them on stderr and in JSON, and whether there were too many.

use serde_json::{Value, json};

use super::Failure;
use crate::data::RunCounts;
use crate::draw::{clean, count, cut, pad, share, width, wrap, wrap_hanging};
use crate::engine::{ScriptError, ScriptErrors};
use crate::script::Limits;

/// So many errors are shown of each kind of calls.
const SHOWN: usize = 8;
/// A key longer than this is shown by its beginning.
const LONGEST_KEY: usize = 24;

/// A sentence on each kind of calls that has errors, below it where and on whom; `None` if all went well.
pub(super) fn warning(counts: &RunCounts, columns: usize) -> Option<String> {
    let decisions = (!counts.script_errors.is_empty()).then(|| {
        let head = format!("{}; their values count as unknown", told(&counts.script_errors, "", "had a script error"));
        block(&head, &counts.script_errors, columns)
    });
    let rollups = counts.rollup_errors.iter().filter(|(_, errors)| !errors.is_empty()).map(|(table, errors)| {
        let within = format!("a script error in the rollups of `{}`", clean(table));
        let head = format!("{}; these values count as unknown", told(errors, "with events ", &format!("had {within}")));
        block(&head, errors, columns)
    });
    let blocks: Vec<String> = decisions.into_iter().chain(rollups).collect();
    (!blocks.is_empty()).then(|| blocks.join("\n"))
}

/// `1,204 of 24,000 customers had a script error (5.0 %)`
fn told(errors: &ScriptErrors, which: &str, what: &str) -> String {
    let of = match errors.called() == errors.rows() {
        true => format!("{} {}", count(errors.called()), customers(errors.called())),
        false => format!("the {} customers {which}that scripts were called for", count(errors.called())),
    };
    format!("{} of {of} {what} ({})", count(errors.failed()), share(errors.rate(), 1.0))
}

fn customers(n: u64) -> &'static str {
    if n == 1 { "customer" } else { "customers" }
}

fn block(head: &str, errors: &ScriptErrors, columns: usize) -> String {
    let all = errors.list();
    let (shown, rest) = all.split_at(all.len().min(SHOWN));
    let places: Vec<String> = shown.iter().map(place).collect();
    let wide = places.iter().map(|place| width(place)).max().unwrap_or(0);
    let numbers: Vec<String> = shown.iter().map(|error| count(error.rows)).collect();
    let digits = numbers.iter().map(|n| width(n)).max().unwrap_or(0);
    // The first line stands behind `warning: `.
    let mut out = wrap_hanging(head, columns.saturating_sub(9), columns).join("\n");
    for ((error, place), number) in shown.iter().zip(&places).zip(&numbers) {
        let left = format!("  {}  {number:>digits$} {}  ", pad(place, wide), pad(customers(error.rows), 9));
        let at = width(&left);
        let room = columns.saturating_sub(at).max(24);
        let mut lines = wrap(&message(error), room);
        let first = first(error);
        match lines.last_mut() {
            Some(last) if width(last) + 3 + width(&first) <= room => last.push_str(&format!("   {first}")),
            _ => lines.extend(wrap(&first, room)),
        }
        for (i, line) in lines.iter().enumerate() {
            let start = if i == 0 { left.clone() } else { " ".repeat(at) };
            out.push_str(&format!("\n{start}{line}"));
        }
    }
    if !rest.is_empty() {
        out.push_str(&format!("\n  and {} more errors; `--format json` lists them all", count(rest.len() as u64)));
    }
    out
}

/// `prestige.rhai:27`
fn place(error: &ScriptError) -> String {
    match error.line {
        0 => format!("{}.rhai", clean(&error.module)),
        line => format!("{}.rhai:{line}", clean(&error.module)),
    }
}

fn message(error: &ScriptError) -> String {
    error.message.as_deref().map_or_else(|| "other messages of this line".to_owned(), |text| cut(&clean(text), 300))
}

fn first(error: &ScriptError) -> String {
    let keys: Vec<String> = error.first.iter().map(|key| cut(&clean(key), LONGEST_KEY)).collect();
    let more = if error.rows > keys.len() as u64 { ", …" } else { "" };
    match error.rows {
        1 => format!("customer {}", keys.join(", ")),
        _ => format!("first: {}{more}", keys.join(", ")),
    }
}

/// Why a run ends with exit code 1 although everything is written; `None` if errors are rare enough.
pub(super) fn too_many(counts: &RunCounts, limits: &Limits) -> Option<Failure> {
    let (share_of, table) = worst(counts)?;
    if share_of <= limits.max_error_rate {
        return None;
    }
    let within = table.map(|table| format!(" in the rollups of `{}`", clean(table))).unwrap_or_default();
    let text = format!(
        "script errors{within} on {} of the customers that scripts were called for: more than `max_error_rate = {}`",
        share(share_of, 1.0),
        limits.max_error_rate
    );
    Some(Failure::new(text).help(
        "everything is written all the same; mend the script, or set what is still fine in `[limits]` of the pack",
    ))
}

/// The highest rate of all kinds of calls, and the table whose rollups have it.
fn worst(counts: &RunCounts) -> Option<(f64, Option<&str>)> {
    let rollups = counts.rollup_errors.iter().map(|(table, errors)| (errors, Some(table.as_str())));
    let all = std::iter::once((&counts.script_errors, None)).chain(rollups);
    let failed = all.filter(|(errors, _)| !errors.is_empty()).map(|(errors, table)| (errors.rate(), table));
    failed.max_by(|a, b| a.0.total_cmp(&b.0))
}

/// The same for machines.
pub(super) fn to_json(counts: &RunCounts, limits: &Limits) -> Value {
    let mut all = one(&counts.script_errors);
    let rollups: serde_json::Map<String, Value> =
        counts.rollup_errors.iter().map(|(table, errors)| (table.clone(), one(errors))).collect();
    if let Some(object) = all.as_object_mut() {
        object.insert("rollups".to_owned(), Value::Object(rollups));
        object.insert("max_error_rate".to_owned(), json!(limits.max_error_rate));
        object.insert("exceeded".to_owned(), json!(too_many(counts, limits).is_some()));
    }
    all
}

fn one(errors: &ScriptErrors) -> Value {
    let list = errors.list();
    let list = list.iter().map(|error| {
        json!({
            "script": format!("{}.rhai", error.module),
            "line": error.line,
            "message": error.message,
            "customers": error.rows,
            "first": error.first,
        })
    });
    json!({
        "called": errors.called(),
        "failed": errors.failed(),
        "rate": errors.rate(),
        "errors": list.collect::<Vec<_>>(),
    })
}
