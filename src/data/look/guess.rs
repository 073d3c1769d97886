//! What a column nobody has declared seems to hold, and reading it so.
//!
//! Stands in for the guess that the reader makes itself; kept small and in this one place so that it can be exchanged for that.

use std::fmt::Write as _;

use arrow::array::StringArray;
use chrono::NaiveDate;

use crate::expr::{Date, Type, Value};
use crate::pack::{Thousands, ValueFormat};

/// What a column holds, as far as its values tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// Its type; text if nothing else fits nine of ten values.
    pub ty: Type,
    /// How its values are written, where that is not the plainest way.
    pub written: ValueFormat,
    /// What only a person can say.
    pub unclear: Option<Unclear>,
}

/// Two ways to read a column that read all of it, differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    /// A value that shows it.
    pub value: String,
    /// What could be said in the pack, and what the value then is: `decimal = ","`, `1234`.
    pub ways: [(String, String); 2],
}

/// One value, read.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// It means "not there".
    Missing,
    /// A value of the type.
    Value(Value),
    /// It is not of the type.
    Misfit,
}

/// Reads the values of a column of one type.
#[derive(Debug, Clone)]
pub struct Reader {
    ty: Type,
    written: ValueFormat,
}

/// In columns of numbers, dates and truth.
const MISSING: [&str; 26] = [
    "null",
    "\\n",
    "n/a",
    "na",
    "#n/a",
    "#nv",
    "nan",
    "none",
    "nil",
    "-",
    "--",
    "–",
    "—",
    "?",
    ".",
    "unknown",
    "unbekannt",
    "k.a.",
    "keine angabe",
    "00.00.0000",
    "0000-00-00",
    "nat",
    "(null)",
    "<na>",
    "#null!",
    "missing",
];
/// In columns of texts, where the others may be texts.
const MISSING_TEXTS: [&str; 10] = ["null", "\\n", "n/a", "#n/a", "#nv", "-", "--", "–", "—", "k.a."];
const YES: [&str; 11] = ["true", "yes", "y", "ja", "j", "oui", "si", "sí", "t", "wahr", "vrai"];
const NO: [&str; 10] = ["false", "no", "n", "nein", "non", "f", "falsch", "faux", "not", "off"];
/// Two-digit years are tried with their four-digit brothers; the form of the year tells them apart.
const DATES: [&str; 18] = [
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y.%m.%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%d-%b-%y",
    "%d. %B %Y",
];
const TIMES: [&str; 7] = ["", " %H:%M", " %H:%M:%S", " %H:%M:%S%.f", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p"];

/// What these values, each of them once, seem to be.
#[must_use]
pub fn guess(values: &StringArray) -> Guess {
    let all: Vec<&str> = values.iter().flatten().map(str::trim).filter(|t| !t.is_empty()).collect();
    let told: Vec<&str> = all.iter().copied().filter(|t| !is_one_of(t, &MISSING)).collect();
    let text = Guess { ty: Type::Text, written: ValueFormat::default(), unclear: None };
    if told.is_empty() {
        return text;
    }
    // Nine of ten: a few slips do not make a text of a number.
    let enough = |n: usize| n > 0 && n * 10 >= told.len() * 9;
    let bools = told.iter().filter(|t| truth(t).is_some()).count();
    if bools == told.len() {
        return Guess { ty: Type::Bool, ..text };
    }
    if let Some(found) = dates(&told).filter(|(n, _)| enough(*n)) {
        return found.1;
    }
    if let Some(found) = numbers(&told).filter(|(n, _)| enough(*n)) {
        return found.1;
    }
    text
}

fn numbers(told: &[&str]) -> Option<(usize, Guess)> {
    let (mut points, mut commas, mut either) = (0, 0, None);
    for text in told {
        match (number(text, '.'), number(text, ',')) {
            (Some(a), Some(b)) if a != b => either = either.or(Some((*text, a, b))),
            (Some(_), None) => points += 1,
            (None, Some(_)) => commas += 1,
            _ => {}
        }
    }
    let sign = if commas > points { ',' } else { '.' };
    let read = told.iter().filter(|t| number(t, sign).is_some()).count();
    let mut written = ValueFormat::default();
    let separated = points + commas > 0;
    if separated {
        written.decimal = Some(sign);
        let groups = ['.', ',', '\'', ' ']
            .into_iter()
            .find(|g| *g != sign && told.iter().any(|t| number(t, sign).is_some() && inside(t, *g)));
        written.thousands = groups.map(Thousands::Sign);
    }
    let unclear = match either {
        Some((value, point, comma)) if !separated => Some(Unclear {
            value: value.to_owned(),
            ways: [
                ("decimal = \".\"".to_owned(), Value::number(point).to_string()),
                ("decimal = \",\"".to_owned(), Value::number(comma).to_string()),
            ],
        }),
        _ => None,
    };
    (read > 0).then_some((read, Guess { ty: Type::Number, written, unclear }))
}

/// Whether a sign stands between two digits.
fn inside(text: &str, sign: char) -> bool {
    let chars: Vec<char> = text.chars().collect();
    chars.windows(3).any(|w| match w {
        [a, s, b] => a.is_ascii_digit() && b.is_ascii_digit() && (*s == sign || (sign == ' ' && is_blank(*s))),
        _ => false,
    })
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{a0}' | '\u{202f}' | '\u{2009}')
}

/// A number, with that sign before its fraction, and well-formed groups of three.
fn number(text: &str, decimal: char) -> Option<f64> {
    const UNITS: [&str; 14] = ["€", "$", "£", "¥", "eur", "usd", "chf", "gbp", "kr", "zł", "%", "sek", "pln", "fr."];
    let mut text = text.trim().to_lowercase();
    let mut sign = 1.0;
    let mut scale = 1.0;
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        sign = -1.0;
        text = inner.trim().to_owned();
    }
    for _ in 0..3 {
        if let Some(rest) = text.strip_prefix(['-', '−']).or_else(|| text.strip_suffix(['-', '−'])) {
            sign = -sign;
            text = rest.trim().to_owned();
        } else if let Some(rest) = text.strip_prefix('+') {
            text = rest.trim().to_owned();
        }
        for unit in UNITS {
            if let Some(rest) = text.strip_suffix(unit).or_else(|| text.strip_prefix(unit)) {
                if unit == "%" {
                    scale = 100.0;
                }
                text = rest.trim().to_owned();
            }
        }
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == decimal) {
        return None;
    }
    let (whole, rest) = match text.split_once(decimal) {
        Some((whole, rest)) => (whole.to_owned(), Some(rest)),
        None => (text.clone(), None),
    };
    let power = rest.is_none() && whole.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'e' | b'-' | b'+'));
    let plain = if power || whole.bytes().all(|b| b.is_ascii_digit()) {
        whole
    } else {
        let group = whole.chars().find(|c| !c.is_ascii_digit())?;
        if group == decimal || !(matches!(group, '.' | ',' | '\'' | '’') || is_blank(group)) {
            return None;
        }
        let parts: Vec<&str> = whole.split(group).collect();
        let fine = parts.iter().enumerate().all(|(i, p)| {
            p.bytes().all(|b| b.is_ascii_digit()) && if i == 0 { (1..=3).contains(&p.len()) } else { p.len() == 3 }
        });
        if !fine {
            return None;
        }
        parts.concat()
    };
    let text = match rest {
        Some(rest) => format!("{plain}.{rest}"),
        None => plain,
    };
    let fits = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'-' | b'+'));
    text.parse::<f64>().ok().filter(|x| fits && x.is_finite()).map(|x| sign * x / scale + 0.0)
}

