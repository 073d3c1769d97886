//! Where each name of a pack is described, what it is, what reads it, and which file of which pack wrote it.

use std::collections::HashMap;

use super::model::{Inline, Line};
use super::number::{spaced, with_unit};
use crate::diag::Span;
use crate::expr::{Expr, NameKind, Names, Type};
use crate::pack::raw::{Raw, Table as Tree};
use crate::pack::{Aggregate, Limit, Override, Pack, Part, Rule, Template};

/// A thing that the book describes.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Target {
    /// Its anchor.
    pub(super) id: String,
    /// How it is called in a sentence.
    pub(super) text: String,
    /// What it is.
    pub(super) hint: String,
    /// Said behind the name: a parameter's value.
    pub(super) after: String,
}

impl Target {
    /// A link to it.
    pub(super) fn link(&self) -> Inline {
        Inline::Link { to: self.id.clone(), text: self.text.clone(), hint: self.hint.clone() }
    }
}

/// The things of a pack by name.
#[derive(Debug, Default)]
pub(super) struct Index {
    names: HashMap<String, Target>,
    causes: HashMap<String, Target>,
    states: HashMap<String, Target>,
    grades: HashMap<String, Target>,
    readers: HashMap<String, Vec<Target>>,
}

impl Index {
    pub(super) fn of(pack: &Pack) -> Index {
        let mut index = Index::default();
        index.add_names(pack);
        for cause in &pack.causes.list {
            let target = Target {
                id: anchor("cause", &cause.name),
                text: cause.label.clone(),
                hint: cause.help.clone(),
                after: String::new(),
            };
            index.causes.entry(cause.name.clone()).or_insert(target);
        }
        for state in &pack.states {
            let target = Target {
                id: anchor("state", &state.name),
                text: spaced(&state.state),
                hint: state.help.clone(),
                after: String::new(),
            };
            index.states.entry(state.state.clone()).or_insert(target);
        }
        for grade in &pack.grades {
            let target = Target {
                id: anchor("grade", &grade.name),
                text: grade.name.clone(),
                hint: grade.label.clone(),
                after: String::new(),
            };
            index.grades.entry(grade.name.clone()).or_insert(target);
        }
        each_expression(pack, &mut |owner, names, expr| index.reads(owner, names, expr, |_| true));
        if let Some(outcomes) = &pack.outcomes {
            let text = "what counts as won back".to_owned();
            let owner = Target { id: "outcomes".to_owned(), text, ..Target::default() };
            for (_, rule) in outcomes.rules() {
                // Columns of outcomes and of plans are not those of the record, whatever they are called.
                index.reads(&owner, &outcomes.table.names, &rule.expr, |kind| kind == NameKind::Param);
            }
        }
        index
    }

    /// Notes that an expression of `owner` reads names of these kinds, and script functions.
    fn reads(&mut self, owner: &Target, names: &Names, expr: &Expr, kinds: impl Fn(NameKind) -> bool) {
        let mut note = |name: String| {
            let list = self.readers.entry(name).or_default();
            if !list.contains(owner) {
                list.push(owner.clone());
            }
        };
        let read = expr.slots().into_iter().map(|slot| names.get(slot)).filter(|name| kinds(name.kind));
        read.for_each(|name| note(name.name.clone()));
        expr.walk(&mut |e| {
            if let crate::expr::Kind::Script(signature, _) = &e.kind {
                note(signature.path());
            }
        });
    }

