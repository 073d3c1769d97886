//! The text of a script, and where in it a position of Rhai is.

use std::sync::Arc;

use rhai::Position;

use crate::diag::{FileId, Span};

/// Characters between two marks.
const STRIDE: usize = 64;

/// The file a function stands in. Cheap to clone.
#[derive(Clone)]
pub(super) struct Text {
    pub(super) file: FileId,
    pub(super) text: Arc<str>,
    places: Arc<Places>,
}

/// Where lines and characters begin, so that no place is looked for from the start of the text: scripts have many.
struct Places {
    /// Of each line, the byte and the character it begins with.
    lines: Vec<(usize, usize)>,
    /// The byte of every 64th character.
    marks: Vec<usize>,
}

impl Text {
    pub(super) fn new(file: FileId, text: Arc<str>) -> Text {
        let mut places = Places { lines: vec![(0, 0)], marks: Vec::with_capacity(text.len() / STRIDE + 1) };
        for (count, (byte, c)) in text.char_indices().enumerate() {
            if count % STRIDE == 0 {
                places.marks.push(byte);
            }
            if c == '\n' {
                places.lines.push((byte + 1, count + 1));
            }
        }
        Text { file, text, places: Arc::new(places) }
    }

    /// The byte a position stands for; the end of the text if it has none.
    pub(super) fn offset(&self, position: Position) -> usize {
        let end = self.text.len();
        let (Some(line), column) = (position.line(), position.position().unwrap_or(0)) else {
            return self.text.trim_end().len();
        };
        let Some((_, first)) = self.places.lines.get(line.saturating_sub(1)) else { return end };
        // Columns count characters from 1; 0 is the start of the line.
        let character = first + column.saturating_sub(1);
        let mark = self.places.marks.get(character / STRIDE).copied().unwrap_or(end);
        let rest = self.text.get(mark..).unwrap_or_default();
        rest.char_indices().nth(character % STRIDE).map_or(end, |(at, _)| mark + at)
    }

    /// The line a span begins in, from 1.
    pub(super) fn line(&self, span: Span) -> usize {
        self.places.lines.partition_point(|(byte, _)| *byte <= span.start as usize).max(1)
    }

    /// The text of a line, from 1, without the blanks around it.
    pub(super) fn line_span(&self, number: usize) -> Span {
        let lines = &self.places.lines;
        let byte = |at: usize| lines.get(at).map_or(self.text.len(), |(byte, _)| *byte);
        let (start, end) = (byte(number.saturating_sub(1)), byte(number));
        let line = self.text.get(start..end).unwrap_or_default();
        let indent = line.len() - line.trim_start().len();
        Span::new(self.file, start + indent, start + line.trim_end().len().max(indent))
    }

    /// The word at a position, or the one character.
    pub(super) fn word_at(&self, position: Position) -> Span {
        let start = self.offset(position).min(self.text.trim_end().len());
        let rest = self.text.get(start..).unwrap_or_default();
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = if word == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { word };
        Span::new(self.file, start, start + length)
    }

    /// What is written out at a position: a word, a number, a text in quotes.
    pub(super) fn literal_at(&self, position: Position) -> Span {
        let word = self.word_at(position);
        let rest = self.text.get(word.start as usize..).unwrap_or_default();
        let quoted = |quote: char| {
            let inner = rest.strip_prefix(quote)?;
            let mut escaped = false;
            let end = inner.find(|c| {
                let ends = c == quote && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            })?;
            Some(end + 2)
        };
        let number = || {
            let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.')).unwrap_or(rest.len());
            rest.starts_with(|c: char| c.is_ascii_digit()).then_some(end)
        };
        match quoted('"').or_else(|| quoted('\'')).or_else(|| quoted('`')).or_else(number) {
            Some(length) => Span::new(self.file, word.start as usize, word.start as usize + length),
            None => word,
        }
    }

    /// `fn name` of the function whose body begins at a position.
    pub(super) fn definition(&self, name: &str, body: Position) -> Span {
        let before = self.text.get(..self.offset(body)).unwrap_or_default();
        // Between the name and the body there are only parameters, so the last `fn name` is the one.
        let found = before.rmatch_indices("fn").find_map(|(start, _)| {
            let after = before.get(start + 2..)?;
            let blank = after.len() - after.trim_start().len();
            let rest = after.get(blank..)?.strip_prefix(name)?;
            (blank > 0 && rest.trim_start().starts_with('(')).then_some((start, start + 2 + blank + name.len()))
        });
        match found {
            Some((start, end)) => Span::new(self.file, start, end),
            None => self.word_at(body),
        }
    }

    /// A part of a comment line above a function.
    pub(super) fn above(&self, function: Span, line: &str, part: &str) -> Span {
        let before = self.text.get(..function.start as usize).unwrap_or_default();
        let Some(start) = before.rfind(line) else {
            return function;
        };
        match line.rfind(part) {
            Some(within) if !part.is_empty() => Span::new(self.file, start + within, start + within + part.len()),
            _ => Span::new(self.file, start, start + line.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::Sources;

    #[test]
    fn places_are_those_of_a_count_from_the_start() {
        let line = "aä漢😀 ".repeat(100);
        let whole = format!("{line}\n\n{line}x\nend");
        let mut sources = Sources::default();
        let text = Text::new(sources.add("a.rhai", whole.as_str()), whole.as_str().into());
        for (number, line) in whole.split('\n').enumerate() {
            let start: usize = whole.split('\n').take(number).map(|line| line.len() + 1).sum();
            for (column, (at, _)) in line.char_indices().enumerate() {
                let position = Position::new(number as u16 + 1, column as u16 + 1);
                assert_eq!(text.offset(position), start + at, "{number}:{column}");
                assert_eq!(text.line(Span::new(text.file, start + at, start + at)), number + 1);
            }
            assert_eq!(sources.text(text.line_span(number + 1)), line.trim());
        }
        assert_eq!(text.offset(Position::NONE), whole.len());
        assert_eq!(text.offset(Position::new(9, 9)), whole.len());
    }
}
