//! The last chapter: every name, what it is, and where it is written.

use super::super::index::{place, type_word};
use super::super::model::{Block, Inline, Line, Section};
use super::{Writer, section};
use crate::expr::NameKind;

impl Writer<'_> {
    pub(super) fn names(&self) -> Section {
        let mut names: Vec<_> = self.pack.names.iter().map(|(_, name)| name).collect();
        names.sort_by(|a, b| a.name.to_lowercase().cmp(&b.name.to_lowercase()).then_with(|| a.name.cmp(&b.name)));
        let rows: Vec<Vec<Line>> = names
            .into_iter()
            .map(|name| {
                let kind = match name.kind {
                    NameKind::Today => "day of the decision",
                    NameKind::Param => "parameter",
                    NameKind::Column => "column",
                    NameKind::Rollup => "from events",
                    NameKind::Fact => "worked out",
                    NameKind::Decided => "decided",
                };
                let link = self.index.name(&name.name).map(super::super::index::Target::link);
                let written = match name.span {
                    Some(span) => Inline::Code(place(self.pack, span)),
                    None => Inline::Soft("always there".to_owned()),
                };
                vec![
                    vec![Inline::Code(name.name.clone())],
                    link.into_iter().collect(),
                    vec![Inline::Soft(kind.to_owned())],
                    vec![Inline::Soft(type_word(name.ty).to_owned())],
                    vec![written],
                ]
            })
            .collect();
        let lead = Block::text("Every name that a rule may use.");
        let head = ["Name", "Read as", "What", "Type", "Written in"].map(str::to_owned).to_vec();
        section("names", "Index of names", vec![lead, Block::Table { head, rows }])
    }
}
