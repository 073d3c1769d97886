//! The careful reader: row by row, with the place of each row. Slower than the scan, but one bad line is one bad row.
//!
//! It reads JSON lines, sheets and text files that are not plain CSV, finds the lines of rejects, and reads CSV files that
//! the scan stumbled over.

use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::conform::{BadRow, Reason};
use super::error::DataError;
use super::excel::Sheet;
use super::rows::Rows;
use super::source::{DataFile, Kind};
use super::table::{Layout, TableSpec};

/// Some rows as they stand in the file.
pub(crate) struct Chunk {
    /// In the order of the spec; `None` where the file lacks one.
    pub columns: Vec<Option<ArrayRef>>,
    /// How many.
    pub rows: usize,
    /// Rows that cannot be taken apart, in order.
    pub broken: Vec<BadRow>,
    /// Of each row: the line (JSON lines), the row (Parquet, Excel, databases), the first byte (text; see [`Lines`]).
    pub places: Vec<u64>,
}

/// Reads one file in chunks of at most `rows` rows.
pub(crate) fn chunks(
    file: &DataFile,
    spec: &TableSpec,
    layout: &Layout,
    rows: usize,
) -> Result<Box<dyn Iterator<Item = Result<Chunk, DataError>> + Send>, DataError> {
    if let Some(table) = &file.database {
        return Ok(Box::new(table.chunks(spec, layout, rows)?));
    }
    Ok(match file.kind {
        Kind::Table => return Err(DataError::internal("a table of no database")),
        Kind::Csv => Box::new(TextChunks::open(file, layout, rows)?),
        Kind::Excel => Box::new(SheetChunks {
            sheet: file.sheet.clone().ok_or_else(|| DataError::internal("a workbook without a sheet"))?,
            fields: file.header.len(),
            columns: layout.columns.clone(),
            rows,
            next: 0,
        }),
        Kind::Jsonl => Box::new(JsonChunks::open(file, spec, layout, rows)?),
        Kind::Parquet => Box::new(ParquetChunks::open(file, layout, rows)?),
    })
}

struct TextChunks {
    reader: Rows<Box<dyn Read + Send>>,
    shown: String,
    fields: usize,
    columns: Vec<Option<usize>>,
    rows: usize,
    record: csv::ByteRecord,
    /// Whether bytes that are no text have become U+FFFD.
    replaced: bool,
}

impl TextChunks {
    fn open(file: &DataFile, layout: &Layout, rows: usize) -> Result<Self, DataError> {
        let mut reader = Rows::new(file.read()?, &file.dialect);
        let mut record = csv::ByteRecord::new();
        if file.dialect.has_header {
            reader.next(&mut record).map_err(|e| csv_error(&file.shown, &e))?;
        }
        Ok(Self {
            reader,
            shown: file.shown.clone(),
            fields: file.header.len(),
            columns: layout.columns.clone(),
            rows,
            record,
            replaced: file.dialect.encoding != encoding_rs::UTF_8,
        })
    }
}

/// What stopped a text file.
pub(crate) fn csv_error(shown: &str, error: &csv::Error) -> DataError {
    DataError::input(format!("reading `{shown}`: {}", error.to_string().to_lowercase()))
}

impl Iterator for TextChunks {
    type Item = Result<Chunk, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut builders: Vec<Option<StringBuilder>> =
            self.columns.iter().map(|c| c.map(|_| StringBuilder::new())).collect();
        let mut chunk = Chunk { columns: Vec::new(), rows: 0, broken: Vec::new(), places: Vec::new() };
        while chunk.rows < self.rows {
            let place = match self.reader.next(&mut self.record) {
                Ok(Some(place)) => place,
                Ok(None) => break,
                Err(e) => return Some(Err(csv_error(&self.shown, &e))),
            };
            let row = chunk.rows as u32;
            let broken = |reason| BadRow { row, column: None, reason };
            if self.record.len() != self.fields {
                chunk.broken.push(broken(Reason::Ragged));
            } else if std::str::from_utf8(self.record.as_slice()).is_err() {
                chunk.broken.push(broken(Reason::NotUtf8));
            } else if self.replaced && memchr_replacement(self.record.as_slice()) {
                chunk.broken.push(broken(Reason::NotDecoded));
            }
            for (builder, column) in builders.iter_mut().zip(&self.columns) {
                let (Some(builder), Some(column)) = (builder, column) else { continue };
                let field = self.record.get(*column).filter(|f| !f.is_empty());
                match field {
                    Some(bytes) => builder.append_value(String::from_utf8_lossy(bytes)),
                    None => builder.append_null(),
                }
            }
            chunk.places.push(place);
            chunk.rows += 1;
        }
        if chunk.rows == 0 {
            return None;
        }
        chunk.columns = finish(builders);
        Some(Ok(chunk))
    }
}

