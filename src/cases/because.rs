//! Why a case was decided otherwise: for each expectation that is not met, the step of the decision that settled it.

use super::judge::Mismatch;
use super::known::word;
use super::model::{About, Expected};
use super::run::Prepared;
use crate::diag::Span;
use crate::draw::amount;
use crate::explain::{
    CampaignTrace, CauseTrace, Choice, Clause, CriterionTrace, Explanation, Input, RuleTrace, Scene, Verdict, explain,
    facts, rule_on,
};
use crate::expr::{Expr, Slot, Type, Value};
use crate::pack::{Pack, Prevention, Rule, SecondLife};
use crate::stage::{Decision, prevention, suppressed_because};

/// A step of a decision, in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Because {
    /// One sentence.
    pub text: String,
    /// Its parts.
    pub parts: Vec<Part>,
    /// The rule it is about.
    pub rule: Option<Span>,
}

/// A part of a step: a condition with its values, a piece of evidence, a criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Whether it holds; `None` where that is no question.
    pub verdict: Option<Verdict>,
    /// What it says.
    pub text: String,
    /// Its values, and what would change it; may be empty.
    pub detail: String,
}

impl Because {
    fn new(text: impl Into<String>) -> Self {
        Because { text: text.into(), parts: Vec::new(), rule: None }
    }

    fn of(mut self, rule: Span) -> Self {
        self.rule = Some(rule);
        self
    }

    fn with(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        self.parts.extend(parts);
        self
    }
}

/// So many rules, campaigns and pieces of evidence are shown of each kind.
const SHOWN: usize = 3;

/// Why each expectation of a step is not met, in the order of `mismatches`; what was said of an earlier one is not said again.
#[must_use]
pub fn because(
    prepared: &Prepared,
    name: &str,
    expected: &[super::model::Expectation],
    mismatches: &[Mismatch],
) -> Vec<Vec<Because>> {
    let decision = prepared.decide();
    let input = Input { key: name.to_owned(), record: prepared.record.clone(), events: Vec::new() };
    let explanation = explain(&prepared.pack, &prepared.context, input);
    let why = Why { pack: &prepared.pack, decision: &decision, explanation: &explanation };
    let mut said: Vec<Because> = Vec::new();
    mismatches
        .iter()
        .map(|mismatch| {
            let wanted = expected.get(mismatch.expectation).map(|e| &e.expected);
            let mut list = why.not(&mismatch.about, wanted);
            list.retain(|because| !said.contains(because));
            said.extend(list.iter().cloned());
            list
        })
        .collect()
}

struct Why<'a> {
    pack: &'a Pack,
    decision: &'a Decision,
    explanation: &'a Explanation,
}

