//! What a change depends on: the comparisons whose bound it moves, and the columns and rollups behind them.

use std::collections::HashMap;

use super::change::{Change, Ordered};
use crate::cases::places::At;
use crate::expr::eval::parts;
use crate::expr::{Expr, Kind, NameKind, Slot, Type, Value};
use crate::pack::{Method, Pack};

/// A comparison to come close to: both sides equal.
#[derive(Debug)]
pub(super) struct Aim {
    pub left: Expr,
    pub right: Expr,
    /// How far the change moves the bound, if it does.
    pub step: Option<f64>,
    /// Columns and rollups that its sides depend on.
    pub slots: Vec<Slot>,
}

/// What to aim at.
#[derive(Debug, Default)]
pub(super) struct Aims {
    pub list: Vec<Aim>,
    /// Columns and rollups that what is changed depends on.
    pub slots: Vec<Slot>,
    /// And those of what must hold for it to be asked at all.
    pub wider: Vec<Slot>,
}

impl Aims {
    /// `None` for a change within a rollup: a customer that shows it needs events, not values.
    pub(super) fn of(pack: &Pack, change: &Change) -> Option<Aims> {
        let behind = Behind::new(pack);
        let mut aims = Aims::default();
        let mut places: Vec<At> = Vec::new();
        match change {
            Change::Node(at, node, new) => {
                if at.is_rollup() {
                    return None;
                }
                let root = at.expr(pack)?;
                let mut path = Vec::new();
                path_to(root, &mut { *node }, &mut path);
                let old = path.last().copied();
                let step = match (old.map(|old| &old.kind), &new.kind) {
                    (Some(Kind::Const(Value::Number(a))), Kind::Const(Value::Number(b))) => Some(b - a),
                    _ => None,
                };
                let around = path.iter().rev().find_map(|expr| match &expr.kind {
                    Kind::Compare(_, left, right) => Some((left, right)),
                    _ => None,
                });
                if let Some((left, right)) = around {
                    aims.add(&behind, left, right, step);
                }
                places.push(*at);
            }
            Change::Never(at) => places.push(*at),
            Change::Param(i, new) => {
                let param = pack.params.get(*i)?;
                let step = match (&param.value, new) {
                    (Value::Number(a), Value::Number(b)) => Some(b - a),
                    _ => None,
                };
                let reads = |slot: &Slot| *slot == param.slot || behind.all(*slot).contains(&param.slot);
                for at in At::all(pack).into_iter().filter(|at| !at.is_rollup()) {
                    let Some(root) = at.expr(pack) else { continue };
                    if root.slots().iter().any(reads) {
                        root.walk(&mut |expr| {
                            if let Kind::Compare(_, left, right) = &expr.kind
                                && expr.slots().iter().any(reads)
                            {
                                aims.add(&behind, left, right, step);
                            }
                        });
                        places.push(at);
                    }
                }
            }
            Change::Evidence(i, j, _) => {
                places.push(At::Evidence(*i, *j));
                let others = pack.causes.list.iter().enumerate();
                let others = others.flat_map(|(i, cause)| (0..cause.evidence.len()).map(move |j| At::Evidence(i, j)));
                aims.wider.extend(others.flat_map(|at| behind.of(pack, at)));
            }
            Change::Weight(i, _) | Change::Missing(i, _) | Change::Otherwise(i, _) => places.push(At::Criterion(*i)),
            Change::Below(i, k, new) => {
                let criterion = pack.criteria.get(*i)?;
                if let Method::Bands(rule, bands) = &criterion.method
                    && let Some(below) = bands.get(*k).and_then(|band| band.below)
                {
                    aims.add(&behind, &rule.expr, &number(below, &rule.expr), Some(new - below));
                }
                places.push(At::Criterion(*i));
            }
            Change::Score(i, k, _) | Change::Point(i, k, _) => {
                let criterion = pack.criteria.get(*i)?;
                let rule = criterion.method.rule();
                let at = match &criterion.method {
                    Method::Bands(_, bands) => match k.checked_sub(1) {
                        Some(before) => bands.get(before).and_then(|band| band.below),
                        None => bands.first().and_then(|band| band.below).map(|below| below - 1.0),
                    },
                    Method::Curve(_, points) => points.get(*k).map(|(x, _)| *x),
                    _ => None,
                };
                if let Some(at) = at {
                    aims.add(&behind, &rule.expr, &number(at, &rule.expr), None);
                }
                places.push(At::Criterion(*i));
            }
            Change::Minimum(_) => {
                let causes = pack.causes.list.iter().enumerate();
                places.extend(causes.flat_map(|(i, cause)| (0..cause.evidence.len()).map(move |j| At::Evidence(i, j))));
            }
            Change::Swap(list, i) => {
                let at: fn(usize) -> At = match list {
                    Ordered::Suppress => At::Suppress,
                    Ordered::States => At::State,
                    Ordered::Grades => At::Grade,
                };
                places.extend([at(*i), at(*i + 1)]);
            }
        }
        for at in &places {
            if let Some(root) = at.expr(pack)
                && !matches!(change, Change::Param(..))
            {
                root.walk(&mut |expr| {
                    if let Kind::Compare(_, left, right) = &expr.kind {
                        aims.add(&behind, left, right, None);
                    }
                });
            }
            push_all(&mut aims.slots, behind.of(pack, *at));
        }
        aims.wider.extend(aims.slots.iter().copied());
        // What comes before it decides whether it is asked: who is suppressed, in which state, on which track.
        let before = At::all(pack).into_iter().filter(|at| {
            let first = places.first();
            matches!(at, At::State(_) | At::Analysis)
                || first.is_some_and(|first| at.owner(pack) == first.owner(pack))
                || matches!(
                    (at, first),
                    (
                        At::Consent(_) | At::When(_) | At::Override("campaign"),
                        Some(
                            At::When(_)
                                | At::Consent(_)
                                | At::Cost(_)
                                | At::Success(_)
                                | At::Value(_)
                                | At::SendOn(_)
                                | At::Anyway(_)
                                | At::Hours(_)
                                | At::PlanAnyway
                                | At::Basis(_)
                                | At::ConsentOn(_)
                                | At::Limit(_)
                        )
                    )
                )
                || matches!(
                    (at, first),
                    (At::Grade(_) | At::Criterion(_), Some(At::Grade(_) | At::Criterion(_) | At::Priority))
                )
        });
        for at in before {
            aims.wider.extend(behind.of(pack, at));
        }
        aims.wider.sort_unstable();
        aims.wider.dedup();
        Some(aims)
    }

