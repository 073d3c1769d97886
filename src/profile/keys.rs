//! Keys: which columns name rows, and which columns of different tables name the same things.

use std::collections::{HashMap, HashSet};

use super::column::Column;
use super::watch::hash_of_key;
use super::words::{concepts, likeness};
use crate::expr::Type;
use crate::pack::KeyRules;

/// A table is asked for so many columns that may be keys.
const CANDIDATES: usize = 8;

/// How many keys of one column are found in another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// Share of the different keys that are found as they stand.
    pub exact: f64,
    /// The same after `rules`.
    pub alike: f64,
    /// What must not count for that.
    pub rules: KeyRules,
    /// Different keys compared.
    pub keys: u64,
}

/// A key made alike.
pub(super) fn alike(text: &str, rules: KeyRules) -> String {
    let text = if rules.trim { text.trim() } else { text };
    let bare = if rules.leading_zeros {
        let bare = text.trim_start_matches('0');
        if bare.is_empty() && !text.is_empty() { "0" } else { bare }
    } else {
        text
    };
    if rules.case { bare.to_uppercase() } else { bare.to_owned() }
}

/// The keys of a column that belong to the sample of a level.
fn sample(column: &Column, level: u32) -> Vec<&str> {
    let kept = column.watched.values.iter().filter(|(_, seen)| seen.stands_at(level));
    kept.map(|(text, _)| text.as_str()).collect()
}

/// How many keys of `from` are found in `into`, and which differences must not count. Keys that were sampled were sampled by
/// the same hash, which is the same for every spelling, so that samples meet.
#[must_use]
pub(super) fn overlap(from: &Column, into: &Column) -> Overlap {
    let level = from.watched.level.max(into.watched.level);
    let (a, b) = (sample(from, level), sample(into, level));
    let found = |rules: KeyRules| {
        let known: HashSet<String> = b.iter().map(|t| alike(t, rules)).collect();
        let mine: HashSet<String> = a.iter().map(|t| alike(t, rules)).collect();
        (mine.iter().filter(|t| known.contains(*t)).count() as f64, mine.len() as f64)
    };
    let share = |(n, of): (f64, f64)| if of > 0.0 { n / of } else { 0.0 };
    let exact = share(found(KeyRules::default()));
    let mut rules = KeyRules { trim: true, case: true, leading_zeros: true };
    let mut best = share(found(rules));
    if best <= exact {
        (rules, best) = (KeyRules::default(), exact);
    } else {
        // A rule that changes nothing is not suggested.
        let without = [
            KeyRules { trim: false, ..rules },
            KeyRules { case: false, ..rules },
            KeyRules { leading_zeros: false, ..rules },
        ];
        let needed = without.map(|w| share(found(w)) < best);
        rules = KeyRules { trim: needed[0], case: needed[1], leading_zeros: needed[2] };
        best = share(found(rules)).max(exact);
    }
    Overlap { exact, alike: best, rules, keys: a.len() as u64 }
}

/// Rows of different spelling that the rules would make one.
#[must_use]
pub(super) fn merged_by(column: &Column, rules: KeyRules) -> u64 {
    let mut seen: HashMap<u64, HashSet<String>> = HashMap::new();
    let mut all = 0;
    for (text, _) in &column.watched.values {
        seen.entry(hash_of_key(text)).or_default().insert(alike(text, rules));
        all += 1;
    }
    all - seen.values().map(|s| s.len() as u64).sum::<u64>()
}

/// How much a column looks like the name of a customer, whatever its values: 0 to 1. `known` are headers the pack accepts.
#[must_use]
pub(super) fn customerness(column: &Column, known: &[&str]) -> f64 {
    let folded = column.header.trim().to_lowercase();
    if known.iter().any(|k| k.trim().to_lowercase() == folded) {
        return 1.0;
    }
    let said = concepts(&column.header);
    let to_customer = likeness(&said, &["customer".to_owned(), "id".to_owned()], false);
    let to_key = known.iter().map(|k| likeness(&said, &concepts(k), false)).fold(0.0, f64::max);
    to_customer.max(to_key * 0.95)
}

/// Whether a column may be a key at all: texts or whole numbers, short, and not the same in most rows.
#[must_use]
pub(super) fn may_be_key(column: &Column) -> bool {
    let told = column.rows - column.missing.min(column.rows);
    let fits = match column.ty {
        Type::Text => column.code || column.range.is_some_and(|r| r.largest <= 64.0),
        Type::Number => column.whole() && column.range.is_some_and(|r| r.least >= 0.0),
        // A few numbers in a row may look like days.
        Type::Date => !column.written.dates.is_empty() && column.unique,
        Type::Bool => false,
    };
    fits && told > 0 && (column.is_key() || column.distinct >= 3.min(told))
}

/// The columns of a table that may be its key, best first.
#[must_use]
pub(super) fn candidates(columns: &[Column], known: &[&str]) -> Vec<usize> {
    let score = |i: usize, c: &Column| {
        let named = customerness(c, known);
        let id = concepts(&c.header).iter().any(|w| w == "id");
        let unique = if c.is_key() { 1.0 } else { 0.0 };
        let first = if i == 0 { 0.1 } else { 0.0 };
        let text = if c.ty == Type::Text { 0.1 } else { 0.0 };
        2.0 * named + unique + first + text + if id { 0.3 } else { 0.0 }
    };
    let mut list: Vec<(f64, usize)> = columns
        .iter()
        .enumerate()
        .filter(|(_, c)| may_be_key(c) && c.has_name(columns))
        .map(|(i, c)| (score(i, c), i))
        .collect();
    list.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    list.truncate(CANDIDATES);
    list.into_iter().map(|(_, i)| i).collect()
}
