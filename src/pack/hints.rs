//! Hints that only whoever sees the whole chain of packs can give: what an overlay has to do with a finding in what it extends,
//! and the other way round.

use std::collections::HashMap;

use super::overlay::Removed;
use super::{Override, Pack};
use crate::diag::{Diagnostic, FileId, Span, code};
use crate::expr::{NameKind, Type};

/// How many places of other packs a finding shows.
const MOST: usize = 3;

/// Adds to findings what overlays have to do with them: that a name is not known, or a key not there, because it was removed; that
/// of two things of one name, each from another pack, one can be removed; and where another pack says what a value is that does not fit.
pub(super) fn add(diagnostics: &mut [Diagnostic], removed: &[Removed], layers: &HashMap<FileId, usize>, pack: &Pack) {
    for diagnostic in diagnostics {
        let Some(primary) = &diagnostic.primary else { continue };
        let (place, name) = (primary.span, pack.sources.text(primary.span));
        match diagnostic.code {
            code::UNKNOWN_NAME | code::UNKNOWN_REFERENCE => {
                // `orders.amount` is gone, too, if `orders` or its column `amount` is.
                // A function without parentheses reads names that stand in its script only.
                let by_name = diagnostic.related.iter().map(|label| pack.sources.text(label.span));
                let parts: Vec<&str> = name.split('.').chain(by_name).collect();
                let gone = |removed: &&Removed| removed.noun != "key" && parts.contains(&removed.name.as_str());
                if let Some(Removed { noun, span, name, .. }) = removed.iter().find(gone) {
                    let text = format!("the {noun} `{name}` is removed here");
                    *diagnostic = diagnostic.clone().related(*span, text);
                    // It was no slip.
                    let (reads, removes) = (layers.get(&place.file), layers.get(&span.file));
                    diagnostic.help = vec![if removes < reads {
                        format!("keep `{name}`, or give what reads it anew in the pack that removes it")
                    } else {
                        format!("use something else here, or declare `{name}` anew")
                    }];
                }
            }
            code::MISSING_KEY | code::BAD_SCORING => {
                for Removed { name, span, .. } in removed.iter().filter(|removed| removed.of.contains(&place)) {
                    *diagnostic = diagnostic.clone().related(*span, format!("`{name}` is removed here"));
                }
            }
            code::DUPLICATE_NAME => {
                let layer = layers.get(&place.file);
                if diagnostic.related.iter().any(|label| layers.get(&label.span.file) != layer) {
                    let text =
                        "to replace what a pack extends, drop that first: `NAME = { remove = true }` in its section";
                    *diagnostic = diagnostic.clone().help(text);
                }
            }
            code::TYPE | code::ARGUMENTS => {
                for (span, text) in elsewhere(place, name, layers, pack) {
                    *diagnostic = diagnostic.clone().related(span, text);
                }
            }
            _ => {}
        }
        cause_first(diagnostic, layers);
        if let Some((span, text)) = replaced(diagnostic, layers, pack) {
            *diagnostic = diagnostic.clone().related(span, text);
        }
    }
}

/// A value of a pack that is extended does not fit what an overlay says since (`min`, `max`, `unit`): whoever reads the
/// finding can change the overlay, so that is where it points first.
fn cause_first(diagnostic: &mut Diagnostic, layers: &HashMap<FileId, usize>) {
    let (Some(primary), [label]) = (&mut diagnostic.primary, diagnostic.related.as_mut_slice()) else { return };
    // Without a layer it is none of the pack's.
    let (Some(of), Some(by)) = (layers.get(&primary.span.file), layers.get(&label.span.file)) else { return };
    if diagnostic.code == code::BAD_VALUE && by < of && primary.text.is_empty() {
        std::mem::swap(&mut primary.span, &mut label.span);
        std::mem::swap(&mut primary.text, &mut label.text);
        label.text = "this is set here".to_owned();
    }
}

/// Of a finding in a value that an overlay gives anew: what it takes the place of.
fn replaced(diagnostic: &Diagnostic, layers: &HashMap<FileId, usize>, pack: &Pack) -> Option<(Span, String)> {
    let about_a_value =
        matches!(diagnostic.code, code::BAD_VALUE | code::UNKNOWN_REFERENCE | code::BAD_SCORING | code::BAD_NAME)
            || (200..300).contains(&diagnostic.code.0);
    let place = diagnostic.primary.as_ref().filter(|_| about_a_value)?.span;
    let holds = |span: Span| span.file == place.file && span.start <= place.start && place.end <= span.end;
    let value = pack.overrides.iter().rev().find(|value| holds(value.over) && !value.same)?;
    let layer = layers.get(&value.base.file)?;
    if diagnostic.related.iter().any(|label| label.span.file == value.base.file && label.span.start == value.base.start)
    {
        return None;
    }
    // Of a list over several lines the first is enough to find it.
    let written = pack.sources.text(value.base);
    let length = written.lines().next().map_or(0, str::len);
    let span = Span::new(value.base.file, value.base.start as usize, value.base.start as usize + length);
    let name = pack.layers.get(*layer).map(|layer| layer.name.as_str()).unwrap_or_default();
    Some((span, format!("in `{name}` it is this")))
}

/// The names in an expression that another pack of the chain gives, and where it does.
fn elsewhere(place: Span, text: &str, layers: &HashMap<FileId, usize>, pack: &Pack) -> Vec<(Span, String)> {
    let layer = layers.get(&place.file);
    let mut found: Vec<(Span, String)> = Vec::new();
    for name in names(text) {
        let Some((noun, path, declared, ty)) = known(name, pack) else { continue };
        let anew = pack.overrides.iter().rev().find(|value| value.path == path && !value.same);
        let entry = match (anew, declared) {
            (Some(Override { over, .. }), _) if layers.get(&over.file) != layer => {
                (*over, format!("the {noun} `{name}` is a {ty} since here"))
            }
            (None, Some(span)) if layers.get(&span.file) != layer => (span, format!("the {noun} `{name}` is a {ty}")),
            _ => continue,
        };
        if !found.contains(&entry) && found.len() < MOST {
            found.push(entry);
        }
    }
    found
}

/// What a name stands for, the path of what gives it its type, where it is declared, and its type.
fn known(name: &str, pack: &Pack) -> Option<(&'static str, String, Option<Span>, Type)> {
    if let Some((table, column)) = name.split_once('.') {
        let found = pack.tables.get(table)?.columns.iter().find(|known| known.name == column)?;
        return Some(("column", format!("tables.{table}.columns.{column}.type"), Some(found.span), found.ty));
    }
    let known = pack.names.get(pack.names.find(name)?);
    let (noun, path) = match known.kind {
        NameKind::Param => ("parameter", format!("params.{name}.value")),
        NameKind::Column => ("column", format!("record.columns.{name}.type")),
        NameKind::Rollup => ("rollup", format!("rollups.{name}.value")),
        NameKind::Fact => ("fact", format!("facts.{name}.value")),
        _ => return None,
    };
    Some((noun, path, known.span, known.ty))
}

/// The words of an expression that stand outside of its texts.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').step_by(2).flat_map(|part| part.split(|c: char| !c.is_alphanumeric() && !"_.".contains(c)))
}
