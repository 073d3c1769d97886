#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use super::sample::{day, pack, plan, row};
use super::*;
use crate::pack::Pack;

const RULES: &str = r#"
[pack]
name = "haus"
[record]
key = "id"
columns.name = { type = "text" }
columns.phone = { type = "text" }
columns.bought = { type = "number" }
[[states]]
name = "lost"
track = "recovery"
[[causes]]
name = "price"
label = "Cheaper elsewhere"
class = "bought_away"
evidence = [{ when = 'bought > 0', weight = 1, because = "bought" }]
[criteria.history]
label = "Purchase history"
dimension = "worth"
weight = 2
score = 'bought'
[criteria.payment]
label = "Payment mentality"
dimension = "worth"
score = 'bought'
[criteria.sympathy]
label = "Sympathy"
dimension = "chance"
score = 'bought'
[[grades]]
name = "A"
[money]
value = 'bought'
label = "Revenue so far"
currency = "EUR"
[offers.talk]
label = "A talk"
help = "Ask, listen; note the answer."
[channels.phone]
label = "Phone"
weekdays = [1, 2, 3, 4, 5]
[channels.visit]
label = "Visit"
[channels.email]
label = "E-mail"
[people.winback]
label = "Win-back, team 1"
[contact]
quiet = ["2026-07-10"]
[[campaigns]]
name = "calls"
label = "Comeback call"
channel = "phone"
speaker = "winback"
offer = "talk"
within = 21
help = "Ask how she is."
[[campaigns]]
name = "visits"
label = "Comeback visit"
channel = "visit"
speaker = "winback"
[[campaigns]]
name = "mails"
label = "We miss you"
help = "Not for customers."
channel = "email"
speaker = "winback"
"#;

const SCORES: [&str; 5] = ["worth", "chance", "score.history", "score.payment", "score.sympathy"];

fn contact(key: &str, campaign: &str, channel: &str, on: &str, net: f64) -> PlanRow {
    PlanRow {
        channel: Some(channel.into()),
        speaker: Some("winback".into()),
        send_on: day(on),
        send_by: day(on),
        net: Some(net),
        carried: vec![Some(format!("Name {key}").into()), Some("+49 30 123".into())],
        scores: vec![Some(8.0), Some(4.25), Some(9.0), Some(7.0), Some(3.0)],
        ..row(key, campaign)
    }
}

fn rules() -> Arc<Pack> {
    pack(RULES)
}

fn sample() -> Plan {
    let mut first = contact("K1", "calls", "phone", "2026-07-06", 10.0);
    first.send_by = day("2026-07-09");
    first.offer = Some("talk".into());
    first.grade = Some("A".into());
    first.money = Some(1_240.4);
    first.cause = Some("price".into());
    first.class = Some("bought_away".into());
    first.confidence = Some(0.667);
    first.basis = Some("express consent".into());
    first.consent_on = Some(day("2025-03-01"));
    first.say = Some("Ask about\nthe last order; \"thanks\"".into());
    first.overridden = Some("Ms Weber: promised".into());
    let mut held_out = contact("HELD", "calls", "phone", "2026-07-06", 99.0);
    held_out.arm = Arm::Holdout;
    let mut visit = contact("K4", "visits", "visit", "2026-07-07", 50.0);
    visit.hours = Some(2.5);
    visit.carried[0] = Some(
        "Müller & Söhne; \"Grün\", Köln\r\nHinterhaus \\ 3. Stock, bitte dreimal klingeln, der Hund ist harmlos 🐕"
            .into(),
    );
    let rows = vec![
        contact("K3", "calls", "phone", "2026-07-08", 70.0),
        first,
        held_out,
        contact("=K2", "calls", "phone", "2026-07-06", 30.0),
        visit,
        contact("K5", "mails", "email", "2026-07-06", 1.0),
        contact("K6", "mails", "email", "2026-07-06", 2.0),
    ];
    plan(&rules(), rows, &SCORES, &["name", "phone"])
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
}

/// Rows of a CSV file as maps.
fn table(folder: &Path, file: &str) -> Vec<BTreeMap<String, String>> {
    let bytes = fs::read(folder.join(file)).unwrap();
    let text = std::str::from_utf8(&bytes).unwrap().strip_prefix('\u{feff}').expect("a byte order mark, for Excel");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    rows.deserialize().map(Result::unwrap).collect()
}

