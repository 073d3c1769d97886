//! Where decisions go: Parquet, CSV, JSON lines; written under a temporary name and renamed when complete.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use tempfile::NamedTempFile;

use super::error::DataError;
use super::text::{TextFormat, write_header, write_rows};

/// Takes the batches of a run, in order.
pub trait Sink {
    /// The next rows.
    ///
    /// # Errors
    /// They could not be written.
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError>;

    /// Forgets everything written so far: the run starts again, in a more careful mode.
    ///
    /// # Errors
    /// The target could not be opened anew.
    fn restart(&mut self) -> Result<(), DataError>;
}

/// Keeps everything: for tests, and for results that are shown at once.
#[derive(Debug, Default)]
pub struct Collected {
    /// In order.
    pub batches: Vec<RecordBatch>,
}

impl Sink for Collected {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        self.batches.push(batch.clone());
        Ok(())
    }

    fn restart(&mut self) -> Result<(), DataError> {
        self.batches.clear();
        Ok(())
    }
}

/// Several sinks take the same batches, in order.
pub struct Tee<'a>(pub Vec<&'a mut dyn Sink>);

impl Sink for Tee<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        self.0.iter_mut().try_for_each(|sink| sink.write(batch))
    }

    fn restart(&mut self) -> Result<(), DataError> {
        self.0.iter_mut().try_for_each(|sink| sink.restart())
    }
}

/// The machine-readable forms of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, a header first; missing is empty.
    Csv,
    /// One JSON object per line; missing is null, every line has every column.
    Jsonl,
    /// Parquet, zstd-compressed.
    Parquet,
}

impl Format {
    /// By the extension of a file: `csv`, `jsonl`, `ndjson`, `json`, `parquet`.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Format> {
        Self::of_word(&path.extension()?.to_string_lossy())
    }

    /// By its name.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Format> {
        match word.to_lowercase().as_str() {
            "csv" => Some(Format::Csv),
            "jsonl" | "ndjson" | "json" => Some(Format::Jsonl),
            "parquet" | "pq" => Some(Format::Parquet),
            _ => None,
        }
    }
}

/// Where a table is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file; it appears, whole, when the run has succeeded.
    File(PathBuf),
    /// Standard output, once the run has succeeded.
    Stdout,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Writes a table to a file or to standard output. Dropped without [`DecisionSink::finish`] it leaves nothing behind.
pub struct DecisionSink {
    target: Target,
    format: Format,
    schema: SchemaRef,
    writer: Writer,
    rows: u64,
}

enum Writer {
    Text(BufWriter<NamedTempFile>, TextFormat, Vec<u8>),
    Parquet(Box<ArrowWriter<NamedTempFile>>),
    Closed,
}

impl DecisionSink {
    /// Opens a temporary file beside the target.
    ///
    /// # Errors
    /// The folder is not there or may not be written to; Parquet on standard output.
    pub fn create(target: Target, format: Format, schema: SchemaRef) -> Result<Self, DataError> {
        if target == Target::Stdout && format == Format::Parquet {
            return Err(DataError::input("Parquet cannot be written to the terminal")
                .help("give a file with `--out decisions.parquet`"));
        }
        let mut sink = Self { target, format, schema, writer: Writer::Closed, rows: 0 };
        sink.open()?;
        Ok(sink)
    }

    fn open(&mut self) -> Result<(), DataError> {
        self.rows = 0;
        // An old half-written file goes away first.
        self.writer = Writer::Closed;
        let file = temporary(&self.target)?;
        self.writer = match self.format {
            Format::Parquet => {
                let writer = ArrowWriter::try_new(file, self.schema.clone(), Some(properties(&self.schema)))
                    .map_err(|e| writing(&self.target, &e))?;
                Writer::Parquet(Box::new(writer))
            }
            Format::Csv | Format::Jsonl => {
                let format = if self.format == Format::Csv { TextFormat::Csv } else { TextFormat::Jsonl };
                let mut out = BufWriter::with_capacity(1 << 18, file);
                let mut header = Vec::new();
                write_header(&self.schema, format, &mut header);
                out.write_all(&header).map_err(|e| DataError::io(doing(&self.target), &e))?;
                Writer::Text(out, format, Vec::new())
            }
        };
        Ok(())
    }

