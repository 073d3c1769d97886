//! Sentences with values in them: `silent for {days_silent} days`.

use super::raw::Text;
use crate::diag::{Diagnostic, code};
use crate::expr::Anchor;

/// A part of a sentence, the expressions not yet parsed.
#[derive(Debug)]
pub(super) enum Piece {
    /// As it stands.
    Text(String),
    /// What stands between `{` and `}`.
    Expr {
        /// The expression.
        text: String,
        /// Where it stands.
        anchor: Anchor,
    },
}

/// Splits a sentence at its `{…}`; `{{` and `}}` are braces. `None` if the braces do not match.
pub(super) fn split(sentence: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Piece>> {
    let text = sentence.text.as_str();
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(brace) = rest.find(['{', '}']) else {
            plain.push_str(rest);
            break;
        };
        plain.push_str(rest.get(..brace).unwrap_or(""));
        let found = rest.get(brace..).unwrap_or("");
        at += brace;
        if found.starts_with("{{") || found.starts_with("}}") {
            plain.push_str(found.get(..1).unwrap_or(""));
            at += 2;
            continue;
        }
        let span = sentence.anchor.span(at, at + 1);
        if found.starts_with('}') {
            let diagnostic = Diagnostic::error(code::SYNTAX, span, "there is no `{` for this `}`");
            diagnostics.push(diagnostic.help("write `}}` for a brace in the text"));
            return None;
        }
        let inner = found.get(1..).unwrap_or("");
        let Some(len) = closing(inner) else {
            let diagnostic = Diagnostic::error(code::SYNTAX, span, "this `{` is never closed");
            diagnostics.push(diagnostic.help("write `{{` for a brace in the text"));
            return None;
        };
        let expr = inner.get(..len).unwrap_or("");
        let whole = sentence.anchor.span(at, at + len + 2);
        if expr.trim().is_empty() {
            let diagnostic = Diagnostic::error(code::SYNTAX, whole, "there is nothing between these braces");
            diagnostics.push(diagnostic.help("write an expression, as in `{days_silent}`"));
            return None;
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        pieces.push(Piece::Expr { text: expr.to_owned(), anchor: sentence.anchor.within(at + 1) });
        at += len + 2;
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Some(pieces)
}

/// The byte of the `}` that ends an expression. Braces and quotes within it belong to it.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) => {
                if c == open {
                    quote = None;
                }
            }
            None => match c {
                '"' | '\'' | '`' => quote = Some(c),
                '{' => depth += 1,
                '}' if depth == 0 => return Some(at),
                '}' => depth -= 1,
                _ => {}
            },
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::{FileId, Span};

    fn pieces(text: &str) -> Result<Vec<String>, String> {
        let whole = Span::new(FileId(0), 9, 11 + text.len());
        let sentence = Text { text: text.to_owned(), anchor: Anchor::plain(FileId(0), 10, whole) };
        let mut diagnostics = Vec::new();
        let split = split(&sentence, &mut diagnostics);
        match split {
            Some(pieces) => Ok(pieces
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text,
                    Piece::Expr { text: expr, anchor } => {
                        let start = anchor.start.unwrap() as usize - 10;
                        assert_eq!(&text[start..start + expr.len()], expr);
                        format!("<{expr}>")
                    }
                })
                .collect()),
            None => {
                let place = diagnostics[0].primary.as_ref().unwrap().span;
                Err(format!("{}: {}", place.start - 10, diagnostics[0].message))
            }
        }
    }

    #[test]
    fn splits_at_braces() {
        assert_eq!(pieces("für {x} Tage").unwrap(), ["für ", "<x>", " Tage"]);
        assert_eq!(pieces("{x}{y}").unwrap(), ["<x>", "<y>"]);
        assert_eq!(pieces("{{{x}}}").unwrap(), ["{", "<x>", "}"]);
        assert_eq!(pieces("{if a { \"}\" } else { b }}!").unwrap(), ["<if a { \"}\" } else { b }>", "!"]);
        assert_eq!(pieces("").unwrap(), [""; 0]);
        assert_eq!(pieces("plain").unwrap(), ["plain"]);
    }

    #[test]
    fn braces_that_do_not_match_are_errors_with_their_place() {
        assert_eq!(pieces("ab {x").unwrap_err(), "3: this `{` is never closed");
        assert_eq!(pieces("ab } x").unwrap_err(), "3: there is no `{` for this `}`");
        assert_eq!(pieces("a { } x").unwrap_err(), "2: there is nothing between these braces");
    }
}
