//! The tables that are given: `--data NAME=PATH`, their files, headers and types.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::object_store::ObjectMeta;
use datafusion::object_store::path::Path as StorePath;
use encoding_rs::Encoding;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use super::database::{self, Address};
use super::decode;
use super::dialect::{self, Dialect};
use super::error::DataError;
use super::excel::{self, Sheet};
use super::finding::{self, Finding};
use super::headers;
use super::kind;
pub(crate) use super::kind::Kind;
use super::sample::{Bytes, Effort, damaged};
use super::table::TableSpec;

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
    /// How a text file is written; of JSON lines only the encoding counts.
    pub dialect: Dialect,
    /// The sheet of a workbook.
    pub sheet: Option<Arc<Sheet>>,
    /// The first line, if there seems to be no header.
    pub first_row: Option<String>,
    /// What was found and is not declared.
    pub findings: Vec<Finding>,
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

    /// Its text: decompressed, in UTF-8, from the header on (or from the first row, if there is none).
    pub(crate) fn read(&self) -> Result<Box<dyn Read + Send>, DataError> {
        let raw = open(&self.path, &self.shown, self.compression)?;
        let text = decode::reader(raw, self.dialect.encoding);
        if self.dialect.skip == 0 {
            return Ok(text);
        }
        let mut text = BufReader::with_capacity(1 << 16, text);
        decode::skip_lines(&mut text, self.dialect.skip).map_err(|e| damaged(&self.shown, &e))?;
        Ok(Box::new(text))
    }

    /// Whether DataFusion's own scan can read it.
    pub(crate) fn is_fast(&self) -> bool {
        match self.kind {
            Kind::Parquet => true,
            Kind::Csv => self.dialect.fast().is_some(),
            Kind::Excel | Kind::Jsonl | Kind::Table => false,
        }
    }
}

/// The bytes of a file, decompressed.
pub(crate) fn open(
    path: &Path,
    shown: &str,
    compression: FileCompressionType,
) -> Result<Box<dyn Read + Send>, DataError> {
    let file = File::open(path).map_err(|e| DataError::io(format!("reading `{shown}`"), &e))?;
    let reader = BufReader::with_capacity(1 << 18, file);
    compression.convert_read(reader).map_err(|e| DataError::from(e).doing(format!("reading `{shown}`")))
}

/// The files of a table, in order of their names. What lies in a folder and is no table goes to `notices`, and so does
/// what was found out about how the files are written.
pub(crate) fn files(source: &Source, spec: &TableSpec, notices: &mut Vec<String>) -> Result<Vec<DataFile>, DataError> {
    let shown = source.place.to_string();
    let asked = || format!("`--data {}={shown}`", source.name);
    let given = match &source.place {
        Place::Path(path) => path,
        Place::Database(address) => return Ok(vec![database::describe(address, notices)?]),
    };
    let meta = std::fs::metadata(given).map_err(|e| DataError::io(asked(), &e))?;
    let list = if meta.is_dir() { folder(given, &asked(), notices)? } else { vec![given.clone()] };
    let effort = Effort::of(list.len());
    let mut found = Vec::with_capacity(list.len());
    for path in &list {
        let file = describe(path, spec, &asked(), effort)?;
        if let Some(first) = found.first().map(|f: &DataFile| f.kind)
            && first != file.kind
        {
            return Err(DataError::input(format!(
                "{}: the folder holds files of two kinds, {} and {}",
                asked(),
                first.word(),
                file.kind.word()
            ))
            .help("give a folder that holds one kind, or one file"));
        }
        found.push(file);
    }
    let findings: Vec<(String, Vec<Finding>)> =
        found.iter_mut().map(|f| (f.shown.clone(), std::mem::take(&mut f.findings))).collect();
    finding::notices(&spec.section, &findings, notices);
    Ok(found)
}

