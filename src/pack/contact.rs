//! `[contact]`: how often, and on which days, a customer may be contacted at all.

/// Rules over all contacts with a customer, whichever campaign they belong to.
#[derive(Debug, Clone, Default)]
pub struct Contact {}
