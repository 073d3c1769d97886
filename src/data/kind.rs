//! What a file is: by its name, and by its first bytes where the name does not say or is wrong.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use datafusion::datasource::file_format::file_compression_type::FileCompressionType;

use super::error::DataError;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Lines of fields.
    Csv,
    /// A sheet of a workbook.
    Excel,
    /// One JSON object per line.
    Jsonl,
    /// Parquet.
    Parquet,
    /// A table in a database.
    Table,
}

impl Kind {
    /// For messages.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Csv => "CSV",
            Kind::Excel => "Excel",
            Kind::Jsonl => "JSON lines",
            Kind::Parquet => "Parquet",
            Kind::Table => "a table of a database",
        }
    }

    /// What a place in it is called.
    pub(crate) fn place(self) -> &'static str {
        match self {
            Kind::Csv | Kind::Jsonl => "line",
            Kind::Excel | Kind::Parquet | Kind::Table => "row",
        }
    }
}

/// What a file is, and how it is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    /// What it is, inside.
    pub kind: Kind,
    /// How it is compressed (Parquet and workbooks: inside).
    pub compression: FileCompressionType,
    /// Whether its name says that tabs separate its fields.
    pub tabs: bool,
    /// What its content is though its name says otherwise or nothing.
    pub surprise: Option<&'static str>,
}

/// What a name says: the kind, if any, and the compression.
fn by_name(path: &Path) -> (Option<Kind>, FileCompressionType, bool) {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let (stem, last) = name.rsplit_once('.').unwrap_or((&name, ""));
    let compression = match last {
        "gz" | "gzip" => FileCompressionType::GZIP,
        "zst" | "zstd" => FileCompressionType::ZSTD,
        "bz2" => FileCompressionType::BZIP2,
        "xz" => FileCompressionType::XZ,
        _ => FileCompressionType::UNCOMPRESSED,
    };
    let extension =
        if compression.is_compressed() { stem.rsplit_once('.').map_or("", |(_, inner)| inner) } else { last };
    let kind = match extension {
        "csv" | "tsv" | "tab" | "txt" | "dat" | "asc" => Some(Kind::Csv),
        "jsonl" | "ndjson" | "json" => Some(Kind::Jsonl),
        "parquet" | "pq" => Some(Kind::Parquet),
        "xlsx" | "xlsm" | "xls" => Some(Kind::Excel),
        _ => None,
    };
    (kind, compression, matches!(extension, "tsv" | "tab"))
}

/// Whether a file in a folder has the name of a table.
pub(crate) fn is_table(path: &Path) -> bool {
    by_name(path).0.is_some()
}

/// First bytes that are enough to tell.
const START: u64 = 1 << 12;

