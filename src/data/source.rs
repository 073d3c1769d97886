//! The tables that are given: `--data NAME=PATH`, their files, headers and types.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::object_store::ObjectMeta;
use datafusion::object_store::path::Path as StorePath;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use super::database::{self, Address};
use super::error::DataError;

/// A table that is given: `orders=exports/orders.csv`, `orders=sqlite://crm.db?table=orders`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The table's name in the pack.
    pub name: String,
    /// Where it lies.
    pub place: Place,
}

/// Where a table lies, or is to lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file, or a folder of files of one kind.
    Path(PathBuf),
    /// A table in a database.
    Database(Address),
}

impl Place {
    /// A path, or the address of a table in a database.
    ///
    /// # Errors
    /// It is meant as an address and is none.
    pub fn parse(text: &str) -> Result<Place, DataError> {
        if Address::is_meant(text) { Address::parse(text).map(Place::Database) } else { Ok(Place::Path(text.into())) }
    }
}

/// As it is shown: an address without who asks.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Path(path) => path.display().fmt(f),
            Place::Database(address) => address.fmt(f),
        }
    }
}

impl Source {
    /// A table and the file or folder it lies in.
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self { name: name.into(), place: Place::Path(path.into()) }
    }

    /// Reads `NAME=PATH` or `NAME=ADDRESS`.
    ///
    /// # Errors
    /// There is no `=`, nothing before or after it, or an address that is none. What was given is not repeated if a password
    /// may stand in it.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        match text.split_once('=') {
            Some((name, place)) if !name.trim().is_empty() && !name.contains("://") && !place.is_empty() => {
                Ok(Self { name: name.trim().to_owned(), place: Place::parse(place)? })
            }
            _ if text.contains("://") => {
                Err(DataError::input("an address of a table must have the table's name before it")
                    .help("for example `--data customers=postgres://user@host/database?table=customers`"))
            }
            _ => Err(DataError::input(format!("`{text}` is not of the form NAME=PATH"))
                .help("for example `--data orders=exports/orders.csv`")),
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Lines of fields, a header first.
    Csv,
    /// One JSON object per line.
    Jsonl,
    /// Parquet.
    Parquet,
    /// A table in a database.
    Table,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Csv => "CSV",
            Kind::Jsonl => "JSON lines",
            Kind::Parquet => "Parquet",
            Kind::Table => "a table of a database",
        }
    }
}

/// One file of a table, its header read.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    /// Where it lies.
    pub path: PathBuf,
    /// How it is shown: the path as given.
    pub shown: String,
    /// What it is.
    pub kind: Kind,
    /// How it is compressed (Parquet: inside).
    pub compression: FileCompressionType,
    /// The names of its columns. Of JSON lines: the keys of the first lines.
    pub header: Vec<String>,
    /// The types of its columns; `None` if all are texts.
    pub types: Option<SchemaRef>,
    /// Per column (Parquet), whether it is a text with few different values.
    pub small_dictionary: Vec<bool>,
    /// Between the fields of CSV.
    pub delimiter: u8,
    /// Rows, if the file says so without being read.
    pub rows: Option<u64>,
    /// For the reader.
    pub meta: ObjectMeta,
    /// The table, if it is none of files.
    pub database: Option<Arc<database::Table>>,
}

impl DataFile {
    /// The type of a column.
    pub(crate) fn data_type(&self, column: usize) -> DataType {
        match &self.types {
            Some(schema) => schema.fields().get(column).map_or(DataType::Null, |f| f.data_type().clone()),
            None => DataType::Utf8,
        }
    }

    /// Its bytes, decompressed.
    pub(crate) fn read(&self) -> Result<Box<dyn Read + Send>, DataError> {
        open(&self.path, &self.shown, self.compression)
    }
}

fn open(path: &Path, shown: &str, compression: FileCompressionType) -> Result<Box<dyn Read + Send>, DataError> {
    let file = File::open(path).map_err(|e| DataError::io(format!("reading `{shown}`"), &e))?;
    let reader = BufReader::with_capacity(1 << 18, file);
    compression.convert_read(reader).map_err(|e| DataError::from(e).doing(format!("reading `{shown}`")))
}

