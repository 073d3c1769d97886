//! How the values of a file are written, found from a sample of them.
//!
//! What is found is said in one sentence with the line of TOML that would fix it. What could mean two things is asked
//! about, never guessed. The order of the rows does not matter.

mod days;
mod guess;
mod numbers;
mod tell;

use std::collections::BTreeMap;

use arrow::array::StringArray;

pub(crate) use self::days::Rival;
use self::days::{Days, order};
pub(crate) use self::guess::guess;
use self::numbers::{Numbers, Verdict};
pub(crate) use self::tell::{
    Place, column_section, day_question, joined, number_question, say_so, table_section, toml_list,
};
use self::tell::{number_lines, torn};
use super::error::DataError;
use super::format::ColumnFormat;
use super::format::words::{USUAL_BOOLS, YES, place};
use super::table::{TableSpec, Want};
use crate::expr::Type;
use crate::pack::{Percent, Thousands, ValueFormat};

/// What was found.
#[derive(Debug)]
pub(crate) struct Found {
    /// In the order of [`TableSpec::columns`].
    pub formats: Vec<ColumnFormat>,
    /// What a person should know, one sentence each.
    pub notices: Vec<String>,
}

/// Finds how the values of a file are written. `headers` and `samples` are parallel to the columns of the spec; `None` where
/// the file lacks one, or where its values have types of their own (Parquet, the numbers of JSON), which are never in doubt.
/// What the pack declares is not looked at.
///
/// # Errors
/// Values that could mean two things, and nothing that tells which.
pub(crate) fn formats(
    spec: &TableSpec,
    shown: &str,
    headers: &[Option<String>],
    samples: &[Option<StringArray>],
) -> Result<Found, DataError> {
    let mut finder = Finder {
        place: Place { spec, shown, headers },
        written: spec.columns.iter().map(|c| c.written.clone()).collect(),
        unsettled: vec![false; spec.columns.len()],
        rivals: vec![None; spec.columns.len()],
        notices: Vec::new(),
    };
    let values: Vec<Option<BTreeMap<&str, u64>>> =
        (0..spec.columns.len()).map(|i| samples.get(i).and_then(Option::as_ref).map(distinct)).collect();
    finder.numbers(&values)?;
    finder.days(&values)?;
    finder.bools(&values);
    let doubts = finder.unsettled.iter().zip(&finder.rivals);
    let formats = finder.written.iter().zip(doubts).map(|(written, (unsettled, rival))| {
        let format = ColumnFormat::declared(written);
        let format = if *unsettled { format.not_settled() } else { format };
        match rival {
            Some(rival) => format.not_told_from(rival),
            None => format,
        }
    });
    Ok(Found { formats: formats.collect(), notices: finder.notices })
}

/// Different values, blanks around them taken off, each with its number of rows.
fn distinct(sample: &StringArray) -> BTreeMap<&str, u64> {
    let mut values: BTreeMap<&str, u64> = BTreeMap::new();
    for text in sample.iter().flatten().map(str::trim).filter(|t| !t.is_empty()) {
        *values.entry(text).or_default() += 1;
    }
    values
}

/// A column of numbers that was looked at.
struct NumberColumn {
    place: usize,
    seen: Numbers,
    verdict: Verdict,
    /// What is read in the end.
    decimal: char,
    group: Option<char>,
}

struct Finder<'a> {
    place: Place<'a>,
    written: Vec<ValueFormat>,
    unsettled: Vec<bool>,
    rivals: Vec<Option<String>>,
    notices: Vec<String>,
}

