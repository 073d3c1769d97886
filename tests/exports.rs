//! `regain plan --export`: what people and programs get to work with, from the example's plan.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Output;

use regain::plan::holdout::position;

use crate::command::{root, run};

type Rows = Vec<BTreeMap<String, String>>;

/// Retail with a campaign of which half is held out, and a global holdout.
fn pack(folder: &Path) {
    let retail = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/retail");
    let text = format!(
        "[pack]\nname = \"half\"\nextends = {retail:?}\n[plan]\nholdout = 0.1\nexperiment = \"everybody\"\nstratify = []\n\
         [[campaigns]]\nname = \"we_miss_you\"\nholdout = 0.5\nexperiment = \"misses\"\n"
    );
    fs::write(folder.join("pack.toml"), text).unwrap();
}

fn plan(pack: &Path, more: &[&str]) -> Output {
    let data = root().join("examples/retail/data");
    let mut args: Vec<String> = ["plan", pack.to_str().unwrap(), "--as-of", "2026-06-30"].map(str::to_owned).to_vec();
    args.extend(more.iter().map(|arg| (*arg).to_owned()));
    for table in ["customers", "orders", "complaints", "contacts", "do_not_contact", "overrides"] {
        args.extend(["--data".to_owned(), format!("{table}={}/{table}.csv", data.display())]);
    }
    args.extend(["--rejects".to_owned(), pack.join("rejects.csv").display().to_string()]);
    run(&args, 120)
}

fn table(path: &Path) -> Rows {
    let text = fs::read_to_string(path).unwrap();
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    rows.deserialize().map(Result::unwrap).collect()
}

#[test]
fn every_contact_is_in_one_list_and_nobody_who_is_held_out_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    pack(folder.path());
    let (out, lists) = (folder.path().join("plan.csv"), folder.path().join("lists"));
    let made = plan(folder.path(), &["--out", out.to_str().unwrap(), "--export", lists.to_str().unwrap()]);
    let said = String::from_utf8(made.stderr).unwrap();
    assert_eq!(made.status.code(), Some(0), "{said}");
    let rows = table(&out);
    let of = |arm: &str| -> BTreeSet<(String, String)> {
        let rows = rows.iter().filter(|row| row["arm"] == arm);
        rows.map(|row| (row["customer_id"].clone(), row["campaign"].clone())).collect()
    };
    let (contacts, held_out) = (of("contact"), of("holdout"));
    assert!(contacts.len() > 100 && held_out.len() > 20, "{} and {}", contacts.len(), held_out.len());

    let mut listed: Vec<(String, String)> = Vec::new();
    let held_keys: BTreeSet<&str> =
        held_out.iter().map(|(key, _)| key.as_str()).filter(|key| !contacts.iter().any(|(k, _)| k == key)).collect();
    for entry in fs::read_dir(&lists).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap().replace("\r\n ", "");
        assert!(held_keys.iter().all(|key| !text.contains(key)), "{}", path.display());
        if path.extension().unwrap() == "csv" && path.file_name().unwrap() != "index.csv" {
            let rows = table(&path);
            listed.extend(rows.iter().map(|row| (row["customer_id"].clone(), row["campaign"].clone())));
            // Whoever works from it knows where to call or write, and what about.
            let name = path.file_name().unwrap().to_str().unwrap();
            let filled = |column: &str| rows.iter().all(|row| !row[column].is_empty());
            assert!(!name.contains("phone") || filled("phone"), "{name}");
            assert!(!name.contains("email") || filled("email"), "{name}");
            assert!(filled(if name.starts_with("calls") { "what_to_say" } else { "what_to_write" }), "{name}");
            // Letters are posted on working days.
            let monday = chrono::NaiveDate::from_ymd_opt(2026, 6, 29).unwrap();
            let day = |row: &BTreeMap<String, String>| row["day"].parse::<chrono::NaiveDate>().unwrap();
            let sunday = |row: &BTreeMap<String, String>| (day(row) - monday).num_days() % 7 > 4;
            assert!(!name.contains("post") || !rows.iter().any(sunday), "{name}");
        }
    }
    assert_eq!(listed.len(), contacts.len(), "nobody twice");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), contacts);
    assert!(said.contains(&format!("{} contacts written to", contacts.len())), "{said}");

    // Whoever has the keys can repeat who is held out.
    let drawn = rows.iter().filter(|row| row["propensity"] != "1");
    for row in drawn {
        let key = &row["customer_id"];
        let global = position("everybody", key) < 0.1;
        assert_eq!(row["held_out_by"] == "global", global, "{key}");
        if row["campaign"] == "we_miss_you" {
            let half = position("misses", key) < 0.5;
            assert_eq!(row["held_out_by"] == "campaign", half && !global, "{key}");
            assert_eq!(row["propensity"], "0.45");
        }
    }
    assert!(rows.iter().any(|row| row["campaign"] == "we_miss_you" && row["held_out_by"] == "campaign"));
}

#[test]
fn a_file_of_another_origin_stops_the_export() {
    let folder = tempfile::tempdir().unwrap();
    pack(folder.path());
    let lists = folder.path().join("lists");
    fs::create_dir(&lists).unwrap();
    fs::write(lists.join("README.txt"), "mine").unwrap();
    let made = plan(folder.path(), &["--export", lists.to_str().unwrap()]);
    let said = String::from_utf8(made.stderr).unwrap();
    assert_eq!(made.status.code(), Some(2), "{said}");
    assert!(said.contains("README.txt` is there, and not from an earlier export"), "{said}");
    assert!(said.contains("it is left as it is: export into another folder"), "{said}");
    assert_eq!(fs::read_to_string(lists.join("README.txt")).unwrap(), "mine");
    assert_eq!(fs::read_dir(&lists).unwrap().count(), 1, "nothing else is left there");
}
