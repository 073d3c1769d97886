//! `regain check --plan`: which way each script function runs, and each rule that calls one.

use serde_json::{Value, json};

use crate::draw::{self, Cell, Column, Overflow, Paint, Role, Table};
use crate::expr::{Expr, Kind};
use crate::pack::{Pack, Part, Rule, Template};
use crate::script::{Guard, Scripts, Signature};

/// Which way something runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// As any expression.
    Columnar,
    /// As an expression, and in Rhai on some rows.
    Guarded,
    /// In Rhai.
    Rhai,
}

impl Way {
    fn of(scripts: &Scripts, signature: &Signature) -> Way {
        match scripts.lowered(signature) {
            Some(lowered) if lowered.guards.is_empty() => Way::Columnar,
            Some(_) => Way::Guarded,
            None => Way::Rhai,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Way::Columnar => "columnar",
            Way::Guarded => "guarded",
            Way::Rhai => "rhai",
        }
    }

    /// As the table says it.
    fn shown(self) -> Cell {
        match self {
            Way::Columnar => Cell::new("columnar", Role::Good),
            Way::Guarded => Cell::new("columnar*", Role::Good),
            Way::Rhai => Cell::new("Rhai", Role::Warn),
        }
    }
}

/// A rule that calls script functions.
struct Calling {
    /// `criteria.image score`
    rule: String,
    way: Way,
    /// The functions it calls, each once.
    functions: Vec<String>,
}

/// Everything the plan says.
pub(super) struct Plan<'a> {
    pack: &'a Pack,
    rules: Vec<Calling>,
    /// Rules without a script.
    others: usize,
}

