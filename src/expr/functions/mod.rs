//! The built-in functions, one file per family.
//!
//! Each has a [`Doc`]: signature, meaning on missing, and an example that is run as a test. The scalar
//! functions here are the meaning; the columnar engine may be faster, never different.

use std::sync::Arc;

/// A built-in function, with its constant arguments compiled in.
#[derive(Debug, Clone, PartialEq)]
pub enum Func {
    /// `days_between(from, to)`: `to - from`.
    DaysBetween,
    /// `months_between(from, to)`: whole calendar months, negative backwards.
    MonthsBetween,
    /// `years_between(from, to)`: whole calendar years, negative backwards.
    YearsBetween,
    /// `add_days(date, n)`: as `date + n`.
    AddDays,
    /// `add_months(date, n)`: month ends clamp; a fraction of `n` is dropped downwards.
    AddMonths,
    /// `year(date)`
    Year,
    /// `month(date)`: 1 to 12.
    Month,
    /// `day(date)`: 1 to 31.
    Day,
    /// `weekday(date)`: 1 for Monday to 7.
    Weekday,
    /// `min(a, b, …)` of two or more numbers or dates; missing if one is.
    Min,
    /// `max(a, b, …)` of two or more numbers or dates; missing if one is.
    Max,
    /// `clamp(x, low, high)`: `min(max(x, low), high)`.
    Clamp,
    /// `abs(x)`
    Abs,
    /// `round(x)` or `round(x, digits)`: half away from zero.
    Round,
    /// `floor(x)`
    Floor,
    /// `ceil(x)`
    Ceil,
    /// `sqrt(x)`
    Sqrt,
    /// `ln(x)`
    Ln,
    /// `exp(x)`
    Exp,
    /// `pow(x, y)`: as `x ** y`.
    Pow,
    /// `lower(text)`
    Lower,
    /// `upper(text)`
    Upper,
    /// `trim(text)`
    Trim,
    /// `len(text)`: characters.
    Len,
    /// `contains(text, part)`: exact.
    Contains,
    /// `starts_with(text, part)`: exact.
    StartsWith,
    /// `ends_with(text, part)`: exact.
    EndsWith,
    /// `matches(text, "pattern")`: the pattern is found somewhere; the pattern is a constant. One argument is left: the text.
    Matches(Arc<Pattern>),
    /// `mentions(text, ["price", "too expensive"])`: any of the words or phrases, whole words, case and accents
    /// ignored; the list is constant. One argument is left: the text.
    Mentions(Arc<Words>),
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written.
    pub text: String,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// A compiled word list.
#[derive(Debug, Clone)]
pub struct Words {
    /// As written.
    pub list: Vec<String>,
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}
