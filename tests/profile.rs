//! `regain profile`: what it shows at 80 and 200 columns, and that the pack it writes reads the files it was made from.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow::array::RecordBatch;
use regain::data::{Apply, Collected, Options, Run, RunCounts, Source};
use regain::draw::width;
use regain::expr::{Date, Type};
use regain::pack::{self, Pack, load_from_texts, shipped};
use regain::profile::{How, Profile, Role, profile, to_json, to_toml};
use tempfile::TempDir;

const RETAIL: [&str; 8] = [
    "profile",
    "retail",
    "--data",
    "customers=examples/retail/data/customers.csv",
    "--data",
    "orders=examples/retail/data/orders.csv",
    "--data",
    "complaints=examples/retail/data/complaints.csv",
];

fn regain(args: &[&str], columns: &str) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args).env_remove("NO_COLOR").env("COLUMNS", columns);
    command.output().unwrap()
}

fn out(output: &std::process::Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Everything a profile of these files gives; without a pack the shipped one that fits.
fn look(sources: &[Source], name: Option<&str>) -> Profile {
    let packs: Vec<Arc<Pack>> = match name {
        Some(name) => vec![pack::load(name).pack.unwrap()],
        None => shipped::names().filter_map(|name| pack::load(name).pack).collect(),
    };
    profile(sources, &packs, None, &mut |_| {}).unwrap()
}

fn toml(found: &Profile) -> String {
    to_toml(found, "client", &found.pack.identity.name, usize::MAX).text
}

/// The pack of a text, which must have no error and no warning.
fn loads(text: &str) -> Arc<Pack> {
    let loaded = load_from_texts(&[("pack.toml", text)]);
    assert!(loaded.diagnostics.is_empty(), "{:#?}\n{text}", loaded.diagnostics);
    loaded.pack.unwrap()
}

/// The same with every column taken in that the pack does not know.
fn with_all_columns(text: &str) -> String {
    let mut all = String::new();
    for line in text.lines() {
        let column = line.strip_prefix("# ").filter(|l| l.contains(" = { type = "));
        writeln!(all, "{}", column.unwrap_or(line)).unwrap();
    }
    all
}

/// Runs the pack on the files, under the names the profile gave them.
fn run(pack: &Arc<Pack>, found: &Profile, as_of: &str) -> RunCounts {
    let used = found.tables.iter().filter(|t| t.role != Role::Loose);
    let sources: Vec<Source> = used.map(|t| Source::new(t.name.as_str(), t.path.as_str())).collect();
    let run = Run::open(pack, Date::parse_iso(as_of).unwrap(), &sources, Options::default()).unwrap();
    let identity: Apply = Arc::new(|batch: &RecordBatch| Ok(batch.clone()));
    run.execute(&identity, &mut Collected::default()).unwrap()
}

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn source(&self, name: &str, bytes: impl AsRef<[u8]>) -> Source {
        let path: PathBuf = self.0.path().join(format!("{name}.csv"));
        fs::write(&path, bytes).unwrap();
        Source::new(name, path)
    }
}

/// A log of orders, `n` customers with `each` orders.
fn orders(header: &str, n: usize, each: usize, row: impl Fn(usize, usize) -> String) -> String {
    let mut text = format!("{header}\n");
    for customer in 1..=n {
        for order in 0..each {
            writeln!(text, "{}", row(customer, order)).unwrap();
        }
    }
    text
}

#[test]
fn at_80_columns() {
    insta::assert_snapshot!(out(&regain(&RETAIL, "80")));
}

#[test]
fn at_200_columns() {
    insta::assert_snapshot!(out(&regain(&RETAIL, "200")));
}

#[test]
fn tables_are_not_wider_than_the_terminal() {
    for columns in ["60", "80", "120", "200"] {
        let text = out(&regain(&RETAIL, columns));
        let tables = text.split("a pack that reads these files").next().unwrap();
        let limit: usize = columns.parse().unwrap();
        for line in tables.lines() {
            assert!(width(line) <= limit, "wider than {limit}: {line}");
        }
    }
}

#[test]
fn colours_only_where_asked() {
    let mut args = RETAIL.to_vec();
    assert!(!out(&regain(&args, "80")).contains('\u{1b}'));
    args.extend(["--color", "always"]);
    assert!(out(&regain(&args, "80")).contains('\u{1b}'));
}