#[test]
fn a_call_list_can_be_worked_from() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &sample(), Format::Csv).unwrap();
    let calls = table(folder.path(), "calls.phone.winback.csv");
    let keys: Vec<&str> = calls.iter().map(|row| row["id"].as_str()).collect();
    assert_eq!(keys, ["'=K2", "K1", "K3"], "the day, then the value; formulas defused");
    let first = &calls[1];
    for (column, expected) in [
        ("day", "2026-07-06"),
        ("until", "2026-07-09"),
        ("name", "Name K1"),
        ("phone", "'+49 30 123"),
        (
            "why_she_matters",
            "grade A; worth 8, chance 4.3; above all purchase history 9, payment mentality 7; 1240 EUR revenue so far",
        ),
        ("why_she_left", "Cheaper elsewhere (bought away), 67 % sure"),
        ("what_to_say", "Ask about the last order; \"thanks\""),
        ("what_to_offer", "A talk: Ask, listen; note the answer."),
        ("about_the_campaign", "Comeback call: Ask how she is."),
        ("human_decision", "Ms Weber: promised"),
        ("legal_basis", "express consent, of 2025-03-01"),
        ("campaign", "calls"),
        ("expected_gain", "10"),
        ("reached", ""),
        ("result", ""),
        ("note", ""),
    ] {
        assert_eq!(first[column], expected, "{column}");
    }
    assert_eq!(calls[0]["what_to_say"], "");
    let header = fs::read_to_string(folder.path().join("calls.phone.winback.csv")).unwrap();
    assert!(header.starts_with("\u{feff}day,until,name,phone,id,why_she_matters,"), "{header}");
    assert!(header.contains("\r\n2026-07-06,"));
}

#[test]
fn whoever_is_held_out_is_in_no_file() {
    for format in [Format::Csv, Format::Jsonl] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &sample(), format).unwrap();
        let all = files(folder.path());
        let has = |bytes: &[u8], text: &str| String::from_utf8_lossy(bytes).contains(text);
        assert!(all.values().all(|bytes| !has(bytes, "HELD")));
        assert!(all.values().any(|bytes| has(bytes, "Name K3")), "the test can fail");
    }
}

#[test]
fn a_mailing_list_tells_nothing_about_the_customer_but_her_address() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &sample(), Format::Csv).unwrap();
    let all = fs::read_to_string(folder.path().join("mailing.email.winback.csv")).unwrap();
    assert!(!all.contains("Not for customers"), "help is for colleagues");
    let mails = table(folder.path(), "mailing.email.winback.csv");
    assert_eq!(mails.iter().map(|row| row["id"].as_str()).collect::<Vec<_>>(), ["K6", "K5"]);
    let mut columns: Vec<&str> = mails[0].keys().map(String::as_str).collect();
    columns.sort_unstable();
    assert_eq!(
        columns,
        ["campaign", "day", "id", "legal_basis", "name", "offer", "phone", "signed_by", "what_to_write"]
    );
    assert_eq!(mails[0]["signed_by"], "Win-back, team 1");
}

#[test]
fn a_mailing_list_says_what_to_write_and_the_folder_says_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = sample();
    let mut mails = sample.rows.iter_mut().filter(|row| &*row.campaign == "mails");
    mails.next().unwrap().say = Some("A friendly line.".into());
    mails.next().unwrap().offer = Some("talk".into());
    sample.rows.push(contact("K7", "mails", "email", "2026-07-07", 1.0));
    write(folder.path(), &sample, Format::Csv).unwrap();
    let mails = table(folder.path(), "mailing.email.winback.csv");
    // Without words of its own what is offered, and without an offer what it is called.
    let said: Vec<_> = mails.iter().map(|row| (row["id"].as_str(), row["what_to_write"].as_str())).collect();
    assert_eq!(said, [("K6", "A talk"), ("K5", "A friendly line."), ("K7", "We miss you")]);

    let read_me = |plan: &Plan| {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), plan, Format::Csv).unwrap();
        fs::read_to_string(folder.path().join("README.txt")).unwrap()
    };
    let page = read_me(&sample);
    assert!(page.contains("Of the customer it holds `name`, `phone` and `id`"), "{page}");
    sample.carried.clear();
    sample.rows.iter_mut().for_each(|row| row.carried.clear());
    let page = read_me(&sample);
    assert!(page.contains("Of the customer it holds `id` alone"), "{page}");
    sample.rows.retain(|row| &*row.campaign != "mails");
    assert!(!read_me(&sample).contains("Sending from a mailing list"));
}

