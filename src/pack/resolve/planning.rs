//! `[plan]`

use super::{Resolver, Table as Tree};
use crate::pack::Planning;

impl Resolver<'_> {
    /// `[plan]`
    pub(super) fn planning(&mut self, _root: &Tree) -> Option<Planning> {
        None
    }
}
