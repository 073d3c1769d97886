//! Which record of one side is which of the other.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::Side;

/// Pairs of records, counted over all batches.
#[derive(Debug)]
pub(super) enum Pairs {
    /// Batch by batch the same customers in the same order.
    Same,
    /// The customers on both sides, in the order of the earlier; how many only one side has.
    Joined {
        /// Place in the earlier and in the later side.
        both: Vec<(u32, u32)>,
        gone: u64,
        new: u64,
    },
}

impl Pairs {
    /// Matches customers by key, as it is shown: a number on one side may be a text on the other.
    pub(super) fn of(old: &Side<'_>, new: &Side<'_>) -> Pairs {
        if std::ptr::eq(old.held, new.held) && old.pack.record.key == new.pack.record.key {
            return Pairs::Same;
        }
        let (a, b) = (keys(old), keys(new));
        if a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.as_ref() == b.as_ref()) {
            return Pairs::Same;
        }
        joined(&a, &b)
    }
}

/// The key column of each batch.
fn keys(side: &Side<'_>) -> Vec<ArrayRef> {
    let name = &side.pack.record.key;
    side.held
        .batches()
        .iter()
        .map(|batch| {
            batch
                .column_by_name(name)
                .cloned()
                .unwrap_or_else(|| arrow::array::new_null_array(&DataType::Utf8, batch.num_rows()))
        })
        .collect()
}

/// Keys as they are shown.
fn texts(keys: &[ArrayRef]) -> Vec<StringArray> {
    let text = |key: &ArrayRef| cast(key, &DataType::Utf8).ok().and_then(|key| key.as_string_opt::<i32>().cloned());
    keys.iter().map(|key| text(key).unwrap_or_else(|| StringArray::new_null(key.len()))).collect()
}

fn joined(old: &[ArrayRef], new: &[ArrayRef]) -> Pairs {
    let (old, new) = (texts(old), texts(new));
    let rows: usize = new.iter().map(Array::len).sum();
    let mut places: HashMap<&str, u32> = HashMap::with_capacity(rows);
    for (at, key) in (0u32..).zip(new.iter().flat_map(StringArray::iter)) {
        if let Some(key) = key {
            places.entry(key).or_insert(at);
        }
    }
    let mut taken = vec![false; rows];
    let mut both = Vec::new();
    let mut gone = 0;
    for (at, key) in (0u32..).zip(old.iter().flat_map(StringArray::iter)) {
        let place = key.and_then(|key| places.get(key)).copied();
        match place.and_then(|place| Some((place, taken.get_mut(place as usize)?))) {
            // A key that is there twice is one customer with one partner.
            Some((place, taken)) if !*taken => {
                *taken = true;
                both.push((at, place));
            }
            _ => gone += 1,
        }
    }
    let new = taken.iter().filter(|taken| !**taken).count() as u64;
    Pairs::Joined { both, gone, new }
}

/// Where the rows of all batches stand.
#[derive(Debug)]
pub(super) struct Rows {
    /// The first row of each batch, counted over all; then the number of rows.
    starts: Vec<usize>,
}

impl Rows {
    pub(super) fn of(lengths: impl Iterator<Item = usize>) -> Rows {
        let mut starts = vec![0];
        let mut end = 0;
        for length in lengths {
            end += length;
            starts.push(end);
        }
        Rows { starts }
    }

    /// Batch and row of a place.
    pub(super) fn locate(&self, place: usize) -> (usize, usize) {
        let batch = self.starts.partition_point(|start| *start <= place).saturating_sub(1);
        (batch, place - self.starts.get(batch).copied().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_across_empty_batches() {
        let rows = Rows::of([3, 0, 2].into_iter());
        assert_eq!([0, 2, 3, 4].map(|place| rows.locate(place)), [(0, 0), (0, 2), (2, 0), (2, 1)]);
    }
}
