//! Numbers as people read them: `1,234,567`, `12.50`, `47.3 %`.

/// A count: `1,234,567`.
#[must_use]
pub fn count(n: u64) -> String {
    separate(&n.to_string())
}

/// A number with that many decimals, rounded half away from zero, thousands separated: `-1,234.50`. Never `-0`.
#[must_use]
pub fn grouped(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return super::UNKNOWN.to_owned();
    }
    let scale = 10f64.powi(i32::try_from(decimals).unwrap_or(0));
    let scaled = x.abs() * scale;
    // Past 2^53 every number is whole: scaling would only lose digits.
    let magnitude = if scaled < 9_007_199_254_740_992.0 { scaled.round() / scale } else { x.abs() };
    let digits = format!("{magnitude:.decimals$}");
    let (whole, part) = digits.split_once('.').unwrap_or((digits.as_str(), ""));
    let is_zero = digits.bytes().all(|b| b == b'0' || b == b'.');
    let sign = if x < 0.0 && !is_zero { "-" } else { "" };
    let point = if part.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{part}", separate(whole))
}

/// Money, or anything counted in units: whole from 1,000 upwards, two decimals below; whole numbers stay whole.
#[must_use]
pub fn amount(x: f64) -> String {
    let decimals = if x.abs() >= 999.995 || x.fract() == 0.0 { 0 } else { 2 };
    grouped(x, decimals)
}

/// `part` of `whole` in per cent: `47.3 %`; `< 0.1 %` for what would else read as nothing, `–` of nothing.
#[must_use]
pub fn share(part: f64, whole: f64) -> String {
    let percent = part / whole * 100.0;
    if !percent.is_finite() {
        return super::UNKNOWN.to_owned();
    }
    if percent > 0.0 && percent < 0.05 {
        return "< 0.1 %".to_owned();
    }
    format!("{} %", grouped(percent, 1))
}

/// Commas between groups of three digits.
fn separate(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(23_570), "23,570");
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn numbers_round_half_away_from_zero() {
        assert_eq!(grouped(2_500_315.63, 2), "2,500,315.63");
        assert_eq!(grouped(0.125, 2), "0.13");
        assert_eq!(grouped(2.5, 0), "3");
        assert_eq!(grouped(-2.5, 0), "-3");
        assert_eq!(grouped(-1234.5, 1), "-1,234.5");
        assert_eq!(grouped(999.999, 2), "1,000.00");
    }

    #[test]
    fn nothing_is_never_negative_and_infinity_is_unknown() {
        assert_eq!(grouped(-0.001, 2), "0.00");
        assert_eq!(grouped(-0.0, 0), "0");
        assert_eq!(grouped(f64::NAN, 2), "–");
        assert_eq!(grouped(f64::INFINITY, 0), "–");
        assert_eq!(grouped(1e18, 2), "1,000,000,000,000,000,000.00");
    }

    #[test]
    fn amounts_show_cents_only_where_they_matter() {
        assert_eq!(amount(12.5), "12.50");
        assert_eq!(amount(12.0), "12");
        assert_eq!(amount(999.99), "999.99");
        assert_eq!(amount(999.996), "1,000");
        assert_eq!(amount(-1_234.56), "-1,235");
    }

    #[test]
    fn shares() {
        assert_eq!(share(1.0, 3.0), "33.3 %");
        assert_eq!(share(1.0, 1.0), "100.0 %");
        assert_eq!(share(0.0, 10.0), "0.0 %");
        assert_eq!(share(1.0, 100_000.0), "< 0.1 %");
        assert_eq!(share(0.0, 0.0), "–");
        assert_eq!(share(-1.0, 4.0), "-25.0 %");
    }
}
