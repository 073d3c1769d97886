//! What a pack means: from the merged tree to a typed [`Pack`].
//!
//! Everything is read, whatever else is wrong, so that all findings come at once. What follows only from
//! an earlier finding is not reported: a rule that reads a name that could not be typed is passed over.

mod campaigns;
mod contact;
mod criteria;
mod facts;
mod file;
mod human;
mod limits;
mod lints;
mod names;
mod outcomes;
mod params;
mod planning;
mod plugins;
mod prevention;
mod read;
mod record;
mod rules;
mod second_life;

pub use limits::limits;
#[cfg(test)]
pub(super) use read::log;

use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexMap;

use self::names::Registry;
use self::read::Fields;
use super::format::{self, Keys};
use super::overlay::sections;
use super::raw::{Entry, Node, Raw, Table};
use super::{Decided, Identity, Layer, Override, Pack};
use crate::diag::{Diagnostic, Sources, Span, code};
use crate::expr::{NameKind, Names, Stage, Type};
use crate::script::Scripts;

/// What resolving needs beside the tree.
#[derive(Debug)]
pub struct Context {
    /// Every text of the pack.
    pub sources: Arc<Sources>,
    /// The compiled scripts.
    pub scripts: Arc<Scripts>,
    /// What it extends, nearest first.
    pub extends: Vec<String>,
    /// The content hash.
    pub hash: String,
    /// Where to point for what is missing altogether: the pack's `[pack]`.
    pub place: Span,
    /// The packs of the chain, nearest first.
    pub layers: Vec<Layer>,
    /// What overlays gave anew.
    pub overrides: Vec<Override>,
}

/// Resolves a merged tree. Every fault becomes a diagnostic; with an error among them the pack is not fit to run.
pub fn resolve(root: Arc<Table>, context: Context, diagnostics: &mut Vec<Diagnostic>) -> Pack {
    let scripts = Arc::clone(&context.scripts);
    let mut resolver = Resolver {
        names: Names::default(),
        registry: Registry::new(),
        broken: HashSet::new(),
        scripts: &scripts,
        place: context.place,
        diagnostics: Vec::new(),
    };
    let pack = resolver.pack(&root, context);
    diagnostics.append(&mut resolver.diagnostics);
    pack
}

/// State while a pack is resolved.
struct Resolver<'a> {
    /// The names of expressions, as far as they are typed.
    names: Names,
    /// Every name that is taken, typed or not.
    registry: Registry,
    /// Names whose type is not known, because of an earlier finding.
    broken: HashSet<String>,
    scripts: &'a Scripts,
    place: Span,
    diagnostics: Vec<Diagnostic>,
}

