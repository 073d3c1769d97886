//! Permission from files: the rows of the two tables as they are read, and what the shipped packs allow.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Date32Array, Int64Array, StringArray};
use regain::data::{Events, MaxRejects, Options, Run, Source};
use regain::pack::{Pack, load, shipped};
use regain::plan::permit::{Barrier, Permission, Planned};

use crate::data::{Files, day, options, pack, said};

const OWN: &str = r#"
[pack]
name = "test"
[record]
table = "people"
key = "id"
key_normalise = ["trim", "case"]
columns.age = { type = "number", optional = true }
[tables.sent]
key = "id"
time = "on"
merge = "day"
columns.on = { type = "date" }
columns.channel = { type = "text", optional = true }
columns.campaign = { type = "text", optional = true }
[tables.never]
key = "id"
optional = true
columns.channel = { type = "text", optional = true }
columns.since = { type = "date", optional = true }
columns.ends_on = { type = "date", optional = true }
[channels.email]
label = "E-Mail"
[channels.phone]
[[campaigns]]
name = "mail"
channel = "email"
[[campaigns]]
name = "call"
channel = "phone"
[contact]
history = "sent"
do_not_contact = "never"
cooldown = 10
caps = [{ most = 2, days = 60 }]
"#;

fn open(pack: &Arc<Pack>, as_of: &str, sources: &[(&str, &Path)], options: Options) -> Run {
    let sources: Vec<Source> = sources.iter().map(|(name, path)| Source::new(*name, *path)).collect();
    Run::open(pack, day(as_of), &sources, options).unwrap()
}

/// Every row: key, day, channel.
fn rows(events: &Events) -> Vec<String> {
    let mut all = Vec::new();
    for batch in &events.batches {
        let keys = Events::keys(batch).unwrap();
        for row in 0..batch.num_rows() {
            let channel = Events::text(batch, "channel", row).unwrap_or("-");
            all.push(format!("{} {} {channel}", keys.value(row), Events::day(batch, "on", row).unwrap()));
        }
    }
    all
}

#[test]
fn rows_of_a_table_as_they_are() {
    let files = Files::new();
    let pack = pack(OWN);
    let people = files.write("people.csv", "id\na\nB\n");
    // Blanks and small letters in keys, a row later than the as-of date, one without a day, two of one day, any order.
    let sent = files.write(
        "sent.csv",
        "id,on,channel\nb ,2026-06-01,phone\na,2026-05-30,\n A,2026-05-01,phone\na,2026-05-01,E-MAIL\nB,2026-07-01,email\na,,phone\n",
    );
    let sources: [(&str, &Path); 2] = [("people", &people), ("sent", &sent)];
    for threads in [1, 2] {
        let run = open(&pack, "2026-06-30", &sources, options(threads));
        let events = run.events("sent").unwrap();
        let expected = ["A 2026-05-01 E-MAIL", "A 2026-05-01 phone", "A 2026-05-30 -", "B 2026-06-01 phone"];
        assert_eq!(rows(&events), expected);
        assert_eq!((events.given, events.rows(), events.rejected), (true, 4, 1));
        assert_eq!(events.reject.unwrap().line, 7);
        assert!(!run.events("never").unwrap().given);
        assert!(!run.events("nothing").unwrap().given);
    }
    let strict = Options { max_rejects: Some(MaxRejects::Rows(0)), ..options(1) };
    let error = open(&pack, "2026-06-30", &sources, strict).events("sent").unwrap_err();
    assert!(said(&error).contains("the date is missing"), "{error}");
}

#[test]
fn days_and_proof_from_files() {
    let files = Files::new();
    let pack = pack(OWN);
    let people = files.write("people.csv", "id\na\nb\nc\n");
    let sent =
        files.write("sent.csv", "id,on,channel\na,2026-06-25,phone\nb,2026-06-01,phone\nb,2026-06-15,fax\na,,phone\n");
    let never = files.write("never.csv", "id,channel,since,ends_on\nc,PHONE,,\nb,,2026-08-01,\n");
    let run = open(&pack, "2026-06-30", &[("people", &people), ("sent", &sent), ("never", &never)], options(2));
    let permission = Permission::read(&pack, &run).unwrap();
    let first = |key: &str, campaign| {
        let days = permission.days(key, campaign, day("2026-07-01"), day("2026-08-31"));
        days.days.first().map_or_else(|| days.refusal.unwrap().barrier.words(&pack), ToString::to_string)
    };
    assert_eq!(first("A", 0), "2026-07-05");
    // Two in sixty days: on 2026-07-31 the first of them is sixty days ago; from 2026-08-01 on she wants no contact.
    assert_eq!(first("B", 0), "2026-07-31");
    assert_eq!(first("C", 1), "on the do-not-contact list for phone");
    assert_eq!(first("C", 0), "2026-07-01");
    let breaches = permission.breaches("B", &[Planned { campaign: 1, on: day("2026-08-10") }]);
    assert_eq!(breaches.iter().map(|breach| breach.barrier).collect::<Vec<_>>(), [Barrier::Listed(None)]);
    let [rejected, fax] = permission.notices() else { panic!("{:?}", permission.notices()) };
    assert!(rejected.starts_with("1 row of `sent` cannot be used"), "{rejected}");
    assert!(fax.starts_with("`sent.channel` names `fax` in 1 row"), "{fax}");
}

