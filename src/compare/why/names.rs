//! Why a name has another value: parameters, columns, rollups, facts, and what the stages decide.

use super::Search;
use crate::expr::{Expr, Kind, NameKind, Names, Row, Slot, Value, evaluate};
use crate::pack::Pack;
use crate::stage::{RowValues, scored};

/// Some values with one of them replaced.
struct Replaced<'a> {
    values: &'a RowValues,
    slot: Option<Slot>,
    value: Value,
}

impl Row for Replaced<'_> {
    fn get(&self, slot: Slot) -> Value {
        if self.slot == Some(slot) { self.value.clone() } else { self.values.get(slot) }
    }
}

/// An expression of a thing on both sides.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) section: &'static str,
    pub(super) name: &'a str,
    pub(super) key: &'static str,
    pub(super) old: Option<&'a Expr>,
    pub(super) new: Option<&'a Expr>,
    /// Only whether it is true counts; without an expression it always is.
    pub(super) truth: bool,
}

impl Item<'_> {
    fn read(&self, value: Value) -> Value {
        if self.truth { Value::Bool(value == Value::Bool(true)) } else { value }
    }

    fn run(&self, expr: Option<&Expr>, row: &dyn Row, pack: &Pack) -> Value {
        match expr {
            Some(expr) => self.read(evaluate(expr, row, &pack.scripts)),
            None if self.truth => Value::Bool(true),
            None => Value::Missing,
        }
    }
}

impl<'a> Search<'a> {
    /// What an item gives on both sides.
    pub(super) fn results(&self, item: &Item<'_>) -> (Value, Value) {
        (
            item.run(item.old, &self.case.old.values, self.earlier()),
            item.run(item.new, &self.case.new.values, self.later()),
        )
    }

    /// Explains an item that gives something else, if it does.
    pub(super) fn item(&mut self, item: &Item<'_>) {
        let (before, now) = self.results(item);
        if before == now {
            return;
        }
        if item.run(item.old, &self.case.mixed, self.later()) != now {
            self.root(item.section, item.name, &[item.key]);
        }
        self.scripts(item, &now);
        self.inputs(item, &before, &now);
    }

    /// Script functions that give something else for the same arguments.
    fn scripts(&mut self, item: &Item<'_>, now: &Value) {
        let Some(expr) = item.new else { return };
        let called = self.called(expr);
        if !called.is_empty() && item.run(Some(expr), &self.case.new.values, self.earlier()) != *now {
            called.iter().for_each(|path| self.function(path));
        }
    }

    /// The functions an expression calls that may give something else.
    fn called(&self, expr: &Expr) -> Vec<String> {
        let mut called = Vec::new();
        expr.walk(&mut |e| {
            if let Kind::Script(signature, _) = &e.kind {
                let path = signature.path();
                if self.why.functions.contains(&path) && !called.contains(&path) {
                    called.push(path);
                }
            }
        });
        called
    }

    /// A function that changed, or those that it calls.
    fn function(&mut self, path: &str) {
        if !self.seen.insert(path.to_owned()) || self.root("scripts", path, &[]) {
            return;
        }
        let Some((module, name)) = path.rsplit_once("::") else { return };
        self.root("scripts", module, &[]);
        let new = self.later();
        for function in new.scripts.functions().iter().filter(|f| f.module == module && f.name == name) {
            for called in &function.calls {
                let (module, name) = called.rsplit_once("::").unwrap_or((module, called));
                let path = format!("{module}::{name}");
                if self.why.functions.contains(&path) {
                    self.function(&path);
                }
            }
        }
    }

