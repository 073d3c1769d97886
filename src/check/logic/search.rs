//! The search: cases are split where a formula says "or", and left as soon as a variable has no value any more.

use std::rc::Rc;
use std::sync::Arc;

use super::domain::{Domain, HUGE, Interval, Test, Values, VarId};
use super::formula::{Formula, Lit};
use super::space::{Space, What};

/// What came of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A case was accepted.
    Yes,
    /// There is no case.
    No,
    /// There are cases, and none was accepted.
    Unclear,
    /// It took too many steps.
    TooLong,
}

/// What a formula says under what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Yes,
    No,
    Open,
}

/// What is known in one case: every formula holds for all values the variables may still have, but for how sums and parts
/// outside of the fragment hang together.
pub(super) struct Case<'a> {
    pub(super) space: &'a Space,
    /// Per variable.
    pub(super) domains: Vec<Domain>,
    /// Pairs of texts that are the same, or not.
    pub(super) same: Vec<(VarId, VarId, bool)>,
    /// The sums something is said about.
    pub(super) sums: Vec<VarId>,
    /// Whether all that is not known was taken for missing, only to see whether that will do.
    pub(super) quick: bool,
    trail: Vec<(VarId, Domain)>,
    steps: usize,
    budget: usize,
    unclear: usize,
}

/// So many cases without a sample are looked at before the search gives up.
const MOST_UNCLEAR: usize = 24;

