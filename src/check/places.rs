//! Every expression of a pack with what it is for, and what stands behind the names it reads: for lints that look everywhere.

use std::collections::HashMap;

use crate::diag::Span;
use crate::expr::{Expr, Names, Slot};
use crate::pack::raw::{self, Entry, Raw};
use crate::pack::{Aggregate, Column, Fact, Pack, Param, Part, Rollup, Rule, Table, Template};

/// What an expression is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A fact.
    Fact,
    /// The value a rollup aggregates.
    Rollup,
    /// Which rows a rollup counts.
    RollupCondition,
    /// `when` of a suppression.
    Suppress,
    /// `when` of a state.
    State,
    /// `when` of the analysis.
    Analysis,
    /// `when` of a piece of evidence.
    Evidence,
    /// `value` or `score` of a criterion.
    Criterion,
    /// `priority`
    Priority,
    /// `when` of a grade.
    Grade,
    /// `consent` of a channel.
    Consent,
    /// `when` of a campaign.
    Campaign,
    /// `send_on`, `cost`, `success` or `value` of a campaign.
    Terms,
    /// `when` of a follow-up.
    FollowUp,
    /// `when` of an early warning.
    Warning,
    /// A key of `[prevention]` or `[second_life]`.
    Loss,
    /// `[money]`
    Money,
    /// A number of `[contact]` or of a channel's rules about contacts: over parameters alone.
    Figure,
    /// `[override]`
    Override,
    /// `when` of a budget, capacity, volume or reserve.
    Limit,
    /// What came of a plan: `won_back`, `margin`.
    Outcome,
    /// A value in a sentence.
    Sentence,
}

impl Role {
    /// Whether it decides something: true or not.
    #[must_use]
    pub fn is_condition(self) -> bool {
        use Role::{
            Analysis, Campaign, Consent, Evidence, FollowUp, Grade, Limit, RollupCondition, State, Suppress, Warning,
        };
        let rules = matches!(self, Suppress | State | Analysis | Evidence | Grade | Consent | Campaign | FollowUp);
        rules || matches!(self, RollupCondition | Limit | Warning)
    }
}

/// An expression of a pack.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The expression.
    pub expr: &'a Expr,
    /// What it is for.
    pub role: Role,
    /// The thing it belongs to: ``state `dormant` ``.
    pub what: String,
    /// The event table whose columns it reads, of a rollup; its slots are those of [`Table::names`].
    pub table: Option<&'a Table>,
}

