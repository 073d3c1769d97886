//! What a column nobody has declared seems to hold, and reading it so: by the readers of a run, so that a profile shows what a run
//! would see.

use arrow::array::StringArray;

use crate::data::find;
use crate::data::format::{ColumnFormat, Flaw};
use crate::expr::{Type, Value};
use crate::pack::ValueFormat;

/// What a column holds, as far as its values tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// Its type; text if nothing else fits nine of ten values.
    pub ty: Type,
    /// How its values are written, where that is not the plainest way.
    pub written: ValueFormat,
    /// What only a person can say.
    pub unclear: Option<Unclear>,
}

/// Two ways to read a column that read all of it, differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    /// A value that shows it.
    pub value: String,
    /// What could be said in the pack, and what the value then is: `decimal = ","`, `1234`.
    pub ways: [(String, String); 2],
}

/// One value, read.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// It means "not there".
    Missing,
    /// A value of the type.
    Value(Value),
    /// It is not of the type.
    Misfit,
}

/// Reads the values of a column of one type.
#[derive(Debug, Clone)]
pub struct Reader {
    ty: Type,
    format: ColumnFormat,
}

/// What these values seem to be.
#[must_use]
pub fn guess(values: &StringArray) -> Guess {
    let found = find::guess(values);
    let unclear = found.ambiguous.map(|ambiguity| {
        let way = |(value, written): (String, ValueFormat)| {
            let line = match (written.dates.first(), written.decimal) {
                (Some(format), _) => format!("date = \"{format}\""),
                (None, Some(decimal)) => format!("decimal = \"{decimal}\""),
                (None, None) => "decimal = \".\"".to_owned(),
            };
            (line, value)
        };
        Unclear { value: ambiguity.value, ways: ambiguity.readings.map(way) }
    });
    Guess { ty: found.ty, written: found.written, unclear }
}

impl Reader {
    /// Of a column as it was guessed, or as it is declared.
    #[must_use]
    pub fn new(ty: Type, written: &ValueFormat) -> Reader {
        Reader { ty, format: ColumnFormat::declared(written).in_text_file() }
    }

    /// One value; the empty text is missing.
    #[must_use]
    pub fn read(&self, text: &str) -> Read {
        let text = text.trim();
        if text.is_empty() {
            return Read::Missing;
        }
        let value = match self.ty {
            Type::Number => self.format.number(text).map(Value::number),
            Type::Bool => self.format.bool(text).map(Value::Bool),
            Type::Date => self.format.date(text).map(Value::Date),
            Type::Text if self.format.missing_text(text).is_some() => return Read::Missing,
            Type::Text => return Read::Value(Value::text(text)),
        };
        match value {
            Ok(value) => Read::Value(value),
            Err(Flaw::Missing(_)) => Read::Missing,
            Err(Flaw::Bad(_)) => Read::Misfit,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn of(values: &[&str]) -> Guess {
        guess(&StringArray::from(values.to_vec()))
    }

    #[test]
    fn types() {
        assert_eq!(of(&["1", "2.5", "-3"]).ty, Type::Number);
        assert_eq!(of(&["1.234,50", "12,5"]).written.decimal, Some(','));
        assert_eq!(of(&["ja", "nein"]).ty, Type::Bool);
        assert_eq!(of(&["a", "1"]).ty, Type::Text);
        assert_eq!(of(&["2025-01-02", "2025-01-03 10:00:00"]).written.dates, Vec::<String>::new());
        assert_eq!(of(&["31.12.2025", "1.2.2024"]).written.dates, ["%d.%m.%Y"]);
        assert_eq!(of(&["19970131", "19970501"]).written.dates, ["%Y%m%d"]);
        assert_eq!(of(&["31.12.25", "01.02.24"]).written.dates, ["%d.%m.%y"]);
        assert_eq!(of(&["", "n/a"]).ty, Type::Text);
    }

    #[test]
    fn what_is_unclear_is_said() {
        let dates = of(&["03/04/2025", "05/06/2025"]).unclear.unwrap();
        assert_eq!(dates.ways[0], ("date = \"%d/%m/%Y\"".to_owned(), "2025-04-03".to_owned()));
        assert!(of(&["03/04/2025", "25/06/2025"]).unclear.is_none());
        assert_eq!(of(&["1.234", "5.678"]).unclear.unwrap().ways[1].1, "1234");
        assert!(of(&["1.234", "0.5"]).unclear.is_none());
    }

    #[test]
    fn reading() {
        let reader = Reader::new(Type::Number, &of(&["1.234,50 €", "12,5"]).written);
        assert_eq!(reader.read("(1.000,5)"), Read::Value(Value::number(-1000.5)));
        assert_eq!(reader.read("k.A."), Read::Missing);
        assert_eq!(reader.read("1,2,3"), Read::Misfit);
    }
}
