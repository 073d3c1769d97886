//! Tables joined to the record, keys made alike, keys without a partner, limits for rejects: from bytes to records.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Int64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use regain::data::{Collected, DataErrorKind, MaxRejects, Options, Run, Source, TableCounts};

use crate::data::{Files, day, error, identity, noise, options, pack, run, run_with, said};

const TELCO: &str = r#"
[pack]
name = "test"
[record]
table = "people"
key = "id"
key_from = ["Customer ID"]
[record.join.status]
key_from = ["Customer ID"]
[record.join.services]
optional = true
[record.columns]
age = { type = "number", from = ["Age"] }
reason = { type = "text", table = "status", from = ["Reason"], optional = true }
left_on = { type = "date", from = ["Left"] }
lines = { type = "number", table = "services" }
extra = { type = "text", optional = true }
[tables.orders]
key = "id"
time = "on"
columns.on = { type = "date" }
columns.amount = { type = "number" }
[rollups]
n = 'count(orders)'
total = 'sum(orders.amount)'
"#;

/// People, status, services, orders.
fn telco(files: &Files) -> Vec<(&'static str, std::path::PathBuf)> {
    vec![
        ("people", files.write("people.csv", "Customer ID,Age,Note\nz,40,x\na,20,y\nm,30,z\n")),
        (
            "status",
            files.write("status.csv", "Reason;left ;Customer ID\nprice;2025-01-02;a\nmoved;2025-02-03;q\n;;z\n"),
        ),
        ("services", files.write("services.jsonl", "{\"id\": \"m\", \"lines\": 2}\n{\"id\": \"z\", \"lines\": 1}\n")),
        (
            "orders",
            files.write("orders.csv", "id,on,amount\na,2025-01-01,1\na,2025-01-02,2\nq,2025-01-02,4\nq,2025-01-03,4\n"),
        ),
    ]
}