    fn add(&mut self, behind: &Behind<'_>, left: &Expr, right: &Expr, step: Option<f64>) {
        if !matches!(left.ty, Type::Number | Type::Date) || self.list.len() >= 24 {
            return;
        }
        if self.list.iter().any(|aim| aim.left == *left && aim.right == *right) {
            return;
        }
        let mut slots = Vec::new();
        for side in [left, right] {
            push_all(&mut slots, behind.record(side));
        }
        self.list.push(Aim { left: left.clone(), right: right.clone(), step, slots });
    }
}

fn push_all(list: &mut Vec<Slot>, more: Vec<Slot>) {
    for slot in more {
        if !list.contains(&slot) {
            list.push(slot);
        }
    }
}

fn number(x: f64, like: &Expr) -> Expr {
    Expr { kind: Kind::Const(Value::number(x)), ty: Type::Number, span: like.span }
}

/// The nodes from the whole expression down to one, numbered as [`Expr::walk`] visits them.
fn path_to<'a>(expr: &'a Expr, left: &mut usize, path: &mut Vec<&'a Expr>) -> bool {
    path.push(expr);
    if *left == 0 {
        return true;
    }
    *left -= 1;
    if parts(expr).into_iter().any(|part| path_to(part, left, path)) {
        return true;
    }
    path.pop();
    false
}

/// What stands behind each name.
pub(super) struct Behind<'a> {
    pack: &'a Pack,
    known: HashMap<Slot, Vec<Slot>>,
}

impl<'a> Behind<'a> {
    pub(super) fn new(pack: &'a Pack) -> Self {
        let mut behind = Behind { pack, known: HashMap::new() };
        for fact in &pack.facts {
            behind.learn(fact.slot, &[&fact.expr]);
        }
        let exprs = |list: &[At]| list.iter().filter_map(|at| at.expr(pack)).collect::<Vec<&Expr>>();
        let told = exprs(&["grade", "cause"].map(At::Override));
        let states = exprs(&(0..pack.states.len()).map(At::State).collect::<Vec<_>>());
        for slot in [pack.decided.state, pack.decided.track] {
            behind.learn(slot, &states);
        }
        let evidence = pack.causes.list.iter().flat_map(|cause| cause.evidence.iter().map(|e| &e.when.expr));
        let evidence = evidence.chain(pack.causes.when.as_ref().map(|when| &when.expr));
        let evidence: Vec<&Expr> = evidence.chain(told.iter().copied()).collect();
        for slot in [pack.decided.cause, pack.decided.class, pack.decided.confidence] {
            behind.learn(slot, &evidence);
        }
        for criterion in &pack.criteria {
            behind.learn(criterion.slot, &[&criterion.method.rule().expr]);
        }
        for (i, dimension) in pack.dimensions.iter().enumerate() {
            let of = pack.criteria.iter().filter(|c| c.dimension == i).map(|c| &c.method.rule().expr);
            behind.learn(dimension.slot, &of.collect::<Vec<_>>());
        }
        let priority = match &pack.priority.rule {
            Some(rule) => vec![&rule.expr],
            None => pack.criteria.iter().map(|c| &c.method.rule().expr).collect(),
        };
        behind.learn(pack.priority.slot, &priority);
        let grades = exprs(&(0..pack.grades.len()).map(At::Grade).collect::<Vec<_>>());
        behind.learn(pack.decided.grade, &[grades, told].concat());
        behind
    }

    fn learn(&mut self, slot: Slot, from: &[&Expr]) {
        let mut list = Vec::new();
        for read in from.iter().flat_map(|expr| expr.slots()) {
            push_all(&mut list, vec![read]);
            push_all(&mut list, self.known.get(&read).cloned().unwrap_or_default());
        }
        self.known.insert(slot, list);
    }

    /// Every name behind one.
    fn all(&self, slot: Slot) -> &[Slot] {
        self.known.get(&slot).map_or(&[], Vec::as_slice)
    }

    /// Columns and rollups behind an expression, the nearest first.
    pub(super) fn record(&self, expr: &Expr) -> Vec<Slot> {
        let mut found = Vec::new();
        for slot in expr.slots() {
            push_all(&mut found, vec![slot]);
            push_all(&mut found, self.all(slot).to_vec());
        }
        found.retain(|slot| matches!(self.pack.names.get(*slot).kind, NameKind::Column | NameKind::Rollup));
        found
    }

    fn of(&self, pack: &Pack, at: At) -> Vec<Slot> {
        at.expr(pack).map(|expr| self.record(expr)).unwrap_or_default()
    }
}
