//! Whether a key occurs twice, without keeping the keys.
//!
//! Exports are usually sorted: then one interval is all that is kept. Otherwise 8 bytes per row. If a double key is
//! possible, the run starts again in a mode that knows the double keys exactly.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Int64Type};

use super::careful::chunks;
use super::conform::{BadRow, Reason, conform};
use super::error::DataError;
use super::scan::{BATCH, Input};

/// A key: whole numbers by value, texts by length and then by code point, so that counted-up ids (`9`, `10`; `C9`, `C10`) are in
/// order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Int(i64),
    Text(usize, Box<str>),
}

/// Says at the end of a run whether every key was different.
#[derive(Debug, Default)]
pub(crate) struct KeyTracker {
    /// Of runs of rising keys: the first and the last one.
    intervals: Vec<(Key, Key)>,
    /// Of every key that came after the order was lost.
    hashes: Vec<u64>,
    hashing: bool,
    doubtful: bool,
}

impl KeyTracker {
    /// Looks at the keys of the next batch.
    pub(crate) fn see(&mut self, keys: &ArrayRef) {
        if keys.is_empty() || self.doubtful {
            return;
        }
        match keys.data_type() {
            DataType::Int64 => {
                let list = keys.as_primitive::<Int64Type>().values();
                let rising = list.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
                let ends = list.first().zip(list.last()).map(|(a, b)| (Key::Int(*a), Key::Int(*b)));
                self.add(rising, ends, list.iter().map(|k| (Key::Int(*k), hash(k))));
            }
            _ => {
                let list = keys.as_string::<i32>();
                let order = |i: usize| {
                    let text = list.value(i);
                    (text.len(), text)
                };
                let key = |i: usize| Key::Text(list.value(i).len(), list.value(i).into());
                let rising = (1..list.len()).all(|i| order(i - 1) < order(i));
                self.add(
                    rising,
                    Some((key(0), key(list.len() - 1))),
                    (0..list.len()).map(|i| (key(i), hash(&list.value(i)))),
                );
            }
        }
    }

    fn add(&mut self, rising: bool, ends: Option<(Key, Key)>, keys: impl Iterator<Item = (Key, u64)>) {
        if let (true, false, Some((first, last))) = (rising, self.hashing, ends) {
            match self.intervals.last_mut() {
                Some((_, end)) if *end < first => *end = last,
                _ => self.intervals.push((first, last)),
            }
            // Sorted files one after the other are fine; disorder throughout is not worth an interval per batch.
            if self.intervals.len() < 1000 {
                return;
            }
            self.hashing = true;
            return;
        }
        if !self.hashing {
            self.hashing = true;
            self.doubtful |= !self.settle();
        }
        for (key, hash) in keys {
            self.doubtful |= self.inside(&key);
            self.hashes.push(hash);
        }
    }

    /// Sorts the intervals; `false` if two of them overlap.
    fn settle(&mut self) -> bool {
        self.intervals.sort();
        self.intervals.windows(2).all(|pair| matches!(pair, [a, b] if a.1 < b.0))
    }

    fn inside(&self, key: &Key) -> bool {
        let after = self.intervals.partition_point(|(first, _)| first <= key);
        after > 0 && self.intervals.get(after - 1).is_some_and(|(_, last)| key <= last)
    }

    /// Whether every key was certainly different.
    pub(crate) fn all_different(mut self) -> bool {
        if self.doubtful || !self.settle() {
            return false;
        }
        self.hashes.sort_unstable();
        self.hashes.windows(2).all(|pair| matches!(pair, [a, b] if a != b))
    }
}

