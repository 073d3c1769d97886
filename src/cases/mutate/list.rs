//! All changes of a pack, one at a time, and an even choice among them.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::change::{Change, Mutant, MutantKind, Ordered};
use crate::cases::coverage::one_line;
use crate::cases::places::{At, Step, written};
use crate::diag::{FileId, Span};
use crate::explain::show;
use crate::expr::{Compare, Expr, Kind, Slot, Value};
use crate::pack::{Method, MissingScore, Pack};

/// Every change, in the order of the pack's sections; only those of the pack's own files unless `all`.
#[must_use]
pub fn mutants(pack: &Pack, all: bool) -> Vec<Mutant> {
    let mut list = List { pack, found: Vec::new() };
    for at in At::all(pack) {
        list.expression(at);
    }
    list.params();
    list.causes();
    list.criteria();
    list.order();
    list.never();
    list.found.retain(|mutant| (all || pack.is_own(mutant.span)) && mutant.was != mutant.now);
    list.found
}

/// At most `limit` of them, spread evenly over kinds and files, in their order. The same for the same list.
#[must_use]
pub fn choose(mutants: Vec<Mutant>, limit: usize) -> Vec<Mutant> {
    if mutants.len() <= limit {
        return mutants;
    }
    let mut groups: IndexMap<(MutantKind, FileId), Vec<usize>> = IndexMap::new();
    for (i, mutant) in mutants.iter().enumerate() {
        groups.entry((mutant.kind, mutant.span.file)).or_default().push(i);
    }
    // Small groups are taken whole, what they leave goes to the larger ones.
    let mut sizes: Vec<(usize, (MutantKind, FileId))> = groups.iter().map(|(key, list)| (list.len(), *key)).collect();
    sizes.sort();
    let mut left = limit;
    let mut chosen: Vec<usize> = Vec::new();
    for (done, (size, key)) in sizes.iter().enumerate() {
        let share = (left / (sizes.len() - done)).min(*size);
        left -= share;
        if let Some(list) = groups.get(key) {
            chosen.extend((0..share).filter_map(|i| list.get(i * size / share.max(1))));
        }
    }
    chosen.sort_unstable();
    let mut keep = chosen.into_iter().peekable();
    mutants.into_iter().enumerate().filter(|(i, _)| keep.next_if_eq(i).is_some()).map(|(_, mutant)| mutant).collect()
}

struct List<'a> {
    pack: &'a Pack,
    found: Vec<Mutant>,
}