fn given<'a>(list: &'a [(&'static str, std::path::PathBuf)], names: &[&str]) -> Vec<(&'a str, &'a Path)> {
    list.iter().filter(|(name, _)| names.contains(name)).map(|(name, path)| (*name, path.as_path())).collect()
}

fn of(counts: &regain::data::RunCounts, name: &str) -> TableCounts {
    counts.tables.iter().find(|t| t.table == name).unwrap().clone()
}

#[test]
fn three_tables_and_events_are_one_record() {
    let files = Files::new();
    let list = telco(&files);
    let (csv, counts) = run(&pack(TELCO), "2025-06-30", &given(&list, &["people", "status", "services", "orders"]));
    assert_eq!(
        csv,
        "id,age,reason,left_on,lines,extra,n,total\n\
         a,20,price,2025-01-02,,,2,3\n\
         m,30,,,2,,0,\n\
         z,40,,,1,,0,\n"
    );
    let names: Vec<&str> = counts.tables.iter().map(|t| t.table.as_str()).collect();
    assert_eq!(names, ["people", "status", "services", "orders"]);
    let seen = |name: &str| {
        let t = of(&counts, name);
        (t.rows, t.unmatched, t.unmatched_keys, t.without, t.joined)
    };
    assert_eq!(seen("people"), (3, 0, 0, None, false));
    assert_eq!(seen("status"), (3, 1, 1, Some(1), true));
    assert_eq!(seen("services"), (2, 0, 0, Some(1), true));
    assert_eq!(seen("orders"), (4, 2, 1, Some(2), false));
    let told =
        counts.notices.iter().filter(|n| !n.contains("`delimiter = \";\"` in `[record.join.status.file]`")).count();
    assert_eq!((told, counts.notices.len()), (0, 1), "{:?}", counts.notices);
}

#[test]
fn a_joined_table_may_be_optional() {
    let files = Files::new();
    let list = telco(&files);
    let (csv, _) = run(&pack(TELCO), "2025-06-30", &given(&list, &["people", "status", "orders"]));
    assert_eq!(csv.lines().nth(2).unwrap(), "m,30,,,,,0,");
    let text = said(&error(&pack(TELCO), &given(&list, &["people", "services", "orders"])));
    assert!(text.contains("the pack needs the table `status`") && text.contains("--data status=PATH"), "{text}");
    assert!(text.contains("`optional = true` in `[record.join.status]`"), "{text}");
    let text = said(&error(&pack(TELCO), &given(&list, &["status", "orders"])));
    assert!(text.contains("`people` says who is a customer") && text.contains("--data people=PATH"), "{text}");
    // Without people, everybody with an order is a customer, as ever.
    let (csv, _) = run(&pack(TELCO), "2025-06-30", &given(&list, &["orders"]));
    assert_eq!(csv.lines().nth(2).unwrap(), "q,,,,,,2,8");
    // A name nobody knows.
    let text = said(&error(&pack(TELCO), &[("stauts", files.path("status.csv").as_path())]));
    assert!(text.contains("did you mean `status`"), "{text}");
}

#[test]
fn a_column_two_tables_have_must_say_which() {
    let files = Files::new();
    let mut list = telco(&files);
    list[2].1 = files.write("services.csv", "id,lines, AGE \nm,2,31\n");
    let all = ["people", "status", "services", "orders"];
    let text = said(&error(&pack(TELCO), &given(&list, &all)));
    assert!(text.contains("the column `age` is in 2 tables: `people` (`Age` in"), "{text}");
    assert!(text.contains("in `[record.columns.age]`: `table = \"people\"` or `table = \"services\"`"), "{text}");
    let settled = TELCO.replace("from = [\"Age\"]", "from = [\"Age\"], table = \"services\"");
    let (csv, _) = run(&pack(&settled), "2025-06-30", &given(&list, &all));
    assert_eq!(csv.lines().nth(2).unwrap(), "m,31,,,2,,0,");
}

#[test]
fn a_column_nobody_has_names_the_headers_of_all() {
    let files = Files::new();
    let mut list = telco(&files);
    list[1].1 = files.write("status.csv", "Customer ID,Reason,Lefft\na,x,2025-01-01\n");
    let text = said(&error(&pack(TELCO), &given(&list, &["people", "status", "orders"])));
    assert!(text.contains("none of the tables `people`, `status` has the column `left_on`"), "{text}");
    assert!(text.contains("did you mean the header `Lefft` of `status`?"), "{text}");
    assert!(text.contains("comes from `services`, which is not given, say `table = \"services\"`"), "{text}");
    assert!(text.contains("the headers of `people` are `Customer ID`, `Age`, `Note`"), "{text}");
    // A table that must have it and has not says so itself.
    let status = files.write("bare.csv", "Customer ID,Left\na,2025-01-01\n");
    let strict = TELCO.replace("from = [\"Reason\"], optional = true", "from = [\"Reason\"]");
    let sources = [("people", list[0].1.as_path()), ("status", status.as_path()), ("orders", list[3].1.as_path())];
    let text = said(&error(&pack(&strict), &sources));
    assert!(text.contains("(table `status`) lacks the column `reason`"), "{text}");
}

#[test]
fn a_table_nothing_comes_from_is_not_read() {
    let files = Files::new();
    let text = r#"
[pack]
name = "test"
[record]
key = "id"
[record.join.status]
[record.columns]
age = { type = "number" }
"#;
    let people = files.write("c.csv", "id,age\nb,1\na,2\n");
    let status = files.write("s.csv", "id,other\nb,1\n\"torn");
    let (csv, counts) = run(&pack(text), "2025-06-30", &[("customers", &people), ("status", &status)]);
    assert_eq!(csv, "id,age\nb,1\na,2\n", "in the order of the file: nothing is joined");
    assert!(counts.notices.iter().any(|n| n.contains("no column of the record comes from the table `status`")));
}

#[test]
fn of_double_keys_the_first_row_counts() {
    let files = Files::new();
    let mut list = telco(&files);
    files.write("status/1.csv", "Customer ID,Reason,Left\na,first,2025-01-01\nz,b,\na,second,2025-02-01\n");
    files.write("status/2.csv", "Reason,Customer ID,Left\nthird,a,2025-03-01\nbad,m,soon\n");
    list[1].1 = files.path("status");
    let rejects = files.path("rejects.csv");
    for threads in [1, 2] {
        let options = Options { rejects: Some(rejects.clone()), ..options(threads) };
        let (csv, counts) =
            run_with(&pack(TELCO), "2025-06-30", &given(&list, &["people", "status", "orders"]), options).unwrap();
        assert_eq!(csv.lines().nth(1).unwrap(), "a,20,first,2025-01-01,,,2,3");
        let status = of(&counts, "status");
        assert_eq!((status.rows, status.rejected, status.unmatched, status.without), (5, 3, 0, Some(1)));
        let (one, two) = (files.path("status/1.csv"), files.path("status/2.csv"));
        let (one, two) = (one.display(), two.display());
        assert_eq!(
            fs::read_to_string(&rejects).unwrap(),
            format!(
                "table,file,line,column,value,reason,key\n\
                 status,{one},4,id,a,\"the key occurs more than once, first in line 2\",a\n\
                 status,{two},2,id,a,\"the key occurs more than once, first in `{one}` line 2\",a\n\
                 status,{two},3,left_on,soon,not a date,m\n"
            )
        );
        let example = status.rejects.iter().find(|r| r.column == "left_on").unwrap().example.clone().unwrap();
        assert_eq!((example.line, example.value.as_str()), (3, "soon"));
    }
}

#[test]
fn one_key_on_all_rows_of_both_sides_does_not_explode() {
    let files = Files::new();
    let text = r#"
[pack]
name = "test"
[record]
key = "id"
[record.join.status]
[record.columns]
age = { type = "number" }
why = { type = "text" }
"#;
    let rows = |columns: &str| {
        let mut text = format!("id,{columns}\n");
        for i in 0..30_000 {
            text += &format!("unknown,{i}\n");
        }
        text + "a,1\n"
    };
    let (people, status) = (files.write("c.csv", rows("age")), files.write("s.csv", rows("why")));
    let sources: [(&str, &Path); 2] = [("customers", &people), ("status", &status)];
    let (csv, counts) = run(&pack(text), "2025-06-30", &sources);
    assert_eq!(csv, "id,age,why\na,1,1\nunknown,0,0\n");
    assert_eq!((of(&counts, "customers").rejected, of(&counts, "status").rejected), (29_999, 29_999));
    // What ends a run does not depend on what was found out first.
    let status = files.write("s.csv", "id,why\n");
    let people = files.write("c.csv", "id,age\na,1\na,2\na,3\nb,x\n");
    let sources: [(&str, &Path); 2] = [("customers", &people), ("status", &status)];
    for threads in [1, 2] {
        for (limit, starts) in [(0, "1 row cannot be used, and the run is strict"), (1, "3 rows cannot"), (2, "3 rows")]
        {
            let with = Options { max_rejects: Some(MaxRejects::Rows(limit)), ..options(threads) };
            let text = said(&run_with(&pack(text), "2025-06-30", &sources, with).unwrap_err());
            assert!(text.starts_with(starts), "{limit}: {text}");
        }
        let with = Options { max_rejects: Some(MaxRejects::Rows(3)), ..options(threads) };
        assert_eq!(run_with(&pack(text), "2025-06-30", &sources, with).unwrap().1.records, 1);
    }
}

/// Whole records as one batch.
fn records(run: &Run) -> RecordBatch {
    let mut all = Collected::default();
    run.execute(&identity(), &mut all).unwrap();
    concat_batches(&run.record_schema(), &all.batches).unwrap()
}

#[test]
fn one_customer_is_the_same_alone() {
    let files = Files::new();
    let mut list = telco(&files);
    list[1].1 = files.write("status.csv", "Customer ID,Reason,Left\na,first,2025-01-01\nq,b,\na,second,2025-02-01\n");
    let sources: Vec<Source> = list.iter().map(|(name, path)| Source::new(*name, path)).collect();
    let run = Run::open(&pack(TELCO), day("2025-06-30"), &sources, options(2)).unwrap();
    let all = records(&run);
    for (row, key) in ["a", "m", "z"].into_iter().enumerate() {
        assert_eq!(run.one(key).unwrap().unwrap().record, all.slice(row, 1), "{key}");
    }
    assert!(run.one("q").unwrap().is_none(), "status and orders, but nobody");
}

#[test]
fn neither_order_nor_files_nor_threads_change_a_bit() {
    let files = Files::new();
    let mut state = 42;
    let n = 20_000;
    let people: Vec<String> = (0..n).map(|i| format!("C{i},{}", noise(&mut state) % 90)).collect();
    let status: Vec<String> =
        (0..n).filter(|i| i % 3 > 0).map(|i| format!("C{},r{}", i + 100, noise(&mut state) % 7)).collect();
    let orders: Vec<String> = (0..n)
        .map(|_| {
            format!(
                "C{},2025-01-{:02},{}",
                noise(&mut state) % 30_000,
                1 + noise(&mut state) % 28,
                noise(&mut state) % 99
            )
        })
        .collect();
    let text = TELCO.replace("left_on = { type = \"date\", from = [\"Left\"] }\n", "");
    let pack = pack(&text);
    let mut tables =
        [("people", "id,Age", people), ("status", "Customer ID,Reason", status), ("orders", "id,on,amount", orders)];
    let mut expected = None;
    for round in 0..3 {
        let mut sources = Vec::new();
        for (name, header, rows) in &mut tables {
            if round > 0 {
                for i in (1..rows.len()).rev() {
                    rows.swap(i, noise(&mut state) as usize % (i + 1));
                }
            }
            let folder = format!("{round}/{name}");
            for (i, chunk) in rows.chunks(rows.len().div_ceil(round + 1)).enumerate() {
                files.write(&format!("{folder}/{i}.csv"), format!("{header}\n{}\n", chunk.join("\n")));
            }
            sources.push((*name, files.path(&folder)));
        }
        let sources: Vec<(&str, &Path)> = sources.iter().map(|(name, path)| (*name, path.as_path())).collect();
        for threads in [1, 2, 5] {
            let options = Options { memory: if round == 2 { 1 } else { 1 << 30 }, ..options(threads) };
            let (csv, counts) = run_with(&pack, "2025-06-30", &sources, options).unwrap();
            let status = of(&counts, "status");
            let missed = (0..n).filter(|i| i % 3 > 0 && i + 100 >= n).count() as u64;
            assert_eq!((status.unmatched, status.without), (missed, Some(n - (status.rows - missed))));
            match &expected {
                None => expected = Some(csv),
                Some(expected) => assert!(csv == *expected, "round {round}, {threads} threads"),
            }
        }
    }
}

#[test]
fn more_rows_to_join_than_memory() {
    let files = Files::new();
    let mut state = 7;
    let n = 200_000;
    let mut shuffled = |name: &str, column: &str, from: u64| {
        let mut ids: Vec<u64> = (from..from + n).collect();
        for i in (1..ids.len()).rev() {
            ids.swap(i, noise(&mut state) as usize % (i + 1));
        }
        let keys: StringArray = ids.iter().map(|i| Some(format!("C{i:012}"))).collect();
        let values: Float64Array = ids.iter().map(|i| Some(*i as f64 / 3.0)).collect();
        files.parquet(name, vec![("id", Arc::new(keys) as ArrayRef), (column, Arc::new(values) as ArrayRef)])
    };
    let (people, status) = (shuffled("people.parquet", "age", 0), shuffled("status.parquet", "points", 1000));
    let text = r#"
[pack]
name = "test"
[record]
key = "id"
[record.join.status]
[record.columns]
age = { type = "number" }
points = { type = "number" }
"#;
    let pack = pack(text);
    let sources: [(&str, &Path); 2] = [("customers", &people), ("status", &status)];
    let list = files.path("unmatched.csv");
    let with = |threads, memory| {
        let options = Options { memory, unmatched: Some(list.clone()), ..options(threads) };
        let (csv, counts) = run_with(&pack, "2025-06-30", &sources, options).unwrap();
        assert_eq!((of(&counts, "status").unmatched, of(&counts, "status").without), (1000, Some(1000)));
        (csv, fs::read_to_string(&list).unwrap())
    };
    let roomy = with(2, 1 << 30);
    assert_eq!(roomy.1.lines().count(), 2001);
    for threads in [1, 2, 4] {
        assert!(with(threads, 16 << 20) == roomy, "{threads} threads in 16 MiB");
    }
}

// ---------------------------------------------------------------- keys made alike

#[test]
fn keys_are_made_alike_in_all_tables() {
    let files = Files::new();
    let text = TELCO.replace(
        "key = \"id\"\nkey_from",
        "key = \"id\"\nkey_normalise = [\"trim\", \"case\", \"leading_zeros\"]\nkey_from",
    );
    let pack = pack(&text);
    let people = files.write("people.csv", "Customer ID,Age\n 00a7 ,1\nB,2\nA7,3\n  ,4\n000,5\n");
    let status = files.write("status.csv", "Customer ID,Reason,Left\na7,x,\n0b,y,\n");
    let orders = files.parquet(
        "orders.parquet",
        vec![
            ("id", Arc::new(StringArray::from(vec!["0A7", "b ", "0"])) as ArrayRef),
            ("on", Arc::new(arrow::array::Date32Array::from(vec![20_000; 3])) as ArrayRef),
            ("amount", Arc::new(Float64Array::from(vec![1.0, 2.0, 4.0])) as ArrayRef),
        ],
    );
    let sources: [(&str, &Path); 3] = [("people", &people), ("status", &status), ("orders", &orders)];
    let (csv, counts) = run(&pack, "2025-06-30", &sources);
    assert_eq!(csv, "id,age,reason,left_on,lines,extra,n,total\n0,5,,,,,1,4\nA7,1,x,,,,1,1\nB,2,y,,,,1,2\n");
    let rejects: Vec<(u64, &str, &str)> =
        counts.samples.iter().map(|r| (r.line, r.key.as_str(), r.reason.as_str())).collect();
    assert_eq!(rejects, [(4, "A7", "the key occurs more than once, first in line 2"), (5, "  ", "the key is missing")]);
    let sources: Vec<Source> = sources.iter().map(|(name, path)| Source::new(*name, *path)).collect();
    let run = Run::open(&pack, day("2025-06-30"), &sources, options(2)).unwrap();
    let all = records(&run);
    let one = run.one(" 0a7").unwrap().unwrap();
    assert_eq!((one.key.as_str(), one.record), ("A7", all.slice(1, 1)));
}

#[test]
fn whole_numbers_are_texts_if_keys_are_made_alike() {
    let files = Files::new();
    let text = r#"
[pack]
name = "test"
[record]
key = "id"
key_normalise = ["leading_zeros"]
[record.join.status]
[record.columns]
age = { type = "number" }
why = { type = "text" }
"#;
    let people = files.parquet(
        "c.parquet",
        vec![
            ("id", Arc::new(Int64Array::from(vec![42, 7])) as ArrayRef),
            ("age", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef),
        ],
    );
    let status = files.write("s.csv", "id,why\n00042,x\n");
    let sources: [(&str, &Path); 2] = [("customers", &people), ("status", &status)];
    let (csv, _) = run(&pack(text), "2025-06-30", &sources);
    assert_eq!(csv, "id,age,why\n42,1,x\n7,2,\n");
    let list: Vec<Source> = sources.iter().map(|(name, path)| Source::new(*name, *path)).collect();
    let run = Run::open(&pack(text), day("2025-06-30"), &list[..], options(1)).unwrap();
    assert_eq!(*run.record_schema().field(0).data_type(), DataType::Utf8);
}

#[test]
fn keys_that_never_meet_get_advice() {
    let files = Files::new();
    let mut list = telco(&files);
    let said = |list: &[(&'static str, std::path::PathBuf)]| {
        let (_, counts) = run(&pack(TELCO), "2025-06-30", &given(list, &["people", "status", "orders"]));
        counts.notices.join("\n")
    };
    list[1].1 = files.write("status.csv", "Customer ID,Reason,Left\nA,x,\nM,y,\n");
    list[3].1 = files.write("orders.csv", "id,on,amount\n 00a,2025-01-01,1\n00Z ,2025-01-01,1\n");
    let text = said(&list);
    assert!(text.contains("of 2 keys of `status` that are no customer's, 2 would be one's"), "{text}");
    assert!(text.contains("for example `A` and `a`: say `key_normalise = [\"case\"]` in `[record]`"), "{text}");
    assert!(text.contains("`key_normalise = [\"trim\", \"case\", \"leading_zeros\"]`"), "{text}");
    // Keys that are simply others get none.
    list[1].1 = files.write("status.csv", "Customer ID,Reason,Left\nx,x,\ny,y,\n");
    list[3].1 = files.write("orders.csv", "id,on,amount\na,2025-01-01,1\nq,2025-01-01,1\n");
    assert_eq!(said(&list), "");
}

// ---------------------------------------------------------------- keys without a partner

#[test]
fn keys_without_a_partner_are_listed() {
    let files = Files::new();
    let list = telco(&files);
    let sources = given(&list, &["people", "status", "services", "orders"]);
    let expected = "table,side,key,rows\n\
                    status,no row,m,0\n\
                    status,no customer,q,1\n\
                    services,no row,a,0\n\
                    orders,no row,m,0\n\
                    orders,no customer,q,2\n\
                    orders,no row,z,0\n";
    for threads in [1, 2] {
        let path = files.path("unmatched.csv");
        let with = Options { unmatched: Some(path.clone()), ..options(threads) };
        let (_, counts) = run_with(&pack(TELCO), "2025-06-30", &sources, with).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        assert_eq!(counts.listed, Some(6));
    }
    let path = files.path("unmatched.parquet");
    let with = Options { unmatched: Some(path.clone()), ..options(2) };
    run_with(&pack(TELCO), "2025-06-30", &sources, with).unwrap();
    let batch = parquet(&path);
    assert_eq!(batch.column(3).as_primitive::<Int64Type>().values().to_vec(), [0, 1, 0, 0, 2, 0]);
    let wrong = Options { unmatched: Some(files.path("unmatched.xyz")), ..options(2) };
    let text = said(&run_with(&pack(TELCO), "2025-06-30", &sources, wrong).unwrap_err());
    assert!(text.contains("end its name in .csv or .parquet"), "{text}");
}

fn parquet(path: &Path) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap().build().unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    concat_batches(&batches[0].schema(), &batches).unwrap()
}

// ---------------------------------------------------------------- rejects

const AMOUNTS: &str = r#"
[pack]
name = "test"
[record]
key = "id"
[record.columns]
amount = { type = "number" }
"#;

#[test]
fn rejects_as_parquet() {
    let files = Files::new();
    let path = files.write("c.csv", "id,amount\n1,x\n,2\n3,4\n");
    let rejects = files.path("rejects.parquet");
    let with = Options { rejects: Some(rejects.clone()), ..options(2) };
    run_with(&pack(AMOUNTS), "2025-06-30", &[("customers", &path)], with).unwrap();
    let batch = parquet(&rejects);
    let names: Vec<String> = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
    assert_eq!(names, ["table", "file", "line", "column", "value", "reason", "key"]);
    assert_eq!(batch.column(2).as_primitive::<Int64Type>().values().to_vec(), [2, 3]);
    let values = batch.column(4).as_string::<i32>();
    assert_eq!((values.value(0), values.is_null(1)), ("x", true));
}

#[test]
fn too_many_rejects_end_the_run() {
    let files = Files::new();
    let mut text = String::from("id,amount\n");
    for i in 0..1000 {
        text += &format!("{i},{}\n", if i % 100 == 7 { "12.5x".to_owned() } else { i.to_string() });
    }
    let csv = files.write("c.csv", &text);
    let keys: Vec<Option<&str>> = (0..1000).map(|i| (i % 100 != 7).then_some("k")).collect();
    let keys: StringArray = keys.into_iter().enumerate().map(|(i, k)| k.map(|k| format!("{k}{i}"))).collect();
    let amounts = Float64Array::from(vec![1.0; 1000]);
    let known =
        files.parquet("c.parquet", vec![("id", Arc::new(keys) as ArrayRef), ("amount", Arc::new(amounts) as ArrayRef)]);
    let pack = pack(AMOUNTS);
    let rejects = files.path("rejects.csv");
    for (path, threads) in [(&csv, 1), (&csv, 2), (&known, 1), (&known, 2)] {
        for (limit, fine) in [("10", true), ("1%", true), ("9", false), ("0.99%", false), ("0", false)] {
            let _ = fs::remove_file(&rejects);
            let with = Options {
                max_rejects: Some(limit.parse().unwrap()),
                rejects: Some(rejects.clone()),
                ..options(threads)
            };
            let result = run_with(&pack, "2025-06-30", &[("customers", path)], with);
            assert_eq!(fs::read_to_string(&rejects).unwrap().lines().count(), 11, "all are listed, {limit}");
            match result {
                Ok((csv, _)) => assert!(fine && csv.lines().count() == 991),
                Err(error) => {
                    let text = said(&error);
                    assert!(!fine && error.kind == DataErrorKind::Strict, "{text}");
                    assert!(
                        text.contains("10") && text.contains("(10 rows)") && text.contains("all 10 are in"),
                        "{text}"
                    );
                }
            }
        }
    }
    let with = Options { max_rejects: Some(MaxRejects::Rows(9)), ..options(2) };
    let text = said(&run_with(&pack, "2025-06-30", &[("customers", &csv)], with).unwrap_err());
    assert_eq!(
        text,
        format!(
            "10 rows cannot be used, and at most 9 may be set aside\n{}:9: `amount` `12.5x`: not a number (10 rows)",
            csv.display()
        )
    );
    let with = Options { max_rejects: Some(MaxRejects::Percent(0.5)), ..options(2) };
    let text = said(&run_with(&pack, "2025-06-30", &[("customers", &csv)], with).unwrap_err());
    assert!(text.starts_with("10 of the 1000 rows of `customers` cannot be used, and at most 0.5% may"), "{text}");
}

#[test]
fn a_share_is_of_each_table() {
    let files = Files::new();
    let mut list = telco(&files);
    list[1].1 = files.write("status.csv", "Customer ID,Reason,Left\na,x,soon\nm,y,2025-01-01\n");
    list[3].1 = files.write("orders.csv", "id,on,amount\na,2025-01-01,x\na,2025-01-01,y\na,2025-01-01,1\n");
    let sources = given(&list, &["people", "status", "orders"]);
    let with = |share: &str| Options { max_rejects: Some(share.parse().unwrap()), ..options(2) };
    let text = said(&run_with(&pack(TELCO), "2025-06-30", &sources, with("49%")).unwrap_err());
    assert!(
        text.starts_with(
            "1 of the 2 rows of `status` and 2 of the 3 rows of `orders` cannot be used, and at most 49% may"
        ),
        "{text}"
    );
    let text = said(&run_with(&pack(TELCO), "2025-06-30", &sources, with("50%")).unwrap_err());
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("2 of the 3 rows of `orders`") && lines[1].contains("`amount` `x`"), "{text}");
    assert!(lines[2].contains("`left_on` `soon`"), "{text}");
    assert!(run_with(&pack(TELCO), "2025-06-30", &sources, with("67%")).is_ok());
}

