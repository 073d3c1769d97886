//! A campaign's `plugin` against what a pack below it writes out.
//!
//! Within one pack a key written out goes before the plugin. Of an overlay the plugin is what was said last, so the `success` or
//! `value` that it inherits gives way, as far as the script has a function of that name.

use std::collections::HashMap;

use super::overrides::Override;
use super::raw::{Node, Raw, Table};
use crate::diag::{FileId, Span};
use crate::script::Scripts;

/// The keys a plugin of a campaign stands for.
const KEYS: [&str; 2] = ["success", "value"];

/// Takes out what gives way, and says what it was. `layers`: which pack of the chain a file belongs to, 0 the nearest.
pub(super) fn settle(root: &mut Table, scripts: &Scripts, layers: &HashMap<FileId, usize>) -> Vec<Override> {
    let mut found = Vec::new();
    let Some(Raw::List(campaigns)) = root.entries.get_mut("campaigns").map(|entry| &mut entry.node.value) else {
        return found;
    };
    for campaign in campaigns {
        let Raw::Table(table) = &mut campaign.value else { continue };
        let (Some(plugin), Some(name)) = (table.get("plugin"), table.text("name")) else { continue };
        let Raw::Text(module) = &plugin.node.value else { continue };
        let (layer, name) = (layers.get(&plugin.key.file), name.text.clone());
        let over = module.span();
        let gives_way = |key: &&str| {
            let below = table.get(key).is_some_and(|entry| layers.get(&entry.key.file) > layer);
            below && scripts.find(&module.text, key).is_some()
        };
        let keys: Vec<&str> = KEYS.into_iter().filter(gives_way).collect();
        for key in keys {
            let Some(entry) = table.entries.shift_remove(key) else { continue };
            let path = format!("campaigns.{name}.plugin");
            found.push(Override { path, base: place(&entry.node), over, same: false });
        }
    }
    found
}

/// Where a value is written; of a text, what stands between the quotes.
fn place(node: &Node) -> Span {
    match &node.value {
        Raw::Text(text) => text.span(),
        _ => node.span,
    }
}
