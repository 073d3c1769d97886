//! From what a file holds to what the pack means: types, missing values, and rows that cannot be used.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, Date32Array, Date32Builder, Float64Array, Float64Builder,
    RecordBatch, StringArray, StringBuilder, new_null_array,
};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, SchemaRef};
use arrow::util::display::array_value_to_string;

use super::error::DataError;
use super::format::{ColumnFormat, Doubts, Flaw};
use super::table::{TableSpec, Want, Wanted, dictionary};
use crate::expr::{Date, Type};

/// Why a row is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It says nobody's.
    MissingKey,
    /// An earlier row has the same key (record table).
    DuplicateKey,
    /// An event that says not when.
    MissingTime,
    /// The value is not a number.
    NotANumber,
    /// The value is not a date.
    NotADate,
    /// It would be a number if the comma were the decimal sign.
    DecimalComma,
    /// It would be a number if the point were the decimal sign.
    DecimalPoint,
    /// It would be a number if thousands were grouped by this sign.
    ThousandsSign(char),
    /// It would be a number if this sign were the decimal sign, and another one if it stood between thousands.
    FractionOrThousands(char),
    /// It would be a date in this format.
    OtherDate(&'static str),
    /// It is written like a date, but there is no such day.
    NoSuchDay,
    /// The value is neither true nor false.
    NotABool,
    /// The line has more or fewer fields than the header.
    Ragged,
    /// The line is not UTF-8 text.
    NotUtf8,
    /// The line has bytes that are no text in the encoding of the file.
    NotDecoded,
    /// The line is not a JSON object.
    NotJson,
    /// The value is raw bytes (databases).
    RawBytes,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::MissingKey => "the key is missing",
            Reason::DuplicateKey => "the key occurs more than once",
            Reason::MissingTime => "the date is missing",
            Reason::NotANumber => "not a number",
            Reason::NotADate => "not a date",
            Reason::DecimalComma => "a decimal comma, but the column is read with a decimal point",
            Reason::DecimalPoint => "a decimal point, but the column is read with a decimal comma",
            Reason::ThousandsSign(' ') => "a blank between thousands, but the column is read without",
            Reason::ThousandsSign(sign) => {
                return write!(f, "`{sign}` between thousands, but the column is read without");
            }
            Reason::FractionOrThousands(sign) => {
                return write!(f, "`{sign}` before three digits, which may be a fraction or thousands");
            }
            Reason::OtherDate("%Y-%m-%d") => "a date as `2025-12-31`, but the column is read in another format",
            Reason::OtherDate(format) => {
                return write!(f, "a date in the format `{format}`, but the column is read in another");
            }
            Reason::NoSuchDay => "there is no such day",
            Reason::NotABool => "not true or false",
            Reason::Ragged => "the line has more or fewer fields than the header",
            Reason::NotUtf8 => "the line is not UTF-8 text",
            Reason::NotDecoded => "the line is not text in the encoding of the file",
            Reason::NotJson => "the line is not a JSON object",
            Reason::RawBytes => "raw bytes, not a value",
        })
    }
}

impl Reason {
    /// The line of a column's declaration with which such values would be read: `decimal = ","`.
    #[must_use]
    pub fn toml(&self) -> Option<String> {
        Some(match self {
            Reason::DecimalComma => "decimal = \",\"".to_owned(),
            Reason::DecimalPoint => "decimal = \".\"".to_owned(),
            Reason::ThousandsSign(sign) | Reason::FractionOrThousands(sign) => format!("thousands = \"{sign}\""),
            Reason::OtherDate(format) => format!("format = \"{format}\""),
            _ => return None,
        })
    }
}

/// A row that cannot be used; the first thing wrong with it, in the order of the pack's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BadRow {
    /// In the batch.
    pub row: u32,
    /// Index into [`TableSpec::columns`]; `None` if it is about the whole row.
    pub column: Option<u16>,
    /// What is wrong.
    pub reason: Reason,
}

/// A conformed batch, and which of its rows must not be used.
pub(crate) struct Conformed {
    /// All rows.
    pub batch: RecordBatch,
    /// In order of row, one for each row.
    pub bad: Vec<BadRow>,
    /// What was seen on the way.
    pub seen: Seen,
}

/// What a person should know of how the values of a batch were read.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// By place in the spec: words read as missing, and how often.
    pub missing: Vec<(usize, String, u64)>,
    /// By place in the spec: values whose meaning nothing has settled before.
    pub doubts: Vec<(usize, Doubts)>,
}

