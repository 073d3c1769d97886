//! What there is to reach in a pack, and where it is written.

use std::collections::HashMap;

use serde::Serialize;

use super::trace::branches;
use crate::cases::places::{At, Step, written};
use crate::check::logic::{Answer, Solver};
use crate::diag::{FileId, Span};
use crate::expr::{Expr, Func, Kind, NameKind, Slot, Value};
use crate::pack::{Criterion, Human, Method, MissingScore, Pack, Rule};

/// What kind of thing can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A suppression: it matched.
    Suppression,
    /// A key of `[override]`: somebody was decided otherwise by it.
    Override,
    /// A rule of `[[states]]`: it matched.
    State,
    /// A line of evidence: it was true.
    Evidence,
    /// A cause: it won.
    Cause,
    /// A band, an entry of a map, a piece of a curve: a value fell into it. A criterion scored otherwise: it had a value.
    Score,
    /// A criterion whose value was missing.
    Missing,
    /// A grade: it matched.
    Grade,
    /// A campaign: somebody was a candidate for it.
    Campaign,
    /// A follow-up: it was due.
    Followup,
    /// An early warning: it was there.
    Warning,
    /// A condition: seen true, or seen not true.
    Condition,
    /// A branch of an expression: it was taken.
    Branch,
    /// A line of a script: a call went through it.
    Line,
}

impl ItemKind {
    /// All of them, rules first.
    pub const ALL: [ItemKind; 14] = [
        ItemKind::Suppression,
        ItemKind::Override,
        ItemKind::State,
        ItemKind::Evidence,
        ItemKind::Cause,
        ItemKind::Score,
        ItemKind::Missing,
        ItemKind::Grade,
        ItemKind::Campaign,
        ItemKind::Followup,
        ItemKind::Warning,
        ItemKind::Condition,
        ItemKind::Branch,
        ItemKind::Line,
    ];

    /// As the head of a row.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            ItemKind::Suppression => "suppressions",
            ItemKind::Override => "people's decisions",
            ItemKind::State => "state rules",
            ItemKind::Evidence => "evidence",
            ItemKind::Cause => "causes",
            ItemKind::Score => "bands, maps, curves",
            ItemKind::Missing => "missing values",
            ItemKind::Grade => "grades",
            ItemKind::Campaign => "campaigns",
            ItemKind::Followup => "follow-ups",
            ItemKind::Warning => "warnings",
            ItemKind::Condition => "conditions",
            ItemKind::Branch => "branches",
            ItemKind::Line => "script lines",
        }
    }

    /// Whether it is a rule of the pack, and not a detail of how one is written.
    #[must_use]
    pub fn is_rule(self) -> bool {
        !matches!(self, ItemKind::Condition | ItemKind::Branch | ItemKind::Line)
    }
}

/// One thing to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What kind of thing.
    pub kind: ItemKind,
    /// Where it is written.
    pub span: Span,
    /// What it is: ``state rule `lost_silent` ``.
    pub what: String,
    /// What it means that nobody reached it: `never matched`.
    pub never: &'static str,
    /// Whether it is in a file of the pack itself.
    pub own: bool,
    /// Whether it is proved that no customer can reach it: the last rule of a list that leaves nobody to it. It is there for packs
    /// that extend this one, and not counted.
    pub spare: bool,
}

/// The numbers of the items of a criterion.
#[derive(Debug, Clone, Default)]
pub(super) struct Scored {
    /// Bands, entries of the map and then `otherwise`, or pieces of the curve; one if it is scored otherwise.
    pub parts: Vec<usize>,
    pub missing: Option<usize>,
}

