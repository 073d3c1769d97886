//! Reads single values: dates, numbers, yes and no, texts, as the pack types them.

use super::Reader;
use crate::diag::{Diagnostic, Span, code, nearest};
use crate::expr::{Date, Type, Value};
use crate::pack::raw::{Node, Raw};

/// The text that means "not there". TOML has no word for it.
pub(super) const MISSING: &str = "missing";

/// A type with its article.
pub(super) fn a(ty: Type) -> &'static str {
    match ty {
        Type::Number => "a number",
        Type::Text => "a text",
        Type::Bool => "true or false",
        Type::Date => "a date",
    }
}

impl Reader<'_> {
    /// A day: a date, or a text like 2026-01-15.
    pub(super) fn day(&mut self, node: &Node, what: &str) -> Option<Date> {
        match self.value(node, Type::Date, what, &[]) {
            Some(Value::Date(day)) => Some(day),
            Some(_) => {
                self.wrong(node.span, format!("`{what}` must be a day"));
                None
            }
            None => None,
        }
    }

    /// A value of a type; `listed` are the texts known for it. Missing for `"missing"`.
    pub(super) fn value(&mut self, node: &Node, ty: Type, what: &str, listed: &[&str]) -> Option<Value> {
        if let Raw::Text(text) = &node.value {
            if text.text == MISSING && !listed.contains(&MISSING) {
                return Some(Value::Missing);
            }
            if ty == Type::Text {
                self.listed(node.span, &text.text, what, listed);
                return Some(Value::text(text.text.as_str()));
            }
            if let Some(day) = Date::parse_iso(text.text.trim()).filter(|_| ty == Type::Date) {
                return Some(Value::Date(day));
            }
            if self.loose
                && let Some(value) = cell(&text.text, ty)
            {
                return Some(value);
            }
        }
        match (&node.value, ty) {
            (Raw::Number(x), Type::Number) if x.is_finite() => return Some(Value::number(*x)),
            (Raw::Bool(b), Type::Bool) => return Some(Value::Bool(*b)),
            (Raw::Date(day), Type::Date) => return Some(Value::Date(*day)),
            _ => {}
        }
        let shown = match &node.value {
            Raw::Text(text) if self.loose => format!("`{}`", crate::draw::cut(&crate::draw::clean(&text.text), 40)),
            other => other.kind().to_owned(),
        };
        let help = match (&node.value, ty) {
            (_, Type::Date) => Some("write a day as 2026-01-15"),
            (Raw::Text(text), Type::Number) if text.text.contains(',') => Some("write 1234.5, without thousands signs"),
            (Raw::Text(text), _) if !self.loose && cell(&text.text, ty).is_some() => Some("write it without quotes"),
            (Raw::Number(_) | Raw::Bool(_), Type::Text) => Some("write it in quotes"),
            (_, Type::Bool) => Some("write `true` or `false`"),
            _ => None,
        };
        let found = self.wrong(node.span, format!("`{what}` is {}, and this is {shown}", a(ty)));
        found.help.extend(help.map(str::to_owned));
        None
    }

    /// A text beside those that are listed is worth a word: it may be on purpose, and it may be a slip.
    fn listed(&mut self, span: Span, text: &str, what: &str, listed: &[&str]) {
        if listed.is_empty() || listed.contains(&text) {
            return;
        }
        let message = format!("`{text}` is not among the values listed for `{what}`");
        let warning = Diagnostic::warning(code::CASE_UNKNOWN_NAME, span, message);
        let warning = match nearest(text, listed.iter().copied()) {
            Some(_) => warning.did_you_mean(text, listed.iter().copied()),
            None => warning.help(format!("they are {}", names(listed))),
        };
        self.found.push(warning);
    }
}

/// Names in a row, cut where there are many.
pub(super) fn names(list: &[&str]) -> String {
    const SHOWN: usize = 12;
    let mut shown: Vec<String> = list.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if list.len() > SHOWN {
        shown.push(format!("and {} more", list.len() - SHOWN));
    }
    shown.join(", ")
}

/// The value of a cell of a table.
fn cell(text: &str, ty: Type) -> Option<Value> {
    let text = text.trim();
    match ty {
        Type::Text => Some(Value::text(text)),
        Type::Number => {
            let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
            text.parse::<f64>().ok().filter(|x| plain && x.is_finite()).map(Value::number)
        }
        Type::Bool => match text {
            "true" | "yes" => Some(Value::Bool(true)),
            "false" | "no" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Date => Date::parse_iso(text).map(Value::Date),
    }
}

/// How many decimals a number is written with: 2 of `7.30`. A number without a fraction is meant exactly, which is nine decimals.
pub(super) fn decimals(written: &str) -> u8 {
    const EXACT: u8 = 9;
    let written = written.trim();
    let (mantissa, exponent) = match written.split_once(['e', 'E']) {
        Some((mantissa, exponent)) if !written.starts_with("0x") => (mantissa, exponent.parse::<i32>().unwrap_or(0)),
        _ => (written, 0),
    };
    let places = match mantissa.split_once('.') {
        Some((_, fraction)) => fraction.bytes().filter(u8::is_ascii_digit).count(),
        None if exponent == 0 => return EXACT,
        None => 0,
    };
    let places = i32::try_from(places).unwrap_or(30).saturating_sub(exponent);
    if places <= 0 { EXACT } else { u8::try_from(places.min(30)).unwrap_or(EXACT) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn decimals_are_those_written() {
        for (written, expected) in [
            ("7", 9),
            ("7.3", 1),
            ("7.30", 2),
            ("-0.125", 3),
            ("1e3", 9),
            ("1.5e-2", 3),
            ("2e-4", 4),
            ("0xe1", 9),
            ("1_000.5", 1),
        ] {
            assert_eq!(decimals(written), expected, "{written}");
        }
    }

    #[test]
    fn cells_are_read_by_type() {
        assert_eq!(cell(" 12.5 ", Type::Number), Some(Value::number(12.5)));
        for odd in ["12,5", "inf", "nan", "", "1 000"] {
            assert_eq!(cell(odd, Type::Number), None, "{odd}");
        }
        assert_eq!(cell("yes", Type::Bool), Some(Value::Bool(true)));
        assert_eq!(cell("2026-02-30", Type::Date), None);
    }
}
