//! The binary form of PostgreSQL's COPY: a row is a count of fields, a field its length and its bytes. Exact, and nothing in it
//! needs quoting.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringArray,
    StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type};

use super::super::careful::Chunk;
use super::super::error::DataError;
use super::sql::Decode;

/// What a stream starts with.
const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
/// 2000-01-01, from which days are counted there.
const EPOCH: i32 = 10_957;
const DAY: i64 = 86_400_000_000;

/// A column in the making.
enum Growing {
    Text(StringBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Digits(Float64Builder),
    Bool(BooleanBuilder),
    Day(Date32Builder),
    DayOfStamp(Date32Builder),
    Stamp(TimestampMicrosecondBuilder),
}

impl Growing {
    fn new(decode: Decode) -> Self {
        match decode {
            Decode::Text | Decode::Number | Decode::Truth => Growing::Text(StringBuilder::new()),
            Decode::Int => Growing::Int(Int64Builder::new()),
            Decode::Float => Growing::Float(Float64Builder::new()),
            Decode::Digits => Growing::Digits(Float64Builder::new()),
            Decode::Bool => Growing::Bool(BooleanBuilder::new()),
            Decode::Day => Growing::Day(Date32Builder::new()),
            Decode::DayOfStamp => Growing::DayOfStamp(Date32Builder::new()),
            Decode::Stamp => Growing::Stamp(TimestampMicrosecondBuilder::new()),
        }
    }

    /// Adds a value; `None` if its bytes are not what they should be.
    fn push(&mut self, field: Option<&[u8]>) -> Option<()> {
        match self {
            Growing::Text(list) => {
                let text = field.map(std::str::from_utf8).transpose().ok()?;
                list.append_option(text.filter(|t| !t.is_empty()));
            }
            Growing::Int(list) => list.append_option(fixed(field)?.map(i64::from_be_bytes)),
            Growing::Float(list) => list.append_option(fixed(field)?.map(f64::from_be_bytes)),
            Growing::Digits(list) => match field {
                // What is too large becomes infinite, and with that is no number.
                Some(digits) => list.append_value(std::str::from_utf8(digits).ok()?.parse().ok()?),
                None => list.append_null(),
            },
            Growing::Bool(list) => list.append_option(fixed(field)?.map(|[b]: [u8; 1]| b != 0)),
            // `infinity` is the largest day there is: a day no calendar of ours has.
            Growing::Day(list) => {
                list.append_option(fixed(field)?.map(|b| i32::from_be_bytes(b).saturating_add(EPOCH)));
            }
            Growing::DayOfStamp(list) => list.append_option(fixed(field)?.map(|b| {
                let days = i64::from_be_bytes(b).div_euclid(DAY);
                i32::try_from(days).unwrap_or(i32::MAX).saturating_add(EPOCH)
            })),
            Growing::Stamp(list) => list.append_option(
                fixed(field)?.map(|b| i64::from_be_bytes(b).saturating_add(i64::from(EPOCH).saturating_mul(DAY))),
            ),
        }
        Some(())
    }

    fn take(&mut self) -> ArrayRef {
        match self {
            Growing::Text(list) => Arc::new(list.finish()),
            Growing::Int(list) => Arc::new(list.finish()),
            Growing::Float(list) | Growing::Digits(list) => Arc::new(list.finish()),
            Growing::Bool(list) => Arc::new(list.finish()),
            Growing::Day(list) | Growing::DayOfStamp(list) => Arc::new(list.finish()),
            Growing::Stamp(list) => Arc::new(list.finish()),
        }
    }
}

/// So many bytes, or a missing value; `None` if there are more or fewer.
#[expect(clippy::option_option, reason = "a wrong length is not a missing value")]
fn fixed<const N: usize>(field: Option<&[u8]>) -> Option<Option<[u8; N]>> {
    match field {
        Some(bytes) => Some(Some(bytes.try_into().ok()?)),
        None => Some(None),
    }
}

/// Takes a stream apart into chunks.
pub(super) struct Rows {
    columns: Vec<Option<Growing>>,
    /// What is left of the last message.
    rest: Vec<u8>,
    started: bool,
    rows: usize,
    before: u64,
}

impl Rows {
    pub(super) fn new(columns: &[Option<Decode>]) -> Self {
        Self {
            columns: columns.iter().map(|d| d.map(Growing::new)).collect(),
            rest: Vec::new(),
            started: false,
            rows: 0,
            before: 0,
        }
    }

    /// Rows that wait to be taken.
    pub(super) fn waiting(&self) -> usize {
        self.rows
    }

    /// Takes the next message.
    pub(super) fn see(&mut self, message: &[u8]) -> Result<(), DataError> {
        // Nearly always a message is whole rows, and nothing is copied.
        if self.rest.is_empty() {
            let used = self.rows_of(message)?;
            self.rest.extend_from_slice(message.get(used..).unwrap_or_default());
        } else {
            let mut bytes = std::mem::take(&mut self.rest);
            bytes.extend_from_slice(message);
            let used = self.rows_of(&bytes)?;
            self.rest = bytes.split_off(used);
        }
        Ok(())
    }

