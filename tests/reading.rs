//! Files as clients send them: from bytes to records, one test per kind of mess, found and declared.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use regain::data::{Apply, DataError, DataErrorKind, DecisionSink, Format, Options, Run, RunCounts, Source, Target};
use regain::expr::Date;
use regain::pack::{Pack, load_from_texts};
use tempfile::TempDir;

fn pack(text: &str) -> Arc<Pack> {
    let loaded = load_from_texts(&[("pack.toml", text)]);
    loaded.pack.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

/// A pack of customers with the lines of `[record.file]`.
fn customers(file: &str) -> Arc<Pack> {
    pack(&format!(
        r#"
[pack]
name = "test"
[record]
key = "id"
key_from = ["Kundennummer"]
[record.columns]
name = {{ type = "text", optional = true }}
rating = {{ type = "number", optional = true, from = ["Bonität"] }}
since = {{ type = "date", optional = true }}
[record.file]
{file}
"#
    ))
}

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn run_table(pack: &Arc<Pack>, table: &str, path: &Path, threads: usize) -> Result<(String, RunCounts), DataError> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.csv");
    let as_of = Date::parse_iso("2025-06-30").unwrap();
    let options = Options { threads, ..Options::default() };
    let run = Run::open(pack, as_of, &[Source::new(table, path)], options)?;
    let mut sink = DecisionSink::create(Target::File(out.clone()), Format::Csv, run.record_schema())?;
    let apply: Apply = Arc::new(|batch: &RecordBatch| Ok(batch.clone()));
    let counts = run.execute(&apply, &mut sink)?;
    sink.finish()?;
    Ok((fs::read_to_string(out).unwrap(), counts))
}

fn run(pack: &Arc<Pack>, path: &Path) -> (String, RunCounts) {
    let one = run_table(pack, "customers", path, 1).unwrap_or_else(|e| panic!("{}", said(&e)));
    let two = run_table(pack, "customers", path, 2).unwrap();
    assert_eq!(one.0, two.0, "one thread and two give the same bytes");
    one
}

fn error(pack: &Arc<Pack>, path: &Path) -> String {
    said(&run_table(pack, "customers", path, 1).unwrap_err())
}

fn said(error: &DataError) -> String {
    std::iter::once(error.message.as_str()).chain(error.help.iter().map(String::as_str)).collect::<Vec<_>>().join("\n")
}

const EXPECTED: &str = "id,name,rating,since\n0042,\"Müller, Jörg\",1.5,2024-12-31\n7,José,-2,\n";

/// Reads the file with nothing declared and then with these lines; both must give the same, and the first must say each of
/// these lines.
fn both(name: &str, bytes: &[u8], declared: &[&str]) {
    let files = Files::new();
    let path = files.write(name, bytes);
    let (csv, counts) = run(&customers(""), &path);
    assert_eq!(csv, EXPECTED, "found: {name}");
    assert_eq!(counts.rejected(), 0);
    let notices = counts.notices.join("\n");
    for line in declared {
        assert!(notices.contains(&format!("`{line}`")), "{name}: `{line}` is not in {notices}");
    }
    assert_eq!(counts.notices.is_empty(), declared.is_empty(), "{notices}");
    let (csv, counts) = run(&customers(&declared.join("\n")), &path);
    assert_eq!(csv, EXPECTED, "declared: {name}");
    assert!(counts.notices.is_empty(), "what is declared is not told: {:?}", counts.notices);
}

const COMMA: &str = "id,name,rating,since\n0042,\"Müller, Jörg\",1.5,2024-12-31\n7,José,-2,\n";
const SEMICOLON: &str = "id;name;rating;since\r\n0042;Müller, Jörg;1.5;2024-12-31\r\n7;José;-2;\r\n";

pub(crate) fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
}

fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

// ---------------------------------------------------------------- what stands between the fields

#[test]
fn commas() {
    both("c.csv", COMMA.as_bytes(), &[]);
}

#[test]
fn semicolons() {
    both("c.csv", SEMICOLON.as_bytes(), &["delimiter = \";\""]);
}

#[test]
fn tabs() {
    both("c.txt", SEMICOLON.replace(';', "\t").as_bytes(), &["delimiter = \"tab\""]);
    // The name says it already.
    both("c.tsv", SEMICOLON.replace(';', "\t").as_bytes(), &[]);
}

