//! What a column nobody declared most likely holds.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::StringArray;

use super::days::Days;
use super::distinct;
use super::numbers::{Numbers, Verdict};
use crate::data::format::number::NumberFormat;
use crate::data::format::words::USUAL_BOOLS;
use crate::data::format::{ColumnFormat, Flaw};
use crate::expr::Type;
use crate::pack::{Percent, Thousands, ValueFormat};

/// Of a hundred values so many must fit a type, or the column is text.
const ENOUGH: u64 = 90;

/// What a column most likely holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Guess {
    /// Its type.
    pub ty: Type,
    /// How its values are written, as far as that differs from what needs no word.
    pub written: ValueFormat,
    /// The values could also be others.
    pub ambiguous: Option<Ambiguity>,
    /// Values that are there: not empty, and no word that means missing.
    pub values: u64,
    /// Of these, the ones that do not fit the type.
    pub misfits: u64,
    /// Words that mean missing in a column of this type, and how many values they are.
    pub missing: BTreeMap<String, u64>,
}

/// A value and the two things it may be, each with how the column is then written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ambiguity {
    /// As it stands in the file.
    pub value: String,
    /// What it is, and the format that says so; the first is the one in [`Guess::written`].
    pub readings: [(String, ValueFormat); 2],
}

/// Guesses from some values of a column.
pub(crate) fn guess(values: &StringArray) -> Guess {
    let values = distinct(values);
    let plain = ColumnFormat::default();
    let there: BTreeMap<&str, u64> =
        values.iter().filter(|(text, _)| plain.missing_value(text).is_none()).map(|(t, n)| (*t, *n)).collect();
    if there.is_empty() {
        return text(&values);
    }
    if is_bool(&there) {
        return of_type(Type::Bool, ValueFormat::default(), None, &values);
    }
    if is_identifier(&there) {
        return text(&values);
    }
    let enough = |fit: u64| fit * 100 >= there.values().sum::<u64>() * ENOUGH;
    let days = Days::of(&there, &plain);
    if enough(days.read) && days_are_likely(&days, &there) {
        let format = |f: &str| ValueFormat { dates: vec![f.to_owned()], ..ValueFormat::default() };
        let written = ValueFormat { dates: days.formats(), ..ValueFormat::default() };
        let ambiguous = days.rival.as_ref().map(|rival| Ambiguity {
            value: rival.value.clone(),
            readings: [(rival.best.to_string(), written.clone()), (rival.other.to_string(), format(&rival.format))],
        });
        return of_type(Type::Date, written, ambiguous, &values);
    }
    let numbers = Numbers::of(&there, &ValueFormat::default(), &plain);
    let verdict = numbers.verdict(&ValueFormat::default());
    let decimal = match verdict {
        Verdict::Settled(decimal) => decimal,
        Verdict::Open if numbers.example.contains(',') => ',',
        _ => '.',
    };
    if !enough(numbers.read_with(decimal)) {
        return text(&values);
    }
    let format = |decimal: char, group: Option<char>| ValueFormat {
        decimal: (decimal == ',' || group.is_some()).then_some(decimal),
        thousands: group.map(Thousands::Sign),
        percent: numbers.percent.as_ref().map(|_| Percent::Share),
        ..ValueFormat::default()
    };
    let group = |decimal| numbers.side(decimal).group().map(|(sign, _)| sign);
    let ambiguous = (verdict == Verdict::Open).then(|| {
        let reading = |decimal: char| {
            let read = NumberFormat::new(decimal, group(decimal)).read(&numbers.example);
            let written = ValueFormat { decimal: Some(decimal), ..format(decimal, group(decimal)) };
            (read.map_or_else(String::new, |x| x.to_string()), written)
        };
        let other = if decimal == ',' { '.' } else { ',' };
        Ambiguity { value: numbers.example.clone(), readings: [reading(decimal), reading(other)] }
    });
    of_type(Type::Number, format(decimal, group(decimal)), ambiguous, &values)
}

fn text(values: &BTreeMap<&str, u64>) -> Guess {
    of_type(Type::Text, ValueFormat::default(), None, values)
}