#[test]
fn the_example_reads_its_own_files() {
    let text = out(&regain(&[&RETAIL[..], &["--format", "toml"]].concat(), "80"));
    let pack = loads(&text);
    loads(&with_all_columns(&text));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/retail/data");
    let sources = ["customers", "orders", "complaints"].map(|t| Source::new(t, folder.join(format!("{t}.csv"))));
    let found = look(&sources, None);
    assert_eq!(found.pack.identity.name, "retail", "an order log fits retail best");
    let counts = run(&pack, &found, "2026-06-30");
    // As with the pack that was written by hand.
    assert_eq!(counts.records, 2_000);
    assert_eq!(counts.tables[0].rejected, 4);
}

#[test]
fn a_log_under_any_name_is_the_packs_order_log() {
    let files = Files::new();
    let text = orders("customer_id,date,items,amount", 40, 5, |c, o| {
        format!("{c:05},1997{:02}{:02},{o},{}.5", c % 12 + 1, o + 1, c + o)
    });
    let found = look(&[files.source("log", text)], None);
    let table = &found.tables[0];
    assert_eq!((table.role, table.name.as_str()), (Role::Events, "orders"));
    assert_eq!((table.columns[0].ty, table.columns[1].ty), (Type::Text, Type::Date));
    let text = toml(&found);
    assert!(text.contains("date = \"%Y%m%d\""), "{text}");
    let counts = run(&loads(&text), &found, "1998-06-30");
    assert_eq!((counts.records, counts.rejected()), (40, 0));
}

/// German exports: semicolons, days first, keys with zeros in front in one of two tables.
fn german(files: &Files, amount: impl Fn(usize) -> String) -> [Source; 2] {
    let mut text = String::from("KdNr;Name;PLZ;Kunde seit;Kündigung zum;Bemerkung\n");
    for i in 1..=60 {
        let gone = if i % 5 == 0 { "31.12.2025" } else { "" };
        writeln!(text, "{i:06};Müller {i};{:05};{:02}.{:02}.2019;{gone};-", 1067 + i, i % 28 + 1, i % 12 + 1).unwrap();
    }
    let log = orders("Bestellnr;Kundennummer;Bestelldatum;Nettobetrag", 60, 4, |c, o| {
        format!("B{c}-{o};{c};{:02}.{:02}.2024;{}", c % 28 + 1, o + 1, amount(c * 7 + o))
    });
    [files.source("kunden", text), files.source("bestellungen", log)]
}

#[test]
fn german_files_are_understood() {
    let files = Files::new();
    let found = look(&german(&files, |n| n.to_string()), None);
    let [customers, log] = found.tables.as_slice() else { panic!("two tables") };
    assert_eq!((customers.role, log.role, log.name.as_str()), (Role::Record, Role::Events, "orders"));
    assert_eq!(customers.columns[2].ty, Type::Text, "a postal code is no number");
    let key = log.key.as_ref().unwrap();
    let overlap = key.overlap.unwrap();
    assert_eq!((overlap.exact, overlap.alike, overlap.rules.leading_zeros), (0.0, 1.0, true));
    let text = toml(&found);
    for line in [
        "table = \"kunden\"",
        "key_normalise = [\"leading_zeros\"]",
        "delimiter = \";\"",
        "date = \"%d.%m.%Y\"",
        "cancelled_on = { from = [\"Kündigung zum\"] }",
        "missing = [\"-\"]",
    ] {
        assert!(text.contains(line), "no {line} in\n{text}");
    }
    loads(&with_all_columns(&text));
    let counts = run(&loads(&text), &found, "2025-06-30");
    assert_eq!((counts.records, counts.rejected()), (60, 0));
}

#[test]
fn german_numbers_and_keys_meet() {
    let files = Files::new();
    let found = look(&german(&files, |n| format!("1.{:03},{:02}", n % 1000, n % 100)), None);
    let text = toml(&found);
    assert!(text.contains("decimal = \",\"\nthousands = \".\""), "{text}");
    let counts = run(&loads(&text), &found, "2025-06-30");
    assert_eq!((counts.records, counts.rejected()), (60, 0));
    assert_eq!(counts.tables.iter().map(|t| t.unmatched).sum::<u64>(), 0);
}

