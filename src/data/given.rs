//! Rollups of events that are given, not read: those of sample customers. The same code as in a run.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray as _, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};

use super::aggregate::Lane;
use super::error::DataError;
use super::rollup::{SharedFailures, TableRollups, array};
use super::scan::Counts;
use super::table::arrow_type;
use crate::expr::{Date, Slot, Type, Value};
use crate::pack::Pack;

/// What a pack makes of the events of one table, as of one day.
#[derive(Debug)]
pub struct GivenEvents {
    rollups: TableRollups,
    /// The slot of each rollup, in order.
    slots: Vec<Slot>,
    /// The types of the table's columns, in the order of the pack.
    types: Vec<Type>,
    /// The customer's number, then the table's columns.
    schema: SchemaRef,
}

impl GivenEvents {
    /// The rollups over a table, by its place in [`Pack::tables`]; `None` if there is no such table, or no rollup reads it.
    #[must_use]
    pub fn new(pack: &Pack, table: usize, today: Date) -> Option<GivenEvents> {
        let (_, table) = pack.tables.get_index(table)?;
        let rollups = TableRollups::new(pack, table, today);
        if rollups.is_empty() {
            return None;
        }
        let slots = rollups.names().filter_map(|name| pack.names.find(name)).collect();
        let mut fields = vec![Field::new(&table.key, DataType::Int64, false)];
        fields.extend(table.columns.iter().map(|c| Field::new(&c.name, arrow_type(c.ty), true)));
        let types = table.columns.iter().map(|c| c.ty).collect();
        Some(GivenEvents { rollups, slots, types, schema: Arc::new(Schema::new(fields)) })
    }

    /// The rollups of some customers. Of each her events, one value per column of the table; the time is always there.
    ///
    /// What comes back stands in the order of the customers: `None` where no event of hers is seen as of the day, else a value for
    /// each of [`Self::slots`]. Events later than the day are never seen.
    ///
    /// # Errors
    /// None that the events could cause.
    pub fn roll_up(&self, customers: &[&[Vec<Value>]]) -> Result<Vec<Option<Vec<Value>>>, DataError> {
        let rows = || customers.iter().flat_map(|events| events.iter());
        let keys: Int64Array =
            customers.iter().enumerate().flat_map(|(key, events)| events.iter().map(move |_| key as i64)).collect();
        let mut columns: Vec<ArrayRef> = vec![Arc::new(keys)];
        for (place, ty) in self.types.iter().enumerate() {
            let values: Vec<Value> = rows().map(|row| row.get(place).cloned().unwrap_or(Value::Missing)).collect();
            columns.push(array(*ty, values.into_iter()));
        }
        let events = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        let mut found = vec![None; customers.len()];
        let Some(seen) = self.rollups.events_of(&[events], &Counts::default())? else { return Ok(found) };
        let (hers, rollups) = self.rollups.rolled_up(&seen, &SharedFailures::default())?;
        let lanes = rollups.iter().map(Lane::new).collect::<Result<Vec<_>, _>>()?;
        let keys = seen.column(0).as_primitive::<Int64Type>();
        for (row, range) in hers.iter().enumerate() {
            let key = keys.values().get(range.start).and_then(|key| usize::try_from(*key).ok());
            if let Some(place) = key.and_then(|key| found.get_mut(key)) {
                *place = Some(lanes.iter().map(|lane| lane.get(row)).collect());
            }
        }
        Ok(found)
    }

    /// What [`Self::roll_up`] gives the values of.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }
}
