//! A text file taken apart into rows of fields, whatever stands between them.

use std::io::{BufRead, BufReader, Read};

use csv::ByteRecord;

use super::dialect::Dialect;
use crate::pack::Delimiter;

/// Rows of fields, one after the other.
pub(crate) enum Rows<R> {
    /// A sign between the fields.
    Signs(Box<csv::Reader<R>>),
    /// Runs of blanks and tabs between them.
    Blanks(BlankRows<R>),
}

impl<R: Read> Rows<R> {
    /// From UTF-8 that starts with the header line, or the first row if there is none.
    pub(crate) fn new(reader: R, dialect: &Dialect) -> Self {
        Self::with(reader, dialect.delimiter, dialect.quote)
    }

    /// The same, by the signs.
    pub(crate) fn with(reader: R, delimiter: Delimiter, quote: Option<u8>) -> Self {
        const BUFFER: usize = 1 << 18;
        match delimiter {
            Delimiter::Byte(delimiter) => {
                let mut builder = csv::ReaderBuilder::new();
                builder.has_headers(false).flexible(true).delimiter(delimiter).buffer_capacity(BUFFER);
                match quote {
                    Some(quote) => builder.quote(quote),
                    None => builder.quoting(false),
                };
                Rows::Signs(Box::new(builder.from_reader(reader)))
            }
            Delimiter::Blanks => Rows::Blanks(BlankRows {
                reader: BufReader::with_capacity(BUFFER, reader),
                quote,
                line: Vec::new(),
                byte: 0,
            }),
        }
    }

    /// Reads the next row; where it starts, as a byte, or nothing at the end. Empty lines are no rows, but may lie between that
    /// byte and the row.
    pub(crate) fn next(&mut self, record: &mut ByteRecord) -> Result<Option<u64>, csv::Error> {
        match self {
            Rows::Signs(reader) => {
                let more = reader.read_byte_record(record)?;
                Ok(more.then(|| record.position().map_or(0, csv::Position::byte)))
            }
            Rows::Blanks(rows) => rows.next(record),
        }
    }
}

/// Lines split at runs of blanks; blanks at the start and the end do not count.
pub(crate) struct BlankRows<R> {
    reader: BufReader<R>,
    quote: Option<u8>,
    line: Vec<u8>,
    byte: u64,
}

impl<R: Read> BlankRows<R> {
    fn next(&mut self, record: &mut ByteRecord) -> Result<Option<u64>, csv::Error> {
        loop {
            self.line.clear();
            let start = self.byte;
            let read = self.reader.read_until(b'\n', &mut self.line)?;
            if read == 0 {
                return Ok(None);
            }
            self.byte += read as u64;
            // What DOS wrote at the end of a file.
            let text = self.line.trim_ascii_end();
            let text = text.strip_suffix(b"\x1a").unwrap_or(text).trim_ascii();
            if text.is_empty() {
                continue;
            }
            record.clear();
            split(text, self.quote, record);
            return Ok(Some(start));
        }
    }
}

fn split(text: &[u8], quote: Option<u8>, record: &mut ByteRecord) {
    let mut rest = text;
    while let Some(first) = rest.first() {
        let (field, after) = match quote {
            Some(quote) if *first == quote => {
                let inside = rest.get(1..).unwrap_or_default();
                let end = inside.iter().position(|b| *b == quote).unwrap_or(inside.len());
                let (field, after) = inside.split_at(end);
                (field, after.get(1..).unwrap_or_default())
            }
            _ => {
                let end = rest.iter().position(|b| b.is_ascii_whitespace()).unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        record.push_field(field);
        rest = after.trim_ascii_start();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn all(text: &str, delimiter: Delimiter, quote: Option<u8>) -> Vec<(u64, Vec<String>)> {
        let mut rows = Rows::with(text.as_bytes(), delimiter, quote);
        let mut record = ByteRecord::new();
        let mut list = Vec::new();
        while let Some(place) = rows.next(&mut record).unwrap() {
            list.push((place, record.iter().map(|f| String::from_utf8_lossy(f).into_owned()).collect()));
        }
        list
    }

    fn row(place: u64, fields: &[&str]) -> (u64, Vec<String>) {
        (place, fields.iter().map(|f| (*f).to_owned()).collect())
    }

    #[test]
    fn blanks() {
        assert_eq!(
            all(" 1  a\tx \r\n\r\n 2 b\n\x1a", Delimiter::Blanks, None),
            [row(0, &["1", "a", "x"]), row(12, &["2", "b"])]
        );
        assert_eq!(all("'a b' c 'd\n", Delimiter::Blanks, Some(b'\'')), [row(0, &["a b", "c", "d"])]);
    }

    #[test]
    fn signs_and_quotes() {
        assert_eq!(all("'a;b';c\n", Delimiter::Byte(b';'), Some(b'\'')), [row(0, &["a;b", "c"])]);
        assert_eq!(all("\"a;b\n", Delimiter::Byte(b';'), None), [row(0, &["\"a", "b"])]);
    }
}