/// Looks for a case in which all formulas hold and that `accept` takes: `Some(false)` says that there is no such case after all.
pub(super) fn search(
    space: &Space,
    formulas: &[Formula],
    budget: &mut usize,
    accept: &mut dyn FnMut(&Case<'_>) -> Option<bool>,
) -> Found {
    let domains = space.vars.iter().map(|var| var.domain.clone()).collect();
    let (same, sums, trail) = (Vec::new(), Vec::new(), Vec::new());
    let mut case = Case { space, domains, same, sums, quick: false, trail, steps: 0, budget: *budget, unclear: 0 };
    let mut pending = Vec::new();
    let possible = formulas.iter().all(|formula| case.assert(formula, &mut pending));
    let found = if possible { case.explore(pending, accept) } else { Found::No };
    *budget = budget.saturating_sub(case.steps);
    match found {
        Found::No if case.unclear > 0 => Found::Unclear,
        other => other,
    }
}

impl Case<'_> {
    /// The domain of a variable.
    #[expect(clippy::indexing_slicing, reason = "there is one per variable of the space")]
    pub(super) fn domain(&self, var: VarId) -> &Domain {
        &self.domains[var.0 as usize]
    }

    /// Changes a domain; false if nothing is left of it.
    fn edit(&mut self, var: VarId, change: impl FnOnce(&mut Domain)) -> bool {
        let Some(domain) = self.domains.get_mut(var.0 as usize) else { return false };
        let old = domain.clone();
        change(domain);
        domain.settle(&old);
        let left = !domain.is_empty();
        if !domain.is_same(&old) {
            self.trail.push((var, old));
        }
        left
    }

    fn undo(&mut self, mark: (usize, usize, usize)) {
        while self.trail.len() > mark.0 {
            if let Some((var, old)) = self.trail.pop()
                && let Some(domain) = self.domains.get_mut(var.0 as usize)
            {
                *domain = old;
            }
        }
        self.same.truncate(mark.1);
        self.sums.truncate(mark.2);
    }

    fn mark(&self) -> (usize, usize, usize) {
        (self.trail.len(), self.same.len(), self.sums.len())
    }

    /// Takes a formula as given; false if it cannot be. What says "or" is put aside.
    fn assert(&mut self, formula: &Formula, pending: &mut Vec<Formula>) -> bool {
        match formula {
            Formula::Const(b) => *b,
            Formula::Lit(lit) => self.assert_lit(lit),
            Formula::And(node) => node.list.iter().all(|part| self.assert(part, pending)),
            Formula::Or(_) => {
                pending.push(formula.clone());
                true
            }
        }
    }

    fn is_there(&mut self, var: VarId) -> bool {
        match &self.space.get(var).what {
            What::Sum(terms) => {
                let terms = terms.clone();
                terms.iter().all(|(v, _)| self.is_there(*v))
            }
            _ => self.edit(var, |domain| domain.missing = false),
        }
    }

    fn assert_lit(&mut self, lit: &Lit) -> bool {
        self.steps += 1;
        match lit {
            Lit::Missing(var, false) => self.is_there(*var),
            Lit::Missing(var, true) => self.edit(*var, |domain| domain.there = false),
            Lit::Is(var, b) => self.edit(*var, |domain| {
                domain.missing = false;
                if let Values::Bool { yes, no } = Rc::make_mut(&mut domain.values) {
                    *yes &= *b;
                    *no &= !*b;
                }
            }),
            Lit::Number(var, op, c) => {
                if matches!(self.space.get(*var).what, What::Sum(_)) {
                    if !self.sums.contains(var) {
                        self.sums.push(*var);
                    }
                    if !self.is_there(*var) {
                        return false;
                    }
                }
                self.edit(*var, |domain| {
                    domain.missing = false;
                    if let Values::Number(interval) = Rc::make_mut(&mut domain.values) {
                        interval.keep(*op, *c);
                    }
                })
            }
            Lit::In(var, list, yes) => self.edit(*var, |domain| {
                domain.missing = false;
                if let Values::Text { only, not, .. } = Rc::make_mut(&mut domain.values) {
                    if *yes {
                        match only {
                            Some(known) => known.retain(|text| list.contains(text)),
                            None => *only = Some(list.to_vec()),
                        }
                    } else {
                        let new: Vec<Arc<str>> = list.iter().filter(|text| !not.contains(text)).cloned().collect();
                        not.extend(new);
                    }
                }
            }),
            Lit::Test(var, test, yes) => self.edit(*var, |domain| {
                domain.missing = false;
                let mut contradicts = false;
                if let Values::Text { tests, .. } = Rc::make_mut(&mut domain.values) {
                    match tests.iter().find(|(known, _)| Rc::ptr_eq(known, test)) {
                        Some((_, known)) => contradicts = known != yes,
                        None => tests.push((test.clone(), *yes)),
                    }
                }
                if contradicts {
                    domain.there = false;
                }
            }),
            Lit::Same(a, b, yes) => {
                if self.same.contains(&(*a, *b, !yes)) || self.same.contains(&(*b, *a, !yes)) {
                    return false;
                }
                self.same.push((*a, *b, *yes));
                self.is_there(*a) && self.is_there(*b)
            }
        }
    }

    fn truth(&mut self, formula: &Formula) -> Truth {
        match formula {
            Formula::Const(true) => Truth::Yes,
            Formula::Const(false) => Truth::No,
            Formula::Lit(lit) => self.truth_of_lit(lit),
            Formula::And(node) => {
                let mut result = Truth::Yes;
                for part in &node.list {
                    match self.truth(part) {
                        Truth::No => return Truth::No,
                        Truth::Open => result = Truth::Open,
                        Truth::Yes => {}
                    }
                }
                result
            }
            Formula::Or(node) => {
                let mut result = Truth::No;
                for part in &node.list {
                    match self.truth(part) {
                        Truth::Yes => return Truth::Yes,
                        Truth::Open => result = Truth::Open,
                        Truth::No => {}
                    }
                }
                result
            }
        }
    }

    /// Whether a variable is there: `Yes`, `No`, or it may be either.
    fn presence(&self, var: VarId) -> Truth {
        match &self.space.get(var).what {
            What::Sum(terms) => {
                let mut result = Truth::Yes;
                for (v, _) in terms.iter() {
                    match self.presence(*v) {
                        Truth::No => return Truth::No,
                        Truth::Open => result = Truth::Open,
                        Truth::Yes => {}
                    }
                }
                result
            }
            _ => {
                let domain = self.domain(var);
                match (domain.missing, domain.there) {
                    (false, _) => Truth::Yes,
                    (true, false) => Truth::No,
                    (true, true) => Truth::Open,
                }
            }
        }
    }

    fn truth_of_lit(&mut self, lit: &Lit) -> Truth {
        self.steps += 1;
        let of = |told: Option<bool>, presence: Truth| match (told, presence) {
            (_, Truth::No) | (Some(false), _) => Truth::No,
            (Some(true), Truth::Yes) => Truth::Yes,
            _ => Truth::Open,
        };
        match lit {
            Lit::Missing(var, missing) => match (self.presence(*var), missing) {
                (Truth::Open, _) => Truth::Open,
                (Truth::Yes, true) | (Truth::No, false) => Truth::No,
                _ => Truth::Yes,
            },
            Lit::Is(var, b) => {
                let told = match &*self.domain(*var).values {
                    Values::Bool { yes: true, no: false } => Some(*b),
                    Values::Bool { yes: false, no: true } => Some(!*b),
                    _ => None,
                };
                of(told, self.presence(*var))
            }
            Lit::Number(var, op, c) => {
                let told = self.domain(*var).interval().and_then(|interval| interval.tells(*op, *c));
                of(told, self.presence(*var))
            }
            Lit::In(var, list, yes) => {
                let told = match &*self.domain(*var).values {
                    Values::Text { only: Some(only), .. } => {
                        let mut inside = only.iter().map(|text| list.contains(text));
                        match inside.next() {
                            None => Some(!*yes),
                            Some(first) => inside.all(|other| other == first).then_some(first == *yes),
                        }
                    }
                    Values::Text { not, .. } => list.iter().all(|text| not.contains(text)).then_some(!*yes),
                    _ => None,
                };
                of(told, self.presence(*var))
            }
            Lit::Test(var, test, yes) => {
                let told = match &*self.domain(*var).values {
                    Values::Text { only, tests, .. } => {
                        let asked =
                            tests.iter().find(|(known, _)| Rc::ptr_eq(known, test)).map(|(_, known)| known == yes);
                        asked.or_else(|| agreed(only.as_deref()?, test).map(|known| known == *yes))
                    }
                    _ => None,
                };
                of(told, self.presence(*var))
            }
            Lit::Same(a, b, yes) => {
                let presence = match (self.presence(*a), self.presence(*b)) {
                    (Truth::No, _) | (_, Truth::No) => Truth::No,
                    (Truth::Yes, Truth::Yes) => Truth::Yes,
                    _ => Truth::Open,
                };
                let said = |s: bool| self.same.contains(&(*a, *b, s)) || self.same.contains(&(*b, *a, s));
                let told = if said(*yes) {
                    Some(true)
                } else if said(!*yes) {
                    Some(false)
                } else {
                    None
                };
                of(told, presence)
            }
        }
    }

    /// What the parts of sums say about the sums, and the other way round.
    fn propagate(&mut self) -> bool {
        for _ in 0..3 {
            let before = self.trail.len();
            for index in 0..self.sums.len() {
                let Some(sum) = self.sums.get(index).copied() else { break };
                let What::Sum(terms) = &self.space.get(sum).what else { continue };
                let terms = terms.clone();
                if !self.propagate_sum(sum, &terms) {
                    return false;
                }
            }
            if self.trail.len() == before {
                break;
            }
        }
        true
    }

    fn propagate_sum(&mut self, sum: VarId, terms: &[(VarId, f64)]) -> bool {
        self.steps += terms.len();
        let mut parts: Vec<(VarId, f64, Bound, Bound)> = Vec::new();
        for (var, factor) in terms {
            let Some(interval) = self.domain(*var).interval() else { return true };
            let (low, high) = (Bound::low(interval), Bound::high(interval));
            let (low, high) = if *factor > 0.0 { (low, high) } else { (high, low) };
            parts.push((*var, *factor, low.times(*factor), high.times(*factor)));
        }
        let total = |of: fn(&(VarId, f64, Bound, Bound)) -> Bound, without: Option<usize>| {
            parts
                .iter()
                .enumerate()
                .filter(|(i, _)| Some(*i) != without)
                .map(|(_, part)| of(part))
                .fold(Bound::ZERO, Bound::plus)
        };
        let (least, most) = (total(|p| p.2, None), total(|p| p.3, None));
        let exact = terms.iter().all(|(_, c)| c.fract() == 0.0);
        let known = self.edit(sum, |domain| {
            if let Values::Number(interval) = Rc::make_mut(&mut domain.values) {
                least.narrow(interval, true, exact);
                most.narrow(interval, false, exact);
            }
        });
        if !known {
            return false;
        }
        let Some(interval) = self.domain(sum).interval().cloned() else { return true };
        let (least, most) = (Bound::low(&interval), Bound::high(&interval));
        for (i, (var, factor, _, _)) in parts.iter().enumerate() {
            let upper = most.minus(total(|p| p.2, Some(i)));
            let lower = least.minus(total(|p| p.3, Some(i)));
            let (lower, upper) = if *factor > 0.0 { (lower, upper) } else { (upper, lower) };
            let (lower, upper) = (lower.times(1.0 / factor), upper.times(1.0 / factor));
            let exact = exact && factor.abs() == 1.0;
            let left = self.edit(*var, |domain| {
                if let Values::Number(interval) = Rc::make_mut(&mut domain.values) {
                    lower.narrow(interval, true, exact);
                    upper.narrow(interval, false, exact);
                }
            });
            if !left {
                return false;
            }
        }
        true
    }

    fn explore(&mut self, mut pending: Vec<Formula>, accept: &mut dyn FnMut(&Case<'_>) -> Option<bool>) -> Found {
        // What is decided falls away; where one way is left, it is taken.
        loop {
            if self.steps > self.budget {
                return Found::TooLong;
            }
            if !self.propagate() {
                return Found::No;
            }
            let mut changed = false;
            let mut kept: Vec<Formula> = Vec::new();
            let mut news = Vec::new();
            for formula in pending {
                let Formula::Or(node) = &formula else {
                    if !self.assert(&formula, &mut news) {
                        return Found::No;
                    }
                    changed = true;
                    continue;
                };
                let mut open: Vec<&Formula> = Vec::new();
                let mut holds = false;
                for part in &node.list {
                    match self.truth(part) {
                        Truth::Yes => {
                            holds = true;
                            break;
                        }
                        Truth::Open => open.push(part),
                        Truth::No => {}
                    }
                }
                match open.as_slice() {
                    _ if holds => {}
                    [] => return Found::No,
                    [only] => {
                        if !self.assert(only, &mut news) {
                            return Found::No;
                        }
                        changed = true;
                    }
                    several if several.len() < node.list.len() => {
                        kept.push(Formula::any_left(several.iter().map(|f| (*f).clone()).collect()))
                    }
                    _ => kept.push(formula),
                }
            }
            kept.extend(news);
            pending = kept;
            if !changed {
                break;
            }
        }
        let smallest = pending.iter().enumerate().min_by_key(|(_, f)| match f {
            Formula::Or(node) => node.list.len(),
            _ => 0,
        });
        let Some((index, _)) = smallest else {
            return match accept(self) {
                Some(true) => Found::Yes,
                Some(false) => Found::No,
                None => {
                    self.unclear += 1;
                    if self.unclear >= MOST_UNCLEAR { Found::Unclear } else { Found::No }
                }
            };
        };
        if let Some(found) = self.with_nothing_more(&pending, accept) {
            return found;
        }
        let split = pending.swap_remove(index);
        let Formula::Or(node) = &split else { return Found::No };
        for part in &node.list {
            let mark = self.mark();
            let mut rest = pending.clone();
            if self.assert(part, &mut rest) {
                let found = self.explore(rest, accept);
                if found != Found::No {
                    return found;
                }
            }
            self.undo(mark);
        }
        Found::No
    }
}

impl Case<'_> {
    /// Takes all variables nothing is known of for missing: mostly that already makes every "or" true, and the plainest sample.
    fn with_nothing_more(
        &mut self,
        pending: &[Formula],
        accept: &mut dyn FnMut(&Case<'_>) -> Option<bool>,
    ) -> Option<Found> {
        let mark = self.mark();
        for index in 0..self.domains.len() {
            if self.domains.get(index).is_some_and(|domain| domain.missing && domain.there) {
                self.edit(VarId(index as u32), |domain| domain.there = false);
            }
        }
        let holds = pending.iter().all(|formula| self.truth(formula) == Truth::Yes);
        self.quick = true;
        let found = (holds && accept(self) == Some(true)).then_some(Found::Yes);
        self.quick = false;
        if found.is_none() {
            self.undo(mark);
        }
        found
    }
}

/// What a test says of all texts of a list, if it is the same.
fn agreed(only: &[Arc<str>], test: &Test) -> Option<bool> {
    let mut answers = only.iter().map(|text| test.holds(text));
    let first = answers.next()?;
    answers.all(|answer| answer == first).then_some(first)
}

/// One end of a range of sums.
#[derive(Debug, Clone, Copy)]
struct Bound {
    at: f64,
    open: bool,
    endless: bool,
}

impl Bound {
    const ZERO: Bound = Bound { at: 0.0, open: false, endless: false };

    fn low(interval: &Interval) -> Bound {
        Bound { at: interval.low, open: interval.low_open, endless: !interval.has_low() }
    }

    fn high(interval: &Interval) -> Bound {
        Bound { at: interval.high, open: interval.high_open, endless: !interval.has_high() }
    }

    fn times(self, by: f64) -> Bound {
        Bound { at: self.at * by, ..self }
    }

    fn plus(self, other: Bound) -> Bound {
        Bound { at: self.at + other.at, open: self.open || other.open, endless: self.endless || other.endless }
    }

    fn minus(self, other: Bound) -> Bound {
        self.plus(other.times(-1.0))
    }

    /// Narrows an interval at its lower or upper end; a little less than it could if numbers were rounded on the way.
    fn narrow(self, interval: &mut Interval, lower: bool, exact: bool) {
        if self.endless || !self.at.is_finite() || self.at.abs() > HUGE {
            return;
        }
        let exact = exact && (self.at * 1024.0).fract() == 0.0;
        let slack = if exact { 0.0 } else { 1e-9 * (1.0 + self.at.abs()) };
        let open = self.open && exact;
        if lower { interval.above(self.at - slack, open) } else { interval.below(self.at + slack, open) }
    }
}
