//! A plan as a table: CSV, JSON lines or Parquet, one line per contact, whole or not at all.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, StringDictionaryBuilder,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};

use super::Plan;
use super::row::PlanRow;
use crate::data::{DataError, DecisionSink, Format, Sink as _, Target, Written};
use crate::expr::Date;

/// Rows that are written at once.
const CHUNK: usize = 1 << 16;

/// A column of texts.
type Texts = fn(&PlanRow) -> Option<&str>;
/// A column of numbers.
type Numbers = fn(&PlanRow) -> Option<f64>;
/// A column of days.
type Days = fn(&PlanRow) -> Option<Date>;

/// How a column is filled.
enum Fill {
    /// The key.
    Key,
    /// Few texts, over and over.
    Words(Texts),
    /// Texts that are all different.
    Texts(Texts),
    Numbers(Numbers),
    Days(Days),
    /// The score at this place.
    Score(usize),
    /// The carried value at this place.
    Carried(usize),
    /// The same in every row.
    Same(String),
    /// The same day in every row.
    Day(Date),
}

/// Writes a plan to a file; it appears, whole, when everything is written.
///
/// # Errors
/// The file could not be written.
pub fn write(plan: &Plan, path: &Path, format: Format) -> Result<Written, DataError> {
    let columns = columns(plan);
    let integer = plan.integer_keys && plan.rows.iter().all(|row| row.key.parse::<i64>().is_ok());
    let schema = schema(&columns, integer);
    let mut sink = DecisionSink::create(Target::File(path.to_owned()), format, Arc::clone(&schema))?;
    for rows in plan.rows.chunks(CHUNK) {
        let arrays: Vec<ArrayRef> = columns.iter().map(|(_, fill)| array(fill, rows, integer)).collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)
            .map_err(|e| DataError::internal(format!("the plan as a table: {e}")))?;
        sink.write(&batch)?;
    }
    sink.finish()
}

/// Every column, in order.
fn columns(plan: &Plan) -> Vec<(String, Fill)> {
    let words: [(&str, Texts); 8] = [
        ("campaign", |row| Some(&row.campaign)),
        ("offer", |row| row.offer.as_deref()),
        ("channel", |row| row.channel.as_deref()),
        ("speaker", |row| row.speaker.as_deref()),
        ("state", |row| row.state.as_deref()),
        ("track", |row| row.track.as_deref()),
        ("cause", |row| row.cause.as_deref()),
        ("class", |row| row.class.as_deref()),
    ];
    let word = |name: &str| {
        let found = words.iter().find(|(known, _)| *known == name);
        (name.to_owned(), Fill::Words(found.map_or(|_| None, |(_, of)| *of)))
    };
    let number = |name: &str, of: Numbers| (name.to_owned(), Fill::Numbers(of));
    let mut all = vec![
        (plan.pack.record.key.clone(), Fill::Key),
        ("arm".to_owned(), Fill::Words(|row| Some(row.arm.word()))),
        ("held_out_by".to_owned(), Fill::Words(|row| row.held_out_by.as_deref())),
        ("experiment".to_owned(), Fill::Words(|row| Some(&row.experiment))),
        ("stratum".to_owned(), Fill::Words(|row| row.stratum.as_deref())),
        number("propensity", |row| Some(row.propensity)),
    ];
    all.extend(["campaign", "offer", "channel", "speaker"].map(word));
    all.push(("send_on".to_owned(), Fill::Days(|row| Some(row.send_on))));
    all.push(("send_by".to_owned(), Fill::Days(|row| Some(row.send_by))));
    let numbers: [(&str, Numbers); 6] = [
        ("cost", |row| row.cost),
        ("success", |row| row.success),
        ("value", |row| row.value),
        ("net", |row| row.net),
        ("anyway", |row| row.anyway),
        ("hours", |row| row.hours),
    ];
    all.extend(numbers.map(|(name, of)| number(name, of)));
    all.push(("basis".to_owned(), Fill::Words(|row| row.basis.as_deref())));
    all.push(("consent_on".to_owned(), Fill::Days(|row| row.consent_on)));
    all.extend(["state", "track", "cause", "class"].map(word));
    all.push(number("confidence", |row| row.confidence));
    all.push(("grade".to_owned(), Fill::Words(|row| row.grade.as_deref())));
    all.push(number("priority", |row| row.priority));
    all.push(number("money", |row| row.money));
    let texts: [(&str, Texts); 3] = [
        ("overridden", |row| row.overridden.as_deref()),
        ("say", |row| row.say.as_deref()),
        ("reasons", |row| row.reasons.as_deref()),
    ];
    all.extend(texts.map(|(name, of)| (name.to_owned(), Fill::Texts(of))));
    all.extend(plan.scores.iter().enumerate().map(|(at, name)| (name.clone(), Fill::Score(at))));
    all.extend(plan.carried.iter().enumerate().map(|(at, name)| (name.clone(), Fill::Carried(at))));
    let identity = &plan.pack.identity;
    let same = [("pack", &identity.name), ("version", &identity.version), ("hash", &identity.hash)];
    all.extend(same.map(|(name, text)| (name.to_owned(), Fill::Same(text.clone()))));
    all.push(("as_of".to_owned(), Fill::Day(plan.as_of)));
    all
}

fn schema(columns: &[(String, Fill)], integer: bool) -> SchemaRef {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let fields = columns.iter().map(|(name, fill)| {
        let ty = match fill {
            Fill::Key if integer => DataType::Int64,
            Fill::Key | Fill::Texts(_) | Fill::Carried(_) => DataType::Utf8,
            Fill::Words(_) | Fill::Same(_) => dictionary.clone(),
            Fill::Numbers(_) | Fill::Score(_) => DataType::Float64,
            Fill::Days(_) | Fill::Day(_) => DataType::Date32,
        };
        Field::new(name, ty, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn array(fill: &Fill, rows: &[PlanRow], integer: bool) -> ArrayRef {
    let words = |of: &dyn Fn(&PlanRow) -> Option<String>| -> ArrayRef {
        let mut builder = StringDictionaryBuilder::<Int32Type>::new();
        rows.iter().for_each(|row| builder.append_option(of(row)));
        Arc::new(builder.finish())
    };
    match fill {
        Fill::Key if integer => Arc::new(rows.iter().map(|row| row.key.parse().ok()).collect::<Int64Array>()),
        Fill::Key => Arc::new(rows.iter().map(|row| Some(&*row.key)).collect::<StringArray>()),
        Fill::Words(of) => words(&|row| of(row).map(str::to_owned)),
        Fill::Same(text) => words(&|_| Some(text.clone())),
        Fill::Texts(of) => Arc::new(rows.iter().map(of).collect::<StringArray>()),
        Fill::Numbers(of) => Arc::new(rows.iter().map(of).collect::<Float64Array>()),
        Fill::Days(of) => Arc::new(rows.iter().map(|row| of(row).map(Date::days)).collect::<Date32Array>()),
        Fill::Score(at) => {
            Arc::new(rows.iter().map(|row| row.scores.get(*at).copied().flatten()).collect::<Float64Array>())
        }
        Fill::Carried(at) => {
            Arc::new(rows.iter().map(|row| row.carried.get(*at).and_then(Option::as_deref)).collect::<StringArray>())
        }
        Fill::Day(day) => Arc::new(rows.iter().map(|_| Some(day.days())).collect::<Date32Array>()),
    }
}