impl<'a> Place<'a> {
    /// The names its slots are of.
    #[must_use]
    pub fn names(&self, pack: &'a Pack) -> &'a Names {
        self.table.map_or(&pack.names, |table| &table.names)
    }
}

/// Every expression of a pack, in the order of the stages.
#[must_use]
pub fn places(pack: &Pack) -> Vec<Place<'_>> {
    let mut all = Vec::new();
    for rollup in &pack.rollups {
        let table = pack.tables.get(&rollup.table);
        let mut add = |expr, role| {
            all.push(Place { expr, role, what: format!("rollup `{}`", rollup.name), table });
        };
        if let Some(value) = &rollup.value {
            add(value, Role::Rollup);
        }
        if let Aggregate::Share(part) = &rollup.aggregate {
            add(part, Role::RollupCondition);
        }
        if let Some(condition) = &rollup.condition {
            add(condition, Role::RollupCondition);
        }
    }
    let mut add = |expr, role, what: String| all.push(Place { expr, role, what, table: None });
    for fact in &pack.facts {
        add(&fact.expr, Role::Fact, format!("fact `{}`", fact.name));
    }
    for thing in &pack.suppress {
        let what = format!("suppression `{}`", thing.name);
        sentence(&thing.because, &what, &mut add);
        add(&thing.when.expr, Role::Suppress, what);
    }
    for thing in &pack.states {
        let what = format!("state `{}`", thing.name);
        sentence(&thing.because, &what, &mut add);
        if let Some(when) = &thing.when {
            add(&when.expr, Role::State, what);
        }
    }
    if let Some(when) = &pack.causes.when {
        add(&when.expr, Role::Analysis, "`[analysis]`".to_owned());
    }
    for cause in &pack.causes.list {
        for evidence in &cause.evidence {
            let what = format!("evidence of cause `{}`", cause.name);
            sentence(&evidence.because, &what, &mut add);
            add(&evidence.when.expr, Role::Evidence, what);
        }
    }
    for criterion in &pack.criteria {
        let rule = criterion.method.rule();
        add(&rule.expr, Role::Criterion, format!("criterion `{}`", criterion.name));
    }
    if let Some(rule) = &pack.priority.rule {
        add(&rule.expr, Role::Priority, "`priority`".to_owned());
    }
    for grade in &pack.grades {
        if let Some(when) = &grade.when {
            add(&when.expr, Role::Grade, format!("grade `{}`", grade.name));
        }
    }
    for channel in pack.channels.values() {
        if let Some(consent) = &channel.consent {
            add(&consent.expr, Role::Consent, format!("channel `{}`", channel.name));
        }
        for rule in channel.basis.iter().chain(&channel.consent_on) {
            add(&rule.expr, Role::Terms, format!("channel `{}`", channel.name));
        }
        for rule in channel.figures() {
            add(&rule.expr, Role::Figure, format!("channel `{}`", channel.name));
        }
    }
    for campaign in &pack.campaigns {
        let what = format!("campaign `{}`", campaign.name);
        sentence(&campaign.because, &what, &mut add);
        if let Some(when) = &campaign.when {
            add(&when.expr, Role::Campaign, what.clone());
        }
        sentence(&campaign.say, &what, &mut add);
        let terms: [&Option<Rule>; 6] =
            [&campaign.send_on, &campaign.cost, &campaign.success, &campaign.value, &campaign.anyway, &campaign.hours];
        for rule in terms.into_iter().flatten() {
            add(&rule.expr, Role::Terms, what.clone());
        }
    }
    for followup in &pack.followups {
        let what = format!("follow-up `{}`", followup.name);
        sentence(&followup.because, &what, &mut add);
        add(&followup.when.expr, Role::FollowUp, what);
    }
    if let Some(human) = &pack.human {
        for (_, because) in human.because.given() {
            sentence(because, "`[override]`", &mut add);
        }
        for (key, rule) in human.rules() {
            add(&rule.expr, Role::Override, format!("`{key}` of `[override]`"));
        }
    }
    if let Some(prevention) = &pack.prevention {
        for (_, rule) in prevention.rules() {
            add(&rule.expr, Role::Loss, "`[prevention]`".to_owned());
        }
        for warning in &prevention.warnings {
            let what = format!("warning `{}`", warning.name);
            sentence(&warning.because, &what, &mut add);
            add(&warning.when.expr, Role::Warning, what);
        }
    }
    for (_, rule) in pack.second_life.iter().flat_map(crate::pack::SecondLife::rules) {
        add(&rule.expr, Role::Loss, "`[second_life]`".to_owned());
    }
    if let Some(money) = &pack.money {
        add(&money.rule.expr, Role::Money, "`[money]`".to_owned());
    }
    for rule in pack.contact.iter().flat_map(crate::pack::Contact::figures) {
        add(&rule.expr, Role::Figure, "`[contact]`".to_owned());
    }
    if let Some(plan) = &pack.planning {
        if let Some(anyway) = &plan.anyway {
            add(&anyway.expr, Role::Terms, "`[plan]`".to_owned());
        }
        for figure in &plan.figures {
            add(&figure.rule.expr, Role::Terms, "`[plan]`".to_owned());
        }
        for limit in &plan.limits {
            if let Some(when) = &limit.when {
                add(&when.expr, Role::Limit, format!("{} `{}`", limit.kind.word(), limit.name));
            }
        }
    }
    if let Some(outcomes) = &pack.outcomes {
        let table = Some(&outcomes.table);
        let rules = outcomes.rules().map(|(_, rule)| &rule.expr);
        all.extend(rules.map(|expr| Place { expr, role: Role::Outcome, what: "`[outcomes]`".to_owned(), table }));
    }
    all
}

fn sentence<'a>(template: &'a Template, what: &str, add: &mut impl FnMut(&'a Expr, Role, String)) {
    for part in &template.parts {
        if let Part::Value(expr) = part {
            add(expr, Role::Sentence, what.to_owned());
        }
    }
}

