//! Reading the columns of a decision batch: texts as small codes, numbers as they are.

use arrow::array::{Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use arrow::error::ArrowError;

/// A text column as codes: 0 is missing, `i + 1` is the `i`th value. Two codes may stand for one text.
pub(super) struct Codes {
    codes: Vec<u32>,
    values: StringArray,
}

impl Codes {
    /// The column of that name; all missing if there is none.
    pub(super) fn read(batch: &RecordBatch, name: &str) -> Result<Codes, ArrowError> {
        let Some(column) = batch.column_by_name(name) else {
            return Ok(Codes { codes: vec![0; batch.num_rows()], values: StringArray::new_null(0) });
        };
        let wanted = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let column = if column.data_type() == &wanted { ArrayRef::clone(column) } else { cast(column, &wanted)? };
        let wrong = || ArrowError::SchemaError(format!("column `{name}` holds no text"));
        let column = column.as_any().downcast_ref::<DictionaryArray<Int32Type>>().ok_or_else(wrong)?;
        let values = column.values().as_any().downcast_ref::<StringArray>().ok_or_else(wrong)?.clone();
        let keys = column.keys();
        // A null's key may be anything; a value may be null as well.
        let code = |key: i32| u32::try_from(key).ok().and_then(|k| k.checked_add(1)).unwrap_or(0);
        let mut codes: Vec<u32> = match keys.nulls() {
            None => keys.values().iter().map(|&key| code(key)).collect(),
            Some(nulls) => {
                keys.values().iter().zip(nulls).map(|(&key, there)| if there { code(key) } else { 0 }).collect()
            }
        };
        if values.null_count() > 0 {
            for code in &mut codes {
                if *code > 0 && values.is_null(*code as usize - 1) {
                    *code = 0;
                }
            }
        }
        Ok(Codes { codes, values })
    }

    /// The code of a row.
    pub(super) fn code(&self, row: usize) -> usize {
        self.codes.get(row).map_or(0, |&c| c as usize)
    }

    /// How many codes there can be.
    pub(super) fn size(&self) -> usize {
        self.values.len() + 1
    }

    /// The text of a code.
    pub(super) fn text(&self, code: usize) -> Option<&str> {
        let at = code.checked_sub(1)?;
        (at < self.values.len() && self.values.is_valid(at)).then(|| self.values.value(at))
    }

    /// The text of a row.
    pub(super) fn row(&self, row: usize) -> Option<String> {
        self.text(self.code(row)).map(str::to_owned)
    }
}

/// A number column; all missing if there is none.
pub(super) struct Numbers(Option<Float64Array>);

impl Numbers {
    /// The column of that name.
    pub(super) fn read(batch: &RecordBatch, name: &str) -> Result<Numbers, ArrowError> {
        let Some(column) = batch.column_by_name(name) else { return Ok(Numbers(None)) };
        let column = match column.data_type() {
            DataType::Float64 => ArrayRef::clone(column),
            _ => cast(column, &DataType::Float64)?,
        };
        Ok(Numbers(column.as_any().downcast_ref::<Float64Array>().cloned()))
    }

    /// The number of a row, if there is one.
    pub(super) fn row(&self, row: usize) -> Option<f64> {
        let column = self.0.as_ref()?;
        let x = (row < column.len() && column.is_valid(row)).then(|| column.value(row))?;
        x.is_finite().then_some(x)
    }
}

/// The rows for which a bool column is not true, and those for which it is.
pub(super) fn split(batch: &RecordBatch, name: &str) -> Result<(Vec<usize>, Vec<usize>), ArrowError> {
    let rows = 0..batch.num_rows();
    let Some(column) = batch.column_by_name(name) else { return Ok((rows.collect(), Vec::new())) };
    let column = cast(column, &DataType::Boolean)?;
    match column.as_any().downcast_ref::<BooleanArray>() {
        Some(flags) if flags.true_count() > 0 => Ok(rows.partition(|&i| !(flags.is_valid(i) && flags.value(i)))),
        _ => Ok((rows.collect(), Vec::new())),
    }
}