/// Whether there is a U+FFFD: what stands for bytes that are no text in the file's encoding.
fn memchr_replacement(bytes: &[u8]) -> bool {
    bytes.windows(3).any(|w| w == "\u{fffd}".as_bytes())
}

/// The rows of a sheet, which is in memory.
struct SheetChunks {
    sheet: Arc<Sheet>,
    fields: usize,
    columns: Vec<Option<usize>>,
    rows: usize,
    next: usize,
}

impl Iterator for SheetChunks {
    type Item = Result<Chunk, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let end = self.sheet.len().min(self.next.saturating_add(self.rows));
        if self.next >= end {
            return None;
        }
        let mut builders: Vec<Option<StringBuilder>> =
            self.columns.iter().map(|c| c.map(|_| StringBuilder::new())).collect();
        let mut chunk = Chunk { columns: Vec::new(), rows: end - self.next, broken: Vec::new(), places: Vec::new() };
        let mut fields: Vec<Option<&str>> = vec![None; self.fields];
        for (row, place) in (self.next..end).enumerate() {
            fields.fill(None);
            let mut ragged = false;
            for (column, text) in self.sheet.row(place) {
                match fields.get_mut(column) {
                    Some(field) => *field = Some(text),
                    None => ragged = true,
                }
            }
            if ragged {
                chunk.broken.push(BadRow { row: row as u32, column: None, reason: Reason::Ragged });
            }
            for (builder, column) in builders.iter_mut().zip(&self.columns) {
                let (Some(builder), Some(column)) = (builder, column) else { continue };
                builder.append_option(fields.get(*column).copied().flatten());
            }
            chunk.places.push(self.sheet.number(place));
        }
        self.next = end;
        chunk.columns = finish(builders);
        Some(Ok(chunk))
    }
}

fn finish(builders: Vec<Option<StringBuilder>>) -> Vec<Option<ArrayRef>> {
    builders.into_iter().map(|b| b.map(|mut b| Arc::new(b.finish()) as ArrayRef)).collect()
}

/// Finds the line in which a row of a text file starts. Rows must be asked for in order.
pub(crate) struct Lines {
    reader: BufReader<Box<dyn Read + Send>>,
    shown: String,
    byte: u64,
    line: u64,
}

impl Lines {
    /// Of a file, from its start.
    pub(crate) fn open(file: &DataFile) -> Result<Self, DataError> {
        let reader = BufReader::with_capacity(1 << 18, file.read()?);
        // Skipped lines are not in what is read, but count.
        Ok(Self { reader, shown: file.shown.clone(), byte: 0, line: 1 + file.dialect.skip as u64 })
    }

    /// The line of the row whose reading started at this byte; blank lines before it do not belong to it.
    pub(crate) fn line_of(&mut self, byte: u64) -> Result<u64, DataError> {
        loop {
            let buffer = self.reader.fill_buf().map_err(|e| DataError::io(format!("reading `{}`", self.shown), &e))?;
            if buffer.is_empty() {
                return Ok(self.line);
            }
            let before = usize::try_from(byte.saturating_sub(self.byte)).unwrap_or(usize::MAX).min(buffer.len());
            let (passed, rest) = buffer.split_at(before);
            let blank = if self.byte + before as u64 >= byte {
                rest.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count()
            } else {
                0
            };
            let skipped = passed.iter().chain(rest.iter().take(blank)).filter(|b| **b == b'\n').count();
            let done = before + blank < buffer.len();
            self.line += skipped as u64;
            self.byte += (before + blank) as u64;
            self.reader.consume(before + blank);
            if done {
                return Ok(self.line);
            }
        }
    }
}

