//! How the values of a column are written, and reading them: numbers, dates, truth, and what means "not there".

mod currency;
pub(crate) mod day;
pub(crate) mod number;
pub(crate) mod words;

use self::day::{DayFormat, FORMATS, Read, iso};
use self::number::{NumberFormat, parts};
use self::words::{MISSING_TEXTS, MISSING_VALUES, NO, YES, place, same};
use super::conform::Reason;
use crate::expr::Date;
use crate::pack::{Thousands, ValueFormat};

/// A number of few digits with at most one point: most that files hold. Up to 15 digits are an integer that a double holds exactly,
/// and so is the power of ten it is divided by; the division rounds once, so the result is the nearest double, as with `parse`.
#[inline]
fn short(text: &str) -> Option<f64> {
    const POWERS: [f64; 16] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let (mut whole, mut count, mut point) = (0_u64, 0, None);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                whole = whole * 10 + u64::from(byte - b'0');
                count += 1;
            }
            b'.' if point.is_none() && count > 0 => point = Some(count),
            _ => return None,
        }
    }
    let behind = point.map_or(0, |point| count - point);
    // `12.` is left to the reader that knows why it is accepted.
    if count == 0 || count > 15 || (point.is_some() && behind == 0) {
        return None;
    }
    let value = whole as f64 / POWERS.get(behind)?;
    Some(if negative { 0.0 - value } else { value })
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The text means that nothing is there; its place in the list of such words.
    Missing(usize),
    /// The text cannot be read.
    Bad(Reason),
}

/// How the values of one column of one file are read.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ColumnFormat {
    /// What the pack says and what was found.
    written: ValueFormat,
    number: NumberFormat,
    days: Vec<DayFormat>,
    /// A declared missing word can be read as a value, so the words are looked at first.
    missing_first: bool,
    /// Whether the words are also missing texts: of text files, where nothing else can say that a text is not there.
    of_text_file: bool,
    /// Nothing says which decimal sign the numbers have, because none was seen that had one.
    unsettled: bool,
    /// Another format has read every date that was seen as the same day.
    rival: Option<DayFormat>,
}

impl ColumnFormat {
    /// As the pack says; what it does not say is read in the plainest way: a decimal point, no thousands, ISO 8601.
    pub(crate) fn declared(written: &ValueFormat) -> Self {
        let group = match written.thousands {
            Some(Thousands::Sign(sign)) => Some(sign),
            Some(Thousands::None) | None => None,
        };
        // Thousands with a point leave only the comma for the fraction.
        let decimal = written.decimal.unwrap_or(if group == Some('.') { ',' } else { '.' });
        let mut format = Self {
            written: written.clone(),
            number: NumberFormat::new(decimal, group).percent(written.percent),
            days: written.dates.iter().map(|f| DayFormat::new(f)).collect(),
            ..Self::default()
        };
        format.missing_first = written
            .missing
            .iter()
            .flatten()
            .any(|word| format.number(word).is_ok() || format.date(word).is_ok() || format.bool(word).is_ok());
        format
    }

    /// In a text file texts can be missing, too.
    #[must_use]
    pub(crate) fn in_text_file(mut self) -> Self {
        self.of_text_file = true;
        self
    }

    /// No value was seen that tells the decimal sign.
    #[must_use]
    pub(crate) fn not_settled(mut self) -> Self {
        self.unsettled = true;
        self
    }

    /// No value was seen that tells the format from another one.
    #[must_use]
    pub(crate) fn not_told_from(mut self, rival: &str) -> Self {
        self.rival = Some(DayFormat::new(rival));
        self
    }

    /// The format that nothing has told from the one the dates are read in.
    pub(crate) fn rival(&self) -> Option<&DayFormat> {
        self.rival.as_ref()
    }

    /// What the pack says and what was found.
    pub(crate) fn written(&self) -> &ValueFormat {
        &self.written
    }

