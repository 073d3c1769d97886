#![doc = include_str!("manual/RG0543.md")]

use std::collections::{HashMap, HashSet};

use super::places::{Behind, Index, Role, places};
use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Compare, Expr, Kind, Slot, Type};
use crate::pack::{Aggregate, Pack};
use crate::script::OnMissing;

/// A rule that does not say what a missing value means where that matters.
pub const LINT: Lint = Lint {
    code: code::IGNORES_MISSING,
    name: "ignores_missing",
    level: Level::Warn,
    what: "a suppression or a negation that does not say what a missing value means",
    run,
};

/// The optional thing through which a value can be missing.
#[derive(Debug, Clone)]
struct Cause {
    name: String,
    declared: Span,
}

struct Missing<'a> {
    pack: &'a Pack,
    index: Index<'a>,
    by_slot: HashMap<Slot, Cause>,
}

fn run(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let missing = Missing::new(pack);
    for place in places(pack) {
        if !pack.is_own(place.expr.span) {
            continue;
        }
        match place.role {
            Role::Suppress => missing.suppression(place.expr, &place.what, found),
            Role::State | Role::Grade | Role::Campaign | Role::FollowUp | Role::Consent => {
                let asked = asked(place.expr);
                missing.negations(place.expr, &asked, found);
            }
            _ => {}
        }
    }
}

impl<'a> Missing<'a> {
    fn new(pack: &'a Pack) -> Self {
        let mut missing = Missing { pack, index: Index::new(pack), by_slot: HashMap::new() };
        for column in pack.record.columns.iter().filter(|column| column.optional) {
            missing.by_slot.insert(column.slot, Cause { name: column.name.clone(), declared: column.span });
        }
        for rollup in &pack.rollups {
            let counts = matches!(rollup.aggregate, Aggregate::Count | Aggregate::CountDistinct);
            if let Some(table) = pack.tables.get(&rollup.table).filter(|table| table.optional && !counts) {
                missing.by_slot.insert(rollup.slot, Cause { name: rollup.name.clone(), declared: table.span });
            }
        }
        for fact in &pack.facts {
            if let Some(cause) = missing.of(&fact.expr) {
                missing.by_slot.insert(fact.slot, cause);
            }
        }
        missing
    }

    /// Through what an expression can be missing.
    fn of(&self, expr: &Expr) -> Option<Cause> {
        let any = |list: &[Expr]| list.iter().find_map(|x| self.of(x));
        match &expr.kind {
            Kind::Const(_) | Kind::IsMissing { .. } => None,
            Kind::Slot(slot) => self.by_slot.get(slot).cloned(),
            Kind::Neg(x) | Kind::Not(x) => self.of(x),
            Kind::Arith(_, a, b) | Kind::Compare(_, a, b) => self.of(a).or_else(|| self.of(b)),
            // `x != () && x > 5` is never missing through `x`.
            Kind::And(list) | Kind::Or(list) => {
                let mut asked = HashSet::new();
                for item in list {
                    if let Kind::IsMissing { item, .. } = &item.kind {
                        asked.extend(item.slots().into_iter().map(|slot| self.name(slot)));
                    }
                }
                list.iter().filter_map(|x| self.of(x)).find(|cause| !asked.contains(cause.name.as_str()))
            }
            Kind::Coalesce(list) => {
                let mut first = None;
                for item in list {
                    let cause = self.of(item)?;
                    first = first.or(Some(cause));
                }
                first
            }
            Kind::In { item, list, .. } => self.of(item).or_else(|| any(list)),
            Kind::If { branches, otherwise } => {
                branches.iter().find_map(|(_, then)| self.of(then)).or_else(|| self.of(otherwise))
            }
            Kind::Switch { arms, otherwise, .. } => {
                arms.iter().find_map(|(_, then)| self.of(then)).or_else(|| self.of(otherwise))
            }
            Kind::Call(_, list) => any(list),
            Kind::Script(signature, list) if signature.on_missing == OnMissing::Missing => any(list),
            Kind::Script(..) => None,
        }
    }

    fn name(&self, slot: Slot) -> &'a str {
        &self.pack.names.get(slot).name
    }

    fn suppression(&self, when: &Expr, what: &str, found: &mut Vec<Diagnostic>) {
        let Some(cause) = self.of(when) else { return };
        // The smallest part that names it, so that the caret stands where `??` belongs.
        let mut at = when;
        when.walk(&mut |expr| {
            if expr.ty == Type::Bool && !matches!(expr.kind, Kind::And(_) | Kind::Or(_) | Kind::Not(_)) {
                let smaller = expr.span.end - expr.span.start <= at.span.end - at.span.start;
                if smaller && self.of(expr).is_some_and(|other| other.name == cause.name) {
                    at = expr;
                }
            }
        });
        let name = &cause.name;
        let message =
            format!("{what} lets customers through whose `{name}` is missing, and does not say that it means to");
        let part = self.pack.sources.text(at.span);
        let part = if matches!(at.kind, Kind::Slot(_)) { part.to_owned() } else { format!("({part})") };
        found.push(
            Diagnostic::warning(code::IGNORES_MISSING, at.span, message)
                .label("missing is not true")
                .related(cause.declared, "optional here")
                .help(format!("`{part} ?? false` lets them through on purpose, `{part} ?? true` suppresses them")),
        );
    }

    /// Negations in a rule that are not true where a value is missing, although nothing speaks against it.
    fn negations(&self, expr: &Expr, asked: &HashSet<Slot>, found: &mut Vec<Diagnostic>) {
        let (part, says) = match &expr.kind {
            Kind::And(list) | Kind::Or(list) => {
                list.iter().for_each(|x| self.negations(x, asked, found));
                return;
            }
            Kind::Not(x) => (x.as_ref(), "`!`"),
            Kind::Compare(Compare::Ne, a, b) if matches!(b.kind, Kind::Const(_)) => (a.as_ref(), "`!=`"),
            Kind::Compare(Compare::Ne, a, b) if matches!(a.kind, Kind::Const(_)) => (b.as_ref(), "`!=`"),
            Kind::In { item, negated: true, .. } => (item.as_ref(), "`!in`"),
            _ => return,
        };
        let Some(cause) = self.of(part) else { return };
        if part.slots().iter().any(|slot| asked.contains(slot) || self.asks(*slot, &cause, asked)) {
            return;
        }
        let name = &cause.name;
        let message = format!("{says} is not true where `{name}` is missing, either");
        let text = self.pack.sources.text(expr.span);
        found.push(
            Diagnostic::warning(code::IGNORES_MISSING, expr.span, message)
                .label(format!("unknown without `{name}`, so the rule does not hold"))
                .related(cause.declared, "optional here")
                .help(format!("say what missing means: `({text}) ?? true` or `({text}) ?? false`")),
        );
    }

    /// Whether the rule asks for the column behind a fact.
    fn asks(&self, slot: Slot, cause: &Cause, asked: &HashSet<Slot>) -> bool {
        matches!(self.index.behind(slot, None), Behind::Fact(_))
            && asked.iter().any(|other| self.name(*other) == cause.name)
    }
}

/// The names of which a rule asks whether they are there: `x == ()`, `x != ()`, `x ?? …`.
fn asked(when: &Expr) -> HashSet<Slot> {
    let mut asked = HashSet::new();
    when.walk(&mut |expr| match &expr.kind {
        Kind::IsMissing { item, .. } => asked.extend(item.slots()),
        Kind::Coalesce(list) => asked.extend(list.iter().take(1).flat_map(Expr::slots)),
        _ => {}
    });
    asked
}