struct JsonChunks {
    reader: BufReader<Box<dyn Read + Send>>,
    shown: String,
    /// Key of an object to place in the spec.
    names: HashMap<String, usize>,
    columns: usize,
    rows: usize,
    line: u64,
    buffer: Vec<u8>,
}

impl JsonChunks {
    fn open(file: &DataFile, spec: &TableSpec, layout: &Layout, rows: usize) -> Result<Self, DataError> {
        let mut names = HashMap::new();
        for (i, wanted) in spec.columns.iter().enumerate() {
            // A key that first appears after the lines that were looked at is found by its exact name.
            let found = layout.columns.get(i).copied().flatten().and_then(|c| file.header.get(c));
            match found {
                Some(header) => {
                    names.insert(header.clone(), i);
                }
                None => {
                    for name in std::iter::once(&wanted.name).chain(&wanted.from) {
                        names.entry(name.clone()).or_insert(i);
                    }
                }
            }
        }
        Ok(Self {
            reader: BufReader::with_capacity(1 << 18, file.read()?),
            shown: file.shown.clone(),
            names,
            columns: spec.columns.len(),
            rows,
            line: 0,
            buffer: Vec::new(),
        })
    }
}

/// A line without what may stand around an object.
pub(crate) fn json_text(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii()
}

impl Iterator for JsonChunks {
    type Item = Result<Chunk, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut builders: Vec<StringBuilder> = (0..self.columns).map(|_| StringBuilder::new()).collect();
        let mut values = Values { text: String::new(), places: vec![None; self.columns] };
        let mut chunk = Chunk { columns: Vec::new(), rows: 0, broken: Vec::new(), places: Vec::new() };
        while chunk.rows < self.rows {
            self.buffer.clear();
            match self.reader.read_until(b'\n', &mut self.buffer) {
                Ok(0) => break,
                Ok(_) => self.line += 1,
                Err(e) => return Some(Err(DataError::io(format!("reading `{}`", self.shown), &e))),
            }
            let text = json_text(&self.buffer);
            if text.is_empty() {
                continue;
            }
            values.text.clear();
            values.places.fill(None);
            let row = chunk.rows as u32;
            let reason = match std::str::from_utf8(text) {
                Err(_) => Some(Reason::NotUtf8),
                Ok(text) => {
                    let mut parser = serde_json::Deserializer::from_str(text);
                    let object = ObjectSeed { names: &self.names, values: &mut values };
                    let read = object.deserialize(&mut parser).and_then(|()| parser.end());
                    read.is_err().then_some(Reason::NotJson)
                }
            };
            if let Some(reason) = reason {
                chunk.broken.push(BadRow { row, column: None, reason });
            }
            for (builder, place) in builders.iter_mut().zip(&values.places) {
                builder.append_option(place.clone().and_then(|p| values.text.get(p)));
            }
            chunk.places.push(self.line);
            chunk.rows += 1;
        }
        if chunk.rows == 0 {
            return None;
        }
        chunk.columns = finish(builders.into_iter().map(Some).collect());
        Some(Ok(chunk))
    }
}

/// The values of one object as texts, behind each other in one buffer.
struct Values {
    text: String,
    /// Of each wanted column; `None` if it is missing.
    places: Vec<Option<std::ops::Range<usize>>>,
}

/// Takes the wanted values out of one object.
struct ObjectSeed<'a> {
    names: &'a HashMap<String, usize>,
    values: &'a mut Values,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key<'_>>()? {
            let place = self.names.get(key.0.as_ref()).and_then(|i| self.values.places.get_mut(*i));
            match place {
                Some(place) => {
                    let start = self.values.text.len();
                    let there = map.next_value_seed(TextSeed(&mut self.values.text))?;
                    *place = there.then_some(start..self.values.text.len());
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A key of an object; not copied unless it has escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);

/// Appends a value as a text; `false` for null.
struct TextSeed<'a>(&'a mut String);

impl TextSeed<'_> {
    fn shown(self, value: impl fmt::Display) -> bool {
        use std::fmt::Write as _;
        // Writing to memory does not fail.
        let _ = write!(self.0, "{value}");
        true
    }
}