    fn add_names(&mut self, pack: &Pack) {
        let mut columns: HashMap<&str, &str> = HashMap::new();
        columns.extend(pack.record.columns.iter().map(|c| (c.name.as_str(), c.help.as_str())));
        for (_, name) in pack.names.iter() {
            let plain = |kind: &str| Target {
                id: anchor(kind, &name.name),
                text: spaced(&name.name),
                hint: String::new(),
                after: String::new(),
            };
            let target = match name.kind {
                NameKind::Today => Target { id: "how-to-read".to_owned(), ..plain("today") },
                NameKind::Param => {
                    let param = pack.params.iter().find(|p| p.name == name.name);
                    let hint = param.map(|p| p.help.clone()).unwrap_or_default();
                    Target { hint, after: param.map(with_unit).unwrap_or_default(), ..plain("param") }
                }
                NameKind::Column => {
                    let hint = columns.get(name.name.as_str()).copied().unwrap_or_default().to_owned();
                    Target { hint, ..plain("column") }
                }
                NameKind::Rollup => Target { hint: help(pack, "rollups", &name.name), ..plain("rollup") },
                NameKind::Fact => Target { hint: help(pack, "facts", &name.name), ..plain("fact") },
                NameKind::Decided => decided(pack, &name.name),
            };
            self.names.insert(name.name.clone(), target);
        }
        for table in pack.tables.values() {
            for column in &table.columns {
                let target = Target {
                    id: anchor("table", &table.name),
                    text: spaced(&column.name),
                    hint: column.help.clone(),
                    after: String::new(),
                };
                self.names.insert(format!("{}.{}", table.name, column.name), target);
            }
        }
    }

    /// The thing behind a name of an expression.
    pub(super) fn name(&self, name: &str) -> Option<&Target> {
        self.names.get(name)
    }

    /// A cause by its name.
    pub(super) fn cause(&self, name: &str) -> Option<&Target> {
        self.causes.get(name)
    }

    /// The first rule that decides for a state.
    pub(super) fn state(&self, name: &str) -> Option<&Target> {
        self.states.get(name)
    }

    /// A grade by its name.
    pub(super) fn grade(&self, name: &str) -> Option<&Target> {
        self.grades.get(name)
    }

