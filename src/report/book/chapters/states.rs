//! Step 1: who is left alone, and in which state everybody else is.

use super::super::index::{anchor, help_in_list, written};
use super::super::model::{Block, Inline, Section};
use super::super::number::{spaced, title};
use super::super::words::text;
use super::{Writer, section, thing};
use crate::pack::Track;

impl Writer<'_> {
    pub(super) fn suppressions(&self) -> Section {
        let mut blocks = Vec::new();
        if !self.pack.suppress.is_empty() {
            blocks.push(Block::text(
                "Asked before everything else. Nobody is judged or contacted for whom one of these holds; the first that holds is given as the reason.",
            ));
        }
        for (item, n) in self.pack.suppress.iter().zip(1..) {
            let path = format!("suppress.{}", item.name);
            let help = help_in_list(self.pack, "suppress", &item.name);
            let mut entry =
                self.entry(anchor("suppress", &item.name), title(&item.name), &item.name, &help, (item.span, path));
            entry.number = Some(n);
            entry.tags.push(Inline::Tag { text: "suppressed".to_owned(), group: "suppressed".to_owned() });
            let mut terms = vec![("Nobody for whom".to_owned(), vec![self.condition(&item.when)])];
            terms.extend(self.reason(&item.because));
            entry.blocks.push(Block::Terms(terms));
            blocks.push(thing(entry));
        }
        section("suppressions", "Step 1: who is left alone", blocks)
    }

    pub(super) fn states(&self) -> Section {
        let mut blocks = Vec::new();
        if !self.pack.states.is_empty() {
            blocks.push(Block::text(
                "Asked from top to bottom; the first that fits decides. The track says what follows from it:",
            ));
            let rows = Track::ALL.map(|track| {
                vec![
                    vec![tag(track)],
                    vec![text(match track {
                        Track::Termination => "notice is given and the relation still runs: avert",
                        Track::Recovery => "gone or asleep: win back",
                        Track::Prevention => "still here, at risk: prevent",
                        Track::SecondLife => "came back: keep",
                    })],
                ]
            });
            let head = ["Track", "Meaning"].map(str::to_owned).to_vec();
            blocks.push(Block::Table { head, rows: rows.to_vec() });
        }
        for (state, n) in self.pack.states.iter().zip(1..) {
            let id = anchor("state", &state.name);
            let path = format!("states.{}", state.name);
            let mut entry = self.entry(id, title(&state.name), &state.name, &state.help, (state.span, path));
            entry.number = Some(n);
            entry.tags.push(match state.track {
                Some(track) => tag(track),
                None => Inline::Tag { text: "nothing to do".to_owned(), group: "none".to_owned() },
            });
            if state.state != state.name {
                entry.value = vec![Inline::Soft("counts as ".to_owned()), Inline::Strong(spaced(&state.state))];
            }
            let mut terms = vec![match &state.when {
                Some(rule) => ("If".to_owned(), vec![self.condition(rule)]),
                None => ("If".to_owned(), vec![Block::text("nothing above fits")]),
            }];
            terms.extend(self.reason(&state.because));
            entry.blocks.push(Block::Terms(terms));
            blocks.push(thing(entry));
        }
        section("states", "Step 1: the states", blocks)
    }

    pub(super) fn followups(&self) -> Section {
        let mut blocks = Vec::new();
        if !self.pack.followups.is_empty() {
            blocks.push(Block::text("What is done for customers who came back. All that fit are due."));
        }
        for item in &self.pack.followups {
            let id = anchor("followup", &item.name);
            let path = format!("followups.{}", item.name);
            let mut entry = self.entry(id, item.label.clone(), &item.name, &item.help, (item.span, path));
            let mut terms = vec![("When".to_owned(), vec![self.condition(&item.when)])];
            terms.extend(self.reason(&item.because));
            entry.blocks.push(Block::Terms(terms));
            blocks.push(thing(entry));
        }
        section("followups", "Step 5: follow-ups", blocks)
    }

    pub(super) fn money(&self) -> Section {
        let mut blocks = Vec::new();
        if let Some(money) = &self.pack.money {
            blocks.push(Block::Paragraph(vec![
                text("In every table each customer is counted with "),
                Inline::Strong(money.label.clone()),
                text(format!(", in {}:", money.currency)),
            ]));
            blocks.push(self.value(&money.rule));
            for note in written(self.pack, money.rule.span, "money") {
                blocks.push(Block::Paragraph(note));
            }
        }
        section("money", "What a customer is counted with", blocks)
    }
}

/// The mark of a track.
pub(super) fn tag(track: Track) -> Inline {
    Inline::Tag { text: spaced(track.word()), group: track.word().to_owned() }
}