impl Resolver<'_> {
    fn pack(&mut self, tree: &Arc<Table>, context: Context) -> Pack {
        let root = tree.as_ref();
        self.unknown_sections(root);
        let identity = self.identity(root, &context);
        self.declare_built_in();
        let today = self.names.len();
        let today_slot = self.add("today", NameKind::Today, Stage::Run, Type::Date, None);
        debug_assert_eq!(today, 0, "`today` is slot 0 here and in the names of every table");
        let params = self.params(root);
        let record = self.record(root);
        let tables = self.tables(root, &record);
        let rollups = self.rollups(root, &tables);
        let decided = self.declare_decided();
        let plan = self.declare_criteria(root);
        let facts = self.facts(root);
        let suppress = self.suppress(root);
        let states = self.states(root);
        let causes = self.causes(root);
        let criteria = self.criteria(root, &plan);
        let priority = self.priority(root, plan.priority);
        let grades = self.grades(root);
        let offers = self.labelled(root, "offers", &format::OFFER);
        let channels = self.channels(root, &params);
        let people = self.labelled(root, "people", &format::PERSON);
        let campaigns = self.campaigns(root, &offers, &channels, &people);
        let second_life = self.second_life(root);
        let followups = self.followups(root, &causes.list, &people, second_life.as_ref());
        let money = self.money(root);
        let contact = self.contact(root, &params, &tables);
        let known = planning::Known {
            params: &params,
            record: &record,
            rollups: &rollups,
            campaigns: &campaigns,
            channels: &channels,
            people: &people,
            offers: &offers,
        };
        let planning = self.planning(root, &known);
        let human = self.human(root);
        let outcomes = self.outcomes(root, &params, &record);
        let prevention = self.prevention(root);
        let lints = self.lints(root);
        Pack {
            identity,
            sources: context.sources,
            names: std::mem::take(&mut self.names),
            today: today_slot,
            params,
            record,
            tables,
            rollups,
            facts,
            suppress,
            states,
            causes,
            criteria,
            dimensions: plan.dimensions,
            priority,
            grades,
            offers,
            channels,
            people,
            campaigns,
            followups,
            money,
            contact,
            planning,
            human,
            outcomes,
            prevention,
            second_life,
            decided,
            scripts: context.scripts,
            tree: Arc::clone(tree),
            layers: context.layers,
            overrides: context.overrides,
            lints,
        }
    }

    /// Keys at the top that the format does not have.
    fn unknown_sections(&mut self, root: &Table) {
        for (key, entry) in &root.entries {
            if sections().any(|known| known == key) {
                continue;
            }
            let message = format!("a pack has no section `{key}`");
            let known: Vec<&str> = sections().collect();
            let diagnostic =
                Diagnostic::error(code::UNKNOWN_KEY, entry.key, message).did_you_mean(key, known.iter().copied());
            self.diagnostics.push(if diagnostic.help.is_empty() {
                let all: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                diagnostic.help(format!("its sections are {}", all.join(", ")))
            } else {
                diagnostic
            });
        }
    }

    /// `[pack]`. That it is there, `load` has seen.
    fn identity(&mut self, root: &Table, context: &Context) -> Identity {
        let mut identity = Identity {
            name: String::new(),
            version: "0.0.0".to_owned(),
            extends: context.extends.clone(),
            help: String::new(),
            hash: context.hash.clone(),
        };
        let Some(fields) = self.section(root, "pack", &format::IDENTITY) else { return identity };
        if let Some(name) = fields.required_text("name", "for instance `name = \"retail\"`", &mut self.diagnostics)
            && self.plain_name(&name.text, name.span(), "a pack")
        {
            identity.name.clone_from(&name.text);
        }
        if let Some(version) = fields.text("version", &mut self.diagnostics) {
            identity.version = version.text.trim().to_owned();
        }
        identity.help = fields.string("help", &mut self.diagnostics);
        identity
    }

    /// A section that is one table, if it is there.
    fn section<'t>(&mut self, root: &'t Table, key: &str, keys: &'static Keys) -> Option<Fields<'t>> {
        let entry = root.get(key)?;
        Fields::open(&entry.node, entry.node.span, format!("`[{key}]`"), keys, &mut self.diagnostics)
    }

    /// The things of a section that holds them by name.
    fn things<'t>(&mut self, root: &'t Table, key: &str) -> Vec<(&'t str, &'t Entry)> {
        let Some(entry) = root.get(key) else { return Vec::new() };
        self.things_of(entry, key)
    }

    /// The things in a table, by name.
    fn things_of<'t>(&mut self, entry: &'t Entry, key: &str) -> Vec<(&'t str, &'t Entry)> {
        match &entry.node.value {
            Raw::Table(table) => table.entries.iter().map(|(name, entry)| (name.as_str(), entry)).collect(),
            other => {
                let message = format!("`{key}` must be a table of names, this is {}", other.kind());
                let help = format!("write `[{key}.name]`");
                self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, entry.node.span, message).help(help));
                Vec::new()
            }
        }
    }

    /// The things of a section that is a list, opened.
    fn listed<'t>(&mut self, root: &'t Table, key: &str, keys: &'static Keys) -> Vec<Listed<'t>> {
        let Some(entry) = root.get(key) else { return Vec::new() };
        let Raw::List(list) = &entry.node.value else {
            let message = format!("`{key}` must be a list, this is {}", entry.node.value.kind());
            let help = format!("write `[[{key}]]` in double brackets, and `name = \"…\"` below it");
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, entry.node.span, message).help(help));
            return Vec::new();
        };
        list.iter().filter_map(|node| self.listed_one(node, key, keys)).collect()
    }

    fn listed_one<'t>(&mut self, node: &'t Node, key: &str, keys: &'static Keys) -> Option<Listed<'t>> {
        let noun = keys.noun;
        let name = match &node.value {
            Raw::Table(table) => table.text("name"),
            _ => None,
        };
        let (what, at) = match name {
            Some(name) => (format!("{noun} `{}`", name.text), name.span()),
            None => (format!("`[[{key}]]`"), node.span),
        };
        let fields = Fields::open(node, at, what, keys, &mut self.diagnostics)?;
        let name = match fields.required_text("name", "", &mut self.diagnostics) {
            Some(name) => {
                self.plain_name(&name.text, name.span(), &with_article(noun));
                name.text.clone()
            }
            None => String::new(),
        };
        Some(Listed { name, fields })
    }

    /// The names the stages decide.
    fn declare_decided(&mut self) -> Decided {
        let mut text = |name: &str, stage| self.add(name, NameKind::Decided, stage, Type::Text, None);
        let state = text("state", Stage::State);
        let track = text("track", Stage::State);
        let cause = text("cause", Stage::Cause);
        let class = text("class", Stage::Cause);
        let grade = text("grade", Stage::Grade);
        let confidence = self.add("confidence", NameKind::Decided, Stage::Cause, Type::Number, None);
        Decided { state, track, cause, class, confidence, grade }
    }
}

/// One thing of a list.
struct Listed<'a> {
    /// Its `name`; empty if it has none.
    name: String,
    /// Its keys.
    fields: Fields<'a>,
}

/// `a state`, `an offer`.
fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// By name, keeping order.
type ByName<T> = IndexMap<String, T>;
