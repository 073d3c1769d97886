//! Diagnostics as json text.

use super::{Diagnostic, Sources};

/// Renders diagnostics.
#[must_use]
pub fn render_json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let _ = (diagnostics, sources);
    todo!()
}
