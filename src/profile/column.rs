//! What is said of a column: from its values to a line in a table.

use std::sync::Arc;

use super::watch::{Watched, measure};
use crate::data::{Looked, Read, Reader, Unclear};
use crate::expr::{Date, Type};
use crate::pack::ValueFormat;

/// Cells of a sparkline at most.
const CELLS: usize = 16;
/// How many of the most frequent values are told.
const TOP: usize = 8;

/// What was found in a column.
#[derive(Debug, Clone)]
pub struct Column {
    /// As in the file.
    pub header: String,
    /// Its type.
    pub ty: Type,
    /// Whether its numbers are names of things: `00042`, a postal code. Its type is text then.
    pub code: bool,
    /// Whether it could be read as true and false: it holds 0 and 1 only.
    pub zero_one: bool,
    /// How its values are written.
    pub written: ValueFormat,
    /// What only a person can say of that.
    pub unclear: Option<Unclear>,
    /// Rows.
    pub rows: u64,
    /// Rows without a value.
    pub missing: u64,
    /// Texts that were taken as "not there", with their number.
    pub missing_words: Vec<(String, u64)>,
    /// Different texts.
    pub distinct: u64,
    /// Whether that is exact.
    pub distinct_exact: bool,
    /// Whether no value comes twice.
    pub unique: bool,
    /// The most frequent values, with their number.
    pub top: Vec<(String, u64)>,
    /// Least, middle and largest value, and the mean.
    pub range: Option<Range>,
    /// How the values spread, in block characters.
    pub spark: String,
    /// Shapes of texts: `9999-AAAAA`, with the share of values that have it.
    pub shapes: Vec<(String, f64)>,
    /// Values that are not of the type.
    pub misfits: u64,
    /// The first of them: the text, the file, the line.
    pub misfit: Option<(String, String, u64)>,
    pub(super) watched: Arc<Watched>,
}

/// From least to largest, as numbers: of dates their days, of texts their lengths, of truth 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The least.
    pub least: f64,
    /// Half of them are below.
    pub median: f64,
    /// The mean.
    pub mean: f64,
    /// The largest.
    pub largest: f64,
}

impl Column {
    pub(super) fn new(header: &str, watched: Watched, looked: &Looked) -> Column {
        let mut ty = watched.guess.ty;
        let texts = || watched.values.iter().map(|(t, _)| t.trim());
        let code = ty == Type::Number && is_code(header, texts());
        let zero_one = watched.exact && texts().all(|t| matches!(t, "0" | "1"));
        let (mut written, mut unclear) = (watched.guess.written.clone(), watched.guess.unclear.clone());
        let mut sums = watched.sums.clone();
        if code {
            (ty, written, unclear) = (Type::Text, ValueFormat::default(), None);
            sums.misfits = 0;
            sums.misfit = None;
        }
        let reader = Reader::new(ty, &written);
        // Each value with what it is measured by and how often it is there.
        let mut measured: Vec<(f64, u64)> = watched
            .values
            .iter()
            .filter_map(|(text, seen)| match reader.read(text) {
                Read::Value(value) => Some((measure(&value), seen.count)),
                _ => None,
            })
            .collect();
        measured.sort_by(|a, b| a.0.total_cmp(&b.0));
        let range = match (measured.first(), measured.last()) {
            (Some(first), Some(last)) => {
                let all: u64 = measured.iter().map(|m| m.1).sum();
                let sum: f64 = measured.iter().map(|(x, n)| x * *n as f64).sum();
                let mean = if code || sums.read == 0 { sum / all as f64 } else { sums.sum / sums.read as f64 };
                let exact = |x: Option<f64>, here: f64| if code { here } else { x.unwrap_or(here) };
                Some(Range {
                    least: exact(sums.least, first.0),
                    median: quantile(&measured, 0.5),
                    mean,
                    largest: exact(sums.largest, last.0),
                })
            }
            _ => None,
        };
        let words: u64 = sums.missing.iter().map(|m| m.1).sum();
        let mut missing_words = sums.missing.clone();
        missing_words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut top: Vec<(String, u64)> = Vec::new();
        if !watched.is_unique {
            top = watched
                .values
                .iter()
                .filter(|(text, _)| matches!(reader.read(text), Read::Value(_)))
                .map(|(text, seen)| (text.clone(), seen.count))
                .collect();
            top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        }
        let spark = match ty {
            Type::Date => dates(&measured),
            Type::Number if watched.distinct > 2 => numbers(&measured),
            _ if top.len() > 1 && watched.distinct <= 50 => {
                sparkline(&top.iter().take(CELLS).map(|t| t.1 as f64).collect::<Vec<_>>())
            }
            _ => String::new(),
        };
        top.truncate(TOP);
        // Only for few examples is a file read again; a place that cannot be found is no reason to say nothing.
        let misfit = sums.misfit.clone().and_then(|(text, place)| {
            let (file, line) = looked.line(place).ok()?;
            Some((text, file, line))
        });
        Column {
            header: header.to_owned(),
            ty,
            code,
            zero_one,
            written,
            unclear,
            rows: watched.rows,
            missing: watched.empty + words,
            missing_words,
            distinct: watched.distinct,
            distinct_exact: watched.exact,
            unique: watched.is_unique,
            top,
            range,
            spark,
            shapes: if ty == Type::Text { shapes(texts()) } else { Vec::new() },
            misfits: sums.misfits,
            misfit,
            watched: Arc::new(watched),
        }
    }

