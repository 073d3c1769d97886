//! What was found, in sentences: `each 10 days of duration_lapse lower the odds of returning by 12 % (9 to 15 %)`.

use super::auc::Estimate;
use super::separate::{BandValues, Separator};
use crate::stats::logistic::Effect;

/// A number as short as it may be: `0.35`, `12`, `1200`.
#[must_use]
pub fn short(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let size = x.abs().log10().floor();
    let decimals = usize::try_from((2.0 - size).clamp(0.0, 6.0) as i64).unwrap_or(0);
    let text = format!("{x:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// An amount of money as short as it may be, thousands separated: `-1,714`, `12.5`.
#[must_use]
pub fn money(x: f64) -> String {
    if x.abs() < 999.5 {
        return short(x);
    }
    let digits = format!("{:.0}", x.abs());
    let mut text = String::from(if x < 0.0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What would have come of something: `would have lost 1,714 EUR (95 %: 7,279 EUR lost to 3,851 EUR gained)`.
#[must_use]
pub fn gained_or_lost(gain: Estimate, currency: &str) -> String {
    let unit = if currency.is_empty() { String::new() } else { format!(" {currency}") };
    let amount = |x: f64| format!("{}{unit}", money(x.abs()));
    let interval = gain.interval(0.05);
    let word = |x: f64| if x < 0.0 { "lost" } else { "gained" };
    let range = if word(interval.low) == word(interval.high) {
        let (low, high) = (interval.low.abs().min(interval.high.abs()), interval.low.abs().max(interval.high.abs()));
        format!("{} to {}", money(low), amount(high))
    } else {
        format!("{} lost to {} gained", amount(interval.low), amount(interval.high))
    };
    format!("would have {} {} (95 %: {range})", word(gain.value), amount(gain.value))
}

/// A share as per cent, with a decimal below ten: `7.3 %`, `62 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{} %", percent_number(share))
}

fn percent_number(share: f64) -> String {
    let x = share * 100.0;
    let text = if x.abs() < 9.95 { format!("{x:.1}") } else { format!("{x:.0}") };
    let text = text.strip_suffix(".0").unwrap_or(&text).to_owned();
    if text == "-0" { "0".to_owned() } else { text }
}

/// A probability: `0.012`, `< 0.001`.
#[must_use]
pub fn probability(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}

/// What is compared: `each 10 days of duration_lapse`, `offer 30 rather than another`. With whether the verb is plural.
fn subject(s: &Separator) -> (String, bool) {
    match &s.text {
        Some(text) => (format!("{} `{text}`, against all others,", s.label), false),
        None if s.flag => (format!("{} (yes, against no)", s.label), false),
        None => match (s.step == 1.0, s.unit.as_str()) {
            (true, "") => (format!("each 1 more of {}", s.label), false),
            (true, unit) => (format!("each {} of {}", unit.strip_suffix('s').unwrap_or(unit), s.label), false),
            (false, "") => (format!("each {} more of {}", short(s.step), s.label), false),
            (false, unit) => (format!("each {} {unit} of {}", short(s.step), s.label), true),
        },
    }
}

/// What a column does to the odds of returning, with the 95 % interval.
#[must_use]
pub fn sentence(s: &Separator) -> String {
    let (subject, plural) = subject(s);
    let verb = |one: &str, many: &str| if plural { many.to_owned() } else { one.to_owned() };
    match s.effect {
        Effect::Aliased => format!("{subject}: the same for everybody"),
        Effect::Separates(way) => {
            let who = if way > 0.0 { "returned" } else { "did not return" };
            format!("{}: the highest values are all of customers who {who}; no odds can be given", s.label)
        }
        Effect::Slope(slope) => {
            let (odds, low, high) = slope.odds(s.step, 0.05);
            if low < 1.0 && high > 1.0 {
                let change = |x: f64| {
                    let sign = if x >= 1.0 { "+" } else { "" };
                    format!("{sign}{}", percent_number(x - 1.0))
                };
                return format!(
                    "{subject} {} the odds of returning by {} % ({} to {} %): no clear effect",
                    verb("changes", "change"),
                    change(odds),
                    change(low),
                    change(high)
                );
            }
            if odds >= 2.0 {
                let verb = verb("multiplies", "multiply");
                return format!("{subject} {verb} the odds of returning by {odds:.1} ({low:.1} to {high:.1})");
            }
            let (verb, by, from, to) = if odds >= 1.0 {
                (verb("raises", "raise"), odds - 1.0, low - 1.0, high - 1.0)
            } else {
                (verb("lowers", "lower"), 1.0 - odds, 1.0 - high, 1.0 - low)
            };
            let (from, to) = (percent_number(from), percent_number(to));
            format!("{subject} {verb} the odds of returning by {} ({from} to {to} %)", percent(by))
        }
    }
}

/// The same per standard deviation, to compare columns: `×0.45 (0.37 to 0.55)`; empty if there is no slope.
#[must_use]
pub fn per_spread(s: &Separator) -> String {
    s.slope().map_or_else(String::new, |slope| {
        let (odds, low, high) = slope.odds(slope.spread, 0.05);
        format!("×{odds:.2} ({low:.2} to {high:.2})")
    })
}

/// Which values a band holds: `8 to 64`, `20`, `returned`.
#[must_use]
pub fn values(band: &BandValues) -> String {
    match band {
        BandValues::Numbers(low, high) if low == high => short(*low),
        BandValues::Numbers(low, high) => format!("{} to {}", short(*low), short(*high)),
        BandValues::Text(text) => text.clone(),
    }
}

/// `1 customer`, `2 customers`
#[must_use]
pub fn customers(n: usize) -> String {
    format!("{n} customer{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let seen: Vec<String> = [0.0, 0.35, 12.0, 1234.5, 0.001_234, -3.0].into_iter().map(short).collect();
        assert_eq!(seen, ["0", "0.35", "12", "1234", "0.00123", "-3"]);
        assert_eq!([percent(0.073), percent(0.62), percent(0.02), percent(-0.0)], ["7.3 %", "62 %", "2 %", "0 %"]);
        assert_eq!([-1714.2, 999.7, 12.5, 1_234_567.0].map(money), ["-1,714", "1,000", "12.5", "1,234,567"]);
        let said = gained_or_lost(Estimate { value: -1714.0, error: 1000.0 }, "EUR");
        assert_eq!(said, "would have lost 1,714 EUR (95 %: 3,674 EUR lost to 246 EUR gained)");
        let said = gained_or_lost(Estimate { value: 3000.0, error: 500.0 }, "");
        assert_eq!(said, "would have gained 3,000 (95 %: 2,020 to 3,980)");
        assert_eq!([probability(0.012), probability(1e-9)], ["0.012", "< 0.001"]);
    }
}
