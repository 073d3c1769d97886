//! Which of the given tables says who is a customer, which is joined to it, and which are events.

use std::collections::HashSet;

use super::Table;
use super::keys::{Overlap, candidates, customerness, overlap};
use super::matching::{How, lacking, matches, named};
use crate::expr::Type;
use crate::pack::{self, Pack};

/// Keys of two tables that share less are not the same keys.
const RELATED: f64 = 0.2;

/// What a table is to the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Says who is a customer: one row per key.
    Record,
    /// Joined to the record: at most one row per key.
    Joined,
    /// Many rows per key.
    Events,
    /// No column of it names a customer.
    Loose,
}

impl Role {
    /// In words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Role::Record => "record",
            Role::Joined => "joined",
            Role::Events => "events",
            Role::Loose => "loose",
        }
    }
}

/// The column of a table that names the customer.
#[derive(Debug, Clone)]
pub struct Key {
    /// In the file's order.
    pub column: usize,
    /// Whether the pack accepts the header as it stands.
    pub known: bool,
    /// Whether name or values settle it.
    pub sure: bool,
    /// How many keys of this table are found in the record.
    pub overlap: Option<Overlap>,
    /// Which share of the record's keys has a row here.
    pub covered: Option<f64>,
}

/// Gives each table its role, key, name in the pack and matches. The result says how well the pack fits.
pub(super) fn arrange(tables: &mut [Table], pack: &Pack) -> i64 {
    let record_names: Vec<&str> = accepted(&pack.record.key, &pack.record.key_from);
    let by_name = |name: &str| {
        if name == pack.record.table {
            Some(Role::Record)
        } else if pack.tables.contains_key(name) {
            Some(Role::Events)
        } else {
            pack.record.joins.iter().any(|j| j.name == name).then_some(Role::Joined)
        }
    };
    let able: Vec<Vec<usize>> = tables.iter().map(|t| candidates(&t.columns, &record_names)).collect();
    let record = find_record(tables, &able, &record_names, &by_name);
    let record_key = record.and_then(|r| able.get(r)?.first().copied());
    for i in 0..tables.len() {
        let Some((role, key)) = role_of(tables, &able, i, record, record_key, &record_names, pack) else { continue };
        if let Some(table) = tables.get_mut(i) {
            table.role = by_name(&table.given).unwrap_or(role);
            // What can be typed after `--data` may still be no name.
            let fine = rhai::is_valid_identifier(&table.given) || by_name(&table.given).is_some();
            table.name = if fine { table.given.clone() } else { super::words::name(&table.given) };
            table.key = key;
            table.matches.clear();
            table.lacking.clear();
            table.known = by_name(&table.given).is_some();
        }
    }
    if let [only] = tables
        && only.role == Role::Loose
    {
        // Without a key it is nothing yet, but who is in it are hardly anything but customers.
        only.role = Role::Record;
    }
    name_events(tables, pack);
    let mut fitness = 0;
    // A column of the record is taken from one table: the first that has it, the record table before the others.
    let mut taken: HashSet<String> = HashSet::new();
    let mut order: Vec<usize> = (0..tables.len()).collect();
    order.sort_by_key(|i| tables.get(*i).map_or(2, |t| u8::from(t.role != Role::Record)));
    for i in order {
        let Some(table) = tables.get_mut(i) else { continue };
        let key = table.key.as_ref().map(|k| k.column);
        match table.role {
            Role::Record | Role::Joined if pack.record.sql.is_none() => {
                let wanted: Vec<&pack::Column> = pack
                    .record
                    .columns
                    .iter()
                    .filter(|c| !taken.contains(&c.name))
                    .filter(|c| c.table.as_ref().is_none_or(|t| *t == table.name))
                    .collect();
                table.matches = matches(&table.columns, key, &wanted, None);
                if table.role == Role::Joined {
                    // Of a joined table, only what is certain takes a column from the record.
                    taken.extend(table.matches.iter().filter(|m| !perhaps(m.how)).map(|m| m.name.clone()));
                } else {
                    taken.extend(table.matches.iter().map(|m| m.name.clone()));
                }
                fitness += table.matches.iter().filter(|m| !perhaps(m.how) && m.fits).count() as i64;
            }
            Role::Events => {
                let Some(known) = pack.tables.get(&table.name) else { continue };
                let wanted: Vec<&pack::Column> = known.columns.iter().collect();
                table.matches = matches(&table.columns, key, &wanted, known.time.as_deref());
                let lacks = lacking(&wanted, known.time.as_deref(), &table.matches);
                table.lacking = lacks.iter().map(|c| c.name.clone()).collect();
                // A table that is called as the pack calls it is meant to be that one.
                fitness += if pack.tables.contains_key(&table.given) { 300 } else { 0 };
                fitness += if lacks.is_empty() { 100 } else { -100 };
            }
            _ => {}
        }
    }
    // A pack that cannot run on what is given does not fit.
    let missing = pack.tables.values().filter(|t| !t.optional && tables.iter().all(|g| g.name != t.name)).count();
    fitness - 200 * missing as i64
}

