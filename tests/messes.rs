//! From bytes to decisions: one small table, written in every way clients write theirs, and always the same decisions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::Arc;

use regain::data::{Apply, DataError, DecisionSink, Format, Run, Source, Target};
use regain::stage::{Context, Program};

use crate::data::{Files, day, options, pack};
use crate::reading::{gzip, row, utf16, workbook, zstd};

const PACK: &str = r#"
[pack]
name = "messes"
[record]
key = "id"
[record.columns]
name = { type = "text" }
revenue = { type = "number" }
share = { type = "number" }
last_order = { type = "date" }
vip = { type = "bool" }
[[states]]
name = "lost"
track = "recovery"
when = 'today - last_order > 600'
[[states]]
name = "dormant"
track = "recovery"
when = 'today - last_order > 180'
[[states]]
name = "active"
[criteria.size]
value = 'revenue'
curve = [[0, 0], [100000, 10]]
missing = "neutral"
[criteria.discount]
value = 'share'
curve = [[0, 10], [1, 0]]
missing = "neutral"
dimension = "chance"
[[grades]]
name = "A"
when = 'worth >= 5 || vip'
[[grades]]
name = "B"
[offers.letter]
[channels.post]
[[campaigns]]
name = "dear_friend"
track = "recovery"
when = 'grade == "A" && name != "Bo"'
offer = "letter"
channel = "post"
cost = '1'
success = '0.1'
value = 'revenue ?? 10'
"#;

const DECISIONS: &str = "id,state,score.size,score.discount,grade,campaign\n\
     0042,active,0.12345,8.75,A,\n\
     7,lost,0.001225,4,B,\n\
     8,dormant,5,5,A,dear_friend\n\
     9,lost,9.87654,10,A,\n";

/// The decisions as CSV; `declared` is what the pack says of the file.
fn decided(declared: &str, path: &Path, threads: usize) -> Result<String, DataError> {
    let pack = pack(&format!("{PACK}[record.file]\n{declared}\n"));
    let as_of = day("2025-07-31");
    let columns = ["id", "state", "score.size", "score.discount", "grade", "campaign"];
    let program = Program::compile(&pack, &Context::at(as_of)).project(&columns);
    let run = Run::open(&pack, as_of, &[Source::new("customers", path)], options(threads))?;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.csv");
    let mut sink = DecisionSink::create(Target::File(out.clone()), Format::Csv, program.output_schema())?;
    let apply: Apply = Arc::new(move |batch| Ok(program.apply(batch).unwrap().decisions));
    let counts = run.execute(&apply, &mut sink)?;
    assert_eq!(counts.rejected(), 0, "{:?}", counts.samples);
    sink.finish()?;
    Ok(std::fs::read_to_string(out).unwrap())
}

