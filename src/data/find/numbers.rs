//! Which decimal sign, and which sign between thousands, the numbers of a column have.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::format::ColumnFormat;
use crate::data::format::number::{NumberFormat, Parts, parts};
use crate::pack::{Thousands, ValueFormat};

/// Less than one value in so many that can only be read in one way does not settle the others.
const WEAK: u64 = 50;

/// Signs between thousands that are looked for.
const GROUPS: [char; 4] = ['.', ',', '\'', ' '];

/// What the values of one column say.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    /// Only numbers with a decimal point.
    pub point: Side,
    /// Only numbers with a decimal comma.
    pub comma: Side,
    /// Two different numbers.
    pub either: u64,
    /// One of them: the longest, then the first.
    pub example: String,
    /// The same number with either.
    pub plain: u64,
    /// No number at all.
    pub misfits: u64,
    /// A value with a percent sign.
    pub percent: Option<String>,
    /// Currencies, as written.
    pub currencies: BTreeSet<String>,
}

/// What speaks for one decimal sign.
#[derive(Debug, Default)]
pub(crate) struct Side {
    /// Values that can only be read with it.
    pub only: u64,
    /// One of them.
    pub example: String,
    /// By sign between thousands: values that have it if they are read so, and one of them.
    groups: BTreeMap<char, (u64, String)>,
}

impl Side {
    /// The sign between thousands that most values have, with one of them.
    pub(crate) fn group(&self) -> Option<(char, &str)> {
        let most = self.groups.iter().max_by(|a, b| a.1.0.cmp(&b.1.0).then_with(|| b.0.cmp(a.0)));
        most.map(|(sign, (_, example))| (*sign, example.as_str()))
    }

    fn see(&mut self, text: &str, rows: u64, group: Option<char>) {
        if let Some(group) = group {
            let (seen, example) = self.groups.entry(group).or_default();
            *seen += rows;
            better(example, text);
        }
    }
}

/// Longer values show more; the rest is order, so that rows in another order say the same.
fn better(example: &mut String, text: &str) {
    if example.is_empty() || (text.len(), example.as_str()) > (example.len(), text) {
        text.clone_into(example);
    }
}

/// What a column says of its decimal sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It has this one.
    Settled(char),
    /// No value has a sign that could be one.
    Silent,
    /// Every value could have either, or nearly so.
    Open,
    /// As many values speak for the one as for the other.
    Torn,
}

impl Numbers {
    /// Looks at the values (each with its number of rows), under what the pack says.
    pub(crate) fn of(values: &BTreeMap<&str, u64>, written: &ValueFormat, plain: &ColumnFormat) -> Numbers {
        let mut numbers = Numbers::default();
        for (text, rows) in values {
            if plain.missing_value(text).is_none() {
                numbers.see(text, *rows, written);
            }
        }
        numbers
    }

    fn see(&mut self, text: &str, rows: u64, written: &ValueFormat) {
        let Some(parts) = parts(text) else {
            self.misfits += rows;
            return;
        };
        let point = reading(&parts, '.', written);
        let comma = reading(&parts, ',', written);
        if let Some((_, group)) = point {
            self.point.see(text, rows, group);
        }
        if let Some((_, group)) = comma {
            self.comma.see(text, rows, group);
        }
        match (point, comma) {
            (None, None) => {
                self.misfits += rows;
                return;
            }
            (Some((a, _)), Some((b, _))) if a.to_bits() == b.to_bits() => self.plain += rows,
            (Some(_), Some(_)) => {
                self.either += rows;
                better(&mut self.example, text);
            }
            (Some(_), None) => {
                self.point.only += rows;
                better(&mut self.point.example, text);
            }
            (None, Some(_)) => {
                self.comma.only += rows;
                better(&mut self.comma.example, text);
            }
        }
        if parts.percent && self.percent.as_deref().is_none_or(|before| text < before) {
            self.percent = Some(text.to_owned());
        }
        if let Some(currency) = parts.currency {
            self.currencies.insert(currency.to_owned());
        }
    }

    /// What follows for the decimal sign.
    pub(crate) fn verdict(&self, written: &ValueFormat) -> Verdict {
        if let Some(decimal) = written.decimal {
            return Verdict::Settled(decimal);
        }
        let (point, comma) = (self.point.only, self.comma.only);
        let most = point.max(comma);
        if most == 0 && self.either == 0 {
            Verdict::Silent
        } else if self.either > most.saturating_mul(WEAK) {
            Verdict::Open
        } else if point == comma {
            Verdict::Torn
        } else {
            Verdict::Settled(if point > comma { '.' } else { ',' })
        }
    }

    /// What speaks for a decimal sign.
    pub(crate) fn side(&self, decimal: char) -> &Side {
        if decimal == ',' { &self.comma } else { &self.point }
    }

    /// How many values are numbers if the decimal sign is this one.
    pub(crate) fn read_with(&self, decimal: char) -> u64 {
        self.plain + self.either + self.side(decimal).only
    }
}

/// The number with this decimal sign, and the sign between its thousands if it has one.
fn reading(parts: &Parts<'_>, decimal: char, written: &ValueFormat) -> Option<(f64, Option<char>)> {
    if written.decimal.is_some_and(|said| said != decimal) || written.thousands == Some(Thousands::Sign(decimal)) {
        return None;
    }
    let groups: &[char] = match &written.thousands {
        Some(Thousands::None) => &[],
        Some(Thousands::Sign(said)) => std::slice::from_ref(said),
        None => &GROUPS,
    };
    if let Some(x) = NumberFormat::new(decimal, None).value(parts) {
        return Some((x, None));
    }
    groups.iter().filter(|g| **g != decimal).find_map(|g| {
        let x = NumberFormat::new(decimal, Some(*g)).value(parts)?;
        Some((x, Some(*g)))
    })
}
