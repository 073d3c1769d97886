//! Script calls that failed, counted by where and why: exact counts, the first customers, bounded memory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::diag::Span;
use crate::script::CallError;

/// So many customers are named of each error.
const FIRST: usize = 3;
/// So many messages of one line are told apart; what a script puts into its messages may be different for every customer.
const MESSAGES: usize = 100;

/// Script calls that failed: on how many rows, where, why, and on which customers first.
///
/// A row is a customer, also where a rollup calls a script for several of her events. *Called* are the rows on which at least
/// one script was called, or answered from memory because it had been called with the same arguments before; a call that a
/// missing argument spares is none, and neither is one of a function that runs as an expression on every row, which cannot
/// fail. *Failed* are those of them on which at least one call failed.
///
/// The counts are exact whatever their size, and do not depend on how the rows were cut into batches. Of the messages of one
/// line of a script the first hundred in their order are told apart; the rest is counted together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptErrors {
    rows: u64,
    called: u64,
    failed: u64,
    lines: BTreeMap<(String, usize), Line>,
}

/// What failed on one line of a script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Line {
    /// The smallest messages, by message.
    messages: BTreeMap<String, Seen>,
    /// All messages beyond those.
    others: Seen,
}

/// How often, and on whom first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    rows: u64,
    /// In order, with their places in it.
    first: Vec<(u64, String)>,
    span: Option<Span>,
}

/// One error: all calls that failed with one message on one line of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptError {
    /// Module of the script.
    pub module: String,
    /// Line in the script, from 1; 0 if unknown.
    pub line: usize,
    /// What went wrong; `None` stands for all messages of the line beyond the hundred that are told apart.
    pub message: Option<String>,
    /// The place in the script, if known.
    pub span: Option<Span>,
    /// On how many rows.
    pub rows: u64,
    /// The first customers, at most three, in the order of the records.
    pub first: Vec<String>,
}

impl ScriptErrors {
    /// Rows that were looked at.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows on which at least one script was called.
    #[must_use]
    pub fn called(&self) -> u64 {
        self.called
    }

    /// Rows on which at least one call failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// The share of the rows on which a script was called that have a failed call, from 0 to 1; 0 if none was called.
    #[must_use]
    pub fn rate(&self) -> f64 {
        if self.failed == 0 { 0.0 } else { self.failed as f64 / self.called.max(self.failed) as f64 }
    }

    /// Whether no call failed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.failed == 0
    }

    /// The errors: most rows first, then by module, line and message.
    #[must_use]
    pub fn list(&self) -> Vec<ScriptError> {
        let mut list = Vec::new();
        for ((module, line), of_line) in &self.lines {
            let error = |message: Option<&String>, seen: &Seen| ScriptError {
                module: module.clone(),
                line: *line,
                message: message.cloned(),
                span: seen.span,
                rows: seen.rows,
                first: seen.first.iter().map(|(_, key)| key.clone()).collect(),
            };
            list.extend(of_line.messages.iter().map(|(message, seen)| error(Some(message), seen)));
            list.extend((of_line.others.rows > 0).then(|| error(None, &of_line.others)));
        }
        // They are in order of place already, and sorting keeps that.
        list.sort_by_key(|error| std::cmp::Reverse(error.rows));
        list
    }

    /// Adds the errors of the rows that follow these.
    pub fn extend(&mut self, later: ScriptErrors) {
        let before = self.rows;
        self.take(later, |place| place.saturating_add(before));
    }

    /// Adds the errors of other customers, whose places in the order are known: parts of a run by key.
    pub(crate) fn join(&mut self, other: ScriptErrors) {
        self.take(other, |place| place);
    }

    fn take(&mut self, other: ScriptErrors, placed: impl Fn(u64) -> u64) {
        self.rows += other.rows;
        self.called += other.called;
        self.failed += other.failed;
        for (place, line) in other.lines {
            let mine = self.lines.entry(place).or_default();
            for (message, seen) in line.messages {
                mine.add(message, seen.at(&placed));
            }
            mine.others.take(line.others.at(&placed));
        }
    }

    /// As of a batch: so many rows, so many of them called and failed.
    pub(super) fn counted(rows: u64, called: u64, failed: u64) -> ScriptErrors {
        ScriptErrors { rows, called, failed, ..ScriptErrors::default() }
    }

    /// Adds an error on so many rows, of which the first are given with their places, in order.
    pub(super) fn add(&mut self, error: &CallError, rows: u64, mut first: Vec<(u64, String)>) {
        first.truncate(FIRST);
        let line = self.lines.entry((error.module.clone(), error.line)).or_default();
        line.add(error.message.clone(), Seen { rows, first, span: error.span });
    }

    /// So many of the first rows of an error are named.
    pub(super) const NAMED: usize = FIRST;
}