/// Counts what is missing and what does not fit.
fn of_type(ty: Type, written: ValueFormat, ambiguous: Option<Ambiguity>, values: &BTreeMap<&str, u64>) -> Guess {
    let format = ColumnFormat::declared(&written).in_text_file();
    let mut guess = Guess { ty, written, ambiguous, values: 0, misfits: 0, missing: BTreeMap::new() };
    for (text, rows) in values {
        let flaw = match ty {
            Type::Number => format.number(text).err(),
            Type::Date => format.date(text).err(),
            Type::Bool => format.bool(text).err(),
            Type::Text => format.missing_text(text).map(Flaw::Missing),
        };
        match flaw {
            Some(Flaw::Missing(place)) => {
                let word = format.missing_word(place, ty == Type::Text).to_owned();
                *guess.missing.entry(word).or_default() += rows;
                continue;
            }
            Some(Flaw::Bad(_)) => guess.misfits += rows,
            None => {}
        }
        guess.values += rows;
    }
    guess
}

/// Nothing but words for yes and no. Both must occur, unless a word leaves no doubt: a column of `N` alone may be anything.
fn is_bool(there: &BTreeMap<&str, u64>) -> bool {
    let format = ColumnFormat::default();
    let read: Vec<(&str, u64, bool)> =
        there.iter().filter_map(|(text, rows)| Some((*text, *rows, format.bool(text).ok()?))).collect();
    // A `maybe` among many answers does not make them texts; `x` and `y` beside `z` are.
    let fit: u64 = read.iter().map(|(_, rows, _)| rows).sum();
    let misfits = there.len() - read.len();
    let few = misfits <= 1 && read.len() >= 3;
    if read.is_empty() || misfits > 3 || (!few && fit * 100 < there.values().sum::<u64>() * ENOUGH) {
        return false;
    }
    let truths: BTreeSet<bool> = read.iter().map(|(.., truth)| *truth).collect();
    let words: BTreeSet<String> = read.iter().map(|(text, ..)| text.to_lowercase()).collect();
    let clear = ["true", "false", "wahr", "falsch", "vrai", "faux", "yes", "ja", "nein", "x"];
    let digits = words.iter().all(|w| w == "0" || w == "1");
    let mixed = !digits
        && words.iter().any(|w| w == "0" || w == "1")
        && words.iter().any(|w| !USUAL_BOOLS.contains(&w.as_str()));
    !mixed && (truths.len() == 2 || words.iter().any(|w| clear.contains(&w.as_str())))
}

/// Numbers nobody calculates with: `00042`, `4006381333931`, `+49 170 1234567`, postcodes of which one starts with 0.
fn is_identifier(there: &BTreeMap<&str, u64>) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = there.keys().any(|t| t.len() > 1 && t.starts_with('0') && digits(t));
    if leading_zero {
        return true;
    }
    let phone = |text: &str| {
        let count = text.bytes().filter(u8::is_ascii_digit).count();
        text.strip_prefix('+').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            && count >= 8
            && text.chars().all(|c| c.is_ascii_digit() || "+ ()/-.\u{a0}".contains(c))
    };
    let phones = there.keys().filter(|t| phone(t)).count();
    if phones * 2 > there.len() {
        return true;
    }
    if !there.keys().all(|t| digits(t)) {
        return false;
    }
    // No number has more digits than can be told apart.
    if there.keys().any(|t| t.len() > 15) {
        return true;
    }
    let lengths: BTreeSet<usize> = there.keys().map(|t| t.len()).collect();
    let unique = there.values().all(|rows| *rows == 1);
    let long = lengths.first().is_some_and(|l| *l >= 6);
    // Eight digits may be dates.
    let dates = lengths.first() == Some(&8) && Days::of(there, &ColumnFormat::default()).read == there.len() as u64;
    unique && lengths.len() == 1 && long && there.len() > 2 && !dates
}

/// Eight digits are a date only if all of them are, of a time in which there are customers.
fn days_are_likely(days: &Days, there: &BTreeMap<&str, u64>) -> bool {
    days.best.as_deref() != Some("%Y%m%d")
        || (days.read == days.values
            && there
                .keys()
                .all(|t| t.get(..4).and_then(|y| y.parse::<u32>().ok()).is_some_and(|y| (1900..2100).contains(&y))))
}
