//! The rows of a plan's file, cell by cell: CSV, JSON lines, Parquet.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray as _, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{Builder, PlanFile, no_plan};
use crate::data::DataError;
use crate::expr::Date;
use crate::pack::Pack;

/// What stands in a cell.
#[derive(Clone, Copy)]
pub(super) enum Cell<'a> {
    Missing,
    Text(&'a str),
    Number(f64),
    Day(Date),
    Other,
}

pub(super) fn read_csv(file: File, shown: &str, pack: Option<&Pack>) -> Result<PlanFile, DataError> {
    let broken = |e: &csv::Error| DataError::input(format!("`{shown}` is not a readable CSV file: {e}"));
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(BufReader::with_capacity(1 << 18, file));
    let header: Vec<String> = reader.headers().map_err(|e| broken(&e))?.iter().map(str::to_owned).collect();
    let mut builder = Builder::new(header, shown, pack)?;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|e| broken(&e))? {
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: usize| match record.get(at) {
            None | Some("") => Cell::Missing,
            Some(text) => Cell::Text(text),
        };
        builder.add(("line", line), &cell)?;
    }
    Ok(builder.finish())
}

pub(super) fn read_json(file: File, shown: &str, pack: Option<&Pack>) -> Result<PlanFile, DataError> {
    let mut builder: Option<Builder<'_>> = None;
    for (line, number) in BufReader::with_capacity(1 << 18, file).lines().zip(1..) {
        let line = line.map_err(|e| DataError::io(format!("reading the plan `{shown}`"), &e))?;
        if line.trim().is_empty() {
            continue;
        }
        let Ok(serde_json::Value::Object(object)) = serde_json::from_str(&line) else {
            return Err(DataError::input(format!("`{shown}` line {number} is not a JSON object"))
                .help("a plan has one object per line"));
        };
        let builder = match &mut builder {
            Some(builder) => builder,
            None => builder.insert(Builder::new(object.keys().cloned().collect(), shown, pack)?),
        };
        let values: Vec<Option<&serde_json::Value>> = builder.header.iter().map(|name| object.get(name)).collect();
        let cell = |at: usize| match values.get(at).copied().flatten() {
            None | Some(serde_json::Value::Null) => Cell::Missing,
            Some(serde_json::Value::String(text)) if text.is_empty() => Cell::Missing,
            Some(serde_json::Value::String(text)) => Cell::Text(text),
            Some(serde_json::Value::Number(x)) => x.as_f64().map_or(Cell::Missing, Cell::Number),
            Some(_) => Cell::Other,
        };
        builder.rows.add(("line", number), &cell)?;
    }
    builder.map(Builder::finish).ok_or_else(|| no_plan(shown, "it is empty"))
}

pub(super) fn read_parquet(file: File, shown: &str, pack: Option<&Pack>) -> Result<PlanFile, DataError> {
    let broken = |e: parquet::errors::ParquetError| {
        DataError::input(format!("`{shown}` is not a readable Parquet file: {}", DataError::from_parquet(&e)))
    };
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(broken)?;
    let header = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut builder = Builder::new(header, shown, pack)?;
    let mut row = 0;
    for batch in reader.build().map_err(broken)? {
        let batch = plain_types(&batch?)?;
        for at in 0..batch.num_rows() {
            row += 1;
            builder.add(("row", row), &|column| arrow_cell(batch.columns().get(column), at))?;
        }
    }
    Ok(builder.finish())
}

/// Columns as texts, numbers and dates.
fn plain_types(batch: &RecordBatch) -> Result<RecordBatch, DataError> {
    let columns = batch.columns().iter().map(|column| {
        let to = match column.data_type() {
            ty if ty.is_numeric() => DataType::Float64,
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => DataType::Date32,
            _ => DataType::Utf8,
        };
        // Whole numbers as keys and carried values are texts of digits.
        let to = if column.data_type().is_integer() { DataType::Utf8 } else { to };
        Ok((cast(column, &to)?, to))
    });
    let columns = columns.collect::<Result<Vec<_>, DataError>>()?;
    let schema = batch.schema();
    let fields =
        schema.fields().iter().zip(&columns).map(|(field, (_, ty))| field.as_ref().clone().with_data_type(ty.clone()));
    let schema = arrow::datatypes::Schema::new(fields.collect::<Vec<_>>());
    Ok(RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(column, _)| column).collect())?)
}

fn arrow_cell(column: Option<&ArrayRef>, row: usize) -> Cell<'_> {
    let Some(column) = column.filter(|column| row < column.len() && column.is_valid(row)) else { return Cell::Missing };
    match column.data_type() {
        DataType::Float64 => Cell::Number(column.as_primitive::<Float64Type>().value(row)),
        DataType::Date32 => {
            Date::from_days(i64::from(column.as_primitive::<Date32Type>().value(row))).map_or(Cell::Missing, Cell::Day)
        }
        DataType::Utf8 => match column.as_string::<i32>().value(row) {
            "" => Cell::Missing,
            text => Cell::Text(text),
        },
        _ => Cell::Other,
    }
}

pub(super) fn owned(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text.to_owned()),
        Cell::Number(x) => Some(x.to_string()),
        Cell::Day(day) => Some(day.to_string()),
        Cell::Missing | Cell::Other => None,
    }
}

/// A number, nothing, or the text that is none.
pub(super) fn as_number(cell: Cell<'_>) -> Result<Option<f64>, String> {
    match cell {
        Cell::Missing => Ok(None),
        Cell::Number(x) if x.is_finite() => Ok(Some(x)),
        Cell::Number(x) => Err(x.to_string()),
        Cell::Text(text) => match text.trim().parse::<f64>() {
            Ok(x) if x.is_finite() => Ok(Some(x)),
            _ => Err(text.to_owned()),
        },
        Cell::Day(day) => Err(day.to_string()),
        Cell::Other => Err("…".to_owned()),
    }
}