impl List<'_> {
    fn add(&mut self, kind: MutantKind, span: Span, owner: &str, was: String, now: String, change: Change) {
        self.found.push(Mutant { kind, span, whole: span, owner: owner.to_owned(), was, now, change });
    }

    /// The changes within one expression.
    fn expression(&mut self, at: At) {
        let pack = self.pack;
        let Some(root) = at.expr(pack) else { return };
        let owner = at.owner(pack);
        let names = at.names(pack);
        let text = |expr: &Expr| one_line(&show(expr, names));
        let mut nodes: Vec<(&Expr, Option<usize>)> = Vec::new();
        parents(root, None, &mut nodes);
        for (i, (node, parent)) in nodes.iter().enumerate() {
            for (kind, changed) in changes(node) {
                let new = Expr { kind: changed, ty: node.ty, span: node.span };
                // A number alone says little: it is shown with what it is compared with or added to.
                let around = parent.and_then(|p| nodes.get(p)).map(|(expr, _)| *expr);
                let shown = around.filter(|_| matches!(node.kind, Kind::Const(_))).unwrap_or(node);
                let was = text(shown);
                let mut after = shown.clone();
                let now = if std::ptr::eq(shown, *node) {
                    text(&new)
                } else {
                    replace(&mut after, node, &new);
                    text(&after)
                };
                self.found.push(Mutant {
                    kind,
                    span: if node.span == root.span { shown.span } else { node.span },
                    whole: root.span,
                    owner: owner.clone(),
                    was,
                    now,
                    change: Change::Node(at, i, Box::new(new)),
                });
            }
        }
        // A rule that is taken away: its condition is never true, or it says nothing.
        let away = match at {
            At::Suppress(_) | At::State(_) | At::Evidence(..) | At::Grade(_) | At::When(_) => Value::Bool(false),
            At::FollowUp(_) | At::Warning(_) | At::Limit(_) => Value::Bool(false),
            At::Override(_) => Value::Missing,
            _ => return,
        };
        if root.kind != Kind::Const(away.clone()) {
            let new = Expr { kind: Kind::Const(away), ty: root.ty, span: root.span };
            let now = text(&new);
            let change = Change::Node(at, 0, Box::new(new));
            self.add(MutantKind::Never, root.span, &owner, text(root), now, change);
        }
    }

    fn params(&mut self) {
        // What only plans read, such as a cooldown, no decision about a customer can show.
        let places = At::all(self.pack);
        let read: HashSet<Slot> = places.iter().filter_map(|at| at.expr(self.pack)).flat_map(Expr::slots).collect();
        for (i, param) in self.pack.params.iter().enumerate().filter(|(_, param)| read.contains(&param.slot)) {
            let values: Vec<Value> = match &param.value {
                Value::Number(x) => steps(*x)
                    .into_iter()
                    .filter(|x| param.min.is_none_or(|min| *x >= min) && param.max.is_none_or(|max| *x <= max))
                    .map(Value::number)
                    .collect(),
                Value::Bool(b) => vec![Value::Bool(!b)],
                Value::Date(day) => [-1, 1]
                    .into_iter()
                    .filter_map(|n| crate::expr::Date::from_days(i64::from(day.days()) + n))
                    .map(Value::Date)
                    .collect(),
                Value::Text(_) | Value::Missing => Vec::new(),
            };
            let owner = format!("parameter `{}`", param.name);
            let shown = |value: &Value| format!("{} = {}", param.name, value.literal());
            for value in values {
                let (was, now) = (shown(&param.value), shown(&value));
                self.add(MutantKind::Parameter, param.span, &owner, was, now, Change::Param(i, value));
            }
        }
    }

    fn causes(&mut self) {
        let causes = &self.pack.causes;
        for (i, cause) in causes.list.iter().enumerate() {
            let owner = format!("evidence of cause `{}`", cause.name);
            for (j, evidence) in cause.evidence.iter().enumerate() {
                let line = [Step::Key("causes"), Step::Item(i), Step::Key("evidence"), Step::Item(j)];
                let place = [line.as_slice(), &[Step::Key("weight")]].concat();
                let span = written(self.pack, &place).or_else(|| written(self.pack, &line));
                for weight in steps(evidence.weight).into_iter().filter(|weight| *weight > 0.0) {
                    let (was, now) = (format!("weight = {}", evidence.weight), format!("weight = {weight}"));
                    let span = span.unwrap_or(evidence.when.span);
                    self.add(MutantKind::Evidence, span, &owner, was, now, Change::Evidence(i, j, weight));
                }
            }
        }
        if let (Some(span), false) =
            (written(self.pack, &[Step::Key("analysis"), Step::Key("minimum")]), causes.list.is_empty())
        {
            for minimum in steps(causes.minimum).into_iter().filter(|minimum| *minimum >= 0.0) {
                let (was, now) = (format!("minimum = {}", causes.minimum), format!("minimum = {minimum}"));
                self.add(MutantKind::Minimum, span, "the analysis", was, now, Change::Minimum(minimum));
            }
        }
    }

    fn criteria(&mut self) {
        for (i, criterion) in self.pack.criteria.iter().enumerate() {
            let owner = format!("criterion `{}`", criterion.name);
            let place = |rest: &[Step<'_>]| {
                let path = [&[Step::Key("criteria"), Step::Key(&criterion.name)], rest].concat();
                written(self.pack, &path)
            };
            let mut found: Vec<(MutantKind, Span, String, String, Change)> = Vec::new();
            let alone = self.pack.criteria.iter().filter(|c| c.dimension == criterion.dimension).count() < 2;
            // The weight of the only one in its dimension makes no difference.
            if !alone {
                let span = place(&[Step::Key("weight")]).unwrap_or(criterion.span);
                for weight in [criterion.weight * 2.0, criterion.weight * 0.5] {
                    let (was, now) = (format!("weight = {}", criterion.weight), format!("weight = {weight}"));
                    found.push((MutantKind::Weight, span, was, now, Change::Weight(i, weight)));
                }
            }
            let mut score =
                |span: Option<Span>, what: &str, x: f64, change: &dyn Fn(f64) -> Change, fits: &dyn Fn(f64) -> bool| {
                    let span = span.unwrap_or(criterion.span);
                    for new in steps(x).into_iter().filter(|new| fits(*new)) {
                        let (was, now) = (format!("{what} = {x}"), format!("{what} = {new}"));
                        found.push((MutantKind::Score, span, was, now, change(new)));
                    }
                };
            let in_range = |x: f64| (0.0..=10.0).contains(&x);
            match &criterion.method {
                Method::Bands(_, bands) => {
                    for (k, band) in bands.iter().enumerate() {
                        let at = |key| place(&[Step::Key("bands"), Step::Item(k), Step::Key(key)]);
                        if let Some(below) = band.below {
                            let before = k.checked_sub(1).and_then(|k| bands.get(k)).and_then(|band| band.below);
                            let after = bands.get(k + 1).and_then(|band| band.below);
                            let fits = |x: f64| before.is_none_or(|b| b < x) && after.is_none_or(|a| x < a);
                            score(at("below"), "below", below, &|x| Change::Below(i, k, x), &fits);
                        }
                        score(at("score"), "score", band.score, &|x| Change::Score(i, k, x), &in_range);
                    }
                }
                Method::Curve(_, points) => {
                    for (k, (x, y)) in points.iter().enumerate() {
                        let at = |part| place(&[Step::Key("curve"), Step::Item(k), Step::Item(part)]);
                        let before = k.checked_sub(1).and_then(|k| points.get(k)).map(|(x, _)| *x);
                        let after = points.get(k + 1).map(|(x, _)| *x);
                        let fits = |x: f64| before.is_none_or(|b| b < x) && after.is_none_or(|a| x < a);
                        score(at(0), "point", *x, &|x| Change::Point(i, k, x), &fits);
                        score(at(1), "score", *y, &|y| Change::Score(i, k, y), &in_range);
                    }
                }
                Method::Map(_, map, otherwise) => {
                    for (k, (text, y)) in map.iter().enumerate() {
                        let span = place(&[Step::Key("map"), Step::Key(text)]);
                        score(span, text, *y, &|y| Change::Score(i, k, y), &in_range);
                    }
                    if let Some(y) = otherwise {
                        let span = place(&[Step::Key("otherwise")]);
                        score(span, "otherwise", *y, &|y| Change::Otherwise(i, y), &in_range);
                    }
                }
                Method::Score(_) | Method::Rank(..) => {}
            }
            if let MissingScore::Score(y) = criterion.missing {
                let span = place(&[Step::Key("missing")]);
                score(span, "missing", y, &|y| Change::Missing(i, y), &in_range);
            }
            for (kind, span, was, now, change) in found {
                self.add(kind, span, &owner, was, now, change);
            }
        }
    }

    /// Neighbours swapped where the first match decides. The last rule, which always matches, stays the last.
    fn order(&mut self) {
        let pack = self.pack;
        let suppress = pack.suppress.iter().map(|s| (s.name.as_str(), s.span, Some(&s.when)));
        let states = pack.states.iter().map(|s| (s.name.as_str(), s.span, s.when.as_ref()));
        let grades = pack.grades.iter().map(|g| (g.name.as_str(), g.span, g.when.as_ref()));
        let lists = [
            (Ordered::Suppress, "suppressions", suppress.collect::<Vec<_>>()),
            (Ordered::States, "state rules", states.collect()),
            (Ordered::Grades, "grades", grades.collect()),
        ];
        for (list, noun, rules) in lists {
            for (i, pair) in rules.windows(2).enumerate() {
                let [(first, _, Some(a)), (second, span, Some(b))] = pair else { continue };
                if a.expr.kind == b.expr.kind || exclude(&a.expr, &b.expr) {
                    continue;
                }
                let owner = format!("order of {noun}");
                let (was, now) = (format!("{first}, {second}"), format!("{second}, {first}"));
                self.add(MutantKind::Order, *span, &owner, was, now, Change::Swap(list, i));
            }
        }
    }

    /// Rules without a condition, taken away.
    fn never(&mut self) {
        let pack = self.pack;
        let states = pack.states.iter().enumerate().filter(|(_, s)| s.when.is_none());
        let states = states.map(|(i, s)| (At::State(i), s.span));
        let grades = pack.grades.iter().enumerate().filter(|(_, g)| g.when.is_none());
        let grades = grades.map(|(i, g)| (At::Grade(i), g.span));
        let campaigns = pack.campaigns.iter().enumerate().filter(|(_, c)| c.when.is_none());
        let campaigns = campaigns.map(|(i, c)| (At::When(i), c.span));
        for (at, span) in states.chain(grades).chain(campaigns) {
            let owner = at.owner(pack).trim_start_matches("`when` of ").to_owned();
            let (was, now) = ("always".to_owned(), "never".to_owned());
            self.add(MutantKind::Never, span, &owner, was, now, Change::Never(at));
        }
    }
}

