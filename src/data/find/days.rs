//! In which format the dates of a column are written.

use std::collections::BTreeMap;

use crate::data::format::ColumnFormat;
use crate::data::format::day::{DayFormat, FORMATS, Read, iso};
use crate::expr::Date;

/// The format whose days nothing else reads.
const ISO: &str = "%Y-%m-%d";

/// What the values of one column say.
#[derive(Debug, Default)]
pub(crate) struct Days {
    /// Values that are not missing.
    pub values: u64,
    /// Of these, the ones the best format reads.
    pub read: u64,
    /// The best format; `None` is ISO 8601 (or there is none).
    pub best: Option<String>,
    /// A value it reads.
    pub example: String,
    /// A second format, for values that the best one does not read: ISO 8601 beside `31.12.2025`, as workbooks hold dates
    /// and texts in one column. One of the two is ISO 8601, so that no value is read by both.
    pub also: Option<String>,
    /// Another format reads as many values, but some as other days.
    pub rival: Option<Rival>,
    /// Another format has read as many values, all as the same days: `04/04/2025`.
    pub same: Option<String>,
}

/// Two formats that read a value as different days.
#[derive(Debug, Clone)]
pub(crate) struct Rival {
    /// The other format.
    pub format: String,
    /// A value.
    pub value: String,
    /// The day it is in the best format.
    pub best: Date,
    /// The day it is in the other.
    pub other: Date,
}

impl Days {
    /// Looks at the values, each with its number of rows.
    pub(crate) fn of(values: &BTreeMap<&str, u64>, plain: &ColumnFormat) -> Days {
        let compiled: Vec<DayFormat> = FORMATS.iter().map(|f| DayFormat::new(f)).collect();
        let mut reads = vec![0u64; FORMATS.len()];
        let (mut all, mut of_iso) = (0, 0);
        for (text, rows) in values {
            if plain.missing_value(text).is_some() {
                continue;
            }
            all += rows;
            if matches!(iso(text), Read::Day(_)) {
                of_iso += rows;
            }
            for (format, read) in compiled.iter().zip(&mut reads) {
                if matches!(format.read(text), Read::Day(_)) {
                    *read += rows;
                }
            }
        }
        let most = reads.iter().copied().max().unwrap_or(0);
        let mut days = Days { values: all, read: most.max(of_iso), ..Days::default() };
        let others = || FORMATS.iter().zip(&reads).filter(|(format, _)| **format != ISO);
        if of_iso >= most {
            let rest = others().map(|(_, read)| *read).max().unwrap_or(0);
            let mut best = others().filter(|(_, read)| **read == rest).map(|(format, _)| *format);
            // Of several formats for the rest none is better than the other: then it is set aside, and told.
            if let (Some(format), None, true) = (best.next(), best.next(), is_worth_it(rest, all)) {
                days.example = example(values, &DayFormat::new(format));
                days.also = Some(format.to_owned());
                days.read += rest;
            }
            return days;
        }
        if is_worth_it(of_iso, all) && others().any(|(_, read)| *read == most) {
            days.also = Some(ISO.to_owned());
            days.read += of_iso;
        }
        let mut tied = FORMATS.iter().zip(&compiled).zip(&reads).filter(|(_, read)| **read == most).map(|(f, _)| f);
        let Some((best, first)) = tied.next() else { return days };
        days.best = Some((*best).to_owned());
        days.same = tied.clone().map(|(format, _)| (*format).to_owned()).next();
        for text in values.keys() {
            let Read::Day(day) = first.read(text) else { continue };
            if days.example.is_empty() {
                (*text).clone_into(&mut days.example);
            }
            if days.rival.is_none() {
                days.rival = tied.clone().find_map(|(format, other)| match other.read(text) {
                    Read::Day(otherwise) if otherwise != day => Some(Rival {
                        format: (*format).to_owned(),
                        value: (*text).to_owned(),
                        best: day,
                        other: otherwise,
                    }),
                    _ => None,
                });
            }
        }
        days
    }
}

/// The first value a format reads.
fn example(values: &BTreeMap<&str, u64>, format: &DayFormat) -> String {
    values.keys().find(|text| matches!(format.read(text), Read::Day(_))).map_or_else(String::new, |t| (*t).to_owned())
}

/// Whether so many values are a way of writing and not slips.
fn is_worth_it(read: u64, all: u64) -> bool {
    read >= 2 && read * 100 >= all
}

impl Days {
    /// What is declared for the column, if anything need be.
    pub(crate) fn formats(&self) -> Vec<String> {
        match (&self.best, &self.also) {
            (None, None) => Vec::new(),
            (None, Some(also)) => vec![ISO.to_owned(), also.clone()],
            (Some(best), also) => std::iter::once(best).chain(also).cloned().collect(),
        }
    }
}

/// Whether the day stands before the month, of formats such as `%d/%m/%Y` and `%m/%d/%Y`, with the sign between them.
pub(crate) fn order(format: &str) -> Option<(bool, char)> {
    let (day, month) = (format.find("%d")?, format.find("%m")?);
    let sign = format.get(2..)?.chars().next()?;
    (matches!(sign, '/' | '-') && day.min(month) == 0).then_some((day < month, sign))
}
