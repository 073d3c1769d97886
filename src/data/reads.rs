//! Whether two packs read the same records from the same data.
//!
//! Only what reading depends on counts: the record and its columns, the tables, the rollups with the parameters and scripts they
//! use, `record.sql`. Labels, help and everything the stages do make no difference.

use super::rollup::{Fingerprint, fingerprints};
use crate::pack::{Column, Join, Pack, Record, Table};

/// Whether both packs read the same records from the same data as of the same day, so that what one has read will do for
/// the other. When in doubt it says no.
#[must_use]
pub fn reads_same(earlier: &Pack, later: &Pack) -> bool {
    read_anew(earlier, later).is_empty()
}

/// What makes the later pack read other records, in words, one entry each: `` `orders_12m` is rolled up anew ``. Empty if both read
/// the same.
#[must_use]
pub fn read_anew(earlier: &Pack, later: &Pack) -> Vec<String> {
    let mut why = Vec::new();
    record(earlier, later, &mut why);
    let names = |pack: &Pack| pack.tables.keys().cloned().collect::<Vec<_>>();
    named(&names(earlier), &names(later), "the table ", &mut why);
    for (before, now) in later.tables.values().filter_map(|now| Some((earlier.tables.get(&now.name)?, now))) {
        table(before, now, &mut why);
        rollups(&fingerprints(earlier, before), &fingerprints(later, now), &mut why);
    }
    why
}

/// What is in only one of two lists.
fn named(earlier: &[String], later: &[String], what: &str, why: &mut Vec<String>) {
    why.extend(later.iter().filter(|name| !earlier.contains(name)).map(|name| format!("{what}`{name}` is new")));
    why.extend(earlier.iter().filter(|name| !later.contains(name)).map(|name| format!("{what}`{name}` is gone")));
}

fn record(earlier: &Pack, later: &Pack, why: &mut Vec<String>) {
    let Record { table, key, key_from, normalise, file, columns: list, joins, sql } = &later.record;
    let before = &earlier.record;
    if (&before.table, &before.key, &before.key_from, before.normalise) != (table, key, key_from, *normalise) {
        why.push(format!("the key `{key}` is read another way"));
    }
    if before.file != *file {
        why.push(format!("the files of `{table}` are read another way"));
    }
    columns(&before.columns, list, "", why);
    let names = |joins: &[Join]| joins.iter().map(|j| j.name.clone()).collect::<Vec<_>>();
    named(&names(&before.joins), &names(joins), "the joined table ", why);
    for (before, now) in joins.iter().filter_map(|now| Some((before.joins.iter().find(|j| j.name == now.name)?, now))) {
        let Join { name, key_from, file, optional, help: _, span: _ } = now;
        if (&before.key_from, &before.file, before.optional) != (key_from, file, *optional) {
            why.push(format!("the joined table `{name}` is read another way"));
        }
    }
    match (&before.sql, sql) {
        (None, None) => {}
        (Some(before), Some(now)) if before.text == now.text => {
            for param in later.params.iter().filter(|p| binds(&now.text, &p.name)) {
                if earlier.params.iter().all(|p| p.name != param.name || p.value != param.value) {
                    why.push(format!("`record.sql` reads `{}`, which has another value", param.name));
                }
            }
        }
        _ => why.push("`record.sql` says something else".to_owned()),
    }
}

/// Whether a query has a parameter in it, written `$name`.
fn binds(sql: &str, name: &str) -> bool {
    sql.split('$').skip(1).any(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        rest.get(..end).is_some_and(|found| found.eq_ignore_ascii_case(name))
    })
}

fn table(earlier: &Table, later: &Table, why: &mut Vec<String>) {
    // The names follow from the columns and the parameters, and count where a rollup reads them.
    let Table { name, key, key_from, time, file, merge_day, columns: list, names: _, optional, help: _, span: _ } =
        later;
    let before = (&earlier.key, &earlier.key_from, &earlier.time, &earlier.file, earlier.merge_day, earlier.optional);
    if before != (key, key_from, time, file, *merge_day, *optional) {
        why.push(format!("the table `{name}` is read another way"));
    }
    columns(&earlier.columns, list, &format!("{name}."), why);
}

fn columns(earlier: &[Column], later: &[Column], table: &str, why: &mut Vec<String>) {
    let names = |columns: &[Column]| columns.iter().map(|c| format!("{table}{}", c.name)).collect::<Vec<_>>();
    named(&names(earlier), &names(later), "the column ", why);
    for (before, now) in later.iter().filter_map(|now| Some((earlier.iter().find(|c| c.name == now.name)?, now))) {
        let Column { name, slot: _, ty, from, table: of, values, written, optional, merge, help: _, span: _ } = now;
        let same = (before.ty, &before.from, &before.table, &before.values) == (*ty, from, of, values)
            && (&before.written, before.optional, before.merge) == (written, *optional, *merge);
        if !same {
            why.push(format!("the column `{table}{name}` is read another way"));
        }
    }
    // Events of one day stand in the order of the columns.
    if why.is_empty() && !table.is_empty() && names(earlier) != names(later) {
        why.push(format!("the columns of `{}` stand in another order", table.trim_end_matches('.')));
    }
}

fn rollups(earlier: &[Fingerprint], later: &[Fingerprint], why: &mut Vec<String>) {
    let names = |list: &[Fingerprint]| list.iter().map(|r| r.name.clone()).collect::<Vec<_>>();
    named(&names(earlier), &names(later), "", why);
    for (before, now) in later.iter().filter_map(|now| Some((earlier.iter().find(|r| r.name == now.name)?, now))) {
        if before != now {
            why.push(format!("`{}` is rolled up anew", now.name));
        }
    }
}