    /// The rows so far.
    pub(super) fn take(&mut self) -> Chunk {
        let columns = self.columns.iter_mut().map(|c| c.as_mut().map(Growing::take)).collect();
        let rows = std::mem::take(&mut self.rows);
        let places = (1..=rows as u64).map(|i| self.before + i).collect();
        self.before += rows as u64;
        Chunk { columns, rows, broken: Vec::new(), places }
    }

    /// Returns how many bytes were whole rows.
    fn rows_of(&mut self, bytes: &[u8]) -> Result<usize, DataError> {
        let strange = || DataError::internal("the server's rows are not what they should be");
        let mut used = 0;
        if !self.started {
            let mut rest = bytes;
            let (Some(signature), Some(_flags), Some(more)) = (split(&mut rest, 11), int(&mut rest), int(&mut rest))
            else {
                return Ok(0);
            };
            let more = usize::try_from(more).map_err(|_| strange())?;
            if signature != SIGNATURE {
                return Err(strange());
            }
            if split(&mut rest, more).is_none() {
                return Ok(0);
            }
            self.started = true;
            used = bytes.len() - rest.len();
        }
        loop {
            let mut rest = bytes.get(used..).unwrap_or_default();
            let Some(length) = whole_row(rest) else { return Ok(used) };
            rest = rest.get(2..).unwrap_or_default();
            if length == 2 {
                // The end, or a row without fields: neither has values.
                used += 2;
                continue;
            }
            for column in self.columns.iter_mut().flatten() {
                let length = int(&mut rest).ok_or_else(strange)?;
                let field = match usize::try_from(length) {
                    Ok(length) => Some(split(&mut rest, length).ok_or_else(strange)?),
                    Err(_) => None,
                };
                column.push(field).ok_or_else(strange)?;
            }
            self.rows += 1;
            used += length;
        }
    }
}

/// The length of the row that starts here, if all of it is here.
fn whole_row(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    let fields = i16::from_be_bytes(split(&mut rest, 2)?.try_into().ok()?);
    for _ in 0..fields {
        let length = int(&mut rest)?;
        if let Ok(length) = usize::try_from(length) {
            split(&mut rest, length)?;
        }
    }
    Some(bytes.len() - rest.len())
}

fn split<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, more) = rest.split_at_checked(length)?;
    *rest = more;
    Some(taken)
}

fn int(rest: &mut &[u8]) -> Option<i32> {
    Some(i32::from_be_bytes(split(rest, 4)?.try_into().ok()?))
}

/// Starts a stream.
pub(super) fn start(out: &mut Vec<u8>) {
    out.extend_from_slice(SIGNATURE);
    out.extend_from_slice(&[0; 8]);
}

/// Ends a stream.
pub(super) fn end(out: &mut Vec<u8>) {
    out.extend_from_slice(&(-1i16).to_be_bytes());
}

