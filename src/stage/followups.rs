//! Step 5, second loyalty: what is due for customers who returned. Shown by explain; planned with the plan.

use crate::pack::Pack;

use super::{RowValues, holds};

pub(super) fn row(pack: &Pack, values: &RowValues) -> Vec<usize> {
    (0..pack.followups.len())
        .filter(|i| pack.followups.get(*i).is_some_and(|f| holds(pack, Some(&f.when), values)))
        .collect()
}
