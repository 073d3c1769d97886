//! Proves that a change makes no difference, whoever the customer is: its condition is true for the same customers, its value is the
//! same, its band is one nobody falls into, its two neighbours are never true at once.
//!
//! What is proved holds where the changed expression is asked: none of the rules before it in its list is true, a campaign's track and
//! condition fit. A count is never missing, and a score is cut off at 0 and 10.

use std::collections::HashSet;

use super::change::{Change, Mutant, Ordered};
use crate::cases::places::At;
use crate::check::logic::{Answer, Solver};
use crate::diag::{FileId, Span};
use crate::expr::{Aggregate, Compare, Expr, Func, Kind, Slot, Type, Value};
use crate::pack::{Human, Method, Pack, Rule, State, Track};

/// What a change would have to be true of to matter: every condition of `yes`, none of `no`.
#[derive(Debug, Clone, Default)]
struct Question {
    yes: Vec<Expr>,
    no: Vec<Expr>,
}

/// Names that are never missing, each with the condition that says so.
#[derive(Debug)]
pub(super) struct Certain(Vec<(Slot, Expr)>);

impl Certain {
    /// Counts, and what is made of them: scores, dimensions, the priority.
    pub(super) fn new(pack: &Pack) -> Certain {
        let mut certain = Certain(Vec::new());
        for rollup in &pack.rollups {
            if matches!(rollup.aggregate, Aggregate::Count | Aggregate::CountDistinct) {
                certain.add(pack, rollup.slot);
            }
        }
        let mut known: HashSet<usize> = HashSet::new();
        for criterion in &pack.criteria {
            let always = match &criterion.method {
                _ if criterion.missing.score().is_some() => true,
                Method::Score(rule) | Method::Bands(rule, _) | Method::Curve(rule, _) => {
                    certain.is_known(pack, &rule.expr)
                }
                Method::Map(rule, _, otherwise) => otherwise.is_some() && certain.is_known(pack, &rule.expr),
                Method::Rank(..) => false,
            };
            if always {
                certain.add(pack, criterion.slot);
                known.insert(criterion.dimension);
            }
        }
        for (i, dimension) in pack.dimensions.iter().enumerate() {
            if known.contains(&i) {
                certain.add(pack, dimension.slot);
            }
        }
        let priority = match &pack.priority.rule {
            Some(rule) => certain.is_known(pack, &rule.expr),
            None => !known.is_empty(),
        };
        if priority {
            certain.add(pack, pack.priority.slot);
        }
        certain
    }

    fn add(&mut self, pack: &Pack, slot: Slot) {
        let name = Expr { kind: Kind::Slot(slot), ty: pack.names.get(slot).ty, span: Span::new(FileId(0), 0, 0) };
        self.0.push((slot, missing(&name, false)));
    }

    fn is_known(&self, pack: &Pack, expr: &Expr) -> bool {
        impossible(pack, self, &Question { yes: vec![missing(expr, true)], no: Vec::new() })
    }
}

