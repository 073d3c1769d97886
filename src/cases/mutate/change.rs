//! One change of a pack in memory, and what it does to a decision before anything is decided anew.

use serde::Serialize;

use crate::cases::coverage::asked;
use crate::cases::places::At;
use crate::diag::Span;
use crate::expr::{Expr, Kind, Slot, Type, Value, evaluate};
use crate::pack::{Method, MissingScore, Pack, Rule};
use crate::stage::Decision;

/// What kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MutantKind {
    /// `<` for `<=`, `>` for `>=`, and back.
    Boundary,
    /// A number in an expression, one step up or down.
    Constant,
    /// `==` for `!=`, `in` for `!in`, and back.
    Equality,
    /// `&&` for `||`, and back.
    Logic,
    /// `!` dropped.
    Negation,
    /// `true` for `false`, and back.
    Truth,
    /// The value of a parameter, one step up or down.
    Parameter,
    /// The weight of evidence, one up or down.
    Evidence,
    /// The weight of a criterion, doubled or halved.
    Weight,
    /// The bound or the score of a band, a point of a curve, an entry of a map, a score for what is missing.
    Score,
    /// `[analysis] minimum`, one up or down.
    Minimum,
    /// Two neighbours in a list where the first match decides, swapped.
    Order,
    /// A rule that never matches.
    Never,
}

impl MutantKind {
    /// All of them.
    pub const ALL: [MutantKind; 13] = [
        MutantKind::Boundary,
        MutantKind::Constant,
        MutantKind::Equality,
        MutantKind::Logic,
        MutantKind::Negation,
        MutantKind::Truth,
        MutantKind::Parameter,
        MutantKind::Evidence,
        MutantKind::Weight,
        MutantKind::Score,
        MutantKind::Minimum,
        MutantKind::Order,
        MutantKind::Never,
    ];

    /// As the head of a row.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            MutantKind::Boundary => "bounds: < or <=",
            MutantKind::Constant => "numbers in expressions",
            MutantKind::Equality => "== or !=, in or !in",
            MutantKind::Logic => "&& or ||",
            MutantKind::Negation => "! dropped",
            MutantKind::Truth => "true or false",
            MutantKind::Parameter => "parameters",
            MutantKind::Evidence => "weights of evidence",
            MutantKind::Weight => "weights of criteria",
            MutantKind::Score => "bands, curves, maps",
            MutantKind::Minimum => "least evidence",
            MutantKind::Order => "order of neighbours",
            MutantKind::Never => "rules taken away",
        }
    }
}

/// One change of a pack.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// What kind of change.
    pub kind: MutantKind,
    /// What is changed.
    pub span: Span,
    /// Another place at which a reason to survive may stand: the whole expression.
    pub whole: Span,
    /// What it belongs to: ``state rule `dormant` ``.
    pub owner: String,
    /// As it is.
    pub was: String,
    /// As it becomes.
    pub now: String,
    /// The change.
    pub(super) change: Change,
}

/// A list in which the first match decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ordered {
    Suppress,
    States,
    Grades,
}

/// What is changed. The numbers are those of the pack's lists.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// A node of an expression, numbered as [`Expr::walk`] visits them.
    Node(At, usize, Box<Expr>),
    Param(usize, Value),
    /// Cause, evidence, weight.
    Evidence(usize, usize, f64),
    Weight(usize, f64),
    /// Criterion, band.
    Below(usize, usize, f64),
    /// Criterion, and band, point or entry: its score.
    Score(usize, usize, f64),
    /// Criterion, point: its value.
    Point(usize, usize, f64),
    Otherwise(usize, f64),
    Missing(usize, f64),
    Minimum(f64),
    /// This one and the next.
    Swap(Ordered, usize),
    /// A rule that never matches.
    Never(At),
}

impl Change {
    /// Makes the change; false if the pack has no such place.
    pub(super) fn apply(&self, pack: &mut Pack) -> bool {
        self.try_apply(pack).is_some()
    }

    fn try_apply(&self, pack: &mut Pack) -> Option<()> {
        match self {
            Change::Node(at, node, new) => *node_mut(at.expr_mut(pack)?, *node)? = (**new).clone(),
            Change::Param(i, value) => pack.params.get_mut(*i)?.value = value.clone(),
            Change::Evidence(i, j, weight) => {
                pack.causes.list.get_mut(*i)?.evidence.get_mut(*j)?.weight = *weight;
            }
            Change::Weight(i, weight) => pack.criteria.get_mut(*i)?.weight = *weight,
            Change::Below(i, band, below) => match &mut pack.criteria.get_mut(*i)?.method {
                Method::Bands(_, bands) => bands.get_mut(*band)?.below = Some(*below),
                _ => return None,
            },
            Change::Score(i, part, score) => match &mut pack.criteria.get_mut(*i)?.method {
                Method::Bands(_, bands) => bands.get_mut(*part)?.score = *score,
                Method::Curve(_, points) => points.get_mut(*part)?.1 = *score,
                Method::Map(_, map, _) => map.get_mut(*part)?.1 = *score,
                _ => return None,
            },
            Change::Point(i, point, x) => match &mut pack.criteria.get_mut(*i)?.method {
                Method::Curve(_, points) => points.get_mut(*point)?.0 = *x,
                _ => return None,
            },
            Change::Otherwise(i, score) => match &mut pack.criteria.get_mut(*i)?.method {
                Method::Map(_, _, otherwise) => *otherwise = Some(*score),
                _ => return None,
            },
            Change::Missing(i, score) => pack.criteria.get_mut(*i)?.missing = MissingScore::Score(*score),
            Change::Minimum(minimum) => pack.causes.minimum = *minimum,
            Change::Swap(list, i) => match list {
                Ordered::Suppress => swap(&mut pack.suppress, *i)?,
                Ordered::States => swap(&mut pack.states, *i)?,
                Ordered::Grades => swap(&mut pack.grades, *i)?,
            },
            Change::Never(at) => never(pack, *at)?,
        }
        Some(())
    }