#[test]
fn pipes() {
    both("c.dat", SEMICOLON.replace(';', "|").as_bytes(), &["delimiter = \"|\""]);
}

#[test]
fn single_quotes() {
    let text = "id,name,rating,since\n'0042','Müller, Jörg','1.5','2024-12-31'\n'7','José','-2',''\n";
    both("c.csv", text.as_bytes(), &["quote = \"'\""]);
}

#[test]
fn no_quotes() {
    let files = Files::new();
    let rows: String = (0..20).map(|i| format!("{i};\"{i} inch;1\n")).collect();
    let path = files.write("c.csv", format!("id;name;rating\n{rows}"));
    let (csv, counts) = run(&customers(""), &path);
    assert!(csv.contains("7,\"\"\"7 inch\",1,\n"), "{csv}");
    assert_eq!((counts.records, counts.rejected()), (20, 0));
    assert!(counts.notices[0].contains("quote = \"none\""), "{:?}", counts.notices);
}

#[test]
fn a_header_does_not_decide_alone() {
    let files = Files::new();
    let path = files.write("c.csv", "id;name,first,last,x\n1;a\n2;b\n3;c\n");
    let (csv, _) = run(&customers(""), &path);
    assert_eq!(csv, "id,name,rating,since\n1,,,\n2,,,\n3,,,\n");
}

#[test]
fn blanks_without_a_header() {
    let orders = |file: &str| {
        pack(&format!(
            r#"
[pack]
name = "test"
[record]
key = "customer_id"
[tables.orders]
key = "customer_id"
time = "date"
[tables.orders.columns]
date = {{ type = "date", format = "%Y%m%d" }}
cds = {{ type = "number" }}
amount = {{ type = "number" }}
[tables.orders.file]
{file}
[rollups]
revenue = 'sum(orders.amount)'
last = 'max(orders.date)'
"#
        ))
    };
    let files = Files::new();
    let path = files.write(
        "CDNOW.txt",
        " 00001 19970101  1   11.77\r\n 00002 19970112  1   12.00\r\n\r\n 00002 19970112  5   77.00\r\n 00003 bad 1 1\r\n 00003 19970102  1\r\n\x1a",
    );
    // Nothing is said: the line to write is.
    let text = said(&run_table(&orders(""), "orders", &path, 1).unwrap_err());
    let line = "headers = [\"customer_id\", \"date\", \"cds\", \"amount\"]";
    assert!(text.contains("no header line") && text.contains(line), "{text}");
    assert!(text.contains("`[tables.orders.file]`") && text.contains("00001 19970101  1   11.77"), "{text}");
    // The line is written.
    for declared in [line.to_owned(), format!("{line}\ndelimiter = \"blanks\"")] {
        let (csv, counts) = run_table(&orders(&declared), "orders", &path, 1).unwrap();
        assert_eq!(csv, "customer_id,revenue,last\n00001,11.77,1997-01-01\n00002,89,1997-01-12\n");
        let seen: Vec<(u64, &str)> = counts.samples.iter().map(|r| (r.line, r.reason.as_str())).collect();
        assert_eq!(seen.len(), 2, "{seen:?}");
        assert_eq!((seen[0].0, seen[1].0), (5, 6), "{seen:?}");
    }
    let text = said(&run_table(&orders("headers = [\"a\", \"b\"]"), "orders", &path, 1).unwrap_err());
    assert!(text.contains("have 4 fields, but `headers` names 2 columns"), "{text}");
    // With other signs the fast scan reads it.
    let path = files.write("plain.csv", "00001,19970101,1,11.77\n00002,19970112,1,12.00\n");
    let (csv, _) = run_table(&orders(line), "orders", &path, 2).unwrap();
    assert_eq!(csv, "customer_id,revenue,last\n00001,11.77,1997-01-01\n00002,12,1997-01-12\n");
}

