//! Reading columns of candidates by name, each in one type.

use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, Date32Array, Float64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type};

use crate::data::DataError;
use crate::expr::Date;

/// A column in a type; an error of ours if there is none.
fn column(batch: &RecordBatch, name: &str, ty: &DataType) -> Result<Arc<dyn Array>, DataError> {
    let array = batch.column_by_name(name).ok_or_else(|| DataError::internal(format!("no column `{name}`")))?;
    if array.data_type() == ty {
        return Ok(Arc::clone(array));
    }
    cast(array, ty).map_err(|e| DataError::internal(format!("column `{name}`: {e}")))
}

/// A column of numbers.
pub(super) fn numbers(batch: &RecordBatch, name: &str) -> Result<Float64Array, DataError> {
    Ok(column(batch, name, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

/// A column of texts.
pub(super) fn texts(batch: &RecordBatch, name: &str) -> Result<StringArray, DataError> {
    Ok(column(batch, name, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// A column that is true or false.
pub(super) fn flags(batch: &RecordBatch, name: &str) -> Result<BooleanArray, DataError> {
    Ok(column(batch, name, &DataType::Boolean)?.as_boolean().clone())
}

/// A column of days.
pub(super) fn dates(batch: &RecordBatch, name: &str) -> Result<Date32Array, DataError> {
    Ok(column(batch, name, &DataType::Date32)?.as_primitive::<Date32Type>().clone())
}

/// The keys of a batch, which are its first column.
pub(super) fn keys(batch: &RecordBatch) -> Result<StringArray, DataError> {
    let array = batch.columns().first().ok_or_else(|| DataError::internal("records without a key"))?;
    let array = cast(array, &DataType::Utf8).map_err(|e| DataError::internal(format!("keys: {e}")))?;
    Ok(array.as_string::<i32>().clone())
}

/// The number in a row.
pub(super) fn number(array: &Float64Array, row: usize) -> Option<f64> {
    (row < array.len() && array.is_valid(row)).then(|| array.value(row)).filter(|x| x.is_finite())
}

/// The text in a row.
pub(super) fn text(array: &StringArray, row: usize) -> Option<&str> {
    (row < array.len() && array.is_valid(row)).then(|| array.value(row))
}

/// Whether a row is true.
pub(super) fn flag(array: &BooleanArray, row: usize) -> bool {
    row < array.len() && array.is_valid(row) && array.value(row)
}

/// The day in a row.
pub(super) fn date(array: &Date32Array, row: usize) -> Option<Date> {
    (row < array.len() && array.is_valid(row)).then(|| Date::from_days(i64::from(array.value(row))))?
}