    /// Whether each row has a value of its own.
    #[must_use]
    pub fn is_key(&self) -> bool {
        self.unique && self.missing == 0 && self.rows > 0
    }

    /// Whether it can be asked for by its header: it has one, and no other column has the same.
    #[must_use]
    pub fn has_name(&self, columns: &[Column]) -> bool {
        !self.header.trim().is_empty() && columns.iter().filter(|c| c.header == self.header).count() == 1
    }

    /// Whether it holds whole numbers only.
    #[must_use]
    pub fn whole(&self) -> bool {
        let reader = Reader::new(self.ty, &self.written);
        self.ty == Type::Number
            && self.watched.values.iter().all(|(text, _)| match reader.read(text) {
                Read::Value(value) => measure(&value).fract() == 0.0,
                _ => true,
            })
    }
}

/// The value below which that share of all lies.
fn quantile(measured: &[(f64, u64)], share: f64) -> f64 {
    let all: u64 = measured.iter().map(|m| m.1).sum();
    let mut before = 0;
    for (x, n) in measured {
        before += n;
        if before as f64 >= all as f64 * share {
            return *x;
        }
    }
    measured.last().map_or(0.0, |m| m.0)
}

/// Digits that name something: zeros in front, or a header that says so.
fn is_code<'a>(header: &str, texts: impl Iterator<Item = &'a str>) -> bool {
    const NAMES: [&str; 5] = ["zip", "phone", "iban", "id", "sku"];
    let (mut digits, mut zeros) = (0, 0);
    for text in texts {
        if text.bytes().all(|b| b.is_ascii_digit()) {
            digits += 1;
            zeros += usize::from(text.len() > 1 && text.starts_with('0'));
        } else {
            return false;
        }
    }
    let said = super::words::concepts(header).iter().any(|c| NAMES.contains(&c.as_str()));
    digits > 0 && (zeros > 0 || said)
}

/// Block characters, the largest full; nothing is a blank.
#[must_use]
pub(super) fn sparkline(counts: &[f64]) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let largest = counts.iter().copied().fold(0.0, f64::max);
    let cell = |x: &f64| {
        if *x <= 0.0 || largest <= 0.0 {
            return ' ';
        }
        let level = (x / largest * 8.0).ceil() as usize;
        LEVELS.get(level.clamp(1, 8) - 1).copied().unwrap_or('█')
    };
    counts.iter().map(cell).collect()
}

/// A histogram between the first and the last hundredth, so that one odd value does not flatten the rest.
fn numbers(measured: &[(f64, u64)]) -> String {
    const BINS: usize = 12;
    let (mut low, mut high) = (quantile(measured, 0.01), quantile(measured, 0.99));
    if low == high {
        (low, high) = (quantile(measured, 0.0), quantile(measured, 1.0));
    }
    bins(measured, low, high, BINS.min(measured.len()))
}

