//! The pack in force: everything a pack and what it extends say together, value by value, with the place each comes from.
//!
//! [`blocks`] lays the merged tree out as TOML tables in the order of the format, [`render`] writes them.

pub mod functions;
mod layout;
mod render;
#[cfg(test)]
mod tests;
mod toml_text;

pub use layout::blocks;
pub use render::{Paint, render};

use super::Pack;
use super::raw::{self, Node, Raw};
use crate::diag::Span;

/// A TOML table with its header.
#[derive(Debug, Clone)]
pub struct Block {
    /// `[params.sleep_after]`, `[[states]]`.
    pub header: String,
    /// The section it belongs to: `params`.
    pub section: &'static str,
    /// Keys from the top, and the name in a list: `params.sleep_after`, `states.dormant`.
    pub path: String,
    /// What stands in it.
    pub lines: Vec<Line>,
}

/// A key with its value, as it is written in a block.
#[derive(Debug, Clone)]
pub struct Line {
    /// What stands before the `=`.
    pub key: String,
    /// The value as TOML; may span several lines.
    pub value: String,
    /// The values in it; more than one if a thing is written on one line.
    pub leaves: Vec<Leaf>,
}

/// One value in force.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// Keys and names from the top, joined by dots: `params.sleep_after.value`, `states.dormant.when`.
    pub path: String,
    /// The value.
    pub value: serde_json::Value,
    /// As TOML.
    pub text: String,
    /// Where it is written.
    pub span: Span,
    /// What it takes the place of, the nearest first.
    pub replaced: Vec<Replaced>,
}

/// A value that an overlay has replaced.
#[derive(Debug, Clone)]
pub struct Replaced {
    /// As it is written.
    pub text: String,
    /// Where.
    pub span: Span,
    /// Whether the value that replaced it is the same.
    pub same: bool,
}

/// Something the pack itself drops of what it extends.
#[derive(Debug, Clone)]
pub struct Dropped {
    /// `params.sleep_after`
    pub path: String,
    /// Where `remove = true` is written.
    pub span: Span,
}

impl Pack {
    /// A place without a column, and without a word on where the file lives: `base/facts.toml:12`.
    #[must_use]
    pub fn line_of(&self, span: Span) -> String {
        let place = self.sources.place(span);
        format!("{}:{}", place.file.trim_end_matches(" (shipped)"), place.line)
    }
}

/// Keeps what is wanted. Of a list's thing the `name` stays, without which it says nothing.
#[must_use]
pub fn keep(blocks: Vec<Block>, wanted: impl Fn(&Leaf) -> bool) -> Vec<Block> {
    let mut kept = Vec::new();
    for mut block in blocks {
        let listed = block.header.starts_with("[[");
        // A thing without keys of its own, such as `[offers.voucher]`, has nothing to be asked about.
        if block.lines.is_empty() || !block.lines.iter().any(|line| line.leaves.iter().any(&wanted)) {
            continue;
        }
        block.lines.retain(|line| (listed && line.key == "name") || line.leaves.iter().any(&wanted));
        kept.push(block);
    }
    kept
}

/// What the pack itself drops of what it extends, in the order written.
#[must_use]
pub fn dropped(pack: &Pack) -> Vec<Dropped> {
    let mut found = Vec::new();
    let Some(own) = pack.layers.first() else { return found };
    for file in &own.files {
        let Some(source) = pack.sources.get(*file).filter(|source| !source.name.ends_with(".rhai")) else { continue };
        let parsed = raw::parse(*file, &source.text, &mut Vec::new());
        for (key, entry) in &parsed.table.entries {
            dropped_below(key, &entry.node, &mut found);
        }
    }
    found
}

fn dropped_below(path: &str, node: &Node, found: &mut Vec<Dropped>) {
    match &node.value {
        Raw::Table(table) => {
            if let Some(entry) = table.get("remove").filter(|entry| matches!(entry.node.value, Raw::Bool(true))) {
                found.push(Dropped { path: path.to_owned(), span: entry.key });
                return;
            }
            for (key, entry) in &table.entries {
                dropped_below(&format!("{path}.{key}"), &entry.node, found);
            }
        }
        Raw::List(list) => {
            for node in list {
                if let Raw::Table(table) = &node.value
                    && let Some(name) = table.text("name")
                {
                    dropped_below(&format!("{path}.{}", name.text), node, found);
                }
            }
        }
        _ => {}
    }
}