fn perhaps(how: How) -> bool {
    matches!(how, How::Perhaps(_))
}

fn accepted<'a>(name: &'a str, from: &'a [String]) -> Vec<&'a str> {
    std::iter::once(name).chain(from.iter().map(String::as_str)).collect()
}

/// The table with one row per customer: the one of the pack's name, else the one whose key the others know best.
fn find_record(
    tables: &[Table],
    able: &[Vec<usize>],
    known: &[&str],
    by_name: &dyn Fn(&str) -> Option<Role>,
) -> Option<usize> {
    if let Some(named) = tables.iter().position(|t| by_name(&t.given) == Some(Role::Record)) {
        return Some(named);
    }
    let mut best: Option<(f64, usize)> = None;
    for (i, table) in tables.iter().enumerate().filter(|(_, t)| by_name(&t.given).is_none()) {
        let Some((key, column)) = able.get(i).and_then(|l| l.first()).and_then(|k| Some((*k, table.columns.get(*k)?)))
        else {
            continue;
        };
        if !column.is_key() {
            continue;
        }
        let named = customerness(column, known);
        // The number of an order is unique, too; a table that also has customers' numbers is not one of customers.
        let another = able.get(i).is_some_and(|l| {
            l.iter()
                .filter(|k| **k != key)
                .filter_map(|k| table.columns.get(*k))
                .any(|c| customerness(c, known) > 0.9 && !c.is_key())
        });
        if another {
            continue;
        }
        let mut score = named + if tables.len() == 1 { 0.5 } else { 0.0 };
        for (j, other) in tables.iter().enumerate().filter(|(j, _)| *j != i) {
            let shared = able.get(j).into_iter().flatten().filter_map(|k| other.columns.get(*k));
            score += shared.map(|c| overlap(c, column).alike).fold(0.0, f64::max);
        }
        if score >= 0.5 && best.is_none_or(|(s, _)| score > s + 1e-9) {
            best = Some((score, i));
        }
    }
    best.map(|(_, i)| i)
}

