//! Coverage: what of a pack sample customers, or real ones, reached.
//!
//! A [`Plan`] lists everything there is to reach; [`Coverage`] counts how often each was. Two totals are kept apart: *rules*
//! (suppressions, people's decisions, state rules, evidence, causes, scores, grades, campaigns, follow-ups, early warnings) and *everything* (also conditions, branches of
//! expressions and lines of scripts).
//!
//! What counts as reached:
//! - a suppression, state rule or grade: it matched, so all before it did not; a cause: it won;
//! - evidence: it was true for a customer whose causes were analysed;
//! - a band, an entry of a map, a piece of a curve: the value fell into it (a point belongs to the pieces on both sides);
//! - a campaign: somebody was a candidate for it, chosen or not;
//! - a key of `[override]`: a person's decision was read by it, and names something of the pack;
//! - an early warning: it was there, so she was not gone;
//! - a condition: it was asked, and gave true, or something else. That a suppression, state rule or grade is true is counted by the
//!   rule itself, which then matches;
//! - a branch: an expression that was needed took it. Rollups look at many events and are not counted.

mod items;
mod report;
pub mod trace;

pub(crate) use items::one_line;
pub use items::{Item, ItemKind, Plan};
pub use report::{Percent, Shown, Totals, diagnostics, render, to_json};

use std::sync::Arc;

use super::model::Case;
use super::places::At;
use super::{CaseSet, Preparer};
use crate::data::DataError;
use crate::expr::{Row as _, Value, evaluate};
use crate::pack::{Method, Pack};
use crate::script::SeenLines;
use crate::stage::{Decision, Obstacle, prevention};

/// How often each item of a [`Plan`] was reached.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// What there is.
    pub plan: Arc<Plan>,
    /// How many customers reached each; for lines of scripts, 1 if any call did.
    pub hits: Vec<u64>,
    /// How many customers were looked at.
    pub customers: u64,
    /// Every expression outside of rollups that has a condition or a branch to count.
    places: Arc<Vec<At>>,
}

/// A pack whose scripts take a note of their lines.
///
/// Cases must be prepared with it, and decided with it, for lines to be counted.
#[must_use]
pub fn observed(pack: &Pack) -> (Arc<Pack>, Arc<SeenLines>) {
    let (scripts, seen) = pack.scripts.observed();
    let mut pack = pack.clone();
    pack.scripts = Arc::new(scripts);
    (Arc::new(pack), seen)
}

/// So many cases are prepared together.
const CHUNK: usize = 256;

/// What the cases of a pack reach, every step of a time line counted as a customer of its own.
///
/// # Errors
/// None that a case could cause.
pub fn of_cases(set: &CaseSet, pack: &Pack) -> Result<Coverage, DataError> {
    let (observed, seen) = observed(pack);
    let mut coverage = Coverage::new(pack);
    let mut preparer = Preparer::new(observed, Arc::clone(&set.reference));
    let cases: Vec<&Case> = set.files.iter().flat_map(|file| &file.cases).collect();
    for chunk in cases.chunks(CHUNK) {
        for prepared in preparer.prepare(chunk)?.into_iter().flatten() {
            coverage.add(&prepared.pack, &prepared.decide());
        }
    }
    coverage.lines(&seen);
    Ok(coverage)
}

impl Coverage {
    /// Nothing reached yet.
    #[must_use]
    pub fn new(pack: &Pack) -> Coverage {
        let plan = Plan::new(pack);
        let places = At::all(pack)
            .into_iter()
            .filter(|at| plan.conditions.contains_key(at) || plan.branches.contains_key(at))
            .collect();
        Coverage { hits: vec![0; plan.items.len()], plan: Arc::new(plan), customers: 0, places: Arc::new(places) }
    }

    /// The same plan with nothing reached: for another thread.
    #[must_use]
    pub fn empty(&self) -> Coverage {
        Coverage { hits: vec![0; self.hits.len()], customers: 0, ..self.clone() }
    }

    /// Adds what another has counted over the same plan.
    pub fn merge(&mut self, other: &Coverage) {
        self.customers += other.customers;
        for (mine, theirs) in self.hits.iter_mut().zip(&other.hits) {
            *mine += theirs;
        }
    }

    /// Counts the lines of scripts that calls went through.
    pub fn lines(&mut self, seen: &SeenLines) {
        for (at, item) in &self.plan.lines {
            if let Some(hits) = self.hits.get_mut(*item) {
                *hits = u64::from(seen.contains(*at));
            }
        }
    }

