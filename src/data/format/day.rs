//! Days as people write them: chrono's format texts, compiled once and read strictly.
//!
//! Years have as many digits as the format says. Days and months have two, or one where a sign follows or stands before
//! them. Behind a day there may be a time of day; it must be one, and does not count.

use chrono::{NaiveDate, NaiveDateTime};

use crate::expr::Date;

/// What is tried when the pack does not say how a date is written, and what reasons name. ISO 8601 comes before them.
pub(crate) const FORMATS: [&str; 22] = [
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
    "%d-%m-%y",
    "%m-%d-%y",
    "%Y.%m.%d",
    "%Y-%m-%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%d. %b %Y",
    "%d-%b-%y",
    "%d %b %y",
    "%b %d %Y",
    "%d%b%Y",
];

/// What came of reading a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// A day.
    Day(Date),
    /// Written like one, but there is no such day.
    NoSuchDay,
    /// Written in another way.
    Other,
}

/// A compiled format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DayFormat {
    /// As in the pack.
    pub text: String,
    items: Option<Vec<Item>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Year4,
    Year2,
    /// At least so many digits, at most two.
    Month(usize),
    Day(usize),
    MonthName,
    /// At least so many digits, at most so many, at most this value: a part of a time of day.
    Clock(usize, usize, u32),
    HalfDay,
    Zone,
    /// `%.f`: nothing, or a sign and digits.
    Fraction,
    Blanks,
    Sign(char),
}

impl DayFormat {
    /// Compiles a chrono format. What is not known here is left to chrono.
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), items: compile(text) }
    }

    /// Reads a text, blanks around it taken off.
    pub(crate) fn read(&self, text: &str) -> Read {
        match &self.items {
            Some(items) => read(items, text),
            None => self.by_chrono(text),
        }
    }

    fn by_chrono(&self, text: &str) -> Read {
        let day = NaiveDate::parse_from_str(text, &self.text)
            .or_else(|_| NaiveDateTime::parse_from_str(text, &self.text).map(|t| t.date()));
        match day {
            // Chrono reads `25` where the format says four digits.
            Ok(day) if self.text.contains("%Y") && chrono::Datelike::year(&day) < 1000 => Read::Other,
            Ok(day) => Date::from_chrono(day).map_or(Read::NoSuchDay, Read::Day),
            Err(error) if error.kind() == chrono::format::ParseErrorKind::OutOfRange => Read::NoSuchDay,
            Err(_) => Read::Other,
        }
    }
}

fn compile(text: &str) -> Option<Vec<Item>> {
    // Written out, so that every item is one of those below.
    let text =
        text.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S").replace("%R", "%H:%M").replace("%D", "%m/%d/%y");
    let mut items = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let item = match c {
            '%' => match chars.next()? {
                'Y' => Item::Year4,
                'y' => Item::Year2,
                'm' => Item::Month(1),
                'd' | 'e' => Item::Day(1),
                'b' | 'B' | 'h' => Item::MonthName,
                'H' | 'k' => Item::Clock(1, 2, 24),
                'I' | 'l' => Item::Clock(1, 2, 12),
                'M' => Item::Clock(2, 2, 59),
                'S' => Item::Clock(2, 2, 60),
                'f' => Item::Clock(1, 9, u32::MAX),
                '.' => match chars.next()? {
                    'f' => Item::Fraction,
                    digit if digit.is_ascii_digit() && chars.next() == Some('f') => Item::Fraction,
                    _ => return None,
                },
                'p' | 'P' => Item::HalfDay,
                'z' | 'Z' => Item::Zone,
                '-' => match chars.next()? {
                    'm' => Item::Month(1),
                    'd' | 'e' => Item::Day(1),
                    'H' | 'k' => Item::Clock(1, 2, 24),
                    'I' | 'l' => Item::Clock(1, 2, 12),
                    _ => return None,
                },
                '%' => Item::Sign('%'),
                _ => return None,
            },
            c if c.is_whitespace() => {
                if items.last() == Some(&Item::Blanks) {
                    continue;
                }
                Item::Blanks
            }
            c => Item::Sign(c),
        };
        items.push(item);
    }
    let is_digits = |item: Option<&Item>| {
        matches!(item, Some(Item::Year4 | Item::Year2 | Item::Month(_) | Item::Day(_) | Item::Clock(..)))
    };
    // Digits that touch other digits must have all their places.
    let touching: Vec<bool> = (0..items.len())
        .map(|i| is_digits(i.checked_sub(1).and_then(|before| items.get(before))) || is_digits(items.get(i + 1)))
        .collect();
    for (item, touching) in items.iter_mut().zip(touching) {
        if let (true, Item::Month(least) | Item::Day(least) | Item::Clock(least, 2, _)) = (touching, item) {
            *least = 2;
        }
    }
    let years = items.iter().filter(|i| matches!(i, Item::Year4 | Item::Year2)).count();
    let months = items.iter().filter(|i| matches!(i, Item::Month(_) | Item::MonthName)).count();
    let days = items.iter().filter(|i| matches!(i, Item::Day(_))).count();
    (years == 1 && months == 1 && days == 1).then_some(items)
}