/// What one table is, and which column of it names the customer.
fn role_of(
    tables: &[Table],
    able: &[Vec<usize>],
    i: usize,
    record: Option<usize>,
    record_key: Option<usize>,
    record_names: &[&str],
    pack: &Pack,
) -> Option<(Role, Option<Key>)> {
    let table = tables.get(i)?;
    let joined = pack.record.joins.iter().find(|j| j.name == table.given);
    // The headers that the reader would accept: each table has its own.
    let own = match (pack.tables.get(&table.given), joined) {
        _ if record == Some(i) => record_names.to_vec(),
        (Some(known), _) => accepted(&known.key, &known.key_from),
        (None, Some(joined)) => accepted(&pack.record.key, &joined.key_from),
        (None, None) => vec![pack.record.key.as_str()],
    };
    let names: Vec<&str> = own.iter().chain(record_names).copied().collect();
    let header = named(&table.columns, &own);
    let list = able.get(i).cloned().unwrap_or_default();
    if record == Some(i) {
        // A few rows of one key may be a slip; many of each are no customers.
        let told = |c: &super::Column| c.rows.saturating_sub(c.missing);
        let nearly = |k: &&usize| table.columns.get(**k).is_some_and(|c| c.distinct * 10 >= told(c) * 9);
        let column = header.or_else(|| list.iter().find(nearly).copied());
        let key = column.and_then(|c| Some((c, table.columns.get(c)?))).map(|(column, c)| Key {
            column,
            known: header == Some(column),
            sure: header == Some(column) || (c.is_key() && customerness(c, &names) > 0.6) || only_key(table, column),
            overlap: None,
            covered: None,
        });
        return Some((Role::Record, key));
    }
    let against = record.and_then(|r| tables.get(r)).zip(record_key).and_then(|(t, k)| t.columns.get(k));
    let mut best: Option<(f64, Key)> = None;
    for column in list.iter().copied().chain(header.filter(|h| !list.contains(h))) {
        let Some(c) = table.columns.get(column) else { continue };
        let known = header == Some(column);
        let name = if known { 1.0 } else { customerness(c, &names) };
        let (mut score, mut met, mut covered) = (name, None, None);
        if let Some(against) = against {
            let there = overlap(c, against);
            score += 2.0 * there.alike;
            if there.alike >= RELATED || known {
                covered = Some(overlap(against, c).alike);
                met = Some(there);
            }
        }
        let sure = known || met.is_some_and(|o| o.alike >= 0.5) || name > 0.9;
        if (sure || score >= 0.6) && best.as_ref().is_none_or(|(s, _)| score > *s + 1e-9) {
            best = Some((score, Key { column, known, sure, overlap: met, covered }));
        }
    }
    let Some((_, key)) = best else { return Some((Role::Loose, None)) };
    let one_row = table.columns.get(key.column).is_some_and(super::Column::is_key);
    let role = if record.is_some() && one_row { Role::Joined } else { Role::Events };
    Some((role, Some(key)))
}

/// Whether no other column of the table is unique.
fn only_key(table: &Table, column: usize) -> bool {
    table.columns.iter().enumerate().all(|(i, c)| i == column || !c.is_key() || c.ty == Type::Date)
}

/// Event tables under a name the pack does not know are called what the pack calls such a table, if that fits.
fn name_events(tables: &mut [Table], pack: &Pack) {
    let mut used: HashSet<String> = tables.iter().map(|t| t.given.clone()).collect();
    for table in tables.iter_mut().filter(|t| t.role == Role::Events && !t.known) {
        let key = table.key.as_ref().map(|k| k.column);
        let mut best: Option<(usize, &str)> = None;
        for known in pack.tables.values().filter(|t| !used.contains(&t.name)) {
            let wanted: Vec<&pack::Column> = known.columns.iter().collect();
            let found = matches(&table.columns, key, &wanted, known.time.as_deref());
            let sure = found.iter().filter(|m| !perhaps(m.how) && m.fits).count();
            // The date alone makes no order log.
            let fits = lacking(&wanted, known.time.as_deref(), &found).is_empty() && sure >= 2;
            if fits && best.is_none_or(|(n, _)| sure > n) {
                best = Some((sure, &known.name));
            }
        }
        if let Some((_, name)) = best {
            used.insert(name.to_owned());
            table.name = name.to_owned();
            table.known = true;
            if let (Some(key), Some(known)) = (&mut table.key, pack.tables.get(name)) {
                key.known = named(&table.columns, &accepted(&known.key, &known.key_from)) == Some(key.column);
            }
        }
    }
}
