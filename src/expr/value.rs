//! The four types, and a value that may be missing.

use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

/// The type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// A finite 64-bit float.
    Number,
    /// A text, compared by code point.
    Text,
    /// True or false.
    Bool,
    /// A calendar day.
    Date,
}

impl Type {
    /// The word used in TOML, messages and docs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Type::Number => "number",
            Type::Text => "text",
            Type::Bool => "bool",
            Type::Date => "date",
        }
    }

    /// The type of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Type> {
        match word {
            "number" => Some(Type::Number),
            "text" => Some(Type::Text),
            "bool" => Some(Type::Bool),
            "date" => Some(Type::Date),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A calendar day as the number of days since 1970-01-01, within 0001-01-01 to 9999-12-31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(i32);

impl Date {
    /// 0001-01-01.
    pub const MIN: Date = Date(-719_162);
    /// 9999-12-31.
    pub const MAX: Date = Date(2_932_896);

    /// From days since 1970-01-01; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_days(days: i64) -> Option<Date> {
        let days = i32::try_from(days).ok()?;
        (Self::MIN.0..=Self::MAX.0).contains(&days).then_some(Date(days))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn days(self) -> i32 {
        self.0
    }

    /// From year, month (1 to 12) and day; `None` if there is no such day.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Date> {
        Self::from_chrono(NaiveDate::from_ymd_opt(year, month, day)?)
    }

    /// From chrono; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_chrono(date: NaiveDate) -> Option<Date> {
        // 719_163 is the day number of 1970-01-01 counted from 0000-12-31.
        Self::from_days(i64::from(date.num_days_from_ce()) - 719_163)
    }

    /// As a chrono date.
    #[must_use]
    pub fn to_chrono(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0 + 719_163).unwrap_or_default()
    }

    /// Reads `2025-12-31`; nothing else.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Date> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
            return None;
        }
        let digits = |range: std::ops::Range<usize>| {
            let part = text.get(range)?;
            part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u32>().ok())?
        };
        Self::from_ymd(i32::try_from(digits(0..4)?).ok()?, digits(5..7)?, digits(8..10)?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.to_chrono();
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}

/// A value of an expression on one record.
///
/// Invariant: a `Number` is finite and never -0. Build one with [`Value::number`].
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Written `()`.
    Missing,
    /// A finite number.
    Number(f64),
    /// A text.
    Text(Arc<str>),
    /// True or false.
    Bool(bool),
    /// A day.
    Date(Date),
}

impl Value {
    /// A number; missing if it is not finite. -0 becomes 0.
    #[must_use]
    pub fn number(x: f64) -> Value {
        if x.is_finite() { Value::Number(x + 0.0) } else { Value::Missing }
    }

    /// A text.
    #[must_use]
    pub fn text(text: impl Into<Arc<str>>) -> Value {
        Value::Text(text.into())
    }

    /// As it is written in an expression: `12.5`, `"gold"`, `date("2025-12-31")`, `()`.
    #[must_use]
    pub fn literal(&self) -> String {
        match self {
            Value::Missing => "()".to_owned(),
            Value::Number(x) => x.to_string(),
            Value::Text(text) => {
                let mut literal = String::with_capacity(text.len() + 2);
                literal.push('"');
                for c in text.chars() {
                    match c {
                        '"' | '\\' => literal.extend(['\\', c]),
                        '\n' => literal.push_str("\\n"),
                        '\r' => literal.push_str("\\r"),
                        '\t' => literal.push_str("\\t"),
                        c => literal.push(c),
                    }
                }
                literal.push('"');
                literal
            }
            Value::Bool(b) => b.to_string(),
            Value::Date(d) => format!("date(\"{d}\")"),
        }
    }

    /// Its type; `None` if missing.
    #[must_use]
    pub fn ty(&self) -> Option<Type> {
        match self {
            Value::Missing => None,
            Value::Number(_) => Some(Type::Number),
            Value::Text(_) => Some(Type::Text),
            Value::Bool(_) => Some(Type::Bool),
            Value::Date(_) => Some(Type::Date),
        }
    }

    /// Whether it is missing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Value::Missing)
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        if let Value::Number(x) = self { Some(*x) } else { None }
    }

    /// The truth value, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }

    /// The date, if it is one.
    #[must_use]
    pub fn as_date(&self) -> Option<Date> {
        if let Value::Date(d) = self { Some(*d) } else { None }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(t) = self { Some(t) } else { None }
    }
}

