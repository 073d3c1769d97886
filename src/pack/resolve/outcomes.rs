//! `[outcomes]`

use super::{Resolver, Table as Tree};
use crate::pack::Outcomes;

impl Resolver<'_> {
    /// `[outcomes]`
    pub(super) fn outcomes(&mut self, _root: &Tree) -> Option<Outcomes> {
        None
    }
}