/// A column to be written. Numbers go as float8, whole numbers as int8, days as date.
enum Cells<'a> {
    Number(&'a arrow::array::Float64Array),
    Int(ArrayRef),
    Day(&'a arrow::array::Date32Array),
    Bool(&'a arrow::array::BooleanArray),
    Text(StringArray),
    Dictionary(&'a arrow::array::Int32Array, &'a StringArray),
}

impl<'a> Cells<'a> {
    fn new(array: &'a ArrayRef) -> Result<Self, DataError> {
        Ok(match array.data_type() {
            DataType::Float64 => Cells::Number(array.as_primitive::<Float64Type>()),
            DataType::Date32 => Cells::Day(array.as_primitive::<Date32Type>()),
            DataType::Boolean => Cells::Bool(array.as_boolean()),
            DataType::Dictionary(key, value) if **key == DataType::Int32 && **value == DataType::Utf8 => {
                let dictionary = array.as_dictionary::<Int32Type>();
                Cells::Dictionary(dictionary.keys(), dictionary.values().as_string::<i32>())
            }
            ty if ty.is_integer() => Cells::Int(cast(array, &DataType::Int64)?),
            _ => Cells::Text(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
        })
    }

    fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<(), DataError> {
        match self {
            Cells::Number(a) if a.is_valid(row) => field(&a.value(row).to_be_bytes(), out),
            Cells::Int(a) if a.is_valid(row) => field(&a.as_primitive::<Int64Type>().value(row).to_be_bytes(), out),
            Cells::Day(a) if a.is_valid(row) => field(&a.value(row).saturating_sub(EPOCH).to_be_bytes(), out),
            Cells::Bool(a) if a.is_valid(row) => field(&[u8::from(a.value(row))], out),
            Cells::Text(a) if a.is_valid(row) => text(a.value(row), out)?,
            Cells::Dictionary(keys, values)
                if keys.is_valid(row) && values.is_valid(usize::try_from(keys.value(row)).unwrap_or_default()) =>
            {
                text(values.value(usize::try_from(keys.value(row)).unwrap_or_default()), out)?;
            }
            _ => out.extend_from_slice(&(-1i32).to_be_bytes()),
        }
        Ok(())
    }
}

fn field(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&i32::try_from(bytes.len()).unwrap_or(i32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn text(text: &str, out: &mut Vec<u8>) -> Result<(), DataError> {
    if text.as_bytes().contains(&0) {
        let shown: String = text.chars().filter(|c| *c != '\0').take(40).collect();
        return Err(DataError::input(format!("`{shown}` has a zero character, which PostgreSQL does not keep"))
            .help("take it out of the data, or write the decisions to a file"));
    }
    field(text.as_bytes(), out);
    Ok(())
}

/// The rows of a batch, the id of the run before each.
pub(super) fn write_rows(batch: &RecordBatch, run: &str, out: &mut Vec<u8>) -> Result<(), DataError> {
    let columns = batch.columns().iter().map(Cells::new).collect::<Result<Vec<_>, _>>()?;
    let mut before = i16::try_from(columns.len() + 1).unwrap_or(i16::MAX).to_be_bytes().to_vec();
    text(run, &mut before)?;
    for row in 0..batch.num_rows() {
        out.extend_from_slice(&before);
        for column in &columns {
            column.write(row, out)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use arrow::array::{BooleanArray, Date32Array, Float64Array, Int64Array};

    fn batch() -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable([
            ("id", Arc::new(Int64Array::from(vec![7, -8])) as ArrayRef, false),
            ("x", Arc::new(Float64Array::from(vec![Some(0.1), None])) as ArrayRef, true),
            ("day", Arc::new(Date32Array::from(vec![Some(0), Some(20_000)])) as ArrayRef, true),
            ("ok", Arc::new(BooleanArray::from(vec![None, Some(true)])) as ArrayRef, true),
            ("why", Arc::new(StringArray::from(vec![Some("für \\N"), Some("")])) as ArrayRef, true),
        ])
        .unwrap()
    }

    #[test]
    fn what_is_written_is_read_wherever_it_is_cut() {
        let mut bytes = Vec::new();
        start(&mut bytes);
        write_rows(&batch(), "r1", &mut bytes).unwrap();
        end(&mut bytes);
        let decodes = [Decode::Text, Decode::Int, Decode::Float, Decode::Day, Decode::Bool, Decode::Text].map(Some);
        for size in 1..bytes.len() {
            let mut rows = Rows::new(&decodes);
            for part in bytes.chunks(size) {
                rows.see(part).unwrap();
            }
            assert_eq!(rows.waiting(), 2);
            let chunk = rows.take();
            assert_eq!(chunk.places, [1, 2]);
            for (i, column) in batch().columns().iter().take(4).enumerate() {
                assert_eq!(chunk.columns[i + 1].as_ref().unwrap(), column, "{size}");
            }
            let why = chunk.columns[5].as_ref().unwrap().as_string::<i32>().clone();
            assert_eq!((why.value(0), why.is_null(1)), ("für \\N", true));
        }
    }

    #[test]
    fn days_without_end_and_numbers_without_bound() {
        let mut day = Growing::new(Decode::Day);
        day.push(Some(&i32::MAX.to_be_bytes())).unwrap();
        day.push(Some(&i32::MIN.to_be_bytes())).unwrap();
        let days = day.take();
        assert_eq!(days.as_primitive::<Date32Type>().values(), &[i32::MAX, i32::MIN + EPOCH]);
        let mut stamp = Growing::new(Decode::DayOfStamp);
        stamp.push(Some(&(-1i64).to_be_bytes())).unwrap();
        stamp.push(Some(&i64::MAX.to_be_bytes())).unwrap();
        let days = stamp.take();
        assert_eq!(days.as_primitive::<Date32Type>().value(0), EPOCH - 1);
        assert!(days.as_primitive::<Date32Type>().value(1) > 10_000_000);
        let mut digits = Growing::new(Decode::Digits);
        for text in ["12.50", "NaN", "Infinity", "1234567890123456789012345678901234567890"] {
            digits.push(Some(text.as_bytes())).unwrap();
        }
        assert!(digits.push(Some(b"x")).is_none());
        assert!(Growing::new(Decode::Int).push(Some(b"1")).is_none());
    }

    #[test]
    fn a_zero_character_is_said() {
        let text: ArrayRef = Arc::new(StringArray::from(vec!["a\0b"]));
        let batch = RecordBatch::try_from_iter([("t", text)]).unwrap();
        assert!(write_rows(&batch, "r", &mut Vec::new()).unwrap_err().message.contains("zero character"));
    }
}