/// The files of a table, in order of their names. What lies in a folder and is no table goes to `notices`.
pub(crate) fn files(source: &Source, notices: &mut Vec<String>) -> Result<Vec<DataFile>, DataError> {
    let shown = source.place.to_string();
    let asked = || format!("`--data {}={shown}`", source.name);
    let path = match &source.place {
        Place::Path(path) => path,
        Place::Database(address) => return Ok(vec![database::describe(address, notices)?]),
    };
    let meta = std::fs::metadata(path).map_err(|e| DataError::io(asked(), &e))?;
    if !meta.is_dir() {
        let (kind, compression) = kind_of(path).ok_or_else(|| {
            DataError::input(format!("{}: the kind of the file cannot be told from its name", asked()))
                .help("name it .csv, .parquet, .jsonl, .ndjson or .json (lines); .gz, .zst, .bz2 or .xz may follow")
        })?;
        return Ok(vec![describe(path, shown, kind, compression)?]);
    }
    let entries = std::fs::read_dir(path).map_err(|e| DataError::io(asked(), &e))?;
    let mut found: Vec<(PathBuf, Kind, FileCompressionType)> = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| DataError::io(asked(), &e))?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with(['.', '_']) {
            continue;
        }
        match kind_of(&path) {
            Some((kind, compression)) if path.is_file() => found.push((path, kind, compression)),
            _ => notices.push(format!("`{}` is no table and was not read", path.display())),
        }
    }
    notices.sort();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let Some((_, kind, _)) = found.first() else {
        return Err(DataError::input(format!("{}: the folder holds no table", asked()))
            .help("a table is a .csv, .parquet or .jsonl file"));
    };
    if let Some((_, other, _)) = found.iter().find(|f| f.1 != *kind) {
        return Err(DataError::input(format!(
            "{}: the folder holds files of two kinds, {} and {}",
            asked(),
            kind.word(),
            other.word()
        ))
        .help("give a folder that holds one kind, or one file"));
    }
    found
        .into_iter()
        .map(|(path, kind, compression)| {
            let shown = path.display().to_string();
            describe(&path, shown, kind, compression)
        })
        .collect()
}

/// What a file is, by its name.
fn kind_of(path: &Path) -> Option<(Kind, FileCompressionType)> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let (stem, last) = name.rsplit_once('.')?;
    let compression = match last {
        "gz" | "gzip" => FileCompressionType::GZIP,
        "zst" | "zstd" => FileCompressionType::ZSTD,
        "bz2" => FileCompressionType::BZIP2,
        "xz" => FileCompressionType::XZ,
        _ => FileCompressionType::UNCOMPRESSED,
    };
    let extension = if compression.is_compressed() { stem.rsplit_once('.')?.1 } else { last };
    let kind = match extension {
        "csv" | "tsv" | "txt" => Kind::Csv,
        "jsonl" | "ndjson" | "json" => Kind::Jsonl,
        "parquet" | "pq" if !compression.is_compressed() => Kind::Parquet,
        _ => return None,
    };
    Some((kind, compression))
}

fn describe(path: &Path, shown: String, kind: Kind, compression: FileCompressionType) -> Result<DataFile, DataError> {
    let reading = || format!("reading `{shown}`");
    let absolute = std::fs::canonicalize(path).map_err(|e| DataError::io(reading(), &e))?;
    let info = std::fs::metadata(&absolute).map_err(|e| DataError::io(reading(), &e))?;
    if !info.is_file() {
        return Err(DataError::input(format!("`{shown}` is not a file that can be read twice"))
            .help("write the data to a file first"));
    }
    let location = StorePath::from_absolute_path(&absolute)
        .map_err(|e| DataError::input(format!("{}: the path cannot be used: {e}", reading())))?;
    if info.len() == 0 {
        return Err(DataError::input(format!("`{shown}` is empty: not even a header")));
    }
    let modified = info.modified().unwrap_or(std::time::UNIX_EPOCH);
    let mut file = DataFile {
        path: absolute,
        kind,
        compression,
        header: Vec::new(),
        types: None,
        small_dictionary: Vec::new(),
        delimiter: b',',
        rows: None,
        database: None,
        meta: ObjectMeta {
            location,
            last_modified: chrono::DateTime::from(modified),
            size: info.len(),
            e_tag: None,
            version: None,
        },
        shown,
    };
    match kind {
        Kind::Csv => csv_header(&mut file)?,
        Kind::Jsonl => json_header(&mut file)?,
        Kind::Parquet => parquet_header(&mut file)?,
        Kind::Table => {}
    }
    Ok(file)
}

/// Reads the header and finds out what stands between the fields.
fn csv_header(file: &mut DataFile) -> Result<(), DataError> {
    const ENOUGH: u64 = 1 << 20;
    let mut start = Vec::new();
    file.read()?
        .take(ENOUGH)
        .read_to_end(&mut start)
        .map_err(|e| DataError::input(format!("reading `{}`: {}", file.shown, e.to_string().to_lowercase())))?;
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        return Err(DataError::input(format!("`{}` is UTF-16 text, which is not read", file.shown))
            .help("save it as CSV in UTF-8"));
    }
    let mut best: Option<(u8, csv::ByteRecord)> = None;
    for delimiter in [b',', b';', b'\t', b'|'] {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(start.as_slice());
        let mut record = csv::ByteRecord::new();
        let read = reader
            .read_byte_record(&mut record)
            .map_err(|e| DataError::input(format!("reading the header of `{}`: {e}", file.shown)))?;
        if read && best.as_ref().is_none_or(|(_, b)| record.len() > b.len()) {
            best = Some((delimiter, record));
        }
    }
    let Some((delimiter, record)) = best else {
        return Err(DataError::input(format!("`{}` is empty: not even a header", file.shown)));
    };
    file.delimiter = delimiter;
    for field in &record {
        let text = std::str::from_utf8(field).map_err(|_| {
            DataError::input(format!("the header of `{}` is not UTF-8 text", file.shown))
                .help("save it as CSV in UTF-8")
        })?;
        file.header.push(text.to_owned());
    }
    Ok(())
}