/// All there is to reach, and where each thing of the pack stands in the list.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// In the order of the pack's sections.
    pub items: Vec<Item>,
    pub(super) suppress: Vec<usize>,
    /// By key.
    pub(super) overrides: HashMap<&'static str, usize>,
    pub(super) states: Vec<usize>,
    pub(super) causes: Vec<usize>,
    pub(super) evidence: Vec<Vec<usize>>,
    pub(super) criteria: Vec<Scored>,
    pub(super) grades: Vec<usize>,
    pub(super) campaigns: Vec<usize>,
    pub(super) followups: Vec<usize>,
    pub(super) warnings: Vec<usize>,
    /// Seen true, seen not true.
    pub(super) conditions: HashMap<At, (Option<usize>, Option<usize>)>,
    /// By node and way.
    pub(super) branches: HashMap<At, HashMap<(usize, usize), usize>>,
    pub(super) lines: Vec<((FileId, usize), usize)>,
}

impl Plan {
    /// Everything in a pack and what it extends.
    #[must_use]
    pub fn new(pack: &Pack) -> Plan {
        let mut plan = Plan::default();
        let mut list = List { pack, items: Vec::new() };
        let list = &mut list;
        for rule in &pack.suppress {
            plan.suppress.push(list.rule(ItemKind::Suppression, "suppression", &rule.name, rule.span, "never matched"));
        }
        for (key, rule) in pack.human.iter().flat_map(Human::decisions) {
            let what = At::Override(key).owner(pack);
            plan.overrides.insert(key, list.add(ItemKind::Override, rule.span, what, "never followed"));
        }
        for (i, rule) in pack.states.iter().enumerate() {
            let before = pack.suppress.iter().map(|s| Some(&s.when));
            let before = before.chain(pack.states.iter().take(i).map(|s| s.when.as_ref()));
            let item = list.rule(ItemKind::State, "state rule", &rule.name, rule.span, "never matched");
            list.spare(item, rule.when.is_none(), before);
            plan.states.push(item);
        }
        for (i, cause) in pack.causes.list.iter().enumerate() {
            plan.causes.push(list.rule(ItemKind::Cause, "cause", &cause.name, cause.span, "never won"));
            let lines = cause.evidence.iter().enumerate().map(|(j, evidence)| {
                let place = [Step::Key("causes"), Step::Item(i), Step::Key("evidence"), Step::Item(j)];
                let span = written(pack, &place).unwrap_or(evidence.when.span);
                list.rule(ItemKind::Evidence, "evidence of cause", &cause.name, span, "never true")
            });
            plan.evidence.push(lines.collect());
        }
        let reads = Reads::new(pack);
        for criterion in &pack.criteria {
            let scored = list.criterion(criterion, &reads);
            plan.criteria.push(scored);
        }
        for (i, grade) in pack.grades.iter().enumerate() {
            let before = pack.grades.iter().take(i).map(|g| g.when.as_ref());
            let item = list.rule(ItemKind::Grade, "grade", &grade.name, grade.span, "never matched");
            list.spare(item, grade.when.is_none(), before);
            plan.grades.push(item);
        }
        for campaign in &pack.campaigns {
            let never = "nobody was a candidate";
            plan.campaigns.push(list.rule(ItemKind::Campaign, "campaign", &campaign.name, campaign.span, never));
        }
        for step in &pack.followups {
            plan.followups.push(list.rule(ItemKind::Followup, "follow-up", &step.name, step.span, "never due"));
        }
        for warning in pack.prevention.iter().flat_map(|p| &p.warnings) {
            plan.warnings.push(list.rule(ItemKind::Warning, "warning", &warning.name, warning.span, "never there"));
        }
        for at in At::all(pack).into_iter().filter(|at| !at.is_rollup()) {
            let Some(expr) = at.expr(pack) else { continue };
            if at.is_condition() && !matches!(expr.kind, Kind::Const(_)) {
                let what = format!("condition of {}", at.owner(pack).trim_start_matches("`when` of "));
                // That a rule in a list is true is what makes it match; only these others are counted for it.
                let apart =
                    matches!(at, At::Analysis | At::Consent(_) | At::When(_) | At::Prevention(_) | At::Limit(_));
                let yes = apart.then(|| list.add(ItemKind::Condition, expr.span, what.clone(), "never true"));
                let no = list.add(ItemKind::Condition, expr.span, what, "never other than true");
                plan.conditions.insert(at, (yes, Some(no)));
            }
            let mut nodes: Vec<&Expr> = Vec::new();
            expr.walk(&mut |node| nodes.push(node));
            let found: HashMap<(usize, usize), usize> = branches(expr)
                .into_iter()
                .filter_map(|branch| {
                    let span = nodes.get(branch.target)?.span;
                    let text = one_line(pack.sources.text(span));
                    let what = format!("`{text}` in {}", at.owner(pack));
                    Some(((branch.node, branch.way), list.add(ItemKind::Branch, span, what, branch.never)))
                })
                .collect();
            if !found.is_empty() {
                plan.branches.insert(at, found);
            }
        }
        for line in pack.scripts.lines() {
            let what = format!("line of `{}`", line.function);
            plan.lines.push((line.at, list.add(ItemKind::Line, line.span, what, "never run")));
        }
        plan.items = std::mem::take(&mut list.items);
        plan
    }
}

