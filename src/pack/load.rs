//! Reads a pack and what it extends, and runs raw, overlay and resolve over it.

use std::sync::Arc;

use super::Pack;
use crate::diag::{Diagnostic, Sources};

/// What loading gave: the pack if it has no error, and everything there is to say about it.
#[derive(Debug)]
pub struct Loaded {
    /// The pack; `None` if any diagnostic is an error.
    pub pack: Option<Arc<Pack>>,
    /// The texts diagnostics point into (also those of a pack that does not load).
    pub sources: Arc<Sources>,
    /// In order of file and place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Loads a pack: the name of a shipped one (`base`, `retail`) or a folder. A folder wins over a shipped name if it exists.
#[must_use]
pub fn load(pack: &str) -> Loaded {
    let _ = pack;
    todo!()
}

/// Loads a pack from texts in memory: (file name such as `facts.toml` or `scripts/prestige.rhai`, text). For tests and embedding;
/// `extends` may name shipped packs only.
#[must_use]
pub fn load_from_texts(texts: &[(&str, &str)]) -> Loaded {
    let _ = texts;
    todo!()
}