/// Every node and the number of its parent, numbered as [`Expr::walk`] visits them.
fn parents<'a>(expr: &'a Expr, parent: Option<usize>, found: &mut Vec<(&'a Expr, Option<usize>)>) {
    let own = found.len();
    found.push((expr, parent));
    for part in crate::expr::eval::parts(expr) {
        parents(part, Some(own), found);
    }
}

/// Puts `new` in the place of `old`, which is a part of what `copy` is a copy of: found by its place in the text.
fn replace(copy: &mut Expr, old: &Expr, new: &Expr) {
    match &mut copy.kind {
        Kind::Arith(_, a, b) | Kind::Compare(_, a, b) => {
            for side in [a, b] {
                if **side == *old {
                    **side = new.clone();
                    return;
                }
            }
        }
        Kind::Neg(x) | Kind::Not(x) | Kind::IsMissing { item: x, .. } => **x = new.clone(),
        Kind::And(list) | Kind::Or(list) | Kind::Coalesce(list) | Kind::Call(_, list) | Kind::Script(_, list) => {
            if let Some(part) = list.iter_mut().find(|part| *part == old) {
                *part = new.clone();
            }
        }
        Kind::In { list, .. } => {
            if let Some(part) = list.iter_mut().find(|part| *part == old) {
                *part = new.clone();
            }
        }
        Kind::If { branches, otherwise } => {
            let parts = branches.iter_mut().flat_map(|(condition, then)| [condition, then]).chain([&mut **otherwise]);
            if let Some(part) = parts.into_iter().find(|part| **part == *old) {
                *part = new.clone();
            }
        }
        Kind::Switch { arms, otherwise, .. } => {
            let parts = arms.iter_mut().map(|(_, then)| then).chain([&mut **otherwise]);
            if let Some(part) = parts.into_iter().find(|part| **part == *old) {
                *part = new.clone();
            }
        }
        Kind::Const(_) | Kind::Slot(_) => {}
    }
}