    /// Completes the file and gives it its name; or copies it to standard output.
    ///
    /// # Errors
    /// It could not be written to the end, or not be renamed.
    pub fn finish(mut self) -> Result<Written, DataError> {
        let file = match std::mem::replace(&mut self.writer, Writer::Closed) {
            Writer::Text(out, ..) => out.into_inner().map_err(|e| DataError::io(doing(&self.target), e.error()))?,
            Writer::Parquet(writer) => writer.into_inner().map_err(|e| writing(&self.target, &e))?,
            Writer::Closed => return Err(DataError::internal("the output is already closed")),
        };
        let bytes = keep(file, &self.target)?;
        Ok(Written { rows: self.rows, bytes })
    }
}

impl Sink for DecisionSink {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        if self.rows == 0 && !same_types(&self.schema, batch.schema_ref()) {
            // The key has the type it has in the data, which the program does not know.
            self.schema = batch.schema();
            self.open()?;
        }
        match &mut self.writer {
            Writer::Text(out, format, buffer) => {
                buffer.clear();
                write_rows(batch, *format, buffer)?;
                out.write_all(buffer).map_err(|e| DataError::io(doing(&self.target), &e))?;
            }
            Writer::Parquet(writer) => writer.write(batch).map_err(|e| writing(&self.target, &e))?,
            Writer::Closed => return Err(DataError::internal("the output is already closed")),
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn restart(&mut self) -> Result<(), DataError> {
        self.open()
    }
}

fn same_types(a: &SchemaRef, b: &SchemaRef) -> bool {
    a.fields().len() == b.fields().len()
        && a.fields().iter().zip(b.fields()).all(|(a, b)| a.name() == b.name() && a.data_type() == b.data_type())
}

/// Texts are worth a dictionary, numbers with many digits are not (trying one costs a third of the time).
fn properties(schema: &SchemaRef) -> WriterProperties {
    let level = ZstdLevel::try_new(1).unwrap_or_default();
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(1 << 18))
        .set_created_by(concat!("regain ", env!("CARGO_PKG_VERSION")).to_owned());
    for field in schema.fields() {
        let path = ColumnPath::new(vec![field.name().clone()]);
        let text = matches!(field.data_type(), DataType::Dictionary(..));
        properties = properties.set_column_dictionary_enabled(path, text || *field.data_type() == DataType::Date32);
    }
    properties.build()
}

fn doing(target: &Target) -> String {
    match target {
        Target::File(path) => format!("writing `{}`", path.display()),
        Target::Stdout => "writing to standard output".to_owned(),
    }
}

fn writing(target: &Target, error: &parquet::errors::ParquetError) -> DataError {
    let source = std::error::Error::source(error).and_then(|e| e.downcast_ref::<io::Error>());
    match source {
        Some(error) => DataError::io(doing(target), error),
        None => DataError::machine(format!("{}: {}", doing(target), DataError::from_parquet(error))),
    }
}

/// A temporary file in the folder of the target, so that renaming is one step.
pub(crate) fn temporary(target: &Target) -> Result<NamedTempFile, DataError> {
    let failed = |e: &io::Error| {
        let error = DataError::io(doing(target), e);
        if e.kind() == io::ErrorKind::NotFound { error.help("make the folder first") } else { error }
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".regain-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the umask takes away what it takes away.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    match target {
        Target::File(path) if is_plain(path) => {
            let path = resolved(path);
            let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
            builder.tempfile_in(folder).map_err(|e| failed(&e))
        }
        Target::File(_) | Target::Stdout => builder.tempfile().map_err(|e| failed(&e)),
    }
}

/// A link is followed, so that the file behind it is replaced, not the link.
fn resolved(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Devices and pipes cannot be replaced, only written to.
fn is_plain(path: &Path) -> bool {
    std::fs::metadata(path).map_or(true, |m| m.is_file())
}

/// Gives a complete temporary file its name. Returns its size.
pub(crate) fn keep(mut file: NamedTempFile, target: &Target) -> Result<u64, DataError> {
    let failed = |e: &io::Error| DataError::io(doing(target), e);
    file.flush().map_err(|e| failed(&e))?;
    let bytes = file.as_file().metadata().map_err(|e| failed(&e))?.len();
    match target {
        Target::File(path) if is_plain(path) => {
            file.persist(resolved(path)).map_err(|e| failed(&e.error))?;
        }
        Target::File(path) => {
            let mut out = File::options().write(true).open(path).map_err(|e| failed(&e))?;
            copy(&mut file, &mut out).map_err(|e| failed(&e))?;
        }
        Target::Stdout => copy(&mut file, &mut io::stdout().lock()).map_err(|e| failed(&e))?,
    }
    Ok(bytes)
}

fn copy(file: &mut NamedTempFile, out: &mut impl Write) -> io::Result<()> {
    file.rewind()?;
    io::copy(file.as_file_mut(), out)?;
    out.flush()
}
