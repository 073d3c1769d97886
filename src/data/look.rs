//! Looks at all of a source: every row of every column as text, in batches. What a profile is made of.
//!
//! Nothing is wanted here and nothing is refused: the headers are taken as they stand, rows that cannot be taken apart are
//! counted and left out, and memory holds one batch at a time.

mod guess;

pub use guess::{Guess, Read, Reader, Unclear, guess};

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringArray, new_null_array};
use arrow::compute::{cast, filter};
use arrow::datatypes::DataType;

use super::careful::{Chunk, Lines, chunks};
use super::error::DataError;
use super::format::ColumnFormat;
use super::source::{DataFile, Kind, Source, files};
use super::table::{Layout, TableSpec, Want, Wanted};
use crate::pack::{FileFormat, KeyRules, ValueFormat};

/// How many rows a visitor is given at once.
const BATCH: usize = 8192;
/// How many bad rows are kept with their places.
const SAMPLES: usize = 5;

/// A file of a source, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedFile {
    /// The path as given.
    pub shown: String,
    /// `CSV`, `JSON lines`, `Parquet`.
    pub kind: &'static str,
    /// Its size on disk.
    pub bytes: u64,
    /// Rows read, those that could not be taken apart among them.
    pub rows: u64,
    /// How it is written: encoding and delimiter of text, the sheet of a workbook, lines to skip, headers it lacks. What
    /// needs no word is not said.
    pub found: FileFormat,
}

/// A row that could not be taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRow {
    /// The file, as given.
    pub file: String,
    /// Line of text, row of Parquet.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// What was looked at.
#[derive(Debug, Clone)]
pub struct Looked {
    /// The headers of all files, in order of appearance.
    pub header: Vec<String>,
    /// In order of their names.
    pub files: Vec<LookedFile>,
    /// Rows read, of all files.
    pub rows: u64,
    /// Whether that were all there are.
    pub complete: bool,
    /// Rows that could not be taken apart.
    pub broken: u64,
    /// The first of them.
    pub broken_rows: Vec<BrokenRow>,
    /// What a person should know, one sentence each.
    pub notices: Vec<String>,
    opened: Vec<Arc<DataFile>>,
}

/// Where a row stands: the file's number, and its place in it. Ordered as the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct RowPlace {
    file: u32,
    at: u64,
}

/// A batch of good rows.
#[derive(Debug)]
pub struct Rows {
    /// In the order of [`Opened::header`].
    pub columns: Vec<StringArray>,
    /// Of each row.
    pub places: Vec<RowPlace>,
}

/// A source whose headers are read.
#[derive(Debug)]
pub struct Opened {
    name: String,
    header: Vec<String>,
    files: Vec<Arc<DataFile>>,
    notices: Vec<String>,
}

impl Opened {
    /// Finds the files of a source and reads their headers. `format` is what is known of how they are written.
    ///
    /// # Errors
    /// The files are not there, or are no tables.
    pub fn open(source: &Source, format: &FileFormat) -> Result<Opened, DataError> {
        let mut notices = Vec::new();
        let spec = TableSpec { table: source.name.clone(), file: format.clone(), ..TableSpec::default() };
        let files: Vec<Arc<DataFile>> = files(source, &spec, &mut notices)?.into_iter().map(Arc::new).collect();
        let mut header: Vec<String> = Vec::new();
        for file in &files {
            let mut seen: HashMap<&str, usize> = HashMap::new();
            for name in &file.header {
                let nth = seen.entry(name).or_default();
                *nth += 1;
                if header.iter().filter(|h| *h == name).count() < *nth {
                    header.push(name.clone());
                }
            }
        }
        Ok(Opened { name: source.name.clone(), header, files, notices })
    }

    /// The headers of all files, in order of appearance. One that occurs twice stands there twice.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Rows, if the files say so without being read.
    #[must_use]
    pub fn known_rows(&self) -> Option<u64> {
        self.files.iter().map(|f| f.rows).sum()
    }