impl Finder<'_> {
    fn wanted(&self, ty: Type) -> Vec<usize> {
        let columns = self.place.spec.columns.iter().enumerate();
        columns.filter(|(_, c)| c.want == Want::Value(ty)).map(|(i, _)| i).collect()
    }

    fn numbers(&mut self, values: &[Option<BTreeMap<&str, u64>>]) -> Result<(), DataError> {
        let mut columns: Vec<NumberColumn> = Vec::new();
        let mut decimals: Vec<char> = Vec::new();
        for i in self.wanted(Type::Number) {
            let (Some(written), Some(Some(values))) = (self.written.get(i), values.get(i)) else { continue };
            let seen = Numbers::of(values, written, &ColumnFormat::declared(written));
            let verdict = seen.verdict(written);
            if let Verdict::Settled(decimal) = verdict {
                decimals.push(decimal);
            }
            columns.push(NumberColumn { place: i, seen, verdict, decimal: '.', group: None });
        }
        decimals.sort_unstable();
        decimals.dedup();
        // The file's own way, if its columns agree on one.
        let common = match decimals.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        for column in &mut columns {
            column.decimal = match (column.verdict, common) {
                (Verdict::Settled(own), _) => own,
                (_, Some(common)) => common,
                (Verdict::Silent, None) => '.',
                (Verdict::Open, None) => {
                    let differ = decimals.len() > 1;
                    return Err(number_question(&self.place, column.place, &column.seen.example, differ));
                }
                (Verdict::Torn, None) => return Err(torn(&self.place, column.place, &column.seen)),
            };
            column.group = column.seen.side(column.decimal).group().map(|(sign, _)| sign);
        }
        let groups: Vec<(char, char)> = columns.iter().filter_map(|c| Some((c.decimal, c.group?))).collect();
        for column in &mut columns {
            let mut others = groups.iter().filter(|(decimal, _)| *decimal == column.decimal).map(|(_, group)| *group);
            let common = others.next().filter(|first| others.all(|other| other == *first));
            column.group = column.group.or(common);
        }
        for column in &columns {
            let Some(written) = self.written.get_mut(column.place) else { continue };
            if let (None, Some(unsettled)) = (written.decimal, self.unsettled.get_mut(column.place)) {
                *unsettled = column.verdict == Verdict::Silent && common.is_none() && written.thousands.is_none();
            }
            written.decimal =
                written.decimal.or(Some(column.decimal).filter(|d| written.thousands != Some(Thousands::Sign(*d))));
            written.thousands = written.thousands.or(column.group.map(Thousands::Sign));
        }
        self.number_notices(&columns);
        Ok(())
    }

    fn number_notices(&mut self, columns: &[NumberColumn]) {
        let place = self.place;
        let said = |i: usize| place.spec.columns.get(i).map(|c| &c.written);
        // Columns whose values themselves show how they are written, beyond what the pack says.
        let telling: Vec<&NumberColumn> = columns
            .iter()
            .filter(|c| {
                let side = c.seen.side(c.decimal);
                let new_decimal = said(c.place).is_some_and(|w| w.decimal.is_none()) && side.only > 0;
                let new_group = said(c.place).is_some_and(|w| w.thousands.is_none()) && side.group().is_some();
                new_decimal || new_group
            })
            .collect();
        let unusual: Vec<&&NumberColumn> =
            telling.iter().filter(|c| c.decimal == ',' || c.seen.side(c.decimal).group().is_some()).collect();
        let how = |c: &NumberColumn| {
            let side = c.seen.side(c.decimal);
            let example = side.group().map(|(_, e)| e).filter(|e| !e.is_empty() && c.decimal == '.');
            let example =
                example.unwrap_or(if side.only > 0 { &side.example } else { side.group().map_or("", |(_, e)| e) });
            let way = match (c.decimal, side.group()) {
                (',', _) => "a decimal comma".to_owned(),
                (_, Some((' ', _))) => "a blank between thousands".to_owned(),
                (_, Some((sign, _))) => format!("`{sign}` between thousands"),
                (_, None) => "a decimal point".to_owned(),
            };
            (way, example.to_owned())
        };
        let Some(first) = unusual.first() else { return self.number_details(columns) };
        let agree =
            telling.iter().all(|c| c.decimal == first.decimal) && unusual.iter().all(|c| c.group == first.group);
        if agree {
            let (way, example) = how(first);
            let lines = number_lines(first.decimal, first.group);
            self.notices.push(format!(
                "`{}`: numbers are written with {way} (`{example}` in {}); {} {}",
                place.shown,
                place.column(first.place),
                place.of_table(&lines),
                say_so(lines.len())
            ));
        } else {
            let ways: Vec<String> = telling
                .iter()
                .map(|c| {
                    let (way, example) = how(c);
                    format!("{} with {way} (`{example}`)", place.column(c.place))
                })
                .collect();
            let lines: Vec<String> =
                unusual.iter().map(|c| place.of_column(c.place, &number_lines(c.decimal, c.group))).collect();
            self.notices.push(format!(
                "`{}`: numbers are written in different ways, {}; {} {}",
                place.shown,
                joined(&ways),
                lines.join(", "),
                say_so(unusual.iter().map(|c| number_lines(c.decimal, c.group).len()).sum())
            ));
        }
        self.number_details(columns);
    }

    /// Columns read as their neighbours are, percent signs, several currencies.
    fn number_details(&mut self, columns: &[NumberColumn]) {
        let place = self.place;
        let followers: Vec<String> = columns
            .iter()
            .filter(|c| c.verdict == Verdict::Open)
            .map(|c| {
                let format = super::format::number::NumberFormat::new(c.decimal, c.group);
                let read = format.read(&c.seen.example).map_or_else(String::new, |x| x.to_string());
                format!("`{}` in {} is read as {read}", c.seen.example, place.column(c.place))
            })
            .collect();
        if let Some(first) = columns.iter().find(|c| c.verdict == Verdict::Open) {
            let lines = number_lines(first.decimal, first.group);
            self.notices.push(format!(
                "`{}`: {}, as the other columns of the file are written; {} {}",
                place.shown,
                joined(&followers),
                place.of_table(&lines),
                say_so(lines.len())
            ));
        }
        let percents: Vec<(usize, &String)> = columns
            .iter()
            .filter(|c| place.spec.columns.get(c.place).is_some_and(|w| w.written.percent.is_none()))
            .filter_map(|c| Some((c.place, c.seen.percent.as_ref()?)))
            .collect();
        if let Some((column, example)) = percents.first() {
            for (i, _) in &percents {
                if let Some(written) = self.written.get_mut(*i) {
                    written.percent = Some(Percent::Share);
                }
            }
            self.notices.push(format!(
                "`{}`: a percent sign makes a share, 12 % is 0.12 (`{example}` in {}); {} says so, `percent = \"number\"` keeps 12",
                place.shown,
                place.column(*column),
                place.of_table(&["percent = \"share\"".to_owned()])
            ));
        }
        let mixed = columns.iter().filter(|c| c.seen.currencies.len() > 1).map(|c| {
            let names: Vec<String> = c.seen.currencies.iter().map(|name| format!("`{name}`")).collect();
            format!("{} ({})", place.column(c.place), joined(&names))
        });
        let mixed: Vec<String> = mixed.collect();
        if !mixed.is_empty() {
            self.notices.push(format!(
                "`{}`: amounts carry several currencies and are read without them: {}",
                place.shown,
                mixed.join(", ")
            ));
        }
    }

    fn days(&mut self, values: &[Option<BTreeMap<&str, u64>>]) -> Result<(), DataError> {
        let mut columns: Vec<(usize, Days)> = Vec::new();
        for i in self.wanted(Type::Date) {
            let (Some(written), Some(Some(values))) = (self.written.get(i), values.get(i)) else { continue };
            if written.dates.is_empty() {
                columns.push((i, Days::of(values, &ColumnFormat::declared(written))));
            }
        }
        // Columns that are in doubt are read as the others of the file, if those agree.
        let settled = columns.iter().filter(|(_, d)| d.rival.is_none() && d.same.is_none());
        let mut orders: Vec<(bool, char)> = settled.filter_map(|(_, d)| order(d.best.as_deref()?)).collect();
        orders.sort_unstable();
        orders.dedup();
        let fits = |format: &str| order(format).is_some_and(|o| orders.contains(&o));
        let mut followers = Vec::new();
        for (i, days) in &mut columns {
            let Some(best) = days.best.clone() else { continue };
            if let Some(rival) = &days.rival {
                let (format, day) = match (fits(&best), fits(&rival.format)) {
                    (true, false) => (best, rival.best),
                    (false, true) => (rival.format.clone(), rival.other),
                    _ => return Err(day_question(&self.place, *i, &best, rival)),
                };
                followers.push(format!("`{}` in {} is read as {day}", rival.value, self.place.column(*i)));
                days.best = Some(format);
            } else if let Some(same) = &days.same {
                // What was seen is the same day in both; what comes later may not be.
                match (fits(&best), fits(same)) {
                    (true, false) => {}
                    (false, true) => days.best = Some(same.clone()),
                    _ => {
                        if let Some(place) = self.rivals.get_mut(*i) {
                            *place = Some(same.clone());
                        }
                    }
                }
            }
        }
        for (i, days) in &columns {
            if let Some(written) = self.written.get_mut(*i) {
                written.dates = days.formats();
            }
        }
        let place = self.place;
        let found: Vec<(usize, &Days, Vec<String>)> =
            columns.iter().map(|(i, d)| (*i, d, d.formats())).filter(|(.., formats)| !formats.is_empty()).collect();
        let line = |key: &str, formats: &[String]| match formats {
            [one] => format!("{key} = \"{one}\""),
            several => format!("{key} = {}", toml_list(several)),
        };
        let as_written = |formats: &[String]| joined(&formats.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>());
        let Some((column, days, format)) = found.first() else { return Ok(()) };
        // A line for the whole table would also be one for the columns that are written otherwise.
        let agree = found.iter().all(|(.., f)| f == format)
            && columns.iter().all(|(_, d)| !d.formats().is_empty() || d.read == 0);
        if agree {
            self.notices.push(format!(
                "`{}`: dates are written as {} (`{}` in {}); {} says so",
                place.shown,
                as_written(format),
                days.example,
                place.column(*column),
                place.of_table(&[line("date", format)])
            ));
        } else {
            let ways: Vec<String> = found
                .iter()
                .map(|(i, d, f)| format!("{} as {} (`{}`)", place.column(*i), as_written(f), d.example))
                .collect();
            let lines: Vec<String> = found.iter().map(|(i, _, f)| place.of_column(*i, &[line("format", f)])).collect();
            self.notices.push(format!(
                "`{}`: dates are written in different ways, {}; {} {}",
                place.shown,
                joined(&ways),
                lines.join(", "),
                say_so(lines.len())
            ));
        }
        if !followers.is_empty() {
            self.notices.push(format!(
                "`{}`: {}, as the other dates of the file are written",
                place.shown,
                joined(&followers)
            ));
        }
        Ok(())
    }

    fn bools(&mut self, values: &[Option<BTreeMap<&str, u64>>]) {
        let place = self.place;
        let (mut yes, mut no): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let (mut shown, mut only_crosses) = (None, false);
        for i in self.wanted(Type::Bool) {
            let (Some(written), Some(Some(values))) = (self.written.get(i), values.get(i)) else { continue };
            if written.yes.is_some() || written.no.is_some() {
                continue;
            }
            let format = ColumnFormat::declared(written);
            let before = no.len();
            let (mut crosses, mut noes) = (false, false);
            for text in values.keys() {
                let Ok(truth) = format.bool(text) else { continue };
                let word = text.to_lowercase();
                crosses |= word == "x";
                noes |= !truth;
                if !USUAL_BOOLS.contains(&word.as_str()) {
                    shown.get_or_insert(i);
                }
                let list = if truth { &mut yes } else { &mut no };
                if !list.contains(&word) {
                    list.push(word);
                }
            }
            only_crosses |= crosses && !noes && no.len() == before;
        }
        let Some(column) = shown else { return };
        yes.sort_by_key(|word| place_of(word));
        no.sort();
        let mut read = Vec::new();
        let mut lines = Vec::new();
        for (list, meaning, key) in [(&yes, "yes", "true"), (&no, "no", "false")] {
            let unusual = list.iter().filter(|w| !USUAL_BOOLS.contains(&w.as_str()));
            let unusual: Vec<String> = unusual.map(|w| format!("`{w}`")).collect();
            match unusual.as_slice() {
                [] => {}
                [one] if read.is_empty() => read.push(format!("{one} is read as {meaning}")),
                several if read.is_empty() => read.push(format!("{} are read as {meaning}", joined(several))),
                several => read.push(format!("{} as {meaning}", joined(several))),
            }
            if !list.is_empty() {
                lines.push(format!("{key} = {}", toml_list(list)));
            }
        }
        let empty = if only_crosses { "; where nothing stands the value is missing, not no" } else { "" };
        self.notices.push(format!(
            "`{}`: {} (in {}){empty}; {} {}",
            place.shown,
            joined(&read),
            place.column(column),
            place.of_table(&lines),
            say_so(lines.len())
        ));
    }
}

fn place_of(word: &str) -> usize {
    place(YES, word).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