/// The changes of one node.
fn changes(expr: &Expr) -> Vec<(MutantKind, Kind)> {
    match &expr.kind {
        Kind::Compare(op, a, b) => {
            let (kind, other) = match op {
                Compare::Lt => (MutantKind::Boundary, Compare::Le),
                Compare::Le => (MutantKind::Boundary, Compare::Lt),
                Compare::Gt => (MutantKind::Boundary, Compare::Ge),
                Compare::Ge => (MutantKind::Boundary, Compare::Gt),
                Compare::Eq => (MutantKind::Equality, Compare::Ne),
                Compare::Ne => (MutantKind::Equality, Compare::Eq),
            };
            vec![(kind, Kind::Compare(other, a.clone(), b.clone()))]
        }
        Kind::IsMissing { item, missing } => {
            vec![(MutantKind::Equality, Kind::IsMissing { item: item.clone(), missing: !missing })]
        }
        Kind::In { item, list, negated } => {
            vec![(MutantKind::Equality, Kind::In { item: item.clone(), list: list.clone(), negated: !negated })]
        }
        Kind::And(list) => vec![(MutantKind::Logic, Kind::Or(list.clone()))],
        Kind::Or(list) => vec![(MutantKind::Logic, Kind::And(list.clone()))],
        Kind::Not(x) => vec![(MutantKind::Negation, x.kind.clone())],
        Kind::Const(Value::Bool(b)) => vec![(MutantKind::Truth, Kind::Const(Value::Bool(!b)))],
        Kind::Const(Value::Number(x)) => {
            steps(*x).into_iter().map(|x| (MutantKind::Constant, Kind::Const(Value::number(x)))).collect()
        }
        _ => Vec::new(),
    }
}

/// One step down and one up: by 1 for whole numbers, by a tenth for others.
fn steps(x: f64) -> Vec<f64> {
    let step = if x.fract() == 0.0 { 1.0 } else { x.abs() * 0.1 };
    [x - step, x + step].into_iter().map(tidy).filter(|new| *new != x && new.is_finite()).collect()
}

/// Without the dust of binary fractions.
pub(super) fn tidy(x: f64) -> f64 {
    let text = format!("{x:.9e}");
    text.parse::<f64>().map_or(x, |x| x + 0.0)
}

/// Whether two conditions cannot hold together for a reason that is plain to see: the same name equals two different constants, or
/// one asks for what the other rules out.
fn exclude(a: &Expr, b: &Expr) -> bool {
    let (a, b) = (clauses(a), clauses(b));
    a.iter().any(|x| b.iter().any(|y| contradict(x, y) || contradict(y, x)))
}

fn clauses(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        Kind::And(list) => list.iter().flat_map(clauses).collect(),
        _ => vec![expr],
    }
}

fn contradict(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Not(x), other) => x.kind == *other,
        (Kind::IsMissing { item: x, missing: m }, Kind::IsMissing { item: y, missing: n }) => {
            x.kind == y.kind && m != n
        }
        (Kind::Compare(Compare::Eq, x, v), Kind::Compare(Compare::Eq, y, w)) => {
            x.kind == y.kind && matches!((&v.kind, &w.kind), (Kind::Const(v), Kind::Const(w)) if v != w)
        }
        _ => false,
    }
}
