//! A table for people, written block by block as CSV for a spreadsheet, as JSON lines, or as Parquet.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::data::{DataError, DecisionSink, Format, Sink as _, Target};
use crate::expr::{Date, Value};

/// Rows that are turned into one batch.
const BLOCK: usize = 8_192;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Date,
}

/// A column and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// A value of a table; must be of its column's kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Missing,
    Text(Cow<'a, str>),
    Number(f64),
    Date(Date),
}

impl<'a> Cell<'a> {
    /// A text, on one line; missing if nothing is in it.
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        let text = if text.contains(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}') {
            Cow::Owned(one_line(&text))
        } else {
            text
        };
        if text.trim().is_empty() { Cell::Missing } else { Cell::Text(text) }
    }

    pub(super) fn maybe(text: Option<&'a Arc<str>>) -> Self {
        text.map_or(Cell::Missing, |text| Cell::text(text.as_ref()))
    }
}

/// Line breaks and tabs become blanks, other control characters go: a contact is a line, in every program.
pub(super) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' if !out.ends_with(' ') => out.push(' '),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {}
            c => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// Writes a table to a new file.
pub(super) fn write<'a>(
    path: &Path,
    format: Format,
    columns: &[Column],
    rows: impl Iterator<Item = Vec<Cell<'a>>>,
) -> Result<(), DataError> {
    match format {
        Format::Csv => write_csv(path, columns, rows),
        Format::Jsonl | Format::Parquet => write_batches(path, format, columns, rows),
    }
}

/// UTF-8 with a byte order mark, because Excel takes it for Windows-1252 without one; lines end as RFC 4180 says.
fn write_csv<'a>(path: &Path, columns: &[Column], rows: impl Iterator<Item = Vec<Cell<'a>>>) -> Result<(), DataError> {
    let failed = |e: &std::io::Error| DataError::io(format!("writing `{}`", path.display()), e);
    let mut file = BufWriter::new(File::create(path).map_err(|e| failed(&e))?);
    file.write_all("\u{feff}".as_bytes()).map_err(|e| failed(&e))?;
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
    let io = |e: csv::Error| failed(&std::io::Error::from(e));
    out.write_record(columns.iter().map(|column| defused(&column.name).into_owned())).map_err(io)?;
    for row in rows {
        out.write_record(row.iter().map(|cell| csv_text(cell).into_owned())).map_err(io)?;
    }
    out.flush().map_err(|e| failed(&e))
}

fn csv_text<'c>(cell: &'c Cell<'_>) -> Cow<'c, str> {
    match cell {
        Cell::Missing => Cow::Borrowed(""),
        Cell::Text(text) => defused(text),
        Cell::Number(x) => Cow::Owned(number(*x)),
        Cell::Date(date) => Cow::Owned(date.to_string()),
    }
}

/// At most two decimals.
pub(super) fn number(x: f64) -> String {
    match Value::number(x) {
        Value::Missing => String::new(),
        number => number.to_string(),
    }
}

/// A text that a spreadsheet would run as a formula gets an apostrophe before it. What begins a formula: OWASP ASVS 5.0, 1.2.10;
/// the wide forms of East Asian keyboards count as well, and blanks before it do not save us everywhere.
pub(super) fn defused(text: &str) -> Cow<'_, str> {
    let begins = text.trim_start().chars().next();
    let inside = text.starts_with(['\t', '\r', '\n', '\0']);
    if inside || begins.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn write_batches<'a>(
    path: &Path,
    format: Format,
    columns: &[Column],
    rows: impl Iterator<Item = Vec<Cell<'a>>>,
) -> Result<(), DataError> {
    let field = |column: &Column| {
        let ty = match column.kind {
            Kind::Text => DataType::Utf8,
            Kind::Number => DataType::Float64,
            Kind::Date => DataType::Date32,
        };
        Field::new(&column.name, ty, true)
    };
    let schema: SchemaRef = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
    let mut sink = DecisionSink::create(Target::File(path.to_owned()), format, schema.clone())?;
    let mut block = Vec::with_capacity(BLOCK);
    for row in rows {
        block.push(row);
        if block.len() == BLOCK {
            sink.write(&batch(&schema, columns, &block)?)?;
            block.clear();
        }
    }
    if !block.is_empty() {
        sink.write(&batch(&schema, columns, &block)?)?;
    }
    sink.finish().map(|_| ())
}

fn batch(schema: &SchemaRef, columns: &[Column], rows: &[Vec<Cell<'_>>]) -> Result<RecordBatch, DataError> {
    let array = |(at, column): (usize, &Column)| -> ArrayRef {
        let cells = rows.iter().map(|row| row.get(at).unwrap_or(&Cell::Missing));
        match column.kind {
            Kind::Text => Arc::new(StringArray::from_iter(cells.map(|cell| match cell {
                Cell::Text(text) => Some(text.as_ref()),
                _ => None,
            }))),
            Kind::Number => Arc::new(Float64Array::from_iter(cells.map(|cell| match cell {
                Cell::Number(x) => Some(*x),
                _ => None,
            }))),
            Kind::Date => Arc::new(Date32Array::from_iter(cells.map(|cell| match cell {
                Cell::Date(date) => Some(date.days()),
                _ => None,
            }))),
        }
    };
    Ok(RecordBatch::try_new(schema.clone(), columns.iter().enumerate().map(array).collect())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_nothing_else_is() {
        for text in ["=1+1", "+49 30", "-2", "@sum", " =1", "\t=1", "＝1", "\u{a0}@x"] {
            assert_eq!(defused(text), format!("'{text}"));
        }
        for text in ["", "Anna", "a=b", "0049 30", "'=1", "2026-07-06", "–", "1-2"] {
            assert_eq!(defused(text), text);
        }
    }

    #[test]
    fn a_text_is_one_line() {
        assert_eq!(Cell::text("a\r\nb\u{7}\tc\u{2028}d\0\n"), Cell::Text("a b c d".into()));
        assert_eq!(Cell::text(" \n "), Cell::Missing);
        assert_eq!(Cell::text("as it is "), Cell::Text("as it is ".into()));
    }
}
