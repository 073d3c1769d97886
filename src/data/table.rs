//! What the pack wants of a table, and which column of a file gives it.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::error::DataError;
use super::format::ColumnFormat;
use super::headers::{self, Headers, Known};
use super::source::DataFile;
use crate::expr::Type;
use crate::pack::{Column, FileFormat, Join, KeyRules, Pack, Table, ValueFormat};

/// What a column must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Want {
    /// The key, as text; never missing.
    KeyText,
    /// The key, as whole numbers (where every file has it so); never missing.
    KeyInt,
    /// A value of one of the four types.
    Value(Type),
    /// A text with few different values, kept in its dictionary.
    Dictionary,
    /// Whatever the file holds (`record.sql` only).
    Raw(DataType),
}

/// A column the pack wants.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Its name in the pack.
    pub name: String,
    /// What it must hold.
    pub want: Want,
    /// Other headers it goes by.
    pub from: Vec<String>,
    /// How its values are written, as far as the pack says so.
    pub written: ValueFormat,
    /// Whether a file may lack it.
    pub optional: bool,
    /// Whether a row without it is set aside (the time of an event).
    pub required: bool,
    /// The texts it is known to hold; empty if any will do.
    pub values: Vec<String>,
    /// Of a column that holds keys: what is done to them right after reading.
    pub keys: KeyRules,
}

impl Wanted {
    /// Whether one of the headers is this column, however it is written.
    pub(crate) fn is_among(&self, headers: &[String]) -> bool {
        let known = Known::new(self.names().into_iter());
        headers.iter().any(|header| known.has(header))
    }

    /// The type of the conformed column.
    pub(crate) fn data_type(&self) -> DataType {
        match &self.want {
            Want::KeyText => DataType::Utf8,
            Want::KeyInt => DataType::Int64,
            Want::Value(ty) => arrow_type(*ty),
            Want::Dictionary => dictionary(),
            Want::Raw(ty) => ty.clone(),
        }
    }

    /// The headers it goes by, its own name first.
    pub(crate) fn names(&self) -> Vec<&str> {
        std::iter::once(self.name.as_str()).chain(self.from.iter().map(String::as_str)).collect()
    }

    /// Whether it is the key.
    pub(crate) fn is_key(&self) -> bool {
        matches!(self.want, Want::KeyText | Want::KeyInt)
    }
}

/// How a type stands in record batches.
pub(crate) fn arrow_type(ty: Type) -> DataType {
    match ty {
        Type::Number => DataType::Float64,
        Type::Text => DataType::Utf8,
        Type::Bool => DataType::Boolean,
        Type::Date => DataType::Date32,
    }
}

/// Texts with few different values.
pub(crate) fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// All columns wanted of a table; the key, if any, comes first.
#[derive(Debug, Clone, Default)]
pub(crate) struct TableSpec {
    /// As in `--data NAME=PATH`.
    pub table: String,
    /// Where the pack declares it: `record`, `record.join.NAME`, `tables.NAME`; empty if it does not.
    pub section: String,
    /// How its files are written, as far as the pack says so.
    pub file: FileFormat,
    /// In order.
    pub columns: Vec<Wanted>,
}

impl TableSpec {
    /// The record table: one row per customer.
    pub(crate) fn record(pack: &Pack) -> TableSpec {
        let record = &pack.record;
        let values = &record.file.values;
        let mut columns = vec![key(&record.key, &record.key_from, values)];
        columns.extend(record.columns.iter().map(|c| wanted(c, values, false)));
        TableSpec { table: record.table.clone(), section: "record".to_owned(), file: record.file.clone(), columns }
    }

    /// A table joined to the record, and the columns of the record that come from it.
    pub(crate) fn joined(pack: &Pack, join: &Join, wants: impl Fn(&Column) -> bool) -> TableSpec {
        let values = &join.file.values;
        let mut columns = vec![key(&pack.record.key, &join.key_from, values)];
        columns.extend(pack.record.columns.iter().filter(|c| wants(c)).map(|c| wanted(c, values, false)));
        let section = format!("record.join.{}", join.name);
        TableSpec { table: join.name.clone(), section, file: join.file.clone(), columns }
    }

    /// Keys are made alike by these rules.
    pub(crate) fn normalised(mut self, rules: KeyRules) -> TableSpec {
        self.columns.iter_mut().filter(|c| c.is_key()).for_each(|c| c.keys = rules);
        self
    }

    /// An event table.
    pub(crate) fn events(table: &Table) -> TableSpec {
        let values = &table.file.values;
        let mut columns = vec![key(&table.key, &table.key_from, values)];
        columns.extend(table.columns.iter().map(|c| {
            let is_time = table.time.as_deref() == Some(c.name.as_str());
            wanted(c, values, is_time)
        }));
        let section = format!("tables.{}", table.name);
        TableSpec { table: table.name.clone(), section, file: table.file.clone(), columns }
    }

    /// The schema of the conformed table.
    pub(crate) fn schema(&self) -> SchemaRef {
        let fields: Vec<Field> = self.columns.iter().map(|c| Field::new(&c.name, c.data_type(), !c.is_key())).collect();
        Arc::new(Schema::new(fields))
    }