/// The same on every machine and in every run.
fn hash(value: &impl Hash) -> u64 {
    #[expect(deprecated, reason = "the one hasher of the standard library that is specified")]
    let mut hasher = std::hash::SipHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The keys that occur more than once among usable rows, and where the first of them stands: (file, place).
pub(crate) type Doubles = HashMap<Arc<str>, (usize, u64)>;

/// Calls `visit` with file, place and key of every usable row, in order, until it says `false`. Reads row by row.
pub(crate) fn each_key(input: &Input, mut visit: impl FnMut(usize, u64, &str) -> bool) -> Result<(), DataError> {
    for (number, (file, layout)) in input.files.iter().enumerate() {
        for chunk in chunks(file, &input.spec, layout, BATCH)? {
            let chunk = chunk?;
            let conformed =
                conform(&input.spec, &layout.formats, &input.schema, &chunk.columns, chunk.rows, &chunk.broken)?;
            let mut bad = conformed.bad.iter().map(|b| b.row as usize).peekable();
            let keys = key_texts(conformed.batch.column(0))?;
            for (row, place) in chunk.places.iter().enumerate() {
                let usable = bad.next_if_eq(&row).is_none();
                if usable && !visit(number, *place, keys.as_string::<i32>().value(row)) {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Keys as texts.
pub(crate) fn key_texts(keys: &ArrayRef) -> Result<ArrayRef, DataError> {
    Ok(arrow::compute::cast(keys, &DataType::Utf8)?)
}

/// Finds the keys that occur more than once: two passes, 8 bytes per row.
pub(crate) fn doubles(input: &Input) -> Result<Doubles, DataError> {
    let mut hashes = Vec::new();
    each_key(input, |_, _, key| {
        hashes.push(hash(&key));
        true
    })?;
    hashes.sort_unstable();
    let twice: HashSet<u64> = hashes
        .windows(2)
        .filter_map(|p| {
            if let [a, b] = p
                && a == b
            {
                Some(*a)
            } else {
                None
            }
        })
        .collect();
    drop(hashes);
    let mut first: HashMap<Arc<str>, ((usize, u64), bool)> = HashMap::new();
    each_key(input, |file, place, key| {
        if twice.contains(&hash(&key)) {
            match first.get_mut(key) {
                Some(entry) => entry.1 = true,
                None => {
                    first.insert(key.into(), ((file, place), false));
                }
            }
        }
        true
    })?;
    Ok(first.into_iter().filter(|(_, (_, again))| *again).map(|(key, (place, _))| (key, place)).collect())
}

/// Lets the first row of each key through.
#[derive(Debug)]
pub(crate) struct DoubleFilter {
    doubles: Arc<Doubles>,
    seen: HashSet<Arc<str>>,
}

impl DoubleFilter {
    /// For keys known to occur more than once.
    pub(crate) fn new(doubles: Arc<Doubles>) -> Self {
        Self { doubles, seen: HashSet::new() }
    }

    /// Whether this key came before.
    pub(crate) fn is_again(&mut self, key: &str) -> bool {
        match self.doubles.get_key_value(key) {
            Some((key, _)) => !self.seen.insert(Arc::clone(key)),
            None => false,
        }
    }

    /// The rows of a batch (in order) whose key did not come before, and the ones it did.
    pub(crate) fn filter(&mut self, batch: &RecordBatch) -> Result<(RecordBatch, Vec<BadRow>), DataError> {
        let keys = key_texts(batch.column(0))?;
        let again: Vec<bool> = keys.as_string::<i32>().iter().map(|k| k.is_some_and(|k| self.is_again(k))).collect();
        let bad = again
            .iter()
            .enumerate()
            .filter(|(_, again)| **again)
            .map(|(row, _)| BadRow { row: row as u32, column: Some(0), reason: Reason::DuplicateKey })
            .collect();
        let keep: BooleanArray = again.into_iter().map(|again| Some(!again)).collect();
        Ok((filter_record_batch(batch, &keep)?, bad))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use arrow::array::{Int64Array, StringArray};

    fn different(batches: &[&[i64]]) -> bool {
        let mut ints = KeyTracker::default();
        let mut texts = KeyTracker::default();
        for batch in batches {
            ints.see(&(Arc::new(Int64Array::from(batch.to_vec())) as ArrayRef));
            let list: StringArray = batch.iter().map(|k| Some(format!("C{k}"))).collect();
            texts.see(&(Arc::new(list) as ArrayRef));
        }
        let answer = ints.all_different();
        assert_eq!(answer, texts.all_different(), "{batches:?}");
        answer
    }

    #[test]
    fn every_order_of_batches() {
        assert!(different(&[&[1, 2, 3], &[4, 5, 10, 100]]));
        assert!(different(&[&[7, 8, 9], &[1, 2, 3]]));
        assert!(different(&[&[3, 1, 2], &[9, 7]]));
        assert!(different(&[&[1, 2], &[9, 7], &[20, 21]]));
        assert!(!different(&[&[1, 2, 3], &[3, 4]]));
        assert!(!different(&[&[1, 2, 2]]));
        assert!(!different(&[&[5, 6], &[1, 2], &[2, 3]]));
        assert!(!different(&[&[1, 2, 3], &[9, 7], &[7]]));
        assert!(!different(&[&[1, 2, 3], &[9, 2]]));
        // In doubt: 5 lies between 1 and 9, so a second look is asked for.
        assert!(!different(&[&[1, 9], &[20, 5]]));
    }
}