/// Whether it is proved that a change makes no difference.
pub(super) fn no_difference(pack: &Pack, changed: &Pack, mutant: &Mutant, certain: &Certain) -> bool {
    let never = |at: At, questions: Vec<Question>| {
        contexts(pack, at).iter().all(|context| {
            questions.iter().all(|question| {
                // Alone it is the shorter question.
                impossible(pack, certain, question) || {
                    let yes = question.yes.iter().chain(&context.yes).cloned().collect();
                    let no = question.no.iter().chain(&context.no).cloned().collect();
                    impossible(pack, certain, &Question { yes, no })
                }
            })
        })
    };
    let value = |i: usize| pack.criteria.get(i).map(|criterion| &criterion.method.rule().expr);
    let within = |i: usize, low: Option<f64>, below: Option<f64>, op: Compare| {
        let Some(value) = value(i) else { return false };
        let low = low.map(|low| compare(op, value, &number(low, value)));
        let below = below.map(|below| compare(Compare::Lt, value, &number(below, value)));
        let mut yes: Vec<Expr> = low.into_iter().chain(below).collect();
        if yes.is_empty() {
            yes.push(missing(value, false));
        }
        never(At::Criterion(i), vec![Question { yes, no: Vec::new() }])
    };
    match &mutant.change {
        Change::Node(at @ (At::RollupCondition(i) | At::RollupValue(i)), ..) => {
            let (Some(old), Some(new), Some(rollup)) = (at.expr(pack), at.expr(changed), pack.rollups.get(*i)) else {
                return false;
            };
            let Some(table) = pack.tables.get(&rollup.table) else { return false };
            let mut solver = Solver::of_table(pack, table);
            differences(*at, old, new).iter().all(|question| ask(&mut solver, question))
        }
        Change::Node(at, ..) => {
            let (Some(old), Some(new)) = (at.expr(pack), at.expr(changed)) else { return false };
            let cut_off = |expr: &Expr| match at {
                At::Criterion(i) if matches!(pack.criteria.get(*i).map(|c| &c.method), Some(Method::Score(_))) => {
                    clamp(expr, 0.0, 10.0)
                }
                At::Success(_) | At::Anyway(_) | At::PlanAnyway => clamp(expr, 0.0, 1.0),
                _ => expr.clone(),
            };
            never(*at, differences(*at, &cut_off(old), &cut_off(new)))
        }
        Change::Swap(list, i) => {
            let (first, second) = match list {
                Ordered::Suppress => (At::Suppress(*i), At::Suppress(i + 1)),
                Ordered::States => (At::State(*i), At::State(i + 1)),
                Ordered::Grades => (At::Grade(*i), At::Grade(i + 1)),
            };
            let (Some(a), Some(b)) = (first.expr(pack), second.expr(pack)) else { return false };
            never(first, vec![Question { yes: vec![a.clone(), b.clone()], no: Vec::new() }])
        }
        Change::Never(at @ (At::State(_) | At::Grade(_))) => never(*at, vec![Question::default()]),
        Change::Below(i, k, new) => {
            let old = match pack.criteria.get(*i).map(|criterion| &criterion.method) {
                Some(Method::Bands(_, bands)) => bands.get(*k).and_then(|band| band.below),
                _ => None,
            };
            old.is_some_and(|old| within(*i, Some(old.min(*new)), Some(old.max(*new)), Compare::Ge))
        }
        Change::Score(i, k, _) | Change::Point(i, k, _) => match pack.criteria.get(*i).map(|c| &c.method) {
            Some(Method::Bands(_, bands)) => {
                let from = k.checked_sub(1).and_then(|k| bands.get(k)).and_then(|band| band.below);
                within(*i, from, bands.get(*k).and_then(|band| band.below), Compare::Ge)
            }
            Some(Method::Curve(_, points)) => {
                let at = |k: usize| points.get(k).map(|(x, _)| *x);
                within(*i, k.checked_sub(1).and_then(at), at(k + 1), Compare::Gt)
            }
            _ => false,
        },
        Change::Missing(i, _) => {
            // A text that a map does not list, and a rank without a population, score like what is missing.
            let alone = pack.criteria.get(*i).filter(|c| !matches!(c.method, Method::Map(..) | Method::Rank(..)));
            alone.is_some_and(|criterion| {
                let gone = missing(&criterion.method.rule().expr, true);
                never(At::Criterion(*i), vec![Question { yes: vec![gone], no: Vec::new() }])
            })
        }
        Change::Minimum(new) => {
            // The least sum that counts at all is the least weight.
            let weights = pack.causes.list.iter().flat_map(|cause| cause.evidence.iter().map(|e| e.weight));
            let least = weights.fold(f64::INFINITY, f64::min);
            least >= pack.causes.minimum.max(*new)
        }
        Change::Param(..) | Change::Evidence(..) | Change::Weight(..) | Change::Otherwise(..) | Change::Never(_) => {
            false
        }
    }
}

/// Whether no customer is what is asked for.
fn impossible(pack: &Pack, certain: &Certain, question: &Question) -> bool {
    let slots = reads(pack, question);
    let known = certain.0.iter().filter(|(slot, _)| slots.contains(slot)).map(|(_, condition)| condition.clone());
    let yes = question.yes.iter().cloned().chain(known).collect();
    ask(&mut Solver::new(pack), &Question { yes, no: question.no.clone() })
}

