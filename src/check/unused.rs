#![doc = include_str!("manual/RG0531.md")]
#![doc = include_str!("manual/RG0532.md")]
#![doc = include_str!("manual/RG0533.md")]
#![doc = include_str!("manual/RG0534.md")]
#![doc = include_str!("manual/RG0535.md")]

use std::collections::HashSet;

use super::places::{Behind, Index, places};
use super::{Level, Lint, Subject};
use crate::diag::{Code, Diagnostic, Span, code};
use crate::expr::{Expr, Kind};
use crate::pack::{Outcomes, Pack};

/// A parameter nothing reads.
pub const PARAMETER: Lint = Lint {
    code: code::UNUSED_PARAMETER,
    name: "unused_parameter",
    level: Level::Warn,
    what: "a parameter nothing reads",
    run: parameters,
};

/// A fact or rollup nothing reads.
pub const FACT: Lint = Lint {
    code: code::UNUSED_FACT,
    name: "unused_fact",
    level: Level::Warn,
    what: "a fact or rollup nothing reads",
    run: facts,
};

/// A column nothing reads.
pub const COLUMN: Lint = Lint {
    code: code::UNUSED_COLUMN,
    name: "unused_column",
    level: Level::Warn,
    what: "a column nothing reads",
    run: columns,
};

/// A script function nothing calls.
pub const SCRIPT: Lint = Lint {
    code: code::UNUSED_SCRIPT,
    name: "unused_script",
    level: Level::Warn,
    what: "a script function no rule calls",
    run: scripts,
};

/// An offer, channel or person no campaign has.
pub const PLAN_PART: Lint = Lint {
    code: code::UNUSED_PLAN_PART,
    name: "unused_plan_part",
    level: Level::Warn,
    what: "an offer, channel or person no campaign uses",
    run: plan_parts,
};

/// Names that something reads.
#[derive(Debug, Default)]
struct Read<'a> {
    params: HashSet<&'a str>,
    columns: HashSet<&'a str>,
    rollups: HashSet<&'a str>,
    facts: HashSet<&'a str>,
    /// `TABLE`, `COLUMN`
    events: HashSet<(&'a str, &'a str)>,
    /// `MODULE`, `FUNCTION`
    functions: HashSet<(String, String)>,
}

impl<'a> Read<'a> {
    fn of(pack: &'a Pack) -> Self {
        let index = Index::new(pack);
        let mut read = Read::default();
        // What a plan carries along, nobody writes an expression for.
        for (_, slot) in pack.planning.iter().flat_map(|plan| plan.stratify.iter().chain(&plan.carry)) {
            match index.behind(*slot, None) {
                Behind::Column(column) => drop(read.columns.insert(&column.name)),
                Behind::Rollup(rollup) => drop(read.rollups.insert(&rollup.name)),
                Behind::Fact(fact) => drop(read.facts.insert(&fact.name)),
                Behind::Param(_) | Behind::Event(_) | Behind::Other => {}
            }
        }
        for place in places(pack) {
            place.expr.walk(&mut |expr: &Expr| match &expr.kind {
                Kind::Slot(slot) => match index.behind(*slot, place.table) {
                    Behind::Param(param) => drop(read.params.insert(&param.name)),
                    Behind::Column(column) => drop(read.columns.insert(&column.name)),
                    Behind::Rollup(rollup) => drop(read.rollups.insert(&rollup.name)),
                    Behind::Fact(fact) => drop(read.facts.insert(&fact.name)),
                    Behind::Event(column) => {
                        let own = |name: &str| (name == Outcomes::TABLE).then_some(Outcomes::TABLE);
                        let declared = |name: &str| pack.tables.get_key_value(name).map(|(name, _)| name.as_str());
                        let table = place.table.and_then(|table| declared(&table.name).or_else(|| own(&table.name)));
                        read.events.extend(table.map(|name| (name, column.name.as_str())));
                    }
                    Behind::Other => {}
                },
                Kind::Script(signature, _) => {
                    read.functions.insert((signature.module.clone(), signature.name.clone()));
                }
                _ => {}
            });
        }
        read
    }
}

/// The words of `record.sql`, which reads by name.
#[derive(Default)]
struct Sql(HashSet<String>, bool);

impl Sql {
    fn of(pack: &Pack) -> Self {
        let Some(sql) = &pack.record.sql else { return Sql::default() };
        let text = sql.text.to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect();
        let plain: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Sql(words, plain.contains("select *") || plain.contains(".*"))
    }

    fn reads(&self, name: &str) -> bool {
        self.1 || self.0.contains(&name.to_lowercase())
    }
}