#[test]
fn a_wholly_wrong_file_is_not_read_to_its_end() {
    let files = Files::new();
    let mut text = String::from("id,amount\n");
    for i in 0..60_000 {
        text += &format!("{i},\"1,5x\"\n");
    }
    let csv = files.write("c.csv", &text);
    let rejects = files.path("rejects.csv");
    for threads in [1, 2] {
        let with =
            Options { max_rejects: Some(MaxRejects::Rows(5)), rejects: Some(rejects.clone()), ..options(threads) };
        let text = said(&run_with(&pack(AMOUNTS), "2025-06-30", &[("customers", &csv)], with).unwrap_err());
        assert!(text.starts_with("at least 10000 rows cannot be used, and at most 5"), "{text}");
        assert!(text.contains("the first 10000 are in"), "{text}");
        assert_eq!(fs::read_to_string(&rejects).unwrap().lines().count(), 10_001);
    }
}

// ---------------------------------------------------------------- record.sql, and the command

#[test]
fn a_query_sees_joined_tables() {
    let files = Files::new();
    let text = r#"
[pack]
name = "test"
[record]
key = "id"
key_normalise = ["trim"]
sql = "select c.id, s.why, v.note from customers c left join status s on s.id = c.id left join visits v on v.id = c.id"
[record.join.status]
[record.join.visits]
optional = true
[record.columns]
why = { type = "text", table = "status" }
note = { type = "text", table = "visits" }
"#;
    let people = files.write("c.csv", "id\n b\na\n");
    let status = files.write("s.csv", "id,why\nb ,x\n");
    let (csv, _) = run(&pack(text), "2025-06-30", &[("customers", &people), ("status", &status)]);
    assert_eq!(csv, "id,why,note\na,,\nb,x,\n");
    let text = said(&error(&pack(text), &[("customers", &people)]));
    assert!(text.contains("the pack needs the table `status`"), "{text}");
}

