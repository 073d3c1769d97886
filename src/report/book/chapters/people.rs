//! What people decide, and that it wins over the rules.

use super::super::index::written;
use super::super::model::{Block, Entry, Section};
use super::{Writer, section, thing};

impl Writer<'_> {
    pub(super) fn people(&self) -> Section {
        let pack = self.pack;
        let title = "Step 3: what people decide";
        let Some(human) = &pack.human else { return section("people", title, Vec::new()) };
        let mut blocks = vec![Block::text(
            "A score never decides alone: it ranks, gives its reasons, and whoever knows more about a customer decides otherwise. Such a decision wins over the rules above and is shown wherever the customer is. It can neither bring back who is left alone nor replace a consent. What names nothing of this book is not followed, and that is said.",
        )];
        let keys = [
            ("Her grade, if there is one", &human.grade, "instead of what the conditions of the grades say"),
            ("Why she left, if there is one", &human.cause, "instead of the heaviest evidence; it counts as certain"),
            (
                "Her campaign, if there is one",
                &human.campaign,
                "whatever its track, its condition and her grade say; `none` is no contact at all",
            ),
            (
                "Until when she may get it, if it has an end",
                &human.holds_until,
                "a plan makes no contact for it after that day",
            ),
        ];
        let mut terms = Vec::new();
        for (term, rule, means) in keys {
            if let Some(rule) = rule {
                terms.push((term.to_owned(), vec![self.value(rule), Block::Paragraph(self.prose(means))]));
            }
        }
        for (step, because) in human.because.given() {
            let reason = self.reason(because).map(|(term, blocks)| match step {
                Some(step) => (format!("{term} for the {step}"), blocks),
                None => (term, blocks),
            });
            terms.extend(reason);
        }
        let mut entry = Entry {
            id: "override".to_owned(),
            title: "Decided by a person".to_owned(),
            notes: written(pack, human.span, "override"),
            ..Entry::default()
        };
        entry.blocks.push(Block::Terms(terms));
        blocks.push(thing(entry));
        section("people", title, blocks)
    }
}