/// Counts the words of one column that are read as missing, by their place in its list.
#[derive(Default)]
struct Words(Vec<u64>);

impl Words {
    fn count(&mut self, place: usize) {
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        if let Some(n) = self.0.get_mut(place) {
            *n += 1;
        }
    }
}

impl Conformed {
    /// The rows that can be used.
    pub(crate) fn good(self) -> Result<RecordBatch, DataError> {
        if self.bad.is_empty() {
            return Ok(self.batch);
        }
        let mut bad = self.bad.iter().map(|b| b.row as usize).peekable();
        let keep: BooleanArray = (0..self.batch.num_rows()).map(|row| Some(bad.next_if_eq(&row).is_none())).collect();
        Ok(filter_record_batch(&self.batch, &keep)?)
    }
}

/// Conforms raw columns (in the order of the spec; `None` where the file lacks one). `broken` are rows already known to
/// be unusable, in order.
pub(crate) fn conform(
    spec: &TableSpec,
    formats: &[ColumnFormat],
    schema: &SchemaRef,
    raw: &[Option<ArrayRef>],
    rows: usize,
    broken: &[BadRow],
) -> Result<Conformed, DataError> {
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(spec.columns.len());
    let mut bad: BTreeMap<u32, BadRow> = broken.iter().map(|b| (b.row, *b)).collect();
    let mut seen = Seen::default();
    let plain = ColumnFormat::default();
    for (i, wanted) in spec.columns.iter().enumerate() {
        let mut found = Vec::new();
        let format = formats.get(i).unwrap_or(&plain);
        let array = match raw.get(i).and_then(Option::as_ref) {
            Some(array) => {
                let mut words = Words::default();
                let mut doubts = Doubts::default();
                let mut notes = Notes { bad: &mut found, words: &mut words, doubts: &mut doubts };
                let array = column(wanted, format, array, &mut notes)
                    .map_err(|e| e.doing(format!("column `{}` of table `{}`", wanted.name, spec.table)))?;
                let is_text = !matches!(wanted.want, Want::Value(Type::Number | Type::Date | Type::Bool));
                for (place, rows) in words.0.into_iter().enumerate().filter(|(_, rows)| *rows > 0) {
                    seen.missing.push((i, format.missing_word(place, is_text).to_owned(), rows));
                }
                if doubts != Doubts::default() {
                    seen.doubts.push((i, doubts));
                }
                array
            }
            None => new_null_array(&wanted.data_type(), rows),
        };
        let array = if wanted.keys.is_none() { array } else { super::normalise::keys(wanted.keys, &array)? };
        if wanted.required && array.null_count() > 0 {
            let reason = if wanted.is_key() { Reason::MissingKey } else { Reason::MissingTime };
            found.extend((0..rows).filter(|r| array.is_null(*r)).map(|r| (r as u32, reason)));
        }
        for (row, reason) in found {
            bad.entry(row).or_insert(BadRow { row, column: u16::try_from(i).ok(), reason });
        }
        columns.push(array);
    }
    let bad: Vec<BadRow> = bad.into_values().collect();
    // A key may be null only in rows that are bad; the schema of all rows must allow it.
    let schema = if bad.is_empty() { Arc::clone(schema) } else { nullable(schema) };
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(Conformed { batch: RecordBatch::try_new_with_options(schema, columns, &options)?, bad, seen })
}

/// Good rows under the schema that says that keys are there.
pub(crate) fn under_schema(batch: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, DataError> {
    if batch.schema_ref() == schema {
        return Ok(batch);
    }
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), batch.columns().to_vec(), &options)?)
}

fn nullable(schema: &SchemaRef) -> SchemaRef {
    let fields: Vec<_> = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect();
    Arc::new(arrow::datatypes::Schema::new(fields))
}

/// Whether a column of this type can be read as what is wanted. `Err` says what it holds, in plain words.
pub(crate) fn accepts(wanted: &Wanted, ty: &DataType) -> Result<(), &'static str> {
    let ty = match ty {
        DataType::Dictionary(_, value) => value.as_ref(),
        other => other,
    };
    let text = matches!(ty, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null);
    let number = ty.is_numeric();
    let date = matches!(ty, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..));
    let bool = matches!(ty, DataType::Boolean);
    let fits = match &wanted.want {
        Want::KeyText | Want::KeyInt => text || number,
        Want::Value(Type::Number) => text || number,
        Want::Value(Type::Date) => text || date || (ty.is_integer() && !wanted.written.dates.is_empty()),
        Want::Value(Type::Bool) => text || bool || ty.is_integer(),
        Want::Value(Type::Text) | Want::Dictionary => text || number || date || bool,
        Want::Raw(_) => true,
    };
    match ty {
        _ if fits => Ok(()),
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) | DataType::ListView(_) => {
            Err("lists")
        }
        DataType::Struct(_) | DataType::Map(..) => Err("nested records"),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Err("raw bytes")
        }
        DataType::Time32(_) | DataType::Time64(_) | DataType::Duration(_) | DataType::Interval(_) => {
            Err("times of day")
        }
        DataType::Boolean => Err("true and false"),
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Err("dates"),
        _ if number => Err("numbers"),
        _ => Err("something else"),
    }
}

