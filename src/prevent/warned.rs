//! The list of early warnings: whom, why, and in which order to look.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use serde::Serialize;

use crate::data::{DataError, DecisionSink, Format, Sink as _, Target};
use crate::pack::{Pack, Prevention};

/// One customer with warnings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Warned {
    /// Her key.
    pub key: String,
    /// Her state.
    pub state: Option<String>,
    /// Its track.
    pub track: Option<String>,
    /// What is at risk with her.
    pub at_risk: Option<f64>,
    /// The weights of her warnings together.
    pub weight: f64,
    /// `at_risk * weight`: what the list is ordered by.
    pub urgency: Option<f64>,
    /// The names of the warnings.
    pub warnings: Vec<String>,
    /// Their sentences.
    pub reasons: String,
}

/// One warning: how many it is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WarningRow {
    /// Its name.
    pub warning: String,
    /// How it is called on screen.
    pub label: String,
    /// What to do.
    pub help: String,
    /// Its weight.
    pub weight: f64,
    /// How many customers.
    pub customers: u64,
    /// What is at risk with them.
    pub at_risk: Option<f64>,
}

/// All warnings.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Warnings {
    /// Warnings that are there, the most money first.
    pub kinds: Vec<WarningRow>,
    /// Labels of those that are not.
    pub quiet: Vec<String>,
    /// Customers with at least one.
    pub customers: u64,
    /// What is at risk with them, each counted once.
    pub at_risk: Option<f64>,
    /// Those who come first, most urgent first.
    pub list: Vec<Warned>,
}

impl Warnings {
    /// In order of urgency: money at risk times the weights of the warnings together; where no money is known, behind all others, by
    /// weight; then by key.
    pub(super) fn of(prevention: &Prevention, mut list: Vec<Warned>) -> Warnings {
        list.sort_by(|a, b| {
            let urgency = |w: &Warned| w.urgency.unwrap_or(f64::NEG_INFINITY);
            urgency(b).total_cmp(&urgency(a)).then(b.weight.total_cmp(&a.weight)).then_with(|| a.key.cmp(&b.key))
        });
        let mut kinds: Vec<WarningRow> = Vec::new();
        let mut quiet = Vec::new();
        for warning in &prevention.warnings {
            let its: Vec<&Warned> = list.iter().filter(|w| w.warnings.contains(&warning.name)).collect();
            if its.is_empty() {
                quiet.push(warning.label.clone());
                continue;
            }
            kinds.push(WarningRow {
                warning: warning.name.clone(),
                label: warning.label.clone(),
                help: warning.help.clone(),
                weight: warning.weight,
                customers: its.len() as u64,
                at_risk: sum(its.iter().map(|w| w.at_risk)),
            });
        }
        kinds.sort_by(|a, b| {
            b.at_risk.unwrap_or(0.0).total_cmp(&a.at_risk.unwrap_or(0.0)).then(b.customers.cmp(&a.customers))
        });
        Warnings { kinds, quiet, customers: list.len() as u64, at_risk: sum(list.iter().map(|w| w.at_risk)), list }
    }

    /// The same with so many customers at most.
    #[must_use]
    pub fn top(mut self, most: usize) -> Warnings {
        self.list.truncate(most);
        self
    }
}

/// The sum of what is known; `None` if nothing is.
fn sum(numbers: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    numbers.flatten().fold(None, |sum, x| Some(sum.unwrap_or(0.0) + x))
}

/// Writes everybody with a warning: the key, `state`, `track`, `at_risk`, `weight`, `urgency`, `warnings` (their names), `reasons`.
///
/// # Errors
/// If the file cannot be written.
pub fn write_warnings(pack: &Pack, list: &[Warned], path: &Path) -> Result<u64, DataError> {
    let format = Format::of_path(path).ok_or_else(|| {
        DataError::input(format!("cannot tell what kind of file `{}` should be", path.display()))
            .help("end its name in .csv, .jsonl or .parquet")
    })?;
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let number = |name: &str| Field::new(name, DataType::Float64, true);
    let schema = Arc::new(Schema::new(vec![
        text(&pack.record.key),
        text("state"),
        text("track"),
        number("at_risk"),
        number("weight"),
        number("urgency"),
        text("warnings"),
        text("reasons"),
    ]));
    let texts =
        |of: &dyn Fn(&Warned) -> Option<String>| -> ArrayRef { Arc::new(list.iter().map(of).collect::<StringArray>()) };
    let numbers =
        |of: &dyn Fn(&Warned) -> Option<f64>| -> ArrayRef { Arc::new(list.iter().map(of).collect::<Float64Array>()) };
    let columns = vec![
        texts(&|w| Some(w.key.clone())),
        texts(&|w| w.state.clone()),
        texts(&|w| w.track.clone()),
        numbers(&|w| w.at_risk),
        numbers(&|w| Some(w.weight)),
        numbers(&|w| w.urgency),
        texts(&|w| Some(w.warnings.join("; "))),
        texts(&|w| Some(w.reasons.clone())),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
    let mut sink = DecisionSink::create(Target::File(path.to_owned()), format, schema)?;
    sink.write(&batch)?;
    Ok(sink.finish()?.rows)
}
