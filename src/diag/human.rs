//! Diagnostics as human text.

use super::{Diagnostic, Sources};

/// Renders diagnostics.
#[must_use]
pub fn render_human(diagnostics: &[Diagnostic], sources: &Sources, color: bool, width: usize) -> String {
    let _ = (diagnostics, sources, color, width);
    todo!()
}