/// What is noted while a column is read.
struct Notes<'a> {
    bad: &'a mut Vec<(u32, Reason)>,
    words: &'a mut Words,
    doubts: &'a mut Doubts,
}

impl Notes<'_> {
    /// The value, if there is one; notes why there is none.
    fn value<T>(&mut self, row: u32, read: Result<T, Flaw>) -> Option<T> {
        match read {
            Ok(value) => return Some(value),
            Err(Flaw::Missing(place)) => self.words.count(place),
            Err(Flaw::Bad(reason)) => self.bad.push((row, reason)),
        }
        None
    }
}

/// One column. Rows whose value cannot be read are noted as bad and are null in the result.
fn column(
    wanted: &Wanted,
    format: &ColumnFormat,
    array: &ArrayRef,
    notes: &mut Notes<'_>,
) -> Result<ArrayRef, DataError> {
    let was_text = is_text(array.data_type());
    let there = |array: ArrayRef, notes: &mut Notes<'_>| {
        if was_text && format.has_missing_texts() { without_missing(array, format, notes.words) } else { array }
    };
    Ok(match &wanted.want {
        Want::KeyInt => cast(array, &DataType::Int64)?,
        Want::KeyText => key_texts(&there(texts(array)?, notes))?,
        Want::Dictionary if *array.data_type() == dictionary() && !format.has_missing_texts() => Arc::clone(array),
        Want::Dictionary => cast(&there(texts(array)?, notes), &dictionary())?,
        Want::Value(Type::Text) => there(texts(array)?, notes),
        Want::Value(Type::Number) => numbers(array, format, notes)?,
        Want::Value(Type::Date) => dates(array, format, notes)?,
        Want::Value(Type::Bool) => bools(array, format, notes)?,
        Want::Raw(ty) => cast(array, ty)?,
    })
}

/// Texts without those that mean that nothing is there. Most columns hold none and stay as they are.
fn without_missing(texts: ArrayRef, format: &ColumnFormat, words: &mut Words) -> ArrayRef {
    let list = texts.as_string::<i32>();
    let mut gone = Vec::new();
    for (row, text) in list.iter().enumerate() {
        let Some(text) = text else { continue };
        let bare = text.trim();
        if bare.is_empty() {
            if format.is_of_text_file() {
                gone.push(row);
            }
        } else if let Some(place) = format.missing_text(bare) {
            words.count(place);
            gone.push(row);
        }
    }
    if gone.is_empty() {
        return texts;
    }
    let mut gone = gone.into_iter().peekable();
    let kept = list.iter().enumerate().map(|(row, text)| text.filter(|_| gone.next_if_eq(&row).is_none()));
    Arc::new(kept.collect::<StringArray>())
}

/// Texts; numbers as they are written, whole ones without a fraction, dates as ISO 8601.
fn texts(array: &ArrayRef) -> Result<ArrayRef, DataError> {
    Ok(match array.data_type() {
        DataType::Utf8 => Arc::clone(array),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let numbers = cast(array, &DataType::Float64)?;
            let mut out = StringBuilder::new();
            for x in numbers.as_primitive::<Float64Type>() {
                match x {
                    Some(x) if x.is_finite() => out.append_value((x + 0.0).to_string()),
                    _ => out.append_null(),
                }
            }
            Arc::new(out.finish())
        }
        _ => cast(array, &DataType::Utf8)?,
    })
}

/// Keys as texts; an empty one is missing.
fn key_texts(array: &ArrayRef) -> Result<ArrayRef, DataError> {
    let texts = texts(array)?;
    let list = texts.as_string::<i32>();
    if list.offsets().windows(2).all(|pair| matches!(pair, [a, b] if a < b)) {
        return Ok(texts);
    }
    Ok(Arc::new(list.iter().map(|key| key.filter(|k| !k.is_empty())).collect::<StringArray>()))
}

fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

