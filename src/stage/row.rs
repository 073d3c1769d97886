//! The values of one record, by name.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type};

use crate::expr::{Date, Row, Slot, Type, Value};
use crate::pack::Pack;

/// One value per slot of the pack's names; missing until it is set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowValues {
    values: Vec<Value>,
}

impl RowValues {
    /// All missing.
    #[must_use]
    pub fn new(pack: &Pack) -> Self {
        Self { values: vec![Value::Missing; pack.names.len()] }
    }

    /// Sets a value.
    pub fn set(&mut self, slot: Slot, value: Value) {
        let index = slot.0 as usize;
        if index >= self.values.len() {
            self.values.resize(index + 1, Value::Missing);
        }
        if let Some(place) = self.values.get_mut(index) {
            *place = value;
        }
    }

    /// The columns and rollups of one row of a record batch. Columns the batch does not have, or whose type does not fit, are missing.
    #[must_use]
    pub fn from_batch(pack: &Pack, batch: &RecordBatch, row: usize) -> Self {
        let mut values = Self::new(pack);
        let columns = pack.record.columns.iter().map(|c| (c.slot, c.name.as_str()));
        let rollups = pack.rollups.iter().map(|r| (r.slot, r.name.as_str()));
        for (slot, name) in columns.chain(rollups) {
            if let Some(array) = batch.column_by_name(name) {
                values.set(slot, cell(array, row, pack.names.get(slot).ty));
            }
        }
        values
    }
}

impl Row for RowValues {
    fn get(&self, slot: Slot) -> Value {
        self.values.get(slot.0 as usize).cloned().unwrap_or(Value::Missing)
    }
}

/// One cell of an Arrow array as a value of a type; missing if null or not convertible.
#[must_use]
pub fn cell(array: &ArrayRef, row: usize, ty: Type) -> Value {
    if row >= array.len() || array.is_null(row) {
        return Value::Missing;
    }
    let one = array.slice(row, 1);
    let target = match ty {
        Type::Number => DataType::Float64,
        Type::Text => DataType::Utf8,
        Type::Bool => DataType::Boolean,
        Type::Date => DataType::Date32,
    };
    let Ok(one) = cast(&one, &target) else { return Value::Missing };
    if one.is_null(0) {
        return Value::Missing;
    }
    match ty {
        Type::Number => Value::number(one.as_primitive::<Float64Type>().value(0)),
        Type::Text => Value::text(one.as_string::<i32>().value(0)),
        Type::Bool => Value::Bool(one.as_boolean().value(0)),
        Type::Date => {
            Date::from_days(i64::from(one.as_primitive::<Date32Type>().value(0))).map_or(Value::Missing, Value::Date)
        }
    }
}