#[test]
fn the_command_finds_joined_tables_and_says_what_was_left_out() {
    let files = Files::new();
    files.write("pack/pack.toml", TELCO);
    for (name, path) in telco(&files) {
        let kind = path.extension().unwrap().to_str().unwrap().to_owned();
        let target = files.path(&format!("pack/data/{name}.{kind}"));
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::rename(path, target).unwrap();
    }
    let regain = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
        command.current_dir(files.0.path()).args(["run", "pack", "--as-of", "2025-06-30"]).args(args);
        let output = command.env("COLUMNS", "80").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, out, err) = regain(&["--format", "csv", "--unmatched", "u.csv"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out.lines().count(), 4);
    assert!(err.contains("status: 1 row belongs to no customer, 1 customer has no row"), "{err}");
    assert!(err.contains("orders: 2 rows (of one key) belong to no customer"), "{err}");
    assert!(err.contains("6 keys without a partner are listed in u.csv"), "{err}");
    files.write("pack/data/status.csv", "Customer ID,Reason,Left\na,x,soon\nm,y,later\n");
    let (code, _, err) = regain(&["--out", "d.csv"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("status: 2 of 2 rows set aside (100.0 %)"), "{err}");
    assert!(err.contains("`left_on`: no value can be read: not a date"), "{err}");
    assert!(err.contains("status.csv:2 \"soon\""), "{err}");
    fs::remove_file(files.path("d.csv")).unwrap();
    fs::remove_file(files.path("d.rejects.csv")).unwrap();
    let (code, out, err) = regain(&["--out", "d.csv", "--max-rejects", "1"]);
    assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
    assert!(err.contains("2 rows cannot be used, and at most 1 may be set aside"), "{err}");
    assert!(err.contains("`soon`: not a date (2 rows)") && err.contains("all 2 are in `d.rejects.csv`"), "{err}");
    assert!(!files.path("d.csv").exists() && files.path("d.rejects.csv").exists());
    assert_eq!(regain(&["--max-rejects", "many"]).0, Some(2));
}
