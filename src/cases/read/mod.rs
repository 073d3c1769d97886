//! From what was written to cases: TOML, JSON lines and tables of cells, typed against a pack.
//!
//! Every mistake is a finding with its place. A case with a mistake is left out, the others are read.

mod csv;
mod expect;
mod given;
mod json;
mod population;
mod value;

use std::collections::HashMap;
use std::sync::Arc;

use super::known::Known;
use super::model::{Case, Given, Step, Unanswered};
use crate::diag::{Diagnostic, FileId, Severity, Span, code};
use crate::expr::{Date, Value};
use crate::pack::format::{CASE, CASES, STEP};
use crate::pack::raw::{self, Node, Raw, Table};
use crate::reference::Reference;

/// Reads one file by its ending.
pub(super) fn read(known: &Known<'_>, file: FileId, name: &str, text: &str) -> Read {
    let mut reader =
        Reader { known, file, text, loose: false, found: Vec::new(), names: HashMap::new(), unanswered: Vec::new() };
    let cases = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("csv") => reader.csv(),
        Some("jsonl") => reader.jsonl(),
        _ => reader.toml(),
    };
    Read { cases, unanswered: reader.unanswered, found: reader.found }
}

/// What one file gave.
pub(super) struct Read {
    /// Those without a mistake.
    pub(super) cases: Vec<Case>,
    /// Those that only lack an expectation.
    pub(super) unanswered: Vec<Unanswered>,
    /// What is wrong.
    pub(super) found: Vec<Diagnostic>,
}

/// What holds for all cases of a file.
#[derive(Debug, Clone, Default)]
struct Frame {
    as_of: Option<Date>,
    defaults: Given,
    params: Vec<(usize, Value)>,
    population: Option<Arc<Reference>>,
}

/// Reads one file.
struct Reader<'a> {
    known: &'a Known<'a>,
    file: FileId,
    text: &'a str,
    /// The values are cells of a table: everything is a text.
    loose: bool,
    found: Vec<Diagnostic>,
    /// The names of the cases so far.
    names: HashMap<String, Span>,
    unanswered: Vec<Unanswered>,
}