fn three_tables(files: &Files) -> [Source; 3] {
    let (mut who, mut what, mut how) = (
        "Customer ID,Age,Count\n".to_owned(),
        "Customer ID,Total Revenue,Count\n".to_owned(),
        "Customer ID,Churn Reason\n".to_owned(),
    );
    for i in 0..50 {
        writeln!(who, "{i:04}-AB{},{},1", i % 7, 20 + i).unwrap();
        writeln!(what, "{i:04}-AB{},{}.5,1", i % 7, i * 10).unwrap();
        if i % 3 == 0 {
            writeln!(how, "{i:04}-AB{},{}", i % 7, ["price", "moved"][i % 2]).unwrap();
        }
    }
    [files.source("people", who), files.source("services", what), files.source("status", how)]
}

#[test]
fn tables_of_one_row_per_customer_are_joined() {
    let files = Files::new();
    let found = look(&three_tables(&files), None);
    let roles: Vec<Role> = found.tables.iter().map(|t| t.role).collect();
    assert_eq!(roles, [Role::Record, Role::Joined, Role::Joined]);
    assert_eq!(found.tables[2].key.as_ref().unwrap().covered, Some(0.34));
    assert_eq!(found.tables[1].matches[0].how, How::Sure);
    let text = toml(&found);
    let pack = loads(&text);
    assert_eq!(pack.record.table, "people");
    assert_eq!(pack.record.joins.iter().map(|j| j.name.as_str()).collect::<Vec<_>>(), ["services", "status"]);
    let revenue = pack.record.columns.iter().find(|c| c.name == "revenue").unwrap();
    assert_eq!(
        (revenue.table.as_deref(), revenue.from.as_slice()),
        (Some("services"), &["Total Revenue".to_owned()][..])
    );
    let all = loads(&with_all_columns(&text));
    assert!(all.record.columns.iter().any(|c| c.name == "people_count"), "a header of two tables is two columns");
}

#[test]
fn joined_tables_run() {
    let files = Files::new();
    let found = look(&three_tables(&files), None);
    let counts = run(&loads(&with_all_columns(&toml(&found))), &found, "2025-06-30");
    assert_eq!((counts.records, counts.rejected()), (50, 0));
}

#[test]
fn a_table_the_pack_does_not_know_is_declared() {
    let files = Files::new();
    let who = orders("customer_id,name", 30, 1, |c, _| format!("C{c:03},N{c}"));
    let calls =
        orders("call,customer,when,minutes", 30, 3, |c, o| format!("X{c}{o},C{c:03},2025-0{}-11,{}", o + 1, c + o));
    let found = look(&[files.source("customers", who), files.source("calls", calls)], Some("base"));
    let text = toml(&found);
    let pack = loads(&text);
    let table = &pack.tables["calls"];
    assert_eq!((table.key.as_str(), table.key_from.as_slice()), ("customer_id", &["customer".to_owned()][..]));
    assert_eq!((table.time.as_deref(), table.columns.len()), (Some("when"), 3));
    let counts = run(&pack, &found, "2025-06-30");
    assert_eq!((counts.records, counts.rejected()), (30, 0));
}

#[test]
fn what_cannot_be_known_is_asked() {
    let files = Files::new();
    let log = orders("customer_id,order_date,amount", 12, 3, |c, o| {
        format!("C{c},0{}/0{}/2025,1.{:03}", o + 1, c % 9 + 1, c)
    });
    let found = look(&[files.source("orders", log)], Some("retail"));
    let section = to_toml(&found, "client", "retail", usize::MAX);
    assert_eq!(section.questions, 2, "{}", section.text);
    for line in ["# date = \"%d/%m/%Y\"", "# date = \"%m/%d/%Y\"", "# decimal = \".\"", "# decimal = \",\""] {
        assert!(section.text.contains(line), "no {line} in\n{}", section.text);
    }
    loads(&section.text);
    let no_key = files.source("customers", "a,b\n1,x\n1,x\n2,y\n2,y\n");
    let section = to_toml(&look(&[no_key], Some("base")), "client", "base", usize::MAX);
    assert!(section.text.contains("# ? no column of `customers`"), "{}", section.text);
    loads(&section.text);
}

