//! `[limits]`: how far a script may go.

use super::read::Fields;
use crate::diag::{Diagnostic, code};
use crate::pack::format;
use crate::pack::raw::Table as Tree;
use crate::script::Limits;

/// Reads `[limits]`; the defaults where it says nothing.
pub fn limits(root: &Tree, diagnostics: &mut Vec<Diagnostic>) -> Limits {
    let mut limits = Limits::default();
    let Some(entry) = root.get("limits") else { return limits };
    let Some(fields) = Fields::open(&entry.node, entry.node.span, "`[limits]`", &format::LIMITS, diagnostics) else {
        return limits;
    };
    let (least, most) = (Limits::LEAST, Limits::MOST);
    let mut read = |key: &str, low: u64, high: u64| whole(&fields, key, low, high, diagnostics);
    if let Some(n) = read("max_operations", least.max_operations, most.max_operations) {
        limits.max_operations = n;
    }
    let size = |n: u64| usize::try_from(n).ok();
    let mut read = |key, low: usize, high: usize| read(key, low as u64, high as u64).and_then(size);
    limits.max_depth = read("max_depth", least.max_depth, most.max_depth).unwrap_or(limits.max_depth);
    limits.max_string = read("max_string", least.max_string, most.max_string).unwrap_or(limits.max_string);
    limits.max_array = read("max_array", least.max_array, most.max_array).unwrap_or(limits.max_array);
    limits.max_map = read("max_map", least.max_map, most.max_map).unwrap_or(limits.max_map);
    limits.max_variables =
        read("max_variables", least.max_variables, most.max_variables).unwrap_or(limits.max_variables);
    limits.max_expression_depth = read("max_expression_depth", least.max_expression_depth, most.max_expression_depth)
        .unwrap_or(limits.max_expression_depth);
    let mut read = |key, low: f64, high: f64| number(&fields, key, low, high, diagnostics);
    limits.max_batch_seconds =
        read("max_batch_seconds", least.max_batch_seconds, most.max_batch_seconds).unwrap_or(limits.max_batch_seconds);
    limits.max_error_rate =
        read("max_error_rate", least.max_error_rate, most.max_error_rate).unwrap_or(limits.max_error_rate);
    limits
}

/// A whole number within bounds.
fn whole(fields: &Fields<'_>, key: &str, low: u64, high: u64, diagnostics: &mut Vec<Diagnostic>) -> Option<u64> {
    let x = fields.number(key, diagnostics)?;
    if x.fract() == 0.0 && (low as f64..=high as f64).contains(&x) {
        return Some(x as u64);
    }
    let message = format!("`{key}` must be a whole number from {low} to {high}, this is {x}");
    diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span(key), message));
    None
}

/// A number within bounds.
fn number(fields: &Fields<'_>, key: &str, low: f64, high: f64, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    let x = fields.number(key, diagnostics)?;
    if (low..=high).contains(&x) {
        return Some(x);
    }
    let message = format!("`{key}` must be a number from {low} to {high}, this is {x}");
    diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span(key), message));
    None
}
