//! `[override]`

use super::{Resolver, Table as Tree};
use crate::expr::{Stage, Type};
use crate::pack::Human;
use crate::pack::format;

impl Resolver<'_> {
    /// `[override]`. It reads nothing that a stage decides: a person does not decide because of what the rules found.
    pub(super) fn human(&mut self, root: &Tree) -> Option<Human> {
        let fields = self.section(root, "override", &format::OVERRIDE)?;
        Some(Human {
            grade: self.rule(&fields, "grade", Stage::Fact, Type::Text),
            campaign: self.rule(&fields, "campaign", Stage::Fact, Type::Text),
            cause: self.rule(&fields, "cause", Stage::Fact, Type::Text),
            because: self.template(&fields, "because", Stage::Fact),
            span: fields.at,
        })
    }
}
