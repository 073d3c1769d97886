//! The frame an answer is drawn in: how wide it is, its colours, and how its blocks are put together.

use super::head::head;
use crate::draw::{Paint, Table, wrap};

/// From this width on, more columns fit.
const ROOMY: usize = 120;

/// How wide, and how coloured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// 72 to 200.
    pub(super) columns: usize,
    pub(super) paint: Paint,
    /// Whether there is room for more than the main columns.
    pub(super) roomy: bool,
}

impl Frame {
    pub(super) fn new(columns: usize, color: bool) -> Self {
        let columns = columns.clamp(72, 200);
        Frame { columns, paint: Paint::new(color), roomy: columns >= ROOMY }
    }

    /// The first line: see [`head`].
    pub(super) fn head(&self, pack: &str, version: &str, hash: &str, as_of: impl std::fmt::Display) -> String {
        head(pack, version, hash, as_of, self.columns, self.paint)
    }

    /// A remark, in lines that are not too long to read.
    pub(super) fn note(&self, text: &str) -> Vec<String> {
        wrap(text, self.columns.min(ROOMY)).iter().map(|line| self.paint.dim(line)).collect()
    }

    /// A table in lines.
    pub(super) fn draw(&self, table: &Table) -> Vec<String> {
        table.draw(self.columns, self.paint)
    }
}

/// Blocks of lines with an empty line between them, ending in a line break; those without lines are left out.
pub(super) fn page(blocks: impl IntoIterator<Item = Vec<String>>) -> String {
    let blocks = blocks.into_iter().filter(|block| !block.is_empty()).map(|block| block.join("\n"));
    let mut page = blocks.collect::<Vec<_>>().join("\n\n");
    page.push('\n');
    page
}