    /// What reads a name, in the order of a decision.
    pub(super) fn readers(&self, name: &str) -> &[Target] {
        self.readers.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What the stages decide: described where it is decided.
fn decided(pack: &Pack, name: &str) -> Target {
    let (id, text, hint) = match name.strip_prefix("score.") {
        Some(criterion) => {
            let found = pack.criteria.iter().find(|c| c.name == criterion);
            let label = found.map_or(criterion, |c| c.label.as_str());
            let question = found.map(|c| c.question.clone()).unwrap_or_default();
            (anchor("criterion", criterion), format!("score of {label}"), question)
        }
        None => {
            let (id, hint) = match name {
                "state" | "track" => ("states".to_owned(), "decided by the states"),
                "cause" | "class" | "confidence" => ("causes".to_owned(), "decided by the causes"),
                "grade" | "priority" => ("grades".to_owned(), "decided from the scores"),
                other => (anchor("dimension", other), "from 0 to 10, decided by the criteria"),
            };
            (id, spaced(name), hint.to_owned())
        }
    };
    Target { id, text, hint, after: String::new() }
}

/// An anchor: the kind of thing, and its name with everything unusual spelled out.
pub(super) fn anchor(kind: &str, name: &str) -> String {
    let mut id = format!("{kind}-");
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || "_-.".contains(c) {
            id.push(c);
        } else {
            id.push_str(&format!("~{:x}", u32::from(c)));
        }
    }
    id
}

/// The kind of a limit as an anchor begins: `limit-capacity`.
pub(super) fn limit_kind(limit: &Limit) -> String {
    format!("limit-{}", limit.kind.word())
}

/// The help text of a thing that does not keep its own.
pub(super) fn help(pack: &Pack, section: &str, name: &str) -> String {
    text_of(&pack.tree, &[section, name, "help"]).unwrap_or_default()
}

/// The help text of a thing in a list of named things.
pub(super) fn help_in_list(pack: &Pack, section: &str, name: &str) -> String {
    let Some(Raw::List(list)) = pack.tree.get(section).map(|entry| &entry.node.value) else { return String::new() };
    let tables = list.iter().filter_map(|node| if let Raw::Table(table) = &node.value { Some(table) } else { None });
    let mut named = tables.filter(|table| table.text("name").is_some_and(|text| text.text == name));
    named.next().and_then(|table| table.text("help")).map(|text| text.text.clone()).unwrap_or_default()
}

fn text_of(tree: &Tree, path: &[&str]) -> Option<String> {
    match path {
        [last] => tree.text(last).map(|text| text.text.clone()),
        [first, rest @ ..] => match &tree.get(first)?.node.value {
            Raw::Table(table) => text_of(table, rest),
            _ => None,
        },
        [] => None,
    }
}

/// Calls `visit` with every expression of a pack: the thing it belongs to, its names, and itself; in the order of a decision.
pub(super) fn each_expression<'a>(pack: &'a Pack, visit: &mut dyn FnMut(&Target, &'a Names, &'a Expr)) {
    let target = |kind: &str, name: &str, text: &str| Target {
        id: anchor(kind, name),
        text: text.to_owned(),
        ..Target::default()
    };
    for rollup in &pack.rollups {
        let owner = target("rollup", &rollup.name, &spaced(&rollup.name));
        let Some(table) = pack.tables.get(&rollup.table) else { continue };
        let part = if let Aggregate::Share(part) = &rollup.aggregate { Some(part) } else { None };
        for expr in rollup.value.iter().chain(&rollup.condition).chain(part) {
            visit(&owner, &table.names, expr);
        }
    }
    let mut all = |owner: &Target, rules: &[Option<&'a Rule>], because: Option<&'a Template>| {
        for rule in rules.iter().flatten() {
            visit(owner, &pack.names, &rule.expr);
        }
        for part in because.iter().flat_map(|template| &template.parts) {
            if let Part::Value(expr) = part {
                visit(owner, &pack.names, expr);
            }
        }
    };
    for s in &pack.suppress {
        all(&target("suppress", &s.name, &spaced(&s.name)), &[Some(&s.when)], Some(&s.because));
    }
    for s in &pack.states {
        all(&target("state", &s.name, &spaced(&s.name)), &[s.when.as_ref()], Some(&s.because));
    }
    let analysis = Target { id: "causes".to_owned(), text: "who is analysed".to_owned(), ..Target::default() };
    all(&analysis, &[pack.causes.when.as_ref()], None);
    for cause in &pack.causes.list {
        let owner = target("cause", &cause.name, &cause.label);
        for evidence in &cause.evidence {
            all(&owner, &[Some(&evidence.when)], Some(&evidence.because));
        }
    }
    for c in &pack.criteria {
        all(&target("criterion", &c.name, &c.label), &[Some(c.method.rule())], None);
    }
    let priority = Target { id: "grades".to_owned(), text: "priority".to_owned(), ..Target::default() };
    all(&priority, &[pack.priority.rule.as_ref()], None);
    for g in &pack.grades {
        all(&target("grade", &g.name, &format!("grade {}", g.name)), &[g.when.as_ref()], None);
    }
    for c in pack.channels.values() {
        let rules = c.consent.iter().chain(&c.basis).chain(&c.consent_on).chain(c.figures());
        all(&target("channel", &c.name, &c.label), &rules.map(Some).collect::<Vec<_>>(), None);
    }
    for c in &pack.campaigns {
        let rules = [&c.when, &c.send_on, &c.cost, &c.success, &c.value, &c.anyway, &c.hours].map(Option::as_ref);
        all(&target("campaign", &c.name, &c.label), &rules, Some(&c.because));
    }
    for f in &pack.followups {
        all(&target("followup", &f.name, &f.label), &[Some(&f.when)], Some(&f.because));
    }
    if let Some(contact) = &pack.contact {
        let owner = Target { id: "contact".to_owned(), text: "contact rules".to_owned(), ..Target::default() };
        all(&owner, &contact.figures().map(Some).collect::<Vec<_>>(), None);
    }
    if let Some(human) = &pack.human {
        let owner = Target { id: "override".to_owned(), text: "what people decide".to_owned(), ..Target::default() };
        all(&owner, &human.rules().map(|(_, rule)| Some(rule)).collect::<Vec<_>>(), None);
        human.because.given().for_each(|(_, because)| all(&owner, &[], Some(because)));
    }
    if let Some(plan) = &pack.planning {
        for (limit, rule) in plan.rules() {
            let owner = match limit {
                Some(limit) => target(&limit_kind(limit), &limit.name, &limit.label),
                None => Target { id: "plan".to_owned(), text: "the plan".to_owned(), ..Target::default() },
            };
            all(&owner, &[Some(rule)], None);
        }
    }
    if let Some(prevention) = &pack.prevention {
        let owner = Target { id: "prevention".to_owned(), text: "the cause table".to_owned(), ..Target::default() };
        prevention.rules().for_each(|(_, rule)| all(&owner, &[Some(rule)], None));
        for w in &prevention.warnings {
            all(&target("warning", &w.name, &w.label), &[Some(&w.when)], Some(&w.because));
        }
    }
    if let Some(life) = &pack.second_life {
        let owner = Target { id: "second-life".to_owned(), text: "the second life".to_owned(), ..Target::default() };
        life.rules().for_each(|(_, rule)| all(&owner, &[Some(rule)], None));
    }
    if let Some(money) = &pack.money {
        let owner = Target { id: "money".to_owned(), text: "money".to_owned(), ..Target::default() };
        all(&owner, &[Some(&money.rule)], None);
    }
    // Facts come first in a decision, but what reads a parameter by way of a fact is said at the fact.
    for fact in &pack.facts {
        visit(&target("fact", &fact.name, &spaced(&fact.name)), &pack.names, &fact.expr);
    }
}

/// `number`, `text`, `yes or no`, `date`.
pub(super) fn type_word(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "yes or no",
        other => other.word(),
    }
}

