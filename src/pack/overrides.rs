//! What an overlay changes of what it extends, value by value: for `regain show`, for lints, and for diagnostics that point to both files.

use super::overlay::is_removal;
use super::raw::{Entry, Node, Raw, Table};
use crate::diag::Span;

/// One value that an overlay gives anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Keys and names from the top, joined by dots: `params.sleep_after.value`, `states.dormant.when`.
    pub path: String,
    /// Where the value that was in force before is written.
    pub base: Span,
    /// Where the one in force now is written.
    pub over: Span,
    /// Whether both are the same: the overlay changes nothing here.
    pub same: bool,
}

/// What `over` changes of `base`, in the order written. What is new is not listed, nor what is removed.
pub fn overrides(base: &Table, over: &Table) -> Vec<Override> {
    let mut found = Vec::new();
    for (key, entry) in &over.entries {
        // Identity is not inherited.
        if key != "pack"
            && let Some(below) = base.get(key)
        {
            value(key, below, entry, &mut found);
        }
    }
    found
}

fn value(path: &str, base: &Entry, over: &Entry, found: &mut Vec<Override>) {
    match (&base.node.value, &over.node.value) {
        (Raw::Table(below), Raw::Table(table)) => within(path, below, table, found),
        // `sleep_after = 120` stands for `sleep_after.value = 120`.
        (Raw::Table(below), _) => {
            if let Some(inner) = below.get("value") {
                leaf(&format!("{path}.value"), &inner.node, &over.node, found);
            }
        }
        (Raw::List(below), Raw::List(list)) if !path.contains('.') && list.iter().any(|node| name(node).is_some()) => {
            for node in list {
                let Some(text) = name(node) else { continue };
                let same_name = below.iter().find(|other| name(other) == Some(text));
                if let (Some(Node { value: Raw::Table(base), .. }), Raw::Table(table)) = (same_name, &node.value) {
                    within(&format!("{path}.{text}"), base, table, found);
                }
            }
        }
        _ => leaf(path, &base.node, &over.node, found),
    }
}

fn within(path: &str, base: &Table, over: &Table, found: &mut Vec<Override>) {
    for (key, entry) in &over.entries {
        if matches!(key.as_str(), "name" | "before" | "after" | "remove") || is_removal(&entry.node) {
            continue;
        }
        if let Some(below) = base.get(key) {
            value(&format!("{path}.{key}"), below, entry, found);
        }
    }
}

fn leaf(path: &str, base: &Node, over: &Node, found: &mut Vec<Override>) {
    found.push(Override {
        path: path.to_owned(),
        base: place(base),
        over: place(over),
        same: same(&base.value, &over.value),
    });
}

/// Where a value is written; of a text, what stands between the quotes.
fn place(node: &Node) -> Span {
    match &node.value {
        Raw::Text(text) => text.span(),
        _ => node.span,
    }
}

fn name(node: &Node) -> Option<&str> {
    match &node.value {
        Raw::Table(table) => table.text("name").map(|text| text.text.as_str()),
        _ => None,
    }
}

/// Whether two values are the same, wherever they are written.
fn same(a: &Raw, b: &Raw) -> bool {
    match (a, b) {
        (Raw::Text(a), Raw::Text(b)) => a.text == b.text,
        (Raw::Number(a), Raw::Number(b)) => a == b,
        (Raw::Bool(a), Raw::Bool(b)) => a == b,
        (Raw::Date(a), Raw::Date(b)) => a == b,
        (Raw::List(a), Raw::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(&a.value, &b.value)),
        (Raw::Table(a), Raw::Table(b)) => {
            a.entries.len() == b.entries.len()
                && a.entries
                    .iter()
                    .all(|(key, entry)| b.get(key).is_some_and(|other| same(&entry.node.value, &other.node.value)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::Sources;
    use crate::pack::raw;

    #[test]
    fn only_what_is_given_anew_is_listed() {
        let mut sources = Sources::default();
        let mut diagnostics = Vec::new();
        let mut read = |name: &str, text: &str| {
            let file = sources.add(name, text);
            raw::parse(file, text, &mut diagnostics).table
        };
        let base = read(
            "base.toml",
            "[params.x]\nvalue = 1\nhelp = 'h'\n[[states]]\nname = 'a'\nwhen = 'x > 1'\n[criteria.c]\ncurve = [[0, 1]]\n",
        );
        let over = read(
            "over.toml",
            "[params]\nx = 2\ny = 3\n[[states]]\nname = 'a'\nwhen = 'x > 1'\nhelp = 'new'\n[criteria.c]\ncurve = [[0, 2]]\n",
        );
        let found: Vec<(String, bool)> = overrides(&base, &over).into_iter().map(|o| (o.path, o.same)).collect();
        assert_eq!(
            found,
            [
                ("params.x.value".to_owned(), false),
                ("states.a.when".to_owned(), true),
                ("criteria.c.curve".to_owned(), false),
            ]
        );
    }
}