/// What leaves the house says nothing of what was found out about her, and every letter and mail says something.
#[test]
fn every_letter_and_mail_of_the_shipped_packs_has_a_draft_without_her_cause() {
    use crate::expr::Type;
    use crate::pack::Part;
    let mut drafts = 0;
    for name in crate::pack::shipped::names() {
        let pack = crate::pack::load(name).pack.unwrap();
        let decided =
            [pack.decided.cause, pack.decided.class, pack.decided.grade, pack.decided.state, pack.decided.track];
        for campaign in &pack.campaigns {
            let say = &campaign.say.parts;
            if matches!(campaign.channel.as_deref(), Some("email" | "post")) {
                assert!(!say.is_empty(), "{name}: {}", campaign.name);
                let dates = |part: &Part| !matches!(part, Part::Value(expr) if expr.ty != Type::Date);
                assert!(say.iter().all(dates), "{name}: {}", campaign.name);
                drafts += 1;
            }
            // What somebody wrote often ends with a full stop of its own.
            for pair in say.windows(2) {
                let [Part::Value(expr), Part::Text(after)] = pair else { continue };
                let free = expr.ty == Type::Text && !expr.slots().iter().any(|slot| decided.contains(slot));
                assert!(!free || !after.starts_with('.'), "{name}: {} has two full stops", campaign.name);
            }
        }
        // Nobody prints or posts on a Sunday.
        let post = pack.channels.get("post").unwrap_or_else(|| panic!("{name}"));
        assert!(post.weekdays.has(1) && !post.weekdays.has(6) && !post.weekdays.has(7), "{name}");
        let sentences = pack.prevention.iter().flat_map(|p| &p.warnings).map(|w| &w.because);
        let evidence = pack.causes.list.iter().flat_map(|c| &c.evidence).map(|e| &e.because);
        let others = pack.states.iter().map(|s| &s.because).chain(pack.followups.iter().map(|f| &f.because));
        for template in sentences.chain(evidence).chain(others) {
            let plural = |part: &Part| matches!(part, Part::Text(text) if text.contains("(s)"));
            assert!(!template.parts.iter().any(plural), "{name}: {template:?}");
        }
    }
    assert!(drafts > 60, "{drafts}");
}

/// Content lines unfolded, text unescaped: as RFC 5545, sections 3.1 and 3.3.11, says.
fn events(text: &str) -> Vec<BTreeMap<String, String>> {
    assert!(text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "folded at 75 bytes");
    let mut found = Vec::new();
    for line in text.replace("\r\n ", "").split("\r\n") {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name == "END" {
            continue;
        }
        if line == "BEGIN:VEVENT" {
            found.push(BTreeMap::new());
            continue;
        }
        let mut plain = String::new();
        let mut chars = value.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('n' | 'N') => plain.push('\n'),
                    Some(c @ ('\\' | ';' | ',')) => plain.push(c),
                    other => panic!("bad escape {other:?} in {line}"),
                },
                ';' | ',' => panic!("not escaped: {line}"),
                c => plain.push(c),
            }
        }
        if let Some(event) = found.last_mut() {
            assert!(event.insert(name.to_owned(), plain).is_none(), "twice: {line}");
        }
    }
    found
}

#[test]
fn a_calendar_has_a_day_of_calls_and_a_visit_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &sample(), Format::Csv).unwrap();
    let text = fs::read_to_string(folder.path().join("calendar.winback.ics")).unwrap();
    assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//regain//plan//EN\r\n"), "{text}");
    let events = events(&text);
    let summaries: Vec<(&str, &str)> =
        events.iter().map(|e| (e["DTSTART;VALUE=DATE"].as_str(), e["SUMMARY"].as_str())).collect();
    assert_eq!(summaries[0], ("20260706", "E-mail: 2 customers"));
    assert_eq!(summaries[1], ("20260706", "Phone: 2 customers"));
    assert_eq!(summaries[2].0, "20260707");
    assert!(
        summaries[2].1.starts_with("Visit: Müller & Söhne; \"Grün\", Köln Hinterhaus \\ 3. Stock, "),
        "{}",
        summaries[2].1
    );
    assert!(summaries[2].1.ends_with("harmlos 🐕, Comeback visit"));
    assert_eq!(summaries[3], ("20260708", "Phone: 1 customer"));
    assert_eq!(events.len(), 4);
    assert!(events.iter().all(|e| e["DTSTAMP"] == "20260701T000000Z" && !e.contains_key("DTEND")));
    assert_eq!(
        events[1]["DESCRIPTION"],
        "Comeback call: 2\n\nName =K2, +49 30 123, =K2: Comeback call\nName K1, +49 30 123, K1: Comeback call"
    );
    assert_eq!(events[0]["DESCRIPTION"], "We miss you: 2", "a mailing's customers are in its list");
    let uids: std::collections::BTreeSet<&String> = events.iter().map(|e| &e["UID"]).collect();
    assert_eq!(uids.len(), 4);
}