/// The log as it was published. It lies beside the project, never in it.
#[test]
fn cdnow_as_it_was_published() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/cdnow/CDNOW_master.txt");
    if !path.is_file() {
        crate::command::absent(&path);
        return;
    }
    let orders = |file: &str| {
        pack(&format!(
            r#"
[pack]
name = "test"
[record]
key = "customer_id"
[tables.orders]
key = "customer_id"
time = "date"
[tables.orders.columns]
date = {{ type = "date", format = "%Y%m%d" }}
number_of_cds = {{ type = "number" }}
dollar_value = {{ type = "number" }}
[tables.orders.file]
{file}
[rollups]
revenue = 'sum(orders.dollar_value)'
"#
        ))
    };
    // This copy of the log has a line of names; the original has not.
    let text = fs::read_to_string(&path).unwrap();
    let named = text.lines().next().unwrap().contains("customer_id");
    let headers = "headers = [\"customer_id\", \"date\", \"number_of_cds\", \"dollar_value\"]";
    let body = text.split_once('\n').unwrap().1;
    let folder = tempfile::tempdir().unwrap();
    let bare = folder.path().join("CDNOW_master.txt");
    fs::write(&bare, if named { body } else { &text }).unwrap();
    let skip = usize::from(named);
    for (file, declared) in [(&path, format!("{headers}\nskip = {skip}")), (&bare, headers.to_owned())] {
        let (csv, counts) = run_table(&orders(&declared), "orders", file, 2).unwrap();
        let table = &counts.tables[0];
        assert_eq!((table.rows, table.rejected), (69_659, 0));
        assert_eq!(counts.records, 23_570);
        let sum: f64 = csv.lines().skip(1).map(|l| l.split(',').nth(1).unwrap().parse::<f64>().unwrap()).sum();
        assert_eq!(format!("{sum:.2}"), "2500315.63");
    }
    if named {
        let (_, counts) = run_table(&orders(""), "orders", &path, 1).unwrap();
        assert_eq!((counts.tables[0].rows, counts.tables[0].rejected), (69_659, 0));
        assert!(counts.notices.iter().any(|n| n.contains("delimiter = \"blanks\"")), "{:?}", counts.notices);
    }
    let text = said(&run_table(&orders(""), "orders", &bare, 1).unwrap_err());
    assert!(text.contains(headers), "{text}");
}

// ---------------------------------------------------------------- encodings

#[test]
fn utf8_with_a_mark() {
    both("c.csv", format!("\u{feff}{COMMA}").as_bytes(), &[]);
    // Also where the careful reader reads.
    both("c.csv", format!("\u{feff}Title\n\n{COMMA}").as_bytes(), &["skip = 2"]);
}

#[test]
fn utf16_of_all_kinds() {
    for little in [true, false] {
        let label = if little { "encoding = \"utf-16le\"" } else { "encoding = \"utf-16be\"" };
        both("c.csv", &utf16(&format!("\u{feff}{COMMA}"), little), &[label]);
        both("c.csv", &utf16(COMMA, little), &[label]);
        let text = SEMICOLON.replace(';', "\t");
        both("c.txt", &utf16(&format!("\u{feff}{text}"), little), &[label, "delimiter = \"tab\""]);
    }
}

#[test]
fn windows_1252_text() {
    let bytes = windows_1252(SEMICOLON);
    both("c.csv", &bytes, &["encoding = \"windows-1252\"", "delimiter = \";\""]);
    both("c.csv.gz", &gzip(&bytes), &["encoding = \"windows-1252\"", "delimiter = \";\""]);
}

#[test]
fn a_few_broken_lines_do_not_change_the_encoding() {
    let files = Files::new();
    let mut bytes = COMMA.as_bytes().to_vec();
    bytes.extend(b"8,M\xfcller,1,\n9,x,1,\n");
    let path = files.write("c.csv", bytes);
    let (csv, counts) = run(&customers(""), &path);
    assert_eq!(csv, format!("{EXPECTED}9,x,1,\n"));
    assert_eq!((counts.samples[0].line, counts.samples[0].reason.as_str()), (4, "the line is not UTF-8 text"));
}

#[test]
fn a_sign_far_behind_the_start_is_seen() {
    let files = Files::new();
    let mut bytes = b"id,name\n".to_vec();
    for i in 0..300_000 {
        writeln!(bytes, "{i},plain").unwrap();
    }
    bytes.extend(b"x,M\xfcller\n");
    let path = files.write("c.csv", bytes);
    let (csv, counts) = run_table(&customers(""), "customers", &path, 2).unwrap();
    assert!(csv.ends_with("x,Müller,,\n"));
    assert_eq!(counts.records, 300_001);
    assert!(counts.notices[0].contains("windows-1252"), "{:?}", counts.notices);
}

