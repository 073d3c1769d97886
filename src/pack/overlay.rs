//! Lays a pack over what it extends: tables merge by key, lists of named things by name.
//!
//! ```toml
//! [facts]
//! old_fact = { remove = true }          # drops a thing
//!
//! [[campaigns]]
//! name = "price-comeback"
//! speaker = { remove = true }           # drops one key of a thing
//!
//! [[causes]]
//! name = "price"
//! more_evidence = [ { when = 'paid_late', weight = 1 } ]   # adds to a list that `evidence` would replace
//! ```
//!
//! Every value keeps the place it was written at, so that a diagnostic, `explain` and the docs name the
//! file and line of the value in force.

use indexmap::IndexMap;

use super::overrides::{Override, overrides};
use super::raw::{Entry, Node, Raw, Table, Text};
use crate::diag::{Diagnostic, Span, code};

/// How the value under a key merges.
enum Shape {
    /// Key by key; those listed have a shape of their own, the others are taken whole.
    Keys(&'static [(&'static str, Shape)]),
    /// Things by name, each key by key; `remove = true` in one drops it. With the word for one.
    Things(&'static str, &'static Shape),
    /// As `Things`; a bare value stands for `{ value = … }`.
    Values(&'static str),
    /// A list of things by their `name`; `remove`, `before`, `after`. With the word for one.
    List(&'static str),
}

/// Merged key by key, whatever the keys.
const PLAIN: Shape = Shape::Keys(&[]);
const COLUMNS: Shape = Shape::Things("column", &PLAIN);
const CRITERION: Shape = Shape::Keys(&[("map", PLAIN)]);
const TABLE: Shape = Shape::Keys(&[("columns", COLUMNS), ("file", PLAIN)]);
const RECORD: Shape = Shape::Keys(&[
    ("columns", COLUMNS),
    ("file", PLAIN),
    ("join", Shape::Things("joined table", &Shape::Keys(&[("file", PLAIN)]))),
]);

/// The whole format, as far as merging goes. `[pack]` is not here: identity is not inherited.
const ROOT: &[(&str, Shape)] = &[
    ("params", Shape::Values("parameter")),
    ("record", RECORD),
    ("tables", Shape::Things("table", &TABLE)),
    ("rollups", Shape::Values("rollup")),
    ("facts", Shape::Values("fact")),
    ("suppress", Shape::List("suppression")),
    ("states", Shape::List("state")),
    ("analysis", PLAIN),
    ("causes", Shape::List("cause")),
    ("criteria", Shape::Things("criterion", &CRITERION)),
    ("dimensions", Shape::Things("dimension", &PLAIN)),
    ("scoring", PLAIN),
    ("grades", Shape::List("grade")),
    ("offers", Shape::Things("offer", &PLAIN)),
    ("channels", Shape::Things("channel", &PLAIN)),
    ("people", Shape::Things("person", &PLAIN)),
    ("campaigns", Shape::List("campaign")),
    ("followups", Shape::List("follow-up")),
    ("contact", PLAIN),
    ("plan", PLAIN),
    ("budget", Shape::Things("budget", &PLAIN)),
    ("capacity", Shape::Things("capacity", &PLAIN)),
    ("volume", Shape::Things("volume", &PLAIN)),
    ("reserve", Shape::Things("reserve", &PLAIN)),
    ("override", Shape::Keys(&[("because", PLAIN)])),
    ("outcomes", TABLE),
    ("prevention", PLAIN),
    ("warnings", Shape::List("warning")),
    ("second_life", PLAIN),
    ("money", PLAIN),
    ("limits", PLAIN),
    ("lints", Shape::Things("lint", &PLAIN)),
];

/// The top-level keys of the pack format.
pub fn sections() -> impl Iterator<Item = &'static str> {
    std::iter::once("pack").chain(ROOT.iter().map(|(key, _)| *key))
}

/// Something an overlay has dropped.
#[derive(Debug, Clone)]
pub struct Removed {
    /// Its name.
    pub name: String,
    /// The word for such a thing: `parameter`, or `key`.
    pub noun: &'static str,
    /// Where `remove = true` is written.
    pub span: Span,
    /// Of a key: where the thing it belonged to is declared, in what is extended and in the overlay, and its other keys.
    pub of: Vec<Span>,
}

/// Whether a value is `{ remove = true }` and nothing else.
#[must_use]
pub fn is_removal(node: &Node) -> bool {
    removal(node).is_some()
}

