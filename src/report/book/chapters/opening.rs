//! The first page: which pack this is, how it is read, and the numbers a business user sets.

use super::super::index::{anchor, changes, layer, place, read_by};
use super::super::model::{Block, Inline, Item, Line, Section};
use super::super::number::{count, number, title, value, with_unit};
use super::super::words::text;
use super::{Writer, section, thing};
use crate::pack::Param;

/// So much of a hash tells packs apart.
const SHORT_HASH: usize = 12;

impl Writer<'_> {
    pub(super) fn identity(&self) -> Vec<(String, Line)> {
        let pack = &self.pack.identity;
        let mut rows = vec![("Version".to_owned(), vec![text(&pack.version)])];
        if !pack.extends.is_empty() {
            rows.push(("Builds on".to_owned(), vec![text(pack.extends.join(", which builds on "))]));
        }
        let hash: String = pack.hash.chars().take(SHORT_HASH).collect();
        rows.push((
            "Fingerprint".to_owned(),
            vec![
                Inline::Code(hash),
                Inline::Soft(" the same wherever the rules are the same; it stands on every decision".to_owned()),
            ],
        ));
        let p = self.pack;
        let counts = [
            count(p.params.len(), "parameter", "parameters"),
            count(p.suppress.len(), "suppression", "suppressions"),
            count(p.states.len(), "state rule", "state rules"),
            count(p.causes.list.len(), "cause", "causes"),
            count(p.criteria.len(), "criterion", "criteria"),
            count(p.grades.len(), "grade", "grades"),
            count(p.campaigns.len(), "campaign", "campaigns"),
        ];
        rows.push(("Holds".to_owned(), vec![text(counts.join(", "))]));
        rows
    }

    pub(super) fn how_to_read(&self) -> Section {
        let pack = self.pack;
        // Only what is there can be gone to.
        let link = |to: &str, words: &str| {
            let there = match to {
                "suppressions" => !pack.suppress.is_empty(),
                "campaigns" => !pack.campaigns.is_empty(),
                "followups" => !pack.followups.is_empty(),
                _ => true,
            };
            if there {
                Inline::Link { to: to.to_owned(), text: words.to_owned(), hint: String::new() }
            } else {
                text(words)
            }
        };
        let item = |line: Line| Item { line, below: Vec::new() };
        let strong = |words: &str| Inline::Strong(words.to_owned());
        let steps = vec![
            item(vec![
                strong("Identify. "),
                text("First come the "),
                link("suppressions", "suppressions"),
                text(": who matches one is not looked at any further. Then the first "),
                link("states", "state"),
                text(" that fits decides: is the customer active, at risk, asleep, lost, or back?"),
            ]),
            item(vec![
                strong("Find the cause. "),
                text("Evidence is weighed for every "),
                link("causes", "cause"),
                text("; the one with the highest sum is why the customer left."),
            ]),
            item(vec![
                strong("Judge and plan. "),
                link("criteria", "Criteria"),
                text(" score from 0 to 10, and 10 is always good for us. They make a "),
                link("grades", "grade"),
                text(". Among the "),
                link("campaigns", "campaigns"),
                text(" that fit and are allowed, the one with the highest gain to be expected is proposed."),
            ]),
            item(vec![
                strong("Measure. "),
                text(
                    "What came of it is compared with customers who were left alone; that is not part of these rules.",
                ),
            ]),
            item(vec![
                strong("Keep. "),
                text("Who came back gets "),
                link("followups", "follow-ups"),
                text(": the second life has rules of its own."),
            ]),
        ];
        let blocks = vec![
            Block::text(
                "A customer is decided in five steps. The chapters of this book follow them, in the order in which the rules are asked.",
            ),
            Block::List { ordered: true, items: steps },
            Block::Paragraph(vec![
                strong("Names. "),
                text(
                    "A name in a sentence leads to where it is described. A value in brackets behind a name is the parameter's value at present. Beside the words stands the rule ",
                ),
                Inline::Code("as it is written".to_owned()),
                text(" in the pack's files; that text is what counts."),
            ]),
            Block::Paragraph(vec![
                strong("Unknown. "),
                text(
                    "What the data do not say is unknown, never zero. A condition on something unknown does not hold, unless the rule says what to do then. ",
                ),
                strong("Today "),
                text("is the day for which a decision is made; nothing later is seen."),
            ]),
        ];
        section("how-to-read", "How to read this book", blocks)
    }

    pub(super) fn parameters(&self) -> Section {
        let mut blocks = Vec::new();
        if !self.pack.params.is_empty() {
            blocks.push(Block::text(
                "The numbers that may be changed without changing a rule. Each change takes effect everywhere the parameter is read.",
            ));
        }
        blocks.extend(self.pack.params.iter().map(|param| self.parameter(param)));
        section("parameters", "Parameters", blocks)
    }

    fn parameter(&self, param: &Param) -> Block {
        let path = format!("params.{}", param.name);
        let id = anchor("param", &param.name);
        let mut entry = self.entry(id, title(&param.name), &param.name, &param.help, (param.span, String::new()));
        entry.value = vec![Inline::Strong(with_unit(param))];
        let mut notes: Vec<Line> = Vec::new();
        let allowed = match (param.min, param.max) {
            (Some(low), Some(high)) => format!("allowed: {} to {}", number(low), number(high)),
            (Some(low), None) => format!("allowed: {} and more", number(low)),
            (None, Some(high)) => format!("allowed: up to {}", number(high)),
            (None, None) => String::new(),
        };
        let mut facts = Vec::new();
        // With a percentage in front, what is typed into the file looks different.
        if !param.unit.is_empty() && !with_unit(param).ends_with(&param.unit) {
            facts.push(format!("written as {} ({})", value(&param.value), param.unit));
        }
        if !allowed.is_empty() {
            facts.push(allowed);
        }
        if !facts.is_empty() {
            notes.push(vec![Inline::Soft(facts.join("; "))]);
        }
        let mut set = vec![
            Inline::Soft(format!("set by {} in ", layer(self.pack, param.span))),
            Inline::Code(place(self.pack, param.span)),
        ];
        let before: Vec<_> = changes(self.pack, &format!("{path}.value")).collect();
        for change in before.iter().rev() {
            set.push(Inline::Soft(format!("; {} has ", layer(self.pack, change.base))));
            set.push(Inline::Code(self.pack.sources.text(change.base).trim().to_owned()));
        }
        notes.push(set);
        notes.push(read_by(self.index, &param.name));
        entry.notes = notes;
        thing(entry)
    }
}