    /// The names that are wanted.
    pub(crate) fn known(&self) -> Known {
        Known::new(self.columns.iter().flat_map(Wanted::names))
    }

    /// Which column of the file gives each wanted column: an exact header first (the name itself before `from`, in
    /// order), then one that differs in case and surrounding blanks, then one that differs in accents and punctuation.
    pub(crate) fn layout(&self, file: &DataFile) -> Result<Layout, DataError> {
        let wanted: Vec<Vec<&str>> = self.columns.iter().map(Wanted::names).collect();
        let mut columns = Vec::with_capacity(self.columns.len());
        let mut lacking: Vec<&Wanted> = Vec::new();
        for (wanted, found) in self.columns.iter().zip(Headers::new(&file.header).find(&wanted)) {
            match found.as_slice() {
                [one] => columns.push(Some(*one)),
                [] => {
                    if !wanted.optional {
                        lacking.push(wanted);
                    }
                    columns.push(None);
                }
                several => return Err(double(file, wanted, several)),
            }
        }
        if lacking.is_empty() {
            let formats = self.columns.iter().map(|wanted| ColumnFormat::declared(&wanted.written)).collect();
            return Ok(Layout { columns, formats });
        }
        if let Some(first_row) = &file.first_row {
            return Err(super::finding::no_header(self, &file.shown, file.header.len(), first_row));
        }
        Err(self.lacking(file, &lacking))
    }

    fn lacking(&self, file: &DataFile, lacking: &[&Wanted]) -> DataError {
        let names: Vec<String> = lacking.iter().map(|w| format!("`{}`", w.name)).collect();
        let what = if lacking.len() == 1 { "column" } else { "columns" };
        let mut error = DataError::input(format!(
            "`{}` (table `{}`) lacks the {what} {}",
            file.shown,
            self.table,
            names.join(", ")
        ));
        for wanted in lacking {
            let near = headers::nearest(&wanted.names(), &file.header, 3);
            if let [first, others @ ..] = near.as_slice() {
                let others: Vec<String> = others.iter().map(|h| format!("`{h}`")).collect();
                let or = if others.is_empty() { String::new() } else { format!(" (or {})", others.join(", ")) };
                error = error.help(format!(
                    "for `{}` did you mean the header `{first}`{or}? Then write {}",
                    wanted.name,
                    self.line_for(wanted, first)
                ));
            } else {
                error = error.help(format!(
                    "no header is like `{}`; write the one that holds it: {}",
                    wanted.name,
                    self.line_for(wanted, "…")
                ));
            }
        }
        let shown: Vec<String> = file.header.iter().take(12).map(|h| format!("`{h}`")).collect();
        let more = if file.header.len() > 12 { format!(" and {} more", file.header.len() - 12) } else { String::new() };
        error.help(format!("its headers are {}{more}", shown.join(", ")))
    }

    /// The line that accepts a header for a column, and where it belongs.
    fn line_for(&self, wanted: &Wanted, header: &str) -> String {
        let key = wanted.is_key();
        let mut list: Vec<String> = wanted.from.iter().map(|f| super::finding::toml_text(f)).collect();
        list.push(super::finding::toml_text(header));
        let list = list.join(", ");
        if key {
            return format!("`key_from = [{list}]` in `[{}]`", self.section);
        }
        // The columns of joined tables are declared with the record.
        let section = if self.section.starts_with("record") { "record" } else { &self.section };
        format!("`from = [{list}]` in `[{section}.columns.{}]`", wanted.name)
    }
}

/// Two headers that could be meant.
fn double(file: &DataFile, wanted: &Wanted, places: &[usize]) -> DataError {
    let headers: Vec<String> =
        places.iter().filter_map(|i| file.header.get(*i).map(|h| format!("`{h}` (column {})", i + 1))).collect();
    DataError::input(format!(
        "`{}` has {} columns for `{}`: {}",
        file.shown,
        places.len(),
        wanted.name,
        headers.join(", ")
    ))
    .help("rename all but one of them")
}

/// For each wanted column, its place in the file and how its values are read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    /// In the order of [`TableSpec::columns`]; `None` where the file lacks an optional one.
    pub columns: Vec<Option<usize>>,
    /// In the same order, how the values of each are written.
    pub formats: Vec<ColumnFormat>,
}

impl Layout {
    /// The columns of the file that are read, each once, in the order of the file.
    pub(crate) fn projection(&self) -> Vec<usize> {
        let mut list: Vec<usize> = self.columns.iter().flatten().copied().collect();
        list.sort_unstable();
        list.dedup();
        list
    }
}

fn key(name: &str, from: &[String], table: &ValueFormat) -> Wanted {
    Wanted {
        name: name.to_owned(),
        want: Want::KeyText,
        from: from.to_vec(),
        written: table.clone(),
        optional: false,
        required: true,
        values: Vec::new(),
        keys: KeyRules::default(),
    }
}

fn wanted(column: &Column, table: &ValueFormat, required: bool) -> Wanted {
    Wanted {
        name: column.name.clone(),
        want: Want::Value(column.ty),
        from: column.from.clone(),
        written: column.written.over(table),
        optional: column.optional,
        required,
        values: column.values.clone(),
        keys: KeyRules::default(),
    }
}
