//! Hints that only whoever sees the whole chain of packs can give.

use std::collections::HashMap;

use crate::diag::{Diagnostic, FileId, Sources, code};

use super::overlay::Removed;

/// Adds to findings what overlays have to do with them: that a name is not known because it was removed, and
/// that of two things of one name, each from another pack, one can be removed.
pub(super) fn add(
    diagnostics: &mut [Diagnostic],
    removed: &[Removed],
    layers: &HashMap<FileId, usize>,
    sources: &Sources,
) {
    for diagnostic in diagnostics {
        let Some(primary) = &diagnostic.primary else { continue };
        match diagnostic.code {
            code::UNKNOWN_NAME | code::UNKNOWN_REFERENCE => {
                let name = sources.text(primary.span);
                if let Some(Removed { noun, span, .. }) = removed.iter().find(|removed| removed.name == name) {
                    let text = format!("the {noun} `{name}` is removed here");
                    *diagnostic = diagnostic.clone().related(*span, text);
                }
            }
            code::DUPLICATE_NAME => {
                let layer = layers.get(&primary.span.file);
                if diagnostic.related.iter().any(|label| layers.get(&label.span.file) != layer) {
                    let text =
                        "to replace what a pack extends, drop that first: `NAME = { remove = true }` in its section";
                    *diagnostic = diagnostic.clone().help(text);
                }
            }
            _ => {}
        }
    }
}
