//! Numbers as people write them: signs, brackets, currencies, percent, groups of thousands, either decimal sign.

use super::currency;
use crate::pack::Percent;

/// Between the whole part and the fraction, between thousands, and what a percent sign means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberFormat {
    /// `.` or `,`.
    pub decimal: char,
    /// `.`, `,`, `'`, or a blank that stands for every blank; `None`: thousands are not grouped.
    pub group: Option<char>,
    /// Whether `12 %` is 0.12.
    pub share: bool,
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self { decimal: '.', group: None, share: true }
    }
}

impl NumberFormat {
    /// A decimal sign and a sign between thousands; percent is a share.
    pub(crate) fn new(decimal: char, group: Option<char>) -> Self {
        Self { decimal, group, share: true }
    }

    /// With the meaning of a percent sign.
    pub(crate) fn percent(mut self, percent: Option<Percent>) -> Self {
        self.share = percent != Some(Percent::Number);
        self
    }

    /// Reads a text, blanks around it taken off.
    pub(crate) fn read(&self, text: &str) -> Option<f64> {
        self.value(&parts(text)?)
    }

    /// The short way for digits with at most a minus before them and one comma among them, where that is the decimal sign.
    /// `None` says nothing.
    pub(crate) fn read_plain(&self, text: &str) -> Option<f64> {
        let mut plain = [0; 24];
        if self.decimal != ',' || !text.ends_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let mut comma = false;
        for (i, byte) in text.bytes().enumerate() {
            *plain.get_mut(i)? = match byte {
                b'0'..=b'9' => byte,
                b'-' if i == 0 => byte,
                b',' if !comma => {
                    comma = true;
                    b'.'
                }
                _ => return None,
            };
        }
        std::str::from_utf8(plain.get(..text.len())?).ok()?.parse::<f64>().ok().map(|x| x + 0.0)
    }

    /// The number of a text that is taken apart.
    pub(crate) fn value(&self, parts: &Parts<'_>) -> Option<f64> {
        const SHORT: usize = 64;
        // Room for the exponent of a percent.
        let room = parts.body.len() + 16;
        let mut short = [0; SHORT];
        let mut long = Vec::new();
        let buffer = if room <= SHORT {
            short.as_mut_slice()
        } else {
            long.resize(room, 0);
            long.as_mut_slice()
        };
        let mut plain = Plain { bytes: buffer, len: 0 };
        self.write_plain(parts, &mut plain)?;
        let x = plain.text()?.parse::<f64>().ok().filter(|x| x.is_finite())?;
        // -0 is 0.
        Some(if parts.negative { -x } else { x } + 0.0)
    }

    /// The body as `str::parse` reads it; `None` if it is not well formed.
    fn write_plain(&self, parts: &Parts<'_>, out: &mut Plain<'_>) -> Option<()> {
        let mut chars = parts.body.chars().peekable();
        let (mut whole, mut in_group, mut groups, mut zero_first) = (0u32, 0u32, 0u32, false);
        let mut sign = None;
        let mut fraction = None;
        while let Some(c) = chars.peek().copied() {
            if c.is_ascii_digit() {
                zero_first |= whole == 0 && c == '0';
                out.push(c)?;
                match &mut fraction {
                    Some(digits) => *digits += 1u32,
                    None => {
                        whole += 1;
                        in_group += 1;
                    }
                }
            } else if c == self.decimal && fraction.is_none() {
                out.push('.')?;
                fraction = Some(0);
            } else if fraction.is_none() && self.group.is_some_and(|g| same_group(g, c)) {
                let first = sign.is_none() && (1..=3).contains(&in_group) && !zero_first;
                if !(first || (sign == Some(c) && in_group == 3)) {
                    return None;
                }
                sign = Some(c);
                groups += 1;
                in_group = 0;
            } else {
                break;
            }
            chars.next();
        }
        let complete = match fraction {
            Some(digits) => digits > 0,
            None => whole > 0,
        };
        if !complete || (groups > 0 && in_group != 3) {
            return None;
        }
        let mut exponent = 0i64;
        if let Some('e' | 'E') = chars.peek() {
            chars.next();
            if groups > 0 || whole == 0 {
                return None;
            }
            let minus = chars.next_if(|c| matches!(c, '+' | '-')) == Some('-');
            let mut digits = 0;
            while let Some(digit) = chars.next_if(char::is_ascii_digit).and_then(|c| c.to_digit(10)) {
                // Nothing larger is a finite number anyway.
                exponent = (exponent * 10 + i64::from(digit)).min(1_000_000);
                digits += 1;
            }
            if digits == 0 {
                return None;
            }
            if minus {
                exponent = -exponent;
            }
        }
        if chars.next().is_some() {
            return None;
        }
        if parts.percent && self.share {
            // The point is moved before the number is read, so that 12.5 % is 0.125 to the bit.
            exponent -= 2;
        }
        if exponent != 0 {
            use std::fmt::Write as _;
            write!(out, "e{exponent}").ok()?;
        }
        Some(())
    }
}

