//! Who moved: counts and money.

use super::{Moves, Side};

pub(super) fn moves(_old: &Side<'_>, _new: &Side<'_>) -> Moves {
    Moves::default()
}