impl Reader<'_> {
    /// Adds an error.
    fn wrong(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Diagnostic::error(code::BAD_CASE, span, message))
    }

    fn add(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        self.found.push(diagnostic);
        // There is one: it was just put there.
        let last = self.found.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "an element was pushed in the line above")]
        &mut self.found[last]
    }

    fn errors(&self) -> usize {
        self.found.iter().filter(|d| d.severity == Severity::Error).count()
    }

    /// Complains about keys that are not known.
    fn keys(&mut self, table: &Table, known: &[&str], of: &str) {
        for (key, entry) in &table.entries {
            if !known.contains(&key.as_str()) {
                let list: Vec<String> = known.iter().map(|key| format!("`{key}`")).collect();
                let diagnostic = Diagnostic::error(code::BAD_CASE, entry.key, format!("{of} has no key `{key}`"));
                let near = crate::diag::nearest(key, known.iter().copied()).is_some();
                let diagnostic = diagnostic.did_you_mean(key, known.iter().copied());
                let diagnostic = if near {
                    diagnostic
                } else if self.known.given(key).is_some() {
                    diagnostic.help(format!("write `given = {{ {key} = … }}`"))
                } else if self.known.about(key).is_some() {
                    diagnostic.help(format!("write `expect = {{ {key} = … }}`"))
                } else {
                    diagnostic.help(format!("its keys are {}", list.join(", ")))
                };
                self.found.push(diagnostic);
            }
        }
    }

    /// The table of a node.
    fn table<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Table> {
        match &node.value {
            Raw::Table(table) => Some(table),
            other => {
                let message = format!("{what} is a table, and this is {}", other.kind());
                self.wrong(node.span, message);
                None
            }
        }
    }

    /// A list of tables.
    fn tables<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n Node, &'n Table)> {
        let Raw::List(list) = &node.value else {
            let message = format!("{what} is a list of tables, and this is {}", node.value.kind());
            let help = format!("write `[[{what}]]`");
            self.wrong(node.span, message).help.push(help);
            return Vec::new();
        };
        let one = format!("each of {what}");
        list.iter().filter_map(|node| Some((node, self.table(node, &one)?))).collect()
    }

    fn text_of(&mut self, table: &Table, key: &str) -> Option<(String, Span)> {
        let entry = table.get(key)?;
        match &entry.node.value {
            Raw::Text(text) => Some((text.text.clone(), entry.node.span)),
            other => {
                let message = format!("`{key}` is a text, and this is {}", other.kind());
                self.wrong(entry.node.span, message);
                None
            }
        }
    }

    fn toml(&mut self) -> Vec<Case> {
        let parsed = raw::parse(self.file, self.text, &mut self.found);
        let before = self.errors();
        if !parsed.broken {
            self.keys(&parsed.table, &CASES.names(), "a file of cases");
        }
        let mut frame = Frame { as_of: self.as_of_in(&parsed.table), ..Frame::default() };
        if let Some(entry) = parsed.table.get("defaults")
            && let Some(table) = self.table(&entry.node, "`defaults`")
        {
            frame.defaults = self.given(table);
        }
        if let Some(entry) = parsed.table.get("params")
            && let Some(table) = self.table(&entry.node, "`params`")
        {
            frame.params = self.params(table);
        }
        if let Some(entry) = parsed.table.get("population")
            && let Some(table) = self.table(&entry.node, "`population`")
        {
            frame.population = Some(Arc::new(self.population(self.known.pack, table)));
        }
        let sound = self.errors() == before;
        let Some(entry) = parsed.table.get("cases") else {
            if !parsed.broken {
                self.found.push(
                    Diagnostic::warning(code::BAD_CASE, Span::new(self.file, 0, 0), "there is no case in this file")
                        .help("write `[[cases]]`, and below it `name`, `given` and `expect`"),
                );
            }
            return Vec::new();
        };
        let mut cases = Vec::new();
        for (node, table) in self.tables(&entry.node, "cases") {
            cases.extend(self.case(node.span, table, &frame, None));
        }
        if parsed.broken {
            // What could not be read is no finding.
            self.found.retain(|d| d.code != code::CASE_EXPECTS_NOTHING);
            self.unanswered.clear();
        }
        // What all cases share is wrong: their outcome would say nothing.
        if sound { cases } else { Vec::new() }
    }

    fn jsonl(&mut self) -> Vec<Case> {
        let mut cases = Vec::new();
        let mut at = 0;
        for (number, line) in self.text.split_inclusive('\n').enumerate() {
            let start = at;
            at += line.len();
            if line.trim().is_empty() {
                continue;
            }
            match json::parse(self.file, line, start) {
                Ok(node) => {
                    if let Some(table) = self.table(&node, "a case") {
                        let name = format!("line {}", number + 1);
                        cases.extend(self.case(node.span, table, &Frame::default(), Some(name)));
                    }
                }
                Err(error) => self.found.push(error),
            }
        }
        cases
    }

    /// One case. `name` is what it is called if it does not say it itself; without one, it must.
    fn case(&mut self, span: Span, table: &Table, frame: &Frame, name: Option<String>) -> Option<Case> {
        let before = self.errors();
        self.keys(table, &CASE.names(), "a case");
        let (name, named) = match (self.text_of(table, "name"), name) {
            (Some(given), _) => given,
            (None, Some(name)) => (name, span),
            (None, None) => {
                if table.get("name").is_none() {
                    self.wrong(span, "the case has no `name`").help.push("say in it what it shows".to_owned());
                }
                (String::new(), span)
            }
        };
        self.unique(&name, named);
        let help = self.text_of(table, "help").map(|(text, _)| text).unwrap_or_default();
        let mut params = frame.params.clone();
        if let Some(entry) = table.get("params")
            && let Some(own) = self.table(&entry.node, "`params`")
        {
            for (place, value) in self.params(own) {
                set(&mut params, place, value);
            }
        }
        let own = self.given_in(table);
        let base = over(self.known, frame.defaults.clone(), own);
        let as_of = self.as_of_in(table).or(frame.as_of);
        let steps = match table.get("timeline") {
            None => self.step(span, table, as_of, base).into_iter().collect(),
            Some(timeline) => {
                if let Some(expect) = table.get("expect") {
                    let message = "a case with a time line expects something in its steps, not as a whole";
                    self.wrong(expect.key, message).help.push("move `expect` into a step".to_owned());
                }
                self.timeline(&timeline.node, as_of, base)
            }
        };
        params.sort_by_key(|(place, _)| *place);
        let case = Case { name, help, params, population: frame.population.clone(), steps, span: named };
        if self.errors() > before {
            return None;
        }
        if case.steps.iter().any(|step| !step.expect.is_empty()) {
            return Some(case);
        }
        let mut error =
            Diagnostic::error(code::CASE_EXPECTS_NOTHING, named, "the case expects nothing, and so proves nothing")
                .help("say what must be decided: `expect = { state = \"…\" }`");
        if let Some(spot) = self.spot(table).filter(|_| case.steps.len() == 1) {
            error = error.help("`regain test PACK --update` writes what is decided now");
            self.unanswered.push(Unanswered { case, spot });
        }
        self.found.push(error);
        None
    }

    /// Where an expectation can be written into a case that has none: in the place of an empty one, or below the last of its lines.
    fn spot(&self, table: &Table) -> Option<Span> {
        if table.get("timeline").is_some() {
            return None;
        }
        if let Some(entry) = table.get("expect") {
            return self.text.get(entry.node.span.start as usize..)?.starts_with('{').then_some(entry.node.span);
        }
        let mut end = None;
        for entry in table.entries.values() {
            let start = entry.key.start as usize;
            let line = self.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
            // What stands under a header of its own comes after the case's own lines.
            let own = self.text.get(line..start)?.trim().is_empty();
            if own && entry.node.span.start > entry.key.start {
                let rest = self.text.get(entry.node.span.end as usize..)?;
                let here = entry.node.span.end as usize + rest.find(['\n', '\r']).unwrap_or(rest.len());
                end = end.max(Some(here));
            }
        }
        end.map(|end| Span::new(self.file, end, end))
    }

    /// The steps of a time line: what is given adds up.
    fn timeline(&mut self, node: &Node, as_of: Option<Date>, base: Given) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut known = base;
        for (node, table) in self.tables(node, "cases.timeline") {
            self.keys(table, &STEP.names(), "a step");
            let own = self.given_in(table);
            add(&mut known, own);
            let day = self.as_of_in(table).or(as_of);
            if let (Some(last), Some(day)) = (steps.last(), day)
                && day < last.as_of
            {
                let (before, place) = (last.as_of, table.get("as_of").map_or(node.span, |entry| entry.node.span));
                let earlier = last.span;
                let found = self.wrong(place, format!("the step is as of {day}, before the step above it"));
                *found = found.clone().related(earlier, format!("this one is as of {before}"));
            }
            let step = self.step(node.span, table, day, known.clone());
            steps.extend(step);
        }
        steps
    }

    /// What must hold at one day.
    fn step(&mut self, span: Span, table: &Table, as_of: Option<Date>, given: Given) -> Option<Step> {
        let expect = match table.get("expect") {
            Some(entry) => match self.table(&entry.node, "`expect`") {
                Some(table) => self.expect(table, ""),
                None => Vec::new(),
            },
            None => Vec::new(),
        };
        self.mixed(&given, span);
        let Some(as_of) = as_of else {
            // One that is there and cannot be read has been reported.
            if table.get("as_of").is_none() {
                let help = "write `as_of = 2026-06-30` at the head of the file, for all its cases, or in the case";
                self.wrong(span, "no day is given to decide for").help.push(help.to_owned());
            }
            return None;
        };
        Some(Step { as_of, given, expect, span })
    }

    /// Rollups that are given, of a table whose events are given, too.
    fn mixed(&mut self, given: &Given, span: Span) {
        let pack = self.known.pack;
        for (table, events) in &given.events {
            let Some((name, _)) = pack.tables.get_index(*table) else { continue };
            let rollup =
                pack.rollups.iter().find(|r| r.table == *name && given.values.iter().any(|(slot, _)| *slot == r.slot));
            if let Some(rollup) = rollup.filter(|_| !events.is_empty()) {
                let message = format!("`{}` is given, and so are the events it is computed from", rollup.name);
                let help = format!("give events of `{name}`, or what comes of them, but not both");
                self.wrong(span, message).help.push(help);
            }
        }
    }

    /// Two cases of one name could not be told apart.
    fn unique(&mut self, name: &str, span: Span) {
        if name.is_empty() {
            return;
        }
        if let Some(first) = self.names.get(name) {
            let message = format!("two cases are called `{name}`");
            self.found.push(
                Diagnostic::error(code::DUPLICATE_NAME, span, message)
                    .label("again here")
                    .related(*first, "first given here"),
            );
        } else {
            self.names.insert(name.to_owned(), span);
        }
    }

    fn as_of_in(&mut self, table: &Table) -> Option<Date> {
        let entry = table.get("as_of")?;
        self.day(&entry.node, "as_of")
    }

    fn given_in(&mut self, table: &Table) -> Given {
        match table.get("given") {
            Some(entry) => match self.table(&entry.node, "`given`") {
                Some(table) => self.given(table),
                None => Given::default(),
            },
            None => Given::default(),
        }
    }
}

