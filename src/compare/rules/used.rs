//! Which rules read a parameter, a column, a fact or a script function, also by way of facts.

use std::collections::HashMap;

use crate::expr::{Expr, Kind, NameKind, Names};
use crate::pack::{Criterion, Method, Pack};

/// Of more than so many it is said what kind they are.
const NAMED: usize = 4;

/// Who reads what.
#[derive(Debug)]
pub(super) struct Used {
    /// By what is read, a name or `module::function`: the rules, in the order of the stages.
    rules: HashMap<String, Vec<String>>,
}

impl Used {
    /// All rules of a pack and what they read.
    pub(super) fn of(pack: &Pack) -> Used {
        let mut used = Used { rules: HashMap::new() };
        let mut reader = Reader { pack, through: HashMap::new() };
        let mut add = |what: String, exprs: Vec<&Expr>| {
            for name in reader.reads(&exprs) {
                used.add(name, &what);
            }
        };
        each_rule(pack, &mut add);
        if let Some(outcomes) = &pack.outcomes {
            // They have names of their own; what the rules set are parameters and functions.
            for (_, rule) in outcomes.rules() {
                for name in reader.reads_apart(&rule.expr, &outcomes.table.names) {
                    used.add(name, "win-back rules");
                }
            }
        }
        used
    }

    fn add(&mut self, name: String, what: &str) {
        let list = self.rules.entry(name).or_default();
        if !list.iter().any(|known| known == what) {
            list.push(what.to_owned());
        }
    }

    /// ``used by the state `dormant` and the campaign `call` ``, `used by 12 states and 2 criteria`; `None` for what is a rule itself, or is read by none.
    pub(super) fn sentence(&self, section: &str, name: &str) -> Option<String> {
        if !matches!(section, "params" | "facts" | "rollups" | "scripts") {
            return None;
        }
        let list = self.rules.get(name)?;
        let named: Vec<String> = match list.as_slice() {
            list if list.len() <= NAMED => list.iter().map(|what| format!("the {what}")).collect(),
            list => by_kind(list),
        };
        Some(match named.as_slice() {
            [] => return None,
            [one] => format!("used by {one}"),
            [all @ .., last] => format!("used by {} and {last}", all.join(", ")),
        })
    }
}

/// `12 states, 2 criteria, the priority`
fn by_kind(list: &[String]) -> Vec<String> {
    let kind = |what: &str| what.split(" `").next().unwrap_or_default().to_owned();
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for what in list {
        match kinds.iter_mut().find(|(known, _)| *known == kind(what)) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind(what), 1)),
        }
    }
    let say = |(kind, count): &(String, usize)| match (count, kind.as_str()) {
        (
            1,
            "priority" | "money" | "analysis of causes" | "contact rules" | "people's decisions" | "plan"
            | "cause table" | "second life" | "win-back rules",
        ) => format!("the {kind}"),
        (1, _) => format!("1 {kind}"),
        (n, "criterion") => format!("{n} criteria"),
        (n, "capacity") => format!("{n} capacities"),
        (n, kind) => format!("{n} {kind}s"),
    };
    kinds.iter().map(say).collect()
}

/// Every rule of the stages with the expressions that decide it.
fn each_rule<'a>(pack: &'a Pack, add: &mut dyn FnMut(String, Vec<&'a Expr>)) {
    for rule in &pack.suppress {
        add(format!("suppression `{}`", rule.name), vec![&rule.when.expr]);
    }
    for state in &pack.states {
        add(format!("state `{}`", state.name), state.when.iter().map(|rule| &rule.expr).collect());
    }
    add("analysis of causes".to_owned(), pack.causes.when.iter().map(|rule| &rule.expr).collect());
    for cause in &pack.causes.list {
        add(format!("cause `{}`", cause.name), cause.evidence.iter().map(|e| &e.when.expr).collect());
    }
    for criterion in &pack.criteria {
        add(format!("criterion `{}`", criterion.name), vec![method_expr_of(criterion)]);
    }
    add("priority".to_owned(), pack.priority.rule.iter().map(|rule| &rule.expr).collect());
    for grade in &pack.grades {
        add(format!("grade `{}`", grade.name), grade.when.iter().map(|rule| &rule.expr).collect());
    }
    for channel in pack.channels.values() {
        let rules = channel.consent.iter().chain(&channel.basis).chain(&channel.consent_on).chain(channel.figures());
        add(format!("channel `{}`", channel.name), rules.map(|rule| &rule.expr).collect());
    }
    for campaign in &pack.campaigns {
        let rules = [
            &campaign.when,
            &campaign.send_on,
            &campaign.cost,
            &campaign.success,
            &campaign.value,
            &campaign.anyway,
            &campaign.hours,
        ];
        add(format!("campaign `{}`", campaign.name), rules.into_iter().flatten().map(|rule| &rule.expr).collect());
    }
    for followup in &pack.followups {
        add(format!("follow-up `{}`", followup.name), vec![&followup.when.expr]);
    }
    let figures = pack.contact.iter().flat_map(crate::pack::Contact::figures);
    add("contact rules".to_owned(), figures.map(|rule| &rule.expr).collect());
    if let Some(human) = &pack.human {
        add("people's decisions".to_owned(), human.rules().map(|(_, rule)| &rule.expr).collect());
    }
    if let Some(plan) = &pack.planning {
        for (limit, rule) in plan.rules() {
            let what = limit.map_or("plan".to_owned(), |limit| format!("{} `{}`", limit.kind.word(), limit.name));
            add(what, vec![&rule.expr]);
        }
    }
    if let Some(prevention) = &pack.prevention {
        add("cause table".to_owned(), prevention.rules().map(|(_, rule)| &rule.expr).collect());
        for warning in &prevention.warnings {
            add(format!("warning `{}`", warning.name), vec![&warning.when.expr]);
        }
    }
    if let Some(life) = &pack.second_life {
        add("second life".to_owned(), life.rules().map(|(_, rule)| &rule.expr).collect());
    }
    add("money".to_owned(), pack.money.iter().map(|money| &money.rule.expr).collect());
}