/// Where the word `remove` of a `{ remove = true }` is written.
fn removal(node: &Node) -> Option<Span> {
    let Raw::Table(table) = &node.value else { return None };
    let entry = table.get("remove").filter(|_| table.entries.len() == 1)?;
    matches!(entry.node.value, Raw::Bool(true)).then_some(entry.key)
}

/// A pack laid over what it extends.
#[derive(Debug, Default)]
pub struct Merged {
    /// What is in force.
    pub table: Table,
    /// What was dropped on the way, also what has come back since.
    pub removed: Vec<Removed>,
    /// What was given anew, the pack that is extended by all others first.
    pub overrides: Vec<Override>,
}

/// Merges packs, the one that is extended by all others first. A single one is merged over nothing.
pub fn merge(layers: Vec<Table>, diagnostics: &mut Vec<Diagnostic>) -> Merged {
    let mut merged = Merged::default();
    for layer in layers {
        merged.table.entries.shift_remove("pack");
        merged.overrides.extend(overrides(&merged.table, &layer));
        let mut said = Said { diagnostics, removed: &mut merged.removed, within: Vec::new() };
        keys(ROOT, &mut merged.table, layer, &mut said);
    }
    merged
}

/// What comes of merging beside the table.
struct Said<'a> {
    diagnostics: &'a mut Vec<Diagnostic>,
    removed: &'a mut Vec<Removed>,
    /// Where the thing whose keys are merged is declared.
    within: Vec<Span>,
}

/// Merges key by key.
fn keys(shapes: &'static [(&str, Shape)], base: &mut Table, over: Table, said: &mut Said<'_>) {
    for (key, entry) in over.entries {
        let shape = shapes.iter().find(|(name, _)| *name == key);
        // Among things that stand under their names, `remove` could be a name.
        let single = !matches!(shape, Some((_, Shape::Things(..) | Shape::Values(_) | Shape::List(_))));
        if single && let Some(span) = removal(&entry.node) {
            if base.entries.shift_remove(&key).is_some() {
                // What is said about the rest of the thing may come of this.
                let of = said.within.iter().copied().chain(base.entries.values().map(|entry| entry.key)).collect();
                said.removed.push(Removed { name: key, noun: "key", span, of });
            } else {
                let noun = if said.within.is_empty() { "section" } else { "key" };
                let known = base.entries.keys().map(String::as_str).filter(|key| !matches!(*key, "name" | "pack"));
                said.diagnostics.push(not_there(noun, &key, "remove", span, &known.collect::<Vec<_>>()));
            }
            continue;
        }
        match shape {
            Some((_, shape)) => {
                let below = base.entries.entry(key).or_insert_with(|| nothing(shape, &entry));
                value(shape, below, entry, said);
            }
            None => {
                base.entries.insert(key, entry);
            }
        }
    }
}

/// What a value of a shape is laid over if the base has none.
fn nothing(shape: &Shape, over: &Entry) -> Entry {
    let value = match shape {
        Shape::List(_) => Raw::List(Vec::new()),
        _ => Raw::Table(Table::default()),
    };
    Entry { key: over.key, node: Node { span: over.node.span, value } }
}

/// Merges one value. One of another TOML type replaces what was there; `resolve` says what is wrong with it.
fn value(shape: &'static Shape, base: &mut Entry, over: Entry, said: &mut Said<'_>) {
    match (shape, &mut base.node.value, over.node.value) {
        (Shape::Keys(shapes), Raw::Table(below), Raw::Table(table)) => {
            said.within = vec![base.key, base.node.span, over.key];
            keys(shapes, below, table, said);
        }
        (Shape::Things(noun, each), Raw::Table(below), Raw::Table(table)) => {
            things(noun, each, below, table, said);
        }
        (Shape::Values(noun), Raw::Table(below), Raw::Table(table)) => {
            let table = Table { entries: table.entries.into_iter().map(|(k, entry)| (k, in_table(entry))).collect() };
            things(noun, &PLAIN, below, table, said);
        }
        (Shape::List(noun), Raw::List(below), Raw::List(list)) => List::new(noun, below).merge(list, said),
        (_, _, value) => *base = Entry { key: over.key, node: Node { span: over.node.span, value } },
    }
}