/// What stands behind a name.
#[derive(Debug, Clone, Copy)]
pub enum Behind<'a> {
    /// A parameter.
    Param(&'a Param),
    /// A column of the record.
    Column(&'a Column),
    /// A column of an event table.
    Event(&'a Column),
    /// A rollup.
    Rollup(&'a Rollup),
    /// A fact.
    Fact(&'a Fact),
    /// `today`, and what the stages decide.
    Other,
}

/// Names by slot.
#[derive(Debug)]
pub struct Index<'a> {
    all: HashMap<Slot, Behind<'a>>,
    events: HashMap<(&'a str, Slot), &'a Column>,
}

impl<'a> Index<'a> {
    /// Of a pack.
    #[must_use]
    pub fn new(pack: &'a Pack) -> Self {
        let mut all = HashMap::new();
        all.extend(pack.params.iter().map(|param| (param.slot, Behind::Param(param))));
        all.extend(pack.record.columns.iter().map(|column| (column.slot, Behind::Column(column))));
        all.extend(pack.rollups.iter().map(|rollup| (rollup.slot, Behind::Rollup(rollup))));
        all.extend(pack.facts.iter().map(|fact| (fact.slot, Behind::Fact(fact))));
        let mut events = HashMap::new();
        for table in pack.outcomes.iter().map(|outcomes| &outcomes.table).chain(pack.tables.values()) {
            events.extend(table.columns.iter().map(|column| ((table.name.as_str(), column.slot), column)));
        }
        Self { all, events }
    }

    /// What a slot stands for, in a rollup of a table or elsewhere.
    #[must_use]
    pub fn behind(&self, slot: Slot, table: Option<&Table>) -> Behind<'a> {
        if let Some(column) = table.and_then(|table| self.events.get(&(table.name.as_str(), slot))) {
            return Behind::Event(column);
        }
        match (self.all.get(&slot), table) {
            (Some(found), None) => *found,
            // Parameters have the same slots everywhere.
            (Some(found @ Behind::Param(_)), Some(_)) => *found,
            _ => Behind::Other,
        }
    }
}

/// The entry at a path of the merged tree.
#[must_use]
pub fn entry<'a>(table: &'a raw::Table, path: &[&str]) -> Option<&'a Entry> {
    let (first, rest) = path.split_first()?;
    let entry = table.get(first)?;
    match (&entry.node.value, rest.is_empty()) {
        (_, true) => Some(entry),
        (Raw::Table(below), false) => self::entry(below, rest),
        _ => None,
    }
}

/// The key under a thing of a list: `when` of the state called `dormant`.
#[must_use]
pub fn listed<'a>(table: &'a raw::Table, section: &str, name: &str, key: &str) -> Option<&'a Entry> {
    let Raw::List(list) = &table.get(section)?.node.value else { return None };
    list.iter().find_map(|node| match &node.value {
        Raw::Table(thing) if thing.text("name").is_some_and(|text| text.text == name) => thing.get(key),
        _ => None,
    })
}

/// Where a value is written; of a text, what stands between the quotes.
#[must_use]
pub fn span_of(entry: &Entry) -> Span {
    match &entry.node.value {
        Raw::Text(text) => text.span(),
        _ => entry.node.span,
    }
}

/// `` `a`, `b` and 3 more ``: names for a message, cut after ten.
#[must_use]
pub fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 10;
    let names: Vec<&str> = names.into_iter().collect();
    let mut text = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

/// The names of the record that anything reads: columns and rollups.
#[must_use]
pub fn read_names(pack: &Pack) -> std::collections::HashSet<Slot> {
    let of_record = places(pack).into_iter().filter(|place| place.table.is_none());
    let planned = pack.planning.iter().flat_map(|plan| plan.stratify.iter().chain(&plan.carry)).map(|(_, slot)| *slot);
    of_record.flat_map(|place| place.expr.slots()).chain(planned).collect()
}

/// The columns of event tables that rollups read: table and column. The column of time counts, too.
#[must_use]
pub fn read_events(pack: &Pack) -> std::collections::HashSet<(String, String)> {
    let index = Index::new(pack);
    let mut read = std::collections::HashSet::new();
    for place in places(pack) {
        let Some(table) = place.table else { continue };
        for slot in place.expr.slots() {
            if let Behind::Event(column) = index.behind(slot, Some(table)) {
                read.insert((table.name.clone(), column.name.clone()));
            }
        }
    }
    for table in pack.tables.values() {
        read.extend(table.time.iter().map(|time| (table.name.clone(), time.clone())));
    }
    read
}