/// As people read it, in reasons and tables: `1234.5`, `2025-12-31`, `yes`, `unknown`.
///
/// Numbers show at most two decimals, without trailing zeros.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Missing => f.write_str("unknown"),
            Value::Number(x) => write_number(f, *x),
            Value::Text(t) => f.write_str(t),
            Value::Bool(true) => f.write_str("yes"),
            Value::Bool(false) => f.write_str("no"),
            Value::Date(d) => d.fmt(f),
        }
    }
}

/// Writes a number with at most two decimals, rounded half away from zero, trailing zeros dropped. What would be nothing
/// then is written with two digits: `0.0042`, `3.1e-9`.
pub fn write_number(f: &mut impl fmt::Write, x: f64) -> fmt::Result {
    let cents = (x * 100.0).round();
    if !cents.is_finite() || cents.abs() > 9e15 {
        return write!(f, "{x:.0}");
    }
    if cents == 0.0 && x != 0.0 {
        if x.abs() < 1e-6 {
            return write!(f, "{x:.1e}");
        }
        // Between 0.000001 and 0.005: the first digit stands at the third to the sixth decimal.
        let first = (-x.abs().log10()).ceil().clamp(3.0, 6.0) as usize;
        let text = format!("{x:.*}", first + 1);
        return f.write_str(text.trim_end_matches('0'));
    }
    let cents = cents as i64;
    let (whole, part) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    if cents < 0 {
        f.write_char('-')?;
    }
    match part {
        0 => write!(f, "{whole}"),
        p if p % 10 == 0 => write!(f, "{whole}.{}", p / 10),
        p => write!(f, "{whole}.{p:02}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn dates_reach_from_year_1_to_9999() {
        assert_eq!(Date::MIN.to_string(), "0001-01-01");
        assert_eq!(Date::MAX.to_string(), "9999-12-31");
        assert_eq!(Date::from_ymd(1970, 1, 1).unwrap().days(), 0);
        assert_eq!(Date::from_days(i64::from(Date::MIN.days()) - 1), None);
        assert_eq!(Date::from_days(i64::from(Date::MAX.days()) + 1), None);
        assert_eq!(Date::from_days(i64::MAX), None);
        assert_eq!(Date::from_ymd(0, 12, 31), None);
        assert_eq!(Date::from_ymd(10_000, 1, 1), None);
        assert_eq!(Date::from_ymd(2025, 2, 29), None);
        for days in [Date::MIN.days(), -1, 0, 1, 19_782, Date::MAX.days()] {
            let date = Date::from_days(i64::from(days)).unwrap();
            assert_eq!(Date::from_chrono(date.to_chrono()), Some(date));
            assert_eq!(Date::parse_iso(&date.to_string()), Some(date));
        }
    }

    #[test]
    fn only_iso_dates_are_read() {
        assert_eq!(Date::parse_iso("2024-02-29").unwrap().days(), 19_782);
        for text in [
            "",
            "2025-1-31",
            "2025-02-29",
            "25-01-31",
            "2025/01/31",
            "2025-01-31 ",
            "+025-01-31",
            "2025-01-3é",
            "２025-01",
        ] {
            assert_eq!(Date::parse_iso(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_finite_and_never_minus_zero() {
        assert_eq!(Value::number(f64::NAN), Value::Missing);
        assert_eq!(Value::number(f64::INFINITY), Value::Missing);
        assert!(Value::number(-0.0).as_number().unwrap().is_sign_positive());
    }

    #[test]
    fn numbers_are_written_for_people() {
        for (x, text) in [
            (0.0, "0"),
            (1234.5, "1234.5"),
            (12.0, "12"),
            (-3.145_9, "-3.15"),
            (0.05, "0.05"),
            (0.005, "0.01"),
            (0.0042, "0.0042"),
            (-0.001, "-0.001"),
            (0.004_96, "0.005"),
            (0.000_012_34, "0.000012"),
            (0.000_001, "0.000001"),
            (3.12e-9, "3.1e-9"),
            (1e15, "1000000000000000"),
            (1e20, "100000000000000000000"),
            (99.999, "100"),
        ] {
            assert_eq!(Value::number(x).to_string(), text, "{x}");
        }
    }

    #[test]
    fn values_are_written_as_in_an_expression() {
        for (value, text) in [
            (Value::Missing, "()"),
            (Value::number(0.1), "0.1"),
            (Value::number(-7.0), "-7"),
            (Value::Bool(true), "true"),
            (Value::text("a \"b\" \\ \n"), r#""a \"b\" \\ \n""#),
            (Value::Date(Date::MIN), "date(\"0001-01-01\")"),
        ] {
            assert_eq!(value.literal(), text);
        }
    }
}