/// Sets a value in a list of them, in the place of an earlier one.
fn set<K: PartialEq>(list: &mut Vec<(K, Value)>, key: K, value: Value) {
    match list.iter_mut().find(|(known, _)| *known == key) {
        Some(place) => place.1 = value,
        None => list.push((key, value)),
    }
}

/// A case's own over the file's defaults: values replace values, events replace events; of one table, events replace rollups that
/// were given and the other way round.
fn over(known: &Known<'_>, defaults: Given, own: Given) -> Given {
    if own.values.is_empty() && own.events.is_empty() {
        return defaults;
    }
    let pack = known.pack;
    let table_of = |slot| {
        let rollup = pack.rollups.iter().find(|r| r.slot == slot)?;
        pack.tables.get_index_of(&rollup.table)
    };
    let mut given = defaults;
    given.values.retain(|(slot, _)| match table_of(*slot) {
        Some(table) => !own.events.iter().any(|(own, _)| *own == table),
        None => true,
    });
    let replaced: Vec<usize> = own.values.iter().filter_map(|(slot, _)| table_of(*slot)).collect();
    given.events.retain(|(table, _)| !replaced.contains(table) && !own.events.iter().any(|(own, _)| own == table));
    for (slot, value) in own.values {
        set(&mut given.values, slot, value);
    }
    given.events.extend(own.events);
    given
}

/// A step's own, added to what is known: values replace values, events come to the events.
fn add(known: &mut Given, own: Given) {
    for (slot, value) in own.values {
        set(&mut known.values, slot, value);
    }
    for (table, events) in own.events {
        match known.events.iter_mut().find(|(known, _)| *known == table) {
            Some((_, list)) => list.extend(events),
            None => known.events.push((table, events)),
        }
    }
}