#[test]
fn values_that_do_not_fit_have_a_line() {
    let files = Files::new();
    let mut text = orders("customer_id,amount", 50, 1, |c, _| format!("C{c},{c}"));
    text.push_str("C51,many\nC52,n/a\nC53,,\n");
    let found = look(&[files.source("customers", text)], Some("base"));
    let amount = &found.tables[0].columns[1];
    assert_eq!((amount.ty, amount.misfits, amount.missing), (Type::Number, 1, 1));
    let (value, _, line) = amount.misfit.clone().unwrap();
    assert_eq!((value.as_str(), line), ("many", 52));
    assert_eq!(amount.missing_words, [("n/a".to_owned(), 1)]);
    assert_eq!((found.tables[0].looked.broken, found.tables[0].looked.broken_rows[0].line), (1, 54));
    let json = to_json(&found);
    assert_eq!(json["tables"][0]["columns"][1]["misfits"]["first"]["line"], 52);
}

#[test]
fn the_file_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme/pack.toml");
    let path = path.to_str().unwrap();
    let args = [&RETAIL[..], &["--format", "toml", "--out", path]].concat();
    assert_eq!(out(&regain(&args, "80")), "");
    let written = fs::read_to_string(path).unwrap();
    assert!(written.contains("name = \"acme\""), "{written}");
    assert!(pack::load(Path::new(path).parent().unwrap().to_str().unwrap()).pack.is_some());
    let again = regain(&args, "80");
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force"));
    out(&regain(&[&args[..], &["--force"]].concat(), "80"));
}

#[test]
fn a_pack_in_a_folder_is_extended_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/pack.toml");
    let path = path.to_str().unwrap();
    let mut args = [&RETAIL[..], &["--format", "toml", "--out", path]].concat();
    args[1] = "examples/retail";
    out(&regain(&args, "80"));
    let loaded = pack::load(Path::new(path).parent().unwrap().to_str().unwrap());
    assert!(loaded.pack.is_some(), "{:#?}", loaded.diagnostics);
}

#[test]
fn some_rows_only_is_said() {
    let args = [&RETAIL[..], &["--rows", "100"]].concat();
    let output = regain(&args, "80");
    assert!(out(&output).contains("only the first 100 rows were read"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("only the first 100 rows of `orders`"));
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let args = [&RETAIL[..], &["--format", "json"]].concat();
    assert_eq!(out(&regain(&args, "80")), out(&regain(&args, "80")));
}

#[test]
fn odd_headers_make_a_pack_that_loads() {
    let files = Files::new();
    let text = "customer_id,\"a \"\"b\"\"\",\"line\nbreak\",,if,today,\u{1f600},x,x,\\\nC1,1,2,3,4,5,6,7,8,9\nC2,1,2,3,4,5,6,7,8,9\n";
    for name in [Some("base"), None] {
        loads(&toml(&look(&[files.source("customers", text), files.source("my file", text)], name)));
    }
}

#[test]
fn nothing_makes_it_panic() {
    let files = Files::new();
    let packs: Vec<Arc<Pack>> = shipped::names().filter_map(|name| pack::load(name).pack).collect();
    let mut state = 7u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let parts: [&[u8]; 16] = [
        b",",
        b"\n",
        b"\"",
        b";",
        b"1.234",
        b"1,5",
        b"01/02/2025",
        b"31.12.2025",
        b"n/a",
        b"\xff\xfe",
        b"\x00",
        b"-",
        "ä€".as_bytes(),
        b"customer_id",
        b"%",
        b"1e308",
    ];
    let mut read = 0;
    for i in 0..300 {
        let mut bytes = if i % 2 == 0 { b"customer_id,amount,date\n".to_vec() } else { Vec::new() };
        for _ in 0..next() % 60 {
            let part = parts[next() % parts.len()];
            bytes.extend_from_slice(part);
            if i % 3 == 0 {
                bytes.push(next() as u8);
            }
        }
        let source = files.source("customers", bytes);
        if let Ok(found) = profile(&[source], &packs, None, &mut |_| {}) {
            read += 1;
            let section = to_toml(&found, "client", "base", 3);
            let loaded = load_from_texts(&[("pack.toml", &section.text)]);
            assert!(loaded.pack.is_some(), "{:#?}\n{}", loaded.diagnostics, section.text);
            for columns in [10, 80, 300] {
                assert!(!regain::profile::render(&found, &section, "regain run client", columns, true).is_empty());
            }
            assert!(to_json(&found).is_object());
        }
    }
    assert!(read > 20, "some of it can be read: {read}");
}
