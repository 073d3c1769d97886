//! The script calls of one batch: the rows they were made on, and those they failed on.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::errors::ScriptErrors;
use crate::script::CallError;

/// The rows of a batch on which scripts were called, and failed.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// By row; empty if nothing was called.
    called: Vec<bool>,
    /// Each error, and the rows it happened on, in the order of the calls.
    errors: Vec<(Arc<CallError>, Vec<u32>)>,
    known: BTreeMap<ByPlace, usize>,
    /// The error that was added last.
    last: usize,
}

/// Errors are the same if place and message are.
#[derive(Debug)]
struct ByPlace(Arc<CallError>);

impl ByPlace {
    fn key(&self) -> (&str, usize, &str) {
        (&self.0.module, self.0.line, &self.0.message)
    }
}

impl PartialEq for ByPlace {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for ByPlace {}

impl PartialOrd for ByPlace {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByPlace {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Failures {
    /// A script is called on a row of a batch of so many.
    #[inline]
    pub(super) fn call(&mut self, row: usize, rows: usize) {
        if self.called.is_empty() {
            self.called.resize(rows, false);
        }
        if let Some(called) = self.called.get_mut(row) {
            *called = true;
        }
    }

    /// A script is called on the rows of a mask that begins at a row.
    pub(super) fn call_all(&mut self, start: usize, mask: &[u8], rows: usize) {
        if self.called.is_empty() {
            self.called.resize(rows, false);
        }
        for (called, now) in self.called.iter_mut().skip(start).zip(mask) {
            *called |= *now != 0;
        }
    }

    /// A call has failed on a row.
    pub(super) fn add(&mut self, row: usize, error: &Arc<CallError>) {
        // Where calls fail, they mostly fail alike.
        if let Some((last, rows)) = self.errors.get_mut(self.last)
            && Arc::ptr_eq(last, error)
        {
            rows.push(row as u32);
            return;
        }
        let next = self.errors.len();
        let at = *self.known.entry(ByPlace(Arc::clone(error))).or_insert(next);
        if at == next {
            self.errors.push((Arc::clone(error), Vec::new()));
        }
        self.last = at;
        if let Some((last, rows)) = self.errors.get_mut(at) {
            *last = Arc::clone(error);
            rows.push(row as u32);
        }
    }

    /// What happened, in numbers. `groups`: rows that belong to one customer, in order of key; without them every row is one.
    pub(super) fn counted(self, rows: usize, groups: Option<&[Range<usize>]>, keys: Option<&ArrayRef>) -> ScriptErrors {
        let units = groups.map_or(rows, <[_]>::len);
        if self.called.is_empty() {
            return ScriptErrors::counted(units as u64, 0, 0);
        }
        let unit_of = |row: u32| match groups {
            None => row as usize,
            Some(groups) => groups.partition_point(|group| group.end <= row as usize),
        };
        let called = match groups {
            None => self.called.iter().filter(|called| **called).count(),
            Some(groups) => {
                let called =
                    |group: &&Range<usize>| self.called.get((*group).clone()).is_some_and(|c| c.contains(&true));
                groups.iter().filter(called).count()
            }
        };
        let mut failed = vec![false; units];
        let mut counted = Vec::with_capacity(self.errors.len());
        for (error, rows) in self.errors {
            let mut its: Vec<usize> = rows.into_iter().map(unit_of).collect();
            its.sort_unstable();
            its.dedup();
            for unit in &its {
                if let Some(failed) = failed.get_mut(*unit) {
                    *failed = true;
                }
            }
            counted.push((error, its));
        }
        let failed = failed.into_iter().filter(|failed| *failed).count();
        let mut errors = ScriptErrors::counted(units as u64, called as u64, failed as u64);
        let names = Names::new(groups, keys);
        for (error, its) in counted {
            let first = its.iter().take(ScriptErrors::NAMED).map(|unit| names.of(*unit));
            errors.add(&error, its.len() as u64, first.collect());
        }
        errors
    }
}

/// How customers are called, and their places in the order of the records.
struct Names<'a> {
    groups: Option<&'a [Range<usize>]>,
    texts: Option<ArrayFormatter<'a>>,
    numbers: Option<&'a ArrayRef>,
}

impl<'a> Names<'a> {
    fn new(groups: Option<&'a [Range<usize>]>, keys: Option<&'a ArrayRef>) -> Self {
        const PLAIN: &FormatOptions<'static> = &FormatOptions::new();
        let texts = keys.and_then(|keys| ArrayFormatter::try_new(keys.as_ref(), PLAIN).ok());
        Names { groups, texts, numbers: keys.filter(|keys| *keys.data_type() == DataType::Int64) }
    }

    fn of(&self, unit: usize) -> (u64, String) {
        let row = match self.groups {
            None => unit,
            Some(groups) => groups.get(unit).map_or(0, |group| group.start),
        };
        let text = self.texts.as_ref().map_or_else(String::new, |keys| keys.value(row).to_string());
        let place = match (self.groups, self.numbers) {
            (None, _) => unit as u64,
            // By key: whole numbers in their order, the negative ones first; texts are told apart by themselves.
            (Some(_), Some(keys)) => {
                let key = keys.as_primitive::<Int64Type>().values().get(row).copied().unwrap_or_default();
                key.cast_unsigned() ^ (1 << 63)
            }
            (Some(_), None) => 0,
        };
        (place, text)
    }
}