    /// Whether the record itself, its rollups, may come out otherwise.
    pub(super) fn changes_record(&self, pack: &Pack) -> bool {
        match self {
            Change::Node(at, ..) => at.is_rollup(),
            Change::Param(i, _) => {
                let Some(name) = pack.params.get(*i).map(|param| param.name.as_str()) else { return false };
                let reads = |at: At| {
                    let expr = at.expr(pack)?;
                    let slot: Slot = at.names(pack).find(name)?;
                    Some(expr.slots().contains(&slot))
                };
                (0..pack.rollups.len())
                    .flat_map(|i| [At::RollupValue(i), At::RollupCondition(i)])
                    .any(|at| reads(at) == Some(true))
            }
            _ => false,
        }
    }

    /// Whether a decision may come out otherwise; what is answered with no is certain. `changed` is `pack` with the change made.
    pub(super) fn concerns(&self, pack: &Pack, changed: &Pack, decision: &Decision) -> bool {
        let kept = decision.suppressed.is_none();
        let criterion = |i: usize| decision.criteria.get(i);
        match self {
            Change::Node(at, ..) => {
                if !asked(pack, decision, *at) {
                    return false;
                }
                let value = |pack: &Pack| {
                    at.expr(pack).map(|expr| {
                        let value = evaluate(expr, &decision.values, &pack.scripts);
                        if at.is_condition() { Value::Bool(value == Value::Bool(true)) } else { value }
                    })
                };
                value(pack) != value(changed)
            }
            Change::Param(..) => true,
            Change::Evidence(i, j, _) => decision.cause.evidence.get(*i).and_then(|found| found.get(*j)) == Some(&true),
            Change::Weight(i, _) => criterion(*i).is_some_and(|c| c.score.is_some()),
            Change::Missing(i, _) => criterion(*i).is_some_and(|c| c.scored.is_none()),
            Change::Below(i, ..) | Change::Score(i, ..) | Change::Point(i, ..) | Change::Otherwise(i, _) => {
                criterion(*i).is_some_and(|c| !c.value.is_missing())
            }
            Change::Minimum(_) => decision.cause.analysed,
            Change::Swap(Ordered::Suppress, i) => decision.suppressed == Some(*i),
            Change::Swap(Ordered::States, i) => kept && decision.state == Some(*i),
            Change::Swap(Ordered::Grades, i) => kept && decision.grade == Some(*i),
            Change::Never(At::State(i)) => kept && decision.state == Some(*i),
            Change::Never(At::Grade(i)) => kept && decision.grade == Some(*i),
            Change::Never(_) => kept,
        }
    }
}

fn swap<T>(list: &mut [T], i: usize) -> Option<()> {
    (i + 1 < list.len()).then(|| list.swap(i, i + 1))
}

fn never(pack: &mut Pack, at: At) -> Option<()> {
    let (when, span) = match at {
        At::State(i) => pack.states.get_mut(i).map(|s| (&mut s.when, s.span))?,
        At::Grade(i) => pack.grades.get_mut(i).map(|g| (&mut g.when, g.span))?,
        At::When(i) => pack.campaigns.get_mut(i).map(|c| (&mut c.when, c.span))?,
        _ => return None,
    };
    let expr = Expr { kind: Kind::Const(Value::Bool(false)), ty: Type::Bool, span };
    *when = Some(Rule { expr, text: "false".to_owned(), span });
    Some(())
}

/// A node of an expression, numbered as [`Expr::walk`] visits them.
fn node_mut(expr: &mut Expr, node: usize) -> Option<&mut Expr> {
    fn find<'a>(expr: &'a mut Expr, left: &mut usize) -> Option<&'a mut Expr> {
        if *left == 0 {
            return Some(expr);
        }
        *left -= 1;
        below(expr).into_iter().find_map(|part| find(part, left))
    }
    let mut left = node;
    find(expr, &mut left)
}

/// The expressions directly below one, in the order of [`crate::expr::eval::parts`].
fn below(expr: &mut Expr) -> Vec<&mut Expr> {
    match &mut expr.kind {
        Kind::Const(_) | Kind::Slot(_) => Vec::new(),
        Kind::Neg(x) | Kind::Not(x) | Kind::IsMissing { item: x, .. } => vec![x],
        Kind::Arith(_, a, b) | Kind::Compare(_, a, b) => vec![a, b],
        Kind::And(list) | Kind::Or(list) | Kind::Coalesce(list) | Kind::Call(_, list) | Kind::Script(_, list) => {
            list.iter_mut().collect()
        }
        Kind::In { item, list, .. } => std::iter::once(&mut **item).chain(list).collect(),
        Kind::If { branches, otherwise } => {
            branches.iter_mut().flat_map(|(condition, then)| [condition, then]).chain([&mut **otherwise]).collect()
        }
        Kind::Switch { item, arms, otherwise } => std::iter::once(&mut **item)
            .chain(arms.iter_mut().map(|(_, then)| then))
            .chain([&mut **otherwise])
            .collect(),
    }
}