#[test]
fn json_lines_in_utf16() {
    let files = Files::new();
    let path = files.write("c.jsonl", utf16("\u{feff}{\"id\": \"ü\", \"rating\": 1}\n", true));
    let (csv, counts) = run(&customers(""), &path);
    assert_eq!(csv, "id,name,rating,since\nü,,1,\n");
    assert!(counts.notices[0].contains("encoding = \"utf-16le\""), "{:?}", counts.notices);
}

#[test]
fn broken_utf16_is_set_aside() {
    let files = Files::new();
    let mut bytes = utf16("\u{feff}id,name\n1,a\n2,", true);
    bytes.extend(0xd800_u16.to_le_bytes());
    bytes.extend(utf16("\n3,c\n", true));
    let (csv, counts) = run(&customers(""), &files.write("c.csv", bytes));
    assert_eq!(csv, "id,name,rating,since\n1,a,,\n3,c,,\n");
    assert_eq!(counts.samples[0].line, 3);
    assert_eq!(counts.samples[0].reason, "the line is not text in the encoding of the file");
}

// ---------------------------------------------------------------- lines above and below the table

#[test]
fn titles_above_the_header() {
    let text = format!("Customers of the shop\nas of 30 June\n\n{SEMICOLON}");
    both("c.csv", text.as_bytes(), &["skip = 3", "delimiter = \";\""]);
    both("c.csv", format!("sep=;\n{SEMICOLON}").as_bytes(), &["skip = 1", "delimiter = \";\""]);
}

/// As a spreadsheet saves a sheet with titles: every line has the same number of fields.
#[test]
fn titles_with_empty_fields_behind_them() {
    let titles = SEMICOLON.replace("id;name", "Shop;as of 30 June;;\n;;;\nid;name");
    both("c.csv", titles.as_bytes(), &["skip = 2", "delimiter = \";\""]);
}

#[test]
fn double_and_empty_headers_nobody_asked_for() {
    let files = Files::new();
    let path = files.write("c.csv", "id,x,x,,\n1,2,3,4,5\n");
    assert_eq!(run(&customers(""), &path).0, "id,name,rating,since\n1,,,\n");
    let sql = pack(
        "[pack]\nname = \"test\"\n[record]\nkey = \"id\"\nsql = 'select id, cast(x as double) + cast(x_2 as double) as rating, column4 as name from customers'\n\
         [record.columns]\nrating = { type = \"number\" }\nname = { type = \"text\" }\n",
    );
    assert_eq!(run(&sql, &path).0, "id,rating,name\n1,5,4\n");
}

#[test]
fn lines_of_rejects_count_what_is_skipped() {
    let files = Files::new();
    let text = "Title\n\nid;name;rating\n1;\"a\nb\";1\n2;b;many\nSumme;;1;2\n";
    for (bytes, name) in [(text.as_bytes().to_vec(), "a.csv"), (utf16(&format!("\u{feff}{text}"), true), "b.csv")] {
        let (csv, counts) = run(&customers(""), &files.write(name, bytes));
        assert_eq!(csv, "id,name,rating,since\n1,\"a\nb\",1,\n");
        let seen: Vec<u64> = counts.samples.iter().map(|r| r.line).collect();
        assert_eq!(seen, [6, 7], "{name}");
    }
}

#[test]
fn a_delimiter_at_the_end_of_every_row() {
    let files = Files::new();
    let (csv, counts) = run(&customers(""), &files.write("c.csv", "id;name\n1;a;\n2;b;\n"));
    assert_eq!(csv, "id,name,rating,since\n1,a,,\n2,b,,\n");
    assert_eq!(counts.rejected(), 0);
}

// ---------------------------------------------------------------- compression, folders, kinds

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for b in bytes {
        crc ^= u32::from(*b);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// Stored, not packed.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(bytes);
    out.extend(crc32(bytes).to_le_bytes());
    out.extend(u32::from(length).to_le_bytes());
    out
}