fn read(items: &[Item], text: &str) -> Read {
    let mut rest = text;
    let (mut year, mut month, mut day) = (0, 0, 0);
    let (mut clock, mut fits) = (false, true);
    for item in items {
        let step = match item {
            Item::Year4 => digits(rest, 4, 4).map(|(x, r)| {
                year = x;
                r
            }),
            Item::Year2 => digits(rest, 2, 2).map(|(x, r)| {
                year = if x < 69 { 2000 + x } else { 1900 + x };
                r
            }),
            Item::Month(least) => digits(rest, *least, 2).map(|(x, r)| {
                month = x;
                r
            }),
            Item::Day(least) => digits(rest, *least, 2).map(|(x, r)| {
                day = x;
                r
            }),
            Item::MonthName => month_name(rest).map(|(x, r)| {
                month = x;
                r
            }),
            Item::Clock(least, most, limit) => digits(rest, *least, *most).map(|(x, r)| {
                clock = true;
                fits &= x <= *limit;
                r
            }),
            Item::HalfDay => half_day(rest),
            Item::Zone => zone(rest),
            Item::Fraction => Some(fraction(rest)),
            Item::Blanks => rest.starts_with(char::is_whitespace).then(|| rest.trim_start()),
            Item::Sign(sign) => rest.strip_prefix(*sign),
        };
        let Some(next) = step else { return Read::Other };
        rest = next;
    }
    if !fits || !(rest.is_empty() || (!clock && is_time_of_day(rest))) {
        return Read::Other;
    }
    i32::try_from(year).ok().and_then(|year| Date::from_ymd(year, month, day)).map_or(Read::NoSuchDay, Read::Day)
}

/// ISO 8601, also with a time of day behind it.
pub(crate) fn iso(text: &str) -> Read {
    let Some((day, rest)) = text.split_at_checked(10) else { return Read::Other };
    match Date::parse_iso(day) {
        Some(day) if rest.is_empty() || is_time_of_day(rest) => Read::Day(day),
        Some(_) => Read::Other,
        None => {
            let shape =
                day.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
            if shape && (rest.is_empty() || is_time_of_day(rest)) { Read::NoSuchDay } else { Read::Other }
        }
    }
}

/// `T10:00`, ` 10:00:00.5+01:00`, ` 2:30 PM`, `, 10:00 Uhr`: the day counts, the time does not.
fn is_time_of_day(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix(['T', 't']).or_else(|| {
        let rest = rest.strip_prefix(',').unwrap_or(rest);
        rest.starts_with(char::is_whitespace).then(|| rest.trim_start())
    }) else {
        return false;
    };
    clock(rest).is_some_and(|rest| rest.trim().is_empty())
}

