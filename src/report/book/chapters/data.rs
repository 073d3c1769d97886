//! What is known of a customer: the record, events, and what is computed from them.

use super::super::index::{anchor, help, read_by, type_word};
use super::super::model::{Block, Inline, Line, Section};
use super::super::number::{spaced, title};
use super::super::words::{rollup, text};
use super::{Writer, codes, section, thing};
use crate::pack::{Column, Table};

impl Writer<'_> {
    pub(super) fn record(&self) -> Section {
        let record = &self.pack.record;
        let mut lead = vec![
            text("One row per customer, from the table "),
            Inline::Code(record.table.clone()),
            text(". A customer is known by "),
            Inline::Code(record.key.clone()),
        ];
        if !record.key_from.is_empty() {
            lead.push(text(", in a file also called "));
            lead.extend(codes(&record.key_from));
        }
        lead.push(text("."));
        let mut blocks = vec![Block::Paragraph(lead)];
        for join in &record.joins {
            let mut line = vec![
                text("At most one row per customer comes from the table "),
                Inline::Code(join.name.clone()),
                text(if join.optional { ", if there is one. " } else { ". " }),
            ];
            line.extend(self.prose(&join.help));
            blocks.push(Block::Paragraph(line));
        }
        if let Some(sql) = &record.sql {
            blocks.push(Block::text("The record is built by a query of the pack's own:"));
            blocks.push(Block::Code(sql.text.clone()));
        }
        for column in &record.columns {
            let id = anchor("column", &column.name);
            let place = (column.span, format!("record.columns.{}", column.name));
            let mut entry = self.entry(id, title(&column.name), &column.name, &column.help, place);
            entry.value = vec![Inline::Soft(self.kind(column))];
            entry.blocks.extend(values(column));
            if !column.from.is_empty() {
                let mut line = vec![Inline::Soft("in a file also called ".to_owned())];
                line.extend(codes(&column.from));
                entry.notes.insert(0, line);
            }
            entry.notes.push(read_by(self.index, &column.name));
            blocks.push(thing(entry));
        }
        section("record", "What we know of a customer", blocks)
    }

    /// `date, need not be there`
    fn kind(&self, column: &Column) -> String {
        let ty = type_word(column.ty);
        let from = column.table.as_ref().filter(|table| **table != self.pack.record.table);
        let from = from.map(|table| format!(", from {table}")).unwrap_or_default();
        let optional = if column.optional { "" } else { ", required" };
        format!("{ty}{from}{optional}")
    }

    pub(super) fn events(&self) -> Section {
        let mut blocks = Vec::new();
        if !self.pack.tables.is_empty() {
            blocks.push(Block::text(
                "Tables with many rows per customer. What lies after the day of the decision is never seen.",
            ));
        }
        blocks.extend(self.pack.tables.values().map(|table| self.event_table(table)));
        if !self.pack.rollups.is_empty() {
            blocks.push(Block::Heading { id: "rollups".to_owned(), text: "Counted and summed up".to_owned() });
            blocks.push(Block::text("From many events to one value per customer."));
        }
        for item in &self.pack.rollups {
            let id = anchor("rollup", &item.name);
            let help = help(self.pack, "rollups", &item.name);
            let place = (item.span, format!("rollups.{}", item.name));
            let mut entry = self.entry(id, title(&item.name), &item.name, &help, place);
            let words = vec![Block::Paragraph(rollup(self.pack, self.index, item))];
            entry.blocks.push(Block::Rule { words, written: item.text.clone() });
            entry.notes.push(read_by(self.index, &item.name));
            blocks.push(thing(entry));
        }
        section("events", "What happened: events", blocks)
    }

    fn event_table(&self, table: &Table) -> Block {
        let id = anchor("table", &table.name);
        let place = (table.span, format!("tables.{}", table.name));
        let mut entry = self.entry(id, title(&table.name), &table.name, &table.help, place);
        entry.value = vec![Inline::Soft(if table.optional { "need not be there" } else { "required" }.to_owned())];
        let mut line = vec![text("Customers are known by "), Inline::Code(table.key.clone())];
        if let Some(time) = &table.time {
            line.push(text(", the day of an event by "));
            line.push(Inline::Code(time.clone()));
        }
        line.push(text("."));
        if table.merge_day {
            line.push(text(" Several rows of one customer on one day are one event."));
        }
        entry.blocks.push(Block::Paragraph(line));
        let rows = table.columns.iter().map(|column| {
            let mut about: Line = self.prose(&column.help);
            if !column.values.is_empty() {
                about.push(Inline::Soft(" One of ".to_owned()));
                about.extend(codes(&column.values));
                about.push(text("."));
            }
            if !column.from.is_empty() {
                about.push(Inline::Soft(" In a file also called ".to_owned()));
                about.extend(codes(&column.from));
                about.push(text("."));
            }
            vec![vec![text(spaced(&column.name))], vec![Inline::Soft(self.kind(column))], about]
        });
        let head = ["Column", "Type", "Meaning"].map(str::to_owned).to_vec();
        entry.blocks.push(Block::Table { head, rows: rows.collect() });
        thing(entry)
    }

    pub(super) fn facts(&self) -> Section {
        let mut blocks = Vec::new();
        if !self.pack.facts.is_empty() {
            blocks.push(Block::text(
                "Values that several rules need, worked out once. A value is unknown where what it needs is unknown.",
            ));
        }
        for fact in &self.pack.facts {
            let id = anchor("fact", &fact.name);
            let help = help(self.pack, "facts", &fact.name);
            let place = (fact.span, format!("facts.{}", fact.name));
            let mut entry = self.entry(id, title(&fact.name), &fact.name, &help, place);
            entry.value = vec![Inline::Soft(type_word(fact.expr.ty).to_owned())];
            entry.blocks.push(self.formula(&fact.expr, &fact.text));
            entry.notes.push(read_by(self.index, &fact.name));
            blocks.push(thing(entry));
        }
        section("facts", "What we work out", blocks)
    }
}

/// The values a column is known to have.
fn values(column: &Column) -> Option<Block> {
    if column.values.is_empty() {
        return None;
    }
    let mut line = vec![text("Known values: ")];
    line.extend(codes(&column.values));
    line.push(text("."));
    Some(Block::Paragraph(line))
}
