//! Step 2: why customers leave.

use super::super::index::anchor;
use super::super::model::{Block, Inline, Line, Section};
use super::super::number::{number, spaced};
use super::super::words::text;
use super::{Writer, section, thing};
use crate::pack::Cause;

/// What the known classes mean.
const CLASSES: [(&str, &str); 6] = [
    ("pushed_away", "we gave the reason"),
    ("pulled_away", "somebody else offers better value"),
    ("bought_away", "somebody else paid for the switch, or was cheaper"),
    ("moved_away", "life went on, nobody is to blame"),
    ("involuntary", "did not want to go"),
    ("unknown", "the reason is not known"),
];

impl Writer<'_> {
    pub(super) fn causes(&self) -> Section {
        let causes = &self.pack.causes;
        if causes.list.is_empty() {
            let none = Block::text("This pack names no causes: why somebody left is unknown.");
            return section("causes", "Step 2: why they left", vec![none]);
        }
        let mut blocks = vec![Block::Paragraph(vec![
            text(
                "Each piece of evidence that holds adds its weight. The cause with the highest sum wins, of equals the one that stands first. Below ",
            ),
            Inline::Strong(number(causes.minimum)),
            text(" the cause is unknown. The confidence is the winner's share of all weights."),
        ])];
        match &causes.when {
            Some(rule) => {
                blocks.push(Block::Terms(vec![("Asked of those for whom".to_owned(), vec![self.condition(rule)])]));
            }
            None => blocks.push(Block::text("It is asked of everybody.")),
        }
        let used: Vec<&str> = causes.list.iter().map(|cause| cause.class.as_str()).collect();
        let rows = CLASSES.iter().filter(|(class, _)| used.contains(class)).map(|(class, meaning)| {
            let list: Vec<&Cause> = causes.list.iter().filter(|cause| cause.class == *class).collect();
            let targets = list.iter().filter_map(|cause| self.index.cause(&cause.name));
            vec![vec![tag(class)], vec![text(*meaning)], super::links(targets)]
        });
        let head = ["Class", "Meaning", "Causes"].map(str::to_owned).to_vec();
        blocks.push(Block::Table { head, rows: rows.collect() });
        // A bar is full at the highest weight of the pack.
        let weights = causes.list.iter().flat_map(|cause| cause.evidence.iter().map(|e| e.weight));
        let most = weights.fold(0.0, f64::max);
        blocks.extend(causes.list.iter().map(|cause| self.cause(cause, most)));
        section("causes", "Step 2: why they left", blocks)
    }

    fn cause(&self, cause: &Cause, most: f64) -> Block {
        let id = anchor("cause", &cause.name);
        let path = format!("causes.{}", cause.name);
        let mut entry = self.entry(id, cause.label.clone(), &cause.name, &cause.help, (cause.span, path));
        entry.tags.push(tag(&cause.class));
        if cause.preventable {
            entry.tags.push(Inline::Tag { text: "preventable".to_owned(), group: "none".to_owned() });
        }
        let rows = cause.evidence.iter().map(|evidence| {
            let weight: Line = vec![text(number(evidence.weight)), text(" "), Inline::Bar(evidence.weight / most)];
            let mut when = self.words.clause(&evidence.when.expr);
            let because = self.words.sentence(&evidence.because);
            if !because.is_empty() {
                when.push(Inline::Soft(" — said as: ".to_owned()));
                when.push(Inline::Soft("“".to_owned()));
                when.extend(because);
                when.push(Inline::Soft("”".to_owned()));
            }
            vec![weight, when, vec![Inline::Code(evidence.when.text.clone())]]
        });
        let head = ["Weight", "Evidence", "As written"].map(str::to_owned).to_vec();
        entry.blocks.push(Block::Table { head, rows: rows.collect() });
        thing(entry)
    }
}

/// The mark of a class.
fn tag(class: &str) -> Inline {
    Inline::Tag { text: spaced(class), group: class.to_owned() }
}
