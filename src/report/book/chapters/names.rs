//! The last chapter: every name, what it is, and where it is written.

use super::super::index::{place, type_word};
use super::super::model::{Block, Inline, Line, Section};
use super::{Writer, section};
use crate::expr::NameKind;

impl Writer<'_> {
    pub(super) fn names(&self) -> Section {
        let mut names: Vec<_> = self.pack.names.iter().collect();
        names.sort_by_cached_key(|(_, name)| (name.name.to_lowercase(), name.name.clone()));
        let rows: Vec<Vec<Line>> = names
            .into_iter()
            .map(|(slot, name)| {
                let kind = match name.kind {
                    NameKind::Today => "day of the decision",
                    NameKind::Param => "parameter",
                    NameKind::Column => "column",
                    NameKind::Rollup => "from events",
                    NameKind::Fact => "worked out",
                    NameKind::Decided => "decided",
                };
                let link = self.index.name(&name.name).map(super::super::index::Target::link);
                // An overlay may have given it anew.
                let now = match name.kind {
                    NameKind::Param => self.pack.params.iter().find(|x| x.slot == slot).map(|x| x.span),
                    NameKind::Rollup => self.pack.rollups.iter().find(|x| x.slot == slot).map(|x| x.span),
                    NameKind::Fact => self.pack.facts.iter().find(|x| x.slot == slot).map(|x| x.span),
                    _ => None,
                };
                let written = match now.or(name.span) {
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