impl Why<'_> {
    fn not(&self, about: &About, wanted: Option<&Expected>) -> Vec<Because> {
        let pack = self.pack;
        if let About::Suppressed = about {
            return self.suppression(wanted);
        }
        if let Some(rule) = self.decision.suppressed.and_then(|i| pack.suppress.get(i)) {
            let before_suppression = matches!(about, About::Name(slot) if self.fact(*slot).is_some());
            if !before_suppression {
                let text = format!(
                    "she is suppressed by `{}` ({}), so nothing else is decided",
                    rule.name,
                    suppressed_because(pack, rule, &self.decision.values)
                );
                let trace = rule_on(pack, self.decision, &rule.name, Some(&rule.when));
                return vec![Because::new(text).with(clauses(&trace)).of(rule.span)];
            }
        }
        let names = texts(wanted);
        if let Some(because) = self.told(about) {
            return vec![because];
        }
        match about {
            About::Suppressed => Vec::new(),
            About::Overridden => vec![Because::new("nobody decided otherwise".to_owned())],
            About::StateRule => self.states(&names, true),
            About::Name(slot) => self.name(*slot, &names),
            About::Campaign | About::Candidates | About::Contact => self.campaigns(&names),
            About::Offer | About::Channel | About::Speaker | About::SendOn | About::Net => self.campaigns(&[]),
            About::Reasons => {
                let reasons = self.decision.reasons.as_deref();
                vec![Because::new(match reasons {
                    Some(reasons) => format!("the reasons are: {reasons}"),
                    None => "there are no reasons".to_owned(),
                })]
            }
            About::FollowUps => {
                let due = pack.followups.iter().filter(|f| names.contains(&f.name.as_str()));
                let not = due.map(|f| (f, rule_on(pack, self.decision, &f.name, Some(&f.when))));
                not.filter(|(_, trace)| trace.verdict != Verdict::Holds)
                    .map(|(f, trace)| Because::new(format!("`{}` is not due", f.name)).with(failing(&trace)).of(f.span))
                    .collect()
            }
            About::Warnings => self.warnings(&names, matches!(wanted, Some(Expected::Exactly(_) | Expected::Missing))),
            About::Prevention(_) | About::SecondLife(_) => self.life(about),
            About::Plan(key) => self.term(about, key),
            About::Limits => self.limits(&names),
            About::Money => pack.money.iter().map(|m| self.expression("money", &m.rule.text, &m.rule.expr)).collect(),
        }
    }

    /// Warnings that were expected and are not there; of those that are there the others, where there must be no others.
    fn warnings(&self, names: &[&str], only: bool) -> Vec<Because> {
        let pack = self.pack;
        if prevention::gone(pack, self.decision) {
            return vec![Because::new("who is lost, asleep or about to leave is not warned of any more")];
        }
        let all = pack.prevention.iter().flat_map(|p| &p.warnings);
        let asked = all.filter_map(|warning| {
            let wanted = names.contains(&warning.name.as_str());
            let trace = rule_on(pack, self.decision, &warning.name, Some(&warning.when));
            let (text, parts) = match trace.verdict {
                Verdict::Holds if only && !wanted => ("is there", clauses(&trace)),
                verdict if verdict != Verdict::Holds && wanted => ("is not there", failing(&trace)),
                _ => return None,
            };
            Some(Because::new(format!("`{}` {text}", warning.name)).with(parts).of(warning.span))
        });
        asked.collect()
    }

    /// What `[prevention]` or `[second_life]` says.
    fn life(&self, about: &About) -> Vec<Because> {
        let pack = self.pack;
        let rule = match about {
            About::Prevention(key) if !prevention::needs(pack, self.decision, key) => {
                let lost = prevention::loss(pack, self.decision).lost;
                return vec![Because::new(if lost { "she counts as lost" } else { "she does not count as lost" })];
            }
            About::Prevention(key) => pack.prevention.iter().flat_map(Prevention::rules).find(|(k, _)| k == key),
            About::SecondLife(key) => pack.second_life.iter().flat_map(SecondLife::rules).find(|(k, _)| k == key),
            _ => None,
        };
        let Some((_, rule)) = rule else { return Vec::new() };
        let name = word(pack, about);
        if rule.expr.ty != Type::Bool {
            return vec![self.expression(&name, &rule.text, &rule.expr).of(rule.span)];
        }
        let trace = rule_on(pack, self.decision, &name, Some(rule));
        vec![match trace.verdict {
            Verdict::Holds => Because::new(format!("`{name}` holds")).with(clauses(&trace)).of(rule.span),
            _ => Because::new(format!("`{name}` does not hold")).with(failing(&trace)).of(rule.span),
        }]
    }

    /// What the plan reads of her for the campaign chosen.
    fn term(&self, about: &About, key: &str) -> Vec<Because> {
        let pack = self.pack;
        let Some(campaign) = self.decision.best.and_then(|i| pack.campaigns.get(i)) else {
            return self.campaigns(&[]);
        };
        let channel = campaign.channel.as_ref().and_then(|name| pack.channels.get(name));
        let rule = match key {
            "anyway" => campaign.anyway.as_ref().or_else(|| pack.planning.as_ref()?.anyway.as_ref()),
            "hours" => campaign.hours.as_ref(),
            "basis" => channel.and_then(|channel| channel.basis.as_ref()),
            _ => channel.and_then(|channel| channel.consent_on.as_ref()),
        };
        match rule {
            Some(rule) => vec![self.expression(&word(pack, about), &rule.text, &rule.expr).of(rule.span)],
            None => self.campaigns(&[]),
        }
    }

    /// Limits that were expected to count her.
    fn limits(&self, names: &[&str]) -> Vec<Because> {
        let Some(campaign) = self.decision.best.and_then(|i| self.pack.campaigns.get(i)) else {
            return self.campaigns(&[]);
        };
        let limits = self.pack.planning.iter().flat_map(|plan| &plan.limits);
        let wanted = limits.filter(|limit| names.contains(&limit.full_name().as_str()));
        let because = wanted.filter_map(|limit| {
            let name = limit.full_name();
            if !limit.scope.has(campaign) {
                let text = format!("`{name}` is not about the campaign `{}`", campaign.name);
                return Some(Because::new(text).of(limit.span));
            }
            let trace = rule_on(self.pack, self.decision, &name, limit.when.as_ref());
            let apart = trace.verdict != Verdict::Holds;
            apart.then(|| Because::new(format!("`{name}` does not count her")).with(failing(&trace)).of(limit.span))
        });
        because.collect()
    }

    /// What a person decided, where that is why.
    fn told(&self, about: &About) -> Option<Because> {
        let overridden = self.explanation.overridden.as_ref()?;
        let decided = &self.pack.decided;
        let step = match about {
            About::Name(slot) if *slot == decided.grade => "grade",
            About::Name(slot) if [decided.cause, decided.class, decided.confidence].contains(slot) => "cause",
            About::Overridden => return Some(Because::new(overridden.sentence())),
            About::Campaign
            | About::Candidates
            | About::Contact
            | About::Offer
            | About::Channel
            | About::Speaker
            | About::SendOn
            | About::Plan(_)
            | About::Limits
            | About::Net => "campaign",
            _ => return None,
        };
        overridden.step(step).map(|_| Because::new(overridden.sentence()))
    }

    fn name(&self, slot: Slot, names: &[&str]) -> Vec<Because> {
        let (pack, decided) = (self.pack, &self.pack.decided);
        if slot == decided.state || slot == decided.track {
            return self.states(if slot == decided.state { names } else { &[] }, false);
        }
        if slot == decided.cause || slot == decided.class || slot == decided.confidence {
            return self.causes();
        }
        if slot == decided.grade {
            let rules: Vec<(&str, &str, Option<&Rule>, Span)> =
                pack.grades.iter().map(|g| (g.name.as_str(), g.name.as_str(), g.when.as_ref(), g.span)).collect();
            return self.first_match("grade", &rules, self.decision.grade, names);
        }
        if slot == pack.priority.slot {
            return match &pack.priority.rule {
                Some(rule) => vec![self.expression("priority", &rule.text, &rule.expr)],
                None => vec![
                    Because::new("the priority is the mean of the dimensions that are known")
                        .with(self.explanation.dimensions.iter().map(|d| part(&d.name, &number(d.value)))),
                ],
            };
        }
        if let Some(place) = pack.criteria.iter().position(|c| c.slot == slot)
            && let (Some(criterion), Some(trace)) = (pack.criteria.get(place), self.explanation.criteria.get(place))
        {
            return vec![Because::new(scored(trace)).of(criterion.span)];
        }
        if let Some(place) = pack.dimensions.iter().position(|d| d.slot == slot) {
            return self.dimension(place);
        }
        if let Some(fact) = self.fact(slot) {
            return vec![self.expression(&fact.name, &fact.text, &fact.expr).of(fact.span)];
        }
        if let Some(rollup) = pack.rollups.iter().find(|r| r.slot == slot) {
            return vec![Because::new(format!("`{}` is {}", rollup.name, rollup.text)).of(rollup.span)];
        }
        Vec::new()
    }

    fn fact(&self, slot: Slot) -> Option<&crate::pack::Fact> {
        self.pack.facts.iter().find(|f| f.slot == slot)
    }

    /// An expression, and the values it reads.
    fn expression(&self, name: &str, text: &str, expr: &Expr) -> Because {
        let meaning = facts(self.pack);
        let scene =
            Scene { names: &self.pack.names, row: &self.decision.values, scripts: &self.pack.scripts, facts: &meaning };
        let given = scene.given(expr, true).into_iter().map(|(name, value)| part(&name, &value.to_string()));
        let mut because = Because::new(format!("`{name}` is {text}")).with(given);
        if let Some(why) = scene.why_unknown(expr) {
            because.text.push_str(&format!("; {why}"));
        }
        because
    }

    fn suppression(&self, wanted: Option<&Expected>) -> Vec<Because> {
        let pack = self.pack;
        let names = texts(wanted);
        let mut list = Vec::new();
        if let Some(rule) = self.decision.suppressed.and_then(|i| pack.suppress.get(i)) {
            let trace = rule_on(pack, self.decision, &rule.name, Some(&rule.when));
            list.push(Because::new(format!("`{}` holds", rule.name)).with(clauses(&trace)).of(rule.span));
        }
        let asked = pack.suppress.iter().filter(|s| names.is_empty() || names.contains(&s.name.as_str()));
        for rule in asked {
            let trace = rule_on(pack, self.decision, &rule.name, Some(&rule.when));
            if trace.verdict != Verdict::Holds && list.len() < SHOWN {
                list.push(Because::new(format!("`{}` does not hold", rule.name)).with(failing(&trace)).of(rule.span));
            }
        }
        list
    }

    fn states(&self, names: &[&str], by_rule: bool) -> Vec<Because> {
        let rules: Vec<(&str, &str, Option<&Rule>, Span)> = self
            .pack
            .states
            .iter()
            .map(|s| {
                let wanted = if by_rule { s.name.as_str() } else { s.state.as_str() };
                (s.name.as_str(), wanted, s.when.as_ref(), s.span)
            })
            .collect();
        self.first_match("state", &rules, self.decision.state, names)
    }

    /// Which rule decided, and why those that were expected to did not. Each rule: its name, what it decides for, its condition.
    fn first_match(
        &self,
        what: &str,
        rules: &[(&str, &str, Option<&Rule>, Span)],
        decided: Option<usize>,
        names: &[&str],
    ) -> Vec<Because> {
        let mut list = Vec::new();
        match decided.and_then(|i| rules.get(i)) {
            Some((name, _, rule, span)) => {
                let trace = rule_on(self.pack, self.decision, name, *rule);
                let text = match rule {
                    Some(_) => format!("`{name}` holds, the first {what} rule that does"),
                    None => format!("`{name}` always holds, and no {what} rule before it does"),
                };
                list.push(Because::new(text).with(clauses(&trace)).of(*span));
            }
            None => list.push(Because::new(format!("no {what} rule holds"))),
        }
        let expected = rules.iter().enumerate().filter(|(_, (_, of, ..))| names.contains(of));
        for (place, (name, _, rule, span)) in expected.take(SHOWN) {
            let trace = rule_on(self.pack, self.decision, name, *rule);
            list.push(match trace.verdict {
                Verdict::Holds if Some(place) != decided => {
                    Because::new(format!("`{name}` holds, too, and is not asked any more: it stands behind")).of(*span)
                }
                Verdict::Holds => continue,
                Verdict::Unknown => Because::new(format!("`{name}` cannot be told")).with(failing(&trace)).of(*span),
                _ => Because::new(format!("`{name}` does not hold")).with(failing(&trace)).of(*span),
            });
        }
        list
    }

    fn causes(&self) -> Vec<Because> {
        let analysis = &self.explanation.analysis;
        if !analysis.analysed {
            let text = "she is not analysed: the condition of `[analysis]` does not hold";
            return vec![Because::new(text).with(analysis.when.iter().flat_map(failing))];
        }
        let found: Vec<&CauseTrace> = analysis.causes.iter().filter(|c| c.score > 0.0).collect();
        if found.is_empty() {
            return vec![Because::new("no evidence was found for any cause")];
        }
        let causes = found.into_iter().take(SHOWN).map(|cause| {
            let verdict = match cause.won {
                true => "wins",
                false if cause.score < analysis.minimum => "is below the minimum",
                false => "is lighter, or stands behind",
            };
            let text = format!("`{}` weighs {} and {verdict}", cause.name, amount(cause.score));
            let evidence = cause.evidence.iter().filter(|e| e.verdict == Verdict::Holds);
            Because::new(text).with(evidence.map(|e| Part {
                verdict: Some(Verdict::Holds),
                text: e.because.clone().unwrap_or_else(|| e.text.clone()),
                detail: format!("weight {}", amount(e.weight)),
            }))
        });
        causes.collect()
    }

    fn dimension(&self, place: usize) -> Vec<Because> {
        let Some(dimension) = self.explanation.dimensions.get(place) else { return Vec::new() };
        let text = format!(
            "`{}` is the weighted mean of {} of {} criteria",
            dimension.name, dimension.counted, dimension.criteria
        );
        let its = self.explanation.criteria.iter().filter(|c| c.dimension == dimension.name);
        let parts = its.map(|c| {
            part(
                &format!("score.{}", c.name),
                &format!("{} with weight {}: {}", number(c.score), amount(c.weight), c.how),
            )
        });
        vec![Because::new(text).with(parts)]
    }

    fn campaigns(&self, names: &[&str]) -> Vec<Because> {
        let traces = &self.explanation.campaigns;
        let mut list = Vec::new();
        let span = |name: &str| self.pack.campaigns.iter().find(|c| c.name == name).map(|c| c.span);
        let chosen = traces.iter().find(|c| c.choice == Choice::Chosen);
        match chosen {
            Some(trace) => {
                let mut because = Because::new(format!("`{}` is chosen{}", trace.name, gain(trace)));
                because.rule = span(&trace.name);
                list.push(because);
            }
            None => list.push(Because::new("no campaign fits")),
        }
        let mut asked: Vec<&CampaignTrace> = traces.iter().filter(|c| names.contains(&c.name.as_str())).collect();
        if names.is_empty() && chosen.is_none() {
            // Those that come nearest: of her own track.
            let near =
                |c: &&CampaignTrace| !c.why_not.iter().any(|why| matches!(why, crate::explain::WhyNot::Track { .. }));
            asked.extend(traces.iter().filter(near).take(SHOWN));
        }
        for trace in asked.into_iter().filter(|c| c.choice != Choice::Chosen).take(SHOWN) {
            let text = format!("`{}` is not: {}", trace.name, trace.why_not_in_words.join("; "));
            let mut because = Because::new(text);
            because.rule = span(&trace.name);
            list.push(because);
        }
        list
    }
}