/// One raw block.
pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    out.extend(length.to_le_bytes());
    out.extend(&(length << 3 | 1).to_le_bytes()[..3]);
    out.extend(bytes);
    out
}

#[test]
fn compressed_files() {
    both("c.csv.gz", &gzip(COMMA.as_bytes()), &[]);
    both("c.csv.zst", &zstd(COMMA.as_bytes()), &[]);
    both("c.csv.zst", &zstd(&utf16(&format!("\u{feff}{COMMA}"), false)), &["encoding = \"utf-16be\""]);
    let files = Files::new();
    let (csv, counts) = run(&customers(""), &files.write("c.csv", gzip(COMMA.as_bytes())));
    assert_eq!(csv, EXPECTED);
    assert!(counts.notices[0].contains("it is gzip data, whatever its name says"), "{:?}", counts.notices);
    let mut torn = gzip(COMMA.as_bytes());
    torn.truncate(40);
    assert!(error(&customers(""), &files.write("t.csv.gz", torn)).contains("damaged"));
}

#[test]
fn a_folder_with_files_of_one_header_in_any_dialect() {
    let files = Files::new();
    files.write("in/a.csv", COMMA);
    files.write("in/b.txt", "name;since;id;rating\nx;;8;1\n");
    files.write("in/c.csv.gz", gzip(&utf16("\u{feff}rating\tid\n2\t9\n", true)));
    files.write("in/~$c.xlsx", "lock");
    let (csv, counts) = run(&customers(""), &files.path("in"));
    assert_eq!(csv, format!("{EXPECTED}8,x,1,\n9,,2,\n"));
    assert_eq!(counts.notices.len(), 2, "{:?}", counts.notices);
}

#[test]
fn kinds_that_are_not_read_say_so() {
    let files = Files::new();
    let pack = customers("");
    let said = |name: &str, bytes: &[u8]| error(&pack, &files.write(name, bytes));
    assert!(said("x.zip", &zip(&[("customers.csv", COMMA)])).contains("is a zip archive\nunpack it"));
    assert!(said("x.ods", &zip(&[("mimetype", ""), ("content.xml", "")])).contains("OpenDocument"));
    assert!(said("x.xlsx", b"PK\x03\x04 torn").contains("damaged"));
    assert!(said("x.csv", b"%PDF-1.7").contains("PDF"));
    assert!(said("x.xls", b"<html><table><tr><td>id</td></tr></table>").contains("web page"));
    assert!(said("x.db", b"SQLite format 3\0").contains("SQLite"));
    assert!(said("x.bin", b"\0\0\0\x01").contains("cannot be told from its name or its content"));
}

// ---------------------------------------------------------------- headers

#[test]
fn headers_are_found_however_they_are_written() {
    let files = Files::new();
    let path = files.write("c.csv", "KUNDEN-NUMMER;Name:;Bonitaet;SINCE \n1;a;2;2024-12-31\n");
    assert_eq!(run(&customers(""), &path).0, "id,name,rating,since\n1,a,2,2024-12-31\n");
    let path = files.write("d.csv", "id,bonitat,Bonität!\n1,2,3\n");
    let text = error(&customers(""), &path);
    assert!(text.contains("has 2 columns for `rating`: `bonitat` (column 2), `Bonität!` (column 3)"), "{text}");
    let path = files.write("e.csv", "Kunden,Kundennummern,x\n1,2,3\n");
    let text = error(&customers(""), &path);
    assert!(
        text.contains("did you mean the header `Kundennummern` (or `Kunden`)?")
            && text.contains("`key_from = [\"Kundennummer\", \"Kundennummern\"]` in `[record]`"),
        "{text}"
    );
}

// ---------------------------------------------------------------- workbooks

/// A zip archive, stored, not packed.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let start = u32::try_from(out.len()).unwrap();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(crc32(text.as_bytes()).to_le_bytes());
        common.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        common.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = u32::try_from(out.len()).unwrap();
    let count = u16::try_from(files.len()).unwrap();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// A workbook of sheets: name and the XML of its rows. Style 1 is a date.
