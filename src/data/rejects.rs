//! Rows that were set aside: where they stand and what is wrong with them.
//!
//! A run only counts them. If there are any, the files they are in are read once more, row by row, to find their lines.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::careful::{Lines, chunks};
use super::conform::{Reason, conform, shown};
use super::error::DataError;
use super::keys::{DoubleFilter, Doubles, key_texts};
use super::scan::{BATCH, Input};
use super::sink::{DecisionSink, Format, Sink, Target};
use super::source::Kind;

/// A row that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The table, as in `--data NAME=PATH`.
    pub table: String,
    /// The file, or the address of the table without who asks.
    pub file: String,
    /// The line it starts in; of Parquet, Excel and databases the row, all from 1.
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

impl Reject {
    /// Where it stands: `orders.csv:17`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// Calls `visit` with every reject of a table and why it is one, in order of file and line, until it says `false`.
pub(crate) fn each(
    input: &Input,
    doubles: Option<&Arc<Doubles>>,
    visit: &mut dyn FnMut(Reject, Reason) -> Result<bool, DataError>,
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
                            let what = file.kind.place();
                            format!(", first in {other}{what} {line}")
                        });
                        let reason = Reason::DuplicateKey;
                        problem = Some((Some(0), reason, format!("{reason}{first}")));
                    } else {
                        first_lines.insert(key.to_owned(), (file.shown.clone(), line));
                    }
                }
                let Some((column, why, reason)) = problem else { continue };
                let raw = |i: usize| chunk.columns.get(i).and_then(Option::as_ref).map(|a| shown(a, row));
                let column = column.map(usize::from);
                let reject = Reject {
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
                };
                if !visit(reject, why)? {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Writes rejects as a table: table, file, line, column, value, reason, key. The kind of file is told by its name.
pub(crate) struct RejectsFile {
    sink: DecisionSink,
    schema: SchemaRef,
    waiting: Vec<Reject>,
}

impl RejectsFile {
    pub(crate) fn create(path: &Path) -> Result<Self, DataError> {
        let format = table_format(path)?;
        let text = |name: &str| Field::new(name, DataType::Utf8, true);
        let schema = Arc::new(Schema::new(vec![
            text("table"),
            text("file"),
            Field::new("line", DataType::Int64, false),
            text("column"),
            text("value"),
            text("reason"),
            text("key"),
        ]));
        let sink = DecisionSink::create(Target::File(path.to_owned()), format, Arc::clone(&schema))?;
        Ok(Self { sink, schema, waiting: Vec::new() })
    }

    pub(crate) fn add(&mut self, reject: &Reject) -> Result<(), DataError> {
        self.waiting.push(reject.clone());
        if self.waiting.len() < BATCH { Ok(()) } else { self.write() }
    }

    fn write(&mut self) -> Result<(), DataError> {
        let list = std::mem::take(&mut self.waiting);
        let texts = |of: fn(&Reject) -> &str| -> ArrayRef {
            Arc::new(list.iter().map(|r| Some(of(r)).filter(|t| !t.is_empty())).collect::<StringArray>())
        };
        let lines: Int64Array =
            list.iter().map(|r| i64::try_from(r.line).unwrap_or(i64::MAX)).collect::<Vec<_>>().into();
        let columns = vec![
            texts(|r| &r.table),
            texts(|r| &r.file),
            Arc::new(lines) as ArrayRef,
            texts(|r| &r.column),
            texts(|r| &r.value),
            texts(|r| &r.reason),
            texts(|r| &r.key),
        ];
        self.sink.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }

    pub(crate) fn finish(mut self) -> Result<(), DataError> {
        self.write()?;
        self.sink.finish().map(|_| ())
    }
}

/// What a list of rejects or of keys is written as.
pub(crate) fn table_format(path: &Path) -> Result<Format, DataError> {
    Format::of_path(path).ok_or_else(|| {
        DataError::input(format!("cannot tell what kind of file `{}` should be", path.display()))
            .help("end its name in .csv or .parquet")
    })
}