    /// Whether values may still come that could be thousands as well as fractions.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.unsettled
    }

    /// Whether text and key columns have missing words.
    pub(crate) fn has_missing_texts(&self) -> bool {
        self.of_text_file || self.written.missing.is_some()
    }

    /// Whether a text column takes a text of nothing but blanks for missing.
    pub(crate) fn is_of_text_file(&self) -> bool {
        self.of_text_file
    }

    /// A number. Plain ones take the short way.
    #[inline]
    pub(crate) fn number(&self, text: &str) -> Result<f64, Flaw> {
        if self.number.decimal == '.' && !self.missing_first {
            if let Some(x) = short(text) {
                return Ok(x);
            }
            if let Ok(x) = text.parse::<f64>()
                && x.is_finite()
            {
                return Ok(x + 0.0);
            }
        }
        self.other_number(text)
    }

    #[inline(never)]
    fn other_number(&self, text: &str) -> Result<f64, Flaw> {
        if self.missing_first {
            self.check_missing(text)?;
            if self.number.decimal == '.'
                && let Some(x) = text.parse::<f64>().ok().filter(|x| x.is_finite())
            {
                return Ok(x + 0.0);
            }
        }
        if let Some(x) = self.number.read_plain(text).or_else(|| self.number.read(text)) {
            return Ok(x);
        }
        self.check_missing(text)?;
        Err(Flaw::Bad(self.why_no_number(text)))
    }

    /// Whether it would be a number if it were read in another way.
    fn why_no_number(&self, text: &str) -> Reason {
        let Some(parts) = parts(text) else { return Reason::NotANumber };
        let reads = |decimal: char, group| NumberFormat::new(decimal, group).value(&parts).is_some();
        let own = self.number.decimal;
        let other = if own == '.' { ',' } else { '.' };
        let group = [other, ' ', '\''].into_iter().find(|g| Some(*g) != self.number.group && reads(own, Some(*g)));
        let turned = [None, Some(own), Some(' '), Some('\'')].into_iter().any(|g| reads(other, g));
        match (group, turned) {
            (Some(sign), true) if sign == other => Reason::FractionOrThousands(sign),
            (Some(sign), _) => Reason::ThousandsSign(sign),
            (None, true) if own == '.' => Reason::DecimalComma,
            (None, true) => Reason::DecimalPoint,
            (None, false) => Reason::NotANumber,
        }
    }

    /// A day.
    pub(crate) fn date(&self, text: &str) -> Result<Date, Flaw> {
        if self.missing_first {
            self.check_missing(text)?;
        }
        let mut no_such_day = false;
        // Declared or not, ISO 8601 may have any time of day behind it.
        if self.days.is_empty() || self.written.dates.iter().any(|f| f == "%Y-%m-%d") {
            match iso(text) {
                Read::Day(day) => return Ok(day),
                read => no_such_day |= read == Read::NoSuchDay,
            }
        }
        for format in &self.days {
            match format.read(text) {
                Read::Day(day) => return Ok(day),
                read => no_such_day |= read == Read::NoSuchDay,
            }
        }
        self.check_missing(text)?;
        Err(Flaw::Bad(why_no_date(text, no_such_day)))
    }

    /// True or false.
    pub(crate) fn bool(&self, text: &str) -> Result<bool, Flaw> {
        if !self.missing_first && self.written.yes.is_none() && self.written.no.is_none() {
            match text {
                "true" | "1" => return Ok(true),
                "false" | "0" => return Ok(false),
                _ => {}
            }
        }
        if self.missing_first {
            self.check_missing(text)?;
        }
        let (yes, no) = (&self.written.yes, &self.written.no);
        let is = |said: &Option<Vec<String>>, other: &Option<Vec<String>>, usual: &[&str]| match said {
            Some(said) => place(said, text).is_some(),
            None => place(usual, text).is_some() && !other.iter().flatten().any(|word| same(word, text)),
        };
        if is(yes, no, YES) {
            return Ok(true);
        }
        if is(no, yes, NO) {
            return Ok(false);
        }
        self.check_missing(text)?;
        Err(Flaw::Bad(Reason::NotABool))
    }

    fn check_missing(&self, text: &str) -> Result<(), Flaw> {
        match self.missing_value(text) {
            Some(place) => Err(Flaw::Missing(place)),
            None => Ok(()),
        }
    }

    /// The place of the word in a number, date or bool column that means "not there".
    pub(crate) fn missing_value(&self, text: &str) -> Option<usize> {
        match &self.written.missing {
            Some(said) => place(said, text),
            None if text.len() > 19 => None,
            None => place(MISSING_VALUES, text),
        }
    }

    /// The same in a text or key column.
    pub(crate) fn missing_text(&self, text: &str) -> Option<usize> {
        match &self.written.missing {
            Some(said) => place(said, text),
            None if !self.of_text_file || text.len() > 4 => None,
            None => place(MISSING_TEXTS, text),
        }
    }

    /// A word of [`Self::missing_value`] (or of [`Self::missing_text`]) by its place.
    pub(crate) fn missing_word(&self, place: usize, text_column: bool) -> &str {
        match &self.written.missing {
            Some(said) => said.get(place).map_or("", String::as_str),
            None => (if text_column { MISSING_TEXTS } else { MISSING_VALUES }).get(place).copied().unwrap_or_default(),
        }
    }
}

