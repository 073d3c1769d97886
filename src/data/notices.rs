//! What a person should know after a run: sentences from counts.

use std::collections::{BTreeMap, BTreeSet};

use super::conform::Reason;
use super::error::DataError;
use super::find::{
    Place, Rival, column_section, day_question, joined, number_question, say_so, table_section, toml_list,
};
use super::format::day::Read;
use super::scan::{Counts, Input};

/// Sentences about one table.
pub(crate) fn of_table(input: &Input, seen: &Counts) -> Vec<String> {
    let mut list: Vec<String> = missing_words(input, seen).into_iter().collect();
    list.extend(unreadable(input, seen));
    list.extend(unknown_values(input, seen));
    list
}

/// The question that only the whole file could raise: a column without any decimal sign in its first rows, and nothing but
/// `1.234` behind them; or nothing but `04/04/2025`, and then `03/04/2025`.
pub(crate) fn open_question(input: &Input, seen: &Counts) -> Option<DataError> {
    let (column, doubts) = seen.doubts().into_iter().find(|(_, doubts)| doubts.is_open())?;
    let shown = match input.files.as_slice() {
        [(file, _)] => file.shown.clone(),
        _ => input.spec.table.clone(),
    };
    let place = Place { spec: &input.spec, shown: &shown, headers: &[] };
    let value = doubts.example;
    let format = input.files.iter().find_map(|(_, layout)| layout.formats.get(column).filter(|f| f.rival().is_some()));
    let Some((format, rival)) = format.and_then(|f| Some((f, f.rival()?))) else {
        return Some(number_question(&place, column, &value, false));
    };
    let best = format.written().dates.first()?;
    match (format.date(&value), rival.read(&value)) {
        (Ok(day), Read::Day(other)) => {
            let rival = Rival { format: rival.text.clone(), value, best: day, other };
            Some(day_question(&place, column, best, &rival))
        }
        _ => None,
    }
}

/// One sentence per table on words read as missing that the pack does not list.
fn missing_words(input: &Input, seen: &Counts) -> Option<String> {
    const SHORT: usize = 4;
    let mut uses = Vec::new();
    let mut words: BTreeSet<String> = BTreeSet::new();
    // By word: values, columns, the first of them.
    let mut sums: BTreeMap<String, (u64, usize, &str)> = BTreeMap::new();
    for ((column, word), values) in seen.missing() {
        let Some(wanted) = input.spec.columns.get(column).filter(|c| c.written.missing.is_none()) else { continue };
        let unit = if values == 1 { "value" } else { "values" };
        uses.push((format!("`{word}` in `{}`", wanted.name), format!("{values} {unit}")));
        let sum = sums.entry(word.clone()).or_insert((0, 0, &wanted.name));
        *sum = (sum.0 + values, sum.1 + 1, sum.2);
        words.insert(word);
    }
    let line = format!("missing = {}", toml_list(&words));
    let place = table_section(&input.spec).map_or_else(String::new, |s| format!(" in `[{s}]`"));
    match uses.as_slice() {
        [] => None,
        [(word, values)] => {
            Some(format!("{word} of `{}` is read as missing ({values}); `{line}`{place} says so", input.spec.table))
        }
        several if several.len() > SHORT => {
            let several: Vec<String> = sums
                .iter()
                .map(|(word, (values, columns, name))| match (values, columns) {
                    (1, _) => format!("`{word}` in `{name}` (1 value)"),
                    (_, 1) => format!("`{word}` in `{name}` ({values} values)"),
                    _ => format!("`{word}` ({values} values in {columns} columns)"),
                })
                .collect();
            let table = &input.spec.table;
            Some(format!("`{table}`: {} are read as missing; `{line}`{place} says so", joined(&several)))
        }
        several => {
            let several: Vec<String> = several.iter().map(|(word, values)| format!("{word} ({values})")).collect();
            let table = &input.spec.table;
            Some(format!("`{table}`: {} are read as missing; `{line}`{place} says so", joined(&several)))
        }
    }
}

/// One sentence per column and reason that another way of reading would take away.
fn unreadable(input: &Input, seen: &Counts) -> Vec<String> {
    let mut list = Vec::new();
    for ((column, reason), rows) in seen.reasons() {
        let place = column.map(usize::from);
        let (Some(place), Some(line)) = (place, reason.toml()) else { continue };
        let Some(wanted) = input.spec.columns.get(place) else { continue };
        let lines = match reason {
            Reason::FractionOrThousands(sign) => vec![format!("decimal = \"{sign}\""), line],
            Reason::OtherDate(format) => vec![with_format(input, place, format)],
            _ => vec![line],
        };
        let section = column_section(&input.spec, wanted).map_or_else(String::new, |s| format!(" in `[{s}]`"));
        let ticked: Vec<String> = lines.iter().map(|l| format!("`{l}`")).collect();
        let (values, hold) = if rows == 1 { ("value", "is") } else { ("values", "are") };
        list.push(format!(
            "{rows} {values} in `{}` of `{}` {hold} not read: {reason}; if the column is written so, {}{section} {}",
            wanted.name,
            input.spec.table,
            ticked.join(" or "),
            say_so(1)
        ));
    }
    list
}

/// `format` with the formats the column is read in and another one.
fn with_format(input: &Input, column: usize, format: &str) -> String {
    let mut formats: Vec<String> = input
        .files
        .first()
        .and_then(|(_, layout)| layout.formats.get(column))
        .map(|f| f.written().dates.clone())
        .unwrap_or_default();
    if formats.is_empty() {
        formats.push("%Y-%m-%d".to_owned());
    }
    formats.push(format.to_owned());
    format!("format = {}", toml_list(&formats))
}

/// One sentence per text column that holds values the pack does not list.
fn unknown_values(input: &Input, seen: &Counts) -> Vec<String> {
    let mut by_column: BTreeMap<usize, Vec<(String, u64)>> = BTreeMap::new();
    for ((column, value), rows) in seen.unknown() {
        by_column.entry(column).or_default().push((value, rows));
    }
    by_column
        .into_iter()
        .filter_map(|(column, mut values)| {
            let wanted = input.spec.columns.get(column)?;
            values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let shown: Vec<String> = values.iter().take(5).map(|(value, rows)| format!("`{value}` ({rows})")).collect();
            let more = if values.len() > 5 { ", …" } else { "" };
            Some(format!(
                "`{}` of `{}` holds values the pack does not list: {}{more}",
                wanted.name,
                input.spec.table,
                shown.join(", ")
            ))
        })
        .collect()
}