fn truth(text: &str) -> Option<bool> {
    if is_one_of(text, &YES) {
        Some(true)
    } else if is_one_of(text, &NO) {
        Some(false)
    } else {
        None
    }
}

fn is_one_of(text: &str, words: &[&str]) -> bool {
    // Long texts are no words, and need not be changed to be compared.
    text.len() <= 16 && words.contains(&text.to_lowercase().as_str())
}

fn dates(told: &[&str]) -> Option<(usize, Guess)> {
    /// More are not needed to tell the formats apart at first.
    const SAMPLE: usize = 200;
    let guess = |dates: Vec<String>, unclear| Guess {
        ty: Type::Date,
        written: ValueFormat { dates, ..ValueFormat::default() },
        unclear,
    };
    let iso = told.iter().filter(|t| date(t, None).is_some()).count();
    if iso * 10 >= told.len() * 9 {
        return Some((iso, guess(Vec::new(), None)));
    }
    // A format that reads nothing of a spread of them is none.
    let step = (told.len() / SAMPLE).max(1);
    let formats = DATES.iter().flat_map(|day| TIMES.iter().map(move |time| format!("{day}{time}")));
    let likely: Vec<String> =
        formats.filter(|f| told.iter().step_by(step).any(|t| date(t, Some(f)).is_some())).collect();
    let count = |f: &String| told.iter().filter(|t| date(t, Some(f)).is_some()).count();
    let mut counted: Vec<(usize, String)> = likely.into_iter().map(|f| (count(&f), f)).collect();
    counted.sort_by_key(|(read, _)| std::cmp::Reverse(*read));
    let (best, format) = counted.first()?.clone();
    let rival = counted.iter().skip(1).filter(|(n, _)| *n == best).find_map(|(_, other)| {
        let differs = |t: &&&str| date(t, Some(&format)) != date(t, Some(other));
        told.iter().find(differs).map(|value| (other.clone(), (*value).to_owned()))
    });
    let unclear = rival.map(|(other, value)| {
        let way = |f: &String| {
            let day = date(&value, Some(f)).map_or_else(|| "no date".to_owned(), |d| d.to_string());
            (format!("date = {f:?}"), day)
        };
        Unclear { ways: [way(&format), way(&other)], value: value.clone() }
    });
    // The same day with and without a time of day: all forms it has.
    let day = format.get(..format.find([' ', 'T']).unwrap_or(format.len())).unwrap_or(&format).to_owned();
    let mut list = vec![format.clone()];
    let mut read = best;
    for (n, other) in counted.iter().skip(1) {
        if other.starts_with(&day) && read < told.len() && best + n <= told.len() {
            list.push(other.clone());
            read += n;
        }
    }
    Some((read, guess(list, unclear)))
}