/// A bare value as `{ value = … }`.
fn in_table(entry: Entry) -> Entry {
    if matches!(entry.node.value, Raw::Table(_)) {
        return entry;
    }
    let (key, span) = (entry.key, entry.node.span);
    let table = Table { entries: IndexMap::from([("value".to_owned(), entry)]) };
    Entry { key, node: Node { span, value: Raw::Table(table) } }
}

/// Merges things that stand under their names.
fn things(noun: &'static str, each: &'static Shape, base: &mut Table, over: Table, said: &mut Said<'_>) {
    for (name, mut entry) in over.entries {
        let removed = match &mut entry.node.value {
            Raw::Table(table) => take_remove(table, said),
            _ => None,
        };
        if let Some(span) = removed {
            if base.entries.shift_remove(&name).is_some() {
                said.removed.push(Removed { name, noun, span, of: Vec::new() });
            } else {
                let known: Vec<&str> = base.entries.keys().map(String::as_str).collect();
                said.diagnostics.push(not_there(noun, &name, "remove", span, &known));
            }
            continue;
        }
        match base.entries.get_mut(&name) {
            Some(below) => {
                before_merging(noun, &name, below, &mut entry, said);
                value(each, below, entry, said);
            }
            None => {
                let mut below = nothing(each, &entry);
                value(each, &mut below, entry, said);
                base.entries.insert(name, below);
            }
        }
    }
}

/// The two rules that are more than "key by key".
fn before_merging(noun: &str, name: &str, base: &mut Entry, over: &mut Entry, said: &mut Said<'_>) {
    let (Raw::Table(below), Raw::Table(table)) = (&mut base.node.value, &mut over.node.value) else { return };
    match noun {
        "parameter" => {
            if let (Some(old), Some(new)) = (below.get("value"), table.get("value"))
                && !is_removal(&new.node)
                && std::mem::discriminant(&old.node.value) != std::mem::discriminant(&new.node.value)
            {
                let (is, was) = (new.node.value.kind(), old.node.value.kind());
                said.diagnostics.push(
                    Diagnostic::error(
                        code::BAD_VALUE,
                        new.node.span,
                        format!("parameter `{name}` must stay {was}, this is {is}"),
                    )
                    .related(old.node.span, "its type is set here"),
                );
                // With the base's value, nothing that reads it has an error of its own.
                table.entries.shift_remove("value");
            }
        }
        "criterion" => another_method(below, table),
        _ => {}
    }
}

/// A criterion is scored in exactly one way: an overlay that gives one drops the keys of the other. That it says so, too, is
/// allowed: `bands = { remove = true }` beside a `curve`.
fn another_method(base: &mut Table, over: &mut Table) {
    const METHODS: [&str; 6] = ["score", "plugin", "bands", "curve", "map", "rank"];
    let gives = |key: &&str| over.get(key).is_some_and(|entry| !is_removal(&entry.node));
    let given: Vec<&str> = METHODS.into_iter().filter(gives).collect();
    if given.is_empty() {
        return;
    }
    let mut drop = |key: &str| {
        if base.entries.shift_remove(key).is_some() && over.get(key).is_some_and(|entry| is_removal(&entry.node)) {
            over.entries.shift_remove(key);
        }
    };
    METHODS.into_iter().filter(|method| !given.contains(method)).for_each(&mut drop);
    if !given.contains(&"map") {
        drop("otherwise");
    }
    if given == ["score"] || given == ["plugin"] {
        drop("value");
    }
}

/// Takes `remove` out of a thing; its place if it is true.
fn take_remove(table: &mut Table, said: &mut Said<'_>) -> Option<Span> {
    let entry = table.entries.shift_remove("remove")?;
    match entry.node.value {
        Raw::Bool(true) => Some(entry.key),
        Raw::Bool(false) => None,
        other => {
            let message = format!("`remove` must be true or false, this is {}", other.kind());
            said.diagnostics.push(Diagnostic::error(code::BAD_VALUE, entry.node.span, message));
            None
        }
    }
}

/// `remove`, `before` or `after` that names nothing.
fn not_there(noun: &str, name: &str, word: &str, span: Span, known: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        code::BAD_OVERLAY,
        span,
        if word == "remove" {
            format!("there is no {noun} `{name}` to remove")
        } else {
            format!("`{word}` names no {noun}: there is no `{name}`")
        },
    );
    if known.is_empty() {
        return diagnostic.help(if noun == "key" {
            "`{ remove = true }` drops a key that is given in what this pack extends".to_owned()
        } else {
            format!("what this pack extends has no {noun} at all")
        });
    }
    let suggested = diagnostic.did_you_mean(name, known.iter().copied());
    if suggested.help.is_empty() { suggested.help(format!("there are: {}", listed(known))) } else { suggested }
}