/// A text on one line, not longer than is pleasant.
pub(crate) fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    crate::draw::cut(&text, 60)
}

struct List<'a> {
    pack: &'a Pack,
    items: Vec<Item>,
}

impl List<'_> {
    fn add(&mut self, kind: ItemKind, span: Span, what: String, never: &'static str) -> usize {
        let own = self.pack.is_own(span);
        self.items.push(Item { kind, span, what, never, own, spare: false });
        self.items.len() - 1
    }

    fn rule(&mut self, kind: ItemKind, noun: &str, name: &str, span: Span, never: &'static str) -> usize {
        self.add(kind, span, format!("{noun} `{name}`"), never)
    }

    /// Marks the last rule of a list if nobody is left to it: proved, not guessed.
    fn spare<'p>(&mut self, item: usize, is_open: bool, before: impl Iterator<Item = Option<&'p Rule>>) {
        let Some(before) = before.map(|rule| rule.map(|rule| &rule.expr)).collect::<Option<Vec<&Expr>>>() else {
            return;
        };
        if is_open
            && !before.is_empty()
            && Solver::new(self.pack).ask_once(&[], &before) == Answer::Impossible
            && let Some(item) = self.items.get_mut(item)
        {
            item.spare = true;
        }
    }

    fn criterion(&mut self, criterion: &Criterion, reads: &Reads<'_>) -> Scored {
        let name = criterion.name.as_str();
        let pack = self.pack;
        let place = |rest: &[Step<'_>]| {
            let mut path = vec![Step::Key("criteria"), Step::Key(name)];
            path.extend_from_slice(rest);
            written(pack, &path).unwrap_or(criterion.span)
        };
        let mut scored = Scored::default();
        match &criterion.method {
            Method::Score(rule) | Method::Rank(rule, _) => {
                let what = format!("criterion `{name}`");
                scored.parts.push(self.add(ItemKind::Score, rule.span, what, "never had a value"));
            }
            Method::Bands(_, bands) => {
                for (i, band) in bands.iter().enumerate() {
                    let span = place(&[Step::Key("bands"), Step::Item(i)]);
                    let which = match band.below {
                        Some(below) => format!("band below {below}"),
                        None => "last band".to_owned(),
                    };
                    let what = format!("{which} of criterion `{name}`");
                    scored.parts.push(self.add(ItemKind::Score, span, what, "no value fell into it"));
                }
            }
            Method::Curve(_, points) => {
                let point = |i: usize| place(&[Step::Key("curve"), Step::Item(i)]);
                let mut piece = |list: &mut Self, span: Span, which: String| {
                    let what = format!("curve of criterion `{name}` {which}");
                    scored.parts.push(list.add(ItemKind::Score, span, what, "no value there"));
                };
                if let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) {
                    piece(self, point(0), format!("up to {first}"));
                    for (i, pair) in points.windows(2).enumerate() {
                        if let [(from, _), (to, _)] = pair {
                            piece(self, point(i).to(point(i + 1)), format!("between {from} and {to}"));
                        }
                    }
                    piece(self, point(points.len() - 1), format!("from {last} on"));
                }
            }
            Method::Map(_, map, otherwise) => {
                for (text, _) in map {
                    let span = place(&[Step::Key("map"), Step::Key(text)]);
                    let what = format!("`{text}` in the map of criterion `{name}`");
                    scored.parts.push(self.add(ItemKind::Score, span, what, "no value of that kind"));
                }
                if otherwise.is_some() {
                    let span = place(&[Step::Key("otherwise")]);
                    let what = format!("`otherwise` of criterion `{name}`");
                    scored.parts.push(self.add(ItemKind::Score, span, what, "every value was in the map"));
                }
            }
        }
        let rule = criterion.method.rule();
        if reads.can_be_missing(&rule.expr, 0) {
            let what = format!("criterion `{name}` with its value missing");
            scored.missing = Some(self.add(ItemKind::Missing, criterion.span, what, "never seen"));
        }
        scored
    }
}

