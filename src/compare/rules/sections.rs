//! The sections of two packs side by side: which things came, went, changed, and stand elsewhere.

use super::detail::{described, details};
use super::{Changed, lists, place};
use crate::compare::ChangeKind;
use crate::diag::Span;
use crate::pack::Pack;
use crate::pack::format::{self, Key, Keys, Kind};
use crate::pack::raw::{Entry, Node, Raw, Table};

/// What changed in the TOML, section by section.
pub(super) fn sections(old: &Pack, new: &Pack) -> Vec<Changed> {
    let mut walk = Walk { old, new, found: Vec::new() };
    for key in format::PACK.iter() {
        walk.section(key, old.tree.get(key.name), new.tree.get(key.name));
    }
    walk.found
}

/// A thing on one side: its name, where it stands, what it says.
#[derive(Clone, Copy)]
struct Thing<'a> {
    name: &'a str,
    span: Span,
    table: &'a Table,
}

struct Walk<'a> {
    old: &'a Pack,
    new: &'a Pack,
    found: Vec<Changed>,
}

impl<'a> Walk<'a> {
    fn section(&mut self, key: &Key, old: Option<&'a Entry>, new: Option<&'a Entry>) {
        match key.kind {
            Kind::Table(keys) => self.single(key.name, keys, old, new),
            Kind::Things(things) => {
                self.things(key.name, things.keys, "", named(old), named(new));
                if key.name == "criteria" {
                    self.order_of_criteria(old, new);
                }
                if key.name == "tables" {
                    self.columns_of_tables(old, new);
                }
            }
            Kind::Listed(keys) => self.listed(key.name, keys, old, new),
            Kind::Lints => self.things(key.name, &format::LINT, "", named(old), named(new)),
            _ => {}
        }
    }

    /// A section that is one thing: `[money]`.
    fn single(&mut self, section: &'static str, keys: &'static Keys, old: Option<&'a Entry>, new: Option<&'a Entry>) {
        let (before, now) = (old.and_then(table_of), new.and_then(table_of));
        let details = details(keys, before, now, &[]);
        if !details.is_empty() {
            let kind = match (old, new) {
                (None, Some(_)) if section == "money" => ChangeKind::Added,
                (Some(_), None) if section == "money" => ChangeKind::Removed,
                _ => ChangeKind::Changed,
            };
            let place = self.place_of(&details, before, now, old.or(new).map(|entry| entry.key));
            self.found.push(Changed {
                kind,
                section,
                name: String::new(),
                what: single_words(section),
                details,
                place,
            });
        }
        for key in keys.iter() {
            if let Kind::Things(things) = key.kind {
                let below = |table: Option<&'a Table>| named(table.and_then(|table| table.get(key.name)));
                let prefix = if key.name == "columns" { String::new() } else { format!("{}.", key.name) };
                self.things(section, things.keys, &prefix, below(before), below(now));
            }
        }
    }

    /// The columns of event tables that are on both sides.
    fn columns_of_tables(&mut self, old: Option<&'a Entry>, new: Option<&'a Entry>) {
        for now in named(new) {
            let Some(before) = named(old).into_iter().find(|table| table.name == now.name) else { continue };
            let prefix = format!("{}.", now.name);
            let (before, now) = (named(before.table.get("columns")), named(now.table.get("columns")));
            self.things("tables", &format::EVENT_COLUMN, &prefix, before, now);
        }
    }

    /// Things by name, whose order says nothing.
    fn things(
        &mut self,
        section: &'static str,
        keys: &'static Keys,
        prefix: &str,
        old: Vec<Thing<'a>>,
        new: Vec<Thing<'a>>,
    ) {
        self.matched(section, keys, prefix, &old, &new, &[]);
    }

    /// A list in which the order decides.
    fn listed(&mut self, section: &'static str, keys: &'static Keys, old: Option<&'a Entry>, new: Option<&'a Entry>) {
        let (old, new) = (items(old), items(new));
        let before: Vec<&str> = old.iter().map(|thing| thing.name).collect();
        let now: Vec<&str> = new.iter().map(|thing| thing.name).collect();
        let moved = lists::moved(&before, &now);
        self.matched(section, keys, "", &old, &new, &moved);
    }