/// The tables in a folder, by their names.
fn folder(given: &Path, asked: &str, notices: &mut Vec<String>) -> Result<Vec<PathBuf>, DataError> {
    let mut found = Vec::new();
    let mut others = Vec::new();
    for entry in std::fs::read_dir(given).map_err(|e| DataError::io(asked, &e))? {
        let path = entry.map_err(|e| DataError::io(asked, &e))?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        // `~$` begins the lock of a workbook that is open.
        if name.starts_with(['.', '_']) || name.starts_with("~$") {
            continue;
        }
        if kind::is_table(&path) && path.is_file() {
            found.push(path);
        } else {
            others.push(format!("`{}` is no table and was not read", path.display()));
        }
    }
    others.sort();
    notices.append(&mut others);
    found.sort();
    if found.is_empty() {
        return Err(DataError::input(format!("{asked}: the folder holds no table"))
            .help("a table is a .csv, .txt, .xlsx, .parquet or .jsonl file"));
    }
    Ok(found)
}

fn describe(path: &Path, spec: &TableSpec, asked: &str, effort: Effort) -> Result<DataFile, DataError> {
    let shown = path.display().to_string();
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
    // The name as given: a link may point to one without an ending.
    let told = kind::tell(path, &shown, asked)?;
    let modified = info.modified().unwrap_or(std::time::UNIX_EPOCH);
    let mut file = DataFile {
        path: absolute,
        kind: told.kind,
        compression: told.compression,
        header: Vec::new(),
        types: None,
        small_dictionary: Vec::new(),
        dialect: Dialect::default(),
        sheet: None,
        first_row: None,
        findings: Vec::new(),
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
    if let Some(what) = told.surprise {
        file.findings.push(Finding { said: format!("it is {what}, whatever its name says"), toml: String::new() });
    }
    match told.kind {
        Kind::Csv => text_header(&mut file, spec, told.tabs, effort)?,
        Kind::Excel => {
            let opened = excel::open(spec, &file.path, &file.shown)?;
            file.rows = u64::try_from(opened.sheet.len()).ok();
            file.header = opened.header;
            file.first_row = opened.first_row;
            file.findings.extend(opened.findings);
            file.sheet = Some(Arc::new(opened.sheet));
        }
        Kind::Jsonl => json_header(&mut file, spec)?,
        Kind::Parquet => parquet_header(&mut file)?,
        Kind::Table => {}
    }
    if matches!(told.kind, Kind::Csv | Kind::Excel) {
        headers::tell_apart(&mut file.header, &spec.known());
    }
    Ok(file)
}

/// The encoding the pack declares; a byte order mark of the file knows better.
fn declared(spec: &TableSpec, head: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(spec.file.encoding.as_ref()?.as_bytes())?;
    Some(Encoding::for_bom(head).map_or(encoding, |(bom, _)| bom))
}

/// Finds out how a text file is written and reads its header.
fn text_header(file: &mut DataFile, spec: &TableSpec, tabs: bool, effort: Effort) -> Result<(), DataError> {
    let bytes = Bytes::read(&file.path, &file.shown, file.compression, effort)?;
    let encoding = declared(spec, &bytes.head).unwrap_or_else(|| bytes.encoding());
    let look = dialect::look(spec, &file.shown, &bytes.head_text(encoding), encoding, tabs)?;
    file.dialect = look.dialect;
    file.header = look.header;
    file.first_row = look.first_row;
    file.findings.extend(look.findings);
    Ok(())
}

/// The keys of the first lines, in order of appearance.
fn json_header(file: &mut DataFile, spec: &TableSpec) -> Result<(), DataError> {
    const LINES: usize = 1000;
    let bytes = Bytes::read(&file.path, &file.shown, file.compression, Effort::Little)?;
    file.dialect.encoding = declared(spec, &bytes.head).unwrap_or_else(|| bytes.encoding());
    if spec.file.encoding.is_none() && file.dialect.encoding != encoding_rs::UTF_8 {
        let name = file.dialect.encoding.name().to_lowercase();
        let said = format!("the encoding is {name}");
        file.findings.push(Finding { said, toml: format!("encoding = \"{name}\"") });
    }
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
}
