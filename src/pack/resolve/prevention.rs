//! `[prevention]`

use super::{Resolver, Table as Tree};
use crate::pack::Prevention;

impl Resolver<'_> {
    /// `[prevention]`
    pub(super) fn prevention(&mut self, _root: &Tree) -> Option<Prevention> {
        None
    }
}
