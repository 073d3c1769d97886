//! Rows that were set aside: where they stand and what is wrong with them.
//!
//! A run only counts them. If there are any, the files they are in are read once more, row by row, to find their lines.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::careful::{Lines, chunks};
use super::conform::{Reason, conform, shown};
use super::error::DataError;
use super::keys::{DoubleFilter, Doubles, key_texts};
use super::scan::{BATCH, Input};
use super::sink::{Target, keep, temporary};
use super::source::Kind;
use arrow::array::{Array, AsArray};

/// A row that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The table, as in `--data NAME=PATH`.
    pub table: String,
    /// The file, or the address of the table without who asks.
    pub file: String,
    /// The line it starts in; of Parquet and databases the row, both from 1.
    pub line: u64,
    /// The pack's name of the column; empty if it is about the whole row.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong, in words.
    pub reason: String,
    /// The key of the row, as it stands there.
    pub key: String,
}

/// Calls `visit` with every reject of a table, in order of file and line.
pub(crate) fn each(
    input: &Input,
    doubles: Option<&Arc<Doubles>>,
    visit: &mut dyn FnMut(Reject) -> Result<(), DataError>,
) -> Result<(), DataError> {
    let mut filter = doubles.map(|d| DoubleFilter::new(Arc::clone(d)));
    let mut first_lines: HashMap<String, (String, u64)> = HashMap::new();
    for (file, layout) in &input.files {
        let mut lines = if file.kind == Kind::Csv { Some(Lines::open(file)?) } else { None };
        let mut line_of = |place: u64| lines.as_mut().map_or(Ok(place), |l| l.line_of(place));
        for chunk in chunks(file, &input.spec, layout, BATCH)? {
            let chunk = chunk?;
            let conformed =
                conform(&input.spec, &layout.formats, &input.schema, &chunk.columns, chunk.rows, &chunk.broken)?;
            let keys = conformed.batch.columns().first().map(key_texts).transpose()?;
            let mut bad = conformed.bad.iter().peekable();
            for (row, place) in chunk.places.iter().enumerate() {
                let mut problem =
                    bad.next_if(|b| b.row as usize == row).map(|b| (b.column, b.reason, b.reason.to_string()));
                let key = keys.as_ref().map(|k| k.as_string::<i32>()).filter(|k| k.is_valid(row)).map(|k| k.value(row));
                if let (None, Some(key), Some(filter), Some(doubles)) = (&problem, key, &mut filter, doubles)
                    && doubles.contains_key(key)
                {
                    let line = line_of(*place)?;
                    if filter.is_again(key) {
                        let first = first_lines.get(key).map_or_else(String::new, |(name, line)| {
                            let other = if *name == file.shown { String::new() } else { format!("`{name}` ") };
                            let what = if matches!(file.kind, Kind::Parquet | Kind::Table) { "row" } else { "line" };
                            format!(", first in {other}{what} {line}")
                        });
                        let reason = Reason::DuplicateKey;
                        problem = Some((Some(0), reason, format!("{reason}{first}")));
                    } else {
                        first_lines.insert(key.to_owned(), (file.shown.clone(), line));
                    }
                }
                let Some((column, _, reason)) = problem else { continue };
                let raw = |i: usize| chunk.columns.get(i).and_then(Option::as_ref).map(|a| shown(a, row));
                let column = column.map(usize::from);
                visit(Reject {
                    table: input.spec.table.clone(),
                    file: file.shown.clone(),
                    line: line_of(*place)?,
                    column: column.and_then(|i| input.spec.columns.get(i)).map(|c| c.name.clone()).unwrap_or_default(),
                    value: column.and_then(raw).unwrap_or_default(),
                    reason,
                    key: if input.spec.columns.first().is_some_and(super::table::Wanted::is_key) {
                        raw(0).unwrap_or_default()
                    } else {
                        String::new()
                    },
                })?;
            }
        }
    }
    Ok(())
}

/// Writes rejects as CSV: table, file, line, column, value, reason, key.
pub(crate) struct RejectsFile {
    writer: csv::Writer<tempfile::NamedTempFile>,
    target: Target,
}

impl RejectsFile {
    pub(crate) fn create(path: &Path) -> Result<Self, DataError> {
        let target = Target::File(path.to_owned());
        let mut writer = csv::Writer::from_writer(temporary(&target)?);
        let header = ["table", "file", "line", "column", "value", "reason", "key"];
        writer.write_record(header).map_err(|e| failed(path, &e))?;
        Ok(Self { writer, target })
    }

    pub(crate) fn add(&mut self, reject: &Reject) -> Result<(), DataError> {
        let line = reject.line.to_string();
        let fields = [&reject.table, &reject.file, &line, &reject.column, &reject.value, &reject.reason, &reject.key];
        let path = if let Target::File(path) = &self.target { path.as_path() } else { Path::new("") };
        self.writer.write_record(fields).map_err(|e| failed(path, &e))
    }

    pub(crate) fn finish(self) -> Result<(), DataError> {
        let Self { writer, target } = self;
        let file = writer.into_inner().map_err(|e| DataError::io("writing the rejects", e.error()))?;
        keep(file, &target).map(|_| ())
    }
}

fn failed(path: &Path, error: &csv::Error) -> DataError {
    match error.kind() {
        csv::ErrorKind::Io(e) => DataError::io(format!("writing `{}`", path.display()), e),
        _ => DataError::machine(format!("writing `{}`: {}", path.display(), error.to_string().to_lowercase())),
    }
}