pub(crate) fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let mut list = String::new();
    let mut relations = String::new();
    let mut parts = Vec::new();
    for (i, (name, rows)) in sheets.iter().enumerate() {
        let i = i + 1;
        list += &format!("<sheet name=\"{name}\" sheetId=\"{i}\" r:id=\"rId{i}\"/>");
        relations +=
            &format!("<Relationship Id=\"rId{i}\" Type=\"{REL}/worksheet\" Target=\"worksheets/sheet{i}.xml\"/>");
        let sheet = format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>");
        parts.push((format!("xl/worksheets/sheet{i}.xml"), sheet));
    }
    let book = format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{REL}\"><sheets>{list}</sheets></workbook>");
    let relations = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{relations}</Relationships>"
    );
    let package = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"{REL}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let styles = format!(
        "<styleSheet xmlns=\"{MAIN}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let mut files = vec![
        ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
        ("_rels/.rels", &package),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &relations),
        ("xl/styles.xml", &styles),
    ];
    files.extend(parts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    zip(&files)
}

pub(crate) fn row(number: usize, cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .zip('A'..='Z')
        .filter(|(cell, _)| !cell.is_empty())
        .map(|(cell, column)| match cell.strip_prefix('@') {
            Some(date) => format!("<c r=\"{column}{number}\" s=\"1\"><v>{date}</v></c>"),
            None if cell.parse::<f64>().is_ok() => format!("<c r=\"{column}{number}\"><v>{cell}</v></c>"),
            None if cell.starts_with('#') => format!("<c r=\"{column}{number}\" t=\"e\"><v>{cell}</v></c>"),
            None => format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"),
        })
        .collect();
    format!("<row r=\"{number}\">{cells}</row>")
}

#[test]
fn a_workbook() {
    let files = Files::new();
    let table = [
        row(1, &["Customers of the shop"]),
        row(3, &["Kundennummer", "Name", "Bonität", "since", "note"]),
        row(4, &["42", "Müller, Jörg", "1.5", "@45657"]),
        row(6, &["7", "José", "-2", "@45657.5", "x"]),
        row(7, &["8", "#N/A", "many"]),
        row(8, &["9", "", "", "", "", "too far"]),
    ]
    .concat();
    let book = workbook(&[("Cover", ""), ("Kunden", &table), ("Notes", &row(1, &["a", "b"]))]);
    let path = files.write("c.xlsx", &book);
    let (csv, counts) = run(&customers(""), &path);
    assert_eq!(csv, "id,name,rating,since\n42,\"Müller, Jörg\",1.5,2024-12-31\n7,José,-2,2024-12-31\n");
    let seen: Vec<(u64, &str)> = counts.samples.iter().map(|r| (r.line, r.value.as_str())).collect();
    assert_eq!(seen, [(7, "many"), (8, "")], "row numbers of the sheet");
    let notices = counts.notices.join("\n");
    assert!(notices.contains("`sheet = \"Kunden\"`") && notices.contains("`skip = 2`"), "{notices}");
    let (declared, counts) = run(&customers("sheet = \"kunden\"\nskip = 2"), &path);
    assert_eq!(declared, csv);
    assert!(!counts.notices.iter().any(|n| n.contains("sheet")), "{:?}", counts.notices);
    let text = error(&customers("sheet = \"Kundn\""), &path);
    assert!(text.contains("has no sheet `Kundn`") && text.contains("did you mean `Kunden`?"), "{text}");
    // Content, not name.
    let (csv, counts) = run(&customers("sheet = \"Kunden\"\nskip = 2"), &files.write("c.csv", &book));
    assert_eq!(csv, declared);
    assert!(counts.notices[0].contains("it is an Excel workbook"), "{:?}", counts.notices);
    let path = files.write("empty.xlsx", workbook(&[("Cover", "")]));
    assert!(error(&customers(""), &path).contains("no sheet holds anything"));
    let path = files.write("bare.xlsx", workbook(&[("x", &row(1, &["1", "a"]))]));
    let names = "headers = [\"id\", \"name\"]";
    assert_eq!(run(&customers(names), &path).0, "id,name,rating,since\n1,a,,\n");
}

#[test]
fn a_cell_in_the_last_corner_costs_nothing() {
    let files = Files::new();
    let cell = "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    let table = [row(1, &["id", "name"]), row(2, &["1", "a"]), cell.to_owned()].concat();
    let (csv, counts) = run(&customers(""), &files.write("c.xlsx", workbook(&[("x", &table)])));
    assert_eq!(csv, "id,name,rating,since\n1,a,,\n");
    assert_eq!(counts.samples[0].line, 1_048_576);
}

