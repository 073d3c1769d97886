//! The first hour with a new client: what is in these files, and how does a pack read them?
//!
//! ```text
//! files --every row--> watched columns --> types, gaps, ranges, shapes
//!                                     \--> keys, overlaps --> roles of the tables --> the pack's names --> TOML
//! ```
//!
//! [`profile`] reads, [`render`] and [`to_json`] show, [`to_toml`] writes the part of a pack that reads these files. Nothing
//! here depends on chance or on the order of equal things: the same files give the same bytes.

mod column;
mod json;
mod keys;
mod matching;
mod roles;
mod section;
mod terminal;
mod watch;
mod words;

pub use column::{Column, Range};
pub use json::to_json;
pub use keys::Overlap;
pub use matching::{How, Match};
pub use roles::{Key, Role};
pub use section::{Section, to_toml};
pub use terminal::render;

use std::sync::Arc;

use crate::data::{DataError, Looked, Opened, Source};
use crate::pack::{FileFormat, Pack};

/// A table that was given, and what was found in it.
#[derive(Debug, Clone)]
pub struct Table {
    /// As given: `--data NAME=PATH`.
    pub given: String,
    /// Where it lies, as given.
    pub path: String,
    /// What the pack calls it.
    pub name: String,
    /// Whether the pack knows it by that name.
    pub known: bool,
    /// Its files.
    pub looked: Looked,
    /// In the order of the file.
    pub columns: Vec<Column>,
    /// Rows that are the same as an earlier one.
    pub duplicates: u64,
    /// Whether that is exact.
    pub duplicates_exact: bool,
    /// What it is to the pack.
    pub role: Role,
    /// The column that names the customer.
    pub key: Option<Key>,
    /// Columns that the pack knows.
    pub matches: Vec<Match>,
    /// Columns that the pack needs and that were not found for certain.
    pub lacking: Vec<String>,
}

/// What was found in all tables.
#[derive(Debug, Clone)]
pub struct Profile {
    /// In the order given.
    pub tables: Vec<Table>,
    /// The pack whose names the columns were matched with.
    pub pack: Arc<Pack>,
    /// Whether the pack was asked for; otherwise it is the shipped one that fits best.
    pub asked: bool,
}

/// Reads the given tables and fits them to a pack: to the one asked for, or to the one of `packs` that fits best (of equals
/// the first).
///
/// `most` limits the rows read of each table; `tick` hears the rows of each batch.
///
/// # Errors
/// A file cannot be read, or no pack is given.
pub fn profile(
    sources: &[Source],
    packs: &[Arc<Pack>],
    most: Option<u64>,
    tick: &mut dyn FnMut(u64),
) -> Result<Profile, DataError> {
    let mut tables = Vec::with_capacity(sources.len());
    for source in sources {
        // What the pack says of the files is how they are read.
        let format = match packs {
            [pack] => declared(pack, &source.name),
            _ => FileFormat::default(),
        };
        tables.push(read(source, &format, most, tick)?);
    }
    let mut best: Option<(i64, Vec<Table>, &Arc<Pack>)> = None;
    for pack in packs {
        let mut arranged = tables.clone();
        let fitness = roles::arrange(&mut arranged, pack);
        if best.as_ref().is_none_or(|(f, ..)| fitness > *f) {
            best = Some((fitness, arranged, pack));
        }
    }
    match best {
        Some((_, tables, pack)) => Ok(Profile { tables, pack: Arc::clone(pack), asked: packs.len() == 1 }),
        None => Err(DataError::internal("a profile without a pack")),
    }
}

fn declared(pack: &Pack, name: &str) -> FileFormat {
    if name == pack.record.table {
        return pack.record.file.clone();
    }
    let joined = pack.record.joins.iter().find(|j| j.name == name).map(|j| j.file.clone());
    joined.or_else(|| pack.tables.get(name).map(|t| t.file.clone())).unwrap_or_default()
}

fn read(
    source: &Source,
    format: &FileFormat,
    most: Option<u64>,
    tick: &mut dyn FnMut(u64),
) -> Result<Table, DataError> {
    let opened = Opened::open(source, format)?;
    let mut watches: Vec<watch::Watch> =
        opened.header().iter().map(|_| watch::Watch::new(opened.header().len())).collect();
    let mut duplicates = watch::Duplicates::default();
    let looked = opened.look(most, |rows| {
        for (watch, column) in watches.iter_mut().zip(&rows.columns) {
            watch.add(column, &rows.places);
        }
        duplicates.add(&rows.columns, rows.places.len());
        tick(rows.places.len() as u64);
        Ok(())
    })?;
    let columns =
        looked.header.iter().zip(watches).map(|(header, watch)| Column::new(header, watch.finish(), &looked)).collect();
    let (duplicates, duplicates_exact) = duplicates.finish();
    Ok(Table {
        given: source.name.clone(),
        path: source.place.to_string(),
        name: source.name.clone(),
        known: false,
        looked,
        columns,
        duplicates,
        duplicates_exact,
        role: Role::Loose,
        key: None,
        matches: Vec::new(),
        lacking: Vec::new(),
    })
}
