//! A bounded look at a file: its start, and parts spread over it, so that what is found out holds to the end.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::datatypes::DataType;
use csv::ByteRecord;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use encoding_rs::Encoding;

use super::careful::{chunks, parquet_sample};
use super::decode;
use super::error::DataError;
use super::rows::Rows;
use super::source::{DataFile, Kind};
use super::table::{Layout, TableSpec, Want};
use crate::expr::Type;
use crate::pack::Delimiter;

/// How much of a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// One file, or one of a few.
    Much,
    /// One of many.
    Little,
}

impl Effort {
    /// For each of so many files.
    pub(crate) fn of(files: usize) -> Self {
        if files <= 16 { Effort::Much } else { Effort::Little }
    }

    /// Bytes at the start, parts, bytes of each part.
    fn sizes(self) -> (usize, u64, usize) {
        match self {
            Effort::Much => (1 << 20, 8, 1 << 17),
            Effort::Little => (1 << 16, 3, 1 << 15),
        }
    }
}

/// Bytes of a file, decompressed, not decoded.
pub(crate) struct Bytes {
    /// Its start.
    pub head: Vec<u8>,
    /// From behind the start to the end; of compressed files there are none.
    parts: Vec<Vec<u8>>,
    /// Whether the start is all there is.
    whole: bool,
}

impl Bytes {
    /// Reads them.
    pub(crate) fn read(
        path: &Path,
        shown: &str,
        compression: FileCompressionType,
        effort: Effort,
    ) -> Result<Self, DataError> {
        let failed = |e: &std::io::Error| DataError::io(format!("reading `{shown}`"), e);
        let (head_size, count, size) = effort.sizes();
        let mut head = Vec::new();
        if compression.is_compressed() {
            let limit = 4 * head_size;
            super::source::open(path, shown, compression)?
                .take(limit as u64)
                .read_to_end(&mut head)
                .map_err(|e| damaged(shown, &e))?;
            return Ok(Self { whole: head.len() < limit, head, parts: Vec::new() });
        }
        let mut file = File::open(path).map_err(|e| failed(&e))?;
        let length = file.metadata().map_err(|e| failed(&e))?.len();
        file.by_ref().take(head_size as u64).read_to_end(&mut head).map_err(|e| failed(&e))?;
        let whole = head.len() as u64 >= length;
        let mut parts = Vec::new();
        if !whole {
            let room = length.saturating_sub(head_size as u64);
            let size = size.min(usize::try_from(room).unwrap_or(size));
            for i in 1..=count {
                // The last part ends where the file ends; every part starts at a whole unit of UTF-16.
                let start = head_size as u64 + (room - size as u64) * i / count;
                let start = if i == count { start.next_multiple_of(2) } else { start & !3 };
                let mut part = Vec::new();
                file.seek(SeekFrom::Start(start)).map_err(|e| failed(&e))?;
                file.by_ref().take(size as u64).read_to_end(&mut part).map_err(|e| failed(&e))?;
                parts.push(part);
            }
        }
        Ok(Self { head, parts, whole })
    }

    /// The encoding they are in.
    pub(crate) fn encoding(&self) -> &'static Encoding {
        decode::find(std::iter::once(self.head.as_slice()).chain(self.parts.iter().map(Vec::as_slice)))
    }

    /// The start as text, whole lines only.
    pub(crate) fn head_text(&self, encoding: &'static Encoding) -> String {
        let mut text = decode::head(&self.head, encoding);
        if !self.whole
            && let Some(end) = text.rfind('\n')
        {
            text.truncate(end + 1);
        }
        text
    }

    /// The parts as texts, whole lines only.
    fn part_texts(&self, encoding: &'static Encoding) -> impl Iterator<Item = String> {
        let last = self.parts.len();
        self.parts.iter().enumerate().filter_map(move |(i, part)| {
            let text = decode::part(part, encoding);
            let start = text.find('\n')? + 1;
            let end = if i + 1 == last { text.len() } else { text.rfind('\n')? + 1 };
            text.get(start..end).map(str::to_owned)
        })
    }
}

