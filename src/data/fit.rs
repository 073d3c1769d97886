//! Fitting a reference: the values that are ranked, of all records, collected.

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Float64Type;

use super::error::DataError;
use super::sink::Sink;
use crate::expr::Date;
use crate::pack::Pack;
use crate::reference::{Reference, Table};
use crate::stage::Program;

/// What a [`Reference`] is fitted from: takes what the program of [`Program::ranks`] gives.
#[derive(Debug, Default)]
pub struct Population {
    columns: Vec<(String, Vec<f64>)>,
}

impl Population {
    /// Nobody yet.
    #[must_use]
    pub fn of(ranks: &Program) -> Population {
        let columns = ranks.output_schema().fields().iter().map(|f| (f.name().clone(), Vec::new())).collect();
        Population { columns }
    }

    /// The places of the values taken so far.
    #[must_use]
    pub fn fit(self, pack: &Pack, as_of: Date) -> Reference {
        Reference {
            pack: pack.identity.name.clone(),
            hash: pack.identity.hash.clone(),
            as_of: as_of.to_string(),
            tables: self.columns.into_iter().map(|(name, values)| (name, Table::fit(values))).collect(),
        }
    }
}

impl Sink for Population {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), DataError> {
        for ((_, kept), column) in self.columns.iter_mut().zip(batch.columns()) {
            if let Some(numbers) = column.as_primitive_opt::<Float64Type>() {
                kept.extend(numbers.iter().flatten());
            }
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<(), DataError> {
        self.columns.iter_mut().for_each(|(_, values)| values.clear());
        Ok(())
    }
}