/// `base/states.toml:48`
pub(super) fn place(pack: &Pack, span: Span) -> String {
    let place = pack.sources.place(span);
    format!("{}:{}", place.file.trim_end_matches(" (shipped)"), place.line)
}

/// The pack of the chain that wrote a place.
pub(super) fn layer(pack: &Pack, span: Span) -> &str {
    let layer = pack.layers.iter().find(|layer| layer.files.contains(&span.file));
    layer.map_or(pack.identity.name.as_str(), |layer| layer.name.as_str())
}

/// What overlays changed of one value, the first change first. Values given anew as they were are left out.
pub(super) fn changes<'a>(pack: &'a Pack, path: &str) -> impl Iterator<Item = &'a Override> {
    let path = path.to_owned();
    pack.overrides.iter().filter(move |change| change.path == path && !change.same)
}

/// How long a text may be to be shown as what stood there before.
const SHORT: usize = 70;

/// What an earlier text of these was is of no use to a reader.
const PROSE: [&str; 4] = ["help", "question", "because", "label"];

/// Where a thing is written, and what overlays changed of it.
pub(super) fn written(pack: &Pack, span: Span, path: &str) -> Vec<Line> {
    let mut notes = vec![vec![Inline::Soft("written in ".to_owned()), Inline::Code(place(pack, span))]];
    let prefix = format!("{path}.");
    let mut by_layer: Vec<(&str, Line)> = Vec::new();
    for change in pack.overrides.iter().filter(|c| !c.same) {
        let Some(key) = change.path.strip_prefix(&prefix) else { continue };
        let name = layer(pack, change.over);
        let before = pack.sources.text(change.base).trim();
        let mut words = vec![Inline::Strong(key.to_owned())];
        if !PROSE.contains(&key) && !before.is_empty() && before.chars().count() <= SHORT && !before.contains('\n') {
            words.push(Inline::Soft(" was ".to_owned()));
            words.push(Inline::Code(before.to_owned()));
        }
        match by_layer.iter_mut().find(|(layer, _)| *layer == name) {
            Some((_, line)) => {
                line.push(Inline::Soft(", ".to_owned()));
                line.extend(words);
            }
            None => by_layer.push((name, words)),
        }
    }
    for (name, line) in by_layer {
        let mut note = vec![Inline::Soft(format!("changed by {name}: "))];
        note.extend(line);
        notes.push(note);
    }
    notes
}

/// `read by A, B and 3 more`; what nothing reads is said so.
pub(super) fn read_by(index: &Index, name: &str) -> Line {
    let readers = index.readers(name);
    if readers.is_empty() {
        return vec![Inline::Soft("read by nothing".to_owned())];
    }
    let mut line = vec![Inline::Soft("read by ".to_owned())];
    for (i, target) in readers.iter().enumerate() {
        if i > 0 {
            line.push(Inline::Soft(", ".to_owned()));
        }
        line.push(target.link());
    }
    line
}
