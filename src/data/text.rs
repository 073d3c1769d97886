//! Tables as CSV and JSON lines: dates as ISO 8601, numbers as short as they can be read back.

use std::io::Write;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type, SchemaRef};

use super::error::DataError;
use crate::expr::Date;

/// The two text forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFormat {
    /// RFC 4180, lines end in `\n`.
    Csv,
    /// One object per line.
    Jsonl,
}

/// A column, ready to be read by row.
enum Cells {
    Number(Float64Array),
    Int(Int64Array),
    Date(Date32Array),
    Bool(BooleanArray),
    Text(StringArray),
    /// Of each row the place in the second, if it has one.
    Dictionary(arrow::array::Int32Array, StringArray),
}

impl Cells {
    fn new(array: &ArrayRef) -> Result<Cells, DataError> {
        Ok(match array.data_type() {
            DataType::Float64 => Cells::Number(array.as_primitive::<Float64Type>().clone()),
            DataType::Date32 => Cells::Date(array.as_primitive::<Date32Type>().clone()),
            DataType::Boolean => Cells::Bool(array.as_boolean().clone()),
            DataType::Utf8 => Cells::Text(array.as_string::<i32>().clone()),
            DataType::Dictionary(key, value) if **key == DataType::Int32 && **value == DataType::Utf8 => {
                let dictionary = array.as_dictionary::<Int32Type>();
                Cells::Dictionary(dictionary.keys().clone(), dictionary.values().as_string::<i32>().clone())
            }
            ty if ty.is_integer() => Cells::Int(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone()),
            ty if ty.is_floating() => {
                Cells::Number(cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
            }
            _ => Cells::Text(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
        })
    }

    fn is_there(&self, row: usize) -> bool {
        match self {
            Cells::Number(a) => a.is_valid(row),
            Cells::Int(a) => a.is_valid(row),
            Cells::Date(a) => a.is_valid(row),
            Cells::Bool(a) => a.is_valid(row),
            Cells::Text(a) => a.is_valid(row),
            Cells::Dictionary(keys, values) => keys.is_valid(row) && values.is_valid(keys.value(row) as usize),
        }
    }

    fn text(&self, row: usize) -> Option<&str> {
        match self {
            Cells::Text(a) => Some(a.value(row)),
            Cells::Dictionary(keys, values) => Some(values.value(keys.value(row) as usize)),
            _ => None,
        }
    }

    /// Anything but a text.
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Cells::Number(a) => number(a.value(row), out),
            Cells::Int(a) => display(a.value(row), out),
            Cells::Date(a) => {
                if let Some(date) = Date::from_days(i64::from(a.value(row))) {
                    display(date, out);
                }
            }
            Cells::Bool(a) => out.extend_from_slice(if a.value(row) { b"true" } else { b"false" }),
            Cells::Text(_) | Cells::Dictionary(..) => {}
        }
    }

    fn quoted_in_json(&self) -> bool {
        matches!(self, Cells::Date(_))
    }
}

fn display(x: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = write!(out, "{x}");
}

/// Whole numbers without a fraction; the others with the fewest digits that read back as the same number.
fn number(x: f64, out: &mut Vec<u8>) {
    if x.fract() == 0.0 && x.abs() < 1e15 {
        display(x as i64, out);
    } else {
        display(x, out);
    }
}

fn csv_text(text: &str, out: &mut Vec<u8>) {
    let plain = !text.bytes().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r'));
    if plain {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for b in text.bytes() {
        if b == b'"' {
            out.push(b'"');
        }
        out.push(b);
    }
    out.push(b'"');
}

fn json_text(text: &str, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(out, text);
}

/// The first line of CSV; nothing for JSON lines.
pub(crate) fn write_header(schema: &SchemaRef, format: TextFormat, out: &mut Vec<u8>) {
    if format == TextFormat::Jsonl {
        return;
    }
    for (i, field) in schema.fields().iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        csv_text(field.name(), out);
    }
    out.push(b'\n');
}

/// The rows of a batch.
pub(crate) fn write_rows(batch: &RecordBatch, format: TextFormat, out: &mut Vec<u8>) -> Result<(), DataError> {
    let columns = batch.columns().iter().map(Cells::new).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<Vec<u8>> = batch
        .schema()
        .fields()
        .iter()
        .enumerate()
        .map(|(i, field)| {
            let mut name = vec![if i == 0 { b'{' } else { b',' }];
            json_text(field.name(), &mut name);
            name.push(b':');
            name
        })
        .collect();
    for row in 0..batch.num_rows() {
        for (i, (cells, name)) in columns.iter().zip(&names).enumerate() {
            match format {
                TextFormat::Csv => {
                    if i > 0 {
                        out.push(b',');
                    }
                    if cells.is_there(row) {
                        match cells.text(row) {
                            Some(text) => csv_text(text, out),
                            None => cells.write(row, out),
                        }
                    }
                }
                TextFormat::Jsonl => {
                    out.extend_from_slice(name);
                    if !cells.is_there(row) {
                        out.extend_from_slice(b"null");
                    } else if let Some(text) = cells.text(row) {
                        json_text(text, out);
                    } else if cells.quoted_in_json() {
                        out.push(b'"');
                        cells.write(row, out);
                        out.push(b'"');
                    } else {
                        cells.write(row, out);
                    }
                }
            }
        }
        out.extend_from_slice(if format == TextFormat::Csv { b"\n" } else { b"}\n" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use std::sync::Arc;

    use super::*;
    use arrow::array::DictionaryArray;

    fn batch() -> RecordBatch {
        let texts: DictionaryArray<Int32Type> = vec![Some("a,\"b\"\nc"), None].into_iter().collect();
        RecordBatch::try_from_iter_with_nullable([
            ("id", Arc::new(Int64Array::from(vec![7, 8])) as ArrayRef, false),
            ("x,y", Arc::new(Float64Array::from(vec![Some(12.0), Some(0.1)])) as ArrayRef, true),
            ("day", Arc::new(Date32Array::from(vec![Some(0), None])) as ArrayRef, true),
            ("ok", Arc::new(BooleanArray::from(vec![Some(true), None])) as ArrayRef, true),
            ("why", Arc::new(texts) as ArrayRef, true),
        ])
        .unwrap()
    }

    #[test]
    fn csv() {
        let mut out = Vec::new();
        write_header(&batch().schema(), TextFormat::Csv, &mut out);
        write_rows(&batch(), TextFormat::Csv, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "id,\"x,y\",day,ok,why\n7,12,1970-01-01,true,\"a,\"\"b\"\"\nc\"\n8,0.1,,,\n"
        );
    }

    #[test]
    fn json_lines() {
        let mut out = Vec::new();
        write_rows(&batch(), TextFormat::Jsonl, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"id\":7,\"x,y\":12,\"day\":\"1970-01-01\",\"ok\":true,\"why\":\"a,\\\"b\\\"\\nc\"}\n\
             {\"id\":8,\"x,y\":0.1,\"day\":null,\"ok\":null,\"why\":null}\n"
        );
    }
}
