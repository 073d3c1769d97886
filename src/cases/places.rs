//! Every expression of a pack's rules, by its place: what coverage counts and mutation changes.
//!
//! The sentences of reasons are left out: they decide nothing.

use crate::diag::Span;
use crate::expr::{Expr, Names};
use crate::pack::raw::{Raw, Table};
use crate::pack::{Campaign, Human, Method, Pack, Rule, SecondLife};

/// Where an expression stands in a pack. The numbers are those of the pack's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum At {
    /// What a rollup aggregates.
    RollupValue(usize),
    /// Which events a rollup sees.
    RollupCondition(usize),
    /// A fact.
    Fact(usize),
    /// `when` of a suppression.
    Suppress(usize),
    /// A key of `[override]`.
    Override(&'static str),
    /// `when` of a state rule.
    State(usize),
    /// `[analysis] when`
    Analysis,
    /// `when` of a cause's evidence: cause, evidence.
    Evidence(usize, usize),
    /// `score` or `value` of a criterion.
    Criterion(usize),
    /// `[scoring] priority`
    Priority,
    /// `when` of a grade.
    Grade(usize),
    /// `consent` of a channel.
    Consent(usize),
    /// `basis` of a channel.
    Basis(usize),
    /// `consent_on` of a channel.
    ConsentOn(usize),
    /// `when` of a campaign.
    When(usize),
    /// `send_on` of a campaign.
    SendOn(usize),
    /// `cost` of a campaign.
    Cost(usize),
    /// `success` of a campaign.
    Success(usize),
    /// `value` of a campaign.
    Value(usize),
    /// `anyway` of a campaign.
    Anyway(usize),
    /// `hours` of a campaign.
    Hours(usize),
    /// `[plan] anyway`
    PlanAnyway,
    /// `when` of a follow-up.
    FollowUp(usize),
    /// A key of `[prevention]`.
    Prevention(&'static str),
    /// `when` of an early warning.
    Warning(usize),
    /// A key of `[second_life]`.
    SecondLife(&'static str),
    /// `[money] value`
    Money,
    /// `when` of a limit of the plan.
    Limit(usize),
}

impl At {
    /// Every expression there is, in the order in which a decision comes to them.
    #[must_use]
    pub fn all(pack: &Pack) -> Vec<At> {
        let mut all = Vec::new();
        for i in 0..pack.rollups.len() {
            all.extend([At::RollupValue(i), At::RollupCondition(i)]);
        }
        all.extend((0..pack.facts.len()).map(At::Fact));
        all.extend((0..pack.suppress.len()).map(At::Suppress));
        all.extend(pack.human.iter().flat_map(Human::decisions).map(|(key, _)| At::Override(key)));
        all.extend((0..pack.states.len()).map(At::State));
        all.push(At::Analysis);
        for (i, cause) in pack.causes.list.iter().enumerate() {
            all.extend((0..cause.evidence.len()).map(|j| At::Evidence(i, j)));
        }
        all.extend((0..pack.criteria.len()).map(At::Criterion));
        all.push(At::Priority);
        all.extend((0..pack.grades.len()).map(At::Grade));
        all.extend((0..pack.channels.len()).flat_map(|i| [At::Consent(i), At::Basis(i), At::ConsentOn(i)]));
        for i in 0..pack.campaigns.len() {
            all.extend([At::When(i), At::SendOn(i), At::Cost(i), At::Success(i), At::Value(i)]);
            all.extend([At::Anyway(i), At::Hours(i)]);
        }
        all.push(At::PlanAnyway);
        all.extend((0..pack.followups.len()).map(At::FollowUp));
        if let Some(prevention) = &pack.prevention {
            all.extend(prevention.rules().map(|(key, _)| At::Prevention(key)));
            all.extend((0..prevention.warnings.len()).map(At::Warning));
        }
        all.extend(pack.second_life.iter().flat_map(SecondLife::rules).map(|(key, _)| At::SecondLife(key)));
        all.push(At::Money);
        all.extend(pack.planning.iter().flat_map(|plan| 0..plan.limits.len()).map(At::Limit));
        all.retain(|at| at.expr(pack).is_some());
        all
    }

    /// The expression.
    #[must_use]
    pub fn expr(self, pack: &Pack) -> Option<&Expr> {
        let campaign = |i: usize| pack.campaigns.get(i);
        match self {
            At::RollupValue(i) => pack.rollups.get(i)?.value.as_ref(),
            At::RollupCondition(i) => pack.rollups.get(i)?.condition.as_ref(),
            At::Fact(i) => Some(&pack.facts.get(i)?.expr),
            At::Suppress(i) => Some(&pack.suppress.get(i)?.when.expr),
            At::Override(key) => of(pack.human.as_ref()?.decisions(), key),
            At::State(i) => Some(&pack.states.get(i)?.when.as_ref()?.expr),
            At::Analysis => Some(&pack.causes.when.as_ref()?.expr),
            At::Evidence(i, j) => Some(&pack.causes.list.get(i)?.evidence.get(j)?.when.expr),
            At::Criterion(i) => Some(&pack.criteria.get(i)?.method.rule().expr),
            At::Priority => Some(&pack.priority.rule.as_ref()?.expr),
            At::Grade(i) => Some(&pack.grades.get(i)?.when.as_ref()?.expr),
            At::Consent(i) => Some(&pack.channels.get_index(i)?.1.consent.as_ref()?.expr),
            At::Basis(i) => Some(&pack.channels.get_index(i)?.1.basis.as_ref()?.expr),
            At::ConsentOn(i) => Some(&pack.channels.get_index(i)?.1.consent_on.as_ref()?.expr),
            At::When(i) => Some(&campaign(i)?.when.as_ref()?.expr),
            At::SendOn(i) => Some(&campaign(i)?.send_on.as_ref()?.expr),
            At::Cost(i) => Some(&campaign(i)?.cost.as_ref()?.expr),
            At::Success(i) => Some(&campaign(i)?.success.as_ref()?.expr),
            At::Value(i) => Some(&campaign(i)?.value.as_ref()?.expr),
            At::Anyway(i) => Some(&campaign(i)?.anyway.as_ref()?.expr),
            At::Hours(i) => Some(&campaign(i)?.hours.as_ref()?.expr),
            At::PlanAnyway => Some(&pack.planning.as_ref()?.anyway.as_ref()?.expr),
            At::FollowUp(i) => Some(&pack.followups.get(i)?.when.expr),
            At::Prevention(key) => of(pack.prevention.as_ref()?.rules(), key),
            At::Warning(i) => Some(&pack.prevention.as_ref()?.warnings.get(i)?.when.expr),
            At::SecondLife(key) => of(pack.second_life.as_ref()?.rules(), key),
            At::Money => Some(&pack.money.as_ref()?.rule.expr),
            At::Limit(i) => Some(&pack.planning.as_ref()?.limits.get(i)?.when.as_ref()?.expr),
        }
    }

    /// The expression, to be changed.
    pub fn expr_mut(self, pack: &mut Pack) -> Option<&mut Expr> {
        fn part(pack: &mut Pack, i: usize, part: fn(&mut Campaign) -> &mut Option<Rule>) -> Option<&mut Expr> {
            Some(&mut part(pack.campaigns.get_mut(i)?).as_mut()?.expr)
        }
        match self {
            At::RollupValue(i) => pack.rollups.get_mut(i)?.value.as_mut(),
            At::RollupCondition(i) => pack.rollups.get_mut(i)?.condition.as_mut(),
            At::Fact(i) => Some(&mut pack.facts.get_mut(i)?.expr),
            At::Suppress(i) => Some(&mut pack.suppress.get_mut(i)?.when.expr),
            At::Override(key) => Some(&mut pack.human.as_mut()?.rule_mut(key)?.expr),
            At::State(i) => Some(&mut pack.states.get_mut(i)?.when.as_mut()?.expr),
            At::Analysis => Some(&mut pack.causes.when.as_mut()?.expr),
            At::Evidence(i, j) => Some(&mut pack.causes.list.get_mut(i)?.evidence.get_mut(j)?.when.expr),
            At::Criterion(i) => match &mut pack.criteria.get_mut(i)?.method {
                Method::Score(rule)
                | Method::Bands(rule, _)
                | Method::Curve(rule, _)
                | Method::Map(rule, ..)
                | Method::Rank(rule, _) => Some(&mut rule.expr),
            },
            At::Priority => Some(&mut pack.priority.rule.as_mut()?.expr),
            At::Grade(i) => Some(&mut pack.grades.get_mut(i)?.when.as_mut()?.expr),
            At::Consent(i) => Some(&mut pack.channels.get_index_mut(i)?.1.consent.as_mut()?.expr),
            At::Basis(i) => Some(&mut pack.channels.get_index_mut(i)?.1.basis.as_mut()?.expr),
            At::ConsentOn(i) => Some(&mut pack.channels.get_index_mut(i)?.1.consent_on.as_mut()?.expr),
            At::When(i) => part(pack, i, |c| &mut c.when),
            At::SendOn(i) => part(pack, i, |c| &mut c.send_on),
            At::Cost(i) => part(pack, i, |c| &mut c.cost),
            At::Success(i) => part(pack, i, |c| &mut c.success),
            At::Value(i) => part(pack, i, |c| &mut c.value),
            At::Anyway(i) => part(pack, i, |c| &mut c.anyway),
            At::Hours(i) => part(pack, i, |c| &mut c.hours),
            At::PlanAnyway => Some(&mut pack.planning.as_mut()?.anyway.as_mut()?.expr),
            At::FollowUp(i) => Some(&mut pack.followups.get_mut(i)?.when.expr),
            At::Prevention(key) => Some(&mut pack.prevention.as_mut()?.rule_mut(key)?.expr),
            At::Warning(i) => Some(&mut pack.prevention.as_mut()?.warnings.get_mut(i)?.when.expr),
            At::SecondLife(key) => Some(&mut pack.second_life.as_mut()?.rule_mut(key)?.expr),
            At::Money => Some(&mut pack.money.as_mut()?.rule.expr),
            At::Limit(i) => Some(&mut pack.planning.as_mut()?.limits.get_mut(i)?.when.as_mut()?.expr),
        }
    }

    /// The names it may read: those of the event table for a rollup, else those of the pack.
    #[must_use]
    pub fn names(self, pack: &Pack) -> &Names {
        match self {
            At::RollupValue(i) | At::RollupCondition(i) => pack
                .rollups
                .get(i)
                .and_then(|rollup| pack.tables.get(&rollup.table))
                .map_or(&pack.names, |table| &table.names),
            _ => &pack.names,
        }
    }

    /// Whether it is a rollup's, and so is worked out before a decision begins.
    #[must_use]
    pub fn is_rollup(self) -> bool {
        matches!(self, At::RollupValue(_) | At::RollupCondition(_))
    }

    /// Whether only "is true" counts: missing is as good as false.
    #[must_use]
    pub fn is_condition(self) -> bool {
        !matches!(
            self,
            At::RollupValue(_)
                | At::Fact(_)
                | At::Criterion(_)
                | At::Priority
                | At::SendOn(_)
                | At::Cost(_)
                | At::Success(_)
                | At::Value(_)
                | At::Anyway(_)
                | At::Hours(_)
                | At::PlanAnyway
                | At::Basis(_)
                | At::ConsentOn(_)
                | At::Override(_)
                | At::Prevention("lost_on" | "revenue" | "margin" | "at_risk")
                | At::SecondLife(_)
                | At::Money
        )
    }

    /// What it belongs to: ``state rule `lost_silent` ``.
    #[must_use]
    pub fn owner(self, pack: &Pack) -> String {
        let named = |noun: &str, name: Option<&str>| format!("{noun} `{}`", name.unwrap_or_default());
        let campaign = |part: &str, i: usize| {
            let name = pack.campaigns.get(i).map(|c| c.name.as_str()).unwrap_or_default();
            format!("{part} of campaign `{name}`")
        };
        let channel = |part: &str, i: usize| {
            let name = pack.channels.get_index(i).map(|(name, _)| name.as_str());
            named(&format!("{part} of channel"), name)
        };
        match self {
            At::RollupValue(i) | At::RollupCondition(i) => {
                named("rollup", pack.rollups.get(i).map(|r| r.name.as_str()))
            }
            At::Fact(i) => named("fact", pack.facts.get(i).map(|f| f.name.as_str())),
            At::Suppress(i) => named("suppression", pack.suppress.get(i).map(|s| s.name.as_str())),
            At::Override(key) => format!("`{key}` of `[override]`"),
            At::State(i) => named("state rule", pack.states.get(i).map(|s| s.name.as_str())),
            At::Analysis => "`when` of the analysis".to_owned(),
            At::Evidence(i, _) => named("evidence of cause", pack.causes.list.get(i).map(|c| c.name.as_str())),
            At::Criterion(i) => named("criterion", pack.criteria.get(i).map(|c| c.name.as_str())),
            At::Priority => "the priority".to_owned(),
            At::Grade(i) => named("grade", pack.grades.get(i).map(|g| g.name.as_str())),
            At::Consent(i) => channel("consent", i),
            At::Basis(i) => channel("`basis`", i),
            At::ConsentOn(i) => channel("`consent_on`", i),
            At::When(i) => campaign("`when`", i),
            At::SendOn(i) => campaign("`send_on`", i),
            At::Cost(i) => campaign("`cost`", i),
            At::Success(i) => campaign("`success`", i),
            At::Value(i) => campaign("`value`", i),
            At::Anyway(i) => campaign("`anyway`", i),
            At::Hours(i) => campaign("`hours`", i),
            At::PlanAnyway => "`anyway` of `[plan]`".to_owned(),
            At::FollowUp(i) => named("follow-up", pack.followups.get(i).map(|f| f.name.as_str())),
            At::Prevention(key) => format!("`{key}` of `[prevention]`"),
            At::Warning(i) => {
                named("warning", pack.prevention.as_ref().and_then(|p| p.warnings.get(i)).map(|w| w.name.as_str()))
            }
            At::SecondLife(key) => format!("`{key}` of `[second_life]`"),
            At::Money => "the money".to_owned(),
            At::Limit(i) => match pack.planning.as_ref().and_then(|plan| plan.limits.get(i)) {
                Some(limit) => named(limit.kind.word(), Some(&limit.name)),
                None => named("limit", None),
            },
        }
    }
}

/// The expression of a key.
fn of<'p>(mut rules: impl Iterator<Item = (&'static str, &'p Rule)>, key: &str) -> Option<&'p Expr> {
    rules.find(|(known, _)| *known == key).map(|(_, rule)| &rule.expr)
}

/// A value in the tree of what was written: a table's key, or a list's place.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// A key.
    Key(&'a str),
    /// A place in a list, from 0.
    Item(usize),
}

/// Where a value is written; `None` if it is not.
#[must_use]
pub fn written(pack: &Pack, path: &[Step<'_>]) -> Option<Span> {
    let (Step::Key(first), rest) = path.split_first().map(|(first, rest)| (*first, rest))? else { return None };
    let mut node = &Table::get(&pack.tree, first)?.node;
    for step in rest {
        node = match (&node.value, step) {
            (Raw::Table(table), Step::Key(key)) => &table.get(key)?.node,
            (Raw::List(list), Step::Item(at)) => list.get(*at)?,
            _ => return None,
        };
    }
    Some(node.span)
}
