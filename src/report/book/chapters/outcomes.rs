//! Step 4: what counts as won back, and what it is worth.

use super::super::model::{Block, Inline, Section};
use super::super::number::number;
use super::super::words::text;
use super::{Writer, section};

impl Writer<'_> {
    pub(super) fn outcomes(&self) -> Section {
        let mut blocks = Vec::new();
        if let Some(outcomes) = &self.pack.outcomes {
            let words = self.words.over(&outcomes.table.names);
            blocks.push(Block::Paragraph(vec![
                text("What came of a plan is judged alike for those who were contacted and those who were held out. What happens within "),
                Inline::Strong(format!("{} days", number(outcomes.within))),
                text(" from the day of the contact on counts."),
            ]));
            let mut terms = Vec::new();
            for (key, rule) in outcomes.rules().filter(|(key, _)| *key != "within") {
                let (what, words) = match key {
                    "won_back" => ("Won back, if", words.condition(&rule.expr)),
                    "revenue" => ("Revenue", words.value_blocks(&rule.expr)),
                    "margin" => ("Margin", words.value_blocks(&rule.expr)),
                    "cost" => ("Cost", words.value_blocks(&rule.expr)),
                    _ => ("Known before, and used to take noise out of comparisons", words.value_blocks(&rule.expr)),
                };
                terms.push((what.to_owned(), vec![Block::Rule { words, written: rule.text.clone() }]));
            }
            blocks.push(Block::Terms(terms));
            let head = ["Column", "What it is"].map(str::to_owned).to_vec();
            let rows = outcomes.table.columns.iter();
            let rows = rows.map(|column| vec![vec![Inline::Code(column.name.clone())], self.prose(&column.help)]);
            blocks.push(Block::Table { head, rows: rows.collect() });
        }
        section("outcomes", "Step 4: what counts as won back", blocks)
    }
}
