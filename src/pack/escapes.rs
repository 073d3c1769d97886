//! Where each character of a TOML text with escapes is written.

use std::iter::Peekable;
use std::str::CharIndices;
use std::sync::Arc;

use crate::expr::Piece;

/// The pieces of a text, in order. `inner` stands between the quotes, its first byte at `offset`; `basic` says whether
/// backslashes mean something. `None` if the two do not fit together after all.
pub(super) fn pieces(inner: &str, offset: u32, decoded: &str, basic: bool) -> Option<Arc<[Piece]>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut written = inner.char_indices().peekable();
    let place = |at: usize| offset.checked_add(u32::try_from(at).ok()?);
    for (at, c) in decoded.char_indices() {
        if basic {
            skip_continuations(inner, &mut written);
        }
        let (mut from, mut found) = written.next()?;
        // The parser reads every line end as one line break.
        if found == '\r' && c == '\n' {
            (from, found) = written.next()?;
        }
        let at = u32::try_from(at).ok()?;
        if basic && found == '\\' {
            let (value, end) = escape(inner, &mut written)?;
            if value != c {
                return None;
            }
            pieces.push(Piece { at, written: place(from)?, escape_end: Some(place(end)?) });
        } else {
            if found != c {
                return None;
            }
            let follows = pieces.last().is_some_and(|piece| {
                piece.escape_end.is_none() && place(from).is_some_and(|here| here - piece.written == at - piece.at)
            });
            if !follows {
                pieces.push(Piece { at, written: place(from)?, escape_end: None });
            }
        }
    }
    if basic {
        skip_continuations(inner, &mut written);
    }
    written.next().is_none().then(|| pieces.into())
}

/// A backslash at the end of a line joins it to the next text.
fn skip_continuations(inner: &str, written: &mut Peekable<CharIndices<'_>>) {
    while let Some((at, '\\')) = written.peek().copied() {
        let rest = inner.get(at + 1..).unwrap_or("");
        let blank = rest.trim_start_matches([' ', '\t']);
        if !blank.starts_with(['\n', '\r']) {
            return;
        }
        written.next();
        while written.next_if(|(_, c)| matches!(c, ' ' | '\t' | '\n' | '\r')).is_some() {}
    }
}

/// What follows a backslash: its character, and the byte where it ends.
fn escape(inner: &str, written: &mut Peekable<CharIndices<'_>>) -> Option<(char, usize)> {
    let (at, kind) = written.next()?;
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    let value = match kind {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        '"' | '\\' => kind,
        'x' | 'u' | 'U' => char::from_u32(u32::from_str_radix(inner.get(at + 1..at + 1 + digits)?, 16).ok()?)?,
        _ => return None,
    };
    for _ in 0..digits {
        written.next()?;
    }
    Some((value, at + 1 + digits))
}