/// Every blank is one sign between thousands, and so is every apostrophe.
fn same_group(group: char, c: char) -> bool {
    match group {
        ' ' => is_blank(c),
        '\'' => matches!(c, '\'' | '\u{2019}'),
        other => c == other,
    }
}

/// Blanks that stand in numbers: common, no-break, narrow no-break, thin, figure space.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2007}')
}

/// Characters written into a buffer of fixed size.
struct Plain<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl Plain<'_> {
    fn push(&mut self, c: char) -> Option<()> {
        *self.bytes.get_mut(self.len)? = u8::try_from(c).ok()?;
        self.len += 1;
        Some(())
    }

    fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes.get(..self.len)?).ok()
    }
}

impl std::fmt::Write for Plain<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        text.chars().try_for_each(|c| self.push(c).ok_or(std::fmt::Error))
    }
}

/// A number taken apart: what stands around the digits, and the digits with their separators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    /// A minus before or behind, or brackets.
    pub negative: bool,
    /// From the first digit (or decimal sign) to the last.
    pub body: &'a str,
    /// A percent sign behind.
    pub percent: bool,
    /// The currency before or behind, as written.
    pub currency: Option<&'a str>,
}

/// Takes a text apart. What is left as the body may still be no number.
pub(crate) fn parts(text: &str) -> Option<Parts<'_>> {
    let mut rest = text.trim();
    let (mut minus, mut open, mut closed, mut percent) = (None, false, false, false);
    let mut currency = None;
    loop {
        let first = rest.chars().next()?;
        let length = match first {
            '0'..='9' | '.' | ',' => break,
            '+' | '-' | '\u{2212}' if minus.is_none() && !open => {
                minus = Some(first != '+');
                first.len_utf8()
            }
            '(' if !open && minus.is_none() => {
                open = true;
                1
            }
            _ if currency.is_none() => {
                let sign = currency::before(rest)?;
                currency = Some(sign);
                sign.len()
            }
            _ => return None,
        };
        rest = rest.get(length..)?.trim_start();
    }
    loop {
        let last = rest.chars().next_back()?;
        let length = match last {
            '0'..='9' => break,
            ')' if open && !closed => {
                closed = true;
                1
            }
            '-' | '\u{2212}' if minus.is_none() && !open => {
                minus = Some(true);
                // `12 -` is a range that was cut off rather than a number.
                if rest.strip_suffix(last).is_some_and(|r| r.ends_with(char::is_whitespace)) {
                    return None;
                }
                last.len_utf8()
            }
            '%' if !percent && currency.is_none() => {
                percent = true;
                1
            }
            _ if currency.is_none() && !percent => {
                let sign = currency::behind(rest)?;
                currency = Some(sign);
                sign.len()
            }
            _ => return None,
        };
        rest = rest.get(..rest.len().checked_sub(length)?)?.trim_end();
    }
    let negative = minus == Some(true) || open;
    (open == closed).then_some(Parts { negative, body: rest, percent, currency })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn english(text: &str) -> Option<f64> {
        NumberFormat::new('.', Some(',')).read(text)
    }

    fn german(text: &str) -> Option<f64> {
        NumberFormat::new(',', Some('.')).read(text)
    }

    fn french(text: &str) -> Option<f64> {
        NumberFormat::new(',', Some(' ')).read(text)
    }

    fn swiss(text: &str) -> Option<f64> {
        NumberFormat::new('.', Some('\'')).read(text)
    }

    #[test]
    fn the_styles_of_the_world() {
        assert_eq!(english("1,234.56"), Some(1234.56));
        assert_eq!(english("12,345,678"), Some(12_345_678.0));
        assert_eq!(german("1.234,56"), Some(1234.56));
        assert_eq!(german("12,5"), Some(12.5));
        assert_eq!(german("1.234"), Some(1234.0));
        assert_eq!(german(",5"), Some(0.5));
        assert_eq!(french("1 234,56"), Some(1234.56));
        assert_eq!(french("1\u{a0}234\u{a0}567,5"), Some(1_234_567.5));
        assert_eq!(french("1\u{202f}234"), Some(1234.0));
        assert_eq!(swiss("1'234.50"), Some(1234.5));
        assert_eq!(swiss("1\u{2019}234.50"), Some(1234.5));
        assert_eq!(german("1,5e3"), Some(1500.0));
    }

    #[test]
    fn signs_brackets_currencies_percent() {
        for text in ["-12.5", "\u{2212}12.5", "12.5-", "(12.5)", "( 12.50 )", "-€12.5", "€-12.5", "€ (12.5)", "(€12.5)"]
        {
            assert_eq!(english(text), Some(-12.5), "{text}");
        }
        for text in [
            "€ 12", "12 EUR", "$12", "CHF 12", "12 kr", "12 zł", "12 Kč", "12 Ft", "Fr. 12", "12 Fr.", "+12", "EUR12",
            "12€",
        ] {
            assert_eq!(english(text), Some(12.0), "{text}");
        }
        assert_eq!(english("12.5 %"), Some(0.125));
        assert_eq!(english("12.5%").unwrap().to_bits(), 0.125f64.to_bits());
        assert_eq!(german("-7,1%").unwrap().to_bits(), (-0.071f64).to_bits());
        assert_eq!(english("1e1%"), Some(0.1));
        let number = NumberFormat::new('.', None).percent(Some(Percent::Number));
        assert_eq!(number.read("12.5 %"), Some(12.5));
        assert_eq!(parts("12 EUR").unwrap().currency, Some("EUR"));
    }

    #[test]
    fn nothing_sloppy() {
        let no = [
            "1.23.4",
            "1,2,3",
            "12abc",
            "",
            "-",
            "(",
            "()",
            "(12",
            "12)",
            "--12",
            "-12-",
            "(-12)",
            "1,23",
            "1,2345",
            "0,125",
            "01,234",
            ",234",
            "1,,234",
            "1, 234",
            "12 -",
            "12 34",
            "12 XYZ",
            "EUR 12 EUR",
            "12 %%",
            "%",
            "EUR",
            "1e",
            "1e+",
            "1,234e5",
            "e5",
            ".",
            "1.",
            "1.2,3",
            "1,234,56",
            "0x10",
            "NaN",
            "inf",
            "12 5",
            "1_000",
            "１２",
            "12 EUR %",
        ];
        for text in no {
            assert_eq!(english(text), None, "{text}");
        }
        for text in ["1.5", "0.125", "1,2,3", "1.234.5", "1,234.5", "12,", "1.234,"] {
            assert_eq!(german(text), None, "{text}");
        }
        // Blanks of two kinds in one number are an accident.
        assert_eq!(french("1 234\u{a0}567"), None);
        assert_eq!(NumberFormat::default().read("1e999"), None);
        assert_eq!(NumberFormat::default().read("1e99999999999999999999"), None);
        assert_eq!(NumberFormat::default().read("-0").unwrap().to_bits(), 0);
    }

    /// Writes the digits of `x` in a style, from what `Display` gives.
    fn written(x: f64, format: NumberFormat) -> String {
        let plain = x.abs().to_string();
        let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(w, f)| (w, Some(f)));
        let mut text = String::new();
        for (i, digit) in whole.chars().enumerate() {
            if let Some(group) = format.group
                && i > 0
                && (whole.len() - i) % 3 == 0
            {
                text.push(group);
            }
            text.push(digit);
        }
        if let Some(fraction) = fraction {
            text.push(format.decimal);
            text.push_str(fraction);
        }
        text
    }

    #[test]
    fn every_style_reads_back_to_the_bit() {
        let mut random = fastrand::Rng::with_seed(3);
        for round in 0..20_000 {
            let x = match round % 4 {
                0 => f64::from(random.i32(..)),
                1 => (random.f64() * 1e9).round() / 100.0,
                2 => f64::from_bits(random.u64(..)),
                _ => random.f64(),
            };
            if !x.is_finite() {
                continue;
            }
            for (decimal, group) in
                [('.', None), (',', None), ('.', Some(',')), (',', Some('.')), (',', Some(' ')), ('.', Some('\''))]
            {
                let format = NumberFormat::new(decimal, group);
                let body = written(x, format);
                let signed = if x.is_sign_negative() {
                    match round % 3 {
                        0 => format!("-{body}"),
                        1 => format!("{body}-"),
                        _ => format!("({body})"),
                    }
                } else {
                    body
                };
                let dressed = match round % 5 {
                    0 => format!("{signed} EUR"),
                    1 => format!("€ {signed}"),
                    _ => signed,
                };
                if let Some(plain) = format.read_plain(&dressed) {
                    assert_eq!(Some(plain.to_bits()), format.read(&dressed).map(f64::to_bits), "{dressed}");
                }
                let read = format.read(&dressed).unwrap_or_else(|| panic!("{dressed} ({format:?})"));
                assert_eq!(read.to_bits(), (x + 0.0).to_bits(), "{dressed}");
            }
        }
    }

    #[test]
    fn random_texts_never_panic_and_never_pass_unless_well_formed() {
        let letters: Vec<char> = "0123456789012345.,.,' -+()%eE€$kr\u{a0}\u{2212}äXEUR".chars().collect();
        let shape = regex::Regex::new(r"^(\d+|[1-9]\d{0,2}(,\d{3})+)?(\.\d+)?([eE][+-]?\d+)?$").unwrap();
        let mut random = fastrand::Rng::with_seed(4);
        for _ in 0..300_000 {
            let length = random.usize(0..9);
            let text: String = (0..length).map(|_| letters[random.usize(..letters.len())]).collect();
            if let Some(x) = english(&text) {
                assert!(x.is_finite());
                let body = parts(&text).unwrap().body;
                assert!(shape.is_match(body), "{text} is {x}");
                let plain: String = body.chars().filter(|c| *c != ',').collect();
                let bare: f64 = plain.parse().unwrap();
                let share = if parts(&text).unwrap().percent { 100.0 } else { 1.0 };
                assert!((bare / share - x.abs()).abs() <= 1e-9 * bare.abs(), "{text} is {x}");
            }
            if let Some(plain) = NumberFormat::new(',', Some('.')).read_plain(&text) {
                assert_eq!(german(&text), Some(plain), "{text}");
            }
            french(&text);
        }
    }
}
