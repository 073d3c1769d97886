//! The manual pages of all codes: `manual/RG0123.md`.

use crate::diag::Code;

/// The page of a code, as Markdown.
#[must_use]
pub fn page(_code: Code) -> Option<&'static str> {
    None
}
