//! Step 5: early warnings, how losses are counted, how a second life is read.

use super::super::index::anchor;
use super::super::model::{Block, Inline, Section};
use super::super::number::number;
use super::{Writer, section, thing};
use crate::pack::Rule;

impl Writer<'_> {
    pub(super) fn warnings(&self) -> Section {
        let list = self.pack.prevention.iter().flat_map(|prevention| &prevention.warnings);
        let mut blocks = Vec::new();
        for item in list {
            if blocks.is_empty() {
                blocks.push(Block::text(
                    "Signs that a customer who is still here may leave. Several may be there; the list is in the order of the money at \
                     risk times their weights together.",
                ));
            }
            let id = anchor("warning", &item.name);
            let path = format!("warnings.{}", item.name);
            let mut entry = self.entry(id, item.label.clone(), &item.name, &item.help, (item.span, path));
            entry.value = vec![Inline::Soft("weight ".to_owned()), Inline::Strong(number(item.weight))];
            let mut terms = vec![("When".to_owned(), vec![self.condition(&item.when)])];
            terms.extend(self.reason(&item.because));
            entry.blocks.push(Block::Terms(terms));
            blocks.push(thing(entry));
        }
        section("warnings", "Step 5: early warnings", blocks)
    }

    pub(super) fn losses(&self) -> Section {
        let mut blocks = Vec::new();
        if let Some(prevention) = &self.pack.prevention {
            let terms: Vec<(String, Vec<Block>)> = prevention
                .rules()
                .map(|(key, rule)| {
                    let words = match key {
                        "lost" => "Who is lost",
                        "recovered" => "Who was lost and is back",
                        "again" => "Lost for the second time",
                        "lost_on" => "Lost on",
                        "revenue" => prevention.revenue_label.as_str(),
                        "margin" => prevention.margin_label.as_str(),
                        _ => "At risk with one who is still here",
                    };
                    (words.to_owned(), vec![self.any(rule)])
                })
                .collect();
            if !terms.is_empty() {
                blocks.push(Block::text(format!(
                    "The cause table counts the losses of {} days against those of as many days before:",
                    prevention.period
                )));
                blocks.push(Block::Terms(terms));
            }
        }
        section("prevention", "Step 5: how losses are counted", blocks)
    }

    pub(super) fn second_life(&self) -> Section {
        let mut blocks = Vec::new();
        if let Some(life) = &self.pack.second_life {
            let terms = life.rules().map(|(key, rule)| {
                let words = match key {
                    "since" => "Begins on",
                    "ended" => "Ended on",
                    "first_start" => "The first life began on",
                    "first_end" => "and ended on",
                    "observed_until" => "Known until",
                    "value" => "What it brought",
                    "predicted" => "What was predicted until now",
                    _ => "Came back with",
                };
                (words.to_owned(), vec![self.any(rule)])
            });
            blocks.push(Block::text("Customers who came back are followed as a cohort of their own:"));
            blocks.push(Block::Terms(terms.collect()));
        }
        section("second-life", "Step 5: the second life", blocks)
    }

    /// A condition or a value, as it comes.
    fn any(&self, rule: &Rule) -> Block {
        if rule.expr.ty == crate::expr::Type::Bool { self.condition(rule) } else { self.value(rule) }
    }
}
