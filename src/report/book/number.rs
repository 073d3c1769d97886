//! Numbers and names as a reader meets them: exact, with thousands set apart; `days_silent` as `days silent`.

use crate::expr::Value;
use crate::pack::Param;

/// A number, exact: `12,500`, `0.005`, `-3`, `1e20`.
pub(crate) fn number(x: f64) -> String {
    let size = x.abs();
    if size != 0.0 && !(1e-6..1e15).contains(&size) {
        return format!("{x:e}");
    }
    let text = size.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    if x < 0.0 {
        out.push('-');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !part.is_empty() {
        out.push('.');
        out.push_str(part);
    }
    out
}

/// A share as percent with at most one decimal: `12.5 %`.
pub(super) fn percent(share: f64) -> String {
    let tenths = (share * 1000.0).round() / 10.0;
    format!("{} %", number(tenths))
}

/// A value: numbers exact, texts in quotes.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Number(x) => number(*x),
        Value::Text(text) => format!("“{text}”"),
        other => other.to_string(),
    }
}

/// A parameter's value with its unit, as one says it: `180 days`, `25 % of revenue`.
pub(super) fn with_unit(param: &Param) -> String {
    let Value::Number(x) = param.value else { return value(&param.value) };
    quantity(x, &param.unit)
}

/// A number with its unit, as one says it.
pub(crate) fn quantity(x: f64, unit: &str) -> String {
    let unit = unit.trim();
    for word in ["share", "probability"] {
        if let Some(rest) = unit.strip_prefix(word)
            && (rest.is_empty() || rest.starts_with(' '))
            // A percentage must not hide digits: 0.03333 stays as it is.
            && (x * 1000.0 - (x * 1000.0).round()).abs() < 1e-9
        {
            return format!("{}{rest}", percent(x));
        }
    }
    match unit {
        "" => number(x),
        "days" | "years" | "months" | "times" if x == 1.0 => format!("1 {}", unit.trim_end_matches('s')),
        unit => format!("{} {unit}", number(x)),
    }
}

/// A name as one reads it: `days_silent` is `days silent`.
pub(super) fn spaced(name: &str) -> String {
    let text = name.replace('_', " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { name.to_owned() } else { text }
}

/// The same, with a capital letter in front.
pub(super) fn title(name: &str) -> String {
    let text = spaced(name);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => text,
    }
}

/// A day of the week; Monday is 1.
pub(crate) fn weekday(x: f64) -> Option<&'static str> {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    DAYS.iter().zip(1_u8..).find(|(_, n)| f64::from(*n) == x).map(|(day, _)| *day)
}

/// `1 state`, `3 states`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_and_grouped() {
        for (x, text) in [
            (0.0, "0"),
            (1234.5, "1,234.5"),
            (-12_345.0, "-12,345"),
            (0.005, "0.005"),
            (999.0, "999"),
            (1e20, "1e20"),
            (1e-9, "1e-9"),
            (1_000_000.0, "1,000,000"),
        ] {
            assert_eq!(number(x), text);
        }
        assert_eq!(percent(0.125), "12.5 %");
    }

    #[test]
    fn names_are_read_with_blanks() {
        assert_eq!(spaced("days_silent"), "days silent");
        assert_eq!(spaced("_"), "_");
        assert_eq!(title("ärger_groß"), "Ärger groß");
    }
}