    /// What an item reads and what is not what it was, as far as it matters; all of it if nothing matters alone.
    fn inputs(&mut self, item: &Item<'_>, before: &Value, now: &Value) {
        let (old, new) = (self.earlier(), self.later());
        let mut names: Vec<String> = Vec::new();
        for (expr, table) in [(item.new, &new.names), (item.old, &old.names)] {
            for slot in expr.map(Expr::slots).unwrap_or_default() {
                let name = table.get(slot).name.clone();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names.retain(|name| {
            let (a, b) = self.values(name);
            a != b
        });
        let matters = |name: &String| {
            let (was, is) = self.values(name);
            let slot = |names: &Names| names.find(name);
            let later = Replaced { values: &self.case.new.values, slot: slot(&new.names), value: was };
            let earlier = Replaced { values: &self.case.old.values, slot: slot(&old.names), value: is };
            (item.new.is_some() && item.run(item.new, &later, new) != *now)
                || (item.old.is_some() && item.run(item.old, &earlier, old) != *before)
        };
        let alone: Vec<String> = names.iter().filter(|name| matters(name)).cloned().collect();
        let list = if alone.is_empty() { names } else { alone };
        list.iter().for_each(|name| self.name(name));
    }

    /// Explains a name whose value is another.
    pub(super) fn name(&mut self, name: &str) {
        let (before, now) = self.values(name);
        if before == now || !self.seen.insert(name.to_owned()) {
            return;
        }
        let (old, new) = (self.earlier(), self.later());
        let find = |pack: &'a Pack| pack.names.find(name).map(|slot| pack.names.get(slot));
        let Some(known) = find(new).or(find(old)) else { return };
        match known.kind {
            NameKind::Today => self.push("the as-of date", &format!("as of {now} instead of {before}")),
            NameKind::Param => {
                if !self.root("params", name, &["value"]) {
                    self.push(&format!("parameter `{name}`"), &format!("parameter `{name}` from {before} to {now}"));
                }
            }
            NameKind::Column => {
                // How a column is read may have changed with the column, its table, or the record as a whole.
                let _ =
                    self.root("record", name, &[]) || self.root("record", "", &[]) || self.data(name, &before, &now);
            }
            NameKind::Rollup => self.rollup(name, &before, &now),
            NameKind::Fact => {
                let expr = |pack: &'a Pack| pack.facts.iter().find(|fact| fact.name == name).map(|fact| &fact.expr);
                let (old, new) = (expr(old), expr(new));
                self.item(&Item { section: "facts", name, key: "value", old, new, truth: false });
            }
            NameKind::Decided => match name {
                "state" | "track" => self.state_rules(),
                "cause" | "class" | "confidence" => self.causes(),
                "grade" => self.grade_rules(),
                "priority" => self.priority_rule(),
                other => match other.strip_prefix("score.") {
                    Some(criterion) => self.score(criterion),
                    None => self.dimension(other),
                },
            },
        }
    }

    /// Remembers a value that is another though no rule about it changed.
    fn data(&mut self, name: &str, before: &Value, now: &Value) -> bool {
        self.data.push(format!("`{name}` {now}, before {before}"));
        true
    }

    /// A rollup: its own definition, what it reads, its table; else her events are different.
    fn rollup(&mut self, name: &str, before: &Value, now: &Value) {
        let count = self.found.len();
        self.root("rollups", name, &["value"]);
        let new = self.later();
        if let Some(rollup) = new.rollups.iter().find(|rollup| rollup.name == name)
            && let Some(table) = new.tables.get(&rollup.table)
        {
            let exprs = rollup.value.iter().chain(&rollup.condition);
            let names: Vec<String> =
                exprs.clone().flat_map(Expr::slots).map(|slot| table.names.get(slot).name.clone()).collect();
            for name in names.iter().chain([&"today".to_owned()]) {
                if self.values(name).0 != self.values(name).1 {
                    self.name(name);
                }
                self.root("tables", name, &[]);
            }
            let called: Vec<String> = exprs.flat_map(|expr| self.called(expr)).collect();
            called.iter().for_each(|path| self.function(path));
            self.root("tables", &rollup.table, &[]);
        }
        if self.found.len() == count {
            self.data(name, before, now);
        }
    }

    /// A criterion's score.
    fn score(&mut self, name: &str) {
        let (_, now) = self.values(&format!("score.{name}"));
        let find = |pack: &'a Pack| pack.criteria.iter().find(|criterion| criterion.name == name);
        let (Some(old), Some(new)) = (find(self.earlier()), find(self.later())) else {
            self.root("criteria", name, &[]);
            return;
        };
        let keys = ["score", "value", "bands", "curve", "map", "otherwise", "rank", "missing", "plugin"];
        let again = scored(self.earlier(), self.why.old.context, old, &self.case.mixed).score;
        let given = again.map_or(Value::Missing, Value::number);
        let (before_expr, expr) = (super::stages::method_expr(old), super::stages::method_expr(new));
        let item =
            Item { section: "criteria", name, key: "value", old: Some(before_expr), new: Some(expr), truth: false };
        let scripts = self.called(expr);
        if given != now && !self.root("criteria", name, &keys) && scripts.is_empty() {
            self.push("the population", "measured against another population");
        }
        let (was, is) = self.results(&item);
        if was != is {
            self.scripts(&item, &is);
            self.inputs(&item, &was, &is);
        }
    }
}