/// `` `a`, `b`, `c` ``, cut after twelve.
pub(super) fn listed(names: &[&str]) -> String {
    let mut text = names.iter().take(12).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > 12 {
        text.push_str(", …");
    }
    text
}

/// The list of named things below, while one of an overlay is laid over it.
struct List<'a> {
    noun: &'static str,
    list: &'a mut Vec<Node>,
    /// Names in this overlay, and where.
    seen: IndexMap<String, Span>,
    moves: Vec<Move>,
}

/// `before = "x"`, `after = "x"`.
struct Move {
    name: String,
    after: bool,
    target: Text,
}

impl<'a> List<'a> {
    fn new(noun: &'static str, list: &'a mut Vec<Node>) -> Self {
        List { noun, list, seen: IndexMap::new(), moves: Vec::new() }
    }

    fn merge(mut self, over: Vec<Node>, said: &mut Said<'_>) {
        for node in over {
            self.add(node, said);
        }
        for index in 0..self.moves.len() {
            self.place(index, said);
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|node| name_of(node).is_some_and(|text| text.text == name))
    }

    fn known(&self) -> Vec<&str> {
        self.list.iter().filter_map(|node| name_of(node).map(|text| text.text.as_str())).collect()
    }

    /// Adds, overrides or removes one thing.
    fn add(&mut self, mut node: Node, said: &mut Said<'_>) {
        let name = name_of(&node).cloned();
        // Without a table or a name there is nothing to merge by; `resolve` says so.
        let (Raw::Table(table), Some(name)) = (&mut node.value, name) else {
            self.list.push(node);
            return;
        };
        let removed = take_remove(table, said);
        let before = take_target(table, "before", said);
        let after = take_target(table, "after", said);
        let (noun, span) = (self.noun, name.span());
        let name = name.text;
        if let Some(first) = self.seen.get(&name) {
            let message = format!("there are two of {noun} `{name}`");
            let help = match noun {
                "state" => "give each rule a name of its own; `state = \"…\"` says which state it decides for",
                _ => "give one of them another name",
            };
            said.diagnostics.push(
                Diagnostic::error(code::DUPLICATE_NAME, span, message)
                    .label("again here")
                    .related(*first, "first given here")
                    .help(help),
            );
            return;
        }
        self.seen.insert(name.clone(), span);
        let place = self.find(&name);
        if let Some(word) = removed {
            match place {
                Some(index) => {
                    self.list.remove(index);
                    said.removed.push(Removed { name, noun, span: word, of: Vec::new() });
                }
                None => said.diagnostics.push(not_there(noun, &name, "remove", word, &self.known())),
            }
            return;
        }
        let more = if noun == "cause" { take_more(table, said) } else { None };
        let Raw::Table(table) = node.value else { return };
        let index = place.unwrap_or_else(|| {
            self.list.push(Node { span: node.span, value: Raw::Table(Table::default()) });
            self.list.len() - 1
        });
        if let (Some((key, _)), None) = (&more, place) {
            let mut known = self.known();
            known.retain(|other| *other != name);
            let diagnostic = Diagnostic::error(
                code::BAD_OVERLAY,
                *key,
                format!("there is no cause `{name}` whose evidence could be more"),
            );
            let diagnostic = diagnostic.did_you_mean(&name, known);
            said.diagnostics.push(diagnostic.help("a cause of this pack's own says `evidence`"));
        }
        if let Some(Node { value: Raw::Table(below), .. }) = self.list.get_mut(index) {
            // In the order they will have in the merged tree: `name` first.
            said.within = name_in(below).map(Text::span).into_iter().chain([span]).collect();
            keys(&[], below, table, said);
            if let (Some((key, list)), Some(_)) = (more, place) {
                add_evidence(below, key, list);
            }
        }
        match (before, after) {
            (Some(before), Some(after)) => said.diagnostics.push(
                Diagnostic::error(code::BAD_OVERLAY, after.span(), "give either `before` or `after`, not both")
                    .related(before.span(), "`before` is given here"),
            ),
            (Some(target), None) => self.moves.push(Move { name, after: false, target }),
            (None, Some(target)) => self.moves.push(Move { name, after: true, target }),
            (None, None) => {}
        }
    }