/// The expression a criterion looks at.
pub(in crate::compare) fn method_expr_of(criterion: &Criterion) -> &Expr {
    match &criterion.method {
        Method::Score(rule)
        | Method::Bands(rule, _)
        | Method::Curve(rule, _)
        | Method::Map(rule, _, _)
        | Method::Rank(rule, _) => &rule.expr,
    }
}

/// Follows names to what they are made of.
struct Reader<'a> {
    pack: &'a Pack,
    /// What is read by way of a fact or a rollup.
    through: HashMap<String, Vec<String>>,
}

impl Reader<'_> {
    /// Everything some expressions read, each once.
    fn reads(&mut self, exprs: &[&Expr]) -> Vec<String> {
        let mut found = Vec::new();
        for expr in exprs {
            let (mut slots, mut functions) = (Vec::new(), Vec::new());
            expr.walk(&mut |e| match &e.kind {
                Kind::Slot(slot) => slots.push(*slot),
                Kind::Script(signature, _) => functions.push((signature.module.clone(), signature.name.clone())),
                _ => {}
            });
            for slot in slots {
                let name = self.pack.names.get(slot);
                // What an earlier stage decides has readers of its own.
                if !matches!(name.kind, NameKind::Decided | NameKind::Today) {
                    let through = self.through(&name.name);
                    push(&mut found, &name.name);
                    through.iter().for_each(|name| push(&mut found, name));
                }
            }
            for (module, name) in functions {
                self.functions(&module, &name, &mut found);
            }
        }
        found
    }

    /// The parameters and functions that an expression over names of its own reads.
    fn reads_apart(&self, expr: &Expr, names: &Names) -> Vec<String> {
        let mut found = Vec::new();
        for slot in expr.slots() {
            let name = names.get(slot);
            if name.kind == NameKind::Param {
                push(&mut found, &name.name);
            }
        }
        expr.walk(&mut |e| {
            if let Kind::Script(signature, _) = &e.kind {
                self.functions(&signature.module, &signature.name, &mut found);
            }
        });
        found
    }

    /// A function and those it calls.
    fn functions(&self, module: &str, name: &str, found: &mut Vec<String>) {
        let path = format!("{module}::{name}");
        if found.contains(&path) {
            return;
        }
        found.push(path);
        for function in self.pack.scripts.functions().iter().filter(|f| f.module == module && f.name == name) {
            for called in &function.calls {
                let (module, name) = called.rsplit_once("::").unwrap_or((module, called));
                if self.pack.scripts.functions().iter().any(|f| f.module == module && f.name == name) {
                    self.functions(module, name, found);
                }
            }
        }
    }

    /// What a fact or rollup is made of.
    fn through(&mut self, name: &str) -> Vec<String> {
        if let Some(known) = self.through.get(name) {
            return known.clone();
        }
        // A fact only reads what stands before it: this ends.
        let found = if let Some(fact) = self.pack.facts.iter().find(|fact| fact.name == name) {
            self.reads(&[&fact.expr])
        } else if let Some(rollup) = self.pack.rollups.iter().find(|rollup| rollup.name == name) {
            let mut found = Vec::new();
            if let Some(table) = self.pack.tables.get(&rollup.table) {
                for expr in rollup.value.iter().chain(&rollup.condition) {
                    for name in self.reads_apart(expr, &table.names) {
                        push(&mut found, &name);
                    }
                }
            }
            found
        } else {
            Vec::new()
        };
        self.through.insert(name.to_owned(), found.clone());
        found
    }
}

fn push(list: &mut Vec<String>, name: &str) {
    if !list.iter().any(|other| other == name) {
        list.push(name.to_owned());
    }
}