/// How a table is written.
struct Way {
    between: &'static str,
    header: bool,
    numbers: [&'static str; 3],
    shares: [&'static str; 3],
    days: [&'static str; 4],
    truths: [&'static str; 3],
    nothing: &'static str,
}

/// As programs write it.
const PLAIN: Way = Way {
    between: ",",
    header: true,
    numbers: ["1234.5", "12.25", "98765.4"],
    shares: ["0.125", "0.6", "0"],
    days: ["2025-07-01", "2023-06-13", "2025-01-30", "2022-12-25"],
    truths: ["true", "false", "true"],
    nothing: "",
};

impl Way {
    fn text(&self) -> String {
        let (n, s, d, t, no) = (&self.numbers, &self.shares, &self.days, &self.truths, self.nothing);
        let rows = [
            ["id", "name", "revenue", "share", "last_order", "vip"],
            ["0042", "Müller", n[0], s[0], d[0], t[0]],
            ["7", "José", n[1], s[1], d[1], t[1]],
            ["8", "Ann", no, no, d[2], t[2]],
            ["9", "Bo", n[2], s[2], d[3], t[0]],
        ];
        let quoted = |cell: &str| if cell.contains(self.between) { format!("\"{cell}\"") } else { cell.to_owned() };
        let lines = rows.iter().skip(usize::from(!self.header));
        lines.map(|row| row.map(quoted).join(self.between) + "\n").collect()
    }
}

/// A text file in UTF-8, written in some way.
fn check(what: &str, way: &Way, declared: &str) {
    check_bytes(what, "c.csv", way.text().as_bytes(), declared);
}

fn check_bytes(what: &str, name: &str, bytes: &[u8], declared: &str) {
    let files = Files::new();
    let path = files.write(name, bytes);
    for threads in [1, 2] {
        match decided(declared, &path, threads) {
            Ok(text) => assert_eq!(text, DECISIONS, "{what}, declared: {declared}"),
            Err(error) => panic!("{what}: {} {:?}", error.message, error.help),
        }
    }
}

#[test]
fn between_the_fields() {
    check("as programs write it", &PLAIN, "");
    for (between, declared) in [(";", "delimiter = \";\""), ("\t", "delimiter = \"tab\""), ("|", "delimiter = \"|\"")] {
        let way = Way { between, ..PLAIN };
        check(between, &way, "");
        check(between, &way, declared);
    }
    let blanks = Way { between: "   ", header: false, nothing: "-", ..PLAIN };
    let headers = "headers = [\"id\", \"name\", \"revenue\", \"share\", \"last_order\", \"vip\"]";
    check("blanks, no header", &blanks, &format!("{headers}\nmissing = [\"-\"]"));
    check("blanks, no header, declared", &blanks, &format!("{headers}\ndelimiter = \"blanks\""));
    let quoted = PLAIN.text().replace("Müller", "'Mül,ler'");
    check_bytes("another quote", "c.csv", quoted.as_bytes(), "quote = \"'\"");
    check_bytes("lines above", "c.csv", format!("Kunden\n\n{}", PLAIN.text()).as_bytes(), "");
    check_bytes("lines above", "c.csv", format!("Kunden\n\n{}", PLAIN.text()).as_bytes(), "skip = 2");
}

#[test]
fn encodings() {
    let text = Way { between: ";", ..PLAIN }.text();
    check_bytes("UTF-8 with a mark", "c.csv", format!("\u{feff}{text}").as_bytes(), "");
    check_bytes("UTF-16LE", "c.csv", &utf16(&text, true), "");
    check_bytes("UTF-16LE with a mark", "c.csv", &utf16(&format!("\u{feff}{text}"), true), "");
    check_bytes("UTF-16BE", "c.csv", &utf16(&text, false), "");
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    check_bytes("Windows-1252", "c.csv", &latin, "");
    check_bytes("Windows-1252", "c.csv", &latin, "encoding = \"windows-1252\"");
}

#[test]
fn numbers() {
    let ways: [(&str, [&str; 3], [&str; 3], &str); 8] = [
        ("comma", ["1234,5", "12,25", "98765,4"], ["0,125", "0,6", "0"], "decimal = \",\""),
        (
            "points between thousands",
            ["1.234,5", "12,25", "98.765,40"],
            ["0,125", "0,6", "0"],
            "decimal = \",\"\nthousands = \".\"",
        ),
        ("commas between thousands", ["1,234.5", "12.25", "98,765.40"], ["0.125", "0.6", "0"], "thousands = \",\""),
        (
            "blanks between thousands",
            ["1 234,5", "12,25", "98\u{a0}765,40"],
            ["0,125", "0,6", "0"],
            "decimal = \",\"\nthousands = \" \"",
        ),
        (
            "apostrophes between thousands",
            ["1'234.5", "12.25", "98'765.40"],
            ["0.125", "0.6", "0"],
            "thousands = \"'\"",
        ),
        ("currency", ["€ 1,234.50", "EUR 12.25", "98,765.40 €"], ["0.125", "0.6", "0"], ""),
        ("percent", ["1234.5", "12.25", "98765.4"], ["12.5 %", "60%", "0 %"], "percent = \"share\""),
        ("exponents and signs", ["+1.2345e3", "12.25", "98765.4"], ["0.125", "6e-1", "-0"], ""),
    ];
    for (what, numbers, shares, declared) in ways {
        let way = Way { between: ";", numbers, shares, ..PLAIN };
        check(what, &way, "");
        check(what, &way, declared);
    }
}

#[test]
fn days() {
    let ways: [([&str; 4], &str); 9] = [
        (["01.07.2025", "13.06.2023", "30.01.2025", "25.12.2022"], "%d.%m.%Y"),
        (["01.07.25", "13.06.23", "30.01.25", "25.12.22"], "%d.%m.%y"),
        (["01/07/2025", "13/06/2023", "30/01/2025", "25/12/2022"], "%d/%m/%Y"),
        (["07/01/2025", "06/13/2023", "01/30/2025", "12/25/2022"], "%m/%d/%Y"),
        (["2025/07/01", "2023/06/13", "2025/01/30", "2022/12/25"], "%Y/%m/%d"),
        (["20250701", "20230613", "20250130", "20221225"], "%Y%m%d"),
        (["01-Jul-2025", "13-Jun-2023", "30-Jan-2025", "25-Dec-2022"], "%d-%b-%Y"),
        (["01.07.2025 08:30", "13.06.2023 23:59:59", "30.01.2025 00:00", "25.12.2022 12:00"], "%d.%m.%Y"),
        (["2025-07-01T08:30:00Z", "2023-06-13 10:00", "2025-01-30", "2022-12-25 11:12:13.5"], "%Y-%m-%d"),
    ];
    for (days, format) in ways {
        let way = Way { days, ..PLAIN };
        check(format, &way, "");
        check(format, &way, &format!("date = \"{format}\""));
    }
    // Which day the first is, nothing says: asked, and the answer is one of the lines it shows.
    let way = Way { days: ["07/01/2025", "06/11/2023", "01/12/2025", "12/10/2022"], ..PLAIN };
    let files = Files::new();
    let error = decided("", &files.write("c.csv", way.text()), 1).unwrap_err();
    let said = format!("{} {}", error.message, error.help.join(" "));
    assert!(said.contains("format = \"%d/%m/%Y\"") && said.contains("format = \"%m/%d/%Y\""), "{said}");
}

#[test]
fn truth_and_nothing() {
    for truths in [["ja", "nein", "ja"], ["Y", "N", "Y"], ["1", "0", "1"], ["TRUE", "FALSE", "TRUE"], ["J", "N", "J"]] {
        check(truths[0], &Way { truths, ..PLAIN }, "");
    }
    check(
        "words of its own",
        &Way { truths: ["Stamm", "Lauf", "Stamm"], ..PLAIN },
        "true = [\"Stamm\"]\nfalse = [\"Lauf\"]",
    );
    for nothing in ["NULL", "-", "n/a", "\\N", "k.A."] {
        check(nothing, &Way { nothing, ..PLAIN }, "");
        check(nothing, &Way { nothing, ..PLAIN }, &format!("missing = [{nothing:?}]"));
    }
}

#[test]
fn containers() {
    let text = PLAIN.text();
    check_bytes("gz", "c.csv.gz", &gzip(text.as_bytes()), "");
    check_bytes("zst", "c.csv.zst", &zstd(text.as_bytes()), "");
    let sheet = [
        row(1, &["id", "name", "revenue", "share", "last_order", "vip"]),
        row(2, &["0042x", "Müller", "1234.5", "0.125", "@45839", "ja"]),
        row(3, &["7", "José", "12.25", "0.6", "@45090", "nein"]),
        row(4, &["8", "Ann", "", "", "@45687", "ja"]),
        row(5, &["9", "Bo", "98765.4", "0", "@44920", "ja"]),
    ];
    // A number cell has no zeros in front: as a text it has.
    let sheet = sheet.concat().replace("0042x", "0042");
    check_bytes("a workbook", "c.xlsx", &workbook(&[("Kunden", &sheet)]), "");
    check_bytes(
        "a workbook",
        "c.xlsx",
        &workbook(&[("Info", &row(1, &["x"])), ("Kunden", &sheet)]),
        "sheet = \"Kunden\"",
    );
    // A folder of files with one header.
    let files = Files::new();
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    for (i, line) in lines.enumerate() {
        files.write(&format!("in/{i}.csv"), format!("{header}\n{line}\n"));
    }
    assert_eq!(decided("", &files.path("in"), 2).unwrap(), DECISIONS);
}
