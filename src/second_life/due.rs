//! What is due for customers who came back: today, still, and within a week; by whom, and why.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use serde::Serialize;

use crate::data::{DataError, DecisionSink, Format, Sink as _, Target};
use crate::expr::Date;
use crate::pack::Pack;
use crate::prevent::columns::{Flags, Texts};
use crate::stage::second_life::column;

/// When a follow-up is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    /// Its day is today; or it has no day, and what it asks for is there today.
    Today,
    /// Its day is over, its last one is not.
    Still,
    /// Its day is one of the next seven.
    Soon,
}

impl DueKind {
    /// In words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DueKind::Today => "today",
            DueKind::Still => "still due",
            DueKind::Soon => "this week",
        }
    }
}

/// One follow-up that is due for one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Her key.
    pub key: String,
    /// When.
    pub due: DueKind,
    /// Its day; `None` of one that has none.
    pub due_on: Option<String>,
    /// Its last day.
    pub until: Option<String>,
    /// The day she came back.
    pub since: Option<String>,
    /// The name of the follow-up.
    pub followup: String,
    /// How it is called on screen.
    pub label: String,
    /// Who does it.
    pub who: Option<String>,
    /// Why.
    pub because: String,
    /// What to do.
    pub help: String,
}

/// One follow-up: for how many it is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueRow {
    /// Its name.
    pub followup: String,
    /// How it is called on screen.
    pub label: String,
    /// Who does it.
    pub who: Option<String>,
    /// Due today.
    pub today: u64,
    /// Due before, and still.
    pub still: u64,
    /// Due within a week.
    pub soon: u64,
}

/// All that is due.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FollowUps {
    /// In the order of the pack; those that are due for nobody are left out.
    pub kinds: Vec<DueRow>,
    /// Labels of those.
    pub quiet: Vec<String>,
    /// How many are due, the next seven days included.
    pub all: u64,
    /// First what is due today, then what is still due, then what comes; by day, by key.
    pub list: Vec<Due>,
}

/// A follow-up of the pack.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    name: String,
    label: String,
    help: String,
    who: Option<String>,
    day: Option<u32>,
    until: Option<u32>,
}

/// Its columns in a batch.
pub(super) struct Columns {
    due: Flags,
    soon: Flags,
    because: Texts,
}

/// The follow-ups of a pack.
pub(super) fn plans(pack: &Pack) -> Vec<Plan> {
    let who = |name: &String| pack.people.get(name).map_or_else(|| name.clone(), |person| person.label.clone());
    let plan = |f: &crate::pack::FollowUp| Plan {
        name: f.name.clone(),
        label: f.label.clone(),
        help: f.help.clone(),
        who: f.speaker.as_ref().map(who),
        day: f.day,
        until: f.until,
    };
    pack.followups.iter().map(plan).collect()
}

impl Plan {
    pub(super) fn columns(&self, batch: &RecordBatch) -> Result<Columns, DataError> {
        Ok(Columns {
            due: Flags::read(batch, &format!("{}{}", column::DUE, self.name))?,
            soon: Flags::read(batch, &format!("{}{}", column::SOON, self.name))?,
            because: Texts::read(batch, &format!("{}{}", column::BECAUSE, self.name))?,
        })
    }

    /// Whether it is due in a row.
    pub(super) fn due(
        &self,
        columns: &Columns,
        row: usize,
        key: &str,
        since: Option<Date>,
        as_of: Date,
    ) -> Option<Due> {
        let (due, soon) = (columns.due.get(row), columns.soon.get(row));
        if !due && !soon {
            return None;
        }
        let after = |days: Option<u32>| Date::from_days(i64::from(since?.days()) + i64::from(days?));
        let on = after(self.day);
        let kind = match on {
            _ if !due => DueKind::Soon,
            Some(on) if on < as_of => DueKind::Still,
            _ => DueKind::Today,
        };
        Some(Due {
            key: key.to_owned(),
            due: kind,
            due_on: on.map(|day| day.to_string()),
            until: after(self.until).map(|day| day.to_string()),
            since: since.map(|day| day.to_string()),
            followup: self.name.clone(),
            label: self.label.clone(),
            who: self.who.clone(),
            because: columns.because.get(row).unwrap_or_default().to_owned(),
            help: self.help.clone(),
        })
    }
}

impl FollowUps {
    pub(super) fn of(plans: &[Plan], mut list: Vec<Due>) -> FollowUps {
        list.sort_by(|a, b| a.due.cmp(&b.due).then_with(|| a.due_on.cmp(&b.due_on)).then_with(|| a.key.cmp(&b.key)));
        let mut kinds = Vec::new();
        let mut quiet = Vec::new();
        for plan in plans {
            let count = |kind| list.iter().filter(|d| d.followup == plan.name && d.due == kind).count() as u64;
            let row = DueRow {
                followup: plan.name.clone(),
                label: plan.label.clone(),
                who: plan.who.clone(),
                today: count(DueKind::Today),
                still: count(DueKind::Still),
                soon: count(DueKind::Soon),
            };
            match row.today + row.still + row.soon {
                0 => quiet.push(plan.label.clone()),
                _ => kinds.push(row),
            }
        }
        FollowUps { kinds, quiet, all: list.len() as u64, list }
    }

    /// The same with so many customers at most.
    #[must_use]
    pub fn top(mut self, most: usize) -> FollowUps {
        self.list.truncate(most);
        self
    }
}

/// Writes all that is due: the key, `due`, `due_on`, `until`, `since`, `followup`, `label`, `who`, `because`, `what`.
///
/// # Errors
/// If the file cannot be written.
pub fn write_due(pack: &Pack, list: &[Due], path: &Path) -> Result<u64, DataError> {
    let format = Format::of_path(path).ok_or_else(|| {
        DataError::input(format!("cannot tell what kind of file `{}` should be", path.display()))
            .help("end its name in .csv, .jsonl or .parquet")
    })?;
    let names =
        [pack.record.key.as_str(), "due", "due_on", "until", "since", "followup", "label", "who", "because", "what"];
    let schema = Schema::new(names.map(|name| Field::new(name, DataType::Utf8, true)).to_vec());
    let schema = Arc::new(schema);
    let column =
        |of: &dyn Fn(&Due) -> Option<String>| -> ArrayRef { Arc::new(list.iter().map(of).collect::<StringArray>()) };
    let columns = vec![
        column(&|d| Some(d.key.clone())),
        column(&|d| Some(d.due.word().to_owned())),
        column(&|d| d.due_on.clone()),
        column(&|d| d.until.clone()),
        column(&|d| d.since.clone()),
        column(&|d| Some(d.followup.clone())),
        column(&|d| Some(d.label.clone())),
        column(&|d| d.who.clone()),
        column(&|d| Some(d.because.clone())),
        column(&|d| Some(d.help.clone())),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
    let mut sink = DecisionSink::create(Target::File(path.to_owned()), format, schema)?;
    sink.write(&batch)?;
    Ok(sink.finish()?.rows)
}
