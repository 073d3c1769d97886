//! Lists of contacts, one per channel and speaker: call lists to work from, mailing lists to send from.
//!
//! A call list says everything a person needs for the talk, and has empty columns for what came of it. A mailing list often leaves the
//! house: it holds what the plan carries of the record, what to write and the offer, but no grade, no cause, no money, and no help text,
//! which is meant for colleagues. Both hold every carried column: which may go to whoever prints or sends, the pack's `carry` decides.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::sheet::{Cell, Column, Kind};
use super::words::Words;
use crate::plan::{Arm, Plan, PlanRow};

/// Which of the two a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ListKind {
    Calls,
    Mailing,
}

impl ListKind {
    /// What a file's name begins with.
    pub(super) fn word(self) -> &'static str {
        match self {
            ListKind::Calls => "calls",
            ListKind::Mailing => "mailing",
        }
    }

    pub(super) fn noun(self) -> &'static str {
        match self {
            ListKind::Calls => "call list",
            ListKind::Mailing => "mailing list",
        }
    }
}

/// The contacts of one channel and speaker, in the order in which they are worked on.
pub(super) struct List<'a> {
    pub(super) kind: ListKind,
    pub(super) channel: Option<&'a str>,
    pub(super) speaker: Option<&'a str>,
    pub(super) rows: Vec<&'a PlanRow>,
}

/// Contacts by channel and speaker; held-out customers are in none.
pub(super) fn of(plan: &Plan) -> Vec<List<'_>> {
    let mut groups: BTreeMap<(Option<&str>, Option<&str>), Vec<&PlanRow>> = BTreeMap::new();
    let mut takes_hours: BTreeSet<&str> = BTreeSet::new();
    for row in plan.rows.iter().filter(|row| row.arm == Arm::Contact) {
        let channel = row.channel.as_deref();
        groups.entry((channel, row.speaker.as_deref())).or_default().push(row);
        if let Some(channel) = channel.filter(|_| row.hours.is_some_and(|hours| hours > 0.0)) {
            takes_hours.insert(channel);
        }
    }
    groups
        .into_iter()
        .map(|((channel, speaker), mut rows)| {
            rows.sort_by(|a, b| by_day_then_value(a, b));
            let personal = channel.is_none_or(|channel| takes_hours.contains(channel) || sounds_personal(channel));
            List { kind: if personal { ListKind::Calls } else { ListKind::Mailing }, channel, speaker, rows }
        })
        .collect()
}

/// The day, then the highest expected gain, then the most money, then the key.
pub(super) fn by_day_then_value(a: &PlanRow, b: &PlanRow) -> Ordering {
    let high = |x: Option<f64>| x.unwrap_or(f64::NEG_INFINITY);
    let by_value = high(b.net).total_cmp(&high(a.net)).then(high(b.money).total_cmp(&high(a.money)));
    a.send_on.cmp(&b.send_on).then(by_value).then_with(|| a.key.cmp(&b.key)).then_with(|| a.campaign.cmp(&b.campaign))
}

/// A channel is worked on by a person if its contacts take `hours`, or if it is called so.
fn sounds_personal(channel: &str) -> bool {
    const WORDS: [&str; 9] = ["phone", "call", "visit", "talk", "meet", "tel", "anruf", "besuch", "gespr"];
    let channel = channel.to_lowercase();
    channel.split(|c: char| !c.is_alphanumeric()).any(|part| {
        WORDS.iter().any(|word| part.starts_with(word)) || part.ends_with("phone") || part.ends_with("call")
    })
}

/// The columns of a list. Carried columns and the key keep their names, unless one of ours is called so.
pub(super) fn columns(plan: &Plan, kind: ListKind) -> Vec<Column> {
    let named = |kind: Kind, name: &str| Column { name: name.to_owned(), kind };
    let (before, after): (&[&str], &[&str]) = match kind {
        ListKind::Calls => (
            &["day", "until"],
            &[
                "why_she_matters",
                "why_she_left",
                "what_to_say",
                "what_to_offer",
                "about_the_campaign",
                "reasons",
                "human_decision",
                "legal_basis",
                "campaign",
                "hours",
                "expected_gain",
                "reached",
                "result",
                "note",
            ],
        ),
        ListKind::Mailing => (&["day"], &["what_to_write", "offer", "signed_by", "legal_basis", "campaign"]),
    };
    let mut taken: BTreeSet<String> = before.iter().chain(after).map(|name| (*name).to_owned()).collect();
    let key = named(Kind::Text, &free(&plan.pack.record.key, &mut taken));
    let carried: Vec<Column> = plan.carried.iter().map(|name| named(Kind::Text, &free(name, &mut taken))).collect();
    let after = after
        .iter()
        .map(|name| named(if matches!(*name, "hours" | "expected_gain") { Kind::Number } else { Kind::Text }, name));
    before.iter().map(|name| named(Kind::Date, name)).chain(carried).chain([key]).chain(after).collect()
}

/// The name, or `customer_name`, …, if it is taken.
fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = name.to_owned();
    while !taken.insert(name.clone()) {
        name.insert_str(0, "customer_");
    }
    name
}

/// The cells of a contact, one for each of [`columns`].
pub(super) fn cells<'a>(plan: &'a Plan, words: &Words<'a>, kind: ListKind, row: &'a PlanRow) -> Vec<Cell<'a>> {
    let mut cells = vec![Cell::Date(row.send_on)];
    if kind == ListKind::Calls {
        cells.push(Cell::Date(row.send_by));
    }
    cells.extend((0..plan.carried.len()).map(|at| Cell::maybe(row.carried.get(at).and_then(Option::as_ref))));
    cells.push(Cell::text(row.key.as_ref()));
    match kind {
        ListKind::Calls => cells.extend([
            Cell::text(words.matters(row)),
            Cell::text(words.cause(row)),
            Cell::maybe(row.say.as_ref()),
            Cell::text(words.offer(row)),
            Cell::text(words.about(row)),
            Cell::maybe(row.reasons.as_ref()),
            Cell::maybe(row.overridden.as_ref()),
            Cell::text(words.basis(row)),
            Cell::text(row.campaign.as_ref()),
            row.hours.map_or(Cell::Missing, Cell::Number),
            row.net.map_or(Cell::Missing, Cell::Number),
            Cell::Missing,
            Cell::Missing,
            Cell::Missing,
        ]),
        ListKind::Mailing => cells.extend([
            Cell::text(words.to_write(row)),
            Cell::text(words.offer_label(row)),
            row.speaker.as_deref().map_or(Cell::Missing, |speaker| Cell::text(words.speaker(speaker))),
            Cell::text(words.basis(row)),
            Cell::text(row.campaign.as_ref()),
        ]),
    }
    cells
}
