//! How the values of a column are written, and reading them: numbers, dates, truth, and what means "not there".

use chrono::{NaiveDate, NaiveDateTime};

use super::conform::Reason;
use crate::expr::Date;
use crate::pack::ValueFormat;

/// How the values of one column of one file are read.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ColumnFormat {
    written: ValueFormat,
}

impl ColumnFormat {
    /// As the pack says; what it does not say is read in the plainest way.
    pub(crate) fn declared(written: &ValueFormat) -> Self {
        Self { written: written.clone() }
    }

    /// A number.
    pub(crate) fn number(&self, text: &str) -> Result<f64, Reason> {
        parse_number(text).ok_or(Reason::NotANumber)
    }

    /// A day.
    pub(crate) fn date(&self, text: &str) -> Result<Date, Reason> {
        parse_date(text, self.written.dates.first().map(String::as_str)).ok_or(Reason::NotADate)
    }

    /// True or false.
    pub(crate) fn bool(&self, text: &str) -> Result<bool, Reason> {
        parse_bool(text).ok_or(Reason::NotABool)
    }
}

/// A finite number as programs write it: `12`, `-3.5`, `1e6`. No thousands separators, no decimal comma.
fn parse_number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|x| x.is_finite()).map(|x| x + 0.0)
}

/// A date in the given chrono format; without one ISO 8601, also with a time of day behind it.
fn parse_date(text: &str, format: Option<&str>) -> Option<Date> {
    let Some(format) = format else {
        let day = Date::parse_iso(text.get(..10)?)?;
        let rest = text.get(10..)?;
        return (rest.is_empty() || is_time_of_day(rest)).then_some(day);
    };
    if format == "%Y%m%d" {
        let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
        return if digits { Date::from_ymd(i32::try_from(part(0..4)?).ok()?, part(4..6)?, part(6..8)?) } else { None };
    }
    NaiveDate::parse_from_str(text, format)
        .ok()
        .or_else(|| NaiveDateTime::parse_from_str(text, format).ok().map(|t| t.date()))
        .and_then(Date::from_chrono)
}

/// `T10:00`, ` 10:00:00.5+01:00`, `T10:00Z`: the day counts, the time does not.
fn is_time_of_day(rest: &str) -> bool {
    let Some(time) = rest.strip_prefix(['T', 't', ' ']) else { return false };
    let clock = time
        .get(..5)
        .is_some_and(|t| t.bytes().enumerate().all(|(i, b)| if i == 2 { b == b':' } else { b.is_ascii_digit() }));
    clock && time.bytes().all(|b| b.is_ascii_digit() || b":.,+-zZ UTC".contains(&b))
}

/// `true`, `false`, `yes`, `no`, `1`, `0`; case does not matter.
fn parse_bool(text: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|w| text.eq_ignore_ascii_case(w));
    if is(["true", "yes", "1"]) {
        Some(true)
    } else if is(["false", "no", "0"]) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> Option<Date> {
        Date::from_ymd(y, m, d)
    }

    #[test]
    fn dates_in_the_forms_exports_have() {
        assert_eq!(parse_date("2025-12-31", None), day(2025, 12, 31));
        assert_eq!(parse_date("2025-12-31T10:30:00Z", None), day(2025, 12, 31));
        assert_eq!(parse_date("2025-12-31 10:30:00.123+01:00", None), day(2025, 12, 31));
        assert_eq!(parse_date("2025-12-31x", None), None);
        assert_eq!(parse_date("2025-02-29", None), None);
        assert_eq!(parse_date("31.12.2025", None), None);
        assert_eq!(parse_date("31.12.2025", Some("%d.%m.%Y")), day(2025, 12, 31));
        assert_eq!(parse_date("31.12.2025 23:59", Some("%d.%m.%Y %H:%M")), day(2025, 12, 31));
        assert_eq!(parse_date("19970131", Some("%Y%m%d")), day(1997, 1, 31));
        assert_eq!(parse_date("1997013", Some("%Y%m%d")), None);
        assert_eq!(parse_date("ä", None), None);
    }

    #[test]
    fn numbers_and_bools() {
        assert_eq!(parse_number("-0").unwrap().to_bits(), 0f64.to_bits());
        for no in ["inf", "NaN", "1,5", "1.000,5", "0x10", "-"] {
            assert_eq!(parse_number(no), None, "{no}");
        }
        assert_eq!(parse_bool("YES"), Some(true));
        assert_eq!(parse_bool("0"), Some(false));
        assert_eq!(parse_bool("maybe"), None);
    }
}