fn why_no_date(text: &str, no_such_day: bool) -> Reason {
    if matches!(iso(text), Read::Day(_)) {
        return Reason::OtherDate("%Y-%m-%d");
    }
    let mut no_such_day = no_such_day;
    thread_local! {
        static COMPILED: Vec<DayFormat> = FORMATS.iter().map(|f| DayFormat::new(f)).collect();
    }
    let other = COMPILED.with(|compiled| {
        FORMATS.iter().zip(compiled).find_map(|(name, format)| match format.read(text) {
            Read::Day(_) => Some(*name),
            read => {
                no_such_day |= read == Read::NoSuchDay;
                None
            }
        })
    });
    match other {
        Some(name) => Reason::OtherDate(name),
        None if no_such_day => Reason::NoSuchDay,
        None => Reason::NotADate,
    }
}

/// What the values of a batch say about a decimal sign or a date format that nothing has settled yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Doubts {
    /// Values such as `1.234` or `03/04/2025`, which may be two things.
    pub either: u64,
    /// Values such as `0.5` or `31/12/2025`, which can only be what they are read as.
    pub clear: u64,
    /// The smallest of the first kind, to show it.
    pub example: String,
}

impl Doubts {
    /// Looks at one text, blanks around it taken off, that was read as a plain number.
    pub(crate) fn see_number(&mut self, text: &str) {
        if !text.contains('.') {
            return;
        }
        let Some(parts) = parts(text) else { return };
        if NumberFormat::new(',', Some('.')).value(&parts).is_some() {
            self.see_either(text);
        } else {
            self.clear += 1;
        }
    }

    /// Looks at one text that was read as this day.
    pub(crate) fn see_day(&mut self, text: &str, day: Date, rival: &DayFormat) {
        match rival.read(text) {
            Read::Day(other) if other == day => {}
            Read::Day(_) => self.see_either(text),
            _ => self.clear += 1,
        }
    }

    fn see_either(&mut self, text: &str) {
        self.either += 1;
        if self.example.is_empty() || text < self.example.as_str() {
            text.clone_into(&mut self.example);
        }
    }

    /// Adds what another batch says.
    pub(crate) fn add(&mut self, other: &Doubts) {
        self.either += other.either;
        self.clear += other.clear;
        if !other.example.is_empty() && (self.example.is_empty() || other.example < self.example) {
            self.example.clone_from(&other.example);
        }
    }

