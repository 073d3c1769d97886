//! `[override]`

use super::read::Fields;
use super::{Resolver, Table as Tree};
use crate::expr::{Stage, Type};
use crate::pack::format;
use crate::pack::raw::Raw;
use crate::pack::{Human, Reasons};

impl Resolver<'_> {
    /// `[override]`. It reads nothing that a stage decides: a person does not decide because of what the rules found.
    pub(super) fn human(&mut self, root: &Tree) -> Option<Human> {
        let fields = self.section(root, "override", &format::OVERRIDE)?;
        Some(Human {
            grade: self.rule(&fields, "grade", Stage::Fact, Type::Text),
            campaign: self.rule(&fields, "campaign", Stage::Fact, Type::Text),
            cause: self.rule(&fields, "cause", Stage::Fact, Type::Text),
            holds_until: self.rule(&fields, "holds_until", Stage::Fact, Type::Date),
            because: self.reasons(&fields),
            span: fields.at,
        })
    }

    /// `because`: a sentence, or one by kind of decision.
    fn reasons(&mut self, fields: &Fields<'_>) -> Reasons {
        let entry = fields.get("because").filter(|entry| matches!(entry.node.value, Raw::Table(_)));
        let what = format!("`because` of {}", fields.what);
        let each = entry.and_then(|entry| {
            Fields::open(&entry.node, entry.key, what, &format::OVERRIDE_BECAUSE, &mut self.diagnostics)
        });
        match each {
            Some(each) => Reasons::Each {
                cause: self.template(&each, "cause", Stage::Fact),
                grade: self.template(&each, "grade", Stage::Fact),
                campaign: self.template(&each, "campaign", Stage::Fact),
            },
            None => Reasons::One(self.template(fields, "because", Stage::Fact)),
        }
    }
}