/// Adds a finding about something of the pack's own.
fn say(found: &mut Vec<Diagnostic>, pack: &Pack, code: Code, at: Span, message: String, help: &str) {
    if pack.is_own(at) {
        found.push(Diagnostic::warning(code, at, message).help(help));
    }
}

fn parameters(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let (read, sql) = (Read::of(pack), Sql::of(pack));
    for param in &pack.params {
        if !read.params.contains(param.name.as_str()) && !sql.reads(&param.name) {
            let at = pack.names.get(param.slot).span.unwrap_or(param.span);
            // Whose value is set here, but which is declared below, is unused there.
            let message = format!("nothing reads the parameter `{}`", param.name);
            say(found, pack, code::UNUSED_PARAMETER, at, message, "changing it changes nothing: take it away");
        }
    }
}

fn facts(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let read = Read::of(pack);
    let help = "take it away; if cases or people look at it, say so: `# regain: allow(unused_fact) why`";
    let slots = pack.rollups.iter().map(|rollup| ("rollup", &rollup.name, rollup.slot, rollup.span));
    for (noun, name, slot, span) in
        slots.chain(pack.facts.iter().map(|fact| ("fact", &fact.name, fact.slot, fact.span)))
    {
        let is_read = read.rollups.contains(name.as_str()) || read.facts.contains(name.as_str());
        if !is_read {
            let at = pack.names.get(slot).span.unwrap_or(span);
            say(found, pack, code::UNUSED_FACT, at, format!("nothing reads the {noun} `{name}`"), help);
        }
    }
}

fn columns(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let (read, sql) = (Read::of(pack), Sql::of(pack));
    let help = "take it away: what is not declared is not looked for in the data";
    for column in &pack.record.columns {
        if !read.columns.contains(column.name.as_str()) {
            let message = format!("nothing reads the column `{}`", column.name);
            say(found, pack, code::UNUSED_COLUMN, column.span, message, help);
        }
    }
    for table in pack.tables.values().chain(pack.outcomes.iter().map(|outcomes| &outcomes.table)) {
        for column in &table.columns {
            let is_time = table.time.as_ref() == Some(&column.name);
            let is_read = read.events.contains(&(table.name.as_str(), column.name.as_str()));
            let of_contacts = pack.contact.as_ref().is_some_and(|contact| contact.reads(&table.name, &column.name));
            if !is_time && !is_read && !of_contacts && !sql.reads(&column.name) {
                let message = format!("nothing reads the column `{}.{}`", table.name, column.name);
                say(found, pack, code::UNUSED_COLUMN, column.span, message, help);
            }
        }
    }
}

fn scripts(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let functions = pack.scripts.functions();
    let mut used = Read::of(pack).functions;
    // What a used function calls is used; scripts are small, so this ends after a few rounds.
    loop {
        let before = used.len();
        for function in functions {
            if used.contains(&(function.module.clone(), function.name.clone())) {
                used.extend(function.calls.iter().map(|name| (function.module.clone(), name.clone())));
                used.extend(function.others.iter().cloned());
            }
        }
        if used.len() == before {
            break;
        }
    }
    for function in functions {
        if !used.contains(&(function.module.clone(), function.name.clone())) {
            let (message, help) = if function.declared {
                let message = format!("no rule calls `{}::{}`", function.module, function.name);
                (message, "call it, or take it away")
            } else {
                let message = format!("nothing calls the function `{}`", function.name);
                let help = "take it away; rules can call it once its comment begins with a signature: `/// (x: number) -> number`";
                (message, help)
            };
            say(found, pack, code::UNUSED_SCRIPT, function.span, message, help);
        }
    }
}

fn plan_parts(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let named = |name: &str, of: fn(&crate::pack::Campaign) -> Option<&String>| {
        pack.campaigns.iter().any(|campaign| of(campaign).is_some_and(|other| other == name))
    };
    let help = "take it away, or make a campaign that uses it";
    let mut add = |noun: &str, name: &str, at: Span, used: bool| {
        if !used {
            say(found, pack, code::UNUSED_PLAN_PART, at, format!("no campaign uses the {noun} `{name}`"), help);
        }
    };
    for offer in pack.offers.values() {
        add("offer", &offer.name, offer.span, named(&offer.name, |campaign| campaign.offer.as_ref()));
    }
    for channel in pack.channels.values() {
        add("channel", &channel.name, channel.span, named(&channel.name, |campaign| campaign.channel.as_ref()));
    }
    for person in pack.people.values() {
        add("person", &person.name, person.span, named(&person.name, |campaign| campaign.speaker.as_ref()));
    }
}