/// Takes a time of day off.
fn clock(text: &str) -> Option<&str> {
    let (hour, rest) = digits(text, 1, 2)?;
    let (minute, mut rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let mut second = 0;
    if let Some(behind) = rest.strip_prefix(':') {
        (second, rest) = digits(behind, 2, 2)?;
        rest = fraction(rest);
    }
    let mut twelve = false;
    if let Some(behind) = half_day(rest.trim_start()) {
        twelve = true;
        rest = behind;
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix("Uhr").or_else(|| zone(rest)).unwrap_or(rest);
    let hours = if twelve { (1..=12).contains(&hour) } else { hour < 24 || (hour == 24 && minute == 0 && second == 0) };
    (hours && minute < 60 && second <= 60).then_some(rest)
}

/// `.123` or `,123`, if it is there.
fn fraction(text: &str) -> &str {
    let Some(behind) = text.strip_prefix(['.', ',']) else { return text };
    let rest = behind.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() < behind.len() { rest } else { text }
}

/// `AM`, `pm`, `a.m.`
fn half_day(text: &str) -> Option<&str> {
    ["a.m.", "p.m.", "am", "pm"].iter().find_map(|word| {
        let (start, rest) = text.split_at_checked(word.len())?;
        start.eq_ignore_ascii_case(word).then_some(rest)
    })
}

/// `Z`, `+01:00`, `-0500`, `+01`, `UTC`, `CEST`, `UTC+1`.
fn zone(text: &str) -> Option<&str> {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let (name, rest) = text.split_at_checked(letters)?;
    let known = [
        "", "Z", "UTC", "GMT", "CET", "CEST", "MEZ", "MESZ", "BST", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST",
        "PDT",
    ];
    if !known.contains(&name) && text.strip_prefix('z').is_none() {
        return None;
    }
    let rest = rest.strip_prefix('z').unwrap_or(rest);
    let Some(offset) = rest.strip_prefix(['+', '-']) else {
        return (rest.len() < text.len()).then_some(rest);
    };
    let (hours, rest) = digits(offset, 1, 2)?;
    let minutes = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = digits(minutes, 2, 2).unwrap_or((0, rest));
    (hours <= 14 && minutes < 60).then_some(rest)
}

/// A number of so many digits.
fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (number, rest) = text.split_at_checked(count)?;
    Some((number.bytes().fold(0u32, |x, b| x.wrapping_mul(10).wrapping_add(u32::from(b - b'0'))), rest))
}

/// Names and short names of the months in the languages exports come in, in small letters.
const MONTHS: [&[&str]; 12] = [
    &[
        "jan", "january", "januar", "jän", "jänner", "janv", "janvier", "ene", "enero", "gen", "gennaio", "januari",
        "janeiro",
    ],
    &[
        "feb",
        "february",
        "februar",
        "febr",
        "févr",
        "fév",
        "février",
        "febrero",
        "febbraio",
        "februari",
        "fev",
        "fevereiro",
    ],
    &["mar", "march", "mär", "mrz", "märz", "mars", "marzo", "mrt", "maart", "março"],
    &["apr", "april", "avr", "avril", "abr", "abril", "aprile"],
    &["may", "mai", "mayo", "mag", "maggio", "mei", "maio"],
    &["jun", "june", "juni", "juin", "junio", "giu", "giugno", "junho"],
    &["jul", "july", "juli", "juil", "juillet", "julio", "lug", "luglio", "julho"],
    &["aug", "august", "août", "aout", "ago", "agosto", "augustus"],
    &["sep", "sept", "september", "septembre", "septiembre", "set", "settembre", "setembro"],
    &["oct", "october", "okt", "oktober", "octobre", "octubre", "ott", "ottobre", "out", "outubro"],
    &["nov", "november", "novembre", "noviembre", "novembro"],
    &["dec", "december", "dez", "dezember", "déc", "décembre", "dic", "diciembre", "dicembre", "dezembro"],
];

/// The name of a month, without case, also with a point behind it.
fn month_name(text: &str) -> Option<(u32, &str)> {
    let length = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(length)?;
    // Longer words are none, whatever their case.
    if name.is_empty() || name.len() > 12 {
        return None;
    }
    let name = name.to_lowercase();
    let month = MONTHS.iter().position(|names| names.contains(&name.as_str()))?;
    Some((u32::try_from(month).ok()? + 1, rest.strip_prefix('.').unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> Read {
        Read::Day(Date::from_ymd(y, m, d).unwrap())
    }

    fn by(format: &str, text: &str) -> Read {
        DayFormat::new(format).read(text)
    }

    #[test]
    fn iso_dates() {
        assert_eq!(iso("2025-12-31"), day(2025, 12, 31));
        for time in
            ["T10:30:00Z", " 10:30:00.123+01:00", "t23:59", " 00:00", "T10:30:00,5-0500", " 10:30 UTC", "T10:00+01"]
        {
            assert_eq!(iso(&format!("2025-12-31{time}")), day(2025, 12, 31), "{time}");
        }
        for time in
            ["x", " ", "T", "T10", "T10:", "T25:00", "T10:60", " 10:30 XYZ", "T10:30Z1", " 13:00 PM", "1", "T10:30+99"]
        {
            assert_eq!(iso(&format!("2025-12-31{time}")), Read::Other, "{time}");
        }
        assert_eq!(iso("2025-02-29"), Read::NoSuchDay);
        assert_eq!(iso("31.12.2025"), Read::Other);
        assert_eq!(iso("ä"), Read::Other);
        assert_eq!(iso("äääää"), Read::Other);
    }

    #[test]
    fn every_format_that_is_tried_is_compiled_and_reads_itself() {
        let date = NaiveDate::from_ymd_opt(2025, 3, 4).unwrap();
        for format in FORMATS {
            let compiled = DayFormat::new(format);
            assert!(compiled.items.is_some(), "{format}");
            let text = date.format(format).to_string();
            assert_eq!(compiled.read(&text), day(2025, 3, 4), "{format}: {text}");
            for time in [" 10:30", " 10:30:59.123456", "T10:30:00Z", " 2:30 PM", " 02:30:00 am +01:00", ", 10:30 Uhr"] {
                assert_eq!(compiled.read(&format!("{text}{time}")), day(2025, 3, 4), "{format}: {text}{time}");
            }
            assert_eq!(compiled.read(&format!("{text}x")), Read::Other, "{format}");
            assert_eq!(compiled.read(&format!("{text}1")), Read::Other, "{format}");
        }
    }

    #[test]
    fn years_have_the_digits_the_format_says() {
        assert_eq!(by("%d.%m.%Y", "31.12.25"), Read::Other);
        assert_eq!(by("%d.%m.%Y", "31.12.02025"), Read::Other);
        assert_eq!(by("%d.%m.%y", "31.12.2025"), Read::Other);
        assert_eq!(by("%d.%m.%y", "31.12.68"), day(2068, 12, 31));
        assert_eq!(by("%d.%m.%y", "31.12.69"), day(1969, 12, 31));
        assert_eq!(by("%d.%m.%y", "1.2.5"), Read::Other);
        assert_eq!(by("%Y%m%d", "1997013"), Read::Other);
        assert_eq!(by("%Y%m%d", "19970131"), day(1997, 1, 31));
        assert_eq!(by("%Y%m%d", "199701310"), Read::Other);
        assert_eq!(by("%d.%m.%Y", "1.2.2025"), day(2025, 2, 1));
        assert_eq!(by("%d.%m.%Y", "001.2.2025"), Read::Other);
        assert_eq!(by("%d.%m.%Y", "31.02.2025"), Read::NoSuchDay);
        assert_eq!(by("%d.%m.%Y", "00.00.0000"), Read::NoSuchDay);
    }

    #[test]
    fn times_in_the_format() {
        assert_eq!(by("%d.%m.%Y %H:%M", "31.12.2025 23:59"), day(2025, 12, 31));
        assert_eq!(by("%d.%m.%Y %H:%M", "31.12.2025"), Read::Other);
        assert_eq!(by("%d.%m.%Y %H:%M", "31.12.2025 23:60"), Read::Other);
        assert_eq!(by("%Y-%m-%dT%H:%M:%S%.f%z", "2025-12-31T23:59:01.5+0100"), day(2025, 12, 31));
        assert_eq!(by("%F %T", "2025-12-31 23:59:01"), day(2025, 12, 31));
        assert_eq!(by("%Y%m%d%H%M%S", "20251231235901"), day(2025, 12, 31));
        assert_eq!(by("%m/%d/%Y %I:%M %p", "12/31/2025 11:59 PM"), day(2025, 12, 31));
    }

    #[test]
    fn months_by_name() {
        assert_eq!(by("%d. %B %Y", "4. März 2025"), day(2025, 3, 4));
        assert_eq!(by("%d %b %Y", "04 MAR 2025"), day(2025, 3, 4));
        assert_eq!(by("%d-%b-%Y", "4-Okt-2025"), day(2025, 10, 4));
        assert_eq!(by("%d %b %Y", "4 Sept. 2025"), day(2025, 9, 4));
        assert_eq!(by("%b %d, %Y", "Mar 4, 2025"), day(2025, 3, 4));
        assert_eq!(by("%d%b%Y", "04MAR2025"), day(2025, 3, 4));
        assert_eq!(by("%d %b %Y", "4 Foo 2025"), Read::Other);
        let mut all: Vec<&str> = MONTHS.iter().copied().flatten().copied().collect();
        let before = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), before, "no name means two months");
    }

    #[test]
    fn the_rest_is_chronos() {
        assert!(DayFormat::new("%A, %d %B %Y").items.is_none());
        assert_eq!(by("%a %d.%m.%Y", "Wed 31.12.2025"), day(2025, 12, 31));
        assert_eq!(by("%a %d.%m.%Y", "Wed 31.12.25"), Read::Other);
        assert_eq!(by("%Y-%j", "2025-365"), day(2025, 12, 31));
        assert_eq!(by("%G-W%V-%u", "2025-W01-1"), day(2024, 12, 30));
    }

    #[test]
    fn random_texts_never_panic() {
        let letters: Vec<char> = "0123456789./- :TZ,+äMarAM".chars().collect();
        let compiled: Vec<DayFormat> = FORMATS.iter().map(|f| DayFormat::new(f)).collect();
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..50_000 {
            let length = random.usize(0..20);
            let text: String = (0..length).map(|_| letters[random.usize(..letters.len())]).collect();
            iso(&text);
            for format in &compiled {
                format.read(&text);
            }
        }
    }
}
