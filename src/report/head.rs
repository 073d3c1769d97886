//! The first line of an answer: the pack, its version and hash, and the day.

use crate::draw::{Paint, clean, cut, width};

/// `haus-und-herd 1.0.0 · 87a707ef · as of 2026-06-30`, cut to `columns`.
pub(crate) fn head(
    pack: &str,
    version: &str,
    hash: &str,
    as_of: impl std::fmt::Display,
    columns: usize,
    paint: Paint,
) -> String {
    let name = format!("{} {}", clean(pack), clean(version));
    let rest = format!(" · {} · as of {as_of}", hash.get(..8).unwrap_or(hash));
    let name = cut(&name, columns.saturating_sub(width(&rest)));
    format!("{}{}", paint.strong(&name), paint.dim(&rest))
}
