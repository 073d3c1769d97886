//! The plan as files people and programs work from: call lists, mailing lists, calendars.

use std::path::{Path, PathBuf};

use super::row::PlanRow;
use crate::data::{DataError, Format};
use crate::expr::Date;
use crate::pack::Pack;

/// What is exported.
#[derive(Debug, Clone, Copy)]
pub struct Exported<'a> {
    /// The rules the plan was made by: labels, help texts, weights, currency, hash.
    pub pack: &'a Pack,
    /// The plan's date.
    pub as_of: Date,
    /// The plan's rows, of both arms.
    pub rows: &'a [PlanRow],
    /// The names of `PlanRow::scores`: `worth`, `chance`, `score.margin`.
    pub scores: &'a [String],
    /// The names of `PlanRow::carried`.
    pub carried: &'a [String],
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub path: PathBuf,
    /// What it is, in words: `call list of Winback team`.
    pub what: String,
    /// Contacts in it.
    pub contacts: u64,
}

/// Writes the lists, calendars and index of a plan into a folder, which is made if it is not there.
///
/// # Errors
/// The folder or a file in it could not be written.
pub fn write(_folder: &Path, _exported: &Exported<'_>, _format: Format) -> Result<Vec<Written>, DataError> {
    Ok(Vec::new())
}