/// A file that cannot be read to where we wanted.
pub(crate) fn damaged(shown: &str, error: &std::io::Error) -> DataError {
    DataError::input(format!("reading `{shown}`: {}", error.to_string().to_lowercase()))
        .help("the file is damaged or was not written to its end; have it sent again")
}

/// Rows of the start and of each part that are looked at.
const HEAD_ROWS: usize = 20_000;
const PART_ROWS: usize = 4_000;

/// Values of the wanted columns, over several of the files: for each column of the spec, or nothing where no file has it or its
/// type says all.
pub(crate) fn values(
    spec: &TableSpec,
    files: &[(Arc<DataFile>, Layout)],
) -> Result<Vec<Option<StringArray>>, DataError> {
    const FILES: usize = 8;
    let mut builders: Vec<Option<StringBuilder>> = spec.columns.iter().map(|_| None).collect();
    let step = files.len().div_ceil(FILES).max(1);
    let looked = files.iter().step_by(step);
    let effort = Effort::of(files.len());
    for (file, layout) in looked {
        match file.kind {
            Kind::Csv => text_values(file, layout, effort, &mut builders)?,
            Kind::Excel => {
                let mut list = chunks(file, spec, layout, HEAD_ROWS)?;
                while let Some(chunk) = list.next().transpose()? {
                    add(&mut builders, &chunk.columns);
                }
            }
            Kind::Jsonl => {
                let asked = asked(spec, file, layout);
                if let Some(mut chunk) = chunks(file, spec, layout, HEAD_ROWS)?.next().transpose()? {
                    for (column, place) in chunk.columns.iter_mut().zip(&asked.columns) {
                        column.take_if(|_| place.is_none());
                    }
                    add(&mut builders, &chunk.columns);
                }
            }
            // What a database holds as texts; its numbers and dates are never in doubt.
            Kind::Table => {
                let layout = asked(spec, file, layout);
                if layout.columns.iter().any(Option::is_some)
                    && let Some(mut chunk) = chunks(file, spec, &layout, HEAD_ROWS)?.next().transpose()?
                {
                    for column in &mut chunk.columns {
                        column.take_if(|array| *array.data_type() != DataType::Utf8);
                    }
                    add(&mut builders, &chunk.columns);
                }
            }
            Kind::Parquet => {
                let layout = asked(spec, file, layout);
                if layout.columns.iter().any(Option::is_some) {
                    for columns in parquet_sample(file, &layout, PART_ROWS)? {
                        add(&mut builders, &columns);
                    }
                }
            }
        }
    }
    Ok(builders.into_iter().map(|b| b.map(|mut b| b.finish())).collect())
}

/// Of a file with types, the columns that are texts where something else is wanted.
fn asked(spec: &TableSpec, file: &DataFile, layout: &Layout) -> Layout {
    let text = |column: usize| {
        matches!(
            file.data_type(column),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..)
        )
    };
    // Of JSON lines a number has become a text on the way here, and `1.234` would be asked about.
    let numbers = file.kind != Kind::Jsonl;
    let columns = (spec.columns.iter().zip(&layout.columns))
        .map(|(wanted, column)| {
            let unsure = matches!(wanted.want, Want::Value(Type::Number | Type::Date | Type::Bool));
            let unsure = unsure && (numbers || wanted.want != Want::Value(Type::Number));
            column.filter(|c| unsure && text(*c))
        })
        .collect();
    Layout { columns, formats: layout.formats.clone() }
}

fn add(builders: &mut [Option<StringBuilder>], columns: &[Option<ArrayRef>]) {
    for (builder, column) in builders.iter_mut().zip(columns) {
        let Some(column) = column else { continue };
        let Ok(texts) = arrow::compute::cast(column, &DataType::Utf8) else { continue };
        let builder = builder.get_or_insert_default();
        for text in texts.as_string::<i32>() {
            builder.append_option(text);
        }
    }
}