    /// What came, changed or moved, in the order it has now; then what went.
    fn matched(
        &mut self,
        section: &'static str,
        keys: &'static Keys,
        prefix: &str,
        old: &[Thing<'a>],
        new: &[Thing<'a>],
        moved: &[(&str, String)],
    ) {
        let is_in = |list: &[Thing<'a>], name: &str| list.iter().any(|thing| thing.name == name);
        let mut gone: Vec<Thing<'a>> = old.iter().filter(|thing| !is_in(new, thing.name)).copied().collect();
        for now in new {
            let full = format!("{prefix}{}", now.name);
            let what = what(section, keys, &full);
            let change = |kind, details, place| Changed { kind, section, name: full.clone(), what, details, place };
            let Some(before) = old.iter().find(|thing| thing.name == now.name) else {
                // The same thing under another name is called so: nobody need compare the two by eye.
                let renamed = gone.iter().position(|gone| {
                    details(keys, Some(gone.table), Some(now.table), &["name", "label", "help"]).is_empty()
                        && !now.table.entries.is_empty()
                });
                let place = place(self.new, now.span);
                let change = match renamed {
                    Some(at) => {
                        let gone = gone.remove(at);
                        let mut said = vec![("name".to_owned(), format!("called `{}` before", gone.name))];
                        said.extend(details(keys, Some(gone.table), Some(now.table), &["name"]));
                        change(ChangeKind::Changed, said, place)
                    }
                    None => change(ChangeKind::Added, described(keys, now.table), place),
                };
                self.found.push(change);
                continue;
            };
            let mut said = details(keys, Some(before.table), Some(now.table), &["name"]);
            let place = self.place_of(&said, Some(before.table), Some(now.table), Some(now.span));
            let kind = if said.is_empty() { ChangeKind::Reordered } else { ChangeKind::Changed };
            if let Some((_, text)) = moved.iter().find(|(name, _)| *name == now.name) {
                said.push(("order".to_owned(), text.clone()));
            }
            if !said.is_empty() {
                self.found.push(change(kind, said, place));
            }
        }
        for thing in gone {
            let full = format!("{prefix}{}", thing.name);
            self.found.push(Changed {
                kind: ChangeKind::Removed,
                section,
                what: what(section, keys, &full),
                name: full,
                details: described(keys, thing.table),
                place: place(self.old, thing.span),
            });
        }
    }

    /// Sums run in the order of the criteria: the last digit of a mean may depend on it.
    fn order_of_criteria(&mut self, old: Option<&'a Entry>, new: Option<&'a Entry>) {
        let (old, new) = (named(old), named(new));
        let names = |list: &[Thing<'a>]| -> Vec<&'a str> { list.iter().map(|thing| thing.name).collect() };
        if lists::moved(&names(&old), &names(&new)).is_empty() {
            return;
        }
        self.found.push(Changed {
            kind: ChangeKind::Reordered,
            section: "criteria",
            name: String::new(),
            what: "the criteria".to_owned(),
            details: vec![("order".to_owned(), "in another order".to_owned())],
            place: new.first().map(|thing| place(self.new, thing.span)).unwrap_or_default(),
        });
    }

    /// Where the first key that changed is written.
    fn place_of(
        &self,
        details: &[(String, String)],
        old: Option<&Table>,
        new: Option<&Table>,
        thing: Option<Span>,
    ) -> String {
        let key = details.first().map_or("", |(key, _)| key.as_str());
        if let Some(entry) = new.and_then(|table| table.get(key)) {
            return place(self.new, entry.key);
        }
        match (old.and_then(|table| table.get(key)), thing) {
            (Some(entry), None) => place(self.old, entry.key),
            (_, Some(span)) if new.is_some() => place(self.new, span),
            (Some(entry), Some(_)) => place(self.old, entry.key),
            _ => String::new(),
        }
    }
}

/// ``state `dormant` ``
fn what(section: &str, keys: &Keys, name: &str) -> String {
    let (noun, name) = match name.strip_prefix("join.") {
        Some(name) if section == "record" => (keys.noun, name),
        _ => (keys.noun, name),
    };
    format!("{noun} `{name}`")
}

/// How a section that is one thing is called.
fn single_words(section: &str) -> String {
    match section {
        "analysis" => "the analysis of causes".to_owned(),
        "scoring" => "what the plan sorts by".to_owned(),
        "money" => "what customers are counted with".to_owned(),
        "limits" => "limits of scripts".to_owned(),
        "contact" => "how often customers are contacted".to_owned(),
        "override" => "what people decide".to_owned(),
        "outcomes" => "what counts as won back".to_owned(),
        "plan" => "how plans are made".to_owned(),
        "prevention" => "how losses are counted".to_owned(),
        "second_life" => "how second lives are read".to_owned(),
        section => format!("`[{section}]`"),
    }
}

fn table_of(entry: &Entry) -> Option<&Table> {
    table_in(&entry.node)
}

pub(super) fn table_in(node: &Node) -> Option<&Table> {
    if let Raw::Table(table) = &node.value { Some(table) } else { None }
}

/// Things under their names.
fn named(entry: Option<&Entry>) -> Vec<Thing<'_>> {
    let Some(table) = entry.and_then(table_of) else { return Vec::new() };
    let things = table.entries.iter();
    things.filter_map(|(name, entry)| Some(Thing { name, span: entry.key, table: table_of(entry)? })).collect()
}

/// Things in a list.
fn items(entry: Option<&Entry>) -> Vec<Thing<'_>> {
    let Some(Raw::List(list)) = entry.map(|entry| &entry.node.value) else { return Vec::new() };
    let tables = list.iter().filter_map(|node| Some((node.span, table_in(node)?)));
    tables.filter_map(|(span, table)| Some(Thing { name: &table.text("name")?.text, span, table })).collect()
}
