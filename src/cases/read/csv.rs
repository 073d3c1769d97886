//! Reads a table of cases: one row, one case; a cell knows its place.
//!
//! The header names what a column holds: `name`, `as_of`, `help`, `params.X`, `expect.X`, every other one is given. An empty cell is
//! not given, or not expected. Fields are told apart by the sign that occurs in the header: comma, semicolon or tab.

use std::collections::HashMap;

use super::super::known::GivenName;
use super::super::model::{About, Case, Given, Step};
use super::{Reader, json, set};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::Anchor;
use crate::pack::raw::{Node, Raw, Text};

/// What a column holds.
#[derive(Debug, Clone)]
enum Header {
    Name,
    AsOf,
    Help,
    Param(usize),
    Expect(About),
    Given(GivenName),
    /// It is not known; its cells are not read.
    Unknown,
}

/// One field of a row.
struct Cell {
    text: String,
    span: std::ops::Range<usize>,
}

impl Reader<'_> {
    /// All cases of a table.
    pub(super) fn csv(&mut self) -> Vec<Case> {
        self.loose = true;
        let text = self.text;
        let skip = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let sign = delimiter(text.lines().next().unwrap_or(""));
        let mut rows = Rows { text, at: skip, sign, unclosed: None };
        let Some(header) = rows.next() else {
            let span = Span::new(self.file, 0, 0);
            self.found.push(Diagnostic::warning(code::BAD_CASE, span, "there is no case in this file"));
            return Vec::new();
        };
        let before = self.errors();
        let headers = self.headers(&header);
        if self.errors() > before {
            // The rows would be read as what they are not.
            return Vec::new();
        }
        let mut cases = Vec::new();
        // The line of the row, counted on from the one before.
        let (mut line, mut counted) = (1, 0);
        while let Some(row) = rows.next() {
            if rows.unclosed.is_some() {
                break;
            }
            if let Some(start) = row.first().map(|cell| cell.span.start) {
                line += text.get(counted..start).unwrap_or("").matches('\n').count();
                counted = start;
            }
            if row.iter().all(|cell| cell.text.trim().is_empty()) {
                continue;
            }
            cases.extend(self.row(&header, &headers, &row, line));
        }
        if let Some(at) = rows.unclosed {
            let span = Span::new(self.file, at, at + 1);
            self.wrong(span, "this quote is never closed")
                .help
                .push("a quote within a quoted field is written twice".to_owned());
        }
        cases
    }

    fn headers(&mut self, row: &[Cell]) -> Vec<Header> {
        let mut headers = Vec::new();
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for cell in row {
            let (name, span) = (cell.text.trim(), self.span(cell));
            if let Some(first) = seen.insert(name, span) {
                self.found.push(
                    Diagnostic::error(code::DUPLICATE_NAME, span, format!("two columns are called `{name}`"))
                        .label("again here")
                        .related(first, "first given here"),
                );
            }
            let header = match name.split_once('.') {
                _ if name == "name" => Some(Header::Name),
                _ if name == "as_of" => Some(Header::AsOf),
                _ if name == "help" => Some(Header::Help),
                Some(("params", rest)) => self.param_name(rest, span).map(Header::Param),
                Some(("expect", rest)) => self.expect_name(rest, span).map(Header::Expect),
                Some(("given", rest)) => self.given_name(rest, span).map(Header::Given),
                _ => match self.known.given(name) {
                    Some(given) => Some(Header::Given(given)),
                    None if self.known.about(name).is_some() => {
                        let message = format!("there is no column, rollup or table `{name}` to give");
                        self.found.push(
                            Diagnostic::error(code::CASE_UNKNOWN_NAME, span, message)
                                .help(format!("what is expected is headed `expect.{name}`")),
                        );
                        None
                    }
                    None => self.given_name(name, span).map(Header::Given),
                },
            };
            headers.push(header.unwrap_or(Header::Unknown));
        }
        headers
    }

    fn row(&mut self, header: &[Cell], headers: &[Header], row: &[Cell], line: usize) -> Option<Case> {
        let (first, last) = (row.first()?, row.last()?);
        let span = Span::new(self.file, first.span.start, last.span.end);
        let before = self.errors();
        if row.len() > headers.len() {
            let extra = row.get(headers.len()).map_or(span, |cell| self.span(cell));
            let message = format!("the row has {} fields, and there are {} headers", row.len(), headers.len());
            self.wrong(extra, message);
            return None;
        }
        let (mut name, mut help, mut as_of) = (None, String::new(), None);
        let (mut params, mut given, mut expect) = (Vec::new(), Given::default(), Vec::new());
        for ((cell, header), kind) in row.iter().zip(header).zip(headers) {
            if cell.text.trim().is_empty() {
                continue;
            }
            let node = self.node(cell);
            let title = header.text.trim();
            match kind {
                Header::Name => name = Some((cell.text.trim().to_owned(), node.span)),
                Header::Help => help.clone_from(&cell.text),
                Header::AsOf => as_of = self.day(&node, "as_of"),
                Header::Param(place) => {
                    if let Some(value) = self.param(*place, &node) {
                        set(&mut params, *place, value);
                    }
                }
                Header::Given(GivenName::Events(table)) => match json::parse_cell(node.span, &cell.text) {
                    Ok(events) => {
                        // What stands in JSON has types of its own.
                        self.loose = false;
                        self.give(&mut given, GivenName::Events(*table), title, &events);
                        self.loose = true;
                    }
                    Err(error) => {
                        let help =
                            format!("events are given as a JSON list of rows: [{{\"{}\": …}}]", self.time(*table));
                        self.found.push(error.help(help));
                    }
                },
                Header::Given(what) => self.give(&mut given, *what, title, &node),
                Header::Expect(about) => {
                    let key = title.strip_prefix("expect.").unwrap_or(title);
                    if let Some(expected) = self.expected(about, key, &node) {
                        expect.push(super::super::model::Expectation {
                            about: about.clone(),
                            expected,
                            span: node.span,
                        });
                    }
                }
                Header::Unknown => {}
            }
        }
        let (name, named) = name.unwrap_or_else(|| (format!("line {line}"), span));
        self.unique(&name, named);
        self.mixed(&given, span);
        if expect.is_empty() && self.errors() == before {
            self.found.push(
                Diagnostic::error(code::CASE_EXPECTS_NOTHING, named, "the case expects nothing, and so proves nothing")
                    .help("say what must be decided in a column headed `expect.state`"),
            );
        }
        let Some(as_of) = as_of else {
            if self.errors() == before {
                let help = "add a column `as_of` with days like 2026-06-30".to_owned();
                self.wrong(span, "no day is given to decide for").help.push(help);
            }
            return None;
        };
        params.sort_by_key(|(place, _)| *place);
        let steps = vec![Step { as_of, given, expect, span }];
        (self.errors() == before).then_some(Case { name, help, params, population: None, steps, span: named })
    }

    fn time(&self, table: usize) -> &str {
        let declared = self.known.pack.tables.get_index(table);
        declared.and_then(|(_, table)| table.time.as_deref()).unwrap_or("…")
    }

    fn span(&self, cell: &Cell) -> Span {
        Span::new(self.file, cell.span.start, cell.span.end)
    }

    fn node(&self, cell: &Cell) -> Node {
        let span = self.span(cell);
        let anchor = Anchor::somewhere(span);
        Node { span, value: Raw::Text(Text { text: cell.text.trim().to_owned(), anchor }) }
    }
}