    /// Gives every row to `visit`, at most `most`.
    ///
    /// # Errors
    /// A file cannot be read to its end, or `visit` says so.
    pub fn look(
        self,
        most: Option<u64>,
        mut visit: impl FnMut(&Rows) -> Result<(), DataError>,
    ) -> Result<Looked, DataError> {
        let mut looked = Looked {
            header: self.header,
            files: Vec::new(),
            rows: 0,
            complete: true,
            broken: 0,
            broken_rows: Vec::new(),
            notices: self.notices,
            opened: self.files.clone(),
        };
        for (number, file) in self.files.iter().enumerate() {
            let (spec, layout) = everything(&self.name, &looked.header, file);
            let before = looked.rows;
            for chunk in chunks(file, &spec, &layout, BATCH)? {
                let room = most.map_or(u64::MAX, |m| m.saturating_sub(looked.rows));
                if room == 0 {
                    looked.complete = false;
                    break;
                }
                let mut chunk = chunk?;
                let keep = usize::try_from(room).unwrap_or(usize::MAX).min(chunk.rows);
                looked.complete &= keep == chunk.rows;
                chunk.broken.retain(|b| (b.row as usize) < keep);
                chunk.places.truncate(keep);
                looked.rows += keep as u64;
                looked.note_broken(file, &chunk)?;
                let rows = good_rows(number, chunk, keep)?;
                if !rows.places.is_empty() {
                    visit(&rows)?;
                }
            }
            looked.files.push(LookedFile {
                shown: file.shown.clone(),
                kind: file.kind.word(),
                bytes: file.meta.size,
                rows: looked.rows - before,
                found: found(file),
            });
        }
        Ok(looked)
    }
}

impl Looked {
    fn note_broken(&mut self, file: &DataFile, chunk: &Chunk) -> Result<(), DataError> {
        self.broken += chunk.broken.len() as u64;
        for bad in &chunk.broken {
            if self.broken_rows.len() >= SAMPLES {
                break;
            }
            let at = chunk.places.get(bad.row as usize).copied().unwrap_or(0);
            let line = line_of(file, at)?;
            self.broken_rows.push(BrokenRow { file: file.shown.clone(), line, reason: bad.reason.to_string() });
        }
        Ok(())
    }

    /// The file and the line (of Parquet: the row) of a place. Reads the file up to there: for a few examples.
    ///
    /// # Errors
    /// The file cannot be read again.
    pub fn line(&self, place: RowPlace) -> Result<(String, u64), DataError> {
        match self.opened.get(place.file as usize) {
            Some(file) => Ok((file.shown.clone(), line_of(file, place.at)?)),
            None => Err(DataError::internal("a place in no file")),
        }
    }
}

/// How a file is written, as far as that can be said in a pack.
fn found(file: &DataFile) -> FileFormat {
    let dialect = &file.dialect;
    let text = file.kind == Kind::Csv;
    let encoded = text || file.kind == Kind::Jsonl;
    FileFormat {
        encoding: encoded.then(|| dialect.encoding.name().to_lowercase()),
        delimiter: text.then_some(dialect.delimiter),
        quote: (text && dialect.quote != Some(b'"')).then_some(dialect.quote),
        headers: if text && !dialect.has_header { file.header.clone() } else { Vec::new() },
        skip: Some(file.sheet.as_ref().map_or(dialect.skip, |sheet| sheet.skip)).filter(|skip| *skip > 0),
        sheet: file.sheet.as_ref().and_then(|sheet| sheet.name.clone()),
        ..FileFormat::default()
    }
}

fn line_of(file: &DataFile, at: u64) -> Result<u64, DataError> {
    if file.kind == Kind::Csv { Lines::open(file)?.line_of(at) } else { Ok(at) }
}

