//! Which table of the record each of its columns comes from: the record table itself or one that is joined to it.

use super::error::DataError;
use super::source::DataFile;
use super::table::{TableSpec, Wanted};
use crate::diag::nearest;
use crate::pack::Pack;

/// The files of a table, if it is given.
pub(crate) struct Given<'a> {
    /// As in `--data NAME=PATH`.
    pub name: &'a str,
    /// `None` if it is not given.
    pub files: Option<&'a [DataFile]>,
}

impl Given<'_> {
    /// The header by which a file of it has a column, and the file.
    fn header(&self, wanted: &Wanted) -> Option<(&str, &DataFile)> {
        let headers = |file: &'_ DataFile| file.header.iter().position(|h| wanted.is_among(std::slice::from_ref(h)));
        self.files?.iter().find_map(|file| Some((file.header.get(headers(file)?)?.as_str(), file)))
    }
}

/// For each column of the record, in order, its place in `tables`, of which the record table is the first.
///
/// It is the one that `table = "…"` says, else the one that has its header. A column that may be missing and is nowhere
/// belongs to the record table.
///
/// # Errors
/// A column two tables have, or one that none has and that must be there.
pub(crate) fn assign(pack: &Pack, tables: &[Given<'_>]) -> Result<Vec<usize>, DataError> {
    let spec = TableSpec::record(pack);
    let mut places = Vec::with_capacity(pack.record.columns.len());
    let mut lacking = Vec::new();
    let mut ambiguous = Vec::new();
    for (column, wanted) in pack.record.columns.iter().zip(spec.columns.iter().skip(1)) {
        if let Some(table) = &column.table {
            places.push(tables.iter().position(|t| t.name == table).unwrap_or(0));
            continue;
        }
        let found: Vec<usize> =
            tables.iter().enumerate().filter(|(_, t)| t.header(wanted).is_some()).map(|(i, _)| i).collect();
        places.push(found.first().copied().unwrap_or(0));
        match found.as_slice() {
            [] if !column.optional => lacking.push(wanted),
            [] | [_] => {}
            several => ambiguous.push((wanted, several.to_vec())),
        }
    }
    if let Some(error) = in_two(tables, &ambiguous) {
        return Err(error);
    }
    if lacking.is_empty() { Ok(places) } else { Err(nowhere(tables, &lacking)) }
}

/// A column that two tables have: the pack must say which is meant.
fn in_two(tables: &[Given<'_>], ambiguous: &[(&Wanted, Vec<usize>)]) -> Option<DataError> {
    let (wanted, places) = ambiguous.first()?;
    let shown: Vec<String> = places
        .iter()
        .filter_map(|i| tables.get(*i))
        .filter_map(|t| t.header(wanted).map(|(header, file)| format!("`{}` (`{header}` in `{}`)", t.name, file.shown)))
        .collect();
    let mut error = DataError::input(format!(
        "the column `{}` is in {} tables: {}",
        wanted.name,
        places.len(),
        shown.join(" and ")
    ));
    for (wanted, places) in ambiguous.iter().take(10) {
        let lines: Vec<String> =
            places.iter().filter_map(|i| tables.get(*i)).map(|t| format!("`table = \"{}\"`", t.name)).collect();
        error =
            error.help(format!("say which one is meant in `[record.columns.{}]`: {}", wanted.name, lines.join(" or ")));
    }
    Some(match ambiguous.len() {
        0..=10 => error,
        n => error.help(format!("and so for {} more columns", n - 10)),
    })
}

fn nowhere(tables: &[Given<'_>], lacking: &[&Wanted]) -> DataError {
    let names: Vec<String> = lacking.iter().map(|w| format!("`{}`", w.name)).collect();
    let what = if lacking.len() == 1 { "column" } else { "columns" };
    let all: Vec<String> = tables.iter().filter(|t| t.files.is_some()).map(|t| format!("`{}`", t.name)).collect();
    let mut error =
        DataError::input(format!("none of the tables {} has the {what} {}", all.join(", "), names.join(", ")));
    let files = || tables.iter().flat_map(|t| t.files.unwrap_or_default().iter().map(move |file| (t.name, file)));
    for wanted in lacking {
        let near = files().find_map(|(table, file)| {
            let mut names = std::iter::once(wanted.name.as_str()).chain(wanted.from.iter().map(String::as_str));
            Some((table, names.find_map(|n| nearest(n, file.header.iter().map(String::as_str)))?))
        });
        if let Some((table, near)) = near {
            error = error.help(format!(
                "for `{}` did you mean the header `{near}` of `{table}`? Then add it to `from` of this column in the pack",
                wanted.name
            ));
        }
    }
    for table in tables.iter().filter(|t| t.files.is_none()) {
        for wanted in lacking {
            error = error.help(format!(
                "if `{}` comes from `{}`, which is not given, say `table = \"{}\"` in `[record.columns.{}]`",
                wanted.name, table.name, table.name, wanted.name
            ));
        }
    }
    for table in tables {
        let Some(file) = table.files.and_then(<[DataFile]>::first) else { continue };
        let shown: Vec<String> = file.header.iter().take(12).map(|h| format!("`{h}`")).collect();
        let more = if file.header.len() > 12 { format!(" and {} more", file.header.len() - 12) } else { String::new() };
        error = error.help(format!("the headers of `{}` are {}{more}", table.name, shown.join(", ")));
    }
    error
}
