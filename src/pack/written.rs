//! How files and the values in them are written.

/// How the files of a table are written: `[record.file]`, `[tables.NAME.file]`. What is not said is found from the data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileFormat {
    /// A label of the WHATWG encoding standard: `utf-8`, `utf-16le`, `windows-1252`.
    pub encoding: Option<String>,
    /// What stands between the fields.
    pub delimiter: Option<Delimiter>,
    /// The sign around fields that hold a delimiter; `Some(None)` if there is none.
    pub quote: Option<Option<u8>>,
    /// The names of the columns, in order, of files without a header line; empty if they have one.
    pub headers: Vec<String>,
    /// Lines above the header, or above the first row if there is none.
    pub skip: Option<usize>,
    /// The sheet of an Excel workbook.
    pub sheet: Option<String>,
    /// How values are written, where a column does not say it itself.
    pub values: ValueFormat,
}

/// What stands between the fields of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// One ASCII character.
    Byte(u8),
    /// Runs of blanks and tabs, as in tables made for the eye.
    Blanks,
}

/// How the values of a column are written. What is not said is found from the data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ValueFormat {
    /// Before the fraction: `.` or `,`.
    pub decimal: Option<char>,
    /// Between groups of three digits.
    pub thousands: Option<Thousands>,
    /// What `12 %` is.
    pub percent: Option<Percent>,
    /// Chrono formats of dates, tried in order; empty if none is said.
    pub dates: Vec<String>,
    /// Texts that mean "not there", beside the empty one.
    pub missing: Option<Vec<String>>,
    /// Texts that mean yes.
    pub yes: Option<Vec<String>>,
    /// Texts that mean no.
    pub no: Option<Vec<String>>,
}

/// What stands between groups of three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thousands {
    /// Nothing.
    None,
    /// `.`, `,`, `'`, or a blank, which stands for every kind of blank.
    Sign(char),
}

/// What a percent sign does to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Percent {
    /// `12 %` is 0.12.
    Share,
    /// `12 %` is 12.
    Number,
}

impl ValueFormat {
    /// What a column says, and what its table says where the column does not.
    #[must_use]
    pub fn over(&self, table: &ValueFormat) -> ValueFormat {
        ValueFormat {
            decimal: self.decimal.or(table.decimal),
            thousands: self.thousands.or(table.thousands),
            percent: self.percent.or(table.percent),
            dates: if self.dates.is_empty() { table.dates.clone() } else { self.dates.clone() },
            missing: self.missing.clone().or_else(|| table.missing.clone()),
            yes: self.yes.clone().or_else(|| table.yes.clone()),
            no: self.no.clone().or_else(|| table.no.clone()),
        }
    }
}