#[test]
fn the_same_plan_is_the_same_bytes_whatever_the_order_of_its_rows() {
    for format in [Format::Csv, Format::Jsonl, Format::Parquet] {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut turned = sample();
        turned.rows.reverse();
        write(one.path(), &sample(), format).unwrap();
        write(two.path(), &turned, format).unwrap();
        assert_eq!(files(one.path()), files(two.path()));
        write(one.path(), &sample(), format).unwrap();
        assert_eq!(files(one.path()), files(two.path()), "again into the same folder");
    }
}

#[test]
fn an_export_replaces_its_own_files_and_touches_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = |file: &str| folder.path().join(file);
    fs::write(path("notes.txt"), "mine").unwrap();
    let written = write(folder.path(), &sample(), Format::Csv).unwrap();
    let names: Vec<String> =
        written.iter().map(|w| w.path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    let expected = [
        "mailing.email.winback.csv",
        "calls.phone.winback.csv",
        "calls.visit.winback.csv",
        "calendar.winback.ics",
        "README.txt",
    ];
    assert_eq!(names, expected);
    assert_eq!(written[1].contacts, 3);
    assert_eq!(written[1].what, "call list: Phone, Win-back, team 1");

    let mut fewer = sample();
    fewer.rows.retain(|row| row.campaign.as_ref() == "calls");
    write(folder.path(), &fewer, Format::Csv).unwrap();
    let left: Vec<String> = files(folder.path()).into_keys().collect();
    assert_eq!(left, ["README.txt", "calendar.winback.ics", "calls.phone.winback.csv", "index.csv", "notes.txt"]);
    assert_eq!(fs::read_to_string(path("notes.txt")).unwrap(), "mine");
}

#[test]
fn a_list_somebody_worked_in_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let calls = folder.path().join("calls.phone.winback.csv");
    write(folder.path(), &sample(), Format::Csv).unwrap();
    let filled = format!("{}reached", fs::read_to_string(&calls).unwrap());
    fs::write(&calls, &filled).unwrap();
    let before = files(folder.path());

    let mut other = sample();
    other.rows.truncate(1);
    let error = write(folder.path(), &other, Format::Csv).unwrap_err();
    assert!(error.message.ends_with("calls.phone.winback.csv` was changed since it was exported"), "{error}");
    assert_eq!(error.help, ["results may be written in it: move it away, or export into another folder"]);
    assert_eq!(files(folder.path()), before, "nothing is half done");

    other.rows.clear();
    let written = write(folder.path(), &other, Format::Csv).unwrap();
    assert_eq!(written.len(), 1, "nobody is contacted: only the README");
    assert_eq!(fs::read_to_string(&calls).unwrap(), filled, "not needed any more, but worked in");
    assert!(!folder.path().join("calendar.winback.ics").exists());
}

#[test]
fn files_of_others_are_never_replaced() {
    for file in ["calls.phone.winback.csv", "README.txt", "index.csv"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(file), "mine").unwrap();
        let error = write(folder.path(), &sample(), Format::Csv).unwrap_err();
        assert!(error.message.ends_with(&format!("{file}` is there, and not from an earlier export")), "{error}");
        assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), [file], "not even a hidden folder is left");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(write(file.path(), &sample(), Format::Csv).unwrap_err().message.ends_with("is a file, not a folder"));
}

/// An index that was tampered with leads nowhere outside the folder.
#[test]
fn an_index_cannot_name_files_elsewhere() {
    let outer = tempfile::tempdir().unwrap();
    let victim = outer.path().join("victim.txt");
    fs::write(&victim, "").unwrap();
    let folder = outer.path().join("export");
    fs::create_dir(&folder).unwrap();
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let index = format!("file,what,contacts,first_day,last_day,sha256\r\n../victim.txt,x,1,,,{empty}\r\n");
    fs::write(folder.join("index.csv"), index).unwrap();
    write(&folder, &sample(), Format::Csv).unwrap();
    assert!(victim.exists());
}

#[test]
fn columns_never_share_a_name() {
    let mut plan = sample();
    plan.carried = vec!["note".into(), "id".into()];
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &plan, Format::Jsonl).unwrap();
    let text = fs::read_to_string(folder.path().join("calls.phone.winback.jsonl")).unwrap();
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["id"], "=K2", "the key keeps its name, and only CSV is defused");
    assert_eq!(first["customer_note"], "Name =K2");
    assert_eq!(first["customer_id"], "+49 30 123");
    assert!(first["note"].is_null());
}
