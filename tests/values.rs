//! Values as clients write them: from the bytes of a file to records, through a whole run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use regain::data::{Apply, DataError, DecisionSink, Format, Options, Run, RunCounts, Source, Target};
use regain::expr::Date;
use regain::pack::{Pack, load_from_texts};
use tempfile::TempDir;

const PACK: &str = r#"
[pack]
name = "test"
[record]
key = "id"
[record.columns]
name = { type = "text", optional = true }
amount = { type = "number", optional = true }
rate = { type = "number", optional = true }
since = { type = "date", optional = true }
vip = { type = "bool", optional = true }
"#;

fn pack(text: &str) -> Arc<Pack> {
    let loaded = load_from_texts(&[("pack.toml", text)]);
    match loaded.pack {
        Some(pack) => pack,
        None => panic!("{:#?}", loaded.diagnostics),
    }
}

/// A pack whose record files are declared so.
fn declared(lines: &str) -> Arc<Pack> {
    pack(&format!("{PACK}\n[record.file]\n{lines}\n"))
}

fn write(name: &str, bytes: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn go(pack: &Arc<Pack>, path: &PathBuf, threads: usize) -> Result<(String, RunCounts), DataError> {
    let options = Options { threads, ..Options::default() };
    let out = tempfile::tempdir().unwrap();
    let target = out.path().join("out.csv");
    let run = Run::open(pack, Date::from_ymd(2025, 6, 30).unwrap(), &[Source::new("customers", path)], options)?;
    let mut sink = DecisionSink::create(Target::File(target.clone()), Format::Csv, run.record_schema())?;
    let apply: Apply = Arc::new(|batch: &RecordBatch| Ok(batch.clone()));
    let counts = run.execute(&apply, &mut sink)?;
    sink.finish()?;
    Ok((fs::read_to_string(target).unwrap(), counts))
}

/// The records of a CSV text without their header, and the counts; one thread and two give the same.
fn read(pack: &Arc<Pack>, csv: &str) -> (String, RunCounts) {
    let (_folder, path) = write("c.csv", csv);
    let (text, counts) = go(pack, &path, 1).unwrap();
    let (again, more) = go(pack, &path, 2).unwrap();
    assert_eq!((&text, &counts.notices), (&again, &more.notices));
    (text.split_once('\n').unwrap().1.to_owned(), counts)
}

/// What a run that fails says.
fn asked(pack: &Arc<Pack>, csv: &str) -> String {
    let (_folder, path) = write("c.csv", csv);
    let error = go(pack, &path, 1).unwrap_err();
    std::iter::once(error.message.as_str()).chain(error.help.iter().map(String::as_str)).collect::<Vec<_>>().join("\n")
}

/// The number of `amount` in each row, written in some way.
fn amounts(values: &[&str]) -> (Vec<String>, RunCounts) {
    let mut csv = String::from("id;amount\n");
    for (i, value) in values.iter().enumerate() {
        csv.push_str(&format!("{i};\"{value}\"\n"));
    }
    let (records, counts) = read(&pack(PACK), &csv);
    (records.lines().map(|line| line.split(',').nth(2).unwrap().to_owned()).collect(), counts)
}

/// One notice holds all of these.
fn told(counts: &RunCounts, parts: &[&str]) {
    let found = counts.notices.iter().any(|n| parts.iter().all(|p| n.contains(p)));
    assert!(found, "{parts:?} in {:#?}", counts.notices);
}

#[test]
fn numbers_in_the_styles_of_the_world() {
    let cases: [(&[&str], &[&str]); 12] = [
        (&["12", "-3.5", "1e6", "0.125"], &["12", "-3.5", "1000000", "0.125"]),
        (&["12,5", "0,125", "-7"], &["12.5", "0.125", "-7"]),
        (&["1.234,56", "1.000", "7"], &["1234.56", "1000", "7"]),
        (&["1,234.56", "1,000", "7"], &["1234.56", "1000", "7"]),
        (&["1 234,56", "1\u{a0}000", "2\u{202f}000,5"], &["1234.56", "1000", "2000.5"]),
        (&["1'234.50", "1\u{2019}000", "7"], &["1234.5", "1000", "7"]),
        (&["12,50-", "1.000,00", "7,00"], &["-12.5", "1000", "7"]),
        (&["(12.50)", "3.25"], &["-12.5", "3.25"]),
        (&["€ 12,50", "3,00 EUR", "-1,00 €"], &["12.5", "3", "-1"]),
        (&["CHF 12.50", "Fr. 3.00", "12 kr", "12 zł", "$5"], &["12.5", "3", "12", "12", "5"]),
        (&["12.5 %", "7%", "-1.5%"], &["0.125", "0.07", "-0.015"]),
        (&["\u{2212}1.5", "+2.5"], &["-1.5", "2.5"]),
    ];
    for (written, expected) in cases {
        let (numbers, counts) = amounts(written);
        assert_eq!(numbers, expected, "{written:?}: {:?}", counts.notices);
        assert_eq!(counts.rejected(), 0, "{written:?}");
    }
}

#[test]
fn what_was_found_is_told_with_the_line_that_fixes_it() {
    let csv = "id;name;amount;since;vip\n1;a;1.234,50;31.12.2024;ja\n2;b;7,5;01.02.2025 10:30;nein\n";
    let (records, counts) = read(&pack(PACK), csv);
    assert_eq!(records, "1,a,1234.5,,2024-12-31,true\n2,b,7.5,,2025-02-01,false\n");
    assert_eq!(counts.notices.len(), 4, "{:#?}", counts.notices);
    told(
        &counts,
        &["decimal comma (`1.234,50` in `amount`)", "`decimal = \",\"` and `thousands = \".\"` in `[record.file]`"],
    );
    told(&counts, &["`%d.%m.%Y` (`01.02.2025 10:30` in `since`)", "`date = \"%d.%m.%Y\"` in `[record.file]` says so"]);
    told(&counts, &["`ja` is read as yes and `nein` as no", "`true = [\"ja\"]` and `false = [\"nein\"]`"]);
    // With these lines there is nothing to tell, and the same is read.
    let lines = "delimiter = \";\"\ndecimal = \",\"\nthousands = \".\"\ndate = \"%d.%m.%Y\"\ntrue = [\"ja\"]\nfalse = [\"nein\"]";
    let (again, counts) = read(&declared(lines), csv);
    assert_eq!(again, records);
    assert!(counts.notices.is_empty(), "{:#?}", counts.notices);
}

#[test]
fn dates_in_every_style() {
    for style in [
        "31.12.2024",
        "31.12.24",
        "31/12/2024",
        "12/31/2024",
        "31/12/24",
        "12/31/24",
        "2024/12/31",
        "20241231",
        "31-12-2024",
        "12-31-2024",
        "2024.12.31",
        "31 Dec 2024",
        "31-Dec-2024",
        "Dec 31, 2024",
        "31. Dezember 2024",
        "2024-12-31",
    ] {
        for time in ["", " 23:59", " 23:59:59.123", " 11:59 PM", "T23:59:59Z", " 23:59:59+01:00"] {
            let (records, counts) = read(&pack(PACK), &format!("id;since\n1;\"{style}{time}\"\n"));
            assert_eq!(records, "1,,,,2024-12-31,\n", "{style}{time}: {:?}", counts.notices);
        }
    }
}

#[test]
fn truth_in_every_style() {
    for (yes, no) in
        [("ja", "nein"), ("J", "N"), ("oui", "non"), ("Sí", "no"), ("WAHR", "FALSCH"), ("1", "0"), ("on", "off")]
    {
        let (records, _) = read(&pack(PACK), &format!("id,vip\n1,{yes}\n2,{no}\n3,\n"));
        assert_eq!(records, "1,,,,,true\n2,,,,,false\n3,,,,,\n");
    }
    let (records, counts) = read(&pack(PACK), "id,vip\n1,x\n2,\n");
    assert_eq!(records, "1,,,,,true\n2,,,,,\n");
    told(&counts, &["`x` is read as yes", "the value is missing, not no"]);
    let (records, counts) =
        read(&declared("true = [\"aktiv\"]\nfalse = [\"ruhend\"]"), "id,vip\n1,Aktiv\n2,ruhend\n3,ja\n");
    assert_eq!(records, "1,,,,,true\n2,,,,,false\n");
    assert_eq!(counts.rejected(), 1, "what is said stands beside nothing else");
}

#[test]
fn what_could_be_two_things_is_asked() {
    let text = asked(&pack(PACK), "id;amount\n1;1.234\n2;5.000\n");
    assert!(text.contains("`1.234` in `amount` may be 1234 or 1.234"), "{text}");
    assert!(
        text.contains("if it is 1234, write `decimal = \",\"` and `thousands = \".\"` in `[record.file]`"),
        "{text}"
    );
    assert!(text.contains("if it is 1.234, write `decimal = \".\"` in `[record.file]`"), "{text}");
    let text = asked(&pack(PACK), "id;since\n1;03/04/2025\n");
    assert!(text.contains("`03/04/2025` in `since` may be 2025-04-03 or 2025-03-04"), "{text}");
    assert!(text.contains("`[record.columns.since] format = \"%m/%d/%Y\"`"), "{text}");
    // The lines it proposes are the answer.
    let (records, _) = read(&declared("decimal = \",\"\nthousands = \".\""), "id;amount\n1;1.234\n2;5.000\n");
    assert_eq!(records, "1,,1234,,,\n2,,5000,,,\n");
    let (records, _) = read(&declared("decimal = \".\""), "id;amount\n1;1.234\n2;5.000\n");
    assert_eq!(records, "1,,1.234,,,\n2,,5,,,\n");
    let (records, _) = read(&declared("date = \"%m/%d/%Y\""), "id;since\n1;03/04/2025\n");
    assert_eq!(records, "1,,,,2025-03-04,\n");
    // Another column settles it, and that is told.
    let (records, counts) = read(&pack(PACK), "id;amount;rate\n1;1.234;0,5\n");
    assert_eq!(records, "1,,1234,0.5,,\n");
    told(&counts, &["`1.234` in `amount` is read as 1234, as the other columns"]);
}

#[test]
fn what_the_start_of_a_file_does_not_show_is_asked_at_its_end() {
    let mut csv = String::from("id;name;amount\n");
    for i in 0..40_000 {
        csv.push_str(&format!("{i};a name that takes a little room in the file;{}\n", i % 100));
    }
    let plain = csv.clone();
    csv.push_str("x;late;1.234\n");
    let text = asked(&pack(PACK), &csv);
    assert!(text.contains("`1.234` in `amount` may be 1234 or 1.234"), "{text}");
    // One that can only be a fraction settles it.
    csv.push_str("y;later;0.5\n");
    let (records, counts) = read(&pack(PACK), &csv);
    assert!(records.ends_with("x,late,1.234,,,\ny,later,0.5,,,\n"));
    assert_eq!(counts.notices.len(), 1, "only the delimiter: {:?}", counts.notices);
    // The end of a file is looked at, too.
    let (_, counts) = read(&pack(PACK), &(plain + "x;late;1.234,5\ny;later;7,5\n"));
    assert_eq!(counts.rejected(), 0);
    told(&counts, &["decimal comma", "`decimal = \",\"` and `thousands = \".\"` in `[record.file]`"]);
}

#[test]
fn words_that_mean_missing() {
    let csv = "id,name,amount,since,vip\n1,n/a,n/a,0000-00-00,-\n2,unknown,N/A,unbekannt,?\n3,NULL,5,2025-01-01,no\n-,x,1,,\n";
    let (records, counts) = read(&pack(PACK), csv);
    assert_eq!(records, "1,,,,,\n2,unknown,,,,\n3,,5,,2025-01-01,false\n");
    assert_eq!(counts.rejected(), 1, "a key that is not there");
    told(
        &counts,
        &[
            "`customers`:",
            "`n/a` (3 values in 2 columns)",
            "`0000-00-00` in `since` (1 value)",
            "`missing = [",
            "in `[record.file]` says so",
        ],
    );
    let (_, counts) = read(&pack(PACK), "id,amount\n1,n/a\n2,n/a\n3,5\n");
    assert_eq!(
        counts.notices,
        [
            "`n/a` in `amount` of `customers` is read as missing (2 values); `missing = [\"n/a\"]` in `[record.file]` says so"
        ]
    );
    // Once said, only those.
    let (records, counts) =
        read(&declared("missing = [\"999\", \"ohne\"]"), "id,name,amount\n1,ohne,999\n2,n/a,n/a\n3,b,7\n");
    assert_eq!(records, "1,,,,,\n3,b,7,,,\n");
    assert_eq!((counts.rejected(), counts.samples[0].reason.as_str()), (1, "not a number"));
    assert!(counts.notices.is_empty(), "{:?}", counts.notices);
}

#[test]
fn texts_of_typed_files_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.parquet");
    let texts = |list: [&str; 3]| Arc::new(StringArray::from(list.to_vec())) as ArrayRef;
    let columns =
        [("id", texts(["1", "NULL", "-"])), ("name", texts(["n/a", "-", "x"])), ("amount", texts(["n/a", "1.5", "2"]))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let (text, _) = go(&pack(PACK), &path, 1).unwrap();
    assert_eq!(text.split_once('\n').unwrap().1, "1,n/a,,,,\nNULL,-,1.5,,,\n-,x,2,,,\n");
}

#[test]
fn a_wrong_declaration_is_one_message() {
    let mut csv = String::from("id;amount\n");
    for i in 0..20_000 {
        csv.push_str(&format!("{i};{},5\n", i));
    }
    let (records, counts) = read(&declared("decimal = \".\""), &csv);
    assert_eq!((records.as_str(), counts.rejected()), ("", 20_000));
    assert_eq!(counts.tables[0].rejects.len(), 1);
    let reject = &counts.tables[0].rejects[0];
    assert_eq!(reject.reason.to_string(), "a decimal comma, but the column is read with a decimal point");
    assert_eq!(reject.reason.toml().as_deref(), Some("decimal = \",\""));
    told(
        &counts,
        &["20000 values in `amount` of `customers`", "`decimal = \",\"` in `[record.columns.amount]` says so"],
    );
    let (_, counts) = read(&declared("decimal = \",\""), "id;amount\n1;1.5\n");
    told(&counts, &["a decimal point, but the column is read with a decimal comma", "`decimal = \".\"`"]);
    let (_, counts) = read(&pack(PACK), "id;since\n1;2025-01-01\n2;2025-01-02\n3;31.12.2025\n4;2025-02-30\n");
    told(
        &counts,
        &["a date in the format `%d.%m.%Y`", "`format = [\"%Y-%m-%d\", \"%d.%m.%Y\"]` in `[record.columns.since]`"],
    );
    assert_eq!(counts.samples[1].reason, "there is no such day");
}

#[test]
fn several_declared_formats_are_tried_in_order() {
    let pack = pack(&PACK.replace(
        "since = { type = \"date\"",
        "since = { type = \"date\", format = [\"%d.%m.%Y\", \"%m/%d/%Y\", \"%Y-%m-%d\"]",
    ));
    let (records, _) = read(&pack, "id,since\n1,31.12.2024\n2,12/31/2024\n3,2024-12-31\n4,03/04/2025\n");
    assert_eq!(records, "1,,,,2024-12-31,\n2,,,,2024-12-31,\n3,,,,2024-12-31,\n4,,,,2025-03-04,\n");
}

#[test]
fn two_digit_years_and_strict_ones() {
    let (records, _) = read(&declared("date = \"%d.%m.%y\""), "id,since\n1,31.12.68\n2,31.12.69\n");
    assert_eq!(records, "1,,,,2068-12-31,\n2,,,,1969-12-31,\n");
    let (_, counts) = read(&declared("date = \"%d.%m.%Y\""), "id,since\n1,31.12.25\n");
    assert_eq!(counts.samples[0].reason, "a date in the format `%d.%m.%y`, but the column is read in another");
}

#[test]
fn a_million_odd_bytes_do_not_stop_a_run() {
    let mut random = fastrand::Rng::with_seed(9);
    let letters: Vec<char> = "0123456789.,'- +%€$()eE/: abckrEURäNUL".chars().collect();
    let mut csv = String::from("id;name;amount;rate;since;vip\n");
    for i in 0..20_000 {
        csv.push_str(&i.to_string());
        for _ in 0..5 {
            csv.push(';');
            for _ in 0..random.usize(0..8) {
                csv.push(letters[random.usize(..letters.len())]);
            }
        }
        csv.push('\n');
    }
    let (_folder, path) = write("c.csv", &csv);
    match go(&declared("decimal = \",\"\nthousands = \".\""), &path, 2) {
        Ok((_, counts)) => assert_eq!(counts.records + counts.rejected(), 20_000),
        Err(error) => panic!("{error}"),
    }
    match go(&pack(PACK), &path, 1) {
        Ok((_, counts)) => assert_eq!(counts.records + counts.rejected(), 20_000),
        Err(error) => assert!(error.message.contains(" may be ") || error.message.contains("as many"), "{error}"),
    }
}

#[test]
fn dates_that_only_later_rows_make_ambiguous_are_asked_about() {
    let mut csv = String::from("id;name;since\n");
    for i in 0..40_000 {
        csv.push_str(&format!("{i};a name that takes a little room in the file;01/01/2024\n"));
    }
    let (_, counts) = read(&pack(PACK), &csv);
    assert_eq!(counts.records, 40_000);
    csv.push_str("x;late;03/04/2025\n");
    let text = asked(&pack(PACK), &csv);
    assert!(text.contains("`03/04/2025` in `since` may be 2025-04-03 or 2025-03-04"), "{text}");
    csv.push_str("y;later;31/04/2025\nz;later;31/05/2025\n");
    let (records, counts) = read(&pack(PACK), &csv);
    assert!(records.contains("x,late,,,2025-04-03,\n"));
    assert_eq!(counts.samples[0].reason, "there is no such day");
}
