//! `[contact]`

use super::{Resolver, Table as Tree};
use crate::pack::Contact;

impl Resolver<'_> {
    /// `[contact]`
    pub(super) fn contact(&mut self, _root: &Tree) -> Option<Contact> {
        None
    }
}
