//! Watches one column go by, in bounded memory.
//!
//! As long as a column has few different values, all of them are kept with their counts, and everything said about it is
//! exact. Beyond that, values stay or go by a hash of them (adaptive sampling): the counts of those that stay are exact,
//! the number of all is estimated, and which ones stay depends on nothing but the values. Least, largest and mean are
//! followed from there on value by value and stay exact.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hasher as _};

use arrow::array::StringArray;

use crate::data::{Guess, Read, Reader, RowPlace, guess};
use crate::expr::Value;

/// How many different values are kept.
pub(super) const KEPT: usize = 100_000;
/// How many bytes of texts are kept for one column at most, and for all columns of a table together.
const BYTES: usize = 8 << 20;
const BYTES_OF_ALL: usize = 256 << 20;
/// The most frequent values stay, whatever their hash.
const PINNED: usize = 200;
/// How many hashes may be kept to see whether a column is unique.
const HASHES: usize = 8_000_000;

/// A value and how often it occurs.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub count: u64,
    pub first: RowPlace,
    hash: u64,
}

/// Sums of values that can be read, once not all are kept.
#[derive(Debug)]
struct Running {
    reader: Reader,
    guess: Guess,
    exact: Exact,
}

/// What is known exactly, however many values there are.
#[derive(Debug, Clone, Default)]
pub(super) struct Exact {
    /// Values of the type.
    pub read: u64,
    /// Texts that mean "not there", with their number.
    pub missing: Vec<(String, u64)>,
    /// Values not of the type, and the first of them.
    pub misfits: u64,
    /// The first of those.
    pub misfit: Option<(String, RowPlace)>,
    /// As a number: a number itself, the day of a date, 0 and 1, the length of a text.
    pub least: Option<f64>,
    /// The same.
    pub largest: Option<f64>,
    /// Of the same.
    pub sum: f64,
}

/// A value as the number it is measured by.
pub(super) fn measure(value: &Value) -> f64 {
    match value {
        Value::Number(x) => *x,
        Value::Date(d) => f64::from(d.days()),
        Value::Bool(b) => f64::from(u8::from(*b)),
        Value::Text(t) => t.chars().count() as f64,
        Value::Missing => 0.0,
    }
}

impl Exact {
    fn add(&mut self, reader: &Reader, text: &str, count: u64, first: RowPlace) {
        match reader.read(text) {
            Read::Missing => {
                let word = text.trim();
                match self.missing.iter_mut().find(|(w, _)| w == word) {
                    Some((_, n)) => *n += count,
                    None => self.missing.push((word.to_owned(), count)),
                }
            }
            Read::Misfit => {
                self.misfits += count;
                if self.misfit.as_ref().is_none_or(|(_, place)| first < *place) {
                    self.misfit = Some((text.to_owned(), first));
                }
            }
            Read::Value(value) => {
                let x = measure(&value);
                self.read += count;
                self.least = Some(self.least.map_or(x, |l| l.min(x)));
                self.largest = Some(self.largest.map_or(x, |l| l.max(x)));
                self.sum += x * count as f64;
            }
        }
    }
}

/// A column on its way.
#[derive(Debug)]
pub(super) struct Watch {
    values: HashMap<String, Seen>,
    bytes: usize,
    most_bytes: usize,
    /// Values whose hash has so many zeros in front stay.
    level: u32,
    pinned: HashSet<String>,
    rows: u64,
    empty: u64,
    running: Option<Running>,
    /// The hashes of all values while no value has come twice; `None` once one has, or there are too many.
    unique: Option<HashSet<u64>>,
    is_unique: bool,
}

/// What was seen of a column.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    /// In order of the values; all of them if `exact`.
    pub values: Vec<(String, Seen)>,
    /// How many different values there are.
    pub distinct: u64,
    /// Whether that is exact.
    pub exact: bool,
    /// Values of `values` stand for two to the power of this.
    pub level: u32,
    /// Rows.
    pub rows: u64,
    /// Rows without a text.
    pub empty: u64,
    /// Whether no value comes twice.
    pub is_unique: bool,
    /// What it holds.
    pub guess: Guess,
    /// What is exact in any case.
    pub sums: Exact,
}

