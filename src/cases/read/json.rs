//! JSON in which every key and value knows its place: a line of a `.jsonl` file, or the events in a cell of a table.

use indexmap::IndexMap;

use crate::diag::{Diagnostic, FileId, Span, code};
use crate::expr::Anchor;
use crate::pack::raw::{Entry, Node, Raw, Table, Text};

/// Deeper than any case.
const DEPTH: usize = 32;

/// Parses one value that stands in a file at byte `start`.
pub(super) fn parse(file: FileId, text: &str, start: usize) -> Result<Node, Diagnostic> {
    whole(Parser { file, text, start, whole: None, at: 0 })
}

/// Parses one value of a cell, where quotes are doubled: every place is that of the cell.
pub(super) fn parse_cell(cell: Span, text: &str) -> Result<Node, Diagnostic> {
    whole(Parser { file: cell.file, text, start: 0, whole: Some(cell), at: 0 })
}

fn whole(mut parser: Parser<'_>) -> Result<Node, Diagnostic> {
    let node = parser.value(0)?;
    parser.blanks();
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.wrong("something stands behind the end")),
    }
}

struct Parser<'a> {
    file: FileId,
    text: &'a str,
    /// Where the text begins in its file.
    start: usize,
    whole: Option<Span>,
    at: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| matches!(c, ' ' | '\t' | '\n' | '\r')) {
            self.bump();
        }
    }

    fn span(&self, from: usize) -> Span {
        self.whole.unwrap_or_else(|| Span::new(self.file, self.start + from, self.start + self.at))
    }

    fn wrong(&self, message: &str) -> Diagnostic {
        let end = self.at + self.peek().map_or(0, char::len_utf8);
        let span = self.whole.unwrap_or_else(|| Span::new(self.file, self.start + self.at, self.start + end));
        Diagnostic::error(code::BAD_CASE, span, format!("this is not JSON: {message}"))
    }

    fn take(&mut self, sign: char) -> Result<(), Diagnostic> {
        self.blanks();
        if self.peek() != Some(sign) {
            return Err(self.wrong(&format!("`{sign}` is missing here")));
        }
        self.bump();
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Node, Diagnostic> {
        self.blanks();
        if depth > DEPTH {
            return Err(self.wrong("too many brackets within each other"));
        }
        let from = self.at;
        let value = match self.peek() {
            Some('{') => Raw::Table(self.object(depth)?),
            Some('[') => Raw::List(self.list(depth)?),
            Some('"') => {
                let text = self.string()?;
                let span = self.span(from);
                Raw::Text(self.text_at(text, span))
            }
            Some(c) if c == '-' || c.is_ascii_digit() => self.number(from)?,
            _ => {
                let words = [("true", Raw::Bool(true)), ("false", Raw::Bool(false))];
                let found = words.into_iter().find(|(word, _)| self.rest().starts_with(word));
                match found {
                    Some((word, value)) => {
                        self.at += word.len();
                        value
                    }
                    None if self.rest().starts_with("null") => {
                        self.at += "null".len();
                        let span = self.span(from);
                        Raw::Text(self.text_at(super::value::MISSING.to_owned(), span))
                    }
                    None => return Err(self.wrong("a value is missing here")),
                }
            }
        };
        Ok(Node { span: self.span(from), value })
    }

    fn text_at(&self, text: String, span: Span) -> Text {
        Text { text, anchor: Anchor::somewhere(span) }
    }

    fn number(&mut self, from: usize) -> Result<Raw, Diagnostic> {
        while self.peek().is_some_and(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E')) {
            self.bump();
        }
        let written = self.text.get(from..self.at).unwrap_or("");
        match written.parse::<f64>() {
            Ok(x) => Ok(Raw::Number(x)),
            Err(_) => {
                self.at = from;
                Err(self.wrong("this is no number"))
            }
        }
    }

    fn string(&mut self) -> Result<String, Diagnostic> {
        self.take('"')?;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(self.wrong("the text has no closing quote")) };
            self.bump();
            match c {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                c if c < ' ' => return Err(self.wrong("the text has no closing quote on its line")),
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Diagnostic> {
        let Some(c) = self.peek() else { return Err(self.wrong("the text has no closing quote")) };
        let plain = match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                self.bump();
                let first = self.hex()?;
                // Beyond the basic plane, JSON writes two halves.
                if (0xd800..0xdc00).contains(&first) && self.rest().starts_with("\\u") {
                    self.at += 2;
                    let second = self.hex()?;
                    let joined = 0x10000 + ((first - 0xd800) << 10) + (second.wrapping_sub(0xdc00) & 0x3ff);
                    return char::from_u32(joined).ok_or_else(|| self.wrong("this is no character"));
                }
                return char::from_u32(first).ok_or_else(|| self.wrong("this is no character"));
            }
            _ => return Err(self.wrong("there is no such sequence behind a backslash")),
        };
        self.bump();
        Ok(plain)
    }

    fn hex(&mut self) -> Result<u32, Diagnostic> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                self.at += 4;
                Ok(value)
            }
            None => Err(self.wrong("four digits are missing here")),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Diagnostic> {
        self.take('[')?;
        let mut list = Vec::new();
        self.blanks();
        if self.peek() == Some(']') {
            self.bump();
            return Ok(list);
        }
        loop {
            list.push(self.value(depth + 1)?);
            self.blanks();
            if self.peek() == Some(',') {
                self.bump();
            } else {
                self.take(']')?;
                return Ok(list);
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Table, Diagnostic> {
        self.take('{')?;
        let mut entries: IndexMap<String, Entry> = IndexMap::new();
        self.blanks();
        if self.peek() == Some('}') {
            self.bump();
            return Ok(Table { entries });
        }
        loop {
            self.blanks();
            let from = self.at;
            let name = self.string()?;
            let key = self.span(from);
            self.take(':')?;
            let node = self.value(depth + 1)?;
            if entries.contains_key(&name) {
                let error = Diagnostic::error(code::BAD_CASE, key, format!("`{name}` is given twice"));
                return Err(error.label("again here"));
            }
            entries.insert(name, Entry { key, node });
            self.blanks();
            if self.peek() == Some(',') {
                self.bump();
            } else {
                self.take('}')?;
                return Ok(Table { entries });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::Sources;

    #[test]
    fn places_are_exact_and_texts_decoded() {
        let line = r#"{"name": "ä \"q\" \ud83d\ude00", "given": {"x": -1.5e2, "y": [true, null]}}"#;
        let mut sources = Sources::default();
        let file = sources.add("f", format!("\n{line}"));
        let node = parse(file, line, 1).unwrap();
        let Raw::Table(table) = &node.value else { panic!() };
        assert_eq!(table.text("name").unwrap().text, "ä \"q\" 😀");
        let given = table.get("given").unwrap();
        assert_eq!(sources.text(given.key), "\"given\"");
        let Raw::Table(given) = &given.node.value else { panic!() };
        let x = &given.get("x").unwrap().node;
        assert!(matches!(x.value, Raw::Number(n) if n == -150.0));
        assert_eq!(sources.text(x.span), "-1.5e2");
    }

    #[test]
    fn what_is_no_json_is_said_in_its_place() {
        for (text, at, message) in [
            ("{\"a\": }", 6, "a value is missing here"),
            ("{\"a\": 1", 7, "`}` is missing here"),
            ("{a: 1}", 1, "`\"` is missing here"),
            ("[1, \"x", 6, "the text has no closing quote"),
            ("{} x", 3, "something stands behind the end"),
            ("[-]", 1, "this is no number"),
            ("\"\\q\"", 2, "there is no such sequence behind a backslash"),
        ] {
            let error = parse(FileId(0), text, 0).unwrap_err();
            assert_eq!(error.message, format!("this is not JSON: {message}"), "{text}");
            assert_eq!(error.primary.unwrap().span.start, at, "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse(FileId(0), &deep, 0).unwrap_err().message.contains("too many brackets"));
    }
}