/// A spec that wants every column of the file as text.
fn everything(table: &str, header: &[String], file: &DataFile) -> (TableSpec, Layout) {
    let mut used = vec![false; file.header.len()];
    let mut columns = Vec::with_capacity(header.len());
    for name in header {
        // The n-th column of a name is the n-th of that name in every file.
        let place = file.header.iter().zip(&used).position(|(h, used)| h == name && !used);
        if let Some(flag) = place.and_then(|i| used.get_mut(i)) {
            *flag = true;
        }
        columns.push(place);
    }
    let wanted = |name: &String| Wanted {
        name: name.clone(),
        want: Want::Raw(DataType::Utf8),
        from: Vec::new(),
        written: ValueFormat::default(),
        optional: true,
        required: false,
        values: Vec::new(),
        keys: KeyRules::default(),
    };
    let spec =
        TableSpec { table: table.to_owned(), columns: header.iter().map(wanted).collect(), ..TableSpec::default() };
    let formats = vec![ColumnFormat::default(); columns.len()];
    (spec, Layout { columns, formats })
}

fn good_rows(number: usize, chunk: Chunk, keep: usize) -> Result<Rows, DataError> {
    let file = u32::try_from(number).unwrap_or(u32::MAX);
    let mut good = vec![true; keep];
    for bad in &chunk.broken {
        if let Some(flag) = good.get_mut(bad.row as usize) {
            *flag = false;
        }
    }
    let places = chunk.places.iter().zip(&good).filter(|(_, good)| **good).map(|(at, _)| RowPlace { file, at: *at });
    let places = places.collect();
    let all = good.iter().all(|g| *g);
    let mask = BooleanArray::from(good);
    let columns = chunk.columns.iter().map(|column| {
        let array: ArrayRef = match column {
            Some(array) => cast(&array.slice(0, keep.min(array.len())), &DataType::Utf8)
                .unwrap_or_else(|_| new_null_array(&DataType::Utf8, keep)),
            None => new_null_array(&DataType::Utf8, keep),
        };
        let array = if all { array } else { filter(&array, &mask)? };
        Ok(array.as_string::<i32>().clone())
    });
    Ok(Rows { columns: columns.collect::<Result<_, DataError>>()?, places })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::pack::Delimiter;

    fn look(text: &[u8], most: Option<u64>) -> (Looked, Vec<Vec<Option<String>>>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        let opened = Opened::open(&Source::new("a", path), &FileFormat::default()).unwrap();
        let mut seen = vec![Vec::new(); opened.header().len()];
        let mut last = None;
        let looked = opened
            .look(most, |rows| {
                for (list, column) in seen.iter_mut().zip(&rows.columns) {
                    list.extend(column.iter().map(|v| v.map(str::to_owned)));
                }
                last = rows.places.last().copied();
                Ok(())
            })
            .unwrap();
        if let Some(place) = last {
            assert!(looked.line(place).unwrap().1 > 1);
        }
        (looked, seen)
    }

    #[test]
    fn every_row_of_every_column_also_of_one_name() {
        let (looked, seen) = look(b"a;b;a\n1;2;3\n4;;6\n7\n8;9;10\n", None);
        assert_eq!(looked.header, ["a", "b", "a_2"]);
        assert_eq!((looked.rows, looked.broken, looked.complete), (4, 1, true));
        assert_eq!(looked.broken_rows[0].line, 4);
        assert_eq!(looked.files[0].found.delimiter, Some(Delimiter::Byte(b';')));
        assert_eq!(seen[0], [Some("1".to_owned()), Some("4".into()), Some("8".into())]);
        assert_eq!(seen[1][1], None);
        assert_eq!(seen[2][2], Some("10".to_owned()));
    }

    #[test]
    fn no_more_rows_than_asked_for() {
        let (looked, seen) = look(b"a\n1\n2\n3\n", Some(2));
        assert_eq!((looked.rows, looked.complete, seen[0].len()), (2, false, 2));
    }
}
