//! `[population]` of a file of cases: the values that criteria of rank are measured against.

use super::Reader;
use crate::pack::raw::{Raw, Table};
use crate::pack::{Method, Pack};
use crate::reference::{Reference, Table as Fitted};

impl Reader<'_> {
    /// A small population by hand: per criterion of rank a list of numbers.
    pub(super) fn population(&mut self, pack: &Pack, table: &Table) -> Reference {
        let ranked: Vec<&str> = pack
            .criteria
            .iter()
            .filter(|criterion| matches!(criterion.method, Method::Rank(..)))
            .map(|criterion| criterion.name.as_str())
            .collect();
        let mut reference = Reference { pack: pack.identity.name.clone(), ..Reference::default() };
        for (name, entry) in &table.entries {
            if !ranked.contains(&name.as_str()) {
                let message = format!("no criterion `{name}` is scored by rank");
                let found = self.wrong(entry.key, message);
                *found = found.clone().did_you_mean(name, ranked.iter().copied());
                if ranked.is_empty() {
                    found.help.push("the pack has no criterion with `rank`: leave it out".to_owned());
                }
                continue;
            }
            let Raw::List(list) = &entry.node.value else {
                let message = format!("a population is a list of numbers, and this is {}", entry.node.value.kind());
                self.wrong(entry.node.span, message).help.push(format!("as in `{name} = [10, 40, 90]`"));
                continue;
            };
            let mut values = Vec::with_capacity(list.len());
            for node in list {
                match node.value {
                    Raw::Number(x) if x.is_finite() => values.push(x),
                    ref other => {
                        let message = format!("a population is a list of numbers, and this is {}", other.kind());
                        self.wrong(node.span, message);
                    }
                }
            }
            if list.is_empty() {
                self.wrong(entry.node.span, "a population of nobody: give a few values");
            }
            reference.tables.insert(name.clone(), Fitted::fit(values));
        }
        reference
    }
}
