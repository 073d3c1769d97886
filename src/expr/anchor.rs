//! Where an expression's text stands in its file, so that a position in it becomes a span there.

use std::sync::Arc;

use crate::diag::{FileId, Span};

/// Where an expression's text stands.
#[derive(Debug, Clone)]
pub struct Anchor {
    /// The file.
    pub file: FileId,
    /// The byte where the text's first character stands, if the text stands in the file byte for byte.
    pub start: Option<u32>,
    /// The whole value.
    pub whole: Span,
    /// Where the characters of a text stand that is written with escapes. `None` if there are none, or if nobody knows: without
    /// this and without `start`, everything is [`Anchor::whole`].
    pub escapes: Option<Arc<[Piece]>>,
}

/// A stretch of a text that stands in the file byte for byte, or one escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Its first byte in the text.
    pub at: u32,
    /// Where that byte is written.
    pub written: u32,
    /// Of an escape: one past its last byte in the file.
    pub escape_end: Option<u32>,
}

impl Anchor {
    /// A text that stands in the file as it is, its first byte at `start`.
    #[must_use]
    pub fn plain(file: FileId, start: u32, whole: Span) -> Self {
        Anchor { file, start: Some(start), whole, escapes: None }
    }

    /// A text whose characters stand nobody knows where within a value.
    #[must_use]
    pub fn somewhere(whole: Span) -> Self {
        Anchor { file: whole.file, start: None, whole, escapes: None }
    }

    /// Whether places within the text are known.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.start.is_some() || self.escapes.is_some()
    }

    /// The span of bytes `start..end` of the text.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        if let Some(at) = self.start {
            return Span::new(self.file, at as usize + start, at as usize + end);
        }
        match &self.escapes {
            Some(pieces) => {
                let from = first(pieces, start);
                Span::new(self.file, from, last(pieces, end).max(from))
            }
            None => self.whole,
        }
    }

    /// The anchor of the part of the text that begins at byte `at`.
    #[must_use]
    pub fn within(&self, at: usize) -> Anchor {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let start = self.start.map(|start| start.saturating_add(clip(at)));
        let escapes = self.escapes.as_ref().map(|pieces| {
            let begins = pieces.partition_point(|piece| piece.at as usize <= at).saturating_sub(1);
            let rest = pieces.iter().skip(begins).map(|piece| Piece {
                at: piece.at.saturating_sub(clip(at)),
                written: if (piece.at as usize) < at { clip(first(pieces, at)) } else { piece.written },
                escape_end: piece.escape_end,
            });
            rest.collect()
        });
        Anchor { file: self.file, start, whole: self.whole, escapes }
    }
}

/// Where byte `at` of the text is written.
fn first(pieces: &[Piece], at: usize) -> usize {
    let Some(piece) = before(pieces, |piece| piece.at as usize <= at) else { return 0 };
    match piece.escape_end {
        // A byte within an escaped character stands where the escape does.
        Some(_) => piece.written as usize,
        None => piece.written as usize + at - piece.at as usize,
    }
}

/// One past where the byte before `end` is written.
fn last(pieces: &[Piece], end: usize) -> usize {
    let Some(piece) = before(pieces, |piece| (piece.at as usize) < end) else { return first(pieces, end) };
    match piece.escape_end {
        Some(escape_end) => escape_end as usize,
        None => piece.written as usize + end - piece.at as usize,
    }
}

/// The last piece that is still within; pieces stand in order.
fn before(pieces: &[Piece], within: impl Fn(&Piece) -> bool) -> Option<&Piece> {
    pieces.get(pieces.partition_point(within).checked_sub(1)?)
}
