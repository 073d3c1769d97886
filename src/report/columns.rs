//! Reading the columns of a decision batch: texts as small codes, numbers as they are.
//!
//! Plain vectors and plain loops: a million decisions are counted in a few hundredths of a second.

use arrow::array::{Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use arrow::error::ArrowError;

/// A text column as codes: 0 is missing, `i + 1` is the `i`th value. Two codes may stand for one text.
pub(crate) struct Codes {
    pub(crate) codes: Vec<u32>,
    values: StringArray,
}

impl Codes {
    /// The column of that name; all missing if there is none.
    pub(crate) fn read(batch: &RecordBatch, name: &str) -> Result<Codes, ArrowError> {
        let rows = batch.num_rows();
        let Some(column) = batch.column_by_name(name) else {
            return Ok(Codes { codes: vec![0; rows], values: StringArray::new_null(0) });
        };
        let wanted = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let column = if column.data_type() == &wanted { ArrayRef::clone(column) } else { cast(column, &wanted)? };
        let wrong = || ArrowError::SchemaError(format!("column `{name}` holds no text"));
        let column = column.as_any().downcast_ref::<DictionaryArray<Int32Type>>().ok_or_else(wrong)?;
        let values = column.values().as_any().downcast_ref::<StringArray>().ok_or_else(wrong)?.clone();
        let keys = column.keys();
        // A valid key is an index, so never negative; the key of a missing row may be anything.
        let code = |key: i32| key.cast_unsigned().wrapping_add(1);
        let mut codes: Vec<u32> = match keys.nulls() {
            None => keys.values().iter().map(|&key| code(key)).collect(),
            Some(nulls) => {
                let mut codes = vec![0; rows];
                for row in nulls.valid_indices() {
                    if let (Some(place), Some(&key)) = (codes.get_mut(row), keys.values().get(row)) {
                        *place = code(key);
                    }
                }
                codes
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

    /// The texts of a dictionary column, without reading its rows; of any other none.
    pub(crate) fn values<'a>(batch: &'a RecordBatch, name: &str) -> Result<Vec<Option<&'a str>>, ArrowError> {
        let column = batch.column_by_name(name);
        let Some(column) = column.and_then(|column| column.as_any().downcast_ref::<DictionaryArray<Int32Type>>())
        else {
            return Ok(Vec::new());
        };
        let wrong = || ArrowError::SchemaError(format!("column `{name}` holds no text"));
        Ok(column.values().as_any().downcast_ref::<StringArray>().ok_or_else(wrong)?.iter().collect())
    }

    /// The code of a row.
    pub(crate) fn code(&self, row: usize) -> u32 {
        self.codes.get(row).copied().unwrap_or(0)
    }

    /// How many codes there can be.
    pub(crate) fn size(&self) -> usize {
        self.values.len() + 1
    }

    /// The text of a code.
    pub(crate) fn text(&self, code: usize) -> Option<&str> {
        let at = code.checked_sub(1)?;
        (at < self.values.len() && self.values.is_valid(at)).then(|| self.values.value(at))
    }

    /// The text of a row.
    pub(crate) fn row(&self, row: usize) -> Option<String> {
        self.text(self.code(row) as usize).map(str::to_owned)
    }
}

/// A number column; all missing if there is none.
pub(crate) struct Numbers(Option<Float64Array>);

impl Numbers {
    /// The column of that name.
    pub(crate) fn read(batch: &RecordBatch, name: &str) -> Result<Numbers, ArrowError> {
        let Some(column) = batch.column_by_name(name) else { return Ok(Numbers(None)) };
        let column = match column.data_type() {
            DataType::Float64 => ArrayRef::clone(column),
            _ => cast(column, &DataType::Float64)?,
        };
        Ok(Numbers(column.as_any().downcast_ref::<Float64Array>().cloned()))
    }

    /// The number of a row, if there is one.
    pub(crate) fn row(&self, row: usize) -> Option<f64> {
        let column = self.0.as_ref()?;
        let x = (row < column.len() && column.is_valid(row)).then(|| column.value(row))?;
        x.is_finite().then_some(x)
    }

    /// Calls `visit` with the row and value of every number that is there.
    pub(crate) fn each(&self, mut visit: impl FnMut(usize, f64)) {
        let Some(column) = &self.0 else { return };
        match column.nulls() {
            None => column.values().iter().enumerate().for_each(|(row, &x)| visit(row, x)),
            Some(nulls) => nulls.valid_indices().for_each(|row| {
                if let Some(&x) = column.values().get(row) {
                    visit(row, x);
                }
            }),
        }
    }
}

/// What one is in millionths.
pub(crate) const MILLION: f64 = 1e6;

/// A number in whole millionths, rounded half away from zero.
pub(crate) fn millionths(x: f64) -> i128 {
    let scaled = x * MILLION;
    if scaled.abs() < 9e15 {
        // `as` drops the fraction, so that the half added makes it round.
        i128::from((scaled + 0.5f64.copysign(scaled)) as i64)
    } else {
        // Far beyond money; kept small enough that a hundred million of them still fit.
        scaled.clamp(-1e30, 1e30) as i128
    }
}

/// Per row: whether a bool column is true there. A column that is missing never is.
pub(crate) fn flags(batch: &RecordBatch, name: &str) -> Result<Vec<bool>, ArrowError> {
    let mut out = vec![false; batch.num_rows()];
    let Some(column) = batch.column_by_name(name) else { return Ok(out) };
    let column = cast(column, &DataType::Boolean)?;
    if let Some(flags) = column.as_any().downcast_ref::<BooleanArray>()
        && flags.true_count() > 0
    {
        for (place, flag) in out.iter_mut().zip(flags) {
            *place = flag == Some(true);
        }
    }
    Ok(out)
}