impl<'a> Plan<'a> {
    pub(super) fn of(pack: &'a Pack) -> Plan<'a> {
        let mut rules = Vec::new();
        let mut others = 0;
        each_rule(pack, &mut |rule, parts| {
            let mut called: Vec<&Signature> = Vec::new();
            for expr in parts {
                expr.walk(&mut |e| {
                    if let Kind::Script(signature, _) = &e.kind
                        && !called.iter().any(|known| **known == **signature)
                    {
                        called.push(signature);
                    }
                });
            }
            match called.iter().map(|signature| Way::of(&pack.scripts, signature)).max() {
                None => others += 1,
                Some(way) => {
                    let functions = called.iter().map(|signature| signature.path()).collect();
                    rules.push(Calling { rule, way, functions });
                }
            }
        });
        Plan { pack, rules, others }
    }

    /// For people.
    pub(super) fn terminal(&self, width: usize, paint: Paint) -> String {
        let scripts = &self.pack.scripts;
        let mut lines = Vec::new();
        if !scripts.signatures().is_empty() {
            let mut table = Table::new(vec![
                Column::fixed("function"),
                Column::fixed("runs"),
                Column::prose("why").overflow(Overflow::Wrap(20)),
            ]);
            for signature in scripts.signatures() {
                let way = Way::of(scripts, signature);
                table.row(vec![signature.path().into(), way.shown(), self.why(signature).into()]);
            }
            lines.extend(table.draw(width, paint));
            lines.push(String::new());
        }
        if !self.rules.is_empty() {
            let mut table = Table::new(vec![
                Column::text("rule with a script").overflow(Overflow::Wrap(20)),
                Column::fixed("runs"),
                Column::prose("calls").overflow(Overflow::Wrap(20)),
            ]);
            for rule in &self.rules {
                table.row(vec![rule.rule.clone().into(), rule.way.shown(), rule.functions.join(", ").into()]);
            }
            lines.extend(table.draw(width, paint));
            lines.push(String::new());
        }
        let guarded = scripts.signatures().iter().any(|signature| Way::of(scripts, signature) == Way::Guarded);
        if guarded {
            let note = "* in the columnar engine; only the rows named under \"why\" are called in Rhai";
            lines.extend(draw::wrap(note, width).iter().map(|line| paint.dim(line)));
        }
        lines.extend(draw::wrap(&self.total(), width));
        lines.join("\n") + "\n"
    }

    /// Why a function runs the way it does, with the place.
    fn why(&self, signature: &Signature) -> String {
        let scripts = &self.pack.scripts;
        if let Some(why) = scripts.why_not(signature) {
            return format!("{}, {}", why.reason, self.place(why.span, why.line));
        }
        let Some(lowered) = scripts.lowered(signature) else { return String::new() };
        let mut said: Vec<String> = Vec::new();
        for Guard { unless, span, line, .. } in &lowered.guards {
            let one = format!("{unless}, {}", self.place(*span, *line));
            if !said.contains(&one) {
                said.push(one);
            }
        }
        match said.as_slice() {
            [] => String::new(),
            [one] => format!("Rhai where {one}"),
            [first, rest @ ..] => format!("Rhai where {first}; or {}", rest.join("; or ")),
        }
    }

    /// `prestige.rhai:27`
    fn place(&self, span: crate::diag::Span, line: usize) -> String {
        let path = self.pack.sources.get(span.file).map_or("", |source| source.name.as_str());
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        // `base/scripts/prestige.rhai (shipped)`
        format!("{}:{line}", name.split(' ').next().unwrap_or(name))
    }

    /// What runs where, in one line.
    fn total(&self) -> String {
        let count = |way| self.rules.iter().filter(|rule| rule.way == way).count();
        let (columnar, guarded, rhai) = (count(Way::Columnar), count(Way::Guarded), count(Way::Rhai));
        let all = self.others + columnar + guarded;
        let rules = |n: usize| if n == 1 { "1 rule runs".to_owned() } else { format!("{n} rules run") };
        let mut text = format!("{} in the columnar engine", rules(all));
        if guarded > 0 {
            text += &format!(" ({guarded} with Rhai for some rows)");
        }
        match rhai {
            0 => text + ", none in Rhai",
            n => text + ", " + n.to_string().as_str() + " in Rhai",
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let scripts = &self.pack.scripts;
        let place = |span: crate::diag::Span, line: usize| {
            let path = self.pack.sources.get(span.file).map_or("", |source| source.name.as_str());
            json!({ "file": path, "line": line })
        };
        let functions: Vec<Value> = scripts
            .signatures()
            .iter()
            .map(|signature| {
                let guards: Vec<Value> = scripts.lowered(signature).map_or(Vec::new(), |lowered| {
                    let guards = lowered.guards.iter();
                    guards.map(|g| json!({ "unless": g.unless, "at": place(g.span, g.line) })).collect()
                });
                json!({
                    "function": signature.path(),
                    "runs": Way::of(scripts, signature).word(),
                    "why": scripts.why_not(signature).map(|why| json!({ "reason": why.reason, "at": place(why.span, why.line) })),
                    "guards": guards,
                })
            })
            .collect();
        let rules: Vec<Value> = self
            .rules
            .iter()
            .map(|rule| json!({ "rule": rule.rule, "runs": rule.way.word(), "calls": rule.functions }))
            .collect();
        json!({ "functions": functions, "rules": rules, "others": self.others })
    }
}

/// Every rule of a pack with its expressions.
fn each_rule<'a>(pack: &'a Pack, visit: &mut dyn FnMut(String, Vec<&'a Expr>)) {
    for rollup in &pack.rollups {
        let parts = rollup.value.iter().chain(rollup.condition.iter()).collect();
        visit(format!("rollups.{}", rollup.name), parts);
    }
    for fact in &pack.facts {
        visit(format!("facts.{}", fact.name), vec![&fact.expr]);
    }
    for rule in &pack.suppress {
        visit(format!("suppress.{}", rule.name), parts([Some(&rule.when)], &rule.because));
    }
    for state in &pack.states {
        visit(format!("states.{}", state.name), parts([state.when.as_ref()], &state.because));
    }
    if let Some(when) = &pack.causes.when {
        visit("analysis.when".to_owned(), vec![&when.expr]);
    }
    for cause in &pack.causes.list {
        for (at, evidence) in cause.evidence.iter().enumerate() {
            let name = format!("causes.{} evidence {}", cause.name, at + 1);
            visit(name, parts([Some(&evidence.when)], &evidence.because));
        }
    }
    for criterion in &pack.criteria {
        let rule = criterion.method.rule();
        visit(format!("criteria.{}", criterion.name), vec![&rule.expr]);
    }
    if let Some(rule) = &pack.priority.rule {
        visit("scoring.priority".to_owned(), vec![&rule.expr]);
    }
    for grade in &pack.grades {
        if let Some(when) = &grade.when {
            visit(format!("grades.{}", grade.name), vec![&when.expr]);
        }
    }
    for channel in pack.channels.values() {
        let rules = channel.consent.iter().chain(&channel.basis).chain(&channel.consent_on);
        let rules: Vec<_> = rules.map(|rule| &rule.expr).collect();
        if !rules.is_empty() {
            visit(format!("channels.{}", channel.name), rules);
        }
    }
    for campaign in &pack.campaigns {
        let rules = [&campaign.when, &campaign.send_on, &campaign.cost, &campaign.success, &campaign.value];
        visit(format!("campaigns.{}", campaign.name), parts(rules.map(Option::as_ref), &campaign.because));
    }
    for step in &pack.followups {
        visit(format!("followups.{}", step.name), parts([Some(&step.when)], &step.because));
    }
    if let Some(prevention) = &pack.prevention {
        for (key, rule) in prevention.rules() {
            visit(format!("prevention.{key}"), vec![&rule.expr]);
        }
        for warning in &prevention.warnings {
            visit(format!("warnings.{}", warning.name), parts([Some(&warning.when)], &warning.because));
        }
    }
    for (key, rule) in pack.second_life.iter().flat_map(crate::pack::SecondLife::rules) {
        visit(format!("second_life.{key}"), vec![&rule.expr]);
    }
    if let Some(money) = &pack.money {
        visit("money".to_owned(), vec![&money.rule.expr]);
    }
}

/// The expressions of rules and of the sentence beside them.
fn parts<'a, const N: usize>(rules: [Option<&'a Rule>; N], because: &'a Template) -> Vec<&'a Expr> {
    let values = because.parts.iter().filter_map(|part| match part {
        Part::Value(expr) => Some(expr),
        Part::Text(_) => None,
    });
    rules.into_iter().flatten().map(|rule| &rule.expr).chain(values).collect()
}
