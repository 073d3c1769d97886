//! The pack `telecom`: on IBM's churn sample as published, on its own example, on reasons and deadlines worked out by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::telco;

/// One decision: column by column.
type Row = BTreeMap<String, String>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What `regain run` writes, as text.
fn run(pack: &str, as_of: &str, threads: usize, data: &[(&str, PathBuf)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_regain"));
    command.current_dir(root()).args(["run", pack, "--as-of", as_of, "--format", "csv"]);
    command.args(["--threads", &threads.to_string(), "--rejects"]).arg(folder.path().join("rejects.csv"));
    for (name, path) in data {
        command.arg("--data").arg(format!("{name}={}", path.display()));
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn rows(text: &str) -> Vec<Row> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

fn by_key(rows: Vec<Row>) -> BTreeMap<String, Row> {
    rows.into_iter().map(|row| (row["customer_id"].clone(), row)).collect()
}

/// Customers and money per value of a column, and of one of its values' rows only.
fn totals(rows: &[Row], column: &str) -> BTreeMap<String, (usize, String)> {
    let mut sums: BTreeMap<String, (usize, f64)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(row[column].clone()).or_default();
        sum.0 += 1;
        sum.1 += row["money"].parse::<f64>().unwrap();
    }
    sums.into_iter().map(|(value, (n, money))| (value, (n, format!("{money:.2}")))).collect()
}

// ---------------------------------------------------------------- IBM's sample

#[test]
fn three_files_as_published() {
    let Some(files) = telco() else { return };
    let one = run("examples/telco", "2019-09-30", 1, &files);
    let two = run("examples/telco", "2019-09-30", 2, &files);
    assert!(one == two, "one thread and two decide differently");

    let rows = rows(&one);
    assert_eq!(rows.len(), 7_043);
    let expect = |want: &[(&str, usize, &str)]| -> BTreeMap<String, (usize, String)> {
        want.iter().map(|(value, n, money)| ((*value).to_owned(), (*n, (*money).to_owned()))).collect()
    };
    assert_eq!(
        totals(&rows, "state"),
        expect(&[("stayed", 4_720, "17632392.12"), ("lost", 1_869, "3684459.82"), ("joined", 454, "54279.75")])
    );
    let lost: Vec<Row> = rows.iter().filter(|row| row["state"] == "lost").cloned().collect();
    assert_eq!(
        totals(&lost, "cause"),
        expect(&[
            ("competitor", 841, "1694413.15"),
            ("attitude", 314, "579554.13"),
            ("dissatisfaction", 303, "583584.72"),
            ("price", 211, "438124.14"),
            ("other", 200, "388783.68"),
        ])
    );
    for row in &rows {
        assert_eq!(row["suppressed"], "false");
        assert_eq!(row["cause"].is_empty(), row["state"] != "lost", "{row:?}");
        let class = match row["cause"].as_str() {
            "competitor" => "pulled_away",
            "attitude" | "dissatisfaction" => "pushed_away",
            "price" => "bought_away",
            "other" => "unknown",
            _ => "",
        };
        assert_eq!(row["class"], class);
        assert_eq!(row["track"], if row["state"] == "lost" { "recovery" } else { "" });
        if row["reasons"].contains("Deceased") {
            assert_eq!((row["grade"].as_str(), row["campaign"].as_str()), ("deceased", ""));
        }
    }
    assert_eq!(rows.iter().filter(|row| row["grade"] == "deceased").count(), 6);
}

/// The satisfaction score and the two scores of somebody else's model give away who left: without them nothing changes.
#[test]
fn nothing_is_read_that_gives_it_away() {
    let Some(files) = telco() else { return };
    let folder = tempfile::tempdir().unwrap();
    let blind = folder.path().join("status.csv");
    let mut reader = csv::Reader::from_path(&files[2].1).unwrap();
    let headers = reader.headers().unwrap().clone();
    let kept: Vec<usize> = (0..headers.len())
        .filter(|i| {
            !["Satisfaction Score", "Churn Score", "CLTV", "Churn Label", "Churn Value"].contains(&&headers[*i])
        })
        .collect();
    assert_eq!(kept.len(), headers.len() - 5);
    let mut writer = csv::Writer::from_path(&blind).unwrap();
    writer.write_record(kept.iter().map(|i| &headers[*i])).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        writer.write_record(kept.iter().map(|i| &record[*i])).unwrap();
    }
    writer.flush().unwrap();
    let seen = run("examples/telco", "2019-09-30", 2, &files);
    let mut files = files;
    files[2].1 = blind;
    assert!(seen == run("examples/telco", "2019-09-30", 2, &files));
}

/// Every reason of the sample, as the shipped pack reads it by its words alone.
const REASONS: &[(&str, &str, &str)] = &[
    ("Attitude of service provider", "service", "pushed_away"),
    ("Attitude of support person", "service", "pushed_away"),
    ("Competitor had better devices", "devices", "pulled_away"),
    ("Competitor made better offer", "poached", "bought_away"),
    ("Competitor offered higher download speeds", "more_elsewhere", "pulled_away"),
    ("Competitor offered more data", "more_elsewhere", "pulled_away"),
    ("Deceased", "life_change", "moved_away"),
    ("Don't know", "unknown", "unknown"),
    ("Extra data charges", "price", "bought_away"),
    ("Lack of affordable download/upload speed", "price", "bought_away"),
    ("Lack of self-service on Website", "assortment", "pulled_away"),
    ("Limited range of services", "assortment", "pulled_away"),
    ("Long distance charges", "price", "bought_away"),
    ("Moved", "moved", "moved_away"),
    ("Network reliability", "network", "pushed_away"),
    ("Poor expertise of online support", "service", "pushed_away"),
    ("Poor expertise of phone support", "service", "pushed_away"),
    ("Price too high", "price", "bought_away"),
    ("Product dissatisfaction", "network", "pushed_away"),
    ("Service dissatisfaction", "service", "pushed_away"),
    // And some as customers write them.
    ("Hiermit kündige ich zum nächstmöglichen Termin.", "unknown", "unknown"),
    ("Beim VERGLEICHSPORTAL gab es eine Prämie.", "poached", "bought_away"),
    ("Der Techniker kam nicht.", "installation", "pushed_away"),
    ("Die Rechnung stimmt seit Monaten nicht", "billing", "pushed_away"),
    ("kein Netz im ganzen Tal", "network", "pushed_away"),
    ("Wegen Umzug", "moved", "moved_away"),
    ("You refused to pay after the storm", "claim", "pushed_away"),
    ("Ein Vertrag, den ich nie bestellt habe", "trust", "pushed_away"),
    ("Meine Karte ist abgelaufen: Karte abgelaufen!", "payment_failed", "involuntary"),
];

#[test]
fn reasons_become_causes() {
    let folder = tempfile::tempdir().unwrap();
    let (mut customers, mut contracts) =
        (String::from("customer_id\n"), String::from("customer_id,start,fee,notice_on,end,reason\n"));
    for (n, (reason, _, _)) in REASONS.iter().enumerate() {
        writeln!(customers, "{n}").unwrap();
        writeln!(contracts, "{n},2020-01-01,30,2025-02-01,2025-03-31,\"{reason}\"").unwrap();
    }
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let data = [("customers", write("customers.csv", &customers)), ("contracts", write("contracts.csv", &contracts))];
    let decided = by_key(rows(&run("telecom", "2025-06-30", 1, &data)));
    for (n, (reason, cause, class)) in REASONS.iter().enumerate() {
        let row = &decided[&n.to_string()];
        assert_eq!((row["cause"].as_str(), row["class"].as_str()), (*cause, *class), "{reason}");
        assert_eq!((row["state"].as_str(), row["track"].as_str()), ("lost", "recovery"), "{reason}");
    }
}

/// No reason of the sample is missing in the list above.
#[test]
fn the_list_of_reasons_is_whole() {
    let Some(files) = telco() else { return };
    let rows: Vec<Row> = csv::Reader::from_path(&files[2].1).unwrap().deserialize().map(|row| row.unwrap()).collect();
    for row in rows.iter().filter(|row| !row["Churn Reason"].is_empty()) {
        assert!(REASONS.iter().any(|(reason, _, _)| *reason == row["Churn Reason"]), "{row:?}");
    }
}

// ---------------------------------------------------------------- deadlines

/// Start, minimum term, renewal, notice period; as of 2026-06-30 the last day for a notice, or none: at any time.
const DEADLINES: &[(&str, i32, i32, i32, &str)] = &[
    ("2024-08-13", 24, 12, 1, "2026-07-12"), // twelve days left of the first two years
    ("2024-08-13", 24, 0, 1, "2026-07-12"),
    ("2024-07-25", 24, 12, 1, "2027-06-24"), // missed by five days: a year more
    ("2024-07-25", 24, 0, 1, ""),            // missed by five days: free from now on
    ("2024-07-31", 24, 12, 1, "2027-06-29"), // missed by one day, at the end of a month
    ("2024-07-31", 24, 0, 1, ""),
    ("2019-05-01", 24, 12, 3, "2027-01-31"), // insurers: three months to the end of the year of the contract
    ("2020-01-01", 12, 12, 3, "2026-09-30"),
    ("2026-06-30", 24, 12, 1, "2028-05-29"), // begun today
    ("2026-06-01", 0, 1, 0, "2026-06-30"),   // month by month: today, for today
    ("2023-03-15", 0, 0, 1, ""),             // no term at all
    ("2026-02-28", 6, 6, 1, "2026-07-27"),
];

#[test]
fn the_last_day_for_a_notice() {
    let folder = tempfile::tempdir().unwrap();
    // The window is opened wide, so that every deadline is told.
    let pack = "[pack]\nname = \"deadlines\"\nextends = \"telecom\"\n[params.notice_window]\nvalue = 900\nmax = 900\n";
    fs::write(folder.path().join("pack.toml"), pack).unwrap();
    let (mut customers, mut contracts) =
        (String::from("customer_id\n"), String::from("customer_id,start,term,renewal,notice_period\n"));
    for (n, (start, term, renewal, notice, _)) in DEADLINES.iter().enumerate() {
        writeln!(customers, "{n}").unwrap();
        writeln!(contracts, "{n},{start},{term},{renewal},{notice}").unwrap();
    }
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/customers.csv"), customers).unwrap();
    fs::write(folder.path().join("data/contracts.csv"), contracts).unwrap();
    let decided = by_key(rows(&run(folder.path().to_str().unwrap(), "2026-06-30", 1, &[])));
    for (n, (start, term, renewal, notice, last)) in DEADLINES.iter().enumerate() {
        let row = &decided[&n.to_string()];
        let told = row["reasons"].split("notice can be given until ").nth(1).map_or("", |rest| &rest[..10]);
        assert_eq!(told, *last, "{start} {term} {renewal} {notice}: {}", row["reasons"]);
        assert_eq!(row["state"], if last.is_empty() { "active" } else { "at_risk" });
    }
}

// ---------------------------------------------------------------- the example

const EXAMPLE: &str = "examples/telecom";

/// Who, state, track, cause, campaign, channel, day; as its README tells.
const STORY: &[[&str; 7]] = &[
    ["D10001", "cancelling", "termination", "poached", "save_price", "email", "2026-07-01"],
    ["D10002", "cancelling", "termination", "network", "save_visit", "visit", "2026-07-01"],
    ["D10003", "at_risk", "prevention", "unknown", "renewal", "email", "2026-07-01"],
    ["D10004", "active", "", "", "", "", ""],
    ["D10005", "free_again", "recovery", "poached", "ask_again", "email", "2026-07-01"],
    ["D10006", "lost", "recovery", "installation", "apology_letter", "post", "2026-07-07"],
    ["D10007", "lost", "recovery", "payment_failed", "easy_payment", "email", "2026-07-01"],
    ["D10008", "returned", "second_life", "network", "welcome_back_call", "phone", "2026-07-01"],
    ["D10009", "returned", "second_life", "price", "welcome_back_card", "post", "2026-07-03"],
    ["D10010", "", "", "", "", "", ""],
    ["D10011", "cancelling", "termination", "price", "", "", ""],
    ["D10012", "cancelling", "termination", "more_elsewhere", "save_in_time", "email", "2027-02-14"],
    ["D10013", "cancelling", "termination", "moved", "take_along", "email", "2026-07-01"],
    ["D10014", "at_risk", "prevention", "price", "explain_price", "email", "2026-07-01"],
    ["D10015", "long_gone", "recovery", "moved", "", "", ""],
];

#[test]
fn the_people_of_the_example() {
    let one = run(EXAMPLE, "2026-06-30", 1, &[]);
    assert!(one == run(EXAMPLE, "2026-06-30", 2, &[]), "one thread and two decide differently");
    let decided = by_key(rows(&one));
    assert_eq!(decided.len(), 2_000);
    for want in STORY {
        let row = &decided[want[0]];
        let got = ["customer_id", "state", "track", "cause", "campaign", "channel", "send_on"].map(|c| row[c].as_str());
        assert_eq!(got, *want, "{row:?}");
    }
    assert_eq!(decided["D10010"]["suppressed_because"], "objection to direct marketing (GDPR Art. 21)");
    assert_eq!(decided["D10015"]["grade"], "let_go");

    // What must never be: a contact without consent, one after an objection, one too soon, or a second one after a notice.
    let column = |file: &str, key: &str| -> BTreeMap<String, Row> {
        let path = root().join(EXAMPLE).join("data").join(file);
        let rows: Vec<Row> = csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect();
        // The first line of a customer counts, and her latest contact.
        let mut found = BTreeMap::new();
        for row in rows {
            if key.is_empty() {
                found.entry(row["account_no"].clone()).or_insert(row);
            } else if row[key].as_str() <= "2026-06-30" {
                found.insert(row["account_no"].clone(), row);
            }
        }
        found
    };
    let (customers, contacts) = (column("customers.csv", ""), column("contacts.csv", "sent_on"));
    let mut contacted = 0;
    for (key, row) in decided.iter().filter(|(_, row)| !row["campaign"].is_empty()) {
        let who = &customers[key];
        contacted += 1;
        assert_ne!(who["objected"], "true", "{key}");
        match row["channel"].as_str() {
            "phone" => assert_eq!(who["consent_phone"], "true", "{key}"),
            "email" => assert!(who["consent_email"] == "true" || who["email_from_sale"] == "true", "{key}"),
            "post" => assert!(who["consent_post"] != "false" && who["address_invalid"] != "true", "{key}"),
            "visit" => assert!(["business", "key_account"].contains(&who["group"].as_str()), "{key}"),
            other => panic!("{key}: channel {other}"),
        }
        assert!(row["send_on"].as_str() > "2026-06-30", "{key}");
        if let Some(contact) = contacts.get(key).filter(|_| row["track"] != "termination") {
            assert!(contact["sent_on"].as_str() < "2026-05-31", "{key} was contacted on {}", contact["sent_on"]);
        }
    }
    assert!(contacted > 500, "only {contacted} are contacted");
}

/// The same data as it stood half a year before, cut by other means: what came later must not have been seen.
#[test]
fn notices_to_come_are_not_seen() {
    const AS_OF: &str = "2025-12-31";
    let folder = tempfile::tempdir().unwrap();
    let mut data = vec![("customers", root().join(EXAMPLE).join("data/customers.csv"))];
    let mut cut = 0;
    for (table, time, known_from) in [
        (
            "contracts",
            "started_on",
            &[
                ("notice_on", "notice_on withdrawn_on ends_on ended_by reason"),
                ("withdrawn_on", "withdrawn_on"),
                ("price_raised_on", "price_raised_on"),
            ][..],
        ),
        ("tickets", "opened", &[("closed", "closed")]),
        ("payments", "due_on", &[("paid_on", "paid_on")]),
        ("usage", "month", &[]),
        ("contacts", "sent_on", &[]),
    ] {
        let path = folder.path().join(format!("{table}.csv"));
        let mut reader =
            csv::Reader::from_path(root().join(EXAMPLE).join("data").join(format!("{table}.csv"))).unwrap();
        let headers = reader.headers().unwrap().clone();
        let at = |name: &str| headers.iter().position(|h| h == name).unwrap();
        let mut writer = csv::Writer::from_path(&path).unwrap();
        writer.write_record(&headers).unwrap();
        for record in reader.records() {
            let mut cells: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
            if cells[at(time)].as_str() > AS_OF {
                cut += 1;
                continue;
            }
            for (day, unknown) in known_from {
                if cells[at(day)].as_str() > AS_OF {
                    cut += 1;
                    unknown.split(' ').for_each(|name| cells[at(name)].clear());
                }
            }
            writer.write_record(&cells).unwrap();
        }
        writer.flush().unwrap();
        data.push((table, path));
    }
    assert!(cut > 5_000, "only {cut} places cut");
    let (all, past) = (rows(&run(EXAMPLE, AS_OF, 2, &[])), rows(&run(EXAMPLE, AS_OF, 2, &data)));
    assert_eq!(all.len(), past.len());
    for (all, past) in all.iter().zip(&past) {
        assert_eq!(all, past);
    }
}
