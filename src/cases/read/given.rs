//! Reads what is given: columns, rollups, events, parameters.

use super::super::known::GivenName;
use super::super::model::Given;
use super::value::{a, names};
use super::{Reader, set};
use crate::diag::{Diagnostic, Span, code, nearest};
use crate::expr::{NameKind, Value};
use crate::pack::raw::{Node, Raw, Table};

impl Reader<'_> {
    /// `given`, or the defaults of a file.
    pub(super) fn given(&mut self, table: &Table) -> Given {
        let mut given = Given::default();
        for (key, entry) in &table.entries {
            match self.given_name(key, entry.key) {
                Some(name) => self.give(&mut given, name, key, &entry.node),
                None => continue,
            }
        }
        given
    }

    /// What a name under `given` stands for.
    pub(super) fn given_name(&mut self, key: &str, span: Span) -> Option<GivenName> {
        if let Some(name) = self.known.given(key) {
            return Some(name);
        }
        let pack = self.known.pack;
        let message = format!("there is no column, rollup or table `{key}` to give");
        let error = Diagnostic::error(code::CASE_UNKNOWN_NAME, span, message);
        let error = match pack.names.find(key).map(|slot| pack.names.get(slot).kind) {
            Some(NameKind::Param) => error.help(format!("`{key}` is a parameter: write `params = {{ {key} = … }}`")),
            Some(NameKind::Fact) => {
                let reads = self.reads(key);
                let error = error.help(format!("`{key}` is a fact: it is worked out, not given"));
                if reads.is_empty() { error } else { error.help(format!("give what it reads: {reads}")) }
            }
            Some(NameKind::Decided) => error.help(format!("`{key}` is decided: it belongs under `expect`")),
            Some(NameKind::Today) => error.help("the day is said with `as_of = 2026-06-30`"),
            _ => {
                let known: Vec<&str> = self.known.givable().collect();
                match nearest(key, known.iter().copied()) {
                    Some(_) => error.did_you_mean(key, known),
                    None => error.help("`regain show` lists the columns and tables of a pack"),
                }
            }
        };
        self.found.push(error);
        None
    }

    /// The columns and rollups a fact reads, also through other facts.
    fn reads(&self, fact: &str) -> String {
        let pack = self.known.pack;
        let mut found: Vec<&str> = Vec::new();
        let mut asked: Vec<_> = pack.facts.iter().filter(|f| f.name == fact).flat_map(|f| f.expr.slots()).collect();
        let mut at = 0;
        while let Some(slot) = asked.get(at).copied() {
            at += 1;
            let name = pack.names.get(slot);
            match name.kind {
                NameKind::Column | NameKind::Rollup => found.push(&name.name),
                NameKind::Fact => {
                    let below = pack.facts.iter().filter(|f| f.slot == slot).flat_map(|f| f.expr.slots());
                    for slot in below {
                        if !asked.contains(&slot) {
                            asked.push(slot);
                        }
                    }
                }
                NameKind::Today | NameKind::Param | NameKind::Decided => {}
            }
        }
        found.sort_unstable();
        found.dedup();
        names(&found)
    }

    /// Gives one value, or the events of a table.
    pub(super) fn give(&mut self, given: &mut Given, name: GivenName, key: &str, node: &Node) {
        match name {
            GivenName::Column(slot) | GivenName::Rollup(slot, _) => {
                let ty = self.known.pack.names.get(slot).ty;
                let listed = self.known.values(slot);
                if let Some(value) = self.value(node, ty, key, listed) {
                    set(&mut given.values, slot, value);
                }
            }
            GivenName::Events(table) => {
                if let Some(events) = self.events(table, key, node) {
                    given.events.push((table, events));
                }
            }
            GivenName::Key => {
                if !matches!(node.value, Raw::Text(_) | Raw::Number(_)) {
                    self.wrong(node.span, format!("the key `{key}` is a text or a number"));
                }
            }
        }
    }

    /// The events of a table: a list of rows.
    pub(super) fn events(&mut self, table: usize, key: &str, node: &Node) -> Option<Vec<Vec<Value>>> {
        let (_, declared) = self.known.pack.tables.get_index(table)?;
        let Raw::List(list) = &node.value else {
            let time = declared.time.as_deref().unwrap_or("…");
            let help = format!("write `{key} = [ {{ {time} = 2026-01-15 }} ]`");
            let message = format!("`{key}` is a list of rows, and this is {}", node.value.kind());
            self.wrong(node.span, message).help.push(help);
            return None;
        };
        let before = self.errors();
        let mut events = Vec::with_capacity(list.len());
        for node in list {
            let Some(row) = self.table(node, &format!("a row of `{key}`")) else { continue };
            let mut values = vec![Value::Missing; declared.columns.len()];
            for (name, entry) in &row.entries {
                let Some(place) = declared.columns.iter().position(|c| c.name == *name) else {
                    let known = declared.columns.iter().map(|c| c.name.as_str());
                    let message = format!("the table `{key}` has no column `{name}`");
                    let error = Diagnostic::error(code::CASE_UNKNOWN_NAME, entry.key, message);
                    let error = if *name == declared.key {
                        error.help("rows of a case are its customer's: leave the key out")
                    } else if nearest(name, known.clone()).is_some() {
                        error.did_you_mean(name, known)
                    } else {
                        error.help(format!("it has {}", names(&known.collect::<Vec<_>>())))
                    };
                    self.found.push(error);
                    continue;
                };
                let Some(column) = declared.columns.get(place) else { continue };
                let listed: Vec<&str> = column.values.iter().map(String::as_str).collect();
                if let Some(value) = self.value(&entry.node, column.ty, name, &listed)
                    && let Some(cell) = values.get_mut(place)
                {
                    *cell = value;
                }
            }
            if let Some(time) = &declared.time {
                let place = declared.columns.iter().position(|c| c.name == *time);
                let there = place.and_then(|place| values.get(place)).is_some_and(|value| !value.is_missing());
                if !there && self.errors() == before {
                    let help = format!("rows without `{time}` are never seen: write `{time} = 2026-01-15`");
                    self.wrong(node.span, format!("a row of `{key}` has no `{time}`")).help.push(help);
                }
            }
            events.push(values);
        }
        Some(events)
    }

    /// `params`: of a file, or of one case.
    pub(super) fn params(&mut self, table: &Table) -> Vec<(usize, Value)> {
        let mut params = Vec::new();
        for (key, entry) in &table.entries {
            if let Some(place) = self.param_name(key, entry.key)
                && let Some(value) = self.param(place, &entry.node)
            {
                set(&mut params, place, value);
            }
        }
        params
    }

    /// The place of a parameter.
    pub(super) fn param_name(&mut self, key: &str, span: Span) -> Option<usize> {
        let params = &self.known.pack.params;
        let place = params.iter().position(|param| param.name == key);
        if place.is_none() {
            let known = params.iter().map(|param| param.name.as_str());
            let error = Diagnostic::error(code::CASE_UNKNOWN_NAME, span, format!("there is no parameter `{key}`"));
            let error = if self.known.given(key).is_some() {
                error.help(format!("`{key}` belongs under `given`"))
            } else {
                error.did_you_mean(key, known)
            };
            self.found.push(error);
        }
        place
    }

    /// The value of a parameter.
    pub(super) fn param(&mut self, place: usize, node: &Node) -> Option<Value> {
        let param = self.known.pack.params.get(place)?;
        let ty = param.value.ty()?;
        let value = self.value(node, ty, &param.name, &[])?;
        if value.is_missing() {
            self.wrong(node.span, format!("the parameter `{}` must be {}", param.name, a(ty)));
            return None;
        }
        let (below, above) = match value.as_number() {
            Some(x) => (param.min.filter(|min| x < *min), param.max.filter(|max| x > *max)),
            None => (None, None),
        };
        if let Some((word, bound)) = below.map(|bound| ("at least", bound)).or(above.map(|bound| ("at most", bound))) {
            let (name, declared) = (&param.name, param.span);
            let found = self.wrong(node.span, format!("the parameter `{name}` must be {word} {bound}"));
            *found = found.clone().related(declared, "declared here");
            return None;
        }
        Some(value)
    }
}