/// The keys of the first lines, in order of appearance.
fn json_header(file: &mut DataFile) -> Result<(), DataError> {
    const LINES: usize = 1000;
    let reader = BufReader::new(file.read()?);
    let mut seen = indexmap::IndexSet::new();
    let mut started = false;
    for line in reader.split(b'\n').take(LINES) {
        let line =
            line.map_err(|e| DataError::input(format!("reading `{}`: {}", file.shown, e.to_string().to_lowercase())))?;
        let text = super::careful::json_text(&line);
        if !started && text.first() == Some(&b'[') {
            return Err(DataError::input(format!("`{}` is one JSON list, not one JSON object per line", file.shown))
                .help("write one object per line, for example with `jq -c '.[]'`"));
        }
        started |= !text.is_empty();
        if let Ok(serde_json::Value::Object(object)) = serde_json::from_slice(text) {
            seen.extend(object.into_iter().map(|(key, _)| key));
        }
    }
    file.header = seen.into_iter().collect();
    Ok(())
}

/// Names, types, and which texts are worth keeping as dictionaries.
fn parquet_header(file: &mut DataFile) -> Result<(), DataError> {
    // A dictionary of this many compressed bytes has a few thousand entries at most.
    const SMALL: i64 = 1 << 14;
    let broken = |e: parquet::errors::ParquetError| {
        DataError::input(format!("`{}` is not a readable Parquet file: {}", file.shown, DataError::from_parquet(&e)))
    };
    let handle = File::open(&file.path).map_err(|e| DataError::io(format!("reading `{}`", file.shown), &e))?;
    let meta = ArrowReaderMetadata::load(&handle, ArrowReaderOptions::new()).map_err(broken)?;
    let schema = meta.schema();
    file.header = schema.fields().iter().map(|f| f.name().clone()).collect();
    file.rows = u64::try_from(meta.metadata().file_metadata().num_rows()).ok();
    // A leaf column per field, as long as nothing is nested; only then do the places agree.
    let leaves = meta.metadata().file_metadata().schema_descr().num_columns();
    file.small_dictionary = (0..schema.fields().len())
        .map(|i| {
            leaves == schema.fields().len()
                && meta.metadata().row_groups().iter().all(|group| {
                    let column = group.columns().get(i);
                    column.is_some_and(|c| {
                        c.dictionary_page_offset().is_some_and(|start| c.data_page_offset() - start < SMALL)
                    })
                })
        })
        .collect();
    file.types = Some(Arc::clone(schema));
    Ok(())
}

impl DataError {
    /// What is wrong with a Parquet file, without the library's own words.
    pub(crate) fn from_parquet(error: &parquet::errors::ParquetError) -> String {
        let text = error.to_string();
        let text = text.strip_prefix("Parquet error: ").unwrap_or(&text);
        let text = text.strip_prefix("EOF: ").unwrap_or(text);
        if text.contains("Corrupt footer") || text.contains("footer") || text.contains("magic") {
            "its end is damaged or it was not written to the end".to_owned()
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_source_is_a_name_and_a_path() {
        assert_eq!(Source::parse("orders=a=b.csv").unwrap(), Source::new("orders", "a=b.csv"));
        assert_eq!(Source::parse(r"orders=C:\a.csv").unwrap(), Source::new("orders", r"C:\a.csv"));
        for wrong in ["orders", "=x", "orders="] {
            assert!(Source::parse(wrong).unwrap_err().message.contains("NAME=PATH"));
        }
    }

    #[test]
    fn a_source_may_be_in_a_database() {
        let source = Source::parse("customers=postgres://me@h/crm?table=c").unwrap();
        assert_eq!(
            (source.name.as_str(), source.place.to_string().as_str()),
            ("customers", "postgres://h/crm?table=c")
        );
        for text in ["postgres://me:geheim@h/crm?table=c", "c=postgres://me:geheim@h/crm?table=c", "x://geheim"] {
            assert!(!format!("{:?}", Source::parse(text).unwrap_err()).contains("geheim"), "{text}");
        }
    }

    #[test]
    fn kinds_by_name() {
        let kind = |name: &str| kind_of(Path::new(name)).map(|k| (k.0, k.1.is_compressed()));
        assert_eq!(kind("x/a.CSV"), Some((Kind::Csv, false)));
        assert_eq!(kind("a.csv.gz"), Some((Kind::Csv, true)));
        assert_eq!(kind("a.ndjson.zst"), Some((Kind::Jsonl, true)));
        assert_eq!(kind("a.parquet"), Some((Kind::Parquet, false)));
        assert_eq!(kind("a.parquet.gz"), None);
        assert_eq!(kind("csv"), None);
        assert_eq!(kind("a.xlsx"), None);
    }
}