/// What names can be missing, as far as that is plain to see.
struct Reads<'a> {
    pack: &'a Pack,
    facts: HashMap<Slot, &'a Expr>,
}

impl<'a> Reads<'a> {
    fn new(pack: &'a Pack) -> Self {
        Reads { pack, facts: pack.facts.iter().map(|fact| (fact.slot, &fact.expr)).collect() }
    }

    /// Whether a value may be missing; only "no" is certain (but for numbers beyond all bounds).
    fn can_be_missing(&self, expr: &Expr, depth: usize) -> bool {
        let any = |list: &[Expr]| list.iter().any(|x| self.can_be_missing(x, depth + 1));
        if depth > 64 {
            return true;
        }
        match &expr.kind {
            Kind::Const(value) => value.is_missing(),
            Kind::Slot(slot) => match self.pack.names.get(*slot).kind {
                NameKind::Today | NameKind::Param => false,
                NameKind::Fact => self.facts.get(slot).is_none_or(|fact| self.can_be_missing(fact, depth + 1)),
                NameKind::Decided => self.pack.criteria.iter().find(|c| c.slot == *slot).is_none_or(|criterion| {
                    criterion.missing == MissingScore::Skip
                        && self.can_be_missing(&criterion.method.rule().expr, depth + 1)
                }),
                NameKind::Column | NameKind::Rollup => true,
            },
            Kind::IsMissing { .. } => false,
            Kind::Neg(x) | Kind::Not(x) => self.can_be_missing(x, depth + 1),
            Kind::Compare(_, a, b) => self.can_be_missing(a, depth + 1) || self.can_be_missing(b, depth + 1),
            Kind::Arith(op, a, b) => {
                use crate::expr::Arith;
                let by_constant = matches!(&b.kind, Kind::Const(Value::Number(x)) if *x != 0.0);
                let total = matches!(op, Arith::Add | Arith::Sub | Arith::Mul) || by_constant && *op != Arith::Pow;
                !total || self.can_be_missing(a, depth + 1) || self.can_be_missing(b, depth + 1)
            }
            Kind::And(list) | Kind::Or(list) => any(list),
            Kind::Coalesce(list) => list.iter().all(|x| self.can_be_missing(x, depth + 1)),
            Kind::In { item, list, .. } => self.can_be_missing(item, depth + 1) || any(list),
            Kind::If { branches, otherwise } => {
                self.can_be_missing(otherwise, depth + 1)
                    || branches.iter().any(|(_, then)| self.can_be_missing(then, depth + 1))
            }
            Kind::Switch { arms, otherwise, .. } => {
                self.can_be_missing(otherwise, depth + 1)
                    || arms.iter().any(|(_, then)| self.can_be_missing(then, depth + 1))
            }
            Kind::Call(func, list) => {
                let total = matches!(
                    func,
                    Func::Min
                        | Func::Max
                        | Func::Clamp
                        | Func::Abs
                        | Func::Round
                        | Func::Floor
                        | Func::Ceil
                        | Func::Lower
                        | Func::Upper
                        | Func::Trim
                        | Func::Len
                );
                !total || any(list)
            }
            Kind::Script(..) => true,
        }
    }
}
