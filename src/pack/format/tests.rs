#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::pack::resolve::log;
use crate::pack::{load, load_from_texts, overlay, shipped};

/// One of everything the shipped packs do not have.
const ODD: &str = r#"
[pack]
name = "odd"
[record]
key = "id"
file = { quote = "none" }
[record.join.more]
[record.columns.a]
type = "text"
[tables.t]
key = "id"
time = "day"
merge = "day"
[tables.t.columns.day]
type = "date"
merge = "max"
[criteria.ranked]
value = '1'
rank = "higher_is_better"
[limits]
[dimensions.other]
[plan]
[budget.all]
most = 1
[capacity.all]
most = 1
[volume.all]
most = 1
[reserve.some]
of = "capacity.all"
share = 0.5
when = 'true'
"#;

/// The keys of every table of the format, by its noun, with the words of those that have some.
fn of_format(kind: &Kind, found: &mut BTreeMap<(&'static str, String), BTreeSet<String>>) {
    let mut keys = |keys: &'static Keys| {
        for key in keys.iter() {
            let words: &[Word] = match key.kind {
                Kind::Word(words) => words,
                Kind::Any([Kind::Word(words), ..]) => words,
                _ => &[],
            };
            found.entry((keys.noun, key.name.to_owned())).or_default().extend(words.iter().map(|w| w.word.to_owned()));
            of_format(&key.kind, found);
        }
    };
    match kind {
        Kind::Table(table) | Kind::Listed(table) => keys(table),
        Kind::Things(things) => keys(things.keys),
        Kind::List(kind) => of_format(kind, found),
        Kind::Any(kinds) => kinds.iter().for_each(|kind| of_format(kind, found)),
        _ => {}
    }
}

#[test]
fn what_is_read_is_in_the_format_and_the_reverse() {
    let _ = log::take();
    for pack in shipped::names() {
        assert!(load(pack).pack.is_some());
    }
    let loaded = load_from_texts(&[("pack.toml", ODD)]);
    assert!(loaded.pack.is_some(), "{:?}", loaded.diagnostics);
    let read = log::take();

    let mut described = BTreeMap::new();
    for section in PACK.iter() {
        of_format(&section.kind, &mut described);
    }
    // What the chain of packs is made of, is read before keys are.
    described.remove(&("`[pack]`", "extends".to_owned()));
    for key in described.keys() {
        assert!(read.contains_key(key), "{key:?} is in the format, and nothing reads it");
    }
    for (key, words) in &read {
        assert!(described.contains_key(key), "{key:?} is read, and not in the format");
        // Words that are read by other means than a list of them are not in the log.
        if !words.is_empty() {
            assert_eq!(words, &described[key], "{key:?}");
        }
    }
}

#[test]
fn sections_are_those_that_merge() {
    let merged: BTreeSet<&str> = overlay::sections().collect();
    assert_eq!(PACK.names().into_iter().collect::<BTreeSet<_>>(), merged);
}

#[test]
fn texts_are_one_line_and_defaults_are_toml() {
    fn look(keys: &Keys) {
        let mut names = BTreeSet::new();
        for key in keys.iter() {
            assert!(names.insert(key.name), "{} has `{}` twice", keys.noun, key.name);
            assert!(key.help.len() > 5 && !key.help.contains('\n'), "{}", key.name);
            assert!(key.default.is_empty() || format!("x = {}", key.default).parse::<toml::Table>().is_ok());
            if let Kind::Table(keys) | Kind::Listed(keys) = key.kind {
                look(keys);
            }
            if let Kind::Things(things) = key.kind {
                look(things.keys);
            }
        }
    }
    look(&PACK);
    look(&CASES);
}