    /// Counts what one decision reached. The pack is the one the decision was made with: the plan's, perhaps with other parameters.
    pub fn add(&mut self, pack: &Pack, decision: &Decision) {
        self.customers += 1;
        let plan = Arc::clone(&self.plan);
        let mut hit = |item: Option<&usize>| {
            if let Some(hits) = item.and_then(|item| self.hits.get_mut(*item)) {
                *hits += 1;
            }
        };
        let at = |list: &Vec<usize>, i: usize| list.get(i).copied();
        if let Some(i) = decision.suppressed {
            hit(at(&plan.suppress, i).as_ref());
        } else {
            // What a person decided, no rule has matched.
            let told = &decision.told;
            let grade = decision.grade.filter(|_| told.grade.is_none());
            for (list, matched) in [(&plan.states, decision.state), (&plan.grades, grade)] {
                hit(matched.and_then(|i| at(list, i)).as_ref());
            }
            let winner = decision.cause.winner.filter(|_| told.cause.is_none());
            hit(winner.and_then(|i| at(&plan.causes, i)).as_ref());
            for (items, found) in plan.evidence.iter().zip(&decision.cause.evidence) {
                items.iter().zip(found).filter(|(_, found)| **found).for_each(|(item, _)| hit(Some(item)));
            }
            for ((criterion, items), scored) in pack.criteria.iter().zip(&plan.criteria).zip(&decision.criteria) {
                if scored.value.is_missing() {
                    hit(items.missing.as_ref());
                }
                for part in parts(&criterion.method, &scored.value, scored.scored) {
                    hit(items.parts.get(part));
                }
            }
            for (item, campaign) in plan.campaigns.iter().zip(&decision.campaigns) {
                if campaign.obstacles.is_empty() && told.campaign.is_none() {
                    hit(Some(item));
                }
            }
            for i in &decision.followups {
                hit(plan.followups.get(*i));
            }
            for i in &decision.warnings {
                hit(plan.warnings.get(*i));
            }
            let said = [
                ("grade", told.grade.is_some()),
                ("cause", told.cause.is_some()),
                ("campaign", told.campaign.is_some()),
            ];
            for (key, _) in said.into_iter().filter(|(_, said)| *said) {
                hit(plan.overrides.get(key));
            }
        }
        for at in self.places.iter().filter(|at| asked(pack, decision, **at)) {
            let Some(expr) = at.expr(pack) else { continue };
            let value = match plan.branches.get(at) {
                Some(branches) => trace::record(expr, &decision.values, &pack.scripts, &mut |node, way| {
                    hit(branches.get(&(node, way)));
                }),
                None => evaluate(expr, &decision.values, &pack.scripts),
            };
            if let Some((yes, no)) = plan.conditions.get(at) {
                hit(if value == Value::Bool(true) { yes.as_ref() } else { no.as_ref() });
            }
        }
    }
}

/// Which parts of a way of scoring a value falls into.
fn parts(method: &Method, value: &Value, scored: Option<f64>) -> Vec<usize> {
    let number = value.as_number();
    match method {
        Method::Score(_) | Method::Rank(..) => scored.map(|_| 0).into_iter().collect(),
        Method::Bands(_, bands) => number
            .and_then(|x| bands.iter().position(|band| band.below.is_none_or(|below| x < below)))
            .into_iter()
            .collect(),
        Method::Curve(_, points) => {
            let Some(x) = number else { return Vec::new() };
            let edges = points.iter().map(|(at, _)| *at);
            let from = std::iter::once(f64::NEG_INFINITY).chain(edges.clone());
            let to = edges.chain([f64::INFINITY]);
            from.zip(to).enumerate().filter(|(_, (from, to))| *from <= x && x <= *to).map(|(i, _)| i).collect()
        }
        Method::Map(_, map, otherwise) => {
            let Some(text) = value.as_text() else { return Vec::new() };
            let found = map.iter().position(|(known, _)| known == text);
            found.or(otherwise.map(|_| map.len())).into_iter().collect()
        }
    }
}

/// Whether a decision needed the value of an expression.
#[must_use]
pub fn asked(pack: &Pack, decision: &Decision, at: At) -> bool {
    // In a list where the first match ends it, all up to that one are asked.
    let up_to = |i: usize, matched: Option<usize>| matched.is_none_or(|m| i <= m);
    if let At::Fact(_) = at {
        return true;
    }
    if let At::Suppress(i) = at {
        return up_to(i, decision.suppressed);
    }
    if decision.suppressed.is_some() {
        return false;
    }
    let open = |i: usize| {
        // A campaign on another track is not looked into, nor is any for a grade that is let go.
        let blocked = |o: &Obstacle| matches!(o, Obstacle::LetGo | Obstacle::Track | Obstacle::Told);
        decision.campaigns.get(i).is_some_and(|c| !c.obstacles.iter().any(blocked))
    };
    let candidate = |i: usize| decision.campaigns.get(i).is_some_and(|c| c.obstacles.is_empty());
    match at {
        At::State(i) => up_to(i, decision.state),
        At::Grade(i) => decision.told.grade.is_none() && up_to(i, decision.grade),
        At::Evidence(..) => decision.cause.analysed,
        At::When(i) => decision.told.campaign.is_none() && open(i),
        At::SendOn(i) | At::Cost(i) | At::Success(i) | At::Value(i) | At::Anyway(i) | At::Hours(i) => candidate(i),
        At::PlanAnyway => {
            let without = |i: &usize| pack.campaigns.get(*i).is_some_and(|campaign| campaign.anyway.is_none());
            (0..pack.campaigns.len()).filter(without).any(candidate)
        }
        At::Basis(i) | At::ConsentOn(i) => {
            let name = pack.channels.get_index(i).map(|(name, _)| name.as_str());
            let by = |i: &usize| pack.campaigns.get(*i).is_some_and(|campaign| campaign.channel.as_deref() == name);
            (0..pack.campaigns.len()).filter(by).any(candidate)
        }
        At::Consent(i) => {
            let name = pack.channels.get_index(i).map(|(name, _)| name.as_str());
            pack.campaigns.iter().enumerate().any(|(c, campaign)| {
                campaign.channel.as_deref() == name
                    && decision.campaigns.get(c).is_some_and(|d| !d.obstacles.contains(&Obstacle::When))
                    && open(c)
            })
        }
        At::Prevention(key) => prevention::needs(pack, decision, key),
        At::Warning(_) => !prevention::gone(pack, decision),
        At::Limit(i) => {
            let limit = pack.planning.as_ref().and_then(|plan| plan.limits.get(i));
            let best = decision.best.and_then(|best| pack.campaigns.get(best));
            limit.zip(best).is_some_and(|(limit, campaign)| limit.scope.has(campaign))
        }
        At::RollupValue(_) | At::RollupCondition(_) => false,
        _ => {
            debug_assert!(!decision.values.get(pack.today).is_missing());
            true
        }
    }
}

#[cfg(test)]
pub(in crate::cases) mod small;
#[cfg(test)]
mod tests;