/// The texts that are expected.
fn texts(wanted: Option<&Expected>) -> Vec<&str> {
    match wanted {
        Some(Expected::Value(Value::Text(text), _)) => vec![text],
        Some(Expected::OneOf(list) | Expected::AllOf(list) | Expected::Exactly(list)) => {
            list.iter().map(String::as_str).collect()
        }
        _ => Vec::new(),
    }
}

fn part(text: &str, detail: &str) -> Part {
    Part { verdict: None, text: text.to_owned(), detail: detail.to_owned() }
}

fn number(x: Option<f64>) -> String {
    x.map_or_else(|| "unknown".to_owned(), |x| Value::number(x).to_string())
}

fn scored(trace: &CriterionTrace) -> String {
    format!("`score.{}` is {}: {} is {}; {}", trace.name, number(trace.score), trace.text, trace.value, trace.how)
}

fn gain(trace: &CampaignTrace) -> String {
    match (trace.success, trace.value, trace.net) {
        (Some(success), Some(value), Some(net)) => {
            let cost = trace.cost.map_or_else(String::new, |cost| format!(" less {}", amount(cost)));
            format!(": {} of {}{cost} is {}", crate::draw::share(success, 1.0), amount(value), amount(net))
        }
        _ => String::new(),
    }
}

fn clauses(trace: &RuleTrace) -> Vec<Part> {
    trace.clauses.iter().map(clause).collect()
}

/// The parts that do not hold.
fn failing(trace: &RuleTrace) -> Vec<Part> {
    trace.clauses.iter().filter(|c| c.verdict != Verdict::Holds).map(clause).collect()
}

fn clause(clause: &Clause) -> Part {
    let given = || {
        let given = clause.given.iter().map(|g| format!("{} {}", g.name, g.value));
        given.collect::<Vec<_>>().join(", ")
    };
    let shown = clause.compared.clone().filter(|compared| *compared != clause.text).unwrap_or_else(given);
    let detail = match &clause.would {
        Some(would) if shown.is_empty() => would.clone(),
        Some(would) => format!("{shown}; {would}"),
        None => shown,
    };
    Part { verdict: Some(clause.verdict), text: clause.text.clone(), detail }
}
