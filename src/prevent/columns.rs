//! Reading the columns of a batch row by row: whatever is not there, or of another kind, is missing.

use arrow::array::{Array, AsArray, BooleanArray, Date32Array, Float64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type};

use crate::data::DataError;
use crate::expr::Date;

fn column(batch: &RecordBatch, name: &str, ty: &DataType) -> Result<Option<arrow::array::ArrayRef>, DataError> {
    let Some(column) = batch.column_by_name(name) else { return Ok(None) };
    Ok(Some(cast(column, ty)?))
}

/// A column of texts.
pub(crate) struct Texts(Option<StringArray>);

impl Texts {
    pub(crate) fn read(batch: &RecordBatch, name: &str) -> Result<Texts, DataError> {
        Ok(Texts(column(batch, name, &DataType::Utf8)?.and_then(|c| c.as_string_opt::<i32>().cloned())))
    }

    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        let texts = self.0.as_ref().filter(|texts| row < texts.len() && texts.is_valid(row))?;
        Some(texts.value(row))
    }
}

/// A column of numbers.
pub(crate) struct Numbers(Option<Float64Array>);

impl Numbers {
    pub(crate) fn read(batch: &RecordBatch, name: &str) -> Result<Numbers, DataError> {
        Ok(Numbers(column(batch, name, &DataType::Float64)?.and_then(|c| c.as_primitive_opt::<Float64Type>().cloned())))
    }

    pub(crate) fn get(&self, row: usize) -> Option<f64> {
        let numbers = self.0.as_ref().filter(|numbers| row < numbers.len() && numbers.is_valid(row))?;
        Some(numbers.value(row)).filter(|x| x.is_finite())
    }
}

/// A column of days.
pub(crate) struct Dates(Option<Date32Array>);

impl Dates {
    pub(crate) fn read(batch: &RecordBatch, name: &str) -> Result<Dates, DataError> {
        Ok(Dates(column(batch, name, &DataType::Date32)?.and_then(|c| c.as_primitive_opt::<Date32Type>().cloned())))
    }

    pub(crate) fn get(&self, row: usize) -> Option<Date> {
        let days = self.0.as_ref().filter(|days| row < days.len() && days.is_valid(row))?;
        Date::from_days(i64::from(days.value(row)))
    }
}

/// A column of truths.
pub(crate) struct Flags(Option<BooleanArray>);

impl Flags {
    pub(crate) fn read(batch: &RecordBatch, name: &str) -> Result<Flags, DataError> {
        Ok(Flags(column(batch, name, &DataType::Boolean)?.and_then(|c| c.as_boolean_opt().cloned())))
    }

    /// Whether it is true; missing is not.
    pub(crate) fn get(&self, row: usize) -> bool {
        self.0.as_ref().is_some_and(|flags| row < flags.len() && flags.is_valid(row) && flags.value(row))
    }
}
