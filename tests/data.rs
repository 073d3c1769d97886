//! Data: from files to records. Small packs, small files, expected results written out as CSV.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, StringViewArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Int32Type};
use parquet::arrow::ArrowWriter;
use regain::data::{
    Apply, Collected, DataError, DataErrorKind, DecisionSink, Format, Options, Run, RunCounts, Sink, Source, Target,
};
use regain::expr::Date;
use regain::pack::{Pack, load_from_texts};
use tempfile::TempDir;

pub(crate) fn pack(text: &str) -> Arc<Pack> {
    let loaded = load_from_texts(&[("pack.toml", text)]);
    match loaded.pack {
        Some(pack) => pack,
        None => panic!("{:#?}", loaded.diagnostics),
    }
}

pub(crate) fn day(text: &str) -> Date {
    Date::parse_iso(text).unwrap()
}

/// A folder of files for one test.
pub(crate) struct Files(pub(crate) TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn parquet(&self, name: &str, columns: Vec<(&str, ArrayRef)>) -> PathBuf {
        let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
        let path = self.path(name);
        let mut writer = ArrowWriter::try_new(fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        path
    }
}

pub(crate) fn identity() -> Apply {
    Arc::new(|batch: &RecordBatch| Ok(batch.clone()))
}

pub(crate) fn options(threads: usize) -> Options {
    Options { threads, ..Options::default() }
}

/// Runs without rules: the records as CSV, and the counts.
pub(crate) fn run_with(
    pack: &Arc<Pack>,
    as_of: &str,
    sources: &[(&str, &Path)],
    options: Options,
) -> Result<(String, RunCounts), DataError> {
    let sources: Vec<Source> = sources.iter().map(|(name, path)| Source::new(*name, *path)).collect();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.csv");
    let run = Run::open(pack, day(as_of), &sources, options)?;
    let mut sink = DecisionSink::create(Target::File(out.clone()), Format::Csv, run.record_schema())?;
    let counts = run.execute(&identity(), &mut sink)?;
    let written = sink.finish()?;
    assert_eq!(written.rows, counts.records);
    Ok((fs::read_to_string(out).unwrap(), counts))
}

pub(crate) fn run(pack: &Arc<Pack>, as_of: &str, sources: &[(&str, &Path)]) -> (String, RunCounts) {
    let one = run_with(pack, as_of, sources, options(1)).unwrap();
    let two = run_with(pack, as_of, sources, options(2)).unwrap();
    assert_eq!(one.0, two.0, "one thread and two give the same bytes");
    one
}

pub(crate) fn error(pack: &Arc<Pack>, sources: &[(&str, &Path)]) -> DataError {
    run_with(pack, "2025-06-30", sources, options(1)).unwrap_err()
}

/// The message and its hints, as one text.
pub(crate) fn said(error: &DataError) -> String {
    std::iter::once(error.message.as_str()).chain(error.help.iter().map(String::as_str)).collect::<Vec<_>>().join("\n")
}

const CUSTOMERS: &str = r#"
[pack]
name = "test"
[record]
key = "id"
[record.columns]
segment = { type = "text", from = ["Kundengruppe"], optional = true }
rating = { type = "number", optional = true }
since = { type = "date", optional = true, format = "%d.%m.%Y" }
vip = { type = "bool", optional = true }
"#;

// ---------------------------------------------------------------- reading

#[test]
fn csv_as_exports_have_it() {
    let files = Files::new();
    let path = files.write(
        "c.csv",
        "\u{feff}ID ;Kundengruppe;note;Rating;since;VIP\r\n\
         00042;\"a;b \"\"c\"\"\nd\";x; 1.5e2 ;31.12.2024;YES\r\n\
         7;;;;;\r\n\
         \r\n\
         x y;z;;-0;01.02.2003;0\r\n",
    );
    let (csv, counts) = run(&pack(CUSTOMERS), "2025-06-30", &[("customers", &path)]);
    assert_eq!(
        csv,
        "id,segment,rating,since,vip\n\
         00042,\"a;b \"\"c\"\"\nd\",150,2024-12-31,true\n\
         7,,,,\n\
         x y,z,0,2003-02-01,false\n"
    );
    assert_eq!(counts.records, 3);
    assert_eq!(counts.rejected(), 0);
}

#[test]
fn json_lines() {
    let files = Files::new();
    let path = files.write(
        "c.jsonl",
        "{\"id\": 42, \"segment\": \"a\\nb\", \"rating\": 1.5, \"vip\": true}\n\n\
         {\"rating\": null, \"id\": \"x\", \"nested\": {\"a\": [1]}}\n\
         {\"id\": 7, \"since\": \"01.02.2003\"}\n",
    );
    let (csv, counts) = run(&pack(CUSTOMERS), "2025-06-30", &[("customers", &path)]);
    assert_eq!(csv, "id,segment,rating,since,vip\n42,\"a\nb\",1.5,,true\nx,,,,\n7,,,2003-02-01,\n");
    assert_eq!(counts.records, 3);
}

#[test]
fn parquet_types() {
    let files = Files::new();
    let segment: DictionaryArray<Int32Type> = vec![Some("a"), None, Some("b")].into_iter().collect();
    let path = files.parquet(
        "c.parquet",
        vec![
            ("unused", Arc::new(StringArray::from(vec!["x", "y", "z"])) as ArrayRef),
            ("id", Arc::new(Int32Array::from(vec![10, 9, 8])) as ArrayRef),
            ("Kundengruppe", Arc::new(segment) as ArrayRef),
            ("rating", Arc::new(Float64Array::from(vec![Some(f64::NAN), Some(-0.0), Some(f64::INFINITY)])) as ArrayRef),
            ("since", Arc::new(TimestampMillisecondArray::from(vec![Some(86_400_000), None, Some(-1)])) as ArrayRef),
            ("vip", Arc::new(Int32Array::from(vec![Some(1), Some(0), None])) as ArrayRef),
        ],
    );
    let (csv, _) = run(&pack(CUSTOMERS), "2025-06-30", &[("customers", &path)]);
    assert_eq!(csv, "id,segment,rating,since,vip\n10,a,,1970-01-02,true\n9,,0,,false\n8,b,,1969-12-31,\n");
    let run = Run::open(&pack(CUSTOMERS), day("2025-06-30"), &[Source::new("customers", &path)], options(1)).unwrap();
    assert_eq!(*run.record_schema().field(0).data_type(), DataType::Int64, "keys that are whole numbers stay so");
    assert_eq!(run.known_rows(), Some(3));

    let views = files.parquet(
        "v.parquet",
        vec![
            ("id", Arc::new(StringViewArray::from(vec!["b", "a"])) as ArrayRef),
            (
                "rating",
                Arc::new(Decimal128Array::from(vec![125, 250]).with_precision_and_scale(5, 2).unwrap()) as ArrayRef,
            ),
            ("since", Arc::new(Date32Array::from(vec![Some(0), Some(i32::MAX)])) as ArrayRef),
        ],
    );
    let (csv, counts) = run_with(&pack(CUSTOMERS), "2025-06-30", &[("customers", &views)], options(1)).unwrap();
    assert_eq!(csv, "id,segment,rating,since,vip\nb,,1.25,1970-01-01,\n");
    assert_eq!(counts.samples[0].line, 2, "of Parquet the row");
}

#[test]
fn a_column_of_the_wrong_kind_is_an_error_with_its_name() {
    let files = Files::new();
    let path = files.parquet(
        "c.parquet",
        vec![
            ("id", Arc::new(Int64Array::from(vec![1])) as ArrayRef),
            ("rating", Arc::new(arrow::array::BooleanArray::from(vec![true])) as ArrayRef),
        ],
    );
    let text = said(&error(&pack(CUSTOMERS), &[("customers", &path)]));
    assert!(text.contains("`rating`") && text.contains("holds true and false, the pack wants a number"), "{text}");
}

#[test]
fn folders_and_compression() {
    let files = Files::new();
    files.write("in/b.csv", "rating,id\n2,b\n");
    files.write("in/a.csv", "id,rating\na,1\n");
    files.write("in/c.csv", "id\nc\n");
    files.write("in/_SUCCESS", "");
    files.write("in/readme.md", "words");
    let (csv, counts) = run(&pack(CUSTOMERS), "2025-06-30", &[("customers", &files.path("in"))]);
    assert_eq!(csv, "id,segment,rating,since,vip\na,,1,,\nb,,2,,\nc,,,,\n");
    assert!(counts.notices.iter().any(|n| n.contains("readme.md")), "{:?}", counts.notices);

    // `printf 'id,rating\nz,9\n' | gzip -n`
    let zipped: &[u8] = &[
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x4c, 0xd1, 0x29, 0x4a, 0x2c, 0xc9, 0xcc,
        0x4b, 0xe7, 0xaa, 0xd2, 0xb1, 0xe4, 0x02, 0x00,
    ];
    let mut zipped = zipped.to_vec();
    zipped.extend(crc32(b"id,rating\nz,9\n").to_le_bytes());
    zipped.extend(14u32.to_le_bytes());
    let path = files.write("z.csv.gz", zipped);
    assert_eq!(run(&pack(CUSTOMERS), "2025-06-30", &[("customers", &path)]).0, "id,segment,rating,since,vip\nz,,9,,\n");
}

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

// ---------------------------------------------------------------- bad input

#[test]
fn what_cannot_be_opened() {
    let files = Files::new();
    let pack = pack(CUSTOMERS);
    let nowhere = files.path("no.csv");
    assert!(said(&error(&pack, &[("customers", &nowhere)])).contains("there is no such file or folder"));
    let empty = files.write("empty.csv", "");
    assert!(said(&error(&pack, &[("customers", &empty)])).contains("is empty: not even a header"));
    let odd = files.write("c.odd", b"\0\x01");
    assert!(said(&error(&pack, &[("customers", &odd)])).contains("the kind of the file cannot be told from its name"));
    fs::create_dir(files.path("void")).unwrap();
    assert!(said(&error(&pack, &[("customers", &files.path("void"))])).contains("the folder holds no table"));
    files.write("two/a.csv", "id\n1\n");
    files.write("two/b.jsonl", "{}");
    assert!(said(&error(&pack, &[("customers", &files.path("two"))])).contains("two kinds, CSV and JSON lines"));
    let torn = files.write("torn.parquet", b"PAR1 torn");
    assert!(said(&error(&pack, &[("customers", &torn)])).contains("not a readable Parquet file"));
    let list = files.write("list.json", "[{\"id\": 1}]");
    assert!(said(&error(&pack, &[("customers", &list)])).contains("one JSON list"));
    let good = files.write("good.csv", "id\n1\n");
    assert!(said(&error(&pack, &[("customers", &good), ("customers", &good)])).contains("given twice"));
    let wrong = said(&error(&pack, &[("custmers", &good)]));
    assert!(
        wrong.contains("the pack has no table `custmers`") && wrong.contains("did you mean `customers`"),
        "{wrong}"
    );
    assert!(said(&error(&pack, &[])).contains("no data is given"));
}

#[test]
fn no_rows_are_no_error() {
    let files = Files::new();
    let path = files.write("c.csv", "id,rating\n");
    let (csv, counts) = run(&pack(CUSTOMERS), "2025-06-30", &[("customers", &path)]);
    assert_eq!(csv, "id,segment,rating,since,vip\n");
    assert!(counts.notices.iter().any(|n| n == "the data holds no customer"));
    let path = files.parquet("c.parquet", vec![("id", Arc::new(Int64Array::from(Vec::<i64>::new())) as ArrayRef)]);
    assert_eq!(run(&pack(CUSTOMERS), "2025-06-30", &[("customers", &path)]).1.records, 0);
}

#[test]
fn lacking_and_double_columns() {
    let files = Files::new();
    let strict =
        pack(&CUSTOMERS.replace("rating = { type = \"number\", optional = true }", "rating = { type = \"number\" }"));
    let path = files.write("c.csv", "id,ratings\n1,2\n");
    let text = said(&error(&strict, &[("customers", &path)]));
    assert!(text.contains("lacks the column `rating`") && text.contains("did you mean the header `ratings`"), "{text}");
    let path = files.write("d.csv", "id,rating,rating\n1,2,3\n");
    let text = said(&error(&strict, &[("customers", &path)]));
    assert!(text.contains("has 2 columns for `rating`"), "{text}");
    // Double headers nobody asked for do not matter.
    let path = files.write("e.csv", "id,x,x,rating\n1,2,3,4\n");
    assert_eq!(run(&strict, "2025-06-30", &[("customers", &path)]).0, "id,segment,rating,since,vip\n1,,4,,\n");
}

#[test]
fn many_columns_odd_names_and_a_long_key() {
    let files = Files::new();
    let mut text = String::from("[pack]\nname = \"wide\"\n[record]\nkey = \"id\"\n");
    let (mut header, mut row) = (String::from("id"), "k".repeat(4096));
    for i in 0..200 {
        writeln!(text, "[record.columns.c{i}]\ntype = \"number\"\nfrom = [\"a \\\"{i}\\\",\\nb\"]").unwrap();
        write!(header, ",\"a \"\"{i}\"\",\nb\"").unwrap();
        write!(row, ",{i}").unwrap();
    }
    let path = files.write("c.csv", format!("{header}\n{row}\n"));
    let (csv, counts) = run(&pack(&text), "2025-06-30", &[("customers", &path)]);
    assert_eq!(counts.records, 1);
    let line = csv.lines().nth(1).unwrap();
    assert!(line.starts_with(&"k".repeat(4096)) && line.ends_with(",198,199"));
}

#[test]
fn rows_that_cannot_be_used_are_set_aside_with_their_lines() {
    let files = Files::new();
    let path = files.write(
        "c.csv",
        "id,segment,rating,since,vip\r\n\
         1,\"two\nlines\",1,,\r\n\
         2,a,many,,\r\n\
         \r\n\
         ,b,1,,\r\n\
         3,\"x\ny\nz\",1,2025-01-01,\r\n\
         4,a,1,,maybe\r\n\
         5,a,2,,no\r\n\
         1,again,9,,\r\n",
    );
    let out = files.path("rejects.csv");
    let with = |threads| Options { rejects: Some(out.clone()), ..options(threads) };
    for threads in [1, 2] {
        let (csv, counts) = run_with(&pack(CUSTOMERS), "2025-06-30", &[("customers", &path)], with(threads)).unwrap();
        assert_eq!(csv, "id,segment,rating,since,vip\n1,\"two\nlines\",1,,\n5,a,2,,false\n");
        let table = &counts.tables[0];
        assert_eq!((table.rows, table.rejected, counts.records), (7, 5, 2));
        let shown = path.display();
        assert_eq!(
            fs::read_to_string(&out).unwrap(),
            format!(
                "table,file,line,column,value,reason,key\n\
                 customers,{shown},4,rating,many,not a number,2\n\
                 customers,{shown},6,id,,the key is missing,\n\
                 customers,{shown},7,since,2025-01-01,\"a date as `2025-12-31`, but the column is read in another format\",3\n\
                 customers,{shown},10,vip,maybe,not true or false,4\n\
                 customers,{shown},12,id,1,\"the key occurs more than once, first in line 2\",1\n"
            )
        );
        let reasons: Vec<String> =
            table.rejects.iter().map(|r| format!("{} {} {}", r.column, r.reason, r.rows)).collect();
        assert_eq!(
            reasons,
            [
                "id the key is missing 1",
                "id the key occurs more than once 1",
                "rating not a number 1",
                "since a date as `2025-12-31`, but the column is read in another format 1",
                "vip not true or false 1"
            ]
        );
    }
    let strict = Options { max_rejects: Some(regain::data::MaxRejects::Rows(0)), ..options(1) };
    let error = run_with(&pack(CUSTOMERS), "2025-06-30", &[("customers", &path)], strict).unwrap_err();
    assert_eq!(error.kind, DataErrorKind::Strict);
    assert!(said(&error).contains(":4: `rating` `many`: not a number"), "{}", said(&error));
}

#[test]
fn lines_that_cannot_be_taken_apart_are_set_aside() {
    let files = Files::new();
    // Good UTF-8 elsewhere: the broken line is no sign of another encoding.
    let mut bytes = "id,segment\n1,äö\n2,b,c\n3\n4,".as_bytes().to_vec();
    bytes.extend(b"\xff\xfe\n5,\xc3\xbc\n");
    let path = files.write("c.csv", bytes);
    let (csv, counts) = run(&pack(CUSTOMERS), "2025-06-30", &[("customers", &path)]);
    assert_eq!(csv, "id,segment,rating,since,vip\n1,äö,,,\n5,ü,,,\n");
    let seen: Vec<(u64, &str)> = counts.samples.iter().map(|r| (r.line, r.reason.as_str())).collect();
    assert_eq!(
        seen,
        [
            (3, "the line has more or fewer fields than the header"),
            (4, "the line has more or fewer fields than the header"),
            (5, "the line is not UTF-8 text")
        ]
    );
    let path =
        files.write("c.jsonl", "{\"id\": 1}\nnonsense\n\n[1]\n{\"id\": 2, \"rating\": {\"x\": 1}}\n{\"id\": 3} x\n");
    let (csv, counts) = run(&pack(CUSTOMERS), "2025-06-30", &[("customers", &path)]);
    assert_eq!(csv, "id,segment,rating,since,vip\n1,,,,\n");
    let seen: Vec<(u64, &str, &str)> =
        counts.samples.iter().map(|r| (r.line, r.value.as_str(), r.reason.as_str())).collect();
    assert_eq!(
        seen,
        [
            (2, "", "the line is not a JSON object"),
            (4, "", "the line is not a JSON object"),
            (5, "{\"x\":1}", "not a number"),
            (6, "", "the line is not a JSON object")
        ]
    );
}

#[test]
fn double_keys_are_found_in_any_order() {
    let files = Files::new();
    // Enough rows for several batches; key 77 again at the end of the second file.
    let list = |range: std::ops::Range<usize>, step: usize| {
        let n = range.len();
        let mut text = String::from("id\n");
        for i in 0..n {
            writeln!(text, "{}", range.start + (i * step) % n).unwrap();
        }
        text
    };
    for step in [1, 7919] {
        files.write("in/a.csv", list(0..20_000, step));
        files.write("in/b.csv", list(20_000..30_000, step) + "77\n");
        let (csv, counts) = run(&pack(CUSTOMERS), "2025-06-30", &[("customers", &files.path("in"))]);
        assert_eq!((counts.records, counts.rejected()), (30_000, 1));
        assert_eq!(csv.lines().count(), 30_001);
        let reject = &counts.samples[0];
        assert_eq!((reject.line, reject.key.as_str()), (10_002, "77"));
        assert!(reject.reason.contains("a.csv` line"), "{}", reject.reason);
    }
    // Out of order, but all different: nothing is set aside.
    files.write("in/b.csv", list(20_000..30_000, 3));
    assert_eq!(run(&pack(CUSTOMERS), "2025-06-30", &[("customers", &files.path("in"))]).1.rejected(), 0);
}

// ---------------------------------------------------------------- rollups

const ORDERS: &str = r#"
[pack]
name = "test"
[params.per_unit]
value = 100
[record]
key = "id"
[tables.orders]
key = "id"
time = "on"
[tables.orders.columns]
on = { type = "date" }
amount = { type = "number" }
kind = { type = "text", optional = true }
gift = { type = "bool", optional = true }
[rollups]
n = 'count(orders)'
n_amount = 'count(orders.amount)'
n_books = 'count(orders, orders.kind == "book")'
total = 'sum(orders.amount)'
cents = 'sum(orders.amount * per_unit)'
mean = 'mean(orders.amount)'
least = 'min(orders.amount)'
most = 'max(orders.amount)'
last_kind = 'max(orders.kind)'
middle = 'median(orders.amount)'
high = 'quantile(orders.amount, 0.9)'
first_amount = 'first(orders.amount)'
latest_amount = 'last(orders.amount)'
latest_book = 'last(orders.on, orders.kind == "book")'
kinds = 'count_distinct(orders.kind)'
gifts = 'share(orders, orders.gift)'
book_money = 'share(orders.amount, orders.kind == "book")'
gap = 'median_gap(orders.on)'
wide_gap = 'quantile_gap(orders.on, 0.9)'
recent = 'sum(orders.amount, orders.on > today - 100)'
first_gift = 'first(orders.gift)'
"#;

const LOG: &str = "id,on,amount,kind,gift\n\
    a,2025-01-01,10,book,true\n\
    a,2025-01-11,20,food,\n\
    a,2025-05-01,,book,false\n\
    a,2025-05-01,5,toy,false\n\
    a,2025-07-01,1000,book,true\n\
    b,2025-06-30,0,,\n\
    c,2025-07-01,1,book,true\n";

#[test]
fn every_rollup() {
    let files = Files::new();
    let path = files.write("o.csv", LOG);
    let (csv, counts) = run(&pack(ORDERS), "2025-06-30", &[("orders", &path)]);
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let a: Vec<&str> = lines.next().unwrap().split(',').collect();
    let found: Vec<String> = names.iter().zip(&a).map(|(n, v)| format!("{n}={v}")).collect();
    assert_eq!(
        found,
        [
            "id=a",
            "n=4",
            "n_amount=3",
            "n_books=2",
            "total=35",
            "cents=3500",
            "mean=11.666666666666666",
            "least=5",
            "most=20",
            "last_kind=toy",
            "middle=10",
            "high=18",
            "first_amount=10",
            "latest_amount=5",
            "latest_book=2025-05-01",
            "kinds=3",
            "gifts=0.25",
            "book_money=0.2857142857142857",
            "gap=60",
            "wide_gap=100",
            "recent=5",
            "first_gift=true",
        ]
    );
    assert_eq!(lines.next().unwrap(), "b,1,1,0,0,0,0,0,0,,0,0,0,0,,0,0,,,,0,");
    assert_eq!(lines.next(), None, "c is not known yet on that day");
    let table = &counts.tables[0];
    assert_eq!((table.rows, table.after_today, table.events, table.rejected), (7, 2, 5, 0));
    assert_eq!(counts.records, 2);
}

const DAYS: &str = r#"
[pack]
name = "test"
[record]
key = "id"
[tables.orders]
key = "id"
time = "on"
merge = "day"
[tables.orders.columns]
on = { type = "date" }
amount = { type = "number" }
items = { type = "number", optional = true, merge = "max" }
kind = { type = "text", optional = true }
gift = { type = "bool", optional = true }
[rollups]
n = 'count(orders)'
big = 'count(orders, orders.amount > 10)'
mean = 'mean(orders.amount)'
items = 'sum(orders.items)'
kind = 'first(orders.kind)'
gift = 'last(orders.gift)'
"#;

#[test]
fn rows_of_one_day_are_one_event() {
    let files = Files::new();
    let path = files.write(
        "o.csv",
        "id,on,amount,items,kind,gift\n\
         a,2025-01-01,6,1,pen,false\n\
         a,2025-01-01,7,3,,true\n\
         a,2025-01-01,,2,ink,\n\
         a,2025-01-02,1,,,\n\
         b,2025-01-01,,,,\n\
         b,2025-01-01,,,,\n",
    );
    let (csv, counts) = run(&pack(DAYS), "2025-06-30", &[("orders", &path)]);
    assert_eq!(csv, "id,n,big,mean,items,kind,gift\na,2,1,7,3,ink,true\nb,1,0,,,,\n");
    assert_eq!((counts.tables[0].rows, counts.tables[0].events), (6, 3));
}

#[test]
fn events_that_cannot_be_used() {
    let files = Files::new();
    let path =
        files.write("o.csv", "id,on,amount\na,,1\n,2025-01-01,1\na,2025-13-01,1\na,2025-01-01,x\na,2025-01-01,1\n");
    let (csv, counts) = run(&pack(DAYS), "2025-06-30", &[("orders", &path)]);
    assert_eq!(csv, "id,n,big,mean,items,kind,gift\na,1,0,1,,,\n");
    let seen: Vec<(u64, &str, &str)> =
        counts.samples.iter().map(|r| (r.line, r.column.as_str(), r.reason.as_str())).collect();
    assert_eq!(
        seen,
        [
            (2, "on", "the date is missing"),
            (3, "id", "the key is missing"),
            (4, "on", "there is no such day"),
            (5, "amount", "not a number")
        ]
    );
}

const SHOP: &str = r#"
[pack]
name = "test"
[record]
key = "id"
[record.columns.name]
type = "text"
[tables.orders]
key = "id"
time = "on"
[tables.orders.columns]
on = { type = "date" }
amount = { type = "number" }
[tables.complaints]
key = "id"
time = "on"
optional = true
[tables.complaints.columns]
on = { type = "date" }
text = { type = "text", optional = true }
[rollups]
complaint = 'last(complaints.text)'
revenue = 'sum(orders.amount)'
orders = 'count(orders)'
complaints_n = 'count(complaints)'
"#;

#[test]
fn records_are_joined_with_their_rollups() {
    let files = Files::new();
    let customers = files.write("c.csv", "id,name\nz,Zoe\na,Ann\nm,Max\n");
    let orders = files.write("o.csv", "id,on,amount\na,2025-01-01,1\na,2025-01-02,2\nq,2025-01-02,4\nz,2025-09-01,8\n");
    let complaints = files.write("k.csv", "id,on,text\nm,2025-01-01,late\nq,2025-01-01,x\n");
    let pack = pack(SHOP);
    let (csv, counts) =
        run(&pack, "2025-06-30", &[("customers", &customers), ("orders", &orders), ("complaints", &complaints)]);
    assert_eq!(
        csv,
        "id,name,complaint,revenue,orders,complaints_n\n\
         a,Ann,,3,2,0\n\
         m,Max,late,,0,1\n\
         z,Zoe,,,0,0\n"
    );
    let of = |name: &str| counts.tables.iter().find(|t| t.table == name).unwrap().clone();
    assert_eq!((of("orders").unmatched, of("orders").after_today, of("complaints").unmatched), (1, 1, 1));
    // The optional table need not be given.
    let (csv, _) = run(&pack, "2025-06-30", &[("customers", &customers), ("orders", &orders)]);
    assert_eq!(csv.lines().nth(2).unwrap(), "m,Max,,,0,0");
    // The other one must be.
    let text = said(&error(&pack, &[("customers", &customers)]));
    assert!(text.contains("the pack needs the table `orders`") && text.contains("--data orders=PATH"), "{text}");
    // Without customers, everybody who did anything is one.
    let (csv, _) = run(&pack, "2025-06-30", &[("orders", &orders), ("complaints", &complaints)]);
    assert_eq!(
        csv,
        "id,name,complaint,revenue,orders,complaints_n\n\
         a,,,3,2,0\n\
         m,,late,,0,1\n\
         q,,x,4,1,1\n"
    );
}

/// Deterministic and without a dependency.
pub(crate) fn noise(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn neither_order_nor_files_nor_threads_change_a_bit() {
    let files = Files::new();
    let mut state = 42;
    let mut rows: Vec<String> = (0..30_000)
        .map(|_| {
            let (key, day) = (noise(&mut state) % 500, noise(&mut state) % 300);
            let date = Date::from_days(20_000 + day as i64).unwrap();
            let amount = (noise(&mut state) % 100_000) as f64 / 700.0;
            format!(
                "C{key},{date},{amount},{},{}",
                ["book", "food", "", "toy"][(noise(&mut state) % 4) as usize],
                noise(&mut state) % 2
            )
        })
        .collect();
    let header = "id,on,amount,kind,gift\n";
    let path = files.write("o.csv", format!("{header}{}\n", rows.join("\n")));
    let as_of = Date::from_days(20_250).unwrap().to_string();
    for text in [ORDERS, DAYS] {
        let pack = pack(text);
        let (expected, _) = run(&pack, &as_of, &[("orders", &path)]);
        assert_eq!(expected.lines().count(), 501);
        // Shuffled, in five files of different column order.
        for i in (1..rows.len()).rev() {
            rows.swap(i, noise(&mut state) as usize % (i + 1));
        }
        for (i, chunk) in rows.chunks(rows.len().div_ceil(5)).enumerate() {
            let body: String = if i % 2 == 0 {
                format!("{header}{}\n", chunk.join("\n"))
            } else {
                let turned = chunk.iter().map(|r| r.split(',').rev().collect::<Vec<_>>().join(",") + "\n");
                format!("gift,kind,amount,on,id\n{}", turned.collect::<String>())
            };
            files.write(&format!("many/{i}.csv"), body);
        }
        for threads in [1, 2, 5] {
            let (found, _) = run_with(&pack, &as_of, &[("orders", &files.path("many"))], options(threads)).unwrap();
            assert!(found == expected, "{threads} threads, shuffled files");
        }
        // Little memory: sorts go to disk.
        let tight = Options { memory: 1, ..options(2) };
        assert!(run_with(&pack, &as_of, &[("orders", &path)], tight).unwrap().0 == expected, "little memory");
    }
}

#[test]
fn more_events_than_memory() {
    let files = Files::new();
    let mut state = 7;
    let n = 300_000;
    let mut draw = |below: u64| noise(&mut state) % below;
    let ids: StringArray = (0..n).map(|_| Some(format!("C{}", draw(40_000)))).collect();
    let on: Date32Array = (0..n).map(|_| Some(20_000 + draw(300) as i32)).collect();
    let amount: Float64Array = (0..n).map(|_| Some(draw(100_000) as f64 / 700.0)).collect();
    let path = files.parquet(
        "o.parquet",
        vec![("id", Arc::new(ids) as ArrayRef), ("on", Arc::new(on)), ("amount", Arc::new(amount))],
    );
    let pack = pack(ORDERS);
    let as_of = Date::from_days(20_250).unwrap().to_string();
    let with = |threads, memory| {
        run_with(&pack, &as_of, &[("orders", &path)], Options { memory, ..options(threads) }).unwrap().0
    };
    let roomy = with(2, 1 << 30);
    for threads in [1, 2, 4] {
        assert!(with(threads, 16 << 20) == roomy, "{threads} threads in 16 MiB");
    }
}

#[test]
fn texts_the_pack_does_not_list_are_told() {
    let files = Files::new();
    let text = CUSTOMERS.replace("from = [\"Kundengruppe\"]", "values = [\"private\", \"business\"]");
    let path = files.write("c.csv", "id,segment\n1,private\n2,privat\n3,\n4,privat\n5,Business\n");
    let (_, counts) = run(&pack(&text), "2025-06-30", &[("customers", &path)]);
    assert_eq!(counts.records, 5, "they are no rejects");
    let expected = "`segment` of `customers` holds values the pack does not list: `privat` (2), `Business` (1)";
    assert!(counts.notices.iter().any(|n| n == expected), "{:?}", counts.notices);
}

#[test]
fn one_customer_is_the_same_alone() {
    let files = Files::new();
    let customers = files.write("c.csv", "id,name\nz,Zoe\na,Ann\n");
    let orders = files.write("o.csv", "id,on,amount\na,2025-01-02,2\na,2025-01-01,1\na,2026-01-01,1\nq,2025-01-02,4\n");
    let sources = [Source::new("customers", &customers), Source::new("orders", &orders)];
    let run = Run::open(&pack(SHOP), day("2025-06-30"), &sources, options(2)).unwrap();
    let mut all = Collected::default();
    run.execute(&identity(), &mut all).unwrap();
    let one = run.one("a").unwrap().unwrap();
    assert_eq!(one.record, all.batches[0].slice(0, 1));
    assert_eq!(one.events.len(), 1, "complaints are not given");
    let (name, events) = &one.events[0];
    assert_eq!((name.as_str(), events.num_rows()), ("orders", 2));
    let amounts: Vec<f64> =
        events.column_by_name("amount").unwrap().as_primitive::<arrow::datatypes::Float64Type>().values().to_vec();
    assert_eq!(amounts, [1.0, 2.0], "in order of time");
    let zoe = run.one("z").unwrap().unwrap();
    assert_eq!((zoe.record.num_rows(), zoe.events[0].1.num_rows()), (1, 0));
    assert!(run.one("q").unwrap().is_none(), "events, but no record");
    assert!(run.one("nobody").unwrap().is_none());
}

// ---------------------------------------------------------------- record.sql

#[test]
fn the_record_may_be_a_query() {
    let files = Files::new();
    let customers = files.write("c.csv", "id,name,town\n1,Ann,Ulm\n2,Max,Bonn\n");
    let orders =
        files.write("o.csv", "id,on,amount\n1,2025-01-01,1\n1,2025-01-02,2.5\n2,2030-01-01,7\n3,2025-01-01,1\n");
    let text = r#"
[pack]
name = "test"
[params.vat]
value = 1.5
[record]
key = "id"
sql = '''
select c.id, c.town, sum(o.amount) * $vat as gross, $today as seen
from customers c left join orders o on o.id = c.id and o."on" <= $today
group by c.id, c.town'''
[record.columns]
town = { type = "text" }
gross = { type = "number" }
seen = { type = "date" }
[tables.orders]
key = "id"
time = "on"
[tables.orders.columns]
on = { type = "date" }
amount = { type = "number" }
[rollups]
n = 'count(orders)'
"#;
    let sources: [(&str, &Path); 2] = [("customers", &customers), ("orders", &orders)];
    let (csv, counts) = run(&pack(text), "2025-06-30", &sources);
    assert_eq!(csv, "id,town,gross,seen,n\n1,Ulm,5.25,2025-06-30,2\n2,Bonn,,2025-06-30,0\n");
    assert_eq!(counts.records, 2);
    let plain = pack(&text.replace("n = 'count(orders)'", ""));
    assert_eq!(
        run(&plain, "2025-06-30", &sources).0,
        "id,town,gross,seen\n1,Ulm,5.25,2025-06-30\n2,Bonn,,2025-06-30\n"
    );
    let one = Run::open(
        &pack(text),
        day("2025-06-30"),
        &[Source::new("customers", &customers), Source::new("orders", &orders)],
        options(1),
    )
    .unwrap()
    .one("1")
    .unwrap()
    .unwrap();
    assert_eq!(one.record.num_columns(), 5);

    let wrong = said(&error(&pack(&text.replace("c.town", "c.city")), &sources));
    assert!(wrong.contains("`record.sql` (pack.toml:") && wrong.contains("city"), "{wrong}");
    let twice =
        said(&error(&pack(&text.replace("group by c.id, c.town", "group by c.id, c.town, o.amount")), &sources));
    assert!(twice.contains("gives the key `1` more than once"), "{twice}");
    let lacking = said(&error(&pack(&text.replace("as seen", "as sight")), &sources));
    assert!(lacking.contains("the query gives no column `seen`"), "{lacking}");
    let harm = said(&error(&pack(&text.replace("select c.id", "drop table customers; select c.id")), &sources));
    assert!(harm.contains("`record.sql`"), "{harm}");
}

// ---------------------------------------------------------------- sinks

#[test]
fn an_interrupted_run_leaves_no_file() {
    let files = Files::new();
    let path = files.write("c.csv", "id\n1\n");
    let run = Run::open(&pack(CUSTOMERS), day("2025-06-30"), &[Source::new("customers", &path)], options(2)).unwrap();
    for format in [Format::Csv, Format::Jsonl, Format::Parquet] {
        let target = files.path("out");
        let mut sink = DecisionSink::create(Target::File(target.clone()), format, run.record_schema()).unwrap();
        let failing: Apply = Arc::new(|_| Err(DataError::input("no")));
        assert_eq!(run.execute(&failing, &mut sink).unwrap_err().message, "no");
        drop(sink);
        assert!(!target.exists());
        assert_eq!(fs::read_dir(files.0.path()).unwrap().count(), 1, "no temporary file stays");
    }
    let target = Target::File(files.path("nowhere/out.csv"));
    let text = said(&DecisionSink::create(target, Format::Csv, run.record_schema()).err().unwrap());
    assert!(text.contains("nowhere") && text.contains("make the folder first"), "{text}");
}

#[test]
fn parquet_is_read_back_as_it_was_written() {
    let files = Files::new();
    let path = files.write("c.csv", "id,segment,rating\nb,x,1\na,,2\n");
    let pack = pack(CUSTOMERS);
    let run = Run::open(&pack, day("2025-06-30"), &[Source::new("customers", &path)], options(1)).unwrap();
    let target = files.path("copy.parquet");
    let mut sink = DecisionSink::create(Target::File(target.clone()), Format::Parquet, run.record_schema()).unwrap();
    run.execute(&identity(), &mut sink).unwrap();
    let written = sink.finish().unwrap();
    assert_eq!((written.rows, written.bytes), (2, fs::metadata(&target).unwrap().len()));
    let (csv, _) = run_with(&pack, "2025-06-30", &[("customers", &target)], options(1)).unwrap();
    assert_eq!(csv, "id,segment,rating,since,vip\nb,x,1,,\na,,2,,\n");
}

#[test]
fn a_sink_that_fails_ends_the_run() {
    struct Full;
    impl Sink for Full {
        fn write(&mut self, _: &RecordBatch) -> Result<(), DataError> {
            Err(DataError::machine("writing `x`: the disk is full"))
        }
        fn restart(&mut self) -> Result<(), DataError> {
            Ok(())
        }
    }
    let files = Files::new();
    let path = files.write("c.csv", "id\n1\n");
    for threads in [1, 2] {
        let run = Run::open(&pack(CUSTOMERS), day("2025-06-30"), &[Source::new("customers", &path)], options(threads));
        let error = run.unwrap().execute(&identity(), &mut Full).unwrap_err();
        assert!(error.message.contains("the disk is full"));
    }
}

// ---------------------------------------------------------------- the program as a table

#[test]
fn decisions_can_be_queried() {
    use datafusion::prelude::{SessionConfig, SessionContext};
    use regain::data::DecisionTable;
    use regain::stage::{Context, Program};

    let files = Files::new();
    let ids: Vec<i64> = (0..50_000).collect();
    let ratings: Vec<Option<f64>> = ids.iter().map(|i| (i % 7 != 0).then_some((*i % 10) as f64)).collect();
    files.parquet(
        "c.parquet",
        vec![
            ("id", Arc::new(Int64Array::from(ids)) as ArrayRef),
            ("rating", Arc::new(Float64Array::from(ratings)) as ArrayRef),
        ],
    );
    let text = r#"
[pack]
name = "test"
[record]
key = "id"
[record.columns.rating]
type = "number"
[[states]]
name = "poor"
when = 'rating < 3'
[[states]]
name = "fine"
"#;
    let pack = pack(text);
    let program = Program::compile(&pack, &Context::at(day("2025-06-30")));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let found = runtime.block_on(async {
        let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
        let path = files.path("c.parquet");
        context.register_parquet("records", path.to_str().unwrap(), Default::default()).await.unwrap();
        let records = context.table_provider("records").await.unwrap();
        let table = DecisionTable::new(records, Arc::clone(program.code()));
        context.register_table("decisions", Arc::new(table)).unwrap();
        let counted = context
            .sql("select state, count(*) as n from decisions group by state order by state")
            .await
            .unwrap()
            .collect()
            .await
            .unwrap();
        let all = context.sql("select count(*) from decisions").await.unwrap().collect().await.unwrap();
        assert_eq!(all[0].column(0).as_primitive::<arrow::datatypes::Int64Type>().value(0), 50_000);
        counted
    });
    let batch = &found[0];
    let states = arrow::compute::cast(batch.column(0), &DataType::Utf8).unwrap();
    let states: Vec<Option<&str>> = states.as_string::<i32>().iter().collect();
    assert_eq!(states, [Some("fine"), Some("poor")]);
    let poor = (0..50_000).filter(|i| i % 7 != 0 && i % 10 < 3).count() as i64;
    let counts = batch.column(1).as_primitive::<arrow::datatypes::Int64Type>();
    assert_eq!((counts.value(0), counts.value(1)), (50_000 - poor, poor));
    assert_eq!(batch.num_columns(), 2);
    assert!(batch.column(1).null_count() == 0);
}
