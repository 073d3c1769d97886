//! A sheet of an Excel workbook as a table of texts.
//!
//! A workbook is read in memory; only cells that hold something are kept. Cells become what a CSV export of the sheet would
//! hold, without its losses: dates as ISO 8601, numbers with the fewest digits that read back the same.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use calamine::{Data, DataRef, DataType as _, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::error::DataError;
use super::finding::{Finding, toml_text};
use super::headers::Known;
use super::table::TableSpec;

/// Cells that hold something, of one sheet.
const MOST_CELLS: usize = 40_000_000;
/// Bytes of their texts.
const MOST_TEXT: usize = 1 << 30;
/// Bytes of what a workbook keeps once for all sheets, unpacked.
const MOST_SHARED: u64 = 1 << 30;
/// Title rows above a header at most.
const TITLES: usize = 40;

/// A cell that holds something.
#[derive(Debug, Clone, Copy)]
struct Cell {
    row: u32,
    column: u32,
    start: u32,
    end: u32,
}

/// The rows of a sheet below its header.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    text: String,
    cells: Vec<Cell>,
    /// Rows that hold something: the place in `cells` where each begins.
    rows: Vec<usize>,
    /// The first of them that is no header.
    first: usize,
    /// Rows above the header, if there are any that hold something and nobody has said so.
    pub skip: usize,
    /// Its name, if the workbook has others that hold something.
    pub name: Option<String>,
}

impl Sheet {
    fn add(&mut self, row: u32, column: u32, value: &Data) -> Result<(), Limit> {
        let start = self.text.len();
        append(&mut self.text, value);
        self.keep(row, column, start)
    }

    fn add_text(&mut self, row: u32, column: u32, text: &str) -> Result<(), Limit> {
        let start = self.text.len();
        self.text.push_str(text);
        self.keep(row, column, start)
    }

    fn keep(&mut self, row: u32, column: u32, start: usize) -> Result<(), Limit> {
        let end = self.text.len();
        if end > MOST_TEXT || self.cells.len() >= MOST_CELLS {
            return Err(Limit);
        }
        if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end))
            && start < end
        {
            self.cells.push(Cell { row, column, start, end });
        }
        Ok(())
    }

    /// Puts the cells in order and finds the rows.
    fn settle(&mut self) {
        if !self.cells.is_sorted_by_key(|c| (c.row, c.column)) {
            self.cells.sort_by_key(|c| (c.row, c.column));
        }
        let mut last = None;
        for (i, cell) in self.cells.iter().enumerate() {
            if last != Some(cell.row) {
                self.rows.push(i);
                last = Some(cell.row);
            }
        }
    }

    fn cells_of(&self, row: usize) -> &[Cell] {
        let Some(start) = self.rows.get(row) else { return &[] };
        let end = self.rows.get(row + 1).copied().unwrap_or(self.cells.len());
        self.cells.get(*start..end).unwrap_or_default()
    }

    fn text_of(&self, cell: &Cell) -> &str {
        self.text.get(cell.start as usize..cell.end as usize).unwrap_or_default()
    }

    /// The row's cells that hold something: column and text.
    pub(crate) fn row(&self, row: usize) -> impl Iterator<Item = (usize, &str)> {
        self.cells_of(self.first + row).iter().map(|c| (c.column as usize, self.text_of(c)))
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len().saturating_sub(self.first)
    }

    /// The row's number in the sheet, from 1.
    pub(crate) fn number(&self, row: usize) -> u64 {
        self.cells_of(self.first + row).first().map_or(0, |c| u64::from(c.row) + 1)
    }

    /// Cells of a row up to the last that holds something.
    fn header(&self, row: usize) -> Vec<String> {
        let cells = self.cells_of(row);
        let width = cells.last().map_or(0, |c| c.column as usize + 1);
        let mut header = vec![String::new(); width];
        for cell in cells {
            if let Some(name) = header.get_mut(cell.column as usize) {
                self.text_of(cell).trim().clone_into(name);
            }
        }
        header
    }

    /// The row with the most names the pack wants; if it wants none, the first that is as filled as the rows below.
    fn find_header(&self, names: &Known) -> usize {
        let known = |row: usize| self.cells_of(row).iter().filter(|c| names.has(self.text_of(c))).count();
        let near = self.rows.len().min(TITLES);
        let best = (0..near).map(|row| (known(row), std::cmp::Reverse(row))).max();
        if let Some((1.., std::cmp::Reverse(row))) = best {
            return row;
        }
        let most = (0..self.rows.len().min(200)).map(|row| self.cells_of(row).len()).max().unwrap_or(0);
        (0..near).find(|row| self.cells_of(*row).len() * 2 > most).unwrap_or(0)
    }
}

