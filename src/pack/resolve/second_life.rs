//! `[second_life]`

use super::{Resolver, Table as Tree};
use crate::pack::SecondLife;

impl Resolver<'_> {
    /// `[second_life]`
    pub(super) fn second_life(&mut self, _root: &Tree) -> Option<SecondLife> {
        None
    }
}