/// The same for every spelling of a key: case, zeros in front and blanks do not count.
pub(super) fn hash_of_key(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    let text = text.trim();
    let bare = text.trim_start_matches('0');
    for c in bare.chars().flat_map(char::to_uppercase) {
        hasher.write_u32(c as u32);
    }
    hasher.finish()
}

/// Of the text as it stands.
pub(super) fn hash_of_text(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

impl Watch {
    /// Of a table with so many columns.
    pub(super) fn new(columns: usize) -> Watch {
        Watch {
            values: HashMap::new(),
            bytes: 0,
            most_bytes: BYTES.min(BYTES_OF_ALL / columns.max(1)),
            level: 0,
            pinned: HashSet::new(),
            rows: 0,
            empty: 0,
            running: None,
            unique: None,
            is_unique: true,
        }
    }

    /// A batch of it.
    pub(super) fn add(&mut self, column: &StringArray, places: &[RowPlace]) {
        for (value, place) in column.iter().zip(places) {
            self.rows += 1;
            match value {
                Some(text) if !text.trim().is_empty() => self.value(text, *place),
                _ => self.empty += 1,
            }
        }
    }

    fn value(&mut self, text: &str, place: RowPlace) {
        if let Some(running) = &mut self.running {
            running.exact.add(&running.reader, text, 1, place);
            if let Some(hashes) = &mut self.unique {
                if !hashes.insert(hash_of_text(text)) {
                    self.is_unique = false;
                    self.unique = None;
                } else if hashes.len() > HASHES {
                    self.unique = None;
                }
            }
        }
        if let Some(seen) = self.values.get_mut(text) {
            seen.count += 1;
            self.is_unique = false;
            self.unique = None;
            return;
        }
        let hash = hash_of_key(text);
        if hash.leading_zeros() < self.level {
            return;
        }
        self.bytes += text.len();
        self.values.insert(text.to_owned(), Seen { count: 1, first: place, hash });
        while self.values.len() > KEPT || (self.bytes > self.most_bytes && self.values.len() > PINNED + 1) {
            self.thin_out();
        }
    }

    /// Lets half of the values go.
    fn thin_out(&mut self) {
        if self.running.is_none() {
            let guess = self.guess();
            let reader = Reader::new(guess.ty, &guess.written);
            let mut exact = Exact::default();
            for (text, seen) in self.sorted() {
                exact.add(&reader, text, seen.count, seen.first);
            }
            self.running = Some(Running { reader, guess, exact });
            if self.is_unique {
                self.unique = Some(self.values.keys().map(|t| hash_of_text(t)).collect());
            }
            let mut frequent: Vec<(&String, &Seen)> = self.values.iter().filter(|(_, s)| s.count > 1).collect();
            frequent.sort_by(|a, b| b.1.count.cmp(&a.1.count).then(a.0.cmp(b.0)));
            self.pinned = frequent.into_iter().take(PINNED).map(|(t, _)| t.clone()).collect();
        }
        self.level += 1;
        let (level, pinned) = (self.level, &self.pinned);
        self.values.retain(|text, seen| seen.hash.leading_zeros() >= level || pinned.contains(text));
        self.bytes = self.values.keys().map(String::len).sum();
    }

    fn sorted(&self) -> Vec<(&String, &Seen)> {
        let mut list: Vec<_> = self.values.iter().collect();
        list.sort_by(|a, b| a.0.cmp(b.0));
        list
    }

    fn guess(&self) -> Guess {
        let texts: StringArray = self.sorted().into_iter().map(|(t, _)| Some(t.as_str())).collect();
        guess(&texts)
    }

    /// All of it has gone by.
    pub(super) fn finish(self) -> Watched {
        let (guess, sums) = match self.running {
            Some(running) => (running.guess, running.exact),
            None => {
                let guess = self.guess();
                let reader = Reader::new(guess.ty, &guess.written);
                let mut exact = Exact::default();
                for (text, seen) in self.sorted() {
                    exact.add(&reader, text, seen.count, seen.first);
                }
                (guess, exact)
            }
        };
        let sampled = self.values.values().filter(|s| s.hash.leading_zeros() >= self.level).count() as u64;
        let told = self.rows - self.empty;
        // As long as no hash came twice, every value was another one.
        let counted = self.level == 0 || self.unique.is_some();
        let distinct = if self.level == 0 {
            self.values.len() as u64
        } else if self.unique.is_some() {
            told
        } else {
            sampled.saturating_mul(1 << self.level.min(40)).min(told)
        };
        let mut values: Vec<(String, Seen)> = self.values.into_iter().collect();
        values.sort_by(|a, b| a.0.cmp(&b.0));
        Watched {
            values,
            distinct,
            exact: counted,
            level: self.level,
            rows: self.rows,
            empty: self.empty,
            is_unique: self.is_unique && told > 0 && (self.level == 0 || self.unique.is_some()),
            guess,
            sums,
        }
    }
}

impl Seen {
    /// Whether the value belongs to the sample of that level (it may be there only because it is frequent).
    pub(super) fn stands_at(&self, level: u32) -> bool {
        self.hash.leading_zeros() >= level
    }
}

/// Counts rows that were there before, in bounded memory.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    rows: HashMap<u64, u64>,
    level: u32,
}

