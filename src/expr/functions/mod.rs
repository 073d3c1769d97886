//! The built-in functions, one file per family.
//!
//! Each has a [`Doc`]: signature, meaning on missing, and an example that is run as a test. The scalar
//! functions here are the meaning; the columnar engine may be faster, never different.

pub mod dates;
pub mod numbers;
pub mod patterns;
pub mod texts;

pub use patterns::{Pattern, Words};

use std::sync::{Arc, LazyLock};

use super::value::{Date, Value};

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

impl Func {
    /// As written in expressions.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Func::DaysBetween => "days_between",
            Func::MonthsBetween => "months_between",
            Func::YearsBetween => "years_between",
            Func::AddDays => "add_days",
            Func::AddMonths => "add_months",
            Func::Year => "year",
            Func::Month => "month",
            Func::Day => "day",
            Func::Weekday => "weekday",
            Func::Min => "min",
            Func::Max => "max",
            Func::Clamp => "clamp",
            Func::Abs => "abs",
            Func::Round => "round",
            Func::Floor => "floor",
            Func::Ceil => "ceil",
            Func::Sqrt => "sqrt",
            Func::Ln => "ln",
            Func::Exp => "exp",
            Func::Pow => "pow",
            Func::Lower => "lower",
            Func::Upper => "upper",
            Func::Trim => "trim",
            Func::Len => "len",
            Func::Contains => "contains",
            Func::StartsWith => "starts_with",
            Func::EndsWith => "ends_with",
            Func::Matches(_) => "matches",
            Func::Mentions(_) => "mentions",
        }
    }

    /// The value for given arguments. Strict: missing if one of them is. Total: arguments of the wrong type or number,
    /// which a checked expression does not have, give missing.
    #[must_use]
    pub fn call(&self, arguments: &[Value]) -> Value {
        use Value::{Date as Day, Number, Text};
        match (self, arguments) {
            (Func::DaysBetween, [Day(a), Day(b)]) => Value::number(dates::days_between(a.days(), b.days())),
            (Func::MonthsBetween, [Day(a), Day(b)]) => Value::number(dates::months_between(a.days(), b.days())),
            (Func::YearsBetween, [Day(a), Day(b)]) => Value::number(dates::years_between(a.days(), b.days())),
            (Func::AddDays, [Day(d), Number(n)]) => date(dates::add_days(d.days(), *n)),
            (Func::AddMonths, [Day(d), Number(n)]) => date(dates::add_months(d.days(), *n)),
            (Func::Year, [Day(d)]) => Value::number(f64::from(dates::year(d.days()))),
            (Func::Month, [Day(d)]) => Value::number(f64::from(dates::month(d.days()))),
            (Func::Day, [Day(d)]) => Value::number(f64::from(dates::day(d.days()))),
            (Func::Weekday, [Day(d)]) => Value::number(f64::from(dates::weekday(d.days()))),
            (Func::Min, [first, rest @ ..]) => rest.iter().fold(first.clone(), |a, b| extreme(&a, b, numbers::min)),
            (Func::Max, [first, rest @ ..]) => rest.iter().fold(first.clone(), |a, b| extreme(&a, b, numbers::max)),
            (Func::Clamp, [Number(x), Number(low), Number(high)]) => Value::number(numbers::clamp(*x, *low, *high)),
            (Func::Abs, [Number(x)]) => Value::number(numbers::abs(*x)),
            (Func::Round, [Number(x)]) => Value::number(numbers::round(*x, 0.0)),
            (Func::Round, [Number(x), Number(digits)]) => Value::number(numbers::round(*x, *digits)),
            (Func::Floor, [Number(x)]) => Value::number(numbers::floor(*x)),
            (Func::Ceil, [Number(x)]) => Value::number(numbers::ceil(*x)),
            (Func::Sqrt, [Number(x)]) => Value::number(numbers::sqrt(*x)),
            (Func::Ln, [Number(x)]) => Value::number(numbers::ln(*x)),
            (Func::Exp, [Number(x)]) => Value::number(numbers::exp(*x)),
            (Func::Pow, [Number(x), Number(y)]) => Value::number(numbers::pow(*x, *y)),
            (Func::Lower, [Text(t)]) => Value::text(texts::lower(t)),
            (Func::Upper, [Text(t)]) => Value::text(texts::upper(t)),
            (Func::Trim, [Text(t)]) => Value::text(texts::trim(t)),
            (Func::Len, [Text(t)]) => Value::number(texts::len(t)),
            (Func::Contains, [Text(t), Text(part)]) => Value::Bool(texts::contains(t, part)),
            (Func::StartsWith, [Text(t), Text(part)]) => Value::Bool(texts::starts_with(t, part)),
            (Func::EndsWith, [Text(t), Text(part)]) => Value::Bool(texts::ends_with(t, part)),
            (Func::Matches(pattern), [Text(t)]) => Value::Bool(pattern.is_match(t)),
            (Func::Mentions(words), [Text(t)]) => Value::Bool(words.is_match(t)),
            _ => Value::Missing,
        }
    }
}

/// Days as a date; missing outside the years 1 to 9999.
fn date(days: Option<i32>) -> Value {
    days.and_then(|d| Date::from_days(i64::from(d))).map_or(Value::Missing, Value::Date)
}

/// `min` or `max` of two numbers or of two dates.
fn extreme(a: &Value, b: &Value, choose: fn(f64, f64) -> f64) -> Value {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Value::number(choose(*a, *b)),
        (Value::Date(x), Value::Date(y)) => {
            let (x_days, y_days) = (f64::from(x.days()), f64::from(y.days()));
            Value::Date(if choose(x_days, y_days) == x_days { *x } else { *y })
        }
        _ => Value::Missing,
    }
}

/// The manual page of a built-in function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doc {
    /// As written in expressions.
    pub name: &'static str,
    /// Parameters and result with their types.
    pub signature: &'static str,
    /// What it gives, in one sentence.
    pub help: &'static str,
    /// When it gives missing.
    pub missing: &'static str,
    /// An expression; a test runs it.
    pub example: &'static str,
    /// What the example gives, as [`Value::literal`] writes it.
    pub result: &'static str,
}

/// All built-in functions, by family.
#[must_use]
pub fn docs() -> &'static [Doc] {
    static ALL: LazyLock<Vec<Doc>> =
        LazyLock::new(|| [dates::DOCS, numbers::DOCS, texts::DOCS, patterns::DOCS].concat());
    &ALL
}

/// The manual page of one function.
#[must_use]
pub fn doc(name: &str) -> Option<&'static Doc> {
    docs().iter().find(|doc| doc.name == name)
}