/// A day. Years of four digits are four digits, those of two are two.
fn date(text: &str, format: Option<&str>) -> Option<Date> {
    let text = text.trim();
    if !text.is_ascii() && format.is_none() {
        return None;
    }
    let Some(format) = format else {
        let day = Date::parse_iso(text.get(..10)?)?;
        let rest = text.get(10..)?;
        let time = rest.is_empty() || (rest.starts_with(['T', 't', ' ']) && rest.get(3..4) == Some(":"));
        return time.then_some(day);
    };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 || text.len() > 40 {
        return None;
    }
    if format.starts_with("%Y%m%d") {
        let year: i32 = text.get(..4)?.parse().ok()?;
        if !(1900..=2100).contains(&year) || !text.bytes().take(8).all(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    let day = match chrono::NaiveDateTime::parse_from_str(text, format) {
        Ok(moment) => moment.date(),
        Err(_) => NaiveDate::parse_from_str(text, format).ok()?,
    };
    // Chrono reads `25` as the year 25 and `2025` as 20, then stumbles or does not: writing it back settles it.
    let mut year = String::new();
    write!(year, "{}", day.format(if format.contains("%Y") { "%Y" } else { "%y" })).ok()?;
    let runs: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|r| !r.is_empty()).collect();
    let whole = format.starts_with("%Y%m%d") || runs.iter().take(3).any(|r| **r == *year);
    if !whole { None } else { Date::from_chrono(day) }
}

impl Reader {
    /// Of a column as it was guessed, or as it is declared.
    #[must_use]
    pub fn new(ty: Type, written: &ValueFormat) -> Reader {
        Reader { ty, written: written.clone() }
    }

    /// One value; the empty text is missing.
    #[must_use]
    pub fn read(&self, text: &str) -> Read {
        let text = text.trim();
        if text.is_empty() {
            return Read::Missing;
        }
        let value = match self.ty {
            Type::Number => number(text, self.written.decimal.unwrap_or('.')).map(Value::number),
            Type::Bool => match text {
                "1" => Some(Value::Bool(true)),
                "0" => Some(Value::Bool(false)),
                text => truth(text).map(Value::Bool),
            },
            Type::Date if self.written.dates.is_empty() => date(text, None).map(Value::Date),
            Type::Date => self.written.dates.iter().find_map(|f| date(text, Some(f))).map(Value::Date),
            Type::Text if is_one_of(text, &MISSING_TEXTS) => None,
            Type::Text => return Read::Value(Value::text(text)),
        };
        match value {
            Some(value) => Read::Value(value),
            None if self.ty == Type::Text || is_one_of(text, &MISSING) => Read::Missing,
            None => Read::Misfit,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn of(values: &[&str]) -> Guess {
        guess(&StringArray::from(values.to_vec()))
    }

    #[test]
    fn types() {
        assert_eq!(of(&["1", "2.5", "-3"]).ty, Type::Number);
        assert_eq!(of(&["1.234,50", "12,5"]).written.decimal, Some(','));
        assert_eq!(of(&["ja", "nein"]).ty, Type::Bool);
        assert_eq!(of(&["a", "1"]).ty, Type::Text);
        assert_eq!(of(&["2025-01-02", "2025-01-03 10:00:00"]).written.dates, Vec::<String>::new());
        assert_eq!(of(&["31.12.2025", "1.2.2024"]).written.dates, ["%d.%m.%Y"]);
        assert_eq!(of(&["19970131", "19970501"]).written.dates, ["%Y%m%d"]);
        assert_eq!(of(&["31.12.25", "01.02.24"]).written.dates, ["%d.%m.%y"]);
        assert_eq!(of(&["", "n/a"]).ty, Type::Text);
    }

    #[test]
    fn what_is_unclear_is_said() {
        let dates = of(&["03/04/2025", "05/06/2025"]).unclear.unwrap();
        assert_eq!(dates.ways[0], ("date = \"%d/%m/%Y\"".to_owned(), "2025-04-03".to_owned()));
        assert!(of(&["03/04/2025", "25/06/2025"]).unclear.is_none());
        assert_eq!(of(&["1.234", "5.678"]).unclear.unwrap().ways[1].1, "1234");
        assert!(of(&["1.234", "0.5"]).unclear.is_none());
    }

    #[test]
    fn reading() {
        let reader = Reader::new(Type::Number, &of(&["1.234,50 €", "12,5"]).written);
        assert_eq!(reader.read("(1.000,5)"), Read::Value(Value::number(-1000.5)));
        assert_eq!(reader.read("k.A."), Read::Missing);
        assert_eq!(reader.read("1,2,3"), Read::Misfit);
    }
}