/// Written by other programs, as `tests/files/README.md` says.
#[test]
fn workbooks_as_other_programs_write_them() {
    let file = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name);
    let expected = "id,name,rating,since\n42,\"Müller, Jörg\",1.5,2024-12-31\n7,José,-2,\n";
    let text = error(&customers(""), &file("customers.xls"));
    assert!(text.contains("is an old Excel workbook (.xls)") && text.contains("save it as .xlsx"), "{text}");
    let text = error(&customers(""), &file("locked.xlsx"));
    assert!(text.contains("is protected with a password"), "{text}");
    let (csv, counts) = run(&customers(""), &file("customers.xlsx"));
    assert_eq!(csv, expected);
    assert!(counts.notices.iter().any(|n| n.contains("`sheet = \"Kunden\"`")), "{:?}", counts.notices);
}

// ---------------------------------------------------------------- nothing makes it panic

fn parquet_bytes() -> Vec<u8> {
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(StringArray::from(vec!["1", "2", "3"])) as ArrayRef),
        ("rating", Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0])) as ArrayRef),
    ])
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// Random and damaged files of every kind are read, or refused with a reason. `REGAIN_FUZZ_SECONDS=600` looks longer, from
/// another start each time.
#[test]
fn any_bytes_are_read_or_refused() {
    let files = Files::new();
    let longer = std::env::var("REGAIN_FUZZ_SECONDS").ok().and_then(|s| s.parse::<u64>().ok());
    let mut random = if longer.is_some() { fastrand::Rng::new() } else { fastrand::Rng::with_seed(7) };
    let packs =
        [customers(""), customers("headers = [\"id\", \"name\"]"), customers("encoding = \"shift_jis\"\nskip = 1")];
    let table = [row(1, &["id", "name"]), row(2, &["1", "@45657"])].concat();
    let good: Vec<(&str, Vec<u8>)> = vec![
        ("c.csv", SEMICOLON.into()),
        ("c.csv", utf16(COMMA, true)),
        ("c.txt", b" 1 2 3\n 4 5 6\n".to_vec()),
        ("c.csv.gz", gzip(COMMA.as_bytes())),
        ("c.csv.zst", zstd(COMMA.as_bytes())),
        ("c.csv.bz2", b"BZh91AY&SY".to_vec()),
        ("c.xlsx", workbook(&[("x", &table)])),
        ("c.parquet", parquet_bytes()),
        ("c.jsonl", b"{\"id\": 1, \"rating\": 2}\n{\"id\": \"\\ud800\"}\n".to_vec()),
        ("c", Vec::new()),
    ];
    let start = std::time::Instant::now();
    let mut rounds = 0;
    // A few seconds, but always so many that every kind is met.
    while rounds < 60 || (rounds < 1500 || longer.is_some()) && start.elapsed().as_secs() < longer.unwrap_or(4) {
        let (name, bytes) = &good[rounds % good.len()];
        let mut bytes = bytes.clone();
        match random.u8(0..4) {
            0 => {
                let length = random.usize(0..600);
                bytes = (0..length).map(|_| random.u8(..)).collect();
            }
            1 => bytes.truncate(random.usize(0..=bytes.len())),
            2 => {
                let alphabet = b"\"';,\t\n\r 01a\0\xff{}";
                bytes.extend((0..random.usize(0..60)).map(|_| alphabet[random.usize(0..alphabet.len())]));
            }
            _ => {}
        }
        if !bytes.is_empty() {
            for _ in 0..random.usize(0..8) {
                let place = random.usize(0..bytes.len());
                bytes[place] = random.u8(..);
            }
        }
        let path = files.write(name, &bytes);
        let pack = &packs[random.usize(0..packs.len())];
        if let Err(error) = run_table(pack, "customers", &path, 1) {
            let kind = &error.kind;
            assert!(
                matches!(kind, DataErrorKind::Input | DataErrorKind::Machine),
                "round {rounds}, {name}: {kind:?} {}\n{bytes:?}",
                said(&error)
            );
        }
        rounds += 1;
    }
}