fn ask(solver: &mut Solver<'_>, question: &Question) -> bool {
    let (yes, no): (Vec<&Expr>, Vec<&Expr>) = (question.yes.iter().collect(), question.no.iter().collect());
    solver.ask_once(&yes, &no) == Answer::Impossible
}

/// Every name behind a question, through facts.
fn reads(pack: &Pack, question: &Question) -> HashSet<Slot> {
    let mut open: Vec<Slot> = question.yes.iter().chain(&question.no).flat_map(Expr::slots).collect();
    let mut found = HashSet::new();
    while let Some(slot) = open.pop() {
        if found.insert(slot)
            && let Some(fact) = pack.facts.iter().find(|fact| fact.slot == slot)
        {
            open.extend(fact.expr.slots());
        }
    }
    found
}

/// What is true of a customer for whom the old and the new expression come out differently: one of these.
fn differences(at: At, old: &Expr, new: &Expr) -> Vec<Question> {
    let question = |yes: &[&Expr], no: &[&Expr]| Question {
        yes: yes.iter().map(|expr| (*expr).clone()).collect(),
        no: no.iter().map(|expr| (*expr).clone()).collect(),
    };
    let either = [question(&[new], &[old]), question(&[old], &[new])];
    if at.is_condition() {
        return either.to_vec();
    }
    let (gone, come) = (missing(new, true), missing(old, true));
    let mut all = vec![question(&[&gone], &[&come]), question(&[&come], &[&gone])];
    match old.ty {
        Type::Bool => all.extend(either),
        _ => all.push(question(&[&compare(Compare::Ne, old, new)], &[])),
    }
    all
}