    /// Carries out one `before` or `after`. Several with one target stand in the order they were written.
    fn place(&mut self, index: usize, said: &mut Said<'_>) {
        let Some(Move { name, after, target }) = self.moves.get(index) else { return };
        let word = if *after { "after" } else { "before" };
        if *name == target.text {
            let message = format!("{} `{name}` cannot stand {word} itself", self.noun);
            said.diagnostics.push(Diagnostic::error(code::BAD_OVERLAY, target.span(), message));
            return;
        }
        let (Some(from), Some(_)) = (self.find(name), self.find(&target.text)) else {
            let mut known = self.known();
            known.retain(|other| other != name);
            said.diagnostics.push(not_there(self.noun, &target.text, word, target.span(), &known));
            return;
        };
        let node = self.list.remove(from);
        let Some(mut to) = self.find(&target.text) else { return };
        if *after {
            to += 1;
            let earlier: Vec<&str> = self
                .moves
                .iter()
                .take(index)
                .filter(|other| other.after && other.target.text == target.text)
                .map(|other| other.name.as_str())
                .collect();
            while self.list.get(to).and_then(name_of).is_some_and(|text| earlier.contains(&text.text.as_str())) {
                to += 1;
            }
        }
        self.list.insert(to, node);
    }
}

/// The `name` of a thing in a list.
fn name_of(node: &Node) -> Option<&Text> {
    match &node.value {
        Raw::Table(table) => name_in(table),
        _ => None,
    }
}

fn name_in(table: &Table) -> Option<&Text> {
    table.text("name")
}

/// Takes `more_evidence` out of a cause: where the key is written, and what is in it.
fn take_more(table: &mut Table, said: &mut Said<'_>) -> Option<(Span, Vec<Node>)> {
    let entry = table.entries.shift_remove("more_evidence")?;
    match entry.node.value {
        Raw::List(list) => Some((entry.key, list)),
        other => {
            let message = format!("`more_evidence` must be a list of tables, this is {}", other.kind());
            said.diagnostics.push(
                Diagnostic::error(code::BAD_VALUE, entry.node.span, message)
                    .help("as in `more_evidence = [{ when = '…', weight = 2, because = \"…\" }]`"),
            );
            None
        }
    }
}

/// Adds lines to the evidence of a cause.
fn add_evidence(cause: &mut Table, key: Span, more: Vec<Node>) {
    let none = || Entry { key, node: Node { span: key, value: Raw::List(Vec::new()) } };
    let entry = cause.entries.entry("evidence".to_owned()).or_insert_with(none);
    // Evidence that is no list is an error of its own.
    if let Raw::List(list) = &mut entry.node.value {
        list.extend(more);
    }
}

