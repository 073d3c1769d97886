//! Diagnostics as short text.

use super::{Diagnostic, Sources};

/// Renders diagnostics.
#[must_use]
pub fn render_short(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let _ = (diagnostics, sources);
    todo!()
}
