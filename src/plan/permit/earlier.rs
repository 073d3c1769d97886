//! Contacts of an earlier plan that nobody has made yet: cooldowns and caps hold over both plans.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::rows::{campaign_of, history_of, meant};
use crate::data::{DataError, Events};
use crate::expr::Date;
use crate::pack::Pack;
use crate::plan::{Arm, PlanFile, PlanRow};

/// A contact of the history: day, campaign, channel.
type Known<'a> = (Date, Option<&'a str>, Option<&'a str>);

/// The contacts of earlier plans that may still be made on the as-of date or later, as rows of the history, and how many they are.
///
/// Whoever is held out is not contacted. A contact whose days are over was made, and is in the history, or will not be made. One that
/// was due, is in the history. `None` if nothing is left.
///
/// # Errors
/// A fault of ours.
pub(super) fn pending(
    pack: &Pack,
    history: &Events,
    plans: &[PlanFile],
    as_of: Date,
) -> Result<Option<(RecordBatch, u64)>, DataError> {
    let (table, time) = history_of(pack);
    let mut made: HashMap<&str, Vec<Known<'_>>> = HashMap::new();
    for batch in &history.batches {
        let Some(keys) = Events::keys(batch) else { continue };
        for (row, key) in keys.iter().enumerate() {
            let (Some(key), Some(day)) = (key, Events::day(batch, &time, row)) else { continue };
            let text = |column: &str| Events::text(batch, column, row);
            made.entry(key).or_default().push((day, text("campaign"), text("channel")));
        }
    }
    let is_made = |row: &PlanRow| {
        made.get(row.key.as_ref()).is_some_and(|contacts| {
            contacts.iter().any(|(day, campaign, channel)| {
                *day >= row.send_on
                    && match campaign {
                        Some(name) => campaign_of(pack, name) == campaign_of(pack, &row.campaign),
                        None => meant(pack, &table, *channel) == meant(pack, &table, row.channel.as_deref()),
                    }
            })
        })
    };
    let mut seen = BTreeSet::new();
    let rows = plans.iter().flat_map(|plan| &plan.rows);
    let rows: Vec<&PlanRow> = rows
        .filter(|row| row.arm == Arm::Contact && row.send_by >= as_of && !is_made(row))
        // The same plan may be named twice.
        .filter(|row| seen.insert((&row.key, &row.campaign, row.send_on)))
        .collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let key = Field::new(&pack.record.key, DataType::Utf8, false);
    let mut fields = vec![key, Field::new(&time, DataType::Date32, false)];
    fields.extend(["channel", "campaign"].map(|name| Field::new(name, DataType::Utf8, true)));
    let columns: [ArrayRef; 4] = [
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.key.as_ref()))),
        // Overdue ones are made today at the earliest.
        Arc::new(rows.iter().map(|row| Some(row.send_on.max(as_of).days())).collect::<Date32Array>()),
        Arc::new(rows.iter().map(|row| row.channel.as_deref()).collect::<StringArray>()),
        Arc::new(rows.iter().map(|row| Some(row.campaign.as_ref())).collect::<StringArray>()),
    ];
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.to_vec())
        .map_err(|e| DataError::internal(format!("contacts of an earlier plan: {e}")))?;
    Ok(Some((batch, rows.len() as u64)))
}

/// What to tell a person.
pub(super) fn words(pending: Option<u64>, as_of: Date) -> String {
    match pending {
        Some(1) => format!("1 contact of the earlier plan is still to be made on {as_of} or later, and counts as made"),
        Some(n) => {
            format!("{n} contacts of the earlier plan are still to be made on {as_of} or later, and count as made")
        }
        None => format!("no contact of the earlier plan is still to be made on {as_of} or later"),
    }
}
