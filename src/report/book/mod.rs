//! The rule book: a pack in words, for people who do not read TOML.
//!
//! [`book`] writes a pack down as a [`Book`], a document in memory; [`to_markdown`] and [`to_html`] draw it. The order is that
//! of a decision. Every thing has an anchor, and every name in a sentence leads to where it is described.

mod chapters;
mod html;
mod index;
mod markdown;
pub mod model;
pub(crate) mod number;
mod svg;
#[cfg(test)]
mod tests;
mod words;

pub use html::to_html;
pub use markdown::to_markdown;
pub use model::Book;

use crate::pack::Pack;

/// Writes a pack down.
#[must_use]
pub fn book(pack: &Pack) -> Book {
    let index = index::Index::of(pack);
    chapters::Writer::new(pack, &index).book()
}