/// A sheet is larger than we read.
#[derive(Debug)]
struct Limit;

/// As a CSV export would hold it.
fn append(out: &mut String, value: &Data) {
    // Writing to memory does not fail.
    let _ = match value {
        Data::Empty => Ok(()),
        Data::Int(x) => write!(out, "{x}"),
        Data::Float(x) => {
            number(out, *x);
            Ok(())
        }
        Data::String(text) | Data::DurationIso(text) => {
            out.push_str(text);
            Ok(())
        }
        // `2025-12-31T00:00:00` is a date.
        Data::DateTimeIso(text) => {
            out.push_str(text.strip_suffix("T00:00:00").unwrap_or(text));
            Ok(())
        }
        Data::Bool(b) => write!(out, "{b}"),
        Data::Error(e) => write!(out, "{e}"),
        Data::DateTime(at) => {
            let days = at.as_f64();
            if !days.is_finite() || !(0.0..2_958_466.0).contains(&days) {
                number(out, days);
                return;
            }
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            if at.is_duration() {
                let seconds = (days * 86_400.0).round() as u64;
                write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
            } else if days < 1.0 {
                write!(out, "{hour:02}:{minute:02}:{second:02}")
            } else if (hour, minute, second) == (0, 0, 0) {
                write!(out, "{year:04}-{month:02}-{day:02}")
            } else {
                write!(out, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
    };
}

fn number(out: &mut String, x: f64) {
    let _ = if x.fract() == 0.0 && x.abs() < 1e15 { write!(out, "{}", x as i64) } else { write!(out, "{x}") };
}

/// The sheet, its header, and what was found.
pub(crate) struct Opened {
    /// Rows below the header.
    pub sheet: Sheet,
    /// The names of its columns.
    pub header: Vec<String>,
    /// What was found and not declared.
    pub findings: Vec<Finding>,
    /// The first row, if it looks like one and not like a header.
    pub first_row: Option<String>,
}

/// Reads the sheet the pack declares, or the first that is not empty.
pub(crate) fn open(spec: &TableSpec, path: &Path, shown: &str) -> Result<Opened, DataError> {
    let damaged = || {
        DataError::input(format!("`{shown}` is a damaged Excel workbook"))
            .help("open it in a spreadsheet and save it again as .xlsx, or as CSV")
    };
    // The reader of workbooks is not ours; a file that is damaged in a way it did not expect must not end the run with
    // a panic. Nothing it has touched is used afterwards.
    let (sheet, findings) =
        catch_unwind(AssertUnwindSafe(|| read(spec, path, shown))).unwrap_or_else(|_| Err(damaged()))?;
    finish(spec, shown, sheet, findings)
}

fn finish(spec: &TableSpec, shown: &str, mut sheet: Sheet, mut findings: Vec<Finding>) -> Result<Opened, DataError> {
    sheet.settle();
    let names = spec.known();
    let declared = &spec.file;
    let skipped = declared.skip.map(|skip| sheet.cells.partition_point(|c| (c.row as usize) < skip));
    let start = match skipped {
        Some(cells) => sheet.rows.partition_point(|r| *r < cells),
        None if declared.headers.is_empty() => sheet.find_header(&names),
        None => 0,
    };
    if sheet.rows.len() <= start {
        return Err(DataError::input(format!("`{shown}` is empty: not even a header"))
            .help("say which sheet holds the table, with `sheet = \"…\"`, if it is another one"));
    }
    if !declared.headers.is_empty() {
        sheet.first = start;
        return Ok(Opened { header: declared.headers.clone(), sheet, findings, first_row: None });
    }
    let header = sheet.header(start);
    sheet.first = start + 1;
    let above = sheet.cells_of(start).first().map_or(0, |c| c.row as usize);
    // Rows above that are empty are no news.
    if start > 0 && declared.skip.is_none() {
        sheet.skip = above;
        let what = if above == 1 { "a row stands".to_owned() } else { format!("{above} rows stand") };
        findings.push(Finding { said: format!("{what} above the header"), toml: format!("skip = {above}") });
    }
    let data = header.iter().any(|cell| super::dialect::is_data(cell));
    let first_row = (data && !header.iter().any(|cell| names.has(cell))).then(|| header.join(" | "));
    Ok(Opened { sheet, header, findings, first_row })
}

fn read(spec: &TableSpec, path: &Path, shown: &str) -> Result<(Sheet, Vec<Finding>), DataError> {
    let io = |e: &std::io::Error| DataError::io(format!("reading `{shown}`"), e);
    let mut file = File::open(path).map_err(|e| io(&e))?;
    let mut magic = [0; 2];
    file.read_exact(&mut magic).map_err(|e| io(&e))?;
    if &magic == b"PK" {
        check_archive(&mut file, shown)?;
        file.rewind().map_err(|e| io(&e))?;
        return read_new(spec, file, shown);
    }
    // An encrypted .xlsx lies in the container of old workbooks.
    let mut start = Vec::new();
    file.rewind().and_then(|()| file.take(1 << 20).read_to_end(&mut start)).map_err(|e| io(&e))?;
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if start.windows(encrypted.len()).any(|w| w == encrypted) {
        return Err(locked(shown));
    }
    // The reader of those reserves memory as their bytes tell it to, gigabytes if they are damaged.
    Err(DataError::input(format!("`{shown}` is an old Excel workbook (.xls), which is not read"))
        .help("open it in a spreadsheet and save it as .xlsx or CSV"))
}

fn too_large(shown: &str) -> DataError {
    DataError::input(format!(
        "`{shown}` is too large for a workbook: more than {} million filled cells or {} MiB of text",
        MOST_CELLS / 1_000_000,
        MOST_TEXT >> 20
    ))
    .help("save the sheet as CSV: text files of any size are read")
}

fn locked(shown: &str) -> DataError {
    DataError::input(format!("`{shown}` is protected with a password"))
        .help("open it in a spreadsheet, take the password off and save it, or save the sheet as CSV")
}

fn broken(shown: &str, reason: &str) -> DataError {
    DataError::input(format!("`{shown}` is a damaged Excel workbook: {}", reason.to_lowercase()))
        .help("open it in a spreadsheet and save it again as .xlsx, or as CSV")
}

/// Other archives are told, and how much lies in it once for all sheets.
fn check_archive(file: &mut File, shown: &str) -> Result<(), DataError> {
    let names = directory(file).unwrap_or_default();
    let is = |name: &str| names.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    if is("xl/workbook.bin") {
        return Err(DataError::input(format!("`{shown}` is a binary workbook (.xlsb), which is not read"))
            .help("save it as .xlsx"));
    }
    if is("content.xml") && is("mimetype") {
        return Err(DataError::input(format!("`{shown}` is an OpenDocument spreadsheet, which is not read"))
            .help("save it as .xlsx or CSV"));
    }
    // A damaged directory: the reader says what is wrong.
    if !names.is_empty()
        && !names.iter().any(|(n, _)| n.to_lowercase().starts_with("xl/") || n == "[Content_Types].xml")
    {
        return Err(DataError::input(format!("`{shown}` is a zip archive"))
            .help("unpack it and give the file or the folder with its tables"));
    }
    let shared: u64 =
        names.iter().filter(|(n, _)| !n.contains("worksheets/") && !n.contains("media/")).map(|(_, size)| *size).sum();
    if shared > MOST_SHARED { Err(too_large(shown)) } else { Ok(()) }
}

/// The names in a zip archive and how large each is unpacked.
fn directory(file: &mut File) -> Option<Vec<(String, u64)>> {
    const END: &[u8] = b"PK\x05\x06";
    let number = |bytes: &[u8], at: usize, width: usize| -> Option<u64> {
        Some(bytes.get(at..at + width)?.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
    };
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub((1 << 16) + 22))).ok()?;
    let mut tail = Vec::new();
    file.by_ref().take(1 << 17).read_to_end(&mut tail).ok()?;
    let end = tail.windows(END.len()).rposition(|w| w == END)?;
    let (size, start) = (number(&tail, end + 12, 4)?, number(&tail, end + 16, 4)?);
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut list = Vec::new();
    file.by_ref().take(size.min(16 << 20)).read_to_end(&mut list).ok()?;
    let mut names = Vec::new();
    let mut at = 0;
    while list.get(at..at + 4) == Some(b"PK\x01\x02") {
        let unpacked = number(&list, at + 24, 4)?;
        let part = |i: usize| number(&list, at + i, 2).and_then(|n| usize::try_from(n).ok());
        let (name, extra, comment) = (part(28)?, part(30)?, part(32)?);
        let text = String::from_utf8_lossy(list.get(at + 46..at + 46 + name)?).into_owned();
        names.push((text, unpacked));
        at += 46 + name + extra + comment;
    }
    Some(names)
}

fn read_new(spec: &TableSpec, file: File, shown: &str) -> Result<(Sheet, Vec<Finding>), DataError> {
    let failed = |e: &XlsxError| match e {
        XlsxError::Password => locked(shown),
        e => broken(shown, &e.to_string()),
    };
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(|e| failed(&e))?;
    let names = sheets(book.sheets_metadata());
    let mut filled: Vec<String> = Vec::new();
    let mut chosen = None;
    match declared(spec, &names, shown)? {
        Some(name) => chosen = Some(name),
        None => {
            for name in &names {
                let start = new_sheet(&mut book, name, Some(START)).map_err(|e| e.said(shown, failed))?;
                if !start.cells.is_empty() {
                    filled.push(name.clone());
                }
                if chosen.is_none() && is_table(start.cells.iter().map(|c| c.row)) {
                    chosen = Some(name.clone());
                }
            }
            chosen = chosen.or_else(|| filled.first().cloned());
        }
    }
    let Some(name) = chosen else { return Err(all_empty(shown)) };
    let mut sheet = new_sheet(&mut book, &name, None).map_err(|e| e.said(shown, failed))?;
    sheet.name = (filled.len() > 1).then(|| name.clone());
    Ok((sheet, several(&name, &filled)))
}

enum Stopped<E> {
    Limit,
    Broken(E),
}

impl<E> From<Limit> for Stopped<E> {
    fn from(_: Limit) -> Self {
        Stopped::Limit
    }
}

impl<E> Stopped<E> {
    fn said(self, shown: &str, words: impl Fn(&E) -> DataError) -> DataError {
        match self {
            Stopped::Limit => too_large(shown),
            Stopped::Broken(e) => words(&e),
        }
    }
}

/// So many cells show whether a sheet holds a table.
const START: usize = 500;

/// Whether cells, of which the rows are given in order, are those of a table and not of a note: two rows with several cells.
fn is_table(rows: impl Iterator<Item = u32>) -> bool {
    let mut wide = 0;
    let (mut last, mut cells) = (None, 0);
    for row in rows {
        cells = if last == Some(row) { cells + 1 } else { 1 };
        last = Some(row);
        wide += u32::from(cells == 2);
    }
    wide >= 2
}

/// The cells of a sheet, or only the first `most` that hold something. Read one by one: a single cell in the last corner must
/// not cost the memory of all cells before it.
fn new_sheet<R: Read + Seek>(book: &mut Xlsx<R>, name: &str, most: Option<usize>) -> Result<Sheet, Stopped<XlsxError>> {
    let mut sheet = Sheet::default();
    let mut cells = book.worksheet_cells_reader(name).map_err(Stopped::Broken)?;
    while let Some(cell) = cells.next_cell().map_err(Stopped::Broken)? {
        let (row, column) = cell.get_position();
        match cell.get_value() {
            DataRef::SharedString(text) => sheet.add_text(row, column, text)?,
            DataRef::String(text) => sheet.add_text(row, column, text)?,
            other if other.is_empty() => {}
            other => sheet.add(row, column, &Data::from(other.clone()))?,
        }
        if most.is_some_and(|most| sheet.cells.len() >= most) {
            break;
        }
    }
    Ok(sheet)
}

/// Sheets with cells, hidden ones last.
fn sheets(all: &[calamine::Sheet]) -> Vec<String> {
    let cells = || all.iter().filter(|s| s.typ == SheetType::WorkSheet);
    let visible = cells().filter(|s| s.visible == SheetVisible::Visible);
    let hidden = cells().filter(|s| s.visible != SheetVisible::Visible);
    visible.chain(hidden).map(|s| s.name.clone()).collect()
}

fn declared(spec: &TableSpec, names: &[String], shown: &str) -> Result<Option<String>, DataError> {
    let Some(wanted) = &spec.file.sheet else { return Ok(None) };
    let like = |name: &&String| name.trim().to_lowercase() == wanted.trim().to_lowercase();
    if let Some(name) = names.iter().find(|n| *n == wanted).or_else(|| names.iter().find(like)) {
        return Ok(Some(name.clone()));
    }
    let list: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    let mut error = DataError::input(format!("`{shown}` has no sheet `{wanted}`"));
    if let Some(near) = crate::diag::nearest(wanted, names.iter().map(String::as_str)) {
        error = error.help(format!("did you mean `{near}`?"));
    }
    Err(error.help(format!("its sheets are {}", list.join(", "))))
}

fn all_empty(shown: &str) -> DataError {
    DataError::input(format!("`{shown}` is empty: no sheet holds anything"))
}

/// What to say if other sheets hold something, too.
fn several(chosen: &str, filled: &[String]) -> Vec<Finding> {
    let others: Vec<String> = filled.iter().filter(|n| *n != chosen).map(|n| format!("`{n}`")).collect();
    if others.is_empty() {
        return Vec::new();
    }
    let said = format!("the sheet `{chosen}` is read, {} is not", others.join(", "));
    vec![Finding { said, toml: format!("sheet = {}", toml_text(chosen)) }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use calamine::{CellErrorType, ExcelDateTime, ExcelDateTimeType};

    fn shown(value: &Data) -> String {
        let mut out = String::new();
        append(&mut out, value);
        out
    }

    #[test]
    fn cells_as_texts() {
        let at = |x: f64| Data::DateTime(ExcelDateTime::new(x, ExcelDateTimeType::DateTime, false));
        assert_eq!(shown(&at(46022.0)), "2025-12-31");
        assert_eq!(shown(&at(46022.5)), "2025-12-31 12:00:00");
        assert_eq!(shown(&at(0.25)), "06:00:00");
        assert_eq!(shown(&at(-1.0)), "-1");
        assert_eq!(shown(&Data::Float(42.0)), "42");
        assert_eq!(shown(&Data::Float(0.1)), "0.1");
        assert_eq!(shown(&Data::Float(1e300)).parse::<f64>().unwrap(), 1e300);
        assert_eq!(shown(&Data::Bool(true)), "true");
        assert_eq!(shown(&Data::Error(CellErrorType::NA)), "#N/A");
        assert_eq!(shown(&Data::Empty), "");
    }

    #[test]
    fn cells_in_any_order_become_rows() {
        let mut sheet = Sheet::default();
        for (row, column, text) in [(5, 1, "b"), (2, 0, "title"), (5, 0, "a"), (6, 1, "2"), (6, 0, "1")] {
            sheet.add_text(row, column, text).unwrap();
        }
        let opened = finish(&TableSpec::default(), "x", sheet, Vec::new()).unwrap();
        assert_eq!(opened.header, ["a", "b"]);
        assert_eq!((opened.sheet.len(), opened.sheet.number(0)), (1, 7));
        assert_eq!(opened.sheet.row(0).collect::<Vec<_>>(), [(0, "1"), (1, "2")]);
        assert_eq!(opened.findings[0].toml, "skip = 5");
    }
}