/// What a file is. `asked` says where it was given.
pub(crate) fn tell(path: &Path, shown: &str, asked: &str) -> Result<Told, DataError> {
    let (named, mut compression, tabs) = by_name(path);
    let mut start = Vec::new();
    File::open(path)
        .and_then(|f| f.take(START).read_to_end(&mut start))
        .map_err(|e| DataError::io(format!("reading `{shown}`"), &e))?;
    let mut surprise = None;
    match compressed(&start) {
        Some(found) if found != compression => {
            surprise = Some(if found == FileCompressionType::GZIP { "gzip data" } else { "compressed data" });
            compression = found;
        }
        None if compression.is_compressed() && !start.is_empty() => {
            if !is_text(&start) {
                return Err(DataError::input(format!("`{shown}` is damaged: it is not compressed as its name says"))
                    .help("have it sent again"));
            }
            surprise = Some("text that is not compressed");
            compression = FileCompressionType::UNCOMPRESSED;
        }
        _ => {}
    }
    if compression.is_compressed() {
        start.clear();
        super::source::open(path, shown, compression)?
            .take(START)
            .read_to_end(&mut start)
            .map_err(|e| super::sample::damaged(shown, &e))?;
    }
    let packed = compression.is_compressed();
    let unpack = |what: &str| {
        DataError::input(format!("`{shown}` is {what} that was compressed once more"))
            .help("unpack it first: it is compressed inside")
    };
    let kind = match start.as_slice() {
        [b'P', b'A', b'R', b'1', ..] if packed => return Err(unpack("a Parquet file")),
        [b'P', b'A', b'R', b'1', ..] => Kind::Parquet,
        [b'P', b'K', 3 | 5, 4 | 6, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] if packed => {
            return Err(unpack("a workbook or an archive"));
        }
        // The workbook's reader tells other archives.
        [b'P', b'K', 3 | 5, 4 | 6, ..] | [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Kind::Excel,
        start if start.starts_with(b"SQLite format 3\0") => {
            return Err(DataError::input(format!("`{shown}` is an SQLite database"))
                .help("say which of its tables: `--data NAME=sqlite://PATH?table=TABLE`"));
        }
        start if start.starts_with(b"%PDF") => {
            return Err(DataError::input(format!("`{shown}` is a PDF document, not a table"))
                .help("ask for the data as CSV or as an Excel workbook"));
        }
        start if is_page(start) => {
            return Err(DataError::input(format!("`{shown}` is a web page or XML, not a table"))
                .help("open it in a spreadsheet and save it as .xlsx or CSV"));
        }
        start => match named {
            Some(Kind::Excel) if start.is_empty() => Kind::Csv,
            Some(Kind::Excel) if !is_text(start) => {
                return Err(DataError::input(format!("`{shown}` is damaged: it is no workbook"))
                    .help("open it in a spreadsheet and save it as .xlsx"));
            }
            Some(Kind::Excel) => {
                surprise = Some("text, not a workbook");
                Kind::Csv
            }
            Some(Kind::Parquet) if packed => return Err(unpack("a Parquet file")),
            Some(kind) => return Ok(Told { kind, compression, tabs, surprise }),
            None if start.is_empty() || !is_text(start) => {
                return Err(DataError::input(format!(
                    "{asked}: the kind of the file cannot be told from its name or its content"
                ))
                .help("name it .csv, .txt, .xlsx, .parquet, .jsonl, .ndjson or .json (lines); .gz, .zst, .bz2 or .xz may follow"));
            }
            None if start.trim_ascii_start().starts_with(b"{") => {
                surprise = Some("JSON lines");
                Kind::Jsonl
            }
            None => {
                surprise = Some("a text table");
                Kind::Csv
            }
        },
    };
    if named != Some(kind) && surprise.is_none() {
        surprise = Some(match kind {
            Kind::Excel => "an Excel workbook",
            Kind::Parquet => "a Parquet file",
            Kind::Csv => "a text table",
            Kind::Jsonl => "JSON lines",
            Kind::Table => Kind::Table.word(),
        });
    }
    Ok(Told { kind, compression, tabs, surprise })
}

/// How these bytes are compressed.
fn compressed(start: &[u8]) -> Option<FileCompressionType> {
    match start {
        [0x1f, 0x8b, ..] => Some(FileCompressionType::GZIP),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(FileCompressionType::ZSTD),
        [b'B', b'Z', b'h', _, 0x31, 0x41, 0x59, 0x26, ..] => Some(FileCompressionType::BZIP2),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(FileCompressionType::XZ),
        _ => None,
    }
}

/// Whether these bytes can be text, in any encoding we find by ourselves.
fn is_text(start: &[u8]) -> bool {
    let wide = super::decode::find(std::iter::once(start));
    wide == encoding_rs::UTF_16LE || wide == encoding_rs::UTF_16BE || !start.iter().any(|b| *b < 9)
}

fn is_page(start: &[u8]) -> bool {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let begins = |word: &[u8]| text.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word));
    [b"<!doctype".as_slice(), b"<html", b"<?xml", b"<table", b"<head", b"<meta"].into_iter().any(begins)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn told(name: &str, bytes: &[u8]) -> Result<Told, DataError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        tell(&path, name, "`--data x=y`")
    }

    fn kind(name: &str, bytes: &[u8]) -> Kind {
        told(name, bytes).unwrap().kind
    }

    fn said(name: &str, bytes: &[u8]) -> String {
        told(name, bytes).unwrap_err().message
    }

    #[test]
    fn names() {
        let kind = |name: &str| {
            let (kind, compression, _) = by_name(Path::new(name));
            (kind, compression.is_compressed())
        };
        assert_eq!(kind("x/a.CSV"), (Some(Kind::Csv), false));
        assert_eq!(kind("a.csv.gz"), (Some(Kind::Csv), true));
        assert_eq!(kind("a.ndjson.zst"), (Some(Kind::Jsonl), true));
        assert_eq!(kind("a.parquet"), (Some(Kind::Parquet), false));
        assert_eq!(kind("csv"), (None, false));
        assert_eq!(kind("a.xlsx"), (Some(Kind::Excel), false));
    }

    #[test]
    fn names_and_first_bytes() {
        assert_eq!(kind("x.dat", b"a b"), Kind::Csv);
        assert_eq!(kind("x.JSONL", b"{}"), Kind::Jsonl);
        assert_eq!(kind("x.csv", b"PK\x03\x04"), Kind::Excel);
        assert_eq!(kind("x.csv", b"PAR1"), Kind::Parquet);
        assert_eq!(kind("x.xls", b"id\tname\n"), Kind::Csv);
        assert_eq!(kind("export", b" {\"a\":1}"), Kind::Jsonl);
        assert_eq!(kind("export.2025", b"a;b"), Kind::Csv);
        assert!(told("x.csv", b"id\n").unwrap().surprise.is_none());
        assert_eq!(told("x.csv.gz", b"id\n").unwrap().compression, FileCompressionType::UNCOMPRESSED);
        assert!(said("x.bin", b"\0\x01\x02").contains("cannot be told from its name"));
        assert!(said("x.xls", b"<html><table>").contains("web page"));
        assert!(said("x.csv", b"SQLite format 3\0").contains("SQLite"));
        assert!(said("x.csv.gz", b"\0\x01\x02").contains("not compressed as its name says"));
    }
}