impl Duplicates {
    /// How many different rows are kept.
    const KEPT: usize = 2_000_000;

    /// The hashes of the rows of a batch.
    pub(super) fn add(&mut self, columns: &[StringArray], rows: usize) {
        let mut hashers: Vec<DefaultHasher> = (0..rows).map(|_| DefaultHasher::new()).collect();
        for column in columns {
            for (hasher, value) in hashers.iter_mut().zip(column) {
                match value {
                    Some(text) => hasher.write(text.as_bytes()),
                    None => hasher.write_u8(0xfe),
                }
                hasher.write_u8(0xff);
            }
        }
        for hash in hashers.into_iter().map(|h| h.finish()).filter(|h| h.leading_zeros() >= self.level) {
            *self.rows.entry(hash).or_default() += 1;
        }
        while self.rows.len() > Self::KEPT {
            self.level += 1;
            let level = self.level;
            self.rows.retain(|hash, _| hash.leading_zeros() >= level);
        }
    }

    /// Rows that are the same as an earlier one, and whether that is exact.
    pub(super) fn finish(&self) -> (u64, bool) {
        let again: u64 = self.rows.values().map(|n| n - 1).sum();
        (again.saturating_mul(1 << self.level.min(40)), self.level == 0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::expr::Type;

    fn watch(values: impl Iterator<Item = String>) -> Watched {
        let mut watch = Watch::new(1);
        let all: Vec<String> = values.collect();
        for part in all.chunks(1000) {
            let array: StringArray = part.iter().map(|v| Some(v.as_str())).collect();
            watch.add(&array, &vec![RowPlace::default(); part.len()]);
        }
        watch.finish()
    }

    #[test]
    fn few_values_are_counted_exactly() {
        let seen = watch((0..1000).map(|i| (i % 7).to_string()));
        assert_eq!((seen.distinct, seen.exact, seen.is_unique), (7, true, false));
        assert_eq!((seen.guess.ty, seen.sums.read, seen.sums.sum), (Type::Number, 1000, 2997.0));
    }

    #[test]
    fn many_values_are_estimated_and_their_range_is_exact() {
        let seen = watch((0..400_000).map(|i| (i / 2).to_string()));
        assert!(!seen.exact && !seen.is_unique && seen.values.len() <= KEPT);
        assert!((190_000..210_000).contains(&seen.distinct), "{}", seen.distinct);
        assert_eq!((seen.sums.least, seen.sums.largest, seen.sums.read), (Some(0.0), Some(199_999.0), 400_000));
        let unique = watch((0..250_000).map(|i| format!("K{i:07}")));
        assert!(unique.is_unique && unique.exact);
        assert_eq!(unique.distinct, 250_000);
    }

    #[test]
    fn rows_that_come_again() {
        let mut rows = Duplicates::default();
        let a: StringArray = [Some("1"), Some("1"), Some("2")].into_iter().collect();
        let b: StringArray = [Some("x"), Some("x"), None].into_iter().collect();
        rows.add(&[a, b], 3);
        assert_eq!(rows.finish(), (1, true));
    }
}
