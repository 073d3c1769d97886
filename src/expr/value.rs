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

/// Writes a number with at most two decimals, rounded half away from zero, trailing zeros dropped.
pub fn write_number(f: &mut impl fmt::Write, x: f64) -> fmt::Result {
    let cents = (x * 100.0).round();
    if !cents.is_finite() || cents.abs() > 9e15 {
        return write!(f, "{x:.0}");
    }
    if cents == 0.0 && x != 0.0 && x.abs() < 0.005 {
        // A tiny rate is not nothing: two significant digits.
        return write!(f, "{x:.1e}");
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
