//! What the rules were given: facts, rollups and the events behind them, columns.

use super::Page;
use crate::draw::{Cell, Column, Overflow, Role, Table, beside, clean, count, cut, width};
use crate::explain::answer::{Derived, Given};
use crate::explain::known::Known;

impl Page<'_> {
    pub(super) fn facts(&self) -> Option<Vec<String>> {
        self.derived("facts", &self.explanation.facts)
    }

    fn derived(&self, title: &str, list: &[Derived]) -> Option<Vec<String>> {
        if list.is_empty() {
            return None;
        }
        let mut lines = vec![self.title(title)];
        let mut table = Table::new(vec![
            Column::text("").overflow(Overflow::Cut(16)),
            Column::text("").overflow(Overflow::Cut(12)),
            Column::prose("").overflow(Overflow::Wrap(28)),
        ]);
        let room = (self.columns / 5).clamp(12, 30);
        for item in list {
            let mut text = clean(&item.text);
            // A long text does not fit its column: its beginning there, all of it here.
            if width(&item.value.to_string()) > room {
                text = format!("{text}\n\"{}\"", super::shorten(&item.value.to_string()));
            }
            match (&item.unknown, &item.script_error) {
                (Some(unknown), _) => text = format!("{text}\n{}", clean(unknown)),
                (None, Some(error)) => text = format!("{text}\nscript error: {}", clean(&error.told())),
                (None, None) => {}
            }
            let shown = match &item.script_error {
                Some(_) if item.value.0.is_missing() => Cell::new("error", Role::Bad),
                _ => value(&item.value, room),
            };
            table.row(vec![clean(&item.name).into(), shown, Cell::new(text, Role::Dim)]);
        }
        lines.extend(table.draw(self.columns, self.paint));
        Some(lines)
    }

    /// Rollups by table, below them the latest events.
    pub(super) fn rollups(&self) -> Option<Vec<String>> {
        let explanation = self.explanation;
        let mut blocks = Vec::new();
        let mut shown: Vec<&str> = Vec::new();
        for events in &explanation.events {
            let its: Vec<Derived> =
                explanation.rollups.iter().filter(|r| events.rollups.contains(&r.name)).cloned().collect();
            shown.extend(events.rollups.iter().map(String::as_str));
            let rows =
                if events.count == 1 { "1 row".to_owned() } else { format!("{} rows", count(events.count as u64)) };
            let title = format!("from {}: {rows} up to {}", clean(&events.table), explanation.receipt.as_of);
            let mut lines = self.derived(&title, &its).unwrap_or_else(|| vec![self.title(&title)]);
            if !events.last.is_empty() {
                lines.push(String::new());
                lines.extend(self.events(events));
            }
            blocks.push(lines);
        }
        let rest: Vec<Derived> =
            explanation.rollups.iter().filter(|r| !shown.contains(&r.name.as_str())).cloned().collect();
        blocks.extend(self.derived("rollups", &rest));
        (!blocks.is_empty()).then(|| blocks.join(&String::new()))
    }

    fn events(&self, events: &crate::explain::answer::Events) -> Vec<String> {
        let mut table =
            Table::new(events.columns.iter().map(|c| Column::text(&clean(c)).overflow(Overflow::Cut(6))).collect());
        let older = events.count.saturating_sub(events.last.len());
        if older > 0 {
            table.row(vec![Cell::new(format!("… {} earlier", count(older as u64)), Role::Dim)]);
        }
        for row in &events.last {
            table.row(row.iter().map(|v| value(v, 48)).collect());
        }
        let lines = table.draw(self.columns.saturating_sub(4), self.paint);
        // A table of too many columns is cut rather than broken over lines.
        lines
            .iter()
            .map(|l| if width(l) > self.columns - 4 { cut(l, self.columns - 4) } else { l.clone() })
            .map(|l| format!("    {l}"))
            .collect()
    }

    /// The columns of the record, in as many blocks side by side as fit; those that are missing by name only.
    pub(super) fn record(&self) -> Option<Vec<String>> {
        let (missing, given): (Vec<_>, Vec<_>) = self.explanation.record.iter().partition(|g| g.value.0.is_missing());
        if self.explanation.record.is_empty() {
            return None;
        }
        let mut lines = vec![self.title("record")];
        let blocks = if self.columns >= 140 { 3 } else { 2 };
        let gap = 3;
        let room = (self.columns - gap * (blocks - 1)) / blocks;
        let mut drawn: Vec<String> = Vec::new();
        let fits = |g: &&&Given| width(&g.name) + 2 + width(&g.value.to_string()) <= room;
        let (short, long): (Vec<&Given>, Vec<&Given>) = given.iter().partition(fits);
        let per_block = short.len().div_ceil(blocks).max(1);
        for (i, chunk) in short.chunks(per_block).enumerate() {
            let mut table = Table::new(vec![
                Column::text("").overflow(Overflow::Cut(10)),
                Column::text("").overflow(Overflow::Cut(8)),
            ]);
            for g in chunk {
                table.row(vec![Cell::new(clean(&g.name), Role::Dim), value(&g.value, room)]);
            }
            let block = table.draw(room, self.paint);
            drawn = if i == 0 { block } else { beside(&drawn, &block, i * (room + gap) - gap, gap) };
        }
        lines.extend(drawn);
        for g in long {
            let text = super::shorten(&g.value.to_string());
            let mut part = self.hanging(&format!("{}  {text}", clean(&g.name)), 0, 4);
            if let Some(first) = part.first_mut() {
                *first = first.replacen(&clean(&g.name), &self.paint.dim(&clean(&g.name)), 1);
            }
            lines.extend(part);
        }
        if !missing.is_empty() {
            let names = missing.iter().map(|g| clean(&g.name)).collect::<Vec<_>>().join(", ");
            lines.extend(self.faint(&format!("not known: {names}")));
        }
        Some(lines)
    }
}

/// A value in a cell, unknown standing out.
fn value(known: &Known, columns: usize) -> Cell {
    match known.0.is_missing() {
        true => Cell::new("unknown", Role::Warn),
        false => Cell::from(cut(&clean(&known.to_string()), columns)),
    }
}
