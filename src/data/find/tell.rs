//! Naming tables, columns and lines of TOML; the questions.

use super::days::Rival;
use super::numbers::Numbers;
use crate::data::error::DataError;
use crate::data::format::number::NumberFormat;
use crate::data::table::{TableSpec, Wanted};

/// Names things as the person who reads a sentence knows them.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The table.
    pub spec: &'a TableSpec,
    /// The file.
    pub shown: &'a str,
    /// The headers of its columns.
    pub headers: &'a [Option<String>],
}

impl Place<'_> {
    /// `` `amount` ``, with the header in the file if it is another.
    pub(super) fn column(&self, i: usize) -> String {
        let name = self.spec.columns.get(i).map_or("", |c| c.name.as_str());
        match self.headers.get(i).and_then(Option::as_ref) {
            Some(header) if !header.trim().eq_ignore_ascii_case(name) => format!("`{name}` (`{}`)", header.trim()),
            _ => format!("`{name}`"),
        }
    }

    /// Lines for the whole table: `` `decimal = ","` in `[tables.orders.file]` ``.
    pub(super) fn of_table(&self, lines: &[String]) -> String {
        let lines: Vec<String> = lines.iter().map(|l| format!("`{l}`")).collect();
        let place = table_section(self.spec).map_or_else(String::new, |s| format!(" in `[{s}]`"));
        format!("{}{place}", joined(&lines))
    }

    /// Lines for one column: `` `[tables.orders.columns.amount] decimal = ","` ``.
    pub(super) fn of_column(&self, i: usize, lines: &[String]) -> String {
        match self.spec.columns.get(i).and_then(|c| column_section(self.spec, c)) {
            Some(section) => {
                let lines: Vec<String> = lines.iter().map(|l| format!("`[{section}] {l}`")).collect();
                joined(&lines)
            }
            None => joined(&lines.iter().map(|l| format!("`{l}`")).collect::<Vec<_>>()),
        }
    }
}

/// Where the files of a table are described; `None` if the pack does not declare it.
pub(crate) fn table_section(spec: &TableSpec) -> Option<String> {
    (!spec.section.is_empty()).then(|| format!("{}.file", spec.section))
}

/// Where a column is declared.
pub(crate) fn column_section(spec: &TableSpec, column: &Wanted) -> Option<String> {
    if spec.section.is_empty() || column.is_key() {
        return table_section(spec);
    }
    // The columns of joined tables are columns of the record.
    let owner = if spec.section.starts_with("record") { "record" } else { spec.section.as_str() };
    Some(format!("{owner}.columns.{}", column.name))
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn joined(list: &[String]) -> String {
    match list {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// `says so` of one line, `say so` of several.
pub(crate) fn say_so(lines: usize) -> &'static str {
    if lines == 1 { "says so" } else { "say so" }
}

/// The lines that declare a decimal sign and a sign between thousands.
pub(super) fn number_lines(decimal: char, group: Option<char>) -> Vec<String> {
    let mut lines = vec![format!("decimal = \"{decimal}\"")];
    lines.extend(group.map(|g| format!("thousands = \"{g}\"")));
    lines
}

/// `["a", "b"]`, as TOML.
pub(crate) fn toml_list(words: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let words: Vec<String> = words.into_iter().map(|w| format!("{:?}", w.as_ref())).collect();
    format!("[{}]", words.join(", "))
}

/// The question about a value such as `1.234`: a fraction, or thousands?
pub(crate) fn number_question(place: &Place<'_>, i: usize, value: &str, of_column: bool) -> DataError {
    let sign = if value.contains('.') { '.' } else { ',' };
    let other = if sign == '.' { ',' } else { '.' };
    let read =
        |decimal, group| NumberFormat::new(decimal, group).read(value).map_or_else(String::new, |x| x.to_string());
    let (thousands, fraction) = (read(other, Some(sign)), read(sign, None));
    let lines = |lines: &[String]| if of_column { place.of_column(i, lines) } else { place.of_table(lines) };
    DataError::input(format!(
        "`{}`: `{value}` in {} may be {thousands} or {fraction}, and nothing in the file tells which",
        place.shown,
        place.column(i)
    ))
    .help(format!("if it is {thousands}, write {}", lines(&number_lines(other, Some(sign)))))
    .help(format!("if it is {fraction}, write {}", lines(&number_lines(sign, None))))
}

/// As many decimal points as commas.
pub(super) fn torn(place: &Place<'_>, i: usize, seen: &Numbers) -> DataError {
    let lines = |decimal| place.of_column(i, &number_lines(decimal, None));
    DataError::input(format!(
        "`{}`: {} holds as many decimal points (`{}`) as decimal commas (`{}`)",
        place.shown,
        place.column(i),
        seen.point.example,
        seen.comma.example
    ))
    .help(format!("write {} or {}; values of the other kind are then set aside", lines('.'), lines(',')))
}

/// The question about a value such as `03/04/2025`.
pub(crate) fn day_question(place: &Place<'_>, i: usize, best: &str, rival: &Rival) -> DataError {
    let line = |format: &str| place.of_column(i, &[format!("format = \"{format}\"")]);
    DataError::input(format!(
        "`{}`: `{}` in {} may be {} or {}, and nothing in the file tells which",
        place.shown,
        rival.value,
        place.column(i),
        rival.best,
        rival.other
    ))
    .help(format!("if it is {}, write {}", rival.best, line(best)))
    .help(format!("if it is {}, write {}", rival.other, line(&rival.format)))
}