    /// Whether it cannot be told what they are: none, or next to none, is clear.
    pub(crate) fn is_open(&self) -> bool {
        self.either > self.clear.saturating_mul(50)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn format(change: impl Fn(&mut ValueFormat)) -> ColumnFormat {
        let mut written = ValueFormat::default();
        change(&mut written);
        ColumnFormat::declared(&written)
    }

    fn words(list: &[&str]) -> Option<Vec<String>> {
        Some(list.iter().map(|w| (*w).to_owned()).collect())
    }

    fn bad<T>(result: Result<T, Flaw>) -> Option<Reason> {
        match result {
            Err(Flaw::Bad(reason)) => Some(reason),
            _ => None,
        }
    }

    #[test]
    fn plain_numbers() {
        let plain = ColumnFormat::default();
        assert_eq!(plain.number("12.5"), Ok(12.5));
        assert_eq!(plain.number("-0").unwrap().to_bits(), 0f64.to_bits());
        assert_eq!(plain.number("1e6"), Ok(1e6));
        for no in ["inf", "1.000,5", "0x10", "1.2.3", "12abc", "infinity"] {
            assert!(bad(plain.number(no)).is_some(), "{no}");
        }
        assert_eq!(plain.number("€ 12.5"), Ok(12.5));
        assert_eq!(plain.number("12 %"), Ok(0.12));
    }

    #[test]
    fn why_a_number_is_none() {
        let plain = ColumnFormat::default();
        assert_eq!(bad(plain.number("12,5")), Some(Reason::DecimalComma));
        assert_eq!(bad(plain.number("1.234,5")), Some(Reason::DecimalComma));
        assert_eq!(bad(plain.number("1,234")), Some(Reason::FractionOrThousands(',')));
        assert_eq!(bad(plain.number("1,234.5")), Some(Reason::ThousandsSign(',')));
        assert_eq!(bad(plain.number("1,234,567")), Some(Reason::ThousandsSign(',')));
        assert_eq!(bad(plain.number("1 234")), Some(Reason::ThousandsSign(' ')));
        assert_eq!(bad(plain.number("1'234.5")), Some(Reason::ThousandsSign('\'')));
        assert_eq!(bad(plain.number("12,34,5")), Some(Reason::NotANumber));
        assert_eq!(bad(plain.number("many")), Some(Reason::NotANumber));
        let comma = format(|w| w.decimal = Some(','));
        assert_eq!(comma.number("12,5"), Ok(12.5));
        assert_eq!(bad(comma.number("12.5")), Some(Reason::DecimalPoint));
        assert_eq!(bad(comma.number("1.234")), Some(Reason::FractionOrThousands('.')));
        let german = format(|w| w.thousands = Some(Thousands::Sign('.')));
        assert_eq!(german.number("1.234,5"), Ok(1234.5), "thousands with a point leave the comma");
        assert_eq!(bad(german.number("0.125")), Some(Reason::DecimalPoint));
        assert_eq!(bad(german.number("1,234.50")), Some(Reason::DecimalPoint));
    }

    #[test]
    fn dates_and_why_they_are_none() {
        let plain = ColumnFormat::default();
        assert_eq!(plain.date("2025-12-31T10:30:00Z"), Ok(Date::from_ymd(2025, 12, 31).unwrap()));
        assert_eq!(bad(plain.date("31.12.2025")), Some(Reason::OtherDate("%d.%m.%Y")));
        assert_eq!(bad(plain.date("31.02.2025")), Some(Reason::NoSuchDay));
        assert_eq!(bad(plain.date("2025-02-30")), Some(Reason::NoSuchDay));
        assert_eq!(bad(plain.date("soon")), Some(Reason::NotADate));
        let two = format(|w| w.dates = vec!["%d.%m.%Y".into(), "%m/%d/%Y".into()]);
        assert_eq!(two.date("31.12.2025"), two.date("12/31/2025"));
        assert_eq!(bad(two.date("2025-12-31")), Some(Reason::OtherDate("%Y-%m-%d")));
        assert_eq!(bad(two.date("31/12/2025")), Some(Reason::OtherDate("%d/%m/%Y")));
    }

    #[test]
    fn yes_and_no() {
        let plain = ColumnFormat::default();
        for yes in ["YES", "ja", "J", "oui", "o", "Sí", "si", "wahr", "vrai", "1", "X", "on", "T", "true"] {
            assert_eq!(plain.bool(yes), Ok(true), "{yes}");
        }
        for no in ["No", "nein", "N", "non", "falsch", "faux", "0", "off", "F", "false"] {
            assert_eq!(plain.bool(no), Ok(false), "{no}");
        }
        assert_eq!(bad(plain.bool("maybe")), Some(Reason::NotABool));
        let said = format(|w| w.yes = words(&["aktiv", "N"]));
        assert_eq!(said.bool("AKTIV"), Ok(true));
        assert_eq!(said.bool("n"), Ok(true), "what is said to be yes is not no");
        assert_eq!(said.bool("nein"), Ok(false));
        assert_eq!(bad(said.bool("ja")), Some(Reason::NotABool), "what is said stands beside nothing else");
    }

    #[test]
    fn what_is_not_there() {
        let plain = ColumnFormat::default();
        for word in MISSING_VALUES {
            assert!(matches!(plain.number(word), Err(Flaw::Missing(_))), "{word}");
            assert!(matches!(plain.date(word), Err(Flaw::Missing(_))), "{word}");
            assert!(matches!(plain.bool(word), Err(Flaw::Missing(_))), "{word}");
        }
        assert!(matches!(plain.number("N/a"), Err(Flaw::Missing(_))));
        assert_eq!(plain.missing_text("NULL"), None, "not in typed files");
        let text = ColumnFormat::default().in_text_file();
        assert!(text.missing_text("null").is_some());
        assert_eq!(text.missing_text("unknown"), None, "a word like any other in texts");
        assert_eq!(text.missing_word(text.missing_text("n/A").unwrap(), true), "n/a");
        let said = format(|w| w.missing = words(&["999", "Ohne Übung", "n"]));
        assert_eq!(said.number("999"), Err(Flaw::Missing(0)));
        assert_eq!(said.number("ohne übung"), Err(Flaw::Missing(1)));
        assert_eq!(said.bool("N"), Err(Flaw::Missing(2)));
        assert_eq!(said.number("9999"), Ok(9999.0));
        assert_eq!(bad(said.number("n/a")), Some(Reason::NotANumber), "what is said replaces the list");
    }

    #[test]
    fn doubts_that_are_open() {
        let mut doubts = Doubts::default();
        ["1.234", "12", "-5.678"].iter().for_each(|t| doubts.see_number(t));
        assert_eq!((doubts.either, doubts.clear, doubts.example.as_str()), (2, 0, "-5.678"));
        assert!(doubts.is_open());
        let mut more = Doubts::default();
        more.see_number("0.5");
        doubts.add(&more);
        assert!(!doubts.is_open());
        assert!(!Doubts::default().is_open());
    }

    #[test]
    fn short_numbers_are_read_as_the_standard_library_reads_them() {
        let mut rng = fastrand::Rng::with_seed(5);
        for _ in 0..200_000 {
            let digits = rng.usize(1..=17);
            let mut text: String = (0..digits).map(|_| rng.digit(10)).collect();
            if rng.bool() {
                text.insert(rng.usize(1..=digits), '.');
            }
            if rng.u8(..) < 64 {
                text.insert(0, '-');
            }
            if let Some(x) = short(&text) {
                assert_eq!(x.to_bits(), (text.parse::<f64>().unwrap() + 0.0).to_bits(), "{text}");
            }
        }
        assert_eq!(short("-0").unwrap().to_bits(), 0f64.to_bits());
        for other in ["", "-", ".", ".5", "5.", "1e5", "1.2.3", "+1", "--1", "1 ", "12345678901234567"] {
            assert_eq!(short(other), None, "{other}");
        }
    }
}