#[test]
fn a_list_that_cannot_be_read_in_full_stops_the_plan() {
    let files = Files::new();
    let pack = pack(OWN);
    let people = files.write("people.csv", "id\na\n");
    let sent = files.write("sent.csv", "id,on\n");
    let never = files.write("never.csv", "id,since\na,2026-01-01\nb,last summer\nc,2026-02-01\n");
    let run = open(&pack, "2026-06-30", &[("people", &people), ("sent", &sent), ("never", &never)], options(1));
    let error = Permission::read(&pack, &run).unwrap_err();
    let text = said(&error);
    assert!(text.starts_with("1 row of `never` cannot be read"), "{text}");
    assert!(text.contains(":3") && text.contains("`since` `last summer`: not a date"), "{text}");
}

#[test]
fn whole_numbers_as_keys_are_texts() {
    let files = Files::new();
    let pack = pack(&OWN.replace("key_normalise = [\"trim\", \"case\"]\n", ""));
    let ids = || Arc::new(Int64Array::from(vec![7, 42])) as arrow::array::ArrayRef;
    let people = files.parquet("people.parquet", vec![("id", ids())]);
    let on = Date32Array::from(vec![day("2026-06-01").days(), day("2026-06-25").days()]);
    let channel = StringArray::from(vec!["email", "phone"]);
    let sent = files.parquet("sent.parquet", vec![("id", ids()), ("on", Arc::new(on)), ("channel", Arc::new(channel))]);
    let run = open(&pack, "2026-06-30", &[("people", &people), ("sent", &sent)], options(1));
    let permission = Permission::read(&pack, &run).unwrap();
    assert_eq!(permission.days("42", 0, day("2026-07-01"), day("2026-07-05")).days, [day("2026-07-05")]);
    assert_eq!(permission.days("7", 0, day("2026-07-01"), day("2026-07-05")).days, [day("2026-07-01")]);
}

#[test]
fn shipped_packs_know_the_contacts_that_were_made() {
    for name in shipped::names() {
        let pack = load(name).pack.unwrap();
        let files = Files::new();
        let history = &pack.contact.as_ref().unwrap().history.as_ref().unwrap().name;
        let key = &pack.record.key;
        let people = files.write("people.csv", format!("{key}\na\nb\nc\n"));
        let mut sources = vec![(pack.record.table.clone(), people)];
        for table in pack.tables.values().filter(|table| !table.optional) {
            let head: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            let text = format!("{key},{}\n", head.join(","));
            sources.push((table.name.clone(), files.write(&format!("{}.csv", table.name), text)));
        }
        let made = format!("{key},contacted_on,channel\na,2026-06-20,Phone\nb,2026-06-29,Post\n");
        sources.push((history.clone(), files.write("made.csv", made)));
        let never = format!("{key},channel,until\nc,phone,2026-12-31\n");
        sources.push(("do_not_contact".to_owned(), files.write("never.csv", never)));
        let given: Vec<(&str, &Path)> = sources.iter().map(|(name, path)| (name.as_str(), path.as_path())).collect();
        let run = open(&pack, "2026-06-30", &given, options(1));
        let permission = Permission::read(&pack, &run).unwrap();
        assert!(permission.notices().is_empty(), "{name}: {:?}", permission.notices());
        let by = |channel: &str| pack.campaigns.iter().position(|c| c.channel.as_deref() == Some(channel)).unwrap();
        let first = |key: &str, channel| {
            let days = permission.days(key, by(channel), day("2026-07-01"), day("2026-12-20")).days;
            days.first().map(ToString::to_string).unwrap_or_default()
        };
        // 14 days between any two contacts, 60 between two calls; calls and letters from Monday to Friday.
        assert_eq!(first("a", "post"), "2026-07-06", "{name}");
        assert_eq!(first("a", "phone"), "2026-08-19", "{name}");
        assert_eq!(first("b", "phone"), "2026-07-13", "{name}");
        assert_eq!(first("c", "phone"), "", "{name}");
        assert_eq!(first("c", "email"), "2026-07-01", "{name}");
    }
}