impl<'de> DeserializeSeed<'de> for TextSeed<'_> {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TextSeed<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        Ok(self.shown(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<bool, E> {
        Ok(self.shown(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<bool, E> {
        Ok(self.shown(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<bool, E> {
        Ok(self.shown(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<bool, E> {
        self.0.push_str(value);
        Ok(true)
    }

    /// A list or an object is shown as it is, so that it is rejected where a number is wanted.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element::<serde_json::Value>()? {
            list.push(value);
        }
        Ok(self.shown(serde_json::Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some((key, value)) = map.next_entry::<String, serde_json::Value>()? {
            object.insert(key, value);
        }
        Ok(self.shown(serde_json::Value::Object(object)))
    }
}

struct ParquetChunks {
    reader: ParquetRecordBatchReader,
    shown: String,
    /// For each wanted column its place in what is read.
    columns: Vec<Option<usize>>,
    row: u64,
}

impl ParquetChunks {
    fn open(file: &DataFile, layout: &Layout, rows: usize) -> Result<Self, DataError> {
        let reading = |e: parquet::errors::ParquetError| {
            DataError::input(format!("reading `{}`: {}", file.shown, DataError::from_parquet(&e)))
        };
        let handle =
            std::fs::File::open(&file.path).map_err(|e| DataError::io(format!("reading `{}`", file.shown), &e))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(handle).map_err(reading)?;
        let projection = layout.projection();
        let mask = ProjectionMask::roots(builder.parquet_schema(), projection.iter().copied());
        let reader = builder.with_projection(mask).with_batch_size(rows).build().map_err(reading)?;
        let columns = layout.columns.iter().map(|c| c.and_then(|c| projection.iter().position(|p| *p == c))).collect();
        Ok(Self { reader, shown: file.shown.clone(), columns, row: 0 })
    }
}

impl Iterator for ParquetChunks {
    type Item = Result<Chunk, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.reader.next()? {
            Ok(batch) => batch,
            Err(e) => return Some(Err(DataError::from(e).doing(format!("reading `{}`", self.shown)))),
        };
        let rows = batch.num_rows();
        let places = (1..=rows as u64).map(|i| self.row + i).collect();
        self.row += rows as u64;
        let columns = self.columns.iter().map(|c| c.and_then(|c| batch.columns().get(c).cloned())).collect();
        Some(Ok(Chunk { columns, rows, broken: Vec::new(), places }))
    }
}

/// Some rows from the first, a middle and the last group of rows of a Parquet file.
pub(crate) fn parquet_sample(
    file: &DataFile,
    layout: &Layout,
    rows: usize,
) -> Result<Vec<Vec<Option<ArrayRef>>>, DataError> {
    let reading = |e: parquet::errors::ParquetError| {
        DataError::input(format!("reading `{}`: {}", file.shown, DataError::from_parquet(&e)))
    };
    let open = || {
        let handle =
            std::fs::File::open(&file.path).map_err(|e| DataError::io(format!("reading `{}`", file.shown), &e))?;
        ParquetRecordBatchReaderBuilder::try_new(handle).map_err(reading)
    };
    let groups = open()?.metadata().num_row_groups();
    let mut chosen = vec![0, groups / 2, groups.saturating_sub(1)];
    chosen.dedup();
    let projection = layout.projection();
    let mut list = Vec::new();
    for group in chosen.into_iter().filter(|g| *g < groups) {
        let builder = open()?;
        let mask = ProjectionMask::roots(builder.parquet_schema(), projection.iter().copied());
        let builder = builder.with_projection(mask).with_row_groups(vec![group]).with_batch_size(rows);
        let Some(batch) = builder.build().map_err(reading)?.next() else { continue };
        let batch = batch.map_err(|e| DataError::from(e).doing(format!("reading `{}`", file.shown)))?;
        let place = |c: usize| projection.iter().position(|p| *p == c).and_then(|p| batch.columns().get(p).cloned());
        list.push(layout.columns.iter().map(|c| c.and_then(place)).collect());
    }
    Ok(list)
}