/// The sign between the fields: the first of its kind in the header.
fn delimiter(header: &str) -> u8 {
    header.bytes().find(|b| matches!(b, b',' | b';' | b'\t')).unwrap_or(b',')
}

/// The rows of a text, one after the other.
struct Rows<'a> {
    text: &'a str,
    at: usize,
    sign: u8,
    /// Where a quote begins that is never closed.
    unclosed: Option<usize>,
}

impl Rows<'_> {
    fn next(&mut self) -> Option<Vec<Cell>> {
        if self.at >= self.text.len() {
            return None;
        }
        let mut row = Vec::new();
        loop {
            let (cell, more) = self.cell();
            row.push(cell);
            if !more {
                return Some(row);
            }
        }
    }

    /// The next field, and whether another one follows in this row.
    fn cell(&mut self) -> (Cell, bool) {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut text = String::new();
        if bytes.get(start) == Some(&b'"') {
            let mut from = start + 1;
            loop {
                // The signs looked for are ASCII, so that every cut is one between characters.
                let rest = self.text.get(from..).unwrap_or("");
                let Some(quote) = rest.find('"') else {
                    self.unclosed.get_or_insert(start);
                    self.at = self.text.len();
                    text.push_str(rest);
                    return (Cell { text, span: start..self.at }, false);
                };
                text.push_str(rest.get(..quote).unwrap_or(""));
                from += quote + 1;
                if bytes.get(from) != Some(&b'"') {
                    break;
                }
                text.push('"');
                from += 1;
            }
            self.at = from;
        }
        let from = self.at;
        while bytes.get(self.at).is_some_and(|b| *b != self.sign && *b != b'\n') {
            self.at += 1;
        }
        let mut end = self.at;
        let more = bytes.get(self.at) == Some(&self.sign);
        if !more && end > from && bytes.get(end - 1) == Some(&b'\r') {
            end -= 1;
        }
        text.push_str(self.text.get(from..end).unwrap_or(""));
        // The sign or the line break itself.
        self.at += 1;
        (Cell { text, span: start..end }, more)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn cells(text: &str) -> (Vec<Vec<String>>, Option<usize>) {
        let mut rows = Rows { text, at: 0, sign: b',', unclosed: None };
        let mut all = Vec::new();
        while let Some(row) = rows.next() {
            for cell in &row {
                assert!(text.get(cell.span.clone()).is_some(), "{text}");
            }
            all.push(row.into_iter().map(|cell| cell.text).collect());
        }
        (all, rows.unclosed)
    }

    #[test]
    fn fields_are_cut_as_every_table_program_does() {
        for (text, expected) in [
            ("a,b\n1,2\n", vec![vec!["a", "b"], vec!["1", "2"]]),
            ("a,b\r\n1,\r\n", vec![vec!["a", "b"], vec!["1", ""]]),
            ("\"x, \"\"y\"\"\",ä", vec![vec!["x, \"y\"", "ä"]]),
            ("\"two\nlines\",z", vec![vec!["two\nlines", "z"]]),
            ("a\n\nb", vec![vec!["a"], vec![""], vec!["b"]]),
        ] {
            let (found, unclosed) = cells(text);
            assert_eq!(found, expected, "{text:?}");
            assert_eq!(unclosed, None);
        }
        assert_eq!(cells("a\n\"x,y").1, Some(2));
    }

    #[test]
    fn the_delimiter_is_the_first_in_the_header() {
        assert_eq!(
            [delimiter("a,b"), delimiter("a;b,c"), delimiter("a\tb"), delimiter("a")],
            [b',', b';', b'\t', b',']
        );
    }
}