/// Calls `append` with each text, blanks around it taken off; `None` for missing and empty ones.
fn each_text(array: &ArrayRef, mut append: impl FnMut(u32, Option<&str>)) -> Result<(), DataError> {
    let texts = texts(array)?;
    let list = texts.as_string::<i32>();
    for (row, text) in list.iter().enumerate() {
        append(row as u32, text.map(trimmed).filter(|t| !t.is_empty()));
    }
    Ok(())
}

/// Without the blanks around it. Most texts have none, and that is seen at their ends.
#[inline]
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// Numbers. What is not finite is missing (that is how other tools write it), -0 is 0.
fn numbers(array: &ArrayRef, format: &ColumnFormat, notes: &mut Notes<'_>) -> Result<ArrayRef, DataError> {
    if is_text(array.data_type()) {
        let mut out = Float64Builder::with_capacity(array.len());
        let unsettled = format.is_unsettled();
        each_text(array, |row, text| {
            let value = text.and_then(|t| notes.value(row, format.number(t)));
            if let (true, Some(text), Some(_)) = (unsettled, text, value) {
                notes.doubts.see_number(text);
            }
            out.append_option(value);
        })?;
        return Ok(Arc::new(out.finish()));
    }
    let array = cast(array, &DataType::Float64)?;
    let list = array.as_primitive::<Float64Type>();
    let usual = |x: &f64| x.is_finite() && !(*x == 0.0 && x.is_sign_negative());
    if list.values().iter().all(usual) {
        return Ok(array);
    }
    Ok(Arc::new(list.iter().map(|x| x.filter(|x| x.is_finite()).map(|x| x + 0.0)).collect::<Float64Array>()))
}

fn dates(array: &ArrayRef, format: &ColumnFormat, notes: &mut Notes<'_>) -> Result<ArrayRef, DataError> {
    if is_text(array.data_type()) || array.data_type().is_integer() {
        let mut out = Date32Builder::with_capacity(array.len());
        each_text(array, |row, text| {
            let day = text.and_then(|t| notes.value(row, format.date(t)));
            if let (Some(rival), Some(text), Some(day)) = (format.rival(), text, day) {
                notes.doubts.see_day(text, day, rival);
            }
            out.append_option(day.map(Date::days));
        })?;
        return Ok(Arc::new(out.finish()));
    }
    let array = cast(array, &DataType::Date32)?;
    let list = array.as_primitive::<Date32Type>();
    let range = Date::MIN.days()..=Date::MAX.days();
    if list.values().iter().all(|d| range.contains(d)) {
        return Ok(array);
    }
    let mut out = Vec::with_capacity(list.len());
    for (row, day) in list.iter().enumerate() {
        let kept = day.filter(|d| range.contains(d));
        if day.is_some() && kept.is_none() {
            notes.bad.push((row as u32, Reason::NotADate));
        }
        out.push(kept);
    }
    Ok(Arc::new(Date32Array::from(out)))
}

fn bools(array: &ArrayRef, format: &ColumnFormat, notes: &mut Notes<'_>) -> Result<ArrayRef, DataError> {
    if *array.data_type() == DataType::Boolean {
        return Ok(Arc::clone(array));
    }
    let mut out = BooleanBuilder::with_capacity(array.len());
    if is_text(array.data_type()) {
        each_text(array, |row, text| out.append_option(text.and_then(|t| notes.value(row, format.bool(t)))))?;
    } else {
        let whole = cast(array, &DataType::Int64)?;
        for (row, x) in whole.as_primitive::<Int64Type>().iter().enumerate() {
            let read = |x| if x == 0 || x == 1 { Ok(x == 1) } else { Err(Flaw::Bad(Reason::NotABool)) };
            out.append_option(x.and_then(|x| notes.value(row as u32, read(x))));
        }
    }
    Ok(Arc::new(out.finish()))
}

/// A raw value as it is shown in the rejects file.
pub(crate) fn shown(array: &dyn Array, row: usize) -> String {
    if array.is_null(row) {
        return String::new();
    }
    array_value_to_string(array, row).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn floats_that_are_ids_keep_their_integer_text() {
        let ids: ArrayRef = Arc::new(Float64Array::from(vec![Some(42.0), None, Some(f64::NAN), Some(1e15)]));
        let texts = key_texts(&ids).unwrap();
        let list: Vec<_> = texts.as_string::<i32>().iter().map(|t| t.map(str::to_owned)).collect();
        assert_eq!(list, [Some("42".into()), None, None, Some("1000000000000000".into())]);
    }
}