fn bins(measured: &[(f64, u64)], low: f64, high: f64, cells: usize) -> String {
    let width = high - low;
    if cells == 0 || !width.is_finite() || width <= 0.0 {
        return String::new();
    }
    let mut counts = vec![0.0; cells];
    for (x, n) in measured {
        let at = ((x - low) / width * cells as f64).clamp(0.0, cells as f64 - 1.0) as usize;
        if let Some(count) = counts.get_mut(at) {
            *count += *n as f64;
        }
    }
    sparkline(&counts)
}

/// A cell per month, quarter or year, whichever fits.
fn dates(measured: &[(f64, u64)]) -> String {
    use chrono::Datelike as _;
    let month =
        |x: f64| Date::from_days(x as i64).map_or(0, |d| d.to_chrono().year() * 12 + d.to_chrono().month0() as i32);
    let (low, high) = (month(quantile(measured, 0.005)), month(quantile(measured, 0.995)));
    let Some(step) = [1, 3, 12].into_iter().find(|step| (high / step - low / step) < CELLS as i32) else {
        return bins(measured, quantile(measured, 0.005), quantile(measured, 0.995), CELLS);
    };
    let first = low / step;
    let mut counts = vec![0.0; usize::try_from(high / step - first + 1).unwrap_or(1)];
    for (x, n) in measured {
        let at = usize::try_from((month(*x) / step - first).max(0)).unwrap_or(0).min(counts.len() - 1);
        if let Some(count) = counts.get_mut(at) {
            *count += *n as f64;
        }
    }
    if counts.len() < 2 { String::new() } else { sparkline(&counts) }
}

/// The shapes of short texts, most frequent first: letters are `A` and `a`, digits `9`, more than four of a kind are `+`.
fn shapes<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<(String, f64)> {
    const LONGEST: usize = 24;
    const SHOWN: usize = 3;
    let mut found: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    let mut all = 0;
    for text in texts.take(20_000) {
        all += 1;
        if text.len() <= LONGEST {
            *found.entry(shape(text)).or_default() += 1;
        }
    }
    let mut list: Vec<(String, f64)> = found.into_iter().map(|(s, n)| (s, n as f64 / f64::from(all))).collect();
    list.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    list.retain(|(shape, share)| *share >= 0.01 && shape.contains('9'));
    list.truncate(SHOWN);
    list
}

fn shape(text: &str) -> String {
    let mut out = String::new();
    let (mut last, mut run) = ('\0', 0);
    for c in text.chars() {
        let class = match c {
            c if c.is_numeric() => '9',
            c if c.is_uppercase() => 'A',
            c if c.is_alphabetic() => 'a',
            c => c,
        };
        run = if class == last { run + 1 } else { 1 };
        last = class;
        match run {
            7 if class.is_alphanumeric() => {
                out.truncate(out.len() - 5);
                out.push('+');
            }
            8.. if class.is_alphanumeric() => {}
            _ => out.push(class),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn shapes_of_keys() {
        assert_eq!(shape("0002-ORFBO"), "9999-AAAAA");
        assert_eq!(shape("C10577"), "A99999");
        assert_eq!(shape("123456789"), "9+");
        assert_eq!(shape("äÖ ß"), "aA a");
        assert_eq!(shapes(["A1", "B2", "C33"].into_iter())[0], ("A9".to_owned(), 2.0 / 3.0));
    }

    #[test]
    fn sparks() {
        assert_eq!(sparkline(&[0.0, 1.0, 4.0, 8.0]), " ▁▄█");
        assert_eq!(sparkline(&[]), "");
        assert_eq!(numbers(&[(1.0, 1), (2.0, 1)]), "██");
        assert_eq!(numbers(&[(1.0, 5)]), "");
        let day = |y, m| f64::from(Date::from_ymd(y, m, 1).unwrap().days());
        assert_eq!(dates(&[(day(2025, 1), 2), (day(2025, 3), 4)]), "▄ █");
        assert_eq!(dates(&[(day(2019, 1), 2), (day(2025, 3), 4)]).chars().count(), 7);
    }

    #[test]
    fn codes_are_no_numbers() {
        assert!(is_code("PLZ", ["80331", "10115"].into_iter()));
        assert!(is_code("x", ["001", "002"].into_iter()));
        assert!(!is_code("amount", ["12", "7"].into_iter()));
    }
}