/// Takes `before` or `after` out of a thing.
fn take_target(table: &mut Table, word: &str, said: &mut Said<'_>) -> Option<Text> {
    let entry = table.entries.shift_remove(word)?;
    match entry.node.value {
        Raw::Text(text) => Some(text),
        other => {
            let message = format!("`{word}` must be a text, this is {}", other.kind());
            said.diagnostics.push(Diagnostic::error(code::BAD_VALUE, entry.node.span, message));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::diag::Sources;
    use crate::pack::raw;

    fn merged(texts: &[&str]) -> (Sources, Table, Vec<String>) {
        let mut sources = Sources::default();
        let mut diagnostics = Vec::new();
        let mut layers = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            let file = sources.add(format!("{i}.toml"), *text);
            layers.push(raw::parse(file, text, &mut diagnostics).table);
        }
        let table = merge(layers, &mut diagnostics).table;
        let said = diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
        (sources, table, said)
    }

    fn names(table: &Table, key: &str) -> Vec<String> {
        let Raw::List(list) = &table.get(key).unwrap().node.value else { panic!() };
        list.iter().map(|node| name_of(node).unwrap().text.clone()).collect()
    }

    fn at<'a>(table: &'a Table, path: &[&str]) -> &'a Entry {
        let entry = table.get(path[0]).unwrap();
        match (&entry.node.value, path.len()) {
            (_, 1) => entry,
            (Raw::Table(below), _) => at(below, &path[1..]),
            _ => panic!(),
        }
    }

    #[test]
    fn values_keep_their_own_place() {
        let base = "[pack]\nname = 'b'\n[params.x]\nvalue = 1\nhelp = 'h'\n[params.y]\nvalue = 2\n";
        let over = "[pack]\nname = 'o'\n[params]\nx = 3\ny.remove = true\n";
        let (sources, table, said) = merged(&[base, over]);
        assert!(said.is_empty(), "{said:?}");
        assert_eq!(sources.place(at(&table, &["params", "x", "value"]).node.span).to_string(), "1.toml:4:5");
        assert_eq!(sources.place(at(&table, &["params", "x", "help"]).node.span).to_string(), "0.toml:5:8");
        assert_eq!(sources.place(at(&table, &["params", "x"]).key).to_string(), "0.toml:3:9");
        assert!(matches!(&at(&table, &["params"]).node.value, Raw::Table(t) if t.entries.len() == 1));
        assert_eq!(table.get("pack").unwrap().key.file.0, 1);
    }

    #[test]
    fn identity_is_not_inherited() {
        let (_, table, _) = merged(&["[pack]\nname = 'b'\n", "[params]\nx = 1\n"]);
        assert!(table.get("pack").is_none());
    }

    #[test]
    fn lists_merge_by_name_and_keep_the_order_asked_for() {
        let base = "[[states]]\nname = 'a'\nhelp = 'x'\n[[states]]\nname = 'b'\n[[states]]\nname = 'z'\n";
        let over = "[[states]]\nname = 'n1'\nafter = 'a'\n[[states]]\nname = 'n2'\nafter = 'a'\n\
                    [[states]]\nname = 'm1'\nbefore = 'z'\n[[states]]\nname = 'm2'\nbefore = 'z'\n\
                    [[states]]\nname = 'b'\nremove = true\n[[states]]\nname = 'a'\nwhen = 'x'\n[[states]]\nname = 'end'\n";
        let (_, table, said) = merged(&[base, over]);
        assert!(said.is_empty(), "{said:?}");
        assert_eq!(names(&table, "states"), ["a", "n1", "n2", "m1", "m2", "z", "end"]);
        let Raw::List(list) = &table.get("states").unwrap().node.value else { panic!() };
        let Raw::Table(first) = &list[0].value else { panic!() };
        assert_eq!(first.entries.keys().collect::<Vec<_>>(), ["name", "help", "when"]);
    }

    #[test]
    fn what_names_nothing_is_said() {
        let base = "[[states]]\nname = 'dormant'\n[criteria.payment]\nscore = '1'\n";
        let over = "[[states]]\nname = 'dorment'\nremove = true\n[[states]]\nname = 'x'\nafter = 'dormnt'\n\
                    [[states]]\nname = 'y'\nbefore = 'y'\n[criteria.paymnt]\nremove = true\n[offers.o]\nremove = true\n\
                    [[states]]\nname = 'w'\nbefore = 'y'\nafter = 'x'\n[[states]]\nname = 'x'\n";
        let (_, _, said) = merged(&[base, over]);
        assert_eq!(
            said,
            [
                "RG0106 there is no state `dorment` to remove",
                "RG0106 give either `before` or `after`, not both",
                "RG0104 there are two of state `x`",
                "RG0106 `after` names no state: there is no `dormnt`",
                "RG0106 state `y` cannot stand before itself",
                "RG0106 there is no criterion `paymnt` to remove",
                "RG0106 there is no offer `o` to remove",
            ]
        );
    }

    #[test]
    fn another_way_of_scoring_replaces_the_first() {
        let base = "[criteria.c]\nvalue = 'v'\nmap = { a = 1, b = 2 }\notherwise = 3\nweight = 2\n[criteria.d]\nvalue = 'v'\nmap = { a = 1, b = 2 }\n";
        let over = "[criteria.c]\nscore = '5'\n[criteria.d]\nmap = { b = 5 }\n";
        let (_, table, _) = merged(&[base, over]);
        let Raw::Table(c) = &at(&table, &["criteria", "c"]).node.value else { panic!() };
        assert_eq!(c.entries.keys().collect::<Vec<_>>(), ["weight", "score"]);
        assert!(matches!(at(&table, &["criteria", "d", "map", "a"]).node.value, Raw::Number(1.0)));
        assert!(matches!(at(&table, &["criteria", "d", "map", "b"]).node.value, Raw::Number(5.0)));
    }

    #[test]
    fn a_parameter_keeps_its_type() {
        let (_, _, said) = merged(&["[params]\nx = 1\n", "[params]\nx = 'one'\n"]);
        assert_eq!(said, ["RG0102 parameter `x` must stay a number, this is a text"]);
    }
}
