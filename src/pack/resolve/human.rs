//! `[override]`

use super::{Resolver, Table as Tree};
use crate::pack::Human;

impl Resolver<'_> {
    /// `[override]`
    pub(super) fn human(&mut self, _root: &Tree) -> Option<Human> {
        None
    }
}