/// What holds of every customer for whom an expression is asked: one of these.
fn contexts(pack: &Pack, at: At) -> Vec<Question> {
    let whens = |list: &mut dyn Iterator<Item = &Rule>| list.map(|rule| rule.expr.clone()).collect::<Vec<Expr>>();
    let suppress = whens(&mut pack.suppress.iter().map(|rule| &rule.when));
    let before = |rules: Vec<Expr>| Question { yes: Vec::new(), no: [suppress.clone(), rules].concat() };
    let states = |n: usize| whens(&mut pack.states.iter().take(n).filter_map(|state| state.when.as_ref()));
    // A person may give her any grade and any campaign, whatever the rules say.
    let told = |key: &str| pack.human.iter().flat_map(Human::decisions).any(|(known, _)| known == key);
    // A customer whose state is one of a track, and a campaign's own condition.
    let of_campaign = |i: usize, own: bool| -> Vec<Question> {
        let Some(campaign) = pack.campaigns.get(i) else { return Vec::new() };
        let when = campaign.when.as_ref().filter(|_| own).map(|rule| rule.expr.clone());
        let first = pack.grades.iter().take(1).filter(|grade| grade.let_go && !told("grade"));
        let let_go = whens(&mut first.filter_map(|grade| grade.when.as_ref()));
        let fits =
            pack.states.iter().enumerate().filter(|(_, state)| campaign.track.is_none_or(|t| state.track == Some(t)));
        // Without a track also those whom no state rule fits.
        let stateless = campaign.track.is_none().then(|| {
            let mut question = before([states(pack.states.len()), let_go.clone()].concat());
            question.yes.extend(when.clone());
            question
        });
        fits.map(|(i, state)| {
            let named = is_text(pack, pack.decided.state, &state.state, state.span);
            let own = state.when.as_ref().map(|rule| rule.expr.clone());
            let mut question = before([states(i), let_go.clone()].concat());
            question.yes.extend(own.into_iter().chain(when.clone()).chain([named]));
            question
        })
        .chain(stateless)
        .collect()
    };
    let lost = || -> Option<Expr> {
        let prevention = pack.prevention.as_ref()?;
        Some(match &prevention.lost {
            Some(rule) => rule.expr.clone(),
            None => is_text(pack, pack.decided.track, Track::Recovery.word(), Span::new(FileId(0), 0, 0)),
        })
    };
    // A customer who may be warned of: in a state that is not on the way out, and not lost.
    let still_here = || -> Vec<Question> {
        let lost: Vec<Expr> = lost().into_iter().collect();
        let stays = |state: &State| !matches!(state.track, Some(Track::Recovery | Track::Termination));
        let in_state = pack.states.iter().enumerate().filter(|(_, state)| stays(state)).map(|(i, state)| {
            let mut question = before([states(i), lost.clone()].concat());
            question.yes.extend(state.when.as_ref().map(|rule| rule.expr.clone()));
            question.yes.push(is_text(pack, pack.decided.state, &state.state, state.span));
            question
        });
        in_state.chain([before([states(pack.states.len()), lost.clone()].concat())]).collect()
    };
    match at {
        At::Suppress(i) => {
            let no = whens(&mut pack.suppress.iter().take(i).map(|rule| &rule.when));
            vec![Question { yes: Vec::new(), no }]
        }
        At::State(i) => vec![before(states(i))],
        At::Grade(i) => vec![before(whens(&mut pack.grades.iter().take(i).filter_map(|grade| grade.when.as_ref())))],
        At::Evidence(..) => {
            let mut question = before(Vec::new());
            question.yes.extend(pack.causes.when.as_ref().map(|rule| rule.expr.clone()));
            vec![question]
        }
        At::When(i) => of_campaign(i, false),
        At::SendOn(i) | At::Cost(i) | At::Success(i) | At::Value(i) | At::Anyway(i) | At::Hours(i) => {
            if told("campaign") { vec![before(Vec::new())] } else { of_campaign(i, true) }
        }
        At::Limit(_) if told("campaign") => vec![before(Vec::new())],
        At::Limit(i) => {
            let scope = pack.planning.as_ref().and_then(|plan| plan.limits.get(i)).map(|limit| &limit.scope);
            let campaigns = pack.campaigns.iter().enumerate().filter(|(_, c)| scope.is_some_and(|s| s.has(c)));
            campaigns.flat_map(|(c, _)| of_campaign(c, true)).collect()
        }
        At::Warning(_) => still_here(),
        At::Analysis | At::Criterion(_) | At::Priority | At::FollowUp(_) | At::Override(_) => vec![before(Vec::new())],
        At::Prevention("recovered" | "at_risk") => vec![before(lost().into_iter().collect())],
        At::Prevention("again") => {
            let mut question = before(Vec::new());
            question.yes.extend(lost());
            vec![question]
        }
        At::Prevention(_) | At::SecondLife(_) => vec![before(Vec::new())],
        At::PlanAnyway | At::Basis(_) | At::ConsentOn(_) => vec![before(Vec::new())],
        At::Fact(_) | At::Money | At::Consent(_) | At::RollupValue(_) | At::RollupCondition(_) => {
            vec![Question::default()]
        }
    }
}

fn slot(pack: &Pack, slot: Slot, span: Span) -> Expr {
    Expr { kind: Kind::Slot(slot), ty: pack.names.get(slot).ty, span }
}

/// A name that is a text.
fn is_text(pack: &Pack, name: Slot, text: &str, span: Span) -> Expr {
    let text = Expr { kind: Kind::Const(Value::text(text)), ty: Type::Text, span };
    compare(Compare::Eq, &slot(pack, name, span), &text)
}

fn missing(expr: &Expr, missing: bool) -> Expr {
    Expr { kind: Kind::IsMissing { item: Box::new(expr.clone()), missing }, ty: Type::Bool, span: expr.span }
}

fn compare(op: Compare, a: &Expr, b: &Expr) -> Expr {
    Expr { kind: Kind::Compare(op, Box::new(a.clone()), Box::new(b.clone())), ty: Type::Bool, span: a.span }
}

fn number(x: f64, like: &Expr) -> Expr {
    Expr { kind: Kind::Const(Value::number(x)), ty: Type::Number, span: like.span }
}

fn clamp(expr: &Expr, low: f64, high: f64) -> Expr {
    let list = vec![expr.clone(), number(low, expr), number(high, expr)];
    Expr { kind: Kind::Call(Func::Clamp, list), ty: Type::Number, span: expr.span }
}
