//! The plan as files people and programs work from: call lists, mailing lists, calendars.
//!
//! Of the rows of a plan only contacts are written. Who is held out appears in no list and no calendar: whoever works from them
//! must not know her, or the holdout is none.

mod calendar;
mod folder;
mod lists;
mod names;
#[cfg(test)]
pub(crate) mod sample;
mod sheet;
#[cfg(test)]
mod tests;
mod words;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use self::folder::{Entry, Folder};
use self::lists::{List, ListKind};
use self::words::Words;
use super::row::Arm;
use super::{Plan, PlanRow};
use crate::data::{DataError, Format};
use crate::expr::Date;

/// What a file of an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A list of contacts.
    List,
    /// A calendar.
    Calendar,
    /// `README.txt`
    ReadMe,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What it is.
    pub kind: Kind,
    /// Where.
    pub path: PathBuf,
    /// What it is, in words: `call list: Phone, Win-back team`.
    pub what: String,
    /// Contacts in it.
    pub contacts: u64,
}

/// Writes a plan into a folder, which is made if it is not there: for every channel and speaker a list of contacts, for every
/// speaker a calendar, and `README.txt` and `index.csv` about them.
///
/// Same plan, same bytes. Files of an earlier export are replaced, and taken away if there is nothing for them any more; a file
/// that somebody changed since, or that is not from an export, is never touched.
///
/// # Errors
/// The folder or a file in it cannot be written, or a file would have to be replaced that must not be.
pub fn write(folder: &Path, plan: &Plan, format: Format) -> Result<Vec<Written>, DataError> {
    let mut folder = Folder::open(folder)?;
    let words = Words::new(plan);
    let lists = lists::of(plan);
    for list in &lists {
        let columns = lists::columns(plan, list.kind);
        let entry = Entry {
            kind: Kind::List,
            file: names::of_list(list.kind.word(), list.channel, list.speaker, extension(format)),
            what: format!("{}: {}", list.kind.noun(), title(&words, list)),
            contacts: list.rows.len() as u64,
            days: days(list.rows.iter().copied()),
        };
        let rows = list.rows.iter().map(|row| lists::cells(plan, &words, list.kind, row));
        sheet::write(&folder.place(entry), format, &columns, rows)?;
    }
    for (speaker, text, contacts) in calendar::of(plan, &words, &lists) {
        let of_speaker = lists.iter().filter(|list| list.speaker == speaker).flat_map(|list| list.rows.iter().copied());
        let entry = Entry {
            kind: Kind::Calendar,
            file: names::of_calendar(speaker),
            what: format!("calendar: {}", speaker.map_or("without a speaker", |name| words.speaker(name))),
            contacts,
            days: days(of_speaker),
        };
        text_file(&folder.place(entry), &text)?;
    }
    let contacts = lists.iter().map(|list| list.rows.len() as u64).sum();
    let entry = Entry {
        kind: Kind::ReadMe,
        file: "README.txt".to_owned(),
        what: "how to read all this".to_owned(),
        contacts,
        days: None,
    };
    let text = read_me(plan, &words, &lists, contacts);
    text_file(&folder.place(entry), &text)?;
    let written = folder.finish()?;
    let written = written.into_iter().map(|(path, entry)| Written {
        kind: entry.kind,
        path,
        what: entry.what,
        contacts: entry.contacts,
    });
    Ok(written.collect())
}

fn extension(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::Jsonl => "jsonl",
        Format::Parquet => "parquet",
    }
}

/// `Phone, Win-back team`
fn title(words: &Words<'_>, list: &List<'_>) -> String {
    let channel = list.channel.map_or("without a channel", |name| words.channel(name));
    let speaker = list.speaker.map_or("without a speaker", |name| words.speaker(name));
    format!("{channel}, {speaker}")
}

/// The first and the last day of some contacts.
fn days<'a>(rows: impl Iterator<Item = &'a PlanRow>) -> Option<(Date, Date)> {
    rows.fold(None, |days, row| {
        let (first, last) = days.unwrap_or((row.send_on, row.send_on));
        Some((row.send_on.min(first), row.send_on.max(last)))
    })
}

fn text_file(path: &Path, text: &str) -> Result<(), DataError> {
    std::fs::write(path, text).map_err(|e| DataError::io(format!("writing `{}`", path.display()), &e))
}

fn read_me(plan: &Plan, words: &Words<'_>, lists: &[List<'_>], contacts: u64) -> String {
    let identity = &plan.pack.identity;
    let held_out = plan.rows.iter().filter(|row| row.arm == Arm::Holdout).count();
    let mut out = String::new();
    // Writing to memory does not fail.
    let _ = writeln!(out, "Contacts planned on {} by {} {}", plan.as_of, identity.name, identity.version);
    let _ = writeln!(out, "rules {}\n", identity.hash);
    let _ = writeln!(out, "{contacts} contacts in {} lists:\n", lists.len());
    for list in lists {
        let span = days(list.rows.iter().copied()).map_or_else(String::new, |(first, last)| {
            if first == last { format!(", {first}") } else { format!(", {first} to {last}") }
        });
        let _ = writeln!(out, "  {:>7}  {} ({}{span})", list.rows.len(), title(words, list), list.kind.noun());
    }
    if lists.is_empty() {
        out.push_str("  nobody is to be contacted\n");
    }
    out.push_str(
        "\nFiles\n\
         \n  calls.CHANNEL.SPEAKER      for a person to work from, in the order of day, then value\
         \n  mailing.CHANNEL.SPEAKER    for sending: who gets it, what to write and the offer\
         \n  calendar.SPEAKER.ics       the same days for a calendar\
         \n  index.csv                  every file, with its checksum\n",
    );
    if lists.iter().any(|list| list.kind == ListKind::Calls) {
        let key = &plan.pack.record.key;
        let _ = write!(
            out,
            "\nWorking with a call list\n\
             \nCall on `day`, or later until `until`. Fill in `reached`, `result` and `note` and keep the file: an export does not\n\
             replace a list that was filled in. What came of a contact goes into the outcomes, by `{key}`.\n"
        );
    }
    if lists.iter().any(|list| list.kind == ListKind::Mailing) {
        out.push_str(&sending(plan));
    }
    if held_out > 0 {
        let _ = write!(
            out,
            "\nCustomers who are held out ({held_out}) are in no list. They show what happens without a contact: please do not contact\n\
             them on your own account.\n"
        );
    }
    out.push_str(
        "\nOpening the lists in a spreadsheet\n\
         \nCSV files are UTF-8, with commas. Where a double click puts everything into one column, use Data > From Text/CSV.\n\
         A text that begins with = + - or @ has an apostrophe before it, so that it cannot run as a formula; that includes\n\
         telephone numbers with a plus. Exports as JSON lines or Parquet hold the texts as they are.\n",
    );
    out
}

/// What a mailing list holds of a customer, and what it does not.
fn sending(plan: &Plan) -> String {
    let key = &plan.pack.record.key;
    let carried: Vec<String> = plan.carried.iter().map(|name| format!("`{name}`")).collect();
    let who = match carried.is_empty() {
        true => format!("`{key}` alone: join her address to it, or declare its column under\n`carry` of `[plan]`."),
        false => format!("{} and `{key}`,\nas `carry` of `[plan]` names them.", carried.join(", ")),
    };
    format!(
        "\nSending from a mailing list\n\
         \nOf the customer it holds {who} Scores, cause, money and reasons are not in it.\n\
         `what_to_write` says what the letter or mail is about, or else what it offers: it is meant for whoever writes, and not\n\
         to be sent as it stands.\n"
    )
}