fn text_values(
    file: &DataFile,
    layout: &Layout,
    effort: Effort,
    builders: &mut [Option<StringBuilder>],
) -> Result<(), DataError> {
    for (builder, column) in builders.iter_mut().zip(&layout.columns) {
        if column.is_some() {
            builder.get_or_insert_default();
        }
    }
    let bytes = Bytes::read(&file.path, &file.shown, file.compression, effort)?;
    let dialect = &file.dialect;
    let head = bytes.head_text(dialect.encoding);
    let mut start = std::io::BufReader::new(head.as_bytes());
    decode::skip_lines(&mut start, dialect.skip).map_err(|e| damaged(&file.shown, &e))?;
    let mut rows = Rows::new(start, dialect);
    let mut record = ByteRecord::new();
    if dialect.has_header {
        rows.next(&mut record).map_err(|e| super::careful::csv_error(&file.shown, &e))?;
    }
    take(&mut rows, HEAD_ROWS, file.header.len(), layout, builders);
    for part in bytes.part_texts(dialect.encoding) {
        take(&mut Rows::new(part.as_bytes(), dialect), PART_ROWS, file.header.len(), layout, builders);
    }
    Ok(())
}

/// Adds rows of the right number of fields; a part may start inside a quoted field, and what comes of that has another.
fn take<R: Read>(
    rows: &mut Rows<R>,
    limit: usize,
    fields: usize,
    layout: &Layout,
    builders: &mut [Option<StringBuilder>],
) {
    let mut record = ByteRecord::new();
    for _ in 0..limit {
        let Ok(Some(_)) = rows.next(&mut record) else { return };
        if record.len() != fields {
            continue;
        }
        for (builder, column) in builders.iter_mut().zip(&layout.columns) {
            let (Some(builder), Some(column)) = (builder, column) else { continue };
            let text = record.get(*column).and_then(|f| std::str::from_utf8(f).ok());
            builder.append_option(text.filter(|t| !t.is_empty()));
        }
    }
}

/// Rows of a text, at most so many, with the bytes at which they start.
pub(crate) fn rows(text: &str, delimiter: Delimiter, quote: Option<u8>, limit: usize) -> Vec<(u64, ByteRecord)> {
    let mut rows = Rows::with(text.as_bytes(), delimiter, quote);
    let mut list = Vec::new();
    let mut record = ByteRecord::new();
    while list.len() < limit {
        let Ok(Some(place)) = rows.next(&mut record) else { break };
        list.push((place, record.clone()));
    }
    list
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use encoding_rs::UTF_8;

    #[test]
    fn the_end_of_a_long_file_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        let mut text = String::from("id\n");
        for i in 0..600_000 {
            text.push_str(&format!("{i}\n"));
        }
        text.push_str("the end");
        std::fs::write(&path, &text).unwrap();
        let bytes = Bytes::read(&path, "x.csv", FileCompressionType::UNCOMPRESSED, Effort::Much).unwrap();
        let parts: Vec<String> = bytes.part_texts(UTF_8).collect();
        assert_eq!(parts.len(), 8);
        assert!(parts[7].ends_with("\nthe end"), "{:?}", &parts[7][parts[7].len() - 20..]);
        for part in &parts {
            assert!(text.contains(&format!("\n{part}")), "whole lines");
        }
        assert!(bytes.head_text(UTF_8).ends_with('\n'));
    }

    #[test]
    fn a_short_file_is_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        std::fs::write(&path, "id\n1").unwrap();
        let bytes = Bytes::read(&path, "x.csv", FileCompressionType::UNCOMPRESSED, Effort::Little).unwrap();
        assert_eq!(bytes.head_text(UTF_8), "id\n1");
        assert_eq!(bytes.part_texts(UTF_8).count(), 0);
    }
}
