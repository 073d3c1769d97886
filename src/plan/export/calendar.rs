//! Calendars, one per speaker: what is to be done on which day, as RFC 5545 has it.
//!
//! A contact that takes an hour or more of work (a visit) has an entry of its own, to be moved to its time. All others of a day and
//! channel share one, with the customers' names where somebody works on them one by one, and numbers alone where it is a mailing.
//!
//! Entries are days without a time, and do not block the day. Their identity comes from the rules, the customer, the campaign and the day, so that
//! importing the same plan again changes nothing, and the time stamp is the plan's date.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use icalendar::{Calendar, Component as _, Event, EventLike as _, Property};
use sha2::{Digest as _, Sha256};

use super::lists::{List, ListKind, by_day_then_value};
use super::sheet::one_line;
use super::words::Words;
use crate::expr::Date;
use crate::plan::{Plan, PlanRow};

/// From so many hours of work on, a contact has an entry of its own.
const OWN_ENTRY: f64 = 1.0;
/// Customers named in the entry of a day.
const NAMED: usize = 50;

/// The contacts of each speaker, as a calendar; the number of contacts in it.
pub(super) fn of<'a>(plan: &Plan, words: &Words<'_>, lists: &'a [List<'a>]) -> Vec<(Option<&'a str>, String, u64)> {
    let mut speakers: BTreeMap<Option<&str>, Vec<&List<'_>>> = BTreeMap::new();
    for list in lists {
        speakers.entry(list.speaker).or_default().push(list);
    }
    speakers
        .into_iter()
        .map(|(speaker, lists)| {
            let contacts = lists.iter().map(|list| list.rows.len() as u64).sum();
            (speaker, text(plan, words, speaker, &lists), contacts)
        })
        .collect()
}

fn text(plan: &Plan, words: &Words<'_>, speaker: Option<&str>, lists: &[&List<'_>]) -> String {
    let mut calendar = Calendar::empty();
    let name =
        format!("{}: {}", plan.pack.identity.name, speaker.map_or("without a speaker", |name| words.speaker(name)));
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", "-//regain//plan//EN"))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("METHOD", "PUBLISH"))
        .append_property(Property::new("X-WR-CALNAME", one_line(&name)));
    let mut days: BTreeMap<(Date, usize), Vec<&PlanRow>> = BTreeMap::new();
    let mut own: Vec<(&List<'_>, &PlanRow)> = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        for row in &list.rows {
            if row.hours.is_some_and(|hours| hours >= OWN_ENTRY) {
                own.push((list, row));
            } else {
                days.entry((row.send_on, at)).or_default().push(row);
            }
        }
    }
    own.sort_by(|a, b| by_day_then_value(a.1, b.1));
    let mut entries: Vec<(Date, Event)> = Vec::new();
    for ((day, at), rows) in days {
        if let Some(list) = lists.get(at) {
            entries.push((day, of_day(plan, words, list, day, &rows)));
        }
    }
    entries.extend(own.into_iter().map(|(list, row)| (row.send_on, of_contact(plan, words, list, row))));
    entries.sort_by_key(|(day, _)| *day);
    entries.into_iter().for_each(|(_, event)| {
        calendar.push(event);
    });
    calendar.to_string()
}

/// `Phone: 7 customers`
fn of_day(plan: &Plan, words: &Words<'_>, list: &List<'_>, day: Date, rows: &[&PlanRow]) -> Event {
    let customers = if rows.len() == 1 { "1 customer".to_owned() } else { format!("{} customers", rows.len()) };
    let mut campaigns: BTreeMap<&str, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *campaigns.entry(words.campaign_label(row)).or_default() += 1);
    let mut about: String = campaigns.iter().map(|(label, count)| format!("{label}: {count}\n")).collect();
    if list.kind == ListKind::Calls {
        about.push('\n');
        for row in rows.iter().take(NAMED) {
            let _ = writeln!(about, "{}: {}", whom(row), words.campaign_label(row));
        }
        if rows.len() > NAMED {
            let _ = writeln!(about, "and {} more, see the {}", rows.len() - NAMED, list.kind.noun());
        }
    }
    let channel = list.channel.unwrap_or_default();
    let id = ["day", channel, list.speaker.unwrap_or_default(), &day.to_string()].join("\n");
    let title = format!("{}: {customers}", list.channel.map_or("Contacts", |channel| words.channel(channel)));
    event(plan, &id, day, &title, &about)
}

/// `Visit: Anna Berger, Comeback visit`
fn of_contact(plan: &Plan, words: &Words<'_>, list: &List<'_>, row: &PlanRow) -> Event {
    let name = row.carried.iter().flatten().map(AsRef::as_ref).find(|text: &&str| !text.trim().is_empty());
    let channel = list.channel.map_or("Contact", |channel| words.channel(channel));
    let title = format!("{channel}: {}, {}", name.unwrap_or(&row.key), words.campaign_label(row));
    let facts = [
        ("Customer", whom(row)),
        ("What to say", row.say.as_deref().unwrap_or_default().to_owned()),
        ("What to offer", words.offer(row)),
        ("About the campaign", words.about(row)),
        ("Why she left", words.cause(row)),
        ("Why she matters", words.matters(row)),
        ("A person decided", row.overridden.as_deref().unwrap_or_default().to_owned()),
        ("Legal basis", words.basis(row)),
    ];
    let about: String = facts
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(what, text)| format!("{what}: {}\n", one_line(text)))
        .collect();
    let id = ["contact", &row.key, &row.campaign, &row.send_on.to_string()].join("\n");
    event(plan, &id, row.send_on, &title, &about)
}

/// What is carried of her, and her key.
fn whom(row: &PlanRow) -> String {
    let carried = row.carried.iter().flatten().chain([&row.key]).map(|text| one_line(text));
    carried.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Of control characters only the line feeds between lines are left: the library escapes everything else.
fn event(plan: &Plan, id: &str, day: Date, title: &str, about: &str) -> Event {
    let digest = Sha256::new().chain_update(&plan.pack.identity.hash).chain_update("\n").chain_update(id).finalize();
    let uid: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let mut event = Event::new();
    // Without an end, a day lasts a day.
    event
        .uid(&format!("{uid}@regain"))
        .add_property("DTSTAMP", plan.as_of.to_chrono().format("%Y%m%dT000000Z").to_string())
        .starts(day.to_chrono())
        .summary(&one_line(title))
        .add_property("TRANSP", "TRANSPARENT");
    if !about.trim().is_empty() {
        let lines: Vec<String> = about.trim_end().lines().map(one_line).collect();
        event.description(&lines.join("\n"));
    }
    event.done()
}