impl Line {
    fn add(&mut self, message: String, seen: Seen) {
        match self.messages.entry(message) {
            Entry::Occupied(mut known) => known.get_mut().take(seen),
            Entry::Vacant(free) => {
                free.insert(seen);
            }
        }
        // What is among the smallest of all is among the smallest of every part, so none that stays was ever dropped.
        if self.messages.len() > MESSAGES
            && let Some((_, dropped)) = self.messages.pop_last()
        {
            self.others.take(dropped);
        }
    }
}

impl Seen {
    fn at(mut self, placed: &impl Fn(u64) -> u64) -> Seen {
        self.first.iter_mut().for_each(|(place, _)| *place = placed(*place));
        self
    }

    fn take(&mut self, other: Seen) {
        self.rows += other.rows;
        self.first.extend(other.first);
        self.first.sort();
        // A customer with two of the other messages is named once.
        self.first.dedup();
        self.first.truncate(FIRST);
        self.span = self.span.into_iter().chain(other.span).min();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    fn error(line: usize, message: &str) -> CallError {
        CallError { module: "m".to_owned(), line, message: message.to_owned(), span: None }
    }

    /// Every third row fails on line 1, every fifth on line 2 with a message of its own.
    fn of(rows: std::ops::Range<u64>) -> ScriptErrors {
        let failed = rows.clone().filter(|row| row % 3 == 0 || row % 5 == 0).count() as u64;
        let start = rows.start;
        let mut errors = ScriptErrors::counted(rows.end - start, rows.end - start, failed);
        let third: Vec<u64> = rows.clone().filter(|row| row % 3 == 0).collect();
        let named = |rows: &[u64]| rows.iter().take(9).map(|row| (row - start, format!("C{row}"))).collect::<Vec<_>>();
        if !third.is_empty() {
            errors.add(&error(1, "division by zero"), third.len() as u64, named(&third));
        }
        for row in rows.filter(|row| row % 5 == 0) {
            errors.add(&error(2, &format!("bad value {row:05}")), 1, named(&[row]));
        }
        errors
    }

    #[test]
    fn counts_are_exact_and_the_same_however_the_rows_are_cut() {
        let whole = of(0..5000);
        for size in [1, 7, 999] {
            let mut parts = ScriptErrors::default();
            for start in (0..5000).step_by(size) {
                parts.extend(of(start..(start + size as u64).min(5000)));
            }
            assert_eq!(parts, whole, "{size}");
        }
        assert_eq!((whole.rows(), whole.called(), whole.failed()), (5000, 5000, 2333));
        let list = whole.list();
        assert_eq!(list.len(), 2 + MESSAGES);
        assert_eq!((list[0].line, list[0].rows, list[0].message.as_deref()), (1, 1667, Some("division by zero")));
        assert_eq!(list[0].first, ["C0", "C3", "C6"]);
        // A thousand messages of line 2, of which a hundred are told apart.
        assert_eq!((list[1].line, list[1].rows, list[1].message.as_deref()), (2, 900, None));
        assert_eq!(list[1].first, ["C500", "C505", "C510"]);
        assert_eq!(list[2].message.as_deref(), Some("bad value 00000"));
        assert_eq!(whole.rate(), 2333.0 / 5000.0);
    }

    #[test]
    fn nothing_called_is_no_error() {
        let none = ScriptErrors::counted(10, 0, 0);
        assert!(none.is_empty());
        assert_eq!(none.rate(), 0.0);
        assert_eq!(none.list(), []);
    }

    #[test]
    fn parts_by_key_join_in_any_order() {
        let part = |place: u64| {
            let mut errors = ScriptErrors::counted(1, 1, 1);
            errors.add(&error(1, "no"), 1, vec![(place, format!("K{place}"))]);
            errors
        };
        let joined = |order: &[u64]| {
            let mut all = ScriptErrors::default();
            order.iter().for_each(|place| all.join(part(*place)));
            all
        };
        let all = joined(&[5, 2, 9, 4]);
        assert_eq!(all, joined(&[9, 4, 2, 5]));
        assert_eq!((all.failed(), all.list()[0].first.join(" ")), (4, "K2 K4 K5".to_owned()));
    }
}
