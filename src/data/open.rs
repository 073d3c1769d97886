//! Opening a run: are the tables known, and where does each column of the record come from?

use super::assign::{Given, assign};
use super::error::DataError;
use super::record::raw_spec;
use super::scan::Input;
use super::source::{Source, files};
use super::table::TableSpec;
use crate::diag::nearest;
use crate::pack::{Column, Pack};

/// The record table and the tables joined to it: headers read, each column of the record found in one of them. With
/// `record.sql` all are as they are in their files.
pub(super) fn open_record(
    pack: &Pack,
    sources: &[Source],
    notices: &mut Vec<String>,
) -> Result<(Option<Input>, Vec<Input>), DataError> {
    let (joins, rules) = (&pack.record.joins, pack.record.normalise);
    let mut whole = TableSpec::record(pack).normalised(rules);
    let mut read = |name: &str, spec: &TableSpec| {
        sources.iter().find(|s| s.name == name).map(|s| files(s, spec, notices)).transpose()
    };
    let record = read(&pack.record.table, &whole)?;
    let mut beside = Vec::with_capacity(joins.len());
    for join in joins {
        let list = read(&join.name, &TableSpec::joined(pack, join, |_| true))?;
        let needed = record.is_some() || pack.record.sql.is_some();
        if list.is_none() && needed && !join.optional {
            return Err(DataError::input(format!(
                "the pack needs the table `{}`, which is joined to the record",
                join.name
            ))
            .help(format!("give it with `--data {}=PATH`", join.name))
            .help(format!("if a run may go without it, say `optional = true` in `[record.join.{}]`", join.name)));
        }
        if list.is_some() && !needed {
            return Err(DataError::input(format!(
                "the table `{}` is given, but not the one it is joined to: `{}` says who is a customer",
                join.name, pack.record.table
            ))
            .help(format!("give it with `--data {}=PATH`", pack.record.table)));
        }
        beside.push(list);
    }
    if pack.record.sql.is_some() {
        let of = |name: &str| {
            let name = name.to_owned();
            move |c: &Column| c.table.as_ref().is_none_or(|t| *t == name)
        };
        let record = match record {
            Some(list) => Some(Input::new(raw_spec(&pack.record.table, &list, &whole), list, notices)?),
            None => None,
        };
        let mut inputs = Vec::new();
        for (join, list) in joins.iter().zip(beside) {
            let Some(list) = list else { continue };
            let declared = TableSpec::joined(pack, join, of(&join.name)).normalised(rules);
            inputs.push(Input::new(raw_spec(&join.name, &list, &declared), list, notices)?);
        }
        return Ok((record, inputs));
    }
    let Some(list) = record else { return Ok((None, Vec::new())) };
    if joins.is_empty() {
        return Ok((Some(Input::new(whole, list, notices)?), Vec::new()));
    }
    let mut given = vec![Given { name: &pack.record.table, files: Some(&list) }];
    given.extend(joins.iter().zip(&beside).map(|(j, list)| Given { name: &j.name, files: list.as_deref() }));
    let places = assign(pack, &given)?;
    let place = |name: &str| pack.record.columns.iter().zip(&places).find(|(c, _)| c.name == name).map(|(_, p)| *p);
    let mut inputs = Vec::new();
    for (i, (join, list)) in joins.iter().zip(beside).enumerate() {
        let Some(list) = list else { continue };
        let spec = TableSpec::joined(pack, join, |c| place(&c.name) == Some(i + 1)).normalised(rules);
        if spec.columns.len() > 1 {
            inputs.push(Input::new(spec, list, notices)?);
        } else {
            notices.push(format!("no column of the record comes from the table `{}`, so it was not read", join.name));
        }
    }
    whole.columns.retain(|c| c.is_key() || place(&c.name) == Some(0));
    Ok((Some(Input::new(whole, list, notices)?), inputs))
}

pub(super) fn nothing_given(pack: &Pack) -> DataError {
    let mut error = DataError::input("no data is given");
    let joins = pack.record.joins.iter().map(|j| &j.name);
    let tables = std::iter::once(&pack.record.table).chain(joins).chain(pack.tables.keys());
    for table in tables {
        error = error.help(format!("give `--data {table}=PATH`"));
    }
    error
}

/// Every given table must be one the pack knows (unless it is for `record.sql`), and be given once.
pub(super) fn check_names(pack: &Pack, sources: &[Source]) -> Result<(), DataError> {
    for (i, source) in sources.iter().enumerate() {
        if sources.iter().take(i).any(|s| s.name == source.name) {
            return Err(DataError::input(format!("the table `{}` is given twice", source.name))
                .help("put its files into one folder and give the folder"));
        }
        let joins = pack.record.joins.iter().map(|j| j.name.as_str());
        let mut known =
            std::iter::once(pack.record.table.as_str()).chain(joins).chain(pack.tables.keys().map(String::as_str));
        if pack.record.sql.is_some() || known.clone().any(|k| k == source.name) {
            continue;
        }
        let error = DataError::input(format!("the pack has no table `{}`", source.name));
        let names: Vec<String> = known.clone().map(|k| format!("`{k}`")).collect();
        return Err(match nearest(&source.name, &mut known) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("it has {}", names.join(", "))),
        });
    }
    Ok(())
}
