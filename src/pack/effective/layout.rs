//! From the merged tree to TOML tables: what stands on one line, and what gets a header.

use super::toml_text::{json, key, written};
use super::{Block, Leaf, Line, Replaced};
use crate::diag::Span;
use crate::pack::format::{self, Keys, Kind};
use crate::pack::raw::{Entry, Node, Raw, Table};
use crate::pack::{Override, Pack};

/// The whole pack in the order of the format.
#[must_use]
pub fn blocks(pack: &Pack) -> Vec<Block> {
    let mut layout = Layout { pack, section: "", blocks: Vec::new() };
    for section in format::PACK.iter() {
        let Some(entry) = pack.tree.get(section.name) else { continue };
        layout.section = section.name;
        layout.section(section.name, &section.kind, entry);
    }
    layout.blocks
}

/// State while a pack is laid out.
struct Layout<'a> {
    pack: &'a Pack,
    section: &'static str,
    blocks: Vec<Block>,
}

impl Layout<'_> {
    fn section(&mut self, name: &str, kind: &Kind, entry: &Entry) {
        match (kind, &entry.node.value) {
            (Kind::Table(keys), Raw::Table(table)) => self.table(&[name], name, &format!("[{name}]"), keys, table),
            (Kind::Things(things), Raw::Table(table)) => {
                self.things(&[name], things.keys, things.bare.is_some(), table)
            }
            (Kind::Lints, Raw::Table(table)) => self.things(&[name], &format::LINT, true, table),
            (Kind::Listed(keys), Raw::List(list)) => {
                for node in list {
                    let Raw::Table(table) = &node.value else { continue };
                    let thing = table.text("name").map(|text| text.text.as_str()).unwrap_or_default();
                    self.table(&[name], &format!("{name}.{thing}"), &format!("[[{name}]]"), keys, table);
                }
            }
            _ => {}
        }
    }

    /// A table of known keys, and below it those that are tables of their own.
    fn table(&mut self, keys: &[&str], path: &str, header: &str, of: &'static Keys, table: &Table) {
        let place = self.blocks.len();
        self.open(header, path);
        let mut lines = Vec::new();
        for (name, entry) in &table.entries {
            if name == "extends" && self.section == "pack" {
                // What it extends is in here already.
                continue;
            }
            let below = format!("{path}.{name}");
            let full: Vec<&str> = keys.iter().copied().chain([name.as_str()]).collect();
            let kind = of.get(name).map(|key| &key.kind);
            match (kind, &entry.node.value) {
                (Some(Kind::Table(of)), Raw::Table(table)) => {
                    self.table(&full, &below, &header_of(&full), of, table);
                }
                (Some(Kind::Things(things)), Raw::Table(table)) => {
                    self.things(&full, things.keys, things.bare.is_some(), table);
                }
                (_, Raw::Table(table)) if !self.on_one_line(table) => {
                    self.dotted(&key(name), &below, table, &mut lines)
                }
                _ => lines.push(self.line(key(name), &below, &entry.node)),
            }
        }
        if let Some(block) = self.blocks.get_mut(place) {
            block.lines = lines;
        }
    }

    /// Things by name: on a line each where most are written so, else with a header each.
    fn things(&mut self, keys: &[&str], of: &'static Keys, bare: bool, table: &Table) {
        let path = keys.join(".");
        let on_a_line = table.entries.values().filter(|entry| self.is_short(entry, bare)).count();
        if 2 * on_a_line < table.entries.len() {
            for (name, entry) in &table.entries {
                let full: Vec<&str> = keys.iter().copied().chain([name.as_str()]).collect();
                let below = format!("{path}.{name}");
                match &entry.node.value {
                    Raw::Table(table) => self.table(&full, &below, &header_of(&full), of, table),
                    // A bare value is wrapped when packs are merged; what is left is no thing at all.
                    _ => self.open(&header_of(&full), &below),
                }
            }
            return;
        }
        if table.entries.is_empty() {
            return;
        }
        self.open(&header_of(keys), &path);
        let mut lines = Vec::new();
        for (name, entry) in &table.entries {
            let below = format!("{path}.{name}");
            let name = key(name);
            match &entry.node.value {
                Raw::Table(table) if !self.is_short(entry, bare) => self.dotted(&name, &below, table, &mut lines),
                Raw::Table(table) => {
                    let mut leaves = Vec::new();
                    for (key, entry) in &table.entries {
                        leaves.push(self.leaf(&format!("{below}.{key}"), &entry.node));
                    }
                    let value = match table.get("value") {
                        Some(entry) if bare && table.entries.len() == 1 => written(&entry.node, &self.pack.sources),
                        _ => self.inline(table),
                    };
                    lines.push(Line { key: name, value, leaves });
                }
                _ => lines.push(self.line(name, &below, &entry.node)),
            }
        }
        if let Some(block) = self.blocks.last_mut() {
            block.lines = lines;
        }
    }

    /// Whether a thing can stand on one line without losing the place of a value.
    fn is_short(&self, entry: &Entry, bare: bool) -> bool {
        let Raw::Table(table) = &entry.node.value else { return true };
        let alone = table.entries.len() == 1 && !(bare && table.get("value").is_some());
        let beside = |inner: &Entry| self.line_at(inner.node.span) == self.line_at(entry.key);
        !table.entries.is_empty() && self.on_one_line(table) && (!alone || table.entries.values().any(beside))
    }

    /// `a.b = 1` for everything below a table.
    fn dotted(&self, name: &str, path: &str, table: &Table, lines: &mut Vec<Line>) {
        if table.entries.is_empty() {
            lines.push(Line { key: name.to_owned(), value: "{}".to_owned(), leaves: Vec::new() });
        }
        for (below, entry) in &table.entries {
            let name = format!("{name}.{}", key(below));
            let path = format!("{path}.{below}");
            match &entry.node.value {
                Raw::Table(table) => self.dotted(&name, &path, table, lines),
                _ => lines.push(self.line(name, &path, &entry.node)),
            }
        }
    }

    fn inline(&self, table: &Table) -> String {
        let pairs: Vec<String> = table
            .entries
            .iter()
            .map(|(name, entry)| format!("{} = {}", key(name), written(&entry.node, &self.pack.sources)))
            .collect();
        if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
    }

    fn open(&mut self, header: &str, path: &str) {
        let block =
            Block { header: header.to_owned(), section: self.section, path: path.to_owned(), lines: Vec::new() };
        self.blocks.push(block);
    }

    fn line(&self, key: String, path: &str, node: &Node) -> Line {
        let value = match &node.value {
            Raw::Table(table) => self.inline(table),
            _ => written(node, &self.pack.sources),
        };
        let leaves = match &node.value {
            Raw::Table(table) if !table.entries.is_empty() => {
                table.entries.iter().map(|(name, entry)| self.leaf(&format!("{path}.{name}"), &entry.node)).collect()
            }
            _ => vec![self.leaf(path, node)],
        };
        Line { key, value, leaves }
    }

    fn leaf(&self, path: &str, node: &Node) -> Leaf {
        let replaced = self
            .pack
            .overrides
            .iter()
            .rev()
            .filter(|over| over.path == path)
            .map(|over: &Override| Replaced { text: self.shown(over.base), span: over.base, same: over.same })
            .collect();
        let text = written(node, &self.pack.sources);
        Leaf { path: path.to_owned(), value: json(node), text, span: node.span, replaced }
    }

    /// A value as it is written, on one line. The place of a text is what stands between its quotes.
    fn shown(&self, span: Span) -> String {
        let around = Span { start: span.start.saturating_sub(1), end: span.end.saturating_add(1), ..span };
        let text = self.pack.sources.text(around);
        let quoted = |quote: char| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote);
        let text = if quoted('\'') || quoted('"') { text } else { self.pack.sources.text(span) };
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether everything in a table stands on one line of one file, and nothing in it is a table of its own.
    fn on_one_line(&self, table: &Table) -> bool {
        let plain = |node: &Node| match &node.value {
            Raw::Table(_) => false,
            Raw::List(list) => !list.iter().any(|node| matches!(node.value, Raw::Table(_))),
            _ => true,
        };
        let mut lines = table.entries.values().map(|entry| self.line_at(entry.node.span));
        let first = lines.next();
        table
            .entries
            .values()
            .all(|entry| plain(&entry.node) && !self.pack.sources.text(entry.node.span).contains('\n'))
            && lines.all(|line| Some(line) == first)
    }

    /// The file and line of a place.
    fn line_at(&self, span: Span) -> (crate::diag::FileId, usize) {
        (span.file, self.pack.sources.place(span).line)
    }
}

/// `[tables.orders.columns]`
fn header_of(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|name| key(name)).collect();
    format!("[{}]", keys.join("."))
}
