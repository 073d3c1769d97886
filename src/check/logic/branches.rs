//! Parts of expressions that never count: branches, cases, sides of `||`, what stands behind a `??`.

use super::solver::{Answer, Solver};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Expr, Kind, NameKind, Type, Value};
use crate::pack::Pack;

/// What is known where an expression stands.
#[derive(Clone, Default)]
struct Around<'e> {
    yes: Vec<&'e Expr>,
    no: Vec<&'e Expr>,
}

struct Walker<'s, 'a> {
    pack: &'a Pack,
    solver: &'s mut Solver<'a>,
    open: &'s mut Option<Solver<'a>>,
    found: Vec<Diagnostic>,
}

/// Every dead part of a pack. Expressions about which something was said already (`idle`) are left out.
pub(super) fn dead<'a>(
    pack: &'a Pack,
    solver: &mut Solver<'a>,
    open: &mut Option<Solver<'a>>,
    idle: &[Span],
) -> Vec<Diagnostic> {
    let mut walker = Walker { pack, solver, open, found: Vec::new() };
    for expr in expressions(pack) {
        if !idle.contains(&expr.span) {
            walker.walk(expr, &Around::default());
        }
    }
    walker.found
}

/// Every expression over the names of the pack.
fn expressions(pack: &Pack) -> Vec<&Expr> {
    let mut list: Vec<&Expr> = pack.facts.iter().map(|fact| &fact.expr).collect();
    list.extend(pack.suppress.iter().map(|s| &s.when.expr));
    list.extend(pack.states.iter().filter_map(|s| s.when.as_ref()).map(|rule| &rule.expr));
    list.extend(pack.causes.when.iter().map(|rule| &rule.expr));
    list.extend(pack.causes.list.iter().flat_map(|c| &c.evidence).map(|e| &e.when.expr));
    list.extend(pack.criteria.iter().map(|c| &c.method.rule().expr));
    list.extend(pack.priority.rule.iter().map(|rule| &rule.expr));
    list.extend(pack.grades.iter().filter_map(|g| g.when.as_ref()).map(|rule| &rule.expr));
    list.extend(pack.channels.values().filter_map(|c| c.consent.as_ref()).map(|rule| &rule.expr));
    for c in &pack.campaigns {
        let rules = [&c.when, &c.send_on, &c.cost, &c.success, &c.value];
        list.extend(rules.into_iter().filter_map(|rule| rule.as_ref()).map(|rule| &rule.expr));
    }
    list.extend(pack.followups.iter().map(|f| &f.when.expr));
    if let Some(prevention) = &pack.prevention {
        list.extend(prevention.rules().map(|(_, rule)| &rule.expr));
        list.extend(prevention.warnings.iter().map(|w| &w.when.expr));
    }
    list.extend(pack.second_life.iter().flat_map(crate::pack::SecondLife::rules).map(|(_, rule)| &rule.expr));
    list
}

impl Walker<'_, '_> {
    /// Whether nothing can make this true here, however parameters that are true or false are set.
    fn impossible(&mut self, around: &Around<'_>, yes: &[&Expr], no: &[&Expr]) -> bool {
        let yes: Vec<&Expr> = around.yes.iter().chain(yes).copied().collect();
        let no: Vec<&Expr> = around.no.iter().chain(no).copied().collect();
        let all: Vec<&Expr> = yes.iter().chain(&no).copied().collect();
        let (_, slots) = super::witness::reads(&self.solver.space, &all);
        let names = &self.pack.names;
        // What only reads parameters is decided by whoever sets them.
        let fixed = |slot: crate::expr::Slot| matches!(names.get(slot).kind, NameKind::Param | NameKind::Fact);
        if !slots.is_empty() && slots.iter().all(fixed) {
            return false;
        }
        if self.solver.ask_once(&yes, &no) != Answer::Impossible {
            return false;
        }
        let switch = |p: &crate::pack::Param| matches!(p.value, Value::Bool(_)) && slots.contains(p.slot);
        if !self.pack.params.iter().any(switch) {
            return true;
        }
        let pack = self.pack;
        self.open.get_or_insert_with(|| Solver::with_free_switches(pack)).ask_once(&yes, &no) == Answer::Impossible
    }

    fn say(&mut self, span: Span, message: &str, help: &str) {
        self.found.push(Diagnostic::warning(code::DEAD_BRANCH, span, message).help(help));
    }

    fn walk(&mut self, expr: &Expr, around: &Around<'_>) {
        match &expr.kind {
            Kind::If { branches, otherwise } => {
                let mut passed = around.clone();
                for (condition, then) in branches {
                    if !matches!(condition.kind, Kind::Const(_)) && self.impossible(&passed, &[condition], &[]) {
                        let help = "its condition is true for no customer who gets here: change it, or drop the branch";
                        self.say(then.span, "this branch is never taken", help);
                    } else {
                        self.walk(condition, &passed);
                        let mut inner = passed.clone();
                        inner.yes.push(condition);
                        self.walk(then, &inner);
                    }
                    passed.no.push(condition);
                }
                // Where no `else` is written there is nothing to point at.
                if matches!(otherwise.kind, Kind::Const(Value::Missing)) {
                    return;
                }
                if self.impossible(&passed, &[], &[]) {
                    self.say(
                        otherwise.span,
                        "this `else` is never taken",
                        "the conditions before it leave nobody: drop it, or change them",
                    );
                } else {
                    self.walk(otherwise, &passed);
                }
            }
            Kind::Switch { item, arms, otherwise } => {
                self.walk(item, around);
                for (values, then) in arms {
                    let list = values
                        .iter()
                        .map(|v| Expr { kind: Kind::Const(v.clone()), ty: item.ty, span: item.span })
                        .collect();
                    let kind = Kind::In { item: item.clone(), list, negated: false };
                    let chosen = Expr { kind, ty: Type::Bool, span: item.span };
                    if self.impossible(around, &[&chosen], &[]) {
                        self.say(
                            then.span,
                            "this case is never taken",
                            "the value is never one of these: change it, or drop the case",
                        );
                    } else {
                        let mut inner = around.clone();
                        inner.yes.push(&chosen);
                        self.walk(then, &inner);
                    }
                }
                self.walk(otherwise, around);
            }
            Kind::Or(list) => {
                for part in list {
                    if !matches!(part.kind, Kind::Const(_)) && self.impossible(around, &[part], &[]) {
                        self.say(part.span, "this side of `||` is never true", "change it, or drop it");
                    } else {
                        self.walk(part, around);
                    }
                }
            }
            Kind::And(list) => {
                // What stands beside a part decides together with it, but only the parts before it are taken for given: so a
                // contradiction is said once.
                for part in list {
                    self.walk(part, around);
                }
            }
            Kind::Coalesce(list) => {
                for (index, part) in list.iter().enumerate() {
                    self.walk(part, around);
                    let Some(next) = list.get(index + 1) else { break };
                    let kind = Kind::IsMissing { item: Box::new(part.clone()), missing: true };
                    let missing = Expr { kind, ty: Type::Bool, span: part.span };
                    if self.impossible(around, &[&missing], &[]) {
                        self.say(
                            next.span,
                            "what stands behind this `??` is never used",
                            "what stands before it is never missing: drop it",
                        );
                        break;
                    }
                }
            }
            _ => {
                for part in crate::expr::eval::parts(expr) {
                    self.walk(part, around);
                }
            }
        }
    }
}
